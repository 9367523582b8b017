#!/usr/bin/env bash
# Todas las pruebas, o las de una ruta: `probar.sh [RUTA [sqlite|postgres|mongo]]`. Instala lo que
# falta y arranca y detiene los servidores que hacen falta, en puertos libres. Lo llama `make test`.
set -euo pipefail
cd "$(dirname "$0")"
PY=${PY:-.venv/bin/python}

./instalar.sh redis-server postgresql pgbouncer chromium clamav-daemon

SERVICIO="$PY -m tests.servicios"
CON_POSTGRES="(bd or servidor) and not elige_base"
CON_MONGO=bd

# Una parte: un archivo, una carpeta o `archivo::prueba`.
if [[ -n ${1:-} ]]; then
    case ${2:-sqlite} in
        sqlite) exec "$PY" -m pytest "$1" ;;
        postgres) exec $SERVICIO postgres -- "$PY" -m pytest "$1" -m "$CON_POSTGRES" ;;
        mongo) exec $SERVICIO mongo -- "$PY" -m pytest "$1" -m "$CON_MONGO" ;;
        *) echo "No hay base «$2»: sqlite, postgres o mongo." >&2 && exit 2 ;;
    esac
fi

# Tres filas a la vez en dos núcleos: casi todo espera a servidores. Cada pasada, con su archivo de
# SQLite; lo que dicen las demás filas se muestra al terminar la primera.
carpeta=$(mktemp -d)
trap 'rm -rf "$carpeta"' EXIT
# Bash deja a las filas de fondo sordas a Ctrl-C: se les dice de otro modo, con todo lo que arrancaron.
trap 'trap - INT TERM; kill 0' INT TERM
INTEGRACION=tests/integracion

pasada() {
    echo "== $1"
    shift
    SQLITE_DE_PRUEBA="$carpeta/$BASHPID-$RANDOM.sqlite3" "$@"
}

con_servidores() {
    pasada "SQLite: con servidores, y lo que pide Redis y PostgreSQL de verdad" \
        "$PY" -m pytest "$INTEGRACION"
}

sin_ellos() {
    pasada "SQLite: lo demás" "$PY" -m pytest --ignore "$INTEGRACION"
}

en_las_otras() {
    pasada "PostgreSQL: todo lo que toca una base o un servidor" \
        $SERVICIO postgres -- "$PY" -m pytest -m "$CON_POSTGRES" &&
        pasada "MongoDB (sustituto): lo que toca la base" \
            $SERVICIO mongo -- "$PY" -m pytest -m "$CON_MONGO"
}

sin_ellos >"$carpeta/segunda.txt" 2>&1 &
segunda=$!
en_las_otras >"$carpeta/tercera.txt" 2>&1 &
tercera=$!
fallo=0
con_servidores || fallo=1
wait "$segunda" || fallo=1
cat "$carpeta/segunda.txt"
wait "$tercera" || fallo=1
cat "$carpeta/tercera.txt"
exit "$fallo"
