#!/usr/bin/env bash
# Todas las pruebas, o las de una ruta: `probar.sh [RUTA [sqlite|postgres|mongo]]`. Instala lo que
# falta y arranca y detiene los servidores que hacen falta, en puertos libres. Lo llama `make test`.
set -euo pipefail
cd "$(dirname "$0")"
PY=${PY:-.venv/bin/python}

./instalar.sh redis-server postgresql chromium

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

# Dos filas a la vez, que es lo que dan dos núcleos: casi todo espera a servidores. Cada pasada con
# su archivo de SQLite; lo que dice la segunda fila se muestra al terminar.
carpeta=$(mktemp -d)
trap 'rm -rf "$carpeta"' EXIT
# Bash deja a la segunda fila sorda a Ctrl-C: se le dice de otro modo, con todo lo que arrancó.
trap 'trap - INT TERM; kill 0' INT TERM
INTEGRACION=tests/integracion

pasada() {
    echo "== $1"
    shift
    SQLITE_DE_PRUEBA="$carpeta/$BASHPID-$RANDOM.sqlite3" "$@"
}

primera() {
    pasada "SQLite: con servidores, y lo que pide Redis y PostgreSQL de verdad" \
        "$PY" -m pytest "$INTEGRACION" &&
        pasada "MongoDB (sustituto): lo que toca la base" \
            $SERVICIO mongo -- "$PY" -m pytest -m "$CON_MONGO"
}

segunda() {
    pasada "SQLite: lo demás" "$PY" -m pytest --ignore "$INTEGRACION" &&
        pasada "PostgreSQL: todo lo que toca una base o un servidor" \
            $SERVICIO postgres -- "$PY" -m pytest -m "$CON_POSTGRES"
}

segunda >"$carpeta/segunda.txt" 2>&1 &
pid=$!
fallo=0
primera || fallo=1
wait "$pid" || fallo=1
cat "$carpeta/segunda.txt"
exit "$fallo"
