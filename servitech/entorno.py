"""Los ajustes: del entorno y de `.env`, con tipo, y lo que no se pudo leer dicho en una línea."""

from __future__ import annotations

import difflib
import io
import re
from collections.abc import Callable, Collection, MutableMapping
from pathlib import Path
from typing import Final, TypeVar

from dotenv import dotenv_values
from dotenv.parser import parse_stream

from mensajeria.protocolo.tipos import MAX_REACCION

T = TypeVar("T")

_SI: Final = frozenset({"1", "true", "si", "sí", "yes", "on"})
_NO: Final = frozenset({"0", "false", "no", "off"})
_PREFIJOS: Final = ("SERVITECH_", "MENSAJERIA_")
# Kubernetes los pone él, uno por servicio: si uno se llama servitech, también con nuestro prefijo.
_DE_KUBERNETES: Final = re.compile(r"\w+_SERVICE_(HOST|PORT)|\w+_PORT_\d|\w+_PORT=(tcp|udp)://")
# A un nombre corto se parece cualquiera: PGHOST, a HOST.
_PARECIDO, _PARECIDO_A_UNO_CORTO, _CORTO = 0.77, 0.85, 5
_LARGO_DE_VALOR: Final = 60


class Malo(ValueError):
    """Un valor que no sirve: por qué, y qué escribir en su lugar."""

    def __init__(self, por_que: str, escribe: str) -> None:
        super().__init__(por_que)
        self.por_que = por_que
        self.escribe = escribe


class Variables:
    """Lee de esas variables; lo ilegible queda en `problemas`, y vale lo que valdría sin ello."""

    def __init__(self, variables: MutableMapping[str, str]) -> None:
        self.problemas: list[str] = []
        self._variables = variables
        self._nombres: set[str] = set()

    def leer(
        self,
        nombre: str,
        convertir: Callable[[str], T],
        por_defecto: T,
        *,
        secreto: bool = False,
        vacio: T | None = None,
    ) -> T:
        """Lo que diga esa variable, convertido; `convertir` lanza `Malo`.

        Sin ella, o vacía, `por_defecto`; vacía y con `vacio`, ese. De un secreto no se enseña nada.
        """
        self._nombres.add(nombre)
        crudo = self._variables.get(nombre)
        valor = (crudo or "").strip()
        if not valor:
            return por_defecto if crudo is None or vacio is None else vacio
        try:
            if secreto and crudo != valor:
                raise Malo("empieza o acaba con un espacio o un salto de línea", "… sin él")
            return convertir(_limpio(valor))
        except Malo as malo:
            visto = nombre if secreto else f"{nombre}={_corto(valor)}"
            self.problemas.append(f"{visto}: {malo.por_que}. Escribe {nombre}={malo.escribe}")
            return por_defecto

    def si(self, nombre: str, por_defecto: bool) -> bool:
        return self.leer(nombre, _si, por_defecto)

    def entero(self, nombre: str, por_defecto: int, desde: int = 1, hasta: int = 10**9) -> int:
        def convertir(valor: str) -> int:
            try:
                numero = int(valor)
            except ValueError:
                numero = desde - 1
            if not desde <= numero <= hasta:
                raise Malo(f"no es un entero de {desde} a {hasta}", str(por_defecto))
            return numero

        return self.leer(nombre, convertir, por_defecto)

    def lista(self, nombre: str, convertir: Callable[[str], str]) -> list[str]:
        """Los de una lista por comas, sin repetir."""

        def todos(valor: str) -> list[str]:
            partes = (parte.strip() for parte in valor.split(","))
            return list(dict.fromkeys(convertir(parte) for parte in partes if parte))

        return self.leer(nombre, todos, [])

    def desconocidas(self, tambien: Collection[str]) -> list[str]:
        """Las variables que parecen querer ser de las leídas, o de `tambien`, y no lo son."""
        nombres = sorted(self._nombres | set(tambien))
        de_kubernetes = [n for n, v in self._variables.items() if _DE_KUBERNETES.match(f"{n}={v}")]
        ajenas = sorted(self._variables.keys() - de_kubernetes)
        dichas = ((ajena, _quiso_ser(ajena, nombres)) for ajena in ajenas)
        return [
            f"{ajena} no es ningún ajuste" + (f": ¿será {cual}?" if cual else "")
            for ajena, cual in dichas
            if cual is not None
        ]


def texto(valor: str) -> str:
    return valor


