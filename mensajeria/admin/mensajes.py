"""Los mensajes: buscarlos, mirarlos, ocultarlos, restaurarlos, fijarlos y eliminarlos."""

from __future__ import annotations

from typing import Any

from django.contrib import admin, messages
from django.contrib.admin.utils import unquote
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest
from django.http.response import HttpResponseBase
from django.urls import URLPattern, path
from django.utils.html import format_html_join

from mensajeria.admin.acciones import AccionDeMesa, ConAcciones
from mensajeria.admin.base import (
    RUTA_DE_ARCHIVO,
    ConTope,
    SoloMirar,
    aislado,
    breve,
    datos_de,
    dicho,
    en_json,
    en_una_linea,
    enlace_a_archivo,
    enlace_a_conversacion,
    nombre_de,
    transcripcion_url,
)
from mensajeria.archivos.descarga import descargar
from mensajeria.consultas.busqueda import buscar_en_todas
from mensajeria.models import Archivo, Conversacion, Mensaje, Usuario
from mensajeria.protocolo import cargas
from mensajeria.protocolo.errores import ErrorMensajeria
from mensajeria.protocolo.tipos import MAX_FIJADOS

# De lo que se halla por el texto, lo más nuevo.
MAX_HALLADOS = 500
_AVISO = "Los participantes ven en su lugar una lápida con este motivo."


def _datos(fila: Mensaje) -> dict[str, Any]:
    return {"mensajeId": fila.pk}


class PorEstado(admin.SimpleListFilter):
    title = "estado"
    parameter_name = "estado"

    def lookups(self, request: HttpRequest, model_admin: Any) -> list[tuple[str, str]]:
        return [
            ("visible", "Visibles"),
            ("fijado", "Fijados"),
            ("denunciado", "Denunciados"),
            ("oculto", "Ocultos"),
            ("eliminado", "Eliminados"),
        ]

    def queryset(self, request: HttpRequest, queryset: QuerySet[Mensaje]) -> QuerySet[Mensaje]:
        match self.value():
            case "visible":
                return queryset.filter(eliminado=False, oculto=False)
            case "fijado":
                return queryset.filter(fijado=True)
            case "denunciado":
                return queryset.filter(moderacion__reportado=True)
            case "oculto":
                return queryset.filter(eliminado=False, oculto=True)
            case "eliminado":
                return queryset.filter(eliminado=True)
        return queryset


