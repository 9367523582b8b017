"""Las puertas: de los bytes de un cliente a su `Sesion`, y vuelta.

- `nativa/`: un objeto JSON por trama. `WebSocket` → `ConexionNativa` → `Sesion`.
- `engineio/` y `socketio/`: el protocolo de Socket.IO. `WebSocket` o `Sondeo` →
  `SesionEngineIO` → `ClienteSocketIO` → `SesionSocketIO`.

En cada una, `marcos`, `paquetes` y `maquina` son puros: ni red, ni reloj, ni Django. Lo que una
puerta da y pide está en `mensajeria.sesion.conexion`, y en `tests/eco_socketio.py` un ejemplo.
"""
