"""La base vuelve atrás con la página abierta: queda lo que hay, y lo nuevo se ve y se avisa."""

from __future__ import annotations

from playwright.async_api import expect

from tests.gente import Gente
from tests.pagina.conftest import Llegar
from tests.pagina.servidor import Servidor

ATRAS = """
from mensajeria.base_de_datos import atomico
with atomico():
    de_aqui = {{"conversacion": "{conversacion}"}}
    models.Lectura.objects.filter(participante__conversacion="{conversacion}").delete()
    models.Mensaje.objects.filter(secuencia__gt=1, **de_aqui).delete()
    models.Conversacion.objects.filter(pk="{conversacion}").update(
        ultima_secuencia=1, ultimo_cambio=2
    )
    models.Participante.objects.filter(**de_aqui).update(
        entregado_hasta=0, leido_hasta=0, entregado_por_todos=0, leido_por_todos=0
    )
"""


async def test_lo_perdido_se_va_y_lo_nuevo_llega(
    servidor: Servidor, llegar: Llegar, gente: Gente
) -> None:
    conversacion = servidor.conversacion("De dos épocas", gente.ana, gente.beto)
    ana, beto = await llegar(servidor, gente.ana), await llegar(servidor, gente.beto)
    for persona in (ana, beto):
        await persona.abrir(conversacion)
    for texto in ("queda", "se pierde", "también", "y este"):
        await ana.enviar(texto)
    await beto.ve("queda", "se pierde", "también", "y este")

    servidor.guion(ATRAS.format(conversacion=conversacion))
    await beto.enviar("uno")
    await ana.ve("queda", "uno")
    await ana.enviar("dos")
    for persona in (ana, beto):
        await persona.ve("queda", "uno", "dos")
        await expect(persona.pagina.locator(".por-enviar")).to_have_count(0)
        await expect(persona.pagina.locator(".fila.hueca")).to_have_count(0)
    assert servidor.textos(gente.ana, conversacion) == ["queda", "uno", "dos"]
    # Al volver a conectarse, con los números nuevos: no falta nada.
    await beto.contexto.set_offline(True)
    servidor.enviar(gente.ana, conversacion, "tres")
    await beto.contexto.set_offline(False)
    await beto.ve("queda", "uno", "dos", "tres")
