"""Redis: si responde, si guarda lo que se le da y si reparte lo que se publica."""

from __future__ import annotations

import secrets
import time
from collections.abc import Iterator
from typing import Any

import redis
from django.conf import settings

from mensajeria.comprobaciones.servicios import revisar_redis
from mensajeria.consola.diagnostico.hallazgos import Hallazgo, aviso, bien, mal, omitido
from mensajeria.entre_procesos.direccion import Reserva
from mensajeria.entre_procesos.enlace import llave

_PACIENCIA = 2.0


def conectar() -> Any:
    plazos = {"socket_timeout": _PACIENCIA, "socket_connect_timeout": _PACIENCIA}
    return redis.Redis.from_pool(Reserva.from_url(settings.REDIS_URL, **plazos))


def revisar() -> Iterator[Hallazgo]:
    if not settings.REDIS_URL:
        yield omitido("sin configurar: sirve para un solo proceso (con varios, pon REDIS_URL)")
        return
    inicio = time.perf_counter()
    try:
        cliente = conectar()
        datos = cliente.info("server")
        tardo = time.perf_counter() - inicio
        yield bien(f"Redis {datos['redis_version']}, responde en {tardo * 1000:.0f} ms")
        for hallado in revisar_redis(databases=["default"]):
            yield mal(hallado.msg, hallado.hint or "")
        yield _memoria(cliente)
        yield _reparto(cliente)
    except redis.RedisError as error:
        yield mal(
            f"no responde ({type(error).__name__})",
            "Comprueba REDIS_URL y que esté en marcha. Mientras, cada proceso sirve por su cuenta y"
            " los avisos entre procesos llegan por la base, con medio segundo de retraso.",
        )


def _memoria(cliente: Any) -> Hallazgo:
    memoria = cliente.info("memory")
    tope, usada = int(memoria.get("maxmemory", 0)), int(memoria["used_memory"])
    politica = memoria.get("maxmemory_policy", "noeviction")
    if tope and politica != "noeviction":
        return aviso(
            f"con la memoria llena borra claves ({politica})",
            "Aquí guarda presencia y límites: pon maxmemory-policy noeviction.",
        )
    if tope and usada > 0.9 * tope:
        return aviso("tiene ocupada más del 90 % de su memoria", "Sube maxmemory.")
    return bien(f"usa {usada / 2**20:.0f} MiB")


def _reparto(cliente: Any) -> Hallazgo:
    # Propios de esta vez: lo que otro publique no es que se reparta lo nuestro.
    dicho = secrets.token_hex(8)
    canal = llave("diagnostico", dicho)
    with cliente.pubsub(ignore_subscribe_messages=True) as oyente:
        oyente.subscribe(canal)
        oyente.get_message(timeout=_PACIENCIA)
        inicio = time.perf_counter()
        cliente.publish(canal, dicho)
        while time.perf_counter() - inicio < _PACIENCIA:
            oido = oyente.get_message(timeout=0.2)
            if oido and oido["data"] == dicho.encode():
                return bien(
                    f"reparte lo publicado ({(time.perf_counter() - inicio) * 1000:.0f} ms)"
                )
    return mal("no reparte lo que se publica", "Mira si la cuenta de Redis tiene permiso (ACL).")
