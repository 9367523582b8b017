"""Cualquier cosa por todas las rutas y las dos puertas: `python -m tests.fuego` (`make fuego`).

Nada da un 5xx, ni un `INTERNAL_ERROR`, ni una traza; y una conversación ajena, el testigo, sigue
como estaba y contestando.
"""

from __future__ import annotations

import contextlib
import http.client
import json
import os
import random
import re
import socket
import sys
import tempfile
import time
from collections import Counter
from pathlib import Path
from typing import Any, Self

import requests
from hypothesis import HealthCheck, Phase, given, seed, settings
from websockets.exceptions import ConnectionClosed
from websockets.sync.client import ClientConnection, connect

from tests import servicios
from tests.fuego_entradas import PeticionHTTP, Tanda, ataques
from tests.servicios import PACIENCIA, Servidor, firmar

ATACANTE = "carla"
# Sin límites de ritmo por medio: se quiere llegar a lo de detrás.
AJUSTES = {
    "EVENTOS_POR_SEGUNDO": "1000000",
    "CONEXIONES_POR_IP": "100000",
    "CONEXIONES_POR_USUARIO": "100000",
    "INGRESOS_FALLIDOS_POR_MINUTO": "1000000",
    "BUSQUEDAS_FALLIDAS_POR_MINUTO": "1000000",
    "BUSQUEDAS_DE_PERSONAS_POR_MINUTO": "1000000",
}
POR_TANDA = 60
_FALLO = re.compile(
    r"Traceback|Exception in ASGI|Task exception|never retrieved| ERROR +(?!django.security| )"
)


class Testigo:
    """Una conversación de la que quien ataca no participa, mirada por REST y por su socket."""

    def __init__(self, servidor: Servidor) -> None:
        self._servidor = servidor
        self._sesion = requests.Session()
        self._sesion.headers["Authorization"] = f"Bearer {firmar('ana-001')}"
        self._url = f"{servidor.url}/api/mensajeria/conversaciones/"
        personas = {"participantes": [{"usuarioId": "beto-001"}]}
        self._url += self._pedir("POST", json=personas)["_id"] + "/"
        for texto in ("uno", "dos", "tres"):
            self._pedir("POST", "mensajes/", json={"contenido": {"texto": texto}})
        self._antes = self._mirar()
        self._abierto = connect(servidor.ws, open_timeout=PACIENCIA)
        self._ws = self._abierto.__enter__()
        self._preguntar("autenticar", {"token": firmar("beto-001")})

    def _pedir(self, metodo: str, camino: str = "", **mas: Any) -> Any:
        respuesta = self._sesion.request(metodo, self._url + camino, timeout=PACIENCIA, **mas)
        respuesta.raise_for_status()
        return respuesta.json()

    def _mirar(self) -> Any:
        """Lo que ni la presencia ni los recibos cambian."""
        conv, pagina = self._pedir("GET"), self._pedir("GET", "mensajes/")
        quienes = [(p["usuario"]["_id"], p["activo"]) for p in conv["participantes"]]
        dichos = [(m["_id"], m["secuenciaCambio"], m["contenido"]) for m in pagina["results"]]
        return conv["activa"], conv["ultimoCambio"], quienes, dichos

    def _preguntar(self, evento: str, datos: Any = None) -> None:
        self._ws.send(json.dumps({"evento": evento, "datos": datos or {}, "id": 1}))
        while (respuesta := json.loads(self._ws.recv(PACIENCIA)))["evento"] != "respuesta":
            pass
        assert respuesta["ok"], respuesta

    def comprobar(self) -> None:
        assert self._mirar() == self._antes, "el testigo cambió"
        self._preguntar("ping")

    def cerrar(self) -> None:
        self._abierto.__exit__(None, None, None)
        self._sesion.close()


