"""Lo que se da a guardar se guarda, y nada más, en pocas sentencias y en cualquier almacén."""

from __future__ import annotations

import math
from collections.abc import Callable, Iterator
from contextlib import AbstractContextManager
from datetime import timedelta
from typing import Any

import pytest
from django.contrib.admin.models import LogEntry
from django.db import IntegrityError, connection, transaction
from django.test.utils import CaptureQueriesContext

from mensajeria import filas, models
from mensajeria.models import Conversacion, Usuario, ahora, nuevo_id
from mensajeria.ordenes import almacen
from mensajeria.ordenes.almacen import Leido, Nombrado, Subida, Transaccion, orm, postgresql, sql
from mensajeria.ordenes.almacen.tablas import CAMBIABLES, modelo_de
from mensajeria.ordenes.por_guardar import PorGuardar

pytestmark = pytest.mark.bd

Abrir = Callable[[], AbstractContextManager[Transaccion]]


@pytest.fixture(params=["el de la base", "el llano"])
def abrir(request: pytest.FixtureRequest) -> Abrir:
    return almacen.abrir if request.param == "el de la base" else orm.abrir


@pytest.fixture
def mensajes(conversacion: Conversacion) -> list[str]:
    """Cinco de ana, en `conv`."""
    creados = models.Mensaje.objects.bulk_create(
        models.Mensaje(
            conversacion=conversacion,
            remitente_id="ana",
            texto=f"m{i}",
            metadatos={"i": i, "ñ": "\\ \"'"},
            historial=[{"texto": "antes", "fecha": "x"}],
            secuencia=i,
            secuencia_cambio=i,
            numero_de_remitente=i,
        )
        for i in range(1, 6)
    )
    return [m.pk for m in creados]


def leer(abrir: Abrir, **nombra: Any) -> Leido:
    with abrir() as transaccion:
        return transaccion.leer(Nombrado(**nombra))


def guardar(abrir: Abrir, pendiente: PorGuardar) -> Any:
    confirmado: list[Any] = []
    with abrir() as transaccion:
        transaccion.leer(Nombrado(conversaciones={"conv"}))
        transaccion.confirmar(pendiente, confirmado.append)
    [ultimos] = confirmado
    return ultimos


def las(abrir: Abrir, ids: list[str]) -> Iterator[filas.MensajeLigero]:
    por_id = {m.id: m for m in leer(abrir, mensajes=set(ids)).mensajes}
    return (por_id[id_] for id_ in ids)


def test_las_filas_llevan_lo_del_modelo_y_en_su_orden() -> None:
    """Entran por posición: una columna nueva del modelo ha de ir en su sitio."""
    for clase, modelo in filas.MODELO_DE.items():
        columnas = [c.attname for c in modelo._meta.concrete_fields]
        if clase is filas.MensajeLigero:
            # Sale de lo demás: se guarda y no se lee.
            columnas.remove("buscable")
        if clase is filas.UsuarioLigero:
            columnas = [c for c in columnas if c in clase.__struct_fields__]
            columnas.sort(key=clase.__struct_fields__.index)
        assert list(clase.__struct_fields__[: len(columnas)]) == columnas


def test_lo_cambiable_existe() -> None:
    for clase, campos in CAMBIABLES.items():
        for campo in campos.split():
            modelo_de(clase)._meta.get_field(campo)


def test_lo_leido_es_lo_guardado(abrir: Abrir, mensajes: list[str]) -> None:
    leido = leer(
        abrir,
        mensajes={mensajes[0]},
        pares={("conv", "beto")},
        pares_de_mensaje={(mensajes[0], "ana")},
        usuarios={"carla"},
    )
    [conversacion], [mensaje] = leido.conversaciones, leido.mensajes
    for fila in (conversacion, mensaje, *leido.participantes, *leido.usuarios):
        modelo = modelo_de(type(fila))._base_manager.get(pk=fila.id)
        for campo in filas.columnas_de(type(fila)):
            assert getattr(fila, campo.attname) == getattr(modelo, campo.attname), campo
    assert mensaje.remitente is not None
    assert mensaje.remitente.nombre == "Ana"
    assert {p.usuario.nombre for p in leido.participantes} >= {"Ana"}


