"""En qué no hacemos lo que hacía el original, a propósito, y por qué; una docena como mucho.

De lo grabado sale lo que esperamos: cada diferencia cambia o quita lo que entonces llegó, o añade
lo que llega ahora.
"""

from __future__ import annotations

from collections.abc import Callable, Iterable
from dataclasses import dataclass
from typing import Any

from tests.original.normal import Visto

A, B, C = (f"6869{letra * 20}" for letra in "abc")
C1, C2 = "68690000000000000000c001", "68690000000000000000c002"


def _igual(visto: Visto) -> Visto | None:
    return visto


@dataclass(frozen=True)
class Diferencia:
    """`cambia` dice en qué queda algo de lo grabado (None: ya no llega); `llegan`, lo que llega
    además, como (paso, cliente, evento, lo que ha de llevar). Un evento con `#` delante es de su
    cliente: el acuse, o que no conecta, o que deja de estarlo.
    """

    razon: str
    cambia: Callable[[Visto], Visto | None] = _igual
    llegan: tuple[tuple[str, str, str, Any], ...] = ()


def _sin(*eventos: str) -> Callable[[Visto], Visto | None]:
    return lambda v: None if v.ev in eventos else v


def _sin_pasos(*pasos: str) -> Callable[[Visto], Visto | None]:
    """No pasa nada de lo que entonces pasó en esos pasos."""
    return lambda v: None if v.paso[:2] in pasos or v.paso in pasos else v


def _negado(paso: str, c: str, code: str) -> tuple[str, str, str, dict[str, Any]]:
    return (paso, c, "error", {"code": code})


def _estado(paso: str, c: str, de: str, conectado: bool) -> Any:
    return (paso, c, "estado_usuario_cambiado", {"usuarioId": de, "conectado": conectado})


def _llega(paso: str, c: str, de: str, a: str) -> Any:
    return (paso, c, "usuario_conectado", {"usuarioId": de, "conversacionId": a})


def _se_va(paso: str, c: str, de: str, a: str) -> Any:
    return (paso, c, "usuario_desconectado", {"usuarioId": de, "conversacionId": a})


def _sin_campos(*sobran: str) -> Callable[[Visto], Visto]:
    def cambia(v: Visto) -> Visto:
        return v._replace(a=_podado(v.a, frozenset(sobran)))

    return cambia


def _podado(valor: Any, sobran: frozenset[str]) -> Any:
    if isinstance(valor, dict):
        return {k: _podado(v, sobran) for k, v in valor.items() if k not in sobran}
    return [_podado(v, sobran) for v in valor] if isinstance(valor, list) else valor


def _con(v: Visto, **campos: Any) -> Visto:
    """Con esos campos en su mensaje."""
    return v._replace(a=[{**v.a[0], "mensaje": {**v.a[0]["mensaje"], **campos}}])


def _error_sin_texto(v: Visto) -> Visto:
    return v._replace(a=[{}]) if v.ev == "error" else v


_DE_LA_SEMILLA = {"wow": "surprise", "thumbs_up": "like"}
_SORPRESA, _WOW = "23 B surprise", "24 B reaccion wow"


def _con_valores(v: Visto) -> Visto | None:
    """Lo que traía `wow` llega ya con `surprise`, que allí se negaba: son la misma."""
    if v.paso == _SORPRESA:
        return None
    if v.ev == "reaccion_agregada":
        return v._replace(paso=_SORPRESA if v.paso == _WOW else v.paso, a=_traducido(v.a))
    if v.ev == "nuevo_mensaje" and v.paso == "42 tipo solo en contenido":
        return _con(v, contenido={**v.a[0]["mensaje"]["contenido"], "tipo": "imagen"})
    return v


def _traducido(valor: Any) -> Any:
    if isinstance(valor, dict):
        tipo = {"tipo": _DE_LA_SEMILLA.get(valor["tipo"], valor["tipo"])} if "tipo" in valor else {}
        return {**{k: _traducido(v) for k, v in valor.items()}, **tipo}
    return [_traducido(v) for v in valor] if isinstance(valor, list) else valor


def _cita_con_autor(v: Visto) -> Visto:
    """`remitente` de una cita es una persona, como en el mensaje."""
    if v.ev == "nuevo_mensaje" and (cita := v.a[0]["mensaje"].get("respuestaA")):
        return _con(v, respuestaA={**cita, "remitente": {"_id": cita["remitente"]}})
    return v


