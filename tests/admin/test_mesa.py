"""Cada acción de la mesa por quien modera, quien administra y quien no puede."""

from __future__ import annotations

import re
from collections.abc import Callable
from typing import Any, NamedTuple
from urllib.parse import quote

import pytest
from django.contrib.admin.models import LogEntry
from django.contrib.auth.models import Permission
from django.test import Client

from mensajeria.difusion.sobre import Sobre
from mensajeria.models import Conversacion, Mensaje, Moderacion, Participante, Usuario
from mensajeria.protocolo import cargas
from mensajeria.protocolo.validacion import convertir
from tests.conftest import Pedir
from tests.numerosas import poblar

pytestmark = [pytest.mark.bd, pytest.mark.usefixtures("todos")]

RAIZ = "/admin/mensajeria"
MOTIVO = "no se puede"


class Caso(NamedTuple):
    """Una acción sobre `ids`, con lo que hace falta antes y lo que tiene que quedar."""

    modelo: str
    accion: str
    quedo: Callable[[], bool]
    eventos: list[str]
    mas: dict[str, str] = {}


def _mensaje() -> Mensaje:
    return Mensaje.objects.get()


def _beto() -> Participante:
    return Participante.objects.get(usuario="beto")


CASOS = [
    Caso("mensaje", "ocultar", lambda: _mensaje().oculto, ["mensaje_eliminado"]),
    Caso("mensaje", "restaurar", lambda: not _mensaje().oculto, ["mensaje_editado"]),
    Caso("mensaje", "eliminar", lambda: _mensaje().eliminado, ["mensaje_eliminado"]),
    Caso("mensaje", "fijar", lambda: _mensaje().fijado_por is not None, ["mensaje_fijado"]),
    Caso("mensaje", "desfijar", lambda: not _mensaje().fijado, ["mensaje_desfijado"]),
    Caso(
        "conversacion",
        "cerrar",
        lambda: not Conversacion.objects.get().activa,
        ["conversacion_actualizada"],
    ),
    Caso(
        "conversacion",
        "reabrir",
        lambda: Conversacion.objects.get().activa,
        ["conversacion_actualizada"],
    ),
    Caso(
        "participante",
        "cambiar",
        lambda: (_beto().rol, _beto().puede_enviar) == ("moderador", False),
        ["conversacion_actualizada"],
        {"rol": "moderador", "puede_enviar": "no"},
    ),
    Caso(
        "participante",
        "quitar",
        lambda: not _beto().activo,
        ["notificacion", "participante_removido"],
    ),
    Caso("usuario", "desactivar", lambda: not Usuario.objects.get(pk="beto").is_active, []),
    Caso("usuario", "reactivar", lambda: Usuario.objects.get(pk="beto").is_active, []),
]
cada_caso = pytest.mark.parametrize("caso", CASOS, ids=lambda c: c.accion)


@pytest.fixture
def objeto(decir: Pedir, pedir: Pedir) -> Callable[[Caso], str]:
    """Prepara lo que el caso necesita y devuelve el id de su objeto."""

    def _objeto(caso: Caso) -> str:
        id_ = str(decir("beto", "hola").mensaje_id)
        if caso.accion == "restaurar":
            pedir("mod", cargas.OcultarMensaje(mensaje_id=id_, razon="x"), personal=True)
        if caso.accion == "desfijar":
            pedir("ana", cargas.FijarMensaje(mensaje_id=id_))
        Conversacion.objects.update(activa=caso.accion != "reabrir")
        Usuario.objects.filter(pk="beto").update(is_active=caso.accion != "reactivar")
        return {
            "mensaje": id_,
            "conversacion": "conv",
            "participante": _beto().pk,
            "usuario": "beto",
        }[caso.modelo]

    return _objeto


def como(quien: str, **opciones: Any) -> Client:
    cliente = Client(**opciones)
    if quien:
        cliente.force_login(Usuario.objects.get(pk=quien))
    return cliente


def url_de(caso: Caso) -> str:
    return f"{RAIZ}/{caso.modelo}/accion/{caso.accion}/"


def confirmado(caso: Caso, id_: str) -> dict[str, str]:
    return {"ids": id_, "confirmar": "1", "motivo": MOTIVO, **caso.mas}


