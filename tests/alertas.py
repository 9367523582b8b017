"""Cada alerta, provocada: `python -m tests.alertas` (`make alertas`).

Dos nodos con PostgreSQL y Redis (uno, un rato, con NATS), y el Prometheus de Debian que los lee
cada dos segundos con nuestras reglas. Primero todo va bien, y ninguna ha de sonar; después, una
causa tras otra, de verdad, hasta que suena la suya. Para no esperar horas, de las reglas se cambia
esto: cada `for:` es de cuatro segundos, y las ventanas de `rate` y de `avg_over_time`, de veinte; y
lo que Prometheus tarda en olvidar una serie que ya no lee, diez. Los umbrales, no. Lo que solo se
mide cada minuto se causa pronto y se mira al final.
"""

from __future__ import annotations

import asyncio
import contextlib
import itertools
import os
import re
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import AsyncIterator, Iterator
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

import psycopg
import redis as cliente_redis
import requests
import websockets
import yaml
from aiosmtpd.controller import Controller

from tests import servicios
from tests.archivos import muestras
from tests.integracion.cliente import Rechazo, como, conectar, hola
from tests.integracion.conftest import nueva_conversacion
from tests.servicios import (
    PACIENCIA,
    RAIZ,
    Servidor,
    detener,
    esperar_puerto,
    firmar,
    nueva_base,
    puerto_libre,
)

REGLAS = RAIZ / "produccion/prometheus/alertas.yml"
ESPERA, VENTANA, LECTURA, VIEJO = "4s", "20s", "2s", "10s"
# Lo que se espera a que suene, lo que solo se mide cada minuto, y lo que se mira que todas callen.
LIMITE, CADA_MINUTO, CALLAN = 45.0, 80.0, 15.0
CONVERSACIONES = 8
_VENTANAS = re.compile(r"((?:rate|avg_over_time)\([^\[\]]*)\[\w+\]")


def reglas_cortas() -> tuple[str, list[str]]:
    """Las nuestras, con las esperas de aquí, y cómo se llaman."""
    texto = re.sub(r"(?m)^( +for:) \w+$", rf"\1 {ESPERA}", REGLAS.read_text())
    texto = _VENTANAS.sub(rf"\1[{VENTANA}]", texto)
    [grupo] = yaml.safe_load(texto)["groups"]
    return texto, [r["alert"] for r in grupo["rules"]]


class Prometheus:
    """El de Debian, en esa carpeta."""

    def __init__(self, carpeta: Path, *nodos: Servidor) -> None:
        self._carpeta = carpeta
        self._url = ""
        self.proceso: subprocess.Popen[str] | None = None
        texto, self.alertas = reglas_cortas()
        (carpeta / "alertas.yml").write_text(texto)
        self.leer([nodo.puerto for nodo in nodos])

    def leer(self, puertos: list[int]) -> None:
        """Desde ahora, a esos; a ninguno, como si nadie lo hubiera configurado."""
        trabajos = [
            {
                "job_name": "mensajeria",
                "scrape_interval": LECTURA,
                "scrape_timeout": LECTURA,
                "static_configs": [{"targets": [f"127.0.0.1:{p}" for p in puertos]}],
            }
        ]
        ajustes = {
            "global": {"evaluation_interval": "1s"},
            "rule_files": ["alertas.yml"],
            "scrape_configs": trabajos if puertos else [],
        }
        (self._carpeta / "prometheus.yml").write_text(yaml.safe_dump(ajustes))
        if self.proceso is not None:
            self.proceso.send_signal(signal.SIGHUP)

    @contextlib.contextmanager
    def en_marcha(self) -> Iterator[None]:
        puerto = puerto_libre()
        orden = ["prometheus", f"--config.file={self._carpeta}/prometheus.yml"]
        orden += [f"--storage.tsdb.path={self._carpeta}/tsdb", "--log.level=error"]
        orden += [f"--query.lookback-delta={VIEJO}"]
        self.proceso = subprocess.Popen(
            [*orden, f"--web.listen-address=127.0.0.1:{puerto}"], text=True
        )
        self._url = f"http://127.0.0.1:{puerto}"
        try:
            esperar_puerto(puerto, self.proceso)
            yield
        finally:
            detener(self.proceso)

    async def suenan(self) -> set[str]:
        url = f"{self._url}/api/v1/alerts"
        try:
            dicho = (await asyncio.to_thread(requests.get, url, timeout=5)).json()
        except requests.RequestException:
            return set()
        return {a["labels"]["alertname"] for a in dicho["data"]["alerts"] if a["state"] == "firing"}


