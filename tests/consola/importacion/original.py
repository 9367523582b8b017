"""Una base como la del original, con todas sus variaciones, y una fuente sin MongoDB."""

from __future__ import annotations

import random
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from typing import Any

import bson
from bson import ObjectId
from bson.datetime_ms import DatetimeMS

Base = dict[str, list[dict[str, Any]]]

DIA = datetime(2025, 7, 6, 10, 30, tzinfo=UTC)


def oid(n: int) -> ObjectId:
    """Uno fijo, y creciente con `n`."""
    return ObjectId(f"686a{n:020x}")


ANA, BETO, CARLA, NADIE = (oid(n) for n in (1, 2, 3, 99))
PAREJA, GRUPO = oid(11), oid(12)
# De «secreta», con la marca que pone bcrypt.js.
CLAVE_BCRYPT = "$2a$04$LDCMqxhnBO1M/5PrjPSNRulLhVKlmCpe0ejSrOZnYGh9kYLaJrjLK"


class FuenteEnMemoria:
    """Lo que `Importador` pide a una `Fuente`, de una `Base`."""

    nombre = "memoria"

    def __init__(self, base: Base) -> None:
        self._crudos = {c: [bson.encode(d) for d in docs] for c, docs in base.items()}

    def cuantos(self, coleccion: str) -> int:
        return len(self._crudos.get(coleccion, ()))

    def crudos(self, coleccion: str) -> Iterator[bytes]:
        yield from self._crudos.get(coleccion, ())


def minuto(n: float) -> datetime:
    return DIA + timedelta(minutes=n)


def usuario(id_: Any, nombre: str, **mas: Any) -> dict[str, Any]:
    return {
        "_id": id_,
        "nombre": nombre,
        "apellido": "Prueba",
        "email": f"{nombre.lower()}@servitech.example",
        "password": CLAVE_BCRYPT,
        **mas,
    }


def participante(id_: Any, **mas: Any) -> dict[str, Any]:
    return {
        "usuario": id_,
        "rol": "cliente",
        "fechaIngreso": DIA,
        "activo": True,
        "ultimaConexion": minuto(90),
        "enLinea": True,
        "permisos": {"puedeEnviar": True, "puedeEliminar": False, "puedeModerar": False},
        **mas,
    }


def conversacion(id_: Any, *gente: Any, **mas: Any) -> dict[str, Any]:
    return {
        "_id": id_,
        "codigoConversacion": f"CONV-{id_}",
        "participantes": [p if isinstance(p, dict) else participante(p) for p in gente],
        "tipo": "individual" if len(gente) == 2 else "grupal",
        "configuracion": {"nombrePersonalizado": "Un nombre", "notificacionesActivas": False},
        "estadisticas": {"totalMensajes": 999, "mensajesNoLeidos": {str(ANA): 7}},
        "activa": True,
        "fechaCreacion": DIA,
        "fechaUltimaActividad": DIA,
        **mas,
    }


def mensaje(id_: Any, donde: Any, quien: Any, cuando: Any, **mas: Any) -> dict[str, Any]:
    return {
        "_id": id_,
        "conversacion": donde,
        "remitente": quien,
        "contenido": {"texto": f"texto {id_}", "tipo": "texto", "archivo": None, "metadatos": {}},
        "prioridad": "normal",
        "estado": "enviado",
        "fechaEnvio": cuando,
        "fechaEntrega": None,
        "lecturas": [],
        "reacciones": [],
        "editado": {"editado": False, "historial": []},
        **mas,
    }


def lectura(quien: Any, cuando: datetime, campo: str = "fechaLectura") -> dict[str, Any]:
    return {"_id": ObjectId(), "usuario": quien, campo: cuando}


def base_variada() -> Base:
    """Dos conversaciones sanas, y alrededor todo lo raro que se ha visto o se puede temer."""
    return {
        "usuarios": [
            usuario(ANA, "Ana", roles=["cliente", "admin"], avatar_url="https://x.example/a.png"),
            usuario(BETO, "Beto", es_experto=True, ultimaConexion=minuto(5)),
            usuario(CARLA, "Carla", email="ANA@x".lower(), estado="bloqueado", password="en claro"),
            usuario("u" * 37, "Larga"),
        ],
        "conversaciones": [
            conversacion(PAREJA, ANA, BETO, fechaUltimaActividad=minuto(60)),
            conversacion(
                GRUPO,
                participante(ANA, rol="moderador", permisos={"puedeModerar": True}),
                BETO,
                participante(CARLA, rol="jefa", activo=False),
                participante(NADIE),
                tipo="tertulia",
            ),
            # Más vieja que la otra entre los mismos: no es la suya.
            conversacion(oid(13), BETO, ANA, codigoConversacion=f"CONV-{PAREJA}"),
            conversacion(oid(14), NADIE),
        ],
        "mensajes": [*_de_la_pareja(), *_del_grupo(), *_imposibles()],
        "notificaciones": [
            {
                "_id": oid(301),
                "usuario": ANA,
                "tipo": "mensaje",
                "titulo": "Hola",
                "mensaje": "Tienes un mensaje",
                "datos": {"conversacionId": PAREJA, "cuando": DIA},
                "acciones": [{"id": "abrir", "texto": "Abrir", "tipo": "x", "otro": 1}],
                "leida": True,
                "fecha": DIA,
            },
            {"_id": oid(302), "usuario": NADIE, "titulo": "A nadie", "fecha": DIA},
        ],
    }


