"""Una configuración que no debe arrancar, dicha con su id y lo que hay que hacer."""

from __future__ import annotations

import contextlib
import os
import pkgutil
from typing import Any

import redis
from django.conf import settings
from django.contrib.auth import get_user_model
from django.contrib.auth.hashers import check_password
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connection
from django.db.migrations.recorder import MigrationRecorder
from django.db.models import Q

from mensajeria import migrations, muestras
from mensajeria.archivos.comprobacion import revisar_deposito
from mensajeria.entre_procesos.direccion import Reserva, para_la_capa
from mensajeria.fallos import errores_de_la_base

PACIENCIA = 2.0

LARGO_DEL_SECRETO = 32
# Comprobar cada contraseña cuesta un tercio de segundo: se miran estas como mucho.
MAX_CONTRASENAS = 20
CUENTAS = "cuentas"

_OTRO = 'python -c "import secrets; print(secrets.token_hex(32))"'
_TODAS: tuple[CheckMessage, ...] = (
    Error(
        "JWT_SECRET falta o es el de muestra.",
        hint=f"Ponle uno propio: {_OTRO}",
        id="mensajeria.E001",
    ),
    Error(
        "SOCKET_CORS_ORIGIN admite cualquier origen.",
        hint="Nombra los tuyos: SOCKET_CORS_ORIGIN=https://tusitio.com",
        id="mensajeria.E002",
    ),
    Error(
        "Las cuentas de ejemplo están encendidas.",
        hint="Quita DEMO, o ponle 0.",
        id="mensajeria.E003",
    ),
    Error(
        "PUNTO_DE_FALLO mata al proceso a propósito: es solo para las pruebas.",
        hint="Quita esa variable del entorno.",
        id="mensajeria.E004",
    ),
    Error(
        "MongoDB no es un conjunto de réplicas: suelto no tiene transacciones.",
        hint="Arráncalo con --replSet rs0 y ejecuta una vez rs.initiate(); uno basta.",
        id="mensajeria.E006",
    ),
    Error(
        f"JWT_SECRET tiene menos de {LARGO_DEL_SECRETO} bytes (RFC 7518, 3.2).",
        hint=f"Ponle uno más largo, y el mismo a quien firme los tokens: {_OTRO}",
        id="mensajeria.E007",
    ),
    Error(
        "Cualquiera puede decir que viene de otra dirección (PROXIES_DE_CONFIANZA=*), y así"
        " saltarse los límites por dirección y leer /metrics.",
        hint="Nombra las direcciones de tus proxies.",
        id="mensajeria.E008",
    ),
    Error(
        "Una contraseña de DATABASE_URL, MONGODB_URI, REDIS_URL o CAPA_URL es de las de muestra.",
        hint="Cámbiala en la base y donde la pongas (la dirección, PGPASSWORD, un passfile…).",
        id="mensajeria.E011",
    ),
    Error(
        f"SECRET_KEY es una de las de muestra o tiene menos de {LARGO_DEL_SECRETO} bytes: con ella"
        " se firman las sesiones.",
        hint=f"Quítala (saldrá de JWT_SECRET), o ponle otra: {_OTRO}",
        id="mensajeria.E012",
    ),
    Error(
        "REDIS_URL es de un Redis Cluster: aquí una llamada toca claves de muchas partes.",
        hint="Usa uno solo, o varios con Sentinel (redis+sentinel://…). El Cluster, en CAPA_URL.",
        id="mensajeria.E013",
    ),
    Error(
        "CAPA_URL sin REDIS_URL: la presencia, los límites y los arriendos van en Redis.",
        hint="Pon REDIS_URL, o quita CAPA_URL.",
        id="mensajeria.E015",
    ),
    Error(
        "CAPA_URL no es de un Redis Cluster, o su Redis es anterior al 7: no tiene SSUBSCRIBE.",
        hint="Pon cluster-enabled yes y Redis 7, o quita CAPA_URL: va por el de REDIS_URL.",
        id="mensajeria.E016",
    ),
    Warning(
        "DEBUG está encendido: enseña el código en los errores y admite secretos de muestra.",
        hint="Pon DEBUG=0 o NODE_ENV=production.",
        id="mensajeria.W002",
    ),
    Warning(
        "Las cookies de sesión viajan también sin HTTPS.",
        hint="Quita COOKIES_SEGURAS=0 y sirve por HTTPS.",
        id="mensajeria.W003",
    ),
    Warning(
        "Las cookies piden HTTPS y nadie dice cuándo lo hay: el admin rechazará los ingresos.",
        hint="Si un proxy pone HTTPS, que envíe X-Forwarded-Proto, y aquí TRAS_PROXY=1.",
        id="mensajeria.W004",
    ),
    Warning(
        "Con un proxy en esta misma máquina y fuera de PROXIES_DE_CONFIANZA, todos llegan como"
        " 127.0.0.1: comparten los límites por dirección, y /metrics queda a la vista.",
        hint="Añade 127.0.0.1 a PROXIES_DE_CONFIANZA, o cierra /metrics en el proxy.",
        id="mensajeria.W006",
    ),
    Warning(
        "Los avisos a navegadores van firmados sin decir con quién se habla (VAPID_CONTACTO): algún"
        " servicio no los admite.",
        hint="Pon tu correo, o una página: VAPID_CONTACTO=mailto:avisos@tusitio.com",
        id="mensajeria.W012",
    ),
    Warning(
        "CORREO_DE_RESPUESTAS está puesto y no salen avisos por correo (CORREO_DE_AVISOS): nadie"
        " tendrá a qué contestar, ni se le dirá que su respuesta se negó.",
        hint="Pon de quién salen: CORREO_DE_AVISOS=Servitech <avisos@tusitio.com>",
        id="mensajeria.W013",
    ),
    Warning(
        "Se admite cualquier nombre de máquina (ALLOWED_HOSTS=*).",
        hint="Nombra los tuyos: ALLOWED_HOSTS=mensajes.tusitio.com",
        id="mensajeria.W007",
    ),
)


