"""Las rutas HTTP de todo el proyecto."""

from django.contrib import admin
from django.urls import include, path
from drf_spectacular.views import SpectacularAPIView, SpectacularSwaggerSplitView

from mensajeria.admin.ingreso import cambiar_clave, entrar
from mensajeria.pagina import vistas
from servitech import contacto, salud


class Docs(SpectacularSwaggerSplitView):  # type: ignore[misc]
    # Su plantilla es para verla: no sabe contestar a OPTIONS.
    http_method_names = ("get", "head")


urlpatterns = [
    path("", vistas.pagina, name="pagina"),
    path("test_mensajeria_completa.html", vistas.pagina),
    path("salud/", salud.salud, name="salud"),
    path(".well-known/security.txt", contacto.security_txt, name="contacto"),
    path("metrics", salud.metricas_prometheus, name="metricas"),
    path("admin/login/", entrar),
    path("admin/password_change/", cambiar_clave),
    path("admin/", admin.site.urls),
    path("api/esquema/", SpectacularAPIView.as_view(), name="esquema"),
    path("api/docs/", Docs.as_view(url_name="esquema"), name="docs"),
    path("api/", include("mensajeria.api.urls")),
]
