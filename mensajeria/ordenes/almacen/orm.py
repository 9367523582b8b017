"""El almacén llano, por el ORM: la referencia de los otros, el de MongoDB y el que se une a una
transacción ya abierta."""

from __future__ import annotations

import contextlib
import json
from collections import defaultdict
from collections.abc import Collection, Iterable, Iterator, Sequence
from functools import partial
from typing import Any, TypeVar

import msgspec
from django.db import transaction
from django.db.models import F, Model, OuterRef, Q, QuerySet, Subquery

from mensajeria import models
from mensajeria.base_de_datos import atomico
from mensajeria.filas import (
    ArchivoLigero,
    ConversacionLigera,
    Fila,
    MensajeLigero,
    ParticipanteLigero,
    ReaccionLigera,
    UsuarioLigero,
    columnas_de,
    como_modelo,
)
from mensajeria.models.campos import CampoBuscable, CampoJSON, buscable_de
from mensajeria.ordenes.almacen import tablas
from mensajeria.ordenes.almacen.leido import (
    AlConfirmar,
    IdDeFijado,
    Leido,
    Nombrado,
    Recibo,
    Subida,
)
from mensajeria.ordenes.pisos import pisos_de
from mensajeria.ordenes.por_guardar import Guardable, PorGuardar
from mensajeria.ordenes.puntos_de_fallo import Punto, pasar

C = TypeVar("C", bound=Fila)


@contextlib.contextmanager
def abrir() -> Iterator[_Transaccion]:
    """Una transacción; anidada, se une a la de fuera, y con ella se confirma."""
    with atomico():
        yield _Transaccion()


class _Transaccion:
    def leer(self, nombrado: Nombrado) -> Leido:
        n = nombrado
        parejas = _las_de_parejas(n.parejas)
        de_mensajes = conversaciones_de(n.mensajes).values()
        conversaciones = _bloqueadas(n.conversaciones.union(de_mensajes, parejas))
        mensajes = _mensajes(n.mensajes | n.citas)
        return Leido(
            conversaciones=conversaciones,
            participantes=_participantes(n, mensajes, parejas),
            mensajes=mensajes,
            previos=_previos(n.previos),
            reacciones=_reacciones(n.reacciones),
            recibos=_recibos([m for m in mensajes if m.id in n.presentados]),
            fijados=_fijados({m.conversacion_id for m in mensajes if m.id in n.fijados}),
            usuarios=_filas(UsuarioLigero, Q(pk__in=n.usuarios)) if n.usuarios else [],
            archivos=_archivos(n.archivos),
        )

    def confirmar(self, pendiente: PorGuardar, al_confirmar: AlConfirmar) -> None:
        for clase in tablas.en_orden(pendiente.clases()):
            manager = tablas.modelo_de(clase)._base_manager
            if borradas := pendiente.borradas.get(clase):
                manager.filter(pk__in=borradas).delete()
            if cambiadas := pendiente.cambiadas.get(clase):
                for campos, filas in cambiadas.por_campos():
                    _actualizar(clase, campos, filas)
            if nuevas := pendiente.nuevas.get(clase):
                manager.bulk_create([_instancia(fila) for fila in nuevas.values()])
        if pendiente.sin_reacciones:
            models.Reaccion.objects.filter(mensaje__in=pendiente.sin_reacciones).delete()
        if pendiente.sin_archivo:
            sobran = models.Archivo.objects.filter(mensaje__in=pendiente.sin_archivo)
            sobran.update(estado=models.Archivo.Estado.SOBRA)
        _retirar(pendiente.retirados, 1)
        _retirar(pendiente.devueltos, -1)
        if pendiente.tocados:
            tocados = models.Usuario.objects.filter(pk__in=sorted(pendiente.tocados))
            tocados.update(version=F("version") + 1)
        if pendiente.a_medias:
            _contar_propios(pendiente.a_medias)
        subidas = _subir_pisos(pendiente.pisos) if pendiente.pisos else []
        pasar(Punto.TRAS_INSERTAR)
        transaction.on_commit(partial(al_confirmar, subidas), robust=True)


# Leer


def conversaciones_de(mensajes: Collection[str]) -> dict[str, str]:
    """De qué conversación es cada uno de esos mensajes; no cambia nunca."""
    if not mensajes:
        return {}
    filas = models.Mensaje.objects.filter(pk__in=mensajes)
    return dict(filas.values_list("pk", "conversacion_id"))


def _las_de_parejas(claves: set[str]) -> set[str]:
    if not claves:
        return set()
    filas = models.Conversacion.objects.filter(clave_pareja__in=claves)
    return set(filas.values_list("pk", flat=True))


def _nombres(clase: type[Fila], de: str = "") -> list[str]:
    return [de + c.attname for c in columnas_de(clase)]


def _filas(clase: type[C], cuales: Q) -> list[C]:
    filas: QuerySet[Any] = tablas.modelo_de(clase)._base_manager.filter(cuales)
    return _hechas(clase, filas.values_list(*_nombres(clase)))


def _hechas(clase: type[C], valores: Iterable[Sequence[Any]]) -> list[C]:
    return msgspec.convert(list(valores), list[clase])  # type: ignore[valid-type]


