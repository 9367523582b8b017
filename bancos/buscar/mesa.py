"""Lo que tarda la mesa en buscar: `DATABASE_URL=… python -m bancos.buscar.mesa [MENSAJES]`.

La página entera, con su cuenta, como la pide quien modera. Una base vacía se siembra antes, con un
millón si no se dice.
"""

from __future__ import annotations

import statistics
import sys
import time
from collections.abc import Callable
from urllib.parse import quote

from django.conf import settings
from django.db import connection
from django.test import Client

from bancos.buscar.dentro import preparar
from bancos.buscar.siembra import palabra
from mensajeria.models import Mensaje, Usuario

VECES = 20
CALENTAR = 2
CLASES: dict[str, Callable[[int], str]] = {
    "corriente": lambda n: palabra(n),
    "media": lambda n: palabra(200 + n * 7),
    "rara": lambda n: palabra(8_000 + n * 131),
    "ninguna": lambda n: f"zzyx{n}",
    "tres corrientes": lambda n: f"{palabra(n)} {palabra(n + 1)} {palabra(n + 2)}",
    "frase": lambda n: f'"{palabra(n)} {palabra(n + 3)}"',
    "frase que no está": lambda n: f'"{palabra(n)} {palabra(8_000 + n)} {palabra(200 + n)}"',
    "un usuario": lambda n: f"u{n}",
    "una conversación": lambda n: f"c{n}",
    "un mensaje": lambda n: f"{n:024x}",
    "nada: la lista": lambda _: "",
}


def main() -> None:
    preparar(int(sys.argv[1]) if len(sys.argv) > 1 else 1_000_000)
    settings.ALLOWED_HOSTS = ["*"]
    quien = {"username": "mesa", "is_staff": True, "is_superuser": True, "password": "!"}
    mesa, _ = Usuario.objects.get_or_create(pk="mesa", defaults=quien)
    cliente = Client()
    cliente.force_login(mesa)
    print(f"{connection.vendor}, {Mensaje.objects.count():,} mensajes; ms: p50 · p95 · máximo")
    for nombre, que in CLASES.items():
        tiempos = []
        for n in range(-CALENTAR, VECES):
            inicio = time.perf_counter()
            pagina = cliente.get(f"/admin/mensajeria/mensaje/?q={quote(que(n % VECES))}")
            tiempos.append(time.perf_counter() - inicio)
            assert pagina.status_code == 200, pagina
        t = sorted(1000 * x for x in tiempos[CALENTAR:])
        p95 = t[int(0.95 * VECES) - 1]
        print(f"{nombre}: {statistics.median(t):.0f} · {p95:.0f} · {t[-1]:.0f}", flush=True)


if __name__ == "__main__":
    main()
