"""Conversaciones con mucha gente."""

from __future__ import annotations

from mensajeria.models import Conversacion, Participante, Usuario


def poblar(conversacion: Conversacion, cuantos: int) -> list[str]:
    """Que participen en ella, al final, tantos: los que falten se llaman `u001`, `u002`…

    Devuelve quiénes se agregaron.
    """
    hay = conversacion.participantes.count()
    ids = [f"u{n:03}" for n in range(hay - 1, cuantos - 1)]
    Usuario.objects.bulk_create(Usuario(id=u, username=u, nombre=u) for u in ids)
    Participante.objects.bulk_create(
        Participante(conversacion=conversacion, usuario_id=u) for u in ids
    )
    return ids
