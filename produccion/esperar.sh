#!/bin/sh
# Vuelve cuando esa dirección contesta bien: `esperar.sh URL`. Quien lo llama pone el plazo.
set -eu
until curl --silent --fail --output /dev/null --max-time 2 "$1"; do
    sleep 0.2
done
