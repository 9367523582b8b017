"""Las rutas HTTP de todo el proyecto."""

from django.contrib import admin
from django.urls import include, path, re_path

from mensajeria.admin.conexiones import conexiones
from mensajeria.admin.ingreso import cambiar_clave, entrar
from mensajeria.api.avatares import avatar
from mensajeria.api.correo import correo_entrante
from mensajeria.api.documentos import Docs, Esquema
from mensajeria.api.ingreso import Entrar, Salir
from mensajeria.archivos.avatares import CLAVE
from mensajeria.pagina import docs, paquete_npm, vistas
from mensajeria.pagina.baja import baja
from servitech import contacto, salud

urlpatterns = [
    path("", vistas.pagina, name="pagina"),
    path("test_mensajeria_completa.html", vistas.pagina),
    re_path(rf"^avatares/(?P<clave>{CLAVE})/?$", avatar, name="avatar"),
    path("paquete/<str:archivo>", vistas.pieza),
    path("avisador.js", vistas.avisador),
    path("manifiesto.webmanifest", vistas.manifiesto),
    path(f"clientes/{paquete_npm.ARCHIVO}", vistas.paquete_de_npm),
    path("docs/", docs.documento, name="documentacion"),
    path("docs/asyncapi.yaml", docs.asyncapi),
    path("docs/imagenes/<slug:nombre>.png", docs.imagen),
    path("docs/<slug:nombre>/", docs.documento, name="documento"),
    path("avisos/correo/", correo_entrante, name="correo"),
    path("avisos/baja/<str:firma>/", baja, name="baja"),
    path("salud/", salud.salud, name="salud"),
    path(".well-known/security.txt", contacto.security_txt, name="contacto"),
    re_path("^metrics/?$", salud.metricas_prometheus, name="metricas"),
    path("admin/login/", entrar),
    path("admin/password_change/", cambiar_clave),
    path("admin/conexiones/", conexiones, name="conexiones"),
    path("admin/", admin.site.urls),
    path("api/esquema/", Esquema.as_view(), name="esquema"),
    path("api/docs/", Docs.as_view(url_name="esquema"), name="docs"),
    path("api/entrar/", Entrar.as_view(), name="entrar-en-la-api"),
    path("api/salir/", Salir.as_view(), name="salir-de-la-api"),
    path("api/", include("mensajeria.api.urls")),
]
