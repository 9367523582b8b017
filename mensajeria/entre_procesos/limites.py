"""Límites de ritmo por persona y dirección (docs/contrato.md, sección 3)."""

from __future__ import annotations

import contextlib
from collections.abc import Iterator, Mapping, Sequence

from django.conf import settings

from mensajeria.entre_procesos.aforo import red_de
from mensajeria.entre_procesos.compartido import compartido
from mensajeria.entre_procesos.ventanas import Gasto
from mensajeria.protocolo.errores import CodigoError, ErrorMensajeria

PRUEBAS_DE_AVISO_POR_MINUTO = 10
NEGATIVAS_POR_MINUTO = 2


def gastar_mensajes(de_cada_uno: Mapping[str, int]) -> dict[str, Gasto]:
    """Cuenta de cada usuario los mensajes que quepan en `MENSAJES_POR_MINUTO`; un solo viaje."""
    cuantos = {f"m:{usuario}": n for usuario, n in de_cada_uno.items()}
    gastos = compartido().ventanas.gastar(settings.MENSAJES_POR_MINUTO, cuantos)
    return dict(zip(de_cada_uno, gastos.values(), strict=True))


def devolver_mensajes(de_cada_uno: Mapping[str, int]) -> None:
    """Los contados de más: lo rechazado y lo repetido no gastan."""
    compartido().ventanas.devolver({f"m:{usuario}": n for usuario, n in de_cada_uno.items()})


def exceso_de_mensajes(espera: float) -> ErrorMensajeria:
    """RATE_LIMITED, para quien pasa de `MENSAJES_POR_MINUTO`."""
    return _exceso("Límite de mensajes excedido", espera)


def apuntar_ingreso(nombre: str, direccion: str) -> list[str]:
    """Cuenta un fallo antes de saber si lo es; RATE_LIMITED, sin contarlo, si no cabe.

    Se cuenta antes porque comprobar una clave tarda: los que llegan a la vez pasarían todos.
    Cuentan el nombre desde esa dirección, la dirección con cualquier nombre y el nombre desde
    cualquiera. Devuelve lo contado, para `devolver_ingreso` si no era un fallo.
    """
    red = red_de(direccion)
    return _contar_fallo({f"i|{red}": settings.INGRESOS_FALLIDOS_POR_IP, **_de(nombre, red)})


def apuntar_en_la_cuenta(nombre: str, direccion: str) -> list[str]:
    """Lo mismo, en el nombre de la cuenta que se halló por otro, que es su correo."""
    return _contar_fallo(_de(nombre, red_de(direccion)))


def _de(nombre: str, red: str) -> dict[str, int]:
    return {
        f"i|{red}|{nombre}": settings.INGRESOS_FALLIDOS_POR_MINUTO,
        f"i||{nombre}": settings.INGRESOS_FALLIDOS_POR_NOMBRE,
    }


def _contar_fallo(topes: Mapping[str, int]) -> list[str]:
    contadas: list[str] = []
    for clave, tope in topes.items():
        gasto = compartido().ventanas.gastar(tope, {clave: 1})[clave]
        if not gasto.cabidas:
            devolver_ingreso(contadas)
            raise _exceso("Demasiados intentos fallidos", gasto.espera)
        contadas.append(clave)
    return contadas


def devolver_ingreso(contadas: Sequence[str]) -> None:
    """No era un fallo: acertó, o ni se llegó a mirar."""
    devolver(dict.fromkeys(contadas, 1))


