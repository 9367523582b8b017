"""Los ejemplos del documento de OpenAPI, pedidos a un servidor: lo que dicen es lo que pasa.

`GRABAR=1` los escribe como hayan salido, para una operación nueva o que cambió.
"""

from __future__ import annotations

import json
import os
import re
from collections.abc import Iterator, Mapping
from typing import Any, NamedTuple

import jsonschema
import pytest
import requests
from django.core.management import call_command

from mensajeria.api.descripcion import EJEMPLOS
from tests.archivos import muestras
from tests.avisos.servicio import Navegador
from tests.avisos.test_webpush import CLAVE
from tests.servicios import PACIENCIA, Servidor

pytestmark = pytest.mark.elige_base

HOLA = {"contenido": {"texto": "Hola, ¿cómo estás?"}, "idCliente": "m-1"}


class Paso(NamedTuple):
    """Una operación pedida por esa persona. `guarda`, con qué nombre se llamará a lo que crea."""

    operacion: str
    quien: str | None = "ana"
    ruta: Mapping[str, str] = {}
    consulta: Mapping[str, Any] = {}
    cuerpo: Mapping[str, Any] | None = None
    archivo: bytes = b""
    guarda: str = ""


CONV = {"id": "conv_test"}
MENSAJE = {"id": "{mensaje}"}
# En un orden en que cada uno deja lo que el siguiente necesita.
GUION = (
    Paso("probar", None),
    Paso("ver_indice", None),
    Paso("obtener_token", None, cuerpo={"username": "ana", "password": "demo"}, guarda="tokens"),
    Paso("renovar_tokens", None, cuerpo={"refresh": "{refresh}"}),
    Paso("ver_mi_perfil"),
    Paso("cambiar_mi_perfil", cuerpo={"apellido": "Alonso Vega"}),
    Paso("poner_mi_avatar", archivo=muestras.foto()),
    Paso("quitar_mi_avatar"),
    Paso("buscar_usuarios", consulta={"q": "usuario prue"}),
    Paso("ver_usuario", ruta={"id": "beto"}),
    Paso(
        "crear_conversacion",
        cuerpo={
            "participantes": [{"usuarioId": "beto"}],
            "tipo": "grupal",
            "configuracion": {"nombrePersonalizado": "Reforma de la cocina"},
        },
        guarda="conversacion",
    ),
    Paso("listar_conversaciones", consulta={"noLeidos": False, "limite": 1}),
    Paso("ver_conversacion", ruta={"id": "{conversacion}"}),
    Paso(
        "actualizar_conversacion",
        ruta={"id": "{conversacion}"},
        cuerpo={"configuracion": {"descripcion": "Fontanería y azulejos"}},
    ),
    Paso("poner_avatar_de_conversacion", ruta={"id": "{conversacion}"}, archivo=muestras.foto()),
    Paso("quitar_avatar_de_conversacion", ruta={"id": "{conversacion}"}),
    Paso(
        "cambiar_preferencias",
        ruta={"id": "{conversacion}"},
        cuerpo={"silenciadaHasta": "siempre", "anclada": True},
    ),
    Paso("agregar_participante", ruta={"id": "{conversacion}"}, cuerpo={"usuarioId": "carla"}),
    Paso("listar_participantes", ruta={"id": "{conversacion}"}),
    Paso(
        "cambiar_participante",
        ruta={"id": "{conversacion}", "usuario_id": "carla"},
        cuerpo={"permisos": {"puedeModerar": True}},
    ),
    Paso("remover_participante", ruta={"id": "{conversacion}", "usuario_id": "carla"}),
    Paso("enviar_mensaje", ruta=CONV, cuerpo=HOLA, guarda="mensaje"),
    Paso("listar_mensajes", "beto", ruta=CONV, consulta={"desdeCambio": 0, "limite": 10}),
    Paso("ver_mensaje", ruta=MENSAJE),
    Paso("leer_mensaje", "beto", ruta=MENSAJE),
    Paso("ver_recibos", ruta=MENSAJE),
    Paso("leer_conversacion", "beto", ruta=CONV),
    Paso("editar_mensaje", ruta=MENSAJE, cuerpo={"texto": "Hola, ¿qué tal?"}),
    Paso("buscar", consulta={"q": "hola", "conversacion": "conv_test", "limite": 1}),
    Paso("agregar_reaccion", "beto", ruta=MENSAJE, cuerpo={"tipo": "love"}),
    Paso("quitar_reaccion", "beto", ruta=MENSAJE),
    Paso("fijar_mensaje", ruta=MENSAJE),
    Paso("listar_fijados", ruta=CONV),
    Paso("desfijar_mensaje", ruta=MENSAJE),
    Paso("eliminar_mensaje", ruta=MENSAJE, cuerpo={"razon": "Me equivoqué de persona"}),
    Paso("subir_archivo", archivo=muestras.foto(), guarda="archivo"),
    Paso("listar_archivos"),
    Paso("ver_archivo", ruta={"id": "{archivo}"}),
    Paso("bajar_archivo", ruta={"id": "{archivo}"}),
    Paso("bajar_miniatura_pequena", ruta={"id": "{archivo}"}),
    Paso("bajar_miniatura_mediana", ruta={"id": "{archivo}"}),
    Paso("borrar_archivo", ruta={"id": "{archivo}"}),
    Paso("subir_archivo_a_conversacion", ruta=CONV, archivo=muestras.foto()),
    Paso("listar_notificaciones", "carla", consulta={"limite": 1}, guarda="notificacion"),
    Paso("leer_notificacion", "carla", ruta={"id": "{notificacion}"}),
    Paso("ver_mis_avisos"),
    Paso(
        "cambiar_mis_avisos",
        cuerpo={"zona": "America/Bogota", "canales": {"webpush": {"muestra": "quien"}}},
    ),
    Paso(
        "registrar_dispositivo",
        cuerpo={
            "canal": "webpush",
            "punto": "https://updates.push.services.mozilla.com/wpush/v2/gAAAAABo",
            "claves": Navegador(privada=bytes([1] * 32)).claves,
        },
        guarda="dispositivo",
    ),
    Paso("listar_dispositivos"),
    Paso("probar_dispositivo", ruta={"id": "aplicacion"}),
    Paso("olvidar_dispositivo", ruta={"id": "{dispositivo}"}),
    Paso("ver_estadisticas"),
    Paso("listar_sesiones", guarda="sesion"),
    Paso("acabar_las_demas_sesiones"),
    Paso("acabar_sesion", ruta={"id": "{sesion}"}),
    Paso("revocar_tokens", "beto"),
)


