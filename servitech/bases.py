"""Las direcciones de las bases y de Redis, sin tirar ninguna opción.

La de PostgreSQL la lee libpq; la de MongoDB, pymongo, y la de Redis, redis-py: lo que ellos
entienden, vale. Lo que no sirve lanza `Malo`.
"""

from __future__ import annotations

import re
import warnings
from importlib.util import find_spec
from pathlib import Path
from typing import Any, Final
from urllib.parse import parse_qsl, quote, unquote, urlencode, urlsplit

from redis import RedisError

from mensajeria.entre_procesos.direccion import ESQUEMAS, Reserva, para_la_capa
from servitech.entorno import Malo

EJEMPLO: Final = "postgres://usuario:clave@localhost:5432/servitech"
_EJEMPLO_DE_SQLITE: Final = "sqlite:////var/lib/servitech/servitech.sqlite3"
_EJEMPLO_DE_MONGO: Final = "mongodb://localhost:27017/servitech?replicaSet=rs0"
_EJEMPLO_DE_REDIS: Final = "redis://localhost:6379/0"
_EJEMPLO_DE_CAPA: Final = "nats://localhost:4222"
_DE_NATS: Final = ("nats", "tls")
_DE_CAPA: Final = (*_DE_NATS, "redis+cluster", "rediss+cluster")
# Lo que se espera a que haya primario: sin decirlo son 30, y cada petición ocuparía su hilo tanto.
_ESPERA_DE_MONGO: Final = ("serverSelectionTimeoutMS", 5_000)
# Lo que PostgreSQL admite de largo en un nombre.
_LARGO_DE_NOMBRE: Final = 63
_PRAGMAS: Final = "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;"
# De las de SQLite (sqlite.org/uri.html); con las otras, dos procesos romperían el archivo.
_DE_ARCHIVO: Final = frozenset({"mode", "vfs", "psow"})
_DE_SQLITE: Final = ("timeout", "cached_statements", "init_command", *sorted(_DE_ARCHIVO))


def de_url(url: str) -> dict[str, Any]:
    """La base de `DATABASE_URL`: `sqlite://`, `postgres://` o `postgresql://`."""
    if url.startswith("sqlite:"):
        return _sqlite(url)
    if url.startswith(("postgres://", "postgresql://")):
        return _postgres(url)
    esquema = url.partition(":")[0]
    if esquema.startswith("mongodb"):
        raise Malo("MongoDB va en MONGODB_URI", EJEMPLO)
    raise Malo(f"«{esquema}://» no se admite: SQLite o PostgreSQL", EJEMPLO)


def de_archivo(archivo: Path, **opciones: Any) -> dict[str, Any]:
    """Una de SQLite en ese archivo, con las `opciones` de más."""
    return {
        "ENGINE": "django.db.backends.sqlite3",
        "NAME": str(archivo),
        "ARCHIVO": archivo,
        "OPTIONS": {
            "transaction_mode": "IMMEDIATE",
            "timeout": 5,
            **opciones,
            "init_command": _PRAGMAS + opciones.get("init_command", ""),
        },
        # Abrir la de SQLite cuesta más que leer con ella: cada hilo guarda la suya.
        "CONN_MAX_AGE": None,
    }


def _sqlite(url: str) -> dict[str, Any]:
    partes = urlsplit(url)
    ruta = unquote(partes.path[1:])
    if not ruta or ":memory:" in (ruta, partes.netloc):
        raise Malo("en memoria, cada hilo tendría la suya: va en un archivo", _EJEMPLO_DE_SQLITE)
    if partes.netloc:
        raise Malo("son tres barras, y cuatro si la ruta es absoluta", _EJEMPLO_DE_SQLITE)
    if partes.fragment or "#" in url:
        raise Malo("una almohadilla de la ruta se escribe %23", url.replace("#", "%23"))
    opciones, de_archivo_ = {}, {}
    for nombre, valor in _consulta(partes.query):
        if nombre in _DE_ARCHIVO:
            de_archivo_[nombre] = valor
        else:
            opciones[nombre] = _opcion_de_sqlite(nombre, valor)
    if de_archivo_.get("mode") == "memory":
        raise Malo("en memoria, cada hilo tendría la suya: va en un archivo", _EJEMPLO_DE_SQLITE)
    base = de_archivo(Path(ruta), **opciones)
    if de_archivo_:
        base["NAME"] = f"file:{quote(ruta)}?{urlencode(de_archivo_)}"
    return base


