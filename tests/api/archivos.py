"""Subir y bajar archivos por REST, para las pruebas."""

from __future__ import annotations

from typing import Any

from django.core.files.uploadedfile import SimpleUploadedFile
from rest_framework.test import APIClient

from tests.api.test_rutas import cliente as de_rutas
from tests.archivos.apoyo import leida

A = "/api/mensajeria/archivos/"
DE_CONV = "/api/mensajeria/conversaciones/conv/archivos/"


def publicar(
    uno: APIClient, crudo: bytes, nombre: str = "foto.png", camino: str = A, **mas: str
) -> Any:
    """Lo sube en un formulario, con lo demás que se diga."""
    archivo = SimpleUploadedFile(nombre, crudo, "text/html")
    return uno.post(camino, {"archivo": archivo, **mas}, format="multipart")


class Lector(APIClient):
    """Lee lo que le dan, como cualquiera: si no, el archivo se quedaría abierto."""

    def get(self, *args: Any, **mas: Any) -> Any:
        return leida(super().get(*args, **mas))

    def head(self, *args: Any, **mas: Any) -> Any:
        return leida(super().head(*args, **mas))


def cliente(quien: str | None) -> Lector:
    uno = Lector()
    if quien is not None:
        uno.credentials(**de_rutas(quien)._credentials)  # type: ignore[attr-defined]
    return uno


def estados(id_: str, *quienes: str | None) -> list[int]:
    """Lo que recibe cada uno al pedir sus bytes."""
    return [cliente(q).get(f"{A}{id_}/contenido/").status_code for q in quienes]