class Escenario:
    """El servidor, quien lo ataca y el testigo."""

    def __init__(self, servidor: Servidor) -> None:
        self._servidor = servidor
        self.testigo = Testigo(servidor)
        self.hechos: Counter[str] = Counter()
        self._leido = 0
        self._mirado = time.monotonic()
        cabecera = {"Authorization": f"Bearer {firmar(ATACANTE)}"}
        api = f"{servidor.url}/api/mensajeria/conversaciones/"
        personas = {"participantes": [{"usuarioId": "beto"}], "tipo": "grupal"}
        conv = requests.post(api, json=personas, headers=cabecera, timeout=PACIENCIA).json()["_id"]
        hola = {"contenido": {"texto": "hola"}}
        mensajes = f"{api}{conv}/mensajes/"
        mensaje = requests.post(mensajes, json=hola, headers=cabecera, timeout=PACIENCIA).json()
        self.propios = [conv, mensaje["_id"]]
        self._cookie = self._entrar_en_la_mesa()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.testigo.cerrar()

    def _entrar_en_la_mesa(self) -> str:
        """La sesión de quien administra, que la consola abre sin gastar huellas."""
        return self._servidor.guion(
            "from importlib import import_module\n"
            "from django.conf import settings\n"
            "from mensajeria.operaciones import ingresos\n"
            "u = models.Usuario.objects.get(username='admin')\n"
            "s = import_module(settings.SESSION_ENGINE).SessionStore()\n"
            "s.update({'_auth_user_id': u.pk, '_auth_user_hash': u.get_session_auth_hash(),"
            " 'ingreso': ingresos.empezar(u, {}, 'cookie'),"
            " '_auth_user_backend': 'django.contrib.auth.backends.ModelBackend'})\n"
            "s.save(); print(s.session_key)"
        ).strip()

    def sufrir(self, ataque: PeticionHTTP | Tanda) -> None:
        """Lo envía y mira que no haya pasado nada; el testigo, una vez por segundo."""
        if isinstance(ataque, PeticionHTTP):
            estado = self._por_http(ataque)
            self.hechos[f"HTTP {estado}"] += 1
            assert estado < 500, estado
        else:
            self._por_socket(ataque.puerta, ataque.marcos)
            self.hechos[ataque.puerta] += len(ataque.marcos)
        self._mirar_registro()
        if time.monotonic() - self._mirado > 1:
            self.testigo.comprobar()
            self._mirado = time.monotonic()

    def _por_http(self, peticion: PeticionHTTP) -> int:
        """El estado de la respuesta, o 0 si se cerró sin ella."""
        consulta = "&".join([peticion.consulta] * peticion.veces)
        lineas = [f"{peticion.metodo} {peticion.camino}?{consulta} HTTP/1.1"]
        puestas = dict(peticion.cabeceras)
        puestas.setdefault("host", "localhost")
        puestas.setdefault("content-type", "application/json")
        if peticion.quien == "token":
            puestas.setdefault("authorization", f"Bearer {firmar(ATACANTE)}")
        elif peticion.quien == "mesa" and "logout" not in peticion.camino:
            ficha = "a" * 32
            puestas.setdefault("cookie", f"sessionid={self._cookie}; csrftoken={ficha}")
            puestas["x-csrftoken"] = ficha
        cuerpo = peticion.cuerpo
        if peticion.a_trozos:
            puestas["transfer-encoding"] = "chunked"
            cuerpo = (b"%x\r\n%b\r\n" % (len(cuerpo), cuerpo) if cuerpo else b"") + b"0\r\n\r\n"
        else:
            puestas["content-length"] = str(len(cuerpo))
        lineas += [f"{k}: {v}" for k, v in puestas.items()]
        crudo = "\r\n".join([*lineas, "", ""]).encode("latin-1") + cuerpo
        with socket.create_connection(("127.0.0.1", self._servidor.puerto), PACIENCIA) as enchufe:
            with contextlib.suppress(ConnectionError):
                enchufe.sendall(crudo)
            respuesta = http.client.HTTPResponse(enchufe, method=peticion.metodo)
            try:
                respuesta.begin()
            except (http.client.HTTPException, ConnectionError):
                return 0
            return respuesta.status

    def _por_socket(self, puerta: str, marcos: tuple[str | bytes, ...]) -> None:
        url = self._servidor.ws
        token = json.dumps({"token": firmar(ATACANTE)})
        saludo, final = f'{{"evento":"autenticar","datos":{token}}}', '{"evento":"ping"}'
        if puerta == "socketio":
            url = f"ws://127.0.0.1:{self._servidor.puerto}/socket.io/?EIO=4&transport=websocket"
            saludo, final = f"40{token}", '42["ping"]'
        abierto = connect(url, open_timeout=PACIENCIA, close_timeout=1)
        with abierto as ws, contextlib.suppress(ConnectionClosed):
            for marco in (saludo, *marcos, final):
                ws.send(marco)
            _hasta_el_pong(ws)

    def _mirar_registro(self) -> None:
        with self._servidor.registro.open("rb") as registro:
            registro.seek(self._leido)
            nuevo = registro.read()
        self._leido += len(nuevo)
        texto = nuevo.decode(errors="replace")
        assert not _FALLO.search(texto), texto[-4_000:]


def _hasta_el_pong(ws: ClientConnection) -> None:
    """Lee hasta la respuesta a lo último, o hasta que se cierre."""
    while True:
        marco = ws.recv(PACIENCIA)
        texto = marco if isinstance(marco, str) else ""
        assert '"INTERNAL_ERROR"' not in texto, texto
        if '"pong"' in texto:
            return


def fuego(servidor: Servidor, segundos: float, semilla: int) -> Counter[str]:
    """Ataca durante esos segundos, y al menos una tanda; lanza con el primero que haga daño."""
    azar = random.Random(semilla)
    with Escenario(servidor) as escenario:
        entradas = ataques(escenario.propios)
        fin = time.monotonic() + segundos
        while time.monotonic() < fin or escenario.hechos.total() < POR_TANDA:

            @seed(azar.randrange(2**32))
            @settings(
                max_examples=POR_TANDA,
                deadline=None,
                database=None,
                phases=[Phase.generate],
                suppress_health_check=list(HealthCheck),
            )
            @given(entradas)
            def una_tanda(ataque: PeticionHTTP | Tanda) -> None:
                if time.monotonic() < fin or escenario.hechos.total() < POR_TANDA:
                    escenario.sufrir(ataque)

            una_tanda()
        escenario.testigo.comprobar()
        return escenario.hechos


def main() -> int:
    import django

    os.environ.setdefault("DJANGO_SETTINGS_MODULE", "servitech.settings")
    django.setup(set_prefix=False)
    minutos = float(sys.argv[1]) if len(sys.argv) > 1 else 60.0
    semilla = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(10_000)
    print(f"{minutos:g} minutos en PostgreSQL, semilla {semilla}", flush=True)
    with tempfile.TemporaryDirectory() as carpeta, servicios.postgres() as pg:
        base = servicios.nueva_base(pg)
        with Servidor(Path(carpeta), DATABASE_URL=base, **AJUSTES) as servidor:
            print(dict(fuego(servidor, minutos * 60, semilla)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
