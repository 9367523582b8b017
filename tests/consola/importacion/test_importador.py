"""Qué toma la importación, de una fuente en memoria a cada una de las tres bases."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import bson
import pytest
from django.contrib.auth.hashers import check_password

from mensajeria.consola.importacion import importador
from mensajeria.consola.importacion.importador import Importador
from mensajeria.consola.importacion.informe import Informe
from mensajeria.models import (
    Conversacion,
    Mensaje,
    Notificacion,
    Participante,
    Usuario,
)
from tests.consola.importacion.apoyo import apuntado, importar, presentados
from tests.consola.importacion.original import (
    ANA,
    BETO,
    CARLA,
    CLAVE_BCRYPT,
    GRUPO,
    NADIE,
    PAREJA,
    FuenteEnMemoria,
    base_al_azar,
    base_variada,
    conversacion,
    mensaje,
    minuto,
    oid,
    usuario,
)

pytestmark = pytest.mark.bd


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
