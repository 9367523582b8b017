from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from django.core.checks import run_checks
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder

from mensajeria.archivos import deposito
from mensajeria.archivos.comprobacion import DEPOSITO, revisar_deposito
from mensajeria.comprobaciones import falta_preparar, impedimentos
from mensajeria.comprobaciones.ajustes import revisar_ajustes, revisar_configuracion
from mensajeria.comprobaciones.cuentas import revisar_cuentas
from mensajeria.comprobaciones.servicios import revisar_capa, revisar_redis
from mensajeria.consola.demo import cargar_demo
from mensajeria.models import Archivo, Usuario, ahora
from tests import servicios
from tests.archivos.apoyo import guardado, subir


@pytest.fixture
def seguro(settings: Any) -> Any:
    settings.DEBUG = settings.DEMO = False
    settings.JWT_SECRET = "x" * 40
    settings.SOCKET_CORS_ORIGIN = ["https://tusitio.com"]
    settings.DATABASE_URL = settings.MONGODB_URI = settings.REDIS_URL = ""
    return settings


def ids() -> list[str | None]:
    return [c.id for c in revisar_configuracion(None)]


def test_una_configuracion_segura_no_dice_nada(seguro: Any) -> None:
    assert ids() == []


@pytest.mark.parametrize(
    ("ajuste", "valor", "esperado"),
    [
        ("JWT_SECRET", "", "mensajeria.E001"),
        ("JWT_SECRET", "tu_secreto_jwt_seguro", "mensajeria.E001"),
        ("JWT_SECRET", "secreto_muy_seguro_de_produccion", "mensajeria.E001"),
        ("JWT_SECRET", "x" * 31, "mensajeria.E007"),
        ("SECRET_KEY", "django-insecure-" + "x" * 40, "mensajeria.E012"),
        ("SECRET_KEY", "corta", "mensajeria.E012"),
        ("PROXIES_DE_CONFIANZA", "*", "mensajeria.E008"),
        ("DATABASE_URL", "postgres://usuario:clave@uno:1,dos:2/servitech", "mensajeria.E011"),
        ("MONGODB_URI", "mongodb://usuario:contrase%C3%B1a@uno/servitech", "mensajeria.E011"),
        ("REDIS_URL", "redis://:password@localhost:6379", "mensajeria.E011"),
        ("REDIS_URL", "redis://localhost:6379?password=demo", "mensajeria.E011"),
        ("REDIS_URL", "redis+sentinel://:clave@uno,dos/maestro", "mensajeria.E011"),
        (
            "REDIS_URL",
            "redis+sentinel://:larga-y-propia@uno/maestro?sentinel_password=secret",
            "mensajeria.E011",
        ),
        ("CAPA_URL", ["nats://usuario:clave@uno"], "mensajeria.E011"),
        ("SOCKET_CORS_ORIGIN", ["*"], "mensajeria.E002"),
        ("DEMO", True, "mensajeria.E003"),
    ],
)
def test_lo_que_no_debe_arrancar(seguro: Any, ajuste: str, valor: Any, esperado: str) -> None:
    setattr(seguro, ajuste, valor)
    assert ids() == [esperado]
    assert all(c.hint for c in revisar_configuracion(None))


