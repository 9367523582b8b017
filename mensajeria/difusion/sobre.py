"""El sobre: un evento ya codificado, con a quién va. Es lo que viaja entre procesos."""

from __future__ import annotations

from enum import StrEnum

import msgspec

from mensajeria.protocolo.empujes import Empuje
from mensajeria.protocolo.eventos import NOMBRE_DE
from mensajeria.protocolo.json_estricto import codificar

# Lugar de `mensajesNoLeidos` en un JSON que se codifica una vez y se completa por lector.
_SIN_LEER = b'"mensajesNoLeidos":{}'


class Alcance(StrEnum):
    """A quién va un sobre.

    UNIDOS: las conexiones unidas a `conversacion`. MIEMBROS: todas las conexiones de sus
    participantes. USUARIOS: las de `usuarios`. VECINOS: las unidas a alguna de `conversaciones`,
    una vez cada una. PERSONAL: las del personal.
    """

    UNIDOS = "unidos"
    MIEMBROS = "miembros"
    USUARIOS = "usuarios"
    VECINOS = "vecinos"
    PERSONAL = "personal"


class Sobre(msgspec.Struct, kw_only=True, omit_defaults=True, array_like=True):
    """`cambio` es el número de cambio en `conversacion` (0: no ocupa ninguno) y `secuencia` la
    del último mensaje en ese momento. `miembros` dice quién cambia de sitio con este sobre:
    `True`/`False` si participa y puede enviar o no, `None` si deja de participar. `epoca` es en la
    que vale `cambio`; vacía, en la de quien lo reciba.
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

    def datos_para(self, usuario_id: str) -> bytes:
        """El JSON con la cuenta de no leídos de ese lector en su sitio."""
        if not self.no_leidos:
            return self.datos
        propia = codificar({usuario_id: self.no_leidos.get(usuario_id, 0)})
        # El último: tras `estadisticas` ya no hay nada que haya escrito un usuario.
        antes, _, despues = self.datos.rpartition(_SIN_LEER)
        return b'%b"mensajesNoLeidos":%b%b' % (antes, propia, despues)


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
