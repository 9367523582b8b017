"""La parte de sockets de `test_mensajeria_sistema.sh`: el flujo de la semilla, con marcos reales.

Una línea por comprobación, `✓` o `✗`; el guion las cuenta. No usa Django ni la base: es un cliente.
Envía dos mensajes por pasada, de los diez por minuto que puede enviar una persona.
"""

from __future__ import annotations

import json
import os
import sys
import time
import uuid
from collections.abc import Callable, Iterator
from contextlib import ExitStack, contextmanager
from typing import Any, Self

import jwt
from dotenv import dotenv_values
from websockets.sync.client import connect

PACIENCIA = 30.0
Datos = dict[str, Any]


class Fallo(Exception):
    """Lo que se esperaba no llegó."""


class Cliente:
    """Una conexión a la puerta sencilla, que guarda lo que llega mientras espera otra cosa."""

    def __init__(self, direccion: str) -> None:
        self._ws = connect(direccion, open_timeout=PACIENCIA, close_timeout=1)
        self._llegado: list[Datos] = []
        self._ids = 0

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._ws.close()

    def crudo(self, texto: str) -> None:
        self._ws.send(texto)

    def pedir(self, evento: str, **datos: Any) -> Datos:
        """Los `datos` de la respuesta, o Fallo si es una negativa."""
        respuesta = self._respuesta(evento, datos)
        if not respuesta["ok"]:
            raise Fallo(f"{evento}: {respuesta['error']['code']} {respuesta['error']['message']}")
        return dict(respuesta["datos"])

    def negado(self, evento: str, **datos: Any) -> Datos:
        """El error de la respuesta, que también ha de llegar como evento `error`."""
        respuesta = self._respuesta(evento, datos)
        if respuesta["ok"]:
            raise Fallo(f"{evento}: se esperaba una negativa")
        self.esperar("error", lambda d: d.get("id") == respuesta["id"])
        return dict(respuesta["error"])

    def _respuesta(self, evento: str, datos: Datos) -> Datos:
        self._ids += 1
        id_ = self._ids
        self.crudo(json.dumps({"evento": evento, "datos": datos, "id": id_}))
        return self._sacar(
            lambda m: m["evento"] == "respuesta" and m["id"] == id_, f"respuesta a {evento}"
        )

    def esperar(self, evento: str, cumple: Callable[[Datos], bool] = lambda _: True) -> Datos:
        """Los datos del primer `evento` que cumple, haya llegado ya o no."""
        marco = self._sacar(lambda m: m["evento"] == evento and cumple(m["datos"]), evento)
        return dict(marco["datos"])

    def _sacar(self, cumple: Callable[[Datos], bool], que: str) -> Datos:
        limite = time.monotonic() + PACIENCIA
        vistos = 0
        while True:
            for marco in self._llegado[vistos:]:
                if cumple(marco):
                    self._llegado.remove(marco)
                    return marco
            vistos = len(self._llegado)
            try:
                self._llegado.append(json.loads(self._ws.recv(max(0, limite - time.monotonic()))))
            except TimeoutError:
                raise Fallo(f"no llegó: {que}") from None


@contextmanager
def comprobar(que: str) -> Iterator[None]:
    """Lo de dentro es una comprobación: si algo falla, se dice y se sigue con la siguiente."""
    try:
        yield
    except Exception as error:
        motivo = str(error) or type(error).__name__
        print(f"✗ {que}: {motivo}", flush=True)
    else:
        print(f"✓ {que}", flush=True)


def igual(hallado: Any, esperado: Any) -> None:
    if hallado != esperado:
        raise Fallo(f"se esperaba {esperado!r} y llegó {hallado!r}")


def secreto_del_servidor() -> str:
    """El que tendría el servidor arrancado desde aquí."""
    guardado = dotenv_values(".env").get("JWT_SECRET")
    return os.environ.get("JWT_SECRET") or guardado or "tu_secreto_jwt_seguro"


def firmar(secreto: str, usuario: str, segundos: float = 300) -> str:
    """Un token como los que emite SERVITECH: HS256, con `userId`."""
    return jwt.encode({"userId": usuario, "exp": time.time() + segundos}, secreto, "HS256")


