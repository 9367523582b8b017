from __future__ import annotations

import http.server
import socketserver
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import pytest
from django.contrib.sessions.models import Session
from django.core import checks
from django.core.management import CommandError, call_command
from django.db import connection

from mensajeria.comprobaciones import ajustes, servicios
from mensajeria.consola.diagnostico import archivos as de_archivos
from mensajeria.consola.diagnostico import base as de_base
from mensajeria.consola.diagnostico import capa, configuracion, disco, puertas, redis_, reloj
from mensajeria.consola.diagnostico.hallazgos import Veredicto
from servitech import bases
from tests.archivos.clamd import Clamd
from tests.servicios import Servidor, nats, puerto_libre, redis


def estados(hallazgos: Any) -> list[Veredicto]:
    hechos = list(hallazgos)
    assert all(h.remedio for h in hechos if h.estado in (Veredicto.AVISO, Veredicto.MAL))
    return [h.estado for h in hechos]


# Un servidor en marcha


@pytest.mark.servidor
def test_las_puertas_de_un_servidor_y_su_secreto(tmp_path: Path, settings: Any) -> None:
    with Servidor(tmp_path) as uno:
        assert estados(puertas.revisar(uno.url, exigido=True)) == [Veredicto.BIEN] * 5
        settings.JWT_SECRET = "otro secreto, de más de 32 bytes, que no es el suyo"
        *bien, secreto = puertas.revisar(uno.url, exigido=True)
        assert (estados(bien), secreto.estado) == ([Veredicto.BIEN] * 4, Veredicto.MAL)
        assert "mismo JWT_SECRET" in secreto.remedio
        salida = uno.orden("diagnosticar", "--url", uno.url).stdout
    assert "Sin fallos" in salida
    assert salida.count("ping y pong") == 3


def test_sin_servidor_se_omite_y_si_se_nombro_es_un_fallo() -> None:
    url = f"http://127.0.0.1:{puerto_libre()}"
    assert estados(puertas.revisar(url, exigido=False)) == [Veredicto.OMITIDO]
    assert estados(puertas.revisar(url, exigido=True)) == [Veredicto.MAL]


class _Otro(http.server.BaseHTTPRequestHandler):
    """Contesta a todo lo mismo, como un proxy que reenvía a otro sitio."""

    def do_GET(self) -> None:
        cuerpo = b"<html>Bienvenido a nginx</html>"
        self.send_response(200)
        self.send_header("Content-Length", str(len(cuerpo)))
        self.end_headers()
        self.wfile.write(cuerpo)

    do_POST = do_GET

    def log_message(self, *_: Any) -> None:
        pass


@pytest.fixture
def otro_servidor() -> Iterator[str]:
    class Ajeno(socketserver.ThreadingTCPServer):
        daemon_threads = True

    with Ajeno(("127.0.0.1", 0), _Otro) as otro:
        threading.Thread(target=otro.serve_forever, daemon=True).start()
        yield f"http://127.0.0.1:{otro.server_address[1]}"
        otro.shutdown()


def test_un_proxy_que_va_a_otro_sitio(otro_servidor: str) -> None:
    assert estados(puertas.revisar(otro_servidor, exigido=True)) == [Veredicto.MAL] * 4


# La base, Redis, el reloj y el disco


@pytest.mark.bd
def test_la_base_de_las_pruebas_esta_bien(base: None) -> None:
    vistos = estados(de_base.revisar())
    assert Veredicto.MAL not in vistos
    assert len(vistos) == 3


@pytest.mark.bd
def test_una_base_que_no_deja_escribir(base: None, monkeypatch: Any) -> None:
    def fallar() -> Any:
        raise OSError("disco lleno")

    monkeypatch.setattr(de_base, "atomico", fallar)
    assert estados(de_base.revisar())[-1] is Veredicto.MAL


@pytest.mark.bd
def test_la_prueba_de_escribir_escribe_tambien_en_una_base_vacia(base: None) -> None:
    """Con el disco lleno, una escritura que no toca ninguna fila sale bien."""
    escrito: list[int] = []

    def contar(ejecutar: Any, sql: str, parametros: Any, varias: bool, contexto: Any) -> Any:
        hecho = ejecutar(sql, parametros, varias, contexto)
        if sql.startswith(("INSERT", "DELETE")):
            escrito.append(contexto["cursor"].rowcount)
        return hecho

    with connection.execute_wrapper(contar):
        assert Veredicto.MAL not in estados(de_base.revisar())
    # En MongoDB no hay SQL que mirar.
    assert escrito == ([] if connection.vendor == "mongodb" else [1, 1])
    assert not Session.objects.exists()


