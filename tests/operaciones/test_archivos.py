"""Enviar lo que se subió: quien lo subió, una vez, y si ya se puede ver."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import msgspec
import pytest
from django.db import connection, connections
from django.test.utils import CaptureQueriesContext

from mensajeria.difusion.sobre import Sobre
from mensajeria.models import Archivo, Conversacion, Mensaje, Participante
from mensajeria.protocolo import cargas
from mensajeria.protocolo.errores import ErrorMensajeria
from tests.archivos import muestras
from tests.archivos.apoyo import con_archivo, subir

pytestmark = [pytest.mark.bd, pytest.mark.usefixtures("almacen", "conversacion")]

_E = Archivo.Estado


def negado(pedir: Any, quien: str, carga: cargas.EnviarMensaje) -> tuple[str, str | None]:
    with pytest.raises(ErrorMensajeria) as error:
        pedir(quien, carga)
    return error.value.codigo.value, error.value.campo


def _archivo(mensaje_id: str) -> Any:
    """Lo que ese mensaje guarda del suyo."""
    return Mensaje.objects.get(pk=mensaje_id).archivo


def estado(id_: str) -> str:
    return Archivo.objects.get(pk=id_).estado


def test_un_mensaje_lleva_lo_que_hace_falta_para_verlo(pedir: Any, sobres: list[Sobre]) -> None:
    subido = subir("ana", nombre="Viaje a Ávila.png")
    acuse = pedir("ana", con_archivo(subido.pk, id_cliente="uno"))
    fila = Mensaje.objects.get(pk=acuse.mensaje_id)
    assert (fila.tipo, fila.texto) == ("imagen", "")
    [nuevo] = [s for s in sobres if s.evento == "nuevo_mensaje"]
    archivo = msgspec.json.decode(nuevo.datos)["mensaje"]["contenido"]["archivo"]
    raiz = f"/api/mensajeria/archivos/{subido.pk}"
    assert archivo == {
        "_id": subido.pk,
        "nombre": "Viaje a Ávila.png",
        "url": f"{raiz}/contenido/",
        "tamano": subido.tamano,
        "tipo": "image/png",
        "clase": "imagen",
        "ancho": 64,
        "alto": 48,
        "miniaturas": [
            {"url": f"{raiz}/pequena/", "ancho": 64, "alto": 48},
            {"url": f"{raiz}/mediana/", "ancho": 64, "alto": 48},
        ],
        "borroso": archivo["borroso"],
    }
    assert archivo["borroso"].startswith("data:image/webp;base64,")
    subida = Archivo.objects.get(pk=subido.pk)
    assert (subida.estado, subida.mensaje_id) == (_E.ENVIADO, acuse.mensaje_id)
    # El reintento es el mismo, aunque el archivo ya esté enviado.
    assert pedir("ana", con_archivo(subido.pk, id_cliente="uno")).mensaje_id == acuse.mensaje_id
    otro = subir("ana")
    assert negado(pedir, "ana", con_archivo(otro.pk, id_cliente="uno"))[0] == "CONFLICT"


@pytest.mark.parametrize(
    ("crudo", "tipo"),
    [(muestras.wav(), "audio"), (muestras.mp4(), "video"), (muestras.pdf(), "archivo")],
)
def test_sin_decir_el_tipo_es_lo_que_sea_el_archivo(crudo: bytes, tipo: str, pedir: Any) -> None:
    acuse = pedir("ana", con_archivo(subir("ana", crudo).pk))
    assert Mensaje.objects.get(pk=acuse.mensaje_id).tipo == tipo


def test_el_tipo_que_se_dice_ha_de_ser_el_suyo(pedir: Any) -> None:
    foto = subir("ana").pk
    assert negado(pedir, "ana", con_archivo(foto, tipo="audio")) == ("VALIDATION_ERROR", "tipo")
    assert estado(foto) == _E.LISTO
    acuse = pedir("ana", con_archivo(foto, tipo="archivo"))
    assert Mensaje.objects.get(pk=acuse.mensaje_id).tipo == "archivo"


def test_tambien_vale_como_viene_al_subirlo(pedir: Any) -> None:
    archivo = cargas.ArchivoEnviado(id_de_la_forma=subir("ana").pk, nombre="x", url="/y")
    contenido = cargas.ContenidoEnviado(archivo=archivo)
    acuse = pedir("ana", cargas.EnviarMensaje(conversacion_id="conv", contenido=contenido))
    assert _archivo(acuse.mensaje_id)["nombre"] == "foto.png"


def test_solo_lo_envia_quien_lo_subio_donde_puede_ir_y_una_vez(pedir: Any) -> None:
    suyo, ajeno = subir("ana").pk, subir("beto").pk
    Conversacion.objects.create(id="otra", tipo="grupal")
    atado = subir("ana", conversacion="otra").pk
    nada = ("NOT_FOUND", "contenido.archivo.id")
    for id_ in (ajeno, atado, "nadie"):
        assert negado(pedir, "ana", con_archivo(id_)) == nada
    assert negado(pedir, "carla", con_archivo(suyo))[0] == "NOT_FOUND"
    pedir("ana", con_archivo(suyo))
    assert negado(pedir, "ana", con_archivo(suyo)) == ("CONFLICT", "contenido.archivo.id")
    assert negado(pedir, "beto", con_archivo(suyo)) == nada


@pytest.mark.parametrize(
    ("en", "codigo"),
    [(_E.EN_REVISION, "UNAVAILABLE"), (_E.SUBIENDO, "NOT_FOUND"), (_E.SOBRA, "NOT_FOUND")],
)
def test_lo_que_aun_no_esta_o_ya_no_no_se_envia(en: str, codigo: str, pedir: Any) -> None:
    id_ = subir("ana").pk
    Archivo.objects.filter(pk=id_).update(estado=en)
    assert negado(pedir, "ana", con_archivo(id_))[0] == codigo
    assert not Mensaje.objects.exists()


def test_de_dos_envios_a_la_vez_en_dos_conversaciones_sale_uno(pedir: Any) -> None:
    """Cada uno retiene su conversación, y los dos, el archivo."""
    otra = Conversacion.objects.create(id="otra", tipo="grupal")
    Participante.objects.create(conversacion=otra, usuario_id="ana")

    def enviar(id_: str, donde: str) -> Any:
        try:
            return pedir("ana", con_archivo(id_, conversacion_id=donde))
        except ErrorMensajeria as error:
            return error.codigo.value
        finally:
            connections.close_all()

    with ThreadPoolExecutor(2) as hilos:
        for _ in range(5):
            id_ = subir("ana").pk
            salidos = list(hilos.map(enviar, [id_, id_], ["conv", "otra"]))
            assert salidos.count("CONFLICT") == 1, salidos
            suyo = Archivo.objects.get(pk=id_).mensaje_id
            assert [m.pk for m in Mensaje.objects.all() if (m.archivo or {}).get("id") == id_] == [
                suyo
            ]


@pytest.mark.parametrize("personal", [False, True])
def test_al_eliminar_el_mensaje_su_archivo_sobra(personal: bool, pedir: Any) -> None:
    quedan, se_va = (pedir("ana", con_archivo(subir("ana").pk)).mensaje_id for _ in range(2))
    pedir("ana", cargas.EliminarMensaje(mensaje_id=se_va), personal=personal)
    assert Archivo.objects.get(mensaje=se_va).estado == _E.SOBRA
    assert Archivo.objects.get(mensaje=quedan).estado == _E.ENVIADO


def test_ocultarlo_y_editarlo_no_lo_tocan(pedir: Any) -> None:
    id_ = pedir("ana", con_archivo(subir("ana").pk, "mira")).mensaje_id
    pedir("ana", cargas.EditarMensaje(mensaje_id=id_, texto="mirad"))
    pedir("ana", cargas.OcultarMensaje(mensaje_id=id_, razon="r"), personal=True)
    pedir("ana", cargas.RestaurarMensaje(mensaje_id=id_, razon="r"), personal=True)
    assert Archivo.objects.get(mensaje=id_).estado == _E.ENVIADO
    assert _archivo(id_)["nombre"] == "foto.png"


def test_uno_de_fuera_sigue_valiendo(pedir: Any) -> None:
    archivo = cargas.ArchivoEnviado(nombre="a.pdf", url="https://a.es/a.pdf")
    contenido = cargas.ContenidoEnviado(archivo=archivo)
    carga = cargas.EnviarMensaje(conversacion_id="conv", contenido=contenido, tipo="archivo")
    id_ = pedir("ana", carga).mensaje_id
    pedir("ana", cargas.EliminarMensaje(mensaje_id=id_))
    assert not Archivo.objects.exists()


def test_un_texto_no_pregunta_por_archivos_y_uno_con_archivo_dos_sentencias_mas(
    decir: Any, pedir: Any, almacen: Path
) -> None:
    id_ = subir("ana").pk
    decir("ana")
    with CaptureQueriesContext(connection) as de_texto:
        decir("ana")
    with CaptureQueriesContext(connection) as de_archivo:
        pedir("ana", con_archivo(id_))
    assert not [q for q in de_texto.captured_queries if "mensajeria_archivo" in q["sql"]]
    # Leerlo, bloqueado, y apuntar de qué mensaje es.
    assert len(de_archivo) - len(de_texto) == 2
