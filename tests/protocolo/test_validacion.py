"""De un valor cualquiera a una carga, o un VALIDATION_ERROR que dice qué campo y por qué."""

from __future__ import annotations

import copy
from collections.abc import Iterator
from typing import Any

import jsonschema
import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import fields

from mensajeria.consola.documentacion import esquemas
from mensajeria.consola.documentacion.esquemas import ejemplo
from mensajeria.protocolo import cargas
from mensajeria.protocolo.avisos import CambiarAvisos
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria
from mensajeria.protocolo.eventos import CLIENTE, EventoCliente
from mensajeria.protocolo.tipos import Carga
from mensajeria.protocolo.validacion import convertir, evento_de_cliente
from tests.protocolo.test_json_estricto import JSON, SIN_PLAZO

EVENTOS = pytest.mark.parametrize("evento", CLIENTE.values(), ids=list(CLIENTE))
MENSAJE = {"conversacionId": "conv_test", "contenido": {"texto": "Hola"}}
ARCHIVO: dict[str, Any] = {
    "nombre": "a.pdf",
    "url": "/archivos/a.pdf",
    "tamano": 10,
    "tipo": "application/pdf",
}

TRANQUILAS = {"desde": "22:00", "hasta": "07:00"}

# De cada tipo de JSON, y de los límites; para cada campo se prueban los que su esquema rechaza.
VALORES: list[Any] = [
    *(None, True, False, 0, 1, -1, 1.5, 2**53, 10**30),
    *("", "x", "5", "true", "x" * 9000),
    *([], [1], ["x"], [{}], {}, {"x": "y"}),
]


def negado(valor: Any, tipo: type[Carga]) -> ErrorMensajeria:
    with pytest.raises(ErrorMensajeria) as error:
        convertir(valor, tipo)
    assert error.value.codigo is CodigoError.VALIDATION_ERROR
    return error.value


def con(datos: dict[str, Any], ruta: str, valor: Any) -> dict[str, Any]:
    """Una copia de `datos` con `valor` en `ruta`, que usa puntos."""
    copia = copy.deepcopy(datos)
    *padres, ultimo = ruta.split(".")
    hueco = copia
    for padre in padres:
        hueco = hueco[padre]
    hueco[ultimo] = valor
    return copia


def _campos() -> Iterator[Any]:
    """Cada evento con cada uno de sus campos, también los anidados: ejemplo, ruta y su esquema."""
    for evento in CLIENTE.values():
        completo = ejemplo(evento)
        if evento.nombre == "enviar_mensaje":
            completo = con(completo, "contenido.archivo", ARCHIVO)
        if evento.nombre == "cambiar_avisos":
            canales = ("aplicacion", "webpush", "fcm", "correo")
            completo = con(completo, "canales", {canal: {"tranquilas": {}} for canal in canales})
            for canal in canales:
                completo = con(completo, f"canales.{canal}.tranquilas", TRANQUILAS)
        for ruta, esquema in _rutas(esquemas.de_evento(evento.carga)):
            yield pytest.param(evento.carga, completo, ruta, esquema, id=f"{evento.nombre}-{ruta}")


def _rutas(esquema: dict[str, Any], padre: str = "") -> Iterator[tuple[str, dict[str, Any]]]:
    for campo, suyo in esquema["properties"].items():
        yield padre + campo, suyo
        for parte in (*suyo.get("allOf", ()), *suyo.get("anyOf", ())):
            if "$ref" in parte:
                nombre = parte["$ref"].removeprefix(esquemas.REFERENCIA)
                yield from _rutas(esquemas.formas()[nombre], f"{padre}{campo}.")


