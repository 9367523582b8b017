"""La base original, solo para leer: nada de aquí escribe en ella."""

from __future__ import annotations

from collections.abc import Iterator
from typing import Any, Self

import bson
from bson.codec_options import CodecOptions, DatetimeConversion
from bson.raw_bson import RawBSONDocument
from pymongo import MongoClient
from pymongo.errors import ConfigurationError, PyMongoError

from mensajeria.consola.importacion.documento import DocumentoLeido

# Mongoose hace sus plurales a la inglesa si no se le dice el nombre.
_NOMBRES = {
    "usuarios": ("usuarios", "users"),
    "conversaciones": ("conversaciones", "conversacions"),
    "mensajes": ("mensajes",),
    "notificaciones": ("notificaciones", "notificacions"),
}
# Una fecha imposible o un texto mal codificado se ven en su documento, sin romper la lectura.
_OPCIONES: CodecOptions[DocumentoLeido] = CodecOptions(
    document_class=DocumentoLeido,
    datetime_conversion=DatetimeConversion.DATETIME_AUTO,
    unicode_decode_error_handler="surrogateescape",
)
# Si la dirección no dice otra cosa.
_ESPERA = {"serverselectiontimeoutms": 8000}


class ErrorDeFuente(Exception):
    """No se puede leer la base original; el texto dice qué hacer y nunca lleva la dirección."""


class Fuente:
    """La base que nombra la dirección (`mongodb://máquina/base`); se cierra al salir del `with`."""

    def __init__(self, uri: str) -> None:
        opciones: Any = {} if "serverselectiontimeoutms" in uri.lower() else _ESPERA
        try:
            self._cliente: MongoClient[RawBSONDocument] = MongoClient(
                uri, document_class=RawBSONDocument, appname="servitech-importar", **opciones
            )
        except (PyMongoError, ValueError) as error:
            raise _direccion_que_no_vale(error) from None
        try:
            self._mirar()
        except BaseException:
            self.cerrar()
            raise

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.cerrar()

    def _mirar(self) -> None:
        try:
            self._base = self._cliente.get_default_database()
            hay = set(self._base.list_collection_names())
        except ConfigurationError as error:
            raise _direccion_que_no_vale(error) from None
        except PyMongoError as error:
            raise ErrorDeFuente(
                f"No se puede leer la base original ({type(error).__name__}). Comprueba que "
                "MongoDB responde en esa dirección y que la cuenta puede leer."
            ) from None
        self._nombres = {
            c: next((n for n in nombres if n in hay), None) for c, nombres in _NOMBRES.items()
        }
        if self._nombres["mensajes"] is None and self._nombres["conversaciones"] is None:
            raise ErrorDeFuente(
                f"En «{self._base.name}» no hay «conversaciones» ni «mensajes»; hay: "
                f"{', '.join(sorted(hay)[:10]) or 'nada'}. ¿Es esa la base?"
            )

    @property
    def nombre(self) -> str:
        return self._base.name

    @property
    def maquinas(self) -> set[tuple[str, int | None]]:
        return set(self._cliente.nodes)

    def cuantos(self, coleccion: str) -> int:
        nombre = self._nombres[coleccion]
        return self._base[nombre].estimated_document_count() if nombre else 0

    def crudos(self, coleccion: str) -> Iterator[bytes]:
        """Los documentos de la colección, en BSON; ninguno si no existe."""
        nombre = self._nombres[coleccion]
        if nombre is None:
            return
        try:
            for doc in self._base[nombre].find({}, batch_size=2000):
                yield bytes(doc.raw)
        except PyMongoError as error:
            raise ErrorDeFuente(
                f"La lectura de «{nombre}» se cortó ({type(error).__name__}). Repite la orden: "
                "lo que ya está guardado no se repite."
            ) from None

    def cerrar(self) -> None:
        self._cliente.close()


def _direccion_que_no_vale(error: Exception) -> ErrorDeFuente:
    return ErrorDeFuente(
        f"La dirección no vale ({type(error).__name__}). Ha de nombrar la base: "
        "mongodb://máquina:27017/servitech_mensajeria"
    )


def abrir(crudo: bytes) -> DocumentoLeido:
    """El documento; lanza `bson.errors.InvalidBSON` si no hay manera de leerlo."""
    return bson.decode(crudo, _OPCIONES)
