"""Las acciones de la mesa: una página pide el motivo y, confirmada, van juntas a `operaciones`."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any
from urllib.parse import urlencode

from django import forms
from django.contrib import messages
from django.contrib.admin.views.main import ChangeList
from django.core.exceptions import PermissionDenied, ValidationError
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse, HttpResponseRedirect
from django.template.response import TemplateResponse
from django.urls import URLPattern, path, reverse
from django.utils.http import url_has_allowed_host_and_scheme

from mensajeria.admin.base import SoloLoDeclarado, admitir
from mensajeria.models import sin_controles
from mensajeria.nodo import nodo
from mensajeria.ordenes.orden import Actor, Orden
from mensajeria.protocolo.errores import ErrorMensajeria
from mensajeria.protocolo.textos import en_blanco
from mensajeria.protocolo.tipos import MAX_NOMBRE, Carga
from mensajeria.protocolo.validacion import convertir

MAX_A_LA_VEZ = 200
MAX_NOMBRADOS = 5


class FormularioDeMotivo(forms.Form):
    """Por qué se hace; la acción que pide algo más lo añade en `datos`."""

    motivo = forms.CharField(
        label="Motivo",
        max_length=MAX_NOMBRE,
        widget=forms.Textarea(attrs={"rows": 3, "autofocus": True, "dir": "auto"}),
        error_messages={
            "required": "Escribe el motivo: sin él no se hace nada.",
            "max_length": f"El motivo tiene {MAX_NOMBRE} caracteres como mucho.",
        },
    )

    def clean_motivo(self) -> str:
        motivo: str = self.cleaned_data["motivo"]
        admitir(motivo)
        if en_blanco(motivo):
            raise ValidationError(self.fields["motivo"].error_messages["required"])
        return sin_controles(motivo)

    def datos(self) -> dict[str, Any]:
        """Lo que se añade a la carga de cada objeto, además de a quién se refiere."""
        return {}


@dataclass(frozen=True, kw_only=True)
class AccionDeMesa:
    """`datos` dice de cada fila qué lleva su carga, y `sirve` si tiene sentido en ella."""

    nombre: str
    etiqueta: str
    aviso: str
    permiso: str
    hecho: str
    hechos: str
    tipo: type[Carga]
    datos: Callable[[Any], dict[str, Any]]
    sirve: Callable[[Any], bool] = lambda _: True
    lleva_razon: bool = False
    sin_vuelta: bool = False
    formulario: type[FormularioDeMotivo] = FormularioDeMotivo

    def permitida(self, request: HttpRequest) -> bool:
        return bool(request.user.has_perm(f"mensajeria.{self.permiso}"))

    def orden(
        self, request: HttpRequest, fila: Any, formulario: FormularioDeMotivo
    ) -> Orden[Carga]:
        motivo = formulario.cleaned_data["motivo"]
        datos = {**self.datos(fila), **formulario.datos()}
        if self.lleva_razon:
            datos["razon"] = motivo
        actor = Actor.de_http(request.user.pk or "", request.META, personal=True)
        return Orden(actor, convertir(datos, self.tipo), motivo=motivo)


class ConAcciones(SoloLoDeclarado):
    """Un ModelAdmin cuyas acciones, de una en una o de varias en varias, piden un motivo."""

    acciones: tuple[AccionDeMesa, ...] = ()

    def resumir(self, fila: Any) -> str:
        """Con qué se reconoce la fila en la página del motivo; es texto, no HTML."""
        return ""

    def completar(self, filas: Sequence[Any]) -> None:
        """Lo que enseña cada una y no está en su fila, leído de todas a la vez."""

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        lista = super().get_changelist_instance(request)
        filas: Any = list(lista.result_list)
        self.completar(filas)
        lista.result_list = filas
        return lista

    # Dónde se ofrecen

    def get_urls(self) -> list[URLPattern]:
        vista = self.admin_site.admin_view(self.vista_de_accion)
        nombre = f"{self.opts.app_label}_{self.opts.model_name}_accion"
        return [path("accion/<slug:nombre>/", vista, name=nombre), *super().get_urls()]

    def url_de(self, accion: AccionDeMesa) -> str:
        return reverse(
            f"admin:{self.opts.app_label}_{self.opts.model_name}_accion", args=[accion.nombre]
        )

    def enlaces_de(
        self, request: HttpRequest, fila: Any, siguiente: str
    ) -> list[dict[str, str | AccionDeMesa]]:
        """Lo que quien mira puede hacer ahora con esa fila."""
        pregunta = urlencode({"ids": fila.pk, "siguiente": siguiente})
        return [
            {"etiqueta": a.etiqueta, "url": f"{self.url_de(a)}?{pregunta}", "nombre": a.nombre}
            for a in self.acciones
            if a.permitida(request) and a.sirve(fila)
        ]

    def herramientas(self, request: HttpRequest, fila: Any) -> list[dict[str, Any]]:
        """Los botones de la página de una fila."""
        return list(self.enlaces_de(request, fila, request.path))

    def change_view(
        self,
        request: HttpRequest,
        object_id: str,
        form_url: str = "",
        extra_context: dict[str, Any] | None = None,
    ) -> HttpResponse:
        fila = self.get_object(request, object_id)
        mas = {"herramientas": self.herramientas(request, fila)} if fila is not None else {}
        return super().change_view(request, object_id, form_url, {**mas, **(extra_context or {})})

    def get_actions(self, request: HttpRequest) -> dict[str, Any]:
        return {
            a.nombre: (_de_lista, a.nombre, a.etiqueta)
            for a in self.acciones
            if a.permitida(request)
        }

    # Pedir el motivo y hacerlo

    def de_la_lista(self, request: HttpRequest, filas: QuerySet[Any]) -> HttpResponse | None:
        """Lo elegido en la lista; los ids primero, que lo demás ya no depende de sus filtros."""
        ids = list(filas.values_list("pk", flat=True)[: MAX_A_LA_VEZ + 1])
        return self._pedir(request, self._accion(request, request.POST.get("action", "")), ids)

    def vista_de_accion(self, request: HttpRequest, nombre: str) -> HttpResponse:
        """Con GET pregunta; con POST y su confirmación, hace."""
        accion = self._accion(request, nombre)
        pedidos = request.POST if request.method == "POST" else request.GET
        return self._pedir(request, accion, list(dict.fromkeys(pedidos.getlist("ids"))))

    def _accion(self, request: HttpRequest, nombre: str) -> AccionDeMesa:
        accion = next((a for a in self.acciones if a.nombre == nombre), None)
        if accion is None:
            raise Http404
        if not (self.has_view_permission(request) and accion.permitida(request)):
            raise PermissionDenied
        return accion

    def _pedir(
        self, request: HttpRequest, accion: AccionDeMesa, ids: Sequence[str]
    ) -> HttpResponse:
        siguiente = self._siguiente(request)
        filas = list(self.get_queryset(request).filter(pk__in=ids).order_by("pk")) if ids else []
        if not filas or len(ids) > MAX_A_LA_VEZ:
            negativa = f"Elige {MAX_A_LA_VEZ} como mucho." if filas else "No has elegido nada."
            messages.error(request, negativa)
            return HttpResponseRedirect(siguiente)
        self.completar(filas)
        confirmada = request.method == "POST" and "confirmar" in request.POST
        formulario = accion.formulario(request.POST if confirmada else None)
        if confirmada and formulario.is_valid():
            self._hacer(request, accion, filas, formulario)
            return HttpResponseRedirect(siguiente)
        return self._preguntar(request, accion, filas, formulario, siguiente)

    def _preguntar(
        self,
        request: HttpRequest,
        accion: AccionDeMesa,
        filas: Sequence[Any],
        formulario: FormularioDeMotivo,
        siguiente: str,
    ) -> HttpResponse:
        """La página que pide el motivo y enseña a qué filas tocará."""
        cuantas = str(self.opts.verbose_name if len(filas) == 1 else self.opts.verbose_name_plural)
        contexto = {
            **self.admin_site.each_context(request),
            "title": f"{accion.etiqueta}: {len(filas)} {cuantas}",
            "opts": self.opts,
            "media": self.media,
            "accion": accion,
            "url": self.url_de(accion),
            "formulario": formulario,
            "filas": [(fila.pk, str(fila), self.resumir(fila)) for fila in filas],
            "siguiente": siguiente,
        }
        return TemplateResponse(request, "admin/mensajeria/accion.html", contexto)

    def _siguiente(self, request: HttpRequest) -> str:
        """A dónde volver: a donde se dijo, si es de aquí; si no, a la lista."""
        lista = reverse(f"admin:{self.opts.app_label}_{self.opts.model_name}_changelist")
        dicho = request.POST.get("siguiente") or request.GET.get("siguiente")
        if dicho is None:
            return request.get_full_path() if request.path == lista else lista
        aqui = url_has_allowed_host_and_scheme(
            dicho, {request.get_host()}, require_https=request.is_secure()
        )
        return dicho if aqui else lista

    def _hacer(
        self,
        request: HttpRequest,
        accion: AccionDeMesa,
        filas: Sequence[Any],
        formulario: FormularioDeMotivo,
    ) -> None:
        ordenes = [accion.orden(request, fila, formulario) for fila in filas]
        resultados = nodo().pedir(ordenes)
        negados: dict[str, list[str]] = {}
        for fila, resultado in zip(filas, resultados, strict=True):
            if isinstance(resultado, ErrorMensajeria):
                negados.setdefault(resultado.mensaje, []).append(str(fila))
        bien = len(filas) - sum(map(len, negados.values()))
        if bien:
            messages.success(request, f"{bien} {accion.hecho if bien == 1 else accion.hechos}.")
        for mensaje, cuales in negados.items():
            nombrados = ", ".join(cuales[:MAX_NOMBRADOS])
            resto = len(cuales) - MAX_NOMBRADOS
            mas = f" y {resto} más" if resto > 0 else ""
            messages.error(request, f"{mensaje}: {nombrados}{mas}.")


def _de_lista(
    modeladmin: ConAcciones, request: HttpRequest, filas: QuerySet[Any]
) -> HttpResponse | None:
    return modeladmin.de_la_lista(request, filas)
