"""A quién ve cada cual, y que lo que no ve no se note por ninguna parte."""

from __future__ import annotations

from typing import Any

import pytest
from django.db import IntegrityError, connection
from django.test.utils import CaptureQueriesContext
from rest_framework.test import APIClient

from mensajeria.consultas import buscar_personas
from mensajeria.models import Conversacion, PalabraDeUsuario, Participante, Usuario
from mensajeria.nodo import Nodo
from tests.servicios import firmar

pytestmark = pytest.mark.bd

C = "/api/mensajeria/conversaciones/"
U = "/api/mensajeria/usuarios/"


def cliente(quien: str) -> APIClient:
    uno = APIClient()
    uno.credentials(HTTP_AUTHORIZATION=f"Bearer {firmar(quien)}")
    return uno


def persona(id_: str, nombre: str, apellido: str = "", **mas: Any) -> Usuario:
    return Usuario.objects.create(
        id=id_, username=mas.pop("username", id_), nombre=nombre, apellido=apellido, **mas
    )


def ids(filas: Any) -> list[str]:
    return [f.id for f in filas]


@pytest.fixture
def gente(conversacion: Conversacion, ana: Usuario) -> Usuario:
    """ana comparte `conv` con beto; no comparte nada con carla, con eva, que es experta, ni con
    nora, que está desactivada."""
    persona("eva", "Eva", "Experta", es_experto=True)
    persona("nora", "Nora", "Experta", es_experto=True, is_active=False)
    return ana


@pytest.mark.parametrize(
    ("politica", "ve"),
    [
        ("todos", {"beto", "carla", "eva"}),
        ("expertos", {"beto", "eva"}),
        ("compartida", {"beto"}),
    ],
)
def test_la_misma_politica_por_todas_partes(
    settings: Any, gente: Usuario, politica: str, ve: set[str]
) -> None:
    settings.VISIBILIDAD = politica
    de_ana = cliente("ana")
    halladas = de_ana.get(U).json()["results"]
    assert {f["_id"] for f in halladas} == ve
    no_existe = de_ana.get(U + "nadie/")
    assert no_existe.status_code == 404
    for quien in ("beto", "carla", "eva", "nora"):
        una = de_ana.get(f"{U}{quien}/")
        assert (una.status_code == 200) == (quien in ve)
        crear = {"participantes": [{"usuarioId": quien}]}
        creada = de_ana.post(C, crear, format="json")
        assert (creada.status_code == 201) == (quien in ve)
        sumar = de_ana.post(C + "conv/participantes/", {"usuarioId": quien}, format="json")
        assert sumar.status_code == (404 if quien not in ve else 409 if quien == "beto" else 201)
        if quien not in ve:
            crear = {"participantes": [{"usuarioId": "nadie"}]}
            assert una.content == no_existe.content
            assert creada.content == de_ana.post(C, crear, format="json").content
            nadie = de_ana.post(C + "conv/participantes/", {"usuarioId": "nadie"}, format="json")
            assert sumar.content == nadie.content


def test_por_el_rest_del_original_tampoco(settings: Any, gente: Usuario) -> None:
    settings.VISIBILIDAD = "expertos"
    de_ana = cliente("ana")

    def crear(otro: str) -> Any:
        datos = {"participantes": [{"usuarioId": "ana"}, {"usuarioId": otro}], "titulo": "Hola"}
        return de_ana.post(C, datos, format="json")

    def sumar(quien: str) -> Any:
        datos = {"accion": "agregar", "usuarioId": quien, "adminId": "ana"}
        return de_ana.put(C + "conv/participantes", datos, format="json")

    for pedir in (crear, sumar):
        oculta, no_existe = pedir("carla"), pedir("nadie")
        assert oculta.status_code == 404
        assert oculta.content == no_existe.content
        assert pedir("eva").status_code < 300


def test_ocultar_cuesta_lo_mismo_que_no_existir(settings: Any, gente: Usuario) -> None:
    settings.VISIBILIDAD = "expertos"
    de_ana = cliente("ana")

    def consultas(quien: str) -> list[int]:
        cuentas = []
        for pedir in (
            lambda: de_ana.get(f"{U}{quien}/"),
            lambda: de_ana.post(C, {"participantes": [{"usuarioId": quien}]}, format="json"),
            lambda: de_ana.post(C + "conv/participantes/", {"usuarioId": quien}, format="json"),
        ):
            with CaptureQueriesContext(connection) as hechas:
                assert pedir().status_code == 404
            cuentas.append(len(hechas))
        return cuentas

    assert consultas("carla") == consultas("nora") == consultas("nadie")


