"""Contestar un aviso por correo, de punta a punta: sale con su `Reply-To`, se contesta por LMTP o
por HTTP, y llega por el socket."""

from __future__ import annotations

import asyncio
import queue
import re
import signal
import smtplib
import socket
import subprocess
import sys
import time
from collections.abc import Iterator
from email import message_from_bytes, policy
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
import requests
from aiosmtpd.controller import Controller

from mensajeria.puertas.correo import MAX_CONEXIONES
from tests.archivos import muestras
from tests.avisos.respuestas import correos
from tests.avisos.respuestas.correos import respuesta
from tests.integracion.cliente import como, hola
from tests.integracion.conftest import revisar_registro
from tests.servicios import PACIENCIA, RAIZ, Servidor, detener, esperar_puerto, puerto_libre

SECRETO = "0123456789abcdef0123456789abcdef"
SEMBRAR = """
m = models
m.Usuario.objects.filter(pk="beto-001").update(email="beto@ejemplo.com")
m.Usuario.objects.filter(pk="ana-001").update(email="ana@ejemplo.com")
for id_ in ("correo", "otra"):
    m.Conversacion.objects.create(pk=id_, codigo=f"C-{id_}", tipo="grupal",
        nombre_personalizado=f"Obra {id_}")
    for quien in ("ana-001", "beto-001"):
        m.Participante.objects.create(conversacion_id=id_, usuario_id=quien)
"""


