"""Un archivo de cada clase, hecho aquí: buenos, y de los que no se admiten."""

from __future__ import annotations

import io
import random
import struct
import wave
import zipfile
from typing import Any

from PIL import Image

MARCA = "CalleSecreta42"


def imagen(formato: str = "PNG", lado: tuple[int, int] = (64, 48), **opciones: Any) -> bytes:
    """Con un degradado: no se reduce a nada."""
    hecha = Image.linear_gradient("L").resize(lado).convert("RGB")
    salida = io.BytesIO()
    hecha.save(salida, formato, **opciones)
    return salida.getvalue()


def foto(lado: tuple[int, int] = (1200, 800)) -> bytes:
    """De un teléfono: con su posición, un comentario y tumbada (EXIF, orientación 6)."""
    exif = Image.Exif()
    exif[0x0112] = 6
    exif[0x010F] = MARCA
    exif.get_ifd(0x8825).update({1: "N", 2: (40.0, 25.0, 1.0), 3: "W", 4: (3.0, 42.0, 1.0)})
    return imagen("JPEG", lado, exif=exif, comment=MARCA.encode())


def animacion(cuadros: int = 3, lado: tuple[int, int] = (40, 30), formato: str = "GIF") -> bytes:
    azar = random.Random(1)
    todos = [
        Image.new("RGB", lado, tuple(azar.randrange(256) for _ in range(3))) for _ in range(cuadros)
    ]
    salida = io.BytesIO()
    todos[0].save(salida, formato, save_all=True, append_images=todos[1:], duration=70, loop=0)
    return salida.getvalue()


def animacion_de_poco_cambio(cuadros: int = 40) -> bytes:
    """De cada cuadro solo cambia un rincón, que es lo único que lleva."""
    fondo = Image.effect_noise((300, 300), 100).convert("P")
    todos = []
    for n in range(cuadros):
        todos.append(fondo.copy())
        todos[-1].paste(n, (n, n, n + 5, n + 5))
    salida = io.BytesIO()
    todos[0].save(salida, "GIF", save_all=True, append_images=todos[1:], duration=70)
    return salida.getvalue()


def pegatina() -> bytes:
    """Un cuadrado que salta sobre lo transparente: lo de antes se borra en cada cuadro."""
    todos = []
    for x in (0, 20):
        todos.append(Image.new("RGBA", (40, 40), (0, 0, 0, 0)))
        todos[-1].paste((255, 0, 0, 255), (x, 0, x + 20, 40))
    salida = io.BytesIO()
    todos[0].save(salida, "GIF", save_all=True, append_images=todos[1:], duration=70, disposal=2)
    return salida.getvalue()


def gif(*cuadros: tuple[int, int, int, int]) -> bytes:
    """De un píxel, y esos cuadros: dónde van, y de qué lado dicen ser."""
    crudo = b"GIF89a" + struct.pack("<2H3B", 1, 1, 0x80, 0, 0) + bytes(3) + b"\xff" * 3
    for cuadro in cuadros:
        crudo += b"," + struct.pack("<4HB", *cuadro, 0) + b"\2\2\x44\1\0"
    return crudo + b";"


def bomba(ancho: int = 8000, alto: int = 6250) -> bytes:
    """Cincuenta megapíxeles en unos kilobytes."""
    salida = io.BytesIO()
    Image.new("1", (ancho, alto)).save(salida, "PNG")
    return salida.getvalue()


def pdf() -> bytes:
    return b"%PDF-1.4\n1 0 obj<</Type/Catalog>>endobj\ntrailer<</Root 1 0 R>>\n%%EOF\n"


def comprimido(**nombres: str) -> bytes:
    """Un ZIP; en los nombres, `__` es una `/` y `_` un punto."""
    salida = io.BytesIO()
    with zipfile.ZipFile(salida, "w", zipfile.ZIP_DEFLATED) as uno:
        for nombre, texto in nombres.items():
            uno.writestr(nombre.replace("__", "/").replace("_", "."), texto)
    return salida.getvalue()


def empaquetado(*partes: tuple[str, bytes], modo: int = zipfile.ZIP_STORED) -> bytes:
    """Un ZIP con esas, en su orden; si no se dice otra cosa, sin comprimir."""
    salida = io.BytesIO()
    with zipfile.ZipFile(salida, "w", modo) as uno:
        for nombre, crudo in partes:
            uno.writestr(nombre, crudo)
    return salida.getvalue()


