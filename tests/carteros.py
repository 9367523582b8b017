"""Muchos avisos y dos carteros: `python -m tests.carteros [CUANTOS]` (`make avisos`).

Primero, que lleguen: por los cuatro canales, con un cartero u otro muerto de golpe cada pocos
segundos y lo de enfrente caído un minuto. Ninguno se pierde, y el que llega dos veces lo hace con
lo que lo distingue (la etiqueta, el `Message-ID`), así que quien lo recibe ve uno. Después, lo que
tardan: de confirmado el mensaje a dado a su canal, con cien por segundo, según `/metrics`.
"""

from __future__ import annotations

import json
import random
import re
import subprocess
import sys
import tempfile
import time
from collections import defaultdict
from email import message_from_bytes, policy
from pathlib import Path
from typing import Any

import psycopg
import requests
from aiosmtpd.controller import Controller
from cryptography.hazmat.primitives.asymmetric import rsa
from cryptography.hazmat.primitives.serialization import Encoding, NoEncryption, PrivateFormat

from tests import servicios
from tests.avisos.servicio import Navegador, Servicio
from tests.servicios import RAIZ, Servidor, detener, nueva_base, puerto_libre

CLAVE = "3KzvKasA2SoCxsp0iIG_o9B0Ozvl1XDwI63JRKNIWBM"
CUANTOS = 10_000
CAIDO = 60.0
# Lo que se espera como mucho a que estén todos.
LIMITE = 420.0
# La segunda parte: cuántos por segundo, durante cuántos, y en cuánto ha de ir el 95 %.
POR_SEGUNDO, SEGUNDOS, P95 = 100, 30, 1.0

# De cada diez personas, siete con navegador, dos con teléfono y una con correo; y una conversación
# de cada una con ana.
POBLAR = """
m, cuantos, url, claves = models, {cuantos}, {url!r}, {claves!r}
quienes = range(cuantos)
m.Usuario.objects.bulk_create(m.Usuario(pk=f"p{{n}}", username=f"p{{n}}", nombre=f"P{{n}}",
    email=f"p{{n}}@ejemplo.com" if n % 10 == 9 else "") for n in quienes)
m.Conversacion.objects.bulk_create(
    m.Conversacion(pk=f"av{{n}}", codigo=f"AV-{{n}}", tipo="individual") for n in quienes)
m.Participante.objects.bulk_create(m.Participante(conversacion_id=f"av{{n}}", usuario_id=u)
    for n in quienes for u in ("ana", f"p{{n}}"))
m.Dispositivo.objects.bulk_create(m.Dispositivo(usuario_id=f"p{{n}}", huella=f"h{{n}}", nombre="x",
    canal="webpush" if n % 10 < 7 else "fcm", claves=claves if n % 10 < 7 else {{}},
    punto=f"{{url}}/p{{n}}" if n % 10 < 7 else f"p{{n}}") for n in quienes if n % 10 < 9)
"""
# `ritmo`: cuántos por segundo; 0, todos ya. Lo de correo va de prioridad alta, que no espera.
ESCRIBIR = """
import time
from mensajeria.nodo import nodo
from mensajeria.ordenes.orden import Actor, Orden
from mensajeria.protocolo import cargas
ritmo = {ritmo}
ordenes = [Orden(Actor("ana"), cargas.EnviarMensaje(conversacion_id=f"av{{n}}",
    prioridad="alta" if n % 10 == 9 else "normal",
    contenido=cargas.ContenidoEnviado(texto="hola"))) for n in range({cuantos})]
tanda = ritmo // 10 or 500
toca = time.monotonic()
for i in range(0, len(ordenes), tanda):
    assert not any(isinstance(r, Exception) for r in nodo().pedir(ordenes[i:i + tanda]))
    toca += 0.1 if ritmo else 0
    time.sleep(max(0.0, toca - time.monotonic()))
"""
FALTAN = """
SELECT count(*) FILTER (WHERE estado <> 'hecho' AND canal <> 'revision') +
    (SELECT count(*) FROM mensajeria_novedad WHERE por_avisar),
  count(*) FILTER (WHERE estado = 'enterrado') FROM mensajeria_aviso
"""
EN_LA_APLICACION = """
SELECT count(*), count(DISTINCT usuario_id) FROM mensajeria_notificacion
WHERE tipo = 'mensaje_nuevo'
"""


class Carteros:
    """Procesos de `manage.py notificar`; el que muere, se repone."""

    def __init__(self, servidor: Servidor) -> None:
        self._servidor = servidor
        self.procesos: list[subprocess.Popen[str]] = []

    def arrancar(self, punto: str = "") -> None:
        entorno = {**self._servidor.entorno, "PUNTO_DE_FALLO": punto}
        self.procesos.append(
            subprocess.Popen(
                [sys.executable, "manage.py", "notificar"],
                cwd=RAIZ,
                env=entorno,
                stdout=subprocess.DEVNULL,
                stderr=subprocess.DEVNULL,
                text=True,
            )
        )

    def reponer(self, cuantos: int) -> int:
        """Que haya tantos vivos; cuántos habían muerto."""
        vivos = [p for p in self.procesos if p.poll() is None]
        muertos = len(self.procesos) - len(vivos)
        self.procesos = vivos
        for _ in range(cuantos - len(vivos)):
            self.arrancar()
        return muertos

    def parar(self) -> None:
        for proceso in self.procesos:
            detener(proceso)