class Escena:
    """Los dos nodos, lo que hay detrás, quien habla por ellos, y lo que va sonando."""

    def __init__(self, carpeta: Path, base: str, correo: Controller) -> None:
        self.carpeta, self.base = carpeta, base
        self.puerto_de_redis = puerto_libre()
        self.correo = correo
        entorno = {
            "DATABASE_URL": base,
            "REDIS_URL": f"redis://127.0.0.1:{self.puerto_de_redis}/0",
            "AVISOS": "aparte",
            "CLAMD": "127.0.0.1:9",
            "ARCHIVOS": str(carpeta / "archivos"),
            "CORREO_DE_AVISOS": "avisos@ejemplo.com",
            "CORREO_SERVIDOR": f"smtp+claro://127.0.0.1:{correo.port}",
            "EVENTOS_POR_SEGUNDO": "10000",
            "CONEXIONES_POR_USUARIO": "1000",
            "CONEXIONES_POR_IP": "100",
            "SEGUNDOS_DE_DRENAJE": "0",
        }
        self.uno, self.otro = (Servidor(carpeta, **entorno) for _ in range(2))
        self.prometheus = Prometheus(carpeta, self.uno, self.otro)
        self.sono: dict[str, str] = {}
        self.conversaciones: list[str] = []
        self._redis = contextlib.ExitStack()

    # Redis y la base

    def encender_redis(self) -> None:
        self._redis.enter_context(servicios.redis(self.puerto_de_redis))

    def apagar_redis(self) -> None:
        self._redis.close()

    def en_la_base(self, *sentencias: str) -> list[Any]:
        with psycopg.connect(
            self.base.rsplit("/", 1)[0] + "/postgres", autocommit=True
        ) as conexion:
            for sentencia in sentencias:
                cursor = conexion.execute(sentencia)
            return cursor.fetchall() if cursor.description else []

    @property
    def nombre_de_la_base(self) -> str:
        return urlsplit(self.base).path.strip("/")

    def sesiones(self) -> list[int]:
        donde = f"WHERE datname = '{self.nombre_de_la_base}'"
        return [f[0] for f in self.en_la_base(f"SELECT pid FROM pg_stat_activity {donde}")]

    # Hablar y sonar

    async def hablar(self) -> None:
        """Ana escribe por un nodo en cada conversación, y beto lo recibe por el otro; pase lo que
        pase, se insiste.
        """
        for n in itertools.count():
            with contextlib.suppress(OSError, websockets.WebSocketException, TimeoutError, Rechazo):
                async with como(self.uno, "ana") as ana, como(self.otro, "beto") as beto:
                    for conv in self.conversaciones:
                        await beto.pedir("unirse_conversacion", {"conversacionId": conv})
                    # Quien recibe ha de seguir ahí: su nodo se reinicia.
                    while not beto._tarea.done():
                        for conv in self.conversaciones:
                            await ana.enviar("enviar_mensaje", hola(conv, f"dicho {n}"))
                        await asyncio.sleep(0.1)
            await asyncio.sleep(0.5)

    async def callan(self) -> set[str]:
        """Las que suenan sin causa, pasado lo que Prometheus tarda en leer a alguien."""
        await asyncio.sleep(CALLAN / 2)
        while "NadieMide" in await self.prometheus.suenan():
            await asyncio.sleep(0.5)
        hasta = time.monotonic() + CALLAN
        vistas: set[str] = set()
        while time.monotonic() < hasta:
            vistas |= await self.prometheus.suenan()
            await asyncio.sleep(1)
        return vistas

    async def hasta_que_suene(self, *cuales: str, limite: float = LIMITE) -> None:
        empieza = time.monotonic()
        faltan = set(cuales)
        while faltan and time.monotonic() < empieza + limite:
            for una in faltan & await self.prometheus.suenan():
                self.sono[una] = f"sí, a los {time.monotonic() - empieza:.0f} s"
            faltan -= self.sono.keys()
            await asyncio.sleep(0.5)
        for una in cuales:
            print(f"{una:26}{self.sono.get(una, 'NO')}", flush=True)

    @contextlib.asynccontextmanager
    async def causa(self, *cuales: str) -> AsyncIterator[None]:
        """Con lo de dentro hecho, han de sonar; y no antes."""
        hasta = time.monotonic() + LIMITE
        while ya := set(cuales) & await self.prometheus.suenan():
            if time.monotonic() > hasta:
                print("Ya sonaba:", ", ".join(ya), flush=True)
                break
            await asyncio.sleep(0.5)
        try:
            yield
        except Exception as error:
            print(f"{', '.join(cuales)}: {error!r}", flush=True)
        await self.hasta_que_suene(*cuales)