DIFERENCIAS = (
    Diferencia(
        "La presencia se dice a quien comparte una conversación, y no a cualquiera ni a uno mismo; "
        "con la primera conexión que se une (autenticar une a todas) y tras la última, y no con "
        "cada una: el original daba por ido a quien seguía en otro dispositivo.",
        _sin("estado_usuario_cambiado", "usuario_conectado", "usuario_desconectado"),
        (
            _estado("04 autenticar A", "B", A, True),
            _llega("04 autenticar A", "B", A, C1),
            _llega("04 autenticar A", "B", A, C2),
            *(_estado("07 C conecta y autentica", c, C, True) for c in "AB"),
            *(_llega("07 C conecta y autentica", c, C, C2) for c in "AB"),
            _se_va("28 A sale de c1", "B", A, C1),
            _llega("31 A vuelve a unirse", "B", A, C1),
            *(_estado("90 B se desconecta", c, B, False) for c in ("A", "C", "X", "H")),
            *(_se_va("90 B se desconecta", c, B, C2) for c in ("A", "C", "X", "H")),
            _se_va("90 B se desconecta", "A", B, C1),
        ),
    ),
    Diferencia(
        "`entregado` es que lo recibieron todos los demás, que se sabe en menos de dos segundos, y "
        "no que pasaron 100 ms; y se dice de todos los mensajes hasta uno. Lo comprueba aparte la "
        "repetición.",
        _sin("mensaje_actualizado"),
    ),
    Diferencia(
        "Un error lleva su código y dice qué hacer, en vez de «Error al enviar mensaje»; y se "
        "contesta también a lo que el original callaba, y a quien espera acuse.",
        _error_sin_texto,
        (
            _negado("51 sin autenticar escribiendo", "X", "AUTH_REQUIRED"),
            _negado("51 sin autenticar salir_conversacion", "X", "AUTH_REQUIRED"),
            _negado("64 reaccion a inexistente", "A", "NOT_FOUND"),
            _negado("65 leido inexistente", "A", "NOT_FOUND"),
            _negado("67 leido sin nada", "B", "VALIDATION_ERROR"),
            _negado("68 evento desconocido", "A", "UNKNOWN_EVENT"),
            _negado("71 salir sin conversacion", "A", "VALIDATION_ERROR"),
            ("75 ack en enviar", "A", "#ack", {"ok": True}),
        ),
    ),
    Diferencia(
        "Quién es lo dice el token, que se comprueba, también en el saludo; con él basta, y sin él "
        "no se entra. El original creía a `usuarioId`, con cualquier token.",
        _sin_pasos("53", "54", "55", "56"),
        (
            ("53 autenticar sin usuarioId pero con token", "X", "autenticado", {"usuarioId": C}),
            _negado("54 autenticar con token falso", "X", "AUTH_INVALID"),
            _negado("55 autenticar sin token", "X", "VALIDATION_ERROR"),
            _negado("56 autenticar usuario de texto", "X", "AUTH_INVALID"),
            ("85 auth en el handshake (token bueno)", "H", "autenticado", {"usuarioId": C}),
            ("86 auth en el handshake (token malo)", "H2", "#connect_error", "Token inválido"),
        ),
    ),
    Diferencia(
        "Quien no participa no reacciona.",
        _sin_pasos("69"),
        (_negado("69 C reacciona en c1 (ajena)", "C", "NOT_FOUND"),),
    ),
    Diferencia(
        "Un mensaje que no dice nada se niega, y lo que no es del tipo debido: el original "
        "los guardaba vacíos. Los de `sistema` son solo del servidor.",
        _sin_pasos("62", "72", "73", "74", "41 tipo sistema"),
        (
            _negado("41 tipo sistema", "A", "VALIDATION_ERROR"),
            _negado("62 A envia texto vacio", "A", "VALIDATION_ERROR"),
            _negado("72 escribiendo sin campo", "B", "VALIDATION_ERROR"),
            _negado("73 texto numero", "A", "VALIDATION_ERROR"),
            _negado("74 contenido texto plano", "A", "VALIDATION_ERROR"),
        ),
    ),
    Diferencia(
        "Los valores que se envían son los de la semilla: `surprise`, que allí se llamaba `wow`; "
        "`like`, que era también `thumbs_up`; y el `contenido.tipo`, que allí no contaba.",
        _con_valores,
    ),
    Diferencia(
        "Repetir la misma reacción no cambia nada, y no se anuncia.",
        _sin_pasos("26"),
    ),
    Diferencia(
        "Quien escribe no se ve escribiendo en su otro dispositivo, y al enviar deja de escribir.",
        lambda v: None if (v.paso[:2], v.c) == ("37", "A2") else v,
        (
            (
                "40 prioridad baja",
                "B",
                "usuario_escribiendo",
                {"usuarioId": A, "escribiendo": False},
            ),
        ),
    ),
    Diferencia(
        "La dirección y el navegador de quien escribe no se enseñan a nadie, ni lo que apuntan "
        "Mongoose y la moderación.",
        _sin_campos("socketInfo", "__v", "moderacion"),
    ),
    Diferencia(
        "Los nombres de la semilla: `editado.historial` y `lecturas`, donde el original decía "
        "`historialEdiciones` y `fechaLectura`; `tamano` y `tipo`, donde `tamaño` y `mimeType`.",
        _sin_campos("historialEdiciones", "fechaLectura", "tamaño", "mimeType"),
    ),
    Diferencia(
        "El autor de lo citado es una persona con su nombre, y no un identificador.",
        _cita_con_autor,
    ),
)


def esperados(grabado: Iterable[Visto]) -> list[Visto]:
    """Lo que ha de llegar hoy: lo grabado, con cada diferencia."""
    quedan = list(grabado)
    for diferencia in DIFERENCIAS:
        quedan = [hecho for v in quedan if (hecho := diferencia.cambia(v)) is not None]
    for diferencia in DIFERENCIAS:
        quedan += [Visto(paso, c, ev, [lleva]) for paso, c, ev, lleva in diferencia.llegan]
    return quedan