def _consulta(consulta: str) -> list[tuple[str, str]]:
    try:
        return parse_qsl(consulta, keep_blank_values=True, strict_parsing=bool(consulta))
    except ValueError:
        raise Malo(
            "tras un «?» van opciones, como timeout=5; uno de la ruta se escribe %3F",
            f"{_EJEMPLO_DE_SQLITE}?timeout=5",
        ) from None


def _opcion_de_sqlite(nombre: str, valor: str) -> Any:
    if nombre not in _DE_SQLITE:
        raise Malo(
            f"«{nombre}» no es de {', '.join(_DE_SQLITE)}", f"{_EJEMPLO_DE_SQLITE}?timeout=5"
        )
    if nombre == "init_command":
        return valor
    try:
        numero = float(valor) if nombre == "timeout" else int(valor)
        if numero >= 0:
            return numero
    except ValueError:
        pass
    raise Malo(f"«{nombre}={valor}» no es un número", f"{_EJEMPLO_DE_SQLITE}?{nombre}=5")


def _postgres(url: str) -> dict[str, Any]:
    opciones = _segun_libpq(url)
    nombre = opciones.pop("dbname", "")
    if not nombre and "service" not in opciones:
        raise Malo("no dice qué base", EJEMPLO)
    if len(nombre.encode()) > _LARGO_DE_NOMBRE:
        raise Malo(f"una base no tiene un nombre de más de {_LARGO_DE_NOMBRE} bytes", EJEMPLO)
    if opciones.get("target_session_attrs") in ("read-only", "standby"):
        raise Malo("con target_session_attrs de solo lectura no se guarda nada", "… read-write")
    if "," in opciones.get("host", ""):
        # De varios, el que deja escribir: una réplica contestaría primero y no serviría.
        opciones.setdefault("target_session_attrs", "read-write")
    return {
        "ENGINE": "django.db.backends.postgresql",
        "NAME": nombre,
        "USER": opciones.pop("user", ""),
        "PASSWORD": opciones.pop("password", ""),
        "HOST": opciones.pop("host", ""),
        "PORT": opciones.pop("port", ""),
        "OPTIONS": {**opciones, "pool": {"min_size": 1, "max_size": 22, "timeout": 5}},
        # Con un intermediario que presta sesiones por transacciones, quedarían en la de otro.
        "DISABLE_SERVER_SIDE_CURSORS": True,
    }


def _segun_libpq(url: str) -> dict[str, Any]:
    """Lo que libpq lee en ella. También mira los valores, que al leerla no mira: con cada máquina
    cambiada por un enchufe que no existe, empieza a conectar y no llega a ninguna parte."""
    from psycopg import Error
    from psycopg.conninfo import conninfo_to_dict, make_conninfo
    from psycopg.pq import ConnStatus, PGconn

    try:
        leidas: dict[str, Any] = dict(conninfo_to_dict(url))
        cuantas = str(leidas.get("host", "")).count(",") + 1
        a_ninguna = {**leidas, "host": ",".join(["/nadie"] * cuantas), "hostaddr": None}
        prueba = PGconn.connect_start(make_conninfo(**a_ninguna).encode())
        queja = prueba.error_message.decode("utf-8", "replace")
        if prueba.status == ConnStatus.BAD and not queja.startswith("connection to server"):
            raise Error(queja)
        float(leidas.get("connect_timeout") or 0)
    except (Error, ValueError) as error:
        raise Malo(f"libpq no la entiende ({_motivo(error, url)})", EJEMPLO) from None
    return leidas


def de_mongo(uri: str) -> dict[str, Any]:
    """La base de `MONGODB_URI`; sin nombre en ella, `servitech`."""
    from pymongo import MongoClient
    from pymongo.errors import PyMongoError

    if not uri.startswith(("mongodb://", "mongodb+srv://")):
        raise Malo("empieza por mongodb:// o mongodb+srv://", _EJEMPLO_DE_MONGO)
    try:
        with warnings.catch_warnings():
            # De una opción que no conoce solo avisa, y la tira.
            warnings.simplefilter("error", UserWarning)
            with MongoClient[dict[str, Any]](uri, connect=False) as cliente:
                nombre = cliente.get_default_database("servitech").name
    except (PyMongoError, ValueError, TypeError, UserWarning) as error:
        raise Malo(f"pymongo no la entiende ({_motivo(error, uri)})", _EJEMPLO_DE_MONGO) from None
    opcion, milisegundos = _ESPERA_DE_MONGO
    dicha = f"{opcion}=".lower() in uri.lower()
    return {
        "ENGINE": "django_mongodb_backend",
        "HOST": uri,
        "NAME": nombre,
        "OPTIONS": {} if dicha else {opcion: milisegundos},
    }


