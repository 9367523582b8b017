"""Los datos de ejemplo, con los que funcionan tal cual el cliente de muestra de la semilla, y la
página y el guion del original.
"""

from __future__ import annotations

from collections.abc import Iterable

from django.contrib.auth.hashers import make_password

from mensajeria.base_de_datos import atomico
from mensajeria.models import Conversacion, Participante, Usuario
from mensajeria.muestras import CLAVE
from mensajeria.operaciones.grupo import moderacion

_Persona = tuple[str, str, str, dict[str, bool]]
_PERSONAS: tuple[_Persona, ...] = (
    ("ana", "Ana", "Alonso", {}),
    ("beto", "Beto", "Bravo", {"es_experto": True}),
    ("carla", "Carla", "Cano", {}),
    ("test_user", "Usuario", "de prueba", {}),
    ("test_user_001", "Usuario", "de la página", {}),
    ("mod", "Marta", "Moderadora", {"is_staff": True}),
    ("admin", "Alba", "Administradora", {"is_staff": True, "is_superuser": True}),
)
_CONVERSACIONES = (
    ("conv_test", "grupal", "Conversación de prueba", ("ana", "beto", "test_user")),
    ("conv_test_001", "grupal", "Conversación de la página", ("test_user_001", "test_user")),
    ("conv_123", "individual", "", ("ana", "carla")),
)


def cargar_demo() -> bool:
    """Carga del ejemplo lo que falte; `False` si no faltaba nada."""
    ids = [id_ for id_, *_ in _PERSONAS]
    hay = set(Usuario.objects.filter(pk__in=ids).values_list("pk", flat=True))
    personas = [p for p in _PERSONAS if p[0] not in hay]
    ids = [id_ for id_, *_ in _CONVERSACIONES]
    hay = set(Conversacion.objects.filter(pk__in=ids).values_list("pk", flat=True))
    conversaciones = [c for c in _CONVERSACIONES if c[0] not in hay]
    if not personas and not conversaciones:
        return False
    with atomico():
        _crear_personas(personas)
        for id_, tipo, nombre, quienes in conversaciones:
            _crear_conversacion(id_, tipo, nombre, quienes)
    return True


def _crear_personas(personas: Iterable[_Persona]) -> None:
    clave = make_password(CLAVE)
    filas = [
        Usuario(pk=id_, username=id_, nombre=nombre, apellido=apellido, password=clave, **otros)
        for id_, nombre, apellido, otros in personas
    ]
    Usuario.objects.bulk_create(filas)
    for fila in filas:
        if fila.pk == "mod":
            fila.groups.add(moderacion())


def _crear_conversacion(id_: str, tipo: str, nombre: str, quienes: Iterable[str]) -> None:
    conversacion = Conversacion(
        pk=id_, tipo=tipo, nombre_personalizado=nombre, ultimo_cambio=1, secuencia_cambio=1
    )
    Conversacion.objects.bulk_create([conversacion])
    Participante.objects.bulk_create(
        Participante(
            conversacion=conversacion,
            usuario_id=persona,
            rol="experto" if persona == "beto" else "cliente",
            puede_eliminar=tipo == "grupal" and persona == "ana",
            puede_moderar=tipo == "grupal" and persona == "ana",
            secuencia_cambio=1,
        )
        for persona in quienes
    )
