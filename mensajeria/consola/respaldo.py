"""Una copia de todo en una carpeta: la base, los archivos y las claves; y ponerla otra vez.

La base se copia con lo suyo (la API de copias de SQLite, `pg_dump`), en marcha y de un mismo
instante; los archivos, después, que así a ningún mensaje de la copia le falta el suyo.
"""

from __future__ import annotations

import contextlib
import hashlib
import json
import os
import shutil
import sqlite3
import subprocess
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import Any, Final

import psycopg
from django.conf import settings
from django.core.files.storage import FileSystemStorage, storages
from django.core.management.base import CommandError
from django.db import connection, connections
from psycopg.conninfo import make_conninfo

from mensajeria import VERSION
from mensajeria.archivos.deposito import ALMACEN
from mensajeria.consola import preparacion
from mensajeria.models import cambiar_epoca, leer_epoca
from mensajeria.protocolo.tipos import ahora

FICHA: Final = "copia.json"
CLAVES: Final = "claves.env"
ARCHIVOS: Final = "archivos"
# Cómo se llama la base en la copia, según cuál es.
BASES: Final = {"sqlite": "base.sqlite3", "postgresql": "base.pgdump"}
# Lo que hay que conservar para que valgan los tokens, las sesiones y las suscripciones de antes.
_DE_CLAVES: Final = ("JWT_SECRET", "SECRET_KEY", "VAPID_CLAVE")

SEGUNDOS_DE_DESPEDIDA: Final = 3.0

Decir = Callable[[str], object]


def respaldar(destino: Path, decir: Decir) -> None:
    """Deja la copia en esa carpeta, que no ha de existir: aparece cuando está entera."""
    _exigir_copiable()
    if destino.exists():
        raise CommandError(f"{destino} ya existe: di otra carpeta.")
    a_medias = destino.with_name(destino.name + ".parcial")
    shutil.rmtree(a_medias, ignore_errors=True)
    try:
        a_medias.mkdir(mode=0o700, parents=True)
        with _solo_para_su_dueno():
            _copiar(a_medias, decir)
        a_medias.rename(destino)
    except OSError as error:
        raise CommandError(f"No se pudo hacer la copia: {error}") from None
    finally:
        shutil.rmtree(a_medias, ignore_errors=True)


def _copiar(carpeta: Path, decir: Decir) -> None:
    base = carpeta / BASES[connection.vendor]
    _DE_BASE[connection.vendor](base)
    decir(f"La base: {_megas(base.stat().st_size)}")
    (carpeta / CLAVES).write_text(
        "".join(f"{nombre}={getattr(settings, nombre)}\n" for nombre in _DE_CLAVES)
    )
    if almacen := _carpeta_de_archivos():
        cuantos = _copiar_archivos(almacen, carpeta / ARCHIVOS)
        decir(f"Los archivos: {cuantos}")
    else:
        decir("Los archivos están en S3: cópialos con sus herramientas, después de esta copia.")
    ficha = {
        "version": VERSION,
        "base": connection.vendor,
        "fecha": ahora(),
        "sha256": _huella(base),
    }
    (carpeta / FICHA).write_text(json.dumps(ficha, indent=2) + "\n")


def leer_ficha(origen: Path) -> dict[str, str]:
    """Lo que dice de sí la copia, ya comprobada: está entera y es de una base como esta."""
    _exigir_copiable()
    try:
        ficha: dict[str, str] = json.loads((origen / FICHA).read_text())
        huella = _huella(origen / BASES[ficha["base"]])
        _claves_de(origen)
    except (OSError, ValueError, KeyError) as error:
        raise CommandError(f"{origen} no es una copia de manage.py respaldar ({error}).") from None
    if huella != ficha["sha256"]:
        raise CommandError(f"La base de {origen} está dañada: no es la que se copió.")
    if ficha["base"] != connection.vendor:
        raise CommandError(
            f"La copia es de {ficha['base']}, y la base configurada es {connection.vendor}."
        )
    return ficha


def restaurar(origen: Path, decir: Decir) -> None:
    """Pone la base y los archivos de esa copia, ya comprobada, y empieza otra época.

    Lo que hubiera en la base se pierde. Con alguien conectado a PostgreSQL se niega.
    """
    base = origen / BASES[connection.vendor]
    _A_BASE[connection.vendor](base)
    decir("La base, puesta.")
    if (origen / ARCHIVOS).exists() and (almacen := _carpeta_de_archivos()):
        decir(f"Los archivos: {_copiar_archivos(origen / ARCHIVOS, almacen)}")
    with preparacion.de_uno_en_uno(decir):
        preparacion.migrar(decir)
    decir(f"La base está en la época {cambiar_epoca(leer_epoca())}.")
    claves = _claves_de(origen)
    if otras := [n for n in _DE_CLAVES if claves.get(n, "") != getattr(settings, n)]:
        decir(
            f"Aquí son otras {', '.join(otras)}: para que valgan los tokens, las sesiones y las"
            f" suscripciones de antes, ponlas en .env como están en {origen / CLAVES}."
        )


def _claves_de(origen: Path) -> dict[str, str]:
    return dict(linea.split("=", 1) for linea in (origen / CLAVES).read_text().splitlines())


def _exigir_copiable() -> None:
    if connection.vendor not in BASES:
        raise CommandError(
            "MongoDB se copia con sus herramientas, mongodump y mongorestore: docs/datos.md dice"
            " cómo, y qué hacer después."
        )