def test_lo_que_no_existe_no_viene(abrir: Abrir, conversacion: Conversacion) -> None:
    leido = leer(abrir, conversaciones={"no"}, mensajes={"tampoco"}, pares={("no", "ana")})
    assert not [*leido.conversaciones, *leido.mensajes, *leido.participantes]


def test_los_campos_se_acumulan_y_solo_esos_se_guardan(abrir: Abrir, mensajes: list[str]) -> None:
    pendiente = PorGuardar()
    [uno] = las(abrir, mensajes[:1])
    uno.texto, uno.editado, uno.prioridad = "otro", True, "urgente"
    pendiente.cambiar(uno, ["texto"])
    pendiente.cambiar(uno, ["editado"])
    guardar(abrir, pendiente)
    fila = models.Mensaje.objects.get(pk=uno.id)
    assert (fila.texto, fila.editado, fila.prioridad) == ("otro", True, "normal")


def test_cada_campo_cambiable_se_guarda(abrir: Abrir, mensajes: list[str]) -> None:
    """De uno en uno: su columna, y no otra."""
    [mensaje] = las(abrir, mensajes[:1])
    [participante] = leer(abrir, pares={("conv", "ana")}).participantes
    [conversacion] = leer(abrir, conversaciones={"conv"}).conversaciones
    for fila in (mensaje, participante, conversacion, participante.usuario):
        for campo in CAMBIABLES[type(fila)].split():
            antes = getattr(fila, campo)
            nuevo: Any = {bool: not antes, int: 7, str: "otro"}.get(type(antes))
            if nuevo is None:
                nuevo = ahora() if "fecha" in campo or campo == "tokens_desde" else antes
            setattr(fila, campo, nuevo)
            pendiente = PorGuardar()
            pendiente.cambiar(fila, [campo])
            guardar(abrir, pendiente)
            guardada = modelo_de(type(fila))._base_manager.get(pk=fila.id)
            assert getattr(guardada, campo) == nuevo, campo


def test_lo_que_un_lote_no_cambia_no_se_guarda(abrir: Abrir, mensajes: list[str]) -> None:
    pendiente = PorGuardar()
    [uno] = las(abrir, mensajes[:1])
    pendiente.cambiar(uno, ["secuencia"])
    with pytest.raises(ValueError, match="secuencia"):
        guardar(abrir, pendiente)


def test_lo_nuevo_se_guarda_como_quede(abrir: Abrir, conversacion: Conversacion) -> None:
    pendiente = PorGuardar()
    fila = filas.MensajeLigero(
        id=nuevo_id(),
        conversacion_id="conv",
        remitente_id="ana",
        archivo={"nombre": "ñ", "tamano": 3},
        metadatos={"a": [1, None, {"b": 1.5}]},
        secuencia=1,
        fecha_envio=ahora(),
    )
    pendiente.cambiar(fila, ["texto"])
    pendiente.crear(fila)
    fila.texto = "después, con 'comillas', \\ y €"
    pendiente.cambiar(fila, ["texto"])
    guardar(abrir, pendiente)
    guardada = models.Mensaje.objects.get()
    for campo in filas.columnas_de(filas.MensajeLigero):
        assert getattr(guardada, campo.attname) == getattr(fila, campo.attname), campo


def test_vale_una_fila_de_cualquier_modelo(abrir: Abrir, conversacion: Conversacion) -> None:
    """También las que llevan su clave puesta por la base."""
    pendiente = PorGuardar()
    aviso = models.Notificacion(usuario_id="ana", tipo="x", titulo="t", datos={"a": 1})
    entrada = LogEntry(user_id="ana", object_repr="r", action_flag=2, change_message="m")
    pendiente.crear(aviso)
    pendiente.crear(entrada)
    guardar(abrir, pendiente)
    guardado = models.Notificacion.objects.get()
    assert (guardado.datos, guardado.acciones, guardado.fecha) == ({"a": 1}, [], aviso.fecha)
    assert LogEntry.objects.get().change_message == "m"


