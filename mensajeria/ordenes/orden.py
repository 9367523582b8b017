"""Lo que alguien pide, venga de un socket, de REST o del admin."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Generic, TypeVar

from mensajeria.protocolo.errores import ErrorMensajeria
from mensajeria.protocolo.textos import quitar_controles
from mensajeria.protocolo.tipos import Carga, Forma

C = TypeVar("C", bound=Carga, covariant=True)


@dataclass(frozen=True, slots=True)
class Actor:
    """Quien actúa, según su token o su sesión; nunca según lo que envía.

    `conexion` es la suya, si pide por un socket. `personal` es un moderador desde el admin: no
    necesita participar.
    """

    usuario_id: str
    conexion: str = ""
    ip: str = ""
    agente: str = ""
    personal: bool = False

    @classmethod
    def de_http(cls, usuario_id: str, meta: Mapping[str, str], *, personal: bool = False) -> Actor:
        """Quien pide por HTTP; `meta` es el de su petición."""
        return cls(
            usuario_id,
            ip=meta.get("REMOTE_ADDR") or "",
            agente=quitar_controles(meta.get("HTTP_USER_AGENT") or ""),
            personal=personal,
        )


@dataclass(slots=True)
class Orden(Generic[C]):
    """`carga`, pedida por `actor`: el verbo de su tipo dice cómo se cumple."""

    actor: Actor
    carga: C
    # De los que reúne, a quienes no ve quien la pide: leído antes, que de lo que hay en otras
    # conversaciones el lote no lee.
    no_vistos: frozenset[str] = frozenset()
    # Por qué, si la da el personal; lo que lo lleva queda en la historia.
    motivo: str = ""
    # Gastó en el límite de ritmo: una vez, aunque el lote se repita.
    contada: bool = False
    # Ya estaba hecha: es un reintento, y no gasta.
    repetida: bool = False


Resultado = Forma | None | ErrorMensajeria
