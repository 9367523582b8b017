"""El resumen de cada hora: para el personal, en su reloj, y una vez aunque se arranque otra."""

from __future__ import annotations

import asyncio
import itertools
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest

from mensajeria.avisos import buzon, cierre, resumenes
from mensajeria.avisos.canales import a_dispositivos, correo
from mensajeria.avisos.cartero import Cartero
from mensajeria.avisos.preferencias import cambiar
from mensajeria.base_de_datos import Hilo
from mensajeria.models import RESUMENES, Aviso, Canal, Dispositivo, Mensaje, Usuario, ahora
from mensajeria.protocolo.avisos import (
    AvisosDeCanalPuestos,
    AvisosPorCorreoPuestos,
    CambiarAvisos,
    CanalesDeAvisosPuestos,
    HorasTranquilasPuestas,
)
from tests.avisos.apoyo import datos_de, sacar_de_la_aplicacion
from tests.avisos.test_cartero import hasta_que, hechos_de
from tests.avisos.test_correo import Buzon, llegan, partes
from tests.avisos.test_webpush import CLAVE

__all__ = ["llegan"]
pytestmark = [pytest.mark.bd, pytest.mark.usefixtures("conversacion")]
HORA = timedelta(hours=1)


@pytest.fixture
def mod(base: None) -> Usuario:
    return Usuario.objects.create_user("mod", pk="mod", nombre="Marta", is_staff=True)


def en(texto: str) -> datetime:
    return datetime.fromisoformat(texto).replace(tzinfo=UTC)


def poner(**canales: Any) -> None:
    cambiar("mod", CambiarAvisos(zona="UTC", canales=CanalesDeAvisosPuestos(**canales)))


def hace_una_hora(decir: Any, veces: int = 2) -> datetime:
    """Eso se dijo en la última hora entera; cuándo empezó."""
    for n in range(veces):
        decir("ana", f"m{n}")
    desde, _ = resumenes.tramo(ahora(), "UTC")
    Mensaje.objects.update(fecha_envio=desde + timedelta(minutes=30))
    return desde


@pytest.mark.parametrize(
    ("zona", "desde", "hasta"),
    [
        ("UTC", "2026-11-26T13:00", "2026-11-26T14:00"),
        ("America/Bogota", "2026-11-26T13:00", "2026-11-26T14:00"),
        # A cinco horas y media, y a cinco horas y tres cuartos.
        ("Asia/Kolkata", "2026-11-26T12:30", "2026-11-26T13:30"),
        ("Asia/Kathmandu", "2026-11-26T13:15", "2026-11-26T14:15"),
    ],
)
def test_la_hora_es_la_de_su_reloj(zona: str, desde: str, hasta: str) -> None:
    assert resumenes.tramo(en("2026-11-26T14:20"), zona) == (en(desde), en(hasta))


def test_la_hora_que_se_repite_son_dos() -> None:
    tramos = [
        resumenes.tramo(en(f"2026-10-25T0{hora}:05"), "Europe/Madrid")[0] for hora in range(4)
    ]
    assert [b - a for a, b in itertools.pairwise(tramos)] == [HORA] * 3


def test_llega_al_personal_y_una_sola_vez(mod: Usuario, decir: Any) -> None:
    desde = hace_una_hora(decir)
    resumenes.abrir()
    # Como al arrancar otra vez, o en otro proceso.
    resumenes.abrir()
    [(quien, datos)] = sacar_de_la_aplicacion()
    assert quien == "mod"
    assert datos["estadisticas"]["mensajesEnviados"] == 2
    assert datetime.fromisoformat(datos["desde"]) == desde
    assert datetime.fromisoformat(datos["hasta"]) == desde + HORA
    resumenes.abrir()
    assert sacar_de_la_aplicacion() == []


