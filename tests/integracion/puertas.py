"""Las demás puertas del servidor, con la misma cara: REST, la mesa del admin y Socket.IO."""

from __future__ import annotations

import asyncio
from typing import Any, Self

import requests
import socketio

from tests.integracion.cliente import Datos
from tests.servicios import PACIENCIA, Servidor, firmar


class Rest:
    """Peticiones firmadas por quien se diga; guarda cuáles se hicieron."""

    def __init__(self, servidor: Servidor) -> None:
        self._url = servidor.url
        self._http = requests.Session()
        self._tokens: dict[str, str] = {}
        self.hechas: set[tuple[str, str]] = set()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def token(self, usuario: str) -> str:
        if usuario not in self._tokens:
            self._tokens[usuario] = firmar(usuario)
        return self._tokens[usuario]

    def renovar(self, usuario: str) -> None:
        del self._tokens[usuario]

    def pedir(
        self, usuario: str | None, metodo: str, camino: str, cuerpo: Any = None
    ) -> tuple[int, Any]:
        """El estado y el cuerpo de la respuesta (`None` si no trae)."""
        cabeceras = {} if usuario is None else {"Authorization": f"Bearer {self.token(usuario)}"}
        respuesta = self._http.request(
            metodo, self._url + camino, json=cuerpo, headers=cabeceras, timeout=PACIENCIA
        )
        self.hechas.add((metodo, camino.split("?")[0]))
        return respuesta.status_code, _cuerpo(respuesta)

    def subir(self, usuario: str, camino: str, crudo: bytes) -> tuple[int, Any]:
        """Lo mismo, con un archivo de esos bytes."""
        respuesta = self._http.post(
            self._url + camino,
            files={"archivo": ("foto.png", crudo)},
            headers={"Authorization": f"Bearer {self.token(usuario)}"},
            timeout=PACIENCIA,
        )
        self.hechas.add(("POST", camino))
        return respuesta.status_code, _cuerpo(respuesta)


def _cuerpo(respuesta: requests.Response) -> Any:
    """El JSON; de un archivo, cuánto mide."""
    if not respuesta.content:
        return None
    de_json = "json" in respuesta.headers.get("Content-Type", "")
    return respuesta.json() if de_json else len(respuesta.content)


class Mesa:
    """El admin, como lo usa quien administra: formularios con su sesión y su CSRF."""

    def __init__(self, servidor: Servidor) -> None:
        self._url = f"{servidor.url}/admin"
        self._http = requests.Session()
        self.hechas: set[str] = set()

    def __enter__(self) -> Self:
        self._http.get(f"{self._url}/login/", timeout=PACIENCIA)
        self._enviar("/login/", {"username": "admin", "password": "demo"})
        return self

    def __exit__(self, *_: object) -> None:
        self._http.close()

    def _enviar(self, camino: str, datos: Datos) -> str:
        """Envía el formulario y devuelve a dónde redirige: sin eso, no se aceptó."""
        respuesta = self._http.post(
            self._url + camino,
            data={**datos, "csrfmiddlewaretoken": self._http.cookies["csrftoken"]},
            allow_redirects=False,
            timeout=PACIENCIA,
        )
        assert respuesta.status_code == 302, (camino, respuesta.status_code)
        return respuesta.headers["Location"]

    def crear_usuario(self, nombre: str, datos: Datos) -> str:
        """Sin contraseña, que su token lo firma otro; devuelve el id."""
        alta = {"username": nombre, "usable_password": "false"}
        id_ = self._enviar("/mensajeria/usuario/add/", alta).split("/")[-3]
        self._enviar(f"/mensajeria/usuario/{id_}/change/", {**datos, "username": nombre})
        return id_

    def hacer(self, modelo: str, accion: str, *ids: str) -> None:
        self.hechas.add(f"{modelo}/{accion}")
        datos = {"ids": ids, "motivo": f"por {accion} 🧹", "confirmar": "1"}
        self._enviar(f"/mensajeria/{modelo}/accion/{accion}/", datos)


class PorSocketIO:
    """Lo mismo que `Cliente`, con un cliente de Socket.IO sin modificar."""

    def __init__(self, servidor: Servidor) -> None:
        self._url = servidor.url
        self._socket = socketio.AsyncClient()

    async def __aenter__(self) -> Self:
        await self._socket.connect(self._url, transports=["websocket"])
        return self

    async def __aexit__(self, *_: object) -> None:
        await self._socket.disconnect()

    async def enviar(self, evento: str, datos: Any = None) -> asyncio.Future[Datos]:
        futuro: asyncio.Future[Datos] = asyncio.get_running_loop().create_future()
        await self._socket.emit(evento, datos or {}, callback=futuro.set_result)
        return futuro
