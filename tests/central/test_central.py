"""La central con una base de verdad y receptores de mentira: lo que se pierde, se repone."""

from __future__ import annotations

import asyncio
import time
from collections.abc import AsyncIterator, Callable
from typing import Any

import msgspec
import pytest
import pytest_asyncio

from mensajeria import consultas
from mensajeria.base_de_datos import leer
from mensajeria.central import escribientes
from mensajeria.central.central import Central
from mensajeria.central.sala import Emision
from mensajeria.consultas import Puesta
from mensajeria.difusion.emisor import Emisor
from mensajeria.errores import no_existe
from mensajeria.models import Conversacion, Usuario
from mensajeria.nodo import nodo
from mensajeria.operaciones import conexiones
from mensajeria.operaciones.autenticacion import Credencial, revocar
from mensajeria.operaciones.ejecucion import Ejecutor
from mensajeria.operaciones.orden import Actor, Orden
from mensajeria.protocolo import cargas
from tests.ordenes import ejecutar_una

pytestmark = pytest.mark.django_db(transaction=True)


class Conexion:
    personal = False

    def __init__(self, usuario_id: str) -> None:
        self.id = f"s-{usuario_id}-{id(self)}"
        self.usuario_id = usuario_id
        self.credencial: Credencial | None = Credencial(usuario_id, time.time(), None)
        self.recibidos: list[tuple[str, dict[str, Any]]] = []
        self.expulsada = False
        self._llego = asyncio.Event()

    def entregar(self, emision: Emision) -> None:
        self.recibidos.append((emision.evento, msgspec.json.decode(emision.datos)))
        self._llego.set()

    def expulsar(self) -> None:
        self.expulsada = True
        self._llego.set()

    async def hasta(self, cumple: Callable[[Conexion], Any], segundos: float = 3) -> None:
        async with asyncio.timeout(segundos):
            while not cumple(self):
                self._llego.clear()
                await self._llego.wait()

    def cambios(self) -> list[tuple[str, int]]:
        return [(e, d["secuenciaCambio"]) for e, d in self.recibidos if "secuenciaCambio" in d]

    def eventos(self) -> list[str]:
        return [e for e, d in self.recibidos if "secuenciaCambio" in d]


@pytest_asyncio.fixture
async def central(conversacion: Conversacion) -> AsyncIterator[Central]:
    emisor = nodo().emisor
    una = Central(emisor.emitir)
    emisor.arrancar(una.repartir)
    yield una
    await una.despedirse()
    await emisor.detener()
    una.cerrar()


async def entrar(central: Central, usuario: str) -> Conexion:
    conexion = Conexion(usuario)
    vigencia = (await leer(consultas.usuarios_vigentes, [usuario]))[usuario]
    await central.ingresar(conexion, vigencia, lambda: None)
    return conexion


async def pedir(quien: str, carga: Any) -> Any:
    return await leer(ejecutar_una, Orden(Actor(quien), carga))


async def perdido(quien: str, carga: Any) -> Any:
    """Como si lo hubiera hecho otro proceso y la capa lo hubiera perdido."""
    return await leer(Ejecutor(Emisor()).ejecutar_una, Orden(Actor(quien), carga))


def hola(texto: str = "hola") -> cargas.EnviarMensaje:
    return cargas.EnviarMensaje(
        conversacion_id="conv", contenido=cargas.ContenidoEnviado(texto=texto)
    )


async def test_el_ultimo_evento_perdido_llega_solo(central: Central) -> None:
    beto = await entrar(central, "beto")
    await perdido("ana", hola())
    await beto.hasta(lambda c: c.cambios() == [("nuevo_mensaje", 2)])


async def test_un_hueco_se_repone_antes_que_lo_que_sigue(central: Central) -> None:
    beto = await entrar(central, "beto")
    await perdido("ana", hola("uno"))
    await pedir("ana", hola("dos"))
    await beto.hasta(lambda c: len(c.cambios()) == 2)
    assert beto.cambios() == [("nuevo_mensaje", 2), ("nuevo_mensaje", 3)]