class TestTodosLosCampos:
    @pytest.mark.parametrize(("tipo", "datos", "ruta", "esquema"), list(_campos()))
    def test_lo_que_el_esquema_rechaza_se_niega_con_su_campo(
        self, tipo: type[Carga], datos: dict[str, Any], ruta: str, esquema: dict[str, Any]
    ) -> None:
        entero = {**esquema, "components": {"schemas": esquemas.formas()}}
        cumple = jsonschema.Draft202012Validator(entero).is_valid
        malos = [v for v in VALORES if not cumple(v)]
        assert len(malos) >= 9
        for valor in malos:
            error = negado(con(datos, ruta, valor), tipo)
            assert error.campo is not None, valor
            # Un objeto de dentro puede culpar a un campo suyo.
            assert (error.campo + ".").startswith((f"{ruta}.", f"{ruta}[")), (valor, error.campo)
            assert f"«{error.campo}»" in error.mensaje

    @EVENTOS
    def test_lo_obligatorio_no_puede_faltar(self, evento: EventoCliente) -> None:
        for campo in esquemas.de_evento(evento.carga)["required"]:
            datos = {c: v for c, v in ejemplo(evento).items() if c != campo}
            error = negado(datos, evento.carga)
            assert (error.campo, error.mensaje) == (campo, f"Falta el campo «{campo}»")

    @EVENTOS
    def test_lo_desconocido_se_ignora(self, evento: EventoCliente) -> None:
        datos = ejemplo(evento)
        assert convertir({**datos, "nada": 1, "usuario": "carla"}, evento.carga) == convertir(
            datos, evento.carga
        )

    @EVENTOS
    @pytest.mark.parametrize("valor", [None, True, 1, 1.5, "x", [], [{}]], ids=repr)
    def test_lo_que_no_es_un_objeto_se_niega(self, evento: EventoCliente, valor: Any) -> None:
        if not evento.carga.__struct_fields__:
            # Sin campos, no hay nada que mirar.
            assert convertir(valor, evento.carga) == evento.carga()
            return
        error = negado(valor, evento.carga)
        assert error.campo is None
        assert error.mensaje == "El contenido del evento no es válido: se esperaba un objeto"


@SIN_PLAZO
@given(st.sampled_from(list(CLIENTE.values())), JSON)
def test_cualquier_json_da_una_carga_o_un_error(evento: EventoCliente, valor: Any) -> None:
    try:
        assert isinstance(convertir(valor, evento.carga), evento.carga)
    except ErrorMensajeria as error:
        assert error.codigo is CodigoError.VALIDATION_ERROR


@SIN_PLAZO
@given(st.dictionaries(st.sampled_from(["texto", "tipo", "archivo", "metadatos"]), JSON))
def test_cualquier_contenido_tambien(contenido: dict[str, Any]) -> None:
    try:
        convertir({**MENSAJE, "contenido": contenido}, cargas.EnviarMensaje)
    except ErrorMensajeria as error:
        assert error.campo is not None
        assert error.campo.startswith("contenido")


@pytest.mark.parametrize(
    ("tipo", "datos", "campo", "motivo"),
    [
        (cargas.Autenticar, {"token": 5}, "token", "se esperaba un texto"),
        (cargas.Autenticar, {"token": ""}, "token", "se esperaba un texto de largo como poco 1"),
        (
            cargas.MarcarLeido,
            {"conversacionId": "c" * 37},
            "conversacionId",
            "se esperaba un texto de largo como mucho 36",
        ),
        (
            cargas.MarcarEntregado,
            {"conversacionId": "c", "hastaSecuencia": -1},
            "hastaSecuencia",
            "se esperaba un entero como poco 0",
        ),
        (
            cargas.Escribiendo,
            {"conversacionId": "c", "escribiendo": 1},
            "escribiendo",
            "se esperaba true o false",
        ),
        (
            cargas.EnviarMensaje,
            {**MENSAJE, "prioridad": "máxima"},
            "prioridad",
            "no es uno de los valores admitidos",
        ),
        (
            cargas.EnviarMensaje,
            con(MENSAJE, "contenido.archivo", {**ARCHIVO, "url": "javascript:alert(1)"}),
            "contenido.archivo.url",
            "el formato no se admite",
        ),
        (
            cargas.EnviarMensaje,
            {**MENSAJE, "respuestaA": 5},
            "respuestaA",
            "se esperaba un texto o null",
        ),
        (
            cargas.CrearConversacion,
            {"participantes": [{"usuarioId": "ana"}, {"usuarioId": 5}]},
            "participantes[1].usuarioId",
            "se esperaba un texto",
        ),
    ],
)
def test_dice_el_campo_y_que_se_esperaba(
    tipo: type[Carga], datos: dict[str, Any], campo: str, motivo: str
) -> None:
    error = negado(datos, tipo)
    assert error.campo == campo
    assert error.mensaje == f"El campo «{campo}» no es válido: {motivo}"


