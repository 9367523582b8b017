"""La importación entera, de una fuente en memoria a cada una de las tres bases."""

from __future__ import annotations

import json
import threading
from pathlib import Path
from typing import Any

import bson
import pytest
from django.contrib.auth.hashers import check_password
from django.db import connection

from mensajeria import consultas
from mensajeria.base_de_datos import atomico
from mensajeria.consola.importacion import importador
from mensajeria.consola.importacion.destino import Destino
from mensajeria.consola.importacion.importador import Importador
from mensajeria.consola.importacion.informe import Informe
from mensajeria.consola.importacion.recibos import LEIDO_DE_PASO, LEIDO_SIN_QUE_CONSTE
from mensajeria.models import (
    Conversacion,
    Lectura,
    Mensaje,
    Notificacion,
    Participante,
    Reaccion,
    Usuario,
)
from mensajeria.ordenes.orden import Actor, Orden
from mensajeria.protocolo import cargas
from mensajeria.protocolo.tipos import iso
from tests.apoyo import ejecutar_una
from tests.consola.importacion.original import (
    ANA,
    BETO,
    CARLA,
    CLAVE_BCRYPT,
    GRUPO,
    NADIE,
    PAREJA,
    Base,
    FuenteEnMemoria,
    base_al_azar,
    base_variada,
    conversacion,
    lectura,
    mensaje,
    minuto,
    oid,
    participante,
    usuario,
)

pytestmark = pytest.mark.bd


@pytest.fixture
def ruta(tmp_path: Path) -> Path:
    return tmp_path / "rechazos.jsonl"


def importar(base: Base, ruta: Path, **opciones: Any) -> Informe:
    informe = Informe(ruta)
    fuente: Any = FuenteEnMemoria(base)
    try:
        Importador(fuente, informe, lambda *_: None, **opciones).importar()
    finally:
        informe.cerrar()
    return informe


def apuntado(ruta: Path) -> dict[str, list[tuple[str, str]]]:
    """Por `_id`: la clase y el campo de cada línea del archivo."""
    lineas = [json.loads(x) for x in ruta.read_text(encoding="utf-8").splitlines()]
    assert all(x["motivo"] and x["coleccion"] for x in lineas)
    por_id: dict[str, list[tuple[str, str]]] = {}
    for x in lineas:
        por_id.setdefault(x["_id"], []).append((x["clase"], x.get("campo", "")))
    return por_id


def presentados(id_: Any) -> dict[str, Any]:
    filas = consultas.con_lo_que_cita(Mensaje.objects.filter(conversacion=str(id_)))
    return {f.id: f for f in consultas.presentar_mensajes(list(filas.order_by("secuencia")))}


def foto() -> list[Any]:
    """Todo lo importado, salvo los identificadores que se inventan aquí."""
    cursores = (
        "conversacion_id",
        "usuario_id",
        "enviados",
        "enviados_leidos",
        "leido_hasta",
        "entregado_hasta",
        "leido_por_todos",
        "entregado_por_todos",
    )
    lecturas = ("participante__conversacion_id", "participante__usuario_id", "clase", "hasta")
    return [
        list(Usuario.objects.order_by("pk").values_list("pk", "username", "ultima_conexion")),
        list(Conversacion.objects.order_by("pk").values_list("pk", "ultima_secuencia", "tipo")),
        list(Mensaje.objects.order_by("pk").values_list("pk", "secuencia", "numero_de_remitente")),
        list(Participante.objects.order_by("conversacion_id", "usuario_id").values_list(*cursores)),
        sorted(Lectura.objects.values_list(*lecturas)),
        sorted(Reaccion.objects.values_list("mensaje_id", "usuario_id", "tipo")),
        list(Notificacion.objects.order_by("pk").values_list("pk", "leida")),
    ]


# Qué se toma