def reaccion(valor: str) -> str:
    """Un emoji, o una palabra corta."""
    if len(valor) > MAX_REACCION or not valor.isprintable() or " " in valor:
        raise Malo(f"cada una es un emoji, o hasta {MAX_REACCION} letras sin espacios", "🎉,🚀")
    return valor


def uno_de(*admitidos: str) -> Callable[[str], str]:
    """El que sea de esos, sin mirar mayúsculas."""

    def convertir(valor: str) -> str:
        for admitido in admitidos:
            if valor.lower() == admitido.lower():
                return admitido
        raise Malo(f"ha de ser {', '.join(admitidos[:-1])} o {admitidos[-1]}", admitidos[0])

    return convertir


def cargar(archivo: Path, variables: MutableMapping[str, str]) -> list[str]:
    """Pone en `variables` lo que ese `.env` diga y no esté ya; devuelve lo que no se entiende.

    UTF-8, con o sin marca de orden; lo que se lea de él, aunque el resto no se entienda.
    """
    try:
        contenido = _contenido(archivo)
    except Malo as malo:
        return [f"{archivo.name}{malo.por_que}. {malo.escribe}"]
    problemas, legibles = [], []
    for trozo in parse_stream(io.StringIO(contenido)):
        suyo = trozo.original.string
        if trozo.error or (trozo.key and trozo.value is None):
            # Lo que no se entiende puede ser un secreto: se dice dónde, y no qué.
            saltos = suyo[: len(suyo) - len(suyo.lstrip())].count("\n")
            donde = f"{archivo.name}, línea {trozo.original.line + saltos}"
            problemas.append(f"{donde}: no se entiende. Escribe NOMBRE=valor")
        else:
            legibles.append(suyo)
    for nombre, valor in dotenv_values(stream=io.StringIO("".join(legibles))).items():
        variables.setdefault(nombre, valor or "")
    return problemas


def _contenido(archivo: Path) -> str:
    try:
        crudo = archivo.read_bytes()
    except FileNotFoundError:
        return ""
    except OSError as error:
        raise Malo(f": no se puede leer ({error.strerror})", "Dale permiso, o quítalo") from None
    if b"\0" in crudo:
        raise Malo(": está en UTF-16 o no es un texto", "Guárdalo como UTF-8")
    try:
        return crudo.decode("utf-8-sig")
    except UnicodeDecodeError as error:
        linea = crudo.count(b"\n", 0, error.start) + 1
        raise Malo(f", línea {linea}: no es UTF-8", "Guárdalo como UTF-8") from None


def _limpio(valor: str) -> str:
    """Lo que `docker` y el intérprete de órdenes dejan pasar y nadie quiso escribir."""
    if any("\ud800" <= letra <= "\udfff" for letra in valor):
        raise Malo("lleva bytes que no son UTF-8", "… en UTF-8")
    if re.search(r"[\x00-\x1f\x7f]", valor):
        raise Malo("lleva un salto de línea u otro carácter de control", "… en una línea")
    if len(valor) > 1 and valor[0] == valor[-1] and valor[0] in "\"'":
        raise Malo("lleva las comillas dentro", "… sin comillas")
    return valor


def _corto(valor: str) -> str:
    visible = valor.encode("utf-8", "backslashreplace").decode()
    visible = "".join(letra if letra.isprintable() else "·" for letra in visible)
    return visible if len(visible) <= _LARGO_DE_VALOR else visible[:_LARGO_DE_VALOR] + "…"


def _si(valor: str) -> bool:
    if valor.lower() not in _SI | _NO:
        raise Malo("no es un sí ni un no", "1, o 0")
    return valor.lower() in _SI


def _quiso_ser(ajena: str, nombres: Collection[str]) -> str | None:
    """A cuál se parece; vacío, si a ninguno y lleva nuestro prefijo; `None`, si no es nuestra."""
    if ajena in nombres:
        return None
    nuestra = next((p for p in _PREFIJOS if ajena.upper().startswith(p)), "")
    buscada = ajena.upper().removeprefix(nuestra).removeprefix("DJANGO_")
    for cual in difflib.get_close_matches(buscada, nombres, n=1, cutoff=_PARECIDO):
        parecido = difflib.SequenceMatcher(None, cual, buscada).ratio()
        if len(cual) > _CORTO or parecido >= _PARECIDO_A_UNO_CORTO:
            return cual
    return "" if nuestra else None
