"""Archivos ya subidos, sin pasar por REST."""

from __future__ import annotations

from pathlib import Path
from typing import Any

from mensajeria.archivos import subida
from mensajeria.archivos.taller import inspeccion
from mensajeria.archivos.taller.resultado import Inspeccionado
from mensajeria.models import Archivo
from mensajeria.protocolo import cargas
from tests.archivos import muestras

TOPE = 20 * 2**20


def inspeccionar(crudo: bytes) -> Inspeccionado:
    """En este proceso, con un tope de sobra."""
    return inspeccion.inspeccionar(crudo, TOPE)


def subir(quien: str, crudo: bytes | None = None, nombre: str = "foto.png", **mas: str) -> Archivo:
    """Una imagen de esa persona, si no se da otra cosa."""
    conversacion = mas.get("conversacion")
    return subida.subir(quien, conversacion, nombre, crudo or muestras.imagen("PNG"))


def con_archivo(id_: str, texto: str = "", **mas: object) -> cargas.EnviarMensaje:
    """Lo que se pide para enviarlo a `conv`."""
    contenido = cargas.ContenidoEnviado(texto=texto, archivo=cargas.ArchivoEnviado(id=id_))
    datos = {"conversacion_id": "conv", "contenido": contenido, **mas}
    return cargas.EnviarMensaje(**datos)  # type: ignore[arg-type]


def texto(dicho: str, **mas: object) -> cargas.EnviarMensaje:
    """Lo que se pide para decirlo en `conv`."""
    datos = {"conversacion_id": "conv", "contenido": cargas.ContenidoEnviado(texto=dicho), **mas}
    return cargas.EnviarMensaje(**datos)  # type: ignore[arg-type]


def guardado(carpeta: Path) -> set[str]:
    """Los nombres de lo que hay en el almacén."""
    return {ruta.name for ruta in carpeta.rglob("*") if ruta.is_file()}


def leida(respuesta: Any) -> Any:
    """La misma, con lo que traía en `leido`: leyéndola entera, el archivo se cierra."""
    respuesta.leido = b"".join(respuesta) if respuesta.streaming else respuesta.content
    return respuesta


def partes(id_: str) -> set[str]:
    """Lo que deja en él una imagen."""
    return {f"{id_}.contenido", f"{id_}.pequena", f"{id_}.mediana"}