def test_un_punto_de_fallo_armado_no_arranca(seguro: Any, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("PUNTO_DE_FALLO", "tras_confirmar:1")
    assert ids() == ["mensajeria.E004"]


def test_en_desarrollo_todo_vale(seguro: Any) -> None:
    seguro.DEBUG = True
    seguro.JWT_SECRET = ""
    assert ids() == []


def test_los_ajustes_ilegibles_y_los_que_no_lo_son(settings: Any) -> None:
    settings.AJUSTES_ILEGIBLES = ["PORT=x: no es un entero"]
    settings.AJUSTES_DESCONOCIDOS = ["PORTS no es ningún ajuste: ¿será PORT?"]
    hallados = revisar_ajustes(None)
    assert [c.id for c in hallados] == ["mensajeria.E009", "mensajeria.W009"]
    assert hallados[0].msg == "PORT=x: no es un entero"


def test_la_capa_pide_redis_y_el_cluster_ha_de_serlo(settings: Any) -> None:
    settings.AJUSTES_DESCONOCIDOS = []
    settings.CAPA_URL, settings.REDIS_URL = ["nats://uno"], ""
    assert [c.id for c in revisar_ajustes(None)] == ["mensajeria.E015"]
    settings.REDIS_URL = "redis://uno"
    assert revisar_ajustes(None) == revisar_capa(databases=["default"]) == []
    with servicios.redis() as url:
        settings.CAPA_URL = [url]
        assert [c.id for c in revisar_capa(databases=["default"])] == ["mensajeria.E016"]
        settings.DEBUG, settings.REDIS_URL = True, url
        assert "SSUBSCRIBE" in impedimentos()[0]
    assert revisar_capa(databases=["default"]) == []
    with servicios.redis(mas="--cluster-enabled yes") as url:
        settings.CAPA_URL = [url]
        assert revisar_capa(databases=["default"]) == []


def abiertas() -> str:
    """Lo que dice de las cuentas."""
    return " ".join(c.msg for c in revisar_cuentas(databases=["default"]))


def test_contestar_por_correo_sin_avisos_por_correo(seguro: Any) -> None:
    seguro.CORREO_DE_RESPUESTAS = "responder@correo.tusitio.com"
    assert ids() == ["mensajeria.W013"]
    seguro.CORREO_DE_AVISOS = "avisos@tusitio.com"
    assert ids() == []


@pytest.mark.bd
def test_la_base_del_ejemplo_no_arranca_en_produccion(base: None, seguro: Any) -> None:
    assert abiertas() == ""
    cargar_demo()
    assert "ana, beto, carla, mod, test_user" in abiertas() and "admin" in abiertas()
    # Con otro servidor, y al preguntar antes de desplegar, tampoco.
    assert impedimentos() == [abiertas()]
    al_desplegar = run_checks(tags=["security"], include_deployment_checks=True)
    assert "mensajeria.E010" in {c.id for c in al_desplegar}
    seguro.DEBUG = True
    assert abiertas() == ""


@pytest.mark.bd
def test_una_clave_de_muestra_en_un_archivo_de_claves_tampoco(
    base: None, seguro: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("los archivos de claves son de libpq")
    assert abiertas() == ""
    claves = tmp_path / "pgpass"
    claves.write_text("*:*:*:*:demo\n")
    claves.chmod(0o600)
    with monkeypatch.context() as parche:
        parche.setenv("PGPASSFILE", str(claves))
        _de_nuevo()
        assert "de muestra" in abiertas()
        assert "de muestra" in impedimentos()[0]
    _de_nuevo()
    assert abiertas() == ""


def _de_nuevo() -> None:
    """Que la base se abra otra vez, y ninguna de las de reserva sea de antes."""
    connection.close()
    connection.close_pool()  # type: ignore[attr-defined]


@pytest.mark.bd
def test_una_base_sin_preparar_no_se_sirve(
    base: None, seguro: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    assert (falta_preparar(), impedimentos()) == ("", [])
    sin_nada: dict[tuple[str, str], Any] = {("auth", "0001_initial"): None}
    monkeypatch.setattr(MigrationRecorder, "applied_migrations", lambda _: sin_nada)
    assert "manage.py preparar" in falta_preparar()
    assert impedimentos() == [falta_preparar()]
    seguro.JWT_SECRET = "corto"
    assert "RFC 7518" in impedimentos()[0]


@pytest.mark.bd
def test_la_clave_de_ejemplo_en_cualquier_cuenta_que_importe(base: None, seguro: Any) -> None:
    crear = Usuario.objects.create_user
    crear(username="marta", id="marta", password="demo", is_staff=True)
    crear(username="renombrada", id="ana", password="demo")
    crear(username="inactiva", id="inactiva", password="demo", is_staff=True, is_active=False)
    crear(username="beto", id="beto", password="otra, y suya")
    assert abiertas().endswith(": marta, renombrada.")


def test_sin_base_no_se_miran_las_cuentas(seguro: Any) -> None:
    assert revisar_cuentas() == []


def test_un_cluster_de_redis_no_arranca(settings: Any) -> None:
    with servicios.redis() as url:
        settings.REDIS_URL = url
        assert revisar_redis(databases=["default"]) == []
        assert revisar_redis() == []
    assert revisar_redis(databases=["default"]) == []
    with servicios.redis(mas="--cluster-enabled yes") as url:
        settings.REDIS_URL = url
        assert [c.id for c in revisar_redis(databases=["default"])] == ["mensajeria.E013"]


def _del_almacen() -> list[str | None]:
    return [c.id for c in revisar_deposito(databases=["default"])]


@pytest.mark.bd
def test_un_almacen_que_deja_escribir_y_tiene_lo_ultimo(ana: Usuario, almacen: Path) -> None:
    assert (_del_almacen(), guardado(almacen)) == ([], set())
    id_ = subir("ana").pk
    Archivo.objects.update(fecha=ahora() - timedelta(hours=1))
    assert _del_almacen() == []
    # Otra máquina, con su propia carpeta.
    for ruta in almacen.rglob(f"{id_}.*"):
        ruta.unlink()
    assert _del_almacen() == ["mensajeria.W011"]
    # Lo de hace un instante puede estar llegando.
    Archivo.objects.update(fecha=ahora())
    assert _del_almacen() == []
    assert revisar_deposito() == []


@pytest.mark.bd
@pytest.mark.parametrize(
    ("error", "esperado"),
    [
        (PermissionError(13, "Permission denied"), "mensajeria.E014"),
        (OSError(28, "No space left on device"), "mensajeria.W010"),
        (RuntimeError("S3 no contesta"), "mensajeria.W010"),
    ],
)
def test_un_almacen_que_no_deja_escribir(
    error: Exception,
    esperado: str,
    base: None,
    almacen: Path,
    seguro: Any,
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    def no_deja(*_: object, **__: object) -> str:
        raise error

    monkeypatch.setattr(deposito._almacen(), "save", no_deja)
    assert _del_almacen() == [esperado]
    assert bool(impedimentos()) == esperado.startswith("mensajeria.E")


@pytest.mark.bd
def test_una_carpeta_que_no_se_puede_hacer(base: None, almacen: Path) -> None:
    almacen.write_text("aquí ya hay algo")
    assert _del_almacen() == ["mensajeria.E014"]
    # Para servir hace falta; para lo demás que toca la base, como `migrate`, no.
    de_servir = run_checks(tags=[DEPOSITO], databases=["default"], include_deployment_checks=True)
    assert [c.id for c in de_servir] == ["mensajeria.E014"]
    assert "mensajeria.E014" not in [c.id for c in run_checks(databases=["default"])]


@pytest.mark.bd
def test_un_disco_al_que_le_queda_poco(
    base: None, almacen: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(deposito._almacen(), "queda_sitio", lambda: False)
    assert _del_almacen() == ["mensajeria.W010"]