@admin.register(Mensaje)
class MensajeAdmin(SoloMirar, ConAcciones):
    list_display = ("numero", "lo_primero", "autor", "donde", "estado", "cuando")
    list_filter = (PorEstado, "tipo", "prioridad", "editado", "fecha_envio")
    list_select_related = ("conversacion", "remitente")
    list_per_page = 50
    # Las que mira `get_search_results`.
    search_fields = ("texto",)
    search_help_text = (
        "Palabras del texto; o entero: código o id de la conversación, id del mensaje, o nombre de"
        " usuario."
    )
    show_full_result_count = False
    paginator = ConTope
    ordering = ("-fecha_envio",)
    acciones = (
        AccionDeMesa(
            nombre="ocultar",
            etiqueta="Ocultar",
            aviso=f"{_AVISO} El contenido sigue guardado y se puede restaurar.",
            permiso="ocultar_mensaje",
            hecho="mensaje ocultado",
            hechos="mensajes ocultados",
            tipo=cargas.OcultarMensaje,
            datos=_datos,
            sirve=lambda fila: not fila.retirado,
            lleva_razon=True,
        ),
        AccionDeMesa(
            nombre="restaurar",
            etiqueta="Restaurar",
            aviso="Los participantes lo ven otra vez entero.",
            permiso="ocultar_mensaje",
            hecho="mensaje restaurado",
            hechos="mensajes restaurados",
            tipo=cargas.RestaurarMensaje,
            datos=_datos,
            sirve=lambda fila: fila.oculto and not fila.eliminado,
            lleva_razon=True,
        ),
        AccionDeMesa(
            nombre="fijar",
            etiqueta="Fijar",
            aviso=f"Los participantes lo ven arriba; caben {MAX_FIJADOS} en cada conversación.",
            permiso="fijar_mensaje",
            hecho="mensaje fijado",
            hechos="mensajes fijados",
            tipo=cargas.FijarMensaje,
            datos=_datos,
            sirve=lambda f: not (f.fijado or f.retirado) and f.conversacion.activa,
        ),
        AccionDeMesa(
            nombre="desfijar",
            etiqueta="Desfijar",
            aviso="Los participantes dejan de verlo arriba; en su sitio sigue igual.",
            permiso="fijar_mensaje",
            hecho="mensaje desfijado",
            hechos="mensajes desfijados",
            tipo=cargas.DesfijarMensaje,
            datos=_datos,
            sirve=lambda f: f.fijado and f.conversacion.activa,
        ),
        AccionDeMesa(
            nombre="eliminar",
            etiqueta="Eliminar",
            aviso=f"{_AVISO} El contenido se borra y no se puede recuperar.",
            permiso="eliminar_mensaje",
            hecho="mensaje eliminado",
            hechos="mensajes eliminados",
            tipo=cargas.EliminarMensaje,
            datos=_datos,
            sirve=lambda fila: not fila.eliminado,
            sin_vuelta=True,
            lleva_razon=True,
        ),
    )

    def resumir(self, fila: Mensaje) -> str:
        return f"{nombre_de(fila.remitente)}: {en_una_linea(fila)}"

    def get_queryset(self, request: HttpRequest) -> QuerySet[Mensaje]:
        # Su historial puede ocupar medio megabyte: se lee al mirar uno.
        filas = super().get_queryset(request).defer("historial")
        return filas.select_related("conversacion", "remitente")

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Mensaje], search_term: str
    ) -> tuple[QuerySet[Mensaje], bool]:
        """Por el índice de buscar, que de lo oculto no sabe; y por su clave, lo que sea entero."""
        dicho = self.recortado(request, search_term)
        if not dicho:
            return queryset, False
        try:
            ids, hay_mas = buscar_en_todas(dicho, MAX_HALLADOS)
        except ErrorMensajeria as error:
            ids, hay_mas = [], False
            self.message_user(request, error.mensaje, messages.WARNING)
        if hay_mas:
            aviso = f"Del texto, solo lo más nuevo ({len(ids)}): con más palabras se ve lo demás."
            self.message_user(request, aviso, messages.WARNING)
        ocultos = Q(oculto=True)
        for palabra in dicho.split():
            ocultos &= Q(texto__icontains=palabra)
        cuales = Q(pk__in=[*ids, dicho]) | ocultos
        de_ella = Conversacion.objects.filter(Q(pk=dicho) | Q(codigo=dicho))
        if conversaciones := list(de_ella.values_list("pk", flat=True)):
            cuales |= Q(conversacion__in=conversaciones)
        suyos = Usuario.objects.filter(username=dicho).values_list("pk", flat=True)
        if autores := list(suyos):
            cuales |= Q(remitente__in=autores)
        return queryset.filter(cuales), False

    def get_fieldsets(self, request: HttpRequest, obj: Any = None) -> Any:
        partes = [
            (None, {"fields": ("donde", "autor", "fecha_envio", "estado", "tipo", "prioridad")}),
            ("Contenido", {"fields": ("lo_dicho", "adjunto", "datos", "ediciones")}),
        ]
        if obj is not None and obj.fijado:
            partes.append(("Fijado", {"fields": ("fijado_por", "fecha_fijado")}))
        if obj is not None and (obj.oculto or obj.eliminado):
            campos = ["oculto_por", "fecha_ocultacion", "motivo_oculto"] if obj.oculto else []
            if obj.eliminado:
                campos += ["eliminado_por", "fecha_eliminacion", "motivo_eliminado"]
            partes.append(("Retirado", {"fields": tuple(campos)}))
        if obj is not None and hasattr(obj, "moderacion"):
            partes.append(("Denuncia", {"fields": ("la_denuncia", "revisado_por")}))
        if request.user.has_perm("mensajeria.ver_conexion"):
            partes.append(("Desde dónde", {"fields": ("ip", "el_agente", "socket_id")}))
        return partes

    def herramientas(self, request: HttpRequest, fila: Mensaje) -> list[dict[str, Any]]:
        en_contexto = transcripcion_url(fila.conversacion_id, fila.secuencia)
        return [
            *super().herramientas(request, fila),
            {"etiqueta": "En su conversación", "url": en_contexto, "nombre": "transcripcion"},
        ]

    # Su archivo, que aquí se ve también si está oculto

    def get_urls(self) -> list[URLPattern]:
        vista = self.admin_site.admin_view(self.vista_de_archivo)
        return [
            path("<path:object_id>/archivo/<slug:parte>/", vista, name=RUTA_DE_ARCHIVO),
            *super().get_urls(),
        ]

    def vista_de_archivo(
        self, request: HttpRequest, object_id: str, parte: str
    ) -> HttpResponseBase:
        if not self.has_view_permission(request):
            raise PermissionDenied
        fila = Archivo.objects.filter(
            mensaje=unquote(object_id), estado=Archivo.Estado.ENVIADO
        ).first()
        if fila is None or parte not in fila.tamanos:
            raise Http404
        return descargar(request, fila, parte)

    @admin.display(description="n.º", ordering="secuencia")
    def numero(self, fila: Mensaje) -> str:
        return f"n.º {fila.secuencia}"

    @admin.display(description="enviado", ordering="fecha_envio")
    def cuando(self, fila: Mensaje) -> str:
        return breve(fila.fecha_envio)

    @admin.display(description="conversación", ordering="conversacion")
    def donde(self, fila: Mensaje) -> str:
        return enlace_a_conversacion(fila.conversacion, fila.secuencia)

    @admin.display(description="remitente", ordering="remitente")
    def autor(self, fila: Mensaje) -> str:
        return aislado(nombre_de(fila.remitente))

    @admin.display(description="texto")
    def lo_primero(self, fila: Mensaje) -> str:
        return dicho(fila, en_una_linea)

    @admin.display(description="texto")
    def lo_dicho(self, fila: Mensaje) -> str:
        return dicho(fila, lambda f: f.texto or datos_de(f))

    @admin.display(description="estado")
    def estado(self, fila: Mensaje) -> str:
        if fila.retirado:
            return "Eliminado" if fila.eliminado else "Oculto"
        return "Visible, fijado" if fila.fijado else "Visible"

    @admin.display(description="archivo")
    def adjunto(self, fila: Mensaje) -> str:
        return enlace_a_archivo(fila) or en_json(fila.archivo)

    @admin.display(description="metadatos")
    def datos(self, fila: Mensaje) -> str:
        return en_json(fila.metadatos)

    @admin.display(description="versiones anteriores")
    def ediciones(self, fila: Mensaje) -> str:
        versiones = ((v["fecha"], aislado(v["texto"])) for v in fila.historial)
        return format_html_join("", "<p><time>{}</time> {}</p>", versiones) or "-"

    @admin.display(description="denuncia")
    def la_denuncia(self, fila: Any) -> str:
        """La que traía del original."""
        suya = fila.moderacion
        como = "Denunciado" if suya.reportado else "Sin denunciar"
        que = "" if suya.aprobado else ", sin aprobar"
        return aislado(f"{como}{que}{': ' if suya.razon else ''}{suya.razon}")

    @admin.display(description="revisado por")
    def revisado_por(self, fila: Any) -> str:
        return fila.moderacion.moderado_por or "-"

    @admin.display(description="motivo de ocultarlo")
    def motivo_oculto(self, fila: Mensaje) -> str:
        return aislado(fila.razon_ocultacion or "")

    @admin.display(description="motivo de eliminarlo")
    def motivo_eliminado(self, fila: Mensaje) -> str:
        return aislado(fila.razon_eliminacion or "-")

    @admin.display(description="agente de usuario")
    def el_agente(self, fila: Mensaje) -> str:
        return aislado(fila.agente or "-")