# Lo que se mide cada minuto


def prepararse(e: Escena) -> None:
    """Doce correos que nadie admite, un aviso que envejece, un archivo que nadie mira y mil que el
    almacén no deja borrar.
    """
    e.uno.guion(
        "m = models\n"
        "q = range(12)\n"
        "m.Usuario.objects.bulk_create(m.Usuario(pk=f'c{n}', username=f'c{n}',"
        " email=f'c{n}@ejemplo.com') for n in q)\n"
        "m.Conversacion.objects.bulk_create("
        "m.Conversacion(pk=f'co{n}', codigo=f'CO-{n}', tipo='individual') for n in q)\n"
        "m.Participante.objects.bulk_create(m.Participante(conversacion_id=f'co{n}', usuario_id=u)"
        " for n in q for u in ('ana', f'c{n}'))"
    )
    cabeceras = {"Authorization": f"Bearer {e.uno.token('ana')}"}
    for n in range(12):
        requests.post(
            f"{e.uno.url}/api/mensajeria/conversaciones/co{n}/mensajes/",
            json={"contenido": {"texto": "hola"}, "prioridad": "alta"},
            headers=cabeceras,
            timeout=PACIENCIA,
        ).raise_for_status()
    subido = requests.post(
        f"{e.uno.url}/api/mensajeria/archivos/",
        files={"archivo": ("vista.png", muestras.imagen("PNG", (400, 300)))},
        headers=cabeceras,
        timeout=PACIENCIA,
    )
    assert subido.json()["estado"] == "en_revision", subido.text
    e.uno.guion(
        "models.Archivo.objects.bulk_create(models.Archivo(estado='sobra', nombre='x', tipo='x',"
        " clase='x', tamano=1, tamanos={'contenido': 1}, huella=str(n)) for n in range(1100))"
    )
    # Donde estaba la carpeta hay otra cosa: nada suyo se puede borrar.
    carpeta = Path(e.uno.entorno["ARCHIVOS"])
    carpeta.rename(carpeta.with_name("de-antes"))
    carpeta.write_text("aquí no se guarda nada")


def enviar_avisos(e: Escena) -> subprocess.Popen[str]:
    """Con un servidor de correo que no admite a nadie."""
    orden = [sys.executable, "manage.py", "notificar"]
    callado = subprocess.DEVNULL
    return subprocess.Popen(
        orden, cwd=RAIZ, env=e.uno.entorno, stdout=callado, stderr=callado, text=True
    )


class NoAdmite:
    async def handle_RCPT(self, *_: Any) -> str:
        return "550 nadie se llama así"


# Las demás, una a una


async def otra_version(e: Escena) -> None:
    """Uno de los dos nodos, con otra."""
    copia = e.carpeta / "otra"
    ignorar = shutil.ignore_patterns(".git", ".venv", "node_modules", "__pycache__", "*.sqlite3*")
    await asyncio.to_thread(shutil.copytree, RAIZ, copia, ignore=ignorar)
    suya = copia / "mensajeria/__init__.py"
    suya.write_text(re.sub(r'VERSION = "[^"]+"', 'VERSION = "0.0.1"', suya.read_text()))
    await asyncio.to_thread(e.otro.parar)
    e.otro.raiz = copia
    await asyncio.to_thread(e.otro.arrancar)


async def sin_capa(e: Escena) -> None:
    """El otro nodo, con los avisos por un NATS que se le muere."""
    with servicios.nats() as url:
        await asyncio.to_thread(_con_capa, e.otro, url)
        async with asyncio.timeout(LIMITE):
            while not await asyncio.to_thread(_llega_a_la_capa, e.otro):
                await asyncio.sleep(0.5)