class TestEnviarMensaje:
    def test_lo_minimo(self) -> None:
        carga = convertir(MENSAJE, cargas.EnviarMensaje)
        assert carga == cargas.EnviarMensaje(
            conversacion_id="conv_test", contenido=cargas.ContenidoEnviado(texto="Hola")
        )
        assert carga.urgencia == "normal"

    def test_como_lo_envia_la_semilla(self) -> None:
        carga = convertir(
            {
                "conversacionId": "conv_123",
                "contenido": {
                    "texto": "Hola, ¿cómo estás?",
                    "tipo": "texto",
                    "archivo": None,
                    "metadatos": {},
                },
                "tipo": "texto",
                "respuestaA": "mensaje_id",
                "prioridad": "normal",
            },
            cargas.EnviarMensaje,
        )
        assert carga.respuesta_a == "mensaje_id"
        assert carga.contenido.metadatos == {}

    @pytest.mark.parametrize("texto", ["", " ", "\n\t", "\u00a0\u3000"])
    def test_sin_texto_ni_archivo_no_hay_mensaje(self, texto: str) -> None:
        error = negado(con(MENSAJE, "contenido.texto", texto), cargas.EnviarMensaje)
        assert error.campo == "contenido.texto"
        assert error.mensaje == "El mensaje necesita un texto o un archivo"

    def test_un_archivo_basta(self) -> None:
        carga = convertir({**MENSAJE, "contenido": {"archivo": ARCHIVO}}, cargas.EnviarMensaje)
        assert carga.contenido.archivo == cargas.ArchivoEnviado(**ARCHIVO)

    def test_el_texto_cuenta_caracteres_y_no_bytes(self) -> None:
        convertir(con(MENSAJE, "contenido.texto", "😀" * 5000), cargas.EnviarMensaje)
        error = negado(con(MENSAJE, "contenido.texto", "a" * 5001), cargas.EnviarMensaje)
        assert error.campo == "contenido.texto"

    @pytest.mark.parametrize("campo", ["id", "_id"])
    def test_de_uno_subido_basta_su_identificador(self, campo: str) -> None:
        carga = convertir(
            {**MENSAJE, "contenido": {"archivo": {campo: "abc"}}}, cargas.EnviarMensaje
        )
        assert carga.archivo_subido == "abc"

    @pytest.mark.parametrize("falta", ["nombre", "url"])
    def test_de_uno_de_fuera_hacen_falta_su_nombre_y_su_direccion(self, falta: str) -> None:
        archivo = {k: v for k, v in ARCHIVO.items() if k != falta}
        error = negado({**MENSAJE, "contenido": {"archivo": archivo}}, cargas.EnviarMensaje)
        assert error.campo == f"contenido.archivo.{falta}"

    def test_un_archivo_ocupa_10_mb_como_mucho(self) -> None:
        datos = con(MENSAJE, "contenido.archivo", {**ARCHIVO, "tamano": 10 * 1024 * 1024})
        convertir(datos, cargas.EnviarMensaje)
        datos["contenido"]["archivo"]["tamano"] += 1
        with pytest.raises(ErrorMensajeria) as error:
            convertir(datos, cargas.EnviarMensaje)
        assert error.value.codigo is CodigoError.PAYLOAD_TOO_LARGE
        assert error.value.campo == "contenido.archivo.tamano"

    @pytest.mark.parametrize("url", ["http://a.es/x", "https://a.es/x", "/archivos/1"])
    def test_direcciones_que_valen(self, url: str) -> None:
        convertir(con(MENSAJE, "contenido.archivo", {**ARCHIVO, "url": url}), cargas.EnviarMensaje)

    @pytest.mark.parametrize(
        "url", ["", "x", "//otro.es/x", "data:text/html,x", " https://a.es", "ftp://a.es"]
    )
    def test_direcciones_que_no(self, url: str) -> None:
        datos = con(MENSAJE, "contenido.archivo", {**ARCHIVO, "url": url})
        assert negado(datos, cargas.EnviarMensaje).campo == "contenido.archivo.url"

    @pytest.mark.parametrize(
        ("metadatos", "motivo"),
        [
            ({"a": "x" * 8192}, "ocupa más de 8192 bytes de JSON"),
            ({"a": {"b": {"c": {"d": {"e": {}}}}}}, "tiene más de 5 niveles"),
            ({"a": [2**63]}, "lleva un entero de más de 64 bits, o binario"),
            ({"a": 10**400}, "lleva un entero de más de 64 bits, o binario"),
        ],
    )
    def test_los_metadatos_tienen_limites(self, metadatos: dict[str, Any], motivo: str) -> None:
        error = negado(con(MENSAJE, "contenido.metadatos", metadatos), cargas.EnviarMensaje)
        assert error.campo == "contenido.metadatos"
        assert error.mensaje == f"«contenido.metadatos» {motivo}"

    def test_los_metadatos_llegan_hasta_el_limite(self) -> None:
        justos: list[Any] = [{"a": "x" * 8184}, {"a": {"b": {"c": {"d": {}}}}}]
        for metadatos in justos:
            convertir(con(MENSAJE, "contenido.metadatos", metadatos), cargas.EnviarMensaje)

    def test_sistema_es_solo_del_servidor(self) -> None:
        assert negado({**MENSAJE, "tipo": "sistema"}, cargas.EnviarMensaje).campo == "tipo"
        dentro = con(MENSAJE, "contenido.tipo", "sistema")
        assert negado(dentro, cargas.EnviarMensaje).campo == "contenido.tipo"

    @pytest.mark.parametrize(
        ("archivo", "tamano", "tipo"),
        [
            ({}, 0, "application/octet-stream"),
            ({"tamano": None, "tipo": None}, 0, "application/octet-stream"),
            ({"tamaño": 7, "mimeType": "image/png"}, 7, "image/png"),
            ({"tamano": 0, "tamaño": 7, "tipo": "a/b", "mimeType": "c/d"}, 0, "a/b"),
        ],
    )
    def test_un_archivo_con_los_campos_del_original(
        self, archivo: dict[str, Any], tamano: int, tipo: str
    ) -> None:
        minimo = {"nombre": "a.png", "url": "/a.png"}
        datos = {**MENSAJE, "contenido": {"archivo": {**minimo, **archivo}}}
        enviado = convertir(datos, cargas.EnviarMensaje).contenido.archivo
        assert enviado is not None
        assert enviado.guardado() == {**minimo, "tamano": tamano, "tipo": tipo}

    def test_el_tamaño_del_original_tiene_el_mismo_limite(self) -> None:
        datos = con(MENSAJE, "contenido.archivo", {**ARCHIVO, "tamaño": 10 * 2**20 + 1})
        with pytest.raises(ErrorMensajeria) as error:
            convertir(datos, cargas.EnviarMensaje)
        assert error.value.campo == "contenido.archivo.tamaño"

    @pytest.mark.parametrize(
        ("tipo", "datos"),
        [
            ("ubicacion", {"latitud": 4.6, "longitud": -74, "direccion": "Bogotá"}),
            ("ubicacion", {"latitud": -90, "longitud": 180}),
            ("contacto", {"nombre": "Ana", "telefono": "+57 300 000", "email": "a@x.co"}),
            ("contacto", {"telefono": "300"}),
        ],
    )
    @pytest.mark.parametrize("fuera", [True, False])
    def test_los_datos_de_su_tipo_bastan(
        self, tipo: str, datos: dict[str, Any], fuera: bool
    ) -> None:
        contenido = {"metadatos": {tipo: datos, "mas": 1}}
        mensaje = {"conversacionId": "c", "contenido": contenido}
        entero = mensaje | {"tipo": tipo} if fuera else con(mensaje, "contenido.tipo", tipo)
        carga = convertir(entero, cargas.EnviarMensaje)
        assert (carga.clase, carga.contenido.metadatos) == (tipo, {tipo: datos, "mas": 1})

    @pytest.mark.parametrize(
        ("tipo", "datos", "campo"),
        [
            ("ubicacion", {"latitud": 91, "longitud": 0}, ".latitud"),
            ("ubicacion", {"latitud": 0, "longitud": -180.5}, ".longitud"),
            ("ubicacion", {"latitud": "4.6", "longitud": 0}, ".latitud"),
            ("ubicacion", {"latitud": True, "longitud": 0}, ".latitud"),
            ("ubicacion", {"latitud": 4.6}, ".longitud"),
            ("ubicacion", {"latitud": 0, "longitud": 0, "direccion": 5}, ".direccion"),
            ("ubicacion", "Bogotá", ""),
            ("contacto", {"nombre": 5}, ".nombre"),
            ("contacto", {"nombre": "x" * 201}, ".nombre"),
            ("contacto", {"nombre": " ", "telefono": "", "email": None}, ""),
            ("contacto", {}, ""),
            ("contacto", ["Ana"], ""),
        ],
    )
    def test_los_datos_de_su_tipo_han_de_estar_bien(
        self, tipo: str, datos: Any, campo: str
    ) -> None:
        mensaje = {**con(MENSAJE, "contenido.metadatos", {tipo: datos}), "tipo": tipo}
        assert negado(mensaje, cargas.EnviarMensaje).campo == f"contenido.metadatos.{tipo}{campo}"
        # En uno de otro tipo, `metadatos` es un objeto libre.
        convertir({**mensaje, "tipo": "texto"}, cargas.EnviarMensaje)

    @pytest.mark.parametrize("tipo", ["ubicacion", "contacto"])
    def test_con_texto_no_hacen_falta_y_sin_nada_lo_dice(self, tipo: str) -> None:
        for metadatos in (None, {}, {tipo: None}):
            mensaje = {**con(MENSAJE, "contenido.metadatos", metadatos), "tipo": tipo}
            convertir(mensaje, cargas.EnviarMensaje)
            error = negado(con(mensaje, "contenido.texto", " "), cargas.EnviarMensaje)
            assert error.campo == f"contenido.metadatos.{tipo}"


