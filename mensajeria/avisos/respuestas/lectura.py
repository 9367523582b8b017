"""Un correo que llega, leído: de quién dice ser, si lo escribió un programa, qué dice y qué trae.

Lo escribe cualquiera: se cuenta antes de abrirlo, y nada de él se cree más que lo que se compara.
"""

from __future__ import annotations

import codecs
import email
import email.header
import email.utils
import hashlib
import re
from collections.abc import Iterator
from dataclasses import dataclass, field
from email import policy
from email.errors import MessageError
from email.message import Message

from django.conf import settings

from mensajeria.avisos.respuestas import recorte
from mensajeria.models import sin_controles
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria, no_valido

# Lo que ocupan las cabeceras de un correo, las partes y los niveles que tiene, y los archivos que
# trae.
MAX_CABECERAS = 64 * 1024
MAX_PARTES = 100
MAX_NIVELES = 20
MAX_ADJUNTOS = 10
# De su texto, lo que se mira; y de una cabecera.
MAX_CUERPO = 256 * 1024
MAX_CABECERA = 1_000
# Líneas que caben además de una por cada 40 bytes: en base64 son de 76.
MAX_LINEAS = 50_000

# El lector de Python corta la línea también en un CR solo, que en un correo no puede ir (RFC 5322,
# 2.3): lo que aquí se cuenta y lo que miró el servidor de delante se corta solo en LF.
_CR_SOLO = re.compile(rb"\r(?!\n)")
_FIN_DE_CABECERAS = re.compile(rb"\r?\n\r?\n")
_NIVEL = re.compile(rb"boundary[\s*\d]*=|content-type[ \t]*:\s*message/", re.IGNORECASE)
_LARGA = re.compile(
    rb"^content-[a-z-]{1,40}[ \t]*:(?:[^\n]|\n[ \t]){4000}", re.IGNORECASE | re.MULTILINE
)
_DIRECCION = re.compile(r"[^\s<>()\[\],;:\\\"@]{1,64}@[^\s<>()\[\],;:\\\"@]{1,255}")
_IDENTIDAD = re.compile(r"<[\x21-\x3b\x3d\x3f-\x7e]{1,250}>")
# Con los que Python tarda lo que el cuadrado de lo que lee, o que no son de texto.
_NO_DE_CORREO = {"idna", "punycode", "unicode_escape", "raw_unicode_escape", "undefined"}
_DE_TROPEL = {"bulk", "junk", "list", "auto_reply"}
_DE_FIRMA = {"application/pgp-signature", "application/pkcs7-signature"}
_DE_FIRMA |= {"application/x-pkcs7-signature", "application/pgp-encrypted"}


@dataclass(slots=True)
class Adjunto:
    nombre: str
    crudo: bytes


@dataclass(slots=True)
class Correo:
    """Lo de sus cabeceras; por dentro no se abre hasta pedir su contenido.

    `de` es la dirección de `From`, o vacío si no hay una y solo una; `vuelve`, a la que se le
    dice algo de él, o vacío; `automatico`, que lo escribió un programa; `identidad`, su
    `Message-ID`, o vacío; `fecha`, la que dice.
    """

    de: str
    vuelve: str
    automatico: bool
    identidad: str
    fecha: str
    _crudo: bytes = field(repr=False)

    def huella(self, texto: str) -> str:
        """Por la que se reconoce que llega otra vez; sin `Message-ID`, con lo que dice."""
        dicho = self.identidad or f"{self.fecha}\0{texto}"
        return hashlib.blake2s(dicho.encode("utf-8", "replace"), digest_size=12).hexdigest()

    def contenido(self) -> tuple[str, list[Adjunto]]:
        """Lo que su autor escribió y los archivos que trae; VALIDATION_ERROR si son demasiados, o
        no se puede leer.
        """
        html, llano, hojas, cabe = [], [], [], MAX_CUERPO
        for parte in _hojas(_abierto(self._crudo)):
            clase = parte.get_content_type()
            if clase in _DE_FIRMA:
                continue
            if not clase.startswith("text/") or _es_adjunto(parte):
                hojas.append(parte)
                continue
            dicho = _texto(parte, cabe)
            cabe -= len(dicho)
            if clase == "text/html":
                html.append(recorte.de_html(dicho))
            elif clase == "text/plain":
                fluye = str(parte.get_param("format", "")).lower() == "flowed"
                llano.append(recorte.sin_cortes(dicho) if fluye else dicho)
        # El HTML dice dónde acaba cada párrafo; en el texto llano, cada uno va cortado a 72.
        entero = "\n".join(html)
        if not entero.strip():
            return recorte.lo_escrito("\n".join(llano)), _adjuntos(hojas, set())
        escrito = recorte.lo_escrito(entero)
        ajenas = recorte.imagenes_de(entero) - recorte.imagenes_de(escrito)
        return recorte.sin_imagenes(escrito), _adjuntos(hojas, ajenas)


