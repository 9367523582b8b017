"""Los personajes de todas las pruebas: `ana` es dueña, `beto` participa y `carla` está fuera."""

from __future__ import annotations

import functools
from collections.abc import Callable, Iterator
from concurrent.futures import Future, ThreadPoolExecutor, wait
from pathlib import Path
from typing import Any

import pytest
from django.apps import apps
from django.conf import settings as ajustes
from django.contrib.auth.models import Permission
from django.contrib.contenttypes.models import ContentType
from django.db import connection, transaction
from django.test import TransactionTestCase
from pymongo.monitoring import (
    CommandFailedEvent,
    CommandListener,
    CommandStartedEvent,
    CommandSucceededEvent,
    register,
)

from mensajeria.archivos.taller.inspeccion import inspeccionar
from mensajeria.archivos.taller.procesos import Taller
from mensajeria.base_de_datos import con_conexion_sana
from mensajeria.difusion.emisor import Emisor
from mensajeria.difusion.sobre import Sobre
from mensajeria.entre_procesos.compartido import olvidar
from mensajeria.models import Conversacion, Participante, Usuario
from mensajeria.ordenes.orden import Actor, Orden
from mensajeria.protocolo import cargas
from mensajeria.protocolo.tipos import Carga
from servitech import almacenes
from tests.apoyo import ejecutar_una
from tests.archivos import muestras
from tests.archivos.apoyo import con_archivo, subir
from tests.gente import Gente


class _Escritas(CommandListener):
    """Las colecciones en las que se escribió: vaciar las otras es casi todo lo que cuesta."""

    def __init__(self) -> None:
        self.colecciones: set[str] = set()

    def started(self, event: CommandStartedEvent) -> None:
        if event.command_name in ("insert", "update", "findAndModify"):
            self.colecciones.add(event.command[event.command_name])

    def succeeded(self, event: CommandSucceededEvent) -> None: ...

    def failed(self, event: CommandFailedEvent) -> None: ...


_ESCRITAS = _Escritas()
if ajustes.MONGODB_URI:
    register(_ESCRITAS)


@functools.cache
def _tablas() -> tuple[str, ...]:
    fijas = (ContentType, Permission)
    modelos = apps.get_models(include_auto_created=True)
    return tuple(m._meta.db_table for m in modelos if m not in fijas)


def _vaciar(_: object) -> None:
    """Borra lo escrito. El de Django rehace además permisos y tipos, y pasa por el ORM."""
    wait(tuple(_EN_LOS_HILOS), timeout=10)
    if connection.vendor == "mongodb":
        mongo: Any = connection
        for tabla in set(_tablas()) & _ESCRITAS.colecciones:
            mongo.get_collection(tabla).delete_many({})
        _ESCRITAS.colecciones.clear()
        return
    borrados = [f"DELETE FROM {connection.ops.quote_name(t)}" for t in _tablas()]
    # A la vez, donde se puede: son veinte viajes por prueba.
    ordenes = [";".join(borrados)] if connection.vendor == "postgresql" else borrados
    with transaction.atomic(), connection.cursor() as cursor:
        for orden in ordenes:
            cursor.execute(orden)


TransactionTestCase._fixture_teardown = _vaciar  # type: ignore[attr-defined]


# Lo que un `Hilo` aún hace, aunque su tarea se cancelara: quien vacía se cruzaría con ello.
_EN_LOS_HILOS: set[Future[Any]] = set()
_submit = ThreadPoolExecutor.submit


def _pedir_al_hilo(
    hilos: ThreadPoolExecutor, funcion: Callable[..., Any], /, *args: Any, **opciones: Any
) -> Future[Any]:
    futuro = _submit(hilos, funcion, *args, **opciones)
    if funcion is con_conexion_sana:
        _EN_LOS_HILOS.add(futuro)
        futuro.add_done_callback(_EN_LOS_HILOS.discard)
    return futuro


ThreadPoolExecutor.submit = _pedir_al_hilo  # type: ignore[assignment, method-assign]