async def test_lo_repuesto_es_lo_que_hay(central: Central) -> None:
    id_ = (await pedir("ana", hola())).mensaje_id
    otro = (await pedir("ana", hola("otro"))).mensaje_id
    beto = await entrar(central, "beto")
    await perdido("ana", cargas.EditarMensaje(mensaje_id=id_, texto="v2"))
    await perdido("ana", cargas.AgregarReaccion(mensaje_id=id_, tipo="like"))
    await perdido("ana", cargas.EliminarMensaje(mensaje_id=otro))
    await beto.hasta(lambda c: "mensaje_eliminado" in c.eventos())
    assert beto.cambios() == [
        ("mensaje_editado", 5),
        ("reaccion_agregada", 5),
        ("mensaje_eliminado", 6),
    ]
    editado = dict(beto.recibidos)["mensaje_editado"]["mensaje"]
    assert editado["contenido"]["texto"] == "v2"
    await pedir("ana", hola("tres"))
    await beto.hasta(lambda c: c.cambios()[-1] == ("nuevo_mensaje", 7))


async def test_nada_tras_una_salida_perdida_llega_a_quien_salio(central: Central) -> None:
    ana, beto = await entrar(central, "ana"), await entrar(central, "beto")
    await perdido("ana", cargas.RemoverParticipante(conversacion_id="conv", usuario_id="beto"))
    await perdido("ana", hola("sin beto"))
    await pedir("ana", hola("tampoco"))
    await ana.hasta(lambda c: c.eventos().count("nuevo_mensaje") == 2)
    assert beto.eventos() == ["participante_removido"]
    assert central.puede_enviar("beto", "conv") is None


async def test_un_ingreso_perdido_trae_la_conversacion(central: Central) -> None:
    carla = await entrar(central, "carla")
    await perdido("ana", cargas.AgregarParticipante(conversacion_id="conv", usuario_id="carla"))
    await carla.hasta(lambda c: "conversacion_actualizada" in c.eventos())
    await pedir("ana", hola())
    await carla.hasta(lambda c: "nuevo_mensaje" in c.eventos())