class Enfrente(Servicio):
    """Los servicios de Web Push y de FCM; caído, contesta 503."""

    caido = False

    def responder(self, camino: str) -> tuple[int, dict[str, str], bytes]:
        if self.caido:
            return 503, {}, b"caido"
        if camino == "/token":
            return 200, {}, json.dumps({"access_token": "permiso", "expires_in": 3599}).encode()
        return 201 if camino.startswith("/p") else 200, {}, b"{}"


class Estafeta:
    """El servidor de correo; caído, contesta 451."""

    def __init__(self, enfrente: Enfrente) -> None:
        self._enfrente = enfrente
        self.recibidos: list[tuple[str, str]] = []

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        if self._enfrente.caido:
            return "451 caido"
        mensaje = message_from_bytes(envelope.content, policy=policy.default)
        self.recibidos.append((mensaje["To"].removesuffix("@ejemplo.com"), mensaje["Message-ID"]))
        return "250 OK"


def cuenta_de_firebase(url: str) -> str:
    clave = rsa.generate_private_key(65537, 2048)
    pem = clave.private_bytes(Encoding.PEM, PrivateFormat.PKCS8, NoEncryption()).decode()
    return json.dumps(
        {
            "project_id": "proyecto",
            "client_email": "avisos@proyecto",
            "private_key": pem,
            "token_uri": f"{url}/token",
        }
    )


def llegados(
    enfrente: Enfrente, estafeta: Estafeta, navegador: Navegador
) -> dict[str, dict[str, list[str]]]:
    """Por canal, qué le llegó a cada persona: lo que distingue a cada aviso, tantas veces como."""
    por: dict[str, dict[str, list[str]]] = {
        canal: defaultdict(list) for canal in ("webpush", "fcm", "correo")
    }
    for peticion in list(enfrente.recibidas):
        if peticion.camino == "/token" or not 200 <= peticion.estado < 300:
            continue
        if peticion.camino.startswith("/v1/"):
            mensaje = json.loads(peticion.cuerpo)["message"]
            por["fcm"][mensaje["token"]].append(mensaje["data"]["etiqueta"])
        else:
            etiqueta = navegador.leer(peticion.cuerpo)["etiqueta"]
            por["webpush"][peticion.camino.removeprefix("/")].append(etiqueta)
    for quien, identidad in estafeta.recibidos:
        por["correo"][quien].append(identidad)
    return por


def repartir_con_muertes(
    servidor: Servidor, enfrente: Enfrente, base: str, azar: random.Random
) -> tuple[int, float]:
    """Cuántas muertes hubo y cuánto se tardó en que no quedara ninguno."""
    carteros = Carteros(servidor)
    empieza = time.monotonic()
    cae, vuelve, siguiente, muertes = empieza + 8, empieza + 8 + CAIDO, empieza + 4, 0
    try:
        with psycopg.connect(base, autocommit=True) as conexion:
            while True:
                carteros.reponer(2)
                ahora = time.monotonic()
                enfrente.caido = cae <= ahora < vuelve
                fila = conexion.execute(FALTAN).fetchone()
                faltan, enterrados = fila or (0, 0)
                assert not enterrados, f"{enterrados} enterrados"
                if not faltan:
                    return muertes, time.monotonic() - empieza
                assert ahora - empieza < LIMITE, f"faltan {faltan}"
                # Hasta un rato después de que vuelva: con lo que esperaba saliendo de golpe.
                if siguiente <= ahora < vuelve + 15:
                    cual = azar.choice(carteros.procesos)
                    cual.kill()
                    cual.wait(servicios.PACIENCIA)
                    muertes, siguiente = muertes + 1, ahora + azar.uniform(4, 8)
                print(f"\r{ahora - empieza:4.0f} s, faltan {faltan:6}", end="", flush=True)
                time.sleep(0.5)
    finally:
        carteros.parar()


