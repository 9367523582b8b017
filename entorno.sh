#!/usr/bin/env bash
# Deja en .venv un Python con su pip: `entorno.sh [PYTHON]`. Antes comprueba que se puede; si el que hay
# quedó a medias o su Python ya no está, empieza otra vez. Lo llama `make`.
set -euo pipefail
cd "$(dirname "$0")"
PYTHON=${1:-python3}

falta() {
    echo "$*" >&2
    exit 2
}

entera() { # que arranque, que sirva, y que a pip no le falte ningún archivo
    .venv/bin/python - 2>/dev/null <<'GUION'
import sys
from importlib import metadata

de_pip = [f for f in metadata.files("pip") or () if f.suffix == ".py"]
sys.exit(sys.version_info < (3, 11) or not de_pip or not all(f.locate().exists() for f in de_pip))
GUION
}

entera && exit 0
command -v "$PYTHON" >/dev/null ||
    falta "No hay «$PYTHON». Instala Python 3.11 o posterior (en Debian: apt-get install python3 python3-venv), o di cuál: make run PYTHON=python3.12"
"$PYTHON" -c 'import sys; sys.exit(sys.version_info < (3, 11))' ||
    falta "«$PYTHON» es anterior al 3.11. Instala uno posterior y di cuál: make run PYTHON=python3.12"
"$PYTHON" -c 'import venv, ensurepip' 2>/dev/null ||
    falta "A «$PYTHON» le falta venv. En Debian: apt-get install $("$PYTHON" -c 'import sys; print("python%d.%d-venv" % sys.version_info[:2])')"
[[ $PWD != *:* ]] ||
    falta "Python no hace un venv en una carpeta con «:» en su nombre ($PWD): cámbiaselo."
[[ ! -e .venv ]] || echo ".venv quedó a medias: se empieza otra vez."
"$PYTHON" -m venv --clear .venv
