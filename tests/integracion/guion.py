"""Quiénes viven el día, de qué hablan y cuánto: lo que el guion sabe sin preguntar a nadie."""

from __future__ import annotations

import random
from dataclasses import dataclass, field

from tests.integracion.cliente import Datos

CONECTADOS = ("ana", "beto", "carla", "dora", "test_user")
AUSENTES = ("elena", "fidel", "gala", "hugo")
AJENA = "ines"
# Los que crea la mesa; los demás son los del ejemplo.
NUEVOS: dict[str, Datos] = {
    "dora": {"nombre": "Dora 👩‍🔧", "apellido": "Díaz", "es_experto": "on"},
    "elena": {"nombre": "إلينا", "apellido": "אלון", "avatar_url": "/avatares/elena.png"},
    "fidel": {"nombre": "Fidel NFD: e\u0301", "apellido": "Ferrer"},
    "gala": {"nombre": "", "apellido": "", "email": "gala@ejemplo.es"},
    "hugo": {"nombre": "Hugo", "apellido": "Herrera", "avatar_url": "https://e.es/h.png"},
    "ines": {"nombre": "Inés", "apellido": "Ibáñez"},
}
# De quién con quién, y a veces por qué asesoría.
PAREJAS = (
    ("ana", "beto"),
    ("ana", "dora"),
    ("beto", "carla"),
    ("carla", "fidel", "asesoría n.º 7"),
    ("dora", "gala"),
    ("beto", "test_user"),
    ("test_user", "hugo"),
)
GRUPOS = 13
MUCHOS = 8
_TIPOS = ("texto", "texto", "texto", "imagen", "archivo", "audio", "video")
_PRIORIDADES = ("normal", "normal", "alta", "urgente")
REACCIONES = ("like", "love", "laugh", "surprise", "sad")
TEXTOS = (
    "hola",
    "¿Seguimos mañana a las 10:30?",
    "cafe\u0301 en NFD",
    "café en NFC",
    "👩‍👩‍👧‍👦 y 🇪🇸 y 👍🏽",
    "مرحبا بالعالم",
    "שלום עולם",
    "\u202eal revés\u202c y \u2067aislado\u2069",
    "ancho\u200bcero\ufeff",
    "  espacios a los lados  ",
    "línea\nnueva\r\ny\ttabulador",
    "'; DROP TABLE mensajes; --",
    '{"$set": {"a.b": 1}} \\u0041 %s %%',
    "ﬁ ＡＢＣ ß İ ı",
    "\U0010ffff𝔘𝔫𝔦",
    "<b>negrita</b> &amp; <script>",
    "largo " * 800,
)
METADATOS: tuple[Datos, ...] = (
    {},
    {"$ref": "mensajes", "$id": 1, "a.b": {"$oid": "x"}},
    {"z": 1, "a": 2, "": None, "ñ": [True, False, None]},
    {"entero": 2**63 - 1, "negativo": -(2**63), "real": 1.0, "chico": 1e-7, "grande": 1e20},
    {"a": {"b": {"c": {"d": [1]}}}, "__proto__": {}, "emoji": "👍🏽"},
)
_ARCHIVOS: tuple[Datos, ...] = (
    {"nombre": "plano.pdf", "url": "/a/plano.pdf", "tamano": 1, "tipo": "application/pdf"},
    {
        "nombre": "📷 foto.png",
        "url": "https://e.es/f.png?a=1&b=2",
        "tamano": 10_485_760,
        "tipo": "",
    },
)


def cuotas(total: int, cuantas: int) -> list[int]:
    """Mensajes por conversación: una con mucho más que las otras, y en total los que se piden."""
    comun = total * 9 // 10 // cuantas
    reparto = [comun] * cuantas
    reparto[MUCHOS] += total - comun * cuantas
    return reparto


@dataclass
class Charla:
    """Una conversación, y lo que el guion sabe de ella."""

    id: str
    duena: str
    miembros: list[str]
    grupal: bool
    azar: random.Random
    cuota: int = 0
    mensajes: list[tuple[str, str]] = field(default_factory=list)
    callados: set[str] = field(default_factory=set)

    def conectados(self) -> list[str]:
        return [m for m in self.miembros if m in CONECTADOS and m not in self.callados]

    def ausentes(self) -> list[str]:
        return [m for m in self.miembros if m in AUSENTES and m not in self.callados]

    def alguno(self) -> str:
        """El id de un mensaje de los últimos."""
        return self.azar.choice(self.mensajes[-60:])[0]

    def mensaje(self) -> Datos:
        azar = self.azar
        datos: Datos = {
            "conversacionId": self.id,
            "contenido": {"texto": azar.choice(TEXTOS)},
            "tipo": azar.choice(_TIPOS),
            "prioridad": azar.choice(_PRIORIDADES),
        }
        if azar.random() < 0.2:
            datos["contenido"]["metadatos"] = azar.choice(METADATOS)
        if azar.random() < 0.1:
            datos["contenido"]["archivo"] = azar.choice(_ARCHIVOS)
            datos["contenido"]["texto"] = azar.choice(("", "mira"))
        if azar.random() < 0.2 and self.mensajes:
            datos["respuestaA"] = self.alguno()
        if azar.random() < 0.3:
            datos["idCliente"] = f"{azar.getrandbits(60):x}"
        return datos
