"""El REST del original: sus rutas y envoltorios, como se grabaron, y quien firma es quien actúa.

`GRABADO` es lo que contestó el original donde contestaba con sentido: la petición, el estado, y los
campos de fuera y de lo que llevan dentro.
"""

from __future__ import annotations

import re
from typing import Any, NamedTuple

import pytest
from django.conf import settings
from django.urls import get_resolver
from rest_framework.test import APIClient

from mensajeria.api.original.respuestas import DelOriginal
from mensajeria.api.original.seleccion import RUTAS as URLCONF
from mensajeria.api.original.seleccion import SENAS
from mensajeria.difusion.sobre import Sobre
from mensajeria.models import Conversacion, Mensaje, Participante, Usuario
from tests.api.test_rutas import cliente
from tests.servicios import firmar

pytestmark = pytest.mark.bd

API = "/api/mensajeria/"
CONV = "conversaciones/conv"
Campos = dict[str, set[str]]


class Caso(NamedTuple):
    """`lleva`: los campos que ha de haber en cada parte; con la clave vacía, fuera."""

    metodo: str
    camino: str
    cuerpo: dict[str, Any] | None
    estado: int
    lleva: Campos

    def __str__(self) -> str:
        return f"{self.metodo} {self.camino}"


DE_MENSAJE = {"_id", "conversacion", "remitente", "contenido", "estado", "editado", "eliminado"}
DE_CONVERSACION = {"participantes", "tipo", "estado", "estadisticas", "configuracion", "activa"}
PAGINA = {"paginaActual", "limite", "total"}
DOS = [{"usuarioId": "ana", "rol": "cliente"}, {"usuarioId": "beto", "rol": "experto"}]
HECHO: Campos = {"": {"success", "message"}}
NEGADO: Campos = {"": {"success", "message", "code"}}
CIFRAS = {
    "": {"success", "estadisticasUsuario", "estadisticasGlobales"},
    "estadisticasUsuario": {
        "totalConversaciones",
        "conversacionesActivas",
        "totalMensajesNoLeidos",
        "ultimaActividad",
    },
}
CREADA: Campos = {"": {"success", "conversacion", "message"}, "conversacion": DE_CONVERSACION}

