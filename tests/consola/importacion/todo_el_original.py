"""Una base con cuanto cabe en los esquemas del original: cada campo y cada enumeración."""

from __future__ import annotations

from pathlib import Path
from typing import Any
from uuid import UUID

from bson import Binary, ObjectId, json_util

from tests.consola.importacion.original import ANA, BETO, CARLA, DIA, NADIE, Base, minuto, oid

GRABADO = Path(__file__).with_name("documentos_del_original.json")

TIPOS_DE_CONVERSACION = ("individual", "grupal", "asesoria", "soporte", "general")
ESTADOS_DE_CONVERSACION = ("activa", "pausada", "cerrada", "archivada")
TIPOS = ("texto", "imagen", "archivo", "audio", "video", "ubicacion", "contacto", "sistema")
PRIORIDADES = ("baja", "normal", "alta", "urgente")
ESTADOS = ("enviando", "enviado", "entregado", "leido", "error")
REACCIONES = ("like", "love", "laugh", "angry", "sad", "wow", "thumbs_up", "thumbs_down")
CLAVE = "$2b$04$9CueySCRG0Jp.t4K0GBWa.o7smJBKowid6wJcF3tMlgxPPw/lGNsW"

UNA = oid(21)


def grabada() -> Base:
    """La que dejó el original tras su corrida (las fechas, en UTC)."""
    base: Base = json_util.loads(GRABADO.read_text(encoding="utf-8"))
    return base


def entera() -> Base:
    return {
        "usuarios": _usuarios(),
        "conversaciones": _conversaciones(),
        "mensajes": _mensajes(),
        "notificaciones": _notificaciones(),
    }


def _usuarios() -> list[dict[str, Any]]:
    estados = {ANA: "activo", BETO: "inactivo", CARLA: "suspendido"}
    perfil = {
        "descripcion": "Fontanera",
        "experiencia": "10 años",
        "calificacion": 4.5,
        "verificado": True,
        "categorias": [oid(900), oid(901)],
    }
    return [
        {
            "_id": id_,
            "nombre": f"Nombre {estado}",
            "apellido": "García",
            "email": f"{estado}@ejemplo.co",
            "password_hash": CLAVE,
            "avatar_url": "https://ejemplo.co/a.png",
            "es_experto": id_ == ANA,
            "estado": estado,
            "experto": perfil if id_ == ANA else None,
            "rol": "editor" if id_ == ANA else None,
            "roles": ["auditor", 7] if id_ == BETO else [],
            "fecha_registro": minuto(-600),
            "__v": 0,
        }
        for id_, estado in estados.items()
    ]


def _participante(id_: ObjectId, rol: str, **mas: Any) -> dict[str, Any]:
    permisos = {"puedeEnviar": True, "puedeEliminar": rol == "admin", "puedeModerar": False}
    return {
        "usuario": id_,
        "rol": rol,
        "activo": True,
        "enLinea": True,
        "permisos": permisos,
        "_id": ObjectId(),
        "fechaIngreso": DIA,
        "ultimaConexion": minuto(5),
        **mas,
    }


def _conversacion(id_: ObjectId, *gente: dict[str, Any], **mas: Any) -> dict[str, Any]:
    return {
        "_id": id_,
        "codigoConversacion": f"CONV-{id_}",
        "participantes": list(gente),
        "titulo": f"Título de {id_}",
        "descripcion": f"De qué va {id_}",
        "tipo": "grupal",
        "estado": "activa",
        "estadisticas": {
            "totalMensajes": 3,
            "ultimoMensaje": {"contenido": "r1", "remitente": ANA, "fecha": DIA, "tipo": "texto"},
            "mensajesNoLeidos": [{"usuario": ANA, "cantidad": 1, "_id": ObjectId()}],
        },
        "configuracion": {
            "notificacionesActivas": False,
            "modoSilencioso": True,
            "tiempoExpiracion": minuto(900),
            "encriptada": True,
            "permitirArchivos": False,
            "tamañoMaximoArchivo": 5,
        },
        "activa": True,
        "archivada": False,
        "fechaCreacion": DIA,
        "fechaUltimaActividad": minuto(500),
        "createdAt": DIA,
        "updatedAt": minuto(501),
        "__v": 3,
        **mas,
    }


