"""Configuración de Django, toda por variables de entorno (`.env.ejemplo` las nombra)."""

from __future__ import annotations

import hashlib
import os
from datetime import timedelta
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import dj_database_url
from dotenv import load_dotenv

from mensajeria import VERSION

BASE_DIR = Path(__file__).resolve().parent.parent
load_dotenv(BASE_DIR / ".env")


def _si(nombre: str, por_defecto: bool) -> bool:
    valor = os.environ.get(nombre, "").strip().lower()
    return por_defecto if not valor else valor in {"1", "true", "si", "sí", "yes", "on"}


def _entero(nombre: str, por_defecto: int) -> int:
    return int(os.environ.get(nombre) or por_defecto)


def _lista(nombre: str) -> list[str]:
    return [x.strip() for x in os.environ.get(nombre, "").split(",") if x.strip()]


DEBUG = _si("DEBUG", os.environ.get("NODE_ENV") != "production")
# Cuentas y conversaciones de ejemplo, y el token literal `test_token`.
DEMO = _si("DEMO", DEBUG)

PORT = _entero("PORT", 3000)
HOST = os.environ.get("HOST") or ("127.0.0.1" if DEBUG else "0.0.0.0")

SECRETO_DE_MUESTRA = "tu_secreto_jwt_seguro"
JWT_SECRET = os.environ.get("JWT_SECRET") or (SECRETO_DE_MUESTRA if DEBUG else "")
SECRET_KEY = (
    os.environ.get("SECRET_KEY") or hashlib.sha256(f"django:{JWT_SECRET}".encode()).hexdigest()
)

SOCKET_CORS_ORIGIN = _lista("SOCKET_CORS_ORIGIN") or (["*"] if DEBUG else [])
_origenes = [o for o in SOCKET_CORS_ORIGIN if o != "*"]
ALLOWED_HOSTS = _lista("ALLOWED_HOSTS") or (
    ["*"] if DEBUG else [*filter(None, (urlsplit(o).hostname for o in _origenes))]
)
# La comprobación de salud pregunta desde dentro.
ALLOWED_HOSTS += ["localhost", "127.0.0.1"]
CSRF_TRUSTED_ORIGINS = _origenes
CORS_ALLOW_ALL_ORIGINS = "*" in SOCKET_CORS_ORIGIN
CORS_ALLOWED_ORIGINS = _origenes
CORS_URLS_REGEX = r"^/api/"

REDIS_URL = os.environ.get("REDIS_URL", "")
MONGODB_URI = os.environ.get("MONGODB_URI", "")
DATABASE_URL = os.environ.get("DATABASE_URL") or f"sqlite:///{BASE_DIR / 'servitech.sqlite3'}"

# Límites de ritmo (docs/contrato.md, sección 3).
MENSAJES_POR_MINUTO = _entero("MENSAJES_POR_MINUTO", 10)
EVENTOS_POR_SEGUNDO = _entero("EVENTOS_POR_SEGUNDO", 200)
CONEXIONES_POR_USUARIO = _entero("CONEXIONES_POR_USUARIO", 50)
CONEXIONES_POR_IP = _entero("CONEXIONES_POR_IP", 1000)
INGRESOS_FALLIDOS_POR_MINUTO = _entero("INGRESOS_FALLIDOS_POR_MINUTO", 10)
INGRESOS_FALLIDOS_POR_NOMBRE = _entero("INGRESOS_FALLIDOS_POR_NOMBRE", 50)
INGRESOS_FALLIDOS_POR_IP = _entero("INGRESOS_FALLIDOS_POR_IP", 100)

# Cada cuánto recibe el personal su resumen de actividad.
RESUMEN_SEGUNDOS = _entero("RESUMEN_SEGUNDOS", 3600)

# Direcciones de los proxies propios: solo de ellos se cree `X-Forwarded-For`.
PROXIES_DE_CONFIANZA = os.environ.get("PROXIES_DE_CONFIANZA", "127.0.0.1")
SOCKET_COMPRESION = _si("SOCKET_COMPRESION", False)

