"""Qué se halla, de quién y en qué orden, en las tres bases."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from django.db import connection

from mensajeria import consultas
from mensajeria.consultas import Filtros
from mensajeria.consultas.busqueda import donde, plazo, relevancia, sqlite
from mensajeria.models import Conversacion, Mensaje, Participante, Usuario
from mensajeria.protocolo import cargas
from mensajeria.protocolo.errores import ErrorMensajeria

pytestmark = pytest.mark.bd


def hallados(quien: str, q: str = "", **mas: Any) -> list[str]:
    """Los textos de lo que esa persona halla."""
    pedido = {n: mas.pop(n) for n in ("por_relevancia", "cursor", "cuantos") if n in mas}
    pagina = consultas.buscar(quien, q, Filtros(**mas), **pedido)
    return [h.mensaje.contenido.texto for h in pagina.hallados]


@pytest.fixture(params=[donde.POCAS, 0, -1], ids=["pocas", "muchas", "pocos mensajes"])
def cada_modo(request: pytest.FixtureRequest, monkeypatch: pytest.MonkeyPatch) -> None:
    """Por la conversación en el índice, mirándola en cada uno, o leyendo todo lo suyo."""
    monkeypatch.setattr(donde, "POCAS", max(0, request.param))
    monkeypatch.setattr(donde, "POCOS_MENSAJES", 5_000 if request.param < 0 else -1)


@pytest.mark.usefixtures("cada_modo")
def test_no_cuentan_acentos_mayusculas_ni_flexion(decir: Any) -> None:
    for texto in ("Las FACTURAS del año", "facturé ayer", "otra cosa"):
        decir("ana", texto)
    assert hallados("beto", "factura ") == ["facturé ayer", "Las FACTURAS del año"]
    assert hallados("ana", "ANO ") == ["Las FACTURAS del año"]
    assert hallados("ana", "factura años ") == ["Las FACTURAS del año"]
    assert hallados("ana", "facturas cosa ") == []


@pytest.mark.usefixtures("cada_modo")
def test_frases_prefijos_y_lo_que_se_esta_escribiendo(decir: Any) -> None:
    for texto in ("la luz roja", "roja la luz", "luces rojas", "lucero"):
        decir("ana", texto)
    assert hallados("ana", '"la luz"') == ["roja la luz", "la luz roja"]
    assert hallados("ana", '"luz roja"') == ["la luz roja"]
    assert hallados("ana", '"roja"') == ["roja la luz", "la luz roja"]
    assert hallados("ana", "luce*") == ["lucero", "luces rojas"]
    assert hallados("ana", "lucero") == hallados("ana", "lucero ") == ["lucero"]
    assert hallados("ana", "luc") == ["lucero", "luces rojas", "roja la luz", "la luz roja"]
    assert hallados("ana", "rojas ") == ["luces rojas", "roja la luz", "la luz roja"]


def test_lo_que_una_base_entenderia_de_otro_modo(decir: Any) -> None:
    for texto in (
        "va 1e5 y a.b de x@y.es",
        "NEAR OR AND NOT",
        "'; -- \\ % _ | @cconv",
        "漢字 и Пётр",
    ):
        decir("ana", texto)
    for q, texto in (
        ("1e5 ", "va 1e5 y a.b de x@y.es"),
        ("y.es ", "va 1e5 y a.b de x@y.es"),
        ("near or not ", "NEAR OR AND NOT"),
        ("cconv ", "'; -- \\ % _ | @cconv"),
        ("петр ", "漢字 и Пётр"),
        ("漢字*", "漢字 и Пётр"),
    ):
        assert hallados("ana", q) == [texto], q
    assert hallados("ana", "@tTEXTO ") == hallados("ana", "conv ") == []


def _enviar(pedir: Any, quien: str, texto: str, nombre: str, tipo: Any) -> None:
    archivo = cargas.ArchivoEnviado(nombre=nombre, url="https://x.es/a", tamano=1, tipo="a/b")
    pedir(
        quien,
        cargas.EnviarMensaje(
            conversacion_id="conv",
            contenido=cargas.ContenidoEnviado(texto=texto, tipo=tipo, archivo=archivo),
        ),
    )


@pytest.mark.usefixtures("cada_modo")
def test_los_filtros(decir: Any, pedir: Any) -> None:
    _enviar(pedir, "beto", "aquí va", "Plano_final.pdf", "archivo")
    decir("ana", "el plano")
    decir("beto", "¿qué plano?")
    assert hallados("ana", "plano ") == ["¿qué plano?", "el plano", "aquí va"]
    assert hallados("ana", "plano ", de="beto") == ["¿qué plano?", "aquí va"]
    assert hallados("ana", "plano ", tipo="archivo") == ["aquí va"]
    assert hallados("ana", con_archivo=True) == ["aquí va"]
    assert hallados("ana", de="ana") == hallados("ana", de="ana", conversacion="conv")
    assert hallados("ana", de="ana") == ["el plano"]
    assert hallados("ana", "plano ", de="nadie") == []
    antiguo = Mensaje.objects.get(texto="el plano")
    fecha = datetime(2020, 5, 5, 10, tzinfo=UTC)
    Mensaje.objects.filter(pk=antiguo.pk).update(fecha_envio=fecha)
    hora = timedelta(hours=1)
    assert hallados("ana", "plano ") == ["¿qué plano?", "aquí va", "el plano"]
    assert hallados("ana", "plano ", hasta=fecha + hora) == ["el plano"]
    assert hallados("ana", desde=fecha, hasta=fecha + hora) == ["el plano"]
    assert hallados("ana", "plano ", hasta=fecha) == []
    assert hallados("ana", "plano ", desde=fecha + hora) == ["¿qué plano?", "aquí va"]


@pytest.mark.usefixtures("cada_modo")
def test_solo_en_lo_propio(decir: Any, pedir: Any, carla: Usuario) -> None:
    decir("ana", "secreto")
    assert hallados("carla", "secreto ") == []
    with pytest.raises(ErrorMensajeria) as negada:
        hallados("carla", "secreto ", conversacion="conv")
    with pytest.raises(ErrorMensajeria) as inexistente:
        hallados("carla", "secreto ", conversacion="ninguna")
    assert negada.value.cuerpo == inexistente.value.cuerpo
    assert negada.value.codigo == "NOT_FOUND"
    otra = Conversacion.objects.create(tipo="grupal")
    suya = Participante.objects.create(conversacion=otra, usuario=carla)
    assert hallados("carla", "secreto ") == []
    assert hallados("beto", "secreto ") == ["secreto"]
    Participante.objects.filter(usuario="beto").update(activo=False)
    assert hallados("beto", "secreto ") == []
    assert suya.activo


def test_lo_editado_eliminado_y_oculto(decir: Any, pedir: Any) -> None:
    id_ = decir("ana", "primero").mensaje_id
    pedir("ana", cargas.EditarMensaje(mensaje_id=id_, texto="segundo"))
    assert (hallados("beto", "primero "), hallados("beto", "segundo ")) == ([], ["segundo"])
    Usuario.objects.create_superuser(username="mod", id="mod", password="demo")
    pedir("mod", cargas.OcultarMensaje(mensaje_id=id_, razon="r"), personal=True)
    assert hallados("beto", "segundo ") == hallados("ana", de="ana") == []
    pedir("mod", cargas.RestaurarMensaje(mensaje_id=id_, razon="r"), personal=True)
    assert hallados("beto", "segundo ") == ["segundo"]
    pedir("ana", cargas.EliminarMensaje(mensaje_id=id_, razon="r"))
    assert hallados("beto", "segundo ") == []
    assert Mensaje.objects.get(pk=id_).buscable == ""


@pytest.mark.usefixtures("cada_modo")
def test_por_paginas_llega_a_todos_una_vez(decir: Any) -> None:
    textos = [f"hola {i}" for i in range(7)]
    for texto in textos:
        decir("ana", texto)
    vistos, cursor = [], None
    for _vuelta in range(4):
        pagina = consultas.buscar("ana", "hola ", Filtros(), cursor=cursor, cuantos=2)
        vistos += [h.mensaje.contenido.texto for h in pagina.hallados]
        decir("ana", "hola nuevo")
        cursor = pagina.sigue
        if cursor is None:
            break
    assert cursor is None
    assert vistos == textos[::-1]


def test_con_la_misma_fecha_tambien(decir: Any) -> None:
    for i in range(6):
        decir("ana", f"hola {i}")
    Mensaje.objects.update(fecha_envio=datetime(2020, 1, 1, tzinfo=UTC))
    vistos: list[str] = []
    cursor = None
    while not vistos or cursor is not None:
        pagina = consultas.buscar("ana", "hola ", Filtros(), cursor=cursor, cuantos=2)
        vistos += [h.mensaje.contenido.texto for h in pagina.hallados]
        cursor = pagina.sigue
    assert sorted(vistos) == [f"hola {i}" for i in range(6)]


def test_lo_mejor_primero(decir: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    larga = "luces y más luces de la obra de arriba"
    for texto in ("la luz del pasillo", larga, "pasillo sin luz"):
        decir("ana", texto)
    assert hallados("ana", "luz del pasillo ", por_relevancia=True)[0] == "la luz del pasillo"
    en_orden = hallados("ana", "luz ", por_relevancia=True)
    assert en_orden[-1] == larga
    vistos: list[str] = []
    cursor = None
    while not vistos or cursor is not None:
        pagina = consultas.buscar(
            "ana", "luz ", Filtros(), por_relevancia=True, cursor=cursor, cuantos=1
        )
        vistos += [h.mensaje.contenido.texto for h in pagina.hallados]
        decir("ana", "luz luz luz")
        cursor = pagina.sigue
    assert vistos == en_orden
    monkeypatch.setattr("mensajeria.consultas.busqueda.CANDIDATOS", 1)
    assert hallados("ana", "pasillo ", por_relevancia=True) == ["pasillo sin luz"]
    assert relevancia.CANDIDATOS > 1


@pytest.mark.parametrize("cursor", ["x", "1/2", "", "~", "2020-01-01~" + "a" * 50, "9" * 40])
@pytest.mark.parametrize("por_relevancia", [True, False])
def test_un_cursor_que_no_lo_es(decir: Any, cursor: str, por_relevancia: bool) -> None:
    decir("ana", "hola")
    with pytest.raises(ErrorMensajeria) as lanzado:
        consultas.buscar("ana", "hola ", Filtros(), cursor=cursor, por_relevancia=por_relevancia)
    assert (lanzado.value.codigo, lanzado.value.campo) == ("VALIDATION_ERROR", "cursor")


@pytest.mark.parametrize("q", ["", "  ", "¿?", "😀"])
def test_sin_nada_que_buscar(conversacion: Conversacion, q: str) -> None:
    with pytest.raises(ErrorMensajeria) as lanzado:
        hallados("ana", q)
    assert (lanzado.value.codigo, lanzado.value.campo) == ("VALIDATION_ERROR", "q")


@pytest.mark.skipif(connection.vendor != "mongodb", reason="las otras lo miran al recorrer mucho")
def test_lo_que_tarda_demasiado_se_dice(decir: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    decir("ana", "hola")
    monkeypatch.setattr(plazo, "SEGUNDOS", 1e-6)
    with pytest.raises(ErrorMensajeria) as lanzado:
        hallados("ana", "hola ")
    assert lanzado.value.codigo == "UNAVAILABLE"
    monkeypatch.undo()
    assert hallados("ana", "hola ") == ["hola"]


@pytest.mark.skipif(connection.vendor != "sqlite", reason="las otras no siguen tras un mensaje")
def test_por_donde_seguir_no_dice_nada_de_lo_ajeno(
    conversacion: Conversacion, pedir: Any, carla: Usuario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Se para tras mirar uno ajeno: lo que se da es del mensaje propio de antes, o nada."""
    monkeypatch.setattr(donde, "POCAS", 0)
    monkeypatch.setattr(donde, "POCOS_MENSAJES", -1)
    monkeypatch.setattr(sqlite, "PRIMER_TROZO", 1)
    monkeypatch.setattr(sqlite, "SEGUNDOS_DE_UNA_VEZ", -1)
    suya = Conversacion.objects.create(tipo="grupal")
    Participante.objects.create(conversacion=suya, usuario=carla)

    def dicho(quien: str, conversacion: str, cuando: datetime) -> str:
        contenido = cargas.ContenidoEnviado(texto="hola")
        enviado = pedir(
            quien, cargas.EnviarMensaje(conversacion_id=conversacion, contenido=contenido)
        )
        Mensaje.objects.filter(pk=enviado.mensaje_id).update(fecha_envio=cuando)
        return str(enviado.mensaje_id)

    hora, dia = timedelta(hours=1), datetime(2020, 1, 1, tzinfo=UTC)
    dicho("ana", "conv", dia)
    assert consultas.buscar("carla", "hola ", Filtros()).sigue is None
    propio = dicho("carla", suya.pk, dia + hora)
    ajeno = dicho("ana", "conv", dia + 2 * hora)
    primera = consultas.buscar("carla", "hola ", Filtros())
    assert primera.hallados == []
    Mensaje.objects.filter(pk=ajeno).update(fecha_envio=dia + 3 * hora)
    otra = consultas.buscar("carla", "hola ", Filtros())
    assert primera.sigue == otra.sigue is not None
    segunda = consultas.buscar("carla", "hola ", Filtros(), cursor=primera.sigue)
    assert [h.mensaje.id for h in segunda.hallados] == [propio]
