"""Los mensajes de una conversación, y lo que se hace con cada uno."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from django.core.exceptions import ValidationError
from rest_framework.parsers import MultiPartParser
from rest_framework.request import Request
from rest_framework.response import Response

from mensajeria import consultas
from mensajeria.api.archivos import subir
from mensajeria.api.formatos import LectorJSON
from mensajeria.api.original.respuestas import DelOriginal, PaginaPorNumero, cuerpo, hecho
from mensajeria.api.pedidos import enviar, mensaje_visto, pedir, usuario_de_peticion
from mensajeria.archivos.subida import borrar_sin_enviar
from mensajeria.models import Archivo, leer_fecha
from mensajeria.protocolo import cargas
from mensajeria.protocolo.errores import ErrorMensajeria, no_valido
from mensajeria.protocolo.json_estricto import NO_ES_JSON, decodificar
from mensajeria.protocolo.validacion import convertir

POR_PAGINA = 50


class HistoriaDelOriginal(DelOriginal):
    parser_classes = (LectorJSON, MultiPartParser)

    def list(self, request: Request, pk: str) -> Response:
        """La página 1 es la más nueva; dentro de ella, lo más viejo primero. Sin lápidas."""
        pagina = PaginaPorNumero.pedida(request, POR_PAGINA)
        visibles = consultas.visibles_de(usuario_de_peticion(request).pk, pk)
        filas = consultas.filas_de(visibles[pagina.tramo])
        if desde := _desde(request):
            # Las fechas crecen con la secuencia: quitar las viejas acorta la página, y no más.
            filas = [f for f in filas if f.fecha_envio >= desde]
        filas.reverse()
        return hecho(**pagina.con(mensajes=consultas.presentar_mensajes(filas)))

    def create(self, request: Request, pk: str) -> Response:
        """Con un objeto JSON o un formulario, que puede llevar un archivo."""
        datos = {**cuerpo(request), "conversacionId": pk}
        if "contenido" in datos:
            datos["contenido"] = _contenido(datos["contenido"])
        subido = _con_su_archivo(request, pk, datos) if request.FILES else None
        try:
            mensaje = enviar(request, convertir(datos, cargas.EnviarMensaje))
        except ErrorMensajeria:
            if subido is not None:
                borrar_sin_enviar(subido)
            raise
        return hecho(
            201,
            mensaje=mensaje,
            message="Mensaje enviado exitosamente",
        )


def _con_su_archivo(request: Request, pk: str, datos: dict[str, Any]) -> Archivo:
    """Lo sube, o es el que ya envió, y pone en su sitio cuál es; antes, que lo demás valga."""
    contenido = datos.setdefault("contenido", {})
    if not isinstance(contenido, dict):
        raise no_valido("«contenido» es un objeto, o el texto del mensaje", "contenido")
    convertir({**datos, "contenido": {**contenido, "archivo": {"id": "-"}}}, cargas.EnviarMensaje)
    subido = subir(request, pk)
    contenido["archivo"] = {"id": subido.pk}
    return subido


def _desde(request: Request) -> datetime | None:
    try:
        return leer_fecha(request.query_params.get("desde") or None)
    except (ValidationError, ValueError, OverflowError):
        raise no_valido("«desde» es una fecha de ISO 8601", "desde") from None


def _contenido(dicho: Any) -> Any:
    """En un formulario es un texto: el de un objeto JSON, o el del propio mensaje.

    Un objeto que por los demás sitios se negaría no es el texto de nadie: se niega.
    """
    if not isinstance(dicho, str) or not dicho.lstrip().startswith("{"):
        return {"texto": dicho} if isinstance(dicho, str) else dicho
    try:
        return decodificar(dicho)
    except ErrorMensajeria as error:
        if error.mensaje == NO_ES_JSON:
            return {"texto": dicho}
        donde = ".".join(filter(None, ("contenido", error.campo)))
        raise no_valido(error.mensaje, donde) from None


class MensajesDelOriginal(DelOriginal):
    def destroy(self, request: Request, pk: str) -> Response:
        pedir(request, convertir({**cuerpo(request), "mensajeId": pk}, cargas.EliminarMensaje))
        return hecho(message="Mensaje eliminado exitosamente")

    def editar(self, request: Request, pk: str) -> Response:
        nuevo = cuerpo(request).get("nuevoContenido")
        if not isinstance(nuevo, str):
            raise no_valido("«nuevoContenido» es el texto nuevo", "nuevoContenido")
        pedir(request, convertir({"mensajeId": pk, "texto": nuevo}, cargas.EditarMensaje))
        return hecho(mensaje=mensaje_visto(request, pk), message="Mensaje editado exitosamente")

    def leer(self, request: Request, pk: str) -> Response:
        """Lee la conversación hasta este mensaje, incluido."""
        fila = consultas.mensaje_de(usuario_de_peticion(request).pk, pk)
        pedir(request, cargas.MarcarLeido(conversacion_id=fila.conversacion_id, mensaje_id=pk))
        return hecho(message="Mensaje marcado como leído")

    def reaccionar(self, request: Request, pk: str) -> Response:
        pedida = convertir({**cuerpo(request), "mensajeId": pk}, cargas.AgregarReaccion)
        return hecho(
            reacciones=pedir(request, pedida).reacciones,
            message="Reacción agregada exitosamente",
        )