def _conversaciones() -> list[dict[str, Any]]:
    ana, beto = _participante(ANA, "moderador"), _participante(BETO, "admin")
    varias = [
        _conversacion(oid(30 + i), ana, beto, _participante(CARLA, "cliente"), tipo=tipo)
        for i, tipo in enumerate(TIPOS_DE_CONVERSACION)
    ]
    otras = [
        _conversacion(oid(40 + i), ana, beto, tipo="general", estado=estado, fechaCierre=DIA)
        for i, estado in enumerate(ESTADOS_DE_CONVERSACION)
    ]
    return [
        _conversacion(
            UNA, _participante(ANA, "cliente"), _participante(BETO, "experto"), asesoria=oid(700)
        ),
        *varias,
        *otras,
        _conversacion(oid(50), ana, beto, archivada=True),
        _conversacion(oid(51), ana, beto, activa=False),
        _conversacion(oid(52), ana, _participante(BETO, "cliente", activo=False)),
        _conversacion(oid(53), ana, _participante(NADIE, "cliente")),
        _conversacion(
            oid(54),
            ana,
            _participante(BETO, "cliente", activo="quizá", permisos={"puedeEnviar": "quizá"}),
            _participante(CARLA, "cliente", activo="No", permisos="todos"),
            activa="quizá",
            archivada=[],
            configuracion={"notificacionesActivas": "a veces"},
        ),
    ]


def mensaje(n: int, **mas: Any) -> dict[str, Any]:
    """El `n`-ésimo de la conversación `UNA`, como los guarda Mongoose."""
    cuando = minuto(n)
    return {
        "_id": oid(1000 + n),
        "conversacion": UNA,
        "remitente": ANA,
        "contenido": {"texto": f"texto {n}", "tipo": "texto"},
        "estado": "entregado",
        "editado": {"editado": False, "historialEdiciones": []},
        "eliminado": {"eliminado": False},
        "moderacion": {"reportado": False, "aprobado": True},
        "socketInfo": {"socketId": "mK", "ipAddress": "::ffff:127.0.0.1", "userAgent": "node"},
        "prioridad": "normal",
        "fechaEnvio": cuando,
        "fechaEntrega": minuto(n + 0.25),
        "fechaLectura": [],
        "reacciones": [],
        "createdAt": cuando,
        "updatedAt": cuando,
        "__v": 0,
        **mas,
    }


def _lectura(quien: ObjectId, cuando: float) -> dict[str, Any]:
    return {"usuario": quien, "fecha": minuto(cuando), "_id": ObjectId()}


def _reaccion(quien: ObjectId, tipo: str, cuando: float) -> dict[str, Any]:
    return {"usuario": quien, "tipo": tipo, "fecha": minuto(cuando), "_id": ObjectId()}


_ARCHIVO = {"url": "https://x.co/a.png", "nombre": "a.png", "tamaño": 10, "mimeType": "image/png"}
_RAROS = {
    "binario": b"\x00\xff",
    "uuid": Binary.from_uuid(UUID(int=7)),
    "dentro": [{"nan": float("nan"), "escape": "a\x1bb", "clave\x1b": 1}],
}
_METADATOS = {
    "duracion": 3,
    "dimensiones": {"ancho": 1, "alto": 2},
    "ubicacion": {"latitud": 4.6, "longitud": -74, "direccion": "Bogotá"},
    "vista_previa": "https://x.co/p.png",
}


def _mensajes() -> list[dict[str, Any]]:
    n = iter(range(1, 200))
    por_tipo = [
        mensaje(next(n), contenido={"texto": "t", "tipo": t, "metadatos": _METADATOS})
        for t in TIPOS
    ]
    por_prioridad = [mensaje(next(n), prioridad=p) for p in PRIORIDADES]
    por_reaccion = [
        mensaje(i := next(n), reacciones=[_reaccion(ANA, r, i + 1), _reaccion(BETO, r, i + 2)])
        for r in REACCIONES
    ]
    leidos = [
        mensaje(i := next(n), estado="leido", fechaLectura=[_lectura(BETO, i + 0.5)])
        for _ in range(3)
    ]
    por_estado = [mensaje(next(n), estado=e, remitente=BETO) for e in ESTADOS]
    return [*leidos, *por_tipo, *por_prioridad, *por_reaccion, *por_estado, *_otros(n)]


