"""`docs/produccion.md`, orden a orden y en su orden, hasta que el sistema está en servicio.

Lo que pone en la máquina (paquetes, cuentas, unidades, certificados) va a una carpeta, con órdenes
de pega que miran lo que se les pide; lo demás es de verdad: la base, Redis, nginx y los nodos.
"""

from __future__ import annotations

import contextlib
import os
import shutil
import signal
import subprocess
import sys
from collections.abc import Iterator
from pathlib import Path
from urllib.parse import urlsplit

import pytest
import requests

from tests import nginx as de_nginx
from tests import servicios
from tests.fragmentos import fragmentos
from tests.servicios import PACIENCIA, RAIZ, detener, esperar_puerto, puerto_libre

pytestmark = pytest.mark.elige_base

PRODUCCION = RAIZ / "produccion"
UNIDADES = sorted([*PRODUCCION.glob("*.service"), *PRODUCCION.glob("*.t*")])
CLAVE = "una-clave-de-verdad-7"
NOMBRE = "mensajes.tusitio.com"

LO_QUE_SIRVE = (
    *("manage.py", "entorno.sh", "requirements.txt", "README.md", "CAMBIOS.md", "CONTRIBUIR.md"),
    *("SEGURIDAD.md", "mensajeria", "servitech", "static", "templates", "docs", "produccion"),
)
# Lo que aquí no se hace, y lo que sí se mira de ello.
DE_PEGA = {
    "apt-get": '[ "$1" = update ] || { shift 2; apt-cache show "$@" >/dev/null; }',
    "adduser": "",
    "chown": "",
    "install": 'mkdir -p $(printf "%s\\n" "$@" | grep /)',
    "runuser": '[ "$1 $2 $3" = "-u servitech --" ]; shift 3; exec "$@"',
    "su": '[ "$1 $2" = "postgres -c" ]; PGUSER=postgres exec sh -c "$3"',
    "git": '[ "$1" = pull ] || { [ "$1" = clone ]; cp -a "$2/." "$3"; }',
    "systemctl": 'exec "$PYTHON" "$SYSTEMD" "$@"',
    "nginx": 'exec /usr/sbin/nginx "$@" -p "$NGINX" -c "$NGINX/nginx.conf"',
    "certbot": 'mkdir -p "$CERTIFICADOS"; cp "$NGINX"/*.pem "$CERTIFICADOS"',
    "curl": 'exec /usr/bin/curl --cacert "$NGINX/fullchain.pem" '
    f'--connect-to "{NOMBRE}:443:127.0.0.1:$PUERTO_DE_NGINX" "$@"',
}


def test_las_unidades_las_admite_systemd(tmp_path: Path) -> None:
    """Con las rutas de aquí, que las de producción no están."""
    for unidad in UNIDADES:
        texto = unidad.read_text().replace("/opt/servitech/.venv/bin/python", sys.executable)
        (tmp_path / unidad.name).write_text(texto.replace("/opt/servitech", str(RAIZ)))
    nombres = [u.name.replace("@.", "@3001.") for u in UNIDADES]
    shutil.copy(tmp_path / "servitech@.service", tmp_path / "servitech@3001.service")
    hecho = subprocess.run(
        ["systemd-analyze", "verify", "--man=no", *(str(tmp_path / n) for n in nombres)],
        capture_output=True,
        text=True,
    )
    assert (hecho.returncode, hecho.stdout + hecho.stderr) == (0, "")


