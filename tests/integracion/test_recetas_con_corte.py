"""Las recetas que no pierden nada, con un cable que se corta de verdad."""

from __future__ import annotations

import subprocess
import sys
import threading
import time
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import IO

import pytest
import requests

from tests.fragmentos import Fragmento, fragmentos
from tests.integracion.cable import Cable
from tests.integracion.conftest import nueva_conversacion
from tests.servicios import PACIENCIA, RAIZ, Servidor, detener

pytestmark = pytest.mark.elige_base

TITULO = "No perder nada tras un corte"
CON = {"js": ("node", "mjs"), "python": (sys.executable, "py")}
# Más cambios de los que caben en una reanudación: 500.
MUCHOS = 520
CUANTOS_VIVOS = 60


@pytest.fixture(scope="module")
def servidor(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Servidor]:
    carpeta = tmp_path_factory.mktemp("cortes")
    with Servidor(carpeta, MENSAJES_POR_MINUTO="100000") as uno:
        yield uno


class Oyente:
    """El programa de la receta, y lo que va diciendo."""

    def __init__(self, fragmento: Fragmento, carpeta: Path, puerto: int) -> None:
        orden, extension = CON[fragmento.lenguaje]
        archivo = carpeta / f"corte.{extension}"
        archivo.write_text(fragmento.codigo.replace("localhost:3000", f"127.0.0.1:{puerto}"))
        self.dicho: list[str] = []
        self.proceso = subprocess.Popen(
            [orden, archivo.name],
            cwd=carpeta,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
            text=True,
        )
        assert self.proceso.stdout
        self._hilo = threading.Thread(target=self._oir, args=(self.proceso.stdout,), daemon=True)
        self._hilo.start()

    def _oir(self, salida: IO[str]) -> None:
        with salida:
            for linea in salida:
                self.dicho.append(linea.rstrip())

    def cerrar(self) -> None:
        detener(self.proceso)
        self._hilo.join(PACIENCIA)

    def hasta(self, se_cumple: Callable[[list[str]], bool]) -> None:
        limite = time.monotonic() + PACIENCIA
        while not se_cumple(self.dicho):
            assert self.proceso.poll() is None, self.dicho[-20:]
            assert time.monotonic() < limite, self.dicho[-20:]
            time.sleep(0.05)


def _pedir(servidor: Servidor, metodo: str, camino: str, cuerpo: object) -> dict[str, str]:
    respuesta = requests.request(
        metodo,
        f"{servidor.url}/api/mensajeria/{camino}",
        json=cuerpo,
        headers={"Authorization": f"Bearer {servidor.token('ana')}"},
        timeout=PACIENCIA,
    )
    respuesta.raise_for_status()
    return respuesta.json() if respuesta.content else {}


def _enviar(servidor: Servidor, conversacion: str, texto: str) -> str:
    cuerpo = {"contenido": {"texto": texto}}
    return _pedir(servidor, "POST", f"conversaciones/{conversacion}/mensajes/", cuerpo)["_id"]


@pytest.mark.parametrize(
    "fragmento",
    [f for f in fragmentos(RAIZ / "docs/recetas.md") if f.titulo == TITULO and f.lenguaje in CON],
    ids=lambda f: f.lenguaje,
)
def test_nada_se_pierde(
    fragmento: Fragmento, servidor: Servidor, instalado: Path, vecinos: None
) -> None:
    conversacion = nueva_conversacion(servidor, "ana", "test_user")
    cambiado = _enviar(servidor, conversacion, "antes del corte")
    cable = Cable(servidor.puerto)
    oyente = Oyente(fragmento, instalado, cable.puerto)
    try:
        oyente.hasta(lambda dicho: "al día" in dicho)
        assert f"{conversacion} antes del corte" in oyente.dicho
        _enviar(servidor, conversacion, "en vivo")
        oyente.hasta(lambda dicho: f"{conversacion} en vivo" in dicho)

        cable.cortar()
        perdidos = [f"perdido {i}" for i in range(MUCHOS)]
        for texto in perdidos:
            _enviar(servidor, conversacion, texto)
        _pedir(servidor, "PATCH", f"mensajes/{cambiado}/", {"texto": "editado en el corte"})
        nacida = nueva_conversacion(servidor, "ana", "test_user")
        _enviar(servidor, nacida, "nació en el corte")
        cable.unir()
        # Mientras vuelve, sigue llegando lo nuevo: un cursor que suba con ello salta lo perdido.
        vivos = [f"vivo {i}" for i in range(CUANTOS_VIVOS)]
        for texto in vivos:
            _enviar(servidor, conversacion, texto)
            time.sleep(0.05)
        esperado = {f"{conversacion} {t}" for t in (*perdidos, *vivos, "editado en el corte")}
        esperado.add(f"{nacida} nació en el corte")
        oyente.hasta(lambda dicho: esperado <= set(dicho))
    finally:
        oyente.cerrar()
        cable.cortar()
