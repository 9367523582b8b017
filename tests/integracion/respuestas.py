"""Lo que REST contesta de un día entero, sin lo que no puede repetirse, y en qué se distinguen dos.

Solo se cambian los identificadores y códigos que pone el servidor (por su orden de aparición) y las
fechas, que han de tener el formato del contrato y el orden que les toca.
"""

from __future__ import annotations

import base64
import re
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qsl, urlsplit

from mensajeria.protocolo.palabras import plegadas
from tests.integracion.dia import API, Anotado, Dia
from tests.integracion.guion import AJENA, Charla
from tests.integracion.puertas import Rest

_FECHA = re.compile(r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{3}Z")
_DE_FECHA = re.compile(r"fecha|timestamp|expira$|ultimaConexion|ultimoMensaje|createdAt|updatedAt")
_PROPIO = re.compile(r"\b[0-9a-f]{24}\b|CONV-\d{13}-[A-Z0-9]{6}\b")
_FECHA_DE_CURSOR = re.compile(r"\d{4}-\d\d-\d\d \d\d:\d\d:\d\d(\.\d{6})?\+00:00")
CONSULTAS = (
    "tipo=individual",
    "tipo=grupal",
    "tipo=soporte&activa=true",
    "activa=true",
    "activa=false",
    "noLeidos=true",
    "noLeidos=true&tipo=grupal&limite=2",
    "noLeidos=false",
    "tipo=rara",
    "activa=si",
    "cursor=x",
    "cursor=cD1hYmM=",
)
DE_MENSAJES = (
    "antes=30",
    "antes=31&despues=9&limite=10",
    "despues=15&limite=7",
    "desdeCambio=40&limite=9",
    "desdeCambio=20&despues=10&limite=5",
    "desdeCambio=999999",
    "antes=0",
    "antes=x",
    "despues=-1",
    "desdeCambio=1.5",
    "cursor=%00",
)
DE_PAGINA_EN_PAGINA = ("ana", "gala")
MAX_PAGINAS = 3


class Lector:
    """Pide todo lo que se puede pedir, quien puede y quien no."""

    def __init__(self, rest: Rest, dia: Dia) -> None:
        self._rest = rest
        self._dia = dia
        self.respuestas: list[Anotado] = []
        self.mensajes: list[Any] = []

    def leer_todo(self) -> None:
        for nombre in self._dia.ids:
            self._de_la_persona(nombre)
        for i, charla in enumerate(self._dia.charlas):
            self._de_la_charla(i, charla)
        for nombre in ("ana", "admin"):
            self._pedir(nombre, "estadisticas/")
        for quien, camino in ((None, "conversaciones/"), (None, "test"), ("ana", "nada/")):
            self._pedir(quien, camino)

    def _pedir(self, quien: str | None, camino: str) -> Any:
        usuario = self._dia.ids[quien] if quien else None
        estado, cuerpo = self._rest.pedir(usuario, "GET", API + camino)
        self.respuestas.append((f"{quien} {camino}", [estado, cuerpo]))
        return cuerpo

    def _paginas(self, quien: str, camino: str, max_: int | None = MAX_PAGINAS) -> list[Any]:
        """Las páginas de una lista; de la última, además, la anterior."""
        primero, vistos, n = camino, [], 0
        while camino and (max_ is None or n < max_):
            estado, pagina = self._rest.pedir(self._dia.ids[quien], "GET", API + camino)
            if estado != 200:
                self.respuestas.append((f"{quien} {primero}", [estado, pagina]))
                break
            vistos += pagina["results"]
            siguiente, anterior = pagina["next"], pagina["previous"]
            enlaces = {"next": _cursor(siguiente), "previous": _cursor(anterior)}
            self.respuestas.append((f"{quien} {primero} página {n}", {**pagina, **enlaces}))
            camino, n = (siguiente or "").partition(API)[2], n + 1
        return vistos

    def _buscar(self, quien: str, charla: Charla, consulta: str) -> None:
        """Todo lo que halla: en cuántas páginas, es cosa de cada base."""
        primero = camino = f"buscar/?{consulta}&conversacion={charla.id}"
        hallado = []
        while camino:
            estado, pagina = self._rest.pedir(self._dia.ids[quien], "GET", API + camino)
            assert estado == 200, pagina
            hallado += pagina["results"]
            camino = (pagina["next"] or "").partition(API)[2]
        self.respuestas.append((f"{quien} {primero}", hallado))

    def _de_la_persona(self, nombre: str) -> None:
        self._paginas(nombre, "conversaciones/?limite=100", None)
        self._paginas(nombre, "notificaciones/?limite=100", None)
        if nombre in DE_PAGINA_EN_PAGINA:
            self._paginas(nombre, "conversaciones/?limite=6", None)
            self._paginas(nombre, "notificaciones/?limite=4", None)
            for consulta in CONSULTAS:
                self._paginas(nombre, f"conversaciones/?{consulta}")

    def _de_la_charla(self, i: int, charla: Charla) -> None:
        """La historia entera por sus dos órdenes; las demás consultas se turnan."""
        camino = f"conversaciones/{charla.id}/"
        quien = charla.miembros[i % len(charla.miembros)]
        for nombre in (charla.duena, charla.miembros[-1], AJENA):
            self._pedir(nombre, camino)
        self._pedir(quien, camino + "participantes/")
        self._pedir(quien, camino + "fijados/")
        historia = self._paginas(quien, camino + "mensajes/?limite=100", None)
        self.mensajes += self._paginas(quien, camino + "mensajes/?limite=100&desdeCambio=0", None)
        for n in range(3):
            consulta = DE_MENSAJES[(3 * i + n) % len(DE_MENSAJES)]
            self._paginas(quien, f"{camino}mensajes/?{consulta}")
        self._buscar(quien, charla, f"q={_una_palabra(historia)}")
        self._buscar(quien, charla, "con=archivo")
        self._pedir(AJENA, f"buscar/?q=hola&conversacion={charla.id}")
        self._pedir(AJENA, camino + ("mensajes/", "participantes/", "fijados/")[i % 3])
        for nombre, mensaje in ((quien, historia[0]), (quien, historia[-3]), (AJENA, historia[1])):
            self._pedir(nombre, f"mensajes/{mensaje['_id']}/")


def _una_palabra(historia: list[Any]) -> str:
    """La primera de lo más nuevo que dice alguna."""
    dichas = (plegadas(m["contenido"]["texto"]) for m in historia)
    return next(palabras[0] for palabras in dichas if palabras)


def _cursor(enlace: str | None) -> Any:
    """A dónde lleva, sin la dirección del servidor ni el instante."""
    if enlace is None:
        return None
    consulta = dict(parse_qsl(urlsplit(enlace).query))
    posicion = dict(parse_qsl(base64.b64decode(consulta.pop("cursor")).decode()))
    # Las ancladas lo dicen delante de la suya.
    grupo, espacio, cuando = posicion.get("p", "").rpartition("anclada ")
    if _FECHA_DE_CURSOR.fullmatch(cuando):
        posicion["p"] = f"{grupo}{espacio}fecha"
    return consulta | posicion


class Comparable:
    """Cambia lo irrepetible; el mismo identificador, siempre por el mismo nombre."""

    def __init__(self) -> None:
        self._nombres: dict[str, str] = {}

    def __call__(self, valor: Any, clave: str = "") -> Any:
        if isinstance(valor, dict):
            if "fechaEnvio" in valor:
                revisar_fechas(valor)
            return {self(k): self(v, k) for k, v in valor.items()}
        if isinstance(valor, list | tuple):
            return [self(v) for v in valor]
        if not isinstance(valor, str):
            return valor
        if _DE_FECHA.match(clave):
            assert _FECHA.fullmatch(valor), (clave, valor)
            return "fecha"
        return _PROPIO.sub(self._nombre, valor)

    def _nombre(self, hallado: re.Match[str]) -> str:
        return self._nombres.setdefault(hallado[0], f"id-{len(self._nombres) + 1}")


def revisar_fechas(mensaje: Any) -> None:
    """Nada pasó antes de enviarlo, y cada lista va en su orden."""
    envio, edicion = mensaje["fechaEnvio"], mensaje["editado"]
    assert mensaje["createdAt"] == envio
    versiones = [v["fecha"] for v in edicion["historial"]]
    if versiones:
        # Las tres últimas; si están todas, la primera es la que se envió.
        assert versiones[0] >= envio
        assert (versiones[0] == envio) == (len(versiones) == edicion["versiones"])
    sucesos = [*versiones, edicion["fechaEdicion"]] if edicion["editado"] else []
    lecturas = [x["fechaLectura"] for x in mensaje["lecturas"]]
    reacciones = [x["fecha"] for x in mensaje["reacciones"]]
    for fechas in (sucesos, lecturas, reacciones):
        assert fechas == sorted(fechas), mensaje
    sueltas = [
        mensaje.get("fechaEntrega"),
        mensaje["eliminado"]["fechaEliminacion"],
        mensaje["fijado"]["fecha"],
        mensaje["updatedAt"],
    ]
    posteriores = [f for f in (*sucesos, *lecturas, *reacciones, *sueltas) if f]
    assert all(f >= envio for f in posteriores), mensaje


def diferencias(uno: Any, otro: Any, donde: str = "") -> Iterator[str]:
    """En qué se distinguen, campo a campo: la ruta y los dos valores."""
    if isinstance(uno, dict) and isinstance(otro, dict):
        for clave in uno.keys() | otro.keys():
            sitio = f"{donde}.{clave}"
            if clave in uno and clave in otro:
                yield from diferencias(uno[clave], otro[clave], sitio)
            else:
                yield f"{sitio}: solo en {'una' if clave in uno else 'otra'}"
    elif isinstance(uno, list) and isinstance(otro, list):
        for i, (a, b) in enumerate(zip(uno, otro, strict=False)):
            yield from diferencias(a, b, f"{donde}[{i}]")
        if len(uno) != len(otro):
            yield f"{donde}: {len(uno)} y {len(otro)} elementos"
    # `1`, `1.0` y `true` son iguales para Python, y no para quien lee el JSON.
    elif type(uno) is not type(otro) or uno != otro:
        yield f"{donde}: {uno!r:.120} ≠ {otro!r:.120}"
