"""Las conversaciones: sus participantes, su transcripción, cerrarlas y reabrirlas."""

from __future__ import annotations

from collections import defaultdict
from collections.abc import Sequence
from typing import Any
from urllib.parse import urlencode

from django.contrib import admin
from django.contrib.admin.models import LogEntry
from django.contrib.admin.utils import quote, unquote
from django.contrib.contenttypes.models import ContentType
from django.core.exceptions import PermissionDenied
from django.db.models import Q, QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.html import format_html, format_html_join

from mensajeria import consultas
from mensajeria.admin.acciones import AccionDeMesa, ConAcciones
from mensajeria.admin.base import SoloMirar, aislado, breve, en_json, nombre_de, transcripcion_url
from mensajeria.admin.mensajes import MensajeAdmin
from mensajeria.admin.participantes import ParticipanteAdmin
from mensajeria.admin.transcripcion import Pagina
from mensajeria.models import Conversacion, Mensaje, Participante
from mensajeria.protocolo import cargas
from mensajeria.protocolo.tipos import MAX_ENUMERADOS

MAX_NOMBRADOS = 4
_DE_SU_NOMBRE = ("usuario__username", "usuario__nombre", "usuario__apellido")


def _datos(activa: bool) -> Any:
    return lambda fila: {"conversacionId": fila.pk, "activa": activa}


def _los_primeros(nombres: list[str]) -> str:
    resto = len(nombres) - MAX_NOMBRADOS
    return ", ".join(nombres[:MAX_NOMBRADOS]) + (f" y {resto} más" if resto > 0 else "")


def _son_muchos(fila: Conversacion) -> bool:
    """Tantos que no caben en su página: se ven en la lista de participantes, que va por páginas."""
    return consultas.cuantas_filas(fila.pk) > MAX_ENUMERADOS


def _personas_url(fila: Conversacion) -> str:
    """Donde se cambia el papel de cada participante suyo."""
    if _son_muchos(fila):
        lista = reverse("admin:mensajeria_participante_changelist")
        return f"{lista}?{urlencode({'q': fila.pk})}"
    suya = reverse("admin:mensajeria_conversacion_change", args=[quote(fila.pk)])
    return f"{suya}#participantes-group"


class ParticipanteEnLinea(SoloMirar, admin.TabularInline):  # type: ignore[type-arg]
    model = Participante
    extra = 0
    can_delete = False
    show_change_link = True
    fields = (
        "persona",
        "acciones",
        "rol",
        "activo",
        "puede_enviar",
        "puede_eliminar",
        "puede_moderar",
    )
    readonly_fields = ("persona", "acciones")
    ordering = ("fecha_ingreso", "pk")

    def get_queryset(self, request: HttpRequest) -> QuerySet[Participante]:
        self._request = request
        return super().get_queryset(request).select_related("usuario")

    @admin.display(description="persona")
    def persona(self, fila: Participante) -> str:
        return aislado(nombre_de(fila.usuario))

    @admin.display(description="acciones")
    def acciones(self, fila: Participante) -> str:
        mesa: Any = self.admin_site.get_model_admin(Participante)
        aqui = reverse("admin:mensajeria_conversacion_change", args=[quote(fila.conversacion_id)])
        enlaces = mesa.enlaces_de(self._request, fila, aqui)
        return format_html_join(
            " · ", '<a href="{}">{}</a>', ((e["url"], e["etiqueta"]) for e in enlaces)
        )


