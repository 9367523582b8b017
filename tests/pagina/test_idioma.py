"""La página, en español y en inglés."""

from __future__ import annotations

import re

from mensajeria.templatetags.idioma import ingles
from tests.servicios import RAIZ

PAGINA = RAIZ / "static/mensajeria/pagina"
PLANTILLAS = RAIZ / "templates/mensajeria"

_LITERAL = r'"((?:[^"\\]|\\.)*)"'
_EN_MODULO = re.compile(rf"\bt\(\s*{_LITERAL}")
_PLURAL = re.compile(rf"\btn\((?:[^\"()]|\([^()]*\))*?,\s*{_LITERAL},\s*{_LITERAL}")
_EN_PLANTILLA = re.compile(rf"{{% t {_LITERAL} %}}")


def usadas() -> set[str]:
    """Todas las frases que la página puede decir."""
    modulos = "\n".join(m.read_text("utf-8") for m in sorted(PAGINA.glob("*.js")))
    plantillas = "\n".join(p.read_text("utf-8") for p in sorted(PLANTILLAS.glob("*.html")))
    frases = {*_EN_MODULO.findall(modulos), *_EN_PLANTILLA.findall(plantillas)}
    for una, varias in _PLURAL.findall(modulos):
        frases |= {una, varias}
    return frases


def test_cada_frase_tiene_su_ingles_y_no_sobra_ninguna() -> None:
    dichas = {frase for frase in ingles() if not frase.startswith("error.")}
    assert dichas == usadas()


def test_el_diccionario_va_en_orden_para_que_dos_cambios_no_choquen() -> None:
    assert list(ingles()) == sorted(ingles())


def test_el_ingles_lleva_los_mismos_datos() -> None:
    huecos = re.compile(r"\{(\w+)\}")
    distintas = [f for f, i in ingles().items() if {*huecos.findall(f)} != {*huecos.findall(i)}]
    assert [f for f in distintas if not f.startswith("error.")] == []