GRABADO = [
    Caso("post", "test", {}, 200, {"": {"success", "message", "acciones_disponibles"}}),
    Caso("get", "health", None, 200, {"": {"success", "status", "timestamp", "estadisticas"}}),
    Caso(
        "post",
        "conversaciones",
        {"creadorId": "ana", "participantes": DOS, "asesoriaId": "a1"},
        201,
        {**CREADA, "conversacion": DE_CONVERSACION | {"asesoria"}},
    ),
    Caso(
        "post",
        "conversaciones",
        {"creadorId": "ana", "participantes": DOS, "tipo": "grupal", "titulo": "Grupo"},
        201,
        {**CREADA, "conversacion": DE_CONVERSACION | {"titulo"}},
    ),
    Caso("post", "conversaciones", {"creadorId": "ana", "participantes": DOS[:1]}, 400, NEGADO),
    Caso("post", "conversaciones", {"creadorId": "ana", "participantes": DOS}, 201, CREADA),
    Caso("get", "conversaciones/nada?usuarioId=ana", None, 404, NEGADO),
    Caso(
        "put",
        f"{CONV}/participantes",
        {"adminId": "ana", "accion": "remover", "usuarioId": "beto"},
        200,
        HECHO,
    ),
    Caso(
        "put",
        f"{CONV}/participantes",
        {"adminId": "ana", "accion": "agregar", "usuarioId": "carla"},
        200,
        HECHO,
    ),
    Caso(
        "get",
        f"{CONV}/mensajes?usuarioId=ana&limite=3&pagina=1",
        None,
        200,
        {"": {"success", "mensajes", "paginacion"}, "paginacion": PAGINA, "mensajes": DE_MENSAJE},
    ),
    Caso(
        "get",
        f"{CONV}/mensajes?usuarioId=ana&limite=3&desde=2020-01-01",
        None,
        200,
        {"": {"success", "mensajes", "paginacion"}, "paginacion": PAGINA, "mensajes": DE_MENSAJE},
    ),
    Caso(
        "post",
        f"{CONV}/mensajes",
        {"remitenteId": "ana", "contenido": {"texto": "por REST"}, "prioridad": "alta"},
        201,
        {"": {"success", "mensaje", "message"}, "mensaje": DE_MENSAJE},
    ),
    Caso("post", f"{CONV}/mensajes", {"remitenteId": "ana", "contenido": {}}, 400, NEGADO),
    Caso(
        "put",
        "mensajes/{m}/editar",
        {"usuarioId": "ana", "nuevoContenido": "editado"},
        200,
        {"": {"success", "mensaje", "message"}, "mensaje": {"_id", "contenido", "editado"}},
    ),
    Caso("put", "mensajes/{m}/leer", {"usuarioId": "ana"}, 200, HECHO),
    Caso("put", f"{CONV}/leer", {"usuarioId": "ana"}, 200, HECHO),
    Caso(
        "post",
        "mensajes/{m}/reacciones",
        {"usuarioId": "ana", "tipo": "like"},
        200,
        {"": {"success", "reacciones", "message"}, "reacciones": {"usuario", "tipo", "fecha"}},
    ),
    Caso("delete", "mensajes/{m}", {"usuarioId": "ana", "razon": "prueba"}, 200, HECHO),
    Caso("get", "estadisticas?usuarioId=ana", None, 200, CIFRAS),
    Caso("get", "estadisticas?usuarioId=ana&incluirGlobales=true", None, 200, CIFRAS),
    Caso(
        "get",
        "buscar?q=hola&usuarioId=ana",
        None,
        200,
        {"": {"success", "resultados", "total", "query"}, "resultados": DE_MENSAJE},
    ),
    # De estas el original siempre fallaba (500), o no se grabaron: es lo que quería contestar.
    Caso(
        "get",
        "conversaciones?usuarioId=ana&tipo=grupal&limite=1&pagina=1",
        None,
        200,
        {
            "": {"success", "conversaciones", "paginacion", "estadisticas"},
            "conversaciones": DE_CONVERSACION,
            "paginacion": PAGINA,
            "estadisticas": {"totalNoLeidos", "conversacionesActivas"},
        },
    ),
    Caso(
        "get",
        f"{CONV}?usuarioId=ana",
        None,
        200,
        {"": {"success", "conversacion", "mensajesNoLeidos"}, "conversacion": DE_CONVERSACION},
    ),
]
LIBRES = {"test", "health"}


@pytest.fixture
def escena(decir: Any) -> str:
    return str(decir("ana").mensaje_id)


def llamar(uno: APIClient, caso: Caso, mensaje_id: str, barra: str = "") -> Any:
    ruta, *consulta = caso.camino.format(m=mensaje_id).split("?")
    camino = "?".join([f"{API}{ruta}{barra}", *consulta])
    return getattr(uno, caso.metodo)(camino, caso.cuerpo, format="json")


def _campos(parte: Any) -> set[str]:
    return set(parte[0] if isinstance(parte, list) else parte)


@pytest.mark.parametrize("caso", GRABADO, ids=str)
def test_contesta_como_el_original(caso: Caso, escena: str) -> None:
    respuesta = llamar(cliente("ana"), caso, escena)
    assert respuesta.status_code == caso.estado, respuesta.content
    datos = respuesta.json()
    assert datos["success"] is (caso.estado < 400)
    for parte, campos in caso.lleva.items():
        assert campos <= _campos(datos[parte] if parte else datos), parte


