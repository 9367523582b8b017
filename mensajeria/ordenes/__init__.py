"""Cómo se cumple una orden, sea cual sea: mirar, cargar, decidir, guardar y anunciar.

`ejecucion` lleva cada lote de principio a fin; `escritor` forma los de los sockets.
"""
