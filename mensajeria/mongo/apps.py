"""Las apps de Django con claves implícitas, que en MongoDB son ObjectId."""

from django.contrib.admin.apps import AdminConfig
from django.contrib.auth.apps import AuthConfig
from django.contrib.contenttypes.apps import ContentTypesConfig

_OBJECT_ID = "django_mongodb_backend.fields.ObjectIdAutoField"


class AdminMongo(AdminConfig):
    default_auto_field = _OBJECT_ID


class AuthMongo(AuthConfig):
    default_auto_field = _OBJECT_ID


class ContentTypesMongo(ContentTypesConfig):
    default_auto_field = _OBJECT_ID
