"""Las formas de la semilla, iguales por REST y en los eventos (docs/contrato.md, sección 3)."""

from __future__ import annotations

from msgspec import UNSET, UnsetType, field

from mensajeria.protocolo.tipos import (
    CanalDeAvisos,
    ClaseDeArchivo,
    ClaseDeAviso,
    CuandoAvisar,
    Estado,
    EstadoDeArchivo,
    Fecha,
    Forma,
    Objeto,
    Prioridad,
    QueMuestra,
    Rol,
    TipoConversacion,
    TipoMensaje,
)


class Persona(Forma, kw_only=True):
    id: str = field(name="_id")
    nombre: str
    apellido: str
    avatar_url: str = field(name="avatar_url")


class PersonaVista(Persona, kw_only=True):
    """Lo que se dice de alguien a quien lo busca o lo mira; en `username` no va un correo."""

    username: str
    es_experto: bool
    en_linea: bool
    ultima_conexion: Fecha | None


class ContenidoDeCita(Forma, kw_only=True):
    texto: str


class Cita(Forma, kw_only=True):
    """El mensaje al que se responde; vacío si ya se eliminó. Su texto va también donde lo llevaba
    el original, en `contenido`.
    """

    id: str = field(name="_id")
    contenido: ContenidoDeCita
    texto: str
    remitente: Persona | None


class Miniatura(Forma, kw_only=True):
    url: str
    ancho: int
    alto: int


class Archivo(Forma, kw_only=True):
    """El subido aquí lleva `_id` y lo que se sabe de él; del de fuera se guarda lo que dijeron."""

    id: str | UnsetType = field(default=UNSET, name="_id")
    nombre: str
    url: str
    tamano: int
    tipo: str
    clase: ClaseDeArchivo | UnsetType = UNSET
    ancho: int | UnsetType = UNSET
    alto: int | UnsetType = UNSET
    duracion: float | UnsetType = UNSET
    miniaturas: list[Miniatura] | UnsetType = UNSET
    borroso: str | UnsetType = UNSET


class ArchivoSubido(Archivo, kw_only=True):
    """El que se ve por REST: su `url` y las de sus miniaturas, firmadas, valen hasta `expira`."""

    estado: EstadoDeArchivo
    expira: Fecha


class Contenido(Forma, kw_only=True):
    texto: str
    tipo: TipoMensaje
    archivo: Archivo | None
    metadatos: Objeto


class Lectura(Forma, kw_only=True):
    usuario: str
    fecha_lectura: Fecha


class ReciboDePersona(Forma, kw_only=True):
    usuario: Persona
    fecha: Fecha


class RecibosDeMensaje(Forma, kw_only=True):
    """Quién lo recibió y quién lo leyó, y cuándo; el primero que lo hizo, delante."""

    recibido: list[ReciboDePersona]
    leido: list[ReciboDePersona]


class Reaccion(Forma, kw_only=True):
    id: str = field(name="_id")
    usuario: str
    tipo: str
    fecha: Fecha


class Version(Forma, kw_only=True):
    texto: str
    fecha: Fecha


class Editado(Forma, kw_only=True):
    """`versiones` es cuántas hay; en `historial` están todas solo en `GET mensajes/{id}/`."""

    editado: bool
    fecha_edicion: Fecha | None
    historial: list[Version]
    versiones: int


class Eliminado(Forma, kw_only=True):
    eliminado: bool
    fecha_eliminacion: Fecha | None
    eliminado_por: str | None
    razon: str | None


class Fijado(Forma, kw_only=True):
    fijado: bool
    fecha: Fecha | None
    por: str | None


class Mensaje(Forma, kw_only=True):
    id: str = field(name="_id")
    conversacion: str
    remitente: Persona | None
    contenido: Contenido
    respuesta_a: Cita | None
    menciones: list[str]
    prioridad: Prioridad
    estado: Estado
    fecha_envio: Fecha
    fecha_entrega: Fecha | None
    lecturas: list[Lectura]
    reacciones: list[Reaccion]
    editado: Editado
    eliminado: Eliminado
    fijado: Fijado
    secuencia: int
    secuencia_cambio: int
    id_cliente: str | None
    # Los nombres que les daba el original.
    created_at: Fecha
    updated_at: Fecha


class Fragmento(Forma, kw_only=True):
    """Un trozo de un mensaje; `marcas`, qué tramos son lo buscado, en unidades UTF-16."""

    texto: str
    marcas: list[tuple[int, int]]


class Hallado(Forma, kw_only=True):
    mensaje: Mensaje
    fragmento: Fragmento


class Permisos(Forma, kw_only=True):
    puede_enviar: bool
    puede_eliminar: bool
    puede_moderar: bool


class Participante(Forma, kw_only=True):
    usuario: Persona
    rol: Rol
    fecha_ingreso: Fecha
    activo: bool
    ultima_conexion: Fecha | None
    en_linea: bool
    permisos: Permisos
    entregado_hasta: int
    leido_hasta: int


