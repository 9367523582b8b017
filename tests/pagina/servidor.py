"""Un servidor de verdad, y lo que las pruebas de la página le piden por REST."""

from __future__ import annotations

import json
import urllib.request
from typing import Any

import requests

from tests import servicios


class Servidor(servicios.Servidor):
    def pedir(self, quien: str, metodo: str, ruta: str, cuerpo: Any = None) -> Any:
        return self._http(metodo, f"/api/mensajeria/{ruta}", cuerpo, self._firma(quien))

    def _firma(self, quien: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.token(quien)}"}

    def revocar(self, quien: str) -> None:
        self._http("POST", "/api/token/revocar/", None, self._firma(quien))
        del self._tokens[quien]

    def _http(self, metodo: str, ruta: str, cuerpo: Any, cabeceras: dict[str, str]) -> Any:
        peticion = urllib.request.Request(
            self.url + ruta,
            method=metodo,
            data=None if cuerpo is None else json.dumps(cuerpo).encode(),
            headers={"Content-Type": "application/json", **cabeceras},
        )
        with urllib.request.urlopen(peticion, timeout=servicios.PACIENCIA) as respuesta:
            crudo = respuesta.read()
        return json.loads(crudo) if crudo else None

    def conversacion(self, nombre: str, *personas: str, tipo: str = "grupal") -> str:
        """Una conversación nueva de la primera persona con las demás."""
        creador, *otras = personas
        cuerpo = {
            "tipo": tipo,
            "participantes": [{"usuarioId": p} for p in otras],
            "configuracion": {"nombrePersonalizado": nombre},
        }
        return str(self.pedir(creador, "POST", "conversaciones/", cuerpo)["_id"])

    def enviar(self, quien: str, conversacion: str, texto: str, **campos: Any) -> dict[str, Any]:
        cuerpo = {"contenido": {"texto": texto}, "tipo": "texto", **campos}
        enviado: dict[str, Any] = self.pedir(
            quien, "POST", f"conversaciones/{conversacion}/mensajes/", cuerpo
        )
        return enviado

    def enviar_archivo(
        self, quien: str, conversacion: str, nombre: str, crudo: bytes, texto: str = ""
    ) -> dict[str, Any]:
        """El mensaje que lo lleva."""
        subido = requests.post(
            f"{self.url}/api/mensajeria/archivos/",
            files={"archivo": (nombre, crudo)},
            headers=self._firma(quien),
            timeout=servicios.PACIENCIA,
        )
        subido.raise_for_status()
        contenido = {"texto": texto, "archivo": {"id": subido.json()["_id"]}}
        return self.enviar(quien, conversacion, "", contenido=contenido, tipo=None)

    def textos(self, quien: str, conversacion: str) -> list[str]:
        """Los textos de la conversación, el más antiguo primero."""
        pagina = self.pedir(quien, "GET", f"conversaciones/{conversacion}/mensajes/?limite=100")
        return [m["contenido"]["texto"] for m in reversed(pagina["results"])]