def probar_ingreso(cliente: Cliente, secreto: str) -> None:
    with comprobar("ping responde pong sin haberse autenticado"):
        igual(sorted(cliente.pedir("ping")), ["timestamp"])
        cliente.esperar("pong")
    with comprobar("Sin autenticar: AUTH_REQUIRED, «Usuario no autenticado»"):
        error = cliente.negado("unirse_conversacion", conversacionId="conv_test")
        igual((error["code"], error["message"]), ("AUTH_REQUIRED", "Usuario no autenticado"))
    with comprobar("Un token ajeno: AUTH_INVALID, «Token inválido»"):
        error = cliente.negado(
            "autenticar", token=firmar("otro secreto de 32 bytes o más..", "ana")
        )
        igual((error["code"], error["message"]), ("AUTH_INVALID", "Token inválido"))
    with comprobar("Un token caducado: TOKEN_EXPIRED"):
        caducado = firmar(secreto, "test_user", segundos=-60)
        igual(cliente.negado("autenticar", token=caducado)["code"], "TOKEN_EXPIRED")
    with comprobar("Un token de otra persona: USER_MISMATCH"):
        error = cliente.negado("autenticar", usuarioId="ana", token="test_token")
        igual(error["code"], "USER_MISMATCH")
    with comprobar("autenticar con test_user y test_token: autenticado"):
        cliente.pedir("autenticar", usuarioId="test_user", token="test_token")
        igual(cliente.esperar("autenticado")["usuarioId"], "test_user")
    with comprobar("renovar_token: token_renovado"):
        cliente.pedir("renovar_token", token="test_token")
        cliente.esperar("token_renovado")


def probar_errores(cliente: Cliente, ajeno: Cliente, secreto: str, conversacion: str) -> None:
    with comprobar("Un evento desconocido: UNKNOWN_EVENT"):
        igual(cliente.negado("no_existe")["code"], "UNKNOWN_EVENT")
    with comprobar("Un mensaje en blanco: VALIDATION_ERROR, y dice el campo"):
        contenido = {"texto": "  "}
        error = cliente.negado("enviar_mensaje", conversacionId=conversacion, contenido=contenido)
        igual((error["code"], error["campo"]), ("VALIDATION_ERROR", "contenido.texto"))
    with comprobar("Un marco que no es JSON: VALIDATION_ERROR, y la conexión sigue"):
        cliente.crudo("hola")
        error = cliente.esperar("error", lambda d: d["evento"] is None)
        igual(error["code"], "VALIDATION_ERROR")
        cliente.pedir("ping")
    with comprobar("Un token de SERVITECH, firmado con JWT_SECRET, abre la sesión"):
        ajeno.pedir("autenticar", token=firmar(secreto, "carla"))
    with comprobar("Para quien no participa, NOT_FOUND, igual que si no existiera"):
        error = ajeno.negado("unirse_conversacion", conversacionId=conversacion)
        nada = ajeno.negado("unirse_conversacion", conversacionId="no_existe")
        igual((error["code"], error["message"]), ("NOT_FOUND", nada["message"]))
        contenido = {"texto": "¿Se puede?"}
        error = ajeno.negado("enviar_mensaje", conversacionId=conversacion, contenido=contenido)
        igual(error["code"], "NOT_FOUND")


