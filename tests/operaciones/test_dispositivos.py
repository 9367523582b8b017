from __future__ import annotations

import pytest

from mensajeria.operaciones.dispositivos import DESCONOCIDO, abreviar, nombre_de

CHROME = "AppleWebKit/537.36 (KHTML, like Gecko) Chrome/131.0.0.0"


@pytest.mark.parametrize(
    ("agente", "nombre"),
    [
        (f"Mozilla/5.0 (Windows NT 10.0; Win64; x64) {CHROME} Safari/537.36", "Chrome en Windows"),
        (f"Mozilla/5.0 (Windows NT 10.0) {CHROME} Safari/537.36 Edg/131.0", "Edge en Windows"),
        (f"Mozilla/5.0 (X11; Linux x86_64) {CHROME} Safari/537.36 OPR/115.0", "Opera en Linux"),
        (f"Mozilla/5.0 (X11; CrOS x86_64 1) {CHROME} Safari/537.36", "Chrome en ChromeOS"),
        (f"Mozilla/5.0 (Linux; Android 10; K) {CHROME} Mobile Safari/537.36", "Chrome en Android"),
        (
            f"Mozilla/5.0 (Linux; Android 14) SamsungBrowser/26.0 {CHROME} Mobile Safari/537.36",
            "Samsung Internet en Android",
        ),
        (
            "Mozilla/5.0 (X11; Linux x86_64; rv:133.0) Gecko/20100101 Firefox/133",
            "Firefox en Linux",
        ),
        (
            "Mozilla/5.0 (Macintosh; Intel Mac OS X 10_15_7) AppleWebKit/605.1.15 Version/18.1"
            " Safari/605.1.15",
            "Safari en Mac",
        ),
        (
            "Mozilla/5.0 (iPhone; CPU iPhone OS 18_1 like Mac OS X) AppleWebKit/605.1.15"
            " Version/18.1 Mobile/15E148 Safari/604.1",
            "Safari en iPhone",
        ),
        (
            "Mozilla/5.0 (iPad; CPU OS 18_1 like Mac OS X) CriOS/131.0 Mobile/15E148 Safari/604.1",
            "Chrome en iPad",
        ),
        ("Mozilla/5.0 (Windows NT 10.0)", "Windows"),
        ("Mozilla/5.0", DESCONOCIDO),
        ("curl/8.5.0", "curl"),
        ("python-requests/2.32.3", "python-requests"),
        ("okhttp/4.12.0", "okhttp"),
        ("", DESCONOCIDO),
        ("<script>alert(1)</script>", DESCONOCIDO),
        ("\u202egnp.exe", DESCONOCIDO),
        ("a" * 5_000, "a" * 40),
    ],
)
def test_el_nombre_de_un_dispositivo(agente: str, nombre: str) -> None:
    assert nombre_de(agente) == nombre


@pytest.mark.parametrize(
    ("direccion", "red"),
    [
        ("203.0.113.9", "203.0.113.*"),
        ("2001:db8:1:2:3:4:5:6", "2001:db8:1::*"),
        ("::ffff:203.0.113.9", "203.0.113.*"),
        ("::1", "::*"),
        ("fe80::1%eth0", "fe80::*"),
        ("", ""),
        ("no-es-una", ""),
    ],
)
def test_una_direccion_abreviada(direccion: str, red: str) -> None:
    assert abreviar(direccion) == red
