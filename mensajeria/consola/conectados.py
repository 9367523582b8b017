"""A quién tiene conectado un servidor en marcha, según él."""

from __future__ import annotations

import json
import urllib.error
import urllib.request
from typing import Any
from urllib.parse import urlencode

from django.core.management.base import CommandError

from mensajeria.admin.conexiones import CABECERA, firmador

PACIENCIA = 10.0


def pedir(url: str, usuario: str = "") -> dict[str, Any]:
    """Las de ese usuario, o todas: `procesos`, una hoja (`central.conectado`) por cada uno que
    contestó, y `callados`, cuántos no. CommandError si el servidor no lo dice.
    """
    if not url.startswith(("http://", "https://")):
        raise CommandError("--url empieza por http:// o https://")
    consulta = urlencode({"usuario": usuario})
    peticion = urllib.request.Request(
        f"{url.rstrip('/')}/admin/conexiones/?{consulta}",
        headers={CABECERA: firmador.sign("conexiones")},
    )
    try:
        with urllib.request.urlopen(peticion, timeout=PACIENCIA) as respuesta:
            todas: dict[str, Any] = json.load(respuesta)
            return todas
    except urllib.error.HTTPError as error:
        if error.code == 403:
            raise CommandError("Ese servidor no firma con el SECRET_KEY de aquí.") from None
        raise CommandError(f"{url} contesta {error.code}") from None
    except (OSError, ValueError) as error:
        motivo = getattr(error, "reason", error)
        raise CommandError(f"Nadie contesta en {url} ({motivo}): di dónde está con --url") from None


def no_se_dicen(todas: dict[str, Any]) -> str:
    """Por qué puede haber más de las que se dicen, o nada."""
    if todas["callados"]:
        return f"Procesos que no contestaron: {todas['callados']}."
    vistas = sum(len(hoja["conectados"]) for hoja in todas["procesos"])
    if vistas < sum(hoja["total"] for hoja in todas["procesos"]):
        return f"Se ven las {vistas} con más por leer."
    return ""
