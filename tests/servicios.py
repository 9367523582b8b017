"""Redis, PostgreSQL, el sustituto de MongoDB y el propio servidor, como procesos de verdad.

También es una orden: `python -m tests.servicios postgres -- pytest -m bd` arranca el
servicio, corre lo que sigue con su dirección en el entorno y lo detiene.
"""

from __future__ import annotations

import atexit
import contextlib
import functools
import os
import pwd
import random
import secrets
import shlex
import shutil
import signal
import socket
import sqlite3
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any, NamedTuple, Self
from urllib.parse import urlsplit, urlunsplit

import jwt
import redis as cliente_redis
import requests

from tests.cronometro import PADRE
from tests.gente import POBLAR

RAIZ = Path(__file__).resolve().parents[1]
# Un tope, para no quedarse colgados: de sobra también en una máquina ocupada.
PACIENCIA = 60.0
# El de muestra, que vale con DEBUG.
SECRETO = "tu_secreto_jwt_seguro"
_PUERTOS = range(20_000, 32_000)
_COMO_EN_PRODUCCION = str(Path(__file__).with_name("produccion"))


def puerto_libre() -> int:
    """Ninguno de los que el sistema da a quien conecta (desde 32768).

    Uno de esos, mientras su servidor se reinicia, se lo puede quedar un cliente: hasta el mismo que
    intenta volver, que acabaría conectado consigo mismo.
    """
    while True:
        puerto = random.SystemRandom().choice(_PUERTOS)
        with contextlib.suppress(OSError), socket.socket() as enchufe:
            enchufe.bind(("127.0.0.1", puerto))
            return puerto


def firmar(usuario: str, segundos: float = 12 * 3600, *, secreto: str = SECRETO, **mas: str) -> str:
    """Un token como los de SERVITECH, que no cuesta comprobar una clave."""
    ahora = time.time()
    datos = {"userId": usuario, "iat": ahora, "exp": ahora + segundos, **mas}
    return jwt.encode(datos, secreto, "HS256")


def esperar_puerto(puerto: int, proceso: subprocess.Popen[str], maquina: str = "127.0.0.1") -> None:
    limite = time.monotonic() + PACIENCIA
    while time.monotonic() < limite:
        if proceso.poll() is not None:
            raise RuntimeError(f"El proceso terminó con {proceso.returncode}")
        with contextlib.suppress(OSError), socket.create_connection((maquina, puerto), 1):
            return
        time.sleep(0.05)
    raise TimeoutError(f"Nadie escucha en {puerto}")


def detener(proceso: subprocess.Popen[str], senal: int = signal.SIGTERM) -> None:
    """Solo lo que se arrancó aquí, por su pid."""
    if proceso.poll() is None:
        proceso.send_signal(senal)
        try:
            proceso.wait(15)
        except subprocess.TimeoutExpired:
            proceso.kill()
            proceso.wait(5)


@contextlib.contextmanager
def redis(puerto: int | None = None, mas: str = "") -> Iterator[str]:
    puerto = puerto or puerto_libre()
    with tempfile.TemporaryDirectory() as carpeta:
        proceso = subprocess.Popen(
            shlex.split(
                f"redis-server --port {puerto} --bind 127.0.0.1 --save '' --dir {carpeta} {mas}"
            ),
            stdout=subprocess.DEVNULL,
            text=True,
        )
        try:
            esperar_puerto(puerto, proceso)
            yield f"redis://127.0.0.1:{puerto}/0"
        finally:
            detener(proceso)


@contextlib.contextmanager
def cluster(puerto: int | None = None, huecos: str = "0 16383") -> Iterator[str]:
    """Un nodo de Redis Cluster con esos huecos; con todos, un Cluster entero."""
    mas = f"--cluster-enabled yes --cluster-port {puerto_libre()} --cluster-announce-ip 127.0.0.1"
    with redis(puerto, mas) as url:
        with cliente_redis.Redis.from_url(url, decode_responses=True) as r:
            r.execute_command(f"CLUSTER ADDSLOTSRANGE {huecos}")
            if huecos == "0 16383":
                esperar_al_cluster(r)
        yield "redis+cluster://" + url.removeprefix("redis://").removesuffix("/0")


