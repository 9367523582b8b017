from __future__ import annotations

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from servitech import bases
from servitech.entorno import Malo


def postgres(consulta: str, sitio: str = "ana:cl%23ve@uno") -> dict[str, Any]:
    base = bases.de_url(f"postgres://{sitio}/servitech{consulta}")
    base["OPTIONS"].pop("pool")
    return base


def test_las_opciones_de_libpq_llegan_a_libpq() -> None:
    base = postgres(
        "?sslmode=verify-full&sslrootcert=/ca.pem&connect_timeout=3&options=-c%20a.b%3D1"
    )
    assert base["OPTIONS"] == {
        "sslmode": "verify-full",
        "sslrootcert": "/ca.pem",
        "connect_timeout": "3",
        "options": "-c a.b=1",
    }
    assert (base["USER"], base["PASSWORD"], base["HOST"], base["NAME"]) == (
        "ana",
        "cl#ve",
        "uno",
        "servitech",
    )


def test_varias_maquinas_y_se_queda_con_la_que_deja_escribir() -> None:
    base = postgres("", "uno:5432,dos:5433")
    assert (base["HOST"], base["PORT"]) == ("uno,dos", "5432,5433")
    assert base["OPTIONS"] == {"target_session_attrs": "read-write"}
    otra = postgres("?target_session_attrs=primary", "uno,dos")
    assert otra["OPTIONS"] == {"target_session_attrs": "primary"}


@pytest.mark.parametrize("url", ["?host=/run/pg&port=6", "%2Frun%2Fpg"])
def test_un_enchufe_de_unix(url: str) -> None:
    base = postgres(url, "") if url.startswith("?") else postgres("", url)
    assert base["HOST"] == "/run/pg"


def test_las_de_sqlite() -> None:
    base = bases.de_url("sqlite:////srv/a%23b/x.sqlite3?timeout=20&init_command=PRAGMA%20a%3D1")
    assert base["NAME"] == "/srv/a#b/x.sqlite3"
    assert base["OPTIONS"]["timeout"] == 20
    assert base["OPTIONS"]["transaction_mode"] == "IMMEDIATE"
    assert base["OPTIONS"]["init_command"].endswith("synchronous=FULL;PRAGMA a=1")
    de_solo_leer = bases.de_url("sqlite:///x%20y.sqlite3?mode=ro")
    assert de_solo_leer["NAME"] == "file:x%20y.sqlite3?mode=ro"
    assert de_solo_leer["ARCHIVO"] == Path("x y.sqlite3")


@pytest.mark.parametrize(
    ("uri", "nombre"),
    [
        ("mongodb://localhost:27017?replicaSet=rs0", "servitech"),
        ("mongodb://uno:1,dos:2/otra?replicaSet=rs0", "otra"),
        ("mongodb://%2Ftmp%2Fmongodb.sock/a%C3%B1o", "año"),
        ("mongodb+srv://ana:x@ejemplo.invalid/otra?retryWrites=true", "otra"),
    ],
)
def test_la_de_mongodb_la_lee_pymongo_sin_llamar_a_nadie(uri: str, nombre: str) -> None:
    base = bases.de_mongo(uri)
    assert (base["NAME"], base["HOST"]) == (nombre, uri)


def test_sin_primario_en_mongodb_no_se_espera_medio_minuto() -> None:
    assert bases.de_mongo("mongodb://uno/x")["OPTIONS"] == {"serverSelectionTimeoutMS": 5_000}
    assert bases.de_mongo("mongodb://uno/x?serverselectiontimeoutms=300")["OPTIONS"] == {}


@pytest.mark.parametrize(
    "url",
    [
        "redis://localhost:6379/3",
        "rediss://:x@localhost",
        "unix:///run/redis.sock?db=1",
        "redis+sentinel://:x@uno,dos:26380/maestro/2?sentinel_password=y",
    ],
)
def test_los_redis_que_valen(url: str) -> None:
    assert bases.de_redis(url) == url


