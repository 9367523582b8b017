"""Archivos contra un servidor de verdad: por las dos puertas, a medias, a golpes y sin memoria."""

from __future__ import annotations

import asyncio
import contextlib
import json
import socket
import threading
import time
from collections.abc import Iterator
from pathlib import Path
from typing import Any

import psutil
import pytest
import requests
import socketio

from servitech.hilos import BAJADAS_A_LA_VEZ
from tests.archivos import muestras
from tests.archivos.apoyo import guardado, partes
from tests.archivos.clamd import MALO, Clamd
from tests.gente import Gente
from tests.integracion.cliente import Rechazo, como
from tests.integracion.conftest import entrar_en_la_pagina, nueva_conversacion, revisar_registro
from tests.servicios import PACIENCIA, Servidor

A = "/api/mensajeria/archivos/"
MEGA = 2**20


def _con(servidor: Servidor, quien: str) -> dict[str, str]:
    return {"Authorization": f"Bearer {servidor.token(quien)}"}


def publicar(servidor: Servidor, quien: str, crudo: bytes, nombre: str = "foto.png") -> Any:
    return requests.post(
        servidor.url + A,
        files={"archivo": (nombre, crudo)},
        headers=_con(servidor, quien),
        timeout=PACIENCIA,
    )


def _carpeta(servidor: Servidor) -> Path:
    return Path(servidor.entorno["ARCHIVOS"])


async def test_por_las_dos_puertas(servidor: Servidor, conv: str, gente: Gente) -> None:
    """Quien recibe lo ve sin pedir nada más que los bytes, y a tramos."""
    ruido = muestras.imagen("PNG", (1500, 1000))
    uno, otro = [
        (await asyncio.to_thread(publicar, servidor, gente.ana, ruido)).json() for _ in range(2)
    ]
    async with como(servidor, gente.beto) as beto, como(servidor, gente.ana) as ana:
        for cliente in (ana, beto):
            await cliente.pedir("unirse_conversacion", {"conversacionId": conv})
        pedido = {"conversacionId": conv, "contenido": {"archivo": {"id": uno["_id"]}}}
        await ana.pedir("enviar_mensaje", pedido)
        with pytest.raises(Rechazo, match="CONFLICT"):
            await ana.pedir("enviar_mensaje", pedido)
        nodo = socketio.AsyncClient()
        await nodo.connect(servidor.url, auth={"token": servidor.token(gente.ana)})
        pedido["contenido"] = {"archivo": otro, "texto": "y otra"}
        acuse = await nodo.call("enviar_mensaje", pedido, timeout=PACIENCIA)
        await nodo.disconnect()
        assert acuse["ok"], acuse
        for subido in (uno, otro):
            visto = await beto.esperar(
                "nuevo_mensaje",
                lambda d, s=subido: d["mensaje"]["contenido"]["archivo"]["_id"] == s["_id"],
            )
            archivo = visto["mensaje"]["contenido"]["archivo"]
            entero = await asyncio.to_thread(_traer, servidor, gente.beto, archivo["url"])
            assert len(entero.content) == archivo["tamano"] > 5_000
            mitad = await asyncio.to_thread(
                _traer, servidor, gente.beto, archivo["url"], Range="bytes=100-"
            )
            assert (mitad.status_code, mitad.content) == (206, entero.content[100:])
    ajena = await asyncio.to_thread(_traer, servidor, gente.carla, archivo["url"])
    assert ajena.status_code == 404


def _traer(servidor: Servidor, quien: str, url: str, **cabeceras: str) -> requests.Response:
    return requests.get(
        servidor.url + url, headers={**_con(servidor, quien), **cabeceras}, timeout=PACIENCIA
    )


def test_con_la_cookie_de_la_pagina(servidor: Servidor) -> None:
    """También la primera petición de esa sesión que ve el proceso, y nunca sin su CSRF."""
    navegador = entrar_en_la_pagina(servidor, "mod")
    for crudo in (b"hola", muestras.imagen("PNG")):
        sin_csrf = navegador.post(
            servidor.url + A, files={"archivo": ("a.png", crudo)}, timeout=PACIENCIA
        )
        assert sin_csrf.status_code == 403
        cabeceras = {"X-CSRFToken": navegador.cookies["csrftoken"]}
        subido = navegador.post(
            servidor.url + A,
            files={"archivo": ("a.png", crudo)},
            headers=cabeceras,
            timeout=PACIENCIA,
        )
        assert subido.status_code == 201, subido.text
        assert navegador.get(servidor.url + subido.json()["url"], timeout=PACIENCIA).ok


