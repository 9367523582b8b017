"""Una petición HTTP cuesta un salto de hilo, y sale como la daría Django."""

from __future__ import annotations

import asyncio
import json
import threading
import time
from collections.abc import Awaitable, Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from typing import Any
from urllib.parse import unquote

import jwt
import pytest
from django.core import signals
from django.db import connection, connections
from django.db.backends.signals import connection_created
from django.http import HttpRequest, HttpResponse, StreamingHttpResponse
from django.test import Client, override_settings
from django.urls import path

from mensajeria.entre_procesos.compartido import compartido
from mensajeria.models import Usuario
from mensajeria.operaciones import autenticacion
from mensajeria.protocolo.tipos import MAX_MARCO
from servitech import busquedas, hilos, http, subidas
from servitech.http import PeticionesEnUnHilo
from tests.servicios import PACIENCIA, firmar


def _varias(request: HttpRequest) -> HttpResponse:
    respuesta = HttpResponse(request.body, status=201)
    respuesta.set_cookie("una", "1")
    respuesta.set_cookie("otra", "2", httponly=True)
    respuesta["X-Metodo"] = request.method or ""
    return respuesta


def _a_trozos(request: HttpRequest) -> StreamingHttpResponse:
    return StreamingHttpResponse(iter([b"uno ", b"dos"]))


def _grande(request: HttpRequest) -> HttpResponse:
    return HttpResponse(b"0123456789" * 20_000)


def _falla(request: HttpRequest) -> HttpResponse:
    raise ValueError("a propósito")


urlpatterns = [
    path("grande/", _grande),
    path("varias/", _varias),
    path("a-trozos/", _a_trozos),
    path("falla/", _falla),
]


@pytest.fixture(autouse=True)
def _un_hilo(monkeypatch: pytest.MonkeyPatch) -> Iterator[None]:
    """Siempre el mismo, y que no deje conexiones a la siguiente prueba."""
    with ThreadPoolExecutor(1, thread_name_prefix="peticiones") as uno:
        monkeypatch.setattr(hilos.PETICIONES, "ejecutor", uno)
        yield
        uno.submit(connections.close_all).result()


Recibir = Callable[[], Awaitable[dict[str, Any]]]


async def pedir(
    camino: str,
    metodo: str = "GET",
    cuerpo: bytes = b"",
    direccion: str = "127.0.0.1",
    **cabeceras: str,
) -> tuple[int, list[tuple[bytes, bytes]], bytes]:
    """La respuesta de la aplicación entera a esa petición: estado, cabeceras y cuerpo."""
    empieza, *cuerpos = await _mensajes(camino, metodo, cuerpo, direccion, None, **cabeceras)
    return empieza["status"], empieza["headers"], b"".join(c["body"] for c in cuerpos)


async def _mensajes(
    camino: str,
    metodo: str = "GET",
    cuerpo: bytes = b"",
    direccion: str = "127.0.0.1",
    recibir: Recibir | None = None,
    **cabeceras: str,
) -> list[dict[str, Any]]:
    """Los mensajes ASGI de esa respuesta."""
    camino, _, consulta = camino.partition("?")
    scope = {
        "type": "http",
        "http_version": "1.1",
        "method": metodo,
        "path": unquote(camino),
        "raw_path": camino.encode(),
        "query_string": consulta.encode("latin-1"),
        "headers": [
            (b"host", b"localhost"),
            *((k.lower().encode(), v.encode("latin-1")) for k, v in cabeceras.items()),
        ],
        "client": (direccion, 5),
        "server": ("localhost", 80),
    }
    salida: list[dict[str, Any]] = []

    async def entero() -> dict[str, Any]:
        return {"type": "http.request", "body": cuerpo, "more_body": False}

    async def enviar(mensaje: dict[str, Any]) -> None:
        salida.append(mensaje)

    await PeticionesEnUnHilo()(scope, recibir or entero, enviar)
    return salida


def _de(quien: str) -> str:
    return f"Bearer {firmar(quien)}"


