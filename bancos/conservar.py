"""Cuánto tardan `purgar` y `borrar_usuario`, y qué le cuestan a quien envía mientras tanto:
`python bancos/conservar.py [sqlite|postgres] [MENSAJES] [SEGUNDOS]`.

Siembra dos veces MENSAJES (100.000): unos viejos y otros de quien se borra. Con el servidor en
marcha y alguien que envía diez veces por segundo, da cada orden y la detiene a los SEGUNDOS (60) si
no acabó antes.
"""

from __future__ import annotations

import asyncio
import contextlib
import json
import signal
import sqlite3
import statistics
import sys
import tempfile
import time
from collections.abc import Iterator
from pathlib import Path

import psycopg
import websockets

RAIZ = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(RAIZ))

from tests.servicios import Servidor, firmar, nueva_base, nueva_sqlite, postgres  # noqa: E402

ENVIOS_POR_SEGUNDO = 10
SEMBRAR = """
from datetime import timedelta
from mensajeria.consola.importacion.insercion import insertar
from mensajeria.models.campos import buscable_de
N, SALAS, GENTE = {mensajes}, 200, 8
antes, ahora = models.ahora() - timedelta(days=400), models.ahora() - timedelta(days=1)
gente = [f"g{{n}}" for n in range(GENTE)]
insertar(models.Usuario, [models.Usuario(pk=u, username=u, nombre=u, password="!") for u in gente])
salas = [f"s{{n}}" for n in range(SALAS)]
cada = 2 * N // SALAS
fila = lambda c: models.Conversacion(pk=c, codigo="CONV-" + c, tipo="grupal", ultimo_cambio=cada,
    ultima_secuencia=cada, fecha_ultima_actividad=ahora, ultimo_mensaje=ahora)
insertar(models.Conversacion, [fila(c) for c in salas])
insertar(models.Participante, [
    models.Participante(pk=f"{{c}}-{{u}}", conversacion_id=c, usuario_id=u, leido_hasta=0,
        enviados=cada // 2 * (u in ("g0", "g1"))) for c in salas for u in gente])
textos = [f"¿Me confirmas la visita {{n}} de mañana? Llevo yo los repuestos." for n in range(500)]
dichos = [buscable_de(models.Mensaje(texto=t)) for t in textos]
for s in range(1, cada + 1):
    viejo = s <= cada // 2
    insertar(models.Mensaje, [
        models.Mensaje(pk=f"{{c}}m{{s}}", conversacion_id=c, remitente_id="g1" if viejo else "g0",
            texto=textos[s % 500], buscable=dichos[s % 500], ip="10.0.0.1", agente="banco",
            secuencia=s, secuencia_cambio=s, numero_de_remitente=s if viejo else s - cada // 2,
            fecha_envio=(antes if viejo else ahora) + timedelta(seconds=s)) for c in salas])
"""


async def enviar(servidor: Servidor, esperas: list[float], fin: asyncio.Event) -> None:
    """A ritmo fijo, con el siguiente sin esperar al anterior: lo que tarda cada acuse."""
    salidas: dict[int, float] = {}
    async with websockets.connect(servidor.ws, max_size=None) as ws:

        async def leer() -> None:
            async for marco in ws:
                dicho = json.loads(marco)
                if (salida := salidas.pop(dicho.get("id") or 0, None)) is not None:
                    assert dicho["ok"], dicho
                    esperas.append(time.monotonic() - salida)

        token = firmar("g2")
        await ws.send(json.dumps({"evento": "autenticar", "datos": {"token": token}}))
        lectura = asyncio.create_task(leer())
        n, siguiente = 0, time.monotonic()
        while not fin.is_set():
            n += 1
            datos = {
                "conversacionId": f"s{n % 200}",
                "contenido": {"texto": "hola", "tipo": "texto"},
            }
            salidas[n] = time.monotonic()
            await ws.send(json.dumps({"evento": "enviar_mensaje", "id": n, "datos": datos}))
            siguiente += 1 / ENVIOS_POR_SEGUNDO
            await asyncio.sleep(max(0, siguiente - time.monotonic()))
        while salidas:
            await asyncio.sleep(0.05)
        lectura.cancel()


async def mientras(
    servidor: Servidor, orden: list[str], segundos: float
) -> tuple[float, list[float]]:
    """Cuánto duró la orden (sin ella, lo que se espera), y los acuses de mientras."""
    esperas: list[float] = []
    fin = asyncio.Event()
    envio = asyncio.create_task(enviar(servidor, esperas, fin))
    inicio = time.monotonic()
    if orden:
        proceso = await asyncio.create_subprocess_exec(
            sys.executable, "manage.py", *orden, cwd=RAIZ, env=servidor.entorno
        )
        try:
            async with asyncio.timeout(segundos):
                await proceso.wait()
        except TimeoutError:
            proceso.send_signal(signal.SIGINT)
            await proceso.wait()
    else:
        await asyncio.sleep(segundos)
    dura = time.monotonic() - inicio
    fin.set()
    await envio
    return dura, esperas


def p99(esperas: list[float]) -> str:
    corte = statistics.quantiles(esperas, n=100)
    return f"acuse p50 {corte[49] * 1000:.0f} ms, p99 {corte[98] * 1000:.0f} ms"


def lapidas(servidor: Servidor) -> int:
    return int(servidor.guion("print(models.Mensaje.objects.filter(eliminado=True).count())"))


@contextlib.contextmanager
def base(cual: str, carpeta: Path) -> Iterator[str]:
    if cual == "sqlite":
        yield nueva_sqlite(carpeta)
    else:
        with postgres(al_disco=True) as url:
            yield nueva_base(url)


def main() -> None:
    cual, mensajes, segundos = [*sys.argv[1:], *["sqlite", "100000", "60"][len(sys.argv) - 1 :]]
    with tempfile.TemporaryDirectory() as nombre, base(cual, Path(nombre)) as url:
        servidor = Servidor(Path(nombre), DATABASE_URL=url)
        servidor.guion(SEMBRAR.format(mensajes=mensajes))
        if cual == "postgres":
            with psycopg.connect(url, autocommit=True) as conexion:
                conexion.execute("VACUUM ANALYZE")
        else:
            sqlite3.connect(url.removeprefix("sqlite:///")).execute("ANALYZE")
        servidor.arrancar()
        try:
            _, esperas = asyncio.run(mientras(servidor, [], 10))
            print(f"{cual}, sin nada más: {p99(esperas)}", flush=True)
            for orden in (
                ["purgar", "--dias", "30", "--si"],
                ["borrar_usuario", "g0", "--con-mensajes", "--si"],
            ):
                antes = lapidas(servidor)
                dura, esperas = asyncio.run(mientras(servidor, orden, float(segundos)))
                hechos = lapidas(servidor) - antes
                print(
                    f"{cual}, {orden[0]}: {hechos} en {dura:.1f} s, {hechos / dura:.0f} por"
                    f" segundo; {p99(esperas)}",
                    flush=True,
                )
        finally:
            servidor.parar()


if __name__ == "__main__":
    main()
