#!/usr/bin/env python
"""Órdenes de administración de Django."""

import os
import sys

# Con un ajuste ilegible no se hace nada con otro en su lugar: solo lo que dice qué pasa.
SIN_AJUSTES = {"diagnosticar", "check", "help", "--help", "-h", "version", "--version"}


def principal() -> int:
    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "servitech.settings")
    from django.conf import settings
    from django.core.management import execute_from_command_line

    if settings.AJUSTES_ILEGIBLES and not SIN_AJUSTES & set(sys.argv[1:2] or ["help"]):
        print(*settings.AJUSTES_ILEGIBLES, sep="\n", file=sys.stderr)
        return 2
    execute_from_command_line(sys.argv)
    return 0


if __name__ == "__main__":
    sys.exit(principal())
