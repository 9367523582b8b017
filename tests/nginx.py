"""El nginx de Debian con nuestro `produccion/nginx.conf`, delante de unos servidores de aquí."""

from __future__ import annotations

import contextlib
import os
import re
import subprocess
from collections.abc import Iterator
from pathlib import Path
from typing import NamedTuple

from tests.servicios import RAIZ, detener, esperar_puerto, puerto_libre

NUESTRO = RAIZ / "produccion/nginx.conf"
# Dónde lo ponen los documentos.
ALLI = Path("/etc/nginx/conf.d/servitech.conf")
_ALREDEDOR = """
daemon off;
{de_quien}
pid {carpeta}/nginx.pid;
error_log {carpeta}/error.log info;
events {{ worker_connections 4096; }}
http {{
    log_format estados '$status $request_method $uri $upstream_addr $upstream_status';
    access_log {carpeta}/access.log estados;
    client_body_temp_path {carpeta}/cuerpos;
    proxy_temp_path {carpeta}/proxy;
    fastcgi_temp_path {carpeta}/fastcgi;
    uwsgi_temp_path {carpeta}/uwsgi;
    scgi_temp_path {carpeta}/scgi;
    include {sitios};
}}
"""


class Nginx(NamedTuple):
    """`certificado` es el suyo, y de su propia autoridad; `accesos`, una línea por petición."""

    url: str
    sin_tls: str
    certificado: Path
    accesos: Path

    def estados(self, de: int) -> list[str]:
        """Las peticiones contestadas con ese estado o uno mayor."""
        lineas = self.accesos.read_text().splitlines()
        return [linea for linea in lineas if int(linea.split()[0]) >= de]


@contextlib.contextmanager
def nginx(carpeta: Path, *nodos: int | str, cambiado: str = "") -> Iterator[Nginx]:
    """Delante de los que escuchan en esos dos puertos, o en esas dos `máquina:puerto`.

    `cambiado`: la orden de un documento que lo cambia.
    """
    puerto, sin_tls = puerto_libre(), puerto_libre()
    sitio = carpeta / "sitio.conf"
    sitio.write_text(_sitio(carpeta, puerto, sin_tls, *nodos))
    if cambiado:
        assert str(ALLI) in cambiado
        subprocess.run(["sh", "-ec", cambiado.replace(str(ALLI), str(sitio))], check=True)
    escribir_alrededor(carpeta, carpeta / "sitio.conf")
    certificar(carpeta)
    orden = ["nginx", "-p", str(carpeta), "-c", str(carpeta / "nginx.conf")]
    entorno = {**os.environ, "PATH": f"{os.environ['PATH']}:/usr/sbin"}
    subprocess.run([*orden, "-t"], check=True, capture_output=True, env=entorno)
    proceso = subprocess.Popen(orden, text=True, env=entorno)
    try:
        esperar_puerto(puerto, proceso)
        yield Nginx(
            f"https://127.0.0.1:{puerto}",
            f"http://127.0.0.1:{sin_tls}",
            carpeta / "fullchain.pem",
            carpeta / "access.log",
        )
    finally:
        detener(proceso)


def _sitio(carpeta: Path, puerto: int, sin_tls: int, *nodos: int | str) -> str:
    """El nuestro, con los puertos y los certificados de aquí, y nada más cambiado."""
    texto = re.sub(r"(?m)^\s*listen \[::\].*\n", "", NUESTRO.read_text())
    uno, otro = (nodo if isinstance(nodo, str) else f"127.0.0.1:{nodo}" for nodo in nodos)
    for de_alli, de_aqui in (
        ("127.0.0.1:3001", uno),
        ("127.0.0.1:3002", otro),
        ("listen 80;", f"listen 127.0.0.1:{sin_tls};"),
        ("listen 443 ", f"listen 127.0.0.1:{puerto} "),
        ("/etc/letsencrypt/live/mensajes.tusitio.com", str(carpeta)),
    ):
        assert de_alli in texto, de_alli
        texto = texto.replace(de_alli, de_aqui)
    return texto


def escribir_alrededor(carpeta: Path, sitios: Path) -> None:
    """Lo que en Debian está en `/etc/nginx/nginx.conf`, todo en esa carpeta."""
    de_quien = "user root;" if os.geteuid() == 0 else ""
    alrededor = _ALREDEDOR.format(carpeta=carpeta, de_quien=de_quien, sitios=sitios)
    (carpeta / "nginx.conf").write_text(alrededor)


def certificar(carpeta: Path, nombre: str = "localhost") -> None:
    """Uno firmado por él mismo, para ese nombre y para 127.0.0.1."""
    subprocess.run(
        [
            *("openssl", "req", "-x509", "-newkey", "ec", "-pkeyopt", "ec_paramgen_curve:P-256"),
            *("-nodes", "-days", "1", "-subj", f"/CN={nombre}"),
            *("-addext", f"subjectAltName=IP:127.0.0.1,DNS:{nombre}"),
            *("-keyout", str(carpeta / "privkey.pem"), "-out", str(carpeta / "fullchain.pem")),
        ],
        check=True,
        capture_output=True,
    )
