#!/bin/sh
# Una copia con la fecha en su nombre, y se quitan las de hace más de catorce días: `respaldar.sh CARPETA`.
set -eu
.venv/bin/python manage.py respaldar "$1/$(date +%Y%m%d-%H%M%S)"
find "$1" -mindepth 1 -maxdepth 1 -type d -mtime +14 -exec rm -r {} +