class Configuracion(Forma, kw_only=True):
    nombre_personalizado: str
    descripcion: str
    avatar: str
    configuracion_privacidad: Objeto
    notificaciones_activas: bool


class Estadisticas(Forma, kw_only=True):
    """`mensajes_no_leidos` lleva solo la entrada de quien lee: `{usuarioId: cuenta}`."""

    total_mensajes: int
    ultimo_mensaje: Fecha | None
    mensajes_no_leidos: dict[str, int]


class Preferencias(Forma, kw_only=True):
    """Las de quien lee; `silenciada_hasta` es una fecha, o `siempre`."""

    silenciada_hasta: str | None
    anclada: bool
    archivada: bool


class Conversacion(Forma, kw_only=True):
    """`total_participantes` es cuántos participan ahora. Si pasan de `MAX_ENUMERADOS`, es numerosa:
    en `participantes` va solo quien lee, y de quien hable el evento; y `total_conectados` dice
    cuántos están unidos. `preferencias`, en lo que se contesta a alguien: en un evento para
    varios, no.
    """

    id: str = field(name="_id")
    codigo_conversacion: str
    participantes: list[Participante]
    total_participantes: int
    total_conectados: int | UnsetType = UNSET
    asesoria: str | None
    tipo: TipoConversacion
    configuracion: Configuracion
    estadisticas: Estadisticas
    activa: bool
    fecha_creacion: Fecha
    fecha_ultima_actividad: Fecha
    ultima_secuencia: int
    ultimo_cambio: int
    epoca: str
    preferencias: Preferencias | UnsetType = UNSET


class HorasTranquilas(Forma, kw_only=True):
    """De una hora a otra, `HH:MM`, en la zona de la persona; iguales, no hay ninguna."""

    desde: str = "00:00"
    hasta: str = "00:00"


class AvisosDeCanal(Forma, kw_only=True):
    mensajes: CuandoAvisar = "fuera_de_horas"
    menciones: CuandoAvisar = "fuera_de_horas"
    conversaciones: CuandoAvisar = "fuera_de_horas"
    recordatorios: CuandoAvisar = "fuera_de_horas"
    resumenes: CuandoAvisar = "nunca"
    muestra: QueMuestra = "todo"
    tranquilas: HorasTranquilas = field(default_factory=HorasTranquilas)


class AvisosEnLaAplicacion(AvisosDeCanal, kw_only=True):
    resumenes: CuandoAvisar = "fuera_de_horas"


class AvisosPorCorreo(AvisosDeCanal, kw_only=True):
    """`cada`: los minutos que lo no leído espera a juntarse en un correo."""

    conversaciones: CuandoAvisar = "nunca"
    muestra: QueMuestra = "quien"
    cada: int = 60


class CanalesDeAvisos(Forma, kw_only=True):
    aplicacion: AvisosEnLaAplicacion = field(default_factory=AvisosEnLaAplicacion)
    webpush: AvisosDeCanal = field(default_factory=AvisosDeCanal)
    fcm: AvisosDeCanal = field(default_factory=AvisosDeCanal)
    correo: AvisosPorCorreo = field(default_factory=AvisosPorCorreo)


class MisAvisos(Forma, kw_only=True):
    """Los avisos de una persona: su zona horaria, y qué sale por cada canal."""

    zona: str
    canales: CanalesDeAvisos


class MisAvisosAqui(MisAvisos, kw_only=True):
    """Y lo que depende de este servidor: por qué canales se avisa, y de qué."""

    en_marcha: list[CanalDeAvisos]
    clases: list[ClaseDeAviso]
    clave_publica: str | None


class Accion(Forma, kw_only=True):
    id: str
    texto: str
    tipo: str


class SesionAbierta(Forma, kw_only=True):
    """Un ingreso abierto, para su dueño: nada que sirva para entrar."""

    id: str = field(name="_id")
    via: str
    dispositivo: str
    direccion: str
    desde: Fecha
    ultima_vez: Fecha
    expira: Fecha
    actual: bool


class Dispositivo(Forma, kw_only=True):
    """Donde se avisa a su dueño; nunca su dirección ni sus claves."""

    id: str = field(name="_id")
    canal: str
    nombre: str
    alta: Fecha
    ultima_vez: Fecha
    ultimo_envio: Fecha | None
    ultimo_error: str | None
    fecha_error: Fecha | None


class PruebaDeAviso(Forma, kw_only=True):
    """Qué pasó al enviar uno: `error`, por qué no salió."""

    enviado: bool
    error: str | None


class Notificacion(Forma, kw_only=True):
    id: str = field(name="_id")
    tipo: str
    titulo: str
    mensaje: str
    icono: str | None
    datos: Objeto
    acciones: list[Accion]
    leida: bool
    fecha: Fecha
