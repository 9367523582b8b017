#!/bin/sh
# Reinicia los nodos de esta máquina de uno en uno: `por-turnos.sh`. El siguiente espera a que atienda.
set -eu
for nodo in $(systemctl list-units --plain --no-legend 'servitech@*' | cut -d ' ' -f 1); do
    systemctl restart "$nodo"
    echo "$nodo, en servicio"
done
