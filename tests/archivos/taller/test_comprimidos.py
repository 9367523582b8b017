"""Un ZIP es lo que dice: ocupa lo que dice, no es otra cosa, y si es un documento, sin macros."""

from __future__ import annotations

import io
import time
import zipfile
from collections.abc import Callable

import pytest

from mensajeria.archivos.taller import comprimidos, tipos
from tests.archivos import muestras as m
from tests.archivos.apoyo import inspeccionar
from tests.archivos.taller.test_inspeccion import HTML, negado

CASI_UN_GIGA = 0x3FFFFFFF
RAR = b"Rar!\x1a\x07\x00" + bytes(40)


def _que_ocupa(cuanto: int) -> bytes:
    """Dos ceros que dicen ocupar eso cada uno."""
    dos = m.empaquetado(("a", bytes(1024)), ("b", bytes(1024)), modo=zipfile.ZIP_DEFLATED)
    return m.dice_ocupar(dos, 1024, cuanto)


def _que_calla(cuanto: int) -> bytes:
    """Ocupa eso, y dice que cien bytes."""
    uno = m.empaquetado(("a", bytes(cuanto)), modo=zipfile.ZIP_DEFLATED)
    return m.dice_ocupar(uno, cuanto, 100)


def _dentro_de(crudo: bytes, veces: int, modo: int = zipfile.ZIP_DEFLATED) -> bytes:
    for n in range(veces):
        crudo = m.empaquetado((f"{n}.zip", crudo), modo=modo)
    return crudo


def _dos_veces_la_misma() -> bytes:
    """Su directorio nombra dos veces el mismo trozo, que así ocupa el doble."""
    salida = io.BytesIO()
    with zipfile.ZipFile(salida, "w", zipfile.ZIP_DEFLATED) as uno:
        uno.writestr("a", bytes(1024))
        uno.filelist.append(uno.filelist[0])
    return salida.getvalue()


@pytest.mark.parametrize(
    "hacer",
    [
        lambda: _que_ocupa(CASI_UN_GIGA),
        lambda: _que_calla(64 * 2**20),
        lambda: m.empaquetado(("a", _que_calla(64 * 2**20))),
        lambda: _dentro_de(_que_ocupa(CASI_UN_GIGA), 1),
        lambda: _dentro_de(_que_ocupa(CASI_UN_GIGA), 4, zipfile.ZIP_STORED),
        lambda: m.empaquetado(*((f"{n}.docx", _que_ocupa(2**28 - 1)) for n in range(3))),
        lambda: m.ofimatica("word", **{"word/otro.xlsx": _que_ocupa(CASI_UN_GIGA)}),
        lambda: _dentro_de(b"hola", comprimidos.MAX_HONDURA + 2),
        _dos_veces_la_misma,
        lambda: m.empaquetado(*((str(n), b"") for n in range(comprimidos.MAX_ENTRADAS + 1))),
        lambda: m.ofimatica("word", **{"word/_rels/a.rels": bytes(comprimidos.MAX_DE_PARTES + 1)}),
    ],
    ids=[
        *("lo dice", "lo calla", "lo calla el de dentro", "de dentro", "muy de dentro"),
        *("entre todos", "en un documento", "hondo", "encima", "entradas", "partes"),
    ],
)
def test_lo_que_ocupa_demasiado(hacer: Callable[[], bytes]) -> None:
    crudo = hacer()
    assert len(crudo) < 8 * 2**20
    antes = time.process_time()
    assert negado(crudo) == "FILE_BOMB"
    # Ni cuesta lo que costaría descomprimirlo.
    assert time.process_time() - antes < 5


def test_lo_que_no_cuadra_esta_danado() -> None:
    uno = m.empaquetado(("a", bytes(1024)), modo=zipfile.ZIP_DEFLATED)
    assert negado(m.dice_ocupar(uno, 1024, 2048)) == "FILE_DAMAGED"
    datos = 30 + len("a")
    assert negado(uno[:datos] + b"\xff" * 4 + uno[datos + 4 :]) == "FILE_DAMAGED"
    # Detrás de lo comprimido, en lo que la entrada dice que es suyo.
    de_mas = uno[:datos] + b"\x03\x00" + uno[datos + 2 :]
    assert negado(m.dice_ocupar(de_mas, 1024, 0)) == "FILE_DAMAGED"


def _con_comentario(crudo: bytes, comentario: bytes) -> bytes:
    return crudo[:-2] + len(comentario).to_bytes(2, "little") + comentario


def _con_algo_en_medio(algo: bytes) -> bytes:
    """Entre lo último y el directorio, que dice bien dónde está."""
    uno = m.comprimido(a_txt="hola")
    donde = uno.index(b"PK\x01\x02")
    return m.dice_ocupar(uno[:donde] + algo + uno[donde:], donde, donde + len(algo))


@pytest.mark.parametrize(
    "crudo",
    [
        m.empaquetado(("a.dat", m.pdf())),
        m.empaquetado(("a.pdf", m.pdf()), *((n, b"<x/>") for n in ("[Content_Types].xml", "xl/a"))),
        m.empaquetado(("a.pdf", m.pdf()), ("b.txt", m.pdf())),
        _con_comentario(m.comprimido(a_txt="hola"), HTML),
        _con_comentario(m.ofimatica("word"), HTML),
        _con_comentario(m.comprimido(a_txt="hola"), RAR),
        _con_comentario(m.comprimido(a_txt="hola"), b"%PDF-1.4 "),
        _con_algo_en_medio(HTML),
        _con_algo_en_medio(RAR),
        _con_algo_en_medio(m.comprimido(b_txt="x")),
        m.comprimido(a_txt="hola") + m.comprimido(b_txt="x"),
    ],
)
def test_dos_formatos_en_uno(crudo: bytes) -> None:
    assert negado(crudo) == "FILE_AMBIGUOUS"


