"""Los avisos a quien no está: del registro de novedades al buzón, y del buzón a cada canal.

`cartero` es el servicio; `a_quien`, a quién y cuándo; `buzon`, cómo se toma y se acaba una fila;
`contenido`, qué se enseña; `canales`, por dónde sale; `resumenes`, lo que el personal recibe cada
hora; `limpieza`, lo que se olvida.
"""
