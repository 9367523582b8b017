"""Un mensaje leído, antes de guardarlo."""

from __future__ import annotations

from typing import Any

import pytest

from mensajeria.consola.importacion import mensajes
from mensajeria.models import Mensaje
from tests.consola.importacion.original import ANA, BETO, DIA, PAREJA, mensaje, oid


def test_lo_que_no_se_lee_queda_como_en_uno_recien_creado() -> None:
    """Y nada de lo que se puede cambiar es de dos."""
    uno, otro = (mensajes.leer(mensaje(oid(n), PAREJA, ANA, DIA), {str(ANA)}).fila for n in (1, 2))
    creado = Mensaje(id=uno.id, fecha_envio=DIA, texto=uno.texto, buscable=uno.buscable)
    campos = [c.attname for c in Mensaje._meta.concrete_fields]
    assert [vars(uno)[c] for c in campos] == [vars(creado)[c] for c in campos]
    assert uno._state.adding
    assert uno._state is not otro._state
    assert uno.historial is not otro.historial
    assert uno.metadatos is not otro.metadatos


def leido(**mas: Any) -> mensajes.MensajeTraido:
    return mensajes.leer(mensaje(oid(1), PAREJA, ANA, DIA, **mas), {str(ANA), str(BETO)})


@pytest.mark.parametrize(
    ("datos", "anotado"),
    [
        ({"latitud": 4.6, "longitud": -74}, []),
        ({"latitud": 460, "longitud": -74}, ["contenido.metadatos.ubicacion"]),
        ({"latitud": "4.6", "longitud": -74}, ["contenido.metadatos.ubicacion"]),
        ("Bogotá", ["contenido.metadatos.ubicacion"]),
    ],
)
def test_una_ubicacion_entra_como_estaba(datos: Any, anotado: list[str]) -> None:
    traido = leido(contenido={"tipo": "ubicacion", "metadatos": {"ubicacion": datos}})
    assert (traido.fila.tipo, traido.fila.metadatos) == ("ubicacion", {"ubicacion": datos})
    assert [n.campo for n in traido.notas] == anotado


@pytest.mark.parametrize(
    ("nombre", "tipo"),
    [
        ("wow", "surprise"),
        ("thumbs_up", "like"),
        ("thumbs_down", "thumbs_down"),
        ("angry", "angry"),
        ("👎", "thumbs_down"),
        (None, "like"),
    ],
)
def test_las_reacciones_son_las_de_las_puertas(nombre: str | None, tipo: str) -> None:
    traido = leido(reacciones=[{"usuario": BETO, "tipo": nombre, "fecha": DIA}])
    assert traido.reacciones == {str(BETO): (tipo, DIA)}
    assert traido.notas == []


def test_null_dentro_de_una_lista_no_es_nada() -> None:
    traido = leido(
        fechaLectura=[None],
        reacciones=[None],
        editado={"editado": True, "historialEdiciones": [None, {"contenido": "antes"}]},
        contenido={"texto": "t", "archivo": [None, {"url": "/a.png"}, None]},
    )
    assert [v["texto"] for v in traido.fila.historial] == ["antes"]
    assert traido.fila.archivo is not None and traido.fila.archivo["url"] == "/a.png"
    assert (traido.lecturas, traido.reacciones, traido.notas) == ({}, {}, [])


@pytest.mark.parametrize(
    ("dice", "campo"),
    [
        ({"estado": "enviado", "fechaEntrega": DIA}, "fechaEntrega"),
        ({"respuestaA": [1]}, "respuestaA"),
        ({"moderacion": "sí"}, "moderacion"),
        ({"moderacion": {"moderadoPor": [1]}}, "moderacion.moderadoPor"),
        ({"socketInfo": {"userAgent": "x" * 257}}, "socketInfo.userAgent"),
        ({"fechaLectura": [{"usuario": ANA, "fecha": DIA}]}, "fechaLectura.0"),
        ({"fechaLectura": DIA}, "fechaLectura.0"),
        ({"editado": {"editado": False, "historialEdiciones": [{}]}}, "editado.editado"),
        ({"editado": "quizá"}, "editado"),
        ({"editado": {"editado": "quizá"}}, "editado.editado"),
        ({"eliminado": "quizá"}, "eliminado"),
        ({"eliminado": {"eliminado": 2}}, "eliminado.eliminado"),
        ({"moderacion": {"reportado": "quizá"}}, "moderacion.reportado"),
        ({"moderacion": {"aprobado": "quizá"}}, "moderacion.aprobado"),
        ({"remitente": oid(99), "estado": "leido"}, "estado"),
        ({"contenido": {"archivo": {"url": "/a", "tamaño": -1}}}, "contenido.archivo.tamano"),
        ({"contenido": {"archivo": 5}}, "contenido.archivo"),
    ],
)
def test_lo_que_se_pierde_se_anota(dice: dict[str, Any], campo: str) -> None:
    assert campo in [n.campo for n in leido(**dice).notas]
