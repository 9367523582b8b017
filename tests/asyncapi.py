"""`docs/asyncapi.yaml`, mirado con el esquema que publica AsyncAPI. Lo corre `make lint`."""

from __future__ import annotations

import json
import sys
from collections.abc import Iterator

import jsonschema
import yaml

from tests.servicios import RAIZ

DOCUMENTO = RAIZ / "docs/asyncapi.yaml"
ESQUEMAS = RAIZ / "node_modules/@asyncapi/specs/schemas"


def fallos(documento: dict) -> Iterator[str]:
    """Dónde no cumple el de su versión, y por qué."""
    esquema = json.loads((ESQUEMAS / f"{documento['asyncapi']}.json").read_text(encoding="utf-8"))
    for fallo in jsonschema.Draft7Validator(esquema).iter_errors(documento):
        hondo = jsonschema.exceptions.best_match([fallo])
        yield f"{'/'.join(map(str, hondo.absolute_path))}: {hondo.message[:200]}"


def main() -> None:
    malos = list(fallos(yaml.safe_load(DOCUMENTO.read_text(encoding="utf-8"))))
    for malo in malos:
        sys.stderr.write(f"docs/asyncapi.yaml, {malo}\n")
    sys.exit(bool(malos))


if __name__ == "__main__":
    main()
