from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from typing import Any

import msgspec
import pytest
from django.contrib.admin.models import LogEntry
from django.db import connection

from mensajeria.consultas import fijados_de, presentar_mensajes
from mensajeria.difusion.sobre import Sobre
from mensajeria.models import Conversacion, Mensaje, Participante, Usuario
from mensajeria.ordenes.orden import Actor, Orden
from mensajeria.protocolo import cargas, formas
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria
from mensajeria.protocolo.tipos import MAX_FIJADOS, Carga
from tests.apoyo import ejecutar

pytestmark = pytest.mark.bd

SIN_FIJAR = formas.Fijado(fijado=False, fecha=None, por=None)


def fijar(id_: str) -> Carga:
    return cargas.FijarMensaje(mensaje_id=id_)


def desfijar(id_: str) -> Carga:
    return cargas.DesfijarMensaje(mensaje_id=id_)


def rechazo(pedir: Any, quien: str, carga: Carga, **mas: Any) -> ErrorMensajeria:
    with pytest.raises(ErrorMensajeria) as error:
        pedir(quien, carga, **mas)
    return error.value


def fijados(quien: str = "ana") -> list[formas.Mensaje]:
    return presentar_mensajes(list(fijados_de(quien, "conv")))


def forma_de(id_: str) -> formas.Mensaje:
    filas = Mensaje.objects.select_related("remitente", "respuesta_a__remitente")
    return presentar_mensajes([filas.get(pk=id_)])[0]


@pytest.fixture
def mod(base: None) -> Usuario:
    return Usuario.objects.create_user(username="mod", id="mod", password="demo", is_staff=True)


def _llenar(conversacion: Conversacion, cuantos: int) -> None:
    """Con otros tantos ya fijados, sin pasar por el verbo."""
    Mensaje.objects.bulk_create(
        Mensaje(
            id=f"lleno{i}",
            conversacion=conversacion,
            remitente_id="ana",
            texto="x",
            secuencia=100 + i,
            secuencia_cambio=100 + i,
            fijado=True,
            fecha_fijado=conversacion.fecha_creacion,
            fijado_por="ana",
        )
        for i in range(cuantos)
    )


class TestFijar:
    def test_lo_dice_a_todos_con_un_numero_de_cambio(
        self, decir: Any, pedir: Any, sobres: list[Sobre]
    ) -> None:
        id_ = decir("beto").mensaje_id
        acuse = pedir("ana", fijar(id_))
        assert (acuse.fijado.fijado, acuse.fijado.por, acuse.mensaje_id) == (True, "ana", id_)
        assert (sobres[-1].evento, sobres[-1].cambio) == ("mensaje_fijado", 3)
        assert msgspec.json.decode(sobres[-1].datos) == msgspec.to_builtins(acuse)
        forma = forma_de(id_)
        assert (forma.fijado, forma.secuencia_cambio) == (acuse.fijado, 3)

    def test_fijar_lo_fijado_no_cambia_ni_quien_ni_cuando(
        self, decir: Any, pedir: Any, sobres: list[Sobre]
    ) -> None:
        id_ = decir("ana").mensaje_id
        Participante.objects.filter(usuario="beto").update(puede_moderar=True)
        primero = pedir("ana", fijar(id_))
        otra_vez = pedir("beto", fijar(id_))
        assert (otra_vez.fijado, otra_vez.secuencia_cambio) == (primero.fijado, 3)
        assert len(sobres) == 2

    def test_desfijar_y_repetirlo(self, decir: Any, pedir: Any, sobres: list[Sobre]) -> None:
        id_ = decir("ana").mensaje_id
        assert pedir("ana", desfijar(id_)).secuencia_cambio == 2
        pedir("ana", fijar(id_))
        for _ in range(2):
            acuse = pedir("ana", desfijar(id_))
            assert (acuse.fijado, acuse.secuencia_cambio) == (SIN_FIJAR, 4)
        assert [s.evento for s in sobres] == [
            "nuevo_mensaje",
            "mensaje_fijado",
            "mensaje_desfijado",
        ]
        assert fijados() == []

    def test_el_ultimo_en_fijarse_va_primero(self, decir: Any, pedir: Any) -> None:
        ids = [decir("ana", t).mensaje_id for t in ("uno", "dos", "tres")]
        for id_ in (ids[1], ids[2], ids[0]):
            pedir("ana", fijar(id_))
        assert [m.id for m in fijados("beto")] == [ids[0], ids[2], ids[1]]


