"""En la aplicación: la `notificacion` de la semilla, una por conversación, con su cuenta."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.db.models import Count

from mensajeria.avisos import buzon, contenido, preferencias
from mensajeria.avisos.buzon import ENVIADO, SOBRA, Resultado
from mensajeria.avisos.dicho import LoQueDice
from mensajeria.avisos.poner import poner
from mensajeria.base_de_datos import en_transaccion
from mensajeria.difusion.sobre import Alcance, Sobre, sobre
from mensajeria.models import (
    Aviso,
    Mensaje,
    Notificacion,
    Participante,
    ahora,
    clave_de_aviso,
    nuevo_id,
)
from mensajeria.protocolo import empujes, formas

TIPO = "mensaje_nuevo"
RETIRADO = "Mensaje eliminado"
_ACCIONES = [{"id": "abrir", "texto": "Abrir", "tipo": "abrir_conversacion"}]
# Las que se repasan de una vez.
MAX_REPASO = 1_000
_AL_REABRIR = ("titulo", "mensaje", "datos", "leida", "fecha")


def clave_de(usuario_id: str, conversacion_id: str) -> str:
    """La de su notificación de esa conversación: siempre la misma, y se reabre."""
    return clave_de_aviso(TIPO, usuario_id, conversacion_id)


def entregar(avisos: Sequence[Aviso]) -> tuple[list[tuple[Aviso, Resultado]], list[Sobre]]:
    """Guarda las notificaciones, y da en qué quedó cada aviso y lo que se ha de emitir.

    Quien la reciba dos veces, porque el primero murió al emitirla, ve la misma: su `_id` no cambia.
    """
    return en_transaccion(_entregar, avisos)


def _entregar(avisos: Sequence[Aviso]) -> tuple[list[tuple[Aviso, Resultado]], list[Sobre]]:
    hechos: list[tuple[Aviso, Resultado]] = []
    filas: list[Notificacion] = []
    resumenes: list[Sobre] = []
    queridas = preferencias.de({a.usuario_id or "" for a in avisos})
    for aviso, suyo in zip(avisos, contenido.preparar(avisos), strict=True):
        if suyo is None:
            hechos.append((aviso, SOBRA))
            continue
        buzon.contar_entrega(aviso)
        hechos.append((aviso, ENVIADO))
        if suyo.actividad is not None:
            de_quien = [aviso.usuario_id or ""]
            resumenes.append(sobre(suyo.actividad, Alcance.USUARIOS, usuarios=de_quien))
            continue
        muestra = queridas[aviso.usuario_id or ""].canales.aplicacion.muestra
        filas.append(_notificacion(aviso, suyo, muestra))
    _guardar(filas)
    cuentas = sin_leer({f.usuario_id for f in filas})
    return hechos, [*resumenes, *(_empuje(f, cuentas[f.usuario_id]) for f in filas)]


def _notificacion(aviso: Aviso, suyo: LoQueDice, muestra: str) -> Notificacion:
    return Notificacion(
        id=clave_de(aviso.usuario_id or "", suyo.conversacion),
        usuario_id=aviso.usuario_id or "",
        tipo=TIPO,
        titulo=suyo.titulo(muestra)[:200],
        mensaje=suyo.cuerpo(muestra)[:1000],
        datos={
            "conversacionId": suyo.conversacion,
            "mensajeId": suyo.mensaje,
            "secuencia": suyo.secuencia,
            "cuantos": suyo.cuantos,
            "mencion": suyo.mencion,
            "urgente": suyo.urgente,
            **suyo.con_que_decirlo(muestra),
        },
        acciones=_ACCIONES,
        fecha=ahora(),
    )


def _guardar(filas: Sequence[Notificacion]) -> None:
    # Por orden de clave: dos carteros no se esperan en círculo.
    poner(sorted(filas, key=lambda f: str(f.pk)), _AL_REABRIR)


def _empuje(fila: Notificacion, pendientes: int) -> Sobre:
    datos: dict[str, Any] = {**fila.datos}
    empuje = empujes.NuevaNotificacion(
        id=fila.pk,
        tipo=fila.tipo,
        titulo=fila.titulo,
        mensaje=fila.mensaje,
        icono=fila.icono,
        datos=datos,
        acciones=[formas.Accion(**a) for a in fila.acciones],
        sin_leer=pendientes,
    )
    return sobre(empuje, Alcance.USUARIOS, usuarios=[fila.usuario_id])


def de_prueba(usuario_id: str) -> Sobre:
    """Una que no se guarda, para ver que llega."""
    empuje = empujes.NuevaNotificacion(
        id=nuevo_id(),
        tipo="prueba",
        titulo="Mensajería",
        mensaje="Los avisos llegan a esta página",
        icono=None,
        datos={},
        acciones=[],
    )
    return sobre(empuje, Alcance.USUARIOS, usuarios=[usuario_id])


# Lo leído


def sin_leer(usuarios: Collection[str]) -> dict[str, int]:
    """Cuántas notificaciones tiene cada uno sin leer: la cuenta de todos sus dispositivos."""
    cuentas = dict.fromkeys(usuarios, 0)
    filas = Notificacion.objects.filter(usuario__in=sorted(usuarios), leida=False)
    cuentas |= dict(filas.values_list("usuario_id").annotate(cuantas=Count("pk")).order_by())
    return cuentas


def leidas(leido: Iterable[tuple[str, str, int]]) -> list[Sobre]:
    """Quien leyó una conversación ya no tiene pendiente su notificación, en ningún dispositivo."""
    de_quien: dict[str, str] = {}
    hasta: dict[str, int] = {}
    for usuario, donde, secuencia in leido:
        clave = clave_de(usuario, donde)
        de_quien[clave], hasta[clave] = usuario, max(secuencia, hasta.get(clave, 0))
    filas = Notificacion.objects.filter(pk__in=sorted(de_quien), leida=False)
    vistas = [
        id_
        for id_, datos in filas.values_list("pk", "datos")
        if datos.get("secuencia", 0) <= hasta[id_]
    ]
    if not vistas:
        return []
    Notificacion.objects.filter(pk__in=vistas).update(leida=True)
    return avisar_de_leidas({id_: de_quien[id_] for id_ in vistas})


def repasar_leidas() -> list[Sobre]:
    """Las de lo que se leyó sin que se supiera aquí: por una orden, o en un proceso que murió."""
    filas = Notificacion.objects.filter(leida=False, tipo=TIPO).order_by("-fecha")[:MAX_REPASO]
    pendientes = [
        (usuario, str(datos.get("conversacionId") or ""))
        for usuario, datos in filas.values_list("usuario_id", "datos")
    ]
    suyas = Participante.objects.filter(
        usuario__in={u for u, _ in pendientes}, conversacion__in={c for _, c in pendientes}
    )
    cursores = suyas.values_list("usuario_id", "conversacion_id", "leido_hasta")
    hasta = {(usuario, donde): n for usuario, donde, n in cursores}
    return leidas([(u, c, hasta.get((u, c), 0)) for u, c in pendientes])


def poner_al_dia(cambiados: Mapping[str, Collection[int]]) -> None:
    """La notificación que enseñaba un mensaje eliminado u oculto ya no dice qué decía; la de uno
    editado, lo que dice ahora.
    """
    for conversacion, secuencias in cambiados.items():
        mensajes = Mensaje.objects.filter(
            conversacion=conversacion, secuencia__in=secuencias, eliminado=False, oculto=False
        )
        en_pie = {m.secuencia: m for m in mensajes}
        suyos = Participante.objects.filter(conversacion=conversacion)
        claves = [clave_de(u, conversacion) for u in suyos.values_list("usuario_id", flat=True)]
        filas = Notificacion.objects.filter(pk__in=sorted(claves))
        for fila in filas:
            if fila.datos.get("secuencia") in secuencias:
                _decir(fila, en_pie.get(fila.datos["secuencia"]))


def _decir(fila: Notificacion, mensaje: Mensaje | None) -> None:
    antes = fila.datos.get("texto")
    texto = contenido.lo_que_dice(mensaje) if mensaje is not None else RETIRADO
    if mensaje is None:
        fila.mensaje = RETIRADO
    elif antes is not None:
        fila.mensaje = texto + fila.mensaje.removeprefix(antes)
    if antes is not None:
        fila.datos = {**fila.datos, "texto": texto}
    Notificacion.objects.filter(pk=fila.pk).update(mensaje=fila.mensaje, datos=fila.datos)


def avisar_de_leidas(de_quien: dict[str, str]) -> list[Sobre]:
    """Que esas notificaciones, de esas personas, ya están leídas."""
    cuentas = sin_leer(set(de_quien.values()))
    return [
        sobre(
            empujes.NotificacionesLeidas(
                ids=[id_ for id_, suyo in de_quien.items() if suyo == usuario],
                sin_leer=pendientes,
            ),
            Alcance.USUARIOS,
            usuarios=[usuario],
        )
        for usuario, pendientes in cuentas.items()
    ]