class Conversacion:
    """El flujo de la semilla entre `yo` y `otro`, ya autenticados."""

    def __init__(self, yo: Cliente, otro: Cliente, id_: str) -> None:
        self.yo, self.otro, self.id = yo, otro, id_
        self.mensaje = ""
        self.antes = 0

    def probar(self) -> None:
        self.unirse()
        self.enviar()
        self.escribir_y_leer()
        self.reaccionar()
        self.editar()
        self.eliminar_y_reanudar()
        with comprobar("salir_conversacion: deja de recibirla"):
            igual(
                self.yo.pedir("salir_conversacion", conversacionId=self.id)["conversacionId"],
                self.id,
            )
        with comprobar("obtener_estadisticas: las cifras de la semilla"):
            cifras = set(self.yo.pedir("obtener_estadisticas")) - {"timestamp"}
            igual(cifras, {"usuariosConectados", "conversacionesActivas", "totalSockets"})

    def unirse(self) -> None:
        with comprobar("unirse_conversacion: unido_conversacion, con los dos conectados"):
            self.otro.pedir("unirse_conversacion", conversacionId=self.id)
            self.yo.pedir("unirse_conversacion", conversacionId=self.id)
            unido = self.yo.esperar("unido_conversacion")
            self.antes = unido["ultimoCambio"]
            igual(unido["participantes_conectados"], ["beto", "test_user"])

    def enviar(self) -> None:
        texto, clave = "Hola, ¿cómo estás?", uuid.uuid4().hex
        pedido = {"conversacionId": self.id, "contenido": {"texto": texto}, "idCliente": clave}
        with comprobar("enviar_mensaje: mensaje_enviado, en estado enviado"):
            self.yo.pedir("enviar_mensaje", tipo="texto", **pedido)
            acuse = self.yo.esperar("mensaje_enviado")
            igual((acuse["estado"], acuse["idCliente"]), ("enviado", clave))
            self.mensaje = acuse["mensajeId"]
        with comprobar("nuevo_mensaje llega a los dos, con su remitente"):
            for cliente in (self.yo, self.otro):
                mensaje = cliente.esperar("nuevo_mensaje", self._es_del_mensaje)["mensaje"]
                igual(mensaje["contenido"]["texto"], texto)
                igual(mensaje["remitente"]["_id"], "test_user")
        with comprobar("Repetirlo con su idCliente no lo duplica"):
            igual(
                self.yo.pedir("enviar_mensaje", tipo="texto", **pedido)["mensajeId"], self.mensaje
            )

    def _es_del_mensaje(self, datos: Datos) -> bool:
        return bool(datos.get("mensajeId", datos.get("mensaje", {}).get("_id")) == self.mensaje)

    def escribir_y_leer(self) -> None:
        with comprobar("escribiendo: usuario_escribiendo, al empezar y al terminar"):
            for escribe in (True, False):
                self.otro.pedir("escribiendo", conversacionId=self.id, escribiendo=escribe)
                visto = self.yo.esperar("usuario_escribiendo")
                igual((visto["usuarioId"], visto["escribiendo"]), ("beto", escribe))
        with comprobar("marcar_leido: mensaje_leido, y el estado pasa a leido"):
            self.otro.pedir("marcar_leido", conversacionId=self.id, mensajeId=self.mensaje)
            igual(self.yo.esperar("mensaje_leido", self._es_del_mensaje)["leidoPor"], "beto")
            self.yo.esperar(
                "mensaje_actualizado", lambda d: self._es_del_mensaje(d) and d["estado"] == "leido"
            )

    def reaccionar(self) -> None:
        with comprobar("agregar_reaccion: reaccion_agregada, con todas las reacciones"):
            self.otro.pedir("agregar_reaccion", mensajeId=self.mensaje, tipo="love")
            [reaccion] = self.yo.esperar("reaccion_agregada", self._es_del_mensaje)["reacciones"]
            igual((reaccion["usuario"], reaccion["tipo"]), ("beto", "love"))
        with comprobar("quitar_reaccion: reaccion_quitada"):
            self.otro.pedir("quitar_reaccion", mensajeId=self.mensaje)
            igual(self.yo.esperar("reaccion_quitada", self._es_del_mensaje)["reacciones"], [])

    def editar(self) -> None:
        with comprobar("editar_mensaje: mensaje_editado, con lo que decía antes"):
            self.yo.pedir("editar_mensaje", mensajeId=self.mensaje, texto="Hola de nuevo")
            mensaje = self.otro.esperar("mensaje_editado", self._es_del_mensaje)["mensaje"]
            igual(mensaje["contenido"]["texto"], "Hola de nuevo")
            igual([v["texto"] for v in mensaje["editado"]["historial"]], ["Hola, ¿cómo estás?"])
        with comprobar("Editar lo de otro: PERMISSION_DENIED"):
            error = self.otro.negado("editar_mensaje", mensajeId=self.mensaje, texto="No")
            igual(error["code"], "PERMISSION_DENIED")

    def eliminar_y_reanudar(self) -> None:
        with comprobar("eliminar_mensaje: mensaje_eliminado"):
            self.yo.pedir("eliminar_mensaje", mensajeId=self.mensaje, razon="Prueba del sistema")
            self.otro.esperar("mensaje_eliminado", self._es_del_mensaje)
        with comprobar("reanudar: lo que faltaba, una vez y como está ahora"):
            self.yo.pedir("reanudar", cursores={self.id: self.antes, "no_existe": 0})
            conversaciones = self.yo.esperar("reanudado")["conversaciones"]
            igual(list(conversaciones), [self.id])
            [mensaje] = conversaciones[self.id]["cambios"]
            igual((mensaje["_id"], mensaje["contenido"]["texto"]), (self.mensaje, ""))
            igual(mensaje["eliminado"]["eliminado"], True)


def probar_muestra(yo: Cliente, otro: Cliente) -> None:
    """El cliente de muestra de la semilla, letra por letra."""
    with comprobar("El flujo de la semilla en conv_test: unirse, enviar, «Hola mundo!»"):
        yo.pedir("unirse_conversacion", conversacionId="conv_test")
        enviado = yo.pedir(
            "enviar_mensaje",
            conversacionId="conv_test",
            contenido={"texto": "Hola mundo!"},
            tipo="texto",
        )
        for cliente in (yo, otro):
            llegado = cliente.esperar(
                "nuevo_mensaje", lambda d: d["mensaje"]["_id"] == enviado["mensajeId"]
            )
            igual(llegado["mensaje"]["contenido"]["texto"], "Hola mundo!")


def main(direccion: str, token_de_beto: str, conversacion: str) -> None:
    secreto = secreto_del_servidor()
    with ExitStack() as abiertas:
        clientes = None
        with comprobar(f"Tres conexiones a {direccion}"):
            clientes = [abiertas.enter_context(Cliente(direccion)) for _ in range(3)]
        if clientes is None:
            return
        yo, otro, ajeno = clientes
        probar_ingreso(yo, secreto)
        with comprobar("El token de REST abre también el socket"):
            igual(otro.pedir("autenticar", token=token_de_beto)["usuarioId"], "beto")
        Conversacion(yo, otro, conversacion).probar()
        probar_muestra(yo, otro)
        probar_errores(yo, ajeno, secreto, conversacion)


if __name__ == "__main__":
    main(*sys.argv[1:])