@pytest.mark.parametrize(
    ("pedida", "guardada"),
    [
        *((r, r) for r in ("like", "love", "laugh", "surprise", "sad", "angry", "thumbs_down")),
        ("wow", "surprise"),
        ("thumbs_up", "like"),
        (None, "like"),
    ],
)
def test_una_reaccion_tambien_por_el_nombre_del_original(pedida: str | None, guardada: str) -> None:
    datos = {"mensajeId": "m", "tipo": pedida}
    assert convertir(datos, cargas.AgregarReaccion).reaccion == guardada
    assert convertir(datos, cargas.QuitarReaccion).reaccion == (guardada if pedida else None)


def test_una_reaccion_sin_tipo_es_like_y_quitarla_sin_tipo_la_que_haya() -> None:
    assert convertir({"mensajeId": "m"}, cargas.AgregarReaccion).reaccion == "like"
    assert convertir({"mensajeId": "m"}, cargas.QuitarReaccion).reaccion is None


def test_editar_no_deja_el_texto_en_blanco() -> None:
    error = negado({"mensajeId": "m", "texto": " \n"}, cargas.EditarMensaje)
    assert (error.campo, error.mensaje) == ("texto", "El texto no puede quedar en blanco")


def test_los_cursores_tienen_clave_valor_y_numero_acotados() -> None:
    bien = {f"c{i}": i for i in range(200)}
    malos = [{**bien, "otro": 1}, {"": 1}, {"c" * 37: 1}, {"c": -1}, {"c": 1.5}, {"c": "1"}]
    assert convertir({"cursores": bien}, cargas.Reanudar).cursores == bien
    for cursores in malos:
        campo = negado({"cursores": cursores}, cargas.Reanudar).campo
        assert campo is not None
        assert campo.startswith("cursores")


