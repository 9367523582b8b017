"""Los mismos lotes, por el almacén de la base y por el llano, dejan y anuncian lo mismo."""

from __future__ import annotations

import itertools
import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from datetime import UTC, datetime, timedelta
from functools import partial
from typing import Any

import msgspec
import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from mensajeria import models, presentacion
from mensajeria.difusion.emisor import Emisor
from mensajeria.difusion.sobre import Sobre
from mensajeria.operaciones.verbos import VERBOS
from mensajeria.ordenes import almacen
from mensajeria.ordenes.almacen import orm
from mensajeria.ordenes.ejecucion import Ejecutor
from mensajeria.ordenes.orden import Actor, Orden
from mensajeria.protocolo import cargas
from mensajeria.protocolo.errores import ErrorMensajeria
from mensajeria.protocolo.tipos import Carga
from tests.ordenes.almacen.pista import Pista

pytestmark = pytest.mark.bd

QUIENES = ("ana", "beto", "carla")
# Cómo se pide: quién, y una carga que sabe a qué conversación y a qué mensajes se refiere.
Pedido = tuple[str, Callable[["Mundo"], Carga], bool]


class Mundo:
    """Tres personas y una conversación suya; los nombres llevan delante de qué mundo son."""

    _cuantos = itertools.count()

    def __init__(self) -> None:
        self.marca = f"~{next(self._cuantos)}~"
        self.conv = f"{self.marca}conv"
        personas = [self.persona(nombre) for nombre in QUIENES]
        models.Usuario.objects.bulk_create(
            models.Usuario(id=p, username=p, is_staff=True, is_superuser=True) for p in personas
        )
        desde = {"fecha_creacion": AYER, "fecha_ultima_actividad": AYER}
        models.Conversacion.objects.create(id=self.conv, tipo="grupal", **desde)
        for p in personas[:2]:
            models.Participante.objects.create(
                id=f"{self.marca}p_{p[-4:]}",
                conversacion_id=self.conv,
                usuario_id=p,
                puede_moderar=p == personas[0],
                fecha_ingreso=AYER,
            )

    def persona(self, nombre: str) -> str:
        return f"{self.marca}{nombre}"

    def mensaje(self, n: int) -> str:
        """El n-ésimo, contando desde el último; uno que no existe, si no hay tantos."""
        filas = models.Mensaje.objects.filter(conversacion=self.conv).order_by("-secuencia")
        ids = list(filas.values_list("pk", flat=True)[n : n + 1])
        return ids[0] if ids else "no-existe"

    def orden(self, pedido: Pedido) -> Orden[Carga]:
        quien, carga, personal = pedido
        actor = Actor(self.persona(quien), f"{self.marca}x", "::1", "agente", personal)
        return Orden(actor, carga(self), motivo="porque sí" if personal else "")


AYER = datetime(2026, 1, 1, tzinfo=UTC)
textos = st.sampled_from(["hola", "ñandú \\ \"'", "{}", "", "€ 😀", "%s ? $1"])
cuales = st.integers(0, 4)
objetos = st.sampled_from([None, {"a": [1, None]}, {"": "'"}, {"n": 2**53}])


@st.composite
def envios(elegir: Any) -> Callable[[Mundo], Carga]:
    texto, metadatos, cita = elegir(textos), elegir(objetos), elegir(st.none() | cuales)
    id_cliente = elegir(st.sampled_from([None, "k1", "k2", "k3"]))

    def carga(m: Mundo) -> Carga:
        return cargas.EnviarMensaje(
            conversacion_id=m.conv,
            contenido=cargas.ContenidoEnviado(texto=texto, metadatos=metadatos),
            respuesta_a=None if cita is None else m.mensaje(cita),
            id_cliente=None if id_cliente is None else m.marca + id_cliente,
        )

    return carga


def de_un_mensaje(clase: type[Carga], /, **mas: st.SearchStrategy[Any]) -> Any:
    def hacer(n: int, **fijos: Any) -> Callable[[Mundo], Carga]:
        return lambda m: clase(mensaje_id=m.mensaje(n), **fijos)

    return st.builds(hacer, cuales, **mas)


def de_otro(clase: type[Carga], /, **mas: st.SearchStrategy[Any]) -> Any:
    def hacer(quien: str, **fijos: Any) -> Callable[[Mundo], Carga]:
        return lambda m: clase(conversacion_id=m.conv, usuario_id=m.persona(quien), **fijos)

    return st.builds(hacer, st.sampled_from(QUIENES), **mas)


