"""Lo que nadie nombra se borra, y lo que alguien nombra no."""

from __future__ import annotations

import asyncio
import time
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.files.base import ContentFile

from mensajeria import metricas
from mensajeria.archivos import deposito, limpieza, subida
from mensajeria.models import Archivo, Conversacion, Mensaje, ahora
from mensajeria.protocolo import cargas
from mensajeria.protocolo.errores import ErrorMensajeria
from mensajeria.protocolo.tipos import PARTES
from tests.archivos.apoyo import con_archivo, guardado, partes, subir
from tests.servicios import PACIENCIA

pytestmark = [pytest.mark.bd, pytest.mark.usefixtures("conversacion")]

_E = Archivo.Estado


def envejecer(id_: str, cuanto: timedelta, **cambios: Any) -> None:
    Archivo.objects.filter(pk=id_).update(fecha=ahora() - cuanto, **cambios)


def test_se_borra_lo_que_sobra_y_lo_que_caduco(almacen: Path, pedir: Any) -> None:
    quedan = [subir("ana").pk, pedir("ana", con_archivo(subir("ana").pk)).mensaje_id]
    quedan[1] = Archivo.objects.get(mensaje=quedan[1]).pk
    envejecer(quedan[1], timedelta(days=400))
    eliminado = pedir("ana", con_archivo(subir("ana").pk)).mensaje_id
    pedir("ana", cargas.EliminarMensaje(mensaje_id=eliminado))
    envejecer(subir("ana").pk, limpieza.PARA_ENVIAR + timedelta(minutes=1))
    envejecer(subir("ana").pk, limpieza.PARA_ENVIAR + timedelta(minutes=1), estado=_E.EN_REVISION)
    envejecer(subir("ana").pk, limpieza.A_MEDIAS + timedelta(minutes=1), estado=_E.SUBIENDO)
    recien = subir("ana").pk
    envejecer(recien, timedelta(minutes=5), estado=_E.SUBIENDO)
    assert limpieza.por_borrar() == limpieza.limpiar().hechos == 4
    quedan.append(recien)
    assert set(Archivo.objects.values_list("pk", flat=True)) == set(quedan)
    assert guardado(almacen) == set().union(*map(partes, quedan))
    assert limpieza.limpiar() == (0, 0)


