"""Una página de la transcripción: los mensajes seguidos, con lo que solo ve la moderación."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db.models import QuerySet

from mensajeria import consultas
from mensajeria.admin.base import datos_de, dicho, en_una_linea, enlace_a_archivo, nombre_de
from mensajeria.models import (
    Conversacion,
    Mensaje,
    Moderacion,
    Reaccion,
    Usuario,
    da_la_vuelta,
)
from mensajeria.protocolo import formas

# Mensajes de una página, y lo que ocupan sus textos como mucho.
POR_PAGINA = 50
MAX_BYTES = 256 * 1024
# De quienes leyeron un mensaje, y de quienes reaccionaron.
MAX_NOMBRADOS = 20
_ESTADOS = {
    "enviado": "Enviado",
    "entregado": "Entregado",
    "leido": "Leído",
    "fallido": "No se pudo entregar",
}


@dataclass(frozen=True, slots=True)
class Retirada:
    """Quién lo quitó de la vista, cuándo y por qué."""

    como: str
    quien: str
    fecha: datetime | None
    motivo: str


@dataclass(frozen=True, slots=True)
class Burbuja:
    fila: Mensaje
    moderacion: Moderacion | None
    datos: str
    archivo: str
    autor: str
    citado: str
    autor_citado: str
    estado: str
    lecturas: list[tuple[str, datetime]]
    reacciones: list[tuple[str, str]]
    # Las últimas; la fila dice `cuantas` hay.
    versiones: list[tuple[datetime, str]]
    retirada: Retirada | None
    con_controles: bool
    # Leyeron o reaccionaron otros que no se nombran.
    hay_mas: bool


class Pagina:
    """Desde una secuencia (`?desde`), hasta otra (`?hasta`) o, sin ninguna, lo último."""

    def __init__(self, conversacion: Conversacion, pedido: Mapping[str, Any]) -> None:
        self.ultima = conversacion.ultima_secuencia
        desde, hasta = _numero(pedido.get("desde")), _numero(pedido.get("hasta"))
        filas = consultas.sin_lo_antiguo(
            consultas.con_lo_que_cita(Mensaje.objects.filter(conversacion=conversacion.pk))
        )
        if desde:
            suyas = _las_que_caben(filas.filter(secuencia__gte=desde).order_by("secuencia"))
        else:
            tope = hasta or self.ultima
            ultimas = filas.filter(secuencia__lte=tope).order_by("-secuencia")
            suyas = _las_que_caben(ultimas)[::-1]
        self.primera = suyas[0].secuencia if suyas else 0
        self.postrera = suyas[-1].secuencia if suyas else 0
        self.burbujas = _burbujas(suyas)

    @property
    def anterior(self) -> int | None:
        """La `hasta` de la página de antes."""
        return self.primera - 1 if self.primera > 1 else None

    @property
    def siguiente(self) -> int | None:
        """La `desde` de la página de después."""
        return self.postrera + 1 if self.postrera and self.postrera < self.ultima else None


def _las_que_caben(filas: QuerySet[Mensaje]) -> list[Mensaje]:
    """Las primeras de una página, y una por lo menos."""
    caben: list[Mensaje] = []
    ocupan = 0
    for fila in filas[:POR_PAGINA]:
        ocupan += len(fila.texto.encode())
        if caben and ocupan > MAX_BYTES:
            break
        caben.append(fila)
    return caben


def _numero(texto: str | None) -> int | None:
    """Una secuencia, o nada si no lo es; nadie pasa de lo que cabe en la base."""
    if texto and texto.isascii() and texto.isdigit() and len(texto) <= 15:
        return int(texto) or None
    return None


def _burbujas(filas: list[Any]) -> list[Burbuja]:
    for fila in filas:
        fila.historial = fila.ultimas
    presentados = consultas.presentar_mensajes(filas)
    ids = {lectura.usuario for m in presentados for lectura in _que_leyeron(m)}
    ids |= {reaccion.usuario for m in presentados for reaccion in _reacciones(m)}
    ids |= {quien for f in filas for quien in (f.oculto_por, f.eliminado_por) if quien}
    personas = Usuario.objects.filter(pk__in=sorted(ids)).only("username", "nombre", "apellido")
    nombres = {u.pk: nombre_de(u) for u in personas}
    moderados = Moderacion.objects.filter(mensaje__in=[f.pk for f in filas])
    de_moderacion = {m.mensaje_id: m for m in moderados}
    return [
        _burbuja(f, m, nombres, de_moderacion.get(f.pk))
        for f, m in zip(filas, presentados, strict=True)
    ]


def _que_leyeron(forma: formas.Mensaje) -> list[formas.Lectura]:
    return forma.lecturas[:MAX_NOMBRADOS]


def _reacciones(forma: formas.Mensaje) -> list[formas.Reaccion]:
    return forma.reacciones[:MAX_NOMBRADOS]


def _burbuja(
    fila: Mensaje, forma: formas.Mensaje, nombres: Mapping[str, str], moderado: Moderacion | None
) -> Burbuja:
    cita = fila.respuesta_a
    return Burbuja(
        fila=fila,
        moderacion=moderado,
        datos=datos_de(fila),
        archivo=enlace_a_archivo(fila),
        autor=nombre_de(fila.remitente),
        citado=dicho(cita, en_una_linea) if cita else "",
        autor_citado=nombre_de(cita.remitente) if cita else "",
        estado=_ESTADOS[forma.estado],
        lecturas=[
            (nombres.get(le.usuario, le.usuario), datetime.fromisoformat(le.fecha_lectura))
            for le in _que_leyeron(forma)
        ],
        reacciones=[
            (nombres.get(r.usuario, r.usuario), Reaccion.Tipo(r.tipo).label)
            for r in _reacciones(forma)
        ],
        versiones=[(datetime.fromisoformat(v["fecha"]), v["texto"]) for v in fila.historial],
        retirada=_retirada(fila, nombres),
        con_controles=da_la_vuelta(fila.texto),
        hay_mas=max(len(forma.lecturas), len(forma.reacciones)) > MAX_NOMBRADOS,
    )


def _retirada(fila: Mensaje, nombres: Mapping[str, str]) -> Retirada | None:
    if not fila.retirado:
        return None
    como, quien, fecha, motivo = (
        ("Eliminado", fila.eliminado_por, fila.fecha_eliminacion, fila.razon_eliminacion)
        if fila.eliminado
        else ("Oculto", fila.oculto_por, fila.fecha_ocultacion, fila.razon_ocultacion)
    )
    return Retirada(como, nombres.get(quien or "", quien or "?"), fecha, motivo or "sin motivo")
