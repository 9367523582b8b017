"""Para los servidores de las pruebas: lo que en producción no está instalado, tampoco aquí.

Django y REST framework lo cargan solo por haberlo, y era la décima parte de cada arranque.
"""

from __future__ import annotations

import sys

for _nombre in ("jinja2", "pygments", "requests"):
    sys.modules[_nombre] = None  # type: ignore[assignment]