_CABEZA = b'--frontera\r\nContent-Disposition: form-data; name="archivo"; filename="a.txt"\r\n\r\n'
_FINAL = b"\r\n--frontera--\r\n"


@pytest.mark.elige_base
@pytest.mark.parametrize("a_trozos", [False, True])
@pytest.mark.parametrize(
    ("quien", "megas", "estado"), [("ana", 9, 201), ("ana", 11, 413), (None, 3, 401)]
)
def test_lo_que_cabe_y_de_quien(
    quien: str | None, megas: int, estado: int, a_trozos: bool, servidor: Servidor, gente: Gente
) -> None:
    """Diga cuánto mide o no lo diga."""
    cuerpo = (_CABEZA, *[b"x" * MEGA] * megas, _FINAL)
    respuesta = requests.post(
        servidor.url + A,
        data=iter(cuerpo) if a_trozos else b"".join(cuerpo),
        headers={
            "Content-Type": "multipart/form-data; boundary=frontera",
            **(_con(servidor, gente.ana) if quien else {}),
        },
        timeout=PACIENCIA,
    )
    assert respuesta.request.headers.get("Transfer-Encoding") == ("chunked" if a_trozos else None)
    assert respuesta.status_code == estado, respuesta.text


NEGADOS = {
    "FILE_EMPTY": b"",
    "FILE_TYPE_NOT_ALLOWED": b"<svg onload='alert(1)'/>",
    "FILE_DAMAGED": muestras.imagen("PNG")[:-20],
    "FILE_AMBIGUOUS": muestras.imagen("GIF") + muestras.comprimido(a_js="x"),
    "FILE_BOMB": muestras.bomba(),
}


@pytest.mark.elige_base
@pytest.mark.parametrize("codigo", NEGADOS)
def test_lo_que_no_se_admite_dice_por_que_y_no_deja_nada(
    codigo: str, servidor: Servidor, gente: Gente
) -> None:
    antes = guardado(_carpeta(servidor))
    negado = publicar(servidor, gente.ana, NEGADOS[codigo], "inocente.png").json()
    assert (negado["code"], negado["campo"]) == (codigo, "archivo")
    assert guardado(_carpeta(servidor)) == antes


@pytest.mark.elige_base
async def test_con_antivirus_lo_infectado_se_niega_y_si_no_contesta_nadie_lo_ve(
    tmp_path: Path,
) -> None:
    clamd = Clamd(b"stream: OK\n")
    clamd.a_estos = {MALO: b"stream: Prueba.Nuestra FOUND\n"}
    with Servidor(tmp_path, CLAMD=f"127.0.0.1:{clamd.puerto}") as uno:
        conv = nueva_conversacion(uno, "ana", "beto")
        negado = publicar(uno, "ana", b"hola " + MALO, "a.txt")
        assert (negado.status_code, negado.json()["code"]) == (422, "FILE_INFECTED")
        assert publicar(uno, "ana", b"hola", "a.txt").json()["estado"] == "listo"
        clamd.cerrar()
        sin_mirar = publicar(uno, "ana", b"hola", "a.txt").json()
        assert sin_mirar["estado"] == "en_revision"
        assert requests.get(uno.url + sin_mirar["url"], timeout=PACIENCIA).status_code == 503
        async with como(uno, "ana") as ana:
            contenido = {"archivo": {"id": sin_mirar["_id"]}}
            with pytest.raises(Rechazo, match="UNAVAILABLE"):
                await ana.pedir("enviar_mensaje", {"conversacionId": conv, "contenido": contenido})
    revisar_registro(uno.registro)


@contextlib.contextmanager
def _a_medias(
    servidor: Servidor, quien: str, largo: int, enviado: int, camino: str = A
) -> Iterator[socket.socket]:
    """Una subida de un archivo de `largo` bytes, que envía solo esos."""
    with socket.create_connection(("127.0.0.1", servidor.puerto), PACIENCIA) as enchufe:
        enchufe.sendall(
            (
                f"POST {camino} HTTP/1.1\r\nHost: 127.0.0.1:{servidor.puerto}\r\n"
                f"Authorization: Bearer {servidor.token(quien)}\r\n"
                f"Content-Type: multipart/form-data; boundary=frontera\r\n"
                f"Content-Length: {len(_CABEZA) + largo + len(_FINAL)}\r\n\r\n"
            ).encode()
            + _CABEZA
            + b"x" * enviado
        )
        yield enchufe


