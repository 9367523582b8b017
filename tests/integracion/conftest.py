from __future__ import annotations

import contextlib
import json
import re
import shutil
import subprocess
from collections.abc import Iterator
from pathlib import Path

import pytest
import redis as cliente_redis
import requests

from tests import servicios
from tests.cronometro import Cronometro
from tests.gente import Gente
from tests.integracion.cliente import Cliente, conectar
from tests.servicios import PACIENCIA, RAIZ, Servidor

# Por dónde pueden ir los avisos entre procesos, además de por Redis: por todos, con `make motores`.
MOTORES = {"nats": servicios.nats, "cluster": servicios.cluster}


@pytest.fixture(autouse=True)
def _entorno_limpio() -> None:
    """El servidor es otro proceso: aquí no hay nada que limpiar."""


@pytest.fixture(scope="session")
def servidor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servidor]:
    """Un servidor para todas; cada prueba estrena gente y conversación."""
    carpeta = tmp_path_factory.mktemp("servidor")
    with Servidor(carpeta, RESUMEN_SEGUNDOS="2") as uno:
        yield uno
    revisar_registro(uno.registro)


# Un JWT o un trozo suyo. También puede decir eyJ el identificador de una conexión, que son veinte
# letras al azar.
TOKEN = re.compile(r"eyJ[\w-]*\.|eyJ[\w-]{20}")


def revisar_registro(registro: Path) -> None:
    """Ni excepciones sueltas, ni tokens, ni enlaces firmados."""
    texto = registro.read_text()
    assert not re.search(r"Traceback|Exception in ASGI|Task exception|never retrieved", texto)
    assert not TOKEN.search(texto)
    assert "firma=" not in texto


@pytest.fixture(scope="module")
def exigente(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servidor]:
    """Uno que solo admite, además de a esta máquina, a `chat.test` desde `http://bueno.test`."""
    admite = {"SOCKET_CORS_ORIGIN": "http://bueno.test", "ALLOWED_HOSTS": "chat.test"}
    with Servidor(tmp_path_factory.mktemp("exigente"), **admite) as uno:
        yield uno


@pytest.fixture(scope="session")
def redis_de_todas() -> Iterator[str]:
    with servicios.redis() as url:
        yield url


@pytest.fixture
def redis(redis_de_todas: str) -> str:
    """Vacío: de los servidores de otra prueba, muertos de golpe, no queda nadie."""
    with cliente_redis.Redis.from_url(redis_de_todas) as cliente:
        cliente.flushall()
    return redis_de_todas


@pytest.fixture(scope="module")
def redis_del_modulo() -> Iterator[str]:
    with servicios.redis() as url:
        yield url


@contextlib.contextmanager
def capa(motor: str) -> Iterator[dict[str, str]]:
    """El entorno de los servidores que se hablan por ese motor."""
    if motor == "redis":
        yield {}
    else:
        with MOTORES[motor]() as url:
            yield {"CAPA_URL": url}


@pytest.fixture(scope="session")
def postgres() -> Iterator[str]:
    with servicios.postgres() as url:
        yield url


@contextlib.contextmanager
def dos_servidores(carpeta: Path, **entorno: str) -> Iterator[tuple[Servidor, Servidor]]:
    """Dos en la misma base y el mismo Redis; al final, sus registros están limpios."""
    with (
        Servidor(carpeta, **entorno) as uno,
        Servidor(carpeta, **entorno) as otro,
    ):
        yield uno, otro
    for servidor in (uno, otro):
        revisar_registro(servidor.registro)


PAQUETE = Path(__file__).parent / "paquete"
TSCONFIG = {
    "compilerOptions": {
        "strict": True,
        "noEmit": True,
        "target": "ES2022",
        "lib": ["ES2022", "DOM"],
        "module": "nodenext",
        "types": [],
    },
    "files": ["consumidor.ts"],
}


def correr(carpeta: Path, *orden: str) -> str:
    hecho = subprocess.run(
        orden, cwd=carpeta, capture_output=True, text=True, timeout=PACIENCIA * 4
    )
    assert hecho.returncode == 0, hecho.stdout + hecho.stderr
    return hecho.stdout