class Buzon:
    def __init__(self) -> None:
        self.recibidos: queue.Queue[EmailMessage] = queue.Queue()

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.recibidos.put(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"

    def siguiente(self) -> EmailMessage:
        return self.recibidos.get(timeout=PACIENCIA)


@pytest.fixture(scope="module")
def salen() -> Iterator[tuple[Buzon, int]]:
    buzon, puerto = Buzon(), puerto_libre()
    correo = Controller(buzon, hostname="127.0.0.1", port=puerto)
    correo.start()
    yield buzon, puerto
    correo.stop()


class Entrada:
    """`manage.py correo_entrante` y el servidor, con la misma base."""

    def __init__(self, servidor: Servidor, buzon: Buzon, *argumentos: str) -> None:
        self.servidor, self.buzon, self.puerto = servidor, buzon, puerto_libre()
        self._argumentos = argumentos
        self.arrancar()

    def arrancar(self) -> None:
        orden = [sys.executable, "manage.py", "correo_entrante", "--puerto", str(self.puerto)]
        self.proceso = subprocess.Popen(
            [*orden, *self._argumentos],
            cwd=RAIZ,
            env=self.servidor.entorno,
            stdout=subprocess.DEVNULL,
            stderr=subprocess.DEVNULL,
            text=True,
        )
        esperar_puerto(self.puerto, self.proceso)

    def entregar(
        self, correo: EmailMessage | bytes, para: str, de: str = "beto@ejemplo.com"
    ) -> Any:
        crudo = correo if isinstance(correo, bytes) else correo.as_bytes(policy=policy.SMTP)
        with smtplib.LMTP("127.0.0.1", self.puerto) as lmtp:
            return lmtp.sendmail(de, [para], crudo)


@pytest.fixture(scope="module")
def entrada(
    tmp_path_factory: pytest.TempPathFactory, salen: tuple[Buzon, int]
) -> Iterator[Entrada]:
    buzon, puerto = salen
    servidor = Servidor(
        tmp_path_factory.mktemp("correo"),
        CORREO_DE_AVISOS="Servitech <avisos@ejemplo.com>",
        CORREO_SERVIDOR=f"smtp+claro://127.0.0.1:{puerto}",
        CORREO_DE_RESPUESTAS="responder@correo.ejemplo.com",
        CORREO_ENTRANTE_SECRETO=SECRETO,
        MENSAJES_POR_MINUTO="1000",
    )
    servidor.guion(SEMBRAR)
    with servidor:
        hecha = Entrada(servidor, buzon)
        try:
            yield hecha
        finally:
            detener(hecha.proceso)
    assert hecha.proceso.returncode == 0
    revisar_registro(servidor.registro)


async def avisado(entrada: Entrada, ana: Any, texto: str, donde: str = "correo") -> EmailMessage:
    """El correo que le llega a beto por ese mensaje."""
    await ana.pedir("enviar_mensaje", hola(donde, texto, prioridad="alta"))
    return await asyncio.to_thread(entrada.buzon.siguiente)


async def test_contestar_al_aviso_llega_por_el_socket(entrada: Entrada) -> None:
    async with como(entrada.servidor, "ana-001") as ana:
        await ana.pedir("unirse_conversacion", {"conversacionId": "correo"})
        aviso = await avisado(entrada, ana, "¿Vienes mañana?")
        para = aviso["Reply-To"]
        assert para.startswith("responder+") and len(para.partition("@")[0]) <= 64
        correo = respuesta(para, correos.GMAIL_ES_LLANO, correos.GMAIL_ES, Message_ID="<e2e@x>")
        correo.add_attachment(muestras.imagen("PNG"), "image", "png", filename="plano.png")
        # Dos veces: quien entrega no supo que la primera llegó.
        for _ in range(2):
            assert await asyncio.to_thread(entrada.entregar, correo, para.upper()) == {}
        llegado = await ana.esperar(
            "nuevo_mensaje", lambda d: d["mensaje"]["remitente"]["_id"] == "beto-001"
        )
        contenido = llegado["mensaje"]["contenido"]
        assert contenido["texto"] == "Sí, mañana a las 10.\n\nLlevo el plano."
        assert contenido["archivo"]["nombre"] == "plano.png"
        await asyncio.to_thread(
            entrada.entregar, respuesta(para, "Y ya.\n", Message_ID="<e2e2@x>"), para
        )
        await ana.esperar("nuevo_mensaje", lambda d: d["mensaje"]["contenido"]["texto"] == "Y ya.")
        de_beto = [
            d["mensaje"]["contenido"]["texto"]
            for d in ana.recibidos("nuevo_mensaje")
            if d["mensaje"]["remitente"]["_id"] == "beto-001"
        ]
        assert len(de_beto) == 2


async def test_por_http_con_su_secreto(entrada: Entrada) -> None:
    url = f"{entrada.servidor.url}/avisos/correo/"
    secreto = {"Authorization": f"Bearer {SECRETO}", "Content-Type": "message/rfc822"}

    def entregar(crudo: bytes, cabeceras: dict[str, str] = secreto, **consulta: str) -> Any:
        return requests.post(url, data=crudo, headers=cabeceras, params=consulta, timeout=PACIENCIA)

    async with como(entrada.servidor, "ana-001") as ana:
        await ana.pedir("unirse_conversacion", {"conversacionId": "correo"})
        para = (await avisado(entrada, ana, "¿y por HTTP?"))["Reply-To"]
        crudo = respuesta(para, "Por HTTP.\n", Message_ID="<http@x>").as_bytes()
        for cabeceras in ({}, {"Authorization": "Bearer otro"}):
            assert (await asyncio.to_thread(entregar, crudo, cabeceras)).status_code == 401
        # El tercero es más de lo que admite lo que no trae un correo.
        relleno = b"X-Relleno: " + b"a" * 60_000 + b"\r\n"
        for cuerpo in (crudo, crudo, relleno + crudo):
            hecho = await asyncio.to_thread(entregar, cuerpo)
            assert (hecho.status_code, hecho.json()) == (200, {"estado": "enviado"})
            assert hecho.headers["X-Request-ID"]
        await ana.esperar(
            "nuevo_mensaje", lambda d: d["mensaje"]["contenido"]["texto"] == "Por HTTP."
        )
        # Lo negado se le dice a quien lo envió, y no hay que repetirlo.
        ajeno = respuesta(para, de="ana@ejemplo.com", Message_ID="<ajeno@x>").as_bytes()
        negado = await asyncio.to_thread(entregar, ajeno, de="ana@ejemplo.com", para=para)
        assert (negado.status_code, negado.json()["code"]) == (200, "PERMISSION_DENIED")
        dicho = await asyncio.to_thread(entrada.buzon.siguiente)
        assert (dicho["To"], dicho["Auto-Submitted"]) == ("ana@ejemplo.com", "auto-replied")
        assert "Contesta desde el correo de tu cuenta" in dicho.get_content()
        grande = await asyncio.to_thread(entregar, b"a" * (21 * 1024**2))
        assert grande.status_code == 413
        assert (await asyncio.to_thread(requests.get, url, timeout=PACIENCIA)).status_code == 405


async def test_varias_conversaciones_tienen_cada_una_su_direccion(entrada: Entrada) -> None:
    """Se cuentan juntas: contestar al propio correo no diría a cuál."""
    async with como(entrada.servidor, "ana-001") as ana:
        # Esta espera a juntarse, y se va con la que no espera.
        await ana.pedir("enviar_mensaje", hola("otra", "sin prisa"))
        aviso = await avisado(entrada, ana, "con prisa")
    assert aviso["Reply-To"] is None
    llano = aviso.get_body(("plain",)).get_content()  # type: ignore[union-attr]
    html = aviso.get_body(("html",)).get_content()  # type: ignore[union-attr]
    direcciones = re.findall(r"Para contestarla: (\S+)", llano)
    assert len(set(direcciones)) == html.count("mailto:responder%2B") == 2
    for n, para in enumerate(direcciones):
        correo = respuesta(para, "A las dos.\n", Message_ID=f"<varias-{n}@x>")
        assert await asyncio.to_thread(entrada.entregar, correo, para) == {}


def _bytes(dicho: bytes | str) -> bytes:
    return dicho.encode() if isinstance(dicho, str) else dicho


@pytest.mark.elige_base
async def test_lo_negado_es_un_5xx_y_dice_por_que(entrada: Entrada) -> None:
    def negado(para: str, correo: EmailMessage | bytes, de: str = "beto@ejemplo.com") -> str:
        try:
            entrada.entregar(correo, para, de)
        except smtplib.SMTPRecipientsRefused as error:
            [(codigo, dicho)] = error.recipients.values()
        except smtplib.SMTPResponseException as error:
            codigo, dicho = error.smtp_code, _bytes(error.smtp_error)
        return f"{codigo} {dicho.decode()}"

    mala = f"responder+{'a' * 39}@correo.ejemplo.com"
    assert negado(mala, respuesta(mala)).startswith("550 5.1.1 Esa direccion no existe")
    assert negado("otra@ejemplo.com", respuesta(mala)).startswith("550 5.1.1")
    async with como(entrada.servidor, "ana-001") as ana:
        para = (await avisado(entrada, ana, "¿sí?"))["Reply-To"]
    ajeno = respuesta(para, de="ana@ejemplo.com", Message_ID="<5xx@x>")
    assert negado(para, ajeno) == "550 5.7.1 Contesta desde el correo de tu cuenta"
    partes = b'From: beto@ejemplo.com\nContent-Type: multipart/mixed; boundary="a"\n\n'
    bomba = (partes + b"--a\n\nhola\n" * 10_000).replace(b"\n", b"\r\n")
    assert negado(para, bomba).startswith("550 5.7.1 El correo no se")
    grande = negado(para, respuesta(para).as_bytes(policy=policy.SMTP) + b"a\r\n" * (8 * 1024**2))
    assert grande.startswith("552")
    # De un programa: ni se envía, ni se devuelve.
    assert entrada.entregar(respuesta(para, Auto_Submitted="auto-replied"), para) == {}
    assert entrada.entregar(respuesta(para, "ausente\n", Message_ID="<nulo@x>"), para, "") == {}


@pytest.mark.elige_base
def test_los_destinatarios_van_de_uno_en_uno(entrada: Entrada) -> None:
    filas = entrada.servidor.guion(
        "from mensajeria.avisos.respuestas.direccion import direccion_para as d\n"
        'print(*(d(p.pk) for p in models.Participante.objects.filter(usuario="beto-001",'
        ' conversacion__in=["correo", "otra"])))'
    ).split()
    correo = respuesta(filas[0], Message_ID="<dos@x>").as_bytes(policy=policy.SMTP)
    with smtplib.LMTP("127.0.0.1", entrada.puerto) as lmtp:
        [(codigo, _)] = lmtp.sendmail("beto@ejemplo.com", filas, correo).values()
        assert codigo == 452


def test_sin_base_es_un_4xx_y_al_volver_entra(tmp_path: Path, salen: tuple[Buzon, int]) -> None:
    servidor = Servidor(
        tmp_path,
        CORREO_DE_AVISOS="avisos@ejemplo.com",
        CORREO_DE_RESPUESTAS="responder@correo.ejemplo.com",
    )
    para = servidor.guion(
        f"{SEMBRAR}from mensajeria.avisos.respuestas.direccion import direccion_para as d\n"
        'print(d(models.Participante.objects.get(usuario="beto-001", conversacion="correo").pk))'
    ).strip()
    entrada = Entrada(servidor, salen[0], "--smtp")
    try:
        correo = respuesta(para).as_bytes(policy=policy.SMTP)
        # De otro, que no deja escribir.
        servidor.sql(RETENER)
        with smtplib.SMTP("127.0.0.1", entrada.puerto) as smtp:
            with pytest.raises(smtplib.SMTPDataError) as hallado:
                smtp.sendmail("beto@ejemplo.com", [para], correo)
            assert hallado.value.smtp_code == 451
            servidor.sql(SOLTAR)
            assert smtp.sendmail("beto@ejemplo.com", [para], correo) == {}
        llegados = "SELECT count(*) FROM mensajeria_mensaje WHERE texto = 'Sí, voy.'"
        assert servidor.sql(llegados) == [(1,)]
    finally:
        detener(entrada.proceso, signal.SIGTERM)
    assert entrada.proceso.returncode == 0


# La tabla, con otro nombre: lo que se pida de ella falla como si no estuviera la base.
RETENER = "ALTER TABLE mensajeria_participante RENAME TO aparte"
SOLTAR = "ALTER TABLE aparte RENAME TO mensajeria_participante"


@pytest.mark.elige_base
def test_las_conexiones_de_mas_se_despiden(entrada: Entrada) -> None:
    abiertas: list[socket.socket] = []
    limite = time.monotonic() + PACIENCIA
    try:
        while len(abiertas) < MAX_CONEXIONES:
            una = socket.create_connection(("127.0.0.1", entrada.puerto), PACIENCIA)
            abiertas.append(una)
            # La de antes, ya cerrada, puede ocupar aún su sitio.
            if not una.recv(100).startswith(b"220"):
                abiertas.pop().close()
                assert time.monotonic() < limite
        with socket.create_connection(("127.0.0.1", entrada.puerto)) as otra:
            otra.settimeout(PACIENCIA)
            assert otra.recv(100).startswith(b"421")
    finally:
        for abierta in abiertas:
            abierta.close()
