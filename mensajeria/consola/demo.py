"""Los datos de ejemplo, con los que funcionan tal cual el cliente de muestra de la semilla, y la
página y el guion del original.
"""

from __future__ import annotations

import contextlib
import io
from collections.abc import Iterable, Iterator, Sequence
from datetime import datetime, timedelta
from typing import cast

from django.conf import settings
from django.contrib.auth.hashers import make_password
from PIL import Image, ImageDraw

from mensajeria.archivos.subida import guardar, huella_de
from mensajeria.archivos.taller.inspeccion import inspeccionar
from mensajeria.base_de_datos import atomico
from mensajeria.consola.guion_de_demo import CHARLAS, Charla
from mensajeria.filas import ArchivoLigero
from mensajeria.models import (
    Archivo,
    Conversacion,
    Lectura,
    Mensaje,
    Participante,
    Reaccion,
    Usuario,
    ahora,
    clave_de_pareja,
)
from mensajeria.muestras import CLAVE
from mensajeria.operaciones.archivos import en_el_mensaje
from mensajeria.operaciones.grupo import moderacion
from mensajeria.protocolo.errores import ErrorMensajeria

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
    Charla("conv_test", "grupal", "Conversación de prueba", ("ana", "beto", "test_user")),
    Charla("conv_test_001", "grupal", "Conversación de la página", ("test_user_001", "test_user")),
    Charla("conv_123", "individual", "", ("ana", "carla")),
    *CHARLAS,
)
# Lo que tarda cada cual en recibir lo que le dicen, y en leerlo.
_RECIBE, _LEE = timedelta(seconds=2), timedelta(minutes=1)


def cargar_demo() -> bool:
    """Carga del ejemplo lo que falte; `False` si no faltaba nada."""
    ids = [id_ for id_, *_ in _PERSONAS]
    hay = set(Usuario.objects.filter(pk__in=ids).values_list("pk", flat=True))
    personas = [p for p in _PERSONAS if p[0] not in hay]
    ids = [c.id for c in _CONVERSACIONES]
    hay = set(Conversacion.objects.filter(pk__in=ids).values_list("pk", flat=True))
    charlas = [c for c in _CONVERSACIONES if c.id not in hay]
    if not personas and not charlas:
        return False
    with atomico():
        _crear_personas(personas)
        for charla in charlas:
            _crear_charla(charla)
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


def _crear_charla(charla: Charla) -> None:
    instante = ahora()
    mensajes = [_mensaje(charla, n, instante) for n in range(1, len(charla.dichos) + 1)]
    # Las vacías, las últimas de la lista: son las de las pruebas de cada cual.
    fechas = [m.fecha_envio for m in mensajes] or [instante - timedelta(days=7)]
    # El primer cambio la crea; después, cada mensaje y cada reacción.
    cambios = 1 + len(mensajes)
    reacciones = []
    for mensaje, dicho in zip(mensajes, charla.dichos, strict=True):
        for quien, tipo in dicho.reacciones.items():
            cambios += 1
            mensaje.secuencia_cambio = cambios
            cuando = mensaje.fecha_envio + 2 * _LEE
            reacciones.append(Reaccion(mensaje=mensaje, usuario_id=quien, tipo=tipo, fecha=cuando))
    conversacion = Conversacion(
        pk=charla.id,
        tipo=charla.tipo,
        clave_pareja=_clave(charla),
        nombre_personalizado=charla.nombre,
        fecha_creacion=fechas[0],
        fecha_ultima_actividad=fechas[-1],
        ultimo_mensaje=fechas[-1] if mensajes else None,
        ultima_secuencia=len(mensajes),
        ultimo_cambio=cambios,
        secuencia_cambio=1,
    )
    Conversacion.objects.bulk_create([conversacion])
    participantes = _participantes(charla, fechas[0])
    Participante.objects.bulk_create(participantes)
    Mensaje.objects.bulk_create(mensajes)
    Reaccion.objects.bulk_create(reacciones)
    Lectura.objects.bulk_create(r for p in participantes for r in _recibos(p, mensajes))
    for mensaje, dicho in zip(mensajes, charla.dichos, strict=True):
        if dicho.imagen:
            _adjuntar_el_plano(mensaje)


def _clave(charla: Charla) -> str | None:
    """La de quienes se hablan, para que pedir su individual dé esta; si ya tenían otra, ninguna."""
    if charla.tipo != "individual" or not charla.dichos:
        return None
    clave = clave_de_pareja(*charla.quienes)
    return None if Conversacion.objects.filter(clave_pareja=clave).exists() else clave


