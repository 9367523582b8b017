"""De lo que escribe `guion.js` a `grabado.json`: uno por la entrada, el otro por la salida."""

from __future__ import annotations

import json
import sys

from tests.original.normal import normalizado

for visto in normalizado(json.load(sys.stdin)):
    print(json.dumps(visto._asdict(), ensure_ascii=False))
