"""La versión se dice en un sitio, `mensajeria.VERSION`, y la dicen todos."""

from __future__ import annotations

import json
import tomllib

import pytest
import yaml
from django.conf import settings
from django.test import Client

from mensajeria import VERSION

pytestmark = pytest.mark.bd


def test_la_dicen_todos_igual() -> None:
    proyecto = tomllib.loads((settings.BASE_DIR / "pyproject.toml").read_text(encoding="utf-8"))
    assert proyecto["project"]["dynamic"] == ["version"]
    assert proyecto["tool"]["setuptools"]["dynamic"]["version"]["attr"] == "mensajeria.VERSION"
    assert Client().get("/", HTTP_ACCEPT="*/*").json()["version"] == VERSION
    assert Client().get("/salud/").json()["version"] == VERSION
    assert f'version="{VERSION}"' in Client().get("/metrics").content.decode()
    assert settings.SPECTACULAR_SETTINGS["VERSION"] == VERSION
    eventos = (settings.BASE_DIR / "docs/asyncapi.yaml").read_text(encoding="utf-8")
    assert yaml.safe_load(eventos)["info"]["version"] == VERSION
    npm = (settings.BASE_DIR / "clientes/npm/package.json").read_text(encoding="utf-8")
    assert json.loads(npm)["version"] == VERSION