def ofimatica(carpeta: str, *mas: str, **partes: bytes) -> bytes:
    """Un documento; `mas`, otras partes, y `partes`, con lo que llevan."""
    tipos = b'<Types><Default Extension="xml" ContentType="application/xml"/></Types>'
    suyas = {"[Content_Types].xml": tipos, "_rels/.rels": b"<x/>", f"{carpeta}/documento.xml": b"x"}
    suyas |= dict.fromkeys(mas, b"<x/>") | partes
    return empaquetado(*suyas.items())


def dice_ocupar(comprimido: bytes, cuanto: int, otro: int) -> bytes:
    """El mismo ZIP, en el que lo que ocupaba `cuanto` dice que ocupa `otro`."""
    return comprimido.replace(cuanto.to_bytes(4, "little"), otro.to_bytes(4, "little"))


def ole(corriente: str, *, dentro_de: str = "", datos: bytes = b"texto ") -> bytes:
    """Un documento compuesto (MS-CFB) con una sola corriente de ese nombre, de ocho sectores.

    `dentro_de`: otro almacén, hermano suyo, con una corriente «dir».
    """
    libre, final, de_tabla = 0xFFFFFFFF, 0xFFFFFFFE, 0xFFFFFFFD
    cabecera = b"\xd0\xcf\x11\xe0\xa1\xb1\x1a\xe1" + bytes(16)
    cabecera += struct.pack("<5H", 0x3E, 3, 0xFFFE, 9, 6) + bytes(6)
    cabecera += struct.pack("<9I", 0, 1, 1, 0, 4096, final, 0, final, 0)
    cabecera += struct.pack("<109I", 0, *[libre] * 108)
    cadena = list(range(3, 10)) + [final]
    tabla = [de_tabla, final, *cadena]
    tabla += [libre] * (128 - len(tabla))
    carpeta = _entrada("Root Entry", 5, final, 0, hijo=1)
    carpeta += _entrada(corriente, 2, 2, 4096, derecha=2 if dentro_de else libre)
    if dentro_de:
        carpeta += _entrada(dentro_de, 1, 0, 0, hijo=3) + _entrada("dir", 2, final, 0)
    return (
        cabecera
        + struct.pack("<128I", *tabla)
        + carpeta.ljust(512, b"\0")
        + datos.ljust(8 * 512, b".")
    )


def _entrada(
    nombre: str,
    clase: int,
    desde: int,
    largo: int,
    hijo: int = 0xFFFFFFFF,
    derecha: int = 0xFFFFFFFF,
) -> bytes:
    escrito = (nombre + "\0").encode("utf-16-le")
    fila = escrito.ljust(64, b"\0") + struct.pack("<HBB", len(escrito), clase, 1)
    fila += struct.pack("<3I", 0xFFFFFFFF, derecha, hijo) + bytes(36)
    return fila + struct.pack("<IQ", desde, largo)


def libro(de_macros: bool) -> bytes:
    """Lo que dice un libro de Excel de sus hojas (MS-XLS: BOF, BoundSheet8, EOF)."""
    hoja = struct.pack("<IBB", 0, 0, de_macros) + b"\5\0Hoja1"
    registros = ((0x0809, bytes(16)), (0x0085, hoja), (0x000A, b""))
    return b"".join(struct.pack("<HH", c, len(d)) + d for c, d in registros)


def wav(segundos: float = 0.5) -> bytes:
    salida = io.BytesIO()
    with wave.open(salida, "wb") as uno:
        uno.setnchannels(1)
        uno.setsampwidth(2)
        uno.setframerate(8000)
        uno.writeframes(bytes(int(8000 * segundos) * 2))
    return salida.getvalue()


def mp3(marcos: int = 80) -> bytes:
    """Silencio a 128 kb/s y 44,1 kHz: 26 ms por marco."""
    return (b"\xff\xfb\x90\x00" + bytes(413)) * marcos


def wav_con_notas() -> bytes:
    """Un `LIST` de largo impar, y detrás del sonido lo que ponen las grabadoras (EBU, `bext`)."""
    limpio = wav()
    notas = b"LIST" + struct.pack("<I", 19) + b"INFO" + MARCA.encode().ljust(15) + b"\0"
    detras = b"bext" + struct.pack("<I", 20) + MARCA.encode().ljust(20)
    return limpio[:12] + notas + limpio[12:] + detras


