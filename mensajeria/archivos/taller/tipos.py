"""Los tipos que se admiten (docs/contrato.md, sección 3), y con qué extensión se descargan.

El tipo lo dice el contenido, nunca el nombre ni lo que diga quien lo envía.
"""

from __future__ import annotations

from pathlib import PurePosixPath

JPEG, PNG, GIF, WEBP = "image/jpeg", "image/png", "image/gif", "image/webp"
PDF, ZIP, TEXTO, CSV = "application/pdf", "application/zip", "text/plain", "text/csv"
DOC, XLS = "application/msword", "application/vnd.ms-excel"
_OOXML = "application/vnd.openxmlformats-officedocument"
DOCX = f"{_OOXML}.wordprocessingml.document"
XLSX = f"{_OOXML}.spreadsheetml.sheet"
MP3, OGG, M4A, WAV = "audio/mpeg", "audio/ogg", "audio/mp4", "audio/wav"
MP4, WEBM, WEBM_DE_AUDIO = "video/mp4", "video/webm", "audio/webm"

IMAGENES = {JPEG: "JPEG", PNG: "PNG", GIF: "GIF", WEBP: "WEBP"}

# La primera es la que se pone si el nombre no lleva ninguna de ellas.
EXTENSIONES: dict[str, tuple[str, ...]] = {
    JPEG: (".jpg", ".jpeg"),
    PNG: (".png",),
    GIF: (".gif",),
    WEBP: (".webp",),
    PDF: (".pdf",),
    DOC: (".doc", ".dot"),
    DOCX: (".docx",),
    XLS: (".xls", ".xlt"),
    XLSX: (".xlsx",),
    TEXTO: (".txt", ".csv", ".log", ".md"),
    CSV: (".csv", ".txt", ".tsv"),
    ZIP: (".zip",),
    MP3: (".mp3",),
    OGG: (".ogg", ".oga", ".opus"),
    M4A: (".m4a", ".mp4"),
    WAV: (".wav",),
    MP4: (".mp4", ".m4v"),
    WEBM: (".webm",),
    WEBM_DE_AUDIO: (".webm", ".weba"),
}


def con_su_extension(nombre: str, tipo: str) -> str:
    """El nombre con el que se descarga: un programa no deja de serlo por llamarse de otro modo.

    Un texto que se llama `factura.bat` baja como `factura.bat.txt`.
    """
    suyas = EXTENSIONES.get(tipo, ("",))
    if PurePosixPath(nombre).suffix.lower() in suyas:
        return nombre
    return nombre + suyas[0]
