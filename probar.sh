#!/usr/bin/env bash
# Todas las pruebas. Instala lo que falta (como root, de los paquetes de Debian) y arranca y detiene
# los servidores que hacen falta, en puertos libres. Lo llama `make test`.
set -euo pipefail
cd "$(dirname "$0")"
PY=${PY:-.venv/bin/python}

faltan=()
command -v redis-server >/dev/null || faltan+=(redis-server)
ls /usr/lib/postgresql/*/bin/postgres >/dev/null 2>&1 || command -v initdb >/dev/null || faltan+=(postgresql)
command -v chromium >/dev/null || faltan+=(chromium)
command -v npm >/dev/null || faltan+=(nodejs npm)
if ((${#faltan[@]})); then
    if ((EUID == 0)) && command -v apt-get >/dev/null; then
        echo "Instalando ${faltan[*]}…"
        export DEBIAN_FRONTEND=noninteractive
        apt-get update -qq
        apt-get install -y -qq --no-install-recommends "${faltan[@]}" >/dev/null
    else
        echo "Faltan para las pruebas: ${faltan[*]}. Instálalos y repite." >&2
        exit 2
    fi
fi

if [[ ! -d node_modules/socket.io-client || ! -d node_modules/axe-core ]]; then
    echo "Instalando de npm lo que necesitan las pruebas…"
    npm ci --silent --no-audit --no-fund
fi

# Tres filas a la vez, que es lo que dan dos núcleos: casi todo espera a servidores. Cada pasada con
# su archivo de SQLite; lo que dicen la segunda y la tercera se muestra al terminar.
carpeta=$(mktemp -d)
trap 'rm -rf "$carpeta"' EXIT
# Bash deja a las de fondo sordas a Ctrl-C: se les dice de otro modo, con todo lo que arrancaron.
trap 'trap - INT TERM; kill 0' INT TERM
SERVICIO="$PY -m mensajeria.tests.servicios"
INTEGRACION=mensajeria/tests/integracion

pasada() {
    echo "== $1"
    shift
    SQLITE_DE_PRUEBA="$carpeta/$BASHPID-$RANDOM.sqlite3" "$@"
}

con_servidores() {
    pasada "SQLite: con servidores, y lo que pide Redis y PostgreSQL de verdad" \
        "$PY" -m pytest "$INTEGRACION"
}

lo_demas() {
    pasada "SQLite: lo demás" "$PY" -m pytest --ignore "$INTEGRACION" &&
        pasada "MongoDB (sustituto): lo que toca la base" \
            $SERVICIO mongo -- "$PY" -m pytest -m bd
}

en_postgres() {
    pasada "PostgreSQL: todo lo que toca una base o un servidor" \
        $SERVICIO postgres -- "$PY" -m pytest -m "(bd or servidor) and not elige_base"
}

lo_demas >"$carpeta/lo_demas.txt" 2>&1 &
pids=($!)
en_postgres >"$carpeta/en_postgres.txt" 2>&1 &
pids+=($!)
fallo=0
con_servidores || fallo=1
for pid in "${pids[@]}"; do
    wait "$pid" || fallo=1
done
cat "$carpeta"/*.txt
exit "$fallo"
