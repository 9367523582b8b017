"""De un valor cualquiera a una carga del catálogo, o un VALIDATION_ERROR que dice el campo."""

from __future__ import annotations

import re
from typing import Any, TypeVar

import msgspec

from mensajeria.protocolo import cargas
from mensajeria.protocolo.datos_de_tipo import DATOS_DE_TIPO, Contacto
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria, no_valido
from mensajeria.protocolo.eventos import CLIENTE, EventoCliente
from mensajeria.protocolo.json_estricto import codificar, es_guardable, profundidad
from mensajeria.protocolo.textos import en_blanco
from mensajeria.protocolo.tipos import (
    MAX_ADJUNTO,
    MAX_METADATOS,
    PROFUNDIDAD_METADATOS,
    Carga,
    Objeto,
)

C = TypeVar("C", bound=Carga)

_RUTA = re.compile(r" - at (?:`key` in )?`\$\.?([^`]*)`$")
_FALTA = re.compile(r"missing required field `([^`]+)`")
_ESPERADO = re.compile(
    r"Expected `([^`]+)`(?: of length)?(?: (<=|>=|matching regex) (.+?))?(?:,|$)"
)
_TIPOS = {
    "str": "un texto",
    "int": "un entero",
    "bool": "true o false",
    "object": "un objeto",
    "array": "una lista",
    "float": "un número",
    "null": "null",
}


def evento_de_cliente(nombre: str) -> EventoCliente:
    """El evento del catálogo, o UNKNOWN_EVENT."""
    try:
        return CLIENTE[nombre]
    except KeyError:
        raise ErrorMensajeria(CodigoError.UNKNOWN_EVENT) from None


def convertir(valor: Any, tipo: type[C]) -> C:
    """Carga de `tipo` hecha de `valor` (lo que dio el JSON), sin coerción alguna.

    Lanza `ErrorMensajeria` VALIDATION_ERROR con `campo` en la notación `contenido.texto`. La de un
    evento sin campos no mira `valor`.
    """
    if not tipo.__struct_fields__:
        return tipo()
    carga = _convertir(valor, tipo, "")
    _revisar(carga)
    return carga


def _convertir(valor: Any, tipo: type[C], donde: str) -> C:
    """`donde`: el campo en el que está ese valor, si no es la carga entera."""
    try:
        return msgspec.convert(valor, tipo, strict=True)
    except msgspec.ValidationError as error:
        raise _traducir(str(error), donde) from None


def _traducir(texto: str, donde: str) -> ErrorMensajeria:
    ruta = _RUTA.search(texto)
    campo = ".".join(filter(None, (donde, ruta.group(1) if ruta else "")))
    if falta := _FALTA.search(texto):
        campo = f"{campo}.{falta.group(1)}" if campo else falta.group(1)
        return no_valido(f"Falta el campo «{campo}»", campo)
    sujeto = f"El campo «{campo}»" if campo else "El contenido del evento"
    return no_valido(f"{sujeto} no es válido: {_esperado(texto)}", campo or None)


def _esperado(texto: str) -> str:
    if texto.startswith("Invalid enum value"):
        return "no es uno de los valores admitidos"
    hallado = _ESPERADO.search(texto)
    if not hallado:
        return "el valor no se admite"
    tipos, limite, cuanto = hallado.groups()
    quiere = " o ".join(_TIPOS.get(t.strip(), t.strip()) for t in tipos.split("|"))
    if limite == "matching regex":
        return "el formato no se admite"
    if limite:
        medida = "de largo " if " of length" in texto else ""
        orden = "como mucho" if limite == "<=" else "como poco"
        cifra = cuanto.split(" - ")[0]
        return f"se esperaba {quiere} {medida}{orden} {cifra}".replace("  ", " ")
    return f"se esperaba {quiere}"


def _revisar(carga: Carga) -> None:
    """Reglas que un tipo no puede decir."""
    if isinstance(carga, cargas.EnviarMensaje):
        _revisar_mensaje(carga)
    elif isinstance(carga, cargas.MarcarLeido):
        if carga.conversacion_id is None and carga.mensaje_id is None:
            raise no_valido("Falta el campo «conversacionId»", "conversacionId")
    elif isinstance(carga, cargas.EditarMensaje) and en_blanco(carga.texto):
        raise no_valido("El texto no puede quedar en blanco", "texto")
    elif isinstance(carga, cargas.CrearConversacion | cargas.ActualizarConversacion):
        configuracion = carga.configuracion
        if configuracion is not None:
            _revisar_objeto(
                configuracion.configuracion_privacidad, "configuracion.configuracionPrivacidad"
            )


def _revisar_mensaje(carga: cargas.EnviarMensaje) -> None:
    contenido = carga.contenido
    if contenido.archivo is not None:
        _revisar_archivo(contenido.archivo)
    _revisar_objeto(contenido.metadatos, "contenido.metadatos")
    tipo_de_datos = DATOS_DE_TIPO.get(carga.clase)
    if tipo_de_datos is not None and _lleva_datos(carga, tipo_de_datos):
        return
    if contenido.archivo is None and en_blanco(contenido.dicho):
        if tipo_de_datos is None:
            raise no_valido("El mensaje necesita un texto o un archivo", "contenido.texto")
        donde = f"contenido.metadatos.{carga.clase}"
        raise no_valido(f"El mensaje necesita un texto, un archivo o «{donde}»", donde)


def _lleva_datos(carga: cargas.EnviarMensaje, tipo: type[Carga]) -> bool:
    """Si lleva los de su tipo (una ubicación, un contacto), que han de estar bien."""
    datos = (carga.contenido.metadatos or {}).get(carga.clase)
    if datos is None:
        return False
    donde = f"contenido.metadatos.{carga.clase}"
    leidos = _convertir(datos, tipo, donde)
    if isinstance(leidos, Contacto):
        dicho = (leidos.nombre, leidos.telefono, leidos.email)
        if all(en_blanco(texto or "") for texto in dicho):
            raise no_valido("Un contacto lleva nombre, teléfono o correo", donde)
    return True


def _revisar_archivo(archivo: cargas.ArchivoEnviado) -> None:
    if archivo.subido is not None:
        return
    for campo, dicho in (("nombre", archivo.nombre), ("url", archivo.url)):
        if dicho is None:
            donde = f"contenido.archivo.{campo}"
            raise no_valido(f"Falta el campo «{donde}», o el «id» de un archivo subido", donde)
    if en_blanco(archivo.nombre or ""):
        raise no_valido("El archivo necesita un nombre que se vea", "contenido.archivo.nombre")
    for campo, tamano in (("tamano", archivo.tamano), ("tamaño", archivo.tamano_del_original)):
        if (tamano or 0) > MAX_ADJUNTO:
            raise ErrorMensajeria(
                CodigoError.PAYLOAD_TOO_LARGE,
                "Un archivo adjunto ocupa como mucho 10 MB",
                campo=f"contenido.archivo.{campo}",
            )


def _revisar_objeto(objeto: Objeto | None, campo: str) -> None:
    if not objeto:
        return
    if not es_guardable(objeto):
        raise no_valido(f"«{campo}» lleva un entero de más de 64 bits, o binario", campo)
    if len(codificar(objeto)) > MAX_METADATOS:
        raise no_valido(f"«{campo}» ocupa más de {MAX_METADATOS} bytes de JSON", campo)
    if profundidad(objeto) > PROFUNDIDAD_METADATOS:
        raise no_valido(f"«{campo}» tiene más de {PROFUNDIDAD_METADATOS} niveles", campo)
