"""Si este proceso vive, y si se le puede mandar gente: para quien lo pregunta cada segundo.

Se contestan en el bucle, sin Django: a cualquier `Host`, y aunque los hilos estén ocupados.
"""

from __future__ import annotations

import asyncio
import json
import time
from typing import Any

from django.contrib.sessions.models import Session

from mensajeria import VERSION
from mensajeria.base_de_datos import atomico, en_hilo_de_lectura
from mensajeria.comprobaciones import falta_preparar
from mensajeria.entre_procesos import proceso
from mensajeria.fallos import caida, deja_escribir, es_caida, segundos_sin_escribir, va_bien
from mensajeria.models import ahora, leer_epoca
from mensajeria.nodo import Nodo
from mensajeria.puertas import asgi
from mensajeria.puertas.asgi import Respuesta

# Lo que vale una comprobación: más que eso no se mira, pregunte quien pregunte.
SEGUNDOS_DE_VALIDEZ = 1.0
# Lo que se espera a la base.
PLAZO = 2.0
# Lo que basta con que haga que se escribió, quien fuera; si falló, se prueba cada vez.
SEGUNDOS_SIN_ESCRIBIR = 10.0
REINTENTAR_EN = 2

Partes = dict[str, str]


async def vivo(scope: Any, receive: Any, send: Any) -> None:
    """200: su bucle gira. No mira nada más: lo que le falle a la base no lo cura reiniciarlo."""
    await _contestar(scope, send, 200, {"estado": "bien", "version": VERSION})


class Listo:
    """200 si se le puede mandar gente; si no, 503 y qué parte falla.

    `base_de_datos` lee y escribe, `esquema` es uno que este programa conoce, y `registro` es el de
    novedades, por el que se sabe lo que hacen los demás. Redis no cuenta, ni la capa: sin ellos se
    sirve igual.
    """

    def __init__(self, nodo: Nodo) -> None:
        self._nodo = nodo
        self._en_curso: asyncio.Future[Partes] | None = None
        self._empezo = 0.0
        self._base = _Base()

    async def __call__(self, scope: Any, receive: Any, send: Any) -> None:
        # Con él nace el seguimiento del registro.
        self._nodo.arrancar()
        partes = await self._partes()
        bien = set(partes.values()) == {"bien"}
        cuerpo = {"estado": "bien" if bien else "mal", "version": VERSION, **partes}
        await _contestar(scope, send, 200 if bien else 503, cuerpo)

    async def _partes(self) -> Partes:
        if not self._nodo.admite:
            return {"servidor": "se está deteniendo"}
        return {**await self._de_la_base(), "registro": self._registro()}

    async def _de_la_base(self) -> Partes:
        """Una comprobación para todos los que preguntan; a la que no acaba no se le suma otra."""
        ya = time.monotonic()
        caduca = self._empezo + SEGUNDOS_DE_VALIDEZ < ya
        if self._en_curso is None or (self._en_curso.done() and caduca):
            self._empezo = ya
            self._en_curso = asyncio.ensure_future(en_hilo_de_lectura(self._base.mirar))
        hechas, _ = await asyncio.wait([self._en_curso], timeout=PLAZO)
        return self._en_curso.result() if hechas else {"base_de_datos": "no responde"}

    def _registro(self) -> str:
        return "bien" if self._nodo.vigilancia.al_dia(time.monotonic()) else "no se sigue"


class _Base:
    """Lo que se sabe de la base. Se usa en un solo hilo a la vez."""

    def __init__(self) -> None:
        self._esquema = False

    def mirar(self) -> Partes:
        try:
            leer_epoca()
            va_bien()
            # El que valía sigue valiendo: los demás solo añaden.
            self._esquema = self._esquema or not falta_preparar()
            if self._esquema:
                self._escribir()
        except Exception as error:
            if es_caida(error):
                caida(error)
                dicho = "no responde" if deja_escribir() else "no deja escribir"
                return {"base_de_datos": dicho}
            return {"base_de_datos": type(error).__name__}
        return {"base_de_datos": "bien", "esquema": "bien" if self._esquema else "sin preparar"}

    def _escribir(self) -> None:
        """Si nadie lo hizo hace poco, una fila que se borra, una sesión caducada: con el disco
        lleno, falla.
        """
        if deja_escribir() and segundos_sin_escribir() < SEGUNDOS_SIN_ESCRIBIR:
            return
        una = Session(session_key=f"salud-{proceso.este()}", expire_date=ahora())
        una.session_data = Session.objects.encode({})
        with atomico():
            una.save(force_insert=True)
            una.delete()
        va_bien(escribio=True)


async def _contestar(scope: Any, send: Any, estado: int, cuerpo: dict[str, str]) -> None:
    if scope["method"] not in ("GET", "HEAD"):
        await asgi.responder(send, Respuesta(405, "Solo se lee"), [(b"allow", b"GET, HEAD")])
        return
    espera = REINTENTAR_EN if estado == 503 else None
    texto = json.dumps(cuerpo, ensure_ascii=False)
    respuesta = Respuesta(estado, texto, b"application/json", reintentar_en=espera)
    await asgi.responder(send, respuesta, [])
