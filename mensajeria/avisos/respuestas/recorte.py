"""De lo que alguien contestó, lo que escribió: sin lo que citaba, y sin su firma."""

from __future__ import annotations

import re

import quotequail
from lxml import etree

from mensajeria.protocolo.textos import quitar_controles

# De lo que se mira: más no cabe en un mensaje, y las reglas de la biblioteca miran cada línea con
# todas las que le siguen.
MAX_LINEAS = 600
MAX_LETRAS = 40_000
# «El vie, 27 nov 2026 a las 10:00, Ana (<avisos@tusitio.com>) escribió:» no es más larga, ni lleva
# más: con muchas, algunas de sus expresiones tardan lo que el cubo de lo que mide la línea.
MAX_DE_INTRODUCCION = 300
MAX_SIGNOS = 3

_RARA = re.compile(r"\x01(\d+)\x01")
_FIRMA = re.compile(r"^--[ \t]*$", re.MULTILINE)
# Lo que ponen los teléfonos, si es lo último.
_DE_TELEFONO = re.compile(
    r"(?:\A|\n)[ \t]*(?:enviad[oa] (?:desde|con|de|mediante)|sent (?:from|with|via)|get outlook for"
    r"|obt(?:ener|én) outlook para|descarga(?:r)? outlook)[^\n]{1,120}\s*\Z",
    re.IGNORECASE,
)
_ESPACIOS = re.compile(r"\s+")
_HUECOS = re.compile(r"\n{3,}")

_MARCA = "\ufffc"
_DE_MARCA = re.compile(f"{_MARCA}([^{_MARCA}\\s]+){_MARCA}")
_SIN_TEXTO = {"head", "script", "style", "title", "template"}
_BLOQUES = {
    *("address", "article", "blockquote", "center", "dd", "div", "dl", "dt", "footer", "form"),
    *("h1", "h2", "h3", "h4", "h5", "h6", "header", "hr", "li", "ol", "p", "pre", "section"),
    *("table", "tr", "ul"),
}


def lo_escrito(texto: str) -> str:
    """Sin lo citado ni la firma; vacío, si no hay nada más."""
    texto = quitar_controles(texto)
    lineas = texto[:MAX_LETRAS].split("\n")[:MAX_LINEAS]
    raras: list[str] = []
    for n, linea in enumerate(lineas):
        lineas[n] = linea = linea.rstrip()
        if not _puede_introducir(linea):
            lineas[n] = f"{'> ' if linea.startswith('>') else ''}\x01{len(raras)}\x01"
            raras.append(linea)
    hallado = quotequail.unwrap("\n".join(lineas))
    if hallado is None:
        trozos = [texto]
    else:
        dichos = (hallado.get("text_top", ""), _sin_citas(hallado.get("text_bottom", "")))
        trozos = [_RARA.sub(lambda m: raras[int(m[1])], dicho) for dicho in dichos]
    return _HUECOS.sub("\n\n", "\n\n".join(filter(None, map(_sin_firma, trozos))))


def _puede_introducir(linea: str) -> bool:
    """Si puede ser la que da paso a lo citado."""
    signos = max(map(linea.count, "<@"))
    return len(linea) <= MAX_DE_INTRODUCCION and signos <= MAX_SIGNOS


def _sin_citas(texto: str) -> str:
    """Entre lo que se contesta punto por punto hay más citas."""
    return "\n".join(linea for linea in texto.split("\n") if not linea.startswith(">"))


def _sin_firma(texto: str) -> str:
    """Por su raya (RFC 3676, 4.3) o lo que pone un teléfono.

    Por un «Gracias,» no se corta: lo de detrás puede ser parte de lo que se dice.
    """
    return _DE_TELEFONO.sub("", _FIRMA.split(texto, maxsplit=1)[0].strip()).strip()


def sin_cortes(texto: str) -> str:
    """Lo que es `format=flowed` (RFC 3676), con cada párrafo en su línea; lo citado, como viene."""
    junto = [""]
    for linea in texto.split("\n"):
        raya = linea == "-- "
        if junto[-1].endswith(" ") and not raya and not linea.startswith(">"):
            junto[-1] += linea.removeprefix(" ")
        else:
            # Con su espacio, la siguiente se le juntaría.
            junto.append(linea.rstrip() if raya or linea.startswith(">") else linea)
    return "\n".join(junto[1:])


def imagenes_de(texto: str) -> set[str]:
    """Los `Content-ID` de las que `de_html` dejó en su sitio."""
    return set(_DE_MARCA.findall(texto))


def sin_imagenes(texto: str) -> str:
    return _DE_MARCA.sub("", texto).replace(_MARCA, "").strip()


def de_html(html: str) -> str:
    """El texto que se lee en él; lo citado, con `> ` delante, y cada imagen, con una marca."""
    limpio = quitar_controles(html).replace(_MARCA, "")
    lector = etree.HTMLParser(
        encoding="utf-8", no_network=True, remove_comments=True, remove_pis=True
    )
    try:
        raiz = etree.fromstring(limpio.encode("utf-8", "replace"), lector)
    except etree.XMLSyntaxError:
        return ""
    escrito = _Escrito()
    if raiz is not None:
        for suceso, nodo in etree.iterwalk(raiz, events=("start", "end")):
            if suceso == "start":
                escrito.abrir(nodo)
            else:
                escrito.cerrar(nodo)
    escrito.saltar()
    return "\n".join(escrito.lineas)


class _Escrito:
    def __init__(self) -> None:
        self.lineas: list[str] = []
        self._linea: list[str] = []
        self._citas = 0
        self._callado = 0

    def abrir(self, nodo: etree._Element) -> None:
        if nodo.tag in _SIN_TEXTO:
            self._callado += 1
        elif nodo.tag in _BLOQUES:
            self.saltar()
        if nodo.tag == "blockquote":
            self._citas += 1
        elif nodo.tag == "br":
            self.saltar(siempre=True)
        elif nodo.tag == "img" and (nodo.get("src") or "").startswith("cid:"):
            self._decir(f" {_MARCA}{(nodo.get('src') or '')[4:]}{_MARCA} ")
        elif nodo.tag == "li":
            self._decir("- ")
        self._decir(nodo.text)

    def cerrar(self, nodo: etree._Element) -> None:
        if nodo.tag in _SIN_TEXTO:
            self._callado -= 1
        elif nodo.tag == "a":
            self._decir(_a_donde(nodo))
        elif nodo.tag in _BLOQUES:
            self.saltar()
            if nodo.tag == "p":
                self.saltar(siempre=True)
        if nodo.tag == "blockquote":
            self._citas -= 1
        self._decir(nodo.tail)

    def _decir(self, texto: str | None) -> None:
        if texto and not self._callado:
            self._linea.append(texto)

    def saltar(self, *, siempre: bool = False) -> None:
        """Acaba la línea, si hay algo en ella o se pide."""
        linea = _ESPACIOS.sub(" ", "".join(self._linea)).strip()
        self._linea.clear()
        if linea or siempre:
            self.lineas.append(f"{'> ' * self._citas}{linea}")


def _a_donde(enlace: etree._Element) -> str:
    """Su dirección, si lo que dice no es ya ella."""
    destino = enlace.get("href") or ""
    dicho = "".join(enlace.itertext()).strip()
    if not destino.startswith(("http://", "https://")) or dicho in destino or destino in dicho:
        return ""
    return f" ({destino})"
