"""Cada ruta, probada por la dueña, el participante, la ajena y quien no se identifica."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple

import pytest
from django.urls import get_resolver
from django.utils.translation import trans_real
from drf_spectacular.generators import SchemaGenerator
from rest_framework.test import APIClient

from mensajeria.models import Conversacion, Mensaje, Notificacion, Usuario
from tests.servicios import firmar

pytestmark = pytest.mark.bd

C = "/api/mensajeria/conversaciones/"


class Ruta(NamedTuple):
    """`esperado`: los estados para ana (dueña), beto (participa) y carla (ajena)."""

    metodo: str
    camino: str
    esperado: tuple[int, int, int]
    cuerpo: dict[str, Any] | None = None


# De un archivo que no lo es; las de los que sí, en `tests/api/test_archivos.py`.
PARTES = ("", "contenido/", "pequena/", "mediana/")
HOLA = {"contenido": {"texto": "hola"}}
RUTAS = [
    Ruta("get", C, (200, 200, 200)),
    Ruta("post", C, (201, 201, 201), {"participantes": [{"usuarioId": "dora"}]}),
    Ruta("get", C + "conv/", (200, 200, 404)),
    Ruta("patch", C + "conv/", (200, 403, 404), {"configuracion": {"descripcion": "x"}}),
    Ruta("get", C + "conv/participantes/", (200, 200, 404)),
    Ruta("post", C + "conv/participantes/", (201, 403, 404), {"usuarioId": "dora"}),
    Ruta("patch", C + "conv/participantes/beto/", (200, 403, 404), {"rol": "experto"}),
    Ruta("delete", C + "conv/participantes/ana/", (204, 403, 404)),
    Ruta("get", C + "conv/mensajes/", (200, 200, 404)),
    Ruta("post", C + "conv/mensajes/", (201, 201, 404), HOLA),
    Ruta("post", C + "conv/leer/", (204, 204, 404)),
    Ruta("get", "/api/mensajeria/mensajes/{m}/", (200, 200, 404)),
    Ruta("patch", "/api/mensajeria/mensajes/{m}/", (200, 403, 404), {"texto": "x"}),
    Ruta("delete", "/api/mensajeria/mensajes/{m}/", (204, 403, 404)),
    Ruta("post", "/api/mensajeria/mensajes/{m}/leer/", (204, 204, 404)),
    Ruta("get", "/api/mensajeria/mensajes/{m}/recibos/", (200, 200, 404)),
    Ruta("post", "/api/mensajeria/mensajes/{m}/reacciones/", (200, 200, 404), {"tipo": "like"}),
    Ruta("delete", "/api/mensajeria/mensajes/{m}/reacciones/", (200, 200, 404)),
    Ruta("post", "/api/mensajeria/mensajes/{m}/fijado/", (200, 403, 404)),
    Ruta("delete", "/api/mensajeria/mensajes/{m}/fijado/", (200, 403, 404)),
    Ruta("get", C + "conv/fijados/", (200, 200, 404)),
    Ruta("patch", C + "conv/preferencias/", (200, 200, 404), {"anclada": True}),
    Ruta("get", "/api/mensajeria/buscar/", (400, 400, 400)),
    Ruta("put", C + "conv/avatar/", (400, 403, 404)),
    Ruta("delete", C + "conv/avatar/", (200, 403, 404)),
    Ruta("get", "/api/mensajeria/archivos/", (200, 200, 200)),
    Ruta("post", "/api/mensajeria/archivos/", (400, 400, 400)),
    Ruta("post", C + "conv/archivos/", (400, 400, 404)),
    *(Ruta("get", f"/api/mensajeria/archivos/{{m}}/{p}", (404, 404, 404)) for p in PARTES),
    Ruta("delete", "/api/mensajeria/archivos/{m}/", (404, 404, 404)),
    Ruta("get", "/api/mensajeria/usuarios/", (200, 200, 200)),
    Ruta("get", "/api/mensajeria/usuarios/dora/", (200, 200, 200)),
    Ruta("get", "/api/mensajeria/usuarios/yo/", (200, 200, 200)),
    Ruta("patch", "/api/mensajeria/usuarios/yo/", (200, 200, 200), {"nombre": "Otro"}),
    Ruta("put", "/api/mensajeria/usuarios/yo/avatar/", (400, 400, 400)),
    Ruta("delete", "/api/mensajeria/usuarios/yo/avatar/", (200, 200, 200)),
    Ruta("get", "/api/mensajeria/notificaciones/", (200, 200, 200)),
    Ruta("post", "/api/mensajeria/notificaciones/n/leer/", (200, 404, 404)),
    Ruta("get", "/api/mensajeria/dispositivos/", (200, 200, 200)),
    Ruta("post", "/api/mensajeria/dispositivos/", (400, 400, 400)),
    Ruta("delete", "/api/mensajeria/dispositivos/{m}/", (404, 404, 404)),
    Ruta("post", "/api/mensajeria/dispositivos/{m}/probar/", (404, 404, 404)),
    Ruta("get", "/api/mensajeria/preferencias/", (200, 200, 200)),
    Ruta("patch", "/api/mensajeria/preferencias/", (200, 200, 200)),
    Ruta("get", "/api/mensajeria/estadisticas/", (200, 200, 200)),
    Ruta("get", "/api/mensajeria/sesiones/", (200, 200, 200)),
    Ruta("delete", "/api/mensajeria/sesiones/", (204, 204, 204)),
    Ruta("delete", "/api/mensajeria/sesiones/{m}/", (404, 404, 404)),
    Ruta("post", "/api/token/revocar/", (204, 204, 204)),
]
LIBRES = {
    "api/",
    "api/token/",
    "api/token/refresh/",
    "api/mensajeria/",
    "api/mensajeria/test/",
    "api/esquema/",
    "api/docs/",
    "api/entrar/",
    "api/salir/",
}


def cliente(quien: str | None) -> APIClient:
    uno = APIClient()
    if quien is not None:
        respuesta = uno.post("/api/token/", {"username": quien, "password": "demo"}, format="json")
        uno.credentials(HTTP_AUTHORIZATION=f"Bearer {respuesta.json()['access']}")
    return uno


@pytest.fixture
def escena(decir: Any, ana: Usuario) -> str:
    """Un mensaje de ana en `conv`, una notificación suya, y dora, con quien hablar."""
    Usuario.objects.create_user(username="dora", id="dora", password="demo")
    Notificacion.objects.create(id="n", usuario=ana, tipo="t", titulo="T", mensaje="M")
    return str(decir("ana").mensaje_id)


def llamar(uno: APIClient, ruta: Ruta, mensaje_id: str, barra: str = "/") -> Any:
    hacer: Callable[..., Any] = getattr(uno, ruta.metodo)
    camino = ruta.camino.format(m=mensaje_id).rstrip("/") + barra
    return hacer(camino, ruta.cuerpo, format="json")


@pytest.mark.parametrize("ruta", RUTAS, ids=lambda r: f"{r.metodo} {r.camino}")
@pytest.mark.parametrize("quien", ["ana", "beto", "carla"])
def test_cada_cual_lo_suyo(ruta: Ruta, quien: str, escena: str) -> None:
    respuesta = llamar(cliente(quien), ruta, escena)
    esperado = ruta.esperado[["ana", "beto", "carla"].index(quien)]
    assert respuesta.status_code == esperado, respuesta.content
    if esperado >= 400:
        assert {"code", "message"} <= respuesta.json().keys()


@pytest.mark.elige_base
@pytest.mark.parametrize("ruta", RUTAS, ids=lambda r: f"{r.metodo} {r.camino}")
def test_sin_la_barra_final_es_la_misma_ruta(ruta: Ruta, escena: str) -> None:
    respuesta = llamar(cliente("ana"), ruta, escena, barra="")
    assert respuesta.status_code == ruta.esperado[0], respuesta.content


def test_tampoco_la_piden_las_demas(ana: Usuario) -> None:
    uno = cliente("ana")
    pareja = uno.post("/api/token", {"username": "ana", "password": "demo"}, format="json")
    renovado = uno.post("/api/token/refresh", {"refresh": pareja.json()["refresh"]}, format="json")
    assert (pareja.status_code, renovado.status_code) == (200, 200)
    for camino in ("/api/esquema", "/api/docs", "/api/mensajeria/test"):
        assert uno.get(camino).status_code == 200
    assert [uno.get(camino).status_code for camino in ("/api", "/apis")] == [404, 404]


@pytest.mark.elige_base
@pytest.mark.parametrize("ruta", RUTAS, ids=lambda r: f"{r.metodo} {r.camino}")
def test_sin_credenciales_es_401(ruta: Ruta, escena: str) -> None:
    respuesta = llamar(cliente(None), ruta, escena)
    assert respuesta.status_code == 401
    assert respuesta.json()["code"] == "AUTH_REQUIRED"
    assert respuesta["WWW-Authenticate"] == "Bearer"


def test_ninguna_ruta_queda_fuera_de_la_matriz() -> None:
    def caminos(patrones: Any, prefijo: str = "") -> set[str]:
        todos: set[str] = set()
        for p in patrones:
            ruta = prefijo + str(p.pattern).lstrip("^").rstrip("$")
            todos |= caminos(p.url_patterns, ruta) if hasattr(p, "url_patterns") else {ruta}
        return todos

    probadas = {r.camino.format(m="M").lstrip("/") for r in RUTAS} | LIBRES
    for ruta in caminos(get_resolver().url_patterns):
        if not ruta.startswith("api/"):
            continue
        assert any(re.fullmatch(ruta, p) for p in probadas), ruta


@pytest.mark.elige_base
@pytest.mark.parametrize("token", ["malo", "caducado", "de nadie"])
def test_a_lo_que_no_pide_credenciales_le_da_igual_la_que_traiga(token: str, ana: Usuario) -> None:
    hechos = {
        "malo": "malo",
        "caducado": firmar("ana", -60),
        "de nadie": firmar("nadie"),
    }
    uno = APIClient(HTTP_AUTHORIZATION=f"Bearer {hechos[token]}")
    entrar = {"username": "ana", "password": "demo"}
    pareja = uno.post("/api/token/", entrar, format="json")
    renovar = {"refresh": pareja.json()["refresh"]}
    pedidas = {
        "api/token/": pareja,
        "api/token/refresh/": uno.post("/api/token/refresh/", renovar, format="json"),
        "health": uno.get("/api/mensajeria/health/"),
        "test": uno.post("/api/mensajeria/test/", {}, format="json"),
    }
    pedidas |= {
        camino: uno.get(f"/{camino}") for camino in LIBRES - pedidas.keys() - {"api/", "api/salir/"}
    }
    assert {c: r.status_code for c, r in pedidas.items()} == dict.fromkeys(pedidas, 200)
    assert pedidas["health"].json()["estadisticas"] is None
    assert uno.get("/api/").status_code == 404


def test_un_camino_desconocido_se_niega_en_json() -> None:
    for metodo in ("get", "post", "put", "delete"):
        respuesta = getattr(APIClient(), metodo)("/api/mensajeria/nada")
        assert (respuesta.status_code, respuesta.json()["code"]) == (404, "NOT_FOUND")


def test_lo_ajeno_y_lo_inexistente_se_niegan_igual(escena: str) -> None:
    uno = cliente("carla")
    for ajeno, inexistente in (
        (C + "conv/", C + "nada/"),
        (C + "conv/mensajes/", C + "nada/mensajes/"),
        (C + "conv/fijados/", C + "nada/fijados/"),
        (f"/api/mensajeria/mensajes/{escena}/", "/api/mensajeria/mensajes/nada/"),
    ):
        respuestas = [uno.get(r) for r in (ajeno, inexistente)]
        assert respuestas[0].content == respuestas[1].content
        assert [r.status_code for r in respuestas] == [404, 404]


def test_los_fijados_tienen_la_forma_de_un_mensaje(escena: str, decir: Any) -> None:
    ana = cliente("ana")
    otro = decir("beto").mensaje_id
    for id_ in (escena, otro):
        acuse = ana.post(f"/api/mensajeria/mensajes/{id_}/fijado/")
        assert acuse.json()["fijado"]["por"] == "ana"
    formas = [ana.get(f"/api/mensajeria/mensajes/{id_}/").json() for id_ in (otro, escena)]
    assert cliente("beto").get(C + "conv/fijados/").json() == formas
    assert ana.delete(f"/api/mensajeria/mensajes/{otro}/fijado/").json()["fijado"]["por"] is None
    assert [m["_id"] for m in ana.get(C + "conv/fijados/").json()] == [escena]


def test_el_historial_entero_solo_esta_en_la_lectura_del_mensaje(decir: Any) -> None:
    id_ = decir("ana", "ahora").mensaje_id
    versiones = [{"texto": f"{i}", "fecha": "2025-07-06T10:30:00.000Z"} for i in range(19)]
    Mensaje.objects.filter(pk=id_).update(historial=versiones, editado=True, fijado=True)
    ana, uno = cliente("ana"), f"/api/mensajeria/mensajes/{id_}/"
    for editado, cuantas, total in (
        (ana.get(uno).json()["editado"], 19, 19),
        (ana.get(C + "conv/mensajes/").json()["results"][0]["editado"], 3, 19),
        (ana.get(C + "conv/mensajes/?desdeCambio=0").json()["results"][0]["editado"], 3, 19),
        (ana.get(C + "conv/fijados/").json()[0]["editado"], 3, 19),
        (ana.patch(uno, {"texto": "luego"}, format="json").json()["editado"], 3, 20),
    ):
        assert (len(editado["historial"]), editado["versiones"]) == (cuantas, total)
        assert editado["historial"][-1]["texto"] == ("18" if total == 19 else "ahora")


def test_la_autora_es_la_del_token_y_no_la_del_cuerpo(conversacion: Conversacion) -> None:
    cuerpo = {
        **HOLA,
        "remitente": "beto",
        "usuarioId": "beto",
        "secuencia": 99,
        "fechaEnvio": "2000-01-01T00:00:00.000Z",
        "_id": "forjado",
        "conversacionId": "otra",
    }
    forma = cliente("ana").post(C + "conv/mensajes/", cuerpo, format="json").json()
    assert forma["remitente"]["_id"] == "ana"
    assert (forma["secuencia"], forma["conversacion"]) == (1, "conv")
    assert forma["_id"] != "forjado"
    assert not forma["fechaEnvio"].startswith("2000")


@pytest.mark.elige_base
@pytest.mark.parametrize(
    ("crudo", "campo"),
    [
        (b"{", None),
        (b"[]", None),
        (b'{"contenido": NaN}', None),
        (b'{"contenido": {"texto": 1}}', "contenido.texto"),
        (b'{"contenido": {"texto": "\\u0000"}}', "contenido.texto"),
        (
            b'{"contenido": {"texto": "a", "metadatos": {"b": ["\\u001b"]}}}',
            "contenido.metadatos.b.0",
        ),
        (b'{"contenido": {"texto": "a", "metadatos": {"\x7f": 1}}}', "contenido.metadatos"),
        (b'{"contenido": {"texto": "\\ud800"}}', None),
        (b"\xff", None),
        (b'{"a":' * 40 + b"1" + b"}" * 40, None),
        (b"{}", "contenido"),
    ],
)
def test_cuerpos_malos(crudo: bytes, campo: str | None, conversacion: Conversacion) -> None:
    respuesta = cliente("ana").post(C + "conv/mensajes/", crudo, content_type="application/json")
    assert respuesta.status_code == 400
    assert respuesta.json()["code"] == "VALIDATION_ERROR"
    assert respuesta.json().get("campo") == campo


@pytest.mark.elige_base
def test_un_cuerpo_enorme_es_413(conversacion: Conversacion) -> None:
    respuesta = cliente("ana").post(
        C + "conv/mensajes/", b'"' + b"x" * 1_000_001 + b'"', content_type="application/json"
    )
    assert respuesta.status_code == 413
    assert respuesta.json()["code"] == "PAYLOAD_TOO_LARGE"


@pytest.mark.elige_base
@pytest.mark.parametrize(
    "parametro", ["antes=x", "despues=-1", "desdeCambio=1.5", "antes=99999999999999999"]
)
def test_parametros_malos(parametro: str, conversacion: Conversacion) -> None:
    respuesta = cliente("ana").get(f"{C}conv/mensajes/?{parametro}")
    assert respuesta.status_code == 400
    assert respuesta.json()["campo"] == parametro.split("=")[0]


@pytest.mark.elige_base
@pytest.mark.parametrize("cursor", ["cD1hYmM=", "cD0lMDA=", "x", "%00"])
@pytest.mark.parametrize("lista", [C, C + "conv/mensajes/", "/api/mensajeria/notificaciones/"])
def test_un_cursor_malo_se_dice(lista: str, cursor: str, decir: Any) -> None:
    decir("ana")
    respuesta = cliente("ana").get(f"{lista}?cursor={cursor}")
    assert respuesta.status_code in (200, 400)
    if respuesta.status_code == 400:
        assert respuesta.json()["campo"] == "cursor"


@pytest.mark.parametrize("ruta", [C + "%00/", "/api/mensajeria/mensajes/a%00b/"])
def test_un_id_con_nul_no_existe(ruta: str, conversacion: Conversacion) -> None:
    uno = cliente("ana")
    for metodo in (uno.get, uno.delete):
        assert metodo(ruta).status_code in (404, 405)


def test_la_historia_por_paginas_y_por_secuencia(decir: Any) -> None:
    for i in range(7):
        decir("ana", f"m{i}")
    uno = cliente("beto")
    vistas: list[int] = []
    siguiente = f"{C}conv/mensajes/?limite=3"
    while siguiente:
        pagina = uno.get(siguiente).json()
        vistas += [m["secuencia"] for m in pagina["results"]]
        siguiente = pagina["next"]
    assert vistas == [7, 6, 5, 4, 3, 2, 1]

    def secuencias(consulta: str) -> list[int]:
        return [m["secuencia"] for m in uno.get(f"{C}conv/mensajes/?{consulta}").json()["results"]]

    assert secuencias("antes=3") == [2, 1]
    assert secuencias("despues=5") == [7, 6]
    assert secuencias("desdeCambio=6") == [6, 7]


def test_filtros_de_conversaciones(decir: Any) -> None:
    decir("ana")
    uno = cliente("beto")

    def cuantas(consulta: str) -> int:
        return len(uno.get(f"{C}?{consulta}").json()["results"])

    assert cuantas("") == cuantas("tipo=grupal") == cuantas("activa=true") == 1
    assert cuantas("noLeidos=true") == 1
    assert cuantas("tipo=individual") == cuantas("activa=false") == 0
    uno.post(C + "conv/leer/")
    assert cuantas("noLeidos=true") == 0
    assert uno.get(f"{C}?tipo=raro").json()["campo"] == "tipo"


def test_los_listados_no_consultan_por_fila(decir: Any, django_assert_max_num_queries: Any) -> None:
    for _ in range(30):
        decir("ana")
    uno = cliente("beto")
    uno.post(C + "conv/leer/")
    with django_assert_max_num_queries(5):
        assert len(uno.get(f"{C}conv/mensajes/").json()["results"]) == 30
    # Una vieja: además, el recibo con que acaba.
    with django_assert_max_num_queries(6):
        assert len(uno.get(f"{C}conv/mensajes/?antes=20").json()["results"]) == 19
    # Las ancladas van delante, en su consulta; en PostgreSQL, además, si son pocas.
    with django_assert_max_num_queries(5):
        assert len(uno.get(C).json()["results"]) == 1
    with django_assert_max_num_queries(5):
        assert len(uno.get(f"{C}?noLeidos=true").json()["results"]) == 0
    with django_assert_max_num_queries(2):
        assert uno.get("/api/mensajeria/notificaciones/").status_code == 200


def test_la_segunda_individual_es_200_con_la_primera(ana: Any, beto: Any) -> None:
    cuerpo = {"participantes": [{"usuarioId": "beto"}]}
    uno = cliente("ana")
    respuestas = [uno.post(C, cuerpo, format="json") for _ in range(2)]
    assert [r.status_code for r in respuestas] == [201, 200]
    assert respuestas[0].json()["_id"] == respuestas[1].json()["_id"]


def test_el_indice_lleva_a_lo_que_hay(ana: Usuario) -> None:
    for camino in ("/api/mensajeria/", "/api/mensajeria"):
        indice = APIClient().get(camino)
        assert indice.status_code == 200
    direcciones = indice.json()
    listas = {"archivos", "conversaciones", "notificaciones", "sesiones"}
    assert listas | {"estadisticas", "docs"} <= direcciones.keys()
    uno = cliente("ana")
    for nombre, direccion in direcciones.items():
        assert direccion.startswith("http://testserver/api/")
        assert uno.get(direccion).status_code == (405 if nombre == "token" else 200)
    pagina = APIClient().get("/api/mensajeria/", HTTP_ACCEPT="text/html").content.decode()
    assert f'href="{direcciones["conversaciones"]}"' in pagina


def test_la_comprobacion_de_la_semilla() -> None:
    for camino in ("/api/mensajeria/test", "/api/mensajeria/test/"):
        respuesta = APIClient().get(camino)
        assert (respuesta.status_code, respuesta.json()["success"]) == (200, True)


@pytest.mark.elige_base
def test_la_api_navegable_y_su_esquema(conversacion: Conversacion) -> None:
    uno = APIClient()
    uno.login(username="ana", password="demo")
    pagina = uno.get(C + "conv/mensajes/", HTTP_ACCEPT="text/html")
    assert pagina.status_code == 200
    assert b"<html" in pagina.content
    esquema = uno.get("/api/esquema/", HTTP_ACCEPT="application/json").json()
    assert "Mensaje" in esquema["components"]["schemas"]
    docs = uno.get("/api/docs/").content
    assert b"https://" not in docs
    assert b"/static/drf_spectacular_sidecar/" in docs


@pytest.mark.elige_base
@pytest.mark.parametrize("consulta", [{}, {"version": "\n"}, {"lang": "xx", "script": "\n"}])
def test_el_esquema_se_escribe_una_vez_diga_lo_que_diga_la_consulta(
    consulta: dict[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    uno = APIClient()
    for formato in ("yaml", "json"):
        uno.get("/api/esquema/", {"format": formato})
    monkeypatch.setattr(SchemaGenerator, "get_schema", None)
    for formato, tipo in (("yaml", "vnd.oai.openapi"), ("json", "vnd.oai.openapi+json")):
        respuesta = uno.get("/api/esquema/", {"format": formato, **consulta})
        assert (respuesta.status_code, b"Mensaje" in respuesta.content) == (200, True)
        assert respuesta["Content-Type"] == f"application/{tipo}; charset=utf-8"
    assert uno.get("/api/docs/", consulta).status_code == 200
    # Django guarda una traducción por cada idioma que se le pide, exista o no.
    assert "xx" not in vars(trans_real)["_translations"]


def test_las_cifras_del_personal(decir: Any) -> None:
    decir("ana")
    Usuario.objects.filter(pk="carla").update(is_staff=True)
    cifras = cliente("carla").get("/api/mensajeria/estadisticas/").json()
    assert cifras["totales"]["mensajes"] == {"texto": 1}
    assert cifras["ultimoDia"]["usuariosMasActivos"][0]["mensajes"] == 1
    assert "totales" not in cliente("ana").get("/api/mensajeria/estadisticas/").json()


def test_reintentar_tras_salir_da_el_acuse_y_nada_mas_nuevo(conversacion: Conversacion) -> None:
    ana, beto = cliente("ana"), cliente("beto")
    mensajes = C + "conv/mensajes/"
    enviado = beto.post(mensajes, {**HOLA, "idCliente": "c1"}, format="json").json()
    assert ana.delete(C + "conv/participantes/beto/").status_code == 204
    acuse = {"mensajeId": enviado["_id"], "secuencia": 1, "idCliente": "c1", "estado": "enviado"}
    otra_vez = beto.post(mensajes, {**HOLA, "idCliente": "c1"}, format="json")
    assert (otra_vez.status_code, otra_vez.json().items() >= acuse.items()) == (201, True)
    del_original = {**HOLA, "idCliente": "c1", "remitenteId": "beto"}
    otra_vez = beto.post(mensajes, del_original, format="json")
    assert otra_vez.status_code == 201
    assert otra_vez.json()["mensaje"].items() >= acuse.items()
    assert beto.post(mensajes, {**HOLA, "idCliente": "c2"}, format="json").status_code == 404
