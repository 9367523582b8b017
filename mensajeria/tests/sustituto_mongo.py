"""El sustituto de MongoDB para las pruebas: `python sustituto_mongo.py [PUERTO]`.

Corre en su propio proceso (su licencia es GPL: el producto nunca lo importa) y escribe una línea,
`listo mongodb://…`, cuando responde. Remienda dos defectos de secantusdb 0.7.0b3 escribiendo
`{"a": {"b": 1}}` como `{"a.b": 1}`, que para MongoDB es lo mismo: en `$project` la inclusión
anidada contestaba el 1 literal, y en `$addFields` y `$set` reemplazaba `a` en vez de mezclar.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

import secantus.aggregate as agregacion
from secantus import SecantusDBServer

_ETAPAS = ("$project", "$addFields", "$set")


def _aplanar(forma: Any, prefijo: str = "") -> dict[str, Any]:
    plana: dict[str, Any] = {}
    for clave, valor in forma.items():
        if hasattr(valor, "items") and valor and not any(str(c).startswith("$") for c in valor):
            plana.update(_aplanar(valor, f"{prefijo}{clave}."))
        else:
            plana[prefijo + clave] = valor
    return plana


def _remendada(original: Callable[..., Any]) -> Callable[..., Any]:
    def etapa(forma: Any, *resto: Any, **mas: Any) -> Any:
        return original(_aplanar(forma) if hasattr(forma, "items") else forma, *resto, **mas)

    return etapa


def _remendar() -> None:
    for nombre in _ETAPAS:
        tablas = [
            t for t in vars(agregacion).values() if isinstance(t, dict) and callable(t.get(nombre))
        ]
        if not tablas:
            sys.exit(f"sustituto_mongo: secantus cambió y no se halla {nombre}")
        for tabla in tablas:
            tabla[nombre] = _remendada(tabla[nombre])


def main() -> None:
    _remendar()
    fin = threading.Event()
    for senal in (signal.SIGTERM, signal.SIGINT):
        signal.signal(senal, lambda *_: fin.set())
    puerto = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    with SecantusDBServer(storage_path=":memory:", host="127.0.0.1", port=puerto) as servidor:
        print("listo", servidor.uri, flush=True)
        fin.wait()


if __name__ == "__main__":
    main()
