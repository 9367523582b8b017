"""Lo que un cliente puede pedir: cargas de los eventos y cuerpos de REST, con tipos estrictos.

En lo que puede faltar, `null` es como si faltara, si no se dice otra cosa.
"""

from __future__ import annotations

from typing import Annotated

from msgspec import UNSET, Meta, UnsetType, field

from mensajeria.protocolo.tipos import (
    FIN,
    MAX_CURSORES,
    MAX_PARTICIPANTES,
    MIME_DESCONOCIDO,
    REACCION_DEL_ORIGINAL,
    REACCION_SIN_TIPO,
    TAMANO_DESCONOCIDO,
    Carga,
    Cuenta,
    Epoca,
    Id,
    IdCliente,
    Nombre,
    Objeto,
    Prioridad,
    Razon,
    ReaccionPedida,
    Rol,
    Texto,
    TipoConversacion,
    TipoEnviable,
)

Token = Annotated[str, Meta(min_length=1, max_length=8192)]
# Los navegadores leen `/\\otro` y `/<tab>/otro` como `//otro`: de otra máquina.
_URL = r"(https?://|/(?![/\\]))[^\s\x00-\x1f]*" + FIN
Url = Annotated[str, Meta(max_length=2048, pattern=f"^{_URL}")]


class Autenticar(Carga, kw_only=True):
    token: Token
    usuario_id: str | int | None = None

    @property
    def quien_dice(self) -> str | None:
        """Quien dice ser, como dice el token quién es: texto o entero."""
        return None if self.usuario_id is None else str(self.usuario_id)


class RenovarToken(Carga, kw_only=True):
    token: Token


class UnirseConversacion(Carga, kw_only=True):
    conversacion_id: Id
    desde_cambio: Cuenta | None = None
    epoca: Epoca | None = None


class SalirConversacion(Carga, kw_only=True):
    conversacion_id: Id


class ArchivoEnviado(Carga, kw_only=True):
    """El subido aquí, por su `id` (o `_id`, como viene al subirlo), y entonces lo demás sobra.

    De uno de fuera bastan `nombre` y `url`. `tamaño` y `mimeType` son `tamano` y `tipo` en el
    original.
    """

    id: Id | None = None
    id_de_la_forma: Id | None = field(default=None, name="_id")
    nombre: Annotated[str, Meta(min_length=1, max_length=200)] | None = None
    url: Url | None = None
    tamano: Cuenta | None = None
    tipo: Nombre | None = None
    tamano_del_original: Cuenta | None = field(default=None, name="tamaño")
    mime_type: Nombre | None = None

    @property
    def subido(self) -> str | None:
        """El identificador del que se subió aquí."""
        return self.id or self.id_de_la_forma

    def guardado(self) -> dict[str, str | int | None]:
        """Del de fuera, lo que se guarda y se envía; lo que no se dijo, como desconocido."""
        tamano = self.tamano if self.tamano is not None else self.tamano_del_original
        return {
            "nombre": self.nombre,
            "url": self.url,
            "tamano": TAMANO_DESCONOCIDO if tamano is None else tamano,
            "tipo": self.tipo or self.mime_type or MIME_DESCONOCIDO,
        }


class ContenidoEnviado(Carga, kw_only=True):
    texto: Texto | None = None
    tipo: TipoEnviable | None = None
    archivo: ArchivoEnviado | None = None
    metadatos: Objeto | None = None

    @property
    def dicho(self) -> str:
        """El texto; sin él, vacío."""
        return self.texto or ""


class EnviarMensaje(Carga, kw_only=True):
    conversacion_id: Id
    contenido: ContenidoEnviado
    tipo: TipoEnviable | None = None
    respuesta_a: Id | None = None
    prioridad: Prioridad | None = None
    id_cliente: IdCliente | None = None

    @property
    def clase_dicha(self) -> TipoEnviable | None:
        """El `tipo` de fuera gana al del contenido."""
        return self.tipo or self.contenido.tipo

    @property
    def clase(self) -> TipoEnviable:
        """La dicha; sin ninguna, es texto."""
        return self.clase_dicha or "texto"

    @property
    def archivo_subido(self) -> str | None:
        archivo = self.contenido.archivo
        return archivo.subido if archivo is not None else None

    @property
    def urgencia(self) -> Prioridad:
        """Sin decirla, es normal."""
        return self.prioridad or "normal"


class MarcarLeido(Carga, kw_only=True):
    """Al menos uno de los dos."""

    conversacion_id: Id | None = None
    mensaje_id: Id | None = None


class MarcarEntregado(Carga, kw_only=True):
    conversacion_id: Id
    hasta_secuencia: Cuenta
    epoca: Epoca | None = None


class Escribiendo(Carga, kw_only=True):
    """Con `null` no hay a quién decírselo: la página del original lo envía sin haberse unido."""

    conversacion_id: Id | None
    escribiendo: bool