def test_numera_por_fecha_y_luego_por_id(base: None, ruta: Path) -> None:
    importar(base_variada(), ruta)
    orden = Mensaje.objects.filter(conversacion=str(PAREJA)).order_by("secuencia")
    esperado = [str(oid(n)) for n in (101, 102, 103, 104, 105)] + ["7", str(oid(403))]
    assert list(orden.values_list("pk", flat=True)) == esperado
    fila = Conversacion.objects.get(pk=str(PAREJA))
    assert (fila.ultima_secuencia, fila.ultimo_cambio) == (7, 8)
    assert fila.ultimo_mensaje == minuto(9)
    assert list(orden.values_list("secuencia_cambio", flat=True)) == [2, 3, 4, 5, 6, 7, 8]


def test_nada_entra_fijado(base: None, ruta: Path) -> None:
    importar(base_variada(), ruta)
    assert {f.fijado.fijado for f in presentados(PAREJA).values()} == {False}
    assert not Mensaje.objects.filter(fijado=True).exists()


def test_usuarios(base: None, ruta: Path, settings: Any) -> None:
    importar(base_variada(), ruta)
    ana, beto, carla = (Usuario.objects.get(pk=str(u)) for u in (ANA, BETO, CARLA))
    assert (ana.username, ana.nombre, ana.avatar_url) == (
        "ana@servitech.example",
        "Ana",
        "https://x.example/a.png",
    )
    assert ana.password == f"bcrypt${CLAVE_BCRYPT}"
    assert (ana.is_staff, ana.is_superuser) == (False, False)
    assert (beto.es_experto, beto.ultima_conexion) == (True, minuto(5))
    assert ana.ultima_conexion == minuto(90)
    assert (carla.is_active, carla.has_usable_password()) == (False, False)
    assert "en claro" not in ruta.read_text(encoding="utf-8")
    hojas = apuntado(ruta)
    assert ("ajustado", "roles") in hojas[str(ANA)]
    assert ("ajustado", "password") in hojas[str(CARLA)]
    assert hojas["u" * 37] == [("rechazado", "_id")]


@pytest.mark.parametrize(
    ("dice", "apuntados"),
    [
        ({"rol": "Experto", "roles": ["cliente", "Usuario", ""]}, []),
        ({"rol": "editor"}, [("rol", "editor")]),
        ({"roles": ["experto", "auditor", 7]}, [("roles", "auditor"), ("roles", 7)]),
        ({"rol": "admin", "roles": "auditor"}, [("roles", None), ("roles", "auditor")]),
    ],
)
def test_los_roles_que_aqui_no_existen_se_apuntan(
    base: None, ruta: Path, dice: dict[str, Any], apuntados: list[Any]
) -> None:
    importar({"usuarios": [usuario(ANA, "Ana", **dice)]}, ruta)
    lineas = map(json.loads, ruta.read_text().splitlines() if ruta.exists() else ())
    assert [(x["campo"], x.get("valor")) for x in lineas] == apuntados


@pytest.mark.parametrize("marca", ["$2a$", "$2b$", "$2y$"])
def test_ingresan_con_su_clave_de_siempre(
    base: None, ruta: Path, client: Any, settings: Any, marca: str
) -> None:
    settings.PASSWORD_HASHERS = [
        "django.contrib.auth.hashers.MD5PasswordHasher",
        "servitech.contrasenas.BcryptDelOriginal",
    ]
    datos = base_variada()
    datos["usuarios"][1]["password"] = CLAVE_BCRYPT.replace("$2a$", marca)
    importar(datos, ruta)

    def ingresar(clave: str) -> int:
        return int(
            client.post(
                "/api/token/",
                {"username": "beto@servitech.example", "password": clave},
                content_type="application/json",
            ).status_code
        )

    assert ingresar("Secreta") == 401
    assert ingresar("x" * 100) == 401
    assert ingresar("secreta") == 200
    # Al primer ingreso pasa a la de Django, y sigue valiendo.
    assert Usuario.objects.get(pk=str(BETO)).password.startswith("md5$")
    assert ingresar("secreta") == 200


def test_una_clave_larga_se_corta_como_en_node(settings: Any) -> None:
    settings.PASSWORD_HASHERS = ["servitech.contrasenas.BcryptDelOriginal"]
    import bcrypt

    guardada = "bcrypt$" + bcrypt.hashpw(b"x" * 72, bcrypt.gensalt(4)).decode()
    assert check_password("x" * 100, guardada)
    assert not check_password("x" * 71, guardada)


