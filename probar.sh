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

# Dos filas a la vez, que es lo que dan dos núcleos: casi todo espera a servidores. Cada una con su
# archivo de SQLite; lo que dice la segunda se muestra al terminar.
carpeta=$(mktemp -d)
trap 'rm -rf "$carpeta"' EXIT
SERVICIO="$PY -m mensajeria.tests.servicios"
PRUEBAS=mensajeria/tests

fila() {
    echo "== $1"
    shift
    SQLITE_DE_PRUEBA="$carpeta/$BASHPID.sqlite3" "$@"
}

segunda() {
    fila "SQLite: lo demás" "$PY" -m pytest --ignore "$PRUEBAS/integracion" || return 1
    fila "PostgreSQL: lo que toca la base" $SERVICIO postgres -- "$PY" -m pytest -m bd || return 1
    fila "MongoDB (sustituto): lo que toca la base" $SERVICIO mongo -- "$PY" -m pytest -m bd
}

segunda >"$carpeta/segunda.txt" 2>&1 &
pid=$!
primera=0
fila "SQLite: con servidores, Redis y PostgreSQL de verdad" "$PY" -m pytest "$PRUEBAS/integracion" ||
    primera=1
otra=0
wait "$pid" || otra=1
cat "$carpeta/segunda.txt"
exit $((primera | otra))
