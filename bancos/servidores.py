"""El producto y sus pares, cada uno arrancado en el núcleo de los servidores."""

from __future__ import annotations

import contextlib
import dataclasses
import os
import secrets
import shutil
import subprocess
import sys
import time
from collections.abc import Iterator
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urlsplit

import jwt
import psycopg

from bancos.siembra import Siembra
from bancos.sistema import NUCLEO_SERVIDOR, Base
from tests.servicios import RAIZ, detener, esperar_puerto, postgres, puerto_libre, redis

PARES = RAIZ / "bancos" / "pares"
NODE = RAIZ / "bancos" / "node_modules"
SECRETO = secrets.token_hex(32)
# Los límites del producto, subidos por sus ajustes: una carga pasa de lo que una persona puede.
_LIMITES = (
    "MENSAJES_POR_MINUTO",
    "EVENTOS_POR_SEGUNDO",
    "CONEXIONES_POR_USUARIO",
    "CONEXIONES_POR_IP",
    "BUSQUEDAS_FALLIDAS_POR_MINUTO",
    "CONVERSACIONES_POR_MINUTO",
    "PARTICIPANTES_POR_MINUTO",
)
SIN_TOPE = dict.fromkeys(_LIMITES, "100000000")


def token(usuario: str) -> str:
    """Uno que vale en el producto y en los pares de Node."""
    ahora = int(time.time())
    return jwt.encode({"userId": usuario, "iat": ahora, "exp": ahora + 86400}, SECRETO, "HS256")


@dataclass
class EnMarcha:
    """Un servidor que ya contesta: por dónde, qué procesos son y dónde guarda."""

    puertos: list[int]
    pids: list[int]
    base: Base | None = None

    @property
    def puerto(self) -> int:
        return self.puertos[0]


@dataclass
class Taller:
    """Lo que comparten los servidores de una corrida; `producto` es la copia que se mide."""

    carpeta: Path
    producto: Path = RAIZ
    _pila: contextlib.ExitStack = field(default_factory=contextlib.ExitStack)
    _postgres: str = ""
    _pid_postgres: int = 0
    _preparadas: dict[bool, str] = field(default_factory=dict)
    _sembradas: dict[tuple[int, bool], str] = field(default_factory=dict)

    def __enter__(self) -> Taller:
        return self

    def __exit__(self, tipo: type[BaseException] | None, *_: object) -> None:
        self._pila.close()
        if tipo is not None:
            for registro in sorted(self.carpeta.glob("*.log")):
                ultimas = registro.read_text(errors="replace").splitlines()[-20:]
                print(f"{registro.name}:", *ultimas, sep="\n  ", file=sys.stderr)

    def base(self, url: str) -> Base | None:
        """Para contar lo que gasta; la de SQLite lo gasta el servidor."""
        if url.startswith("sqlite"):
            return None
        return Base(self._pid_postgres, urlsplit(url).path.strip("/"))

    def postgres(self) -> str:
        """La dirección del PostgreSQL de la corrida, que arranca la primera vez."""
        if not self._postgres:
            self._postgres = self._pila.enter_context(postgres(al_disco=True))
            with psycopg.connect(self._postgres) as base:
                fila = base.execute("SHOW data_directory").fetchone()
            assert fila is not None
            pid = Path(fila[0], "postmaster.pid").read_text().split()[0]
            self._pid_postgres = int(pid)
        return self._postgres

    def base_nueva(self, plantilla: str = "template1") -> str:
        nombre = f"banco_{secrets.token_hex(6)}"
        with psycopg.connect(self.postgres(), autocommit=True) as admin:
            # Copiar los archivos: por el registro, un millón de mensajes tarda minutos.
            admin.execute(f"CREATE DATABASE {nombre} TEMPLATE {plantilla} STRATEGY file_copy")
        return f"{self._postgres.rsplit('/', 1)[0]}/{nombre}"

    def entorno(self, **mas: str) -> dict[str, str]:
        """El de producción, con lo que una corrida no puede heredar del que la lanza."""
        ajenas = {"MONGODB_URI", "DATABASE_URL", "REDIS_URL", "CAPA_URL", "DJANGO_SETTINGS_MODULE"}
        return {
            **{k: v for k, v in os.environ.items() if k not in ajenas},
            **SIN_TOPE,
            "DEBUG": "0",
            "JWT_SECRET": SECRETO,
            "SOCKET_CORS_ORIGIN": "https://banco.servitech.example",
            "LOG_ARCHIVO": str(self.carpeta / "server.log"),
            "PYTHONPATH": str(self.producto),
            **mas,
        }

    def sembrar(self, siembra: Siembra, en_sqlite: bool = False) -> str:
        """La dirección de una base nueva del producto con esas conversaciones."""
        clave = (id(siembra), en_sqlite)
        if clave not in self._sembradas:
            url = self._vacia(en_sqlite)
            self._django(url, "-P", str(RAIZ / "bancos" / "sembrar.py"), entrada=siembra.en_json())
            self._sembradas[clave] = url
        return self._copia(self._sembradas[clave])

    def _vacia(self, en_sqlite: bool) -> str:
        """Una base con las tablas del producto y nada más."""
        if en_sqlite not in self._preparadas:
            archivo = self.carpeta / "preparada.sqlite3"
            url = f"sqlite:///{archivo}" if en_sqlite else self.base_nueva()
            self._django(url, "manage.py", "preparar")
            self._preparadas[en_sqlite] = url
        return self._copia(self._preparadas[en_sqlite])

    def _copia(self, url: str) -> str:
        if url.startswith("sqlite"):
            archivo = self.carpeta / f"base-{secrets.token_hex(4)}.sqlite3"
            shutil.copy(url.removeprefix("sqlite:///"), archivo)
            return f"sqlite:///{archivo}"
        return self.base_nueva(urlsplit(url).path.strip("/"))

    def _django(self, url: str, *argumentos: str, entrada: str = "") -> None:
        subprocess.run(
            [sys.executable, *argumentos],
            cwd=self.producto,
            env=self.entorno(DATABASE_URL=url),
            check=True,
            input=entrada,
            text=True,
            stdout=subprocess.DEVNULL,
        )

    def sembrar_par(self, siembra: Siembra) -> str:
        """La dirección de una base de los pares con las mismas conversaciones, sin mensajes."""
        url = self.base_nueva()
        with psycopg.connect(url) as base, base.cursor() as cursor:
            cursor.execute((PARES / "tablas.sql").read_text())
            with cursor.copy("COPY conversacion (id) FROM STDIN") as copia:
                for c in siembra.conversaciones:
                    copia.write_row((c["id"],))
            with cursor.copy("COPY participante (conversacion, usuario) FROM STDIN") as copia:
                for c in siembra.conversaciones:
                    for usuario in c["gente"]:
                        copia.write_row((c["id"], usuario))
        with psycopg.connect(url, autocommit=True) as base:
            base.execute("VACUUM ANALYZE")
        return url

    @contextlib.contextmanager
    def lanzar(self, orden: list[str], **entorno: str) -> Iterator[subprocess.Popen[str]]:
        """Ese proceso, en el núcleo de los servidores."""
        with open(self.carpeta / "salida.log", "a") as salida:
            proceso = subprocess.Popen(
                ["taskset", "-c", str(NUCLEO_SERVIDOR), *orden],
                cwd=self.producto,
                env=entorno,
                stdout=salida,
                stderr=salida,
                text=True,
            )
        try:
            yield proceso
        finally:
            detener(proceso)