def test_quien_arranca_otra_vez_no_lo_repite_y_es_de_la_hora_de_su_reloj(
    mod: Usuario, decir: Any
) -> None:
    cambiar("mod", CambiarAvisos(zona="Asia/Kolkata"))
    decir("ana")
    dichos: list[Any] = []

    async def una() -> None:
        for _ in range(2):
            cartero, hilo = Cartero(lambda sobres: dichos.extend(datos_de(sobres))), Hilo("p", 1)
            cartero.arrancar()
            try:
                # El resumen, y después algo que lo sigue: si saliera otra vez, ya habría salido.
                await hasta_que(hilo, lambda: hechos_de("mod") == 1)
                await cartero._resumir()
                await cartero._vuelta()
            finally:
                await cartero.detener()
                hilo.cerrar()

    asyncio.run(una())
    [(quien, datos)] = [d for d in dichos if d[0] == "mod"]
    desde, hasta = (datetime.fromisoformat(datos[c]) for c in ("desde", "hasta"))
    # Allí acaba a y media.
    assert (quien, hasta.minute, hasta - desde, datos["periodo"]) == ("mod", 30, HORA, "1h")
    assert Aviso.objects.filter(clase=RESUMENES).count() == 1


def test_a_quien_deja_de_ser_del_personal_no(mod: Usuario, decir: Any) -> None:
    hace_una_hora(decir)
    resumenes.abrir()
    Usuario.objects.filter(pk="mod").update(is_staff=False)
    assert sacar_de_la_aplicacion() == []


def test_en_sus_horas_tranquilas_no_ni_se_guarda(mod: Usuario, decir: Any) -> None:
    hace_una_hora(decir)
    antes, despues = ahora() - HORA, ahora() + HORA
    noche = HorasTranquilasPuestas(desde=f"{antes:%H:%M}", hasta=f"{despues:%H:%M}")
    poner(aplicacion=AvisosDeCanalPuestos(tranquilas=noche))
    resumenes.abrir()
    assert not Aviso.objects.exists()


def test_a_su_navegador_si_lo_pide_y_si_paso_algo(mod: Usuario, decir: Any, settings: Any) -> None:
    settings.VAPID_CLAVE = CLAVE
    Dispositivo.objects.create(usuario=mod, canal=Canal.WEBPUSH, punto="p", huella="h")
    hace_una_hora(decir)
    resumenes.abrir()
    assert not Aviso.objects.filter(canal=Canal.WEBPUSH).exists()
    poner(webpush=AvisosDeCanalPuestos(resumenes="siempre"))
    resumenes.abrir()
    [listo] = a_dispositivos.preparar(buzon.tomar(Canal.WEBPUSH, 10))
    assert not isinstance(listo, buzon.Resultado)
    dice = listo[0]
    assert dice.titulo("todo").startswith("Resumen de ")
    assert dice.cuerpo("todo") == (
        "2 mensajes en una conversación. Quien más escribió: Ana Prueba (2)"
    )
    Mensaje.objects.all().delete()
    Aviso.objects.update(arriendo="", no_antes_de=ahora())
    assert a_dispositivos.preparar(buzon.tomar(Canal.WEBPUSH, 10)) == [buzon.SOBRA]


def test_por_correo_va_aparte_de_lo_no_leido(mod: Usuario, decir: Any, llegan: Buzon) -> None:
    Usuario.objects.filter(pk="mod").update(email="mod@ejemplo.com")
    poner(correo=AvisosPorCorreoPuestos(resumenes="siempre"))
    hace_una_hora(decir, veces=1)
    resumenes.abrir()
    cierre.acabar(correo.entregar(buzon.tomar(Canal.CORREO, 20)))
    [recibido] = llegan.recibidos
    assert str(recibido["Subject"]).startswith("Resumen de ")
    assert "Un mensaje en una conversación" in partes(recibido)["text/plain"]


def test_el_correo_que_no_ensena_nada_no_dice_ni_quien(
    mod: Usuario, decir: Any, llegan: Buzon
) -> None:
    Usuario.objects.filter(pk="mod").update(email="mod@ejemplo.com")
    poner(correo=AvisosPorCorreoPuestos(resumenes="siempre", muestra="nada"))
    hace_una_hora(decir)
    resumenes.abrir()
    cierre.acabar(correo.entregar(buzon.tomar(Canal.CORREO, 20)))
    [recibido] = llegan.recibidos
    for dicho in (str(recibido["Subject"]), *partes(recibido).values()):
        assert "Ana" not in dicho and "mensajes en" not in dicho
