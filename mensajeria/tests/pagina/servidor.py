"""Un servidor de verdad, en su proceso, su puerto y su archivo de SQLite."""

from __future__ import annotations

import json
import os
import signal
import socket
import subprocess
import sys
import time
import urllib.request
from pathlib import Path
from typing import Any

RAIZ = Path(__file__).resolve().parents[3]
SEGUNDOS_PARA_ARRANCAR = 30


def _puerto_libre() -> int:
    with socket.socket() as enchufe:
        enchufe.bind(("127.0.0.1", 0))
        return int(enchufe.getsockname()[1])


class Servidor:
    def __init__(self, carpeta: Path) -> None:
        self.base = carpeta / "pagina.sqlite3"
        self.puerto = _puerto_libre()
        self.origen = f"http://127.0.0.1:{self.puerto}"
        self._registro = (carpeta / "salida.log").open("wb")
        self._entorno = {
            **os.environ,
            "DATABASE_URL": f"sqlite:///{self.base}",
            "LOG_ARCHIVO": str(carpeta / "server.log"),
            "MENSAJES_POR_MINUTO": "100000",
            "REDIS_URL": "",
            "MONGODB_URI": "",
            "DEBUG": "1",
        }
        self._proceso: subprocess.Popen[bytes] | None = None
        self._tokens: dict[str, dict[str, str]] = {}

    def preparar(self) -> None:
        self._manage("preparar").check_returncode()

    def _manage(self, *orden: str) -> subprocess.CompletedProcess[bytes]:
        return subprocess.run(
            [sys.executable, "manage.py", *orden],
            cwd=RAIZ,
            env=self._entorno,
            stdout=self._registro,
            stderr=subprocess.STDOUT,
            check=False,
        )

    def arrancar(self) -> None:
        self._proceso = subprocess.Popen(
            [sys.executable, "manage.py", "servir", "--puerto", str(self.puerto)],
            cwd=RAIZ,
            env=self._entorno,
            stdout=self._registro,
            stderr=subprocess.STDOUT,
        )
        limite = time.monotonic() + SEGUNDOS_PARA_ARRANCAR
        while not self._responde():
            if self._proceso.poll() is not None or time.monotonic() > limite:
                raise RuntimeError(f"El servidor no arrancó: {self._registro.name}")
            time.sleep(0.05)

    def _responde(self) -> bool:
        try:
            with urllib.request.urlopen(f"{self.origen}/salud/", timeout=2) as respuesta:
                return bool(respuesta.status == 200)
        except OSError:
            return False

    def detener(self, senal: signal.Signals = signal.SIGTERM) -> None:
        if self._proceso is not None and self._proceso.poll() is None:
            self._proceso.send_signal(senal)
        if self._proceso is not None:
            self._proceso.wait(20)
        self._proceso = None

    def cerrar(self) -> None:
        self.detener()
        self._registro.close()

    # REST, para preparar y para comprobar

    def pedir(self, quien: str, metodo: str, ruta: str, cuerpo: Any = None) -> Any:
        return self._http(metodo, f"/api/mensajeria/{ruta}", cuerpo, self._firma(quien))

    def tokens(self, quien: str) -> dict[str, str]:
        """Los de esa persona; comprobar una clave cuesta, y se pide una vez."""
        if quien not in self._tokens:
            datos = {"username": quien, "password": "demo"}
            self._tokens[quien] = self._http("POST", "/api/token/", datos, {})
        return self._tokens[quien]

    def _firma(self, quien: str) -> dict[str, str]:
        return {"Authorization": f"Bearer {self.tokens(quien)['access']}"}

    def revocar(self, quien: str) -> None:
        self._http("POST", "/api/token/revocar/", None, self._firma(quien))
        del self._tokens[quien]

    def _http(self, metodo: str, ruta: str, cuerpo: Any, cabeceras: dict[str, str]) -> Any:
        peticion = urllib.request.Request(
            self.origen + ruta,
            method=metodo,
            data=None if cuerpo is None else json.dumps(cuerpo).encode(),
            headers={"Content-Type": "application/json", **cabeceras},
        )
        with urllib.request.urlopen(peticion, timeout=20) as respuesta:
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

    def textos(self, quien: str, conversacion: str) -> list[str]:
        """Los textos de la conversación, el más antiguo primero."""
        pagina = self.pedir(quien, "GET", f"conversaciones/{conversacion}/mensajes/?limite=100")
        return [m["contenido"]["texto"] for m in reversed(pagina["results"])]
