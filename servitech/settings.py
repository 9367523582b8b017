"""Configuración de Django, toda por variables de entorno (`.env.ejemplo` las nombra)."""

from __future__ import annotations

import hashlib
import os
import sys
from datetime import timedelta
from pathlib import Path

from corsheaders.defaults import default_headers

from mensajeria import VERSION
from mensajeria.muestras import SECRETO
from servitech import almacenes, avisos, bases, direcciones, entorno, registro, rest
from servitech.observadores import sentry, trazas
from servitech.prefijo import con_prefijo, prefijo
from servitech.zona import zona

BASE_DIR = Path(__file__).resolve().parent.parent

_de_env = entorno.cargar(BASE_DIR / ".env", os.environ)
_entorno = entorno.Variables(os.environ)
_si, _entero, _leer = _entorno.si, _entorno.entero, _entorno.leer

_modo = _leer("NODE_ENV", entorno.uno_de("development", "production", "test"), "development")
DEBUG = _si("DEBUG", _modo != "production")
# Cuentas y conversaciones de ejemplo, y sus tokens literales.
DEMO = _si("DEMO", DEBUG)

PORT = _entero("PORT", 3000, hasta=65535)
# Cuántos procesos arranca `servir`, si no se le dice otra cosa.
PROCESOS = _entero("PROCESOS", 1)
# Bajo qué camino está todo, si el sitio es también de otros: `/chat`.
PREFIJO = _leer("PREFIJO", prefijo, "")
globals().update(con_prefijo(PREFIJO))
HOST = _leer("HOST", direcciones.escucha, "127.0.0.1" if DEBUG else "0.0.0.0")

JWT_SECRET = _leer("JWT_SECRET", entorno.texto, SECRETO if DEBUG else "", secreto=True)
# Lo que han de llevar los tokens en `aud` y en `iss`, y en qué reclamo va el correo de su usuario.
JWT_AUDIENCIA = _leer("JWT_AUDIENCIA", entorno.texto, "")
JWT_EMISOR = _leer("JWT_EMISOR", entorno.texto, "")
JWT_CORREO = _leer("JWT_CORREO", entorno.texto, "")
SECRET_KEY = _leer(
    "SECRET_KEY",
    entorno.texto,
    hashlib.sha256(f"django:{JWT_SECRET}".encode()).hexdigest(),
    secreto=True,
)

SOCKET_CORS_ORIGIN = _entorno.lista("SOCKET_CORS_ORIGIN", direcciones.origen) or (
    ["*"] if DEBUG else []
)
_origenes = [o for o in SOCKET_CORS_ORIGIN if o != "*"]
ALLOWED_HOSTS = _entorno.lista("ALLOWED_HOSTS", direcciones.maquina) or (
    ["*"] if DEBUG else list(dict.fromkeys(map(direcciones.de_origen, _origenes)))
)
# La comprobación de salud pregunta desde dentro.
ALLOWED_HOSTS += ["localhost", "127.0.0.1", "[::1]"]
CSRF_TRUSTED_ORIGINS = _origenes
CORS_ALLOW_ALL_ORIGINS = "*" in SOCKET_CORS_ORIGIN
CORS_ALLOWED_ORIGINS = _origenes
CORS_URLS_REGEX = r"^/api/"
# Lo que otro origen lee y pide además de lo corriente: páginas, ritmo, y tramos de un archivo.
_DE_ARCHIVOS = "Accept-Ranges", "Content-Disposition", "Content-Range", "ETag"
CORS_EXPOSE_HEADERS = ["Link", "Retry-After", *_DE_ARCHIVOS]
CORS_ALLOW_HEADERS = [*default_headers, "if-none-match", "if-range", "range"]

REDIS_URL = _leer("REDIS_URL", bases.de_redis, "", secreto=True)
# Lo que lleva los avisos entre procesos, si no es el mismo Redis.
CAPA_URL: list[str] = _leer("CAPA_URL", bases.de_capa, [], secreto=True)
_mongo = _leer("MONGODB_URI", bases.de_mongo, None, secreto=True)
MONGODB_URI = _mongo["HOST"] if _mongo else ""
DATABASE_URL = _leer("DATABASE_URL", entorno.texto, "", secreto=True)

