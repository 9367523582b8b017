#!/usr/bin/env bash
# Instala, de los paquetes de Debian y como root, los que se le nombran y faltan. Lo usan `make lint`
# y `make test`; quien no es root sabe así qué le falta.
set -euo pipefail

esta() {
    case $1 in
        postgresql) ls /usr/lib/postgresql/*/bin/postgres || command -v initdb ;;
        iproute2) PATH=$PATH:/usr/sbin command -v ip ;;
        nginx) PATH=$PATH:/usr/sbin command -v nginx ;;
        nats-server) PATH=$PATH:/usr/sbin command -v nats-server ;;
        clamav-daemon) PATH=$PATH:/usr/sbin command -v clamd ;;
        *) command -v "$1" ;;
    esac
}

faltan=()
for paquete in "$@"; do
    esta "$paquete" >/dev/null 2>&1 || faltan+=("$paquete")
done
((${#faltan[@]})) || exit 0
if ((EUID != 0)) || ! command -v apt-get >/dev/null; then
    echo "Faltan: ${faltan[*]}. Instálalos y repite." >&2
    exit 2
fi
echo "Instalando ${faltan[*]}…"
export DEBIAN_FRONTEND=noninteractive
apt-get update -qq
apt-get install -y -qq --no-install-recommends "${faltan[@]}" >/dev/null
