"""Web Push de punta a punta: lo que llega al servicio se descifra con lo que tiene el navegador."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Iterator
from typing import Any

import pytest

from mensajeria.avisos import buzon, cierre, dispositivos
from mensajeria.avisos.canales import a_dispositivos, webpush
from mensajeria.avisos.canales.webpush import de_base64
from mensajeria.avisos.preferencias import cambiar
from mensajeria.base_de_datos import Hilo
from mensajeria.entre_procesos.limites import PRUEBAS_DE_AVISO_POR_MINUTO
from mensajeria.models import Aviso, Canal, Dispositivo, Participante, Usuario, ahora, revocacion
from mensajeria.protocolo import cargas
from mensajeria.protocolo.avisos import (
    AvisosDeCanalPuestos,
    CambiarAvisos,
    CanalesDeAvisosPuestos,
    ClavesDeNavegador,
    RegistrarDispositivo,
)
from mensajeria.protocolo.errores import ErrorMensajeria
from mensajeria.protocolo.tipos import IDIOMAS, Idioma
from mensajeria.salientes import Salientes
from tests.avisos.apoyo import repartir
from tests.avisos.servicio import Navegador, Servicio, firmante

pytestmark = [pytest.mark.bd, pytest.mark.usefixtures("conversacion")]
CLAVE = "3KzvKasA2SoCxsp0iIG_o9B0Ozvl1XDwI63JRKNIWBM"


@pytest.fixture
def servicio(settings: Any) -> Iterator[Servicio]:
    settings.VAPID_CLAVE, settings.VAPID_CONTACTO = CLAVE, "mailto:avisos@ejemplo.com"
    settings.SALIENTES_ADMITIDAS = ["127.0.0.1"]
    with Servicio() as uno:
        yield uno


@pytest.fixture
def navegador() -> Navegador:
    return Navegador()


def suscribir(
    usuario: Usuario, navegador: Navegador, punto: str, idioma: Idioma = "es"
) -> Dispositivo:
    claves = ClavesDeNavegador(**navegador.claves)
    carga = RegistrarDispositivo(canal="webpush", punto=punto, claves=claves, idioma=idioma)
    return dispositivos.registrar(usuario, carga, "Mozilla/5.0 (X11; Linux) Firefox/140.0", None)


def sacar(canal: str = Canal.WEBPUSH) -> list[tuple[Aviso, buzon.Resultado]]:
    """Como el cartero: toma lo de ese canal, lo envía y dice en qué quedó."""

    async def enviar() -> list[tuple[Aviso, buzon.Resultado]]:
        salientes, hilo = Salientes(), Hilo("prueba", 1)
        try:
            tomados = await hilo(buzon.tomar, canal, 100)
            listos = await hilo(a_dispositivos.preparar, tomados)
            enviar = (
                a_dispositivos.entregar(salientes, *uno)
                for uno in zip(tomados, listos, strict=True)
            )
            hechos = list(zip(tomados, await asyncio.gather(*enviar), strict=True))
            await hilo(cierre.acabar, hechos)
            return hechos
        finally:
            await salientes.cerrar()
            hilo.cerrar()

    return asyncio.run(enviar())


def test_el_que_descifra_en_las_pruebas_lo_hace_como_la_norma() -> None:
    """El ejemplo de RFC 8291, sección 5."""
    navegador = Navegador(
        de_base64("q1dXpw3UpT5VOmu_cf_v6ih07Aems3njxI-JWgLcM94"),
        de_base64("BTBZMqHH6r4Tts7J_aSIgg"),
    )
    cuerpo = de_base64(
        "DGv6ra1nlYgDCS1FRnbzlwAAEABBBP4z9KsN6nGRTbVYI_c7VJSPQTBtkgcy27mlmlMoZIIgDll6e3vCYLocInmYWA"
        "mS6TlzAC8wEqKK6PBru3jl7A_yl95bQpu6cVPTpK4Mqgkf1CXztLVBSt2Ks3oZwbuwXPXLWyouBWLVWGNWQexSgSxs"
        "j_Qulcy4a-fN"
    )
    assert navegador.descifrar(cuerpo) == b"When I grow up, I want to be a watermelon"


def test_llega_cifrado_firmado_y_con_tema(
    servicio: Servicio, navegador: Navegador, beto: Usuario, decir: Any
) -> None:
    sitio = suscribir(beto, navegador, f"{servicio.url}/punto")
    mensaje = decir("ana", "¿A qué hora quedamos?", prioridad="alta")
    repartir()
    [(aviso, _)] = sacar()
    [peticion] = servicio.recibidas
    assert b"hora" not in peticion.cuerpo
    leido = navegador.leer(peticion.cuerpo)
    assert (leido["cuerpo"], leido["mensajeId"]) == ("¿A qué hora quedamos?", mensaje.mensaje_id)
    assert leido["titulo"].startswith("Ana Prueba")
    assert servicio.cabecera("topic") == leido["etiqueta"] == aviso.pk
    assert (servicio.cabecera("urgency"), servicio.cabecera("ttl")) == ("high", "86400")
    assert servicio.cabecera("content-encoding") == "aes128gcm"
    quien = firmante(servicio.cabecera("authorization"), servicio.url)
    assert quien["sub"] == "mailto:avisos@ejemplo.com"
    assert Aviso.objects.get(canal=Canal.WEBPUSH).estado == "hecho"
    sitio.refresh_from_db()
    assert sitio.ultimo_envio is not None


def test_cada_dispositivo_lo_dice_en_su_idioma(
    servicio: Servicio, navegador: Navegador, beto: Usuario, decir: Any
) -> None:
    for idioma in IDIOMAS:
        suscribir(beto, navegador, f"{servicio.url}/{idioma}", idioma)
    decir("ana", "hola", prioridad="alta")
    decir("ana", "y adiós", prioridad="alta")
    repartir()
    sacar()
    dichos = {p.camino: navegador.leer(p.cuerpo)["cuerpo"] for p in servicio.recibidas}
    assert dichos == {"/es": "y adiós (2 sin leer)", "/en": "y adiós (2 unread)"}
    # Cambia el de la página: el mismo navegador, con otro.
    sitio = suscribir(beto, navegador, f"{servicio.url}/es", "en")
    assert (sitio.idioma, Dispositivo.objects.count()) == ("en", 2)


def test_no_ensena_lo_que_su_dueno_no_quiere(
    servicio: Servicio, navegador: Navegador, beto: Usuario, decir: Any
) -> None:
    nada = AvisosDeCanalPuestos(muestra="nada")
    cambiar("beto", CambiarAvisos(canales=CanalesDeAvisosPuestos(webpush=nada)))
    suscribir(beto, navegador, f"{servicio.url}/punto")
    decir("ana", "secreto")
    repartir()
    sacar()
    leido = navegador.leer(servicio.recibidas[0].cuerpo)
    assert (leido["titulo"], leido["cuerpo"]) == ("Mensajería", "Tienes un mensaje")


@pytest.mark.parametrize("estado", [404, 410])
def test_a_un_navegador_que_ya_no_esta_se_le_olvida(
    servicio: Servicio, navegador: Navegador, beto: Usuario, decir: Any, estado: int
) -> None:
    suscribir(beto, navegador, f"{servicio.url}/punto")
    servicio.contesta.append((estado, {}, b""))
    decir("ana")
    repartir()
    sacar()
    assert not Dispositivo.objects.exists()
    assert not Aviso.objects.filter(canal=Canal.WEBPUSH).exists()


def test_si_pide_esperar_se_espera_y_el_error_queda_a_la_vista(
    servicio: Servicio, navegador: Navegador, beto: Usuario, decir: Any
) -> None:
    suscribir(beto, navegador, f"{servicio.url}/punto")
    servicio.contesta.append((429, {"Retry-After": "120"}, b"despacio"))
    decir("ana")
    repartir()
    sacar()
    aviso = Aviso.objects.get(canal=Canal.WEBPUSH)
    assert (aviso.no_antes_de - ahora()).total_seconds() > 100
    assert "429: despacio" in Dispositivo.objects.get().ultimo_error
    assert sacar() == []


def test_lo_que_no_se_admite_se_entierra(
    servicio: Servicio, navegador: Navegador, beto: Usuario, decir: Any
) -> None:
    suscribir(beto, navegador, f"{servicio.url}/punto")
    servicio.contesta.append((302, {"Location": f"{servicio.url}/otro"}, b""))
    decir("ana")
    repartir()
    sacar()
    assert [p.camino for p in servicio.recibidas] == ["/punto"]
    assert Aviso.objects.get(canal=Canal.WEBPUSH).estado == "enterrado"


def test_sin_nadie_que_conteste_se_intenta_mas_tarde(
    settings: Any, servicio: Servicio, navegador: Navegador, beto: Usuario, decir: Any
) -> None:
    suscribir(beto, navegador, "http://127.0.0.1:9/punto")
    decir("ana")
    repartir()
    sacar()
    aviso = Aviso.objects.get(canal=Canal.WEBPUSH)
    assert (aviso.estado, aviso.intentos) == ("pendiente", 1)


def test_no_se_llama_a_lo_que_no_es_publico(
    settings: Any, servicio: Servicio, navegador: Navegador, beto: Usuario, decir: Any
) -> None:
    settings.SALIENTES_ADMITIDAS = []
    suscribir(beto, navegador, servicio.url.replace("http:", "https:") + "/punto")
    decir("ana")
    repartir()
    sacar()
    assert servicio.recibidas == []
    assert Aviso.objects.get(canal=Canal.WEBPUSH).estado == "enterrado"


def test_salir_de_un_dispositivo_o_cambiar_la_clave_lo_olvida(
    servicio: Servicio, navegador: Navegador, beto: Usuario, decir: Any
) -> None:
    suscribir(beto, navegador, f"{servicio.url}/punto")
    Usuario.objects.filter(pk="beto").update(**revocacion())
    decir("ana")
    repartir()
    sacar()
    assert servicio.recibidas == []
    assert not Dispositivo.objects.exists()


def test_otra_cuenta_en_el_mismo_navegador_se_queda_con_el(
    servicio: Servicio, navegador: Navegador, ana: Usuario, beto: Usuario, decir: Any
) -> None:
    suscribir(beto, navegador, f"{servicio.url}/punto")
    decir("ana")
    repartir()
    suscribir(ana, navegador, f"{servicio.url}/punto")
    assert [d.usuario_id for d in Dispositivo.objects.all()] == ["ana"]
    # Lo que era para beto no sale.
    assert sacar() == []


def test_registrarlo_otra_vez_es_decir_que_sigue_ahi(
    servicio: Servicio, navegador: Navegador, beto: Usuario
) -> None:
    primero = suscribir(beto, navegador, f"{servicio.url}/punto")
    segundo = suscribir(beto, navegador, f"{servicio.url}/punto")
    assert (segundo.pk, segundo.nombre) == (primero.pk, "Firefox en Linux")


def test_probar_dice_que_paso(servicio: Servicio, navegador: Navegador, beto: Usuario) -> None:
    sitio = suscribir(beto, navegador, f"{servicio.url}/punto")
    assert dispositivos.probar(beto, sitio.pk)[0].enviado
    assert "llegan a este" in navegador.leer(servicio.recibidas[0].cuerpo)["cuerpo"]
    servicio.contesta.append((403, {}, b"clave equivocada"))
    prueba, _ = dispositivos.probar(beto, sitio.pk)
    assert (prueba.enviado, "403: clave equivocada" in (prueba.error or "")) == (False, True)
    servicio.contesta.append((410, {}, b""))
    assert "ya no" in (dispositivos.probar(beto, sitio.pk)[0].error or "")
    assert not Dispositivo.objects.exists()


@pytest.mark.parametrize(
    ("p256dh", "auth"), [("A" * 87, "A" * 22), ("x" * 80, "?" * 22), (None, "A" * 20)]
)
def test_unas_claves_que_no_son_de_un_navegador_se_niegan(
    servicio: Servicio, navegador: Navegador, beto: Usuario, p256dh: str | None, auth: str
) -> None:
    claves = ClavesDeNavegador(p256dh=p256dh or navegador.claves["p256dh"], auth=auth)
    carga = RegistrarDispositivo(canal="webpush", punto=servicio.url, claves=claves)
    with pytest.raises(ErrorMensajeria) as error:
        dispositivos.registrar(beto, carga, "", None)
    assert error.value.campo == "claves"


def test_sin_clave_del_servidor_no_se_registra_nada(beto: Usuario, navegador: Navegador) -> None:
    assert webpush.clave_publica() is None
    with pytest.raises(ErrorMensajeria):
        suscribir(beto, navegador, "https://push.ejemplo.com/x")


def test_apagados_no_se_dice_que_haya_canales(
    servicio: Servicio, navegador: Navegador, beto: Usuario, settings: Any
) -> None:
    assert buzon.sale_por(Canal.WEBPUSH) and webpush.clave_publica()
    settings.AVISOS = "no"
    assert not any(map(buzon.sale_por, Canal))
    assert webpush.clave_publica() is None
    with pytest.raises(ErrorMensajeria) as error:
        suscribir(beto, navegador, f"{servicio.url}/punto")
    assert error.value.campo == "canal"


def test_lo_leido_entretanto_no_sale(
    servicio: Servicio, navegador: Navegador, beto: Usuario, decir: Any, pedir: Any
) -> None:
    suscribir(beto, navegador, f"{servicio.url}/punto")
    decir("ana")
    repartir()
    pedir("beto", cargas.MarcarLeido(conversacion_id="conv"))
    sacar()
    assert servicio.recibidas == []


def test_probar_tiene_tope(servicio: Servicio, navegador: Navegador, beto: Usuario) -> None:
    sitio = suscribir(beto, navegador, f"{servicio.url}/punto")
    for _ in range(PRUEBAS_DE_AVISO_POR_MINUTO):
        dispositivos.probar(beto, sitio.pk)
    with pytest.raises(ErrorMensajeria) as error:
        dispositivos.probar(beto, sitio.pk)
    assert error.value.codigo == "RATE_LIMITED"
    assert len(servicio.recibidas) == PRUEBAS_DE_AVISO_POR_MINUTO


def test_uno_imposible_no_para_a_los_demas(
    servicio: Servicio, navegador: Navegador, beto: Usuario, decir: Any
) -> None:
    malo = suscribir(beto, navegador, f"{servicio.url}/malo")
    Dispositivo.objects.filter(pk=malo.pk).update(claves={"p256dh": "no", "auth": "no"})
    for n, direccion in enumerate(("https://1.1.1.1/\x7f", "https://ñ.ejemplo.com/")):
        Dispositivo.objects.create(
            usuario=beto, canal=Canal.WEBPUSH, punto=direccion, huella=str(n), claves=malo.claves
        )
    suscribir(beto, navegador, f"{servicio.url}/bueno")
    decir("ana")
    repartir()
    sacar()
    assert [p.camino for p in servicio.recibidas] == ["/bueno"]
    estados = Aviso.objects.filter(canal=Canal.WEBPUSH).values_list("estado", "ultimo_error")
    assert len([e for e in estados if e[1]]) == 3


def test_a_quien_sale_o_la_silencia_antes_de_que_salga_no_se_le_ensena(
    servicio: Servicio, navegador: Navegador, beto: Usuario, decir: Any, pedir: Any
) -> None:
    suscribir(beto, navegador, f"{servicio.url}/punto")
    decir("ana", "para los que están")
    repartir()
    pedir("beto", cargas.CambiarPreferencias(conversacion_id="conv", silenciada_hasta="siempre"))
    assert sacar()[0][1] == buzon.SOBRA
    pedir("beto", cargas.CambiarPreferencias(conversacion_id="conv", silenciada_hasta=None))
    decir("ana", "otro")
    repartir()
    Participante.objects.filter(usuario="beto").update(activo=False)
    assert sacar()[0][1] == buzon.SOBRA
    assert servicio.recibidas == []


@pytest.mark.parametrize(
    "punto", ["https://[x12345", "https://h:99999/", "https://a\x00b/", "ftp://a.b/c", "https:///x"]
)
def test_una_direccion_a_la_que_no_se_puede_llamar_ni_se_registra_ni_rompe_nada(
    servicio: Servicio, navegador: Navegador, beto: Usuario, punto: str
) -> None:
    with pytest.raises(ErrorMensajeria) as error:
        suscribir(beto, navegador, punto)
    assert error.value.campo == "punto"
    # Una de antes de que se mirara.
    fila = suscribir(beto, navegador, f"{servicio.url}/punto")
    Dispositivo.objects.filter(pk=fila.pk).update(punto=punto.replace("\0", " "))
    assert "No se llama" in (dispositivos.probar(beto, fila.pk)[0].error or "")


def test_unas_claves_que_no_hay_quien_lea_se_dicen_al_probar(
    servicio: Servicio, navegador: Navegador, beto: Usuario
) -> None:
    fila = suscribir(beto, navegador, f"{servicio.url}/punto")
    Dispositivo.objects.filter(pk=fila.pk).update(claves={"p256dh": "no", "auth": "no"})
    assert "No se pudo" in (dispositivos.probar(beto, fila.pk)[0].error or "")


def test_las_pruebas_de_uno_en_uno_y_pocas_a_la_vez(
    servicio: Servicio, navegador: Navegador, beto: Usuario, ana: Usuario
) -> None:
    sitio = suscribir(beto, navegador, f"{servicio.url}/punto")
    for ocupan in ({"beto"}, {f"otra{n}" for n in range(dispositivos.MAX_PRUEBAS)}):
        with contextlib.ExitStack() as en_marcha:
            for quien in ocupan:
                en_marcha.enter_context(dispositivos._probando(quien))
            with pytest.raises(ErrorMensajeria) as error:
                dispositivos.probar(beto, sitio.pk)
            assert error.value.codigo == "RATE_LIMITED" and error.value.reintentar_en
    assert dispositivos.probar(beto, sitio.pk)[0].enviado
