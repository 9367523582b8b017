"""Lo que un Chromium sin servicio de empuje no tiene: quién da la suscripción y quién la entrega.

La suscripción la da la prueba, con las claves de un `Navegador`; lo demás es de verdad: el servidor
cifra y envía, el trabajador de servicio recibe, y el permiso es el del navegador.
"""

from __future__ import annotations

import asyncio
import json
import secrets
import time
from typing import Any

from playwright.async_api import Browser, CDPSession, Page

from tests.avisos.servicio import Navegador, Servicio
from tests.pagina.persona import Persona
from tests.servicios import PACIENCIA

_SUSCRIPCION = """
(({ punto, keys }) => {
  const leida = () => localStorage.getItem("prueba.suscrita");
  const bytes = (texto) =>
    Uint8Array.from(atob(texto.replace(/-/g, "+").replace(/_/g, "/")), (c) => c.charCodeAt(0));
  const hecha = () => ({
    endpoint: leida(),
    options: { applicationServerKey: bytes(localStorage.getItem("prueba.clave")).buffer },
    toJSON: () => ({ endpoint: leida(), keys }),
    unsubscribe: async () => { localStorage.removeItem("prueba.suscrita"); return true; },
  });
  PushManager.prototype.getSubscription = async () => (leida() ? hecha() : null);
  PushManager.prototype.subscribe = async ({ userVisibleOnly, applicationServerKey }) => {
    if (!userVisibleOnly) throw new DOMException("Sin enseñarlas no", "NotAllowedError");
    const vez = Number(localStorage.getItem("prueba.veces") ?? 0) + 1;
    localStorage.setItem("prueba.veces", vez);
    localStorage.setItem("prueba.clave", applicationServerKey);
    localStorage.setItem("prueba.suscrita", `${punto}/${vez}`);
    return hecha();
  };
  window.pedidas = 0;
  Notification.requestPermission = async () => {
    pedidas++;
    await contestarAlPermiso();
    return Notification.permission;
  };
})
"""


class Empuje:
    """`contesta`: lo que la persona dirá cuando se le pida permiso."""

    def __init__(self, persona: Persona, origen: str, servicio: Servicio) -> None:
        self._persona = persona
        self._origen = origen
        self._servicio = servicio
        self._navegador = Navegador()
        self._registros: dict[str, str] = {}
        self.contesta = "granted"

    async def preparar(self, navegador: Browser) -> None:
        """Antes de que llegue la página. Nadie ha pedido aún el permiso."""
        contexto, pagina = self._persona.contexto, self._persona.pagina
        punto = f"{self._servicio.url}/{secrets.token_hex(4)}"
        suya = {"punto": punto, "keys": self._navegador.claves}
        await contexto.expose_function("contestarAlPermiso", self._contestar)
        await contexto.add_init_script(f"{_SUSCRIPCION}({json.dumps(suya)})")
        cdp = await contexto.new_cdp_session(pagina)
        destino = await cdp.send("Target.getTargetInfo")
        self._contexto_id = destino["targetInfo"]["browserContextId"]
        self._raiz = await navegador.new_browser_cdp_session()
        await self.permitir("prompt")

    async def permitir(self, que: str) -> None:
        """Como en los ajustes del navegador: `granted`, `denied` o `prompt`."""
        await self._raiz.send(
            "Browser.setPermission",
            {
                "permission": {"name": "notifications"},
                "setting": que,
                "origin": self._origen,
                "browserContextId": self._contexto_id,
            },
        )

    async def _contestar(self) -> None:
        await self.permitir(self.contesta)

    async def llegado(self, cuantos: int) -> dict[str, Any]:
        """Lo que dice, descifrado, el último de esos que llegaron al servicio."""
        async with asyncio.timeout(PACIENCIA):
            while len(self._servicio.recibidas) < cuantos:
                await asyncio.sleep(0.05)
        return self._navegador.leer(self._servicio.recibidas[cuantos - 1].cuerpo)

    async def entregar(self, pagina: Page, dicho: dict[str, Any] | str) -> None:
        """El servicio se lo da a este navegador, y su trabajador lo recibe."""
        cdp = await self._persona.contexto.new_cdp_session(pagina)
        registro = await _registro(cdp, self._origen)
        texto = dicho if isinstance(dicho, str) else json.dumps(dicho)
        await cdp.send(
            "ServiceWorker.deliverPushMessage",
            {"origin": self._origen, "registrationId": registro, "data": texto},
        )
        await cdp.detach()


async def _registro(cdp: CDPSession, origen: str) -> str:
    """El de su trabajador, ya activo: a uno que aún se instala no le llega nada, sin decirlo."""
    nuestros: set[str] = set()
    activos: set[str] = set()
    hallado: asyncio.Future[str] = asyncio.get_running_loop().create_future()

    def mirar() -> None:
        for uno in nuestros & activos:
            if not hallado.done():
                hallado.set_result(uno)

    def registros(dicho: dict[str, Any]) -> None:
        nuestros.update(
            uno["registrationId"]
            for uno in dicho["registrations"]
            if uno["scopeURL"] == f"{origen}/" and not uno["isDeleted"]
        )
        mirar()

    def versiones(dicho: dict[str, Any]) -> None:
        activos.update(
            una["registrationId"] for una in dicho["versions"] if una["status"] == "activated"
        )
        mirar()

    cdp.on("ServiceWorker.workerRegistrationUpdated", registros)
    cdp.on("ServiceWorker.workerVersionUpdated", versiones)
    await cdp.send("ServiceWorker.enable")
    async with asyncio.timeout(PACIENCIA):
        return await hallado


async def ensenadas(pagina: Page) -> list[list[str]]:
    """Las notificaciones que hay a la vista: título y cuerpo."""
    vistas: list[list[str]] = await pagina.evaluate(
        """async () => {
          const registro = await navigator.serviceWorker.getRegistration();
          const todas = (await registro?.getNotifications()) ?? [];
          return todas.map(({ title, body }) => [title, body]);
        }"""
    )
    return vistas


async def se_ensena(pagina: Page, *esperadas: list[str]) -> None:
    """Espera a que haya esas, y ninguna más."""
    limite = time.monotonic() + PACIENCIA
    while (vistas := sorted(await ensenadas(pagina))) != sorted(esperadas):
        assert time.monotonic() < limite, vistas
        await asyncio.sleep(0.05)


async def llega(empuje: Empuje, pagina: Page, dicho: Any, *esperadas: list[str]) -> None:
    """Se entrega y se ve. Con la máquina ocupada, CDP a veces no lo da y no lo dice: se repite, que
    con la misma etiqueta sustituye a lo que hubiera.
    """
    limite = time.monotonic() + PACIENCIA
    while True:
        await empuje.entregar(pagina, dicho)
        repetir = time.monotonic() + PACIENCIA / 4
        while time.monotonic() < repetir:
            if (vistas := sorted(await ensenadas(pagina))) == sorted(esperadas):
                return
            await asyncio.sleep(0.05)
        assert time.monotonic() < limite, vistas
