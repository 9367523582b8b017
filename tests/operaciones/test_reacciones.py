from __future__ import annotations

from typing import Any

import pytest

from mensajeria.difusion.sobre import Sobre
from mensajeria.models import Conversacion, Participante, Reaccion
from mensajeria.operaciones import reacciones
from mensajeria.protocolo import cargas
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria

pytestmark = pytest.mark.bd


def test_una_por_persona_y_la_nueva_reemplaza(decir: Any, pedir: Any, sobres: list[Sobre]) -> None:
    id_ = decir("ana").mensaje_id
    pedir("beto", cargas.AgregarReaccion(mensaje_id=id_, tipo="like"))
    pedir("ana", cargas.AgregarReaccion(mensaje_id=id_, tipo="sad"))
    Reaccion.objects.update(fecha="2026-01-01T00:00:00Z")
    ultima = pedir("beto", cargas.AgregarReaccion(mensaje_id=id_, tipo="love"))

    # Como por REST y en el original: por su fecha, y la que reemplaza es de ahora.
    assert [(r.usuario, r.tipo) for r in ultima.reacciones] == [("ana", "sad"), ("beto", "love")]
    assert Reaccion.objects.count() == 2
    assert [s.cambio for s in sobres] == [2, 3, 4, 5]


def test_repetir_la_misma_no_cambia_nada(decir: Any, pedir: Any, sobres: list[Sobre]) -> None:
    id_ = decir("ana").mensaje_id
    for _ in range(2):
        pedir("beto", cargas.AgregarReaccion(mensaje_id=id_, tipo="like"))
    assert len(sobres) == 2


def test_las_reacciones_de_un_mensaje_tienen_tope(
    decir: Any, pedir: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(reacciones, "MAX_REACCIONES", 1)
    id_ = decir("ana").mensaje_id
    pedir("beto", cargas.AgregarReaccion(mensaje_id=id_, tipo="like"))
    with pytest.raises(ErrorMensajeria) as error:
        pedir("ana", cargas.AgregarReaccion(mensaje_id=id_, tipo="like"))
    assert error.value.codigo is CodigoError.CONFLICT
    cambiada = pedir("beto", cargas.AgregarReaccion(mensaje_id=id_, tipo="sad"))
    assert [r.tipo for r in cambiada.reacciones] == ["sad"]


def test_sin_poder_enviar_no_se_reacciona_y_si_se_quita(decir: Any, pedir: Any) -> None:
    id_ = decir("ana").mensaje_id
    pedir("beto", cargas.AgregarReaccion(mensaje_id=id_, tipo="like"))
    Participante.objects.filter(usuario="beto").update(puede_enviar=False)
    for tipo in ("like", "sad"):
        with pytest.raises(ErrorMensajeria) as error:
            pedir("beto", cargas.AgregarReaccion(mensaje_id=id_, tipo=tipo))
        assert error.value.codigo is CodigoError.PERMISSION_DENIED
    assert pedir("beto", cargas.QuitarReaccion(mensaje_id=id_)).reacciones == []


def test_quitar_la_propia(decir: Any, pedir: Any, sobres: list[Sobre]) -> None:
    id_ = decir("ana").mensaje_id
    pedir("beto", cargas.AgregarReaccion(mensaje_id=id_, tipo="like"))
    pedir("beto", cargas.QuitarReaccion(mensaje_id=id_, tipo="sad"))
    assert Reaccion.objects.count() == 1
    quitada = pedir("beto", cargas.QuitarReaccion(mensaje_id=id_, tipo="like"))
    assert quitada.reacciones == []
    assert not Reaccion.objects.exists()
    assert sobres[-1].evento == "reaccion_quitada"


@pytest.mark.parametrize("clase", [cargas.AgregarReaccion, cargas.QuitarReaccion])
def test_el_ajeno_no_reacciona(decir: Any, pedir: Any, clase: Any) -> None:
    id_ = decir("ana").mensaje_id
    with pytest.raises(ErrorMensajeria) as error:
        pedir("carla", clase(mensaje_id=id_, tipo="like"))
    assert error.value.codigo is CodigoError.NOT_FOUND


def test_en_una_cerrada_no_se_reacciona(decir: Any, pedir: Any) -> None:
    id_ = decir("ana").mensaje_id
    Conversacion.objects.update(activa=False)
    with pytest.raises(ErrorMensajeria) as error:
        pedir("beto", cargas.AgregarReaccion(mensaje_id=id_, tipo="like"))
    assert error.value.codigo is CodigoError.CONVERSATION_CLOSED


def test_la_casa_anade_las_suyas(decir: Any, pedir: Any, settings: Any) -> None:
    id_ = decir("ana").mensaje_id
    fiesta = cargas.AgregarReaccion(mensaje_id=id_, tipo="🎉")
    for carga in (fiesta, cargas.QuitarReaccion(mensaje_id=id_, tipo="🎉")):
        with pytest.raises(ErrorMensajeria) as error:
            pedir("beto", carga)
        assert (error.value.codigo, error.value.campo) == (CodigoError.VALIDATION_ERROR, "tipo")
    settings.REACCIONES = ["🎉"]
    assert [r.tipo for r in pedir("beto", fiesta).reacciones] == ["🎉"]
    assert reacciones.reacciones_admitidas()[0] == "like"
    assert reacciones.reacciones_admitidas()[-1] == "🎉"
    # La que dejó de admitirse se quita.
    settings.REACCIONES = []
    quitar = cargas.QuitarReaccion(mensaje_id=id_, tipo="🎉")
    assert pedir("beto", quitar).reacciones == []
