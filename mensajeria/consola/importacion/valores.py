"""De lo que haya en un documento de Mongo a un valor que se puede guardar.

Nada de esto falla por un dato raro: lo arregla y lo anota, o lanza `Rechazo` si sin él no hay nada.
"""

from __future__ import annotations

import uuid
from collections.abc import Mapping
from dataclasses import dataclass
from datetime import UTC, datetime
from typing import Any

import msgspec
from bson import Binary, DBRef, ObjectId, Timestamp

from mensajeria.consola.importacion.llano import SE_QUITAN, en_json, limpio, llano
from mensajeria.protocolo.cargas import Url
from mensajeria.protocolo.json_estricto import codificar, profundidad
from mensajeria.protocolo.textos import en_blanco
from mensajeria.protocolo.tipos import MAX_METADATOS, PROFUNDIDAD_METADATOS

Documento = Mapping[str, Any]

# Por debajo son segundos Unix; por encima, milisegundos.
_FRONTERA_DE_SEGUNDOS = 100_000_000_000
_MAX_ID = 36
# Con qué nombres guardan una contraseña: su resumen no sale de la base.
CONTRASENAS = ("password", "contrasena", "contraseña", "password_hash", "passwordHash")
_SI = frozenset({1, "true", "1", "si", "sí", "yes", "on", "verdadero"})
_NO = frozenset({0, "false", "0", "no", "off", "falso"})


class Rechazo(ValueError):
    """Este documento no se puede tomar; `campo` dice por cuál, si es uno."""

    def __init__(self, motivo: str, campo: str = "") -> None:
        self.motivo = motivo
        self.campo = campo
        super().__init__(motivo)


@dataclass(slots=True)
class Nota:
    """Algo que se tomó distinto de como estaba; `valor` es lo que se pierde, si cabe decirlo."""

    campo: str
    motivo: str
    valor: Any = None


Notas = list[Nota]


def primero(doc: Documento, *nombres: str) -> Any:
    """El primero de esos campos que esté y no sea nulo."""
    for nombre in nombres:
        valor = doc.get(nombre)
        if valor is not None:
            return valor
    return None


def mirar(doc: Documento, campo: str) -> Any:
    """Lo que hay en ese campo, sin que cuente como tomado."""
    try:
        return doc[campo]
    except KeyError:
        return None


def parte(doc: Documento, campo: str, notas: Notas, donde: str = "") -> Documento:
    """El objeto que hay en ese campo, o uno vacío. `donde` está el documento, si es de otro."""
    valor = doc.get(campo)
    if isinstance(valor, Mapping):
        return valor
    if valor is not None:
        notas.append(Nota(donde + campo, "no es un objeto: no se toma", llano(valor)))
    return {}


def lista(valor: Any) -> list[Any]:
    """Lo que no es una lista vale por una de un elemento; dentro, null no es nada."""
    return [v for v in (valor if isinstance(valor, list) else [valor]) if v is not None]


def cierto(valor: Any, por_defecto: bool, campo: str, notas: Notas) -> bool:
    """Lo que diga, si es sí o no; lo demás se anota y toma el valor por defecto."""
    if isinstance(valor, bool):
        return valor
    dicho = valor.strip().lower() if isinstance(valor, str) else valor
    if isinstance(dicho, int | float | str) and dicho in _SI | _NO:
        return dicho in _SI
    if dicho is not None and dicho != "":
        motivo = f"no es sí ni no: queda «{'sí' if por_defecto else 'no'}»"
        notas.append(Nota(campo, motivo, llano(valor)))
    return por_defecto


def id_de(valor: Any) -> str | None:
    """El identificador como se guarda aquí (un ObjectId, sus 24 hexadecimales); `None` si no vale.

    Admite también una referencia poblada (`{_id: …}`), un DBRef o un `$oid` de un volcado.
    """
    if isinstance(valor, ObjectId):
        return str(valor)
    if isinstance(valor, str):
        return valor if 0 < len(valor) <= _MAX_ID and limpio(valor) == valor else None
    if isinstance(valor, int) and not isinstance(valor, bool):
        return str(valor)
    if isinstance(valor, DBRef):
        return id_de(valor.id)
    if isinstance(valor, Mapping):
        return id_de(primero(valor, "_id", "$oid", "id"))
    if isinstance(valor, uuid.UUID):
        return str(valor)
    if isinstance(valor, Binary) and valor.subtype == 4:
        return str(valor.as_uuid())
    return None


def identificador(doc: Documento) -> str:
    """El del documento; sin él, `Rechazo`."""
    id_ = id_de(doc.get("_id"))
    if id_ is None:
        raise Rechazo("el identificador no vale: 36 caracteres como mucho", "_id")
    return id_


def referencia(valor: Any, campo: str, notas: Notas) -> str | None:
    """El identificador al que apunta, o nada; lo que no lo es, se anota."""
    id_ = id_de(valor)
    if id_ is None and valor is not None:
        notas.append(Nota(campo, "no es un identificador: se quita", llano(valor)))
    return id_