def bytes_que_caben() -> int:
    """Los de un correo entero: un archivo crece un tercio al ir en él."""
    return 2 * int(settings.ARCHIVO_BYTES)


def leer(crudo: bytes, sobre: str | None) -> Correo:
    """`sobre` es su remitente (`MAIL FROM`), si se sabe: vacío es de un programa (RFC 3834).

    PAYLOAD_TOO_LARGE o VALIDATION_ERROR si no se va a abrir.
    """
    _exigir_que_quepa(crudo)
    mensaje = _abierto(_cabeceras_de(crudo))
    vuelta = _cabecera(mensaje, "Return-Path").strip()
    if sobre is None and vuelta:
        sobre = vuelta.strip("<>")
    de = _de(mensaje)
    vuelve = de if sobre is None else sobre
    return Correo(
        de=de,
        vuelve=vuelve if vuelve.isascii() and _DIRECCION.fullmatch(vuelve) else "",
        automatico=sobre == "" or _es_automatico(mensaje),
        identidad=_identidad(mensaje),
        fecha=_cabecera(mensaje, "Date"),
        _crudo=crudo,
    )


def para_quien(crudo: bytes) -> list[str]:
    """Las direcciones que nombran sus cabeceras, para quien lo entrega sin decir la suya."""
    _exigir_que_quepa(crudo)
    cabeceras = _abierto(_cabeceras_de(crudo))
    dichas = [
        _cabecera(cabeceras, nombre) for nombre in ("Delivered-To", "X-Original-To", "To", "Cc")
    ]
    return [d for dicha in dichas for d in _DIRECCION.findall(dicha)]


def _exigir_que_quepa(crudo: bytes) -> None:
    if len(crudo) > bytes_que_caben():
        raise ErrorMensajeria(CodigoError.PAYLOAD_TOO_LARGE, "El correo es demasiado grande")
    if _CR_SOLO.search(crudo) or len(_cabeceras_de(crudo)) > MAX_CABECERAS:
        raise _ilegible()
    if crudo.count(b"\n") > MAX_LINEAS + len(crudo) // 40:
        raise _ilegible()
    # Al abrirlo, cada línea pasa por los niveles abiertos, y una cabecera con parámetros tarda el
    # cuadrado de lo que mide.
    if len(_NIVEL.findall(crudo)) > MAX_NIVELES or _LARGA.search(crudo):
        raise _ilegible()


def _cabeceras_de(crudo: bytes) -> bytes:
    fin = _FIN_DE_CABECERAS.search(crudo)
    return crudo[: fin.start()] if fin else crudo


def _abierto(crudo: bytes) -> Message:
    try:
        return email.message_from_bytes(crudo, policy=policy.compat32)
    except (MessageError, RecursionError, ValueError):
        raise _ilegible() from None


def _ilegible() -> ErrorMensajeria:
    return no_valido("El correo no se puede leer, o tiene demasiadas partes")


def _hojas(mensaje: Message) -> Iterator[Message]:
    """Las partes que no tienen otras; un correo dentro de otro es una."""
    por_ver, vistas = [mensaje], 0
    while por_ver:
        parte = por_ver.pop()
        vistas += 1
        if vistas > MAX_PARTES:
            raise _ilegible()
        if parte.get_content_maintype() == "multipart":
            dentro = parte.get_payload()
            por_ver.extend(reversed([p for p in dentro if isinstance(p, Message)]))
        else:
            yield parte


