"""De la base original de SERVITECH (MongoDB, por Mongoose) a la que esté configurada.

`fuente` lee y `cuaderno` ordena; `documento` sabe qué se ha mirado de cada uno, y de ahí saca
`informe` lo que no se toma; `usuarios`, `conversaciones`, `mensajes` y `notificaciones`
traducen un documento sin tocar ninguna base; `tanda` numera y guarda, con los recibos de `recibos`;
`importador` los une. Qué se toma y qué no: `docs/datos.md`.
"""
