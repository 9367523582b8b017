"""PostgreSQL sin leer y sin hilo: lo que ya se sabe se comprueba y se escribe en un solo viaje.

El bucle manda y sigue a lo suyo; cuando hay respuesta, la lee. La conexión es una aparte, solo para
esto.
"""

from __future__ import annotations

import asyncio
import os
import time
from collections.abc import Callable, Sequence
from typing import Any

import msgspec
import psycopg
from django.db import DEFAULT_DB_ALIAS, Error, connections

from mensajeria.filas import ConversacionLigera, ParticipanteLigero
from mensajeria.ordenes.almacen.postgresql import Sentencia, Tuberia, escrituras
from mensajeria.ordenes.por_guardar import PorGuardar
from mensajeria.ordenes.puntos_de_fallo import Punto, pasar
from mensajeria.plazos import es_prestada

# Tras no poder abrirla, lo que se tarda en probar otra vez.
SEGUNDOS_SIN_PROBAR = 5.0
# Lo que se escribe se busca siempre por un índice.
_BUSCAR = (
    "SELECT set_config('enable_seqscan', 'off', false),"
    " set_config('enable_hashjoin', 'off', false),"
    " set_config('enable_mergejoin', 'off', false), set_config('jit', 'off', false)"
)
# Bloquea las conversaciones, por orden de id como las demás lecturas; si algo no es lo que se
# creía, falla, y nada de lo que sigue se hace. El texto es para quien lea el registro de la base.
_COMPROBAR = """
SELECT CASE WHEN count(*) <> json_array_length($1::json)
  THEN ('Lo recordado cambió, se lee otra vez: siguen igual ' || count(*))::int END FROM (
  SELECT FROM json_array_elements($1::json) v
  JOIN mensajeria_conversacion c ON c._id = v->>0 AND c.activa
    AND c.ultimo_cambio = (v->>1)::bigint AND c.ultima_secuencia = (v->>2)::bigint
  JOIN mensajeria_participante t ON t.conversacion_id = c._id AND t.usuario_id = v->>3
    AND t.activo AND t.puede_enviar AND t.enviados = (v->>4)::bigint
  JOIN mensajeria_usuario u ON u._id = t.usuario_id AND u.is_active AND u.username = v->>5
    AND u.nombre = v->>6 AND u.apellido = v->>7 AND u.avatar_url = v->>8
  ORDER BY c._id || '' FOR UPDATE OF c
) iguales"""
_codificar = msgspec.json.Encoder().encode

# Lo que se espera hallar de una conversación y de quien envía en ella.
Sabido = tuple[Any, ...]
# `None`, todo quedó guardado; o el error por el que no, y si se sabe que no quedó nada.
AlLlegar = Callable[[Exception | None, bool], None]


def sabido(conversacion: ConversacionLigera, quien: ParticipanteLigero) -> Sabido:
    """Lo que un mensaje suyo da por verdad; se toma antes de decidir, que lo cambia."""
    usuario = quien.usuario
    return (
        *(conversacion.id, conversacion.ultimo_cambio, conversacion.ultima_secuencia),
        *(usuario.id, quien.enviados),
        *(usuario.username, usuario.nombre, usuario.apellido, usuario.avatar_url),
    )


class AlVuelo:
    """Una escritura cada vez. Se crea y se usa en el bucle, salvo `abrir`, que espera."""

    def __init__(self, bucle: asyncio.AbstractEventLoop) -> None:
        self._bucle = bucle
        self._conexion: psycopg.Connection[Any] | None = None
        self._tuberia: Tuberia | None = None
        self._al_llegar: AlLlegar | None = None
        self._enchufe = -1
        self._probar = 0.0
        self._acabado = False

    @property
    def libre(self) -> bool:
        """Si se puede escribir ya."""
        return self._tuberia is not None and self._al_llegar is None

    def abrir(self) -> None:
        """En un hilo: abre la conexión, si falta y toca; la usará el bucle."""
        if self._conexion is not None or time.monotonic() < self._probar:
            return
        self._probar = time.monotonic() + SEGUNDOS_SIN_PROBAR
        conexion = _fuera_de_la_reserva()
        try:
            conexion.ensure_connection()
            if es_prestada(conexion.connection.pgconn):
                # En una sesión así no se puede dejar nada preparado.
                self._probar = float("inf")
                conexion.connection.close()
                return
            conexion.connection.execute(_BUSCAR)
            self._bucle.call_soon_threadsafe(self._tomar, conexion.connection)
        except (psycopg.Error, Error, RuntimeError):
            # Sin ella se escribe como siempre; y con el bucle cerrado, ni eso.
            if conexion.connection is not None:
                conexion.connection.close()

    def _tomar(self, conexion: psycopg.Connection[Any]) -> None:
        self._conexion = conexion
        self._tuberia = Tuberia.de(conexion.pgconn)
        # El suyo lo cierra libpq en cuanto la da por perdida, con el bucle aún mirándolo.
        self._enchufe = os.dup(conexion.pgconn.socket)
        self._bucle.add_reader(self._enchufe, self._leer)
        if self._acabado:
            self.cerrar()

    def escribir(
        self, sabido: Sequence[Sabido], pendiente: PorGuardar, al_llegar: AlLlegar
    ) -> None:
        """Lo pendiente, si lo sabido es verdad, y lo confirma; `al_llegar`, en otra vuelta."""
        assert self._tuberia is not None
        comprobar: Sentencia = (_COMPROBAR, [_codificar(sabido)])
        # Sin BEGIN ni COMMIT: lo que va en un viaje es una transacción, que se confirma al acabar;
        # si algo falla, o falla al confirmar, se deshace.
        sentencias = [comprobar, *escrituras(pendiente)]
        self._al_llegar = al_llegar
        try:
            self._tuberia.mandar(sentencias)
            pasar(Punto.TRAS_INSERTAR)
        except psycopg.Error as error:
            self._bucle.call_soon(self._perdida, error)

    def _leer(self) -> None:
        assert self._conexion is not None
        assert self._tuberia is not None
        try:
            if self._al_llegar is None:
                # Nada se pidió: un aviso del servidor, o que se fue.
                self._conexion.pgconn.consume_input()
                return
            if not self._tuberia.llegado():
                return
        except psycopg.Error as error:
            self._perdida(error)
            return
        try:
            self._tuberia.resultados()
        except psycopg.Error as error:
            self._decir(error, nada_quedo=True)
        else:
            self._decir(None)

    def _perdida(self, error: Exception) -> None:
        """Lo que iba por ella no se sabe si quedó."""
        self._soltar()
        self._decir(error)

    def _decir(self, error: Exception | None, *, nada_quedo: bool = False) -> None:
        al_llegar, self._al_llegar = self._al_llegar, None
        if al_llegar is not None:
            al_llegar(error, nada_quedo)

    def cerrar(self) -> None:
        """No se escribe más."""
        self._acabado = True
        self._soltar()

    def _soltar(self) -> None:
        if self._conexion is not None:
            self._bucle.remove_reader(self._enchufe)
            os.close(self._enchufe)
            self._conexion.close()
            self._conexion = self._tuberia = None


def _fuera_de_la_reserva() -> Any:
    """Como las de Django, sin conectar; lo que se fija en su sesión no le ha de llegar a otro."""
    conexion: Any = connections[DEFAULT_DB_ALIAS]
    opciones = {k: v for k, v in conexion.settings_dict["OPTIONS"].items() if k != "pool"}
    return type(conexion)({**conexion.settings_dict, "OPTIONS": opciones}, DEFAULT_DB_ALIAS)
