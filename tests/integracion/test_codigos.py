"""Cada código de error del catálogo, por un socket de verdad."""

from __future__ import annotations

import asyncio
import json
from pathlib import Path
from typing import Any

import pytest
import requests

from mensajeria.protocolo.errores import CodigoError
from mensajeria.protocolo.eventos import CLIENTE, SERVIDOR
from tests.gente import Gente
from tests.integracion.cliente import Rechazo, como, hola
from tests.integracion.test_eventos import _con
from tests.servicios import Servidor

NO_ENCONTRADOS: list[tuple[str, dict[str, Any]]] = [
    ("unirse_conversacion", {"conversacionId": "{c}"}),
    ("salir_conversacion", {"conversacionId": "{c}"}),
    ("enviar_mensaje", {"conversacionId": "{c}", "contenido": {"texto": "x"}}),
    ("marcar_leido", {"conversacionId": "{c}"}),
    ("marcar_entregado", {"conversacionId": "{c}", "hastaSecuencia": 1}),
    ("escribiendo", {"conversacionId": "{c}", "escribiendo": True}),
    ("agregar_reaccion", {"mensajeId": "{m}", "tipo": "like"}),
    ("quitar_reaccion", {"mensajeId": "{m}"}),
    ("fijar_mensaje", {"mensajeId": "{m}"}),
    ("desfijar_mensaje", {"mensajeId": "{m}"}),
    ("cambiar_preferencias", {"conversacionId": "{c}", "anclada": True}),
    ("editar_mensaje", {"mensajeId": "{m}", "texto": "x"}),
    ("eliminar_mensaje", {"mensajeId": "{m}"}),
]


@pytest.mark.parametrize(("evento", "datos"), NO_ENCONTRADOS)
async def test_la_ajena_y_lo_inexistente_reciben_lo_mismo(
    servidor: Servidor, conv: str, evento: str, datos: dict[str, Any], gente: Gente
) -> None:
    async with como(servidor, gente.ana) as a, como(servidor, gente.carla) as c:
        id_ = (await a.pedir("enviar_mensaje", hola(conv)))["mensajeId"]
        a.empujes.clear()
        errores = []
        for cual, mensaje in ((conv, id_), ("nada", "nada")):
            crudo = json.dumps(datos).replace("{c}", cual).replace("{m}", mensaje)
            with pytest.raises(Rechazo) as rechazo:
                await c.pedir(evento, json.loads(crudo))
            error = rechazo.value.error
            errores.append({k: v for k, v in error.items() if k not in ("id", "timestamp")})
        assert errores[0] == errores[1]
        assert errores[0]["code"] == "NOT_FOUND"
        await a.eco()
        # Lo del eco, y que carla llegó, a quien nadie de aquí conoce, no se dice.
        assert {e for e, _ in a.empujes} == {"estadisticas"}


async def test_sin_permisos_cerrada_plazo_y_conflicto(
    servidor: Servidor, conv: str, gente: Gente
) -> None:
    con = _con(gente.ana)
    url = f"{servidor.url}/api/mensajeria/conversaciones/{conv}/"
    async with como(servidor, gente.ana) as a, como(servidor, gente.beto) as b:

        async def codigo(quien: Any, evento: str, datos: Any) -> str:
            with pytest.raises(Rechazo) as rechazo:
                await quien.pedir(evento, datos)
            return rechazo.value.code

        id_ = (await a.pedir("enviar_mensaje", hola(conv, idCliente="k")))["mensajeId"]
        assert await codigo(b, "editar_mensaje", {"mensajeId": id_, "texto": "x"}) == (
            "PERMISSION_DENIED"
        )
        assert await codigo(b, "eliminar_mensaje", {"mensajeId": id_}) == "PERMISSION_DENIED"
        assert await codigo(a, "enviar_mensaje", hola(conv, "otro", idCliente="k")) == "CONFLICT"
        for i in range(20):
            await a.pedir("editar_mensaje", {"mensajeId": id_, "texto": f"v{i}"})
        assert await codigo(a, "editar_mensaje", {"mensajeId": id_, "texto": "x"}) == (
            "EDIT_WINDOW_CLOSED"
        )
        permisos = {"permisos": {"puedeEnviar": False}}
        await asyncio.to_thread(
            requests.patch, url + f"participantes/{gente.beto}/", json=permisos, **con
        )
        assert await codigo(b, "enviar_mensaje", hola(conv)) == "PERMISSION_DENIED"
        escribe = {"conversacionId": conv, "escribiendo": True}
        assert await codigo(b, "escribiendo", escribe) == "PERMISSION_DENIED"
        await asyncio.to_thread(requests.patch, url, json={"activa": False}, **con)
        assert await codigo(a, "enviar_mensaje", hola(conv)) == "CONVERSATION_CLOSED"
        assert await codigo(a, "escribiendo", escribe) == "PERMISSION_DENIED"


async def test_evento_desconocido_y_archivo_demasiado_grande(
    servidor: Servidor, conv: str, gente: Gente
) -> None:
    async with como(servidor, gente.ana) as a:
        with pytest.raises(Rechazo) as rechazo:
            await a.pedir("borrar_todo", {})
        assert rechazo.value.code == "UNKNOWN_EVENT"
        archivo = {"nombre": "a", "url": "/a", "tamano": 11 * 2**20, "tipo": "x/y"}
        with pytest.raises(Rechazo) as rechazo:
            await a.pedir(
                "enviar_mensaje",
                {"conversacionId": conv, "contenido": {"archivo": archivo}},
            )
        assert rechazo.value.code == "PAYLOAD_TOO_LARGE"
        assert rechazo.value.error["campo"] == "contenido.archivo.tamano"


CODIGOS_EN_OTRO_LADO = {
    "RATE_LIMITED": "test_puerta.py",
    "UNAVAILABLE": "test_puerta.py",
    "INTERNAL_ERROR": "test_puerta.py",
}


def test_cada_evento_y_cada_codigo_tiene_su_prueba() -> None:
    """Un evento o un código nuevo sin prueba por el cable hace fallar esta."""
    carpeta = Path(__file__).parent
    texto = "".join(p.read_text() for p in carpeta.glob("test_*.py"))
    for nombre in [*CLIENTE, *SERVIDOR]:
        assert f'"{nombre}"' in texto, nombre
    for codigo in CodigoError:
        assert f'"{codigo.value}"' in texto, codigo
    for en_otro, archivo in CODIGOS_EN_OTRO_LADO.items():
        assert f'"{en_otro}"' in (carpeta / archivo).read_text(), en_otro
