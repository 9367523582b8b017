"""De las pilas de py-spy a un resumen y un dibujo."""

from __future__ import annotations

from xml.etree import ElementTree

from bancos.llamas import dibujar, leer, resumen

PILAS = """\
thread (7): escritor_0;enviar (mensajeria/operaciones/mensajes.py:10);save (django/db/m.py:5) 30
thread (7): escritor_0;enviar (mensajeria/operaciones/mensajes.py:12) 10
thread (8): MainThread;<module> (manage.py:3) 60
"""


def test_una_pila_es_del_hilo_por_su_nombre_y_no_por_su_numero():
    assert leer(PILAS)["hilo MainThread", "<module> (manage.py:3)"] == 60


def test_el_resumen_junta_las_lineas_de_una_funcion():
    propias, con_lo_suyo = resumen(leer(PILAS)).split("Con lo que llaman")

    assert "60.0 %  <module> (manage.py)" in propias
    assert "10.0 %  enviar (mensajeria/operaciones/mensajes.py)" in propias
    assert "40.0 %  enviar (mensajeria/operaciones/mensajes.py)" in con_lo_suyo
    assert "save" not in con_lo_suyo


def test_el_ancho_de_cada_funcion_es_su_parte():
    raiz = ElementTree.fromstring(dibujar("Perfil", leer(PILAS)))
    titulos = [t.text for t in raiz.iter("{http://www.w3.org/2000/svg}title")]

    assert "enviar (mensajeria/operaciones/mensajes.py): 40.0 %" in titulos
    assert "hilo escritor_0: 40.0 %" in titulos
