from __future__ import annotations

import base64
import contextlib
import json
import time
from typing import Any

import jwt
import pytest

from mensajeria.models import Usuario
from mensajeria.operaciones.autenticacion import (
    Credencial,
    cuenta_de,
    identificar,
    leer_token,
    revocar,
    usuario_de,
)
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria

SECRETO = "s" * 40


@pytest.fixture(autouse=True)
def _secreto(settings: Any) -> None:
    settings.JWT_SECRET = SECRETO
    settings.DEMO = False


def firmar(secreto: str = SECRETO, cabecera: dict[str, Any] | None = None, **datos: Any) -> str:
    """Lo que sea: `jwt.encode` no firma cualquier cosa."""
    cuerpo = json.dumps({"exp": time.time() + 86_400, **datos}).encode()
    return jwt.PyJWS().encode(cuerpo, secreto, "HS256", headers=cabecera)


def codigo(token: str) -> CodigoError:
    with pytest.raises(ErrorMensajeria) as error:
        leer_token(token)
    return error.value.codigo


RECLAMOS = ["userId", "user_id", "sub", "id"]


@pytest.mark.parametrize("valor", ["ana", 42])
@pytest.mark.parametrize("reclamo", RECLAMOS)
def test_quien_es_lo_dice_cualquiera_de_los_cuatro_reclamos(reclamo: str, valor: str | int) -> None:
    assert leer_token(firmar(SECRETO, None, **{reclamo: valor})).usuario_id == str(valor)


def test_el_primero_que_dice_algo_manda() -> None:
    for i, reclamo in enumerate(RECLAMOS):
        datos: dict[str, Any] = dict.fromkeys(RECLAMOS[i:], "otra") | {reclamo: "ana"}
        assert leer_token(firmar(**datos)).usuario_id == "ana"
        datos |= dict.fromkeys(RECLAMOS[:i])
        assert leer_token(firmar(**datos)).usuario_id == "ana"


@pytest.mark.parametrize(
    "ajeno",
    [
        {"sub": 42},
        {"sub": ["x"]},
        {"sub": None},
        {"jti": 42},
        {"jti": {}},
        {"aud": "otro"},
        {"aud": ["otro", 7]},
        {"aud": 7},
        {"iss": 7},
        {"iss": "otro"},
        {"id": ["x"], "email": "ana@servitech.co"},
    ],
)
def test_lo_que_otro_servicio_pone_en_los_suyos_no_estorba(ajeno: dict[str, Any]) -> None:
    assert leer_token(firmar(userId="ana", **ajeno)).usuario_id == "ana"


def test_aud_e_iss_solo_se_miran_si_estan_en_los_ajustes(settings: Any) -> None:
    settings.JWT_AUDIENCIA, settings.JWT_EMISOR = "chat", "servitech"
    for aud in ("chat", ["web", "chat"]):
        assert leer_token(firmar(userId="ana", aud=aud, iss="servitech")).usuario_id == "ana"
    malos: dict[str, Any]
    for malos in (
        {},
        {"aud": "chat"},
        {"iss": "servitech"},
        {"aud": "otro", "iss": "servitech"},
        {"aud": "chat", "iss": "otro"},
        {"aud": 7, "iss": "servitech"},
        {"aud": "chat", "iss": 7},
    ):
        assert codigo(firmar(userId="ana", **malos)) is CodigoError.AUTH_INVALID


@pytest.mark.bd
def test_por_correo_solo_con_su_ajuste(ana: Usuario, settings: Any) -> None:
    Usuario.objects.filter(pk="ana").update(email="Ana@X.co", correo_plegado="ana@x.co")
    de_otro_sitio = firmar(id="6869aaaaaaaaaaaaaaaaaaaa", email="ANA@x.co")
    assert leer_token(de_otro_sitio).usuario_id == "6869aaaaaaaaaaaaaaaaaaaa"
    settings.JWT_CORREO = "email"
    credencial = leer_token(de_otro_sitio)
    assert usuario_de(credencial).pk == "ana"
    assert leer_token(firmar(id="ana")).usuario_id == "ana"
    nadie = leer_token(firmar(email="nadie@x.co"))
    quienes = identificar([nadie, credencial, Credencial("ana", time.time(), None)])
    assert [q and q.usuario_id for q in quienes] == [None, "ana", "ana"]
    malo: Any
    for malo in ("", " ", 7, [], "a\0@x.co", "\ud800@x.co", "x" * 255):
        assert codigo(firmar(id="ana", email=malo)) is CodigoError.AUTH_INVALID


@pytest.mark.parametrize("correo", ["beto@x.co", "", 7])
def test_el_correo_no_gana_a_quien_dice_la_semilla(settings: Any, correo: Any) -> None:
    """Quien firma `userId` nombra a alguien de aquí; un correo quizá nadie lo comprobó."""
    settings.JWT_CORREO = "email"
    for reclamo in ("userId", "user_id"):
        datos: dict[str, Any] = {"sub": "otra", "id": "otra", "email": correo, reclamo: "ana"}
        credencial = leer_token(firmar(**datos))
        assert (credencial.usuario_id, credencial.correo) == ("ana", None)
    assert leer_token(firmar(sub="otra", id="otra", email="beto@x.co")).correo == "beto@x.co"


