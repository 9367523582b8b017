"""Las páginas de la historia: sus números valen en una época, y la dicen."""

from __future__ import annotations

from rest_framework.request import Request
from rest_framework.response import Response

from mensajeria import consultas
from mensajeria.api import paginas
from mensajeria.consultas.filas import FilaDeMensaje
from mensajeria.models import epoca_actual


def pagina_de_historia(request: Request, usuario_id: str, conversacion_id: str) -> Response:
    """La que se pide; NOT_FOUND si no participa.

    Con números de otra época (`epoca`), o mayores que los que hay, la primera de todas, y
    `reiniciado`.
    """
    # Antes de leer: si cambia entre medias, los enlaces lo dirán.
    epoca = epoca_actual()
    historia = consultas.Historia(usuario_id, conversacion_id)
    reiniciado = request.query_params.get("epoca") not in (None, epoca)
    pagina = _Pagina(request, historia, reiniciado=reiniciado)
    if not pagina.presentadas and pagina.pide_mas_alla():
        reiniciado = True
        pagina = _Pagina(request, historia, reiniciado=True)
    pagina.paginador.en_los_enlaces(epoca=epoca)
    respuesta = pagina.paginador.get_paginated_response(pagina.presentadas)
    respuesta.data |= {"epoca": epoca, "reiniciado": reiniciado}
    return respuesta


class _Pagina:
    """Lo suyo, presentado, y quien lo tomó. Con `reiniciado`, sin lo que diga de números."""

    paginador: paginas.PorCursor

    def __init__(self, request: Request, historia: consultas.Historia, *, reiniciado: bool) -> None:
        self._historia = historia
        antes = paginas.entero(request, "antes")
        self._tramo = (
            paginas.entero(request, "despues") or 0,
            consultas.SIN_FIN if antes is None else antes,
        )
        self._cambio = paginas.entero(request, "desdeCambio")
        if reiniciado:
            self._tramo = (0, consultas.SIN_FIN)
            self._cambio = None if self._cambio is None else 0
        self.paginador = paginas.PorSecuencia() if self._cambio is None else paginas.PorCambio()
        self.presentadas = self.paginador.presentar(
            request, self._leer, historia.presentar, desde_la_primera=reiniciado
        )
        if reiniciado:
            self.paginador.en_los_enlaces(desdeCambio=self._cambio, antes=None, despues=None)

    def _leer(self, descendente: bool, posicion: str | None, cuantas: int) -> list[FilaDeMensaje]:
        if self._cambio is None:
            tramo = paginas.desde(posicion, descendente, self._tramo)
            return self._historia.por_secuencia(descendente, tramo, cuantas)
        cambios = paginas.desde(posicion, descendente, (self._cambio, consultas.SIN_FIN))
        return self._historia.por_cambio(descendente, cambios, self._tramo, cuantas)

    def pide_mas_alla(self) -> bool:
        """Si lo posterior a un número que en esta conversación no hay todavía."""
        secuencia, cambio = self._historia.cuentas()
        return self._tramo[0] > secuencia or (self._cambio or 0) > cambio
