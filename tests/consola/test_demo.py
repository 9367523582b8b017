"""El ejemplo se carga entero, y en una base que ya lo tenía, lo que falte."""

from __future__ import annotations

from pathlib import Path
from typing import Any

import pytest

from mensajeria.archivos import deposito
from mensajeria.consola.demo import cargar_demo
from mensajeria.consultas import (
    archivo_de,
    filas_de,
    mensajes_de,
    presentar_conversaciones,
    presentar_mensajes,
)
from mensajeria.models import Archivo, Conversacion, Mensaje, Participante, Usuario
from mensajeria.muestras import CUENTAS, TOKENS
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria
from tests.archivos.apoyo import guardado


@pytest.mark.bd
def test_carga_lo_que_falte(base: None) -> None:
    assert cargar_demo()
    assert not cargar_demo()
    assert set(Usuario.objects.values_list("pk", flat=True)) == set(CUENTAS) > set(TOKENS.values())
    quienes = Participante.objects.filter(conversacion_id="conv_test_001")
    assert "test_user_001" in set(quienes.values_list("usuario_id", flat=True))
    quienes.delete()
    Conversacion.objects.filter(pk="conv_test_001").delete()
    Usuario.objects.filter(pk__in=["test_user_001", "mod"]).delete()
    assert cargar_demo()
    assert Usuario.objects.get(pk="mod").groups.count() == 1
    assert quienes.count() == 2
    assert not cargar_demo()


@pytest.mark.bd
def test_no_empieza_vacio_y_sus_cuentas_cuadran(base: None, almacen: Path) -> None:
    """Lo que se lee de él es lo que se leería si se hubiera escrito de verdad."""
    cargar_demo()
    assert not Mensaje.objects.filter(conversacion__in=["conv_test", "conv_test_001"]).exists()
    assert 28 <= Mensaje.objects.count() <= 40
    assert Mensaje.objects.filter(prioridad="urgente").exists()
    assert Mensaje.objects.exclude(respuesta_a=None).count() > 5
    sin_leer = {}
    for fila in Conversacion.objects.filter(pk__startswith="demo_"):
        suyos = list(Mensaje.objects.filter(conversacion=fila).order_by("secuencia"))
        cambios = [m.secuencia_cambio for m in suyos]
        assert max(cambios) == fila.ultimo_cambio and len(set(cambios)) == len(cambios)
        assert [m.secuencia for m in suyos] == list(range(1, fila.ultima_secuencia + 1))
        for p in Participante.objects.filter(conversacion=fila):
            assert p.enviados == sum(m.remitente_id == p.usuario_id for m in suyos)
            forma = presentar_conversaciones([fila], p.usuario_id)[0]
            sin_leer[fila.pk, p.usuario_id] = forma.estadisticas.mensajes_no_leidos[p.usuario_id]
            presentados = presentar_mensajes(filas_de(mensajes_de(p.usuario_id, fila.pk)))
            assert all(m.estado in ("entregado", "leido") and m.fecha_entrega for m in presentados)
    assert {c for c, n in sin_leer.items() if n} == {
        ("demo_ana_beto", "ana"),
        ("demo_obra", "beto"),
        ("demo_asesoria", "beto"),
        ("demo_asesoria", "carla"),
    }
    imagen = Archivo.objects.get()
    assert (imagen.estado, imagen.clase) == ("enviado", "imagen")
    assert archivo_de("carla", imagen.pk) == imagen
    assert len(guardado(almacen)) == 3


@pytest.mark.bd
def test_sin_almacen_el_mensaje_se_queda_en_lo_que_dice(
    base: None, almacen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def no_deja(*_: Any) -> None:
        raise ErrorMensajeria(CodigoError.UNAVAILABLE)

    monkeypatch.setattr(deposito, "guardar", no_deja)
    assert cargar_demo()
    assert Mensaje.objects.get(texto="Plano de la cocina").archivo is None
