"""Lo que dice un mensaje del original: su texto, su archivo y de qué tipo es. Pura."""

from __future__ import annotations

from typing import Any

import msgspec

from mensajeria.consola.importacion import valores
from mensajeria.consola.importacion.valores import Documento, Nota, Notas
from mensajeria.models import Mensaje
from mensajeria.protocolo.cargas import Url
from mensajeria.protocolo.textos import en_blanco, quitar_controles
from mensajeria.protocolo.tipos import MAX_TEXTO

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


def _archivo(valor: Any, notas: Notas) -> dict[str, Any] | None:
    if isinstance(valor, list):
        if len(valor) > 1:
            motivo = "llevaba varios archivos: vale el primero"
            notas.append(Nota("contenido.archivo", motivo, valores.llano(valor[1:])))
        valor = valor[0] if valor else None
    if isinstance(valor, str) and valor:
        valor = {"url": valor}
    if not isinstance(valor, dict) or not any(valor.values()):
        return None
    url = _url(valores.primero(valor, "url", "ruta", "path"))
    if url is None:
        motivo = "su dirección no se puede abrir sin riesgo: queda sin archivo"
        notas.append(Nota("contenido.archivo.url", motivo, valores.llano(valor)))
        return None
    nombre = valores.primero(valor, "nombre", "nombreOriginal", "originalname", "filename")
    tipo = valores.primero(valor, "tipo", "mimeType", "mimetype")
    return {
        "nombre": valores.nombre(nombre, 200, "contenido.archivo.nombre", notas)
        or url.rstrip("/").rsplit("/", 1)[-1][:200]
        or "archivo",
        "url": url,
        "tamano": _tamano(valores.primero(valor, "tamano", "tamaño", "size")),
        "tipo": valores.texto(tipo, 200, "contenido.archivo.tipo", notas)
        or "application/octet-stream",
    }


def _url(valor: Any) -> str | None:
    """La dirección, si es `http(s)` o de este sitio; las de carpetas de Node se completan."""
    if not isinstance(valor, str):
        return None
    limpia = quitar_controles(valor).strip().replace(" ", "%20")
    if not limpia.startswith(("http://", "https://", "/")) and ":" not in limpia:
        limpia = "/" + limpia.replace("\\", "/").lstrip("./")
    try:
        return msgspec.convert(limpia, Url)
    except msgspec.ValidationError:
        return None


def _tamano(valor: Any) -> int:
    try:
        return min(max(int(valor), 0), 2**53 - 1)
    except (TypeError, ValueError, OverflowError):
        return 0
