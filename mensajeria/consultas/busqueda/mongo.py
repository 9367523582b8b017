"""En MongoDB: el llano, con plazo.

Sin índice de texto: el suyo no sabe de prefijos ni dar lo hallado por fecha, así que leería y
ordenaría todo lo que dice una palabra, sea de quien sea, y lo que tardara hablaría de lo ajeno.
"""

from __future__ import annotations

from collections.abc import Sequence

from mensajeria.consultas.busqueda import plazo
from mensajeria.consultas.busqueda.consulta import Termino
from mensajeria.consultas.busqueda.donde import Donde, Encontrados, Filtros
from mensajeria.consultas.busqueda.llano import Llano
from mensajeria.fallos import errores_de_la_base, es_plazo_de_mongo


class EnMongo(Llano):
    def hallar(
        self,
        donde: Donde,
        terminos: Sequence[Termino],
        filtros: Filtros,
        tras: str | None,
        cuantos: int,
    ) -> Encontrados:
        import pymongo

        try:
            with pymongo.timeout(plazo.SEGUNDOS):
                return super().hallar(donde, terminos, filtros, tras, cuantos)
        except errores_de_la_base() as error:
            if es_plazo_de_mongo(error):
                raise plazo.tardo() from None
            raise
