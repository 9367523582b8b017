"""Cómo contesta el original, y quién dice ser quien pide."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from django.http import QueryDict
from rest_framework.request import Request
from rest_framework.response import Response

from mensajeria.api import paginas
from mensajeria.api.errores import responder_error
from mensajeria.api.formatos import FormatoJSON
from mensajeria.api.pedidos import ConIds, usuario_de_peticion
from mensajeria.consultas.coste import leidas
from mensajeria.protocolo import formas
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria, no_valido
from mensajeria.protocolo.json_estricto import codificar, decodificar

# Filas que se saltan como mucho para llegar a una página: saltarlas cuesta leerlas.
MAX_SALTO = 10_000


class DelOriginal(ConIds):
    """Una ruta del original: lo que contesta va en su envoltorio, y lo que niega también."""

    renderer_classes = (FormatoJSON,)
    # Con lo que el original decía quién pedía: si viene, ha de ser quien dice el token.
    firmas: tuple[str, ...] = ("usuarioId", "creadorId", "remitenteId", "adminId")

    def initial(self, request: Request, *args: Any, **kwargs: Any) -> None:
        super().initial(request, *args, **kwargs)
        if request.user.is_authenticated:
            _exigir_su_firma(request, self.firmas)

    def get_exception_handler(self) -> Any:
        return _negar


def _exigir_su_firma(request: Request, nombres: tuple[str, ...]) -> None:
    """USER_MISMATCH si en la consulta o en el cuerpo dice ser otro."""
    quien = usuario_de_peticion(request).pk
    datos = cuerpo(request)
    for nombre in nombres:
        dichos = [datos.get(nombre), *request.query_params.getlist(nombre)]
        if any(como_en_el_token(dicho) not in (None, quien) for dicho in dichos):
            raise ErrorMensajeria(
                CodigoError.USER_MISMATCH,
                f"«{nombre}» no es el usuario del token, que es quien actúa",
                campo=nombre,
            )


def como_en_el_token(dicho: Any) -> Any:
    """El identificador de alguien, que en un token puede ser un entero."""
    return str(dicho) if type(dicho) is int else dicho


def _negar(excepcion: Exception, contexto: dict[str, Any]) -> Response:
    respuesta = responder_error(excepcion, contexto)
    respuesta.data = {"success": False, **respuesta.data}
    return respuesta


def hecho(estado: int = 200, **partes: Any) -> Response:
    """Lo bueno: sus partes, y `success` delante."""
    return Response({"success": True, **partes}, status=estado)


def cuerpo(request: Request) -> dict[str, Any]:
    """El objeto JSON que trae, o los campos de texto de su formulario que no estén vacíos."""
    datos = request.data
    if isinstance(datos, QueryDict):
        # Uno repetido es una lista, como en el original; y ninguno lleva lo que un JSON no puede.
        campos = {c: v if len(v) > 1 else v[0] for c, v in request.POST.lists()}
        return dict(decodificar(codificar({c: v for c, v in campos.items() if v != ""})))
    if not isinstance(datos, dict):
        raise no_valido("El cuerpo es un objeto JSON")
    return datos


def conversacion(forma: formas.Conversacion) -> dict[str, Any]:
    """La nuestra, y además lo que en el original tenía otro nombre."""
    return {
        **msgspec.to_builtins(forma),
        "titulo": forma.configuracion.nombre_personalizado,
        "descripcion": forma.configuracion.descripcion,
        "estado": "activa" if forma.activa else "cerrada",
    }


@dataclass(frozen=True, slots=True)
class PaginaPorNumero:
    """La que se pide por su número."""

    numero: int
    limite: int

    @classmethod
    def pedida(cls, request: Request, por_defecto: int) -> PaginaPorNumero:
        """Lo que dicen `pagina` y `limite`, y se cobra lo que salta; VALIDATION_ERROR si está
        demasiado lejos.
        """
        limite = min(paginas.entero(request, "limite") or por_defecto, paginas.MAX_LIMITE)
        pagina = cls(paginas.entero(request, "pagina") or 1, limite)
        if pagina.tramo.start > MAX_SALTO:
            raise no_valido(
                f"Por su número, las páginas llegan hasta {MAX_SALTO}: más allá se va por `next`, "
                "que da la misma ruta sin nada del original",
                "pagina",
            )
        leidas(filas=pagina.tramo.start)
        return pagina

    @property
    def tramo(self) -> slice:
        salto = (self.numero - 1) * self.limite
        return slice(salto, salto + self.limite)

    def con(self, **lista: Sequence[Any]) -> dict[str, Any]:
        """Esa lista, ya en JSON, y la `paginacion` del original: `total` es lo que trae la página.

        VALIDATION_ERROR si ocupa de más: acortarla descuadraría las siguientes.
        """
        [(nombre, formas_)] = lista.items()
        caben = paginas.crudas_que_caben(formas_)
        if len(caben) < len(formas_):
            leidas(bytes_=paginas.MAX_PAGINA)
            maximo = paginas.MAX_PAGINA // 1024
            raise no_valido(f"La página pasa de {maximo} KiB: pide menos con «limite»", "limite")
        paginacion = {"paginaActual": self.numero, "limite": self.limite, "total": len(caben)}
        return {nombre: caben, "paginacion": paginacion}
