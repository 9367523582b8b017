"""Cuánto tarda en importarse una base original: `python bancos/importar.py [MENSAJES]`.

Llena el sustituto de MongoDB con conversaciones de dos (nueve de cada diez) y de ocho personas, con
lecturas, entregas, reacciones y citas, y mide `importar_mongo` sobre una base SQLite nueva.
"""

from __future__ import annotations

import os
import random
import re
import subprocess
import sys
import tempfile
import time
from collections.abc import Iterator
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from bson import ObjectId
from pymongo import MongoClient

RAIZ = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(RAIZ))

from tests.servicios import mongo  # noqa: E402

INICIO = datetime(2025, 1, 1, tzinfo=UTC)
POR_CONVERSACION = 50


def _mensajes(cuantos: int, conversaciones: list[dict[str, Any]]) -> Iterator[dict[str, Any]]:
    anteriores: dict[ObjectId, ObjectId] = {}
    for i in range(cuantos):
        conversacion = random.choice(conversaciones)
        gente = [p["usuario"] for p in conversacion["participantes"]]
        autor = random.choice(gente)
        enviado = INICIO + timedelta(seconds=i)
        lecturas = [
            {"usuario": u, "fechaLectura": enviado + timedelta(seconds=random.randrange(2, 600))}
            for u in gente
            if u != autor and random.random() < 0.8
        ]
        id_ = ObjectId()
        doc = {
            "_id": id_,
            "conversacion": conversacion["_id"],
            "remitente": autor,
            "contenido": {"texto": "Un mensaje de largo corriente. " * 3, "tipo": "texto"},
            "tipo": "texto",
            "prioridad": "normal",
            "estado": "leido" if lecturas else "enviado",
            "fechaEnvio": enviado,
            "fechaEntrega": enviado + timedelta(seconds=1) if lecturas else None,
            "lecturas": lecturas,
            "reacciones": [{"usuario": gente[0], "tipo": "like", "fecha": enviado}] * (i % 10 == 0),
            "respuestaA": anteriores.get(conversacion["_id"]) if i % 5 == 0 else None,
            "socketInfo": {"socketId": "s", "ipAddress": "10.0.0.1", "userAgent": "banco"},
        }
        anteriores[conversacion["_id"]] = id_
        yield doc


def llenar(uri: str, cuantos: int) -> None:
    random.seed(1)
    base: Any = MongoClient(uri)["original"]
    gente = [ObjectId() for _ in range(500)]
    base.usuarios.insert_many(
        {"_id": u, "nombre": f"Persona {i}", "email": f"p{i}@servitech.example"}
        for i, u in enumerate(gente)
    )
    conversaciones = [
        {
            "_id": ObjectId(),
            "codigoConversacion": f"CONV-{i}",
            "tipo": "grupal" if i % 10 == 0 else "individual",
            "participantes": [
                {"usuario": u, "rol": "cliente", "activo": True, "fechaIngreso": INICIO}
                for u in random.sample(gente, 8 if i % 10 == 0 else 2)
            ],
            "activa": True,
            "fechaCreacion": INICIO,
            "fechaUltimaActividad": INICIO + timedelta(seconds=i),
        }
        for i in range(max(1, cuantos // POR_CONVERSACION))
    ]
    base.conversaciones.insert_many(conversaciones)
    tanda: list[dict[str, Any]] = []
    for doc in _mensajes(cuantos, conversaciones):
        tanda.append(doc)
        if len(tanda) == 5000:
            base.mensajes.insert_many(tanda)
            tanda = []
    if tanda:
        base.mensajes.insert_many(tanda)


def main() -> None:
    cuantos = int(sys.argv[1]) if len(sys.argv) > 1 else 100_000
    with mongo() as uri, tempfile.TemporaryDirectory() as carpeta:
        original = re.sub(r"/servitech\?", "/original?", uri)
        llenar(uri, cuantos)
        entorno = {
            **{k: v for k, v in os.environ.items() if k not in {"MONGODB_URI", "REDIS_URL"}},
            "DATABASE_URL": f"sqlite:///{carpeta}/banco.sqlite3",
            "LOG_ARCHIVO": f"{carpeta}/server.log",
        }

        def orden(*argumentos: str) -> float:
            inicio = time.perf_counter()
            subprocess.run(
                [sys.executable, "manage.py", *argumentos], cwd=RAIZ, env=entorno, check=True
            )
            return time.perf_counter() - inicio

        orden("migrate", "-v0")
        for vez in ("primera vez", "repetida"):
            segundos = orden("importar_mongo", original, "--rechazos", f"{carpeta}/rechazos.jsonl")
            print(f"{vez}: {cuantos} en {segundos:.1f} s, {cuantos / segundos:.0f} mensajes/s")


if __name__ == "__main__":
    main()
