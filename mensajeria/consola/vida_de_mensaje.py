"""La vida de un mensaje, para cuando alguien dice «no me llegó»: qué consta, y qué no se sabe."""

from __future__ import annotations

import json
from collections.abc import Callable, Collection, Iterable, Iterator
from datetime import UTC, datetime
from typing import Any

from mensajeria.consultas.presentar import cursores_de
from mensajeria.consultas.recibos import recibos_de
from mensajeria.models import Aviso, Lectura, Mensaje, Participante

# De un usuario, sus conexiones de ahora; `None` si no se sabe si tiene alguna.
Conectados = Callable[[str], Collection[Any] | None]

SIN_RASTRO = (
    "Con RASTRO=1, el registro diría además cuándo se publicó y a qué conexiones se dio; de lo que"
    " ya pasó sin él no queda nada."
)
NO_SE_SABE = (
    "Que conste «recibido» es que su cliente contestó a un latido posterior, o lo dijo; que no"
    " conste no es que no llegara. Si se vio en la pantalla no se sabe nunca: «leído» lo dice su"
    " cliente. Un aviso enviado lo aceptó su servicio; si sonó, tampoco."
)


def contar(fila: Mensaje, conectados: Conectados) -> Iterator[str]:
    """Una línea por cosa que consta, en su orden."""
    yield f"Mensaje {fila.pk}, el {fila.secuencia} de {fila.conversacion_id}"
    yield from _de_si_mismo(fila)
    recibos = recibos_de([fila], cursores_de([fila.conversacion_id]))
    avisos = _avisos(fila)
    for suyo in Participante.objects.filter(conversacion_id=fila.conversacion_id).order_by("pk"):
        if suyo.usuario_id == fila.remitente_id:
            continue
        yield ""
        yield f"{suyo.usuario_id}{'' if suyo.activo else ' (ya no participa)'}"
        for clase in Lectura.Clase:
            tramos = recibos[fila.conversacion_id, clase.value].get(suyo.usuario_id)
            cuando = tramos.fecha_de(fila.secuencia) if tramos else None
            yield f"  {clase.label.lower()}: {_dicha(cuando) if cuando else 'no consta'}"
        yield f"  ahora: {_ahora(suyo.usuario_id, conectados)}"
        yield from (_de_aviso(a, fila) for a in avisos if a.usuario_id == suyo.usuario_id)


def _de_si_mismo(fila: Mensaje) -> Iterator[str]:
    por = f"por la conexión {fila.socket_id}" if fila.socket_id else "sin socket (REST o consola)"
    yield f"  confirmado: {_dicha(fila.fecha_envio)}, de {fila.remitente_id or 'nadie'}, {por}"
    for hecho, cuando in (
        ("editado", fila.fecha_edicion),
        ("eliminado", fila.fecha_eliminacion),
        ("oculto", fila.fecha_ocultacion),
    ):
        if cuando is not None:
            yield f"  {hecho}: {_dicha(cuando)}"


def _ahora(usuario: str, conectados: Conectados) -> str:
    suyas = conectados(usuario)
    if suyas is None:
        return "no se sabe si está conectado"
    if not suyas:
        return "no está conectado"
    return "; ".join(map(_conectado, suyas))


def _conectado(uno: dict[str, Any]) -> str:
    desde = _dicha(datetime.fromtimestamp(uno["desde"], UTC))
    por = f"{uno['puerta']} ({uno['transporte']})"
    return f"conectado por {por} desde {desde}, {uno['por_leer']} bytes por leer"


def _avisos(fila: Mensaje) -> list[Aviso]:
    """Los que lo cuentan, si no se reabrieron después con otros."""
    de_aqui = Aviso.objects.filter(conversacion_id=fila.conversacion_id)
    suyos = de_aqui.filter(desde__lte=fila.secuencia, hasta__gte=fila.secuencia)
    return list(suyos.exclude(usuario=None).select_related("dispositivo").order_by("canal", "pk"))


def _de_aviso(aviso: Aviso, fila: Mensaje) -> str:
    donde = f" a «{aviso.dispositivo.nombre}»" if aviso.dispositivo else ""
    dicho = f"  aviso por {aviso.get_canal_display()}{donde}: {aviso.get_estado_display().lower()}"
    if aviso.enviado and aviso.enviado_hasta >= fila.secuencia:
        dicho += f", enviado {_dicha(aviso.enviado)}"
    if aviso.intentos:
        dicho += f", {aviso.intentos} intentos"
    return f"{dicho}: {aviso.ultimo_error}" if aviso.ultimo_error else dicho


def _dicha(cuando: datetime) -> str:
    return cuando.astimezone().strftime("%d/%m/%Y %H:%M:%S.%f")[:-3]


def rastro(lineas: Iterable[str], fila: Mensaje) -> Iterator[str]:
    """Lo que dice de él un registro: por su identificador, o por el cambio con que salió."""
    es_suyo = _busca(fila)
    for linea in lineas:
        if (hallado := es_suyo(linea)) is not None:
            yield hallado


def _busca(fila: Mensaje) -> Callable[[str], str | None]:
    de_el = f"mensaje={fila.pk}"
    de_su_cambio = f"conversacion={fila.conversacion_id} cambio={fila.cambio_de_envio}"

    def de_json(linea: str) -> str | None:
        try:
            dicho = json.loads(linea)
        except ValueError:
            return None
        suyo = dicho.get("mensaje") == fila.pk or (
            dicho.get("conversacion") == fila.conversacion_id
            and dicho.get("cambio") == fila.cambio_de_envio
        )
        return linea.rstrip() if suyo and dicho.get("registro") == "mensajeria.rastro" else None

    def es_suyo(linea: str) -> str | None:
        if "mensajeria.rastro" not in linea:
            return None
        if linea.startswith("{"):
            return de_json(linea)
        suyas = f"{linea.rstrip()} "
        return linea.rstrip() if f"{de_el} " in suyas or f"{de_su_cambio} " in suyas else None

    return es_suyo