@admin.register(Conversacion)
class ConversacionAdmin(SoloMirar, ConAcciones):
    list_display = (
        "titulo",
        "quienes",
        "tipo",
        "activa",
        "ultima_secuencia",
        "cuando",
        "leer",
    )
    list_filter = ("activa", "archivada", "tipo", "fecha_ultima_actividad")
    list_per_page = 50
    search_fields = (
        "codigo",
        "nombre_personalizado",
        "=id",
        "participantes__usuario__username",
        "participantes__usuario__nombre",
    )
    show_full_result_count = False
    ordering = ("-fecha_ultima_actividad",)
    fields = (
        "titulo",
        "codigo",
        "tipo",
        "activa",
        "archivada",
        "asesoria",
        "la_descripcion",
        "privacidad",
        "fecha_creacion",
        "fecha_ultima_actividad",
        "ultima_secuencia",
        "todos",
    )
    inlines = (ParticipanteEnLinea,)
    acciones = (
        AccionDeMesa(
            nombre="cerrar",
            etiqueta="Cerrar conversación",
            aviso="Nadie podrá escribir en ella hasta que se reabra.",
            permiso="cerrar_conversacion",
            hecho="conversación cerrada",
            hechos="conversaciones cerradas",
            tipo=cargas.ActualizarConversacion,
            datos=_datos(False),
            sirve=lambda fila: fila.activa,
        ),
        AccionDeMesa(
            nombre="reabrir",
            etiqueta="Reabrir conversación",
            aviso="Sus participantes podrán escribir otra vez.",
            permiso="cerrar_conversacion",
            hecho="conversación reabierta",
            hechos="conversaciones reabiertas",
            tipo=cargas.ActualizarConversacion,
            datos=_datos(True),
            sirve=lambda fila: not fila.activa,
        ),
    )

    def completar(self, filas: Sequence[Any]) -> None:
        """Cada una con quién participa: unos nombres o, si es numerosa, cuántos."""
        ids = [fila.pk for fila in filas]
        totales = consultas.numerosas(ids)
        pocos = [id_ for id_ in ids if id_ not in totales]
        suyos = Participante.objects.filter(conversacion__in=pocos, activo=True)
        nombres: dict[str, list[str]] = defaultdict(list)
        ordenados = suyos.select_related("usuario").order_by("fecha_ingreso", "pk")
        for p in ordenados.only("conversacion", *_DE_SU_NOMBRE):
            nombres[p.conversacion_id].append(nombre_de(p.usuario))
        for fila in filas:
            total = totales.get(fila.pk)
            fila.quienes = f"{total} personas" if total else _los_primeros(nombres[fila.pk])

    def get_inlines(self, request: HttpRequest, obj: Any) -> Any:
        return () if obj is None or _son_muchos(obj) else super().get_inlines(request, obj)

    def resumir(self, fila: Any) -> str:
        return str(fila.quienes)

    def herramientas(self, request: HttpRequest, fila: Conversacion) -> list[dict[str, Any]]:
        leer = {"etiqueta": "Transcripción", "url": transcripcion_url(fila.pk), "nombre": "leer"}
        puede = request.user.has_perm("mensajeria.view_mensaje")
        return [*super().herramientas(request, fila), *([leer] if puede else [])]

    @admin.display(description="conversación", ordering="nombre_personalizado")
    def titulo(self, fila: Conversacion) -> str:
        return aislado(str(fila))

    @admin.display(description="actividad", ordering="fecha_ultima_actividad")
    def cuando(self, fila: Conversacion) -> str:
        return breve(fila.fecha_ultima_actividad)

    @admin.display(description="participantes")
    def quienes(self, fila: Any) -> str:
        return aislado(fila.quienes)

    @admin.display(description="participantes, con los que salieron")
    def todos(self, fila: Conversacion) -> str:
        cuantos = consultas.cuantas_filas(fila.pk)
        return format_html('<a href="{}">{}</a>', _personas_url(fila), cuantos)

    @admin.display(description="descripción")
    def la_descripcion(self, fila: Conversacion) -> str:
        return aislado(fila.descripcion or "-")

    @admin.display(description="privacidad")
    def privacidad(self, fila: Conversacion) -> str:
        return en_json(fila.configuracion_privacidad)

    @admin.display(description="transcripción")
    def leer(self, fila: Conversacion) -> str:
        return format_html('<a href="{}">Leer</a>', transcripcion_url(fila.pk))

    # Su historia trae también la de sus participantes

    def history_view(
        self, request: HttpRequest, object_id: str, extra_context: dict[str, Any] | None = None
    ) -> HttpResponse:
        id_ = unquote(object_id)
        de = ContentType.objects.get_for_models(Conversacion, Participante)
        suyos = list(Participante.objects.filter(conversacion=id_).values_list("pk", flat=True))
        entradas = LogEntry.objects.filter(
            Q(content_type=de[Conversacion], object_id=id_)
            | Q(content_type=de[Participante], object_id__in=suyos)
        )
        paginador = self.get_paginator(
            request, entradas.select_related("user").order_by("action_time"), 100
        )
        pagina = paginador.get_page(request.GET.get("p", 1))
        mas = {
            "action_list": pagina,
            "page_range": paginador.get_elided_page_range(pagina.number),
            "pagination_required": paginador.count > 100,
        }
        return super().history_view(request, object_id, {**mas, **(extra_context or {})})

    # La transcripción

    def get_urls(self) -> list[URLPattern]:
        vista = self.admin_site.admin_view(self.vista_de_transcripcion)
        nombre = "mensajeria_conversacion_transcripcion"
        return [path("<path:object_id>/transcripcion/", vista, name=nombre), *super().get_urls()]

    def vista_de_transcripcion(self, request: HttpRequest, object_id: str) -> HttpResponse:
        mensajes: MensajeAdmin = self.admin_site.get_model_admin(Mensaje)  # type: ignore[assignment]
        if not (self.has_view_permission(request) and mensajes.has_view_permission(request)):
            raise PermissionDenied
        fila = self.get_queryset(request).filter(pk=unquote(object_id)).first()
        if fila is None:
            raise Http404
        self.completar([fila])
        pagina = Pagina(fila, request.GET)
        personas: ParticipanteAdmin = self.admin_site.get_model_admin(Participante)  # type: ignore[assignment]
        contexto = {
            **self.admin_site.each_context(request),
            "title": f"Transcripción de {fila}",
            "opts": self.opts,
            "original": fila,
            "pagina": pagina,
            "quienes": self.resumir(fila),
            "ver_conexion": request.user.has_perm("mensajeria.ver_conexion"),
            "herramientas": self.enlaces_de(request, fila, request.get_full_path()),
            "personas_url": _personas_url(fila),
            "acciones": [
                (a, mensajes.url_de(a)) for a in mensajes.acciones if a.permitida(request)
            ],
            "puede_moderar": any(a.permitida(request) for a in personas.acciones),
        }
        return TemplateResponse(request, "admin/mensajeria/transcripcion.html", contexto)
