"""Las puertas: de los bytes de un cliente a su `Sesion`, y vuelta.

- `nativa/`: un objeto JSON por trama. Un WebSocket → `ConexionNativa` → `Sesion`.
- `engineio/` y `socketio/`: el protocolo de Socket.IO. Un WebSocket o un `Sondeo` →
  `SesionEngineIO` → `ClienteSocketIO` → `SesionSocketIO`.

El WebSocket es `directo`, que uvicorn cede tras el saludo (`uvicorn`), o `websocket`, por ASGI.

`tramas`, y en cada puerta `marcos`, `paquetes` y `maquina`, son puros: ni red, ni reloj, ni Django.
Lo que una puerta da y pide está en `mensajeria.sesion.conexion`, y en `tests/eco_socketio.py` un
ejemplo.
"""