@pytest.mark.parametrize("tipo", [cargas.CrearConversacion, cargas.ActualizarConversacion])
def test_la_configuracion_de_privacidad_tiene_los_limites_de_los_metadatos(
    tipo: type[Carga],
) -> None:
    base = {"conversacionId": "c", "participantes": [{"usuarioId": "ana"}]}
    configuracion = {"configuracionPrivacidad": {"a": "x" * 8192}}
    error = negado({**base, "configuracion": configuracion}, tipo)
    assert error.campo == "configuracion.configuracionPrivacidad"
    convertir({**base, "configuracion": {"avatar": ""}}, tipo)


@pytest.mark.parametrize("valor", ["22:00\n", "\n22:00", "24:00", "22:60", "2:00", "22:00 "])
def test_una_hora_es_una_hora_y_nada_mas(valor: str) -> None:
    tranquilas = {"tranquilas": {**TRANQUILAS, "desde": valor}}
    error = negado({"canales": {"fcm": tranquilas}}, CambiarAvisos)
    assert error.campo == "canales.fcm.tranquilas.desde"
    convertir({"canales": {"fcm": {"tranquilas": TRANQUILAS}}}, CambiarAvisos)


@pytest.mark.parametrize("valor", ["\n", "/a.png\n", "https://x.com/a.png\n"])
def test_una_direccion_no_acaba_en_un_salto(valor: str) -> None:
    configuracion = {"conversacionId": "c", "configuracion": {"avatar": valor}}
    assert negado(configuracion, cargas.ActualizarConversacion).campo == "configuracion.avatar"
    archivo = {**MENSAJE, "contenido": {"archivo": {**ARCHIVO, "url": valor}}}
    assert negado(archivo, cargas.EnviarMensaje).campo == "contenido.archivo.url"