def test_conversaciones_y_participantes(base: None, ruta: Path) -> None:
    importar(base_variada(), ruta)
    grupo = Conversacion.objects.get(pk=str(GRUPO))
    assert (grupo.tipo, grupo.notificaciones_activas) == ("grupal", False)
    gente = {p.usuario_id: p for p in grupo.participantes.all()}
    assert set(gente) == {str(ANA), str(BETO), str(CARLA)}
    ana, carla = gente[str(ANA)], gente[str(CARLA)]
    assert (ana.rol, ana.puede_moderar, ana.puede_enviar) == ("moderador", True, True)
    assert (carla.rol, carla.activo, carla.enviados) == ("cliente", False, 1)
    pareja, vieja = (Conversacion.objects.get(pk=str(c)) for c in (PAREJA, oid(13)))
    assert pareja.clave_pareja is not None
    assert vieja.clave_pareja is None
    assert pareja.codigo != vieja.codigo
    hojas = apuntado(ruta)
    assert {c for _, c in hojas[str(oid(13))]} == {"codigoConversacion", "participantes"}
    assert hojas[str(oid(14))] == [("rechazado", "participantes")]
    assert {c for _, c in hojas[str(GRUPO)]} == {"participantes.2.rol", "participantes.3", "tipo"}


def test_acuses_de_la_pareja(base: None, ruta: Path) -> None:
    importar(base_variada(), ruta)
    formas = presentados(PAREJA)
    uno, dos, tres, cuatro = (formas[str(oid(n))] for n in (101, 102, 103, 104))
    assert (uno.estado, uno.fecha_entrega) == ("leido", "2025-07-06T10:31:30.000Z")
    assert [(x.usuario, x.fecha_lectura) for x in uno.lecturas] == [
        (str(BETO), "2025-07-06T10:33:00.000Z")
    ]
    assert (dos.estado, tres.estado, cuatro.estado) == ("fallido", "enviado", "entregado")
    assert cuatro.fecha_entrega == "2025-07-06T10:34:00.000Z"
    assert tres.respuesta_a.id == uno.id
    assert (uno.id_cliente, dos.id_cliente) == ("repetido", None)
    beto = Participante.objects.get(conversacion=str(PAREJA), usuario=str(BETO))
    assert (beto.leido_hasta, beto.entregado_hasta) == (1, 4)
    assert (beto.enviados, beto.enviados_leidos) == (2, 0)


def test_contenidos_y_variaciones(base: None, ruta: Path) -> None:
    importar(base_variada(), ruta)
    formas = presentados(GRUPO)
    perdido, foto_, editado, borrado, largo, enlace = formas.values()
    assert (foto_.contenido.tipo, foto_.contenido.archivo.tamano) == ("imagen", 2048)
    assert foto_.contenido.archivo.url == "/uploads/mi%20foto.png"
    assert foto_.contenido.archivo.tipo == "image/png"
    assert foto_.contenido.metadatos["de"] == str(ANA)
    assert {(r.usuario, r.tipo) for r in foto_.reacciones} == {
        (str(ANA), "angry"),
        (str(BETO), "love"),
    }
    assert [x.usuario for x in foto_.lecturas] == [str(ANA)]
    assert editado.contenido.texto == "solo un texto"
    assert [(v.texto, v.fecha) for v in editado.editado.historial] == [
        ("antes", "2025-07-06T10:32:00.000Z")
    ]
    assert (borrado.contenido.texto, borrado.eliminado.eliminado_por) == ("", str(ANA))
    assert (len(largo.contenido.texto), largo.remitente) == (5000, None)
    assert perdido.fecha_envio.startswith("2025-07-06T")
    assert (enlace.contenido.archivo, enlace.respuesta_a) == (None, None)
    fila = Mensaje.objects.get(pk=enlace.id)
    assert (fila.ip, len(fila.agente)) == ("10.0.0.1", 256)
    hojas = apuntado(ruta)
    assert ("ajustado", "contenido.archivo.url") in hojas[enlace.id]
    assert ("ajustado", "respuestaA") in hojas[enlace.id]
    assert ("ajustado", "reacciones.3") in hojas[foto_.id]
    assert {c for _, c in hojas[largo.id]} == {"remitente", "contenido.texto"}
    assert hojas[borrado.id] == [("ajustado", "contenido")]