async def test_quien_deja_de_renovar_que_escribe_deja_de_escribir(
    central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Como si su proceso hubiera muerto, o el aviso del fin se hubiera perdido."""
    monkeypatch.setattr(escribientes, "CADUCA", 0.2)
    ana = await entrar(central, "ana")

    def visto() -> list[bool]:
        return [d["escribiendo"] for e, d in ana.recibidos if e == "usuario_escribiendo"]

    for _ in range(3):
        central.repartir([conexiones.escribe("conv", "beto", True)])
    await ana.hasta(lambda _: visto() == [True, False])
    central.repartir([conexiones.escribe("conv", "beto", False)])
    assert visto() == [True, False]


async def test_lo_que_cambia_a_media_reparacion_no_se_da_por_nuevo_otra_vez(
    central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Lo perdido no cabe en una lectura, y entre dos se edita lo que ya se dio."""
    monkeypatch.setattr(consultas, "MAX_CAMBIOS", 3)
    beto = await entrar(central, "beto")
    ids = [(await perdido("ana", hola(f"{i}"))).mensaje_id for i in range(8)]
    original = consultas.cambios_desde

    def leer_y_editar(cursores: Any) -> Any:
        leidos = original(cursores)
        if not leidos["conv"].completo and leidos["conv"].hasta == 4:
            ejecutar_una(
                Orden(Actor("ana"), cargas.EditarMensaje(mensaje_id=ids[0], texto="editado"))
            )
        return leidos

    monkeypatch.setattr(consultas, "cambios_desde", leer_y_editar)
    await beto.hasta(lambda c: "mensaje_editado" in c.eventos())
    nuevos = [d["mensaje"]["_id"] for e, d in beto.recibidos if e == "nuevo_mensaje"]
    assert nuevos == ids


async def test_una_capa_colgada_no_retrasa_una_revocacion(
    central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Carla entra en una conversación sin que llegue el aviso, y escucharla no acaba nunca."""
    carla, beto = await entrar(central, "carla"), await entrar(central, "beto")
    colgada, sigue = asyncio.Event(), asyncio.Event()
    escuchar = central.suscripciones.escuchar

    async def no_contesta(nombres: Any) -> None:
        colgada.set()
        await sigue.wait()
        await escuchar(nombres)

    monkeypatch.setattr(central.suscripciones, "escuchar", no_contesta)
    nueva = cargas.CrearConversacion(
        participantes=[cargas.ParticipanteNuevo(usuario_id="carla")], tipo="grupal"
    )
    await perdido("ana", nueva)
    await asyncio.wait_for(colgada.wait(), 3)
    await leer(revocar, "beto")
    await beto.hasta(lambda c: c.expulsada, 1.5)
    sigue.set()
    await carla.hasta(lambda c: "conversacion_actualizada" in c.eventos())


async def test_revocar_expulsa_y_lo_demas_no(central: Central) -> None:
    ana, beto = await entrar(central, "ana"), await entrar(central, "beto")
    await leer(revocar, "beto")
    await beto.hasta(lambda c: c.expulsada)
    assert not ana.expulsada


async def test_unirse_mientras_se_envia_ni_pierde_ni_repite(central: Central) -> None:
    """Uno se une una y otra vez con su cursor mientras otro no para de enviar."""
    await entrar(central, "ana")
    fin = asyncio.Event()

    async def enviar() -> None:
        for i in range(150):
            await pedir("ana", hola(f"{i}"))
        fin.set()

    envio = asyncio.create_task(enviar())
    beto = await entrar(central, "beto")
    respuestas: list[tuple[int, int, list[int]]] = []

    def anotar(puestas: dict[str, Puesta]) -> None:
        p = puestas["conv"]
        beto.recibidos.append(("respuesta", {}))
        respuestas.append((0, p.hasta, [m.secuencia_cambio for m in p.cambios]))

    while not fin.is_set():
        beto.recibidos.clear()
        respuestas.clear()
        await central.unir(beto, {"conv": 1}, anotar)
        donde = [e for e, _ in beto.recibidos].index("respuesta")
        antes = [d["secuenciaCambio"] for e, d in beto.recibidos[:donde] if "mensaje" in d]
        await asyncio.sleep(0.01)
        despues = [d["secuenciaCambio"] for e, d in beto.recibidos[donde + 1 :] if "mensaje" in d]
        _, hasta, cambios = respuestas[0]
        assert antes == []
        assert cambios == list(range(2, hasta + 1))
        assert despues == list(range(hasta + 1, hasta + 1 + len(despues)))
    await envio


async def test_quien_esta_entrando_tambien_recibe_lo_que_va_a_los_participantes(
    central: Central, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Aún no figura entre las conexiones; lo que cambia mientras lee le espera."""
    await entrar(central, "ana")
    beto = Conexion("beto")
    escuchar = central.suscripciones.escuchar
    cambiar = cargas.ActualizarConversacion(conversacion_id="conv", activa=False)

    async def escuchar_y_leer(nombres: Any) -> None:
        await escuchar(nombres)
        vigentes = await leer(consultas.participaciones_de, "beto")
        monkeypatch.setattr(consultas, "participaciones_de", lambda _: vigentes)
        await pedir("ana", cambiar)

    monkeypatch.setattr(central.suscripciones, "escuchar", escuchar_y_leer)
    vigencia = (await leer(consultas.usuarios_vigentes, ["beto"]))["beto"]
    await central.ingresar(beto, vigencia, lambda: None)
    await beto.hasta(lambda c: ("conversacion_actualizada", 2) in c.cambios())


async def test_lo_ajeno_no_une_y_no_deja_rastro(central: Central) -> None:
    carla = await entrar(central, "carla")

    def negar(puestas: dict[str, Puesta]) -> None:
        assert puestas == {}
        raise no_existe()

    with pytest.raises(Exception, match="NOT_FOUND"):
        await central.unir(carla, {"conv": 0, "nada": None}, negar)
    assert central.salas == {}
    await pedir("ana", hola())
    assert carla.recibidos == []


async def test_al_irse_no_queda_nada(central: Central) -> None:
    beto = await entrar(central, "beto")
    assert set(central.salas) == {"conv"}
    central.desconectar(beto)
    assert (central.salas, central.conexiones, central.vigencias) == ({}, {}, {})


async def test_los_vistos_son_los_de_la_base(central: Central) -> None:
    """Con avisos que se pierden al azar, cada cliente acaba con la lista de la base."""
    ana, beto = await entrar(central, "ana"), await entrar(central, "beto")
    for i in range(60):
        await (perdido if i % 3 else pedir)("ana" if i % 2 else "beto", hola(f"{i}"))
    for c in (ana, beto):
        await c.hasta(lambda x: len(x.cambios()) >= 60, 5)
        assert [n for _, n in c.cambios()] == list(range(2, 62))
    fila = await leer(Conversacion.objects.get)
    assert (fila.ultima_secuencia, fila.ultimo_cambio) == (60, 61)
    assert await leer(consultas.adelantadas, {"conv": 61}) == []
    assert await leer(Usuario.objects.count) == 3
