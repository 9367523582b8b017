"""Las rutas de REST (docs/contrato.md, sección 4)."""

from django.urls import include, path, re_path
from rest_framework.routers import SimpleRouter

from mensajeria.api import avisos, otras, sesiones, tokens
from mensajeria.api.archivos import PARTES, Archivos
from mensajeria.api.busqueda import Busqueda
from mensajeria.api.conversaciones import Conversaciones
from mensajeria.api.mensajes import Mensajes
from mensajeria.api.paginas import ID
from mensajeria.api.usuarios import Usuarios

rutas = SimpleRouter()
rutas.register("conversaciones", Conversaciones, "conversacion")
rutas.register("mensajes", Mensajes, "mensaje")
rutas.register("usuarios", Usuarios, "usuario")
rutas.register("dispositivos", avisos.Dispositivos, "dispositivo")
rutas.register("notificaciones", otras.Notificaciones, "notificacion")

urlpatterns = [
    path("token/", tokens.Obtener.as_view(), name="token"),
    path("token/refresh/", tokens.Renovar.as_view(), name="token-renovar"),
    path("token/revocar/", tokens.Revocar.as_view(), name="token-revocar"),
    path("mensajeria/", otras.Indice.as_view(), name="indice"),
    path("mensajeria/", include(rutas.urls)),
    path(
        "mensajeria/archivos/",
        Archivos.as_view({"get": "list", "post": "create"}, name="Archivos"),
        name="archivos",
    ),
    re_path(
        rf"^mensajeria/archivos/(?P<pk>{ID})/$",
        Archivos.as_view({"get": "retrieve", "delete": "destroy"}, name="Archivo"),
        name="archivo",
    ),
    *(
        re_path(
            rf"^mensajeria/archivos/(?P<pk>{ID})/{parte}/$",
            vista.as_view(),
            name=f"archivo-{parte}",
        )
        for parte, vista in PARTES.items()
    ),
    path(
        "mensajeria/sesiones/",
        sesiones.Sesiones.as_view({"get": "list", "delete": "acabar_las_demas"}, name="Sesiones"),
        name="sesiones",
    ),
    re_path(
        rf"^mensajeria/sesiones/(?P<pk>{ID})/$",
        sesiones.Sesiones.as_view({"delete": "destroy"}, name="Sesión"),
        name="sesion",
    ),
    path("mensajeria/buscar/", Busqueda.as_view(), name="buscar"),
    path("mensajeria/preferencias/", avisos.MisPreferencias.as_view(), name="preferencias"),
    path("mensajeria/estadisticas/", otras.Cifras.as_view(), name="estadisticas"),
    path("mensajeria/test/", otras.Prueba.as_view(), name="prueba"),
    re_path(r"", otras.no_existe_nada),
]