def test_el_personal_ve_a_todos_y_cada_cual_a_si_mismo(settings: Any, gente: Usuario) -> None:
    settings.VISIBILIDAD = "compartida"
    assert cliente("carla").get(U + "carla/").json()["_id"] == "carla"
    assert cliente("carla").get(U).json() == {"results": []}
    persona("mod", "Marta", is_staff=True)
    assert {f["_id"] for f in cliente("mod").get(U).json()["results"]} == {
        "ana",
        "beto",
        "carla",
        "eva",
    }
    assert cliente("mod").get(U + "carla/").status_code == 200


def test_quien_salio_de_una_conversacion_ya_no_se_ve(settings: Any, gente: Usuario) -> None:
    settings.VISIBILIDAD = "compartida"
    suya = Participante.objects.filter(conversacion="conv", usuario="beto")
    suya.update(activo=False)
    de_ana = cliente("ana")
    assert de_ana.get(U + "beto/").status_code == 404
    # Pero su sitio en ella se le puede devolver a quien ella ve que estuvo.
    sumar = de_ana.post(C + "conv/participantes/", {"usuarioId": "beto"}, format="json")
    assert sumar.status_code == 201
    assert de_ana.get(U + "beto/").status_code == 200


def test_la_individual_que_ya_hubo_se_pide_otra_vez(
    settings: Any, ana: Usuario, beto: Usuario
) -> None:
    pedida = {"participantes": [{"usuarioId": "beto"}]}
    primera = cliente("ana").post(C, pedida, format="json").json()["_id"]
    cliente("ana").delete(f"{C}{primera}/participantes/ana/")
    settings.VISIBILIDAD = "compartida"
    otra = cliente("ana").post(C, pedida, format="json")
    assert (otra.status_code, otra.json()["_id"]) == (200, primera)


@pytest.mark.parametrize("politica", ["expertos", "compartida"])
def test_a_quien_salio_de_la_individual_no_se_le_arrastra_a_otra(
    settings: Any, ana: Usuario, beto: Usuario, politica: str
) -> None:
    pedida = {"participantes": [{"usuarioId": "beto"}]}
    primera = cliente("ana").post(C, pedida, format="json").json()["_id"]
    settings.VISIBILIDAD = politica
    con_asesoria = {**pedida, "asesoria": "a1"}
    cliente("ana").delete(f"{C}{primera}/participantes/ana/")
    assert cliente("ana").post(C, con_asesoria, format="json").status_code == 404
    assert cliente("ana").post(C, pedida, format="json").status_code == 200
    cliente("beto").delete(f"{C}{primera}/participantes/beto/")
    for carga in (pedida, con_asesoria):
        assert cliente("ana").post(C, carga, format="json").status_code == 404
    assert cliente("ana").get(U + "beto/").status_code == 404
    assert Conversacion.objects.count() == 1
    # Quien salió sí vuelve con quien se quedó.
    vuelta = cliente("beto").post(C, {"participantes": [{"usuarioId": "ana"}]}, format="json")
    assert (vuelta.status_code, vuelta.json()["_id"]) == (200, primera)


def test_se_busca_por_el_principio_de_cualquier_palabra(ana: Usuario) -> None:
    persona("b1", "Beto", "Benítez", username="bbenitez")
    persona("b2", "José María", "Ñúñez", username="chema@correo.es")
    assert ids(buscar_personas(ana, "ben")) == ["b1"]
    assert ids(buscar_personas(ana, "BENÍTEZ beto")) == ["b1"]
    assert ids(buscar_personas(ana, "bben")) == ["b1"]
    assert ids(buscar_personas(ana, "maria nun")) == ["b2"]
    assert ids(buscar_personas(ana, "maria nun j c")) == ["b2"]
    assert buscar_personas(ana, "maria nun j x") == []
    assert ids(buscar_personas(ana, "chem")) == ["b2"]
    assert buscar_personas(ana, "correo") == buscar_personas(ana, "%") == []
    assert buscar_personas(ana, "enitez") == buscar_personas(ana, "beto maria") == []
    assert ids(buscar_personas(ana, "")) == ["b1", "b2"]


def test_con_quien_se_habla_va_primero_y_el_correo_no_va(ana: Usuario, settings: Any) -> None:
    persona("b1", "Beto", "Abad")
    persona("b2", "Beto", "Zeta", username="beto@correo.es")
    cliente("ana").post(C, {"participantes": [{"usuarioId": "b2"}]}, format="json")
    primera, segunda = cliente("ana").get(U, {"q": "beto"}).json()["results"]
    assert (primera["_id"], segunda["_id"]) == ("b2", "b1")
    assert primera == {
        "_id": "b2",
        "nombre": "Beto",
        "apellido": "Zeta",
        "avatar_url": "",
        "username": "beto",
        "esExperto": False,
        "enLinea": False,
        "ultimaConexion": None,
    }


