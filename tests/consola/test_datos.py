"""Borrar a una persona, el plazo de conservación y las exportaciones."""

from __future__ import annotations

import itertools
import json
from datetime import timedelta
from functools import partial
from pathlib import Path
from typing import Any

import pytest
from django.contrib.admin.models import CHANGE, LogEntry
from django.contrib.auth.models import Group
from django.contrib.contenttypes.models import ContentType
from django.contrib.sessions.models import Session
from django.core.management import CommandError, call_command
from django.test import Client

from mensajeria import consultas
from mensajeria.consola import borrado, conservacion, exportacion, tandas
from mensajeria.consola.conservacion import Plazos
from mensajeria.consola.progreso import Barra
from mensajeria.difusion.sobre import Alcance, Sobre
from mensajeria.models import (
    Conversacion,
    Ingreso,
    Lectura,
    Mensaje,
    Moderacion,
    Notificacion,
    Novedad,
    Participante,
    Reaccion,
    Usuario,
    ahora,
)
from mensajeria.operaciones.ingresos import empezar
from mensajeria.protocolo import cargas
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria
from mensajeria.protocolo.json_estricto import codificar

pytestmark = pytest.mark.bd


def callado(*_: Any) -> None:
    pass


def presentado(id_: str) -> Any:
    fila = consultas.con_lo_que_cita(Mensaje.objects.filter(pk=id_)).get()
    return consultas.presentar_mensajes([fila])[0]


def envejecer(dias: int, *ids: str) -> None:
    hace = ahora() - timedelta(days=dias)
    Mensaje.objects.filter(pk__in=ids).update(fecha_envio=hace)


def plazos(dias: int = 30, gracia: int = 30) -> Plazos:
    return Plazos(ahora() - timedelta(days=dias), ahora() - timedelta(days=gracia))


# Borrar a una persona


def test_borrar_quita_los_datos_y_deja_lo_que_leen_los_demas(
    decir: Any, pedir: Any, beto: Usuario, sobres: list[Sobre]
) -> None:
    id_ = decir("beto", "mi mensaje").mensaje_id
    Mensaje.objects.filter(pk=id_).update(ip="10.0.0.1", agente="navegador", socket_id="s")
    Usuario.objects.filter(pk="beto").update(email="beto@x.example", is_staff=True)
    Notificacion.objects.create(usuario=beto, tipo="x", titulo="x", mensaje="x")
    beto.groups.add(Group.objects.create(name="grupo"))
    sobres.clear()
    borrado.borrar_usuario(beto, callado)

    fila = Usuario.objects.get(pk="beto")
    assert (fila.username, fila.nombre, fila.apellido) == ("borrado-beto", borrado.NOMBRE, "")
    assert (fila.email, fila.is_active, fila.is_staff) == ("", False, False)
    assert not fila.has_usable_password()
    assert not fila.groups.exists()
    assert not Notificacion.objects.filter(usuario="beto").exists()
    forma = presentado(id_)
    assert (forma.contenido.texto, forma.remitente.nombre) == ("mi mensaje", borrado.NOMBRE)
    guardado = Mensaje.objects.get(pk=id_)
    assert (guardado.ip, guardado.agente, guardado.socket_id) == ("", "", "")

    avisos = [(s.evento, s.cambio) for s in sobres if s.conversacion == "conv"]
    assert avisos == [("participante_removido", 3), ("conversacion_actualizada", 4)]
    assert sobres[0].miembros == {"beto": None}
    assert b"Beto" not in sobres[1].datos
    conversacion = Conversacion.objects.get(pk="conv")
    assert (conversacion.ultimo_cambio, conversacion.secuencia_cambio) == (4, 4)


def test_desde_ese_momento_no_puede_nada(decir: Any, beto: Usuario) -> None:
    version = beto.version
    borrado.borrar_usuario(beto, callado)
    fila = Usuario.objects.get(pk="beto")
    assert fila.tokens_desde is not None
    assert fila.version > version
    with pytest.raises(ErrorMensajeria) as error:
        decir("beto")
    assert error.value.codigo is CodigoError.NOT_FOUND
    assert decir("ana").secuencia == 1