class TestQuien:
    def test_sin_moderar_no_y_la_ajena_ni_lo_ve(self, decir: Any, pedir: Any) -> None:
        id_ = decir("beto").mensaje_id
        for carga in (fijar(id_), desfijar(id_)):
            assert rechazo(pedir, "beto", carga).codigo is CodigoError.PERMISSION_DENIED
            assert rechazo(pedir, "carla", carga).codigo is CodigoError.NOT_FOUND
        assert rechazo(pedir, "ana", fijar("nada")).codigo is CodigoError.NOT_FOUND

    def test_en_una_individual_los_dos(self, decir: Any, pedir: Any) -> None:
        Conversacion.objects.update(tipo="individual")
        id_ = decir("ana").mensaje_id
        assert pedir("beto", fijar(id_)).fijado.por == "beto"
        assert pedir("ana", desfijar(id_)).fijado == SIN_FIJAR
        assert rechazo(pedir, "carla", fijar(id_)).codigo is CodigoError.NOT_FOUND

    def test_sigue_fijado_cuando_quien_lo_fijo_sale(self, decir: Any, pedir: Any) -> None:
        Participante.objects.filter(usuario="beto").update(puede_moderar=True)
        id_ = decir("ana").mensaje_id
        pedir("beto", fijar(id_))
        pedir("ana", cargas.RemoverParticipante(conversacion_id="conv", usuario_id="beto"))
        assert [m.fijado.por for m in fijados()] == ["beto"]
        assert pedir("ana", desfijar(id_)).fijado == SIN_FIJAR

    def test_la_mesa_no_repite_ni_deja_historia_de_lo_que_no_paso(
        self, decir: Any, pedir: Any, mod: Usuario
    ) -> None:
        id_ = decir("ana").mensaje_id

        def en_la_mesa(carga: Carga) -> Any:
            return ejecutar([Orden(Actor("mod", personal=True), carga, motivo="conviene")])[0]

        assert en_la_mesa(desfijar(id_)).codigo is CodigoError.CONFLICT
        assert en_la_mesa(fijar(id_)).fijado.por == "mod"
        assert en_la_mesa(fijar(id_)).codigo is CodigoError.CONFLICT
        assert en_la_mesa(desfijar(id_)).fijado == SIN_FIJAR
        hechos = LogEntry.objects.order_by("pk").values_list("change_message", flat=True)
        assert list(hechos) == [
            "Mensaje fijado. Motivo: conviene",
            "Mensaje desfijado. Motivo: conviene",
        ]


