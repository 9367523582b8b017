"""El servidor muere en mitad de una conversación y vuelve: nada se pierde y nada se repite."""

from __future__ import annotations

import signal

from playwright.async_api import expect

from tests.pagina.conftest import Llegar
from tests.pagina.servidor import Servidor


async def test_nada_se_pierde_ni_se_repite(servidor_propio: Servidor, llegar: Llegar) -> None:
    conversacion = servidor_propio.conversacion("Resistente", "ana", "beto")
    ana = await llegar(servidor_propio, "ana")
    beto = await llegar(servidor_propio, "beto")
    await ana.abrir(conversacion)
    await beto.abrir(conversacion)
    await ana.enviar("uno")
    await beto.enviar("dos")
    await ana.ve("uno", "dos")

    servidor_propio.parar(signal.SIGKILL)
    await expect(ana.pagina.locator("#banda")).to_be_visible()
    await ana.enviar("tres")
    await ana.enviar("cuatro")
    await expect(ana.pagina.locator(".por-enviar")).to_have_count(2)
    servidor_propio.arrancar()
    for persona in (ana, beto):
        await persona.ve("uno", "dos", "tres", "cuatro")
        await expect(persona.pagina.locator("#banda")).to_be_hidden()
        await expect(persona.pagina.locator(".por-enviar")).to_have_count(0)
    await beto.enviar("cinco")
    await ana.ve("uno", "dos", "tres", "cuatro", "cinco")
    assert servidor_propio.textos("ana", conversacion) == ["uno", "dos", "tres", "cuatro", "cinco"]


async def test_lo_perdido_llega_entero_y_en_orden(
    servidor_propio: Servidor, llegar: Llegar
) -> None:
    conversacion = servidor_propio.conversacion("Ausencia", "ana", "beto")
    beto = await llegar(servidor_propio, "beto")
    await beto.abrir(conversacion)
    servidor_propio.enviar("ana", conversacion, "antes")
    await beto.ve("antes")
    await beto.contexto.set_offline(True)
    servidor_propio.parar()
    servidor_propio.arrancar()
    # Más de lo que cabe en una respuesta a `reanudar` (256 KiB): el resto viene por REST.
    largos = [f"{n} " + "x" * 4_000 for n in range(80)]
    for texto in largos:
        servidor_propio.enviar("ana", conversacion, texto)
    await beto.contexto.set_offline(False)
    await expect(
        beto.pagina.locator(f'#lista a[href="#/c/{conversacion}"] .fila-ultimo')
    ).to_contain_text("79 ", timeout=20_000)
    await expect(beto.mensaje(largos[-1])).to_be_visible()
    await expect(beto.pagina.locator(".fila.hueca")).to_have_count(0)