def test_lo_borrado_no_queda_ni_recien_creado(
    abrir: Abrir, mensajes: list[str], carla: Usuario
) -> None:
    models.Reaccion.objects.create(mensaje_id=mensajes[0], usuario_id="ana", tipo="like")
    [de_antes] = leer(abrir, mensajes={mensajes[0]}, reacciones={mensajes[0]}).reacciones

    def reaccion(quien: str, tipo: str) -> filas.ReaccionLigera:
        return filas.ReaccionLigera(
            id=nuevo_id(), mensaje_id=mensajes[0], usuario_id=quien, tipo=tipo, fecha=ahora()
        )

    nueva, de_nuevo = reaccion("beto", "like"), reaccion("ana", "sad")
    pendiente = PorGuardar()
    de_antes.tipo = "love"
    pendiente.cambiar(de_antes, ["tipo"])
    pendiente.crear(nueva)
    pendiente.borrar(nueva)
    pendiente.borrar(de_antes)
    pendiente.crear(de_nuevo)
    guardar(abrir, pendiente)
    guardadas = list(models.Reaccion.objects.values_list("usuario_id", "tipo"))
    assert guardadas == [("ana", "sad")]


def test_un_mensaje_se_queda_sin_reacciones_aunque_nadie_las_leyera(
    abrir: Abrir, mensajes: list[str]
) -> None:
    for id_ in mensajes[:2]:
        models.Reaccion.objects.create(mensaje_id=id_, usuario_id="beto", tipo="like")
    pendiente = PorGuardar()
    pendiente.sin_reacciones.append(mensajes[0])
    guardar(abrir, pendiente)
    assert models.Reaccion.objects.get().mensaje_id == mensajes[1]


def test_muchas_filas_son_las_mismas_sentencias(abrir: Abrir, mensajes: list[str]) -> None:
    def guardando(cuantas: int) -> int:
        pendiente = PorGuardar()
        for fila in las(abrir, mensajes[:cuantas]):
            fila.texto, fila.historial = "x", []
            pendiente.cambiar(fila, ["texto", "historial"])
        with CaptureQueriesContext(connection) as consultas:
            guardar(abrir, pendiente)
        return len(consultas)

    assert guardando(5) == guardando(1)
    assert {m.texto for m in models.Mensaje.objects.all()} == {"x"}


def test_los_recibos_que_cubren_a_un_mensaje(abrir: Abrir, mensajes: list[str]) -> None:
    beto = models.Participante.objects.get(usuario="beto")
    for desde, hasta in ((0, 2), (2, 3), (3, 5)):
        models.Lectura.objects.create(participante=beto, clase="leido", desde=desde, hasta=hasta)
    leido = leer(abrir, mensajes={mensajes[2]}, presentados={mensajes[2]})
    assert [(r.usuario_id, r.clase, r.desde, r.hasta) for r in leido.recibos] == [
        ("beto", "leido", 2, 3)
    ]
    assert [p.usuario_id for p in leido.participantes] == ["ana"]


def test_los_propios_se_cuentan_ya_guardados(abrir: Abrir, mensajes: list[str]) -> None:
    suyos = models.Participante.objects.filter(usuario="ana")
    suyos.update(leido_hasta=3, enviados_leidos=0)
    pendiente = PorGuardar()
    pendiente.a_medias.add(suyos.get().pk)
    guardar(abrir, pendiente)
    assert suyos.get().enviados_leidos == 3


