"""`/docs/`: la documentación, servida por el mismo servidor y sin pedir nada fuera."""

from __future__ import annotations

from django.conf import settings
from django.http import FileResponse, Http404, HttpRequest, HttpResponse
from django.http.response import HttpResponseBase
from django.shortcuts import render
from django.views.decorators.http import require_safe

from mensajeria.pagina import documentos
from mensajeria.pagina.catalogo import catalogo_para_pagina
from servitech.origen import DE_EJEMPLO, con_su_origen

# De quién es en el ejemplo el socket con que se prueba un evento: docs/contrato.md, sección 2.
TOKEN_DE_EJEMPLO = "test_token"
MAX_BUSCADO = 100
IMAGENES = "docs/imagenes"
QUE_NO_ESTA = documentos.Documento(
    "",
    "Esa página no está",
    "<h1>Esa página no está</h1><p>Búscala arriba, o elígela en la lista.</p>",
)


@require_safe
def documento(request: HttpRequest, nombre: str = documentos.PRINCIPIO) -> HttpResponse:
    """Un documento, o 404 con la lista de los que hay; con `?q=`, lo que se halla en todos."""
    pagina = documentos.paginas().get(nombre, QUE_NO_ESTA)
    buscado = request.GET.get("q", "")[:MAX_BUSCADO]
    se_prueba = settings.DEMO and nombre == "eventos" and not buscado
    contexto = {
        "pagina": pagina,
        "html": con_su_origen(pagina.html, request),
        "buscado": buscado,
        "halladas": documentos.buscar(buscado),
        "grupos": [
            (grupo, [documentos.paginas()[n] for n in nombres])
            for grupo, nombres in documentos.GRUPOS.items()
        ],
        "catalogo": catalogo_para_pagina() if se_prueba else None,
        "token": TOKEN_DE_EJEMPLO,
    }
    estado = 404 if pagina is QUE_NO_ESTA else 200
    return render(request, "docs/documento.html", contexto, status=estado)


@require_safe
def asyncapi(request: HttpRequest) -> HttpResponse:
    """Los eventos, para máquinas. Allí la dirección va partida: la máquina y su protocolo."""
    texto = (settings.BASE_DIR / "docs/asyncapi.yaml").read_text(encoding="utf-8")
    texto = texto.replace(f"host: {DE_EJEMPLO}", f'host: "{request.get_host()}"')
    if request.is_secure():
        texto = texto.replace("protocol: ws\n", "protocol: wss\n")
    return HttpResponse(texto, content_type="application/yaml; charset=utf-8")


@require_safe
def imagen(request: HttpRequest, nombre: str) -> HttpResponseBase:
    """Una captura de las que llevan los documentos."""
    try:
        return FileResponse((settings.BASE_DIR / IMAGENES / f"{nombre}.png").open("rb"))
    # No está, o no puede estar: su nombre es más largo de lo que admite el disco.
    except OSError:
        raise Http404 from None