def cache_en_redis(url: str) -> dict[str, Any]:
    """`CACHES`, con la caché de Django en ese Redis."""
    return {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": url,
            "KEY_PREFIX": "servitech:cache",
            "KEY_FUNCTION": "mensajeria.entre_procesos.espacio.llave_de_cache",
            "OPTIONS": {
                "pool_class": "mensajeria.entre_procesos.direccion.Reserva",
                # El de Django es pickle: quien escriba en Redis ejecutaría lo que quisiera aquí.
                "serializer": "django.core.signing.JSONSerializer",
                "socket_timeout": 0.5,
                "socket_connect_timeout": 0.5,
            },
        }
    }


def de_redis(url: str) -> str:
    """La misma, si sirve: un Redis, o unos Sentinel y su maestro; un clúster no."""
    partes = urlsplit(url)
    if "cluster" in partes.scheme:
        raise Malo("es uno solo, o Sentinel; un Redis Cluster va en CAPA_URL", _EJEMPLO_DE_REDIS)
    if partes.scheme not in ESQUEMAS:
        raise Malo(f"empieza por {', '.join(e + '://' for e in ESQUEMAS)}", _EJEMPLO_DE_REDIS)
    *_, base = partes.path.split("/")
    if partes.scheme.endswith("sentinel"):
        base = "".join(partes.path.split("/")[2:])
    if partes.scheme != "unix" and base and not (base.isascii() and base.isdigit()):
        raise Malo(f"«{base}» no es un número de base", _EJEMPLO_DE_REDIS)
    try:
        reserva = Reserva.from_url(url)
        reserva.connection_class(**reserva.connection_kwargs)
    except (RedisError, ValueError, TypeError) as error:
        raise Malo(f"redis-py no la entiende ({_motivo(error, url)})", _EJEMPLO_DE_REDIS) from None
    return url


def de_capa(url: str) -> list[str]:
    """Los servidores de `nats://[usuario:clave@]uno[:4222][,otro…]` (`tls://`, con TLS) o de
    `redis+cluster://[usuario:clave@]uno[:6379][,otro…]` (`rediss+cluster://`, con TLS).
    """
    partes = urlsplit(url)
    if partes.scheme not in _DE_CAPA or partes.path.strip("/") or partes.query:
        raise Malo(f"son {', '.join(_DE_CAPA)} y las máquinas, por comas", _EJEMPLO_DE_CAPA)
    esquema = partes.scheme.removesuffix("+cluster")
    if esquema in _DE_NATS and not find_spec("nats"):
        raise Malo("falta su paquete: pip install -r requirements-nats.txt", _EJEMPLO_DE_CAPA)
    cuenta, arroba, sitios = partes.netloc.rpartition("@")
    servidores = [f"{esquema}://{cuenta}{arroba}{sitio}" for sitio in sitios.split(",")]
    try:
        if all(uno.hostname and uno.port != 0 for uno in map(urlsplit, servidores)):
            return servidores
    except ValueError:
        pass
    raise Malo("le falta una máquina, o su puerto no lo es", _EJEMPLO_DE_CAPA)


def capa_de_canales(url_de_redis: str, servidores: list[str]) -> dict[str, Any]:
    """`CHANNEL_LAYERS`: por ese Redis, salvo que vaya por otros servidores (los de `de_capa`)."""
    if not url_de_redis:
        return {
            "BACKEND": "channels.layers.InMemoryChannelLayer",
            "CONFIG": {"capacity": 10_000, "group_expiry": 10 * 365 * 86_400},
        }
    donde: dict[str, Any] = {"servidores": servidores}
    if not servidores:
        capa, donde = "capa.CapaDeCanales", para_la_capa(url_de_redis, socket_timeout=2)
    elif urlsplit(servidores[0]).scheme in _DE_NATS:
        capa = "por_nats.CapaPorNats"
    else:
        capa = "por_cluster.CapaPorCluster"
    return {
        "BACKEND": f"mensajeria.difusion.{capa}",
        "CONFIG": {"hosts": [donde], "prefix": "servitech"},
    }


def _motivo(error: Exception, url: str) -> str:
    """Lo que dice quien la leyó, en una línea y sin ningún trozo de donde va la contraseña."""
    hasta_la_base, _, _ = url.partition("?")
    dicho = " ".join(str(error).replace(url, "…").split())
    return re.sub(
        r"\"([^\"]+)\"|'([^']+)'",
        lambda trozo: "«…»" if (trozo[1] or trozo[2]) in hasta_la_base else trozo[0],
        dicho,
    )