class Escena:
    """Lo que va habiendo en el servidor: quién tiene qué token, y cómo se llama cada cosa."""

    def __init__(self, servidor: Servidor, documento: dict[str, Any]) -> None:
        self.servidor = servidor
        self.operaciones = {
            operacion["operationId"]: (metodo, camino, operacion)
            for camino, metodos in documento["paths"].items()
            for metodo, operacion in metodos.items()
        }
        self.nombres: dict[str, str] = {}
        self._estables: dict[str, str] = {}

    def pedir(self, paso: Paso) -> tuple[dict[str, Any], requests.Response]:
        """El ejemplo de esa operación, con lo que varía de una vez a otra puesto fijo."""
        metodo, camino, _ = self.operaciones[paso.operacion]
        ruta, cuerpo = self._con_nombres(paso.ruta), self._con_nombres(paso.cuerpo)
        token = self.nombres.get("access") if paso.quien == "ana" else None
        token = token or (paso.quien and self.servidor.token(paso.quien))
        respuesta = requests.request(
            metodo,
            self.servidor.url + camino.format(**ruta),
            params={k: str(v).lower() for k, v in paso.consulta.items()},
            json=cuerpo,
            files={"archivo": ("cocina.jpg", paso.archivo)} if paso.archivo else None,
            headers={
                "User-Agent": "Mozilla/5.0 (Windows NT 10.0) Chrome/140.0",
                **({"Authorization": f"Bearer {token}"} if token else {}),
            },
            timeout=PACIENCIA,
        )
        contestado = respuesta.json() if _es_json(respuesta) else None
        self._guardar(paso.guarda, contestado)
        ejemplo = {
            "ruta": ruta,
            "consulta": dict(paso.consulta),
            "cuerpo": cuerpo,
            "estado": respuesta.status_code,
            "respuesta": contestado,
        }
        return self._estable({k: v for k, v in ejemplo.items() if v not in ({}, None)}), respuesta

    def _con_nombres(self, valor: Any) -> Any:
        texto = json.dumps(valor)
        for nombre, suyo in self.nombres.items():
            texto = texto.replace(f"{{{nombre}}}", suyo)
        return json.loads(texto)

    def _guardar(self, nombre: str, contestado: Any) -> None:
        if nombre == "tokens":
            self.nombres |= contestado
        elif nombre in ("sesion", "notificacion"):
            filas = contestado if nombre == "sesion" else contestado["results"]
            self.nombres[nombre] = filas[0]["_id"]
        elif nombre:
            self.nombres[nombre] = contestado["_id"]

    def _estable(self, ejemplo: dict[str, Any]) -> dict[str, Any]:
        texto = json.dumps(ejemplo, ensure_ascii=False)
        texto = texto.replace(self.servidor.url, "http://localhost:3000")
        for patron, en_su_lugar in (
            (r"\d{4}-\d\d-\d\dT[\d:.]+Z", "2025-07-06T10:30:00.000Z"),
            (r"eyJ[\w-]+\.[\w-]+\.[\w-]+", "eyJhbGciOiJIUzI1NiIs…"),
            (r"firma=[^\"&]+", "firma=WyI2ODZh…"),
            (r"cursor=[^\"&]+", "cursor=cD0yMDI1…"),
            (r"/avatares/[0-9a-f-]+/", "/avatares/686a…/"),
            (r"CONV-\d+-\w{6}", "CONV-1751797800000-A1B2C3"),
            (r'"epoca": "[^"]*"', '"epoca": "9f2c41d07ab3"'),
            (r'"borroso": "[^"]*"', '"borroso": "data:image/webp;base64,UklGR…"'),
            (r'"(tamano|totalSockets|usuariosConectados)": \d+', r'"\1": 0'),
        ):
            texto = re.sub(patron, en_su_lugar, texto)
        return json.loads(re.sub(r"\b[0-9a-f]{24}\b", self._id_estable, texto))

    def _id_estable(self, hallado: re.Match[str]) -> str:
        return self._estables.setdefault(
            hallado[0], f"686a507800000000000000{len(self._estables):02x}"
        )


