"""Decirle a quien contestó por correo que su respuesta no se envió, y por qué (RFC 3834)."""

from __future__ import annotations

import logging
import smtplib
from email.utils import parseaddr

from django.conf import settings
from django.core import mail

from mensajeria.avisos.respuestas.direccion import es_de_aqui
from mensajeria.avisos.respuestas.lectura import Correo
from mensajeria.entre_procesos import limites
from mensajeria.models import plegado, sin_controles
from mensajeria.protocolo.errores import ErrorMensajeria

registro = logging.getLogger("mensajeria.avisos")

TEXTO = """\
Tu respuesta no se envió.

Motivo: {motivo}.
{sitio}
"""


def decir(correo: Correo, error: ErrorMensajeria) -> None:
    """A quien lo envió; a un programa nunca, ni a nosotros, ni más de lo que deja el límite.

    De lo que trae se repite, como mucho, el nombre del archivo que no se admite.
    """
    if correo.automatico or not correo.vuelve or not settings.CORREO_DE_AVISOS:
        return
    if _es_nuestra(correo.vuelve) or not limites.cabe_negativa(plegado(correo.vuelve)):
        return
    cabeceras = {"Auto-Submitted": "auto-replied", "X-Auto-Response-Suppress": "All"}
    if correo.identidad:
        cabeceras |= {"In-Reply-To": correo.identidad, "References": correo.identidad}
    sitio = f"\nPuedes leer y contestar en {settings.SITIO}" if settings.SITIO else ""
    mensaje = mail.EmailMessage(
        subject="Tu respuesta no se envió",
        body=TEXTO.format(motivo=sin_controles(error.mensaje), sitio=sitio),
        from_email=settings.CORREO_DE_AVISOS,
        to=[correo.vuelve],
        headers=cabeceras,
    )
    try:
        mensaje.send()
    except (OSError, ValueError, smtplib.SMTPException) as fallo:
        registro.warning("No se pudo decir que una respuesta se negó: %s", type(fallo).__name__)


def _es_nuestra(direccion: str) -> bool:
    """Los avisos, o las respuestas: se contestaría a sí mismo."""
    de_avisos = parseaddr(settings.CORREO_DE_AVISOS)[1].lower()
    suyas = (de_avisos, settings.CORREO_DE_RESPUESTAS)
    return es_de_aqui(direccion) or direccion.lower() in suyas