@pytest.mark.elige_base
@pytest.mark.parametrize("caso", GRABADO, ids=str)
def test_sin_credenciales_no_vale_decir_quien_se_es(caso: Caso, escena: str) -> None:
    respuesta = llamar(cliente(None), caso, escena, barra="/")
    if caso.camino in LIBRES:
        assert respuesta.status_code == caso.estado
        return
    assert respuesta.status_code == 401
    assert respuesta.json()["success"] is False
    assert respuesta.json()["code"] == "AUTH_REQUIRED"
    assert respuesta["WWW-Authenticate"] == "Bearer"


FIRMAS = DelOriginal.firmas


def _por(caso: Caso, otro: Any) -> Caso:
    """El mismo, dicho en nombre de otro."""
    camino = caso.camino.replace("usuarioId=ana", f"usuarioId={otro}")
    cuerpo = caso.cuerpo and {
        c: otro if c in FIRMAS and v == "ana" else v for c, v in caso.cuerpo.items()
    }
    return caso._replace(camino=camino, cuerpo=cuerpo)


@pytest.mark.elige_base
@pytest.mark.parametrize("caso", [c for c in GRABADO if _por(c, "beto") != c], ids=str)
def test_en_nombre_de_otro_se_niega_con_su_razon(caso: Caso, escena: str) -> None:
    antes = _todo()
    for otro in ("beto", "ANA", "") + ((["ana"], 1) if caso.cuerpo else ()):
        respuesta = llamar(cliente("ana"), _por(caso, otro), escena)
        assert respuesta.status_code == 403, respuesta.content
        datos = respuesta.json()
        assert (datos["success"], datos["code"]) == (False, "USER_MISMATCH")
        assert datos["campo"] in datos["message"]
    assert _todo() == antes


def _todo() -> list[Any]:
    return [
        list(modelo.objects.order_by("pk").values())
        for modelo in (Conversacion, Mensaje, Participante)
    ]


def test_dicho_dos_veces_o_donde_no_toca_tambien(escena: str) -> None:
    uno = cliente("ana")
    for camino in (
        f"{CONV}?usuarioId=ana&usuarioId=beto",
        f"{CONV}?usuarioId=beto&usuarioId=ana",
        f"{CONV}/mensajes?pagina=1&remitenteId=beto",
    ):
        assert uno.get(API + camino).json()["code"] == "USER_MISMATCH"
    respuesta = uno.put(f"{API}{CONV}/leer?usuarioId=beto", {}, format="json")
    assert respuesta.json()["code"] == "USER_MISMATCH"


def test_un_entero_es_quien_dice_el_token(escena: str) -> None:
    """Quien firma en otro sitio puede decir quién es con un número."""
    Usuario.objects.create_user(username="siete", id="7")
    uno = APIClient(HTTP_AUTHORIZATION=f"Bearer {firmar(7)}")  # type: ignore[arg-type]
    gente = [{"usuarioId": 7}, {"usuarioId": "ana"}]
    for firma, estado in ((7, 201), ("7", 201), (8, 403), (True, 403), (7.0, 403)):
        cuerpo = {"creadorId": firma, "participantes": gente, "tipo": "grupal"}
        respuesta = uno.post(f"{API}conversaciones", cuerpo, format="json")
        assert respuesta.status_code == estado, firma
    otra = Conversacion.objects.exclude(pk="conv")[0].pk
    for accion in ("remover", "agregar"):
        cambio = {"adminId": "ana", "accion": accion, "usuarioId": 7}
        respuesta = uno.put(f"{API}conversaciones/{otra}/participantes", cambio, format="json")
        assert respuesta.json()["code"] == "USER_MISMATCH"
        cambio["adminId"] = 7
        respuesta = uno.put(f"{API}conversaciones/{otra}/participantes", cambio, format="json")
        assert respuesta.status_code == (200 if accion == "remover" else 404)


