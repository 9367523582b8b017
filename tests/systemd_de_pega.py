"""Lo que de systemd usa `docs/produccion.md`, sin systemd: `python systemd_de_pega.py ORDEN…`.

Lee las unidades de verdad: arranca su ExecStart, con su entorno y en su carpeta, espera a su
ExecStartPost y las detiene con SIGTERM en su TimeoutStopSec. Lo que encierra y las cuentas, no.
Todo pasa en la carpeta de `RAIZ_DE_PEGA`.
"""

from __future__ import annotations

import configparser
import os
import shlex
import signal
import subprocess
import sys
import time
from fnmatch import fnmatch
from pathlib import Path

RAIZ = Path(os.environ["RAIZ_DE_PEGA"])
UNIDADES = RAIZ / "etc/systemd/system"
MARCHA = RAIZ / "run"


class Unidad:
    def __init__(self, nombre: str) -> None:
        self.nombre = nombre.removesuffix(".service")
        plantilla, _, self.cual = self.nombre.partition("@")
        de = f"{plantilla}@.service" if self.cual else f"{plantilla}.service"
        lector = configparser.RawConfigParser(strict=False)
        lector.optionxform = str  # type: ignore[assignment,method-assign]
        texto = (UNIDADES / de).read_text().replace("%i", self.cual)
        lector.read_string(texto)
        self.servicio = lector["Service"]
        self.entorno = dict(
            linea.removeprefix("Environment=").split("=", 1)
            for linea in texto.splitlines()
            if linea.startswith("Environment=")
        )
        self.pid = MARCHA / f"{self.nombre}.pid"

    def correr(self, orden: str, **mas: object) -> subprocess.Popen[bytes]:
        return subprocess.Popen(
            shlex.split(orden),
            cwd=self.servicio["WorkingDirectory"],
            env={**os.environ, **self.entorno},
            **mas,  # type: ignore[call-overload]
        )

    def start(self) -> None:
        if self.servicio["Type"] == "oneshot":
            if fallo := self.correr(self.servicio["ExecStart"]).wait():
                sys.exit(fallo)
            return
        salida = (MARCHA / f"{self.nombre}.txt").open("ab")
        proceso = self.correr(
            self.servicio["ExecStart"], stdout=salida, stderr=salida, start_new_session=True
        )
        self.pid.write_text(str(proceso.pid))
        plazo = float(self.servicio["TimeoutStartSec"])
        if fallo := self.correr(self.servicio["ExecStartPost"]).wait(plazo):
            sys.exit(fallo)

    def stop(self) -> None:
        if not self.pid.exists():
            return
        pid = int(self.pid.read_text())
        os.kill(pid, signal.SIGTERM)
        limite = time.monotonic() + float(self.servicio["TimeoutStopSec"])
        while _vive(pid):
            if time.monotonic() > limite:
                sys.exit(f"{self.nombre} no se detuvo a tiempo")
            time.sleep(0.05)
        self.pid.unlink()

    def restart(self) -> None:
        self.stop()
        self.start()


def _vive(pid: int) -> bool:
    """Sin contar al que ya acabó y nadie ha recogido."""
    try:
        estado = Path(f"/proc/{pid}/stat").read_text().rpartition(")")[2].split()[0]
    except FileNotFoundError:
        return False
    return estado != "Z"


def _en_marcha(patron: str) -> list[str]:
    nombres = [f"{pid.stem}.service" for pid in sorted(MARCHA.glob("*.pid"))]
    return [n for n in nombres if fnmatch(n, patron) or fnmatch(n, f"{patron}.service")]


def main(orden: str, *argumentos: str) -> None:
    nombres = [a for a in argumentos if not a.startswith("--")]
    if orden == "list-units":
        for nombre in _en_marcha(nombres[0]):
            print(nombre, "loaded active running")
        return
    if nombres == ["nginx"]:
        subprocess.run([os.environ["RECARGAR_NGINX"]], check=True)
        return
    for nombre in nombres:
        assert "*" in nombre or nombre.endswith((".service", ".target", ".timer")), nombre
        if orden == "enable":
            unidad = nombre.partition("@")[0] + ("@.service" if "@" in nombre else "")
            assert (UNIDADES / unidad).exists(), nombre
        for una in _en_marcha(nombre) if "*" in nombre else [nombre]:
            if una.endswith(".service"):
                getattr(Unidad(una), "start" if orden == "enable" else orden)()


if __name__ == "__main__":
    main(*sys.argv[1:])
