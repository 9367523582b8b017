"""El almacén: lee y bloquea lo que nombra un lote, y escribe lo que deja pendiente.

Uno por base. El de PostgreSQL y el de SQLite hablan SQL preparado; el llano, por el ORM, es la
referencia, el de MongoDB y el que se une a una transacción que ya esté abierta.
"""

from mensajeria.ordenes.almacen.elegir import abrir
from mensajeria.ordenes.almacen.leido import Leido, Nombrado, Recibo, Subida, Transaccion

__all__ = ["Leido", "Nombrado", "Recibo", "Subida", "Transaccion", "abrir"]
