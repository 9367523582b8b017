from __future__ import annotations

from pathlib import Path

import pytest

from servitech.entorno import Malo, Variables, cargar, texto, uno_de
from servitech.zona import zona


def leer(nombre: str, valor: str) -> tuple[object, list[str]]:
    """Lo que queda de ese ajuste, leído como lo lee `settings`, y de qué se queja."""
    entorno = Variables({nombre: valor})
    como = {
        "DEBUG": lambda: entorno.si(nombre, False),
        "PORT": lambda: entorno.entero(nombre, 3000, hasta=65535),
        "TZ": lambda: entorno.leer(nombre, zona, "UTC"),
        "LOG_NIVEL": lambda: entorno.leer(nombre, uno_de("DEBUG", "INFO"), "INFO"),
        "JWT_SECRET": lambda: entorno.leer(nombre, texto, "", secreto=True),
    }
    return como[nombre](), entorno.problemas


@pytest.mark.parametrize(
    ("nombre", "valor", "leido"),
    [
        ("DEBUG", "sí", True),
        ("DEBUG", "OFF", False),
        ("DEBUG", "", False),
        ("PORT", " 3001 ", 3001),
        ("TZ", ":Europe/Madrid", "Europe/Madrid"),
        ("LOG_NIVEL", "debug", "DEBUG"),
        ("JWT_SECRET", "con # y 'comillas'", "con # y 'comillas'"),
    ],
)
def test_lo_que_se_entiende(nombre: str, valor: str, leido: object) -> None:
    assert leer(nombre, valor) == (leido, [])


@pytest.mark.parametrize(
    ("nombre", "valor", "escribe"),
    [
        ("DEBUG", "flase", "DEBUG=1, o 0"),
        ("PORT", "tres mil", "PORT=3000"),
        ("PORT", "0", "PORT=3000"),
        ("PORT", "70000", "PORT=3000"),
        ("PORT", '"3000"', "sin comillas"),
        ("PORT", "3000\n3001", "en una línea"),
        ("TZ", "CET-1CEST", "TZ=Europe/Madrid"),
        ("TZ", "america/lima", "TZ=America/Lima"),
        ("TZ", "Europe", "TZ=Europe/Madrid"),
        ("TZ", "../etc/passwd", "TZ=Europe/Madrid"),
        ("LOG_NIVEL", "todo", "LOG_NIVEL=DEBUG"),
    ],
)
def test_lo_ilegible_se_dice_en_una_linea(nombre: str, valor: str, escribe: str) -> None:
    _, [dicho] = leer(nombre, valor)
    assert dicho.startswith(f"{nombre}=") and escribe in dicho and "\n" not in dicho


@pytest.mark.parametrize("valor", ["\udcff" * 40, "abc\r", "'abc'", " abc"])
def test_un_secreto_ilegible_no_se_ensena(valor: str) -> None:
    _, [dicho] = leer("JWT_SECRET", valor)
    assert dicho.startswith("JWT_SECRET: ") and "abc" not in dicho
    dicho.encode()


def test_lo_que_quiso_ser_un_ajuste() -> None:
    ajenas = {
        "JWT_SECRETO": "JWT_SECRET",
        "LOG_LEVEL": "LOG_NIVEL",
        "MONGO_URI": "MONGODB_URI",
        "redis_url": "REDIS_URL",
        "PORTS": "PORT",
        "DJANGO_JWT_SECRET": "JWT_SECRET",
        "SERVITECH_REDIS_URL": "REDIS_URL",
        "MENSAJERIA_COLOR": "",
    }
    de_otros = ["PATH", "HOSTNAME", "LOGNAME", "NODE_PATH", "POST", "PGHOST", "PGPORT"]
    de_otros += ["HTTPS_PROXY", "DJANGO_COLORS", "SERVITECH_PORT_3000_TCP"]
    suyas = ["HOST", "JWT_SECRET", "LOG_NIVEL", "MONGODB_URI", "NODE_ENV", "PORT", "REDIS_URL"]
    suyas += ["TRAS_PROXY"]
    variables = dict.fromkeys([*ajenas, *de_otros, *suyas], "x")
    entorno = Variables({**variables, "SERVITECH_PORT": "tcp://10.0.0.1:3000"})
    dichas = entorno.desconocidas(suyas)
    assert len(dichas) == len(ajenas)
    for dicha in dichas:
        cual = ajenas[dicha.split()[0]]
        assert dicha.endswith(f"¿será {cual}?" if cual else "no es ningún ajuste")


# .env


def de_env(carpeta: Path, contenido: bytes, **ya: str) -> tuple[dict[str, str], list[str]]:
    archivo = carpeta / ".env"
    archivo.write_bytes(contenido)
    return ya, cargar(archivo, ya)


def test_un_env_corriente_y_manda_el_entorno(tmp_path: Path) -> None:
    contenido = "# así\nexport PORT=1\nHOST = '::1'\nTZ=\n\nMOTIVO=\"año\\n2\"\n".encode()
    leido, problemas = de_env(tmp_path, contenido, PORT="2")
    assert leido == {"PORT": "2", "HOST": "::1", "TZ": "", "MOTIVO": "año\n2"}
    assert problemas == []
    assert cargar(tmp_path / "no-hay", {}) == []


def test_la_marca_de_utf8_no_es_parte_del_primer_nombre(tmp_path: Path) -> None:
    assert de_env(tmp_path, b"\xef\xbb\xbfPORT=1\r\nHOST=a\r\n") == ({"PORT": "1", "HOST": "a"}, [])


@pytest.mark.parametrize(
    ("contenido", "dicho"),
    [
        ("PORT=1\n".encode("utf-16"), ".env: está en UTF-16"),
        ("A=1\nB=año\n".encode("latin-1"), ".env, línea 2: no es UTF-8"),
        (b"A=1\n\n\nPORT: 3000\nB=2\n", ".env, línea 4: no se entiende"),
        (b"A=1\nJWT_SECRET\n", ".env, línea 2: no se entiende"),
    ],
)
def test_un_env_que_no_se_entiende(tmp_path: Path, contenido: bytes, dicho: str) -> None:
    _, problemas = de_env(tmp_path, contenido)
    assert len(problemas) == 1 and problemas[0].startswith(dicho)
    assert "Guárdalo como UTF-8" in problemas[0] or "NOMBRE=valor" in problemas[0]


def test_un_env_que_es_una_carpeta(tmp_path: Path) -> None:
    (tmp_path / ".env").mkdir()
    assert len(cargar(tmp_path / ".env", {})) == 1


def test_malo_dice_que_escribir() -> None:
    with pytest.raises(Malo) as visto:
        zona("Marte")
    assert visto.value.escribe == "Europe/Madrid"
