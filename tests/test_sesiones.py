from __future__ import annotations

from collections.abc import Iterator
from typing import Any

import pytest
import redis
from django.contrib.sessions.backends import db
from django.contrib.sessions.models import Session
from django.core.cache import caches
from django.test import Client

from mensajeria.models import Usuario
from servitech import bases
from servitech.sesiones import SessionStore
from tests import servicios

pytestmark = pytest.mark.bd


@pytest.fixture
def puerto() -> int:
    return servicios.puerto_libre()


@pytest.fixture
def en_redis(puerto: int, settings: Any) -> Iterator[Any]:
    """La configuración de `REDIS_URL`, y cómo detener ese Redis."""
    with servicios.redis(puerto) as url:
        settings.SESSION_ENGINE = "servitech.sesiones"
        settings.CACHES = bases.cache_en_redis(url)
        yield redis.Redis(port=puerto)
        caches["default"].close()


def _apagar(servidor: Any) -> None:
    servidor.shutdown(nosave=True)


def _entrar(moderador: Usuario) -> Client:
    cliente = Client()
    respuesta = cliente.post("/admin/login/", {"username": moderador.username, "password": "demo"})
    assert respuesta.status_code == 302
    return cliente


def _dentro(cliente: Client) -> bool:
    return cliente.get("/admin/").status_code == 200


@pytest.fixture
def mod(base: None) -> Usuario:
    return Usuario.objects.create_user(
        username="mod", id="mod", nombre="Mod", password="demo", is_staff=True, is_superuser=True
    )


def test_la_sesion_va_a_redis_sin_pickle(en_redis: Any, mod: Usuario) -> None:
    cliente = _entrar(mod)
    assert _dentro(cliente)
    (clave,) = en_redis.keys("servitech:cache:*")
    assert en_redis.get(clave).startswith(b"{")


def test_con_redis_vaciado_sigue_dentro(en_redis: Any, mod: Usuario) -> None:
    cliente = _entrar(mod)
    en_redis.flushall()
    assert _dentro(cliente)
    assert en_redis.keys("servitech:cache:*")


def test_con_redis_caido_se_entra_y_se_sigue_dentro(en_redis: Any, mod: Usuario) -> None:
    antes = _entrar(mod)
    _apagar(en_redis)
    assert _dentro(antes)
    assert _dentro(_entrar(mod))


def test_salir_la_borra_de_los_dos_sitios(en_redis: Any, mod: Usuario) -> None:
    cliente = _entrar(mod)
    cliente.post("/admin/logout/")
    assert not _dentro(cliente)
    assert not en_redis.keys("servitech:cache:*")
    assert not Session.objects.exists()


def test_quien_la_lee_mientras_se_borra_no_la_revive(
    en_redis: Any, mod: Usuario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Borrada de Redis y aún no de la base, otra petición la copia de nuevo."""
    cliente = _entrar(mod)
    clave = cliente.session.session_key
    borrar = db.SessionStore.delete

    def leer_y_borrar(esta: Any, cual: str | None = None) -> None:
        assert SessionStore(clave).load()["_auth_user_id"] == mod.pk
        borrar(esta, cual)

    monkeypatch.setattr(db.SessionStore, "delete", leer_y_borrar)
    cliente.post("/admin/logout/")
    assert SessionStore(clave).load() == {}
    assert not _dentro(cliente)


def test_no_se_sale_a_medias_con_redis_caido(en_redis: Any, mod: Usuario) -> None:
    """La copia de Redis valdría otra vez al volver Redis: mejor decir que no se pudo."""
    cliente = _entrar(mod)
    clave = cliente.session.session_key
    _apagar(en_redis)
    respuesta = cliente.post("/admin/logout/")
    assert respuesta.status_code == 503
    assert respuesta["Retry-After"]
    assert "No se pudo" in respuesta.content.decode()
    assert SessionStore(clave).load()["_auth_user_id"] == mod.pk


def test_sin_redis_la_cache_esta_en_la_base(base: None, settings: Any) -> None:
    if settings.MONGODB_URI:
        pytest.skip("django-mongodb-backend no trae caché en la base")
    cache = caches["default"]
    cache.set("uno", {"dos": 3})
    assert cache.get("uno") == {"dos": 3}
