"""El cartero: quien no contesta solo retrasa lo suyo, y nada se queda tomado."""

from __future__ import annotations

import asyncio
import socket
from collections.abc import AsyncIterator, Callable, Iterator
from contextlib import asynccontextmanager, closing
from typing import Any

import pytest

from mensajeria import salientes
from mensajeria.avisos import buzon, sitios
from mensajeria.avisos.canales import a_dispositivos
from mensajeria.avisos.cartero import Cartero
from mensajeria.base_de_datos import Hilo
from mensajeria.models import Aviso, Canal, Dispositivo, Notificacion, Usuario, ahora
from tests.avisos.servicio import Navegador, Servicio
from tests.avisos.test_webpush import CLAVE, suscribir

pytestmark = [pytest.mark.bd, pytest.mark.usefixtures("conversacion")]
PLAZO = 20.0


@pytest.fixture
def servicio(settings: Any) -> Iterator[Servicio]:
    settings.VAPID_CLAVE, settings.VAPID_CONTACTO = CLAVE, "mailto:avisos@ejemplo.com"
    settings.SALIENTES_ADMITIDAS = ["127.0.0.1"]
    with Servicio() as uno:
        yield uno


@pytest.fixture
def mudo() -> Iterator[str]:
    """Un sitio que acepta y no contesta."""
    with closing(socket.create_server(("127.0.0.1", 0), backlog=200)) as escucha:
        yield f"http://127.0.0.1:{escucha.getsockname()[1]}"


def sembrar(sitio: Dispositivo, cuantos: int) -> None:
    """Que a ese dispositivo le esperan tantos."""
    suelta = Notificacion.objects.create(
        usuario=sitio.usuario, tipo="x", titulo="t", mensaje="m", datos={}, acciones=[]
    )
    Aviso.objects.bulk_create(aviso_de(suelta, sitio, f"{sitio.pk}-{n}") for n in range(cuantos))


def aviso_de(suelta: Notificacion, sitio: Dispositivo, id_: str) -> Aviso:
    return Aviso(
        id=id_,
        usuario_id=suelta.usuario_id,
        dispositivo=sitio,
        canal=sitio.canal,
        clase="conversaciones",
        datos={"notificacion": suelta.pk},
    )


@asynccontextmanager
async def trabajando() -> AsyncIterator[Hilo]:
    """Un cartero en marcha, y con qué mirar la base."""
    cartero, hilo = Cartero(lambda _: None), Hilo("prueba", 1)
    cartero.arrancar()
    try:
        yield hilo
    finally:
        await cartero.detener()
        hilo.cerrar()


async def hasta_que(hilo: Hilo, pasa: Callable[[], bool]) -> None:
    async with asyncio.timeout(PLAZO):
        while not await hilo(pasa):
            await asyncio.sleep(0.02)


def hechos_de(usuario: str) -> int:
    return Aviso.objects.filter(usuario=usuario, estado="hecho").count()


