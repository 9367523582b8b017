"""Lo que la presentación calcula sin tocar la base: recibos, no leídos, estado y lápidas."""

from __future__ import annotations

from bisect import bisect_left
from datetime import UTC, datetime, timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from mensajeria import presentacion
from mensajeria.models import Mensaje, Participante, Reaccion, Usuario
from mensajeria.presentacion import Entorno, Recibos, estado_de, sin_leer
from mensajeria.protocolo.json_estricto import codificar
from mensajeria.protocolo.tipos import MAX_HISTORIAL, iso
from tests.protocolo.test_json_estricto import SIN_PLAZO

HORA = datetime(2025, 7, 6, 10, 30, tzinfo=UTC)


def a_las(minuto: int) -> datetime:
    return HORA + timedelta(minutes=minuto)


class TestRecibos:
    # Leyó 1–3 a la vez, entró tarde a 5 y lo siguió.
    RECIBOS = Recibos([0, 4, 5], [3, 5, 9], [a_las(1), a_las(2), a_las(3)])

    @pytest.mark.parametrize(
        ("secuencia", "minuto"),
        [(1, 1), (2, 1), (3, 1), (4, None), (5, 2), (6, 3), (9, 3), (10, None)],
    )
    def test_fecha_de(self, secuencia: int, minuto: int | None) -> None:
        assert self.RECIBOS.fecha_de(secuencia) == (minuto and a_las(minuto))

    def test_sin_acuses_nada_esta_cubierto(self) -> None:
        assert Recibos().fecha_de(1) is None

    @SIN_PLAZO
    @given(st.lists(st.integers(1, 5), max_size=8))
    def test_seguidos_cubren_todo_hasta_el_ultimo_y_nada_mas(self, saltos: list[int]) -> None:
        cortes = [0]
        for salto in saltos:
            cortes.append(cortes[-1] + salto)
        recibos = Recibos(cortes[:-1], cortes[1:], [a_las(i) for i in range(len(saltos))])
        for secuencia in range(1, cortes[-1] + 1):
            primero = bisect_left(cortes[1:], secuencia)
            assert recibos.fecha_de(secuencia) == a_las(primero)
        assert recibos.fecha_de(cortes[-1] + 1) is None


class TestSinLeer:
    @pytest.mark.parametrize(
        ("leido_hasta", "enviados", "enviados_leidos", "ultima", "quedan"),
        [
            (0, 0, 0, 0, 0),
            (0, 0, 0, 5, 5),
            (5, 0, 0, 5, 0),
            # Nada leído, y dos de los cinco son suyos.
            (0, 2, 0, 5, 3),
            # Leyó hasta 3, con uno suyo dentro y otro después.
            (3, 2, 1, 5, 1),
            (3, 2, 0, 5, 0),
            # Un cursor más nuevo que la conversación cargada no da cuentas negativas.
            (6, 0, 0, 5, 0),
        ],
    )
    def test_cuenta_lo_ajeno(
        self, leido_hasta: int, enviados: int, enviados_leidos: int, ultima: int, quedan: int
    ) -> None:
        fila = Participante(
            leido_hasta=leido_hasta, enviados=enviados, enviados_leidos=enviados_leidos
        )
        assert sin_leer(fila, ultima) == quedan

    @SIN_PLAZO
    @given(st.lists(st.booleans(), max_size=30), st.integers(0, 30))
    def test_es_lo_mismo_que_contar_los_mensajes(self, propios: list[bool], corte: int) -> None:
        leido_hasta = min(corte, len(propios))
        fila = Participante(
            leido_hasta=leido_hasta,
            enviados=sum(propios),
            enviados_leidos=sum(propios[:leido_hasta]),
        )
        assert sin_leer(fila, len(propios)) == propios[leido_hasta:].count(False)


