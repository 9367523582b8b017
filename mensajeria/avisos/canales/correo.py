"""Por correo: lo no leído de cada persona, junto, al ritmo que ella puso."""

from __future__ import annotations

import hashlib
import smtplib
import time
from collections import defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from typing import Any

from django.conf import settings
from django.core import mail, signing
from django.template.loader import render_to_string

from mensajeria.avisos import buzon, contenido, preferencias
from mensajeria.avisos.buzon import ENVIADO, SOBRA, Quedo, Resultado
from mensajeria.avisos.dicho import SIN_NOMBRE, LoQueDice, decir
from mensajeria.avisos.respuestas.direccion import direccion_para
from mensajeria.models import (
    RESUMENES,
    Aviso,
    Canal,
    Dispositivo,
    Participante,
    Usuario,
    sin_controles,
)
from mensajeria.protocolo.avisos import (
    AvisosPorCorreoPuestos,
    CambiarAvisos,
    CanalesDeAvisosPuestos,
)
from mensajeria.protocolo.tipos import IDIOMAS

# Las conversaciones que se cuentan en un correo; del resto, cuántas son.
MAX_CONVERSACIONES = 20
# Lo que se envía de una vez: con lo que puede tardar el último, cabe en un arriendo.
SEGUNDOS = 20.0
CAMINO_DE_BAJA = "avisos/baja"

_firmador = signing.Signer(salt="mensajeria.avisos.baja")


def entregar(tomados: Sequence[Aviso]) -> list[tuple[Aviso, Resultado]]:
    """Un correo por persona, con lo suyo que ya tocaba y lo que aún esperaba a juntarse; y aparte,
    cada resumen de actividad.

    Quien lo reciba dos veces, porque quien lo enviaba murió antes de apuntarlo, ve el mismo
    `Message-ID`.
    """
    de_mensajes = [a for a in tomados if a.clase != RESUMENES]
    avisos = [*tomados, *buzon.tomar_los_de(de_mensajes)]
    de_cada: defaultdict[tuple[str, str], list[tuple[Aviso, LoQueDice]]] = defaultdict(list)
    hechos: list[tuple[Aviso, Resultado]] = []
    for aviso, dice in zip(avisos, contenido.preparar(avisos), strict=True):
        if dice is None:
            hechos.append((aviso, SOBRA))
        else:
            aparte = aviso.pk if aviso.clase == RESUMENES else ""
            de_cada[aviso.usuario_id or "", aparte].append((aviso, dice))
    return hechos + _enviar(de_cada)


def _enviar(
    de_cada: dict[tuple[str, str], list[tuple[Aviso, LoQueDice]]],
) -> list[tuple[Aviso, Resultado]]:
    if not de_cada:
        return []
    usuarios = Usuario.objects.in_bulk(sorted({usuario for usuario, _ in de_cada}))
    queridas, idiomas = preferencias.de(usuarios), _idiomas_de(usuarios)
    respuestas = _a_donde_contestar(
        usuarios, {dice.conversacion for suyos in de_cada.values() for _, dice in suyos}
    )
    hechos: list[tuple[Aviso, Resultado]] = []
    limite = time.monotonic() + SEGUNDOS
    with _Estafeta() as estafeta:
        for (id_, _), suyos in de_cada.items():
            if estafeta.caida or time.monotonic() > limite:
                buzon.soltar([aviso for aviso, _ in suyos])
                continue
            usuario = usuarios.get(id_)
            if usuario is None or not usuario.email:
                hechos += [(aviso, SOBRA) for aviso, _ in suyos]
                continue
            for aviso, _ in suyos:
                buzon.contar_entrega(aviso)
            muestra = queridas[id_].canales.correo.muestra
            try:
                resultado = estafeta.llevar(
                    resumen(usuario, suyos, muestra, respuestas, idiomas[id_])
                )
            except Exception as error:
                # Una dirección o un nombre que no caben en un correo no paran a los demás.
                resultado = buzon.fallo_al_enviar(error)
            hechos += [(aviso, resultado) for aviso, _ in suyos]
    return hechos


def _idiomas_de(usuarios: Collection[str]) -> dict[str, str]:
    """El del último dispositivo de cada cual que dijo que sigue ahí; sin ninguno, español."""
    suyos = Dispositivo.objects.filter(usuario__in=sorted(usuarios)).order_by("ultima_vez")
    de_cada = dict(suyos.values_list("usuario_id", "idioma"))
    return {id_: de_cada.get(id_, IDIOMAS[0]) for id_ in usuarios}


