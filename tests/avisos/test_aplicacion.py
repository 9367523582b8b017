"""En la aplicación: una notificación por conversación, con nombres y una cuenta común."""

from __future__ import annotations

from typing import Any

import pytest

from mensajeria.avisos.canales import aplicacion
from mensajeria.avisos.preferencias import cambiar
from mensajeria.models import Aviso, Conversacion, Notificacion, Usuario
from mensajeria.nodo import nodo
from mensajeria.protocolo import cargas
from mensajeria.protocolo.avisos import (
    AvisosDeCanalPuestos,
    CambiarAvisos,
    CanalesDeAvisosPuestos,
)
from tests.avisos.apoyo import datos_de, repartir, sacar_de_la_aplicacion

pytestmark = [pytest.mark.bd, pytest.mark.usefixtures("conversacion")]


def test_dice_quien_escribio_donde_y_que(decir: Any) -> None:
    Conversacion.objects.update(nombre_personalizado="Obra")
    mensaje = decir("ana", "¿A qué hora?")
    repartir()
    [(quien, datos)] = sacar_de_la_aplicacion()
    assert quien == "beto"
    assert (datos["titulo"], datos["mensaje"]) == ("Ana Prueba en «Obra»", "¿A qué hora?")
    assert (datos["tipo"], datos["sinLeer"]) == ("mensaje_nuevo", 1)
    assert datos["datos"]["mensajeId"] == mensaje.mensaje_id
    assert Notificacion.objects.get().pk == datos["_id"]


def test_quien_no_tiene_nombre_no_ensena_su_correo(decir: Any) -> None:
    Usuario.objects.filter(pk="ana").update(username="ana@casa.com", nombre="", apellido="")
    decir("ana", "hola")
    repartir()
    [(_, datos)] = sacar_de_la_aplicacion()
    assert datos["titulo"].split()[0] == "ana"
    assert "@" not in str(datos)


def test_la_misma_se_reabre_y_cuenta(decir: Any) -> None:
    decir("ana", "uno")
    repartir()
    [(_, primera)] = sacar_de_la_aplicacion()
    decir("ana", "dos")
    repartir()
    [(_, segunda)] = sacar_de_la_aplicacion()
    assert segunda["_id"] == primera["_id"]
    assert (segunda["mensaje"], segunda["datos"]["cuantos"]) == ("dos (2 sin leer)", 2)
    assert segunda["sinLeer"] == 1


@pytest.mark.parametrize(
    ("muestra", "titulo", "cuerpo", "decirlo"),
    [
        ("todo", "Ana Prueba en «Obra»", "secreto", ["Ana Prueba", "Obra", "secreto"]),
        ("quien", "Ana Prueba en «Obra»", "Te escribió", ["Ana Prueba", "Obra", None]),
        ("nada", "Mensajería", "Tienes un mensaje", ["", None, None]),
    ],
)
def test_ensena_lo_que_su_dueno_quiere(
    decir: Any, muestra: Any, titulo: str, cuerpo: str, decirlo: list[str | None]
) -> None:
    Conversacion.objects.update(nombre_personalizado="Obra")
    puestos = AvisosDeCanalPuestos(muestra=muestra)
    canales = CanalesDeAvisosPuestos(aplicacion=puestos)
    cambiar("beto", CambiarAvisos(canales=canales))
    decir("ana", "secreto")
    repartir()
    [(_, datos)] = sacar_de_la_aplicacion()
    assert (datos["titulo"], datos["mensaje"]) == (titulo, cuerpo)
    assert [datos["datos"].get(c) for c in ("quien", "nombre", "texto")] == decirlo


def test_lo_leido_entretanto_no_se_envia(decir: Any, pedir: Any) -> None:
    decir("ana")
    repartir()
    pedir("beto", cargas.MarcarLeido(conversacion_id="conv"))
    assert sacar_de_la_aplicacion() == []
    assert Aviso.objects.get(canal="aplicacion").estado == "hecho"


