"""Lo que cambió en cada transacción: por aquí saben los procesos qué mirar."""

from __future__ import annotations

from collections.abc import Collection

from django.db import models
from django.db.models import Q

from mensajeria.models.campos import CampoDePosicion, CampoJSON


class Novedad(models.Model):
    """Una por transacción que cambia algo que se reparte o que vigilar, y dentro de ella.

    `conversaciones`: las que tienen cambios nuevos, con el número del último. `usuarios`: aquellos
    cuya versión subió. `avisos`: lo que en ella causa avisos, con `por_avisar` hasta que alguien lo
    reparte en el buzón: esta fila se escribe igual, y así enviar no cuesta más.

    Los números de posición crecen, pero no se ven en orden: una transacción puede confirmar después
    que otra de número mayor, y la que se deshace deja un hueco.
    """

    id = CampoDePosicion(primary_key=True, db_column="_id")
    conversaciones = CampoJSON(default=dict)
    usuarios = CampoJSON(default=list)
    avisos = CampoJSON(default=dict)
    por_avisar = models.BooleanField(default=False)

    class Meta:
        # Nadie la ve ni la toca en la mesa.
        default_permissions = ()
        indexes = [
            models.Index(fields=["id"], name="ix_nov_por_avisar", condition=Q(por_avisar=True))
        ]

    @classmethod
    def de_usuarios(cls, usuarios: Collection[str]) -> None:
        """Deja dicho que la versión de esos usuarios subió, en la transacción que la sube."""
        cls(usuarios=sorted(usuarios)).save(force_insert=True)