def _a_donde_contestar(
    usuarios: Collection[str], conversaciones: Collection[str]
) -> dict[tuple[str, str], str]:
    """La dirección de cada persona en cada conversación en la que aún puede escribir."""
    if not settings.CORREO_DE_RESPUESTAS:
        return {}
    filas = Participante.objects.filter(
        usuario__in=sorted(usuarios),
        conversacion__in=sorted(conversaciones),
        activo=True,
        puede_enviar=True,
        conversacion__activa=True,
    )
    suyas = filas.values_list("usuario_id", "conversacion_id", "pk")
    return {(usuario, donde): direccion_para(pk) for usuario, donde, pk in suyas}


class _Estafeta:
    """Una conexión con el servidor de correo para todos los de una tanda."""

    def __init__(self) -> None:
        self._conexion: Any = mail.get_connection()
        # No contesta: los demás de la tanda tampoco saldrían, y esperarlo agota sus arriendos.
        self.caida = False

    def __enter__(self) -> _Estafeta:
        return self

    def __exit__(self, *_: object) -> None:
        try:
            self._conexion.close()
        except (OSError, smtplib.SMTPException):
            self._conexion = None

    def llevar(self, mensaje: mail.EmailMultiAlternatives) -> Resultado:
        try:
            self._conexion.send_messages([mensaje])
        except smtplib.SMTPRecipientsRefused as error:
            return _negado(error)
        except smtplib.SMTPResponseException as error:
            dicho = f"El servidor de correo contestó {error.smtp_code}"
            quedo = Quedo.FALLO if _es_definitivo(error) else Quedo.REINTENTO
            return Resultado(quedo, dicho)
        except (OSError, smtplib.SMTPException) as error:
            self.caida = True
            return Resultado(
                Quedo.REINTENTO, f"El servidor de correo no contesta ({type(error).__name__})"
            )
        return ENVIADO


def _es_definitivo(error: smtplib.SMTPResponseException) -> bool:
    """Si se niega este correo; que no se pueda entrar es de los ajustes, y se arregla."""
    return error.smtp_code >= 500 and not isinstance(error, smtplib.SMTPAuthenticationError)


def _negado(error: smtplib.SMTPRecipientsRefused) -> Resultado:
    codigos = [codigo for codigo, _ in error.recipients.values()]
    dicho = f"El servidor de correo no admite esa dirección ({codigos[0]})"
    return Resultado(Quedo.FALLO if min(codigos) >= 500 else Quedo.REINTENTO, dicho)


# El correo


def resumen(
    usuario: Usuario,
    suyos: Sequence[tuple[Aviso, LoQueDice]],
    muestra: str,
    respuestas: Mapping[tuple[str, str], str],
    idioma: str,
) -> mail.EmailMultiAlternatives:
    """Texto y HTML, con la baja de un clic (RFC 8058) si se sabe en qué sitio está esto.

    Se contesta al propio correo si es de una sola conversación; si es de varias, por el enlace de
    cada una. A quien no le enseña de cuál es, ni lo uno ni lo otro: contestaría a ciegas.
    """
    dichos = sorted((dice for _, dice in suyos), key=lambda d: (-d.urgente, -d.cuantos))
    asunto = _asunto(dichos, muestra, idioma)
    baja = enlace_de_baja(usuario.pk)
    lineas = [
        _linea(d, muestra, respuestas.get((usuario.pk, d.conversacion), ""), idioma) for d in dichos
    ]
    contestar = ""
    if len(lineas) == 1 and muestra != "nada":
        contestar, lineas[0]["contestar"] = lineas[0]["contestar"], ""
    ve = {
        "asunto": asunto,
        "avance": "" if muestra == "nada" else dichos[0].cuerpo(muestra, idioma),
        "nada": muestra == "nada",
        "conversaciones": [] if muestra == "nada" else lineas[:MAX_CONVERSACIONES],
        "contestar": contestar,
        "sitio": settings.SITIO,
        "baja": baja,
        "nombre": decir(SIN_NOMBRE, idioma),
        "idioma": idioma,
    }
    cabeceras = {
        "Auto-Submitted": "auto-generated",
        "Content-Language": idioma,
        "Message-ID": _identidad(suyos),
    }
    if contestar:
        cabeceras["Reply-To"] = contestar
    if baja:
        cabeceras["List-Unsubscribe"] = f"<{baja}>"
        cabeceras["List-Unsubscribe-Post"] = "List-Unsubscribe=One-Click"
    mensaje = mail.EmailMultiAlternatives(
        subject=asunto,
        body=render_to_string("mensajeria/correo/resumen.txt", ve),
        from_email=settings.CORREO_DE_AVISOS,
        to=[usuario.email],
        headers=cabeceras,
    )
    mensaje.attach_alternative(render_to_string("mensajeria/correo/resumen.html", ve), "text/html")
    return mensaje