def _mensaje(charla: Charla, n: int, instante: datetime) -> Mensaje:
    dicho = charla.dichos[n - 1]
    return Mensaje(
        id=f"{charla.id}_{n}",
        conversacion_id=charla.id,
        remitente_id=dicho.quien,
        texto=dicho.texto,
        prioridad=dicho.prioridad,
        respuesta_a_id=f"{charla.id}_{dicho.responde}" if dicho.responde else None,
        secuencia=n,
        secuencia_cambio=1 + n,
        cambio_de_envio=1 + n,
        numero_de_remitente=sum(d.quien == dicho.quien for d in charla.dichos[:n]),
        fecha_envio=instante - timedelta(minutes=dicho.hace),
    )


def _participantes(charla: Charla, desde: datetime) -> list[Participante]:
    """Todos lo han recibido todo; leído, lo que diga el guion."""
    ultima = len(charla.dichos)
    leido = {quien: ultima - charla.sin_leer.get(quien, 0) for quien in charla.quienes}
    return [
        Participante(
            conversacion_id=charla.id,
            usuario_id=quien,
            rol="experto" if quien == "beto" else "cliente",
            fecha_ingreso=desde,
            puede_eliminar=charla.tipo == "grupal" and quien == "ana",
            puede_moderar=charla.tipo == "grupal" and quien == "ana",
            secuencia_cambio=1,
            entregado_hasta=ultima,
            leido_hasta=leido[quien],
            enviados=_suyos(charla, quien, ultima),
            enviados_leidos=_suyos(charla, quien, leido[quien]),
            entregado_por_todos=ultima,
            leido_por_todos=min(hasta for otro, hasta in leido.items() if otro != quien),
        )
        for quien in charla.quienes
    ]


def _suyos(charla: Charla, quien: str, hasta: int) -> int:
    return sum(d.quien == quien for d in charla.dichos[:hasta])


def _recibos(participante: Participante, mensajes: Sequence[Mensaje]) -> Iterator[Lectura]:
    """De cada mensaje ajeno, cuándo lo recibió y, si lo leyó, cuándo."""
    for mensaje in mensajes:
        if mensaje.remitente_id == participante.usuario_id:
            continue
        for clase, hasta, tarda in (
            (Lectura.Clase.ENTREGADO, participante.entregado_hasta, _RECIBE),
            (Lectura.Clase.LEIDO, participante.leido_hasta, _LEE),
        ):
            if mensaje.secuencia <= hasta:
                yield Lectura(
                    participante=participante,
                    clase=clase,
                    desde=mensaje.secuencia - 1,
                    hasta=mensaje.secuencia,
                    fecha=mensaje.fecha_envio + tarda,
                )


def _adjuntar_el_plano(mensaje: Mensaje) -> None:
    """Si el almacén no deja guardarlo, el mensaje se queda en lo que dice."""
    with contextlib.suppress(ErrorMensajeria):
        crudo = _plano()
        fila = Archivo(
            usuario_id=mensaje.remitente_id, nombre="plano-cocina.png", huella=huella_de(crudo)
        )
        guardar(fila, inspeccionar(crudo, settings.ARCHIVO_BYTES), Archivo.Estado.LISTO)
        Archivo.objects.filter(pk=fila.pk).update(estado=Archivo.Estado.ENVIADO, mensaje=mensaje.pk)
        Mensaje.objects.filter(pk=mensaje.pk).update(
            archivo=en_el_mensaje(cast(ArchivoLigero, fila)), tipo="imagen"
        )


def _plano() -> bytes:
    """Una cocina vista desde arriba, de las que caben en unas líneas."""
    imagen = Image.new("RGB", (640, 420), "#f4f1ea")
    lapiz = ImageDraw.Draw(imagen)
    lapiz.rectangle((40, 40, 600, 380), outline="#33475b", width=8)
    lapiz.rectangle((60, 60, 580, 120), fill="#c9d6df", outline="#33475b", width=3)
    lapiz.rectangle((240, 200, 440, 290), fill="#e8c39e", outline="#33475b", width=3)
    lapiz.ellipse((90, 70, 130, 110), outline="#33475b", width=3)
    lapiz.line((300, 40, 430, 40), fill="#7fb3d5", width=10)
    lapiz.arc((500, 280, 700, 480), 180, 270, fill="#33475b", width=3)
    salida = io.BytesIO()
    imagen.save(salida, "PNG")
    return salida.getvalue()