def _las_que_fallan(fallas: dict[str, bool]) -> list[CheckMessage]:
    return [c for c in _TODAS if fallas.get(str(c.id).removeprefix("mensajeria."))]


@register()
def revisar_ajustes(app_configs: Any = None, **_: Any) -> list[CheckMessage]:
    """Los que no se pudieron leer, los que piden otro, y lo que parece un ajuste y no lo es."""
    ilegibles = [
        Error(problema, hint="Corrígelo en .env o en el entorno.", id="mensajeria.E009")
        for problema in settings.AJUSTES_ILEGIBLES
    ]
    return [
        *ilegibles,
        *_las_que_fallan({"E015": bool(settings.CAPA_URL) and not settings.REDIS_URL}),
        *(
            Warning(dicho, hint="Corrige su nombre, o quítala.", id="mensajeria.W009")
            for dicho in settings.AJUSTES_DESCONOCIDOS
        ),
    ]


@register()
def revisar_configuracion(app_configs: Any = None, **_: Any) -> list[CheckMessage]:
    """Con `DEBUG` apagado: secretos propios, orígenes y proxies nombrados, y nada de ejemplo."""
    if settings.DEBUG:
        return []
    secreto, firma = settings.JWT_SECRET, settings.SECRET_KEY
    ajeno = not secreto or muestras.es_de_muestra(secreto)
    return _las_que_fallan(
        {
            "E001": ajeno,
            "E002": "*" in settings.SOCKET_CORS_ORIGIN,
            "E003": settings.DEMO,
            "E004": "PUNTO_DE_FALLO" in os.environ,
            "E007": not ajeno and len(secreto.encode()) < LARGO_DEL_SECRETO,
            "E008": "*" in settings.PROXIES_DE_CONFIANZA,
            "E011": any(map(muestras.es_de_muestra, _claves_de_bases())),
            "W012": bool(settings.VAPID_CLAVE) and "localhost" in settings.VAPID_CONTACTO,
            "W013": bool(settings.CORREO_DE_RESPUESTAS) and not settings.CORREO_DE_AVISOS,
            "E012": muestras.es_de_muestra(firma) or len(firma.encode()) < LARGO_DEL_SECRETO,
        }
    )