def esperar_al_cluster(*nodos: cliente_redis.Redis) -> None:
    """Hasta que cada uno sepa de quién son todos los huecos."""
    limite = time.monotonic() + PACIENCIA
    while any(r.execute_command("CLUSTER INFO")["cluster_state"] != "ok" for r in nodos):
        assert time.monotonic() < limite
        time.sleep(0.05)


@contextlib.contextmanager
def nats(puerto: int | None = None) -> Iterator[str]:
    puerto = puerto or puerto_libre()
    proceso = subprocess.Popen(
        ["nats-server", "--addr", "127.0.0.1", "--port", str(puerto)],
        stderr=subprocess.DEVNULL,
        env={**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin"},
        text=True,
    )
    try:
        esperar_puerto(puerto, proceso)
        yield f"nats://127.0.0.1:{puerto}"
    finally:
        detener(proceso)


def _binario_de_postgres(nombre: str) -> str:
    versiones = sorted(Path("/usr/lib/postgresql").glob(f"*/bin/{nombre}"))
    return str(versiones[-1]) if versiones else nombre


@contextlib.contextmanager
def postgres(*, al_disco: bool = False, red: str = "") -> Iterator[str]:
    """Un PostgreSQL recién creado; `al_disco`, uno que espera a él, como el de cualquiera.

    `red`: también para las máquinas de esa.
    """
    with _carpeta_de_postgres() as carpeta:
        carpeta.correr("initdb", f"-D {carpeta.datos} -U postgres -A trust -E UTF8 --no-sync")
        if red:
            with (carpeta.datos / "pg_hba.conf").open("a") as quienes:
                quienes.write(f"host all all {red} trust\n")
        with carpeta.servir(al_disco=al_disco, escucha="*" if red else "127.0.0.1") as url:
            yield url


@contextlib.contextmanager
def replica(primario: str) -> Iterator[str]:
    """Una réplica suya, asíncrona, que lo sigue mientras puede (`primary_conninfo`)."""
    with _carpeta_de_postgres() as carpeta:
        carpeta.correr(
            "pg_basebackup", f"-d {primario} -D {carpeta.datos} -R -X stream -c fast --no-sync"
        )
        with carpeta.servir() as url:
            yield url


class _CarpetaDePostgres:
    """Como root, todo corre con la cuenta `postgres`: root no le vale."""

    def __init__(self, carpeta: Path) -> None:
        self.carpeta = carpeta
        self.datos = carpeta / "datos"
        self._como: dict[str, int] = {}
        if os.geteuid() == 0:
            cuenta = pwd.getpwnam("postgres")
            os.chown(carpeta, cuenta.pw_uid, cuenta.pw_gid)
            self._como = {"user": cuenta.pw_uid, "group": cuenta.pw_gid}

    def correr(self, orden: str, argumentos: str) -> None:
        subprocess.run(
            [_binario_de_postgres(orden), *shlex.split(argumentos)],
            check=True,
            stdout=subprocess.DEVNULL,
            cwd=self.carpeta,
            **self._como,  # type: ignore[call-overload]
        )

    @contextlib.contextmanager
    def servir(self, *, al_disco: bool = False, escucha: str = "127.0.0.1") -> Iterator[str]:
        """La dirección de su base `postgres`; si algo falla, escribe lo último que dijo."""
        puerto = puerto_libre()
        registro = self.carpeta / "registro.txt"
        with registro.open("w") as escribe:
            proceso = subprocess.Popen(
                [
                    _binario_de_postgres("postgres"),
                    *shlex.split(f"-D {self.datos} -p {puerto} -k {self.carpeta}"),
                    *shlex.split(f"-c listen_addresses='{escucha}' -c max_connections=200"),
                    # El de las pruebas ha de durar más que sus procesos, y no más que la máquina.
                    *shlex.split(f"-c fsync={'on' if al_disco else 'off'}"),
                    *shlex.split("-c log_min_messages=log -c log_line_prefix='%m [%p] %d '"),
                ],
                stdout=subprocess.DEVNULL,
                stderr=escribe,
                text=True,
                cwd=self.carpeta,
                **self._como,  # type: ignore[call-overload]
            )
        try:
            esperar_puerto(puerto, proceso)
            url = f"postgres://postgres@127.0.0.1:{puerto}/postgres"
            _esperar_consultas(url)
            yield url
        except BaseException:
            print("PostgreSQL:", *registro.read_text().splitlines()[-40:], sep="\n")
            raise
        finally:
            detener(proceso, signal.SIGINT)


@contextlib.contextmanager
def _carpeta_de_postgres() -> Iterator[_CarpetaDePostgres]:
    carpeta = Path(tempfile.mkdtemp(prefix="servitech-pg-"))
    try:
        yield _CarpetaDePostgres(carpeta)
    finally:
        shutil.rmtree(carpeta, ignore_errors=True)


@contextlib.contextmanager
def pgbouncer(detras: str, sesiones: int = 2) -> Iterator[str]:
    """Un PgBouncer que presta por transacciones las `sesiones` que tiene con ese PostgreSQL."""
    puerto, postgres = puerto_libre(), urlsplit(detras)
    carpeta = Path(tempfile.mkdtemp(prefix="servitech-pgbouncer-"))
    ajustes = carpeta / "pgbouncer.ini"
    ajustes.write_text(
        "[databases]\n"
        f"* = host=127.0.0.1 port={postgres.port} user=postgres\n"
        "[pgbouncer]\n"
        f"listen_addr = 127.0.0.1\nlisten_port = {puerto}\nunix_socket_dir =\n"
        f"auth_type = any\npool_mode = transaction\ndefault_pool_size = {sesiones}\n"
    )
    como: dict[str, int] = {}
    if os.geteuid() == 0:
        cuenta = pwd.getpwnam("postgres")
        os.chown(carpeta, cuenta.pw_uid, cuenta.pw_gid)
        como = {"user": cuenta.pw_uid, "group": cuenta.pw_gid}
    proceso = subprocess.Popen(
        ["pgbouncer", "-q", str(ajustes)],
        stderr=subprocess.DEVNULL,
        text=True,
        **como,  # type: ignore[call-overload]
    )
    try:
        esperar_puerto(puerto, proceso)
        yield urlunsplit(postgres._replace(netloc=f"postgres@127.0.0.1:{puerto}"))
    finally:
        detener(proceso, signal.SIGINT)
        shutil.rmtree(carpeta, ignore_errors=True)


def _esperar_consultas(url: str) -> None:
    import psycopg

    limite = time.monotonic() + PACIENCIA
    while True:
        try:
            psycopg.connect(url).close()
            return
        except psycopg.OperationalError:
            if time.monotonic() > limite:
                raise
            time.sleep(0.05)


@contextlib.contextmanager
def mongo() -> Iterator[str]:
    """El sustituto; su base de datos se llama `servitech`."""
    proceso = subprocess.Popen(
        [sys.executable, str(Path(__file__).with_name("sustituto_mongo.py"))],
        stdout=subprocess.PIPE,
        text=True,
    )
    try:
        assert proceso.stdout is not None
        palabras = proceso.stdout.readline().split()
        if palabras[:1] != ["listo"]:
            raise RuntimeError("El sustituto de MongoDB no arrancó")
        yield f"{palabras[1].rstrip('/')}/servitech?directConnection=true"
    finally:
        detener(proceso)
        if proceso.stdout is not None:
            proceso.stdout.close()


def _entorno(**mas: str) -> dict[str, str]:
    bases = {"MONGODB_URI", "DATABASE_URL", "REDIS_URL", "CAPA_URL"}
    ajenas = {*bases, "JWT_SECRET", "DJANGO_SETTINGS_MODULE"}
    return {
        **{k: v for k, v in os.environ.items() if k not in ajenas},
        "MENSAJES_POR_MINUTO": "100000",
        "BUSQUEDAS_FALLIDAS_POR_MINUTO": "100000",
        "CONVERSACIONES_POR_MINUTO": "100000",
        "PARTICIPANTES_POR_MINUTO": "100000",
        "ARCHIVOS_POR_MINUTO": "100000",
        "BUSQUEDAS_DE_PERSONAS_POR_MINUTO": "100000",
        # Cada prueba estrena gente que no comparte nada; la política tiene las suyas.
        "VISIBILIDAD": "todos",
        "DEBUG": "1",
        "DEMO": "1",
        "PYTHONPATH": _COMO_EN_PRODUCCION,
        **mas,
    }


def _manage(entorno: dict[str, str], *argumentos: str) -> subprocess.CompletedProcess[str]:
    return subprocess.run(
        [sys.executable, "manage.py", *argumentos],
        cwd=RAIZ,
        env=entorno,
        check=True,
        capture_output=True,
        text=True,
    )


def _guion(entorno: dict[str, str], codigo: str) -> str:
    codigo = f"from mensajeria import models\n{codigo}"
    return _manage(entorno, "shell", "--verbosity", "0", "--command", codigo).stdout


class _Plantilla(NamedTuple):
    base: str
    archivos: Path


# De las bases copiadas, de dónde salen los archivos que sus filas nombran.
_archivos_de: dict[str, Path] = {}


@functools.cache
def _plantilla(postgres: str = "") -> _Plantilla:
    """Una base con lo que deja `preparar` y gente de sobra, que se copia para cada servidor."""
    carpeta = tempfile.mkdtemp(prefix="servitech-plantilla-")
    archivos = Path(carpeta, "archivos")
    atexit.register(shutil.rmtree, carpeta, ignore_errors=True)
    base = f"{carpeta}/base.sqlite3"
    url = _crear_base(postgres) if postgres else f"sqlite:///{base}"
    registro = f"{carpeta}/server.log"
    entorno = _entorno(DATABASE_URL=url, LOG_ARCHIVO=registro, ARCHIVOS=str(archivos))
    _manage(entorno, "preparar")
    _guion(entorno, POBLAR)
    return _Plantilla(urlsplit(url).path.strip("/") if postgres else base, archivos)


def _crear_base(postgres: str, plantilla: str = "template1") -> str:
    import psycopg

    nombre = f"prueba_{secrets.token_hex(6)}"
    with psycopg.connect(postgres, autocommit=True) as admin:
        admin.execute(f"CREATE DATABASE {nombre} TEMPLATE {plantilla}")
    return f"{postgres.rsplit('/', 1)[0]}/{nombre}"


def nueva_base(postgres: str) -> str:
    """La dirección de una base nueva de ese PostgreSQL, con el ejemplo cargado."""
    plantilla = _plantilla(postgres)
    url = _crear_base(postgres, plantilla.base)
    _archivos_de[url] = plantilla.archivos
    return url


def nueva_sqlite(carpeta: Path) -> str:
    """La dirección de un archivo nuevo en esa carpeta, con el ejemplo cargado."""
    archivo = carpeta / f"base-{secrets.token_hex(3)}.sqlite3"
    plantilla = _plantilla()
    shutil.copy(plantilla.base, archivo)
    url = f"sqlite:///{archivo}"
    _archivos_de[url] = plantilla.archivos
    return url


def _base_propia(carpeta: Path) -> dict[str, str]:
    """Una nueva con el ejemplo, donde corran las pruebas: SQLite, o el servicio del entorno."""
    if uri := os.environ.get("MONGODB_URI"):
        otra = urlsplit(uri)._replace(path=f"/prueba_{secrets.token_hex(6)}")
        base = {"MONGODB_URI": urlunsplit(otra)}
        suyo = {"LOG_ARCHIVO": str(carpeta / "preparar.log"), "ARCHIVOS": str(carpeta / "archivos")}
        _manage(_entorno(**suyo, **base), "preparar")
        return base
    postgres = os.environ.get("DATABASE_URL", "")
    if postgres.startswith("postgres"):
        return {"DATABASE_URL": nueva_base(postgres)}
    return {"DATABASE_URL": nueva_sqlite(carpeta)}


class Servidor:
    """`manage.py servir` en un puerto libre, con su propia base si no se le da otra."""

    def __init__(self, carpeta: Path, *argumentos: str, **entorno: str) -> None:
        self.puerto = puerto_libre()
        self._maquina = entorno.get("HOST", "127.0.0.1")
        self.url = f"http://{self._maquina}:{self.puerto}"
        self.ws = f"ws://{self._maquina}:{self.puerto}/ws/mensajeria/"
        self.registro = carpeta / f"server-{self.puerto}.log"
        self._argumentos = argumentos
        # De qué carpeta es el código que sirve: otra, si es otra versión.
        self.raiz = RAIZ
        # Lo que va delante de su orden: en qué máquina corre, si no es esta.
        self.delante: list[str] = []
        base = {} if {"DATABASE_URL", "MONGODB_URI"} & entorno.keys() else _base_propia(carpeta)
        archivos = {"ARCHIVOS": str(carpeta / "archivos")}
        self.entorno = _entorno(LOG_ARCHIVO=str(self.registro), **base, **(archivos | entorno))
        if origen := _archivos_de.get(self.entorno.get("DATABASE_URL", "")):
            shutil.copytree(origen, self.entorno["ARCHIVOS"], dirs_exist_ok=True)
        self.proceso: subprocess.Popen[str] | None = None
        self._tokens: dict[str, dict[str, str]] = {}

    def orden(self, *argumentos: str) -> subprocess.CompletedProcess[str]:
        return _manage(self.entorno, *argumentos)

    def guion(self, codigo: str) -> str:
        """Lo que escribe ese código de Python, con `models`, sobre su base."""
        return _guion(self.entorno, codigo)

    def sql(self, orden: str) -> list[tuple[Any, ...]]:
        """Las filas que da, si da, en su SQLite o su PostgreSQL; sin arrancar otro Python."""
        import psycopg

        url = self.entorno["DATABASE_URL"]
        if url.startswith("postgres"):
            with psycopg.connect(url) as conexion:
                cursor = conexion.execute(orden.encode())
                return cursor.fetchall() if cursor.description else []
        with (
            contextlib.closing(sqlite3.connect(url.removeprefix("sqlite:///"), PACIENCIA)) as base,
            base,
        ):
            return base.execute(orden).fetchall()

    def arrancar(self) -> None:
        self.proceso = subprocess.Popen(
            [
                *self.delante,
                sys.executable,
                "manage.py",
                "servir",
                "--puerto",
                str(self.puerto),
                *self._argumentos,
            ],
            cwd=self.raiz,
            env=self.entorno,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        try:
            esperar_puerto(self.puerto, self.proceso, self._maquina)
            self._esperar_salud()
        except BaseException:
            self.parar()
            raise

    def _esperar_salud(self) -> None:
        """Con la máquina ocupada, la base tarda al principio más de lo que `/salud/` espera."""
        limite = time.monotonic() + PACIENCIA
        while True:
            respuesta = requests.get(f"{self.url}/salud/", timeout=PACIENCIA)
            if respuesta.ok:
                return
            if time.monotonic() > limite:
                respuesta.raise_for_status()
            time.sleep(0.1)

    def parar(self, senal: int = signal.SIGTERM) -> None:
        if self.proceso is not None:
            detener(self.proceso, senal)

    def __enter__(self) -> Self:
        self.arrancar()
        return self

    def __exit__(self, *_: object) -> None:
        self.parar()

    def tokens(self, quien: str) -> dict[str, str]:
        """`access` y `refresh`, siempre los mismos mientras valgan."""
        if quien not in self._tokens:
            secreto = self.entorno.get("JWT_SECRET", SECRETO)
            jti = secrets.token_hex(16)
            self._tokens[quien] = {
                "access": firmar(quien, secreto=secreto),
                "refresh": firmar(quien, secreto=secreto, token_type="refresh", jti=jti),
            }
        return self._tokens[quien]

    def token(self, quien: str) -> str:
        return self.tokens(quien)["access"]


_SERVICIOS = {
    "postgres": (postgres, "DATABASE_URL"),
    "mongo": (mongo, "MONGODB_URI"),
    "redis": (redis, "REDIS_URL"),
}


def main() -> None:
    servicio, variable = _SERVICIOS[sys.argv[1]]
    orden = sys.argv[sys.argv.index("--") + 1 :]
    with servicio() as url:
        entorno = {**os.environ, variable: url, PADRE: str(os.getpid())}
        if fallo := subprocess.run(orden, env=entorno).returncode:
            sys.exit(fallo)


if __name__ == "__main__":
    main()