def test_lo_imposible_queda_con_su_porque(base: None, ruta: Path) -> None:
    informe = importar(base_variada(), ruta)
    hojas = apuntado(ruta)
    rechazados = {k: v[0][1] for k, v in hojas.items() if v[0][0] == "rechazado"}
    assert rechazados == {
        "u" * 37: "_id",
        str(oid(14)): "participantes",
        str(oid(401)): "conversacion",
        str(oid(402)): "conversacion",
        "sin fecha": "fechaEnvio",
        str(oid(404)): "conversacion",
        "7": "_id",
        str(oid(302)): "usuario",
    }
    cuenta = informe.cuentas["mensajes"]
    assert (cuenta.leidos, cuenta.nuevos, cuenta.rechazados) == (18, 13, 5)
    assert informe.sin_tomar["mensajes"] == {"hilo": 1, "lecturas._id": 2}
    assert ruta.stat().st_mode & 0o077 == 0
    assert Notificacion.objects.get().acciones == [{"id": "abrir", "texto": "Abrir", "tipo": "x"}]


def test_lo_mal_codificado_no_detiene_a_los_demas(base: None, ruta: Path) -> None:
    datos = base_al_azar(2, semilla=1)
    fuente: Any = FuenteEnMemoria(datos)
    malo = bson.encode(mensaje(oid(600), PAREJA, ANA, minuto(1), contenido={"texto": "xYYYz"}))
    fuente._crudos["mensajes"] += [malo.replace(b"YYY", b"\xed\xa0\x80"), malo[:-10]]
    informe = Informe(ruta)
    Importador(fuente, informe, lambda *_: None).importar()
    informe.cerrar()
    assert Mensaje.objects.count() == 3
    assert Mensaje.objects.get(pk=str(oid(600))).texto == "x\ufffdz"
    assert json.loads(ruta.read_text().splitlines()[0])["motivo"].startswith("no se puede leer")


@pytest.mark.parametrize("tanda", [2, 1000])
def test_un_id_que_se_repite_en_la_original_se_rechaza(
    base: None, tmp_path: Path, monkeypatch: Any, tanda: int
) -> None:
    """Caigan o no en la misma tanda, y lo mismo al simular y al repetir la orden."""
    monkeypatch.setattr(importador, "TANDA", tanda)
    datos = base_al_azar(6, semilla=4)
    datos["usuarios"] += [usuario(7, "Siete"), usuario(8, "Ocho"), usuario("7", "Otra")]
    datos["conversaciones"] += [
        conversacion(7, ANA, BETO, CARLA),
        conversacion("7", ANA, BETO, CARLA, codigoConversacion="otro"),
    ]
    datos["mensajes"] += [mensaje(7, PAREJA, ANA, minuto(1)), mensaje("7", GRUPO, ANA, minuto(2))]
    datos["notificaciones"] = [
        {"_id": id_, "usuario": ANA, "titulo": "t", "fecha": minuto(1)} for id_ in (7, 8, 9, "7")
    ]
    vistos = []
    for n, simular in enumerate((True, False, False)):
        ruta = tmp_path / f"{n}.jsonl"
        informe = importar(datos, ruta, simular=simular)
        vistos.append([(c.leidos - c.ya_estaban, c.rechazados) for c in informe.cuentas.values()])
        assert (
            sorted(x for x in apuntado(ruta)["7"] if x[0] == "rechazado")
            == [("rechazado", "_id")] * 4
        )
    assert vistos[0] == vistos[1] == [(6, 1), (4, 1), (8, 1), (4, 1)]
    assert vistos[2] == [(1, 1)] * 4