@pytest.mark.bd
async def test_un_salto_de_hilo_por_peticion(decir: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    await asyncio.to_thread(decir, "ana")
    saltos: list[str] = []
    original = ThreadPoolExecutor.submit

    def contar(self: Any, *args: Any, **opciones: Any) -> Any:
        saltos.append(self._thread_name_prefix)
        return original(self, *args, **opciones)

    monkeypatch.setattr(ThreadPoolExecutor, "submit", contar)
    for camino in (
        "/api/mensajeria/conversaciones/",
        "/api/mensajeria/conversaciones/conv/mensajes/",
        "/api/mensajeria/notificaciones/",
        "/api/mensajeria/test/",
        "/salud/",
    ):
        saltos.clear()
        estado, _, _ = await pedir(camino, authorization=_de("ana"))
        assert (estado, saltos) == (200, ["peticiones"]), camino


@override_settings(ROOT_URLCONF=__name__)
async def test_cuerpo_cabeceras_y_cookies() -> None:
    estado, cabeceras, cuerpo = await pedir("/varias/", "GET", "añejo".encode())
    assert (estado, cuerpo.decode()) == (201, "añejo")
    assert (b"X-Metodo", b"GET") in cabeceras
    galletas = [v for k, v in cabeceras if k == b"Set-Cookie"]
    assert [g.split(b";")[0] for g in galletas] == [b"una=1", b"otra=2"]
    assert b"HttpOnly" in galletas[1]
    # Lo que ponen los middlewares, de fuera adentro.
    assert {b"Content-Security-Policy", b"X-Content-Type-Options", b"X-Frame-Options"} <= {
        k for k, _ in cabeceras
    }


@override_settings(ROOT_URLCONF=__name__)
async def test_una_respuesta_a_trozos_sale_entera() -> None:
    estado, _, cuerpo = await pedir("/a-trozos/")
    assert (estado, cuerpo) == (200, b"uno dos")


@override_settings(ROOT_URLCONF=__name__)
async def test_lo_que_ocupa_mucho_se_envia_por_partes() -> None:
    """Cada una espera a que salga la anterior: a quien lee despacio no se le copia entera."""
    empieza, *cuerpos = await _mensajes("/grande/")
    assert (b"Content-Length", b"200000") in empieza["headers"]
    assert [len(c["body"]) for c in cuerpos] == [65_536, 65_536, 65_536, 200_000 - 3 * 65_536]
    assert [c["more_body"] for c in cuerpos] == [True, True, True, False]
    assert b"".join(c["body"] for c in cuerpos) == b"0123456789" * 20_000


@override_settings(ROOT_URLCONF=__name__, DEBUG=False)
async def test_lo_que_falla_es_un_500_y_lo_siguiente_va_bien() -> None:
    assert (await pedir("/falla/"))[0] == 500
    assert (await pedir("/varias/"))[0] == 201


@override_settings(ROOT_URLCONF=__name__)
async def test_la_peticion_se_abre_y_se_cierra_una_vez() -> None:
    vistas: list[str] = []

    def empieza(**_: Any) -> None:
        vistas.append("empieza")

    def termina(**_: Any) -> None:
        vistas.append("termina")

    signals.request_started.connect(empieza)
    signals.request_finished.connect(termina)
    try:
        await pedir("/varias/")
        await pedir("/falla/")
    finally:
        signals.request_started.disconnect(empieza)
        signals.request_finished.disconnect(termina)
    assert vistas == ["empieza", "termina"] * 2


@pytest.mark.bd
async def test_nada_de_una_peticion_le_llega_a_la_siguiente(ana: Usuario) -> None:
    """Ni el usuario, ni el prefijo del camino, aunque las atienda el mismo hilo."""
    con = await pedir("/api/mensajeria/conversaciones/", authorization=_de("ana"))
    sin = await pedir("/api/mensajeria/conversaciones/")
    assert (con[0], sin[0]) == (200, 401)


@pytest.mark.bd
async def test_un_hilo_abre_su_sqlite_una_vez(ana: Usuario) -> None:
    if connection.vendor != "sqlite":
        pytest.skip("las demás las guarda su fondo, o su cliente")
    abiertas: list[Any] = []

    def abierta(**_: Any) -> None:
        abiertas.append(1)

    connection_created.connect(abierta)
    for _ in range(3):
        estado, *_ = await pedir("/api/mensajeria/conversaciones/", authorization=_de("ana"))
        assert estado == 200
    connection_created.disconnect(abierta)
    assert len(abiertas) == 1


@pytest.mark.parametrize("camino", ["/api/mensajeria/conversaciones/", "/admin/login/"])
async def test_al_cuerpo_que_no_acaba_se_le_despide_con_408(
    monkeypatch: pytest.MonkeyPatch, camino: str
) -> None:
    """Envíe poco a poco o nada, sin llegar a ninguna vista ni ocupar un hilo."""
    monkeypatch.setattr(http, "SEGUNDOS_DE_CUERPO", 0.3)

    async def gotear() -> dict[str, Any]:
        await asyncio.sleep(0.05)
        return {"type": "http.request", "body": b"{", "more_body": True}

    async with asyncio.timeout(30):
        empieza, *cuerpos = await _mensajes(camino, "POST", recibir=gotear)
    assert empieza["status"] == 408
    assert b"entero a tiempo" in cuerpos[0]["body"]
    assert (b"Connection", b"close") in empieza["headers"]
    assert not cuerpos[-1]["more_body"]


async def test_el_cuerpo_que_no_cabe_se_niega_como_lo_lee_un_navegador() -> None:
    de_mas = b"a" * 1_000_001
    estado, cabeceras, cuerpo = await pedir(
        CONVERSACIONES, "POST", de_mas, origin="https://otro.example"
    )
    assert (estado, json.loads(cuerpo)["code"]) == (413, "PAYLOAD_TOO_LARGE")
    dichas = {k.lower(): v for k, v in cabeceras}
    assert dichas[b"connection"] == b"close"
    assert dichas[b"access-control-allow-origin"] == b"*"
    assert dichas[b"cache-control"] == b"no-store"


async def test_quien_se_va_a_media_subida_no_llega_a_ninguna_vista() -> None:
    async def irse() -> dict[str, Any]:
        return {"type": "http.disconnect"}

    async def enviar(mensaje: Any) -> None:
        raise AssertionError("nadie espera respuesta")

    await PeticionesEnUnHilo()({"type": "http", "path": "/", "headers": []}, irse, enviar)


CONVERSACIONES = "/api/mensajeria/conversaciones/"


def _gastado(quien: str) -> int:
    return compartido().cubos.de(quien).gastadas


@pytest.mark.bd
async def test_rest_gasta_de_lo_mismo_que_los_sockets(ana: Usuario, beto: Usuario) -> None:
    assert (await pedir(CONVERSACIONES, authorization=_de("ana")))[0] == 200
    assert _gastado("ana") == 1
    compartido().cubos.de("ana").cobrar(10**6)
    estado, cabeceras, cuerpo = await pedir(
        CONVERSACIONES, authorization=_de("ana"), origin="https://otro.example"
    )
    error = json.loads(cuerpo)
    assert (estado, error["code"]) == (429, "RATE_LIMITED")
    assert 9 < error["reintentarEn"] <= 10.1
    dichas = {k.lower(): v for k, v in cabeceras}
    assert int(dichas[b"retry-after"]) >= error["reintentarEn"]
    # Un navegador de otro origen lo puede leer, y nadie lo guarda.
    assert dichas[b"access-control-allow-origin"] == b"*"
    assert dichas[b"cache-control"] == b"no-store"
    assert (await pedir(CONVERSACIONES, authorization=_de("beto")))[0] == 200


HOLA = json.dumps({"remitenteId": "ana", "contenido": {"texto": "x"}}).encode()
MENSAJES = f"{CONVERSACIONES}conv/mensajes"
DEL_ORIGINAL = [
    ("PUT", f"{CONVERSACIONES}conv/leer", b"{}", {}),
    ("GET", f"{CONVERSACIONES}?usuarioId=ana", b"", {}),
    ("GET", "/api/mensajeria/buscar?q=hola&usuarioId=ana", b"", {}),
    ("POST", MENSAJES, HOLA, {"content-type": "application/json"}),
    ("POST", MENSAJES, b"", {"content-type": "multipart/form-data; boundary=x"}),
]
NUESTRAS = [
    ("GET", CONVERSACIONES, b"", {}),
    ("GET", "/api/mensajeria/buscar?q=hola", b"", {}),
    ("POST", f"{CONVERSACIONES}conv/leer", b"", {}),
    ("POST", MENSAJES, b'{"contenido": {}}', {"content-type": "application/json"}),
]


@pytest.mark.bd
@pytest.mark.parametrize("apagado", [False, True])
async def test_lo_que_se_niega_antes_de_atenderlo_va_en_su_envoltorio(
    conversacion: Any, settings: Any, apagado: bool
) -> None:
    """Sin ritmo, con un cuerpo que no cabe o con lo que no se puede leer."""
    settings.REST_DEL_ORIGINAL = not apagado
    compartido().cubos.de("ana").cobrar(10**6)
    for suyas, peticiones in ((not apagado, DEL_ORIGINAL), (False, NUESTRAS)):
        for metodo, camino, cuerpo, cabeceras in peticiones:
            con_token: dict[str, Any] = {"authorization": _de("ana"), **cabeceras}
            ilegible = camino + ("&" if "?" in camino else "?") + "x=%00"
            casos = [(429, camino, cuerpo, con_token), (400, ilegible, cuerpo, cabeceras)]
            if cabeceras.get("content-type") != "application/json":
                # Con las señas en el cuerpo, ya no se sabe.
                cabe = subidas.maximo() if cabeceras else MAX_MARCO
                de_beto = {**con_token, "authorization": _de("beto")}
                casos.append((413, camino, b"x" * (cabe + 1), de_beto))
            for esperado, donde, dicho, con in casos:
                estado, _, negada = await pedir(donde, metodo, dicho, **con)
                leida = json.loads(negada)
                assert (estado, leida.get("success")) == (esperado, False if suyas else None)
                assert {"code", "message"} <= leida.keys()


@pytest.mark.bd
async def test_una_peticion_negada_no_ocupa_ningun_hilo(
    ana: Usuario, monkeypatch: pytest.MonkeyPatch
) -> None:
    compartido().cubos.de("ana").cobrar(10**6)
    monkeypatch.setattr(hilos.PETICIONES, "ejecutor", None)
    assert (await pedir(CONVERSACIONES, authorization=_de("ana")))[0] == 429


@pytest.mark.bd
async def test_una_pagina_pesa_lo_que_se_lee_y_lo_que_ocupa(decir: Any) -> None:
    def llenar() -> None:
        for _ in range(12):
            decir("ana", "x" * 5_000)

    await asyncio.to_thread(llenar)
    _, _, cuerpo = await pedir(f"{CONVERSACIONES}conv/mensajes/", authorization=_de("ana"))
    assert _gastado("ana") == 1 + len(cuerpo) // 8192 >= 8


@pytest.mark.bd
async def test_la_sesion_de_la_pagina_va_a_la_misma_cuenta(ana: Usuario) -> None:
    navegador = Client()
    await asyncio.to_thread(navegador.force_login, ana)
    cookie = f"sessionid={navegador.cookies['sessionid'].value}"
    # La primera dice de quién es.
    assert (await pedir(CONVERSACIONES, cookie=cookie))[0] == 200
    assert (await pedir(CONVERSACIONES, cookie=cookie))[0] == 200
    assert _gastado("ana") == 1
    compartido().cubos.de("ana").cobrar(10**6)
    # Un token que la API no mira no es otra cuenta.
    for mas in ({}, {"authorization": "Bearer dos partes"}, {"authorization": "Basic x"}):
        cabeceras: dict[str, Any] = {"cookie": f"otra=1; {cookie}", **mas}
        assert (await pedir(CONVERSACIONES, **cabeceras))[0] == 429


@pytest.fixture
def por_correo(ana: Usuario, settings: Any, monkeypatch: pytest.MonkeyPatch) -> str:
    """Un token que dice quién es por el correo de ana, que aún nadie ha mirado de quién es."""
    settings.JWT_CORREO = "email"
    monkeypatch.setattr(autenticacion, "_de_correo", {})
    Usuario.objects.filter(pk="ana").update(email="Ana@http.co", correo_plegado="ana@http.co")
    datos = {"id": "de-otro-sitio", "email": "ANA@http.co", "exp": time.time() + 60}
    return f"Bearer {jwt.encode(datos, settings.JWT_SECRET, 'HS256')}"


@pytest.mark.bd
async def test_un_token_por_correo_va_a_la_cuenta_de_quien_lo_tiene(por_correo: str) -> None:
    # La primera dice de quién es; hasta entonces va a la del correo.
    assert (await pedir(CONVERSACIONES, authorization=por_correo))[0] == 200
    assert (_gastado("ana"), _gastado("\0ana@http.co")) == (0, 1)
    assert (await pedir(CONVERSACIONES, authorization=por_correo))[0] == 200
    assert _gastado("ana") == 1
    compartido().cubos.de("ana").cobrar(10**6)
    assert (await pedir(CONVERSACIONES, authorization=por_correo))[0] == 429


@pytest.mark.bd
async def test_un_correo_que_nadie_ha_mirado_tambien_tiene_su_cuenta(
    por_correo: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    compartido().cubos.de("\0ana@http.co").cobrar(10**6)
    monkeypatch.setattr(hilos.PETICIONES, "ejecutor", None)
    assert (await pedir(CONVERSACIONES, authorization=por_correo))[0] == 429


@pytest.mark.bd
@pytest.mark.parametrize(
    "delante", ["Bearer ", "bEARER\t", "Bearer Bearer\xa0", "Bearer Bearer\x1f"]
)
async def test_se_cobra_a_quien_la_api_da_por_bueno(ana: Usuario, delante: str) -> None:
    """Quien cobra y quien autentica leen la cabecera igual, también con espacios raros."""
    token = _de("ana").removeprefix("Bearer ")
    assert (await pedir(CONVERSACIONES, authorization=delante + token))[0] == 200
    assert _gastado("ana") == 1


@pytest.mark.bd
async def test_tantear_identificadores_por_rest_se_frena(ana: Usuario, settings: Any) -> None:
    settings.BUSQUEDAS_FALLIDAS_POR_MINUTO = 3
    caminos = [f"{CONVERSACIONES}nada/", "/api/mensajeria/mensajes/nada/", f"{CONVERSACIONES}x/"]
    estados = [(await pedir(c, authorization=_de("ana")))[0] for c in (*caminos, CONVERSACIONES)]
    assert estados == [404, 404, 404, 429]


@pytest.mark.bd
async def test_un_token_que_ya_no_vale_no_gasta_lo_de_su_usuario(ana: Usuario) -> None:
    def desactivar() -> None:
        Usuario.objects.filter(pk="ana").update(is_active=False)

    await asyncio.to_thread(desactivar)
    assert (await pedir(CONVERSACIONES, authorization=_de("ana")))[0] == 401
    assert (await pedir(CONVERSACIONES, authorization="Bearer nada"))[0] == 401
    assert _gastado("ana") == 0


@pytest.mark.bd
@pytest.mark.parametrize(
    ("a_la_vez", "una", "otra"),
    [
        (hilos.A_LA_VEZ, {"authorization": "ana"}, {"authorization": "beto"}),
        (hilos.A_LA_VEZ_SIN_SABER, {"direccion": "2001:db8::1"}, {"direccion": "203.0.113.2"}),
        (
            hilos.A_LA_VEZ_SIN_SABER,
            {"direccion": "203.0.113.1", "cookie": "sessionid=desconocida"},
            {"direccion": "203.0.113.2"},
        ),
    ],
)
async def test_nadie_ocupa_los_hilos_de_todos(
    ana: Usuario,
    beto: Usuario,
    monkeypatch: pytest.MonkeyPatch,
    a_la_vez: int,
    una: dict[str, str],
    otra: dict[str, str],
) -> None:
    """Sus cuarenta a la vez entran de pocas en pocas; con esas paradas, la de otro entra.

    Cada uno es una persona o, si no se sabe quién pide, una dirección.
    """
    dentro: list[str] = []
    llego_la_otra = threading.Event()
    responder = PeticionesEnUnHilo._responder

    def apuntar(self: Any, scope: Any, cuerpo: Any) -> Any:
        quien = dict(scope["headers"])[b"x-quien"].decode()
        dentro.append(quien)
        assert dentro.count("una") <= a_la_vez
        try:
            assert quien == "otra" or llego_la_otra.wait(PACIENCIA)
            return responder(self, scope, cuerpo)
        finally:
            dentro.remove(quien)

    async def llamar(quien: str, como: dict[str, str]) -> int:
        cabeceras: dict[str, Any] = {**como, "x-quien": quien}
        if "authorization" in como:
            cabeceras["authorization"] = _de(como["authorization"])
        return (await pedir("/api/mensajeria/test/", **cabeceras))[0]

    with ThreadPoolExecutor(hilos.CUANTOS, thread_name_prefix="peticiones") as suyos:
        monkeypatch.setattr(hilos.PETICIONES, "ejecutor", suyos)
        monkeypatch.setattr(PeticionesEnUnHilo, "_responder", apuntar)
        suyas = [asyncio.create_task(llamar("una", una)) for _ in range(40)]
        await asyncio.sleep(0)
        assert await asyncio.wait_for(llamar("otra", otra), PACIENCIA) == 200
        llego_la_otra.set()
        assert set(await asyncio.gather(*suyas)) == {200}
        cerradas = [suyos.submit(connections.close_all) for _ in range(hilos.CUANTOS)]
        assert all(c.result() is None for c in cerradas)


@pytest.mark.bd
async def test_las_busquedas_no_ocupan_los_hilos_de_las_demas(
    decir: Any, beto: Usuario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """De cada persona se hace una, y en sus hilos; lo demás, aunque sea suyo, no las espera."""
    buscando: list[str] = []
    sigan = threading.Event()
    responder = PeticionesEnUnHilo._responder

    def apuntar(self: Any, scope: Any, cuerpo: Any) -> Any:
        if "buscar" not in scope["path"]:
            return responder(self, scope, cuerpo)
        assert threading.current_thread().name.startswith("busquedas")
        buscando.append(scope["path"])
        assert len(buscando) == 1, "una de cada persona"
        assert sigan.wait(PACIENCIA)
        buscando.pop()
        return responder(self, scope, cuerpo)

    async def buscar() -> int:
        return (await pedir("/api/mensajeria/buscar/?q=hola", authorization=_de("ana")))[0]

    await asyncio.to_thread(decir, "ana", "hola")
    with ThreadPoolExecutor(busquedas.HILOS, thread_name_prefix="busquedas") as suyos:
        monkeypatch.setattr(hilos.BUSQUEDAS, "ejecutor", suyos)
        monkeypatch.setattr(PeticionesEnUnHilo, "_responder", apuntar)
        cuantas = 1 + busquedas.EN_ESPERA
        suyas = [asyncio.create_task(buscar()) for _ in range(cuantas)]
        await asyncio.sleep(0)
        for camino in (CONVERSACIONES, "/api/mensajeria/notificaciones/"):
            assert (await pedir(camino, authorization=_de("ana")))[0] == 200
        assert await buscar() == 429, "ya esperan demasiadas suyas"
        monkeypatch.setattr(busquedas, "MAX", cuantas)
        de_otro = await pedir("/api/mensajeria/buscar/?q=a", authorization=_de("beto"))
        assert (de_otro[0], json.loads(de_otro[2])["reintentarEn"]) == (429, 1.0)
        sigan.set()
        assert set(await asyncio.gather(*suyas)) == {200}
        cerradas = [suyos.submit(connections.close_all) for _ in range(busquedas.HILOS)]
        assert all(c.result() is None for c in cerradas)