def _de_la_pareja() -> list[dict[str, Any]]:
    return [
        # Fuera de orden, y con dos a la vez: manda `fechaEnvio` y, después, `_id`.
        mensaje(oid(103), PAREJA, BETO, minuto(2), respuestaA=oid(101)),
        mensaje(
            oid(101),
            PAREJA,
            ANA,
            minuto(1),
            estado="leido",
            fechaEntrega=minuto(1.5),
            lecturas=[lectura(BETO, minuto(3)), lectura(ANA, minuto(1))],
            idCliente="repetido",
        ),
        mensaje(oid(102), PAREJA, ANA, minuto(1), estado="error", idCliente="repetido"),
        mensaje(oid(104), PAREJA, ANA, minuto(4), estado="entregado", prioridad="baja"),
        mensaje(oid(105), str(PAREJA), str(BETO), "2025-07-06T10:35:00.000Z"),
    ]


def _del_grupo() -> list[dict[str, Any]]:
    return [
        mensaje(
            oid(201),
            GRUPO,
            CARLA,
            minuto(1),
            contenido={
                "texto": "",
                "tipo": "image",
                "archivo": {
                    "nombre": "foto.png",
                    "url": "uploads/mi foto.png",
                    "tamaño": 2048,
                    "mimeType": "image/png",
                },
                "metadatos": {"ancho": 640, "de": ANA, "cuando": DIA},
            },
            tipo=None,
            reacciones=[
                {"usuario": ANA, "tipo": "wow", "fecha": minuto(2)},
                {"usuario": BETO, "tipo": "love", "fecha": minuto(2)},
                {"usuario": BETO, "tipo": "❤️", "fecha": minuto(3)},
                {"usuario": ANA, "tipo": "angry", "fecha": minuto(9)},
            ],
            lecturas=[lectura(ANA, minuto(5), "fecha")],
        ),
        mensaje(
            oid(202),
            GRUPO,
            ANA,
            minuto(2),
            contenido="solo\x00 un texto",
            editado=True,
            fechaEdicion=minuto(3),
            historial=[{"contenidoAnterior": "antes", "fecha": minuto(2)}],
            hilo=oid(9),
        ),
        mensaje(
            oid(203),
            GRUPO,
            BETO,
            minuto(3),
            eliminado={"eliminado": True, "fechaEliminacion": minuto(4), "eliminadoPor": ANA},
        ),
        mensaje(oid(204), GRUPO, NADIE, minuto(4), contenido={"texto": "ñ" * 5001}),
        mensaje(oid(205), GRUPO, ANA, DatetimeMS(10**17), contenido={"texto": "sin fecha"}),
        mensaje(
            oid(206),
            GRUPO,
            ANA,
            minuto(6),
            contenido={"texto": "enlace", "archivo": {"url": "javascript:alert(1)"}},
            respuestaA=oid(101),
            socketInfo={"socketId": "s", "ipAddress": "10.0.0.1", "userAgent": "x" * 300},
        ),
    ]


def _imposibles() -> list[dict[str, Any]]:
    return [
        mensaje(oid(401), NADIE, ANA, DIA),
        mensaje(oid(402), oid(14), ANA, DIA),
        # No dice nada, pero está: el original también los guarda.
        mensaje(oid(403), PAREJA, ANA, minuto(9), contenido={"texto": "  "}),
        mensaje("sin fecha", PAREJA, ANA, "ayer"),
        mensaje(oid(404), None, ANA, DIA),
        mensaje(7, PAREJA, ANA, minuto(7), contenido={"texto": "con número"}),
        mensaje("7", PAREJA, ANA, minuto(8), contenido={"texto": "otra vez"}),
    ]


def base_al_azar(cuantos: int, semilla: int) -> Base:
    """Muchos mensajes en pocas conversaciones, con lecturas y entregas al azar."""
    azar = random.Random(semilla)
    gente = [ANA, BETO, CARLA]
    donde = [(PAREJA, gente[:2]), (GRUPO, gente)]
    mensajes = []
    for i in range(cuantos):
        id_, presentes = azar.choice(donde)
        autor = azar.choice(presentes)
        enviado = minuto(azar.randrange(cuantos))
        leyeron = [(u, azar.randrange(90)) for u in presentes if u != autor and azar.random() < 0.5]
        mensajes.append(
            mensaje(
                oid(1000 + i),
                id_,
                autor,
                enviado,
                estado=azar.choice(["enviado", "entregado"]),
                fechaEntrega=enviado,
                lecturas=[lectura(u, enviado + timedelta(seconds=s)) for u, s in leyeron],
            )
        )
    return {
        "usuarios": [usuario(u, n) for u, n in zip(gente, ("Ana", "Beto", "Carla"), strict=True)],
        "conversaciones": [conversacion(id_, *presentes) for id_, presentes in donde],
        "mensajes": mensajes,
        "notificaciones": [],
    }