class TestEstado:
    @pytest.mark.parametrize(
        ("entregado", "leido", "estado"),
        [
            (0, 0, "enviado"),
            (4, 0, "enviado"),
            (5, 0, "entregado"),
            (9, 4, "entregado"),
            (5, 5, "leido"),
            # Leer implica haber recibido, aunque el acuse de recibo no llegara.
            (0, 5, "leido"),
        ],
    )
    def test_segun_hasta_donde_llegaron_todos(
        self, entregado: int, leido: int, estado: str
    ) -> None:
        remitente = Participante(entregado_por_todos=entregado, leido_por_todos=leido)
        assert estado_de(Mensaje(secuencia=5), remitente) == estado

    def test_sin_remitente_queda_enviado(self) -> None:
        assert estado_de(Mensaje(secuencia=5), None) == "enviado"

    def test_fallido_gana_a_todo(self) -> None:
        remitente = Participante(entregado_por_todos=9, leido_por_todos=9)
        assert estado_de(Mensaje(secuencia=5, fallido=True), remitente) == "fallido"

    @SIN_PLAZO
    @given(*[st.integers(0, 6)] * 5)
    def test_nunca_retrocede(
        self, secuencia: int, entregado: int, leido: int, mas_entregado: int, mas_leido: int
    ) -> None:
        orden = ["enviado", "entregado", "leido"]
        fila = Mensaje(secuencia=secuencia)
        antes = estado_de(fila, Participante(entregado_por_todos=entregado, leido_por_todos=leido))
        despues = estado_de(
            fila,
            Participante(
                entregado_por_todos=entregado + mas_entregado, leido_por_todos=leido + mas_leido
            ),
        )
        assert orden.index(antes) <= orden.index(despues)


