"""Lo que comparten las páginas de la mesa: mirar sin tocar, y texto ajeno que no se sale."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import datetime
from typing import Any, cast

import msgspec
from django.contrib import admin, messages
from django.contrib.admin.options import IncorrectLookupParameters
from django.contrib.admin.utils import quote
from django.contrib.admin.views.main import ORDER_VAR, ChangeList
from django.core.exceptions import ValidationError
from django.core.paginator import Paginator
from django.db.models import BooleanField, DateField, QuerySet
from django.forms import CharField
from django.http import HttpRequest
from django.template.defaultfilters import filesizeformat
from django.urls import reverse
from django.utils import timezone
from django.utils.formats import date_format
from django.utils.functional import cached_property
from django.utils.html import format_html
from django.utils.text import Truncator

from mensajeria.models import Conversacion, Mensaje, Usuario, leer_fecha, sin_controles
from mensajeria.protocolo.cargas import Url
from mensajeria.protocolo.datos_de_tipo import DATOS_DE_TIPO
from mensajeria.protocolo.textos import CON_CONTROLES, en_blanco, lleva_controles
from mensajeria.protocolo.tipos import CONTENIDO, MINIATURAS

RUTA_DE_ARCHIVO = "mensajeria_mensaje_archivo"
LARGO_DE_EXTRACTO = 120
# Sobra para todas las columnas de una lista, cada una una vez.
LARGO_DEL_ORDEN = 40
MAX_PALABRAS = 8
# De una lista sin fin; a lo demás se llega con un filtro o una búsqueda.
MAX_LISTADOS = 10_000
# Los enlaces de un filtro llevan uno.
MAX_VALORES = 5


class SoloLoDeclarado(admin.ModelAdmin):  # type: ignore[type-arg]
    """Las listas se filtran, se ordenan y se buscan por lo que enseñan, y por nada más; y en los
    formularios se escribe lo que se admitiría por las puertas.

    Django admite cualquier comparación de cualquier campo: `?texto__regex=` congela la base, y
    `?email__startswith=` adivina a preguntas lo que no se deja ver.
    """

    def lookup_allowed(self, lookup: str, value: str, request: HttpRequest | None = None) -> bool:
        declarados = self.list_filter if request is None else self.get_list_filter(request)
        return any(lookup in self._parametros_de(filtro) for filtro in declarados)

    def _parametros_de(self, filtro: Any) -> set[str]:
        """Lo que pone en la dirección ese filtro de `list_filter`."""
        if isinstance(filtro, type) and issubclass(filtro, admin.SimpleListFilter):
            return {str(filtro.parameter_name)}
        campo: Any = self.opts.get_field(filtro if isinstance(filtro, str) else filtro[0])
        if isinstance(campo, DateField):
            return {f"{campo.name}__{modo}" for modo in ("gte", "lt", "isnull")}
        if campo.is_relation:
            clave = f"{campo.name}__{campo.target_field.name}__exact"
        else:
            con_opciones = campo.choices or isinstance(campo, BooleanField)
            clave = f"{campo.name}__exact" if con_opciones else campo.name
        return {clave, f"{campo.name}__isnull"}

    def formfield_for_dbfield(self, db_field: Any, request: HttpRequest, **mas: Any) -> Any:
        campo = super().formfield_for_dbfield(db_field, request, **mas)
        if isinstance(campo, CharField):
            campo.validators.append(admitir)
        return campo

    def to_field_allowed(self, request: HttpRequest, to_field: str) -> bool:
        return to_field == self.opts.pk.name

    def get_object(
        self, request: HttpRequest, object_id: str, from_field: str | None = None
    ) -> Any:
        # `?_to_field=`, sin decir cuál, buscaría uno que no se llama de ningún modo.
        return super().get_object(request, object_id, from_field or None)

    def get_changelist_instance(self, request: HttpRequest) -> ChangeList:
        if len(request.GET.get(ORDER_VAR, "")) > LARGO_DEL_ORDEN or any(
            len(valores) > MAX_VALORES or self._sin_fecha(nombre, valores)
            for nombre, valores in request.GET.lists()
        ):
            raise IncorrectLookupParameters
        return super().get_changelist_instance(request)

    def _sin_fecha(self, parametro: str, valores: list[str]) -> bool:
        """Si es de un filtro por fecha y alguno no lo es, o no la que una base sepa decir."""
        if not parametro.endswith(("__gte", "__lt")) or not self.lookup_allowed(parametro, ""):
            return False
        try:
            return None in map(leer_fecha, valores)
        except (ValidationError, ValueError, OverflowError):
            return True

    def get_search_results(
        self, request: HttpRequest, queryset: QuerySet[Any], search_term: str
    ) -> tuple[QuerySet[Any], bool]:
        return super().get_search_results(request, queryset, self.recortado(request, search_term))

    def recortado(self, request: HttpRequest, search_term: str) -> str:
        """Cada palabra se busca en cada campo: más de unas pocas es una consulta sin fin."""
        palabras = search_term.split()
        if len(palabras) > MAX_PALABRAS:
            aviso = f"Se busca solo por las {MAX_PALABRAS} primeras palabras."
            self.message_user(request, aviso, messages.WARNING)
        return " ".join(palabras[:MAX_PALABRAS])[:LARGO_DE_EXTRACTO]


class ConTope(Paginator):  # type: ignore[type-arg]
    """Cuenta y enseña MAX_LISTADOS como mucho: contar diez millones son segundos en cada página."""

    @cached_property
    def count(self) -> int:
        filas = cast("QuerySet[Any]", self.object_list)
        return filas.order_by()[:MAX_LISTADOS].count()


class SoloMirar:
    """Nadie añade, edita ni borra filas desde aquí, tampoco quien administra."""

    def has_add_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_change_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False

    def has_delete_permission(self, request: HttpRequest, obj: Any = None) -> bool:
        return False


def admitir(texto: str) -> None:
    """El validador de lo que se escribe en la mesa: lo mismo que se niega por las puertas."""
    if lleva_controles(texto):
        raise ValidationError(f"{CON_CONTROLES}: bórralos y repite.")
    if texto and en_blanco(texto):
        raise ValidationError("Así no se vería nada: escribe algo, o déjalo vacío.")


def admitir_direccion(texto: str) -> None:
    """El de una dirección que se abrirá en un navegador."""
    try:
        msgspec.convert(texto, Url)
    except msgspec.ValidationError:
        raise ValidationError("Escribe una dirección http(s), o un camino de este sitio.") from None


def aislado(texto: str) -> str:
    """Texto de una persona, escapado y con su propia dirección: no da la vuelta a lo que sigue."""
    return format_html('<bdi dir="auto" class="ajeno">{}</bdi>', texto)


def extracto(texto: str) -> str:
    """Lo primero de un texto, en una línea."""
    return Truncator(sin_controles(texto)).chars(LARGO_DE_EXTRACTO)


def en_json(valor: Any) -> str:
    return aislado(json.dumps(valor, ensure_ascii=False, indent=2)) if valor else "-"


def datos_de(fila: Mensaje) -> str:
    """La ubicación o el contacto de un mensaje de ese tipo, en una línea; vacío si no hay."""
    datos = fila.metadatos.get(fila.tipo) if fila.tipo in DATOS_DE_TIPO else None
    if not isinstance(datos, dict):
        return ""
    return ", ".join(str(v) for v in datos.values() if isinstance(v, str | int | float))


def en_una_linea(fila: Mensaje) -> str:
    """Lo que se ve de un mensaje: su texto, sus datos y qué archivo lleva; vacío si nada."""
    partes = [fila.texto, datos_de(fila)]
    if fila.archivo:
        que = "Archivo" if fila.tipo == "texto" else fila.get_tipo_display()
        partes.append(f"{que}: {fila.archivo['nombre']}")
    return extracto(" · ".join(filter(None, partes)))


def dicho(fila: Mensaje, decir: Callable[[Mensaje], str]) -> str:
    """Lo que `decir` dice de él, o qué pasa si no dice nada."""
    if fila.eliminado:
        return "(eliminado)"
    dicho = decir(fila)
    return aislado(dicho) if dicho else "(sin texto)"


def enlace_a_archivo(fila: Mensaje) -> str:
    """El que se subió con él, para bajarlo; vacío si no lleva, o si es de fuera."""
    archivo = fila.archivo or {}
    if "id" not in archivo:
        return ""
    ver = format_html(
        '<a href="{}">{}</a> ({}, {})',
        archivo_url(fila.pk),
        aislado(archivo["nombre"]),
        archivo["tipo"],
        filesizeformat(archivo["tamano"]),
    )
    if not archivo.get("miniaturas"):
        return ver
    imagen = '<a href="{}"><img src="{}" alt="" width="{}" height="{}" loading="lazy"></a> {}'
    medidas = archivo["miniaturas"][0]
    return format_html(
        imagen, archivo_url(fila.pk), archivo_url(fila.pk, MINIATURAS[0]), *medidas, ver
    )


def archivo_url(mensaje_id: str, parte: str = CONTENIDO) -> str:
    return reverse(f"admin:{RUTA_DE_ARCHIVO}", args=[quote(mensaje_id), parte])


def breve(fecha: datetime) -> str:
    return date_format(timezone.localtime(fecha), "d/m/y H:i")


def nombre_de(usuario: Usuario | None) -> str:
    return sin_controles(usuario.get_full_name()) if usuario else "(cuenta borrada)"


def transcripcion_url(conversacion_id: str, secuencia: int | None = None) -> str:
    """La transcripción, o la página suya en que está ese mensaje."""
    url = reverse("admin:mensajeria_conversacion_transcripcion", args=[quote(conversacion_id)])
    return url if secuencia is None else f"{url}?hasta={secuencia}#m-{secuencia}"


def enlace_a_conversacion(conversacion: Conversacion, secuencia: int | None = None) -> str:
    return format_html(
        '<a href="{}">{}</a>',
        transcripcion_url(conversacion.pk, secuencia),
        aislado(str(conversacion)),
    )
