"""Qué significa cada campo de los avisos; el de una preferencia, lo mismo en cada canal."""

from __future__ import annotations

_DE_CANAL = {
    "mensajes": "Cuándo se avisa de un mensaje",
    "menciones": "Cuándo, si el mensaje nombra a la persona con `@`",
    "conversaciones": "Cuándo, si la suman a una conversación o la quitan",
    "recordatorios": "Cuándo se recuerda lo que, avisado, sigue sin leer",
    "resumenes": "Cuándo sale el resumen de cada hora, que es para el personal",
    "muestra": "Qué enseña: todo, solo quién escribió, o nada",
    "tranquilas": "Las horas en que no sale lo que va `fuera_de_horas`",
}
_CANALES = (
    *("AvisosDeCanal", "AvisosDeCanalPuestos", "AvisosEnLaAplicacion"),
    *("AvisosPorCorreo", "AvisosPorCorreoPuestos"),
)
DE_LOS_AVISOS = {
    **{f"{canal}.{campo}": que for canal in _CANALES for campo, que in _DE_CANAL.items()},
    "HorasTranquilas.desde": "A qué hora empiezan, `HH:MM`",
    "HorasTranquilas.hasta": "A qué hora acaban; la misma, no hay ninguna",
    "HorasTranquilasPuestas.desde": "A qué hora empiezan, `HH:MM`",
    "HorasTranquilasPuestas.hasta": "A qué hora acaban; la misma, no hay ninguna",
}
