"""Lo que una persona pide de sus avisos: qué, por dónde, a qué horas y cuánto enseñan."""

from __future__ import annotations

from typing import Annotated, Literal

from msgspec import Meta

from mensajeria.protocolo.tipos import FIN, Carga, CuandoAvisar, Idioma, QueMuestra


class ClavesDeNavegador(Carga, kw_only=True):
    """Las de la suscripción, en base64 de URL."""

    p256dh: Annotated[str, Meta(min_length=80, max_length=100)]
    auth: Annotated[str, Meta(min_length=20, max_length=30)]

    def guardadas(self) -> dict[str, str]:
        return {"p256dh": self.p256dh, "auth": self.auth}


class RegistrarDispositivo(Carga, kw_only=True):
    """`punto`: la dirección de la suscripción (`endpoint`), o el token de FCM. `idioma`: en el que
    se le avisa.
    """

    canal: Literal["webpush", "fcm"]
    punto: Annotated[str, Meta(min_length=8, max_length=2048, pattern=f"^[!-~]+{FIN}")]
    claves: ClavesDeNavegador | None = None
    idioma: Idioma = "es"


Hora = Annotated[str, Meta(pattern=f"^([01][0-9]|2[0-3]):[0-5][0-9]{FIN}")]


class HorasTranquilasPuestas(Carga, kw_only=True):
    desde: Hora
    hasta: Hora


class AvisosDeCanalPuestos(Carga, kw_only=True):
    mensajes: CuandoAvisar | None = None
    menciones: CuandoAvisar | None = None
    conversaciones: CuandoAvisar | None = None
    recordatorios: CuandoAvisar | None = None
    resumenes: CuandoAvisar | None = None
    muestra: QueMuestra | None = None
    tranquilas: HorasTranquilasPuestas | None = None


class AvisosPorCorreoPuestos(AvisosDeCanalPuestos, kw_only=True):
    cada: Annotated[int, Meta(ge=1, le=7 * 24 * 60)] | None = None


class CanalesDeAvisosPuestos(Carga, kw_only=True):
    aplicacion: AvisosDeCanalPuestos | None = None
    webpush: AvisosDeCanalPuestos | None = None
    fcm: AvisosDeCanalPuestos | None = None
    correo: AvisosPorCorreoPuestos | None = None


class CambiarAvisos(Carga, kw_only=True):
    """De lo que no se dice, queda lo que haya."""

    zona: Annotated[str, Meta(min_length=1, max_length=64)] | None = None
    canales: CanalesDeAvisosPuestos | None = None