def test_borrar_donde_ya_habia_salido_solo_cambia_el_nombre(
    pedir: Any, conversacion: Conversacion, beto: Usuario, sobres: list[Sobre]
) -> None:
    pedir("beto", cargas.RemoverParticipante(conversacion_id="conv", usuario_id="beto"))
    sobres.clear()
    borrado.borrar_usuario(beto, callado)
    assert [(s.evento, s.cambio) for s in sobres] == [("conversacion_actualizada", 3)]


def test_lo_que_fijo_quien_se_borra_sigue_fijado(decir: Any, pedir: Any, beto: Usuario) -> None:
    Participante.objects.filter(usuario="beto").update(puede_moderar=True)
    ajeno, suyo = decir("ana").mensaje_id, decir("beto").mensaje_id
    for id_ in (ajeno, suyo):
        pedir("beto", cargas.FijarMensaje(mensaje_id=id_))
    borrado.borrar_usuario(beto, callado, con_mensajes=True)
    assert (presentado(ajeno).fijado.por, presentado(suyo).fijado.por) == ("beto", None)
    assert [m.pk for m in consultas.fijados_de("ana", "conv")] == [ajeno]


def test_borrar_con_mensajes_deja_lapidas(decir: Any, beto: Usuario, sobres: list[Sobre]) -> None:
    suyo, ajeno = decir("beto").mensaje_id, decir("ana").mensaje_id
    sobres.clear()
    borrado.borrar_usuario(beto, callado, con_mensajes=True)
    lapida = presentado(suyo)
    assert (lapida.contenido.texto, lapida.eliminado.eliminado) == ("", True)
    assert (lapida.eliminado.razon, lapida.eliminado.eliminado_por) == (borrado.RAZON, None)
    assert not presentado(ajeno).eliminado.eliminado
    assert sobres[-1].evento == "mensaje_eliminado"


def test_borrar_con_mensajes_los_numera_en_su_orden(decir: Any, pedir: Any, beto: Usuario) -> None:
    """También lo editado, que PostgreSQL guarda detrás de lo demás."""
    suyos = [decir("beto").mensaje_id for _ in range(3)]
    pedir("beto", cargas.EditarMensaje(mensaje_id=suyos[0], texto="otra cosa"))
    borrado.borrar_usuario(beto, callado, con_mensajes=True)
    cambios = [presentado(id_).secuencia_cambio for id_ in suyos]
    assert cambios == sorted(cambios)


def test_borrar_dos_veces_es_lo_mismo(decir: Any, beto: Usuario) -> None:
    decir("beto")
    for _ in range(2):
        borrado.borrar_usuario(Usuario.objects.get(pk="beto"), callado, con_mensajes=True)
    assert borrado.recontar("beto").mensajes == 0
    assert Usuario.objects.get(pk="beto").username == "borrado-beto"


def test_borrar_limpia_el_diario_del_admin(ana: Usuario, beto: Usuario) -> None:
    tipo = ContentType.objects.get_for_model(Usuario)
    LogEntry.objects.create(
        user=ana, content_type=tipo, object_id="beto", object_repr="beto", action_flag=CHANGE
    )
    borrado.borrar_usuario(beto, callado)
    assert LogEntry.objects.get().object_repr == borrado.NOMBRE


def test_los_recibos_avanzan_al_irse_el_mas_atrasado(
    decir: Any, pedir: Any, carla: Usuario, beto: Usuario
) -> None:
    pedir("ana", cargas.AgregarParticipante(conversacion_id="conv", usuario_id="carla"))
    id_ = decir("ana").mensaje_id
    pedir("carla", cargas.MarcarLeido(conversacion_id="conv"))
    borrado.borrar_usuario(beto, callado)
    assert presentado(id_).estado == "leido"


# Conservación


def test_lo_viejo_queda_como_lapida_y_se_anuncia(decir: Any, sobres: list[Sobre]) -> None:
    viejos = [decir("ana", f"v{i}").mensaje_id for i in range(3)]
    nuevo = decir("beto", "nuevo").mensaje_id
    envejecer(40, *viejos)
    sobres.clear()
    hecho = conservacion.purgar(plazos(), callado)
    assert (hecho.lapidas, hecho.vaciadas, hecho.recibos) == (3, 0, 0)
    assert [s.evento for s in sobres] == ["mensaje_eliminado"] * 3
    assert [s.cambio for s in sobres] == [6, 7, 8]
    assert {s.alcance for s in sobres} == {Alcance.UNIDOS}
    assert presentado(viejos[0]).eliminado.razon == conservacion.RAZON
    assert presentado(nuevo).contenido.texto == "nuevo"
    assert list(Mensaje.objects.order_by("secuencia").values_list("secuencia", flat=True)) == [
        1,
        2,
        3,
        4,
    ]
    assert conservacion.purgar(plazos(), callado).lapidas == 0


