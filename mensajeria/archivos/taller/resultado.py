"""Lo que se sabe de un archivo tras mirarlo, o por qué no se admite."""

from __future__ import annotations

from dataclasses import dataclass, field
from typing import Any

import msgspec

from mensajeria.protocolo.errores import CodigoError
from mensajeria.protocolo.tipos import ClaseDeArchivo


class NoAdmitido(Exception):
    """No se admite; `codigo` es uno de los `FILE_…` del catálogo."""

    def __init__(self, codigo: CodigoError, mensaje: str | None = None) -> None:
        super().__init__(codigo, mensaje)
        self.codigo = codigo
        self.mensaje = mensaje


@dataclass(slots=True)
class Inspeccionado:
    """`contenido` es lo que se guarda, que puede no ser lo que llegó.

    `datos`, lo que se presenta además de su tipo: `ancho` y `alto` (píxeles), `duracion`
    (segundos), `borroso` (una imagen en una dirección `data:`) y `miniaturas`, con las medidas de
    cada una de las de aquí.
    """

    tipo: str
    clase: ClaseDeArchivo
    contenido: bytes
    datos: dict[str, Any] = field(default_factory=dict)
    miniaturas: list[bytes] = field(default_factory=list)


class Encargo(msgspec.Struct, array_like=True):
    """Lo que se pide a un proceso: `tope`, los bytes que como mucho se guardarían; `lado`, si se
    quiere un cuadrado de esos píxeles.
    """

    crudo: bytes
    tope: int
    lado: int = 0


class Dicho(msgspec.Struct):
    """Lo que contesta: lo que es, o por qué no se admite. Solo datos: leerlo no ejecuta nada."""

    hallado: Inspeccionado | None = None
    codigo: CodigoError | None = None
    mensaje: str | None = None


def danado(por_que: str | None = None) -> NoAdmitido:
    return NoAdmitido(CodigoError.FILE_DAMAGED, por_que)


def no_admitido(por_que: str | None = None) -> NoAdmitido:
    return NoAdmitido(CodigoError.FILE_TYPE_NOT_ALLOWED, por_que)


def bomba(por_que: str | None = None) -> NoAdmitido:
    return NoAdmitido(CodigoError.FILE_BOMB, por_que)