@contextlib.contextmanager
def producto(
    taller: Taller, siembra: Siembra, *, sqlite: bool = False, procesos: int = 1
) -> Iterator[EnMarcha]:
    """`manage.py servir` sobre PostgreSQL o SQLite; con varios procesos, por Redis."""
    puerto = puerto_libre()
    url = taller.sembrar(siembra, sqlite)
    mas = {"DATABASE_URL": url}
    orden = [sys.executable, "manage.py", "servir", "--puerto", str(puerto)]
    with contextlib.ExitStack() as pila:
        if procesos > 1:
            mas["REDIS_URL"] = pila.enter_context(redis())
            orden += ["--procesos", str(procesos)]
        proceso = pila.enter_context(taller.lanzar(orden, **taller.entorno(**mas)))
        esperar_puerto(puerto, proceso)
        yield EnMarcha([puerto], [proceso.pid], taller.base(url))


@contextlib.contextmanager
def node(
    taller: Taller, siembra: Siembra, *, modo: str = "consultas", procesos: int = 1
) -> Iterator[EnMarcha]:
    """Socket.IO en Node; con varios procesos, cada uno en su puerto y unidos por Redis."""
    mas = {"MODO": modo, "NODE_PATH": str(NODE), "NODE_ENV": "production"}
    base = None
    with contextlib.ExitStack() as pila:
        if modo != "memoria":
            mas["DATABASE_URL"] = taller.sembrar_par(siembra)
            base = taller.base(mas["DATABASE_URL"])
        if procesos > 1:
            mas["REDIS_URL"] = pila.enter_context(redis())
        puertos, pids = [], []
        for _ in range(procesos):
            puertos.append(puerto_libre())
            entorno = taller.entorno(PUERTO=str(puertos[-1]), **mas)
            proceso = pila.enter_context(
                taller.lanzar(["node", str(PARES / "socketio.js")], **entorno)
            )
            esperar_puerto(puertos[-1], proceso)
            pids.append(proceso.pid)
        yield EnMarcha(puertos, pids, base)


@contextlib.contextmanager
def en_python(
    taller: Taller, siembra: Siembra, *, guion: str, con_redis: bool = False, **mas: str
) -> Iterator[EnMarcha]:
    """Un par de Python: `pares/GUION.py`, que escucha en PUERTO."""
    puerto = puerto_libre()
    orden = [sys.executable, "-P", str(PARES / f"{guion}.py")]
    with contextlib.ExitStack() as pila:
        if con_redis:
            mas["REDIS_URL"] = pila.enter_context(redis())
        entorno = taller.entorno(PUERTO=str(puerto), **mas)
        proceso = pila.enter_context(taller.lanzar(orden, **entorno))
        esperar_puerto(puerto, proceso)
        yield EnMarcha([puerto], [proceso.pid])


@contextlib.contextmanager
def vistas_orm(taller: Taller, siembra: Siembra) -> Iterator[EnMarcha]:
    """Las mismas filas del producto, por una vista llana de Django."""
    url = taller.sembrar(siembra)
    with en_python(taller, siembra, guion="vistas_orm", DATABASE_URL=url) as marcha:
        yield dataclasses.replace(marcha, base=taller.base(url))