def _con_capa(nodo: Servidor, url: str) -> None:
    nodo.parar()
    nodo.entorno["CAPA_URL"] = url
    nodo.arrancar()


def _llega_a_la_capa(nodo: Servidor) -> bool:
    medido = requests.get(f"{nodo.url}/metrics", timeout=PACIENCIA).text
    return bool(re.search(r'^mensajeria_arriba{.*parte="capa".*} 1', medido, re.M))


async def ingresar_mal(e: Escena) -> None:
    for n in range(80):
        async with conectar(e.uno) as cliente:
            with contextlib.suppress(Rechazo):
                malo = firmar("ana", secreto=f"otro-secreto-que-no-es-{n:020}")
                await cliente.pedir("autenticar", {"token": malo})


async def cortar(e: Escena) -> None:
    for _ in range(80):
        ws = await websockets.connect(e.uno.ws)
        ws.transport.abort()


async def llenar(e: Escena) -> list[Any]:
    """Muchas conexiones desde una dirección de fuera."""
    abiertas = []
    for _ in range(160):
        with contextlib.suppress(OSError, websockets.WebSocketException):
            cabecera = {"X-Forwarded-For": "203.0.113.9"}
            abiertas.append(await websockets.connect(e.uno.ws, additional_headers=cabecera))
    return abiertas


async def romper_una_fila(e: Escena) -> None:
    conv = await asyncio.to_thread(nueva_conversacion, e.uno, "ana", "beto")
    async with como(e.uno, "ana") as ana:
        await ana.pedir("enviar_mensaje", hola(conv))
        e.uno.guion(
            f"models.Mensaje.objects.filter(conversacion='{conv}').update(archivo={{'x': 1}})"
        )
        with contextlib.suppress(Rechazo):
            await ana.pedir("unirse_conversacion", {"conversacionId": conv, "desdeCambio": 0})


async def a_tirones(e: Escena, parar: asyncio.Event) -> None:
    """El otro nodo, sin procesador casi siempre."""
    assert e.otro.proceso is not None
    try:
        while not parar.is_set():
            e.otro.proceso.send_signal(signal.SIGSTOP)
            await asyncio.sleep(0.8)
            e.otro.proceso.send_signal(signal.SIGCONT)
            await asyncio.sleep(0.4)
    finally:
        e.otro.proceso.send_signal(signal.SIGCONT)


async def pedir_mucho(e: Escena, pila: contextlib.AsyncExitStack) -> None:
    """Más de mil envíos a la vez."""
    clientes = [await pila.enter_async_context(como(e.uno, "ana")) for _ in range(24)]
    for sesion in e.sesiones():
        os.kill(sesion, signal.SIGSTOP)
    for cliente in clientes:
        for _ in range(60):
            await cliente.enviar("enviar_mensaje", hola(e.conversaciones[0]))


def _a_todas(sesiones: list[int], senal: int) -> None:
    for sesion in sesiones:
        with contextlib.suppress(ProcessLookupError):
            os.kill(sesion, senal)


async def provocar(e: Escena) -> None:
    async with e.causa("IngresosFallidos"):
        await ingresar_mal(e)
    async with e.causa("CortesDeMas"):
        await cortar(e)
    async with e.causa("SinSitio"):
        abiertas = await llenar(e)
    await asyncio.gather(*(ws.close() for ws in abiertas))
    async with e.causa("ErroresInternos"):
        await romper_una_fila(e)
    assert e.uno.proceso is not None
    pid = e.uno.proceso.pid
    antes = resource.prlimit(pid, resource.RLIMIT_NOFILE)
    async with e.causa("DescriptoresCasiAgotados"):
        justo = int(len(os.listdir(f"/proc/{pid}/fd")) * 1.15)
        resource.prlimit(pid, resource.RLIMIT_NOFILE, (justo, antes[1]))
    resource.prlimit(pid, resource.RLIMIT_NOFILE, antes)

    parar = asyncio.Event()
    tirones = asyncio.create_task(a_tirones(e, parar))
    await e.hasta_que_suene("BucleLento", "EntregaLenta")
    parar.set()
    await tirones

    async with contextlib.AsyncExitStack() as pila:
        sesiones = await asyncio.to_thread(e.sesiones)
        try:
            await pedir_mucho(e, pila)
            sesiones += await asyncio.to_thread(e.sesiones)
            await e.hasta_que_suene("ColaLarga", limite=30)
        finally:
            _a_todas(sesiones, signal.SIGCONT)
        await e.hasta_que_suene("AcuseLento", limite=30)

    async with e.causa("NoPublica"):
        with cliente_redis.Redis(port=e.puerto_de_redis) as redis:
            redis.execute_command("CLIENT", "PAUSE", 25_000, "WRITE")
    async with e.causa("RedisNoResponde", "HuecosDeMas"):
        e.apagar_redis()
    e.encender_redis()

    solo_leer = f"ALTER DATABASE {e.nombre_de_la_base} SET default_transaction_read_only"
    suyas = f"FROM pg_stat_activity WHERE datname = '{e.nombre_de_la_base}'"
    fuera = f"SELECT pg_terminate_backend(pid) {suyas}"
    async with e.causa("BaseNoEscribe"):
        await asyncio.to_thread(e.en_la_base, f"{solo_leer} = on", fuera)
    await asyncio.to_thread(e.en_la_base, f"{solo_leer} = off", fuera)


