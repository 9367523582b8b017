"""Lo que un cliente del original enviaba, y lo que de ello se guarda y se envía aquí."""

from __future__ import annotations

from typing import Any

_MINIMO = {"nombre": "a.png", "url": "https://x.co/a.png"}
_SIN_DECIR = {**_MINIMO, "tamano": 0, "tipo": "application/octet-stream"}
_DICHO = {**_MINIMO, "tamano": 10, "tipo": "image/png"}
_LUGAR = {"ubicacion": {"latitud": 4.6, "longitud": -74, "direccion": "Bogotá"}}
_CARTERA = {"contacto": {"nombre": "Ana", "telefono": "300 1", "email": "ana@x.co"}}
VACIO: dict[str, Any] = {"texto": "", "tipo": "texto", "archivo": None, "metadatos": {}}

# (lo que se pide en `enviar_mensaje`, su `contenido` y su `prioridad` después)
MENSAJES: list[tuple[dict[str, Any], dict[str, Any], str]] = [
    *(
        ({"contenido": {"texto": "p"}, "prioridad": p}, {"texto": "p"}, p)
        for p in ("baja", "normal", "alta", "urgente")
    ),
    *(
        ({"contenido": {"texto": "t"}, "tipo": t}, {"texto": "t", "tipo": t}, "normal")
        for t in ("imagen", "archivo", "audio", "video", "ubicacion", "contacto")
    ),
    *(
        (
            {"contenido": {"metadatos": datos}, "tipo": tipo},
            {"tipo": tipo, "metadatos": datos},
            "normal",
        )
        for tipo, datos in (("ubicacion", _LUGAR), ("contacto", _CARTERA))
    ),
    ({"contenido": {"archivo": _MINIMO}}, {"archivo": _SIN_DECIR}, "normal"),
    (
        {"contenido": {"archivo": {**_MINIMO, "tamaño": 10, "mimeType": "image/png"}}},
        {"archivo": _DICHO},
        "normal",
    ),
    ({"contenido": {"archivo": _DICHO}}, {"archivo": _DICHO}, "normal"),
]
# (lo que se pide en `agregar_reaccion`, el tipo que queda)
REACCIONES: list[tuple[dict[str, Any], str]] = [
    *(
        ({"tipo": r}, r)
        for r in ("like", "love", "laugh", "surprise", "sad", "angry", "thumbs_down")
    ),
    ({"tipo": "wow"}, "surprise"),
    ({"tipo": "thumbs_up"}, "like"),
    ({"tipo": "sad"}, "sad"),
    ({}, "like"),
]
# Lo que se niega, y el campo que lo dice.
NEGADOS: list[tuple[dict[str, Any], str]] = [
    ({"contenido": {"texto": "t"}, "tipo": "sistema"}, "tipo"),
    ({"contenido": {"texto": "t", "tipo": "sistema"}}, "contenido.tipo"),
    ({"contenido": {"texto": "t"}, "prioridad": "media"}, "prioridad"),
    ({"contenido": {"texto": "t"}, "tipo": "encuesta"}, "tipo"),
    (
        {
            "contenido": {"texto": "t", "metadatos": {"ubicacion": {"latitud": 91}}},
            "tipo": "ubicacion",
        },
        "contenido.metadatos.ubicacion.latitud",
    ),
]
