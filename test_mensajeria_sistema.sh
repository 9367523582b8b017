#!/usr/bin/env bash
# La prueba automatizada de la semilla: recorre un servidor en marcha, por REST y por el socket.
set -uo pipefail
cd "$(dirname "$0")" || exit 2

if [[ ${1:-} == -h || ${1:-} == --help ]]; then
    cat <<'AYUDA'
Uso: ./test_mensajeria_sistema.sh [URL]

Comprueba un servidor en marcha con los datos de ejemplo: REST con curl, y la puerta
de WebSocket con marcos reales. Sale con 0 si todo pasa, 1 si algo falla y 2 si no se
pudo probar. Deja unos mensajes «Hola mundo!» en conv_test.

  URL         http://localhost:PORT si no se dice, como argumento o en el entorno
  PORT        el del servidor; si no, el de .env o 3000
  JWT_SECRET  el del servidor; si no, el de .env o el de muestra
  CLAVE       la de las cuentas de ejemplo (demo)
  PY          el Python del proyecto (.venv/bin/python)

Una persona envía dos mensajes por pasada, de los diez que puede enviar por minuto.
AYUDA
    exit 0
fi

if [[ -z ${PORT:-} && -r .env ]]; then
    PORT=$(sed -nE 's/^PORT=[^0-9]*([0-9]+).*/\1/p' .env | tail -n 1)