reacciones = st.sampled_from(["like", "sad"])
lecturas = st.builds(
    lambda n: (
        lambda m: cargas.MarcarLeido(
            conversacion_id=m.conv, mensaje_id=None if n is None else m.mensaje(n)
        )
    ),
    st.none() | cuales,
)
entregas = st.builds(
    lambda n: lambda m: cargas.MarcarEntregado(conversacion_id=m.conv, hasta_secuencia=n),
    st.integers(0, 12),
)
ajustes = st.builds(
    lambda activa, privacidad: (
        lambda m: cargas.ActualizarConversacion(
            conversacion_id=m.conv,
            activa=activa,
            configuracion=cargas.ConfiguracionEnviada(
                descripcion="d", configuracion_privacidad=privacidad
            ),
        )
    ),
    st.none() | st.booleans(),
    objetos.filter(bool),
)
parejas = st.builds(
    lambda quien: (
        lambda m: cargas.CrearConversacion(
            participantes=[cargas.ParticipanteNuevo(usuario_id=m.persona(quien))]
        )
    ),
    st.sampled_from(QUIENES),
)
corrientes = st.one_of(
    envios(),
    envios(),
    de_un_mensaje(cargas.EditarMensaje, texto=textos),
    de_un_mensaje(cargas.EliminarMensaje),
    de_un_mensaje(cargas.AgregarReaccion, tipo=reacciones),
    de_un_mensaje(cargas.QuitarReaccion),
    de_un_mensaje(cargas.FijarMensaje),
    de_un_mensaje(cargas.DesfijarMensaje),
    lecturas,
    entregas,
    ajustes,
    parejas,
    de_otro(cargas.AgregarParticipante),
    de_otro(cargas.RemoverParticipante),
    de_otro(cargas.CambiarParticipante, rol=st.sampled_from(["experto", "moderador"])),
)
de_personal = st.one_of(
    de_un_mensaje(cargas.OcultarMensaje, razon=st.just("r")),
    de_un_mensaje(cargas.RestaurarMensaje, razon=st.just("r")),
    de_otro(cargas.RemoverParticipante),
)
pedidos = st.one_of(
    *[st.tuples(st.sampled_from(QUIENES), corrientes, st.just(False))] * 5,
    st.tuples(st.just("carla"), de_personal, st.just(True)),
)


@pytest.fixture
def reloj(monkeypatch: pytest.MonkeyPatch) -> list[int]:
    """Los segundos que han pasado, que pone quien los vive: un lote puede repetirse."""
    segundos = [0]
    monkeypatch.setattr(
        "mensajeria.ordenes.lote.ahora", lambda: AYER + timedelta(seconds=segundos[0])
    )
    return segundos


@contextmanager
def con(abrir: Any) -> Iterator[None]:
    antes = almacen.abrir
    almacen.abrir = abrir
    try:
        yield
    finally:
        almacen.abrir = antes


def vivir(
    lotes: list[list[Pedido]], abrir: Any, reloj: list[int], pista: Pista | None = None
) -> list[str]:
    """Todo lo que queda y lo que se dijo en un mundo nuevo, sin lo que depende de cuál es."""
    mundo, emitidos = Mundo(), Emisor()
    dichos: list[Any] = []
    emitidos.emitir = emitidos.emitir_ya = lambda sobres: dichos.extend(map(_suelto, sobres))  # type: ignore[method-assign]
    ejecutor = Ejecutor(VERBOS, emitidos)
    ejecutar = ejecutor.ejecutar if pista is None else partial(pista.ejecutar, ejecutor)
    with con(abrir):
        for reloj[0], lote in enumerate(lotes, start=1):
            for resultado in ejecutar([mundo.orden(p) for p in lote]):
                error = isinstance(resultado, ErrorMensajeria)
                dichos.append(str(resultado) if error else msgspec.to_builtins(resultado))
    _cuadran_los_no_leidos(mundo)
    return _sin_marca(mundo, [*dichos, *_guardado(mundo)])


def _cuadran_los_no_leidos(mundo: Mundo) -> None:
    """Lo que dicen las cuentas es lo que saldría de contar los mensajes uno a uno."""
    mensajes = list(models.Mensaje.objects.filter(conversacion=mundo.conv))
    for p in models.Participante.objects.filter(conversacion=mundo.conv, activo=True):
        contados = sum(
            m.secuencia > p.leido_hasta and m.remitente_id != p.usuario_id and not m.retirado
            for m in mensajes
        )
        assert presentacion.sin_leer(p, len(mensajes)) == contados