def que_lleguen(carpeta: Path, pg: str, redis: str, cuantos: int, semilla: int) -> bool:
    navegador, base, puerto = Navegador(), nueva_base(pg), puerto_libre()
    with Enfrente() as enfrente:
        estafeta = Estafeta(enfrente)
        correo = Controller(estafeta, hostname="127.0.0.1", port=puerto)
        correo.start()
        try:
            servidor = Servidor(
                carpeta,
                DATABASE_URL=base,
                AVISOS="aparte",
                AVISOS_ARRIENDO="10",
                RECORDATORIO_HORAS="0",
                REDIS_URL=redis,
                SALIENTES_ADMITIDAS="127.0.0.1",
                VAPID_CLAVE=CLAVE,
                FCM_CUENTA=cuenta_de_firebase(enfrente.url),
                FCM_URL=enfrente.url,
                CORREO_DE_AVISOS="avisos@ejemplo.com",
                CORREO_SERVIDOR=f"smtp+claro://127.0.0.1:{puerto}",
            )
            sembrar(servidor, cuantos, enfrente.url, navegador)
            servidor.guion(ESCRIBIR.format(cuantos=cuantos, ritmo=0))
            azar = random.Random(semilla)
            muertes, segundos = repartir_con_muertes(servidor, enfrente, base, azar)
        finally:
            correo.stop()
        with psycopg.connect(base) as conexion:
            filas = conexion.execute(EN_LA_APLICACION).fetchone()
    print(f"\n{cuantos} personas, {muertes} muertes, {segundos:.0f} s")
    bien = filas == (cuantos, cuantos)
    print(f"  aplicacion: {filas} notificaciones y personas")
    llegaron = llegados(enfrente, estafeta, navegador)
    for canal, suyos in llegaron.items():
        de_mas = sum(map(len, suyos.values())) - len(suyos)
        distintos = sum(len(set(que)) > 1 for que in suyos.values())
        print(f"  {canal}: {len(suyos)} personas, {de_mas} repetidos, {distintos} distintos")
        bien = bien and not distintos
    return bien and sum(map(len, llegaron.values())) == cuantos


def sembrar(servidor: Servidor, cuantos: int, url: str, navegador: Navegador) -> None:
    servidor.guion(POBLAR.format(cuantos=cuantos, url=url, claves=navegador.claves))


def lo_que_tardan(carpeta: Path, pg: str) -> bool:
    """Con el cartero dentro del servidor, que es como viene."""
    navegador, cuantos = Navegador(), POR_SEGUNDO * SEGUNDOS
    with Enfrente() as enfrente:
        servidor = Servidor(
            carpeta,
            DATABASE_URL=nueva_base(pg),
            SALIENTES_ADMITIDAS="127.0.0.1",
            VAPID_CLAVE=CLAVE,
            FCM_CUENTA=cuenta_de_firebase(enfrente.url),
            FCM_URL=enfrente.url,
        )
        sembrar(servidor, cuantos, enfrente.url, navegador)
        with servidor:
            servidor.guion(ESCRIBIR.format(cuantos=cuantos, ritmo=POR_SEGUNDO))
            limite = time.monotonic() + servicios.PACIENCIA
            while (demoras := medidas(servidor.url))["aplicacion"][-1][1] < cuantos:
                assert time.monotonic() < limite, demoras
                time.sleep(0.5)
    bien = True
    for canal, tramos in sorted(demoras.items()):
        suyo = percentil(tramos, 0.95)
        print(
            f"  {canal}: {tramos[-1][1]:.0f} avisos, p50 {percentil(tramos, 0.5):.2f} s,"
            f" p95 {suyo:.2f} s"
        )
        bien = bien and suyo < P95
    return bien


_TRAMO = re.compile(
    r'^mensajeria_avisos_demora_segundos_bucket\{canal="(\w+)",le="([^"]+)"\} (\S+)$', re.M
)


def medidas(url: str) -> defaultdict[str, list[tuple[float, float]]]:
    """Por canal, cuántos hasta cada tope."""
    tramos: defaultdict[str, list[tuple[float, float]]] = defaultdict(lambda: [(0.0, 0.0)])
    for canal, tope, cuantos in _TRAMO.findall(requests.get(f"{url}/metrics", timeout=10).text):
        tramos[canal].append((float(tope), float(cuantos)))
    return tramos


def percentil(tramos: list[tuple[float, float]], cual: float) -> float:
    """Como `histogram_quantile` de Prometheus: dentro de un tramo, en línea recta."""
    busca = tramos[-1][1] * cual
    antes, hubo = 0.0, 0.0
    for tope, cuantos in tramos:
        if cuantos >= busca and cuantos > hubo:
            return antes + (tope - antes) * (busca - hubo) / (cuantos - hubo)
        antes, hubo = tope, cuantos
    return antes


def main() -> int:
    cuantos = int(sys.argv[1]) if len(sys.argv) > 1 else CUANTOS
    semilla = int(sys.argv[2]) if len(sys.argv) > 2 else random.randrange(10_000)
    print(f"{cuantos} avisos, semilla {semilla}")
    with tempfile.TemporaryDirectory() as temporal, servicios.postgres() as pg:
        carpeta = Path(temporal)
        with servicios.redis() as redis:
            bien = que_lleguen(carpeta, pg, redis, cuantos, semilla)
        print(f"Con {POR_SEGUNDO} por segundo, según /metrics:")
        return 0 if lo_que_tardan(carpeta, pg) and bien else 1


if __name__ == "__main__":
    sys.exit(main())