INSTALLED_APPS = [
    *(["django_mongodb_backend"] if MONGODB_URI else []),
    "daphne",
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
    "django.contrib.sessions.middleware.SessionMiddleware",
    "django.middleware.locale.LocaleMiddleware",
    "servitech.admision.Comun",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.contrib.auth.middleware.AuthenticationMiddleware",
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


def _base_de_datos() -> dict[str, Any]:
    if MONGODB_URI:
        nombre = urlsplit(MONGODB_URI).path.strip("/") or "servitech"
        return {"ENGINE": "django_mongodb_backend", "HOST": MONGODB_URI, "NAME": nombre}
    base: dict[str, Any] = dict(dj_database_url.parse(DATABASE_URL))
    if base["ENGINE"].endswith("sqlite3"):
        base["OPTIONS"] = {
            "transaction_mode": "IMMEDIATE",
            "timeout": 5,
            "init_command": "PRAGMA journal_mode=WAL; PRAGMA synchronous=FULL;",
        }
        # Abrir la de SQLite cuesta más que leer con ella: cada hilo guarda la suya.
        base["CONN_MAX_AGE"] = None
        # En memoria, SQLite cierra las tablas enteras a las demás conexiones.
        base["TEST"] = {"NAME": os.environ.get("SQLITE_DE_PRUEBA") or f"{base['NAME']}.prueba"}
    else:
        base["OPTIONS"] = {
            "pool": {"min_size": 1, "max_size": 16, "timeout": 5},
            # La última: un proceso parado a medio escribir no retiene su conversación más que eso.
            "options": "-c statement_timeout=10000 -c lock_timeout=1500"
            " -c idle_in_transaction_session_timeout=10000",
        }
    return base


DATABASES = {"default": _base_de_datos()}
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
LOGIN_URL = "/admin/login/"


def cache_en_redis(url: str) -> dict[str, Any]:
    return {
        "default": {
            "BACKEND": "django.core.cache.backends.redis.RedisCache",
            "LOCATION": url,
            "KEY_PREFIX": "servitech:cache",
            "OPTIONS": {
                # El de Django es pickle: quien escriba en Redis ejecutaría lo que quisiera aquí.
                "serializer": "django.core.signing.JSONSerializer",
                "socket_timeout": 0.5,
                "socket_connect_timeout": 0.5,
            },
        }
    }


if REDIS_URL:
    SESSION_ENGINE = "servitech.sesiones"
    CACHES = cache_en_redis(REDIS_URL)
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

CHANNEL_LAYERS = {
    "default": {
        "BACKEND": "mensajeria.difusion.capa.CapaDeCanales",
        "CONFIG": {"hosts": [{"address": REDIS_URL, "socket_timeout": 2}], "prefix": "servitech"},
    }
    if REDIS_URL
    else {
        "BACKEND": "channels.layers.InMemoryChannelLayer",
        "CONFIG": {"capacity": 10_000, "group_expiry": 10 * 365 * 86_400},
    }
}

REST_FRAMEWORK = {
    "DEFAULT_AUTHENTICATION_CLASSES": [
        "mensajeria.api.autenticacion.AutenticacionJWT",
        "rest_framework.authentication.SessionAuthentication",
    ],
    "DEFAULT_PERMISSION_CLASSES": ["rest_framework.permissions.IsAuthenticated"],
    "DEFAULT_PARSER_CLASSES": ["mensajeria.api.formatos.LectorJSON"],
    "DEFAULT_RENDERER_CLASSES": [
        "mensajeria.api.formatos.FormatoJSON",
        "rest_framework.renderers.BrowsableAPIRenderer",
    ],
    "DEFAULT_SCHEMA_CLASS": "drf_spectacular.openapi.AutoSchema",
    "EXCEPTION_HANDLER": "mensajeria.api.errores.responder_error",
}
SIMPLE_JWT = {
    "ACCESS_TOKEN_LIFETIME": timedelta(minutes=_entero("JWT_MINUTOS", 12 * 60)),
    "REFRESH_TOKEN_LIFETIME": timedelta(days=30),
    "ALGORITHM": "HS256",
    "SIGNING_KEY": JWT_SECRET,
    "USER_ID_CLAIM": "userId",
}
SPECTACULAR_SETTINGS = {
    "TITLE": "Servitech Mensajería",
    "DESCRIPTION": "Historial y operaciones por REST. Los eventos en vivo: docs/eventos.md.",
    "VERSION": VERSION,
    "SERVE_INCLUDE_SCHEMA": False,
    "SWAGGER_UI_DIST": "SIDECAR",
    "SWAGGER_UI_FAVICON_HREF": "SIDECAR",
    "REDOC_DIST": "SIDECAR",
    "POSTPROCESSING_HOOKS": ["mensajeria.api.esquemas.agregar_componentes"],
    "SERVE_PERMISSIONS": ["rest_framework.permissions.AllowAny"],
    "SERVE_AUTHENTICATION": [],
    # No entiende nuestras formas (las pone el gancho) y ahogaría a lo demás de `check --deploy`.
    "ENABLE_DJANGO_DEPLOY_CHECK": False,
}

LANGUAGE_CODE = "es"
LANGUAGES = [("es", "Español")]
TIME_ZONE = os.environ.get("TZ") or "UTC"
USE_TZ = True

STATIC_URL = "/static/"
STATIC_ROOT = BASE_DIR / "estaticos"
STATICFILES_DIRS = [BASE_DIR / "static"]
WHITENOISE_USE_FINDERS = True
WHITENOISE_AUTOREFRESH = DEBUG

SECURE_CONTENT_TYPE_NOSNIFF = True
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

LOG_ARCHIVO = os.environ.get("LOG_ARCHIVO", str(BASE_DIR / "server.log"))
LOGGING = {
    "version": 1,
    "disable_existing_loggers": False,
    "formatters": {
        "linea": {
            "format": "{asctime} {levelname:<7} {name}: {message}",
            "style": "{",
        },
    },
    "filters": {
        "sin_traza": {"()": "servitech.registro.SinTraza"},
        "de_fuera": {"()": "servitech.registro.LoDeFueraSinTraza"},
    },
    "handlers": {
        "terminal": {
            "class": "logging.StreamHandler",
            "formatter": "linea",
            "filters": ["de_fuera"],
        },
        "archivo": {
            "class": "logging.handlers.WatchedFileHandler",
            "filename": LOG_ARCHIVO,
            "encoding": "utf-8",
            "delay": True,
            "formatter": "linea",
            "filters": ["de_fuera"],
        },
    },
    "root": {"handlers": ["terminal", "archivo"], "level": os.environ.get("LOG_NIVEL", "INFO")},
    "loggers": {
        "django.request": {"level": "ERROR"},
        "daphne": {"level": "WARNING"},
        "channels_redis.pubsub": {"filters": ["sin_traza"]},
        "uvicorn.access": {"level": "WARNING"},
        # Su línea por conexión lleva la consulta entera, y alguien puede poner ahí un token.
        "uvicorn.error": {"level": "WARNING"},
    },
}
