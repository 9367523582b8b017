"""Lo que se lee antes de la transacción, sin bloquear nada."""

from __future__ import annotations

from collections.abc import Sequence

from mensajeria.models import Mensaje, Participante
from mensajeria.ordenes.nombra import Nombra
from mensajeria.ordenes.orden import Orden
from mensajeria.protocolo.tipos import Carga


class Vistazo:
    """Cómo está todo un instante antes de bloquear, en tres consultas a lo sumo.

    `conversaciones` dice de cuál es cada orden: la de un mensaje no cambia. Los `previos` también
    valen ya bloqueada: el mismo `idCliente` confirmado entre medias choca con su índice, y el lote
    se repite. Lo demás puede cambiar, y `aplicar` lo decide otra vez.
    """

    def __init__(self, ordenes: Sequence[Orden[Carga]], nombradas: Sequence[Nombra]) -> None:
        self._de_mensaje = _de_mensajes([id_ for n in nombradas for id_ in (n.mensaje, n.cita)])
        self.conversaciones = [_de_cual(n, self._de_mensaje) for n in nombradas]
        pares = zip(ordenes, nombradas, strict=True)
        self.claves_previas = {(o.actor.usuario_id, n.previo) for o, n in pares if n.previo}
        self.previos = leer_previos(self.claves_previas)
        self._pueden_enviar: set[tuple[str, str]] = set()
        # Los `idCliente` admitidos en este mismo lote: el segundo es un reintento.
        self.admitidos: set[tuple[str, str]] = set()

    def mirar_remitentes(self, claves: set[tuple[str, str]]) -> None:
        """Quién puede enviar ahora, de esos pares de conversación y usuario."""
        if claves:
            filas = Participante.objects.filter(
                conversacion__in={c for c, _ in claves},
                usuario__in={u for _, u in claves},
                activo=True,
                puede_enviar=True,
                usuario__is_active=True,
                conversacion__activa=True,
            )
            self._pueden_enviar = set(filas.values_list("conversacion_id", "usuario_id"))

    def ya_enviado(self, clave: tuple[str, str]) -> bool:
        """Si ese remitente ya envió con ese `idCliente`; lo mira otra vez."""
        self.previos |= leer_previos({clave})
        return clave in self.previos

    def puede_enviar(self, conversacion_id: str, usuario_id: str) -> bool:
        return (conversacion_id, usuario_id) in self._pueden_enviar

    def es_de(self, mensaje_id: str, conversacion_id: str) -> bool:
        """Si ese mensaje está en esa conversación."""
        return self._de_mensaje.get(mensaje_id) == conversacion_id


def conversaciones_de(nombradas: Sequence[Nombra]) -> list[str | None]:
    """De qué conversación es cada orden; una consulta si alguna solo nombra un mensaje."""
    de_mensaje = _de_mensajes([n.mensaje for n in nombradas])
    return [_de_cual(n, de_mensaje) for n in nombradas]


def leer_previos(claves: set[tuple[str, str]]) -> dict[tuple[str, str], Mensaje]:
    """Los ya enviados, de esos pares de remitente e `idCliente`."""
    if not claves:
        return {}
    filas = Mensaje.objects.filter(
        remitente__in={r for r, _ in claves}, id_cliente__in={i for _, i in claves}
    )
    return {(f.remitente_id or "", f.id_cliente or ""): f for f in filas}


def _de_cual(nombra: Nombra, de_mensaje: dict[str, str]) -> str | None:
    return nombra.conversacion or de_mensaje.get(nombra.mensaje or "")


def _de_mensajes(ids: Sequence[str | None]) -> dict[str, str]:
    nombrados = {id_ for id_ in ids if id_}
    if not nombrados:
        return {}
    filas = Mensaje.objects.filter(pk__in=nombrados)
    return dict(filas.values_list("pk", "conversacion_id"))
