"""El sobre: un evento ya codificado, con a quién va. Es lo que viaja entre procesos."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from mensajeria.protocolo.empujes import Empuje
from mensajeria.protocolo.eventos import NOMBRE_DE
from mensajeria.protocolo.json_estricto import codificar

# Lugares de un JSON que se codifica una vez y se completa por lector, o por conversación.
_CONVERSACION = b'"conversacionId":""'
_SIN_LEER = b'"mensajesNoLeidos":{}'
_PARTICIPANTES = b'"participantes":['


class Alcance(StrEnum):
    """A quién va un sobre.

    UNIDOS: las conexiones unidas a `conversacion`, o a cada una de `conversaciones`, a las que se
    les dice con su id (`de_una`). MIEMBROS: todas las conexiones de sus
    participantes. USUARIOS: las de `usuarios`. VECINOS: las unidas a alguna de `conversaciones`,
    una vez cada una.
    """

    UNIDOS = "unidos"
    MIEMBROS = "miembros"
    USUARIOS = "usuarios"
    VECINOS = "vecinos"


class Sobre(msgspec.Struct, kw_only=True, omit_defaults=True, array_like=True):
    """`cambio` es el número de cambio en `conversacion` (0: no ocupa ninguno) y `secuencia` la
    del último mensaje en ese momento. `miembros` dice quién cambia de sitio con este sobre:
    `True`/`False` si participa y puede enviar o no, `None` si deja de participar. `epoca` es en la
    que vale `cambio`; vacía, en la de quien lo reciba. `propias`, si en la conversación no van
    todos los participantes: lo que de sí mismo ve cada uno, en JSON. `emitido`: cuándo, en segundos
    Unix; 0, es una reparación.
    """

    evento: str
    datos: bytes
    alcance: Alcance
    conversacion: str = ""
    cambio: int = 0
    secuencia: int = 0
    usuarios: list[str] = []
    conversaciones: list[str] = []
    salvo_conexion: str = ""
    salvo_usuario: str = ""
    miembros: dict[str, bool | None] = {}
    no_leidos: dict[str, int] = {}
    epoca: str = ""
    propias: dict[str, bytes] = {}
    emitido: float = 0.0

    @property
    def es_de_cada_uno(self) -> bool:
        """Si lo que dice no es lo mismo para todos."""
        return bool(self.no_leidos or self.propias)

    def de_una(self, conversacion: str) -> Sobre:
        """El de una de sus conversaciones: en el JSON, su id en el lugar que quedó vacío."""
        # El primero: antes no hay nada que haya escrito un usuario.
        id_ = b'"conversacionId":%b' % codificar(conversacion)
        return Sobre(
            evento=self.evento,
            datos=self.datos.replace(_CONVERSACION, id_, 1),
            alcance=self.alcance,
            conversacion=conversacion,
            salvo_usuario=self.salvo_usuario,
            emitido=self.emitido,
        )

    def datos_para(self, usuario_id: str) -> bytes:
        """El JSON con lo de ese lector en su sitio: su cuenta de no leídos y, si toca, él mismo."""
        datos = self.datos
        if self.no_leidos:
            cuenta = codificar({usuario_id: self.no_leidos.get(usuario_id, 0)})
            # El último: tras `estadisticas` ya no hay ningún objeto que haya escrito un usuario.
            antes, _, despues = datos.rpartition(_SIN_LEER)
            datos = b'%b"mensajesNoLeidos":%b%b' % (antes, cuenta, despues)
        if propia := self.propias.get(usuario_id):
            # El primero: antes no hay ningún objeto que haya escrito un usuario.
            antes, lugar, despues = datos.partition(_PARTICIPANTES)
            coma = b"" if despues.startswith(b"]") else b","
            datos = b"".join((antes, lugar, propia, coma, despues))
        return datos


def sobre(empuje: Empuje, alcance: Alcance, **resto: object) -> Sobre:
    """Un sobre con el evento de `empuje`, codificado aquí y nunca más."""
    return Sobre(
        evento=NOMBRE_DE[type(empuje)],
        datos=codificar(empuje),
        alcance=alcance,
        **resto,  # type: ignore[arg-type]
    )


_codificador = msgspec.msgpack.Encoder()
_decodificador = msgspec.msgpack.Decoder(list[Sobre])


def empaquetar(sobres: list[Sobre]) -> bytes:
    return _codificador.encode(sobres)


def desempaquetar(crudo: bytes) -> list[Sobre]:
    return _decodificador.decode(crudo)
