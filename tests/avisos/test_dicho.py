"""Con qué palabras se dice un aviso, en español y en inglés."""

from __future__ import annotations

import re
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings

from mensajeria.avisos import dicho
from mensajeria.avisos.dicho import LoQueDice, de_suelta

UNO = LoQueDice(quien="Ana Alonso", donde="Obra", texto="¿Vienes?", cuantos=1)
VARIOS = replace(UNO, cuantos=3)
FOTO = replace(UNO, texto="Imagen: Imagen 1.png", clase_de_archivo="Imagen")


@pytest.mark.parametrize(
    ("suyo", "muestra", "es", "en"),
    [
        (UNO, "todo", ("Ana Alonso en «Obra»", "¿Vienes?"), ("Ana Alonso in “Obra”", "¿Vienes?")),
        (UNO, "quien", ("Ana Alonso en «Obra»", "Te escribió"), None),
        (UNO, "nada", ("Mensajería", "Tienes un mensaje"), ("Messages", "You have a message")),
        (VARIOS, "todo", None, ("Ana Alonso in “Obra”", "¿Vienes? (3 unread)")),
        (VARIOS, "quien", None, ("Ana Alonso in “Obra”", "There are 3 unread messages")),
        (VARIOS, "nada", ("Mensajería", "Tienes 3 mensajes"), None),
        (replace(UNO, mencion=True), "quien", None, ("Ana Alonso in “Obra”", "Mentioned you")),
        (
            replace(UNO, donde="", recordatorio=True),
            "todo",
            None,
            ("Ana Alonso", "¿Vienes? (unread)"),
        ),
        (
            replace(VARIOS, recordatorio=True),
            "nada",
            None,
            ("Messages", "You have 3 unread messages"),
        ),
        (FOTO, "todo", None, ("Ana Alonso in “Obra”", "Image: Imagen 1.png")),
        # Lo que alguien escribe no es una frase nuestra.
        (replace(UNO, texto="Imagen {n}"), "todo", None, ("Ana Alonso in “Obra”", "Imagen {n}")),
        (dicho.de_prueba(), "todo", None, ("Messages", "Notifications reach this device")),
    ],
)
def test_lo_dice_en_cada_idioma(
    suyo: LoQueDice, muestra: str, es: tuple[str, str] | None, en: tuple[str, str] | None
) -> None:
    if es:
        assert (suyo.titulo(muestra), suyo.cuerpo(muestra)) == es
    if en:
        assert (suyo.titulo(muestra, "en"), suyo.cuerpo(muestra, "en")) == en


@pytest.mark.parametrize(
    ("tipo", "datos", "en"),
    [
        (
            "participante_agregado",
            {"tipoConversacion": "grupal", "quien": "Ana", "nombre": "Obra"},
            ("New conversation", "Ana added you to “Obra”"),
        ),
        (
            "participante_agregado",
            {"tipoConversacion": "individual", "quien": "Ana"},
            ("New conversation", "Ana wrote to you"),
        ),
        (
            "participante_removido",
            {"tipoConversacion": "grupal"},
            ("You are no longer in it", "You were removed from a conversation"),
        ),
        ("otra", {"tipoConversacion": "grupal"}, ("t", "m")),
        ("participante_agregado", {}, ("t", "m")),
    ],
)
def test_lo_que_ya_esta_en_la_aplicacion(
    tipo: str, datos: dict[str, Any], en: tuple[str, str]
) -> None:
    suyo = de_suelta(tipo, datos, "t", "m")
    assert (suyo["es"], suyo["en"]) == (("t", "m"), en)


def test_cada_frase_lleva_los_mismos_datos_en_los_dos() -> None:
    for es, en in dicho._EN.items():
        assert sorted(re.findall(r"{(\w+)}", es)) == sorted(re.findall(r"{(\w+)}", en))


def test_cada_frase_de_los_correos_tiene_su_ingles() -> None:
    plantillas = Path(settings.BASE_DIR).glob("templates/mensajeria/correo/*")
    frases = {f for p in plantillas for f in re.findall(r'{% decir "([^"]+)"', p.read_text())}
    assert frases
    assert frases <= set(dicho._EN)
