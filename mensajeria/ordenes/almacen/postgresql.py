"""PostgreSQL: dos viajes por lote. En uno se abre, se bloquea y se lee; en otro, se escribe todo y
se confirma.

Va por la tubería de libpq y no por los cursores de psycopg, que para cinco sentencias cuestan siete
veces más. Las filas entran y salen como JSON, que `msgspec` lee y escribe de una vez.
"""

from __future__ import annotations

import contextlib
import functools
import itertools
import select
import time
import weakref
from collections.abc import Callable, Iterable, Iterator, Sequence
from typing import Any, Self
from weakref import WeakKeyDictionary

import msgspec
import psycopg
from django.db import connection
from psycopg import pq
from psycopg.errors import error_from_result

from mensajeria.filas import Fila
from mensajeria.models.campos import CampoJSON
from mensajeria.ordenes.almacen import sql, sueltas, tablas
from mensajeria.ordenes.almacen.leido import AlConfirmar, Leido, Nombrado, Subida
from mensajeria.ordenes.almacen.tablas import Tabla
from mensajeria.ordenes.por_guardar import PorGuardar
from mensajeria.ordenes.puntos_de_fallo import Punto, pasar
from mensajeria.plazos import EN_LA_TRANSACCION, es_prestada

Sentencia = tuple[str, list[bytes]]

_ABRIR: Sentencia = ("BEGIN", [])
# Lo que se nombra se busca siempre por un índice; y cuál es el mejor se piensa de nuevo, cada vez
# más de tarde en tarde: un plan hecho con la tabla vacía no sirve cuando se llena.
SEGUNDOS_DE_PLAN = 0.5
MAX_SEGUNDOS_DE_PLAN = 30.0
_BUSCAR: Sentencia = (
    "SELECT set_config('enable_seqscan', 'off', true), set_config('enable_hashjoin', 'off', true),"
    " set_config('enable_mergejoin', 'off', true), set_config('enable_material', 'off', true),"
    " set_config('jit', 'off', true)",
    [],
)
_FIJAR: Sentencia = (EN_LA_TRANSACCION, [])
_CONFIRMAR: Sentencia = ("COMMIT", [])
_DESHACER: Sentencia = ("ROLLBACK", [])
_NO_PREPARADA = "26000"
_codificar = msgspec.json.Encoder().encode


class _DePostgres:
    bloquea = "FOR UPDATE OF t"
    # Una lista ya hecha va a la condición de un índice; una subconsulta es una unión, y con la
    # tabla casi vacía el plan la recorre entera y la compara.
    entre = "= ANY(ARRAY(", "))"
    sube = (
        ", hechos AS (UPDATE mensajeria_participante t"
        " SET entregado_por_todos = s.e, leido_por_todos = s.l FROM suben s WHERE t._id = s._id)"
    )

    def lista(self, n: int) -> str:
        return f"SELECT json_array_elements_text(${n}::json)"

    def pares(self, n: int) -> str:
        return f"(SELECT e->>0 AS a, e->>1 AS b FROM json_array_elements(${n}::json) e)"

    def por_cada(self, tabla: str, condicion: str, *, quiza: bool = False) -> str:
        # Con el OFFSET no se junta con lo de fuera, donde podría recorrerse la tabla entera.
        alias = tabla.split()[1]
        una = f"SELECT * FROM mensajeria_{tabla} WHERE {condicion} OFFSET 0"
        une, como = ("LEFT", "ON true") if quiza else ("CROSS", "")
        return f"{une} JOIN LATERAL ({una}) {alias} {como}"

    def lectura(self, columnas: Sequence[str], cuelga: Sequence[str], resto: str) -> str:
        fila = ", ".join(columnas)
        if cuelga:
            colgada = f"json_build_array({', '.join(cuelga)})"
            fila += f", CASE WHEN {cuelga[0]} IS NOT NULL THEN {colgada} END"
        interna = f"SELECT json_build_array({fila}) AS fila {resto}"
        return f"SELECT json_agg(fila) FROM ({interna}) AS filas"

    def fecha(self, columna: str) -> str:
        return columna


DIALECTO = _DePostgres()