@pytest.mark.bd
def test_una_base_que_no_responde(base: None, monkeypatch: Any) -> None:
    def fallar() -> str:
        raise OSError("nadie")

    monkeypatch.setattr(de_base, "_version", fallar)
    assert estados(de_base.revisar()) == [Veredicto.MAL]


@pytest.mark.bd
def test_el_reloj_de_la_base(base: None) -> None:
    assert set(estados(reloj.revisar())) <= {Veredicto.BIEN, Veredicto.OMITIDO}


@pytest.mark.parametrize(
    ("adelanto", "estado"),
    [(0.0, Veredicto.BIEN), (2.0, Veredicto.AVISO), (-60.0, Veredicto.MAL)],
)
def test_relojes_que_no_coinciden(adelanto: float, estado: Veredicto) -> None:
    hallazgo = reloj.comparar("la base", lambda: time.time() + adelanto)
    assert hallazgo.estado is estado
    assert estado is Veredicto.BIEN or "timedatectl" in hallazgo.remedio


def test_de_redis_se_espera_el_eco_propio(settings: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    with redis() as url:
        settings.REDIS_URL = url
        cliente = redis_.conectar()
        publicar, canales = cliente.publish, set()

        def otro(canal: str, _: str) -> None:
            canales.add(canal)
            publicar(canal, "hola")

        monkeypatch.setattr(cliente, "publish", otro)
        monkeypatch.setattr(redis_, "_PACIENCIA", 0.3)
        assert [redis_._reparto(cliente).estado for _ in range(2)] == [Veredicto.MAL] * 2
        assert len(canales) == 2


def test_de_la_capa_se_espera_el_eco(settings: Any) -> None:
    assert estados(capa.revisar()) == [Veredicto.OMITIDO]
    with nats() as url:
        settings.CAPA_URL = bases.de_capa(url)
        suya = bases.capa_de_canales("redis://", settings.CAPA_URL)
        settings.CHANNEL_LAYERS = {"default": suya}
        assert estados(capa.revisar()) == [Veredicto.BIEN]
    assert estados(capa.revisar()) == [Veredicto.MAL]


def test_redis_en_marcha_y_caido(settings: Any) -> None:
    with redis() as url:
        settings.REDIS_URL = url
        assert estados(redis_.revisar()) == [Veredicto.BIEN] * 3
        redis_.conectar().config_set("maxmemory", "100mb")
        redis_.conectar().config_set("maxmemory-policy", "allkeys-lru")
        assert Veredicto.AVISO in estados(redis_.revisar())
    assert estados(redis_.revisar()) == [Veredicto.MAL]
    settings.REDIS_URL = ""
    assert estados(redis_.revisar()) == [Veredicto.OMITIDO]


@pytest.mark.bd
def test_el_almacen_de_archivos(base: None, almacen: Path) -> None:
    assert estados(de_archivos.revisar()) == [Veredicto.BIEN, Veredicto.OMITIDO]
    for carpeta in almacen.iterdir():
        carpeta.rmdir()
    almacen.rmdir()
    almacen.write_text("aquí ya hay algo")
    assert estados(de_archivos.revisar()) == [Veredicto.MAL, Veredicto.OMITIDO]


@pytest.mark.parametrize(
    ("contesta", "estado"),
    [
        (b"stream: OK\n", Veredicto.BIEN),
        (b"INSTREAM size limit exceeded. ERROR\n", Veredicto.MAL),
    ],
)
def test_el_antivirus(contesta: bytes, estado: Veredicto, settings: Any) -> None:
    clamd = Clamd(contesta)
    settings.CLAMD = ("127.0.0.1", clamd.puerto)
    assert estados([de_archivos.del_antivirus()]) == [estado]
    assert len(clamd.recibido) == settings.ARCHIVO_BYTES
    clamd.cerrar()
    assert estados([de_archivos.del_antivirus()]) == [Veredicto.MAL]


@pytest.mark.parametrize(
    ("libre", "estado"),
    [(10 * 1024**3, Veredicto.BIEN), (500 * 1024**2, Veredicto.AVISO), (1, Veredicto.MAL)],
)
def test_el_sitio_que_queda(libre: int, estado: Veredicto, tmp_path: Path) -> None:
    assert disco.juzgar("datos", tmp_path, libre).estado is estado


def test_una_carpeta_que_no_existe(settings: Any, tmp_path: Path) -> None:
    settings.LOG_ARCHIVO = str(tmp_path / "no" / "server.log")
    assert estados(disco.revisar()).count(Veredicto.MAL) == 2


# La orden


@pytest.mark.bd
def test_un_fallo_termina_con_error_y_mira_lo_demas(
    base: None, monkeypatch: Any, capsys: Any, settings: Any
) -> None:
    def romperse() -> Any:
        raise RuntimeError("un defecto")

    monkeypatch.setattr(redis_, "revisar", romperse)
    monkeypatch.setattr(configuracion, "revisar", lambda: ())
    settings.PORT = puerto_libre()
    with pytest.raises(CommandError, match="Fallos: 1"):
        call_command("diagnosticar")
    salida = capsys.readouterr().out
    assert "un defecto" in salida
    assert "Puertas" in salida


def test_la_direccion_es_http() -> None:
    with pytest.raises(CommandError, match="http"):
        call_command("diagnosticar", url="file:///etc/passwd")


# manage.py check


def ids(hallados: list[checks.CheckMessage]) -> set[str | None]:
    assert all(h.hint for h in hallados)
    return {h.id for h in hallados}


def test_desplegar_con_la_configuracion_de_desarrollo(settings: Any) -> None:
    settings.DEBUG, settings.ALLOWED_HOSTS = True, ["*"]
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = False
    assert ids(ajustes.revisar_despliegue(None)) == {
        "mensajeria.W002",
        "mensajeria.W003",
        "mensajeria.W007",
    }


def test_desplegar_tras_un_proxy(settings: Any) -> None:
    settings.DEBUG, settings.ALLOWED_HOSTS = False, ["mensajes.example"]
    settings.SESSION_COOKIE_SECURE = settings.CSRF_COOKIE_SECURE = True
    settings.SECURE_PROXY_SSL_HEADER = None
    assert ids(ajustes.revisar_despliegue(None)) == {"mensajeria.W004"}
    settings.SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https")
    settings.PROXIES_DE_CONFIANZA = "127.0.0.1"
    assert ajustes.revisar_despliegue(None) == []
    settings.PROXIES_DE_CONFIANZA = "*"
    assert ajustes.revisar_despliegue(None) == []
    settings.PROXIES_DE_CONFIANZA = "10.0.0.2"
    assert ids(ajustes.revisar_despliegue(None)) == {"mensajeria.W006"}


class _Mongo:
    """Lo que `revisar_mongo` mira de una conexión."""

    vendor = "mongodb"

    def __init__(self, version: list[int], **saludo: Any) -> None:
        self.database = self.client = self.admin = self
        self._version, self._saludo = version, saludo

    def command(self, _: str) -> dict[str, Any]:
        return self._saludo

    def server_info(self) -> dict[str, Any]:
        return {"versionArray": self._version}


@pytest.mark.parametrize(
    ("mongo", "esperados"),
    [
        (_Mongo([6, 0, 1], setName="rs0"), set()),
        (_Mongo([8, 2, 0], msg="isdbgrid"), set()),
        (_Mongo([5, 0, 9], setName="rs0"), {"mensajeria.E005"}),
        (_Mongo([7, 0, 0]), {"mensajeria.E006"}),
        (_Mongo([5, 0, 0]), {"mensajeria.E005", "mensajeria.E006"}),
        (_Mongo([]), {"mensajeria.W008"}),
    ],
)
def test_mongo_que_no_sirve(monkeypatch: Any, mongo: Any, esperados: set[str]) -> None:
    if not mongo._version:
        monkeypatch.setattr(mongo, "server_info", lambda: {})
    monkeypatch.setattr(servicios, "connection", mongo)
    assert ids(servicios.revisar_mongo(databases=["default"])) == esperados
    assert servicios.revisar_mongo() == []


@pytest.mark.bd
def test_la_base_de_las_pruebas_sirve_para_servir(base: None) -> None:
    assert servicios.revisar_mongo(databases=["default"]) == []
    assert connection.vendor in {"sqlite", "postgresql", "mongodb"}
