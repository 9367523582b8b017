"""Qué conversaciones hay en la base antes de medir."""

from __future__ import annotations

import json
from dataclasses import dataclass, field
from typing import Any


@dataclass
class Siembra:
    """Las conversaciones de una fila, con su gente y cuántos mensajes traen."""

    conversaciones: list[dict[str, Any]] = field(default_factory=list)

    def sala(self, id_: str, personas: int, mensajes: int = 0) -> Siembra:
        """Una conversación `id_` de `id_-u0`, `id_-u1`…"""
        gente = [f"{id_}-u{i}" for i in range(personas)]
        self.conversaciones.append({"id": id_, "gente": gente, "mensajes": mensajes})
        return self

    def salas(self, prefijo: str, cuantas: int, personas: int) -> Siembra:
        for k in range(cuantas):
            self.sala(f"{prefijo}{k}", personas)
        return self

    def persona(self, usuario: str, conversaciones: int, otros: int = 50) -> Siembra:
        """Alguien que está en muchas, cada una con otra persona de entre unas pocas."""
        self.conversaciones += [
            {
                "id": f"{usuario}-c{k}",
                "gente": [usuario, f"{usuario}-o{k % otros}"],
                "mensajes": 0,
            }
            for k in range(conversaciones)
        ]
        return self

    def grupos(self, prefijo: str, grupos: int, personas: int, conversaciones: int) -> Siembra:
        """Gente que comparte muchas: cada persona de un grupo está en todas las de su grupo."""
        for g in range(grupos):
            gente = [f"{prefijo}{g}-u{i}" for i in range(personas)]
            self.conversaciones += [
                {"id": f"{prefijo}{g}-c{k}", "gente": gente, "mensajes": 0}
                for k in range(conversaciones)
            ]
        return self

    def en_json(self) -> str:
        """Lo que lee `bancos/sembrar.py`."""
        return json.dumps(self.conversaciones)


def gente_de(conversacion: str, personas: int) -> list[str]:
    """Quiénes están en una conversación hecha con `sala`."""
    return [f"{conversacion}-u{i}" for i in range(personas)]
