"""La vida de un mensaje: lo que consta de él, y su rastro entre lo de los demás."""

from __future__ import annotations

import json
import logging
from typing import Any

import pytest

from mensajeria.consola import vida_de_mensaje
from mensajeria.consola.vida_de_mensaje import contar
from mensajeria.models import Aviso, Canal, Conversacion, Mensaje
from mensajeria.ordenes.orden import Actor, Orden
from mensajeria.protocolo import cargas
from servitech.registro import EnJSON, Linea
from tests.apoyo import ejecutar_una

pytestmark = pytest.mark.bd


@pytest.fixture
def mensaje(conversacion: Conversacion) -> Mensaje:
    contenido = cargas.ContenidoEnviado(texto="hola")
    acuse = ejecutar_una(
        Orden(Actor("ana"), cargas.EnviarMensaje(conversacion_id="conv", contenido=contenido))
    )
    return Mensaje.objects.get(pk=acuse.mensaje_id)


def test_dice_quien_lo_recibio_quien_no_y_quien_esta(mensaje: Mensaje) -> None:
    dicho = "\n".join(contar(mensaje, lambda _: None))
    assert f"Mensaje {mensaje.pk}, el {mensaje.secuencia} de conv" in dicho
    assert "de ana, sin socket" in dicho
    assert "entregado: no consta" in dicho and "leído: no consta" in dicho
    assert "no se sabe si está conectado" in dicho
    ejecutar_una(Orden(Actor("beto"), cargas.MarcarLeido(conversacion_id="conv")))
    de_beto: Any = {"puerta": "nativa", "transporte": "websocket", "desde": 0.0, "por_leer": 9}
    dicho = "\n".join(contar(mensaje, lambda _: [de_beto]))
    assert "leído: no consta" not in dicho and "entregado: no consta" not in dicho
    assert "conectado por nativa (websocket)" in dicho and "9 bytes por leer" in dicho
    assert "no está conectado" in "\n".join(contar(mensaje, lambda _: ()))


def test_dice_que_se_aviso_y_por_que_no(mensaje: Mensaje) -> None:
    Aviso.objects.create(
        pk="a1",
        usuario_id="beto",
        conversacion_id="conv",
        canal=Canal.CORREO,
        clase="mensajes",
        desde=mensaje.secuencia,
        hasta=mensaje.secuencia,
        estado=Aviso.Estado.ENTERRADO,
        intentos=12,
        ultimo_error="550 no existe",
    )
    [linea] = [x for x in contar(mensaje, lambda _: ()) if "aviso por" in x]
    assert linea == "  aviso por Correo: enterrado, 12 intentos: 550 no existe"


@pytest.mark.parametrize("forma", [Linea(), EnJSON()])
def test_su_rastro_se_halla_en_los_dos_formatos(mensaje: Mensaje, forma: logging.Formatter) -> None:
    def linea(paso: str, nombre: str = "mensajeria.rastro", **datos: Any) -> str:
        uno = logging.LogRecord(nombre, logging.INFO, "", 0, paso, (), None)
        uno.datos = datos
        # Como en `servitech.registro`: el de texto lleva delante de quién es.
        texto = forma.format(uno)
        return f"{texto}\n" if isinstance(forma, EnJSON) else f"hora INFO {nombre}: {texto}\n"

    cambio = mensaje.cambio_de_envio
    suyas = [
        linea("confirmado", mensaje=mensaje.pk),
        linea("publicado", conversacion="conv", cambio=cambio),
        linea("dado", conversacion="conv", cambio=cambio, usuario="beto", conexion="c"),
    ]
    ajenas = [
        linea("dado", conversacion="conv", cambio=cambio * 10, usuario="beto"),
        linea("dado", conversacion="otra", cambio=cambio),
        linea("confirmado", nombre="otro", mensaje=mensaje.pk),
        "{roto\n",
        "mensajeria.rastro a medias",
    ]
    hallado = list(vida_de_mensaje.rastro([*ajenas, *suyas], mensaje))
    assert hallado == [x.rstrip() for x in suyas]


def test_una_linea_json_se_lee(mensaje: Mensaje) -> None:
    try:
        raise ValueError("a propósito")
    except ValueError as error:
        fallo = (ValueError, error, error.__traceback__)
    uno = logging.LogRecord("x", logging.ERROR, "", 0, "no %s", ("cabe\notra",), fallo)
    dicho = json.loads(EnJSON().format(uno))
    assert (dicho["dicho"], dicho["nivel"]) == ("no cabe\notra", "ERROR")
    assert "a propósito" in dicho["traza"]
