"""FCM de punta a punta, con un Firebase propio que solo admite lo que dice la referencia."""

from __future__ import annotations

import json
from collections.abc import Iterator
from typing import Any
from urllib.parse import parse_qs

import jwt
import pytest
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import (
    Encoding,
    NoEncryption,
    PrivateFormat,
)

from mensajeria.avisos import dispositivos
from mensajeria.avisos.canales import fcm
from mensajeria.models import Aviso, Canal, Dispositivo, Usuario
from mensajeria.protocolo.avisos import RegistrarDispositivo
from tests.avisos.apoyo import repartir
from tests.avisos.servicio import Servicio
from tests.avisos.test_webpush import sacar as sacar_de

pytestmark = [pytest.mark.bd, pytest.mark.usefixtures("conversacion")]

_CLAVE = rsa.generate_private_key(65537, 2048)
# De la referencia de `projects.messages` (v1): qué campos hay, y de qué tipo.
_MENSAJE: dict[str, Any] = {
    "token": str,
    "notification": {"title": str, "body": str, "image": str},
    "data": dict,
    "android": {
        "collapse_key": str,
        "priority": {"NORMAL", "HIGH"},
        "ttl": str,
        "notification": {"tag": str, "sound": str, "channel_id": str},
    },
    "apns": {"headers": dict, "payload": dict},
}


def admitir(valor: Any, esquema: Any, donde: str = "message") -> None:
    if isinstance(esquema, dict):
        assert valor.keys() <= esquema.keys(), (donde, valor.keys() - esquema.keys())
        for campo, suyo in valor.items():
            admitir(suyo, esquema[campo], f"{donde}.{campo}")
    elif isinstance(esquema, set):
        assert valor in esquema, donde
    else:
        assert isinstance(valor, esquema), donde
        if esquema is dict and not donde.endswith("payload"):
            assert all(isinstance(v, str) for v in valor.values()), donde


class Firebase(Servicio):
    """Da permisos a quien firma con la clave de la cuenta, y solo con ellos admite mensajes."""

    permisos = 0

    def responder(self, camino: str) -> tuple[int, dict[str, str], bytes]:
        recibida = self.recibidas[-1]
        if camino == "/token":
            pedido = parse_qs(recibida.cuerpo.decode())
            datos = jwt.decode(
                pedido["assertion"][0], _CLAVE.public_key(), ["RS256"], audience=f"{self.url}/token"
            )
            assert datos["scope"] == fcm.ALCANCE
            self.permisos += 1
            return 200, {}, json.dumps({"access_token": "permiso", "expires_in": 3599}).encode()
        assert camino == "/v1/projects/proyecto/messages:send"
        assert self.cabecera("authorization") == "Bearer permiso"
        admitir(json.loads(recibida.cuerpo)["message"], _MENSAJE)
        return super().responder(camino) if self.contesta else (200, {}, b'{"name": "x"}')

    @property
    def mensajes(self) -> list[dict[str, Any]]:
        return [json.loads(p.cuerpo)["message"] for p in self.recibidas if p.camino != "/token"]


@pytest.fixture
def firebase(settings: Any) -> Iterator[Firebase]:
    settings.SALIENTES_ADMITIDAS = ["127.0.0.1"]
    fcm._permisos.clear()
    with Firebase() as uno:
        settings.FCM_URL = uno.url
        settings.FCM_CUENTA = {
            "project_id": "proyecto",
            "client_email": "avisos@proyecto.iam.gserviceaccount.com",
            "token_uri": f"{uno.url}/token",
            "private_key": _CLAVE.private_bytes(
                Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()
            ).decode(),
        }
        yield uno


def registrar(usuario: Usuario, token: str = "token-de-fcm") -> Dispositivo:
    carga = RegistrarDispositivo(canal="fcm", punto=token)
    return dispositivos.registrar(usuario, carga, "okhttp/4.9", None)


def sacar() -> None:
    sacar_de(Canal.FCM)


def negar(firebase: Firebase, estado: int, status: str, codigo: str = "") -> None:
    error: dict[str, Any] = {"code": estado, "message": "así no", "status": status}
    if codigo:
        tipo = "type.googleapis.com/google.firebase.fcm.v1.FcmError"
        error["details"] = [{"@type": tipo, "errorCode": codigo}]
    firebase.contesta.append((estado, {}, json.dumps({"error": error}).encode()))


def test_llega_con_lo_que_pide_la_referencia(firebase: Firebase, beto: Usuario, decir: Any) -> None:
    registrar(beto)
    acuse = decir("ana", "¿Vienes?", prioridad="urgente")
    repartir()
    sacar()
    [mensaje] = firebase.mensajes
    assert mensaje["token"] == "token-de-fcm"
    assert mensaje["notification"]["body"] == mensaje["data"]["body"] == "¿Vienes?"
    assert mensaje["data"]["mensajeId"] == acuse.mensaje_id
    assert mensaje["android"]["priority"] == "HIGH"
    assert (
        mensaje["android"]["notification"]["tag"] == mensaje["apns"]["headers"]["apns-collapse-id"]
    )


def test_en_el_idioma_del_telefono(firebase: Firebase, beto: Usuario, decir: Any) -> None:
    carga = RegistrarDispositivo(canal="fcm", punto="token-de-fcm", idioma="en")
    dispositivos.registrar(beto, carga, "okhttp/4.9", None)
    for texto in ("uno", "dos"):
        decir("ana", texto)
    repartir()
    sacar()
    [mensaje] = firebase.mensajes
    assert mensaje["notification"]["body"] == mensaje["data"]["body"] == "dos (2 unread)"


def test_el_permiso_se_pide_una_vez(firebase: Firebase, beto: Usuario, decir: Any) -> None:
    registrar(beto)
    for _ in range(3):
        decir("ana", prioridad="alta")
        repartir()
        sacar()
    assert (len(firebase.mensajes), firebase.permisos) == (3, 1)


def test_un_telefono_que_ya_no_esta_se_olvida(
    firebase: Firebase, beto: Usuario, decir: Any
) -> None:
    registrar(beto)
    negar(firebase, 404, "NOT_FOUND", "UNREGISTERED")
    decir("ana")
    repartir()
    sacar()
    assert not Dispositivo.objects.exists()


@pytest.mark.parametrize(
    ("estado", "status", "queda"),
    [
        (503, "UNAVAILABLE", "pendiente"),
        (429, "RESOURCE_EXHAUSTED", "pendiente"),
        (401, "UNAUTHENTICATED", "pendiente"),
        (400, "INVALID_ARGUMENT", "enterrado"),
    ],
)
def test_lo_que_no_sale(
    firebase: Firebase, beto: Usuario, decir: Any, estado: int, status: str, queda: str
) -> None:
    registrar(beto)
    negar(firebase, estado, status)
    decir("ana")
    repartir()
    sacar()
    aviso = Aviso.objects.get(canal=Canal.FCM)
    assert (aviso.estado, "así no" in aviso.ultimo_error) == (queda, True)
    assert bool(fcm._permisos) == (estado != 401)


def test_probar_dice_que_paso(firebase: Firebase, beto: Usuario) -> None:
    sitio = registrar(beto)
    assert dispositivos.probar(beto, sitio.pk)[0].enviado
    negar(firebase, 400, "INVALID_ARGUMENT")
    assert "así no" in (dispositivos.probar(beto, sitio.pk)[0].error or "")
