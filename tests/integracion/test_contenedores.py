"""Compose y Kubernetes, mirados contra sus esquemas; la imagen la corre `make imagen`."""

from __future__ import annotations

import re
import subprocess
from pathlib import Path
from typing import Any

import compose_spec
import kubernetes_validate
import pytest
import yaml

from tests import nginx
from tests.servicios import RAIZ

pytestmark = pytest.mark.elige_base

VERSION_DE_KUBERNETES = "1.37"


def _servicios() -> dict[str, Any]:
    return dict(yaml.safe_load((RAIZ / "compose.yaml").read_text())["services"])


def test_compose_lo_admite_su_esquema() -> None:
    """Con las variables en su valor por omisión."""
    texto = re.sub(r"\$\{\w+:[-?]([^}]*)\}", r"\1", (RAIZ / "compose.yaml").read_text())
    opciones = compose_spec.PyOptions()
    opciones.apply_merge = True
    compose = opciones.from_yaml(texto)
    compose.validate()
    assert set(compose.service_names()) == _servicios().keys()


def test_compose_solo_abre_el_proxy_y_todo_tiene_su_limite() -> None:
    servicios = _servicios()
    assert [nombre for nombre, uno in servicios.items() if "ports" in uno] == ["nginx"]
    que_duran = {nombre: uno for nombre, uno in servicios.items() if nombre != "preparar"}
    # La salud de los nodos la dice la imagen.
    assert all("healthcheck" in uno or "build" in uno for uno in que_duran.values())
    assert all(uno["deploy"]["resources"]["limits"]["memory"] for uno in que_duran.values())
    assert {n for n, uno in servicios.items() if "profiles" in uno} == {"postgres", "mongo"}


def test_el_nginx_de_compose_trata_a_los_nodos_como_el_otro(tmp_path: Path) -> None:
    """Y nginx lo admite."""
    suyo = (RAIZ / "produccion/nginx-compose.conf").read_text()

    def del_proxy(texto: str) -> set[str]:
        lineas = {" ".join(linea.split()) for linea in texto.splitlines()}
        return {li for li in lineas if li.startswith(("proxy_", "client_")) and "_pass" not in li}

    assert del_proxy(suyo) == del_proxy(nginx.NUESTRO.read_text())
    nginx.certificar(tmp_path)
    (tmp_path / "sitio.conf").write_text(suyo.replace("/certificados", str(tmp_path)))
    nginx.escribir_alrededor(tmp_path, tmp_path / "sitio.conf")
    orden = ["/usr/sbin/nginx", "-t", "-p", str(tmp_path), "-c", str(tmp_path / "nginx.conf")]
    hecho = subprocess.run(orden, capture_output=True, text=True)
    assert hecho.returncode == 0, hecho.stderr


MANIFIESTOS = [
    pytest.param(uno, id=f"{archivo.name}-{uno['kind']}")
    for archivo in sorted((RAIZ / "produccion/kubernetes").glob("*.yaml"))
    for uno in yaml.safe_load_all(archivo.read_text())
]


@pytest.mark.parametrize("manifiesto", MANIFIESTOS)
def test_kubernetes_lo_admite_su_esquema(manifiesto: Any) -> None:
    kubernetes_validate.validate(manifiesto, VERSION_DE_KUBERNETES, strict=True)
