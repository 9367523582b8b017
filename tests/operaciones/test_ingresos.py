"""Los tokens de renovación rotan y los ingresos se acaban: nada de lo suyo vale después."""

from __future__ import annotations

import threading
import time
from datetime import timedelta
from typing import Any

import jwt
import pytest
from django.conf import settings
from django.db import connection
from django.test import Client
from rest_framework.test import APIClient

from mensajeria.models import Ingreso, Novedad, Usuario, ahora
from mensajeria.operaciones import ingresos
from mensajeria.operaciones.autenticacion import leer_token, revocar, usuario_de
from mensajeria.protocolo.errores import ErrorMensajeria

pytestmark = pytest.mark.bd

CONVERSACIONES = "/api/mensajeria/conversaciones/"
SESIONES = "/api/mensajeria/sesiones/"
Pareja = dict[str, str]


def entrar(quien: str = "ana") -> Pareja:
    cuerpo = {"username": quien, "password": "demo"}
    respuesta = APIClient().post("/api/token/", cuerpo, format="json")
    assert respuesta.status_code == 200
    pareja: Pareja = respuesta.json()
    return pareja


def renovar(refresh: str) -> Any:
    return APIClient().post("/api/token/refresh/", {"refresh": refresh}, format="json")


def renovada(refresh: str) -> Pareja:
    respuesta = renovar(refresh)
    assert respuesta.status_code == 200, respuesta.content
    pareja: Pareja = respuesta.json()
    return pareja


def vale(access: str) -> bool:
    respuesta = con(access).get(CONVERSACIONES)
    assert respuesta.status_code in (200, 401)
    return bool(respuesta.status_code == 200)


def con(access: str) -> APIClient:
    cliente = APIClient()
    cliente.credentials(HTTP_AUTHORIZATION=f"Bearer {access}")
    return cliente


def de(token: str) -> dict[str, Any]:
    datos: dict[str, Any] = jwt.decode(token, settings.JWT_SECRET, algorithms=["HS256"])
    return datos


def id_de(pareja: Pareja) -> str:
    return str(de(pareja["access"])["servitechSesion"])


def pasa_la_gracia() -> None:
    Ingreso.objects.update(rotado=ahora() - ingresos.GRACIA - timedelta(seconds=1))


def test_renovar_rota(ana: Usuario) -> None:
    primera = entrar()
    segunda = renovada(primera["refresh"])
    tercera = renovada(segunda["refresh"])
    assert len({p["refresh"] for p in (primera, segunda, tercera)}) == 3
    assert all(vale(p["access"]) for p in (primera, segunda, tercera))
    assert id_de(primera) == id_de(segunda) == id_de(tercera)


def test_el_reuso_de_uno_gastado_acaba_con_su_familia_y_con_ninguna_otra(
    ana: Usuario, caplog: pytest.LogCaptureFixture
) -> None:
    otra, primera = entrar(), entrar()
    segunda = renovada(primera["refresh"])
    pasa_la_gracia()
    antes = Novedad.objects.count()
    assert renovar(primera["refresh"]).status_code == 401
    assert renovar(segunda["refresh"]).status_code == 401
    assert not vale(primera["access"])
    assert not vale(segunda["access"])
    assert vale(otra["access"])
    assert renovada(otra["refresh"])
    assert Novedad.objects.count() == antes + 1
    assert "gastado" in caplog.text
    assert primera["refresh"] not in caplog.text


def test_el_de_dos_vueltas_atras_no_tiene_gracia(ana: Usuario) -> None:
    primera = entrar()
    ultima = renovada(renovada(primera["refresh"])["refresh"])
    assert renovar(primera["refresh"]).json()["code"] == "AUTH_INVALID"
    assert not vale(ultima["access"])


def test_la_peticion_repetida_recibe_el_mismo_turno(ana: Usuario) -> None:
    """La red perdió la respuesta, o dos pestañas renovaron a la vez: las dos siguen."""
    primera = entrar()
    una, otra = renovada(primera["refresh"]), renovada(primera["refresh"])
    assert de(una["refresh"])["vuelta"] == de(otra["refresh"])["vuelta"] == 1
    assert vale(una["access"])
    assert vale(otra["access"])
    assert renovada(otra["refresh"])


def test_en_la_gracia_no_se_adelanta_nadie(ana: Usuario) -> None:
    """Gastado el repetido, el primero ya no da el mismo turno."""
    primera = entrar()
    segunda = renovada(primera["refresh"])
    renovada(segunda["refresh"])
    assert renovar(primera["refresh"]).status_code == 401