# Límites de ritmo (docs/contrato.md, sección 3).
MENSAJES_POR_MINUTO = _entero("MENSAJES_POR_MINUTO", 10)
EVENTOS_POR_SEGUNDO = _entero("EVENTOS_POR_SEGUNDO", 200)
BUSQUEDAS_FALLIDAS_POR_MINUTO = _entero("BUSQUEDAS_FALLIDAS_POR_MINUTO", 300)
BUSQUEDAS_DE_PERSONAS_POR_MINUTO = _entero("BUSQUEDAS_DE_PERSONAS_POR_MINUTO", 120)
CONVERSACIONES_POR_MINUTO = _entero("CONVERSACIONES_POR_MINUTO", 60)
PARTICIPANTES_POR_MINUTO = _entero("PARTICIPANTES_POR_MINUTO", 1000)
CONEXIONES_POR_USUARIO = _entero("CONEXIONES_POR_USUARIO", 50)
CONEXIONES_POR_IP = _entero("CONEXIONES_POR_IP", 1000)
ARCHIVOS_POR_MINUTO = _entero("ARCHIVOS_POR_MINUTO", 30)
ARCHIVOS_MB_POR_PERSONA = _entero("ARCHIVOS_MB_POR_PERSONA", 2000)
INGRESOS_FALLIDOS_POR_MINUTO = _entero("INGRESOS_FALLIDOS_POR_MINUTO", 10)
INGRESOS_FALLIDOS_POR_NOMBRE = _entero("INGRESOS_FALLIDOS_POR_NOMBRE", 50)
INGRESOS_FALLIDOS_POR_IP = _entero("INGRESOS_FALLIDOS_POR_IP", 100)

# A quién ve cada cual, además de a quienes comparten con él una conversación.
VISIBILIDAD = _leer("VISIBILIDAD", entorno.uno_de("todos", "expertos", "compartida"), "expertos")

# Con qué se puede reaccionar, además de lo del contrato.
REACCIONES = _entorno.lista("REACCIONES", entorno.reaccion)

# En cuántos se reparten los cierres al detenerse. Sin otro proceso al que ir, o en desarrollo, de
# golpe.
SEGUNDOS_DE_DRENAJE = _entero("SEGUNDOS_DE_DRENAJE", 0 if DEBUG or not REDIS_URL else 10, desde=0)

# De qué tramos recibe el personal un resumen de actividad: horas enteras.
RESUMEN_SEGUNDOS = _entero("RESUMEN_SEGUNDOS", 3600)

# Los avisos a quien no está (docs/avisos.md).
_avisos = avisos.leer(_entorno)
AVISOS, SALIENTES_ADMITIDAS = _avisos.quien, _avisos.salientes_admitidas
SITIO = _avisos.sitio and _avisos.sitio + PREFIJO
VAPID_CLAVE, VAPID_CONTACTO = _avisos.vapid_clave, _avisos.vapid_contacto
FCM_CUENTA: dict[str, str] = _avisos.fcm_cuenta
FCM_URL, AVISOS_ARRIENDO = _avisos.fcm_url, _avisos.arriendo
RECORDATORIO_HORAS = _avisos.recordatorio
CORREO_DE_AVISOS, CORREO_DE_RESPUESTAS = _avisos.correo, _avisos.correo_de_respuestas
CORREO_ENTRANTE_SECRETO = _avisos.correo_entrante_secreto
globals().update(avisos.servidor_de_correo(_entorno))

# A quién se avisa de un fallo de seguridad; sin nadie, no hay `security.txt`.
CONTACTO_DE_SEGURIDAD = _entorno.lista("CONTACTO_DE_SEGURIDAD", direcciones.contacto)

# El REST del original, junto al nuestro (docs/rest-original.md).
REST_DEL_ORIGINAL = _si("REST_DEL_ORIGINAL", True)

# Direcciones de los proxies propios: solo de ellos se cree `X-Forwarded-For`.
PROXIES_DE_CONFIANZA = _leer("PROXIES_DE_CONFIANZA", direcciones.proxies, "127.0.0.1", vacio="")
SOCKET_COMPRESION = _si("SOCKET_COMPRESION", False)

INSTALLED_APPS = [
    *(["django_mongodb_backend"] if MONGODB_URI else []),
    # Solo pone sockets a `runserver`; cargarlo es una cuarta parte de lo que tarda un arranque.
    *(["daphne"] if sys.argv[1:2] == ["runserver"] else []),
    "mensajeria.mongo.apps.AdminMongo" if MONGODB_URI else "django.contrib.admin",
    "mensajeria.mongo.apps.AuthMongo" if MONGODB_URI else "django.contrib.auth",
    "mensajeria.mongo.apps.ContentTypesMongo" if MONGODB_URI else "django.contrib.contenttypes",
    "django.contrib.sessions",
    "django.contrib.messages",
    "django.contrib.staticfiles",
    "channels",
    "corsheaders",
    "rest_framework",
    "drf_spectacular",
    "drf_spectacular_sidecar",
    "mensajeria",
]

MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "servitech.politica.Politica",
    "servitech.admision.Admision",
    "servitech.caidas.Caidas",
    "whitenoise.middleware.WhiteNoiseMiddleware",
    "corsheaders.middleware.CorsMiddleware",
    "servitech.caidas.SesionesDeDjango",
    "django.middleware.locale.LocaleMiddleware",
    "servitech.admision.Comun",
    "mensajeria.api.original.seleccion.RestDelOriginal",
    "django.middleware.csrf.CsrfViewMiddleware",
    "servitech.identidad.ConCookie",
    "django.contrib.messages.middleware.MessageMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]

ROOT_URLCONF = "servitech.urls"
ASGI_APPLICATION = "servitech.asgi.application"

TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "DIRS": [BASE_DIR / "templates"],
        "APP_DIRS": True,
        "OPTIONS": {
            "context_processors": [
                "django.template.context_processors.request",
                "django.contrib.auth.context_processors.auth",
                "django.contrib.messages.context_processors.messages",
            ]
        },
    }
]


# Sin ninguna, un archivo en esta carpeta, que puede llamarse de cualquier modo.
_sqlite = bases.de_archivo(BASE_DIR / "servitech.sqlite3")
_base = _mongo or _leer("DATABASE_URL", bases.de_url, _sqlite, secreto=True)
if "ARCHIVO" in _base:
    # En memoria, SQLite cierra las tablas enteras a las demás conexiones.
    _base["TEST"] = {"NAME": _leer("SQLITE_DE_PRUEBA", entorno.texto, f"{_base['ARCHIVO']}.prueba")}

DATABASES = {"default": _base}
if MONGODB_URI:
    DEFAULT_AUTO_FIELD = "django_mongodb_backend.fields.ObjectIdAutoField"
    MIGRATION_MODULES = {
        app: f"mensajeria.mongo.migraciones.{app}" for app in ("admin", "auth", "contenttypes")
    }
    DATABASE_ROUTERS = ["django_mongodb_backend.routers.MongoRouter"]
else:
    DEFAULT_AUTO_FIELD = "django.db.models.BigAutoField"

AUTH_USER_MODEL = "mensajeria.Usuario"
# El primero guarda las nuevas; las importadas del original pasan a él al primer ingreso.
PASSWORD_HASHERS = [
    "servitech.contrasenas.PBKDF2",
    "servitech.contrasenas.BcryptDelOriginal",
]
AUTH_PASSWORD_VALIDATORS = [
    {"NAME": f"django.contrib.auth.password_validation.{v}"}
    for v in (
        "UserAttributeSimilarityValidator",
        "MinimumLengthValidator",
        "CommonPasswordValidator",
        "NumericPasswordValidator",
    )
]


if REDIS_URL:
    SESSION_ENGINE = "servitech.sesiones"
    CACHES = bases.cache_en_redis(REDIS_URL)
elif MONGODB_URI:
    # django-mongodb-backend 5.2 no trae caché en la base.
    CACHES = {"default": {"BACKEND": "django.core.cache.backends.dummy.DummyCache"}}
else:
    CACHES = {
        "default": {
            "BACKEND": "django.core.cache.backends.db.DatabaseCache",
            "LOCATION": "cache",
        }
    }

CHANNEL_LAYERS = {"default": bases.capa_de_canales(REDIS_URL, CAPA_URL)}

REST_FRAMEWORK = rest.AJUSTES
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(
        minutes=_entero("JWT_MINUTOS", 12 * 60, hasta=10 * 366 * 24 * 60)
    ),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=30),
    "ALGORITHM": "HS256",
    "SIGNING_KEY": JWT_SECRET,
    "USER_ID_CLAIM": "userId",
    "AUDIENCE": JWT_AUDIENCIA or None,
    "ISSUER": JWT_EMISOR or None,
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Servitech Mensajería",
    "VERSION": VERSION,
    "OAS_VERSION": "3.1.0",
    "SERVERS": [{"url": PREFIJO}] if PREFIJO else [],
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "POSTPROCESSING_HOOKS": ["mensajeria.api.descripcion.completar"],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    # Lo que diga va en `make lint`; en `check --deploy` solo lo que pueda romper un despliegue.
    "ENABLE_DJANGO_DEPLOY_CHECK": False,
}

