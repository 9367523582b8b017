"""Lo que llega por correo, enviado en su conversación, o negado y dicho a quien lo envió."""

from __future__ import annotations

import time
from collections.abc import Callable
from email.message import EmailMessage
from pathlib import Path
from typing import Any

import pytest
from django.core import mail

from mensajeria.avisos.respuestas import entrada, lectura
from mensajeria.avisos.respuestas.direccion import direccion_para
from mensajeria.avisos.respuestas.entrada import recibir
from mensajeria.models import Archivo, Conversacion, Mensaje, Participante, Usuario
from mensajeria.nodo import nodo
from mensajeria.protocolo import cargas
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria
from tests.archivos import muestras
from tests.avisos.respuestas import correos
from tests.avisos.respuestas.correos import respuesta

pytestmark = [pytest.mark.bd, pytest.mark.usefixtures("conversacion")]


@pytest.fixture(autouse=True)
def _con_respuestas(settings: Any, beto: Usuario) -> None:
    settings.CORREO_DE_RESPUESTAS = "responder@correo.ejemplo.com"
    settings.CORREO_DE_AVISOS = "Servitech <avisos@ejemplo.com>"
    Usuario.objects.filter(pk="beto").update(email="beto@ejemplo.com")
    Usuario.objects.filter(pk="ana").update(email="ana@ejemplo.com")


@pytest.fixture
def de_beto(conversacion: Conversacion) -> str:
    return direccion_para(Participante.objects.get(usuario="beto", conversacion="conv").pk)


def llega(
    para: str, correo: EmailMessage | bytes, sobre: str | None = "beto@ejemplo.com"
) -> bool | CodigoError:
    crudo = correo if isinstance(correo, bytes) else correo.as_bytes()
    try:
        return recibir(crudo, para, sobre, nodo().pedir_una, decirlo=True)
    except ErrorMensajeria as error:
        return error.codigo


def dichos() -> list[str]:
    return list(Mensaje.objects.order_by("secuencia").values_list("texto", flat=True))


def dicho_a() -> list[tuple[str, str]]:
    """A quién se le dijo que no, y por qué."""
    return [(m.to[0], str(m.body).split("Motivo: ")[1].split("\n")[0]) for m in mail.outbox]


def test_lo_que_contesta_se_envia_en_su_nombre(de_beto: str, sobres: list[Any]) -> None:
    correo = respuesta(de_beto, correos.GMAIL_ES_LLANO, correos.GMAIL_ES)
    assert llega(de_beto, correo) is True
    [fila] = Mensaje.objects.all()
    assert (fila.remitente_id, fila.conversacion_id) == ("beto", "conv")
    assert fila.texto == "Sí, mañana a las 10.\n\nLlevo el plano."
    assert "nuevo_mensaje" in {s.evento for s in sobres}
    assert mail.outbox == []


def test_el_mismo_dos_veces_es_un_mensaje(de_beto: str) -> None:
    assert llega(de_beto, respuesta(de_beto)) is True
    # Quien lo entrega le añade lo suyo.
    assert llega(de_beto, b"Received: from otro\n" + respuesta(de_beto).as_bytes()) is True
    assert dichos() == ["Sí, voy."]
    assert llega(de_beto, respuesta(de_beto, Message_ID="<dos@correo.ejemplo.com>")) is True
    assert dichos() == ["Sí, voy.", "Sí, voy."]


def test_con_el_mismo_message_id_no_se_envia_otro(de_beto: str, almacen: Path) -> None:
    assert llega(de_beto, con_archivos(de_beto, ("a.png", muestras.imagen("PNG")))) is True
    otro = con_archivos(de_beto, ("a.jpg", muestras.imagen("JPEG")), texto="Otro\n")
    assert llega(de_beto, otro) is True
    assert dichos() == ["Mira"]
    assert not Archivo.objects.filter(estado__in=Archivo.SIN_ENVIAR).exists()