@pytest.mark.parametrize(
    ("url", "servidores", "por"),
    [
        ("nats://ana:x@uno,dos:4223", ["nats://ana:x@uno", "nats://ana:x@dos:4223"], "CapaPorNats"),
        ("tls://uno", ["tls://uno"], "CapaPorNats"),
        ("redis+cluster://:x@uno,dos", ["redis://:x@uno", "redis://:x@dos"], "CapaPorCluster"),
        ("rediss+cluster://uno:1", ["rediss://uno:1"], "CapaPorCluster"),
    ],
)
def test_las_capas_que_valen(url: str, servidores: list[str], por: str) -> None:
    assert bases.de_capa(url) == servidores
    assert bases.capa_de_canales("redis://", servidores)["BACKEND"].endswith(f".{por}")


def test_a_nats_le_falta_su_paquete(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bases, "find_spec", lambda _: None)
    with pytest.raises(Malo, match=r"requirements-nats\.txt"):
        bases.de_capa("nats://uno")
    assert bases.de_capa("redis+cluster://uno")


SECRETA = "cl4v3"


@pytest.mark.parametrize(
    ("como", "url"),
    [
        (bases.de_url, f"postgres://ana:{SECRETA}@uno/servitech?sslmode=verify-ful"),
        (bases.de_url, f"postgres://ana:{SECRETA}@uno/servitech?ssl=1"),
        (bases.de_url, f"postgres://ana:{SECRETA}@uno:puerto/servitech"),
        (bases.de_url, f"postgres://ana:{SECRETA}@uno,dos:1,2,3/servitech?port=1,2"),
        (bases.de_url, f"postgres://ana:{SECRETA}@uno/servitech?target_session_attrs=standby"),
        (bases.de_url, f"postgres://ana:{SECRETA}@uno/servitech?connect_timeout=pronto"),
        (bases.de_url, f"postgres://ana:{SECRETA}@uno"),
        (bases.de_url, f"postgres://ana:{SECRETA}%ZZ@uno/servitech"),
        (bases.de_url, f"postgres://ana:{SECRETA}@uno/{'x' * 64}"),
        (bases.de_url, f"mysql://ana:{SECRETA}@uno/servitech"),
        (bases.de_url, "servitech.sqlite3"),
        (bases.de_url, "sqlite://"),
        (bases.de_url, "sqlite://:memory:"),
        (bases.de_url, "sqlite:///x?mode=memory"),
        (bases.de_url, "sqlite://srv/x.sqlite3"),
        (bases.de_url, "sqlite:////srv/C#/x.sqlite3"),
        (bases.de_url, "sqlite:////srv/qué?/x.sqlite3"),
        (bases.de_url, "sqlite:///x?timeout=mucho"),
        (bases.de_url, "sqlite:///x?transaction_mode=DEFERRED"),
        (bases.de_url, "sqlite:///x?cache=shared"),
        (bases.de_mongo, "localhost:27017"),
        (bases.de_mongo, f"mongodb://ana:{SECRETA}@uno/x?replicaset=rs0&opcion=1"),
        (bases.de_mongo, f"mongodb://ana:{SECRETA}/1@uno/x"),
        (bases.de_mongo, "mongodb://uno/x?maxPoolSize=muchos"),
        (bases.de_redis, f"redis+cluster://:{SECRETA}@uno"),
        (bases.de_redis, f"redis://:{SECRETA}@uno/primera"),
        (bases.de_redis, f"redis://:{SECRETA}@uno:puerto"),
        (bases.de_redis, f"redis://:{SECRETA}@uno?opcion=1"),
        (bases.de_redis, f"redis+sentinel://:{SECRETA}@uno"),
        (bases.de_redis, f"http://:{SECRETA}@uno"),
        (bases.de_capa, f"redis://:{SECRETA}@uno"),
        (bases.de_capa, f"nats://ana:{SECRETA}@uno,"),
        (bases.de_capa, f"nats://ana:{SECRETA}@uno:puerto"),
        (bases.de_capa, f"nats://ana:{SECRETA}@uno/0"),
    ],
)
def test_lo_que_no_sirve_se_niega_sin_ensenar_la_clave(
    como: Callable[[str], Any], url: str
) -> None:
    with pytest.raises(Malo) as visto:
        como(url)
    assert SECRETA not in visto.value.por_que
    assert visto.value.escribe and "\n" not in visto.value.por_que
