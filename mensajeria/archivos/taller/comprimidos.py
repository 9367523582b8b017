"""Los ZIP, y los documentos que lo son: qué llevan, y que abiertos no ocupen más de lo que dicen.

Lo que dice su directorio lo escribe quien lo hizo: aquí se infla a la nada, y se cuenta.
"""

from __future__ import annotations

import contextlib
import io
import struct
import zipfile
import zlib
from collections.abc import Collection, Iterator, Sequence
from typing import NamedTuple

from mensajeria.archivos.taller import ambiguos, macros
from mensajeria.archivos.taller.resultado import NoAdmitido, bomba, danado, no_admitido
from mensajeria.archivos.taller.tipos import DOCX, XLSX, ZIP
from mensajeria.protocolo.errores import CodigoError

# El de un ZIP con algo dentro, y el de uno vacío.
DE_ZIP = (b"PK\x03\x04", b"PK\x05\x06")

# A quien lo abra, que no le llene el disco: con los ZIP que lleve dentro, y los de dentro de ellos.
MAX_DESCOMPRIMIDO = 1024**3
MAX_ENTRADAS = 10_000
MAX_ENTRADAS_CON_LAS_DE_DENTRO = 100_000
MAX_HONDURA = 5
# Lo que dicen los documentos de qué son sus partes ocupa unos kilobytes.
MAX_DE_PARTES = 4 * 1024**2
# Lo que es en realidad: un programa, u otro formato que no está en la lista.
_DE_PROGRAMA = ("meta-inf/manifest.mf", "androidmanifest.xml")
# Lo que ocupa como mucho el final de un ZIP, con su comentario.
_FINAL_DE_ZIP = 22 + 0xFFFF
# De una cabecera (APPNOTE, 4.3.7): lo que ocupa, y dónde dice lo que ocupan su nombre y lo demás.
_CABECERA, _LARGOS = 30, 26
_CIFRADA = 0x1
_A_LEER, _A_ESCRIBIR = 64 * 1024, 1024**2


class EntradaDeZip(NamedTuple):
    """`inicio`: el de su cabecera; `datos` y `fin`: lo de dentro, como está guardado.

    `se_lee`: si no va con contraseña, ni comprimida de un modo que aquí no se sabe deshacer.
    """

    nombre: str
    inicio: int
    datos: int
    fin: int
    se_lee: bool
    comprimida: bool
    con_clave: bool
    ocupa: int


def reconocer(crudo: bytes) -> str:
    """Un documento de Word o de Excel, o un ZIP corriente."""
    entradas = _entradas(crudo)
    tipo = _segun_sus_nombres({e.nombre for e in entradas})
    _exigir_que_sea_uno(crudo, entradas, tipo)
    if any(not e.se_lee and not e.con_clave for e in entradas):
        raise no_admitido("El ZIP está comprimido de un modo poco corriente: hazlo con «deflate»")
    recuento = _Recuento()
    recuento.sumar(entradas)
    for entrada in entradas:
        dentro = _dentro(crudo, entrada)
        if tipo != ZIP:
            macros.exigir_sin_ellas(entrada.nombre, dentro)
        _exigir_que_quepa(dentro, recuento, 1)
    return tipo


def es_zip(crudo: bytes) -> bool:
    """Si uno lo abriría: basta con que acabe en su directorio, empiece por lo que empiece."""
    try:
        zipfile.ZipFile(io.BytesIO(crudo)).close()
    except (zipfile.BadZipFile, NotImplementedError, ValueError, OSError):
        return False
    return True


def acaba_como_zip(crudo: bytes) -> bool:
    """Si lo último es el directorio de uno: dentro puede llevar otros documentos, que lo son."""
    final = crudo.rfind(DE_ZIP[1], -_FINAL_DE_ZIP)
    comentario = int.from_bytes(crudo[final + 20 : final + 22], "little")
    return final >= 0 and final + 22 + comentario == len(crudo)


