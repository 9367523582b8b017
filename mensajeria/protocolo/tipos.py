"""Tipos básicos del contrato y sus límites (docs/contrato.md, sección 3)."""

from __future__ import annotations

import functools
from datetime import UTC, datetime
from typing import Annotated, Any, Literal, get_args

from msgspec import Meta, Struct

MAX_TEXTO = 5_000
MAX_NOMBRE = 200
MAX_ADJUNTO = 10 * 1024 * 1024
MAX_METADATOS = 8 * 1024
PROFUNDIDAD_METADATOS = 5
MAX_FIJADOS = 50
MAX_CURSORES = 200
MAX_PARTICIPANTES = 500
# Con más participantes, una conversación es numerosa: ni van todos con ella, ni se dice quién llega
# y quién se va, sino cuántos hay.
MAX_ENUMERADOS = 100
MAX_LECTURAS = 100
# De lo que un mensaje decía antes, cuánto va en listas, eventos y reanudaciones.
MAX_VERSIONES = 3
MAX_HISTORIAL = 4 * 1024
# Lo que ocupan como mucho los participantes que van con su conversación.
MAX_BYTES_DE_PARTICIPANTES = 256 * 1024
MAX_REACCIONES = 500
# Una contestación mayor va solo en el acuse, si lo hay, y no también como evento.
MAX_REPETIDO = 64 * 1024
MAX_MARCO = 1_000_000

# El final de un patrón. `$` solo admite, en Python, un salto de línea después; así, igual en todos.
FIN = r"$(?!\n)"

Id = Annotated[str, Meta(min_length=1, max_length=36, description="Identificador")]
IdCliente = Annotated[str, Meta(min_length=1, max_length=64)]
Texto = Annotated[str, Meta(max_length=MAX_TEXTO)]
Nombre = Annotated[str, Meta(max_length=MAX_NOMBRE)]
Razon = Annotated[str, Meta(min_length=1, max_length=MAX_NOMBRE)]
# La de un cursor; la que no es la de ahora, sea cual sea, lo reinicia.
Epoca = Annotated[str, Meta(max_length=64)]
Cuenta = Annotated[int, Meta(ge=0, le=2**53 - 1)]
Fecha = Annotated[str, Meta(description="ISO 8601, UTC, milisegundos, Z")]
Objeto = dict[str, Any]
# En lugar de una fecha, lo que no acaba.
SIN_PLAZO = "siempre"

TipoEnviable = Literal["texto", "imagen", "archivo", "audio", "video", "ubicacion", "contacto"]
TipoMensaje = Literal[
    "texto", "imagen", "archivo", "audio", "video", "ubicacion", "contacto", "sistema"
]
TipoConversacion = Literal["individual", "grupal", "soporte", "asesoria", "general"]
Prioridad = Literal["baja", "normal", "alta", "urgente"]
Estado = Literal["enviado", "entregado", "leido", "fallido"]
TipoReaccion = Literal["like", "love", "laugh", "surprise", "sad", "angry", "thumbs_down"]
# También se piden con el nombre que les daba el original; se guardan y se envían con el de aquí.
TipoReaccionPedida = Literal[
    "like", "love", "laugh", "surprise", "sad", "angry", "thumbs_down", "wow", "thumbs_up"
]
# Las que la casa admite además (`REACCIONES`) son textos de estos: cuáles valen lo dice el verbo.
MAX_REACCION = 20
ReaccionPedida = Annotated[str, Meta(min_length=1, max_length=MAX_REACCION)]
REACCION_DEL_ORIGINAL: dict[str, TipoReaccion] = {"wow": "surprise", "thumbs_up": "like"}
REACCION_SIN_TIPO: TipoReaccion = "like"
# Lo que se guarda de un archivo si no se dice: «no se sabe» (RFC 2046, 4.5.1).
MIME_DESCONOCIDO = "application/octet-stream"
TAMANO_DESCONOCIDO = 0
Rol = Literal["cliente", "experto", "moderador", "admin"]
# De un archivo subido: lo que es, y si ya se puede enviar y ver.
ClaseDeArchivo = Literal["imagen", "audio", "video", "archivo"]
EstadoDeArchivo = Literal["en_revision", "listo", "enviado"]
# De los avisos: cuándo salen los de una clase por un canal, y qué enseñan.
CanalDeAvisos = Literal["aplicacion", "webpush", "fcm", "correo"]
ClaseDeAviso = Literal["mensajes", "menciones", "conversaciones", "recordatorios", "resumenes"]
CuandoAvisar = Literal["siempre", "fuera_de_horas", "nunca"]
QueMuestra = Literal["todo", "quien", "nada"]
Idioma = Literal["es", "en"]
IDIOMAS: tuple[Idioma, ...] = get_args(Idioma)
# Lo que hay de un archivo, como en su dirección: lo subido, y sus dos tamaños menores si es una
# imagen.
CONTENIDO = "contenido"
PEQUENA = "pequena"
MEDIANA = "mediana"
MINIATURAS = (PEQUENA, MEDIANA)
PARTES = (CONTENIDO, *MINIATURAS)


class Forma(Struct, rename="camel"):
    """Base de lo que enviamos: cerrado por construcción."""


class Carga(Struct, rename="camel"):
    """Base de lo que recibimos: tipos estrictos, campos desconocidos ignorados."""


# En un lote, la misma fecha sale muchas veces.
@functools.lru_cache(1024)
def iso(fecha: datetime) -> str:
    """`2025-07-06T10:30:00.000Z`: UTC con milisegundos, como `Date.toISOString`."""
    if fecha.tzinfo is not UTC:
        fecha = fecha.astimezone(UTC)
    return fecha.isoformat(timespec="milliseconds")[:-6] + "Z"


def ahora() -> str:
    # Esta no saldrá otra vez.
    return iso.__wrapped__(datetime.now(UTC))
