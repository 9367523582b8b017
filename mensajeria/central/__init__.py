"""Quién está conectado a este proceso, y el reparto de cada evento entre ellos.

Tres partes, y cada una solo conoce a las anteriores: `reparto` (quién está aquí, y a quién le toca
cada evento), `vigilancia` (qué cambió en la base sin que llegara el aviso; `reparacion` lo repone)
y `entrada` (cómo se entra sin que nada se pierda entre medias). Las une `mensajeria.nodo`.
"""