def _bloqueadas(ids: set[str]) -> list[ConversacionLigera]:
    # El cerrojo de PostgreSQL; en MongoDB, el conflicto de escritura sobre este mismo documento.
    # Por orden de id: nadie espera en círculo.
    if not ids:
        return []
    filas = models.Conversacion.objects.select_for_update().filter(pk__in=sorted(ids))
    return _hechas(
        ConversacionLigera, filas.order_by("pk").values_list(*_nombres(ConversacionLigera))
    )


def _participantes(
    n: Nombrado, mensajes: Sequence[MensajeLigero], parejas: set[str]
) -> list[ParticipanteLigero]:
    actores = {u for _, u in n.pares | n.pares_de_mensaje}
    actores |= {m.remitente_id for m in mensajes if m.id in n.presentados and m.remitente_id}
    donde = {c for c, _ in n.pares}
    donde |= {m.conversacion_id for m in mensajes if m.id in n.mensajes}
    de_mensajes = {m.conversacion_id for m in mensajes if m.id in n.enteras_de_mensaje}
    enteras = n.enteras | parejas | de_mensajes
    if not donde and not enteras:
        return []
    cuales = Q(conversacion__in=donde, usuario__in=actores) | Q(conversacion__in=enteras)
    columnas = _nombres(ParticipanteLigero)
    valores = models.Participante.objects.filter(cuales).values_list(
        *columnas, *_nombres(UsuarioLigero, "usuario__")
    )
    return _hechas(ParticipanteLigero, ([*v[: len(columnas)], v[len(columnas) :]] for v in valores))


def _mensajes(ids: set[str]) -> list[MensajeLigero]:
    """Con lo que citan, y sus autores."""
    if not ids:
        return []
    filas = _filas(MensajeLigero, Q(pk__in=ids))
    if citados := {f.respuesta_a_id for f in filas if f.respuesta_a_id} - ids:
        filas += _filas(MensajeLigero, Q(pk__in=citados))
    autores = {f.remitente_id for f in filas if f.remitente_id}
    usuarios = {u.id: u for u in _filas(UsuarioLigero, Q(pk__in=autores))} if autores else {}
    for fila in filas:
        fila.remitente = usuarios.get(fila.remitente_id or "")
    return filas


def _previos(claves: set[tuple[str, str]]) -> list[MensajeLigero]:
    if not claves:
        return []
    cuales = Q(remitente__in={r for r, _ in claves}, id_cliente__in={i for _, i in claves})
    return _filas(MensajeLigero, cuales)


def _reacciones(mensajes: set[str]) -> list[ReaccionLigera]:
    if not mensajes:
        return []
    filas = models.Reaccion.objects.filter(mensaje__in=mensajes).order_by("fecha", "pk")
    return _hechas(ReaccionLigera, filas.values_list(*_nombres(ReaccionLigera)))


def _fijados(conversaciones: set[str]) -> list[IdDeFijado]:
    if not conversaciones:
        return []
    filas = models.Mensaje.objects.filter(conversacion__in=conversaciones, fijado=True)
    return [IdDeFijado(*f) for f in filas.values_list("conversacion_id", "pk")]


def _archivos(ids: set[str]) -> list[ArchivoLigero]:
    if not ids:
        return []
    filas = models.Archivo.objects.select_for_update().filter(pk__in=sorted(ids)).order_by("pk")
    return _hechas(ArchivoLigero, filas.values_list(*_nombres(ArchivoLigero)))


def _recibos(mensajes: Sequence[MensajeLigero]) -> list[Recibo]:
    """Los que cubren a cada uno."""
    recibos = []
    for m in mensajes:
        filas = models.Lectura.objects.filter(
            participante__conversacion=m.conversacion_id,
            hasta__gte=m.secuencia,
            desde__lt=m.secuencia,
        )
        de_donde = ("participante__conversacion_id", "participante__usuario_id")
        valores = filas.values_list(*de_donde, "clase", "desde", "hasta", "fecha")
        recibos += [Recibo(*v) for v in valores.order_by("hasta")]
    return recibos


# Escribir


def _instancia(fila: Guardable) -> Model:
    return como_modelo(fila) if isinstance(fila, Fila) else fila


def _actualizar(clase: type[Fila], cambian: frozenset[str], filas: Iterable[Fila]) -> None:
    """Una consulta, y por cada campo de JSON otra."""
    tabla = tablas.cambiando(clase, cambian)
    campos = [c for c in tabla.campos if not c.primary_key]
    de_json = [c.name for c in campos if isinstance(c, CampoJSON)]
    instancias = [_con_lo_que_sale(fila, campos) for fila in filas]
    modelo = tablas.modelo_de(clase)
    if llanos := [c.name for c in campos if c.name not in de_json]:
        modelo._base_manager.bulk_update(instancias, llanos)
    for campo in de_json:
        _actualizar_json(modelo, campo, instancias)


