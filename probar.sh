#!/usr/bin/env bash
# Todas las pruebas. Instala lo que falta y arranca y detiene los servidores que hacen falta, en
# puertos libres. Lo llama `make test`.
set -euo pipefail
cd "$(dirname "$0")"
PY=${PY:-.venv/bin/python}

./instalar.sh redis-server postgresql chromium

# Dos filas a la vez, que es lo que dan dos núcleos: casi todo espera a servidores. Cada pasada con
# su archivo de SQLite; lo que dice la segunda fila se muestra al terminar.
carpeta=$(mktemp -d)
trap 'rm -rf "$carpeta"' EXIT
# Bash deja a la segunda fila sorda a Ctrl-C: se le dice de otro modo, con todo lo que arrancó.
trap 'trap - INT TERM; kill 0' INT TERM
SERVICIO="$PY -m tests.servicios"
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
            $SERVICIO mongo -- "$PY" -m pytest -m bd
}

segunda() {
    pasada "SQLite: lo demás" "$PY" -m pytest --ignore "$INTEGRACION" &&
        pasada "PostgreSQL: todo lo que toca una base o un servidor" \
            $SERVICIO postgres -- "$PY" -m pytest -m "(bd or servidor) and not elige_base"
}

segunda >"$carpeta/segunda.txt" 2>&1 &
pid=$!
fallo=0
primera || fallo=1
wait "$pid" || fallo=1
cat "$carpeta/segunda.txt"
exit "$fallo"
