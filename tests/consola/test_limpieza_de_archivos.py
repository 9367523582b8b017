"""Lo que las órdenes de consola hacen con los archivos: purgar, borrar a alguien y limpiar."""

from __future__ import annotations

import json
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command

from mensajeria.archivos import deposito, limpieza
from mensajeria.consola import borrado, conservacion
from mensajeria.consola.exportacion import de_usuario
from mensajeria.models import Archivo, Mensaje, Usuario, ahora
from tests.archivos.apoyo import con_archivo, guardado, partes, subir
from tests.consola.test_datos import callado, envejecer, plazos

pytestmark = [pytest.mark.bd, pytest.mark.usefixtures("conversacion")]


@pytest.fixture
def enviar(pedir: Any, almacen: Path) -> Any:
    """`enviar("ana")`: un mensaje suyo con una imagen; los dos identificadores."""

    def _enviar(quien: str) -> tuple[str, str]:
        id_ = subir(quien).pk
        return pedir(quien, con_archivo(id_)).mensaje_id, id_

    return _enviar


def test_purgar_se_lleva_los_archivos_de_lo_viejo(enviar: Any, almacen: Path) -> None:
    (viejo, _), (_, reciente) = enviar("ana"), enviar("ana")
    envejecer(40, viejo)
    # Y lo que ya sobraba, y lo que nadie envió.
    Archivo.objects.filter(pk=subir("ana").pk).update(estado=Archivo.Estado.SOBRA)
    Archivo.objects.filter(pk=subir("ana").pk).update(fecha=ahora() - timedelta(days=2))
    assert conservacion.purgar(plazos(), callado, simular=True).archivos == 3
    assert len(guardado(almacen)) == 12
    dichos: list[tuple[str, int, int]] = []
    assert conservacion.purgar(plazos(), lambda *dicho: dichos.append(dicho)).archivos == 3
    assert ("archivos", 3, 3) in dichos
    assert guardado(almacen) == partes(reciente)
    assert Mensaje.objects.get(pk=viejo).archivo is None


@pytest.mark.parametrize("con_mensajes", [True, False])
def test_borrar_a_alguien_se_lleva_lo_que_no_envio_y_lo_enviado_si_se_pide(
    con_mensajes: bool, enviar: Any, almacen: Path
) -> None:
    (_, de_ana), (_, de_beto) = enviar("ana"), enviar("beto")
    subir("beto")
    borrado.borrar_usuario(Usuario.objects.get(pk="beto"), callado, con_mensajes=con_mensajes)
    quedan = partes(de_ana) if con_mensajes else partes(de_ana) | partes(de_beto)
    assert guardado(almacen) == quedan


def test_limpiar_dice_lo_que_haria_lo_hace_y_se_puede_repetir(
    enviar: Any, almacen: Path, capsys: Any
) -> None:
    _, vivo = enviar("ana")
    perdido, _ = enviar("ana")
    Mensaje.objects.filter(pk=perdido).delete()
    huerfano = f"{int(ahora().timestamp()) - 7200:08x}{'0' * 16}"
    deposito.guardar(huerfano, "contenido", b"x")
    Archivo.objects.filter(pk=subir("ana").pk).update(fecha=ahora() - timedelta(days=2))
    for opciones, dicho in (
        ({"simular": True}, "Simulación. Archivos que sobraban: 2."),
        ({"si": True}, "Hecho. Archivos que sobraban: 2."),
        ({}, "Hecho. Archivos que sobraban: 0."),
    ):
        antes = guardado(almacen)
        call_command("limpiar_archivos", **opciones)
        salida, progreso = capsys.readouterr()
        assert salida.startswith(dicho), salida
        if "simular" in opciones:
            assert guardado(almacen) == antes
        if "si" in opciones:
            assert "archivos que sobran: 2 en" in progreso
            assert "archivos sin fila: 1 en" in progreso
    assert "sin ninguna fila: 0." in salida
    assert guardado(almacen) == partes(vivo)


def test_limpiar_no_borra_sin_preguntar_ni_con_otra_base(
    enviar: Any, almacen: Path, capsys: Any
) -> None:
    viejos = [f"{int(ahora().timestamp()) - 7200:08x}{n:016x}" for n in range(2)]
    for id_ in viejos:
        deposito.guardar(id_, "contenido", b"x")
    _, suyo = enviar("ana")
    antes = guardado(almacen)
    # Más de los que no conoce que de los suyos: quizá la base es otra.
    for si in (False, True):
        with pytest.raises(CommandError, match="DATABASE_URL"):
            call_command("limpiar_archivos", si=si)
    with pytest.raises(CommandError, match="añade --si"):
        call_command("limpiar_archivos", aunque_sean_mas=True)
    subir("ana")
    with pytest.raises(CommandError, match="añade --si"):
        call_command("limpiar_archivos")
    assert guardado(almacen) >= antes
    call_command("limpiar_archivos", si=True)
    assert "sin ninguna fila: 2." in capsys.readouterr().out
    assert partes(suyo) <= guardado(almacen)
    assert not any(id_ in nombre for nombre in guardado(almacen) for id_ in viejos)


def test_si_el_almacen_no_deja_se_dice_y_se_repite(
    enviar: Any, almacen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    Archivo.objects.filter(pk=subir("ana").pk).update(estado=Archivo.Estado.SOBRA)

    def no_se_puede(_: str) -> None:
        raise OSError(30, "Solo lectura")

    with monkeypatch.context() as roto:
        roto.setattr(deposito._almacen(), "delete", no_se_puede)
        with pytest.raises(CommandError, match="repite la orden"):
            call_command("limpiar_archivos", si=True)
    call_command("limpiar_archivos", si=True)
    assert guardado(almacen) == set()


@pytest.mark.parametrize("orden", ["purgar", "borrar_usuario"])
def test_si_el_almacen_no_deja_lo_demas_se_hace_y_se_dice(
    orden: str, enviar: Any, almacen: Path, monkeypatch: pytest.MonkeyPatch, capsys: Any
) -> None:
    mensaje, id_ = enviar("beto")
    envejecer(40, mensaje)

    def no_se_puede(_: str) -> None:
        raise OSError(30, "Solo lectura")

    opciones: dict[str, Any] = {"si": True, "verbosity": 0}
    with monkeypatch.context() as roto:
        roto.setattr(deposito._almacen(), "delete", no_se_puede)
        if orden == "purgar":
            call_command("purgar", dias=30, **opciones)
        else:
            call_command("borrar_usuario", "beto", con_mensajes=True, **opciones)
    assert "no dejó borrar 1 archivos" in capsys.readouterr().err
    assert Mensaje.objects.get(pk=mensaje).archivo is None
    assert limpieza.limpiar() == (1, 0)
    assert not Archivo.objects.filter(pk=id_).exists()


def test_exportar_a_alguien_dice_que_subio_y_en_que_mensaje_va(enviar: Any) -> None:
    mensaje, id_ = enviar("ana")
    enviar("beto")
    suelto = subir("ana").pk
    lineas = [json.loads(x) for x in de_usuario(Usuario.objects.get(pk="ana"))]
    suyos = {x["datos"]["_id"]: x["datos"]["mensaje"] for x in lineas if x["clase"] == "archivo"}
    assert suyos == {id_: mensaje, suelto: None}
    [dicho] = [x["datos"] for x in lineas if x["clase"] == "mensaje"]
    assert dicho["contenido"]["archivo"]["_id"] == id_