def test_lo_de_fuera_de_datos_no_se_pierde_si_dentro_dice_otra_cosa(base: None, ruta: Path) -> None:
    aviso = {"_id": oid(301), "usuario": ANA, "fecha": minuto(1), "color": "rojo", "imagen": "/a"}
    dentro = {"color": "azul", "imagen": None, "categoria": "x", "prioridad": "alta"}
    datos = base_al_azar(0, semilla=1)
    mas = {"prioridad": "alta", "datos": dentro, "acciones": [None]}
    datos["notificaciones"] = [{**aviso, **mas}]
    importar(datos, ruta)
    esperado = {"color": "azul", "imagen": "/a", "categoria": "x", "prioridad": "alta"}
    aqui = Notificacion.objects.get()
    assert (aqui.datos, aqui.acciones) == (esperado, [])
    lineas = map(json.loads, ruta.read_text().splitlines())
    [linea] = [x for x in lineas if x["coleccion"] == "notificaciones"]
    assert (linea["campo"], linea["valor"]) == ("color", "rojo")


def test_un_campo_mal_codificado_tambien_se_dice(base: None, ruta: Path) -> None:
    """El mensaje entra, y uno que se rechaza queda como era."""
    datos = base_al_azar(0, semilla=1)
    fuente: Any = FuenteEnMemoria(datos)
    for id_, donde in ((oid(600), PAREJA), (oid(601), NADIE)):
        bueno = bson.encode(mensaje(id_, donde, ANA, minuto(1), otroYYY={"YYYx": 1}))
        fuente._crudos["mensajes"].append(bueno.replace(b"YYY", b"\xff\x1b\xfe"))
    informe = Informe(ruta)
    Importador(fuente, informe, lambda *_: None).importar()
    informe.cerrar()
    assert informe.sin_tomar["mensajes"] == {"otro\ufffd.\ufffdx": 1}
    assert "otro\ufffd" in "\n".join(informe.resumen())
    lineas = [json.loads(x) for x in ruta.read_text(encoding="utf-8").splitlines()]
    [rechazado] = [x["valor"] for x in lineas if x["clase"] == "rechazado"]
    assert rechazado["otro\udcff\x1b\udcfe"] == {"\udcff\x1b\udcfex": 1}


# Las cuentas


def test_las_cuentas_son_las_de_verdad(base: None, ruta: Path, monkeypatch: Any) -> None:
    """Con tandas que parten las conversaciones, contra lo que sale de contar fila a fila."""
    monkeypatch.setattr(importador, "TANDA", 23)
    datos = base_al_azar(150, semilla=3)
    importar(datos, ruta)
    ultimas: dict[tuple[str, str], int] = {}
    for m in Mensaje.objects.order_by("secuencia"):
        doc = next(d for d in datos["mensajes"] if str(d["_id"]) == m.pk)
        for x in doc["lecturas"]:
            ultimas[m.conversacion_id, str(x["usuario"])] = m.secuencia
    for c in Conversacion.objects.all():
        suyos = list(c.mensajes.order_by("secuencia"))
        assert [m.secuencia for m in suyos] == list(range(1, len(suyos) + 1))
        fechas = [(m.fecha_envio, m.pk) for m in suyos]
        assert fechas == sorted(fechas)
        assert c.ultimo_cambio == len(suyos) + 1
        gente = list(c.participantes.all())
        for p in gente:
            propios = [m for m in suyos if m.remitente_id == p.usuario_id]
            assert p.enviados == len(propios)
            assert [m.numero_de_remitente for m in propios] == list(range(1, len(propios) + 1))
            assert p.leido_hasta == ultimas[c.pk, p.usuario_id]
            assert p.enviados_leidos == sum(m.secuencia <= p.leido_hasta for m in propios)
            otros = [q for q in gente if q is not p]
            assert p.leido_por_todos == min(q.leido_hasta for q in otros)
            assert p.entregado_por_todos == min(q.entregado_hasta for q in otros)


def test_cada_lectura_conserva_su_fecha(base: None, ruta: Path) -> None:
    datos = base_al_azar(60, semilla=5)
    importar(datos, ruta)
    formas = presentados(GRUPO) | presentados(PAREJA)
    for doc in datos["mensajes"]:
        guardadas = {x.usuario: x.fecha_lectura for x in formas[str(doc["_id"])].lecturas}
        for x in doc["lecturas"]:
            fecha = x["fechaLectura"].strftime("%Y-%m-%dT%H:%M:%S.000Z")
            assert guardadas[str(x["usuario"])] == fecha


