"""Lo que cambió en cada transacción: por aquí saben los procesos qué mirar."""

from __future__ import annotations

from collections.abc import Collection

from django.db import models

from mensajeria.models.campos import CampoDePosicion, CampoJSON


class Novedad(models.Model):
    """Una por transacción que cambia algo que se reparte o que vigilar, y dentro de ella.

    `conversaciones`: las que tienen cambios nuevos, con el número del último. `usuarios`: aquellos
    cuya versión subió. Los números de posición crecen, pero no se ven en orden: una transacción
    puede confirmar después que otra de número mayor, y la que se deshace deja un hueco.
    """

    id = CampoDePosicion(primary_key=True, db_column="_id")
    conversaciones = CampoJSON(default=dict)
    usuarios = CampoJSON(default=list)

    class Meta:
        # Nadie la ve ni la toca en la mesa.
        default_permissions = ()

    @classmethod
    def de_usuarios(cls, usuarios: Collection[str]) -> None:
        """Deja dicho que la versión de esos usuarios subió, en la transacción que la sube."""
        cls(usuarios=sorted(usuarios)).save(force_insert=True)