@pytest.mark.parametrize(
    ("que", "estado"), [("nada", b"201"), ("revocar", b"401"), ("sacar", b"404")]
)
def test_quien_deja_de_poder_mientras_sube_no_sube(
    que: str, estado: bytes, servidor: Servidor, gente: Gente
) -> None:
    ana = gente.ana
    conversacion = nueva_conversacion(servidor, gente.beto, ana)
    raiz = f"{servidor.url}/api/mensajeria/conversaciones/{conversacion}/participantes/"
    camino = f"/api/mensajeria/conversaciones/{conversacion}/archivos/"
    antes = guardado(_carpeta(servidor))
    with _a_medias(servidor, ana, 2 * MEGA, MEGA, camino) as enchufe:
        if que == "revocar":
            url = f"{servidor.url}/api/token/revocar/"
            assert requests.post(url, headers=_con(servidor, ana), timeout=PACIENCIA).ok
        elif que == "sacar":
            con = _con(servidor, gente.beto)
            assert requests.delete(f"{raiz}{ana}/", headers=con, timeout=PACIENCIA).ok
        enchufe.sendall(b"x" * MEGA + _FINAL)
        assert enchufe.recv(65_536).split()[1] == estado
    assert len(guardado(_carpeta(servidor)) - antes) == (que == "nada")


@pytest.mark.elige_base
def test_lo_que_se_corta_a_medias_no_deja_nada(servidor: Servidor, gente: Gente) -> None:
    antes = guardado(_carpeta(servidor))
    for _ in range(3):
        with _a_medias(servidor, gente.ana, 5 * MEGA, 3 * MEGA):
            pass
    # Detrás de las cortadas, una entera.
    entera = publicar(servidor, gente.ana, b"hola", "a.txt").json()
    assert guardado(_carpeta(servidor)) - antes == {f"{entera['_id']}.contenido"}


@pytest.mark.elige_base
def test_diez_subidas_a_medias_no_ocupan_memoria_ni_el_sitio_de_nadie(
    tmp_path: Path, gente: Gente
) -> None:
    with Servidor(tmp_path) as uno, contextlib.ExitStack() as abiertas:
        publicar(uno, "ana", b"hola", "a.txt")
        proceso = psutil.Process(uno.proceso.pid)  # type: ignore[union-attr]
        antes = proceso.memory_info().rss
        for n in range(1, 4):
            for _ in range(3):
                abiertas.enter_context(_a_medias(uno, f"beto-{n:03}", 10 * MEGA, 9 * MEGA))
        # Con ellas a medias, los demás suben y ven.
        for _ in range(3):
            subido = publicar(uno, "ana", muestras.imagen("PNG")).json()
            assert requests.get(uno.url + subido["url"], timeout=PACIENCIA).ok
        assert proceso.memory_info().rss - antes < 40 * MEGA
        # De una misma persona, hasta seis.
        for _ in range(3):
            abiertas.enter_context(_a_medias(uno, "beto-001", 10 * MEGA, 1))
        assert publicar(uno, "beto-001", b"hola", "a.txt").status_code == 429
        assert not any(n.startswith("tmp") for n in guardado(Path(uno.entorno["ARCHIVOS"])))
    revisar_registro(uno.registro)


@pytest.mark.elige_base
def test_quien_baja_despacio_no_ocupa_memoria(tmp_path: Path) -> None:
    with Servidor(tmp_path) as uno, contextlib.ExitStack() as abiertos:
        grande = publicar(uno, "ana", b"x" * (9 * MEGA), "a.txt").json()
        requests.get(uno.url + grande["url"], timeout=PACIENCIA)
        proceso = psutil.Process(uno.proceso.pid)  # type: ignore[union-attr]
        antes = proceso.memory_info().rss
        for _ in range(BAJADAS_A_LA_VEZ):
            enchufe = abiertos.enter_context(socket.socket())
            enchufe.setsockopt(socket.SOL_SOCKET, socket.SO_RCVBUF, 4096)
            enchufe.connect(("127.0.0.1", uno.puerto))
            enchufe.sendall(f"GET {grande['url']} HTTP/1.1\r\nHost: localhost\r\n\r\n".encode())
            assert enchufe.recv(12) == b"HTTP/1.1 200"
        # Ni el sitio de los demás; ella, con tantos a medias, espera.
        de_beto = publicar(uno, "beto-001", b"x" * (9 * MEGA), "a.txt").json()
        assert len(requests.get(uno.url + de_beto["url"], timeout=PACIENCIA).content) == 9 * MEGA
        with pytest.raises(requests.Timeout):
            requests.get(uno.url + grande["url"], timeout=1)
        assert proceso.memory_info().rss - antes < 30 * MEGA
    revisar_registro(uno.registro)