def test_la_fecha_de_entrega_es_la_suya_tambien_en_un_grupo(base: None, ruta: Path) -> None:
    datos = base_al_azar(60, semilla=9)
    for i, doc in enumerate(datos["mensajes"]):
        entregado = minuto(i / 4 + i % 3 / 10)
        doc |= {"fechaEnvio": minuto(i / 4), "fechaEntrega": entregado, "estado": "entregado"}
        doc["lecturas"] = []
    importar(datos, ruta)
    formas = presentados(GRUPO) | presentados(PAREJA)
    for doc in datos["mensajes"]:
        assert formas[str(doc["_id"])].fecha_entrega == iso(doc["fechaEntrega"])


def test_lo_que_los_acuses_dicen_de_mas_se_cuenta(base: None, ruta: Path) -> None:
    datos = base_al_azar(0, semilla=1)
    leido = [lectura(BETO, minuto(9))]
    datos["mensajes"] = [
        mensaje(oid(500), PAREJA, ANA, minuto(1)),
        mensaje(oid(501), PAREJA, ANA, minuto(2), lecturas=leido),
        mensaje(oid(502), GRUPO, ANA, minuto(3), estado="leido", lecturas=leido),
    ]
    informe = importar(datos, ruta)
    assert informe.acuses == {LEIDO_DE_PASO: 1, LEIDO_SIN_QUE_CONSTE: 1}
    assert f"mensajes: {LEIDO_DE_PASO} (1)" in list(informe.resumen())


@pytest.mark.parametrize("campo", ["fechaLectura", "lecturas"])
def test_la_lectura_de_quien_no_participa_se_apunta(base: None, ruta: Path, campo: str) -> None:
    datos = base_al_azar(0, semilla=1)
    suyas = {campo: [lectura(BETO, minuto(2)), lectura(CARLA, minuto(3))]}
    datos["mensajes"] = [mensaje(oid(500), PAREJA, ANA, minuto(1), **suyas)]
    importar(datos, ruta)
    [linea] = [json.loads(x) for x in ruta.read_text().splitlines() if str(oid(500)) in x]
    assert (linea["campo"], linea["valor"]) == (f"{campo}.1", [str(CARLA), iso(minuto(3))])
    assert [x.usuario for x in presentados(PAREJA)[str(oid(500))].lecturas] == [str(BETO)]


def test_quien_entro_tarde_no_debe_lo_anterior(base: None, ruta: Path) -> None:
    datos = base_al_azar(0, semilla=1)
    datos["conversaciones"][1]["participantes"][2]["fechaIngreso"] = minuto(5)
    datos["mensajes"] = [mensaje(oid(500 + n), GRUPO, ANA, minuto(n)) for n in range(10)]
    importar(datos, ruta)
    carla = Participante.objects.get(conversacion=str(GRUPO), usuario=str(CARLA))
    assert (carla.leido_hasta, carla.entregado_hasta) == (5, 5)
    assert not Lectura.objects.exists()


def test_sobre_lo_importado_se_sigue_hablando(base: None, ruta: Path) -> None:
    importar(base_variada(), ruta)
    carga = cargas.EnviarMensaje(
        conversacion_id=str(PAREJA), contenido=cargas.ContenidoEnviado(texto="seguimos")
    )
    acuse = ejecutar_una(Orden(Actor(str(ANA)), carga))
    assert (acuse.secuencia, acuse.secuencia_cambio) == (8, 9)
    ejecutar_una(Orden(Actor(str(BETO)), cargas.MarcarLeido(conversacion_id=str(PAREJA))))
    formas = list(presentados(PAREJA).values())
    assert [f.estado for f in formas if f.remitente.id == str(ANA)] == [
        "leido",
        "fallido",
        "leido",
        "leido",
        "leido",
        "leido",
    ]


def pedir_individual(quien: Any, con: Any) -> str:
    """La que se le da a quien pide hablar con otro."""
    carga = cargas.CrearConversacion(participantes=[cargas.ParticipanteNuevo(usuario_id=str(con))])
    return str(ejecutar_una(Orden(Actor(str(quien)), carga)).conversacion_id)