@contextlib.contextmanager
def creando(usuario_id: str, conversaciones: int, personas: int) -> Iterator[dict[str, int]]:
    """Cuenta lo que se va a crear y a cuántos se suma; RATE_LIMITED, sin contarlo, si no cabe.

    Lo que dentro falla no cuenta. Quien suma de una vez a más de los que caben en un minuto gasta
    el minuto entero. Da lo contado, para `devolver` si no hizo falta.
    """
    contadas: dict[str, int] = {}
    try:
        for clave, cuantas, tope, exceso in (
            ("c", conversaciones, settings.CONVERSACIONES_POR_MINUTO, "Demasiadas conversaciones"),
            ("p", personas, settings.PARTICIPANTES_POR_MINUTO, "Demasiadas personas agregadas"),
        ):
            _apuntar(f"{clave}:{usuario_id}", min(cuantas, tope), tope, exceso, contadas)
        yield contadas
    except BaseException:
        devolver(contadas)
        raise


def gastar_busqueda_de_personas(usuario_id: str) -> None:
    """RATE_LIMITED si pasa de `BUSQUEDAS_DE_PERSONAS_POR_MINUTO`."""
    tope = settings.BUSQUEDAS_DE_PERSONAS_POR_MINUTO
    _apuntar(f"u:{usuario_id}", 1, tope, "Demasiadas búsquedas", {})


def gastar_prueba_de_aviso(usuario_id: str) -> None:
    """RATE_LIMITED si pide más de `PRUEBAS_DE_AVISO_POR_MINUTO`: cada una sale a otra máquina."""
    _apuntar(f"pa:{usuario_id}", 1, PRUEBAS_DE_AVISO_POR_MINUTO, "Demasiadas pruebas", {})


def exceso_de_pruebas(espera: float) -> ErrorMensajeria:
    """RATE_LIMITED, para quien pide una mientras hay otra en marcha."""
    return _exceso("Hay otra prueba en marcha", espera)


def cabe_negativa(correo: str) -> bool:
    """Si a esa dirección se le puede decir otra vez que su respuesta no se envió; y la cuenta."""
    clave = f"nc:{correo}"
    return bool(compartido().ventanas.gastar(NEGATIVAS_POR_MINUTO, {clave: 1})[clave].cabidas)


@contextlib.contextmanager
def subiendo(usuario_id: str) -> Iterator[dict[str, int]]:
    """Cuenta un archivo que se sube; RATE_LIMITED, sin contarlo, si no cabe. Da lo contado.

    Cuenta aunque no se admita, que mirarlo es lo que cuesta; el que aquí no se pudo atender, no.
    """
    contadas: dict[str, int] = {}
    _apuntar(
        _de_archivos(usuario_id), 1, settings.ARCHIVOS_POR_MINUTO, "Demasiados archivos", contadas
    )
    try:
        yield contadas
    except ErrorMensajeria as error:
        if error.codigo == CodigoError.UNAVAILABLE:
            devolver(contadas)
        raise


def exigir_archivos(usuario_id: str) -> None:
    """RATE_LIMITED si no cabe otro que se suba; no cuenta ninguno."""
    with subiendo(usuario_id) as contadas:
        devolver(contadas)


def agotar_archivos(usuario_id: str) -> None:
    """No sube otro en un minuto: el suyo costó lo que los de todos los demás."""
    tope = settings.ARCHIVOS_POR_MINUTO
    compartido().ventanas.gastar(tope, {_de_archivos(usuario_id): tope})


def _de_archivos(usuario_id: str) -> str:
    return f"a:{usuario_id}"


def _apuntar(clave: str, cuantas: int, tope: int, exceso: str, contadas: dict[str, int]) -> None:
    if not cuantas:
        return
    gasto = compartido().ventanas.gastar(tope, {clave: cuantas})[clave]
    contadas[clave] = gasto.cabidas
    if gasto.cabidas < cuantas:
        raise _exceso(f"{exceso} en poco tiempo", gasto.espera)


def devolver(contadas: Mapping[str, int]) -> None:
    """Lo que se contó y al final no hacía falta."""
    if contadas:
        compartido().ventanas.devolver(contadas)


def _exceso(mensaje: str, espera: float) -> ErrorMensajeria:
    en = max(0.1, round(espera, 1))
    return ErrorMensajeria(CodigoError.RATE_LIMITED, mensaje, reintentar_en=en)
