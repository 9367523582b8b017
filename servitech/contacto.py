"""A quién se avisa de un fallo de seguridad (RFC 9116)."""

from __future__ import annotations

from datetime import timedelta

from django.conf import settings
from django.http import Http404, HttpRequest, HttpResponse
from django.utils import timezone
from django.views.decorators.http import require_safe

# La RFC pide menos de un año. Se cuenta desde que se pide: no caduca mientras alguien lo sirva.
VIGENCIA = timedelta(days=90)


@require_safe
def security_txt(request: HttpRequest) -> HttpResponse:
    """`security.txt` con los `CONTACTO_DE_SEGURIDAD`; sin ninguno, 404: no hay a quién avisar."""
    if not settings.CONTACTO_DE_SEGURIDAD:
        raise Http404
    caduca = (timezone.now() + VIGENCIA).strftime("%Y-%m-%dT%H:%M:%SZ")
    lineas = [f"Contact: {uno}" for uno in settings.CONTACTO_DE_SEGURIDAD]
    lineas += [f"Expires: {caduca}", "Preferred-Languages: es, en"]
    if request.is_secure():
        lineas.append(f"Canonical: {request.build_absolute_uri(request.path)}")
    return HttpResponse("\n".join(lineas) + "\n", content_type="text/plain; charset=utf-8")