def _con_lo_que_sale(fila: Fila, campos: Sequence[Any]) -> Model:
    # `bulk_update` no pasa por `pre_save`.
    instancia = como_modelo(fila)
    for campo in campos:
        if isinstance(campo, CampoBuscable):
            setattr(instancia, campo.attname, buscable_de(fila))
    return instancia


def _actualizar_json(modelo: type[Model], campo: str, filas: Iterable[Model]) -> None:
    """No cabe en `bulk_update`: una consulta por cada valor distinto."""
    iguales: defaultdict[str, list[Any]] = defaultdict(list)
    for fila in filas:
        iguales[json.dumps(getattr(fila, campo))].append(fila)
    for suyas in iguales.values():
        cuales = modelo._base_manager.filter(pk__in=[f.pk for f in suyas])
        cuales.update(**{campo: getattr(suyas[0], campo)})


def _contar_propios(participantes: set[str]) -> None:
    """Cuántos de los suyos cubre lo que leyó cada uno, con todo ya guardado."""
    filas = models.Participante.objects.filter(pk__in=participantes)
    corregidos = list(filas.annotate(propios=_propio("leido_hasta", "numero_de_remitente")))
    for fila in corregidos:
        fila.enviados_leidos = fila.propios or 0
        if fila.retirados_sin_leer:
            fila.retirados_sin_leer = _retirados_sin_leer(fila)
    models.Participante.objects.bulk_update(corregidos, ["enviados_leidos", "retirados_sin_leer"])


def _retirados_sin_leer(fila: models.Participante) -> int:
    ajenos = Q(remitente=None) | ~Q(remitente=fila.usuario_id)
    suyos = models.Mensaje.objects.filter(
        ajenos, conversacion=fila.conversacion_id, secuencia__gt=fila.leido_hasta
    )
    return suyos.filter(Q(eliminado=True) | Q(oculto=True)).count()


def _retirar(mensajes: set[str], cuantos: int) -> None:
    """Uno más, o uno menos, para cada cual que no lo había leído y no lo escribió."""
    for m in models.Mensaje.objects.filter(pk__in=mensajes) if mensajes else ():
        lectores = models.Participante.objects.filter(
            conversacion=m.conversacion_id,
            leido_hasta__lt=m.secuencia,
            retirados_sin_leer__gte=max(0, -cuantos),
        )
        if m.remitente_id is not None:
            lectores = lectores.exclude(usuario=m.remitente_id)
        lectores.update(retirados_sin_leer=F("retirados_sin_leer") + cuantos)


def _subir_pisos(conversaciones: set[str]) -> list[Subida]:
    """Guarda los pisos que suben y dice cuáles."""
    antes: dict[str, tuple[int, int]] = {}
    suben: list[models.Participante] = []
    activos = models.Participante.objects.filter(conversacion__in=conversaciones, activo=True)
    for suyos in _por_conversacion(activos):
        pisos = pisos_de([(p.entregado_hasta, p.leido_hasta) for p in suyos])
        for p, (entregado, leido) in zip(suyos, pisos, strict=True):
            antes[p.pk] = (p.entregado_por_todos, p.leido_por_todos)
            p.entregado_por_todos = max(p.entregado_por_todos, entregado)
            p.leido_por_todos = max(p.leido_por_todos, leido)
            if p.enviados and (p.entregado_por_todos, p.leido_por_todos) != antes[p.pk]:
                suben.append(p)
    if suben:
        cuales = ["entregado_por_todos", "leido_por_todos"]
        models.Participante.objects.bulk_update(suben, cuales)
    return [
        Subida(f.pk, f.conversacion_id, f.usuario_id, *antes[f.pk], *pisos_y_ultimos)
        for f, *pisos_y_ultimos in _con_ultimos([p.pk for p in suben])
    ]


def _por_conversacion(
    filas: Iterable[models.Participante],
) -> Iterable[list[models.Participante]]:
    juntas: defaultdict[str, list[models.Participante]] = defaultdict(list)
    for fila in filas:
        juntas[fila.conversacion_id].append(fila)
    return juntas.values()


def _con_ultimos(participantes: list[str]) -> Iterator[tuple[Any, ...]]:
    """Cada uno, sus dos pisos ya guardados, y su último mensaje hasta cada uno."""
    if not participantes:
        return
    filas = models.Participante.objects.filter(pk__in=participantes).annotate(
        entregado=_propio("entregado_por_todos", "pk"),
        entregado_n=_propio("entregado_por_todos", "secuencia"),
        leido=_propio("leido_por_todos", "pk"),
        leido_n=_propio("leido_por_todos", "secuencia"),
    )
    for f in filas.order_by("pk"):
        ultimos = (f.entregado, f.entregado_n, f.leido, f.leido_n)
        yield (f, f.entregado_por_todos, f.leido_por_todos, *ultimos)


def _propio(cursor: str, campo: str) -> Subquery:
    """`campo` del último mensaje del participante que no pasa de su `cursor`."""
    suyos = models.Mensaje.objects.filter(
        conversacion=OuterRef("conversacion"),
        remitente=OuterRef("usuario"),
        secuencia__lte=OuterRef(cursor),
    )
    return Subquery(suyos.order_by("-secuencia").values(campo)[:1])
