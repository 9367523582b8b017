"""Lo que se dice y se entiende con cada servidor, en textos."""

from __future__ import annotations

import pytest

from bancos.carga.dialectos import ACUSE, ENTRADA, ENTREGA, FALLO, LATIDO, NADA, Nativa, SocketIO


@pytest.mark.parametrize(
    ("carga", "suceso"),
    [
        (b'42["nuevo_mensaje",{}]', (ENTREGA, 0)),
        (b'4317[{"ok":true,"datos":{}}]', (ACUSE, 17)),
        (b'4317[{"ok":false,"error":{}}]', (FALLO, 0)),
        (b'42["autenticado",{}]', (ENTRADA, 0)),
        (b'44{"message":"AUTH_INVALID"}', (FALLO, 0)),
        (b"2", (LATIDO, 0)),
        (b'42["usuario_conectado",{}]', (NADA, 0)),
        (b'40{"sid":"a"}', (NADA, 0)),
    ],
)
def test_socketio(carga, suceso):
    assert SocketIO().leer(carga) == suceso


@pytest.mark.parametrize(
    ("carga", "suceso"),
    [
        (b'{"evento":"nuevo_mensaje","datos":{}}', (ENTREGA, 0)),
        (b'{"evento":"respuesta","id":17,"ok":true,"datos":{}}', (ACUSE, 17)),
        (b'{"evento":"respuesta","id":17,"ok":false,"error":{}}', (FALLO, 0)),
        (b'{"evento":"autenticado","datos":{}}', (ENTRADA, 0)),
        (b'{"evento":"error","datos":{}}', (FALLO, 0)),
        (b'{"evento":"usuario_conectado","datos":{}}', (NADA, 0)),
    ],
)
def test_nativa(carga, suceso):
    assert Nativa().leer(carga) == suceso


def test_un_envio_pide_acuse_con_su_numero():
    assert (
        SocketIO()
        .enviar("c1", 5, "ana")
        .startswith(b'425["enviar_mensaje",{"conversacionId":"c1","contenido":{"texto":')
    )
    assert Nativa().enviar("c1", 5, "ana").endswith(b'"idCliente":"ana-5"},"id":5}')