async def acabar(e: Escena) -> None:
    """Lo que no se repara después."""
    [[dicho]] = e.en_la_base("SELECT pg_read_file('postmaster.pid')")
    async with e.causa("BaseNoResponde", "RegistroSinSeguir"):
        os.kill(int(dicho.split()[0]), signal.SIGINT)
    async with e.causa("NoContesta"):
        await asyncio.to_thread(e.otro.parar, signal.SIGKILL)
    async with e.causa("NadieMide"):
        e.prometheus.leer([])


async def alertas(carpeta: Path, base: str) -> list[str]:
    """Las que no sonaron, o sonaron sin causa."""
    correo = Controller(NoAdmite(), "127.0.0.1", puerto_libre())
    correo.start()
    e = Escena(carpeta, base, correo)
    e.encender_redis()
    with contextlib.ExitStack() as pila:
        pila.callback(correo.stop)
        pila.callback(e.apagar_redis)
        for nodo in (e.uno, e.otro):
            await asyncio.to_thread(pila.enter_context, nodo)
        pila.enter_context(e.prometheus.en_marcha())
        for _ in range(CONVERSACIONES):
            e.conversaciones.append(
                await asyncio.to_thread(nueva_conversacion, e.uno, "ana", "beto")
            )
        habla = asyncio.create_task(e.hablar())
        pila.callback(habla.cancel)
        sin_causa = await e.callan()
        print("Todo bien, y suenan:", ", ".join(sin_causa) or "ninguna", flush=True)
        async with e.causa("DosVersiones"):
            await otra_version(e)
        async with e.causa("CapaNoResponde"):
            await sin_capa(e)
        await asyncio.to_thread(_con_capa, e.otro, "")
        await asyncio.to_thread(prepararse, e)
        cartero = await asyncio.to_thread(enviar_avisos, e)
        await provocar(e)
        await asyncio.to_thread(detener, cartero)
        # Uno que sigue sin salir, como si llevara veinte minutos.
        e.uno.guion(
            "from datetime import timedelta\n"
            "models.Aviso.objects.filter(estado='pendiente').update("
            "causado=models.ahora() - timedelta(minutes=20), no_antes_de=models.ahora())"
        )
        await e.hasta_que_suene(
            "AvisosAtrasados",
            "AvisosEnterrados",
            "ArchivosSinMirar",
            "ArchivosSinBorrar",
            limite=CADA_MINUTO,
        )
        await acabar(e)
    print("\n| alerta | saltó |\n|---|---|")
    for una in e.prometheus.alertas:
        print(f"| {una} | {e.sono.get(una, 'no')} |")
    return [*sorted(sin_causa), *(a for a in e.prometheus.alertas if a not in e.sono)]


def main() -> int:
    with (
        tempfile.TemporaryDirectory(prefix="servitech-alertas-") as carpeta,
        servicios.postgres() as postgres,
    ):
        mal = asyncio.run(alertas(Path(carpeta), nueva_base(postgres)))
    print("Mal:", ", ".join(mal)) if mal else print("Todas saltan, y callan si todo va bien.")
    return 1 if mal else 0


if __name__ == "__main__":
    sys.exit(main())