class TestMensaje:
    ANA = Usuario(pk="ana", username="ana", nombre="Ana", apellido="Alonso")

    def _fila(self, **otros: object) -> Mensaje:
        return Mensaje(
            **{
                "pk": "m1",
                "conversacion_id": "conv_test",
                "remitente": self.ANA,
                "texto": "Hola",
                "secuencia": 1,
                "secuencia_cambio": 2,
                "fecha_envio": HORA,
                **otros,
            }
        )

    def test_fechas_lecturas_y_entrega_salen_de_los_acuses(self) -> None:
        propio = Participante(usuario_id="ana", entregado_por_todos=1, leido_por_todos=1)
        leyo = {
            "ana": Recibos([0], [1], [a_las(0)]),
            "beto": Recibos([0], [1], [a_las(3)]),
            "carla": Recibos([0], [1], [a_las(2)]),
        }
        forma = presentacion.mensaje(self._fila(), Entorno([propio], leyo, leyo))
        assert forma.estado == "leido"
        assert forma.fecha_envio == "2025-07-06T10:30:00.000Z"
        assert forma.fecha_entrega == "2025-07-06T10:33:00.000Z"
        # Por fecha, y nunca quien lo escribió.
        assert [lectura.usuario for lectura in forma.lecturas] == ["carla", "beto"]

    @pytest.mark.parametrize(
        ("cambios", "reaccion", "minuto"),
        [
            ({}, None, 0),
            ({"editado": True, "fecha_edicion": a_las(4)}, None, 4),
            ({"editado": True, "fecha_edicion": a_las(4)}, 7, 7),
            ({"fijado": True, "fecha_fijado": a_las(5)}, 2, 5),
            ({"eliminado": True, "fecha_eliminacion": a_las(6)}, 7, 6),
            ({"oculto": True, "fecha_ocultacion": a_las(8)}, None, 8),
        ],
    )
    def test_desde_cuando_esta_y_cuando_cambio(
        self, cambios: dict[str, object], reaccion: int | None, minuto: int
    ) -> None:
        fila = self._fila(**cambios)
        suyas = [Reaccion(mensaje=fila, usuario_id="beto", tipo="like", fecha=a_las(reaccion or 0))]
        forma = presentacion.mensaje(fila, Entorno(), suyas if reaccion else ())
        assert forma.created_at == forma.fecha_envio == iso(HORA)
        assert forma.updated_at == iso(a_las(minuto))

    def test_las_lecturas_son_cien_como_mucho(self) -> None:
        leyo = {f"u{i:03}": Recibos([0], [1], [a_las(i)]) for i in range(120)}
        forma = presentacion.mensaje(self._fila(), Entorno(lecturas=leyo))
        assert [lectura.usuario for lectura in forma.lecturas] == [f"u{i:03}" for i in range(100)]

    @pytest.mark.parametrize(
        ("textos", "quedan"),
        [
            (["a"], ["a"]),
            (["a", "b", "c"], ["a", "b", "c"]),
            (["a", "b", "c", "d"], ["b", "c", "d"]),
            (["a" * 1_300] * 5, ["a" * 1_300] * 3),
            (["a" * 99, "b" * 1_970, "c" * 1_970], ["b" * 1_970, "c" * 1_970]),
            (["a", "b", "c" * 4_040], ["c" * 4_040]),
            (["a", "b", "😀" * 1_100], []),
            (["a", "b", "\n" * 2_100], []),
        ],
    )
    def test_del_historial_van_tres_versiones_y_cuatro_kib(
        self, textos: list[str], quedan: list[str]
    ) -> None:
        fila = self._fila(
            editado=True,
            historial=[{"texto": t, "fecha": "2025-07-06T10:30:00.000Z"} for t in textos],
        )
        editado = presentacion.mensaje(fila, Entorno()).editado
        assert [v.texto for v in editado.historial] == quedan
        assert len(codificar(editado.historial)) <= MAX_HISTORIAL
        assert editado.versiones == len(textos)
        entero = presentacion.mensaje(fila, Entorno(), entero=True).editado
        assert [v.texto for v in entero.historial] == textos

    def test_una_lapida_no_lleva_contenido(self) -> None:
        fila = self._fila(
            eliminado=True,
            fecha_eliminacion=a_las(1),
            eliminado_por="ana",
            razon_eliminacion="Sobra",
            editado=True,
            historial=[{"texto": "antes", "fecha": "2025-07-06T10:30:00.000Z"}],
            metadatos={"a": 1},
            archivo={"nombre": "a", "url": "/a", "tamano": 1, "tipo": "t"},
        )
        reacciones = [Reaccion(mensaje=fila, usuario_id="beto", tipo="like", fecha=HORA)]
        forma = presentacion.mensaje(fila, Entorno(), reacciones)
        assert (forma.contenido.texto, forma.contenido.archivo) == ("", None)
        assert (forma.contenido.metadatos, forma.editado.historial) == ({}, [])
        assert forma.editado.versiones == 0
        assert forma.reacciones == []
        assert forma.eliminado.razon == "Sobra"
        assert forma.eliminado.fecha_eliminacion == "2025-07-06T10:31:00.000Z"

    def test_lo_que_cita_una_lapida_queda_vacio(self) -> None:
        cita = self._fila(pk="m0", eliminado=True)
        forma = presentacion.mensaje(self._fila(respuesta_a=cita), Entorno())
        assert forma.respuesta_a is not None
        assert (forma.respuesta_a.id, forma.respuesta_a.texto) == ("m0", "")

    def test_quien_no_tiene_nombre_se_presenta_con_el_de_ingreso(self) -> None:
        assert presentacion.persona(Usuario(pk="beto", username="beto")).nombre == "beto"

    @pytest.mark.parametrize(
        ("username", "nombre"), [("pepa@ejemplo.com", "pepa"), ("@pepa", "pepa")]
    )
    def test_pero_nunca_con_su_correo(self, username: str, nombre: str) -> None:
        sin_nombre = Usuario(pk="pepa", username=username)
        assert presentacion.persona(sin_nombre).nombre == nombre
        assert presentacion.persona_vista(sin_nombre, en_linea=False).username == nombre