class Tuberia:
    """Una conexión de libpq por la que las sentencias van y vuelven juntas."""

    _todas: WeakKeyDictionary[pq.abc.PGconn, Tuberia] = WeakKeyDictionary()

    def __init__(self, pgconn: pq.abc.PGconn) -> None:
        self._pgconn = weakref.proxy(pgconn)
        self._es_prestada = es_prestada(pgconn)
        self._preparadas: dict[str, bytes] = {}
        self._nombres = (f"lote_{n}".encode() for n in itertools.count())
        self._segundos = SEGUNDOS_DE_PLAN
        self._caducan = time.monotonic() + self._segundos
        # De lo que salió: qué se prepara, qué ha llegado y el primer error.
        self._nuevas: list[str] = []
        self._resultados: list[pq.abc.PGresult] = []
        self._error: psycopg.Error | None = None
        self._sondeo = select.poll()
        self._sondeo.register(pgconn.socket, select.POLLIN)

    @classmethod
    def de(cls, pgconn: pq.abc.PGconn) -> Tuberia:
        """La de esa conexión, con lo que ya tiene preparado."""
        suya = cls._todas.get(pgconn)
        if suya is None:
            suya = cls._todas[pgconn] = cls(pgconn)
        return suya

    def viaje(
        self, sentencias: Sequence[Sentencia], enviadas: Callable[[], None] | None = None
    ) -> list[pq.abc.PGresult]:
        """El resultado de cada una; van seguidas y se espera una vez.

        Si una falla, las que siguen no se hacen y se lanza su error. `enviadas` se llama cuando han
        salido y aún no se sabe qué fue de ellas.
        """
        try:
            self.mandar(sentencias)
            if enviadas is not None:
                enviadas()
            while not self.llegado():
                self._sondeo.poll()
        except BaseException:
            # A medias no se sabe en qué quedó: no vale para nadie más.
            self._pgconn.finish()
            raise
        return self.resultados()

    def mandar(self, sentencias: Sequence[Sentencia]) -> None:
        """Salen todas, sin esperar a lo que digan; hasta que llegue no se manda nada más."""
        self._resultados, self._error = [], None
        self._pgconn.enter_pipeline_mode()
        self._nuevas = self._enviar(sentencias)

    def llegado(self) -> bool:
        """Si ya se sabe qué fue de todas las que salieron. No espera: se llama al poder leer."""
        self._pgconn.consume_input()
        while not self._pgconn.is_busy():
            resultado = self._pgconn.get_result()
            if resultado is None:
                if self._pgconn.status == pq.ConnStatus.BAD:
                    raise self._error or psycopg.OperationalError("La conexión se perdió")
                continue
            estado = resultado.status
            if estado == pq.ExecStatus.PIPELINE_SYNC:
                self._pgconn.exit_pipeline_mode()
                return True
            if estado == pq.ExecStatus.FATAL_ERROR:
                self._error = self._error or error_from_result(resultado)
            elif estado == pq.ExecStatus.TUPLES_OK:
                self._resultados.append(resultado)
        return False

    def resultados(self) -> list[pq.abc.PGresult]:
        """El de cada una de las que salieron, o el error de la primera que falló."""
        if self._error is None:
            return self._resultados
        # Lo que iba a quedar preparado quizá no quedó.
        otra = self._error.sqlstate == _NO_PREPARADA
        for texto in list(self._preparadas) if otra else self._nuevas:
            self._preparadas.pop(texto, None)
        raise self._error

    @property
    def al_abrir(self) -> list[Sentencia]:
        """Con qué empieza una transacción en ella."""
        return [_ABRIR, _FIJAR, _BUSCAR] if self._es_prestada else [_ABRIR, _BUSCAR]

    @property
    def abierta(self) -> bool:
        """Si hay una transacción sin terminar, y por donde terminarla."""
        estado = self._pgconn.transaction_status
        return estado not in (pq.TransactionStatus.IDLE, pq.TransactionStatus.UNKNOWN)

    def _enviar(self, sentencias: Sequence[Sentencia]) -> list[str]:
        """Devuelve las que se preparan en este viaje; su resultado se pide y se descarta."""
        nuevas = []
        if time.monotonic() > self._caducan and not self.abierta:
            self._olvidar()
        for texto, parametros in sentencias:
            if self._es_prestada:
                # Lo preparado quedaría en la sesión de otro.
                self._pgconn.send_query_params(texto.encode(), parametros)
                continue
            nombre = self._preparadas.get(texto)
            if nombre is None:
                nombre = self._preparadas[texto] = next(self._nombres)
                self._pgconn.send_prepare(nombre, texto.encode())
                nuevas.append(texto)
            self._pgconn.send_query_prepared(nombre, parametros)
        self._pgconn.pipeline_sync()
        while self._pgconn.flush():
            # Quizá no lee hasta que se le lea.
            self._sondeo.poll(10)
            self._pgconn.consume_input()
        return nuevas

    def _olvidar(self) -> None:
        for nombre in self._preparadas.values():
            self._pgconn.send_query_params(b"DEALLOCATE " + nombre, None)
        self._preparadas.clear()
        self._segundos = min(self._segundos * 2, MAX_SEGUNDOS_DE_PLAN)
        self._caducan = time.monotonic() + self._segundos