def test_los_de_quien_no_contesta_no_retrasan_a_los_demas(
    servicio: Servicio, mudo: str, ana: Usuario, beto: Usuario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(salientes, "SEGUNDOS", 600.0)
    for n in range(10):
        sembrar(suscribir(beto, Navegador(), f"{mudo}/{n}"), 20)
    sembrar(suscribir(ana, Navegador(), f"{servicio.url}/ana"), 5)

    async def una() -> None:
        async with trabajando() as hilo:
            # Los de ana salen y quedan apuntados, con los de beto aún sin contestar.
            await hasta_que(hilo, lambda: hechos_de("ana") == 5)
            assert await hilo(en_camino) == buzon.DE_UNA_PERSONA

    asyncio.run(una())
    # Al detenerse, lo que no salió vuelve al buzón sin contar como intento.
    assert en_camino() == 0
    assert not Aviso.objects.filter(usuario="beto", intentos__gt=0).exists()


def test_muchas_cuentas_en_un_sitio_que_no_contesta_no_llenan_los_de_los_demas(
    servicio: Servicio, mudo: str, ana: Usuario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(salientes, "SEGUNDOS", 600.0)
    cuantas = salientes.A_LA_VEZ
    cuentas = [Usuario(pk=f"m{n}", username=f"m{n}") for n in range(cuantas)]
    for cuenta in Usuario.objects.bulk_create(cuentas):
        sembrar(suscribir(cuenta, Navegador(), f"{mudo}/{cuenta.pk}"), 2)
    sembrar(suscribir(ana, Navegador(), f"{servicio.url}/ana"), 5)

    async def una() -> None:
        async with trabajando() as hilo:
            await hasta_que(hilo, lambda: hechos_de("ana") == 5)
            assert await hilo(en_camino) == sitios.DE_ENTRADA + sitios.COMUNES

    asyncio.run(una())
    assert not Aviso.objects.filter(estado="pendiente", intentos__gt=0).exists()


def test_con_miles_para_un_sitio_lo_que_acaba_se_apunta_mientras_se_toman_mas(
    servicio: Servicio, beto: Usuario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Si no, parece que el sitio tarda lo que se tarda en tomarlos todos, y se queda sin sitio."""
    cuantas = 12 * salientes.A_LA_VEZ
    sembrar_a_cada_uno(suscribir(beto, Navegador(), f"{servicio.url}/beto"), cuantas)
    hechos_al_tomar: list[int] = []
    de_verdad = buzon.tomar

    def tomar(*que: Any) -> Any:
        if que[0] == Canal.WEBPUSH:
            hechos_al_tomar.append(Aviso.objects.filter(estado="hecho").count())
        return de_verdad(*que)

    monkeypatch.setattr(buzon, "tomar", tomar)

    async def una() -> None:
        async with trabajando() as hilo:
            await hasta_que(hilo, lambda: Aviso.objects.filter(estado="hecho").count() == cuantas)

    asyncio.run(una())
    # Para haberlos tomado todos una vez hacen falta doce tomas.
    assert hechos_al_tomar[11] > 0


def sembrar_a_cada_uno(sitio: Dispositivo, cuantos: int) -> None:
    """A tantas personas, un aviso a un dispositivo suyo, como ese."""
    nuevas = [Usuario(pk=f"v{n}", username=f"v{n}") for n in range(cuantos)]
    sitios_de = [
        Dispositivo(
            usuario=quien,
            huella=f"h{quien.pk}",
            nombre="x",
            canal=sitio.canal,
            claves=sitio.claves,
            punto=f"{sitio.punto}-{quien.pk}",
        )
        for quien in Usuario.objects.bulk_create(nuevas)
    ]
    sueltas = [
        Notificacion(usuario=d.usuario, tipo="x", titulo="t", mensaje="m", datos={}, acciones=[])
        for d in Dispositivo.objects.bulk_create(sitios_de)
    ]
    Aviso.objects.bulk_create(
        aviso_de(suelta, suyo, f"a-{suelta.usuario_id}")
        for suelta, suyo in zip(Notificacion.objects.bulk_create(sueltas), sitios_de, strict=True)
    )


def en_camino() -> int:
    return Aviso.objects.exclude(arriendo="").count()


def test_lo_que_llega_mientras_otro_no_contesta_sale_ya(
    servicio: Servicio, mudo: str, ana: Usuario, beto: Usuario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(salientes, "SEGUNDOS", 600.0)
    sembrar(suscribir(beto, Navegador(), f"{mudo}/x"), 1)
    de_ana = suscribir(ana, Navegador(), f"{servicio.url}/ana")

    async def una() -> None:
        async with trabajando() as hilo:
            await hasta_que(hilo, lambda: en_camino() == 1)
            await hilo(sembrar, de_ana, 1)
            await hasta_que(hilo, lambda: hechos_de("ana") == 1)

    asyncio.run(una())


def test_uno_que_no_se_puede_ni_preparar_no_para_a_los_demas(
    servicio: Servicio, ana: Usuario, beto: Usuario, monkeypatch: pytest.MonkeyPatch
) -> None:
    sembrar(suscribir(beto, Navegador(), f"{servicio.url}/beto"), 1)
    sembrar(suscribir(ana, Navegador(), f"{servicio.url}/ana"), 1)
    de_verdad = a_dispositivos.preparar

    def preparar(avisos: Any) -> Any:
        if any(a.usuario_id == "beto" for a in avisos):
            raise ValueError("no hay quien lo lea")
        return de_verdad(avisos)

    monkeypatch.setattr(a_dispositivos, "preparar", preparar)

    async def una() -> None:
        async with trabajando() as hilo:
            await hasta_que(hilo, lambda: hechos_de("ana") == 1)
            await hasta_que(
                hilo, lambda: "ValueError" in Aviso.objects.get(usuario="beto").ultimo_error
            )

    asyncio.run(una())


def test_de_cada_persona_se_toman_pocos_a_la_vez(beto: Usuario, ana: Usuario) -> None:
    for quien, cuantos in (("beto", 30), ("ana", 1)):
        Aviso.objects.bulk_create(
            Aviso(
                id=f"{quien}{n}",
                usuario_id=quien,
                canal=Canal.FCM,
                clase="mensajes",
                no_antes_de=ahora(),
            )
            for n in range(cuantos)
        )
    tope = buzon.DE_UNA_PERSONA
    primeros = buzon.tomar(Canal.FCM, 20, {})
    assert [a.usuario_id for a in primeros] == ["beto"] * tope
    assert [a.usuario_id for a in buzon.tomar(Canal.FCM, 20, {"beto": tope})] == ["ana"]
    assert len(buzon.tomar(Canal.FCM, 20, {"beto": tope - 1})) == 1