def instalar(carpeta: Path, paquete: str) -> Path:
    """La carpeta, antes vacía, con ese paquete instalado y lo que lo usa."""
    calla = ("--no-audit", "--no-fund", "--no-update-notifier", f"--cache={carpeta / 'cache'}")
    correr(carpeta, "npm", "install", *calla, paquete)
    for archivo in PAQUETE.iterdir():
        shutil.copy(archivo, carpeta)
    (carpeta / "tsconfig.json").write_text(json.dumps(TSCONFIG))
    return carpeta


@pytest.fixture(scope="session")
def instalado(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Una carpeta vacía con lo que hace `npm pack`, sin pedir nada a la red."""
    carpeta = tmp_path_factory.mktemp("consumidor")
    salida = correr(carpeta, "npm", "pack", "--json", str(RAIZ / "clientes/npm"))
    return instalar(carpeta, f"./{json.loads(salida[salida.index('[') :])[0]['filename']}")


@pytest.fixture(scope="session")
def vecinos(instalado: Path) -> None:
    """Y, a su lado, los paquetes de npm del repositorio."""
    for modulo in (RAIZ / "node_modules").resolve().iterdir():
        if not (suyo := instalado / "node_modules" / modulo.name).exists():
            suyo.symlink_to(modulo)


def nueva_conversacion(servidor: Servidor, duena: str, *con: str) -> str:
    """Una grupal suya con esas personas."""
    respuesta = requests.post(
        f"{servidor.url}/api/mensajeria/conversaciones/",
        json={"participantes": [{"usuarioId": u} for u in con], "tipo": "grupal"},
        headers={"Authorization": f"Bearer {servidor.token(duena)}"},
        timeout=PACIENCIA,
    )
    respuesta.raise_for_status()
    return str(respuesta.json()["_id"])


def entrar_en_la_pagina(servidor: Servidor, nombre: str) -> requests.Session:
    """Un navegador con la sesión de esa persona."""
    navegador = requests.Session()
    navegador.get(f"{servidor.url}/admin/login/", timeout=PACIENCIA)
    _publicar(navegador, f"{servidor.url}/admin/login/", username=nombre, password="demo")
    return navegador


def salir_de_la_pagina(servidor: Servidor, navegador: requests.Session) -> None:
    _publicar(navegador, f"{servidor.url}/admin/logout/")
    assert "sessionid" not in navegador.cookies


def _publicar(navegador: requests.Session, url: str, **datos: str) -> None:
    ficha = {"csrfmiddlewaretoken": navegador.cookies["csrftoken"]}
    cabecera = {"Referer": url}
    navegador.post(
        url, ficha | datos, headers=cabecera, timeout=PACIENCIA, allow_redirects=False
    ).raise_for_status()


def con_cookie(servidor: Servidor, sesion: str, origen: str | None) -> Cliente:
    """Un socket que abre una página de ese origen, con esa cookie de sesión."""
    cookie = {"Cookie": f"sessionid={sesion}"}
    return conectar(servidor, additional_headers=cookie, origin=origen)


@pytest.fixture
def conv(servidor: Servidor, gente: Gente) -> str:
    """De ana y beto; carla está fuera."""
    return nueva_conversacion(servidor, gente.ana, gente.beto)


async def todos_al_dia(conv: str, ultima: int, *clientes: Cliente) -> None:
    """Cada uno tiene en tres segundos todo hasta `ultima`, una vez y en orden, sin hacer nada."""
    empieza = Cronometro()
    for c in clientes:
        await c.esperar(
            "nuevo_mensaje",
            lambda d: d["conversacionId"] == conv and d["mensaje"]["secuencia"] == ultima,
        )
    assert empieza.segundos() < 3
    for c in clientes:
        vistas = [
            d["mensaje"]["secuencia"]
            for d in c.recibidos("nuevo_mensaje")
            if d["conversacionId"] == conv
        ]
        assert vistas == list(range(1, ultima + 1))
