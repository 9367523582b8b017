"""Socket.IO v5 sobre una sesión Engine.IO: `/socket.io/`.

`marcos` y `maquina` son puros. `cliente` lleva de la máquina a la aplicación de cada espacio, que
en el producto es la de `sesion`.
"""