def _es_adjunto(parte: Message) -> bool:
    return parte.get_content_disposition() == "attachment" or bool(_nombre(parte))


def _adjuntos(hojas: list[Message], ajenas: set[str]) -> list[Adjunto]:
    """Sin las imágenes de lo que se cortó."""
    hallados = []
    for parte in hojas:
        if _cabecera(parte, "Content-ID").strip().strip("<>") in ajenas:
            continue
        if crudo := _bytes(parte):
            hallados.append(Adjunto(_nombre(parte), crudo))
    if len(hallados) > MAX_ADJUNTOS:
        raise no_valido(f"En un correo caben {MAX_ADJUNTOS} archivos")
    return hallados


def _bytes(parte: Message) -> bytes:
    if parte.get_content_maintype() == "message":
        return parte.as_bytes()
    crudo = parte.get_payload(decode=True)
    return crudo if isinstance(crudo, bytes) else b""


def _texto(parte: Message, cabe: int) -> str:
    """En lo que diga que está; si no se conoce o miente, en UTF-8 y con huecos."""
    dicho = str(parte.get_content_charset() or "utf-8")
    crudo = _bytes(parte)[: max(0, cabe)]
    return _decodificar(crudo, dicho).replace("\r\n", "\n")


def _decodificar(crudo: bytes, charset: str) -> str:
    try:
        if codecs.lookup(charset).name.replace("-", "_") in _NO_DE_CORREO:
            charset = "utf-8"
        dicho = crudo.decode(charset, "replace")
    except (LookupError, ValueError):
        dicho = crudo.decode("utf-8", "replace")
    # Los hay que dejan medios pares de sustitutos.
    return dicho.encode("utf-8", "replace").decode()


def _nombre(parte: Message) -> str:
    try:
        dicho = parte.get_filename() or ""
    except (LookupError, ValueError, TypeError, MessageError):
        return ""
    return _sin_codificar(str(dicho)[:MAX_CABECERA])


def _sin_codificar(dicho: str) -> str:
    """Lo de una cabecera (RFC 2047), en una línea."""
    try:
        trozos = email.header.decode_header(dicho)
    except (MessageError, ValueError):
        trozos = [(dicho, None)]
    junto = "".join(_decodificar(t, c or "utf-8") if isinstance(t, bytes) else t for t, c in trozos)
    return sin_controles(junto.encode("utf-8", "replace").decode())


def _cabecera(mensaje: Message, nombre: str) -> str:
    return str(mensaje.get(nombre) or "")[:MAX_CABECERA]


def _de(mensaje: Message) -> str:
    """La de `From`, si hay uno con una sola: quien mira la firma del dominio mira esa."""
    dichas = mensaje.get_all("From", [])
    if len(dichas) != 1 or len(str(dichas[0])) > MAX_CABECERA:
        return ""
    try:
        leidas = email.utils.getaddresses([str(dichas[0])])
    except (RecursionError, ValueError):
        return ""
    dicha = leidas[0][1] if len(leidas) == 1 else ""
    # Que no la haya sacado de un sitio en el que otro leería otra.
    entera = str(dichas[0]).strip()
    al_final = entera == dicha or entera.endswith(f"<{dicha}>")
    return dicha if al_final and _DIRECCION.fullmatch(dicha) else ""


def _es_automatico(mensaje: Message) -> bool:
    """Lo que RFC 3834 y la costumbre piden que no se conteste: ausencias, listas, rebotes."""
    automatico = _cabecera(mensaje, "Auto-Submitted").partition(";")[0].strip().lower()
    return (
        automatico not in ("", "no")
        or _cabecera(mensaje, "Precedence").strip().lower() in _DE_TROPEL
        or any(n in mensaje for n in ("List-Id", "X-Autoreply", "X-Autorespond"))
        or mensaje.get_content_type() == "multipart/report"
    )


def _identidad(mensaje: Message) -> str:
    hallada = _IDENTIDAD.search(_cabecera(mensaje, "Message-ID"))
    return hallada[0] if hallada else ""