class DecirVisibilidad(Carga, kw_only=True):
    """Sin `conversacion_id`, se ven todas en las que está; con `null`, ninguna."""

    visible: bool
    conversacion_id: Id | UnsetType | None = UNSET

    @property
    def mira(self) -> str | None:
        """La que se ve; vacía, todas, y `None`, ninguna."""
        if not self.visible:
            return None
        return "" if self.conversacion_id is UNSET else self.conversacion_id


class AgregarReaccion(Carga, kw_only=True):
    mensaje_id: Id
    tipo: ReaccionPedida | None = None

    @property
    def reaccion(self) -> str:
        return _reaccion(self.tipo or REACCION_SIN_TIPO)


class QuitarReaccion(Carga, kw_only=True):
    mensaje_id: Id
    tipo: ReaccionPedida | None = None

    @property
    def reaccion(self) -> str | None:
        return self.tipo and _reaccion(self.tipo)


def _reaccion(tipo: str) -> str:
    return REACCION_DEL_ORIGINAL.get(tipo, tipo)


class EditarMensaje(Carga, kw_only=True):
    mensaje_id: Id
    texto: Texto


class EliminarMensaje(Carga, kw_only=True):
    mensaje_id: Id
    razon: Nombre | None = None


class FijarMensaje(Carga, kw_only=True):
    mensaje_id: Id


class DesfijarMensaje(Carga, kw_only=True):
    mensaje_id: Id


class CambiarPreferencias(Carga, kw_only=True):
    """Lo que no está no cambia; `null` en `silenciada_hasta` sí está, y es no silenciarla."""

    conversacion_id: Id
    silenciada_hasta: Annotated[str, Meta(max_length=40)] | UnsetType | None = UNSET
    anclada: bool | None = None
    archivada: bool | None = None


class Reanudar(Carga, kw_only=True):
    cursores: Annotated[dict[Id, Cuenta], Meta(max_length=MAX_CURSORES)]
    epoca: Epoca | None = None


class ObtenerEstadisticas(Carga, kw_only=True):
    pass


class Ping(Carga, kw_only=True):
    pass


# Lo que solo se pide por REST o desde el admin.


Descripcion = Annotated[str, Meta(max_length=1000)]


class ParticipanteNuevo(Carga, kw_only=True):
    usuario_id: Id
    rol: Rol | None = None


class ConfiguracionEnviada(Carga, kw_only=True):
    nombre_personalizado: Nombre | None = None
    descripcion: Descripcion | None = None
    avatar: Annotated[str, Meta(max_length=2048, pattern=f"^({FIN}|{_URL})")] | None = None
    configuracion_privacidad: Objeto | None = None
    notificaciones_activas: bool | None = None


class CrearConversacion(Carga, kw_only=True):
    participantes: Annotated[
        list[ParticipanteNuevo], Meta(min_length=1, max_length=MAX_PARTICIPANTES)
    ]
    tipo: TipoConversacion | None = None
    asesoria: Id | None = None
    configuracion: ConfiguracionEnviada | None = None

    @property
    def clase(self) -> TipoConversacion:
        """Sin decir el tipo, individual."""
        return self.tipo or "individual"


class ActualizarConversacion(Carga, kw_only=True):
    """Su nombre y su descripción se dicen también sin más; de los dos sitios, gana ese."""

    conversacion_id: Id
    configuracion: ConfiguracionEnviada | None = None
    activa: bool | None = None
    nombre_personalizado: Nombre | None = None
    descripcion: Descripcion | None = None

    @property
    def como_queda(self) -> list[ConfiguracionEnviada]:
        """Lo que cambia de su configuración, en el orden en que se pone."""
        sin_mas = ConfiguracionEnviada(
            nombre_personalizado=self.nombre_personalizado, descripcion=self.descripcion
        )
        return [c for c in (self.configuracion, sin_mas) if c is not None]


class AgregarParticipante(Carga, kw_only=True):
    conversacion_id: Id
    usuario_id: Id
    rol: Rol | None = None


class PermisosEnviados(Carga, kw_only=True):
    puede_enviar: bool | None = None
    puede_eliminar: bool | None = None
    puede_moderar: bool | None = None


class CambiarParticipante(Carga, kw_only=True):
    conversacion_id: Id
    usuario_id: Id
    rol: Rol | None = None
    permisos: PermisosEnviados | None = None


class RemoverParticipante(Carga, kw_only=True):
    conversacion_id: Id
    usuario_id: Id


class CambiarPerfil(Carga, kw_only=True):
    nombre: Nombre | None = None
    apellido: Nombre | None = None


# Lo que solo hace la moderación; el motivo queda en la historia.


class OcultarMensaje(Carga, kw_only=True):
    mensaje_id: Id
    razon: Razon


class RestaurarMensaje(Carga, kw_only=True):
    mensaje_id: Id
    razon: Razon


class DesactivarUsuario(Carga, kw_only=True):
    usuario_id: Id
    razon: Razon


class ReactivarUsuario(Carga, kw_only=True):
    usuario_id: Id
    razon: Razon


class OlvidarParticipante(Carga, kw_only=True):
    """De una orden de consola: alguien que ya no existe, también donde ya había salido."""

    conversacion_id: Id
    usuario_id: Id