def _entradas(crudo: bytes) -> list[EntradaDeZip]:
    """Por donde están; `NoAdmitido` si no se pueden leer, o si unas van encima de otras."""
    try:
        with zipfile.ZipFile(io.BytesIO(crudo)) as comprimido:
            fichas, directorio = comprimido.infolist(), comprimido.start_dir
    except (zipfile.BadZipFile, NotImplementedError):
        raise _incompleto() from None
    if len(fichas) > MAX_ENTRADAS:
        raise _ocupa_demasiado()
    entradas = sorted((_entrada(crudo, f) for f in fichas), key=lambda e: e.inicio)
    siguientes = [e.inicio for e in entradas[1:]] + [directorio]
    if any(e.fin > siguiente for e, siguiente in zip(entradas, siguientes, strict=False)):
        raise bomba("El ZIP lleva unas partes encima de otras")
    return entradas


def _entrada(crudo: bytes, ficha: zipfile.ZipInfo) -> EntradaDeZip:
    inicio, modo = ficha.header_offset, ficha.compress_type
    if inicio < 0 or not crudo.startswith(DE_ZIP[0], inicio):
        raise _incompleto()
    datos = inicio + _CABECERA + sum(struct.unpack_from("<HH", crudo, inicio + _LARGOS))
    con_clave = bool(ficha.flag_bits & _CIFRADA)
    return EntradaDeZip(
        nombre=ficha.filename.lower(),
        inicio=inicio,
        datos=datos,
        fin=datos + ficha.compress_size,
        se_lee=not con_clave and modo in (zipfile.ZIP_STORED, zipfile.ZIP_DEFLATED),
        # De una carpeta hay quien no guarda ni el final de lo comprimido.
        comprimida=modo == zipfile.ZIP_DEFLATED and ficha.compress_size > 0,
        con_clave=con_clave,
        ocupa=ficha.file_size,
    )


def _incompleto() -> NoAdmitido:
    return danado("El ZIP está dañado o incompleto")


def _ocupa_demasiado() -> NoAdmitido:
    return bomba("El ZIP ocupa demasiado al descomprimirlo")


def _segun_sus_nombres(nombres: Collection[str]) -> str:
    if any(n in nombres for n in _DE_PROGRAMA):
        raise no_admitido("Es un programa, y no se admiten")
    if macros.PARTES not in nombres:
        if "mimetype" in nombres:
            raise no_admitido("De los documentos se admiten los PDF, los de Word y los de Excel")
        return ZIP
    for carpeta, tipo in (("word/", DOCX), ("xl/", XLSX)):
        if any(n.startswith(carpeta) for n in nombres):
            return tipo
    raise no_admitido("De los documentos se admiten los PDF, los de Word y los de Excel")


def _exigir_que_sea_uno(crudo: bytes, entradas: Sequence[EntradaDeZip], tipo: str) -> None:
    """Lo que va entre las entradas, o detrás, no lo enseña quien lo abre como un ZIP."""
    fuera = _sin(crudo, entradas)
    if DE_ZIP[0] in fuera:
        raise ambiguos.es_tambien("otro archivo comprimido")
    ambiguos.exigir_sin_comprimidos(fuera)
    ambiguos.exigir_sin_codigo(fuera)
    # Lo que un ZIP guarda sin comprimir y se llama así no es otra cosa; en un documento, sí.
    suyas = [e for e in entradas if tipo == ZIP and _lleva_un_pdf(crudo, e)]
    ambiguos.exigir_sin_pdf(_sin(crudo, suyas))


def _sin(crudo: bytes, entradas: Sequence[EntradaDeZip]) -> bytes:
    """Lo mismo, con esas en blanco, salvo su nombre y lo que lo acompaña."""
    fuera = bytearray(crudo)
    for entrada in entradas:
        fuera[entrada.inicio : entrada.inicio + len(DE_ZIP[0])] = bytes(len(DE_ZIP[0]))
        fuera[entrada.datos : entrada.fin] = bytes(entrada.fin - entrada.datos)
    return bytes(fuera)