class TestCuando:
    def test_en_una_cerrada_no(self, decir: Any, pedir: Any) -> None:
        id_ = decir("ana").mensaje_id
        pedir("ana", fijar(id_))
        Conversacion.objects.update(activa=False)
        for carga in (fijar(id_), desfijar(id_)):
            assert rechazo(pedir, "ana", carga).codigo is CodigoError.CONVERSATION_CLOSED
        # Eliminar sí se puede, y lo desfija igual.
        pedir("ana", cargas.EliminarMensaje(mensaje_id=id_))
        assert fijados() == []

    @pytest.mark.parametrize("clase", [cargas.EliminarMensaje, cargas.OcultarMensaje])
    def test_lo_retirado_queda_sin_fijar_en_la_misma_transaccion(
        self, decir: Any, pedir: Any, sobres: list[Sobre], clase: Any
    ) -> None:
        id_ = decir("beto").mensaje_id
        pedir("ana", fijar(id_))
        pedir("ana", clase(mensaje_id=id_, razon="r"), personal=True)
        assert (sobres[-1].evento, sobres[-1].cambio) == ("mensaje_eliminado", 4)
        forma = forma_de(id_)
        assert (forma.fijado, forma.eliminado.eliminado) == (SIN_FIJAR, True)
        assert fijados() == []
        assert rechazo(pedir, "ana", fijar(id_)).codigo is CodigoError.CONFLICT
        assert pedir("ana", desfijar(id_)).secuencia_cambio == 4

    def test_restaurar_no_vuelve_a_fijar(self, decir: Any, pedir: Any) -> None:
        id_ = decir("ana").mensaje_id
        pedir("ana", fijar(id_))
        pedir("ana", cargas.OcultarMensaje(mensaje_id=id_, razon="r"), personal=True)
        pedir("ana", cargas.RestaurarMensaje(mensaje_id=id_, razon="r"), personal=True)
        assert (forma_de(id_).fijado, fijados()) == (SIN_FIJAR, [])


class TestCuantos:
    def test_el_que_no_cabe_dice_que_hacer(
        self, decir: Any, pedir: Any, conversacion: Conversacion
    ) -> None:
        _llenar(conversacion, MAX_FIJADOS)
        id_ = decir("ana").mensaje_id
        error = rechazo(pedir, "ana", fijar(id_))
        assert error.codigo is CodigoError.CONFLICT
        assert "50" in error.mensaje
        assert "desfija alguno" in error.mensaje
        # Lo que ya lo está no ocupa otro sitio, y uno que se va deja el suyo.
        assert pedir("ana", fijar("lleno0")).fijado.fijado
        pedir("ana", desfijar("lleno0"))
        assert pedir("ana", fijar(id_)).fijado.fijado
        assert len(fijados()) == MAX_FIJADOS

    def test_en_un_mismo_lote_la_cuenta_es_exacta(
        self, decir: Any, conversacion: Conversacion
    ) -> None:
        _llenar(conversacion, MAX_FIJADOS - 1)
        uno, otro, tercero = (decir("ana", t).mensaje_id for t in ("1", "2", "3"))
        pedidas = (fijar(uno), fijar(otro), cargas.EliminarMensaje(mensaje_id=uno), fijar(tercero))
        resultados = ejecutar([Orden(Actor("ana"), carga) for carga in pedidas])
        negadas = [isinstance(r, ErrorMensajeria) for r in resultados]
        assert negadas == [False, True, False, False]
        assert len(fijados()) == MAX_FIJADOS

    def test_a_la_vez_no_se_pasan(self, decir: Any, conversacion: Conversacion) -> None:
        _llenar(conversacion, MAX_FIJADOS - 3)
        ids = [decir("ana", f"{i}").mensaje_id for i in range(8)]

        def intentar(id_: str) -> bool:
            try:
                [resultado] = ejecutar([Orden(Actor("ana"), fijar(id_))])
                return not isinstance(resultado, ErrorMensajeria)
            finally:
                connection.close()

        with ThreadPoolExecutor(4) as hilos:
            cabidos = list(hilos.map(intentar, ids))
        assert sum(cabidos) == 3
        assert len(fijados()) == MAX_FIJADOS


def test_los_fijados_no_recorren_los_mensajes(
    decir: Any, pedir: Any, conversacion: Conversacion, django_assert_max_num_queries: Any
) -> None:
    """El plan es el del índice, y leerlos cuesta lo mismo sean uno o cincuenta."""
    _llenar(conversacion, MAX_FIJADOS)
    decir("ana")
    with django_assert_max_num_queries(5):
        assert len(fijados()) == MAX_FIJADOS
    if connection.vendor == "sqlite":
        assert "ix_men_fijado" in fijados_de("ana", "conv").explain()
