#!/usr/bin/env bash
# Todas las pruebas, o las de una ruta: `probar.sh [RUTA [sqlite|postgres|mongo]]`. Instala lo que
# falta y arranca y detiene los servidores que hacen falta, en puertos libres. Lo llama `make test`.
set -euo pipefail
cd "$(dirname "$0")"
PY=${PY:-.venv/bin/python}
# Sin guardar lo compilado, cada servidor que se arranca lo compila otra vez: la quinta parte de él.
unset PYTHONDONTWRITEBYTECODE

./instalar.sh redis-server postgresql pgbouncer nginx chromium clamav-daemon nats-server

SERVICIO="$PY -m tests.servicios"
CON_POSTGRES="(bd or servidor) and not elige_base"
CON_MONGO="bd and not elige_base"
# Lo que corre su objetivo de make no corre con todas.
SIN_APARTE="not aparte"

# Una parte: un archivo, una carpeta o `archivo::prueba`.
if [[ -n ${1:-} ]]; then
    case ${2:-sqlite} in
        sqlite) exec "$PY" -m pytest "$1" ;;
        postgres) exec $SERVICIO postgres -- "$PY" -m pytest "$1" -m "$CON_POSTGRES" ;;
        mongo) exec $SERVICIO mongo -- "$PY" -m pytest "$1" -m "$CON_MONGO" ;;
        *) echo "No hay base «$2»: sqlite, postgres o mongo." >&2 && exit 2 ;;
    esac
fi

# Tres partes a la vez en dos núcleos: casi todo espera a servidores. De la más larga a la más corta,
# que así acaban todas a la par. Mientras corren se ve por dónde va cada una; de la que falla, al
# final, todo lo que dijo.
A_LA_VEZ=3
INTEGRACION=tests/integracion
CON_NAVEGADOR=(tests/pagina tests/admin/test_mesa_navegador.py)
# La API, la mesa y la consola, sobre lo que ya se prueba en las tres, y migrar son en el
# sustituto de MongoDB, el más lento, más de la mitad de lo que tarda: van en `make mongo`.
SIN_MONGO=(tests/api tests/admin tests/consola tests/integracion)
# En memoria, donde sobra: casi todo lo que se espera es al disco, y nada ha de durar.
en_memoria=$(df --output=avail /dev/shm 2>/dev/null | tail -1) || true
((${en_memoria:-0} < 8 * 2 ** 20)) || export TMPDIR=/dev/shm
carpeta=$(mktemp -d)
# Por ella pasa la cuenta `postgres` a la suya.
chmod 711 "$carpeta"
export TMPDIR=$carpeta
trap 'rm -rf "$carpeta"' EXIT
# Bash deja a las partes de fondo sordas a Ctrl-C: se les dice de otro modo, con lo que arrancaron.
trap 'trap - INT TERM; kill 0' INT TERM

# parte NOMBRE ORDEN…: la corre de fondo, con su archivo de SQLite, en cuanto haya sitio.
parte() {
    local nombre=$1
    shift
    while (($(jobs -rp | wc -l) >= A_LA_VEZ)); do wait -n || true; done
    {
        SQLITE_DE_PRUEBA="$carpeta/$nombre.sqlite3" "$@" 2>&1 |
            tee "$carpeta/$nombre.txt" |
            sed -nu -E "/%\]$|^[0-9]+ (passed|failed)/s/^/$nombre  /p" ||
            touch "$carpeta/$nombre.mal"
    } &
}

parte navegador "$PY" -m pytest -m "$SIN_APARTE" "${CON_NAVEGADOR[@]}"
parte servidores "$PY" -m pytest -m "$SIN_APARTE" "$INTEGRACION"
parte postgres $SERVICIO postgres -- "$PY" -m pytest -m "$CON_POSTGRES and $SIN_APARTE"
parte sqlite "$PY" -m pytest -m "$SIN_APARTE" "${CON_NAVEGADOR[@]/#/--ignore=}" --ignore "$INTEGRACION"
parte mongo $SERVICIO mongo -- "$PY" -m pytest -m "$CON_MONGO and $SIN_APARTE" "${SIN_MONGO[@]/#/--ignore=}"
wait
fallo=0
for mal in "$carpeta"/*.mal; do
    [[ -e $mal ]] || continue
    fallo=1
    echo "== $(basename "$mal" .mal)"
    cat "${mal%.mal}.txt"
done
exit "$fallo"