def test_lo_perdido_y_lo_que_no_dice_ninguna_fila(
    almacen: Path, pedir: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    vivo, huerfano, sin_mensaje = (subir("ana").pk for _ in range(3))
    pedir("ana", con_archivo(vivo))
    id_ = pedir("ana", con_archivo(sin_mensaje)).mensaje_id
    # Como si se restaurara una copia, o se borrara a mano.
    Mensaje.objects.filter(pk=id_).delete()
    Archivo.objects.filter(pk=huerfano).delete()
    (almacen / "lost+found").mkdir()
    (almacen / "lost+found/apuntes.txt").write_text("no es nuestro")
    listar = deposito._almacen().listdir

    def sin_permiso(camino: str) -> Any:
        if camino == "lost+found":
            raise PermissionError(13, "Sin permiso")
        return listar(camino)

    monkeypatch.setattr(deposito._almacen(), "listdir", sin_permiso)
    viejo = f"{int(ahora().timestamp()) - 7200:08x}{huerfano[8:]}"
    for parte in PARTES:
        deposito.guardar(viejo, parte, b"x")
    # Y lo que dejó a medias una muerte al arrancar, y lo que Django guardó con otro nombre.
    for nombre in (f"00/{viejo[:-2]}00.prueba", f"00/{viejo[:-2]}00_aB3.contenido"):
        deposito._almacen().save(nombre, ContentFile(b"x"))
    con_fila, huerfanos = limpieza.guardados()
    assert (con_fila, huerfanos.keys()) == (2, {viejo, f"{viejo[:-2]}00"})
    assert limpieza.borrar_huerfanos(huerfanos) == 2
    assert limpieza.guardados().huerfanos == {}
    assert limpieza.marcar_perdidos() == 1
    limpieza.limpiar()
    # Lo recién llegado puede ser de una subida que aún no acabó de apuntarse.
    assert guardado(almacen) == partes(vivo) | partes(huerfano) | {"apuntes.txt"}


def test_lo_de_una_conversacion_borrada_tambien(almacen: Path, pedir: Any) -> None:
    pedir("ana", con_archivo(subir("ana").pk))
    Conversacion.objects.all().delete()
    limpieza.marcar_perdidos()
    limpieza.limpiar()
    assert guardado(almacen) == set()
    assert not Archivo.objects.exists()


@pytest.mark.parametrize("falla", ["guardar", "borrar tambien"])
def test_lo_que_no_se_pudo_guardar_no_deja_nada(
    falla: str, almacen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    de_verdad = deposito._almacen().save

    def a_medias(nombre: str, contenido: Any, **mas: Any) -> str:
        if nombre.endswith("mediana"):
            raise OSError(28, "No queda sitio en el disco")
        return de_verdad(nombre, contenido, **mas)

    monkeypatch.setattr(deposito._almacen(), "save", a_medias)
    if falla == "borrar tambien":
        monkeypatch.setattr(deposito._almacen(), "delete", _no_se_puede)
    with pytest.raises(ErrorMensajeria) as error:
        subir("ana")
    assert error.value.codigo == "UNAVAILABLE"
    if falla == "borrar tambien":
        # Queda apuntado, nadie lo ve, y se borra cuando se puede.
        [fila] = Archivo.objects.all()
        assert fila.estado == _E.SUBIENDO
        monkeypatch.undo()
        envejecer(fila.pk, limpieza.A_MEDIAS + timedelta(minutes=1))
        limpieza.limpiar()
    assert guardado(almacen) == set()
    assert not Archivo.objects.exists()


def _no_se_puede(nombre: str) -> None:
    raise OSError(30, "Solo lectura")


def test_si_el_almacen_falla_al_borrar_se_queda_apuntado(
    almacen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    fila = subir("ana")
    with monkeypatch.context() as roto:
        roto.setattr(deposito._almacen(), "delete", _no_se_puede)
        assert subida.borrar_sin_enviar(fila)
        assert limpieza.limpiar() == (0, 1)
    assert Archivo.objects.get().estado == _E.SOBRA
    assert limpieza.limpiar() == (1, 0)
    assert guardado(almacen) == set()


def _no_deja(*cuales: str) -> Any:
    de_verdad = deposito._almacen().delete

    def borrar(nombre: str) -> None:
        if any(id_ in nombre for id_ in cuales):
            _no_se_puede(nombre)
        de_verdad(nombre)

    return borrar


def test_uno_que_no_se_puede_borrar_no_detiene_a_los_demas(
    almacen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    primero = min(subir("ana", b"x").pk for _ in range(4))
    Archivo.objects.update(estado=_E.SOBRA)
    with monkeypatch.context() as roto:
        roto.setattr(deposito._almacen(), "delete", _no_deja(primero))
        assert limpieza.limpiar() == (3, 1)
    assert list(Archivo.objects.values_list("pk", flat=True)) == [primero]
    assert guardado(almacen) == {f"{primero}.contenido"}


def test_si_fallan_muchos_seguidos_es_el_almacen_y_no_se_insiste(
    almacen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    cuantos = limpieza.JUNTOS + 5
    for _ in range(cuantos):
        subir("ana", b"x")
    Archivo.objects.update(estado=_E.SOBRA)
    intentos: list[str] = []

    def no_deja(nombre: str) -> None:
        intentos.append(nombre)
        _no_se_puede(nombre)

    monkeypatch.setattr(deposito._almacen(), "delete", no_deja)
    assert limpieza.limpiar() == (0, cuantos)
    assert len(intentos) == limpieza.JUNTOS


def test_borrar_muchos_no_pasa_de_su_tiempo_y_dice_cuantos_van(almacen: Path) -> None:
    for _ in range(limpieza.JUNTOS + 1):
        subir("ana", b"x")
    Archivo.objects.update(estado=_E.SOBRA)
    dichos: list[int] = []
    ya = time.monotonic()
    assert limpieza.limpiar(hasta=ya, avisar=dichos.append) == (limpieza.JUNTOS, 1)
    assert limpieza.limpiar(avisar=dichos.append) == (1, 0)
    assert dichos == [limpieza.JUNTOS, 1]


async def test_lo_que_alguien_espera_va_antes_y_que_falle_no_deja_sin_borrar(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    hechos: list[str] = []
    listo = asyncio.Event()
    bucle = asyncio.get_running_loop()

    def revisar(*, hasta: float) -> None:
        hechos.append("revisar")
        raise RuntimeError("a propósito")

    def limpiar(*, hasta: float) -> None:
        assert hasta <= time.monotonic() + limpieza.SEGUNDOS
        hechos.append("limpiar")
        bucle.call_soon_threadsafe(listo.set)

    monkeypatch.setattr(limpieza, "revisar", revisar)
    monkeypatch.setattr(limpieza, "limpiar", limpiar)
    una = limpieza.Limpieza()
    una.arrancar()
    await asyncio.wait_for(listo.wait(), PACIENCIA)
    una.cerrar()
    assert hechos == ["revisar", "limpiar"]


def test_lo_que_la_limpieza_dio_por_perdido_no_se_da_por_subido(
    almacen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Quien lo guardaba tardó más de diez minutos."""

    def dado_por_perdido(*_: Any) -> None:
        Archivo.objects.update(estado=_E.SOBRA)

    monkeypatch.setattr(deposito, "guardar", dado_por_perdido)
    with pytest.raises(ErrorMensajeria) as error:
        subir("ana")
    assert error.value.codigo == "UNAVAILABLE"
    assert not Archivo.objects.exists()


def test_se_mide_lo_que_espera(almacen: Path) -> None:
    for estado in (_E.EN_REVISION, _E.SOBRA, _E.SOBRA, _E.LISTO):
        Archivo.objects.filter(pk=subir("ana", b"x").pk).update(estado=estado)
    limpieza._contar()
    assert metricas.EN_REVISION._value.get() == 1
    assert metricas.POR_BORRAR._value.get() == 2


def test_lo_guardado_lo_lee_solo_su_dueno(almacen: Path) -> None:
    subir("ana")
    for ruta in almacen.rglob("*"):
        assert ruta.stat().st_mode & 0o077 == 0, ruta