@pytest.mark.parametrize(
    "nombre", ["", "nada", "AUTENTICAR", "nuevo_mensaje", "connect", "__class__"]
)
def test_un_evento_que_no_esta_en_el_catalogo(nombre: str) -> None:
    with pytest.raises(ErrorMensajeria) as error:
        evento_de_cliente(nombre)
    assert error.value.codigo is CodigoError.UNKNOWN_EVENT
    assert evento_de_cliente("ping").carga is cargas.Ping


@pytest.mark.parametrize("texto", ["", "  ", "\u200b\u2060", "\u3164", "\u2800\n"], ids=ascii)
def test_lo_que_no_se_ve_esta_en_blanco(texto: str) -> None:
    error = negado(con(MENSAJE, "contenido.texto", texto), cargas.EnviarMensaje)
    assert error.campo == "contenido.texto"
    error = negado({"mensajeId": "m", "texto": texto}, cargas.EditarMensaje)
    assert error.campo == "texto"
    sin_nombre = {**MENSAJE, "contenido": {"archivo": {**ARCHIVO, "nombre": texto}}}
    assert negado(sin_nombre, cargas.EnviarMensaje).campo == "contenido.archivo.nombre"
    convertir({**MENSAJE, "contenido": {"texto": texto, "archivo": ARCHIVO}}, cargas.EnviarMensaje)


@pytest.mark.parametrize(
    ("dicho", "quien"), [({}, None), ({"usuarioId": "42"}, "42"), ({"usuarioId": 42}, "42")]
)
def test_quien_dice_ser_va_como_en_el_token(dicho: dict[str, Any], quien: str | None) -> None:
    assert convertir({"token": "x", **dicho}, cargas.Autenticar).quien_dice == quien
    for malo in (True, 4.2, ["42"]):
        with pytest.raises(ErrorMensajeria):
            convertir({"token": "x", "usuarioId": malo}, cargas.Autenticar)


CARGAS = [
    tipo
    for tipo in vars(cargas).values()
    if isinstance(tipo, type) and issubclass(tipo, Carga) and tipo is not Carga
]


@pytest.mark.parametrize("tipo", CARGAS)
def test_en_lo_que_puede_faltar_null_es_como_si_faltara(tipo: type[Carga]) -> None:
    for campo in fields(tipo):
        # Donde hay tres cosas que decir, `null` es una.
        if not campo.required and campo.default is not msgspec.UNSET:
            assert campo.default is None, campo.name
            assert msgspec.convert(None, campo.type) is None


def test_un_mensaje_con_null_en_todo_lo_que_puede_faltar() -> None:
    nulos = dict.fromkeys(("tipo", "respuestaA", "prioridad", "idCliente"))
    dentro = dict.fromkeys(("texto", "tipo", "metadatos"))
    valor = {**MENSAJE, **nulos, "contenido": {**dentro, "archivo": ARCHIVO}}
    carga = convertir(valor, cargas.EnviarMensaje)
    assert (carga.clase, carga.urgencia, carga.contenido.dicho) == ("texto", "normal", "")
    sin_nada = {**valor, "contenido": {**dentro, "archivo": None}}
    assert negado(sin_nada, cargas.EnviarMensaje).campo == "contenido.texto"