class TestPermisos:
    @cada_caso
    @pytest.mark.parametrize("quien", ["mod", "admin"])
    def test_quien_puede(
        self, quien: str, caso: Caso, objeto: Callable[[Caso], str], sobres: list[Sobre]
    ) -> None:
        id_ = objeto(caso)
        antes = len(sobres)
        cliente = como(quien)
        pregunta = cliente.get(url_de(caso), {"ids": id_})
        assert pregunta.status_code == 200
        assert 'name="motivo"' in pregunta.content.decode()
        assert not LogEntry.objects.exists()

        hecho = cliente.post(url_de(caso), confirmado(caso, id_), follow=True)
        assert hecho.redirect_chain[-1][0] == f"{RAIZ}/{caso.modelo}/"
        assert caso.quedo()
        assert [s.evento for s in sobres[antes:]] == caso.eventos
        [entrada] = LogEntry.objects.all()
        assert (entrada.user_id, entrada.object_id) == (quien, id_)
        assert entrada.change_message.endswith(f"Motivo: {MOTIVO}")
        historia = cliente.get(f"{RAIZ}/{caso.modelo}/{id_}/history/").content.decode()
        assert MOTIVO in historia

    @cada_caso
    def test_quien_no(self, caso: Caso, objeto: Callable[[Caso], str]) -> None:
        id_ = objeto(caso)
        elegido = {**confirmado(caso, id_), "action": caso.accion, "_selected_action": id_}
        for quien, estado in (("", 302), ("ana", 302), ("sinmas", 403)):
            cliente = como(quien)
            for respuesta in (
                cliente.get(url_de(caso), {"ids": id_}),
                cliente.post(url_de(caso), confirmado(caso, id_)),
                cliente.post(f"{RAIZ}/{caso.modelo}/", {**elegido, "index": "0"}),
            ):
                assert respuesta.status_code == estado
                if estado == 302:
                    assert respuesta["Location"].startswith("/admin/login/")
        sin_token = como("mod", enforce_csrf_checks=True)
        assert sin_token.post(url_de(caso), confirmado(caso, id_)).status_code == 403
        assert not caso.quedo()
        assert not LogEntry.objects.exists()

    @cada_caso
    def test_mirar_no_es_poder(self, caso: Caso, objeto: Callable[[Caso], str]) -> None:
        """Con permiso de ver y ninguno de actuar, ni se ofrece ni se admite."""
        usuario = Usuario.objects.get(pk="sinmas")
        usuario.user_permissions.set(Permission.objects.filter(codename__startswith="view_"))
        id_ = objeto(caso)
        cliente = como("sinmas")
        assert cliente.post(url_de(caso), confirmado(caso, id_)).status_code == 403
        lista = cliente.get(f"{RAIZ}/{caso.modelo}/")
        assert lista.status_code == 200
        assert f'value="{caso.accion}"' not in lista.content.decode()
        cliente.post(
            f"{RAIZ}/{caso.modelo}/",
            {"action": caso.accion, "_selected_action": id_, "index": "0"},
        )
        assert (
            f"accion/{caso.accion}/"
            not in cliente.get(f"{RAIZ}/{caso.modelo}/{id_}/change/").content.decode()
        )
        assert not caso.quedo()

    def test_lo_que_un_moderador_no_hace(self) -> None:
        cliente = como("mod")
        for camino in (
            "usuario/add/",
            "usuario/ana/password/",
            "usuario/ana/delete/",
            "mensaje/add/",
            "conversacion/conv/delete/",
            "conversacion/add/",
        ):
            assert cliente.get(f"{RAIZ}/{camino}").status_code == 403
            assert cliente.post(f"{RAIZ}/{camino}", {"post": "yes"}).status_code == 403

    def test_borrar_filas_no_lo_hace_nadie(self, objeto: Callable[[Caso], str]) -> None:
        filas = (f"mensaje/{objeto(CASOS[0])}", f"participante/{_beto().pk}")
        for camino in (*filas, "conversacion/conv", "usuario/ana"):
            respuesta = como("admin").post(f"{RAIZ}/{camino}/delete/", {"post": "yes"})
            assert respuesta.status_code == 403

    def test_un_moderador_no_asciende_a_nadie_ni_cambia_mensajes(self, decir: Pedir) -> None:
        id_ = decir("beto", "hola").mensaje_id
        cliente = como("mod")
        for camino, datos in (
            ("usuario/mod/change/", {"username": "mod", "is_superuser": "on", "is_staff": "on"}),
            ("usuario/ana/change/", {"username": "otra", "is_staff": "on"}),
            (f"mensaje/{id_}/change/", {"texto": "otro"}),
        ):
            assert cliente.post(f"{RAIZ}/{camino}", datos).status_code == 403
        assert not Usuario.objects.filter(is_superuser=True).exclude(pk="admin").exists()
        assert Mensaje.objects.get().texto == "hola"
        pagina = cliente.get(f"{RAIZ}/usuario/ana/change/").content.decode()
        # Palabra entera: tres letras al azar las puede llevar un token de formulario.
        assert not re.search(r"\bmd5\b", pagina)
        assert "password" not in pagina.split('id="content"')[1]

    def test_un_moderador_no_toca_al_personal(self) -> None:
        caso = next(c for c in CASOS if c.accion == "desactivar")
        respuesta = como("mod").post(url_de(caso), confirmado(caso, "admin"), follow=True)
        assert "Las cuentas del personal las cambia quien administra" in respuesta.content.decode()
        assert Usuario.objects.get(pk="admin").is_active

    def test_desde_donde_se_envio_es_otro_permiso(self, decir: Pedir, mod: Usuario) -> None:
        id_ = decir("beto", "hola").mensaje_id
        Mensaje.objects.update(ip="203.0.113.9", agente="Navegador secreto")
        paginas = [f"mensaje/{id_}/change/", "conversacion/conv/transcripcion/"]
        for camino in paginas:
            assert "203.0.113.9" in como("mod").get(f"{RAIZ}/{camino}").content.decode()
        [grupo] = mod.groups.all()
        grupo.permissions.remove(grupo.permissions.get(codename="ver_conexion"))
        for camino in paginas:
            pagina = como("mod").get(f"{RAIZ}/{camino}").content.decode()
            assert "203.0.113.9" not in pagina
            assert "Navegador secreto" not in pagina