def _suelto(sobre: Sobre) -> Any:
    # En un sobre no importa por quién se empieza.
    por_nombre = {k: sorted(getattr(sobre, k).items()) for k in ("no_leidos", "miembros")}
    leidos = {"datos": msgspec.json.decode(sobre.datos)}
    return {**msgspec.structs.asdict(sobre), **por_nombre, **leidos}


def _guardado(mundo: Mundo) -> Iterator[Any]:
    convs = models.Conversacion.objects.filter(participantes__usuario__id__startswith=mundo.marca)
    ids = list(dict.fromkeys(convs.order_by("fecha_creacion", "pk").values_list("pk", flat=True)))
    yield from (
        models.Conversacion.objects.filter(pk__in=ids).order_by("fecha_creacion", "pk").values()
    )
    de_estas = {"conversacion__in": ids}
    filas: Any = models.Participante.objects.filter(**de_estas)
    yield from filas.order_by("conversacion__fecha_creacion", "conversacion", "usuario").values()
    yield from models.Mensaje.objects.filter(**de_estas).order_by("secuencia").values()
    filas = models.Reaccion.objects.filter(mensaje__conversacion__in=ids)
    yield from filas.order_by("mensaje__secuencia", "usuario").values()
    filas = models.Lectura.objects.filter(participante__conversacion__in=ids)
    yield from filas.order_by("participante__usuario", "clase", "hasta").values()
    suyo = {"usuario__id__startswith": mundo.marca}
    yield from models.Notificacion.objects.filter(**suyo).order_by("fecha", "pk").values()
    yield from (
        LogEntry.objects.filter(user__id__startswith=mundo.marca)
        .order_by("pk")
        .values("user", "object_id", "object_repr", "change_message")
    )
    yield from (
        models.Usuario.objects.filter(pk__startswith=mundo.marca)
        .order_by("pk")
        .values("pk", "version", "is_active")
    )


def _sin_marca(mundo: Mundo, cosas: list[Any]) -> list[str]:
    """En texto; lo que el azar o el reloj ponen, por orden de aparición."""
    vistos: dict[str, str] = {}
    azar = re.compile(r"\b([0-9a-f]{24}|[0-9a-f]{32}|[0-9a-f]{64}|CONV-\d+-\w{6})\b")

    def nombrar(hallado: re.Match[str]) -> str:
        return vistos.setdefault(hallado[0], f"#{len(vistos)}")

    textos = (repr(_sin_hora(cosa)).replace(mundo.marca, "") for cosa in cosas)
    return [azar.sub(nombrar, texto) for texto in textos]


def _sin_hora(cosa: Any) -> Any:
    if isinstance(cosa, dict):
        return {k: _sin_hora(v) for k, v in cosa.items() if k != "timestamp"}
    return [_sin_hora(v) for v in cosa] if isinstance(cosa, list) else cosa


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(lotes=st.lists(st.lists(pedidos, min_size=1, max_size=12), min_size=1, max_size=6))
def test_dejan_y_anuncian_lo_mismo(lotes: list[list[Pedido]], reloj: list[int]) -> None:
    if connection.vendor == "mongodb":
        pytest.skip("allí no hay otro que el llano")
    suyo, llano = vivir(lotes, almacen.abrir, reloj), vivir(lotes, orm.abrir, reloj)
    distinto = next((par for par in itertools.zip_longest(suyo, llano) if par[0] != par[1]), None)
    assert distinto is None, "\n".join(map(str, distinto))


@settings(
    max_examples=40, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture]
)
@given(
    lotes=st.lists(
        st.lists(
            st.tuples(st.sampled_from(QUIENES[:2]), envios(), st.just(False)) | pedidos,
            min_size=1,
            max_size=3,
        ),
        min_size=2,
        max_size=12,
    )
)
def test_al_vuelo_dejan_y_anuncian_lo_mismo(
    lotes: list[list[Pedido]], reloj: list[int], pista: Pista
) -> None:
    al_vuelo = vivir(lotes, almacen.abrir, reloj, pista)
    llano = vivir(lotes, orm.abrir, reloj)
    distinto = next(
        (par for par in itertools.zip_longest(al_vuelo, llano) if par[0] != par[1]), None
    )
    assert distinto is None, "\n".join(map(str, distinto))