@pytest.mark.bd
@pytest.mark.parametrize("mirar", [usuario_de, lambda c: identificar([c])])
def test_a_cuenta_de_quien_va_un_correo(ana: Usuario, settings: Any, mirar: Any) -> None:
    settings.JWT_CORREO = "email"
    suya = Usuario.objects.filter(pk="ana")
    suya.update(correo_plegado="cuenta@x.co")
    credencial = leer_token(firmar(email="Cuenta@x.co"))
    assert cuenta_de(leer_token(firmar(userId="beto"))) == "beto"
    assert cuenta_de(credencial) == "\0cuenta@x.co"
    mirar(credencial)
    assert cuenta_de(credencial) == "ana"
    # En cuanto se ve que ya no es suyo, deja de ir a su cuenta.
    suya.update(correo_plegado="otro@x.co")
    with contextlib.suppress(ErrorMensajeria):
        mirar(credencial)
    assert cuenta_de(credencial) == "\0cuenta@x.co"


@pytest.mark.bd
def test_un_correo_de_dos_cuentas_no_es_de_ninguna(
    ana: Usuario, beto: Usuario, settings: Any
) -> None:
    settings.JWT_CORREO = "email"
    Usuario.objects.update(email="a@x.co", correo_plegado="a@x.co")
    credencial = leer_token(firmar(email="a@x.co"))
    assert identificar([credencial]) == [None]
    with pytest.raises(ErrorMensajeria):
        usuario_de(credencial)


@pytest.mark.parametrize("esquema", ["Bearer ", "bearer ", " BEARER  "])
def test_con_su_esquema_delante(esquema: str) -> None:
    assert leer_token(esquema + firmar(userId="ana")).usuario_id == "ana"
    assert codigo(esquema * 2 + firmar(userId="ana")) is CodigoError.AUTH_INVALID


def sin_firmar(**datos: Any) -> str:
    def parte(objeto: Any) -> str:
        return base64.urlsafe_b64encode(json.dumps(objeto).encode()).rstrip(b"=").decode()

    return f"{parte({'alg': 'none', 'typ': 'JWT'})}.{parte(datos)}."


@pytest.mark.parametrize(
    "token",
    [
        "",
        "x",
        "a.b.c",
        "test_token",
        "\ud800",
        "e" * 10_000,
        sin_firmar(userId="ana", exp=time.time() + 86_400),
        firmar("otra clave de largo suficiente para la firma", userId="ana"),
        jwt.encode({"userId": "ana", "exp": time.time() + 86_400}, "s" * 64, "HS512"),
        firmar(cabecera={"kid": "../../etc/passwd"}, userId="ana", exp="pronto"),
        firmar(userId="ana", exp=str(int(time.time() + 86_400))),
        firmar(userId="ana", exp=1e20),
        firmar(userId="ana", exp=None),
        firmar(userId="ana", iat=time.time() + 172_800),
        firmar(userId="ana", nbf=time.time() + 172_800),
        firmar(userId="ana", iat=float("nan")),
        firmar(userId="ana", iat=float("inf")),
        firmar(userId="ana", iat=-(10**400)),
        firmar(userId="ana", token_type="refresh"),
        firmar(userId=["ana"]),
        firmar(userId="\ud800"),
        firmar(userId="ana\0"),
        firmar(userId="a" * 37),
        firmar(userId=""),
        firmar(userId="ana", iat=[]),
        firmar(userId="ana", iat=-(10**400)),
        firmar(userId="ana", iat=float("-inf")),
        firmar(userId="ana", exp={}),
        firmar(userId="ana", nbf=[]),
        firmar(userId=True),
        firmar(nombre="ana"),
        firmar(userId="ana", servitechSesion=7),
        jwt.encode({"userId": "ana"}, SECRETO, "HS256"),
    ],
)
def test_lo_que_no_vale(token: str) -> None:
    assert codigo(token) is CodigoError.AUTH_INVALID


def test_el_reloj_de_quien_firmo_puede_ir_algo_por_delante() -> None:
    token = firmar(userId="ana", iat=time.time() + 15, nbf=time.time() + 15)
    assert leer_token(token).usuario_id == "ana"
    for token in (
        firmar(userId="ana", iat=time.time() + 90),
        firmar(userId="ana", nbf=time.time() + 90),
    ):
        assert codigo(token) is CodigoError.AUTH_INVALID


def test_caducado() -> None:
    assert codigo(firmar(userId="ana", exp=time.time() - 1)) is CodigoError.TOKEN_EXPIRED


@pytest.mark.parametrize(
    "token, usuario", [("test_token", "test_user"), ("test_token_123", "test_user_001")]
)
def test_los_tokens_de_muestra_solo_en_modo_de_ejemplo(
    settings: Any, token: str, usuario: str
) -> None:
    assert codigo(token) is CodigoError.AUTH_INVALID
    settings.DEMO = True
    assert leer_token(token).usuario_id == usuario
    with pytest.raises(ErrorMensajeria):
        leer_token(token, "refresh")


@pytest.mark.bd
def test_revocar_deja_sin_valor_lo_anterior(ana: Usuario) -> None:
    antes = Credencial("ana", time.time() - 1, time.time() + 60)
    assert usuario_de(antes).pk == "ana"
    revocar("ana")
    with pytest.raises(ErrorMensajeria):
        usuario_de(antes)
    assert usuario_de(Credencial("ana", time.time() + 0.01, time.time() + 60)).version == 1


@pytest.mark.bd
def test_inactivo_o_inexistente(ana: Usuario) -> None:
    credencial = Credencial("ana", time.time(), None)
    Usuario.objects.update(is_active=False)
    for c in (credencial, Credencial("nadie", time.time(), None)):
        with pytest.raises(ErrorMensajeria) as error:
            usuario_de(c)
        assert error.value.codigo is CodigoError.AUTH_INVALID