class TestMotivo:
    CASO = CASOS[0]

    def test_sin_un_motivo_que_valga_no_se_hace(self, objeto: Callable[[Caso], str]) -> None:
        datos = confirmado(self.CASO, objeto(self.CASO))
        cliente = como("mod")
        for motivo in ("", "   ", "\u202e\u200b", "x" * 201, "con\x1b", "con\x9f"):
            respuesta = cliente.post(url_de(self.CASO), {**datos, "motivo": motivo})
            assert respuesta.status_code == 200
            assert "errorlist" in respuesta.content.decode()
        con_nulo = cliente.post(url_de(self.CASO), {**datos, "motivo": "con\x00nulo"})
        assert (con_nulo.status_code, "NUL" in con_nulo.content.decode()) == (400, True)
        assert not self.CASO.quedo()

    def test_los_controles_se_quitan_y_no_es_html(self, objeto: Callable[[Caso], str]) -> None:
        datos = confirmado(self.CASO, objeto(self.CASO))
        datos["motivo"] = " <b>feo</b>\r\n\u202ey al revés "
        como("mod").post(url_de(self.CASO), datos)
        assert _mensaje().razon_ocultacion == "<b>feo</b> y al revés"
        inicio = como("mod").get("/admin/").content.decode()
        assert "&lt;b&gt;feo&lt;/b&gt;" in inicio

    def test_cambiar_sin_elegir_que(self, objeto: Callable[[Caso], str]) -> None:
        caso = next(c for c in CASOS if c.accion == "cambiar")
        datos = {"ids": objeto(caso), "confirmar": "1", "motivo": MOTIVO}
        respuesta = como("mod").post(url_de(caso), datos)
        assert "Elige qué cambia" in respuesta.content.decode()
        assert not LogEntry.objects.exists()

    def test_nada_elegido_lo_ajeno_y_demasiado(self) -> None:
        cliente = como("mod")
        for ids in ([], ["no_existe"]):
            respuesta = cliente.post(url_de(self.CASO), {"ids": ids}, follow=True)
            assert "No has elegido nada" in respuesta.content.decode()
        assert cliente.get(f"{RAIZ}/mensaje/accion/inventada/").status_code == 404

    def test_no_se_vuelve_a_otro_sitio(self, objeto: Callable[[Caso], str]) -> None:
        datos = confirmado(self.CASO, objeto(self.CASO))
        cliente = como("mod")
        for a_donde in ("https://malo.test/", "//malo.test", "javascript:alert(1)"):
            respuesta = cliente.post(url_de(self.CASO), {**datos, "siguiente": a_donde})
            assert respuesta["Location"] == f"{RAIZ}/mensaje/"


