"""Qué dice un aviso: quién escribió, qué y cuánto queda por leer; o nada, si ya no hace falta."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django.utils.text import Truncator

from mensajeria import presentacion
from mensajeria.consultas.filas import DE_PARTICIPANTE, FilaDeParticipante, participante_de_fila
from mensajeria.models import (
    Aviso,
    Conversacion,
    Mensaje,
    Notificacion,
    Participante,
    sin_arroba,
    sin_controles,
)

LARGO = 140
SIN_NOMBRE = "Mensajería"
_DE_TIPO = {
    "imagen": "Imagen",
    "archivo": "Archivo",
    "audio": "Audio",
    "video": "Vídeo",
    "ubicacion": "Ubicación",
    "contacto": "Contacto",
}


@dataclass(slots=True, frozen=True)
class LoQueDice:
    """`quien` y `donde` son nombres (`donde` vacío en una individual); `cuantos`, lo no leído."""

    quien: str
    donde: str
    texto: str
    cuantos: int
    conversacion: str = ""
    mensaje: str = ""
    secuencia: int = 0
    mencion: bool = False
    urgente: bool = False
    titulo_propio: str = ""
    individual: bool = False

    def titulo(self, muestra: str) -> str:
        """Según lo que su dueño quiere que enseñe el canal."""
        if muestra == "nada":
            return SIN_NOMBRE
        if self.titulo_propio:
            return self.titulo_propio
        donde = f" en «{self.donde}»" if self.donde else ""
        return f"{self.quien}{donde}"

    def con_que_decirlo(self, muestra: str) -> dict[str, str]:
        """Para quien lo diga en otra lengua: lo que el canal enseña, y nada más."""
        if muestra == "nada":
            return {"quien": ""}
        texto = {"texto": self.texto} if muestra == "todo" else {}
        return {"quien": self.quien, "nombre": self.donde, **texto}

    def cuerpo(self, muestra: str) -> str:
        if muestra == "nada":
            return "Tienes un mensaje" if self.cuantos < 2 else f"Tienes {self.cuantos} mensajes"
        if self.titulo_propio:
            return self.texto
        if muestra == "quien":
            if self.mencion:
                return "Te mencionó"
            return "Te escribió" if self.cuantos < 2 else f"Hay {self.cuantos} mensajes sin leer"
        return self.texto if self.cuantos < 2 else f"{self.texto} ({self.cuantos} sin leer)"


def preparar(avisos: Sequence[Aviso]) -> list[LoQueDice | None]:
    """El de cada uno, en su orden; `None`: lo leyó, ya no está o ya no es suyo, y no se envía.

    Cuatro consultas, sean los que sean; y otra por cada uno cuyo último mensaje se eliminó.
    """
    de_mensajes = [a for a in avisos if a.conversacion_id]
    suyos = _participaciones(de_mensajes)
    conversaciones = Conversacion.objects.in_bulk({a.conversacion_id for a in de_mensajes})
    ultimos = _ultimos(de_mensajes)
    sueltas = Notificacion.objects.in_bulk(
        [a.datos["notificacion"] for a in avisos if "notificacion" in a.datos]
    )
    hechos: list[LoQueDice | None] = []
    for aviso in avisos:
        if not aviso.conversacion_id:
            hechos.append(_de_notificacion(sueltas.get(aviso.datos.get("notificacion", ""))))
            continue
        suyo = suyos.get((aviso.conversacion_id, aviso.usuario_id or ""))
        conversacion = conversaciones.get(aviso.conversacion_id)
        hechos.append(
            _de_mensaje(aviso, suyo, conversacion, ultimos) if suyo and conversacion else None
        )
    return hechos


def _participaciones(avisos: Sequence[Aviso]) -> dict[tuple[str, str], FilaDeParticipante]:
    filas = Participante.objects.filter(
        conversacion__in={a.conversacion_id for a in avisos},
        usuario__in={a.usuario_id for a in avisos},
        activo=True,
        usuario__is_active=True,
    )
    leidas = map(participante_de_fila, filas.values_list(*DE_PARTICIPANTE))
    return {(p.conversacion_id, p.usuario_id): p for p in leidas}


def _ultimos(avisos: Sequence[Aviso]) -> dict[tuple[str, int], Mensaje]:
    """El último de cada aviso, si no se retiró."""
    filas = Mensaje.objects.filter(
        conversacion__in={a.conversacion_id for a in avisos},
        secuencia__in={a.hasta for a in avisos},
        eliminado=False,
        oculto=False,
    )
    return {(m.conversacion_id, m.secuencia): m for m in filas.select_related("remitente")}


def _de_mensaje(
    aviso: Aviso,
    suyo: FilaDeParticipante,
    conversacion: Conversacion,
    ultimos: dict[tuple[str, int], Mensaje],
) -> LoQueDice | None:
    cuantos = presentacion.sin_leer(suyo, conversacion.ultima_secuencia)
    if suyo.leido_hasta >= aviso.hasta or not cuantos:
        return None
    mensaje = ultimos.get((conversacion.pk, aviso.hasta)) or _anterior(suyo, aviso)
    if mensaje is None:
        return None
    return LoQueDice(
        quien=_nombre(mensaje),
        donde=_donde(conversacion),
        texto=lo_que_dice(mensaje),
        cuantos=cuantos,
        conversacion=conversacion.pk,
        mensaje=mensaje.pk,
        secuencia=mensaje.secuencia,
        mencion=aviso.clase == "menciones",
        urgente=aviso.prioridad == "urgente",
        individual=conversacion.tipo == Conversacion.Tipo.INDIVIDUAL,
    )


def _anterior(suyo: FilaDeParticipante, aviso: Aviso) -> Mensaje | None:
    """El último de los que cubre el aviso y siguen en pie, si el más nuevo se retiró."""
    filas = Mensaje.objects.filter(
        conversacion=suyo.conversacion_id,
        secuencia__gt=max(suyo.leido_hasta, aviso.desde - 1),
        secuencia__lte=aviso.hasta,
        eliminado=False,
        oculto=False,
    )
    ajenos = filas.exclude(remitente=suyo.usuario_id).select_related("remitente")
    return ajenos.order_by("-secuencia").first()


def _nombre(mensaje: Mensaje) -> str:
    quien = mensaje.remitente
    if quien is None:
        return SIN_NOMBRE
    return sin_controles(f"{quien.nombre or sin_arroba(quien.username)} {quien.apellido}")


def _donde(conversacion: Conversacion) -> str:
    if conversacion.tipo == Conversacion.Tipo.INDIVIDUAL:
        return ""
    return sin_controles(conversacion.nombre_personalizado)


def lo_que_dice(mensaje: Mensaje) -> str:
    """Su texto, o qué archivo lleva, en una línea."""
    if texto := sin_controles(mensaje.texto):
        return Truncator(texto).chars(LARGO)
    nombre = sin_controles((mensaje.archivo or {}).get("nombre") or "")
    que = _DE_TIPO.get(mensaje.tipo, "Mensaje")
    return Truncator(f"{que}: {nombre}" if nombre else que).chars(LARGO)


def _de_notificacion(fila: Notificacion | None) -> LoQueDice | None:
    if fila is None or fila.leida:
        return None
    return LoQueDice(
        quien="",
        donde="",
        texto=sin_controles(fila.mensaje),
        cuantos=1,
        conversacion=str(fila.datos.get("conversacionId") or ""),
        titulo_propio=sin_controles(fila.titulo),
    )