# SQLite


def _de_sqlite(destino: Path) -> None:
    _pasar_sqlite(_archivo_de_sqlite(), destino)


def _a_sqlite(origen: Path) -> None:
    connections.close_all()
    _pasar_sqlite(origen, _archivo_de_sqlite())


def _pasar_sqlite(de: Path, a: Path) -> None:
    """De una vez: quien escribe entre tanto no espera, y lo suyo no entra."""
    with (
        contextlib.closing(sqlite3.connect(de)) as origen,
        contextlib.closing(sqlite3.connect(a)) as destino,
    ):
        origen.backup(destino)


def _archivo_de_sqlite() -> Path:
    return Path(connection.settings_dict["ARCHIVO"])


# PostgreSQL

_TABLAS: Final = "SELECT quote_ident(tablename) FROM pg_tables WHERE schemaname = current_schema()"
_OTRAS: Final = (
    "SELECT count(*) FROM pg_stat_activity WHERE datname = current_database()"
    " AND backend_type = 'client backend' AND pid <> pg_backend_pid()"
)


def _de_postgresql(destino: Path) -> None:
    _correr("pg_dump", "--format=custom", "--no-owner", "--no-acl", f"--file={destino}")


def _a_postgresql(origen: Path) -> None:
    """Lo de antes se quita entero: una tabla más nueva que la copia estorbaría al migrar."""
    # Antes de quitar nada, que esté con qué ponerla y la entienda.
    _correr("pg_restore", "--list", str(origen))
    conexion: Any = connection
    # Por una aparte: las de la reserva, que pueden ser varias, también son conexiones a la base.
    conexion.close()
    conexion.close_pool()
    with psycopg.connect(**conexion.get_connection_params(), autocommit=True) as aparte:
        _exigir_que_no_haya_nadie(aparte)
        nombres = [nombre for (nombre,) in aparte.execute(_TABLAS)]
        if nombres:
            aparte.execute(f"DROP TABLE {', '.join(nombres)} CASCADE".encode())
    _correr(
        *("pg_restore", "--no-owner", "--no-acl", "--clean", "--if-exists"),
        *("--single-transaction", "--exit-on-error", str(origen)),
    )


def _exigir_que_no_haya_nadie(aparte: psycopg.Connection[Any]) -> None:
    """A los que se acaban de detener se les deja un momento: PostgreSQL los despide después."""
    limite = time.monotonic() + SEGUNDOS_DE_DESPEDIDA
    while otras := _uno(aparte.execute(_OTRAS)):
        if time.monotonic() > limite:
            raise CommandError(
                f"Hay otras {otras} conexiones a la base: detén los procesos, y repite la orden."
            )
        time.sleep(0.1)


def _uno(cursor: psycopg.Cursor[Any]) -> int:
    fila: Any = cursor.fetchone()
    return int(fila[0])


def _correr(orden: str, *argumentos: str) -> None:
    """Con la base configurada; la contraseña no se ve en la lista de procesos."""
    conexion: Any = connection
    parametros = conexion.get_connection_params()
    de_libpq = {
        nombre: str(valor)
        for nombre, valor in parametros.items()
        if isinstance(valor, str | int) and nombre not in ("password", "prepare_threshold")
    }
    entorno = dict(os.environ)
    if clave := parametros.get("password"):
        entorno["PGPASSWORD"] = clave
    try:
        hecho = subprocess.run(
            [orden, *argumentos, f"--dbname={make_conninfo(**de_libpq)}"],
            env=entorno,
            capture_output=True,
            text=True,
        )
    except FileNotFoundError:
        raise CommandError(f"Falta {orden}. En Debian: apt install postgresql-client") from None
    if hecho.returncode:
        raise CommandError(f"{orden} falló: {hecho.stderr.strip()}")


_DE_BASE: Final = {"sqlite": _de_sqlite, "postgresql": _de_postgresql}
_A_BASE: Final = {"sqlite": _a_sqlite, "postgresql": _a_postgresql}


# Los archivos


def _carpeta_de_archivos() -> Path | None:
    almacen = storages[ALMACEN]
    return Path(almacen.location) if isinstance(almacen, FileSystemStorage) else None


def _copiar_archivos(de: Path, a: Path) -> int:
    """Cuántos; el que ya está es el mismo, y el que se borra entre tanto ya no lo nombra nadie."""
    cuantos = 0
    for uno in sorted(de.rglob("*")):
        destino = a / uno.relative_to(de)
        if uno.is_dir():
            destino.mkdir(parents=True, exist_ok=True)
        elif not destino.exists():
            destino.parent.mkdir(parents=True, exist_ok=True)
            a_medias = destino.with_name(destino.name + ".parcial")
            with contextlib.suppress(FileNotFoundError):
                shutil.copyfile(uno, a_medias)
                a_medias.replace(destino)
        cuantos += uno.is_file()
    return cuantos


@contextlib.contextmanager
def _solo_para_su_dueno() -> Iterator[None]:
    """Lo que se escriba: lleva datos personales, y las claves."""
    antes = os.umask(0o077)
    try:
        yield
    finally:
        os.umask(antes)


def _huella(archivo: Path) -> str:
    with archivo.open("rb") as abierto:
        return hashlib.file_digest(abierto, "sha256").hexdigest()


def _megas(bytes_: int) -> str:
    return f"{bytes_ / 1024**2:.1f} MB"
