"""`python -m tests.original CARPETA`: graba otra vez lo que envía el original (`make grabar`).

CARPETA es la suya (`backend/`, en la semilla), con sus dependencias instaladas. Se arranca sin
tocarla, sobre el sustituto de MongoDB, con las personas y las conversaciones del guion.
"""

from __future__ import annotations

import json
import os
import subprocess
import sys
from pathlib import Path
from typing import Any

from pymongo import MongoClient

from tests.consola.importacion import todo_el_original
from tests.original.corrida import correr
from tests.servicios import SECRETO, detener, esperar_puerto, mongo, puerto_libre

GRABADO = Path(__file__).with_name("grabado.jsonl")


def sembrar(uri: str) -> None:
    """Las personas y las conversaciones de la base grabada, sin ningún mensaje todavía."""
    grabada = todo_el_original.grabada()
    for conversacion in grabada["conversaciones"]:
        suyos = [p["usuario"] for p in conversacion["participantes"]]
        conversacion["estadisticas"] = {
            "totalMensajes": 0,
            "mensajesNoLeidos": [{"usuario": u, "cantidad": 0} for u in suyos],
        }
    with MongoClient[dict[str, Any]](uri) as cliente:
        base = cliente.get_default_database()
        for coleccion in ("usuarios", "conversaciones"):
            base[coleccion].insert_many(grabada[coleccion])


def grabar(carpeta: Path) -> None:
    """Arranca el original de esa carpeta, corre el guion y guarda lo que envió a cada cliente."""
    puerto = puerto_libre()
    with mongo() as uri:
        sembrar(uri)
        suyo = {"PORT": str(puerto), "MONGODB_URI": uri, "JWT_SECRET": SECRETO}
        original = subprocess.Popen(
            ["node", "src/app.js"], cwd=carpeta, env={**os.environ, **suyo}, text=True
        )
        try:
            esperar_puerto(puerto, original)
            vistos = correr(f"http://127.0.0.1:{puerto}")
        finally:
            detener(original)
    lineas = [json.dumps(v._asdict(), ensure_ascii=False) + "\n" for v in vistos]
    GRABADO.write_text("".join(lineas), encoding="utf-8")
    print(f"{len(lineas)} eventos en {GRABADO}: míralos con «git diff»", file=sys.stderr)


if __name__ == "__main__":
    grabar(Path(sys.argv[1]))