def mp3_con_notas() -> bytes:
    """ID3v2 delante, con más de 127 bytes, y detrás APE e ID3v1."""
    notas = b"TXXX" + struct.pack(">IH", 190, 0) + MARCA.encode().ljust(190)
    ape = struct.pack("<8s4I8x", b"APETAGEX", 2000, 20 + 32, 1, 1 << 31)
    ape = ape + MARCA.encode().ljust(20) + ape
    cabeza = b"ID3\4\0\0" + bytes([0, 0, len(notas) >> 7, len(notas) & 0x7F])
    return cabeza + notas + mp3() + ape + b"TAG" + MARCA.encode().ljust(125)


def ogg() -> bytes:
    """Opus de un segundo: sus dos cabeceras y una página que acaba en 48.000 muestras."""
    cabeza = b"OpusHead" + struct.pack("<BBHIhB", 1, 1, 0, 48000, 0, 0)
    notas = b"OpusTags" + struct.pack("<I", 1) + b"x" + struct.pack("<I", 0)
    return _pagina(2, 0, 0, cabeza) + _pagina(0, 0, 1, notas) + _pagina(4, 48000, 2, bytes(60))


def theora() -> bytes:
    return _pagina(2, 0, 0, b"\x80theora" + bytes(40))


def _pagina(marca: int, hasta: int, cual: int, datos: bytes) -> bytes:
    cabeza = b"OggS" + struct.pack("<BBqIII", 0, marca, hasta, 7, cual, 0)
    return cabeza + bytes([1, len(datos)]) + datos


def caja(tipo: bytes, *dentro: bytes) -> bytes:
    datos = b"".join(dentro)
    return struct.pack(">I4s", len(datos) + 8, tipo) + datos


def mp4(*, video: bool = True, segundos: int = 2, marca: bytes = b"mp42") -> bytes:
    """Con la posición y quién lo grabó en `udta`, donde la ponen los teléfonos."""
    mvhd = caja(b"mvhd", struct.pack(">4I2I", 0, 0, 0, 1000, segundos * 1000, 0), bytes(76))
    hdlr = caja(b"hdlr", bytes(8), b"vide" if video else b"soun", bytes(13))
    udta = caja(b"udta", caja(b"\xa9xyz", b"\0\x12\x15\xc7+40.4168-003.7038/"), MARCA.encode())
    pista = caja(b"trak", caja(b"mdia", hdlr), caja(b"meta", MARCA.encode()))
    return (
        caja(b"ftyp", marca, bytes(4), marca, b"isom" if video else b"M4A ")
        + caja(b"moov", mvhd, pista, udta)
        + caja(b"mdat", bytes(64))
    )


def elemento(id_: int, *dentro: bytes, sin_largo: bool = False) -> bytes:
    datos = b"".join(dentro)
    crudo = id_.to_bytes((id_.bit_length() + 7) // 8, "big")
    largo = b"\xff" if sin_largo else (len(datos) | 1 << 28).to_bytes(4, "big")
    return crudo + largo + datos


def webm(*, video: bool = False, segundos: float | None = None, doctype: bytes = b"webm") -> bytes:
    """Como lo graba un navegador: sin decir cuánto dura, ni dónde acaba cada grupo; y con notas."""
    dura = b"" if segundos is None else elemento(0x4489, struct.pack(">d", segundos * 1000))
    informacion = elemento(0x1549A966, elemento(0x2AD7B1, (10**6).to_bytes(3, "big")), dura)
    pista = elemento(0x1654AE6B, elemento(0xAE, elemento(0x83, b"\1" if video else b"\2")))
    bloque = elemento(0xA3, b"\x81", struct.pack(">hB", 960, 0x80), b"sonido")
    grupos = [
        elemento(0x1F43B675, elemento(0xE7, hora.to_bytes(2, "big")), bloque, sin_largo=True)
        for hora in (0, 1000)
    ]
    cabeza = elemento(0x1A45DFA3, b"\x42\x82" + bytes([0x80 | len(doctype)]) + doctype)
    # Los de MKVToolNix: dónde se grabó, y un archivo pegado.
    notas = elemento(0x1254C367, b"LOCATION +40.4168-003.7038/ " + MARCA.encode())
    pegado = elemento(0x1941A469, b"MZ" + MARCA.encode())
    return cabeza + elemento(0x18538067, informacion, pista, notas, pegado, *grupos, sin_largo=True)


def es_el_mismo_color(crudo: bytes, otro: bytes, cuanto: int = 12) -> bool:
    """Si dos imágenes se ven, en media, casi igual."""
    medias = [
        Image.open(io.BytesIO(una)).convert("RGB").resize((1, 1)).getpixel((0, 0))
        for una in (crudo, otro)
    ]
    return all(abs(a - b) <= cuanto for a, b in zip(*medias, strict=True))