def test_sin_message_id_se_reconoce_por_lo_que_dice(de_beto: str) -> None:
    for texto in ("Sí.\n", "Sí.\n", "No.\n"):
        assert llega(de_beto, respuesta(de_beto, texto, Message_ID="")) is True
    assert dichos() == ["Sí.", "No."]


def test_el_de_otra_persona_no_entra_y_se_le_dice(de_beto: str) -> None:
    correo = respuesta(de_beto, de="Ana <ana@ejemplo.com>")
    assert llega(de_beto, correo, "ana@ejemplo.com") == "PERMISSION_DENIED"
    assert dicho_a() == [("ana@ejemplo.com", "Contesta desde el correo de tu cuenta.")]
    assert dichos() == []


@pytest.mark.parametrize(
    "de",
    [
        "beto@ejemplo.com <mala@malos.es>",
        "mala@malos.es, beto@ejemplo.com",
        "mala@malos.es <beto@ejemplo.com>, Otra <otra@malos.es>",
        "mala@malos.es (<beto@ejemplo.com>)",
        "beto@ejemplo.com@malos.es",
        "<beto@ejemplo.com>@malos.es",
        "ｂeto@ejemplo.com",
        "(" * 5_000 + "beto@ejemplo.com",
        "",
    ],
)
def test_un_from_que_se_puede_leer_de_dos_modos_no_vale(de_beto: str, de: str) -> None:
    crudo = f"From: {de}\nMessage-ID: <a@b>\n\nHola\n".encode()
    assert llega(de_beto, crudo) == "PERMISSION_DENIED"


@pytest.mark.parametrize("de", ["BETO@Ejemplo.com", '"Prueba, Beto" <beto@ejemplo.com>'])
def test_con_otras_mayusculas_o_su_nombre_entra(de_beto: str, de: str) -> None:
    assert llega(de_beto, respuesta(de_beto, de=de)) is True


def test_dos_from_no_valen(de_beto: str) -> None:
    crudo = b"From: mala@malos.es\n" + respuesta(de_beto).as_bytes()
    assert llega(de_beto, crudo) == "PERMISSION_DENIED"


def test_un_from_tras_un_cr_solo_no_vale(de_beto: str) -> None:
    crudo = respuesta(de_beto, de="mala@malos.es").as_bytes().replace(b"\n", b"\r\n")
    colado = crudo.replace(b"Subject: Re:", b"Subject: Re\rFrom: beto@ejemplo.com\r\rNo soy yo")
    assert llega(de_beto, crudo) == "PERMISSION_DENIED"
    assert llega(de_beto, colado) == "VALIDATION_ERROR"
    assert dichos() == []


