"""Con qué palabras se dice un aviso, en el idioma del dispositivo o de la persona a la que va."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

from mensajeria.protocolo import empujes
from mensajeria.protocolo.tipos import IDIOMAS

SIN_NOMBRE = "Mensajería"
# Título y texto, en cada idioma.
EnCadaIdioma = Mapping[str, tuple[str, str]]

_EN = {
    SIN_NOMBRE: "Messages",
    "{quien} en «{donde}»": "{quien} in “{donde}”",
    "Tienes un mensaje": "You have a message",
    "Tienes {n} mensajes": "You have {n} messages",
    "Tienes un mensaje sin leer": "You have an unread message",
    "Tienes {n} mensajes sin leer": "You have {n} unread messages",
    "Hay un mensaje sin leer": "There is an unread message",
    "Hay {n} mensajes sin leer": "There are {n} unread messages",
    "Te mencionó": "Mentioned you",
    "Te escribió": "Wrote to you",
    "{texto} ({n} sin leer)": "{texto} ({n} unread)",
    "{texto} (sin leer)": "{texto} (unread)",
    "Imagen": "Image",
    "Archivo": "File",
    "Vídeo": "Video",
    "Ubicación": "Location",
    "Contacto": "Contact",
    "Mensaje": "Message",
    "Los avisos llegan a este dispositivo": "Notifications reach this device",
    "Los avisos llegan a este correo": "Notifications reach this address",
    "Este es un correo de prueba que pediste desde tus preferencias.": (
        "This is a test message you asked for in your preferences."
    ),
    "Tienes mensajes sin leer": "You have unread messages",
    "{n} sin leer": "{n} unread",
    "{quien} te mencionó": "{quien} mentioned you",
    "Urgente: {que}": "Urgent: {que}",
    "Te escribieron {n} personas": "{n} people wrote to you",
    "Para contestarla": "To reply to it",
    "Contesta a este correo y se enviará en la conversación.": (
        "Reply to this e-mail and it will be sent to the conversation."
    ),
    "Contestar por correo": "Reply by e-mail",
    "Para leerlos y contestar": "To read and reply",
    "Leer y contestar": "Read and reply",
    "Recibes este correo porque tienes mensajes sin leer en {donde}.": (
        "You get this e-mail because you have unread messages in {donde}."
    ),
    "Para no recibir más": "To stop getting these",
    "No recibir más": "Unsubscribe",
    "Avisos por correo": "E-mail notifications",
    "¿Dejar de recibir avisos por correo?": "Stop getting notifications by e-mail?",
    "Sí, no recibir más": "Yes, unsubscribe",
    "Ya no recibirás avisos por correo. Se vuelven a encender en tus preferencias.": (
        "You will no longer get notifications by e-mail. Turn them back on in your preferences."
    ),
    "Resumen de {desde} a {hasta}": "Summary from {desde} to {hasta}",
    "Un mensaje": "One message",
    "{n} mensajes": "{n} messages",
    "{mensajes} en una conversación": "{mensajes} in one conversation",
    "{mensajes} en {n} conversaciones": "{mensajes} in {n} conversations",
    "{dicho}. Quien más escribió: {quien} ({n})": "{dicho}. Who wrote the most: {quien} ({n})",
    "Nueva conversación": "New conversation",
    "Ya no participas": "You are no longer in it",
    "una conversación": "a conversation",
    "«{nombre}»": "“{nombre}”",
    "{quien} te escribió": "{quien} wrote to you",
    "{quien} te agregó a {donde}": "{quien} added you to {donde}",
    "Te han agregado a {donde}": "You were added to {donde}",
    "{quien} te quitó de {donde}": "{quien} removed you from {donde}",
    "Te han quitado de {donde}": "You were removed from {donde}",
}


def decir(frase: str, idioma: str, **datos: object) -> str:
    """La frase, en español, dicha en ese idioma y con sus datos."""
    return (_EN.get(frase, frase) if idioma == "en" else frase).format(**datos)


@dataclass(slots=True, frozen=True)
class LoQueDice:
    """`quien` y `donde` son nombres (`donde` vacío en una individual); `cuantos`, lo no leído.

    `clase_de_archivo`: con lo que empieza `texto`, si no lo escribió nadie. `propio`: lo de uno que
    no es de un mensaje.
    """

    quien: str
    donde: str
    texto: str
    cuantos: int
    conversacion: str = ""
    mensaje: str = ""
    secuencia: int = 0
    mencion: bool = False
    urgente: bool = False
    clase_de_archivo: str = ""
    propio: EnCadaIdioma = field(default_factory=dict)
    individual: bool = False
    recordatorio: bool = False
    actividad: empujes.ResumenActividad | None = None

    def titulo(self, muestra: str, idioma: str = "es") -> str:
        """Según lo que su dueño quiere que enseñe el canal."""
        if muestra == "nada":
            return decir(SIN_NOMBRE, idioma)
        if self.propio:
            return self.propio[idioma][0]
        if not self.donde:
            return self.quien
        return decir("{quien} en «{donde}»", idioma, quien=self.quien, donde=self.donde)

    def cuerpo(self, muestra: str, idioma: str = "es") -> str:
        n = self.cuantos
        if muestra == "nada":
            frase = "Tienes {n} mensajes" if n > 1 else "Tienes un mensaje"
            return decir(f"{frase} sin leer" if self.recordatorio else frase, idioma, n=n)
        if self.propio:
            return self.propio[idioma][1]
        if muestra == "quien":
            return self._sin_texto(idioma)
        texto = self.escrito(idioma)
        if n > 1:
            return decir("{texto} ({n} sin leer)", idioma, texto=texto, n=n)
        return decir("{texto} (sin leer)", idioma, texto=texto) if self.recordatorio else texto

    def escrito(self, idioma: str) -> str:
        """Lo que lleva el último mensaje, o la suelta."""
        if self.propio:
            return self.propio[idioma][1]
        if not self.clase_de_archivo:
            return self.texto
        clase = decir(self.clase_de_archivo, idioma)
        return clase + self.texto.removeprefix(self.clase_de_archivo)

    def _sin_texto(self, idioma: str) -> str:
        if self.mencion:
            return decir("Te mencionó", idioma)
        if self.cuantos > 1:
            return decir("Hay {n} mensajes sin leer", idioma, n=self.cuantos)
        return decir("Hay un mensaje sin leer" if self.recordatorio else "Te escribió", idioma)

    def con_que_decirlo(self, muestra: str) -> dict[str, str]:
        """Para quien lo diga en otra lengua: lo que el canal enseña, y nada más."""
        if muestra == "nada":
            return {"quien": ""}
        texto = {"texto": self.texto} if muestra == "todo" else {}
        return {"quien": self.quien, "nombre": self.donde, **texto}


def de_prueba() -> LoQueDice:
    return LoQueDice(
        quien="",
        donde="",
        texto="",
        cuantos=1,
        propio={
            i: (decir(SIN_NOMBRE, i), decir("Los avisos llegan a este dispositivo", i))
            for i in IDIOMAS
        },
    )


def de_suelta(tipo: str, datos: Mapping[str, Any], titulo: str, mensaje: str) -> EnCadaIdioma:
    """Una que ya está en la aplicación; de las que aquí no se conocen, lo que se escribió."""
    escrito = titulo, mensaje
    frases = _FRASES_DE_SUELTA.get(tipo)
    if frases is None or "tipoConversacion" not in datos:
        return dict.fromkeys(IDIOMAS, escrito)
    como, con_quien, sin_quien = frases
    quien, nombre = str(datos.get("quien") or ""), str(datos.get("nombre") or "")
    frase = con_quien if quien else sin_quien
    if quien and tipo == "participante_agregado" and datos["tipoConversacion"] == "individual":
        frase = "{quien} te escribió"
    donde = decir("«{nombre}»" if nombre else "una conversación", "en", nombre=nombre)
    return {"es": escrito, "en": (decir(como, "en"), decir(frase, "en", quien=quien, donde=donde))}


_FRASES_DE_SUELTA = {
    "participante_agregado": (
        "Nueva conversación",
        "{quien} te agregó a {donde}",
        "Te han agregado a {donde}",
    ),
    "participante_removido": (
        "Ya no participas",
        "{quien} te quitó de {donde}",
        "Te han quitado de {donde}",
    ),
}


def de_resumen(
    desde: str, hasta: str, cifras: empujes.CifrasDeActividad, quien_mas: str
) -> EnCadaIdioma:
    """El de unas horas; `quien_mas`: el nombre de quien más escribió."""
    return {
        i: (
            decir("Resumen de {desde} a {hasta}", i, desde=desde, hasta=hasta),
            _cifras(i, cifras, quien_mas),
        )
        for i in IDIOMAS
    }


def _cifras(idioma: str, cifras: empujes.CifrasDeActividad, quien_mas: str) -> str:
    total, donde = cifras.mensajes_enviados, cifras.conversaciones_activas
    mensajes = decir("{n} mensajes" if total != 1 else "Un mensaje", idioma, n=total)
    en_donde = (
        "{mensajes} en {n} conversaciones" if donde != 1 else "{mensajes} en una conversación"
    )
    dicho = decir(en_donde, idioma, mensajes=mensajes, n=donde)
    if not cifras.usuarios_mas_activos:
        return dicho
    suyos = cifras.usuarios_mas_activos[0].mensajes
    frase = "{dicho}. Quien más escribió: {quien} ({n})"
    return decir(frase, idioma, dicho=dicho, quien=quien_mas, n=suyos)
