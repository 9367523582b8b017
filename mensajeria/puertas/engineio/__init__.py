"""Engine.IO v4, el transporte de Socket.IO: sondeo, WebSocket y el paso del uno al otro.

`paquetes` y `maquina` son puros. `puerta` recibe cada petición; `sesion` pone hora y transporte
(`sondeo` o `websocket`) a la máquina; `desvio` y `tunel` atienden lo que llegó a otro proceso.
"""
