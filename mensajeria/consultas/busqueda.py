"""Buscar un texto en lo reciente: lo que cuesta no depende de cuánto haya guardado."""

from __future__ import annotations

from django.db.models import Q

from mensajeria.consultas.alcance import filas_de, por_actividad
from mensajeria.consultas.coste import leidas
from mensajeria.consultas.filas import FilaDeMensaje
from mensajeria.consultas.presentar import con_lo_que_cita
from mensajeria.models import Mensaje

# Dónde se mira: los últimos mensajes de cada una de las conversaciones con actividad más reciente,
# mientras lo leído no pase de unos megabytes.
CONVERSACIONES = 20
MENSAJES = 100
MAX_BYTES = 4 * 1024 * 1024
TANDA = 100


def buscar_en_lo_reciente(usuario_id: str, texto: str, cuantos: int) -> list[FilaDeMensaje]:
    """Los mensajes que dicen `texto`, sin mirar mayúsculas, en lo que ese usuario ve: `cuantos`
    como mucho, lo más nuevo primero. Las lápidas no dicen nada.
    """
    suyas = por_actividad(usuario_id)
    donde = Q()
    for pk, ultima in suyas.values_list("pk", "ultima_secuencia")[:CONVERSACIONES]:
        donde |= Q(conversacion=pk, secuencia__gt=ultima - MENSAJES)
    if not donde:
        return []
    visibles = Mensaje.objects.filter(donde, eliminado=False, oculto=False)
    recientes = sorted(visibles.values_list("fecha_envio", "secuencia", "pk"), reverse=True)
    leidas(filas=len(recientes))
    ids = _que_dicen(texto, [pk for *_, pk in recientes], cuantos)
    filas = filas_de(con_lo_que_cita(Mensaje.objects.filter(pk__in=ids)))
    return sorted(filas, key=lambda f: ids.index(f.id))


def _que_dicen(texto: str, ids: list[str], cuantos: int) -> list[str]:
    """Los primeros `cuantos` de esos mensajes que lo dicen."""
    # Se compara aquí, y no en la base: cada una entiende de otro modo las mayúsculas.
    buscado = texto.casefold()
    hallados: list[str] = []
    bytes_ = 0
    for i in range(0, len(ids), TANDA):
        textos = dict(Mensaje.objects.filter(pk__in=ids[i : i + TANDA]).values_list("pk", "texto"))
        ocupan = sum(len(t.encode()) for t in textos.values())
        leidas(filas=len(textos), bytes_=ocupan)
        bytes_ += ocupan
        hallados += [
            pk for pk in ids[i : i + TANDA] if pk in textos and buscado in textos[pk].casefold()
        ]
        if len(hallados) >= cuantos or bytes_ > MAX_BYTES:
            break
    return hallados[:cuantos]