def _otros(n: Any) -> list[dict[str, Any]]:
    historial = [
        {"contenido": f"antes {i}", "fecha": minuto(150 + i), "_id": ObjectId()} for i in range(2)
    ]
    hecho = {"editado": True, "fechaEdicion": minuto(151), "historialEdiciones": historial}
    borrado = {
        "eliminado": True,
        "fechaEliminacion": minuto(152),
        "eliminadoPor": BETO,
        "razon": "sobraba",
    }
    denuncia = {
        "reportado": True,
        "aprobado": False,
        "razonReporte": "insulta",
        "moderadoPor": NADIE,
    }
    return [
        mensaje(next(n), editado=hecho),
        mensaje(next(n), editado={**hecho, "editado": False}),
        mensaje(next(n), eliminado=borrado, reacciones=[_reaccion(BETO, "sad", 153)]),
        mensaje(next(n), moderacion=denuncia),
        mensaje(next(n), moderacion={"reportado": False, "aprobado": False}),
        mensaje(next(n), contenido={"texto": "foto", "tipo": "imagen", "archivo": _ARCHIVO}),
        mensaje(next(n), contenido={"tipo": "imagen", "archivo": {"url": "/a", "nombre": "a"}}),
        # Lo que el original admite en blanco, y sin nada dentro.
        mensaje(next(n), contenido={"texto": "", "tipo": "texto"}),
        mensaje(next(n), contenido={"tipo": "texto", "archivo": None}),
        mensaje(next(n), respuestaA=oid(1001)),
        mensaje(next(n), respuestaA=oid(8888)),
        mensaje(next(n), respuestaA=None, remitente=NADIE),
        mensaje(
            next(n), fechaLectura=[_lectura(BETO, 160), _lectura(BETO, 161), _lectura(NADIE, 160)]
        ),
        # Carla existe y no está en esta conversación.
        mensaje(next(n), fechaLectura=[_lectura(CARLA, 160)]),
        mensaje(next(n), reacciones=[_reaccion(BETO, "like", 160), _reaccion(BETO, "angry", 161)]),
        mensaje(next(n), socketInfo={"socketId": "s", "userAgent": "x" * 300}),
        mensaje(next(n), contenido={"texto": "t", "tipo": "texto", "metadatos": _RAROS}),
        mensaje(next(n), otro={"dentro": [1, {"más": 2}]}, hilo="h"),
        mensaje(next(n), conversacion=oid(9999)),
    ]


def _notificaciones() -> list[dict[str, Any]]:
    return [
        {
            "_id": oid(3000 + i),
            "codigoNotificacion": f"NOTIF-{i}",
            "usuario": ANA,
            "titulo": "Nueva asesoría",
            "mensaje": "Tu asesoría ha sido confirmada",
            "descripcionCorta": "Confirmada",
            "tipo": "asesoria",
            "categoria": "success",
            "referencia": {"modelo": "Asesoria", "id": oid(700), "metadata": {"a": 1}},
            "icono": "bell",
            "color": "#007bff",
            "imagen": "https://x.co/i.png",
            "canales": {
                "inApp": {"enviado": True, "leido": estado == "leida"},
                "email": {"enviar": False, "enviado": False},
            },
            "programada": {"esProgramada": False, "enviada": False},
            "expira": {"tieneExpiracion": False, "expirada": False},
            "acciones": [{"etiqueta": "Ver", "tipo": "url", "valor": "/a/1", "estilo": "primary"}],
            "estado": estado,
            "prioridad": "normal",
            "metricas": {"abierta": False, "clics": 0},
            "esResumen": False,
            "notificacionesAgrupadas": [],
            "fechaCreacion": DIA,
            "version": 1,
            "createdAt": DIA,
            "updatedAt": DIA,
        }
        for i, estado in enumerate(
            ("pendiente", "enviada", "leida", "actuada", "expirada", "cancelada")
        )
    ]