def _asunto(dichos: Sequence[LoQueDice], muestra: str, idioma: str) -> str:
    if muestra == "nada":
        return decir("Tienes mensajes sin leer", idioma)
    if dichos[0].propio:
        return dichos[0].titulo(muestra, idioma)
    quienes = list(dict.fromkeys(d.quien for d in dichos))
    if len(quienes) > 1:
        asunto = decir("Te escribieron {n} personas", idioma, n=len(quienes))
    else:
        frase = "{quien} te mencionó" if dichos[0].mencion else "{quien} te escribió"
        asunto = decir(frase, idioma, quien=quienes[0])
    if any(d.urgente for d in dichos):
        asunto = decir("Urgente: {que}", idioma, que=asunto)
    return sin_controles(asunto)[:200]


def _linea(dice: LoQueDice, muestra: str, contestar: str, idioma: str) -> dict[str, Any]:
    return {
        "titulo": dice.titulo(muestra, idioma),
        "cuantos": dice.cuantos,
        "texto": dice.escrito(idioma) if muestra == "todo" or dice.actividad else "",
        "contestar": contestar,
    }


def _identidad(suyos: Iterable[tuple[Aviso, LoQueDice]]) -> str:
    """La misma para lo mismo: así se reconoce uno repetido."""
    que = "|".join(sorted(f"{a.pk}:{a.hasta}:{a.veces}" for a, _ in suyos))
    dominio = settings.CORREO_DE_AVISOS.rpartition("@")[2].rstrip(">") or "localhost"
    return f"<{hashlib.blake2s(que.encode(), digest_size=16).hexdigest()}@{dominio}>"


# La baja


def enlace_de_baja(usuario_id: str) -> str:
    """No caduca: un correo viejo también se puede querer dejar de recibir."""
    if not settings.SITIO:
        return ""
    return f"{settings.SITIO}/{CAMINO_DE_BAJA}/{_firmador.sign_object(usuario_id)}/"


def dar_de_baja(firma: str, *, de_verdad: bool) -> bool:
    """Apaga los avisos por correo de quien dice la firma; `False` si no vale."""
    try:
        usuario_id = _firmador.unsign_object(firma)
    except (signing.BadSignature, ValueError):
        return False
    if not Usuario.objects.filter(pk=usuario_id).exists():
        return False
    if de_verdad:
        nunca = AvisosPorCorreoPuestos(
            mensajes="nunca",
            menciones="nunca",
            conversaciones="nunca",
            recordatorios="nunca",
            resumenes="nunca",
        )
        preferencias.cambiar(
            usuario_id, CambiarAvisos(canales=CanalesDeAvisosPuestos(correo=nunca))
        )
        Aviso.objects.filter(usuario=usuario_id, canal=Canal.CORREO).delete()
    return True


def de_prueba(usuario: Usuario) -> Resultado:
    """Uno ahora, para saber si llega."""
    if not buzon.sale_por(Canal.CORREO):
        return Resultado(Quedo.FALLO, "Aquí no se avisa por correo")
    if not usuario.email:
        return Resultado(Quedo.FALLO, "Tu cuenta no tiene correo")
    idioma = _idiomas_de([usuario.pk])[usuario.pk]
    cuerpo = decir("Este es un correo de prueba que pediste desde tus preferencias.", idioma)
    mensaje = mail.EmailMultiAlternatives(
        subject=decir("Los avisos llegan a este correo", idioma),
        body=f"{cuerpo}\n",
        from_email=settings.CORREO_DE_AVISOS,
        to=[usuario.email],
        headers={"Auto-Submitted": "auto-generated", "Content-Language": idioma},
    )
    with _Estafeta() as estafeta:
        return estafeta.llevar(mensaje)