class TestVarios:
    def test_de_la_lista_al_motivo_y_a_todos(self, decir: Pedir, sobres: list[Sobre]) -> None:
        ids = [str(decir("ana", f"m{i}").mensaje_id) for i in range(3)]
        sobres.clear()
        cliente = como("mod")
        lista = f"{RAIZ}/mensaje/?tipo__exact=texto"
        pregunta = cliente.post(lista, {"action": "ocultar", "_selected_action": ids, "index": "0"})
        pagina = pregunta.content.decode()
        assert pregunta.status_code == 200
        assert all(id_ in pagina for id_ in ids)
        cliente.post(
            f"{RAIZ}/mensaje/accion/eliminar/",
            {"ids": ids[0], "confirmar": "1", "motivo": "x"},
        )
        hecho = cliente.post(
            f"{RAIZ}/mensaje/accion/ocultar/",
            {"ids": ids, "confirmar": "1", "motivo": "spam", "siguiente": lista},
            follow=True,
        )
        assert hecho.redirect_chain[-1][0] == lista
        texto = hecho.content.decode()
        assert "2 mensajes ocultados." in texto
        assert "El mensaje está eliminado: conv n.º 1." in texto
        assert [s.evento for s in sobres] == ["mensaje_eliminado"] * 3
        assert LogEntry.objects.count() == 3

    def test_mas_de_lo_que_cabe_se_rehusa(
        self, decir: Pedir, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("mensajeria.admin.acciones.MAX_A_LA_VEZ", 2)
        ids = [str(decir("ana").mensaje_id) for _ in range(3)]
        respuesta = como("mod").post(
            f"{RAIZ}/mensaje/",
            {"action": "ocultar", "_selected_action": ids, "index": "0", "select_across": "1"},
            follow=True,
        )
        assert "Elige 2 como mucho" in respuesta.content.decode()
        assert not Mensaje.objects.filter(oculto=True).exists()


class TestMirar:
    @pytest.mark.parametrize("quien", ["mod", "admin"])
    def test_todas_las_paginas(self, quien: str, decir: Pedir) -> None:
        id_ = decir("ana").mensaje_id
        cliente = como(quien)
        caminos = ["", "mensajeria/"]
        for modelo, pk in (
            ("conversacion", "conv"),
            ("mensaje", id_),
            ("participante", _beto().pk),
            ("usuario", "ana"),
        ):
            caminos += [f"mensajeria/{modelo}/{c}" for c in ("", f"{pk}/change/", f"{pk}/history/")]
        caminos += ["mensajeria/conversacion/conv/transcripcion/", "admin/logentry/"]
        for camino in caminos:
            assert cliente.get(f"/admin/{camino}").status_code == 200, camino

    def test_buscar_y_filtrar(self, decir: Pedir, pedir: Pedir) -> None:
        decir("ana", "una aguja en el pajar")
        decir("beto", "paja")
        id_ = decir("ana", "más paja").mensaje_id
        pedir("ana", cargas.FijarMensaje(mensaje_id=decir("ana", "a la vista").mensaje_id))
        pedir("mod", cargas.OcultarMensaje(mensaje_id=id_, razon="x"), personal=True)
        cliente = como("mod")
        for filtro, cuantos in (
            ("q=aguja", 1),
            ("q=beto", 1),
            ("q=conv", 4),
            ("q=AGÚJA", 1),
            ("q=pajar+aguja", 1),
            ("q=más+paja", 1),
            (f"q={id_}", 1),
            ("q=nada+de+nada", 0),
            ("estado=visible", 3),
            ("estado=fijado", 1),
            ("estado=oculto", 1),
            ("estado=eliminado", 0),
            ("tipo__exact=imagen", 0),
        ):
            respuesta = cliente.get(f"{RAIZ}/mensaje/?{filtro}")
            assert respuesta.context["cl"].result_count == cuantos, filtro

    def test_las_listas_no_crecen_en_consultas(
        self, decir: Pedir, django_assert_max_num_queries: Any
    ) -> None:
        for _ in range(12):
            decir("ana")
        cliente = como("mod")
        cliente.get("/admin/")
        for camino, cuantas in (
            ("/admin/", 20),
            (f"{RAIZ}/mensaje/", 12),
            (f"{RAIZ}/conversacion/", 12),
            (f"{RAIZ}/participante/", 12),
            (f"{RAIZ}/conversacion/conv/transcripcion/", 14),
        ):
            with django_assert_max_num_queries(cuantas):
                cliente.get(camino)

    def test_una_numerosa_no_va_entera_a_ninguna_pagina(
        self, conversacion: Conversacion, decir: Pedir, pedir: Pedir
    ) -> None:
        id_ = decir("ana").mensaje_id
        gente = poblar(conversacion, 101)
        for quien in gente[:25]:
            pedir(quien, cargas.AgregarReaccion(mensaje_id=id_, tipo="like"))
        for n in range(5):
            pedir("ana", cargas.EditarMensaje(mensaje_id=id_, texto=f"v{n}" + "x" * 3000))
        cliente = como("admin")
        lista, suya, accion, leida = (
            cliente.get(f"{RAIZ}/conversacion/{camino}").content.decode()
            for camino in ("", "conv/change/", "accion/cerrar/?ids=conv", "conv/transcripcion/")
        )
        assert all("101 personas" in pagina for pagina in (lista, accion, leida))
        assert "u050" not in lista + suya + accion
        a_la_lista = f'href="{RAIZ}/participante/?q=conv"'
        assert a_la_lista in suya and a_la_lista in leida
        assert (leida.count("Me gusta"), leida.count("v3xxx")) == (20, 1)
        assert "Versiones anteriores (5)" in leida and len(leida) < 30_000
        todos = cliente.get(f"{RAIZ}/participante/?q=conv")
        assert todos.context["cl"].result_count == 101
        assert cliente.get(f"{RAIZ}/mensaje/{id_}/change/").content.decode().count("xxx</bdi>") == 5

    def test_la_transcripcion_por_paginas(
        self, decir: Pedir, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("mensajeria.admin.transcripcion.POR_PAGINA", 4)
        for i in range(1, 11):
            decir("ana", f"texto-{i}")
        cliente = como("mod")

        def pagina(pregunta: str) -> tuple[list[int], int | None, int | None]:
            url = f"{RAIZ}/conversacion/conv/transcripcion/{pregunta}"
            vista = cliente.get(url).context["pagina"]
            numeros = [b.fila.secuencia for b in vista.burbujas]
            return numeros, vista.anterior, vista.siguiente

        assert pagina("") == ([7, 8, 9, 10], 6, None)
        assert pagina("?hasta=6") == ([3, 4, 5, 6], 2, 7)
        assert pagina("?hasta=2") == ([1, 2], None, 3)
        assert pagina("?desde=3") == ([3, 4, 5, 6], 2, 7)
        assert pagina("?desde=99") == ([], None, None)
        assert pagina(f"?desde={quote('²')}") == pagina("?hasta=-1") == pagina("")
        assert pagina("?hasta=" + "9" * 40) == pagina("")

    def test_las_paginas_se_acotan_tambien_por_lo_que_ocupan(
        self, decir: Pedir, monkeypatch: pytest.MonkeyPatch
    ) -> None:
        monkeypatch.setattr("mensajeria.admin.transcripcion.MAX_BYTES", 12_000)
        for _ in range(5):
            decir("ana", "ñ" * 2_500)
        cliente = como("mod")
        transcripcion = f"{RAIZ}/conversacion/conv/transcripcion/"
        for pregunta, numeros in (("", [4, 5]), ("?hasta=3", [2, 3]), ("?desde=3", [3, 4])):
            vista = cliente.get(transcripcion + pregunta).context["pagina"]
            assert [b.fila.secuencia for b in vista.burbujas] == numeros
        # Uno solo va siempre, y en la lista va lo primero de cada uno.
        monkeypatch.setattr("mensajeria.admin.transcripcion.MAX_BYTES", 1)
        assert len(cliente.get(transcripcion).context["pagina"].burbujas) == 1
        lista = cliente.get(f"{RAIZ}/mensaje/").content.decode()
        assert 5 * 100 < lista.count("ñ") < 5 * 300

    def test_la_transcripcion_dice_lo_que_paso(self, decir: Pedir, pedir: Pedir) -> None:
        uno = decir("ana", "secreto").mensaje_id
        pedir("ana", cargas.EditarMensaje(mensaje_id=uno, texto="menos secreto"))
        pedir("beto", cargas.MarcarLeido(conversacion_id="conv"))
        pedir("beto", cargas.AgregarReaccion(mensaje_id=uno, tipo="like"))
        dos = decir("beto", "feo", respuesta_a=uno).mensaje_id
        pedir("mod", cargas.OcultarMensaje(mensaje_id=dos, razon="muy feo"), personal=True)
        tres = decir("ana", "borrado").mensaje_id
        pedir("ana", cargas.EliminarMensaje(mensaje_id=tres))
        pagina = como("mod").get(f"{RAIZ}/conversacion/conv/transcripcion/").content.decode()
        for texto in (
            "menos secreto",
            "Versiones anteriores (1)",
            ">secreto<",
            "Leído",
            "Me gusta",
            "feo",
            "Oculto por",
            "muy feo",
            "Eliminado por",
        ):
            assert texto in pagina
        assert ">borrado<" not in pagina

    def test_lo_que_no_es_texto_se_dice_con_palabras(self, pedir: Pedir) -> None:
        lugar = {"latitud": 4.6, "longitud": -74, "direccion": "Bogotá"}
        cartera = {"nombre": "Notaría <b>", "telefono": "300 1"}
        for tipo, datos in (("ubicacion", lugar), ("contacto", cartera)):
            contenido = {"tipo": tipo, "metadatos": {tipo: datos}}
            mensaje = {"conversacionId": "conv", "contenido": contenido, "prioridad": "baja"}
            pedir("ana", convertir(mensaje, cargas.EnviarMensaje))
        numeros = {"secuencia": 3, "secuencia_cambio": 9}
        Mensaje.objects.create(
            conversacion_id="conv", texto="Se cerró el caso", tipo="sistema", **numeros
        )
        Conversacion.objects.update(ultima_secuencia=3)
        uno = Mensaje.objects.get(secuencia=1).pk
        pedir("beto", cargas.AgregarReaccion(mensaje_id=uno, tipo="angry"))
        pedir("ana", cargas.AgregarReaccion(mensaje_id=uno, tipo="thumbs_down"))
        Mensaje.objects.filter(secuencia=3).update(respuesta_a=uno)
        cliente = como("mod")
        transcripcion = cliente.get(f"{RAIZ}/conversacion/conv/transcripcion/").content.decode()
        for texto in ("4.6, -74, Bogotá", "Notaría &lt;b&gt;, 300 1", "Baja", "Sistema"):
            assert texto in transcripcion
        for texto in ("Me enfada", "No me gusta", "Se cerró el caso"):
            assert texto in transcripcion
        assert "(sin texto)" not in transcripcion
        [cita] = re.findall(r"<blockquote.*?</blockquote>", transcripcion, re.DOTALL)
        assert "4.6, -74, Bogotá" in cita
        lista = cliente.get(f"{RAIZ}/mensaje/?tipo__exact=ubicacion&prioridad__exact=baja")
        assert "4.6, -74, Bogotá" in lista.content.decode()
        assert "Notaría" not in lista.content.decode()

    def test_lo_que_la_moderacion_del_original_dejo_dicho(self, decir: Pedir) -> None:
        uno, dos = (decir("ana", texto).mensaje_id for texto in ("feo", "bonito"))
        denuncia = {"razon": "<b>insulta</b>", "moderado_por": "quien"}
        Moderacion.objects.create(mensaje_id=uno, reportado=True, aprobado=False, **denuncia)
        Conversacion.objects.update(archivada=True)
        cliente = como("mod")
        ficha = cliente.get(f"{RAIZ}/mensaje/{uno}/change/").content.decode()
        assert "Denunciado, sin aprobar: &lt;b&gt;insulta&lt;/b&gt;" in ficha
        assert "revisado por" in ficha.lower()
        assert "Denuncia" not in cliente.get(f"{RAIZ}/mensaje/{dos}/change/").content.decode()
        lista = cliente.get(f"{RAIZ}/mensaje/?estado=denunciado").content.decode()
        assert (">feo<" in lista, ">bonito<" in lista) == (True, False)
        pagina = cliente.get(f"{RAIZ}/conversacion/conv/transcripcion/").content.decode()
        assert pagina.count("Denunciado") == 1
        assert "archivada" in pagina
        archivadas = cliente.get(f"{RAIZ}/conversacion/?archivada__exact=1")
        assert archivadas.context["cl"].result_count == 1

    def test_lo_que_no_existe(self) -> None:
        cliente = como("mod")
        assert cliente.get(f"{RAIZ}/conversacion/nada/transcripcion/").status_code == 404
        assert como("sinmas").get(f"{RAIZ}/conversacion/conv/transcripcion/").status_code == 403
        assert como("ana").get(f"{RAIZ}/conversacion/conv/transcripcion/").status_code == 302


class TestQuienAdministra:
    def test_asciende_y_revoca(self) -> None:
        cliente = como("admin")
        datos = {"username": "ana", "nombre": "Ana", "apellido": "Prueba", "is_staff": "on"}
        assert cliente.post(f"{RAIZ}/usuario/ana/change/", datos).status_code == 302
        ana = Usuario.objects.get(pk="ana")
        assert (ana.is_staff, ana.is_active, ana.version) == (True, True, 1)
        assert ana.tokens_desde is not None

    def test_crea_cuentas(self) -> None:
        datos = {
            "username": "nueva",
            "usable_password": "true",
            "password1": "una clave larga 9",
            "password2": "una clave larga 9",
        }
        assert como("admin").post(f"{RAIZ}/usuario/add/", datos).status_code == 302
        assert Usuario.objects.get(username="nueva").check_password("una clave larga 9")

    @pytest.mark.parametrize("campo", ["nombre", "apellido", "avatar_url", "email"])
    def test_una_cuenta_no_lleva_caracteres_de_control_ni_lo_que_no_se_ve(self, campo: str) -> None:
        for texto, queja in (("a\x1b@b.es", "caracteres de control"), ("\u200b", "no se vería")):
            datos = {"username": "ana", campo: texto}
            pagina = como("admin").post(f"{RAIZ}/usuario/ana/change/", datos)
            assert queja in pagina.content.decode()
        assert Usuario.objects.get(pk="ana").nombre == "Ana"

    def test_un_avatar_se_puede_abrir_sin_riesgo(self) -> None:
        cliente, camino = como("admin"), f"{RAIZ}/usuario/ana/change/"
        for mala in ("javascript:alert(1)", "//otro.test/a.png", "data:text/html,x", "a.png"):
            pagina = cliente.post(camino, {"username": "ana", "avatar_url": mala})
            assert "una dirección http(s)" in pagina.content.decode(), mala
        for buena in ("https://e.es/a.png", "/avatares/a.png", ""):
            datos = {"username": "ana", "avatar_url": buena}
            assert cliente.post(camino, datos).status_code == 302
            assert Usuario.objects.get(pk="ana").avatar_url == buena

    def test_un_grupo_tampoco_lleva_caracteres_de_control(self) -> None:
        pagina = como("admin").post("/admin/auth/group/add/", {"name": "a\x1bb"})
        assert "caracteres de control" in pagina.content.decode()

    def test_cambia_una_clave_y_revoca(self) -> None:
        datos = {
            "usable_password": "true",
            "password1": "una clave larga 9",
            "password2": "una clave larga 9",
        }
        assert como("admin").post(f"{RAIZ}/usuario/ana/password/", datos).status_code == 302
        ana = Usuario.objects.get(pk="ana")
        assert ana.check_password("una clave larga 9")
        assert (ana.version, ana.tokens_desde is None) == (1, False)

    def test_la_propia_tambien(self) -> None:
        cliente = como("mod")
        datos = {
            "old_password": "demo",
            "new_password1": "una clave larga 9",
            "new_password2": "una clave larga 9",
        }
        assert cliente.post("/admin/password_change/", datos).status_code == 302
        assert Usuario.objects.get(pk="mod").tokens_desde is not None
        assert cliente.get("/admin/").status_code == 200


def test_la_entrada_tiene_limite_de_intentos(settings: Any) -> None:
    settings.INGRESOS_FALLIDOS_POR_MINUTO = 2
    cliente = Client()

    def entrar(clave: str) -> Any:
        return cliente.post("/admin/login/?next=/admin/", {"username": "mod", "password": clave})

    for _ in range(2):
        assert "mala" not in entrar("mala").content.decode()
    respuesta = entrar("demo")
    assert respuesta.status_code == 200
    assert "Demasiados intentos fallidos" in respuesta.content.decode()
