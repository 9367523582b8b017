"""La zona horaria de `TZ`."""

from __future__ import annotations

from zoneinfo import ZoneInfo, available_timezones

from servitech.entorno import Malo


def zona(valor: str) -> str:
    """Un nombre de la base de zonas (IANA), lo que entiende Django; no una regla de POSIX."""
    nombre = valor.removeprefix(":")
    try:
        ZoneInfo(nombre)
    except (ValueError, OSError, LookupError):
        iguales = [z for z in available_timezones() if z.lower() == nombre.lower()]
        raise Malo("no es un nombre de zona", iguales[0] if iguales else "Europe/Madrid") from None
    return nombre