def _claves_de_bases() -> list[str]:
    """Las contraseñas con las que se entra en la base y en Redis, vengan de donde vengan."""
    de_redis, de_sus_vigias = {}, {}
    if settings.REDIS_URL:
        de_redis = Reserva.from_url(settings.REDIS_URL).connection_kwargs
        de_sus_vigias = para_la_capa(settings.REDIS_URL).get("sentinel_kwargs", {})
    claves = [
        connection.settings_dict.get("PASSWORD"),
        de_redis.get("password"),
        de_sus_vigias.get("password"),
        muestras.clave_de(settings.DATABASE_URL),
        muestras.clave_de(settings.MONGODB_URI),
        *map(muestras.clave_de, settings.CAPA_URL),
        os.environ.get("PGPASSWORD"),
    ]
    return [clave for clave in claves if clave]


@register(Tags.security, deploy=True)
def revisar_despliegue(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """Lo que en desarrollo da igual y de cara a internet no: `manage.py check --deploy`."""
    proxies = settings.PROXIES_DE_CONFIANZA
    tras_proxy = settings.SECURE_PROXY_SSL_HEADER is not None
    return _las_que_fallan(
        {
            "W002": settings.DEBUG,
            "W003": not (settings.SESSION_COOKIE_SECURE and settings.CSRF_COOKIE_SECURE),
            "W004": settings.SESSION_COOKIE_SECURE and not tras_proxy,
            "W006": tras_proxy and not {"127.0.0.1", "*"} & set(proxies.split(",")),
            "W007": "*" in settings.ALLOWED_HOSTS,
        }
    )


@register(CUENTAS)
def revisar_cuentas(databases: Any = None, **_: Any) -> list[CheckMessage]:
    """En producción, que no entre nadie con la contraseña de ejemplo, venga de donde venga la base,
    ni se entre en ella con una de muestra, venga de donde venga la contraseña.

    Mira las cuentas del ejemplo y las del personal. Solo si se le da la base, y con ella migrada.
    """
    if settings.DEBUG or not databases:
        return []
    try:
        hallados = _las_que_fallan({"E011": muestras.es_de_muestra(_clave_con_que_se_entro())})
        abiertas = _con_la_de_ejemplo()
    except errores_de_la_base():
        # Sin migrar, o sin responder: ya lo dice quien la necesita.
        return []
    if not abiertas:
        return hallados
    return [
        *hallados,
        Error(
            f"Entran con la contraseña de ejemplo («{muestras.CLAVE}»): {', '.join(abiertas)}.",
            hint="De cada una: manage.py changepassword NOMBRE, o manage.py borrar_usuario NOMBRE.",
            id="mensajeria.E010",
        ),
    ]


def _clave_con_que_se_entro() -> str:
    """La que libpq haya usado: de la dirección, de un archivo (`passfile`) o de un servicio."""
    if connection.vendor != "postgresql":
        return ""
    connection.ensure_connection()
    clave: str = connection.connection.info.password
    return clave


def _con_la_de_ejemplo() -> list[str]:
    """Sus nombres de usuario. Las del ejemplo comparten una contraseña: se comprueba una vez."""
    de_ejemplo = Q(pk__in=muestras.CUENTAS) | Q(username__in=muestras.CUENTAS)
    usuarios = get_user_model().objects.filter(is_active=True)
    del_ejemplo = usuarios.filter(de_ejemplo)
    personal = usuarios.filter(is_staff=True).order_by("-is_superuser", "pk")[:MAX_CONTRASENAS]
    nombres: dict[str, set[str]] = {}
    for grupo in (del_ejemplo, personal):
        for nombre, contrasena in grupo.values_list("username", "password"):
            nombres.setdefault(contrasena, set()).add(nombre)
    abiertas = [n for c, n in nombres.items() if check_password(muestras.CLAVE, c)]
    return sorted(set().union(*abiertas))


@register(Tags.database)
def revisar_redis(databases: Any = None, **_: Any) -> list[CheckMessage]:
    """Un Redis Cluster se niega; si no responde, se sirve sin él y no se sabe."""
    if not settings.REDIS_URL or not databases:
        return []
    plazos = {"socket_timeout": PACIENCIA, "socket_connect_timeout": PACIENCIA}
    reserva = Reserva.from_url(settings.REDIS_URL, decode_responses=True, **plazos)
    try:
        de_cluster = redis.Redis.from_pool(reserva).info("cluster")
    except redis.RedisError:
        return []
    return _las_que_fallan({"E013": bool(de_cluster.get("cluster_enabled"))})


@register(Tags.database)
def revisar_capa(databases: Any = None, **_: Any) -> list[CheckMessage]:
    """El Redis de `CAPA_URL` es un Cluster, y con pub/sub partido; si no responde, no se sabe."""
    de_redis = [url for url in settings.CAPA_URL if url.startswith("redis")]
    if not de_redis or not databases:
        return []
    plazos: dict[str, Any] = {"socket_timeout": PACIENCIA, "socket_connect_timeout": PACIENCIA}
    try:
        with redis.Redis.from_url(de_redis[0], decode_responses=True, **plazos) as uno:
            datos = uno.info("server", "cluster")
    except redis.RedisError:
        return []
    version = int(datos["redis_version"].partition(".")[0])
    return _las_que_fallan({"E016": version < REDIS_DE_CLUSTER or not datos["cluster_enabled"]})


REDIS_DE_CLUSTER = 7
MONGO_MINIMO = (6, 0)


@register(Tags.database)
def revisar_mongo(databases: Any = None, **_: Any) -> list[CheckMessage]:
    """Sin transacciones no hay promesas: MongoDB 6 o posterior, y como conjunto de réplicas."""
    if connection.vendor != "mongodb" or not databases:
        return []
    mongo: Any = connection
    try:
        saludo = mongo.database.client.admin.command("hello")
        version = mongo.database.client.server_info()["versionArray"]
    except Exception as error:
        return [_sin_respuesta(error)]
    suelto = "setName" not in saludo and saludo.get("msg") != "isdbgrid"
    antiguo = [_antiguo(version)] if tuple(version[:2]) < MONGO_MINIMO else []
    return [*antiguo, *_las_que_fallan({"E006": suelto})]


def _sin_respuesta(error: Exception) -> CheckMessage:
    return Warning(
        f"MongoDB no responde ({type(error).__name__}): no se sabe si su versión sirve.",
        hint="Comprueba MONGODB_URI y que el servidor esté en marcha.",
        id="mensajeria.W008",
    )


def _antiguo(version: list[int]) -> CheckMessage:
    return Error(
        f"MongoDB {version[0]}.{version[1]} es muy antiguo: hace falta 6 o posterior.",
        hint="Actualízalo (de versión mayor en versión mayor), o usa DATABASE_URL.",
        id="mensajeria.E005",
    )


@register(Tags.security, deploy=True)
def revisar_la_base_al_desplegar(app_configs: Any, **_: Any) -> list[CheckMessage]:
    """`check --deploy` la mira aunque no se le nombre ninguna."""
    if settings.AJUSTES_ILEGIBLES:
        return []
    return [*revisar_mongo(databases=["default"]), *revisar_cuentas(databases=["default"])]


def impedimentos() -> list[str]:
    """Por qué no se sirve así: lo que mira `servir`, para un servidor que no sea él.

    Lo primero que falle: con un ajuste malo, lo siguiente no se puede mirar.
    """
    de_la_base = (revisar_mongo, revisar_redis, revisar_cuentas, revisar_deposito)
    for revisar in (revisar_ajustes, revisar_configuracion, *de_la_base):
        if graves := [c.msg for c in revisar(databases=["default"]) if c.is_serious()]:
            return graves
    with contextlib.suppress(*errores_de_la_base()):
        if falta := falta_preparar():
            return [falta]
    return []


def falta_preparar() -> str:
    """Qué hacer si a la base le falta alguna migración de las nuestras, o nada.

    No está entre las comprobaciones de Django, que `migrate` también mira. Lanza lo que falle.
    """
    nuestras = {modulo.name for modulo in pkgutil.iter_modules(migrations.__path__)}
    hechas = MigrationRecorder(connection).applied_migrations()
    faltan = nuestras - {nombre for aplicacion, nombre in hechas if aplicacion == "mensajeria"}
    if not faltan:
        return ""
    return f"La base está sin preparar (migraciones por aplicar: {len(faltan)}): manage.py preparar"