fi
URL=${1:-${URL:-http://localhost:${PORT:-3000}}}
URL=${URL%/}
API=$URL/api/mensajeria
CLAVE=${CLAVE:-demo}
PY=${PY:-.venv/bin/python}
bien=0
mal=0

no_se_puede() {
    echo "✗ $1" >&2
    exit 2
}

resumen() {
    echo "$bien passed, $mal failed"
    exit $((mal > 0))
}

contar() { # cuenta y muestra cada línea ✓ o ✗ que recibe; lo demás es un fallo
    while IFS= read -r linea; do
        if [[ $linea == "✓ "* ]]; then
            bien=$((bien + 1))
        elif [[ $linea == "✗ "* ]]; then
            mal=$((mal + 1))
        else
            mal=$((mal + 1))
            linea="✗ $linea"
        fi
        echo "$linea"
    done
}

pedir() { # método, ruta, token o -, y el cuerpo si lo hay: deja `estado` y `cuerpo`, sin espacios
    local opciones=(-s --max-time 30 -X "$1" -w '\n%{http_code}')
    [[ $3 == - ]] || opciones+=(-H "Authorization: Bearer $3")
    [[ -z ${4-} ]] || opciones+=(-H 'Content-Type: application/json' --data-binary "$4")
    cuerpo=$(curl "${opciones[@]}" "$2")
    estado=${cuerpo##*$'\n'}
    cuerpo=$(tr -d ' \n' <<<"${cuerpo%$'\n'*}")
}

comprobar() { # qué, estado esperado y los trozos que debe llevar el cuerpo de la última petición
    local que=$1 esperado=$2 trozo
    shift 2
    if [[ $estado != "$esperado" ]]; then
        contar <<<"✗ $que: HTTP $estado en vez de $esperado: ${cuerpo:0:160}"
        return
    fi
    for trozo in "$@"; do
        if [[ $cuerpo != *"${trozo// /}"* ]]; then
            contar <<<"✗ $que: falta $trozo en ${cuerpo:0:160}"
            return
        fi
    done
    contar <<<"✓ $que"
}

campo() { sed -n "s/.*\"$1\":\"\([^\"]*\)\".*/\1/p" <<<"$cuerpo"; }
primer_campo() { grep -o "\"$1\":\"[^\"]*\"" <<<"$cuerpo" | head -n 1 | cut -d '"' -f 4; }

command -v curl >/dev/null || no_se_puede "Falta curl"
[[ -x $PY ]] || no_se_puede "Falta $PY: lo prepara «make run»"
curl -s -o /dev/null --max-time 30 "$URL/" ||
    no_se_puede "Ningún servidor responde en $URL. Arráncalo con: make run"

echo "== REST en $URL"
pedir GET "$URL/" -
comprobar "GET /: la tarjeta del servicio" 200 '"servicio":' '"/ws/mensajeria/"' '"/socket.io/"'
pedir GET "$URL/salud/" -
comprobar "GET /salud/: en marcha, con base de datos" 200 '"estado":"bien"' '"base_de_datos":"bien"'
pedir GET "$API/test" -
comprobar "GET /api/mensajeria/test: sin credenciales" 200 '"success":true'
pedir GET "$URL/socket.io/?EIO=4&transport=polling" -
comprobar "GET /socket.io/: abre una sesión de Engine.IO" 200 '0{"sid":"' '"upgrades":["websocket"]'

pedir POST "$URL/api/token/" - '{"username":"beto","password":"no es esta"}'
comprobar "Una contraseña que no es: 401 AUTH_INVALID" 401 '"code":"AUTH_INVALID"' '"message":"'
token() { # de quién: deja su token en `cuerpo`
    pedir POST "$URL/api/token/" - "{\"username\":\"$1\",\"password\":\"$CLAVE\"}"
}
token carla
carla=$(campo access)
token beto
beto=$(campo access)
comprobar "POST /api/token/: acceso y renovación" 200 '"access":"' '"refresh":"'
if [[ -z $beto || -z $carla ]]; then
    echo "Sin beto y carla no se puede seguir: ¿tiene el servidor los datos de ejemplo (DEMO)?"
    resumen
fi

pedir GET "$API/conversaciones/" -
comprobar "Sin credenciales: 401 AUTH_REQUIRED" 401 '"code":"AUTH_REQUIRED"' '"Usuario no autenticado"'
pedir GET "$API/conversaciones/" no.es.un-token
comprobar "Con un token que no vale: 401 AUTH_INVALID" 401 '"code":"AUTH_INVALID"' '"Token inválido"'
pedir GET "$API/conversaciones/" "$beto"
comprobar "GET conversaciones/: las mías" 200 '"results":[' '"_id":"conv_test"'
pedir GET "$API/conversaciones/conv_test/" "$beto"
comprobar "GET conversaciones/conv_test/" 200 '"codigoConversacion":"CONV-' '"mensajesNoLeidos":{"beto":'
pedir GET "$API/conversaciones/conv_test/" "$carla"
comprobar "Para quien no participa: 404 NOT_FOUND" 404 '"code":"NOT_FOUND"' '"message":"'
pedir POST "$API/conversaciones/" "$beto" \
    '{"participantes":[{"usuarioId":"test_user"}],"tipo":"individual"}'
[[ $estado == 201 ]] && estado=200
comprobar "POST conversaciones/: la individual con test_user" 200 '"_id":"' '"tipo":"individual"'
conversacion=$(primer_campo _id)

MENSAJES=$API/conversaciones/$conversacion/mensajes/
pedir POST "$MENSAJES" "$beto" '{"contenido":{"texto":"Hola por REST"},"prioridad":"alta"}'
comprobar "POST mensajes/: 201 con el mensaje" 201 '"texto":"Hola por REST"' '"prioridad":"alta"'
mensaje=$(primer_campo _id)
pedir GET "$MENSAJES" "$beto"
comprobar "GET mensajes/: el más nuevo delante" 200 "\"results\":[{\"_id\":\"$mensaje\""
pedir POST "$MENSAJES" "$beto" '{"contenido":{"texto":" "}}'
comprobar "Un mensaje en blanco: 400, y dice el campo" 400 '"code":"VALIDATION_ERROR"' '"campo":"contenido.texto"'
pedir POST "$MENSAJES" "$beto" '{esto no es JSON'
comprobar "Lo que no es JSON: 400 VALIDATION_ERROR" 400 '"code":"VALIDATION_ERROR"' '"message":"'
pedir PATCH "$API/mensajes/$mensaje/" "$beto" '{"texto":"Corregido"}'
comprobar "PATCH mensajes/: editado, con historial" 200 '"texto":"Corregido"' '"editado":true' '"Hola por REST"'
pedir DELETE "$API/mensajes/$mensaje/" "$carla"
comprobar "Eliminar lo ajeno: 404 NOT_FOUND" 404 '"code":"NOT_FOUND"'
pedir DELETE "$API/mensajes/$mensaje/" "$beto"
comprobar "DELETE mensajes/: 204" 204
pedir POST "$API/conversaciones/$conversacion/leer/" "$beto"
comprobar "POST leer/: 204" 204
pedir GET "$API/estadisticas/" "$beto"
comprobar "GET estadisticas/: las cifras de la semilla" 200 '"usuariosConectados":' '"totalSockets":'

echo "== WebSocket en ${URL/#http/ws}/ws/mensajeria/"
contar < <(
    "$PY" -W ignore tests/sistema.py "${URL/#http/ws}/ws/mensajeria/" \
        "$beto" "$conversacion" 2>&1
)

resumen