class Maquina:
    """Una carpeta que hace de máquina: en ella, `/opt`, `/etc`, `/var` y `/run`."""

    def __init__(self, carpeta: Path, postgres: str, redis: str) -> None:
        self.raiz = carpeta
        self.puertos = (puerto_libre(), puerto_libre())
        self.puerto_de_nginx = puerto_libre()
        self.redis = redis
        self.nginx: subprocess.Popen[str] | None = None
        base = urlsplit(postgres)
        for nombre in (
            "etc/systemd/system",
            "etc/nginx/conf.d",
            "opt",
            "var",
            "run",
            "bin",
            "nginx",
        ):
            (carpeta / nombre).mkdir(parents=True)
        for nombre, guion in DE_PEGA.items():
            orden = carpeta / "bin" / nombre
            orden.write_text(f"#!/bin/sh\nset -e\n{guion}\n")
            orden.chmod(0o755)
        recargar = carpeta / "recargar"
        recargar.write_text(f"#!/bin/sh\nkill -HUP $(cat {carpeta}/nginx/nginx.pid)\n")
        recargar.chmod(0o755)
        self.entorno = {
            "PATH": f"{carpeta}/bin:/usr/local/bin:/usr/bin:/bin:/usr/sbin",
            "HOME": str(carpeta),
            "LANG": "C.UTF-8",
            "PYTHON": sys.executable,
            "SYSTEMD": str(RAIZ / "tests/systemd_de_pega.py"),
            "RAIZ_DE_PEGA": str(carpeta),
            "RECARGAR_NGINX": str(recargar),
            "NGINX": str(carpeta / "nginx"),
            "CERTIFICADOS": str(carpeta / f"etc/letsencrypt/live/{NOMBRE}"),
            "PUERTO_DE_NGINX": str(self.puerto_de_nginx),
            "REPOSITORIO": str(carpeta / "repositorio"),
            "PGHOST": base.hostname or "",
            "PGPORT": str(base.port),
            "PGUSER": "servitech",
            # Con el que certifica nginx aquí; fuera, el de Let's Encrypt lo conocen todos.
            "SSL_CERT_FILE": str(carpeta / "nginx/fullchain.pem"),
        }
        self._publicar()
        self._empezar_nginx()

    def _publicar(self) -> None:
        """El código, como saldría de un repositorio recién clonado; su Python ya está preparado."""
        repositorio = self.raiz / "repositorio"
        repositorio.mkdir()
        for nombre in LO_QUE_SIRVE:
            if (RAIZ / nombre).is_dir():
                sin = shutil.ignore_patterns("__pycache__")
                shutil.copytree(RAIZ / nombre, repositorio / nombre, ignore=sin)
            else:
                shutil.copy(RAIZ / nombre, repositorio / nombre)
        (repositorio / ".venv").symlink_to(RAIZ / ".venv")
        for archivo in (repositorio / "produccion").iterdir():
            if archivo.is_file():
                archivo.write_text(self.de_aqui(archivo.read_text()))

    def _empezar_nginx(self) -> None:
        """Con lo que trae; nuestro sitio llega cuando lo dice el documento."""
        carpeta = self.raiz / "nginx"
        de_nginx.certificar(carpeta, NOMBRE)
        de_nginx.escribir_alrededor(carpeta, self.raiz / "etc/nginx/conf.d/*.conf")
        orden = ["/usr/sbin/nginx", "-p", str(carpeta), "-c", str(carpeta / "nginx.conf")]
        self.nginx = subprocess.Popen(orden, text=True)

    def de_aqui(self, texto: str) -> str:
        """Con las carpetas, los puertos y el Redis de esta máquina de pega."""
        for alli in ("/opt/", "/etc/systemd", "/etc/nginx", "/etc/letsencrypt", "/var/"):
            texto = texto.replace(alli, f"{self.raiz}{alli}")
        for alli, aqui in (
            ("listen [::]:80;", ""),
            ("listen [::]:443 ssl http2;", ""),
            ("listen 80;", f"listen 127.0.0.1:{puerto_libre()};"),
            ("listen 443 ", f"listen 127.0.0.1:{self.puerto_de_nginx} "),
            ("3001", str(self.puertos[0])),
            ("3002", str(self.puertos[1])),
            ("redis://127.0.0.1:6379/0", self.redis),
            ("?host=/run/postgresql", ""),
            (f"--url https://{NOMBRE}", f"--url https://127.0.0.1:{self.puerto_de_nginx}"),
        ):
            texto = texto.replace(alli, aqui)
        return texto

    def correr(self, codigo: str, **mas: str) -> str:
        hecho = subprocess.run(
            ["bash", "-euo", "pipefail", "-c", self.de_aqui(codigo)],
            cwd=self.raiz,
            env={**self.entorno, **mas},
            input=f"{CLAVE}\n{CLAVE}\n",
            capture_output=True,
            text=True,
            timeout=4 * PACIENCIA,
        )
        assert hecho.returncode == 0, f"{codigo}\n{hecho.stdout}{hecho.stderr}{self.dicho()}"
        return hecho.stdout

    def dicho(self) -> str:
        return "".join(salida.read_text() for salida in (self.raiz / "run").glob("*.txt"))

    def apagar(self) -> None:
        for archivo in (self.raiz / "run").glob("*.pid"):
            with contextlib.suppress(ProcessLookupError):
                os.kill(int(archivo.read_text()), signal.SIGKILL)
        if self.nginx is not None:
            detener(self.nginx)


@pytest.fixture
def maquina(tmp_path: Path, redis: str) -> Iterator[Maquina]:
    with servicios.postgres() as postgres:
        una = Maquina(tmp_path, postgres, redis)
        try:
            yield una
        finally:
            una.apagar()


def test_de_una_maquina_pelada_al_sistema_en_servicio(maquina: Maquina) -> None:
    documento = [f for f in fragmentos(RAIZ / "docs/produccion.md") if f.lenguaje == "bash"]
    url = f"https://127.0.0.1:{maquina.puerto_de_nginx}"
    sesion = requests.Session()
    # Si no, lo que diga el entorno de quién certifica va por delante.
    sesion.trust_env = False
    sesion.verify = str(maquina.raiz / "nginx/fullchain.pem")
    sesion.headers["Host"] = NOMBRE
    for fragmento in documento:
        copias = sorted((maquina.raiz / "var/backups").rglob("copia.json"))
        maquina.correr(fragmento.codigo, COPIA=str(copias[-1].parent) if copias else "")
        if maquina.nginx and "reload nginx" in fragmento.codigo:
            esperar_puerto(maquina.puerto_de_nginx, maquina.nginx)
    ingreso = {"username": "admin", "password": CLAVE}
    entra = sesion.post(f"{url}/api/token/", json=ingreso, timeout=PACIENCIA)
    assert entra.status_code == 200 and entra.json()["access"], entra.text
    mesa = sesion.get(f"{url}/admin/login/", timeout=PACIENCIA)
    assert mesa.status_code == 200 and mesa.headers["X-Frame-Options"] == "DENY"
    assert sesion.get(f"{url}/metrics", timeout=PACIENCIA).status_code == 404
    assert (maquina.raiz / "opt/servitech/.env").stat().st_mode & 0o777 == 0o640
