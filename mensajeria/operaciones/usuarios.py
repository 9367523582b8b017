"""Las cuentas, como las cambia quien administra y, lo suyo, cada cual."""

from __future__ import annotations

from collections.abc import Collection

from mensajeria.archivos import limpieza
from mensajeria.models import Usuario, sin_controles
from mensajeria.protocolo.cargas import CambiarPerfil
from mensajeria.protocolo.errores import no_valido
from mensajeria.protocolo.textos import en_blanco

# Quien asciende o deja de ser del personal vuelve a entrar: sus conexiones recuerdan lo que era.
_CAMBIAN_QUIEN_ES = {"is_active", "is_staff", "is_superuser"}


def guardar(fila: Usuario, cambiados: Collection[str] | None) -> None:
    """Guarda una cuenta nueva (`None`) o solo esos campos de una que ya está.

    En una sola escritura: el admin de Django ya abre su transacción, que en MongoDB no lo es.
    """
    if cambiados is None:
        fila.save(force_insert=True)
        return
    propios = {c.name for c in fila._meta.concrete_fields} & set(cambiados)
    if propios & _CAMBIAN_QUIEN_ES:
        fila.guardar_y_revocar(propios)
    else:
        fila.save(update_fields=propios)


def cambiar_perfil(fila: Usuario, carga: CambiarPerfil) -> None:
    """Guarda su nombre y su apellido, lo que diga de ellos.

    Sin orden: no es de ninguna conversación, y los demás lo ven en lo siguiente que lean.
    """
    dichos = {"nombre": carga.nombre, "apellido": carga.apellido}
    nuevos = {campo: sin_controles(v) for campo, v in dichos.items() if v is not None}
    if "nombre" in nuevos and en_blanco(nuevos["nombre"]):
        raise no_valido("El nombre no puede quedar en blanco", "nombre")
    for campo, valor in nuevos.items():
        setattr(fila, campo, valor)
    if nuevos:
        fila.save(update_fields=nuevos.keys())


def poner_avatar(fila: Usuario, direccion: str) -> None:
    """El de esa dirección, o ninguno, en lugar del que llevara, que deja de valer."""
    # El que se leyó al empezar puede no ser ya el suyo.
    fila.refresh_from_db(fields=["avatar_url"])
    anterior, fila.avatar_url = fila.avatar_url, direccion
    fila.save(update_fields=["avatar_url"])
    limpieza.retirar_avatar(anterior, usuario=fila.pk, conversacion=None)