def test_lo_que_caduca_deja_de_estar_fijado(decir: Any, pedir: Any) -> None:
    viejo, nuevo = (decir("ana").mensaje_id for _ in range(2))
    for id_ in (viejo, nuevo):
        pedir("ana", cargas.FijarMensaje(mensaje_id=id_))
    envejecer(40, viejo)
    conservacion.purgar(plazos(), callado)
    assert [presentado(id_).fijado.fijado for id_ in (viejo, nuevo)] == [False, True]


def test_por_tandas_no_se_deja_ninguno(decir: Any, monkeypatch: Any) -> None:
    for tope in ("POR_TANDA", "LEIDOS"):
        monkeypatch.setattr(tandas, tope, 2)
    monkeypatch.setattr(conservacion, "LEIDOS", 3)
    ids = [decir("ana").mensaje_id for _ in range(7)]
    envejecer(40, *ids)
    avances: list[int] = []
    conservacion.purgar(plazos(), lambda _etapa, hechos, _total: avances.append(hechos))
    assert Mensaje.objects.filter(eliminado=False).count() == 0
    assert sorted(avances) == avances and avances[-1] == 7 and len(avances) > 3


def _sin_leer(quien: str, conversacion: str) -> int:
    fila = Conversacion.objects.get(pk=conversacion)
    [forma] = consultas.presentar_conversaciones([fila], quien)
    return forma.estadisticas.mensajes_no_leidos[quien]


def _le_faltan(quien: str, conversacion: str) -> int:
    """Contados uno a uno."""
    hasta = Participante.objects.get(conversacion=conversacion, usuario=quien).leido_hasta
    ajenos = Mensaje.objects.filter(conversacion=conversacion).exclude(remitente=quien)
    return ajenos.filter(secuencia__gt=hasta, eliminado=False, oculto=False).count()


def _pisos() -> list[tuple[int, int]]:
    filas = Participante.objects.filter(usuario="ana").order_by("conversacion_id")
    return list(filas.values_list("entregado_por_todos", "leido_por_todos"))


@pytest.mark.parametrize("orden", ["purgar", "borrar_usuario"])
def test_tras_eliminar_muchos_todo_cuadra(
    orden: str,
    conversacion: Conversacion,
    pedir: Any,
    ana: Usuario,
    beto: Usuario,
    settings: Any,
) -> None:
    """En varias conversaciones con sus turnos mezclados, y con alguien que leyó a medias."""
    settings.AVISOS = "servir"
    for n in range(2):
        otra = Conversacion.objects.create(pk=f"otra{n}", tipo="grupal", codigo=f"CONV-OTRA{n}")
        for quien in (ana, beto):
            Participante.objects.create(conversacion=otra, usuario=quien, puede_enviar=True)
    donde = ["conv", "otra0", "otra1"]

    def decir_en(sitio: str, quien: str, texto: str) -> str:
        contenido = cargas.ContenidoEnviado(texto=texto)
        carga = cargas.EnviarMensaje(conversacion_id=sitio, contenido=contenido)
        return str(pedir(quien, carga).mensaje_id)

    suyos = [decir_en(donde[n % 3], "beto", f"aguja {n}") for n in range(12)]
    quedan = [decir_en(donde[n % 3], "ana", f"pajar {n}") for n in range(6)]
    pedir("ana", cargas.MarcarLeido(conversacion_id="conv", mensaje_id=suyos[3]))
    pedir("beto", cargas.MarcarLeido(conversacion_id="otra1"))
    envejecer(40, *suyos)
    pisos = _pisos()
    desde = Novedad.objects.order_by("-pk").values_list("pk", flat=True)[0]
    if orden == "purgar":
        assert conservacion.purgar(plazos(), callado).lapidas == 12
    else:
        borrado.borrar_usuario(beto, callado, con_mensajes=True)

    assert set(Mensaje.objects.filter(eliminado=True).values_list("pk", flat=True)) == {*suyos}
    assert [_sin_leer("ana", c) for c in donde] == [_le_faltan("ana", c) for c in donde] == [0] * 3
    if orden == "purgar":
        assert [_sin_leer("beto", c) for c in donde] == [_le_faltan("beto", c) for c in donde]
        assert [_sin_leer("beto", c) for c in donde] == [2, 2, 0]
        assert _pisos() == pisos
    else:
        pares = zip(itertools.chain(*_pisos()), itertools.chain(*pisos), strict=True)
        assert all(piso >= antes for piso, antes in pares)
    cambios: dict[str, int] = {}
    retirados: dict[str, list[int]] = {}
    for novedad in Novedad.objects.filter(pk__gt=desde).order_by("pk"):
        cambios.update(novedad.conversaciones)
        for sitio, numeros in novedad.avisos.get("retirados", {}).items():
            retirados.setdefault(sitio, []).extend(numeros)
    for sitio in donde:
        ultimo = Conversacion.objects.get(pk=sitio).ultimo_cambio
        assert cambios[sitio] == ultimo
        lapidas = Mensaje.objects.filter(conversacion=sitio, eliminado=True).order_by("secuencia")
        en_orden = list(lapidas.values_list("secuencia_cambio", flat=True))
        assert en_orden == sorted(set(en_orden))
        # De aquí sabe quien avisa que lo que enseñaba ya no está.
        assert retirados[sitio] == list(lapidas.values_list("secuencia", flat=True))
        assert {(m.texto, m.buscable or "") for m in lapidas} == {("", "")}
    assert consultas.buscar("ana", "aguja", consultas.Filtros()).hallados == []
    halladas = consultas.buscar("ana", "pajar", consultas.Filtros()).hallados
    assert {h.mensaje.id for h in halladas} == {*quedan}