def test_quien_cambia_de_nombre_se_halla_por_el_nuevo(ana: Usuario, beto: Usuario) -> None:
    cambiado = cliente("beto").patch(
        U + "yo/", {"nombre": " Norberto ", "apellido": "Ávila"}, format="json"
    )
    assert (cambiado.json()["nombre"], cambiado.json()["apellido"]) == ("Norberto", "Ávila")
    assert ids(buscar_personas(ana, "avil")) == ["beto"]
    assert buscar_personas(ana, "prueba") == []
    en_blanco = cliente("beto").patch(U + "yo/", {"nombre": " \u200b"}, format="json")
    assert (en_blanco.status_code, en_blanco.json()["campo"]) == (400, "nombre")
    beto.refresh_from_db()
    beto.es_experto = True
    beto.save(update_fields=["es_experto"])
    assert set(beto.palabras.values_list("de_experto", flat=True)) == {True}


def test_veinte_como_mucho_y_con_limite_de_ritmo(ana: Usuario, settings: Any) -> None:
    Usuario.objects.bulk_create(
        Usuario(id=f"p{n:02}", username=f"p{n:02}", nombre=f"Pía {n:02}") for n in range(30)
    )
    assert ids(buscar_personas(ana, "pia")) == [f"p{n:02}" for n in range(20)]
    settings.BUSQUEDAS_DE_PERSONAS_POR_MINUTO = 2
    estados = [cliente("ana").get(U, {"q": "pia"}) for _ in range(3)]
    assert [e.status_code for e in estados] == [200, 200, 429]
    assert estados[-1].json()["reintentarEn"] > 0
    assert cliente("ana").get(U, {"q": "x" * 201}).status_code == 400


def test_quien_dejo_de_ser_experto_no_se_halla(settings: Any, gente: Usuario) -> None:
    """Aunque sus palabras sigan apuntadas como de experto: las apuntó quien aún lo leyó así."""
    settings.VISIBILIDAD = "expertos"
    assert "eva" in ids(buscar_personas(gente, "eva"))
    Usuario.objects.filter(pk="eva").update(es_experto=False)
    assert ids(buscar_personas(gente, "eva")) == []


def test_quien_sale_mientras_se_le_invita_no_se_arrastra(
    settings: Any, monkeypatch: pytest.MonkeyPatch, ana: Usuario, beto: Usuario
) -> None:
    """Entre leer a quién ve y cumplir la orden, beto sale de la individual por la que lo veía."""
    pedida = {"participantes": [{"usuarioId": "beto"}]}
    individual = cliente("ana").post(C, pedida, format="json").json()["_id"]
    settings.VISIBILIDAD = "compartida"
    pedir = Nodo.pedir_una

    def tras_salir(nodo: Nodo, orden: Any) -> Any:
        Participante.objects.filter(conversacion=individual, usuario="beto").update(activo=False)
        return pedir(nodo, orden)

    monkeypatch.setattr(Nodo, "pedir_una", tras_salir)
    assert cliente("ana").post(C, pedida, format="json").status_code == 404
    assert Conversacion.objects.count() == 1


def test_con_la_individual_cerrada_y_los_dos_dentro_se_empieza_otra(
    settings: Any, ana: Usuario, beto: Usuario
) -> None:
    pedida = {"participantes": [{"usuarioId": "beto"}]}
    cliente("ana").post(C, pedida, format="json")
    settings.VISIBILIDAD = "compartida"
    Conversacion.objects.update(activa=False)
    assert cliente("ana").post(C, pedida, format="json").status_code == 201


@pytest.mark.parametrize("campo", ["nombre", "apellido"])
def test_dos_cambios_de_nombre_a_la_vez_no_pierden_palabras(
    ana: Usuario, beto: Usuario, campo: str
) -> None:
    """El segundo guarda un campo con lo demás ya viejo, que lo cambió el primero."""
    uno, otro = Usuario.objects.get(pk="beto"), Usuario.objects.get(pk="beto")
    otro.nombre, otro.apellido = "Norberto", "Ávila"
    otro.save(update_fields={"nombre", "apellido"} - {campo})
    setattr(uno, campo, "Zoe")
    uno.save(update_fields=[campo])
    quedan = {"zoe", "beto", "avila" if campo == "nombre" else "norberto"}
    assert set(beto.palabras.values_list("palabra", flat=True)) == quedan


def test_una_palabra_no_se_apunta_dos_veces(beto: Usuario) -> None:
    with pytest.raises(IntegrityError):
        PalabraDeUsuario.objects.create(usuario=beto, palabra="beto")
