"""`manage.py claves_vapid`: la clave con que este servidor firma sus avisos a los navegadores."""

from __future__ import annotations

from typing import Any

from cryptography.hazmat.primitives.asymmetric import ec

from mensajeria.avisos.canales.webpush import CURVA, en_base64, publica_de
from mensajeria.consola.orden_de_consola import OrdenDeConsola


class Command(OrdenDeConsola):
    help = (
        "Escribe una clave nueva para los avisos a navegadores, como va en .env. No la cambies: los"
        " que ya se suscribieron tendrían que hacerlo otra vez."
    )

    def handle(self, *args: Any, **opciones: Any) -> None:
        numero = ec.generate_private_key(CURVA).private_numbers().private_value
        clave = en_base64(numero.to_bytes(32))
        self.stdout.write(f"VAPID_CLAVE={clave}")
        self.stderr.write(f"La pública, que va sola a los navegadores: {publica_de(clave)}")
