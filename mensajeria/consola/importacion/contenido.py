"""Lo que dice un mensaje del original: su texto, su archivo y de qué tipo es. Pura."""

from __future__ import annotations

from typing import Any

import msgspec

from mensajeria.consola.importacion import valores
from mensajeria.consola.importacion.llano import llano
from mensajeria.consola.importacion.valores import Documento, Nota, Notas
from mensajeria.models import Mensaje
from mensajeria.protocolo.datos_de_tipo import DATOS_DE_TIPO
from mensajeria.protocolo.textos import en_blanco
from mensajeria.protocolo.tipos import MAX_TEXTO, MIME_DESCONOCIDO, TAMANO_DESCONOCIDO

_TIPOS = frozenset(Mensaje.Tipo.values)
_SINONIMOS_DE_TIPO = {
    "text": "texto",
    "image": "imagen",
    "foto": "imagen",
    "file": "archivo",
    "documento": "archivo",
    "voz": "audio",
    "nota_voz": "audio",
    "system": "sistema",
}


def poner(fila: Mensaje, doc: Documento, notas: Notas) -> None:
    """El texto, el archivo, los metadatos y el tipo."""
    crudo = doc.get("contenido")
    contenido = crudo if isinstance(crudo, dict) else {"texto": crudo}
    fila.texto = valores.texto(contenido.get("texto"), MAX_TEXTO, "contenido.texto", notas)
    adjunto = valores.primero(contenido, "archivo", "archivos", "adjunto")
    fila.archivo = _archivo(adjunto, notas)
    fila.metadatos = valores.objeto(contenido.get("metadatos"), "contenido.metadatos", notas)
    fila.tipo = valores.elegir(
        valores.primero(doc, "tipo") or contenido.get("tipo"),
        _TIPOS,
        _SINONIMOS_DE_TIPO,
        "archivo" if fila.archivo and en_blanco(fila.texto) else "texto",
        "contenido.tipo",
        notas,
    )
    _revisar_datos(fila, notas)


def _revisar_datos(fila: Mensaje, notas: Notas) -> None:
    """Una ubicación o un contacto que las puertas no admitirían entra como está, y se dice."""
    datos = fila.metadatos.get(fila.tipo)
    if datos is None or fila.tipo not in DATOS_DE_TIPO:
        return
    try:
        msgspec.convert(datos, DATOS_DE_TIPO[fila.tipo])
    except msgspec.ValidationError:
        motivo = "no es como se pide por las puertas: entra como estaba"
        notas.append(Nota(f"contenido.metadatos.{fila.tipo}", motivo))


def _archivo(valor: Any, notas: Notas) -> dict[str, Any] | None:
    if isinstance(valor, list):
        uno, *otros = valores.lista(valor) or [None]
        if otros:
            motivo = "llevaba varios archivos: vale el primero"
            notas.append(Nota("contenido.archivo", motivo, llano(otros)))
        valor = uno
    if isinstance(valor, str) and valor:
        valor = {"url": valor}
    if not isinstance(valor, dict):
        if valor is not None and valor != "":
            motivo = "no es un archivo: queda sin él"
            notas.append(Nota("contenido.archivo", motivo, llano(valor)))
        return None
    if not any(valor.values()):
        return None
    url = valores.url(valores.primero(valor, "url", "ruta", "path"))
    if url is None:
        motivo = "su dirección no se puede abrir sin riesgo: queda sin archivo"
        notas.append(Nota("contenido.archivo.url", motivo, llano(valor)))
        return None
    nombre = valores.primero(valor, "nombre", "nombreOriginal", "originalname", "filename")
    tipo = valores.primero(valor, "tipo", "mimeType", "mimetype")
    return {
        "nombre": valores.nombre(nombre, 200, "contenido.archivo.nombre", notas)
        or url.rstrip("/").rsplit("/", 1)[-1][:200]
        or "archivo",
        "url": url,
        "tamano": _tamano(valores.primero(valor, "tamano", "tamaño", "size"), notas),
        "tipo": valores.texto(tipo, 200, "contenido.archivo.tipo", notas) or MIME_DESCONOCIDO,
    }


def _tamano(valor: Any, notas: Notas) -> int:
    if valor is None:
        return TAMANO_DESCONOCIDO
    if isinstance(valor, int | float) and 0 <= valor < 2**53 and valor == int(valor):
        return int(valor)
    motivo = "no es un número de bytes: queda sin él"
    notas.append(Nota("contenido.archivo.tamano", motivo, llano(valor)))
    return TAMANO_DESCONOCIDO