def test_lo_que_otro_elimina_mientras_no_la_detiene(
    decir: Any, pedir: Any, monkeypatch: Any
) -> None:
    """Entre leer qué caduca y eliminarlo pasan segundos."""
    ids = [decir("ana").mensaje_id for _ in range(3)]
    envejecer(40, *ids)

    def quitar_uno(plazos: Plazos) -> Any:
        for id_ in por_turno(plazos):
            if id_ == ids[1]:
                pedir("ana", cargas.EliminarMensaje(mensaje_id=id_))
            yield id_

    por_turno = conservacion._por_turno
    monkeypatch.setattr(conservacion, "_por_turno", quitar_uno)
    conservacion.purgar(plazos(), callado)
    assert Mensaje.objects.filter(eliminado=True).count() == 3
    assert presentado(ids[1]).eliminado.razon is None


def test_las_lapidas_viejas_se_vacian_sin_mover_los_cursores(decir: Any, pedir: Any) -> None:
    viejos = [decir("ana").mensaje_id for _ in range(2)]
    pedir("beto", cargas.MarcarLeido(conversacion_id="conv"))
    nuevo = decir("ana").mensaje_id
    pedir("beto", cargas.MarcarLeido(conversacion_id="conv"))
    envejecer(90, *viejos)
    conservacion.purgar(plazos(), callado)
    assert Lectura.objects.count() == 4
    Mensaje.objects.filter(pk__in=viejos).update(
        fecha_eliminacion=ahora() - timedelta(days=31), ip="10.0.0.1"
    )
    for id_ in (viejos[0], nuevo):
        Moderacion.objects.create(mensaje_id=id_, reportado=True, razon="dice una grosería")
    simulado = conservacion.purgar(plazos(), callado, simular=True)
    assert (Lectura.objects.count(), Moderacion.objects.count()) == (4, 2)
    hecho = conservacion.purgar(plazos(), callado)
    assert simulado == hecho
    assert (hecho.lapidas, hecho.vaciadas, hecho.recibos) == (0, 2, 2)
    assert [m.mensaje_id for m in Moderacion.objects.all()] == [nuevo]
    assert set(Lectura.objects.values_list("hasta", flat=True)) == {3}
    beto = Participante.objects.get(usuario="beto")
    assert (beto.leido_hasta, beto.entregado_hasta) == (3, 3)
    assert presentado(nuevo).lecturas[0].usuario == "beto"
    assert (presentado(viejos[0]).estado, presentado(viejos[0]).lecturas) == ("leido", [])
    decir("beto")
    puesta = consultas.poner_al_dia("ana", {"conv": 0})["conv"]
    assert puesta is not None
    assert puesta.ultima_secuencia == 4


