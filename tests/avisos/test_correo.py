"""Por correo, con un servidor de correo de verdad en esta máquina."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from email import message_from_bytes, policy
from email.message import Message
from typing import Any

import pytest
from aiosmtpd.controller import Controller
from django.test import Client

from mensajeria.avisos import buzon, cierre, dispositivos
from mensajeria.avisos.canales import correo
from mensajeria.avisos.preferencias import cambiar, las_de
from mensajeria.models import (
    Aviso,
    Canal,
    Conversacion,
    Dispositivo,
    Participante,
    Usuario,
    ahora,
)
from mensajeria.protocolo import cargas
from mensajeria.protocolo.avisos import (
    AvisosPorCorreoPuestos,
    CambiarAvisos,
    CanalesDeAvisosPuestos,
    HorasTranquilasPuestas,
)
from servitech.avisos import servidor_de_correo
from servitech.entorno import Variables
from tests.avisos.apoyo import adelantar, repartir
from tests.servicios import puerto_libre

pytestmark = [pytest.mark.bd, pytest.mark.usefixtures("conversacion")]
HORA = timedelta(hours=1)


class Buzon:
    """Lo que recibe; `niega`, lo que contesta a cada destinatario en lugar de admitirlo."""

    def __init__(self) -> None:
        self.recibidos: list[Message] = []
        self.niega = ""

    async def handle_RCPT(
        self, server: Any, session: Any, envelope: Any, address: str, options: Any
    ) -> str:
        if self.niega:
            return self.niega
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: Any, session: Any, envelope: Any) -> str:
        self.recibidos.append(message_from_bytes(envelope.content, policy=policy.default))
        return "250 OK"


@pytest.fixture
def llegan(settings: Any, beto: Usuario) -> Iterator[Buzon]:
    suyo, puerto = Buzon(), puerto_libre()
    servidor = Controller(suyo, hostname="127.0.0.1", port=puerto)
    servidor.start()
    ajustes = servidor_de_correo(Variables({"CORREO_SERVIDOR": f"smtp+claro://127.0.0.1:{puerto}"}))
    for nombre, valor in ajustes.items():
        setattr(settings, nombre, valor)
    settings.CORREO_DE_AVISOS = "Servitech <avisos@ejemplo.com>"
    settings.SITIO = "https://mensajes.ejemplo.com"
    Usuario.objects.filter(pk="beto").update(email="beto@ejemplo.com")
    yield suyo
    servidor.stop()


def sacar() -> None:
    cierre.acabar(correo.entregar(buzon.tomar(Canal.CORREO, 20)))


def partes(mensaje: Message) -> dict[str, str]:
    return {
        parte.get_content_type(): parte.get_payload(decode=True).decode()  # type: ignore[union-attr]
        for parte in mensaje.walk()
        if not parte.is_multipart()
    }


def texto_de(mensaje: Message) -> str:
    return "\n".join(partes(mensaje).values())


def camino_de_baja(mensaje: Message) -> str:
    enlace = mensaje["List-Unsubscribe"].replace("\n", "").replace(" ", "").strip("<>")
    return str(enlace.removeprefix("https://mensajes.ejemplo.com"))


def muestra_todo() -> None:
    puestos = AvisosPorCorreoPuestos(muestra="todo")
    cambiar("beto", CambiarAvisos(canales=CanalesDeAvisosPuestos(correo=puestos)))


def test_lo_no_leido_espera_y_llega_junto(llegan: Buzon, decir: Any, pedir: Any) -> None:
    otra = Conversacion.objects.create(
        id="otra", codigo="O", tipo="grupal", nombre_personalizado="Obra & más"
    )
    for quien in ("ana", "beto", "carla"):
        Participante.objects.create(conversacion=otra, usuario_id=quien)
    muestra_todo()
    decir("ana", "uno <b>")
    decir("ana", "dos <b>")
    pedir(
        "carla",
        cargas.EnviarMensaje(
            conversacion_id="otra", contenido=cargas.ContenidoEnviado(texto="¿y esto?")
        ),
    )
    repartir()
    sacar()
    assert llegan.recibidos == []
    # El primero ya toca; el otro, que se causó después, se va con él.
    Aviso.objects.filter(canal=Canal.CORREO, conversacion="conv").update(no_antes_de=ahora())
    sacar()
    [recibido] = llegan.recibidos
    assert recibido["Subject"] == "Te escribieron 2 personas"
    assert recibido["To"] == "beto@ejemplo.com"
    llano, html = partes(recibido)["text/plain"], partes(recibido)["text/html"]
    assert "dos <b>" in llano and "dos &lt;b&gt;" in html
    assert "(2 sin leer)" in llano and "Obra & más" in llano and "¿y esto?" in llano
    assert "https://mensajes.ejemplo.com" in llano
    assert not Aviso.objects.filter(canal=Canal.CORREO, estado="pendiente").exists()


def otra_conversacion() -> None:
    otra = Conversacion.objects.create(
        id="otra", codigo="O", tipo="grupal", nombre_personalizado="Obra"
    )
    for quien in ("beto", "carla"):
        Participante.objects.create(conversacion=otra, usuario_id=quien)


def decir_en_otra(pedir: Any) -> None:
    dicho = cargas.ContenidoEnviado(texto="¿y esto?")
    pedir("carla", cargas.EnviarMensaje(conversacion_id="otra", contenido=dicho))


def de_otra() -> Aviso:
    return Aviso.objects.get(canal=Canal.CORREO, conversacion="otra")


def test_con_lo_urgente_no_se_va_lo_que_espera_a_que_acaben_las_horas_tranquilas(
    llegan: Buzon, decir: Any, pedir: Any
) -> None:
    acaban = ahora() + 3 * HORA
    noche = HorasTranquilasPuestas(desde=f"{ahora() - HORA:%H:%M}", hasta=f"{acaban:%H:%M}")
    suyas = AvisosPorCorreoPuestos(muestra="todo", tranquilas=noche)
    cambiar("beto", CambiarAvisos(zona="UTC", canales=CanalesDeAvisosPuestos(correo=suyas)))
    otra_conversacion()
    decir_en_otra(pedir)
    decir("ana", "fuego", prioridad="urgente")
    repartir()
    espera = de_otra().no_antes_de
    assert espera > ahora() + 2 * HORA
    sacar()
    [recibido] = llegan.recibidos
    assert "fuego" in texto_de(recibido) and "y esto" not in texto_de(recibido)
    assert (de_otra().estado, de_otra().intentos) == ("pendiente", 0)
    assert de_otra().no_antes_de >= espera
    # Pero lo urgente se repite, también en ellas.
    adelantar(cierre.ENTRE_REPETICIONES)
    sacar()
    assert [str(m["Subject"])[:8] for m in llegan.recibidos] == ["Urgente:"] * 2


def test_con_lo_que_sale_no_se_adelanta_lo_que_espera_a_intentarse_otra_vez_o_a_repetirse(
    llegan: Buzon, decir: Any, pedir: Any
) -> None:
    muestra_todo()
    otra_conversacion()
    decir_en_otra(pedir)
    repartir()
    luego = ahora() + HORA
    for esperando in ({"intentos": 3}, {"intentos": 0, "veces": 1, "prioridad": "urgente"}):
        Aviso.objects.filter(pk=de_otra().pk).update(no_antes_de=luego, **esperando)
        decir("ana", "ya", prioridad="alta")
        repartir()
        sacar()
        assert "y esto" not in texto_de(llegan.recibidos[-1])
        assert de_otra().no_antes_de == luego
    assert len(llegan.recibidos) == 2


def test_lo_que_llega_mientras_sale_un_correo_espera_al_siguiente(
    llegan: Buzon, decir: Any
) -> None:
    decir("ana")
    repartir()
    adelantar(HORA)
    tomados = buzon.tomar(Canal.CORREO, 20)
    hechos = correo.entregar(tomados)
    decir("ana", "y otra cosa")
    repartir()
    cierre.acabar(hechos)
    aviso = Aviso.objects.get(canal=Canal.CORREO)
    assert (aviso.estado, aviso.hasta) == ("pendiente", 2)
    assert aviso.no_antes_de > ahora() + HORA / 2


def test_lo_leido_antes_de_que_salga_no_sale(llegan: Buzon, decir: Any, pedir: Any) -> None:
    decir("ana")
    repartir()
    pedir("beto", cargas.MarcarLeido(conversacion_id="conv"))
    adelantar(HORA)
    sacar()
    assert llegan.recibidos == []


def test_de_fabrica_dice_quien_y_no_que(llegan: Buzon, decir: Any) -> None:
    decir("ana", "secreto")
    repartir()
    adelantar(HORA)
    sacar()
    [recibido] = llegan.recibidos
    assert recibido["Subject"] == "Ana Prueba te escribió"
    assert "Ana Prueba" in texto_de(recibido) and "secreto" not in texto_de(recibido)


def test_a_quien_lee_ingles_se_le_dice_en_ingles(llegan: Buzon, decir: Any, beto: Usuario) -> None:
    for huella, idioma, dias in (("de antes", "es", 3), ("de ahora", "en", 0)):
        Dispositivo.objects.create(
            usuario=beto,
            canal=Canal.FCM,
            punto=huella,
            huella=huella,
            idioma=idioma,
            ultima_vez=ahora() - timedelta(days=dias),
        )
    muestra_todo()
    decir("ana", "hola")
    decir("ana", "¿vienes?")
    repartir()
    adelantar(HORA)
    sacar()
    [mensaje] = llegan.recibidos
    assert (mensaje["Subject"], mensaje["Content-Language"]) == ("Ana Prueba wrote to you", "en")
    texto, html = partes(mensaje)["text/plain"], partes(mensaje)["text/html"]
    assert "(2 unread)" in texto
    assert "unread messages in Messages." in texto
    assert "Unsubscribe" in html
    assert '<html lang="en">' in html
    pagina = Client(headers={"accept-language": "en-GB,en;q=0.9"}).get(camino_de_baja(mensaje))
    assert "Stop getting notifications by e-mail?" in pagina.content.decode()


def test_lo_urgente_sale_ya(llegan: Buzon, decir: Any) -> None:
    decir("ana", prioridad="urgente")
    repartir()
    sacar()
    assert llegan.recibidos[0]["Subject"].startswith("Urgente: ")


def test_el_mismo_dos_veces_se_reconoce(llegan: Buzon, decir: Any) -> None:
    decir("ana")
    repartir()
    for _ in range(2):
        # Como si muriera tras enviarlo y antes de apuntarlo.
        adelantar(HORA)
        correo.entregar(buzon.tomar(Canal.CORREO, 20))
    uno, otro = llegan.recibidos
    assert uno["Message-ID"] == otro["Message-ID"]


def test_una_direccion_que_no_existe_se_entierra(llegan: Buzon, decir: Any) -> None:
    llegan.niega = "550 no hay nadie"
    decir("ana")
    repartir()
    adelantar(HORA)
    sacar()
    aviso = Aviso.objects.get(canal=Canal.CORREO)
    assert (aviso.estado, "(550)" in aviso.ultimo_error) == ("enterrado", True)


def test_si_pide_que_se_espere_o_no_contesta_se_intenta_otra_vez(
    llegan: Buzon, decir: Any, settings: Any
) -> None:
    llegan.niega = "451 luego"
    decir("ana")
    repartir()
    adelantar(HORA)
    sacar()
    assert Aviso.objects.get(canal=Canal.CORREO).estado == "pendiente"
    settings.EMAIL_PORT = puerto_libre()
    adelantar(HORA)
    sacar()
    aviso = Aviso.objects.get(canal=Canal.CORREO)
    assert (aviso.estado, "no contesta" in aviso.ultimo_error) == ("pendiente", True)
    assert llegan.recibidos == []


def test_la_baja_es_de_un_clic_y_mirar_el_enlace_no_da_de_baja(llegan: Buzon, decir: Any) -> None:
    decir("ana")
    repartir()
    adelantar(HORA)
    sacar()
    [recibido] = llegan.recibidos
    assert recibido["List-Unsubscribe-Post"] == "List-Unsubscribe=One-Click"
    camino = camino_de_baja(recibido)
    navegador = Client(enforce_csrf_checks=True)
    assert "¿Dejar de recibir" in navegador.get(camino).content.decode()
    assert las_de("beto").canales.correo.mensajes == "fuera_de_horas"
    hecho = navegador.post(camino, {"List-Unsubscribe": "One-Click"})
    assert hecho.status_code == 200
    assert las_de("beto").canales.correo.mensajes == "nunca"
    for prioridad in ("normal", "urgente"):
        decir("ana", prioridad=prioridad)
        assert "correo" not in [canal for canal, _, _ in repartir()]
    assert navegador.post(camino[:-3] + "xx/").status_code == 404


def test_tras_la_baja_tampoco_se_recuerda_lo_que_ya_se_aviso(
    llegan: Buzon, decir: Any, settings: Any
) -> None:
    settings.RECORDATORIO_HORAS = 24
    decir("ana")
    repartir()
    adelantar(HORA)
    sacar()
    recuerdo = Aviso.objects.get(canal=Canal.CORREO)
    assert (recuerdo.clase, recuerdo.estado) == ("recordatorios", "pendiente")
    # Uno que ya está saliendo cuando se da de baja no vuelve después.
    adelantar(24 * HORA)
    tomados = buzon.tomar(Canal.CORREO, 20)
    assert correo.dar_de_baja(correo.enlace_de_baja("beto").split("/")[-2], de_verdad=True)
    cierre.acabar(correo.entregar(tomados))
    assert not Aviso.objects.filter(canal=Canal.CORREO).exists()
    assert las_de("beto").canales.correo.recordatorios == "nunca"
    assert len(llegan.recibidos) == 1


@pytest.mark.parametrize("firma", ["%00", "%ED%A0%80", "x" * 5_000, "a:b", "%F0%9F%98%80:x"])
def test_una_baja_que_no_firmamos_no_es_de_nadie(base: None, firma: str) -> None:
    assert Client().post(f"/avisos/baja/{firma}/").status_code in (400, 404)


def test_probar_dice_que_paso(llegan: Buzon, beto: Usuario, settings: Any) -> None:
    beto.refresh_from_db()
    assert dispositivos.probar(beto, "correo")[0].enviado
    assert llegan.recibidos[0]["Subject"] == "Los avisos llegan a este correo"
    settings.CORREO_DE_AVISOS = ""
    assert dispositivos.probar(beto, "correo")[0].error == "Aquí no se avisa por correo"
    settings.CORREO_DE_AVISOS = "avisos@ejemplo.com"
    beto.email = "beto@ejemplo.com\nBcc: otro@ejemplo.com"
    assert "No se pudo" in (dispositivos.probar(beto, "correo")[0].error or "")


def test_una_direccion_imposible_no_para_a_los_demas(llegan: Buzon, decir: Any) -> None:
    Usuario.objects.filter(pk="beto").update(email="beto@ejemplo.com\nBcc: otro@ejemplo.com")
    Usuario.objects.filter(pk="carla").update(email="carla@ejemplo.com")
    Participante.objects.create(conversacion_id="conv", usuario_id="carla")
    decir("ana", prioridad="alta")
    repartir()
    sacar()
    assert [m["To"] for m in llegan.recibidos] == ["carla@ejemplo.com"]
    suyo = Aviso.objects.get(canal=Canal.CORREO, usuario="beto")
    assert (suyo.estado, suyo.ultimo_error) == ("pendiente", "No se pudo enviar (ValueError)")
