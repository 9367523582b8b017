"""El usuario: quien habla, y también quien modera y administra."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Any, ClassVar

from django.contrib.auth.models import AbstractUser, UserManager
from django.db import models
from django.db.models import F, Q

from mensajeria.base_de_datos import atomico
from mensajeria.models.base import Identificado, ahora
from mensajeria.models.campos import CampoJSON, CampoPlegado, plegado
from mensajeria.models.novedad import Novedad
from mensajeria.models.palabra import BUSCADOS, apuntar_palabras

# De lo que depende que sus credenciales valgan: quien lo guarda, lo deja dicho.
_VIGILADOS = {"is_active", "tokens_desde", "abiertos", "version"}
_TOCAYOS = 20


def revocacion() -> dict[str, Any]:
    """Lo que se guarda para que ningún token, cookie ni conexión anterior a ahora valga."""
    return {"tokens_desde": ahora(), "abiertos": {}, "version": F("version") + 1}


def tocar(usuarios: Collection[str]) -> None:
    """Sube la versión de esos usuarios: los procesos con conexiones suyas miran qué cambió."""
    if usuarios:
        with atomico():
            Usuario.objects.filter(pk__in=sorted(usuarios)).update(version=F("version") + 1)
            Novedad.de_usuarios(usuarios)


# De lo que salen los campos plegados.
_NOMBRES = {"username": "nombre_plegado", "email": "correo_plegado"}


class Gestor(UserManager["Usuario"]):
    use_in_migrations = False

    def get_by_natural_key(self, username: str | None) -> Usuario:
        """Quien se llama así o, si nadie, quien tiene ese correo; mayúsculas y espacios no cuentan.

        Si varias cuentas solo se distinguen en eso, la que se llama exactamente así, o ninguna.
        """
        dicho = plegado(username or "")
        if not dicho:
            raise self.model.DoesNotExist
        filas = list(self.filter(Q(nombre_plegado=dicho) | Q(correo_plegado=dicho))[:_TOCAYOS])
        tocayas = [f for f in filas if f.nombre_plegado == dicho] or filas
        iguales = [f for f in tocayas if f.username == username] or tocayas
        if len(iguales) != 1:
            raise self.model.DoesNotExist
        return iguales[0]

    def bulk_create(self, objs: Iterable[Usuario], *args: Any, **opciones: Any) -> list[Usuario]:
        """Con las palabras por las que se les busca."""
        with atomico():
            filas = super().bulk_create(objs, *args, **opciones)
            apuntar_palabras(filas)
        return filas


class Usuario(Identificado, AbstractUser):
    """`version` sube con todo lo que cambia qué puede hacer o ver: sus conexiones la miran.

    Un token emitido antes de `tokens_desde` no vale, ni un ingreso que empezara antes. `abiertos`:
    los demás que no se han acabado, con los milisegundos Unix en que empezó cada uno; van aquí para
    leerlos con el usuario, en el mismo instante que su versión y sin otra consulta.
    """

    first_name = None  # type: ignore[assignment]
    last_name = None  # type: ignore[assignment]
    nombre = models.CharField("nombre", max_length=200, blank=True)
    apellido = models.CharField("apellido", max_length=200, blank=True)
    avatar_url = models.CharField("avatar", max_length=2048, blank=True)
    es_experto = models.BooleanField("es experto", default=False)
    ultima_conexion = models.DateTimeField("última conexión", null=True, blank=True, editable=False)
    tokens_desde = models.DateTimeField("tokens válidos desde", null=True, blank=True)
    abiertos = CampoJSON("ingresos abiertos", default=dict, editable=False)
    version = models.PositiveBigIntegerField("versión", default=0, editable=False)

    nombre_plegado = CampoPlegado("nombre plegado", de="username")
    correo_plegado = CampoPlegado("correo plegado", de="email")

    objects: ClassVar[Gestor] = Gestor()

    _password: str | None
    _sin_clave = False

    REQUIRED_FIELDS: ClassVar[list[str]] = ["nombre"]

    class Meta:
        verbose_name = "usuario"
        verbose_name_plural = "usuarios"
        permissions = [("desactivar_usuario", "Puede desactivar y reactivar usuarios")]
        indexes = [
            models.Index(fields=["nombre_plegado"], name="ix_usu_nombre_plegado"),
            models.Index(fields=["correo_plegado"], name="ix_usu_correo_plegado"),
        ]

    def save(self, *args: Any, **opciones: Any) -> None:
        """Una contraseña nueva, venga de donde venga, deja sin valor los tokens anteriores."""
        # Django la deja en `_password` hasta guardar; al rehacer solo su resumen, no.
        nueva = (self._password is not None or self._sin_clave) and not self._state.adding
        self._sin_clave = False
        if nueva:
            opciones = self._al_revocar(opciones)
        campos = opciones.get("update_fields")
        if campos is not None:
            plegados = {_NOMBRES[c] for c in campos if c in _NOMBRES}
            campos = opciones["update_fields"] = {*campos, *plegados}
        vigilado = not self._state.adding and (campos is None or _VIGILADOS.intersection(campos))
        buscado = campos is None or not campos.isdisjoint(BUSCADOS)
        if not vigilado and not buscado:
            super().save(*args, **opciones)
            return
        with atomico():
            super().save(*args, **opciones)
            if vigilado:
                Novedad.de_usuarios([self.pk])
            if buscado:
                apuntar_palabras([self])
        if nueva:
            self.refresh_from_db(fields=["version"])

    def _al_revocar(self, opciones: dict[str, Any]) -> dict[str, Any]:
        nuevos = revocacion()
        for campo, valor in nuevos.items():
            setattr(self, campo, valor)
        campos = opciones.get("update_fields")
        if campos is None:
            return opciones
        return {**opciones, "update_fields": {*campos, *nuevos}}

    def set_unusable_password(self) -> None:
        super().set_unusable_password()
        self._sin_clave = True

    def guardar_y_revocar(self, campos: Iterable[str]) -> None:
        """Guarda esos campos; ningún token ni conexión anterior vale ya."""
        self.save(**self._al_revocar({"update_fields": set(campos)}))
        self.refresh_from_db(fields=["version"])

    def get_full_name(self) -> str:
        return f"{self.nombre} {self.apellido}".strip() or self.username

    def get_short_name(self) -> str:
        return self.nombre or self.username