def _lleva_un_pdf(crudo: bytes, entrada: EntradaDeZip) -> bool:
    """Sin engañar a nadie: se llama como uno, o es otro ZIP."""
    return entrada.nombre.endswith((".pdf", ".ai")) or crudo.startswith(DE_ZIP[0], entrada.datos)


class _Recuento:
    """Lo que dicen ocupar un ZIP y los que lleve dentro."""

    def __init__(self) -> None:
        self._entradas = self._bytes = 0

    def sumar(self, entradas: Sequence[EntradaDeZip]) -> None:
        self._entradas += len(entradas)
        self._bytes += sum(e.ocupa for e in entradas)
        demasiadas = self._entradas > MAX_ENTRADAS_CON_LAS_DE_DENTRO
        if demasiadas or self._bytes > MAX_DESCOMPRIMIDO:
            raise _ocupa_demasiado()


def _exigir_que_quepa(crudo: bytes, recuento: _Recuento, hondura: int) -> None:
    """Si es otro ZIP, con lo que se lleva contado; del que no se puede leer, no se sabe nada."""
    if not crudo.startswith(DE_ZIP[0]):
        return
    if hondura > MAX_HONDURA:
        raise _ocupa_demasiado()
    with _salvo_que_sea_bomba():
        entradas = _entradas(crudo)
        recuento.sumar(entradas)
        for entrada in entradas:
            with _salvo_que_sea_bomba():
                _exigir_que_quepa(_dentro(crudo, entrada), recuento, hondura + 1)


@contextlib.contextmanager
def _salvo_que_sea_bomba() -> Iterator[None]:
    try:
        yield
    except NoAdmitido as rechazo:
        if rechazo.codigo == CodigoError.FILE_BOMB:
            raise


def _dentro(crudo: bytes, entrada: EntradaDeZip) -> bytes:
    """Lo que lleva, si es otro documento o dice de qué es este; si no, se cuenta y no se guarda."""
    if not entrada.se_lee:
        return b""
    importa = macros.dice_de_que_es(entrada.nombre)
    if importa and entrada.ocupa > MAX_DE_PARTES:
        raise _ocupa_demasiado()
    trozos = _contados(crudo, entrada)
    principio = b""
    for trozo in trozos:
        principio += trozo
        if len(principio) >= len(macros.OLE):
            break
    if importa or principio.startswith((DE_ZIP[0], macros.OLE)):
        return b"".join([principio, *trozos])
    for _ in trozos:
        pass
    return b""


def _contados(crudo: bytes, entrada: EntradaDeZip) -> Iterator[bytes]:
    """Lo de dentro, a trozos; `NoAdmitido` si no ocupa lo que dice."""
    trozos = _inflados(crudo, entrada) if entrada.comprimida else _guardados(crudo, entrada)
    ocupa = 0
    for trozo in trozos:
        ocupa += len(trozo)
        if ocupa > entrada.ocupa:
            raise bomba("El ZIP ocupa, al descomprimirlo, más de lo que dice")
        yield trozo
    if ocupa < entrada.ocupa:
        raise _incompleto()


def _guardados(crudo: bytes, entrada: EntradaDeZip) -> Iterator[bytes]:
    yield crudo[entrada.datos : entrada.fin]


def _inflados(crudo: bytes, entrada: EntradaDeZip) -> Iterator[bytes]:
    inflador = zlib.decompressobj(-zlib.MAX_WBITS)
    for desde in range(entrada.datos, entrada.fin, _A_LEER):
        hasta = min(desde + _A_LEER, entrada.fin)
        queda = crudo[desde:hasta]
        try:
            while queda and not inflador.eof:
                yield inflador.decompress(queda, _A_ESCRIBIR)
                queda = inflador.unconsumed_tail
        except zlib.error:
            raise _incompleto() from None
        if inflador.eof and (inflador.unused_data or hasta < entrada.fin):
            raise danado("El ZIP lleva algo detrás de lo que comprime")
    yield inflador.flush()
    if not inflador.eof:
        raise _incompleto()