def test_dos_renovaciones_a_la_vez_no_se_matan(ana: Usuario) -> None:
    refresh = entrar()["refresh"]
    estados: list[int] = []
    juntas = threading.Barrier(4)

    def una() -> None:
        juntas.wait()
        estados.append(renovar(refresh).status_code)
        connection.close()

    hilos = [threading.Thread(target=una) for _ in range(4)]
    for hilo in hilos:
        hilo.start()
    for hilo in hilos:
        hilo.join()
    assert estados == [200] * 4
    assert Ingreso.objects.get().vuelta == 1


def test_un_reloj_que_va_por_delante_no_alarga_la_gracia(ana: Usuario) -> None:
    primera = entrar()
    renovada(primera["refresh"])
    Ingreso.objects.update(rotado=ahora() + timedelta(hours=1))
    assert renovar(primera["refresh"]).status_code == 401


def test_la_gracia_va_por_el_reloj_de_la_base(
    ana: Usuario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """El de la máquina que lo gastó, o el de la que recibe la repetida, puede ir mal."""
    primera = entrar()
    for adelanto in (1, -1):
        monkeypatch.setattr(ingresos, "ahora", lambda a=adelanto: ahora() + timedelta(minutes=a))
        segunda = renovada(primera["refresh"])
        monkeypatch.undo()
        repetida = renovada(primera["refresh"])
        assert de(repetida["refresh"])["vuelta"] == de(segunda["refresh"])["vuelta"]
        primera = segunda


def test_tras_restaurar_una_copia_el_token_de_despues_vale(ana: Usuario) -> None:
    """La base no sabe de las vueltas que dio desde la copia."""
    ultima = renovada(renovada(entrar()["refresh"])["refresh"])
    Ingreso.objects.update(vuelta=0, rotado=None)
    assert renovada(renovada(ultima["refresh"])["refresh"])


@pytest.mark.parametrize("vuelta", [None, -1, True, "0", 1.0, 10**12])
def test_una_vuelta_mal_hecha_es_401_y_no_acaba_con_nada(ana: Usuario, vuelta: Any) -> None:
    pareja = entrar()
    malo = jwt.encode({**de(pareja["refresh"]), "vuelta": vuelta}, settings.JWT_SECRET, "HS256")
    assert renovar(malo).status_code == 401
    assert vale(pareja["access"])


def test_la_sesion_de_otro_no_se_toca(ana: Usuario, beto: Usuario) -> None:
    suya = entrar("ana")
    falso = {**de(entrar("beto")["refresh"]), "servitechSesion": id_de(suya), "vuelta": 0}
    assert renovar(jwt.encode(falso, settings.JWT_SECRET, "HS256")).status_code == 401
    assert vale(suya["access"])
    assert renovada(suya["refresh"])


class TestLosDeOtroSistema:
    """Firmados con el mismo secreto, y sin sesión: como siempre."""

    def firmar(self, **datos: Any) -> str:
        datos = {"userId": "ana", "iat": time.time(), "exp": time.time() + 60, **datos}
        return jwt.encode(datos, settings.JWT_SECRET, "HS256")

    def test_valen_y_no_estan_en_la_lista(self, ana: Usuario) -> None:
        token = self.firmar(sid="la-suya")
        assert vale(token)
        assert con(token).get(SESIONES).json() == []
        assert con(token).delete(SESIONES).status_code == 204
        assert vale(token)

    def test_uno_de_renovacion_empieza_una_al_usarse(self, ana: Usuario) -> None:
        refresh = self.firmar(token_type="refresh", jti="x" * 100)
        primera = renovada(refresh)
        assert renovada(refresh)["refresh"] != refresh
        segunda = renovada(primera["refresh"])
        assert renovar(refresh).status_code == 401
        assert not vale(segunda["access"])
        # Acabada, no empieza otra.
        assert renovar(refresh).status_code == 401


def test_el_token_de_acceso_deja_de_valer_en_el_acto(ana: Usuario) -> None:
    esta, otra = entrar(), entrar()
    assert con(esta["access"]).delete(f"{SESIONES}{id_de(otra)}/").status_code == 204
    assert not vale(otra["access"])
    assert renovar(otra["refresh"]).status_code == 401
    assert vale(esta["access"])
    with pytest.raises(ErrorMensajeria):
        usuario_de(leer_token(otra["access"]))


def _cambiar_la_clave(ana: Usuario) -> None:
    ana.set_password("otra")
    ana.save()


def _desactivar_y_reactivar(ana: Usuario) -> None:
    ana.is_active = False
    ana.guardar_y_revocar(["is_active"])
    Usuario.objects.update(is_active=True)


@pytest.mark.parametrize(
    "acabar", [lambda u: revocar(u.pk), _cambiar_la_clave, _desactivar_y_reactivar]
)
def test_lo_que_revoca_acaba_con_todas(ana: Usuario, acabar: Any) -> None:
    """También con el reloj de quien revoca por detrás: no se compara nada."""
    pareja, cookie = entrar(), Client()
    cookie.force_login(ana)
    assert cookie.get(CONVERSACIONES).status_code == 200
    Usuario.objects.update(tokens_desde=None)
    ana.refresh_from_db()
    acabar(ana)
    Usuario.objects.update(tokens_desde=None)
    assert not vale(pareja["access"])
    assert renovar(pareja["refresh"]).status_code == 401
    assert cookie.get(CONVERSACIONES).status_code == 401


def test_quien_entra_mientras_le_cambian_la_clave_no_entra(
    ana: Usuario, monkeypatch: pytest.MonkeyPatch
) -> None:
    empezar = ingresos.empezar

    def tarde(usuario: Usuario, *mas: Any) -> Any:
        _cambiar_la_clave(Usuario.objects.get(pk="ana"))
        return empezar(usuario, *mas)

    monkeypatch.setattr(ingresos, "empezar", tarde)
    cuerpo = {"username": "ana", "password": "demo"}
    assert APIClient().post("/api/token/", cuerpo, format="json").status_code == 401
    assert not Ingreso.objects.exists()


def test_quien_renueva_mientras_revocan_no_se_salva(
    ana: Usuario, monkeypatch: pytest.MonkeyPatch
) -> None:
    """El token nuevo se firma después de la revocación, y aun así no vale."""
    gastar = ingresos._gastar

    def tarde(*todo: Any) -> bool:
        revocar("ana")
        return gastar(*todo)

    monkeypatch.setattr(ingresos, "_gastar", tarde)
    assert not vale(renovada(entrar()["refresh"])["access"])


def test_la_cookie_se_acaba_como_las_demas(ana: Usuario) -> None:
    cookie = Client()
    cookie.force_login(ana)
    [suya] = cookie.get(SESIONES).json()
    assert (suya["via"], suya["actual"]) == ("cookie", True)
    assert con(entrar()["access"]).delete(f"{SESIONES}{suya['_id']}/").status_code == 204
    assert cookie.get(CONVERSACIONES).status_code == 401


def test_salir_con_la_cookie_la_quita_de_la_lista(ana: Usuario) -> None:
    cookie, otra = Client(), Client()
    for cliente in (cookie, otra):
        cliente.force_login(ana)
    assert len(otra.get(SESIONES).json()) == 2
    cookie.logout()
    [queda] = otra.get(SESIONES).json()
    assert queda["actual"]


def test_volver_a_entrar_en_el_mismo_navegador_no_deja_dos(ana: Usuario) -> None:
    cookie = Client()
    for _ in range(2):
        cookie.force_login(ana)
    assert len(cookie.get(SESIONES).json()) == 1


def test_no_se_guardan_mas_de_los_que_caben_y_se_va_el_menos_usado(
    ana: Usuario, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(ingresos, "MAX_ABIERTOS", 3)
    parejas = [entrar() for _ in range(3)]
    Ingreso.objects.filter(pk=id_de(parejas[0])).update(ultima_vez=ahora() + timedelta(seconds=9))
    antes = Usuario.objects.get(pk="ana").version
    parejas.append(entrar())
    assert [vale(p["access"]) for p in parejas] == [True, False, True, True]
    assert Usuario.objects.get(pk="ana").version == antes + 1


def test_lo_caducado_se_va_al_entrar_otra_vez(ana: Usuario) -> None:
    vieja = entrar()
    Ingreso.objects.update(expira=ahora())
    nueva = entrar()
    assert [f.pk for f in Ingreso.objects.all()] == [id_de(nueva)]
    assert not vale(vieja["access"])


def test_usarla_se_apunta_de_cuando_en_cuando(ana: Usuario) -> None:
    usada, conectada, parada = entrar(), entrar(), entrar()
    Ingreso.objects.update(ultima_vez=ahora() - timedelta(days=1))
    ingresos.guardar_vistos([])
    assert vale(usada["access"])
    ingresos.guardar_vistos([id_de(conectada)])
    orden = [f.pk for f in ingresos.abiertos_de(Usuario.objects.get(pk="ana"))]
    assert set(orden[:2]) == {id_de(usada), id_de(conectada)}
    assert orden[2] == id_de(parada)


def test_autenticar_con_sesion_no_cuesta_otra_consulta(
    ana: Usuario, django_assert_num_queries: Any
) -> None:
    credencial = leer_token(entrar()["access"])
    assert credencial.ingreso
    with django_assert_num_queries(1):
        usuario_de(credencial)