@pytest.mark.parametrize(
    ("cursores", "quedan", "dado"),
    [
        # De los demás, el más atrasado en cada cosa; el cursor propio no cuenta.
        ({"ana": (0, 0), "beto": (4, 2), "carla": (3, 3)}, (3, 2), True),
        ({"ana": (5, 5), "beto": (4, 2), "carla": (4, 2)}, (4, 2), True),
        # Solo suben, cada uno por su lado.
        ({"ana": (0, 0), "beto": (5, 0), "carla": (5, 0)}, (5, 1), True),
        ({"ana": (0, 0), "beto": (2, 1), "carla": (0, 0)}, (2, 1), False),
        # A solas se quedan donde estaban.
        ({"ana": (5, 5)}, (2, 1), False),
    ],
)
def test_los_pisos_que_suben(
    abrir: Abrir, mensajes: list[str], cursores: Any, quedan: tuple[int, int], dado: bool
) -> None:
    """Antes, 2 y 1. Nadie más escribió: los suyos no se miran."""
    filas_ = models.Participante.objects.filter(conversacion="conv")
    filas_.update(activo=False)
    for quien, (entregado, leido) in cursores.items():
        filas_.update_or_create(
            usuario_id=quien,
            conversacion_id="conv",
            defaults={"activo": True, "entregado_hasta": entregado, "leido_hasta": leido},
        )
    filas_.filter(usuario="ana").update(entregado_por_todos=2, leido_por_todos=1, enviados=5)
    pendiente = PorGuardar()
    pendiente.pisos.add("conv")
    subidas = guardar(abrir, pendiente)
    suya = filas_.get(usuario="ana")
    assert (suya.entregado_por_todos, suya.leido_por_todos) == quedan
    de_cada = [(mensajes[n - 1], n) for n in quedan]
    esperadas = [Subida(suya.pk, "conv", "ana", 2, 1, *quedan, *de_cada[0], *de_cada[1])]
    assert list(subidas) == (esperadas if dado else [])
    assert not filas_.exclude(usuario="ana").filter(entregado_por_todos__gt=0).exists()


def test_lo_que_no_se_confirma_se_deshace(abrir: Abrir, mensajes: list[str]) -> None:
    with pytest.raises(RuntimeError), abrir() as transaccion:
        transaccion.leer(Nombrado(mensajes=set(mensajes)))
        raise RuntimeError
    [fila] = las(abrir, mensajes[:1])
    repetida = filas.MensajeLigero(
        id=nuevo_id(), conversacion_id="conv", remitente_id="ana", secuencia=2, fecha_envio=ahora()
    )
    pendiente = PorGuardar()
    fila.texto = "no queda"
    pendiente.cambiar(fila, ["texto"])
    pendiente.crear(repetida)
    with pytest.raises(IntegrityError):
        guardar(abrir, pendiente)
    assert not models.Mensaje.objects.filter(texto="no queda").exists()
    # Y la conexión sigue valiendo para el siguiente.
    pendiente = PorGuardar()
    pendiente.cambiar(fila, ["texto"])
    guardar(abrir, pendiente)
    assert models.Mensaje.objects.get(pk=fila.id).texto == "no queda"


def test_los_planes_se_piensan_otra_vez(conversacion: Conversacion) -> None:
    if connection.vendor != "postgresql":
        pytest.skip("solo PostgreSQL los guarda")

    def preparadas() -> set[bytes]:
        leer(almacen.abrir, conversaciones={"conv"})
        with connection.cursor() as cursor:
            cursor.execute("SELECT name FROM pg_prepared_statements")
            return {nombre.encode() for (nombre,) in cursor.fetchall()}

    preparadas()
    tuberia = postgresql.Tuberia.de(connection.connection.pgconn)
    tuberia._caducan = math.inf
    primeras = set(tuberia._preparadas.values())
    assert primeras <= preparadas()
    assert set(tuberia._preparadas.values()) == primeras
    tuberia._caducan = 0
    segundos = tuberia._segundos
    assert not primeras & preparadas()
    # Cada vez más de tarde en tarde.
    assert tuberia._segundos == min(2 * segundos, postgresql.MAX_SEGUNDOS_DE_PLAN)


TODO = Nombrado(
    conversaciones={"c"},
    mensajes={"m"},
    citas={"n"},
    pares={("c", "u")},
    pares_de_mensaje={("m", "u")},
    enteras={"c"},
    reacciones={"m"},
    presentados={"m"},
    fijados={"m"},
    usuarios={"u"},
    parejas={"p"},
    previos={("u", "x")},
)


LECTURAS = list(sql.lecturas(postgresql.DIALECTO, TODO))


