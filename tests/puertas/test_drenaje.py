"""Los cierres se reparten, y cada cual se va con lo suyo contestado."""

from __future__ import annotations

import asyncio

from mensajeria.puertas.drenaje import drenar


class _Conexiones:
    """Lo que se hace con cada una, y a los cuántos segundos."""

    def __init__(self) -> None:
        self.pasos: list[tuple[str, int]] = []
        self.cierres: list[float] = []

    async def drenar(self, cuantas: int, segundos: float) -> None:
        bucle = asyncio.get_running_loop()
        inicio = bucle.time()

        def pausar(una: int) -> None:
            self.pasos.append(("pausar", una))

        def cerrar(una: int) -> None:
            self.pasos.append(("cerrar", una))
            self.cierres.append(bucle.time() - inicio)

        async def al_dia() -> None:
            self.pasos.append(("al día", 0))

        await drenar(range(cuantas), pausar, cerrar, segundos, al_dia)


async def test_por_igual_en_esos_segundos() -> None:
    conexiones = _Conexiones()
    await conexiones.drenar(4, 0.8)
    assert all(cuando >= 0.2 * i for i, cuando in enumerate(conexiones.cierres))


async def test_antes_de_cerrar_se_deja_de_leer_y_se_contesta() -> None:
    conexiones = _Conexiones()
    await conexiones.drenar(2, 0.4)
    pasos = [("pausar", 0), ("al día", 0), ("cerrar", 0), ("pausar", 1), ("al día", 0)]
    assert conexiones.pasos == [*pasos, ("cerrar", 1)]


async def test_muchas_van_en_tandas_y_no_pasan_del_plazo() -> None:
    conexiones = _Conexiones()
    await conexiones.drenar(1000, 0.3)
    assert len(conexiones.cierres) == 1000
    assert conexiones.pasos.count(("al día", 0)) < 20
    assert conexiones.cierres[-1] < 2


async def test_a_una_sola_no_se_la_espera() -> None:
    await asyncio.wait_for(_Conexiones().drenar(1, 60), 5)