# Con lo que quedó a medias, de hace una hora.
_LIMPIAR_Y_CONTAR = """
import json
from datetime import timedelta
from django.core.management import call_command
from mensajeria.models import Archivo, Mensaje, ahora
Archivo.objects.filter(estado="subiendo").update(fecha=ahora() - timedelta(hours=1))
call_command("limpiar_archivos", "--si")
print(json.dumps({
    "filas": list(Archivo.objects.values_list("pk", "estado", "mensaje_id", "clase")),
    "mensajes": [
        [pk, a["id"]] for pk, a in Mensaje.objects.values_list("pk", "archivo") if a and "id" in a
    ],
}))
"""


def _subir_y_enviar_sin_parar(servidor: Servidor, conv: str, fin: threading.Event) -> None:
    """Cada uno, y su mensaje, hasta que el servidor deje de contestar."""
    crudo = muestras.imagen("PNG", (700, 500))
    camino = f"{servidor.url}/api/mensajeria/conversaciones/{conv}/mensajes/"
    with contextlib.suppress(requests.RequestException):
        while not fin.is_set():
            subido = publicar(servidor, "ana", crudo).json()
            cuerpo = {"contenido": {"archivo": {"id": subido["_id"]}}}
            requests.post(camino, json=cuerpo, headers=_con(servidor, "ana"), timeout=PACIENCIA)


def test_una_muerte_de_golpe_no_deja_huerfanos_ni_mensajes_sin_archivo(tmp_path: Path) -> None:
    """`kill -9` mientras se sube: lo que queda a medias lo recoge la limpieza."""
    uno = Servidor(tmp_path)
    uno.arrancar()
    conv = nueva_conversacion(uno, "ana", "beto")
    for _ in range(3):
        fin = threading.Event()
        publicar(uno, "ana", muestras.imagen("PNG"))
        clientes = [
            threading.Thread(target=_subir_y_enviar_sin_parar, args=(uno, conv, fin))
            for _ in range(4)
        ]
        for cliente in clientes:
            cliente.start()
        # En plena tarea: cuando ya hay varios guardados.
        cuantos = len(guardado(_carpeta(uno)))
        hasta = time.monotonic() + PACIENCIA
        while len(guardado(_carpeta(uno))) < cuantos + 9:
            assert time.monotonic() < hasta
            time.sleep(0.01)
        uno.parar(9)
        fin.set()
        for cliente in clientes:
            cliente.join(PACIENCIA)
        uno.arrancar()
    uno.parar()
    visto = json.loads(uno.guion(_LIMPIAR_Y_CONTAR).splitlines()[-1])
    assert visto["mensajes"]
    assert {estado for _, estado, _, _ in visto["filas"]} <= {"listo", "enviado"}
    nombrados = {pk for pk, *_ in visto["filas"]}
    assert guardado(_carpeta(uno)) == set().union(*map(partes, nombrados))
    enviados = {pk: mensaje for pk, estado, mensaje, _ in visto["filas"] if estado == "enviado"}
    assert enviados == {archivo: mensaje for mensaje, archivo in visto["mensajes"]}


@pytest.mark.elige_base
def test_al_pararse_no_quedan_los_que_miran(tmp_path: Path) -> None:
    uno = Servidor(tmp_path)
    with uno:
        publicar(uno, "ana", b"hola", "a.txt")
        hijos = psutil.Process(uno.proceso.pid).children(recursive=True)  # type: ignore[union-attr]
        assert [h for h in hijos if "taller.trabajador" in " ".join(h.cmdline())]
    _, vivos = psutil.wait_procs(hijos, PACIENCIA)
    assert not vivos
    revisar_registro(uno.registro)
