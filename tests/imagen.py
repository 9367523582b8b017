"""Los pasos del `Dockerfile`, uno a uno, en una carpeta limpia: `python -m tests.imagen`.

La carpeta hace de raíz de la imagen, sin Docker: las rutas de los pasos son suyas, y lo que es de
cuentas no se hace. Al final arranca como la imagen, y pregunta como su HEALTHCHECK.
"""

from __future__ import annotations

import json
import os
import re
import shlex
import shutil
import subprocess
import tempfile
import time
from fnmatch import fnmatch
from pathlib import Path

from tests.servicios import PACIENCIA, RAIZ, detener, puerto_libre

DE_OTRA_CUENTA = ("useradd ", "install -d -o ")


class Imagen:
    """Una carpeta por etapa, y lo que se va sabiendo al leerlo."""

    def __init__(self, carpeta: Path) -> None:
        self.carpeta = carpeta
        self.etapas: dict[str, Path] = {}
        self.raiz = carpeta
        self.entorno: dict[str, str] = {}
        self.donde = "/"
        self.dichos: dict[str, list[str]] = {}

    def paso(self, orden: str, resto: str) -> None:
        print(orden, resto, flush=True)
        if orden == "FROM":
            nombre = resto.partition(" AS ")[2] or "final"
            self.raiz = self.etapas[nombre] = self.carpeta / nombre
            (self.raiz / "opt").mkdir(parents=True)
            self.entorno, self.donde = {}, "/"
        elif orden == "ENV":
            for nombre, valor in (par.split("=", 1) for par in shlex.split(resto)):
                self.entorno[nombre] = valor
        elif orden == "WORKDIR":
            self.donde = resto
            self._de(resto).mkdir(parents=True, exist_ok=True)
        elif orden == "COPY":
            self._copiar(*resto.split())
        elif orden == "RUN":
            self._correr(resto)
        elif orden in ("ENTRYPOINT", "CMD"):
            self.dichos[orden] = json.loads(resto)
        elif orden == "HEALTHCHECK":
            self.dichos[orden] = json.loads(resto.partition("CMD ")[2])

    def _de(self, ruta: str) -> Path:
        return self.raiz / (Path(self.donde) / ruta).relative_to("/")

    def _copiar(self, *palabras: str) -> None:
        *de, a = (palabra for palabra in palabras if not palabra.startswith("--"))
        if palabras[0].startswith("--from="):
            origen = self.etapas[palabras[0].partition("=")[2]]
            shutil.copytree(origen / de[0].lstrip("/"), self._de(a), symlinks=True)
        elif de == ["."]:
            shutil.copytree(RAIZ, self._de(a), ignore=_ignorado, dirs_exist_ok=True, symlinks=True)
        else:
            for archivo in de:
                self._de(a).mkdir(parents=True, exist_ok=True)
                shutil.copy(RAIZ / archivo, self._de(a))

    def _correr(self, orden: str) -> None:
        if orden.startswith(DE_OTRA_CUENTA):
            for ruta in re.findall(r" (/\S+)", orden):
                self._de(ruta).mkdir(parents=True)
            return
        subprocess.run(
            ["sh", "-ec", self.de_aqui(orden)], cwd=self._de("."), env=self.ajustes(), check=True
        )

    def de_aqui(self, texto: str) -> str:
        return re.sub(r"(?<![\w.])/(app|opt|tmp)\b", rf"{self.raiz}/\1", texto)

    def ajustes(self) -> dict[str, str]:
        suyos = {nombre: self.de_aqui(valor) for nombre, valor in self.entorno.items()}
        camino = suyos.get("PATH", "$PATH").replace("$PATH", os.environ["PATH"])
        (self.raiz / "tmp").mkdir(exist_ok=True)
        return {**suyos, "PATH": camino, "HOME": str(self.raiz), "LANG": "C.UTF-8"}

    def servir(self) -> None:
        """Con lo menos que se puede decir, hasta que se dé por sana."""
        entorno = self.ajustes() | {
            "PORT": str(puerto_libre()),
            "JWT_SECRET": "x" * 40,
            "SOCKET_CORS_ORIGIN": "https://a.example",
        }
        principal, defecto = self.dichos["ENTRYPOINT"], self.dichos["CMD"]
        subprocess.run([*principal, "preparar"], cwd=self._de("."), env=entorno, check=True)
        proceso = subprocess.Popen(
            [*principal, *defecto], cwd=self._de("."), env=entorno, text=True
        )
        limite = time.monotonic() + PACIENCIA
        try:
            while subprocess.run(self.dichos["HEALTHCHECK"], env=entorno, stderr=-3).returncode:
                assert proceso.poll() is None and time.monotonic() < limite, "no llegó a servir"
                time.sleep(0.2)
        finally:
            detener(proceso)
        assert proceso.returncode == 0


def _ignorado(carpeta: str, nombres: list[str]) -> set[str]:
    if Path(carpeta) != RAIZ:
        return {"__pycache__"}
    patrones = (RAIZ / ".dockerignore").read_text().split()
    return {nombre for nombre in nombres if any(fnmatch(nombre, patron) for patron in patrones)}


def main() -> None:
    texto = re.sub(r"\\\n\s*", "", (RAIZ / "Dockerfile").read_text())
    lineas = [linea for linea in texto.splitlines() if linea and not linea.startswith("#")]
    with tempfile.TemporaryDirectory(prefix="servitech-imagen-") as carpeta:
        imagen = Imagen(Path(carpeta))
        for linea in lineas:
            orden, _, resto = linea.partition(" ")
            imagen.paso(orden, resto.strip())
        imagen.servir()
    print("Sirve.")


if __name__ == "__main__":
    main()