def _es_json(respuesta: requests.Response) -> bool:
    return respuesta.headers.get("Content-Type", "").startswith("application/json")


@pytest.fixture(scope="module")
def documento(tmp_path_factory: pytest.TempPathFactory) -> dict[str, Any]:
    ruta = tmp_path_factory.mktemp("esquema") / "esquema.json"
    call_command("spectacular", format="openapi-json", file=str(ruta))
    return json.loads(ruta.read_text())


@pytest.fixture(scope="module")
def pedidos(
    tmp_path_factory: pytest.TempPathFactory, documento: dict[str, Any]
) -> Iterator[list[tuple[Paso, dict[str, Any], requests.Response]]]:
    carpeta = tmp_path_factory.mktemp("ejemplos")
    # Sin nadie que saque los avisos: cada vez, lo mismo.
    with Servidor(carpeta, VAPID_CLAVE=CLAVE, AVISOS="aparte") as servidor:
        escena = Escena(servidor, documento)
        hechos = [(paso, *escena.pedir(paso)) for paso in GUION]
    if os.environ.get("GRABAR"):
        grabados = {paso.operacion: ejemplo for paso, ejemplo, _ in hechos}
        EJEMPLOS.write_text(json.dumps(grabados, ensure_ascii=False, indent=1) + "\n", "utf-8")
    yield hechos


def test_cada_ejemplo_es_lo_que_se_pide_y_se_contesta(pedidos: Any) -> None:
    grabados = json.loads(EJEMPLOS.read_text("utf-8"))
    for paso, ejemplo, _ in pedidos:
        assert ejemplo["estado"] < 300, (paso, ejemplo)
        assert grabados[paso.operacion] == ejemplo, f"{paso.operacion}: ¿cambió? GRABAR=1"


def test_cada_respuesta_es_de_las_que_dice_el_documento(
    pedidos: Any, documento: dict[str, Any]
) -> None:
    for camino in documento["paths"].values():
        for operacion in camino.values():
            [hecho] = [h for h in pedidos if h[0].operacion == operacion["operationId"]]
            respuesta = hecho[2]
            dicha = operacion["responses"][str(respuesta.status_code)]
            if not _es_json(respuesta):
                assert "application/json" not in dicha.get("content", {})
                continue
            esquema = dicha["content"]["application/json"]["schema"]
            entero = {**esquema, "components": documento["components"]}
            jsonschema.validate(respuesta.json(), entero)


def test_toda_operacion_tiene_frase_y_ejemplo(documento: dict[str, Any]) -> None:
    operaciones = [o for camino in documento["paths"].values() for o in camino.values()]
    assert {o["operationId"] for o in operaciones} == {p.operacion for p in GUION}
    frases = [o["summary"] for o in operaciones]
    assert all(frase.endswith(".") for frase in frases)
    assert len(set(frases)) == len(frases)


def test_toda_operacion_dice_como_se_niega(documento: dict[str, Any]) -> None:
    for camino, metodos in documento["paths"].items():
        for operacion in metodos.values():
            estados = set(operacion["responses"])
            assert {"500", "503"} <= estados
            if operacion["security"] != [{}]:
                assert {"401", "429"} <= estados
                assert {"bearer": []} in operacion["security"]
            if "{" in camino:
                assert "404" in estados