AJENA = {
    "put participantes": ("put", f"{CONV}/participantes", {"accion": "agregar", "usuarioId": "x"}),
    "historia": ("get", f"{CONV}/mensajes?pagina=1", None),
    "envío": ("post", f"{CONV}/mensajes", {"remitenteId": "carla", "contenido": {"texto": "x"}}),
    "ver": ("get", f"{CONV}?usuarioId=carla", None),
    "leer todo": ("put", f"{CONV}/leer", {}),
    "leer": ("put", "mensajes/{m}/leer", {}),
    "editar": ("put", "mensajes/{m}/editar", {"nuevoContenido": "x"}),
    "eliminar": ("delete", "mensajes/{m}", {"usuarioId": "carla"}),
    "reaccionar": ("post", "mensajes/{m}/reacciones", {"usuarioId": "carla", "tipo": "like"}),
}


@pytest.mark.parametrize("que", AJENA)
def test_lo_ajeno_no_existe(que: str, escena: str) -> None:
    """El original distinguía lo ajeno (403) de lo que no hay: decía a cualquiera qué había."""
    metodo, camino, cuerpo = AJENA[que]
    respuestas = []
    for conversacion, mensaje in (("conv", escena), ("nada", "nada")):
        caso = Caso(metodo, camino.replace("/conv", f"/{conversacion}"), cuerpo, 404, {})
        respuestas.append(llamar(cliente("carla"), caso, mensaje))
    assert [r.status_code for r in respuestas] == [404, 404]
    assert respuestas[0].content == respuestas[1].content


def test_quien_participa_no_hace_lo_que_no_le_toca(escena: str) -> None:
    beto = cliente("beto")
    for metodo, camino, cuerpo in (
        ("put", f"{CONV}/participantes", {"accion": "agregar", "usuarioId": "carla"}),
        ("put", f"{CONV}/participantes", {"accion": "remover", "usuarioId": "ana"}),
        ("put", "mensajes/{m}/editar", {"nuevoContenido": "x"}),
        ("delete", "mensajes/{m}", {"usuarioId": "beto"}),
    ):
        respuesta = llamar(beto, Caso(metodo, camino, cuerpo, 403, {}), escena)
        assert (respuesta.status_code, respuesta.json()["code"]) == (403, "PERMISSION_DENIED")
        assert respuesta.json()["success"] is False


def _las_de_las_rutas() -> dict[str, str]:
    """`GET conversaciones/{id}`, y el nombre de su ruta."""
    todas: dict[str, str] = {}
    rutas: list[Any] = get_resolver(URLCONF).url_patterns
    # DRF añade `head` con la primera petición.
    for ruta in rutas:
        camino = re.sub(r"\(\?P<pk>[^)]*\)", "{id}", str(ruta.pattern)).strip("^/$")
        for metodo in ruta.callback.actions.keys() - {"head"}:
            todas[f"{metodo.upper()} {camino.removeprefix('api/mensajeria/')}"] = ruta.name
    return todas


def test_cada_ruta_del_original_esta_en_la_grabacion() -> None:
    probadas = {
        f"{c.metodo.upper()} {re.sub('/(conv|nada|{m})', '/{id}', c.camino.split('?')[0])}"
        for c in GRABADO
    }
    assert probadas == _las_de_las_rutas().keys()


def test_su_pagina_las_dice_todas_y_que_las_distingue() -> None:
    pagina = (settings.BASE_DIR / "docs/rest-original.md").read_text(encoding="utf-8")
    _, de_quien, que_contestan = re.split(r"\n## (?:Cuáles son suyas|Qué contestan)\n", pagina)

    def filas(parte: str) -> dict[str, str]:
        return dict(re.findall(r"^\| `([^`]+)` \| (.*) \|$", parte, re.MULTILINE))

    todas = _las_de_las_rutas()
    assert filas(que_contestan).keys() == todas.keys()
    assert {
        (ruta.split()[0], todas[ruta]): set(re.findall("`([^`]+)`", senas))
        for ruta, senas in filas(de_quien).items()
    } == SENAS