def test_los_avisos_viejos_se_borran(ana: Usuario) -> None:
    for dias in (10, 40):
        fecha = ahora() - timedelta(days=dias)
        Notificacion.objects.create(usuario=ana, tipo="x", titulo="x", mensaje="x", fecha=fecha)
    assert conservacion.purgar(plazos(), callado).notificaciones == 1
    assert Notificacion.objects.count() == 1


def test_las_sesiones_caducadas_se_borran(ana: Usuario) -> None:
    cookie = Client()
    cookie.force_login(ana)
    queda = empezar(ana, {}, Ingreso.TOKEN)
    caducada = empezar(ana, {}, Ingreso.TOKEN)
    Ingreso.objects.filter(pk=caducada).update(expira=ahora())
    Session.objects.update(expire_date=ahora())
    assert conservacion.purgar(plazos(), callado, simular=True).sesiones == 2
    assert conservacion.purgar(plazos(), callado).sesiones == 2
    assert not Session.objects.exists()
    assert {f.pk for f in Ingreso.objects.filter(via=Ingreso.TOKEN)} == {queda}


def test_borrar_a_alguien_acaba_con_sus_sesiones(ana: Usuario, beto: Usuario) -> None:
    for usuario in (ana, beto):
        empezar(usuario, {}, Ingreso.TOKEN)
    borrado.borrar_usuario(beto, callado)
    assert [f.usuario_id for f in Ingreso.objects.all()] == ["ana"]
    assert Usuario.objects.get(pk="beto").abiertos == {}


# Las órdenes


def cortar(corte: type[BaseException], _pregunta: str) -> str:
    raise corte


def lineas(ruta: Path) -> list[dict[str, Any]]:
    return [json.loads(x) for x in ruta.read_text(encoding="utf-8").splitlines()]


def test_exportar_conversacion(decir: Any, pedir: Any, tmp_path: Path) -> None:
    ids = [decir("ana", f"m{i}").mensaje_id for i in range(3)]
    pedir("ana", cargas.FijarMensaje(mensaje_id=ids[1]))
    salida = tmp_path / "conv.jsonl"
    Conversacion.objects.update(archivada=True)
    call_command("exportar_conversacion", "conv", salida=salida)
    cabecera, conversacion, *mensajes = lineas(salida)
    assert (cabecera["clase"], cabecera["datos"]["_id"]) == ("exportacion", "conv")
    assert conversacion["datos"]["codigoConversacion"].startswith("CONV-")
    assert conversacion["archivada"] is True
    assert [m["datos"]["_id"] for m in mensajes] == ids
    assert mensajes[0]["datos"] == json.loads(codificar(presentado(ids[0])))
    assert [m["datos"]["fijado"]["por"] for m in mensajes] == [None, "ana", None]
    assert salida.stat().st_mode & 0o077 == 0
    assert len(mensajes) + 2 == exportacion.lineas_de_conversacion(Conversacion.objects.get())


def test_exportar_conversacion_por_la_salida_estandar(decir: Any, capsys: Any) -> None:
    decir("ana", "ñandú 💬")
    codigo = Conversacion.objects.get(pk="conv").codigo
    call_command("exportar_conversacion", codigo)
    escritas = [json.loads(x) for x in capsys.readouterr().out.splitlines()]
    assert escritas[-1]["datos"]["contenido"]["texto"] == "ñandú 💬"


