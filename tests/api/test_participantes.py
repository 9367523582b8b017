"""Los participantes: la lista entera si son pocos, y por páginas si no."""

from __future__ import annotations

from base64 import b64encode
from typing import Any
from urllib.parse import quote, urlencode

import pytest

from mensajeria.api.paginas import MAX_PAGINA
from mensajeria.models import Conversacion, Participante, Usuario
from mensajeria.protocolo.tipos import MAX_ENUMERADOS
from tests.api.test_rutas import C, cliente
from tests.numerosas import poblar

pytestmark = pytest.mark.bd

RUTA = C + "conv/participantes/"


def _quienes(participantes: list[dict[str, Any]]) -> list[str]:
    return [p["usuario"]["_id"] for p in participantes]


def _por_paginas(uno: Any, url: str | None, hacia: str = "next") -> list[list[str]]:
    paginas = []
    while url:
        respuesta = uno.get(url)
        assert len(respuesta.content) < MAX_PAGINA + 1_000
        pagina = respuesta.json()
        paginas.append(_quienes(pagina["results"]))
        url = pagina[hacia]
    return paginas


def test_con_cien_o_menos_es_la_lista_entera_por_ingreso(conversacion: Conversacion) -> None:
    poblar(conversacion, MAX_ENUMERADOS)
    Participante.objects.filter(usuario="u050").update(activo=False)
    todos = cliente("beto").get(RUTA).json()
    assert _quienes(todos)[:3] == ["ana", "beto", "u001"]
    assert len(todos) == MAX_ENUMERADOS


def test_con_mas_va_por_paginas_y_no_falta_ni_se_repite_nadie(conversacion: Conversacion) -> None:
    poblar(conversacion, 230)
    uno = cliente("beto")
    paginas = _por_paginas(uno, RUTA)
    assert [len(p) for p in paginas] == [50, 50, 50, 50, 30]
    vistos = [quien for pagina in paginas for quien in pagina]
    assert vistos == sorted(vistos) and len(set(vistos)) == 230
    ultima = uno.get(RUTA + "?limite=100").json()
    while ultima["next"]:
        ultima = uno.get(ultima["next"]).json()
    atras = _por_paginas(uno, ultima["previous"], "previous")
    assert [quien for pagina in reversed(atras) for quien in pagina] == vistos[:200]


def test_se_pueden_pedir_por_paginas_aunque_sean_pocos(conversacion: Conversacion) -> None:
    assert _por_paginas(cliente("beto"), RUTA + "?limite=1") == [["ana"], ["beto"]]


def test_una_pagina_se_acota_tambien_por_bytes(conversacion: Conversacion) -> None:
    poblar(conversacion, 300)
    mucho = "\U0001f642"
    Usuario.objects.update(nombre=mucho * 200, apellido=mucho * 200, avatar_url=mucho * 2_048)
    paginas = _por_paginas(cliente("beto"), RUTA + "?limite=100")
    assert len(paginas[0]) < 100
    assert sum(map(len, paginas)) == len({q for p in paginas for q in p}) == 300


def test_la_lista_entera_que_no_cabe_va_por_paginas(conversacion: Conversacion) -> None:
    poblar(conversacion, MAX_ENUMERADOS)
    Usuario.objects.update(avatar_url="\U0001f642" * 2_048)
    paginas = _por_paginas(cliente("beto"), RUTA)
    assert len(paginas) > 1
    assert len({q for p in paginas for q in p}) == MAX_ENUMERADOS


@pytest.mark.parametrize("posicion", ["", "\x00", "\x9f", "x" * 37, "\ud800"])
def test_un_cursor_imposible_se_niega(conversacion: Conversacion, posicion: str) -> None:
    crudo = urlencode({"p": posicion}, errors="surrogatepass").encode()
    respuesta = cliente("beto").get(RUTA + "?cursor=" + quote(b64encode(crudo).decode()))
    assert respuesta.status_code in (200, 400)
    if respuesta.status_code == 400:
        assert respuesta.json()["campo"] == "cursor"


def test_a_quien_se_agrega_o_cambia_va_en_la_respuesta(conversacion: Conversacion) -> None:
    poblar(conversacion, 120)
    uno = cliente("ana")
    agregado = uno.post(RUTA, {"usuarioId": "carla"}, format="json").json()
    cambiado = uno.patch(RUTA + "u001/", {"rol": "experto"}, format="json").json()
    visto = uno.get(C + "conv/").json()
    [listado] = uno.get(C).json()["results"]
    assert set(_quienes(agregado["participantes"])) == {"ana", "carla"}
    assert set(_quienes(cambiado["participantes"])) == {"ana", "u001"}
    for forma in (agregado, cambiado, visto, listado):
        assert forma["totalParticipantes"] == 121
        assert forma["totalConectados"] == 0
    assert _quienes(visto["participantes"]) == _quienes(listado["participantes"]) == ["ana"]