def test_la_individual_que_uno_dejo_lo_readmite(base: None, ruta: Path) -> None:
    datos = base_al_azar(0, semilla=1)
    fuera = participante(ANA, activo=False)
    datos["conversaciones"] = [conversacion(PAREJA, fuera, BETO, tipo="individual")]
    importar(datos, ruta)
    assert pedir_individual(ANA, BETO) == str(PAREJA)
    assert Participante.objects.get(conversacion=str(PAREJA), usuario=str(ANA)).activo
    assert pedir_individual(BETO, ANA) == str(PAREJA)


def test_la_individual_cerrada_es_la_suya_cuando_se_reabre(base: None, ruta: Path) -> None:
    datos = base_al_azar(0, semilla=1)
    datos["conversaciones"] = [conversacion(PAREJA, ANA, BETO, activa=False)]
    importar(datos, ruta)
    carga = cargas.ActualizarConversacion(conversacion_id=str(PAREJA), activa=True)
    ejecutar_una(Orden(Actor(str(CARLA), personal=True), carga))
    assert pedir_individual(ANA, BETO) == str(PAREJA)


def test_de_varias_individuales_se_da_la_que_siguen_las_dos(base: None, ruta: Path) -> None:
    """Aunque la cerrada o la que una dejó sean más recientes."""
    datos = base_al_azar(0, semilla=1)
    dejada = (participante(ANA, activo=False), BETO)
    datos["conversaciones"] = [
        conversacion(oid(21), ANA, BETO, activa=False, fechaUltimaActividad=minuto(9)),
        conversacion(oid(22), *dejada, fechaUltimaActividad=minuto(8)),
        conversacion(PAREJA, ANA, BETO, fechaUltimaActividad=minuto(1)),
    ]
    importar(datos, ruta)
    assert pedir_individual(ANA, BETO) == pedir_individual(BETO, ANA) == str(PAREJA)


def test_la_abierta_que_llega_en_la_segunda_vez_toma_el_sitio_de_la_cerrada(
    base: None, ruta: Path
) -> None:
    datos = base_al_azar(0, semilla=1)
    datos["conversaciones"] = [conversacion(oid(21), ANA, BETO, activa=False)]
    importar(datos, ruta)
    datos["conversaciones"].append(conversacion(PAREJA, ANA, BETO))
    importar(datos, ruta)
    assert pedir_individual(ANA, BETO) == str(PAREJA)
    datos["conversaciones"].append(conversacion(oid(22), ANA, BETO, activa=False))
    importar(datos, ruta)
    assert pedir_individual(ANA, BETO) == str(PAREJA)


# Repetir


def test_repetir_no_dobla_nada(base: None, ruta: Path, tmp_path: Path) -> None:
    importar(base_variada(), ruta)
    antes = foto()
    segunda = importar(base_variada(), tmp_path / "otra.jsonl")
    assert foto() == antes
    assert [c.nuevos for c in segunda.cuentas.values()] == [0, 0, 0, 0]
    assert segunda.cuentas["mensajes"].ya_estaban == 13


@pytest.mark.parametrize("cortes", [1, 3])
def test_cortada_a_medias_y_repetida_queda_igual(
    base: None, ruta: Path, monkeypatch: Any, cortes: int
) -> None:
    """El corte cae dentro de la transacción de una tanda cualquiera."""
    monkeypatch.setattr(importador, "TANDA", 20)
    datos = base_al_azar(120, semilla=7)
    original = Destino.guardar_hileras
    quedan = 0

    def cortar(self: Any, hileras: Any) -> None:
        nonlocal quedan
        quedan -= 1
        if quedan < 0:
            raise KeyboardInterrupt
        original(self, hileras)

    monkeypatch.setattr(Destino, "guardar_hileras", cortar)
    for quedan in range(1, cortes + 1):  # noqa: B007
        with pytest.raises(KeyboardInterrupt):
            importar(datos, ruta)
    quedan = 1000
    importar(datos, ruta)
    a_trozos = foto()
    for modelo in (Usuario, Conversacion):
        for fila in modelo.objects.all():
            fila.delete()
    Mensaje.objects.all().delete()
    importar(datos, ruta)
    de_una_vez = foto()
    # Las filas de acuses pueden partirse por otro sitio; lo que dicen es lo mismo.
    assert a_trozos[:4] + a_trozos[5:] == de_una_vez[:4] + de_una_vez[5:]