def test_sin_nada_del_original_contestan_las_nuestras(escena: str) -> None:
    """Con barra o sin ella: lo que las distingue es lo que traen."""
    uno = cliente("ana")
    cuerpo = {"participantes": [{"usuarioId": "beto"}], "usuarioId": "beto"}
    for barra in ("", "/"):
        assert "results" in uno.get(f"{API}conversaciones{barra}").json()
        assert "results" in uno.get(f"{API}conversaciones{barra}?tipo=grupal&limite=1").json()
        assert "_id" in uno.post(f"{API}conversaciones{barra}", cuerpo, format="json").json()
        assert uno.get(f"{API}{CONV}{barra}").json()["_id"] == "conv"
        assert "results" in uno.get(f"{API}{CONV}/mensajes{barra}?limite=1").json()
        envio = {"contenido": {"texto": "hola", "metadatos": {"remitenteId": "beto"}}}
        nuevo = uno.post(f"{API}{CONV}/mensajes{barra}", envio, format="json").json()
        assert nuevo["contenido"]["metadatos"] == {"remitenteId": "beto"}
        reaccion = f"{API}mensajes/{nuevo['_id']}/reacciones{barra}"
        assert "mensajeId" in uno.post(reaccion, {"tipo": "like"}, format="json").json()
        assert "usuariosConectados" in uno.get(f"{API}estadisticas{barra}").json()
        assert uno.delete(f"{API}mensajes/{nuevo['_id']}{barra}").status_code == 204
        assert uno.post(f"{API}{CONV}/leer{barra}").status_code == 204
        assert uno.get(f"{API}test{barra}").json()["success"] is True


def test_lo_que_cambia_llega_a_los_conectados(escena: str, sobres: list[Sobre]) -> None:
    uno = cliente("ana")
    for metodo, camino, cuerpo in (
        ("post", f"{CONV}/mensajes", {"remitenteId": "ana", "contenido": {"texto": "x"}}),
        ("put", "mensajes/{m}/editar", {"nuevoContenido": "x"}),
        ("post", "mensajes/{m}/reacciones", {"usuarioId": "ana", "tipo": "like"}),
        ("delete", "mensajes/{m}", {"usuarioId": "ana"}),
        ("put", f"{CONV}/participantes", {"accion": "remover", "usuarioId": "beto"}),
    ):
        assert llamar(uno, Caso(metodo, camino, cuerpo, 200, {}), escena).status_code < 300
    assert [s.evento for s in sobres if s.cambio] == [
        "nuevo_mensaje",
        "mensaje_editado",
        "reaccion_agregada",
        "mensaje_eliminado",
        "participante_removido",
    ]


def test_apagado_solo_quedan_las_nuestras(escena: str, settings: Any) -> None:
    settings.REST_DEL_ORIGINAL = False
    uno = cliente("ana")
    assert "results" in uno.get(f"{API}conversaciones?usuarioId=ana&pagina=1").json()
    assert uno.get(f"{API}health").status_code == 404
    assert uno.post(f"{API}test", {}, format="json").status_code == 405
    assert uno.put(f"{API}{CONV}/leer", {}, format="json").status_code == 405
    envio = {"remitenteId": "beto", "contenido": {"texto": "x"}}
    forma = uno.post(f"{API}{CONV}/mensajes", envio, format="json").json()
    assert forma["remitente"]["_id"] == "ana"


def test_lo_ilegible_se_niega_en_su_envoltorio(escena: str) -> None:
    uno = cliente("ana")
    for crudo in (b'{"remitenteId": "ana", ', b'{"remitenteId": "ana", "contenido": "\\u0001"}'):
        respuesta = uno.post(f"{API}{CONV}/mensajes", crudo, content_type="application/json")
        assert (respuesta.status_code, respuesta.json()["success"]) == (400, False)
    for crudo in (b"[]", b'"x"'):
        respuesta = uno.put(f"{API}{CONV}/leer", crudo, content_type="application/json")
        assert (respuesta.status_code, respuesta.json()["success"]) == (400, False)
    assert uno.put(f"{API}{CONV}/leer").status_code == 200