CON_SERVIDOR = {"integracion", "servidor", "servidor_propio"}


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Lo marcado `bd` usa transacciones de verdad: los anuncios salen al confirmar."""
    for item in items:
        if CON_SERVIDOR & {*item.path.parts, *getattr(item, "fixturenames", ())}:
            item.add_marker("servidor")
        if item.get_closest_marker("bd"):
            item.add_marker(pytest.mark.django_db(transaction=True))


@pytest.fixture(autouse=True)
def _entorno_limpio(settings: Any, tmp_path_factory: pytest.TempPathFactory) -> Iterator[None]:
    settings.MENSAJES_POR_MINUTO = 1_000_000
    # Cada prueba reúne a quien le hace falta; la política tiene las suyas.
    settings.VISIBILIDAD = "todos"
    settings.PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
    # Quien no pide `almacen` no guarda nada; y si lo hace, que no sea en la carpeta de nadie.
    en_ninguna = almacenes.carpeta(tmp_path_factory.getbasetemp() / "archivos")
    settings.STORAGES = {**settings.STORAGES, "archivos": en_ninguna}
    olvidar()
    yield


@pytest.fixture(scope="session")
def django_db_keepdb() -> bool:
    """El PostgreSQL de las pruebas se tira entero: borrar antes la base solo puede caducar."""
    return connection.vendor == "postgresql"


@pytest.fixture
def base() -> None:
    """Que nadie crea que prueba una base y pruebe otra."""
    esquema = (ajustes.MONGODB_URI or ajustes.DATABASE_URL or "sqlite").partition(":")[0]
    assert connection.vendor == {"postgres": "postgresql"}.get(esquema, esquema)


@pytest.fixture
def sobres(monkeypatch: pytest.MonkeyPatch) -> list[Sobre]:
    """Lo que se emite, en su orden."""
    emitidos: list[Sobre] = []
    monkeypatch.setattr(Emisor, "emitir", lambda _, sobres: emitidos.extend(sobres))
    return emitidos


def _crear(nombre: str) -> Usuario:
    return Usuario.objects.create_user(
        username=nombre, id=nombre, nombre=nombre.capitalize(), apellido="Prueba", password="demo"
    )


@pytest.fixture
def ana(base: None) -> Usuario:
    return _crear("ana")


@pytest.fixture
def beto(base: None) -> Usuario:
    return _crear("beto")


@pytest.fixture
def carla(base: None) -> Usuario:
    return _crear("carla")


@pytest.fixture
def gente() -> Gente:
    """Para las que hablan con un servidor que otras también usan."""
    return Gente.nueva()


@pytest.fixture
def conversacion(ana: Usuario, beto: Usuario, carla: Usuario) -> Conversacion:
    """Una grupal de ana con beto; carla existe y no participa."""
    fila = Conversacion.objects.create(
        id="conv", tipo="grupal", ultimo_cambio=1, secuencia_cambio=1
    )
    for usuario in (ana, beto):
        duena = usuario is ana
        Participante.objects.create(
            conversacion=fila,
            usuario=usuario,
            puede_moderar=duena,
            puede_eliminar=duena,
            secuencia_cambio=1,
        )
    return fila


@pytest.fixture
def almacen(settings: Any, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Path:
    """La carpeta donde se guardan los archivos; se miran en este proceso, que es más corto."""
    carpeta = tmp_path / "archivos"
    settings.STORAGES = {**settings.STORAGES, "archivos": almacenes.carpeta(carpeta)}
    monkeypatch.setattr(Taller, "inspeccionar", lambda _, *lo: inspeccionar(*lo))
    return carpeta


@pytest.fixture
def enviado(pedir: Any, almacen: Path) -> Callable[[], tuple[str, str]]:
    """Un mensaje de ana con una imagen: los dos identificadores."""

    def _enviado() -> tuple[str, str]:
        id_ = subir("ana", muestras.imagen("PNG", (400, 300)), "vista.png").pk
        return pedir("ana", con_archivo(id_)).mensaje_id, id_

    return _enviado


Pedir = Callable[..., Any]


@pytest.fixture
def pedir() -> Pedir:
    """`pedir("ana", carga)`: ejecuta una orden suya y devuelve la respuesta, o lanza el error."""

    def _pedir(quien: str, carga: Carga, **actor: Any) -> Any:
        return ejecutar_una(Orden(Actor(quien, **actor), carga))

    return _pedir


@pytest.fixture
def decir(conversacion: Conversacion, pedir: Pedir) -> Pedir:
    """`decir("ana", "hola")`: envía un mensaje a `conv` y devuelve su acuse."""

    def _decir(quien: str, texto: str = "hola", **mas: Any) -> Any:
        carga = cargas.EnviarMensaje(
            conversacion_id=conversacion.pk,
            contenido=cargas.ContenidoEnviado(texto=texto),
            **mas,
        )
        return pedir(quien, carga)

    return _decir