def test_el_de_otra_persona_no_se_abre(de_beto: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def no(_: Any) -> Any:
        raise AssertionError("Se abrió")

    monkeypatch.setattr(lectura, "_hojas", no)
    leidos: list[bytes] = []
    de_verdad = lectura._abierto

    def abierto(crudo: bytes) -> Any:
        leidos.append(crudo)
        return de_verdad(crudo)

    monkeypatch.setattr(lectura, "_abierto", abierto)
    correo = respuesta(de_beto, "lo de dentro\n", de="mala@malos.es")
    assert llega(de_beto, correo) == "PERMISSION_DENIED"
    assert leidos and not any(b"lo de dentro" in leido for leido in leidos)


def salir(pedir: Any) -> None:
    pedir("ana", cargas.RemoverParticipante(conversacion_id="conv", usuario_id="beto"))


def desactivar(pedir: Any) -> None:
    Usuario.objects.filter(pk="beto").update(is_active=False)


def cerrar(pedir: Any) -> None:
    Conversacion.objects.filter(pk="conv").update(activa=False)


def callar(pedir: Any) -> None:
    Participante.objects.filter(usuario="beto").update(puede_enviar=False)


@pytest.mark.parametrize("con_archivo", [False, True])
@pytest.mark.parametrize(
    ("hacer", "codigo", "motivo"),
    [
        (salir, "NOT_FOUND", "Ya no participas en esa conversación, o tu cuenta no está activa."),
        (
            desactivar,
            "NOT_FOUND",
            "Ya no participas en esa conversación, o tu cuenta no está activa.",
        ),
        (cerrar, "CONVERSATION_CLOSED", "La conversación está cerrada."),
        (callar, "PERMISSION_DENIED", "Sin permisos para enviar."),
    ],
)
@pytest.mark.usefixtures("almacen")
def test_a_quien_ya_no_puede_se_le_dice(
    de_beto: str, pedir: Any, hacer: Any, codigo: str, motivo: str, con_archivo: bool
) -> None:
    hacer(pedir)
    correo = respuesta(de_beto)
    if con_archivo:
        correo.add_attachment(muestras.imagen("PNG"), "image", "png", filename="a.png")
    assert llega(de_beto, correo) == codigo
    assert dicho_a() == [("beto@ejemplo.com", motivo)]
    assert not Archivo.objects.exists()
    assert "Sí, voy." not in dichos()


def test_a_quien_contesta_tarde_se_le_dice(de_beto: str, monkeypatch: pytest.MonkeyPatch) -> None:
    dentro_de_un_mes = time.time() + 40 * 86_400
    monkeypatch.setattr(time, "time", lambda: dentro_de_un_mes)
    assert llega(de_beto, respuesta(de_beto)) == "TOKEN_EXPIRED"
    assert dicho_a() == [("beto@ejemplo.com", "La dirección a la que contestas ya caducó.")]


def test_a_una_direccion_inventada_no_se_le_contesta_nada(de_beto: str) -> None:
    mala = f"responder+{'a' * 39}@correo.ejemplo.com"
    assert llega(mala, respuesta(mala)) == "NOT_FOUND"
    assert mail.outbox == []


@pytest.mark.parametrize(
    ("cabeceras", "sobre"),
    [
        ({"Auto_Submitted": "auto-replied"}, "beto@ejemplo.com"),
        ({"Auto_Submitted": "auto-generated; x=y"}, "beto@ejemplo.com"),
        ({"Precedence": "bulk"}, "beto@ejemplo.com"),
        ({"X_Autoreply": "yes"}, "beto@ejemplo.com"),
        ({"List_Id": "<lista.ejemplo.com>"}, "beto@ejemplo.com"),
        ({}, ""),
        ({"Return_Path": "<>"}, None),
    ],
)
def test_lo_que_escribe_un_programa_ni_se_envia_ni_se_contesta(
    de_beto: str, cabeceras: dict[str, str], sobre: str | None
) -> None:
    assert llega(de_beto, respuesta(de_beto, **cabeceras), sobre) is False
    cerrar(None)
    assert llega(de_beto, respuesta(de_beto, **cabeceras), sobre) is False
    assert dichos() == [] and mail.outbox == []


def test_lo_de_una_persona_con_auto_submitted_no_si(de_beto: str) -> None:
    assert llega(de_beto, respuesta(de_beto, Auto_Submitted="no")) is True


def test_la_negativa_no_deja_lugar_a_bucles_ni_repite_lo_que_llega(de_beto: str) -> None:
    cerrar(None)
    crudo = (
        respuesta(de_beto)
        .as_bytes()
        .replace(b"Subject: Re:", b"Subject: =?utf-8?q?Hola=0ABcc:_otra@malos.es?= Re:")
    )
    assert llega(de_beto, crudo) == "CONVERSATION_CLOSED"
    [dicho] = mail.outbox
    escrito = dicho.message()
    assert escrito["Auto-Submitted"] == "auto-replied"
    assert escrito["In-Reply-To"] == "<uno@correo.ejemplo.com>"
    assert escrito["Reply-To"] is None
    assert "malos" not in escrito.as_string() and "Sí, voy" not in dicho.body
    assert dicho.recipients() == ["beto@ejemplo.com"]


def test_una_identidad_con_saltos_no_entra_en_la_negativa(de_beto: str) -> None:
    cerrar(None)
    for mala in (b"<a\r\n b@c>", b"<a b@c>", b"=?utf-8?q?<a=0A@c>?=", b"<a@c>\x00<"):
        crudo = respuesta(de_beto, Message_ID="").as_bytes()
        assert llega(de_beto, b"Message-ID: " + mala + b"\n" + crudo) == "CONVERSATION_CLOSED"
    for dicho in mail.outbox:
        assert dicho.message()["In-Reply-To"] in (None, "<a@c>")


def test_la_negativa_tiene_tope(de_beto: str) -> None:
    cerrar(None)
    for n in range(5):
        llega(de_beto, respuesta(de_beto, Message_ID=f"<{n}@x>"))
    assert len(mail.outbox) == 2


@pytest.mark.parametrize("sobre", ["avisos@ejemplo.com", "responder@correo.ejemplo.com", None])
def test_a_si_mismo_no_se_contesta(de_beto: str, sobre: str | None) -> None:
    de = sobre or de_beto
    assert llega(de_beto, respuesta(de_beto, de=de), sobre) == "PERMISSION_DENIED"
    assert mail.outbox == []


def test_sin_nada_nuevo_o_demasiado_largo_se_dice(de_beto: str) -> None:
    assert llega(de_beto, respuesta(de_beto, "> a\n> b\n> c\n")) == "VALIDATION_ERROR"
    assert llega(de_beto, respuesta(de_beto, "hola " * 1_001)) == "VALIDATION_ERROR"
    assert [motivo for _, motivo in dicho_a()] == [
        "No trae nada nuevo: ni texto, ni archivos.",
        "El texto pasa de 5000 letras.",
    ]


def test_el_limite_de_mensajes_es_el_de_todos_y_no_se_dice(de_beto: str, settings: Any) -> None:
    settings.MENSAJES_POR_MINUTO = 1
    assert llega(de_beto, respuesta(de_beto, Message_ID="<1@x>")) is True
    assert llega(de_beto, respuesta(de_beto, Message_ID="<2@x>")) == "RATE_LIMITED"
    assert llega(de_beto, respuesta(de_beto, Message_ID="<1@x>")) is True
    assert len(dichos()) == 1 and mail.outbox == []


# Los archivos


def con_archivos(para: str, *trae: tuple[str, bytes], texto: str = "Mira\n") -> EmailMessage:
    correo = respuesta(para, texto)
    for nombre, crudo in trae:
        correo.add_attachment(crudo, "application", "octet-stream", filename=nombre)
    return correo


def test_los_archivos_se_guardan_uno_por_mensaje(de_beto: str, almacen: Path) -> None:
    trae = ("Vista – ñ.png", muestras.imagen("PNG")), ("otra.jpg", muestras.imagen("JPEG"))
    for _ in range(2):
        assert llega(de_beto, con_archivos(de_beto, *trae)) is True
    filas = list(Mensaje.objects.order_by("secuencia"))
    assert [(f.texto, f.tipo, f.archivo["nombre"]) for f in filas if f.archivo] == [
        ("Mira", "imagen", "Vista – ñ.png"),
        ("", "imagen", "otra.jpg"),
    ]
    assert len(filas) == 2
    estados = Archivo.objects.values_list("estado", flat=True)
    assert sorted(estados) == ["enviado", "enviado"]


def test_si_uno_no_se_admite_no_se_envia_nada(de_beto: str, almacen: Path) -> None:
    trae = ("a.png", muestras.imagen("PNG")), ("malo.html", b"<html><script>1</script></html>")
    assert llega(de_beto, con_archivos(de_beto, *trae)) == "FILE_TYPE_NOT_ALLOWED"
    assert dichos() == [] and not Archivo.objects.exclude(estado="sobra").exists()
    [(_, motivo)] = dicho_a()
    assert motivo.startswith("«malo.html»: ")


def test_solo_archivos_vale(de_beto: str, almacen: Path) -> None:
    correo = con_archivos(de_beto, ("a.png", muestras.imagen("PNG")), texto="\n")
    assert llega(de_beto, correo) is True
    assert dichos() == [""]


def test_las_imagenes_de_lo_citado_no_se_envian(de_beto: str, almacen: Path) -> None:
    html = (
        '<p>Mira <img src="cid:pegada"></p><div>El 27 nov 2026, Servitech escribió:</div>'
        '<blockquote>x<img src="cid:logo"></blockquote>'
    )
    correo = respuesta(de_beto, "Mira [image: pegada.png]\n", html)
    [_, alternativa] = correo.iter_parts()
    for cid in ("pegada", "logo"):
        crudo = muestras.imagen("PNG")
        alternativa.add_related(crudo, "image", "png", cid=f"<{cid}>", filename=f"{cid}.png")
    assert llega(de_beto, correo) is True
    [fila] = Mensaje.objects.all()
    assert fila.archivo is not None
    assert (fila.texto, fila.archivo["nombre"]) == ("Mira", "pegada.png")


def test_si_la_base_no_escribe_se_intenta_mas_tarde(de_beto: str, almacen: Path) -> None:
    def sin_base(_: Any) -> Any:
        raise ErrorMensajeria(CodigoError.UNAVAILABLE)

    crudo = con_archivos(de_beto, ("a.png", muestras.imagen("PNG"))).as_bytes()
    with pytest.raises(ErrorMensajeria, match="UNAVAILABLE"):
        recibir(crudo, de_beto, "beto@ejemplo.com", sin_base, decirlo=True)
    assert mail.outbox == []
    assert llega(de_beto, crudo) is True
    assert Archivo.objects.count() == 1


# Lo hecho a mala idea


def anidado(niveles: int) -> bytes:
    dentro = b"Content-Type: text/plain\n\nhola\n"
    for n in range(niveles):
        marca = b"m%d" % n
        cabecera = b'Content-Type: multipart/mixed; boundary="%s"\n\n' % marca
        dentro = cabecera + b"--%s\n%s\n--%s--\n" % (marca, dentro, marca)
    return dentro


def de(cuerpo: bytes) -> bytes:
    return b"From: beto@ejemplo.com\nMessage-ID: <x@y>\nMIME-Version: 1.0\n" + cuerpo


def muchas_partes(cuantas: int) -> bytes:
    return b'Content-Type: multipart/mixed; boundary="a"\n\n' + b"--a\n\nhola\n" * cuantas


@pytest.mark.parametrize(
    "bomba",
    [
        lambda: anidado(1_000),
        lambda: anidado(25),
        lambda: b"Content-Type: message/rfc822\n\n" * 400 + b"hola\n" * 400_000,
        lambda: muchas_partes(10_000),
        lambda: b"X-A: " + b"a" * 100_000 + b"\n\nhola",
        lambda: b"X-A: b\n" * 20_000 + b"\nhola",
        lambda: b"\n" + b"\n" * 1_000_000,
        lambda: b"\n" + b"a" * 30_000_000,
        lambda: b"Content-Type: text/plain" + b';"' * 20_000 + b"\n\nhola",
        lambda: muchas_partes(1) + b"--a\nContent-Type: a/b" + b';\n "' * 500_000 + b"\n\nx\n",
        lambda: b"\n" + b"a\r" * 5_000_000,
        lambda: (
            muchas_partes(1) + b"--a\nX: a\rContent-Type: a/b; " + b"a=1;" * 400_000 + b"\n\nx\n"
        ),
    ],
    ids=[
        "anidada",
        "anidada-25",
        "reenviada",
        "partes",
        "cabecera",
        "cabeceras",
        "lineas",
        "larga",
        *"xy",
        "lineas-cr",
        "parametros-cr",
    ],
)
def test_una_bomba_se_niega(de_beto: str, bomba: Callable[[], bytes]) -> None:
    antes = time.process_time()
    quedo = llega(de_beto, de(bomba()))
    assert time.process_time() - antes < 10
    assert quedo in ("VALIDATION_ERROR", "PAYLOAD_TOO_LARGE")
    assert dichos() == []


def test_de_mucho_texto_se_mira_lo_que_cabe(de_beto: str) -> None:
    partes = muchas_partes(50).replace(b"--a\n", b"--a\nContent-Type: text/html\n")
    crudo = de(partes + b"--a\nContent-Type: text/html\n\n" + b"<b>" * 4_000_000)
    antes = time.process_time()
    assert llega(de_beto, crudo) is True
    assert time.process_time() - antes < 10


@pytest.mark.parametrize(
    ("cuerpo", "queda"),
    [
        (b"Content-Type: text/plain; charset=no-hay\n\nS\xc3\xad", "Sí"),
        (b"Content-Type: text/plain; charset=punycode\n\nhola", "hola"),
        (b"Content-Type: text/plain; charset=zlib\n\nhola", "hola"),
        (b'Content-Type: text/plain; charset="\xff\xfe"\n\nhola', "hola"),
        (b"Content-Type: text/plain; charset=utf-8\n\nS\xed \xff", "S\ufffd \ufffd"),
        (b"Content-Type: text/plain; charset=iso-8859-1\n\nS\xed", "Sí"),
        (b"Content-Type: text/plain; charset=utf-7\n\n+2AA-hola", None),
        (b"Content-Type: text/plain\n\nho\x00la\x1b[31m\x07", "hola[31m"),
        (b"Content-Type: text/html\n\n<p>ho\x00la</p>", "hola"),
        (b"Content-Type: text/plain\nContent-Transfer-Encoding: base64\n\nno!es@base64", None),
        (b"Content-Type: multipart/mixed\n\nsin marca", None),
        (b"Content-Type: ;;;\n\nhola", "hola"),
    ],
)
def test_lo_roto_se_lee_como_se_puede(de_beto: str, cuerpo: bytes, queda: str | None) -> None:
    quedo = llega(de_beto, de(cuerpo))
    assert quedo in (True, "VALIDATION_ERROR")
    if queda is not None:
        assert dichos() == [queda]


def test_un_nombre_de_archivo_no_es_un_camino_ni_lleva_controles(
    de_beto: str, almacen: Path
) -> None:
    correo = con_archivos(de_beto, ("../../a\u202egnp.png", muestras.imagen("PNG")))
    assert llega(de_beto, correo) is True
    [fila] = Mensaje.objects.all()
    assert fila.archivo is not None
    assert "\u202e" not in fila.archivo["nombre"]
    assert not list(almacen.parent.rglob("*gnp*"))


def test_mas_archivos_de_los_que_caben(de_beto: str, almacen: Path) -> None:
    trae = [(f"{n}.png", b"x") for n in range(lectura.MAX_ADJUNTOS + 1)]
    assert llega(de_beto, con_archivos(de_beto, *trae)) == "VALIDATION_ERROR"


def test_un_fallo_inesperado_es_pasajero(de_beto: str, monkeypatch: pytest.MonkeyPatch) -> None:
    def romper(*_: Any) -> Any:
        raise ZeroDivisionError

    monkeypatch.setattr(lectura.Correo, "contenido", romper)
    assert llega(de_beto, respuesta(de_beto)) == "INTERNAL_ERROR"
    assert CodigoError.INTERNAL_ERROR in entrada.PASAJEROS and mail.outbox == []
