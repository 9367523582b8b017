"""`crear_usuario`: la cuenta entra, y no se pisa ninguna."""

from __future__ import annotations

import io
from typing import Any

import pytest
from django.core.management import CommandError, call_command
from rest_framework.test import APIClient

from mensajeria.models import Usuario
from tests.servicios import firmar

pytestmark = pytest.mark.bd
ID = "507f1f77bcf86cd799439011"


def crear(monkeypatch: pytest.MonkeyPatch, *argumentos: str, clave: str = "") -> str:
    monkeypatch.setattr("sys.stdin", io.StringIO(clave))
    salida = io.StringIO()
    call_command("crear_usuario", *argumentos, stdout=salida)
    return salida.getvalue()


def test_entra_con_su_clave(monkeypatch: pytest.MonkeyPatch, db: Any) -> None:
    dicho = crear(monkeypatch, "dora", "--nombre", "Dora", "--modera", clave="solete-de-enero\n")
    fila = Usuario.objects.get(username="dora")
    assert fila.pk in dicho
    assert (fila.is_staff, fila.is_superuser) == (True, False)
    assert fila.has_perm("mensajeria.view_mensaje")
    datos = {"username": "dora", "password": "solete-de-enero"}
    assert APIClient().post("/api/token/", datos, format="json").status_code == 200


def test_sin_clave_entra_con_el_token_de_otro_sistema(
    monkeypatch: pytest.MonkeyPatch, db: Any
) -> None:
    crear(monkeypatch, "dora", "--id", ID, "--sin-clave")
    uno = APIClient(HTTP_AUTHORIZATION=f"Bearer {firmar(ID)}")
    assert uno.get("/api/mensajeria/conversaciones/").status_code == 200
    assert not Usuario.objects.get(pk=ID).has_usable_password()


def test_quien_entra_con_su_correo_no_se_llama_asi(
    monkeypatch: pytest.MonkeyPatch, db: Any
) -> None:
    crear(monkeypatch, "pepa@ejemplo.com", "--sin-clave")
    assert Usuario.objects.get().nombre == "pepa"


@pytest.mark.parametrize(
    ("argumentos", "clave", "dicho"),
    [
        (["ana"], "solete-de-enero\n", "(?i)ya existe"),
        (["dora", "--id", "ana", "--sin-clave"], "", "(?i)ya existe"),
        (["dora", "--id", "a" * 37, "--sin-clave"], "", "36"),
        (["dora"], "\n", "--sin-clave"),
        (["dora"], "123\n", "corta"),
    ],
)
def test_lo_que_no_vale_se_dice_y_no_crea_nada(
    monkeypatch: pytest.MonkeyPatch, ana: Usuario, argumentos: list[str], clave: str, dicho: str
) -> None:
    with pytest.raises(CommandError, match=dicho):
        crear(monkeypatch, *argumentos, clave=clave)
    assert list(Usuario.objects.values_list("pk", flat=True)) == ["ana"]