def test_lo_eliminado_entretanto_no_se_envia_y_de_lo_demas_lo_ultimo(
    decir: Any, pedir: Any
) -> None:
    primero, ultimo = decir("ana", "queda"), decir("ana", "se va")
    repartir()
    pedir("ana", cargas.EliminarMensaje(mensaje_id=ultimo.mensaje_id))
    [(_, datos)] = sacar_de_la_aplicacion()
    assert (datos["mensaje"], datos["datos"]["mensajeId"]) == ("queda", primero.mensaje_id)


def test_a_quien_sacaron_no_se_le_dice_nada(decir: Any, pedir: Any) -> None:
    decir("ana")
    repartir()
    pedir("ana", cargas.RemoverParticipante(conversacion_id="conv", usuario_id="beto"))
    assert sacar_de_la_aplicacion() == []


def test_leer_la_conversacion_baja_la_cuenta_en_todas_partes(
    decir: Any, pedir: Any, monkeypatch: pytest.MonkeyPatch
) -> None:
    decir("ana")
    repartir()
    [(_, datos)] = sacar_de_la_aplicacion()
    leido: list[Any] = []
    monkeypatch.setattr(nodo().ejecutor, "al_leer", leido.extend)
    pedir("beto", cargas.MarcarLeido(conversacion_id="conv"))
    [(quien, leidas)] = datos_de(aplicacion.leidas(leido))
    assert (quien, leidas["ids"], leidas["sinLeer"]) == ("beto", [datos["_id"]], 0)
    assert Notificacion.objects.get().leida


def test_lo_que_se_leyo_sin_saberlo_lo_encuentra_el_repaso(decir: Any, pedir: Any) -> None:
    decir("ana")
    repartir()
    sacar_de_la_aplicacion()
    assert aplicacion.repasar_leidas() == []
    pedir("beto", cargas.MarcarLeido(conversacion_id="conv"))
    assert [quien for quien, _ in datos_de(aplicacion.repasar_leidas())] == ["beto"]


def test_lo_eliminado_deja_de_leerse_en_su_notificacion(decir: Any, pedir: Any) -> None:
    mensaje = decir("ana", "la clave es 1234")
    repartir()
    sacar_de_la_aplicacion()
    assert Notificacion.objects.get().mensaje == "la clave es 1234"
    pedir("ana", cargas.EliminarMensaje(mensaje_id=mensaje.mensaje_id))
    repartir()
    assert Notificacion.objects.get().mensaje == aplicacion.RETIRADO
    assert Notificacion.objects.get().datos["texto"] == aplicacion.RETIRADO


def test_lo_editado_dice_lo_nuevo_en_su_notificacion(decir: Any, pedir: Any) -> None:
    decir("ana", "antes")
    mensaje = decir("ana", "la clave es 1234")
    repartir()
    sacar_de_la_aplicacion()
    pedir("ana", cargas.EditarMensaje(mensaje_id=mensaje.mensaje_id, texto="ya no"))
    repartir()
    fila = Notificacion.objects.get()
    assert (fila.mensaje, fila.datos["texto"]) == ("ya no (2 sin leer)", "ya no")


def test_una_mencion_silenciada_ensena_la_que_nombra(decir: Any, pedir: Any, carla: Any) -> None:
    Conversacion.objects.get(pk="conv").participantes.create(usuario=carla)
    pedir("beto", cargas.CambiarPreferencias(conversacion_id="conv", silenciada_hasta="siempre"))
    decir("ana", "@beto, mira")
    decir("carla", "lo ajeno")
    repartir()
    suyas = [datos for quien, datos in sacar_de_la_aplicacion() if quien == "beto"]
    assert [d["datos"]["texto"] for d in suyas] == ["@beto, mira"]


def test_una_mencion_silenciada_que_se_elimina_no_ensena_otro(decir: Any, pedir: Any) -> None:
    pedir("beto", cargas.CambiarPreferencias(conversacion_id="conv", silenciada_hasta="siempre"))
    decir("ana", "lo silenciado")
    mencion = decir("ana", "@beto, mira")
    repartir()
    pedir("ana", cargas.EliminarMensaje(mensaje_id=mencion.mensaje_id))
    assert sacar_de_la_aplicacion() == []
