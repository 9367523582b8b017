"""Lecturas, con el alcance de lo que un usuario puede ver y sin una consulta por fila."""

from mensajeria.consultas.alcance import (
    conversacion_de,
    conversaciones_de,
    fijados_de,
    filas_de,
    mensaje_de,
    mensajes_de,
    por_actividad,
    visibles_de,
)
from mensajeria.consultas.archivos import (
    archivo_de,
    archivo_repetido,
    archivos_sin_enviar,
    exigir_que_pueda_enviar,
)
from mensajeria.consultas.avatares import avatar_de, exigir_que_modere
from mensajeria.consultas.busqueda import Filtros, buscar, buscar_lo_mas_nuevo
from mensajeria.consultas.cambios import (
    Cambios,
    Puesta,
    cambios_desde,
    poner_al_dia,
    ultimos_cambios,
)
from mensajeria.consultas.cupo import Cupo, cupo_de_lecturas
from mensajeria.consultas.gente import (
    cuantas_filas,
    gente_entre,
    listar_participantes,
    numerosas,
    participantes_de,
)
from mensajeria.consultas.historia import SIN_FIN, Historia
from mensajeria.consultas.historial import sin_lo_antiguo
from mensajeria.consultas.listas import Filtro, listar_conversaciones, listar_notificaciones
from mensajeria.consultas.novedades import Leidas, Seguimiento, podar_novedades
from mensajeria.consultas.participaciones import (
    CifrasDePersona,
    Participacion,
    cifras_de,
    conversaciones_por_usuario,
    participaciones_de,
)
from mensajeria.consultas.personas import buscar_personas, persona_vista
from mensajeria.consultas.presentar import (
    con_lo_que_cita,
    presentar_con_su_gente,
    presentar_conversaciones,
    presentar_mensajes,
    presentar_participantes,
    propias_de,
    todos_los_de,
)
from mensajeria.consultas.quienes_lo_leyeron import recibos_del_mensaje
from mensajeria.consultas.vigencias import Vigencia, usuario_por_id, usuarios_vigentes
from mensajeria.consultas.visibilidad import Visibilidad, no_vistos_por

__all__ = [
    "SIN_FIN",
    "Cambios",
    "CifrasDePersona",
    "Cupo",
    "Filtro",
    "Filtros",
    "Historia",
    "Leidas",
    "Participacion",
    "Puesta",
    "Seguimiento",
    "Vigencia",
    "Visibilidad",
    "archivo_de",
    "archivo_repetido",
    "archivos_sin_enviar",
    "avatar_de",
    "buscar",
    "buscar_lo_mas_nuevo",
    "buscar_personas",
    "cambios_desde",
    "cifras_de",
    "con_lo_que_cita",
    "conversacion_de",
    "conversaciones_de",
    "conversaciones_por_usuario",
    "cuantas_filas",
    "cupo_de_lecturas",
    "exigir_que_modere",
    "exigir_que_pueda_enviar",
    "fijados_de",
    "filas_de",
    "gente_entre",
    "listar_conversaciones",
    "listar_notificaciones",
    "listar_participantes",
    "mensaje_de",
    "mensajes_de",
    "no_vistos_por",
    "numerosas",
    "participaciones_de",
    "participantes_de",
    "persona_vista",
    "podar_novedades",
    "poner_al_dia",
    "por_actividad",
    "presentar_con_su_gente",
    "presentar_conversaciones",
    "presentar_mensajes",
    "presentar_participantes",
    "propias_de",
    "recibos_del_mensaje",
    "sin_lo_antiguo",
    "todos_los_de",
    "ultimos_cambios",
    "usuario_por_id",
    "usuarios_vigentes",
    "visibles_de",
]