LANGUAGE_CODE = "es"
LANGUAGES = [("es", "Español")]
TIME_ZONE = _leer("TZ", zona, "UTC")
USE_TZ = True

# Los archivos que se suben: dónde, cuánto como mucho, y quién los mira, si hay quien.
STORAGES = {
    "staticfiles": {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"},
    "archivos": _leer("ARCHIVOS", almacenes.de_archivos, almacenes.carpeta(BASE_DIR / "archivos")),
}
ARCHIVO_BYTES = _entero("ARCHIVO_MB", 10, hasta=100) * 1024**2
CLAMD: tuple[str, int] | None = _leer("CLAMD", direcciones.con_puerto, None)
# Lo que llega en un formulario no pasa por el disco con nombre.
FILE_UPLOAD_HANDLERS = ["django.core.files.uploadhandler.MemoryFileUploadHandler"]
FILE_UPLOAD_MAX_MEMORY_SIZE = 2 * ARCHIVO_BYTES

STATIC_URL = f"{PREFIJO}/static/"
STATIC_ROOT = BASE_DIR / "estaticos"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True
# Lo que otros publicaron y se sirve tal cual desde la raíz: `/socket.io/socket.io.js`.
WHITENOISE_ROOT = BASE_DIR / "static/terceros"
# Un `.ts` no es aquí un vídeo, sino tipos que alguien lee.
WHITENOISE_MIMETYPES = {".map": "application/json", ".ts": "text/plain"}
WHITENOISE_AUTOREFRESH = DEBUG

SECURE_CONTENT_TYPE_NOSNIFF = True
# Solo se envía por HTTPS, y no se puede retirar antes de que venza: de entrada, no.
SECURE_HSTS_SECONDS = _entero("HSTS_SEGUNDOS", 0, desde=0)
X_FRAME_OPTIONS = "DENY"
SESSION_COOKIE_HTTPONLY = True
SESSION_COOKIE_SAMESITE = "Lax"
SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = _si("COOKIES_SEGURAS", not DEBUG)
SECURE_PROXY_SSL_HEADER = ("HTTP_X_FORWARDED_PROTO", "https") if _si("TRAS_PROXY", False) else None

# Las dos primeras son cosa del proxy que pone HTTPS; las otras, nuestras W003 y W002 en inglés.
SILENCED_SYSTEM_CHECKS = [
    "security.W004",
    "security.W008",
    "security.W012",
    "security.W016",
    "security.W018",
]

# Quién lee /metrics: quien lleve el token; sin él, quien venga de estas redes.
METRICAS_TOKEN = _leer("METRICAS_TOKEN", entorno.texto, "", secreto=True)
METRICAS_RED = _leer("METRICAS_RED", direcciones.proxies, "127.0.0.1,::1", vacio="")

LOG_ARCHIVO = _leer("LOG_ARCHIVO", entorno.texto, str(BASE_DIR / "server.log"))
_nivel = entorno.uno_de("DEBUG", "INFO", "WARNING", "ERROR", "CRITICAL")
LOG_NIVEL = _leer("LOG_NIVEL", _nivel, "INFO")
LOG_FORMATO = _leer("LOG_FORMATO", entorno.uno_de("texto", "json"), "texto")
# A quién se le cuentan los defectos del programa, y a quién se envían las trazas; si a alguien.
SENTRY_DSN = _leer("SENTRY_DSN", sentry, "", secreto=True)
TRAZAS = _leer("OTEL_EXPORTER_OTLP_ENDPOINT", trazas, "")
LOGGING = registro.configuracion(LOG_ARCHIVO, LOG_NIVEL, LOG_FORMATO, SENTRY_DSN)
# Una línea por cada paso de cada mensaje, y por cada conexión a la que se da.
RASTRO = _si("RASTRO", False)

# Lo que no se pudo leer (nada más que `diagnosticar` empieza con ello) y lo que quizá quiso ser un
# ajuste. Las demás son de otras partes del producto.
AJUSTES_ILEGIBLES = _de_env + _entorno.problemas
AJUSTES_DESCONOCIDOS = _entorno.desconocidas(
    {
        "DJANGO_SETTINGS_MODULE",
        "ORIGEN_URI",
        "PROMETHEUS_MULTIPROC_DIR",
        "PUNTO_DE_FALLO",
        "SQLITE_DE_PRUEBA",
    }
)