@pytest.mark.parametrize("lee", LECTURAS, ids=lambda lee: lee.parte)
def test_con_las_tablas_vacias_el_plan_va_por_los_indices(lee: sql.Consulta) -> None:
    """Ese plan se queda mientras se llenan: uno que recorra una tabla la recorre en cada lote."""
    de_tablas = _plan(lee)
    assert de_tablas
    for nodo in de_tablas:
        assert {"Index Cond", "Recheck Cond"} & nodo.keys(), str(nodo)


def test_con_algo_dentro_cada_previo_se_busca_por_sus_dos_claves(
    conversacion: Conversacion,
) -> None:
    models.Mensaje.objects.bulk_create(
        models.Mensaje(
            conversacion=conversacion,
            remitente_id="ana",
            id_cliente=f"{i}",
            secuencia=i,
            secuencia_cambio=i,
        )
        for i in range(2000)
    )
    [lee] = [lee for lee in LECTURAS if lee.parte == "previos"]
    [nodo] = _plan(lee)
    assert nodo["Index Name"] == "uq_men_cliente", str(nodo)
    assert "Filter" not in nodo, str(nodo)


def _plan(lee: sql.Consulta) -> list[dict[str, Any]]:
    """Cómo se lee cada tabla, sabiendo lo que hay en ellas."""
    if connection.vendor != "postgresql":
        pytest.skip("solo PostgreSQL piensa los planes por lo que mide la tabla")
    valores = [p.decode() for p in lee.parametros]
    textos, huecos = ", ".join(["text"] * len(valores)), ", ".join(["%s"] * len(valores))
    with transaction.atomic(), connection.cursor() as cursor:
        cursor.execute("ANALYZE")
        cursor.execute(postgresql._BUSCAR[0])
        cursor.execute("SET LOCAL plan_cache_mode = force_generic_plan")
        cursor.execute(f"PREPARE lee ({textos}) AS {lee.sql}")
        cursor.execute(f"EXPLAIN (FORMAT JSON) EXECUTE lee ({huecos})", valores)
        [(plan,)] = cursor.fetchall()
        cursor.execute("DEALLOCATE lee")
    return [nodo for nodo in _nodos(plan[0]["Plan"]) if "Relation Name" in nodo]


def _nodos(nodo: dict[str, Any]) -> Iterator[dict[str, Any]]:
    yield nodo
    for hijo in nodo.get("Plans", []):
        yield from _nodos(hijo)


def test_las_fechas_van_y_vuelven(abrir: Abrir, mensajes: list[str]) -> None:
    en_punto = ahora().replace(microsecond=0)
    for fecha in (en_punto, en_punto + timedelta(milliseconds=7), None):
        [fila] = las(abrir, mensajes[:1])
        fila.fecha_edicion = fecha
        pendiente = PorGuardar()
        pendiente.cambiar(fila, ["fecha_edicion"])
        guardar(abrir, pendiente)
        assert models.Mensaje.objects.get(pk=fila.id).fecha_edicion == fecha
        [otra] = las(abrir, mensajes[:1])
        assert otra.fecha_edicion == fecha


def test_de_una_cuenta_se_escribe_solo_lo_que_su_orden_cambio(
    abrir: Abrir, conversacion: Conversacion
) -> None:
    """Las cuentas no se bloquean: lo que otro cambió entre leerla y escribirla se queda."""
    beto, carla = sorted(leer(abrir, usuarios={"beto", "carla"}).usuarios, key=lambda u: u.id)
    revocada = ahora()
    Usuario.objects.filter(pk="carla").update(tokens_desde=revocada, is_active=False)
    pendiente = PorGuardar()
    beto.is_active, beto.tokens_desde = False, revocada + timedelta(seconds=1)
    pendiente.cambiar(beto, ["is_active", "tokens_desde"])
    carla.is_active = True
    pendiente.cambiar(carla, ["is_active"])
    guardar(abrir, pendiente)
    quedan = Usuario.objects.order_by("pk").values_list("pk", "is_active", "tokens_desde")
    assert list(quedan)[1:] == [
        ("beto", False, revocada + timedelta(seconds=1)),
        ("carla", True, revocada),
    ]