def test_exportar_usuario_es_lo_suyo_y_nada_mas(
    decir: Any, pedir: Any, beto: Usuario, tmp_path: Path
) -> None:
    id_ = decir("ana", "de ana").mensaje_id
    decir("beto", "de beto", respuesta_a=id_)
    pedir("beto", cargas.AgregarReaccion(mensaje_id=id_, tipo="like"))
    pedir("beto", cargas.MarcarLeido(conversacion_id="conv"))
    Notificacion.objects.create(usuario=beto, tipo="x", titulo="hola", mensaje="x")
    empezar(beto, {"HTTP_USER_AGENT": "curl/8.5"}, Ingreso.TOKEN)
    beto.refresh_from_db()
    salida = tmp_path / "beto.jsonl"
    call_command("exportar_usuario", "beto", salida=salida)
    hojas: dict[str, list[Any]] = {}
    for x in lineas(salida):
        hojas.setdefault(x["clase"], []).append(x)
    assert [m["datos"]["contenido"]["texto"] for m in hojas["mensaje"]] == ["de beto"]
    assert set(hojas["mensaje"][0]["socketInfo"]) == {"socketId", "ipAddress", "userAgent"}
    assert hojas["usuario"][0]["datos"]["username"] == "beto"
    [suya] = [r["datos"] for r in hojas["reaccion"]]
    assert (suya["_id"], suya["mensaje"]) == (Reaccion.objects.get().pk, id_)
    assert {a["datos"]["clase"] for a in hojas["acuse"]} == {"leido", "entregado"}
    assert hojas["notificacion"][0]["datos"]["titulo"] == "hola"
    assert hojas["participacion"][0]["conversacion"] == "conv"
    [sesion] = hojas["sesion"]
    assert (sesion["datos"]["dispositivo"], sesion["datos"]["abierta"]) == ("curl", True)
    assert [c["archivada"] for c in hojas["conversacion"]] == [False]
    assert beto.password not in salida.read_text(encoding="utf-8")
    assert sum(map(len, hojas.values())) == exportacion.lineas_de_usuario(beto)


def test_exportar_dice_cuanto_va(decir: Any, tmp_path: Path, monkeypatch: Any) -> None:
    for _ in range(3):
        decir("ana")
    dicho: list[tuple[int, int]] = []
    monkeypatch.setattr(Barra, "__call__", lambda _self, _etapa, van, son: dicho.append((van, son)))
    call_command("exportar_conversacion", "conv", salida=tmp_path / "conv.jsonl")
    assert dicho == [(n, 5) for n in range(1, 6)]


def test_exportar_lo_que_no_existe(conversacion: Conversacion) -> None:
    for orden in ("exportar_conversacion", "exportar_usuario", "borrar_usuario"):
        with pytest.raises(CommandError, match="No hay ning"):
            call_command(orden, "nadie")


def test_una_exportacion_que_no_cabe_no_deja_nada(conversacion: Any, tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="No se pudo escribir"):
        call_command("exportar_conversacion", "conv", salida=tmp_path / "no" / "existe.jsonl")
    assert list(tmp_path.iterdir()) == []


@pytest.mark.parametrize(
    ("orden", "opciones"), [("borrar_usuario", ["beto"]), ("purgar", ["--dias", "30"])]
)
def test_nada_se_destruye_sin_preguntar(
    decir: Any, monkeypatch: Any, capsys: Any, orden: str, opciones: list[str]
) -> None:
    envejecer(40, decir("beto").mensaje_id)

    def intacto() -> bool:
        activo = Usuario.objects.get(pk="beto").is_active
        return activo and not Mensaje.objects.filter(eliminado=True).exists()

    call_command(orden, *opciones, "--simular")
    assert "Simulación" in capsys.readouterr().out
    monkeypatch.setattr("sys.stdin.isatty", lambda: False, raising=False)
    with pytest.raises(CommandError, match="--si"):
        call_command(orden, *opciones)
    monkeypatch.setattr("sys.stdin.isatty", lambda: True, raising=False)
    monkeypatch.setattr("builtins.input", lambda _: "n")
    with pytest.raises(CommandError, match="No se ha cambiado nada"):
        call_command(orden, *opciones)
    for corte, dice in ((EOFError, "No se ha cambiado nada"), (KeyboardInterrupt, "Detenido")):
        monkeypatch.setattr("builtins.input", partial(cortar, corte))
        with pytest.raises(CommandError, match=dice):
            call_command(orden, *opciones)
    assert intacto()
    monkeypatch.setattr("builtins.input", lambda _: "sí")
    call_command(orden, *opciones)
    assert not intacto()


def test_no_se_borra_al_ultimo_administrador(ana: Usuario) -> None:
    Usuario.objects.filter(pk="ana").update(is_superuser=True)
    with pytest.raises(CommandError, match="última cuenta"):
        call_command("borrar_usuario", "ana", "--si")


def test_purgar_valida_los_dias(base: None) -> None:
    for argumentos in (["--dias", "0"], ["--dias", "9", "--gracia", "-1"]):
        with pytest.raises(CommandError):
            call_command("purgar", *argumentos)
    with pytest.raises(CommandError, match="demasiados"):
        call_command("purgar", "--dias", "99999999")