class TransaccionEnTuberia:
    """Una transacción en esa conexión, que no tiene ninguna; sin confirmar, al salir se deshace."""

    def __init__(self, conexion: Any) -> None:
        self._conexion = conexion
        self._errores = conexion.wrap_database_errors

    def __enter__(self) -> Self:
        self._conexion.ensure_connection()
        self._tuberia = Tuberia.de(self._conexion.connection.pgconn)
        return self

    def __exit__(self, *de_que: Any) -> None:
        if self._tuberia.abierta:
            with contextlib.suppress(psycopg.Error):
                self._viaje([_DESHACER])
        # Los de psycopg salen como los de Django.
        self._errores.__exit__(*de_que)

    def leer(self, nombrado: Nombrado) -> Leido:
        lecturas = list(sql.lecturas(DIALECTO, nombrado))
        pedidas = [(lee.sql, lee.parametros) for lee in lecturas]
        hechas = self._viaje([*self._tuberia.al_abrir, *pedidas])
        resultados = hechas[len(hechas) - len(pedidas) :]
        partes: dict[str, list[Any]] = {}
        for lee, resultado in zip(lecturas, resultados, strict=True):
            if crudo := resultado.get_value(0, 0):
                filas = _decodificador(lee.clase).decode(crudo)
                partes[lee.parte] = partes[lee.parte] + filas if lee.parte in partes else filas
        return Leido(**partes)

    def confirmar(self, pendiente: PorGuardar, al_confirmar: AlConfirmar) -> None:
        resultados = self._viaje([*escrituras(pendiente), _CONFIRMAR], _al_salir)
        # Solo los pisos dicen algo.
        crudo = resultados[0].get_value(0, 0) if resultados else None
        al_confirmar(_decodificador(Subida).decode(crudo) if crudo else ())

    def _viaje(
        self, sentencias: Sequence[Sentencia], enviadas: Callable[[], None] | None = None
    ) -> list[pq.abc.PGresult]:
        if not self._conexion.queries_logged:
            return self._tuberia.viaje(sentencias, enviadas)
        inicio = time.monotonic()
        try:
            return self._tuberia.viaje(sentencias, enviadas)
        finally:
            segundos = f"{time.monotonic() - inicio:.3f}"
            self._conexion.queries_log.extend({"sql": s, "time": segundos} for s, _ in sentencias)


def _al_salir() -> None:
    pasar(Punto.TRAS_INSERTAR)


@functools.cache
def _decodificador(clase: type) -> msgspec.json.Decoder[Any]:
    return msgspec.json.Decoder(list[clase])  # type: ignore[valid-type]


def escrituras(pendiente: PorGuardar) -> Iterator[Sentencia]:
    """Lo que hay que hacer para que quede guardado; si suben pisos, la última los da."""
    for clase in tablas.en_orden(pendiente.clases()):
        if borradas := pendiente.borradas.get(clase):
            yield sueltas.borrar(DIALECTO, clase, borradas)
        if cambiadas := pendiente.cambiadas.get(clase):
            for campos, filas in cambiadas.por_campos():
                suyas = _filas(tablas.cambiando(clase, campos), filas)
                yield _actualizar(clase, campos), [suyas]
        if nuevas := pendiente.nuevas.get(clase):
            yield _insertar(clase), [_filas(tablas.entera(clase), nuevas.values())]
    yield from sueltas.sueltas(DIALECTO, pendiente)


def _filas(tabla: Tabla, filas: Iterable[Any]) -> bytes:
    """Sus valores, por columna. El JSON que se guarda como texto va ya escrito."""
    columnas, de_texto = tabla.columnas, _de_texto(tabla)
    hechas = [dict(zip(columnas, tabla.valores(fila), strict=True)) for fila in filas]
    for hecha in hechas:
        for columna in de_texto:
            if (valor := hecha[columna]) is not None:
                hecha[columna] = tablas.como_texto(valor)
    return _codificar(hechas)


@functools.cache
def _de_texto(tabla: Tabla) -> list[str]:
    """Las columnas de JSON que se guarda como texto."""
    return [c.column or "" for c in tabla.campos if isinstance(c, CampoJSON)]


@functools.cache
def _insertar(clase: type) -> str:
    tabla = tablas.entera(clase)
    columnas = ", ".join(f'"{c}"' for c in tabla.columnas)
    return f'INSERT INTO "{tabla.nombre}" ({columnas}) SELECT {columnas} FROM {_entran(tabla)}'


@functools.cache
def _actualizar(clase: type[Fila], campos: frozenset[str]) -> str:
    tabla = tablas.cambiando(clase, campos)
    cambios = ", ".join(f'"{c}" = v."{c}"' for c in tabla.columnas[1:])
    return f'UPDATE "{tabla.nombre}" t SET {cambios} FROM {_entran(tabla)} WHERE t._id = v._id'


def _entran(tabla: Tabla) -> str:
    # Sin el largo, que aquí recortaría: el de la tabla se niega.
    tipos = (f'"{c.column}" {(c.db_type(connection) or "").split("(")[0]}' for c in tabla.campos)
    return f"json_to_recordset($1::json) AS v({', '.join(tipos)})"
