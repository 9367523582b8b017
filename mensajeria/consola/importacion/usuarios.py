"""Un documento de `usuarios` como `Usuario`. Pura: no toca ninguna base."""

from __future__ import annotations

import re
from dataclasses import dataclass
from typing import Any

from django.contrib.auth.hashers import make_password

from mensajeria.consola.importacion import valores
from mensajeria.consola.importacion.llano import llano
from mensajeria.consola.importacion.valores import Documento, Nota, Notas
from mensajeria.models import Usuario, ahora
from mensajeria.protocolo.tipos import MAX_NOMBRE

# Hasta 2^15 vueltas (unos 2 segundos): un coste mayor dejaría sin responder a quien ingresa.
_BCRYPT = re.compile(r"\$2[aby]?\$(0[4-9]|1[0-5])\$[./A-Za-z0-9]{53}")
_ACTIVO = {"activo", "activa"}
_INACTIVO = {"inactivo", "bloqueado", "suspendido", "eliminado", "baneado"}
_ALTA = ("fecha_registro", "fechaRegistro", "fechaCreacion", "createdAt")
_CON_PODER = {"admin", "administrador", "superadmin", "moderador"}
_CORRIENTES = {"experto", "cliente", "usuario", ""}
_MAX_NOMBRE_DE_USUARIO = 150


@dataclass(slots=True)
class UsuarioTraido:
    fila: Usuario
    notas: Notas


def leer(doc: Documento) -> UsuarioTraido:
    """Lanza `Rechazo` si no tiene un identificador que sirva."""
    notas: Notas = []
    id_ = valores.identificador(doc)
    correo = valores.texto(valores.primero(doc, "email", "correo"), 254, "email", notas).strip()
    alta = valores.primero(doc, *_ALTA)
    conexion = valores.primero(doc, "ultimaConexion", "ultima_conexion")
    avatar = valores.primero(doc, "avatar_url", "avatarUrl", "avatar", "foto")
    fila = Usuario(
        id=id_,
        username=_nombre_de_usuario(doc, id_, correo, notas),
        email=correo,
        nombre=_nombre(doc, "nombre", notas, "nombre", "nombres"),
        apellido=_nombre(doc, "apellido", notas, "apellido", "apellidos"),
        avatar_url=valores.avatar(avatar, "avatar_url", notas),
        password=_contrasena(doc, notas),
        es_experto=_es_experto(doc, notas),
        is_active=_activo(doc, notas),
        ultima_conexion=valores.fecha(conexion, "ultimaConexion", notas),
        date_joined=valores.fecha(alta, "fecha_registro", notas)
        or valores.fecha_del_id(doc.get("_id"))
        or ahora(),
    )
    _apuntar_roles(doc, notas)
    return UsuarioTraido(fila, notas)


def _nombre(doc: Documento, campo: str, notas: Notas, *nombres: str) -> str:
    return valores.nombre(valores.primero(doc, *nombres), MAX_NOMBRE, campo, notas)


def _nombre_de_usuario(doc: Documento, id_: str, correo: str, notas: Notas) -> str:
    """Con lo que ingresará: su nombre de usuario, su correo o, sin ninguno, su identificador."""
    propio = valores.primero(doc, "username", "nombreUsuario", "usuario")
    for candidato in (propio, correo):
        if isinstance(candidato, str) and len(candidato.strip()) <= _MAX_NOMBRE_DE_USUARIO:
            nombre = valores.nombre(candidato, _MAX_NOMBRE_DE_USUARIO, "username", notas).strip()
            if nombre:
                return nombre
        elif candidato is not None:
            motivo = f"no es un texto de {_MAX_NOMBRE_DE_USUARIO} caracteres: no ingresa con él"
            notas.append(Nota("username", motivo, llano(candidato)))
    notas.append(Nota("username", "sin nombre de usuario ni correo: ingresa con su identificador"))
    return id_


def _contrasena(doc: Documento, notas: Notas) -> str:
    """La de bcrypt se conserva; cualquier otra cosa (también en claro) deja la cuenta sin clave."""
    guardada = valores.primero(doc, *valores.CONTRASENAS)
    if isinstance(guardada, bytes):
        guardada = guardada.decode("ascii", "replace")
    if isinstance(guardada, str) and _BCRYPT.fullmatch(guardada):
        # `$2y$` (PHP) y `$2$` son el mismo cálculo que `$2b$` con otro nombre.
        return "bcrypt$" + re.sub(r"^\$2y?\$", "$2b$", guardada)
    motivo = "no es de bcrypt" if guardada else "no tiene"
    notas.append(Nota("password", f"contraseña: {motivo}; habrá que ponerle una nueva"))
    return make_password(None)


def _roles(doc: Documento) -> set[str]:
    crudos: list[Any] = [doc.get("rol"), *valores.lista(doc.get("roles"))]
    return {r.strip().lower() for r in crudos if isinstance(r, str)}


def _apuntar_roles(doc: Documento, notas: Notas) -> None:
    """Los que aquí no se tienen por importarse, o no existen."""
    if poder := sorted(_roles(doc) & _CON_PODER):
        motivo = f"era {', '.join(poder)}: aquí entra sin privilegios; dáselos en el admin"
        notas.append(Nota("roles", motivo))
    for campo in ("rol", "roles"):
        for rol in valores.lista(doc.get(campo)):
            if not isinstance(rol, str) or rol.strip().lower() not in _CON_PODER | _CORRIENTES:
                notas.append(Nota(campo, "ese rol no existe aquí: no se toma", llano(rol)))


def _es_experto(doc: Documento, notas: Notas) -> bool:
    declarado = valores.primero(doc, "es_experto", "esExperto")
    return valores.cierto(declarado, False, "es_experto", notas) or "experto" in _roles(doc)


def _activo(doc: Documento, notas: Notas) -> bool:
    crudo = doc.get("estado")
    estado = crudo.strip().lower() if isinstance(crudo, str) else ""
    if estado in _INACTIVO - {"inactivo"}:
        notas.append(Nota("estado", "aquí una cuenta está activa o no: queda inactiva", estado))
    elif crudo is not None and estado not in _ACTIVO | _INACTIVO:
        motivo = "aquí no existe: la cuenta queda activa"
        notas.append(Nota("estado", motivo, llano(crudo)))
    return estado not in _INACTIVO and valores.cierto(doc.get("activo"), True, "activo", notas)