def test_espera_a_quien_retiene_lo_que_necesita(base: None, ruta: Path) -> None:
    """Como lo que deja a medias un proceso muerto, que en MongoDB dura un minuto."""
    datos = base_al_azar(0, semilla=1)
    importar(datos, ruta)
    datos["mensajes"] = [mensaje(oid(500), PAREJA, ANA, minuto(1))]
    retenida, acabada = threading.Event(), threading.Event()

    def retener() -> None:
        try:
            with atomico():
                Conversacion.objects.filter(pk=str(PAREJA)).update(descripcion="retenida")
                retenida.set()
                acabada.wait(3)
        finally:
            connection.close()

    otro = threading.Thread(target=retener)
    otro.start()
    retenida.wait()
    importar(datos, ruta)
    acabada.set()
    otro.join()
    fila = Conversacion.objects.get(pk=str(PAREJA))
    assert (fila.ultima_secuencia, fila.descripcion) == (1, "retenida")


def test_lo_nuevo_del_original_se_suma_detras(base: None, ruta: Path) -> None:
    datos = base_variada()
    importar(datos, ruta)
    carga = cargas.EnviarMensaje(
        conversacion_id=str(PAREJA), contenido=cargas.ContenidoEnviado(texto="ya aquí")
    )
    ejecutar_una(Orden(Actor(str(BETO)), carga))
    datos["mensajes"].append(
        mensaje(oid(150), PAREJA, ANA, minuto(0), lecturas=[lectura(BETO, minuto(99))])
    )
    datos["conversaciones"].append(conversacion(oid(15), ANA, CARLA))
    version = Usuario.objects.get(pk=str(ANA)).version
    importar(datos, ruta)
    assert Mensaje.objects.get(pk=str(oid(150))).secuencia == 9
    beto = Participante.objects.get(conversacion=str(PAREJA), usuario=str(BETO))
    assert (beto.leido_hasta, beto.enviados, beto.enviados_leidos) == (9, 3, 3)
    assert Usuario.objects.get(pk=str(ANA)).version == version + 1


def test_lo_viejo_que_llega_tarde_no_da_por_leido_lo_de_aqui(base: None, ruta: Path) -> None:
    datos = base_al_azar(0, semilla=1)
    importar(datos, ruta)
    carga = cargas.EnviarMensaje(
        conversacion_id=str(PAREJA), contenido=cargas.ContenidoEnviado(texto="ya aquí")
    )
    ejecutar_una(Orden(Actor(str(ANA)), carga))
    datos["mensajes"] = [mensaje(oid(500), PAREJA, ANA, minuto(-99))]
    importar(datos, ruta)
    assert Participante.objects.get(conversacion=str(PAREJA), usuario=str(BETO)).leido_hasta == 0


def test_simular_no_guarda_y_cuenta_lo_mismo(
    base: None, ruta: Path, tmp_path: Path, monkeypatch: Any
) -> None:
    monkeypatch.setattr(importador, "TANDA", 6)
    simulado = importar(base_variada(), ruta, simular=True)
    assert not Usuario.objects.exists()
    assert not Conversacion.objects.exists()
    assert not Mensaje.objects.exists()
    de_verdad = importar(base_variada(), tmp_path / "otra.jsonl")
    cuentas = [(c.nuevos, c.ajustados) for c in simulado.cuentas.values()]
    assert cuentas == [(c.nuevos, c.ajustados) for c in de_verdad.cuentas.values()]


def test_quien_escribio_sin_figurar_entra_como_quien_salio(base: None, ruta: Path) -> None:
    datos = base_al_azar(0, semilla=1)
    datos["mensajes"] = [mensaje(oid(500), PAREJA, CARLA, minuto(1))]
    importar(datos, ruta)
    fila = Participante.objects.get(conversacion=str(PAREJA), usuario=str(CARLA))
    assert (fila.activo, fila.enviados) == (False, 1)
