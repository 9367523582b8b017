"""Los datos de ejemplo, con los que funciona tal cual el cliente de muestra de la semilla."""

from __future__ import annotations

from django.contrib.auth.hashers import make_password

from mensajeria.base_de_datos import atomico
from mensajeria.models import Conversacion, Participante, Usuario
from mensajeria.muestras import CLAVE
from mensajeria.operaciones.grupo import moderacion

_PERSONAS: tuple[tuple[str, str, str, dict[str, bool]], ...] = (
    ("ana", "Ana", "Alonso", {}),
    ("beto", "Beto", "Bravo", {"es_experto": True}),
    ("carla", "Carla", "Cano", {}),
    ("test_user", "Usuario", "de prueba", {}),
    ("mod", "Marta", "Moderadora", {"is_staff": True}),
    ("admin", "Alba", "Administradora", {"is_staff": True, "is_superuser": True}),
)
_CONVERSACIONES = (
    ("conv_test", "grupal", "Conversación de prueba", ("ana", "beto", "test_user")),
    ("conv_123", "individual", "", ("ana", "carla")),
)


def cargar_demo() -> bool:
    """Carga el ejemplo entero; `False` si la base ya lo tiene."""
    if Usuario.objects.filter(pk="ana").exists():
        return False
    with atomico():
        clave = make_password(CLAVE)
        Usuario.objects.bulk_create(
            Usuario(pk=id_, username=id_, nombre=nombre, apellido=apellido, password=clave, **otros)
            for id_, nombre, apellido, otros in _PERSONAS
        )
        Usuario.objects.get(pk="mod").groups.add(moderacion())
        for id_, tipo, nombre, personas in _CONVERSACIONES:
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
                for persona in personas
            )
    return True