def texto(valor: Any, maximo: int, campo: str, notas: Notas) -> str:
    """Un texto sin caracteres de control ni sustitutos sueltos y de `maximo` puntos de código."""
    if valor is None:
        return ""
    if not isinstance(valor, str):
        if not isinstance(valor, int | float | ObjectId) or isinstance(valor, bool):
            notas.append(Nota(campo, "no es un texto: queda vacío", llano(valor)))
            return ""
        valor = str(valor)
    queda = limpio(valor)
    if queda != valor:
        notas.append(Nota(campo, SE_QUITAN, valor))
    if len(queda) > maximo:
        motivo = f"pasa de {maximo} caracteres: se corta, y aquí queda entero"
        notas.append(Nota(campo, motivo, queda))
        queda = queda[:maximo]
    return queda


def nombre(valor: Any, maximo: int, campo: str, notas: Notas) -> str:
    """Un texto que se ve, o vacío."""
    leido = texto(valor, maximo, campo, notas)
    return "" if en_blanco(leido) else leido


def url(valor: Any) -> str | None:
    """La dirección, si es `http(s)` o de este sitio; las de carpetas de Node se completan."""
    if not isinstance(valor, str):
        return None
    limpia = limpio(valor).strip().replace(" ", "%20")
    if not limpia.startswith(("http://", "https://", "/")) and ":" not in limpia:
        limpia = "/" + limpia.replace("\\", "/").lstrip("./")
    try:
        return msgspec.convert(limpia, Url)
    except msgspec.ValidationError:
        return None


def avatar(valor: Any, campo: str, notas: Notas) -> str:
    """Su dirección, o vacía si no se puede abrir sin riesgo."""
    if valor is None or valor == "":
        return ""
    hallada = url(valor)
    if hallada is None:
        notas.append(Nota(campo, "no se puede abrir sin riesgo: queda vacía", llano(valor)))
    return hallada or ""


def fecha(valor: Any, campo: str, notas: Notas) -> datetime | None:
    """Una fecha UTC con milisegundos, de un Date, un texto ISO o un número Unix."""
    if valor is None:
        return None
    hallada = _fecha(valor)
    if hallada is None:
        notas.append(Nota(campo, "no es una fecha que se pueda leer", llano(valor)))
    return hallada


def _fecha(valor: Any) -> datetime | None:
    # Lo corriente: un Date de BSON, que `fuente` deja en UTC, sin zona y con milisegundos.
    if type(valor) is datetime and valor.tzinfo is None:
        return valor.replace(tzinfo=UTC)
    try:
        hallada = _como_fecha(valor)
        if hallada is None:
            return None
        if hallada.tzinfo is None:
            hallada = hallada.replace(tzinfo=UTC)
        hallada = hallada.astimezone(UTC)
    except (ValueError, OverflowError, OSError):
        return None
    return hallada.replace(microsecond=hallada.microsecond // 1000 * 1000)


def _como_fecha(valor: Any) -> datetime | None:
    if isinstance(valor, datetime):
        return valor
    if isinstance(valor, Timestamp):
        return valor.as_datetime()
    if isinstance(valor, str):
        return datetime.fromisoformat(valor.strip())
    if isinstance(valor, int | float) and not isinstance(valor, bool):
        segundos = valor if abs(valor) < _FRONTERA_DE_SEGUNDOS else valor / 1000
        return datetime.fromtimestamp(segundos, UTC)
    return _fecha(valor.get("$date")) if isinstance(valor, Mapping) else None


def fecha_del_id(id_: Any) -> datetime | None:
    """Cuándo se creó, si el identificador es un ObjectId: lleva los segundos dentro."""
    if isinstance(id_, str) and len(id_) == 24 and ObjectId.is_valid(id_):
        id_ = ObjectId(id_)
    return id_.generation_time.astimezone(UTC) if isinstance(id_, ObjectId) else None


def objeto(valor: Any, campo: str, notas: Notas) -> dict[str, Any]:
    """Un objeto JSON que cabe en los límites de `metadatos`; si no cabe, vacío."""
    if not valor:
        return {}
    if not isinstance(valor, Mapping):
        notas.append(Nota(campo, "no es un objeto: queda vacío", llano(valor)))
        return {}
    cambios: Notas = []
    hecho: dict[str, Any] = en_json(valor, campo, lambda *nota: cambios.append(Nota(*nota)))
    if len(codificar(hecho)) > MAX_METADATOS or profundidad(hecho) > PROFUNDIDAD_METADATOS:
        motivo = f"pasa de {MAX_METADATOS} bytes o {PROFUNDIDAD_METADATOS} niveles: queda vacío"
        notas.append(Nota(campo, motivo, llano(valor)))
        return {}
    notas += cambios
    return hecho


def elegir(
    valor: Any,
    admitidos: frozenset[str],
    sinonimos: Mapping[str, str],
    por_defecto: str,
    campo: str,
    notas: Notas,
) -> str:
    """Uno de los valores admitidos; lo desconocido se anota y toma el valor por defecto."""
    if isinstance(valor, str):
        if valor in admitidos:
            return valor
        hallado = sinonimos.get(valor.strip().lower())
        if hallado:
            return hallado
    if valor is not None:
        notas.append(Nota(campo, f"valor desconocido: queda «{por_defecto}»", llano(valor)))
    return por_defecto