def _con_clave() -> bytes:
    """Dice que va con contraseña: no se puede leer, y no pasa nada."""
    uno = m.comprimido(a_txt="hola" * 100)
    for firma, marcas in ((b"PK\x03\x04", 6), (b"PK\x01\x02", 8)):
        donde = uno.index(firma) + marcas
        uno = uno[:donde] + b"\x01\x00" + uno[donde + 2 :]
    return uno


def con_enlaces() -> bytes:
    """Lo que quien lo abra sin cuidado escribiría fuera: por un enlace, y por su nombre."""
    enlace = zipfile.ZipInfo("enlace")
    enlace.create_system, enlace.external_attr = 3, 0o120777 << 16
    salida = io.BytesIO()
    with zipfile.ZipFile(salida, "w") as uno:
        uno.writestr(enlace, "/etc/passwd")
        uno.writestr("../../fuera.txt", "hola")
        uno.writestr("enlace/dentro.txt", "hola")
    return salida.getvalue()


@pytest.mark.parametrize(
    ("crudo", "tipo"),
    [
        # Lo que quien lo hizo no comprimió, que es lo que hay dentro y se llama así.
        (m.empaquetado(("informe.pdf", m.pdf()), ("a.txt", b"hola")), tipos.ZIP),
        (_dentro_de(m.empaquetado(("informe.pdf", m.pdf())), 2, zipfile.ZIP_STORED), tipos.ZIP),
        (m.empaquetado(("index.html", HTML), ("a.js", b"alert(1)"), ("a.rar", RAR)), tipos.ZIP),
        (m.empaquetado(("uno.docx", m.ofimatica("word")), ("dos.docx", b"PK\x03\x04")), tipos.ZIP),
        (m.empaquetado(("carpeta/", b""), ("nada.txt", b""), modo=8), tipos.ZIP),
        (_con_comentario(m.comprimido(a_txt="hola"), b"De las vacaciones"), tipos.ZIP),
        (m.ofimatica("word", **{"word/media/a.zip": m.comprimido(a_txt="x")}), tipos.DOCX),
        (m.ofimatica("word", **{"word/embeddings/a.bin": m.ole("Workbook")}), tipos.DOCX),
        (m.empaquetado(("a.txt", b"hola" * 10**6), modo=zipfile.ZIP_DEFLATED), tipos.ZIP),
        (_con_clave(), tipos.ZIP),
        (con_enlaces(), tipos.ZIP),
    ],
)
def test_los_honrados_se_guardan_como_llegaron(crudo: bytes, tipo: str) -> None:
    """Nadie los descomprime: ni sus nombres ni sus enlaces llegan a ningún disco."""
    hallado = inspeccionar(crudo)
    assert (hallado.tipo, hallado.contenido) == (tipo, crudo)


def test_comprimido_de_otro_modo_no_se_sabe_lo_que_ocupa() -> None:
    for modo in (zipfile.ZIP_BZIP2, zipfile.ZIP_LZMA):
        crudo = m.empaquetado(("a.txt", b"hola"), modo=modo)
        assert negado(crudo) == "FILE_TYPE_NOT_ALLOWED"


DE_MACROS = "application/vnd.ms-word.document.macroEnabled.main+xml"
_RELACION = "http://schemas.microsoft.com/office/2006/relationships/"


def _tipos(cual: str, codificacion: str = "utf-8") -> dict[str, bytes]:
    dicho = f'<Types><Override PartName="/word/a.xml" ContentType="{cual}"/></Types>'
    return {"[Content_Types].xml": dicho.encode(codificacion)}


def _relacion(cual: str) -> dict[str, bytes]:
    dicho = (
        f'<Relationships><Relationship Type="{_RELACION}{cual}" Target="a.bin"/></Relationships>'
    )
    return {"word/_rels/document.xml.rels": dicho.encode()}


@pytest.mark.parametrize(
    "partes",
    [
        _tipos(DE_MACROS),
        _tipos(DE_MACROS.upper()),
        _tipos(DE_MACROS, "utf-16"),
        _tipos(DE_MACROS.replace("m", "&#109;")),
        _tipos("application/vnd.ms-office.vbaProject"),
        _tipos("application/vnd.ms-excel.macrosheet+xml"),
        _relacion("vbaProject"),
        _relacion("xlMacrosheet"),
        {"word/inocente.xml": m.ole("PROJECT", dentro_de="_VBA_PROJECT")},
    ],
)
@pytest.mark.parametrize("carpeta", ["word", "xl"])
def test_las_macros_se_llamen_como_se_llamen(partes: dict[str, bytes], carpeta: str) -> None:
    assert negado(m.ofimatica(carpeta, **partes)) == "FILE_TYPE_NOT_ALLOWED"


def test_unos_tipos_que_no_se_leen() -> None:
    crudo = m.ofimatica("word", **{"[Content_Types].xml": b"<Types"})
    assert negado(crudo) == "FILE_DAMAGED"
