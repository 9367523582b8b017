"""Cien mil mensajes y quinientas imágenes: abre al momento, va sin saltos y hay pocos nodos."""

from __future__ import annotations

import pytest
from playwright.async_api import Page, expect

from tests.archivos import muestras
from tests.cronometro import Cronometro
from tests.gente import Gente
from tests.pagina.conftest import Llegar
from tests.pagina.servidor import Servidor

CUANTOS = 100_000
MAX_FILAS = 90
MAX_SEGUNDOS = 3.0
MAX_SALTO = 1.0
# La primera de dos seguidas, a mitad.
FIJADA = 50_100

# De un mensaje como cualquiera se sacan los demás: lo que no varía es lo que ponga el modelo. De
# cada cuatrocientos, dos seguidos son imágenes, cada una con su archivo.
SEMBRAR = """
import copy, json
from django.db import connection
from mensajeria.archivos import deposito
una = models.Archivo.objects.get(mensaje="{imagen}")
partes = {{parte: deposito.leer_entero(una.pk, parte, n) for parte, n in una.tamanos.items()}}
es_imagen = "i % 400 IN (100, 101)"
en_su_mensaje = json.dumps(una.mensaje.archivo)
de_una = f"REPLACE('{{en_su_mensaje}}', '{{una.pk}}', "
imagen = {{
    "sqlite": de_una + "printf('%024x', i))",
    "postgresql": de_una + "lpad(to_hex(i), 24, '0'))::jsonb",
}}[connection.vendor]
de_modelo = models.Mensaje.objects.create(
    pk="largo-modelo", conversacion_id="{conversacion}", secuencia=0, secuencia_cambio=0)
cada_cuarenta = {{
    "sqlite": "datetime('2026-01-01', '+' || (i * 40) || ' seconds')",
    "postgresql": "timestamptz '2026-01-01 00:00Z' + i * interval '40 seconds'",
}}[connection.vendor]
varia = {{
    "_id": "'largo-' || i",
    "remitente_id": "CASE i % 3 WHEN 0 THEN '{ana}' ELSE '{beto}' END",
    "texto": f"CASE WHEN {{es_imagen}} THEN '' ELSE 'mensaje ' || i || substr(' con más texto para"
    " que ocupe varias líneas en la pantalla, y así no todas las filas midan lo mismo', 1,"
    " (i * 37) % 104) END",
    "archivo": f"CASE WHEN {{es_imagen}} THEN {{imagen}} ELSE m.archivo END",
    "tipo": f"CASE WHEN {{es_imagen}} THEN 'imagen' ELSE m.tipo END",
    "secuencia": "i",
    "secuencia_cambio": "i + 1",
    "numero_de_remitente": "i",
    "fecha_envio": cada_cuarenta,
}}
columnas = [c.column for c in models.Mensaje._meta.concrete_fields]
# De diez mil en diez mil: el producto corta lo que tarda.
with connection.cursor() as cursor:
    for desde in range(1, {cuantos} + 1, 10_000):
        cursor.execute(f\"""
WITH RECURSIVE n(i) AS (
    SELECT {{desde}} UNION ALL SELECT i + 1 FROM n WHERE i + 1 < {{desde + 10_000}})
INSERT INTO mensajeria_mensaje ({{", ".join(columnas)}})
SELECT {{", ".join(varia.get(c, f"m.{{c}}") for c in columnas)}}
FROM n JOIN mensajeria_mensaje m ON m._id = 'largo-modelo'\""")
de_modelo.delete()
copias = []
for i in range(1, {cuantos} + 1):
    if i % 400 in (100, 101):
        una.pk, una.mensaje_id = f"{{i:024x}}", f"largo-{{i}}"
        copias.append(copy.copy(una))
        for parte, crudo in partes.items():
            deposito.guardar(una.pk, parte, crudo)
models.Archivo.objects.bulk_create(copias)
n = {cuantos}
models.Conversacion.objects.filter(pk="{conversacion}").update(
    ultima_secuencia=n, ultimo_cambio=n + 1, ultimo_mensaje=models.ahora())
models.Participante.objects.filter(conversacion="{conversacion}").update(
    leido_hasta=n, entregado_hasta=n, enviados=n // 2, enviados_leidos=n // 2)
"""


@pytest.fixture
def larga(servidor: Servidor, gente: Gente) -> str:
    ana, beto = gente.ana, gente.beto
    conversacion = servidor.conversacion("Archivo largo", ana, beto)
    otra = servidor.conversacion("De donde sale", ana, beto)
    imagen = servidor.enviar_archivo(ana, otra, "foto.png", muestras.imagen("PNG", (900, 600)))
    quienes = {"conversacion": conversacion, "ana": ana, "beto": beto, "imagen": imagen["_id"]}
    servidor.guion(SEMBRAR.format(cuantos=CUANTOS, **quienes))
    servidor.pedir(ana, "POST", f"mensajes/largo-{FIJADA}/fijado/")
    return conversacion


async def _primera_visible(pagina: Page) -> tuple[int, float]:
    n, y = await pagina.evaluate(
        """() => {
          const hilo = document.getElementById("hilo").getBoundingClientRect();
          const filas = [...document.querySelectorAll("#mensajes .fila")];
          const fila = filas.find((f) => f.getBoundingClientRect().bottom > hilo.top + 80);
          return [Number(fila.dataset.n), fila.getBoundingClientRect().top];
        }"""
    )
    return n, y


async def _quieto(pagina: Page) -> None:
    """Vuelve cuando la rueda ya movió todo lo que tenía que mover."""
    await pagina.evaluate(
        """async () => {
          const hilo = document.getElementById("hilo");
          for (let y, veces = 0; veces < 10; y = hilo.scrollTop) {
            await new Promise(requestAnimationFrame);
            veces = y === hilo.scrollTop ? veces + 1 : 0;
          }
        }"""
    )


async def test_cien_mil_mensajes(
    servidor: Servidor, llegar: Llegar, larga: str, gente: Gente
) -> None:
    ana = await llegar(servidor, gente.ana)
    pagina = ana.pagina
    filas = pagina.locator("#mensajes .fila")
    antes = Cronometro()
    await ana.abrir(larga)
    await expect(filas.last).to_contain_text(f"mensaje {CUANTOS}")
    assert antes.segundos() < MAX_SEGUNDOS
    assert await filas.count() < MAX_FILAS

    # Hacia arriba a tirones: llega historia, y siguen siendo pocas filas y seguidas.
    await pagina.locator("#hilo").hover()
    for _ in range(25):
        await pagina.mouse.wheel(0, -1_500)
        await pagina.evaluate("() => new Promise(requestAnimationFrame)")
    await _quieto(pagina)
    await expect(pagina.locator(".fila.hueca")).to_have_count(0)
    numeros = await filas.evaluate_all("fs => fs.map(f => Number(f.dataset.n))")
    assert numeros == list(range(numeros[0], numeros[0] + len(numeros)))
    assert numeros[0] < CUANTOS - 200
    assert len(numeros) < MAX_FILAS

    # Hacia abajo, hasta dar con imágenes: las dos acaban por verse, y no movieron nada.
    while not await pagina.locator("#mensajes .foto").count():
        await pagina.mouse.wheel(0, 900)
        await pagina.evaluate("() => new Promise(requestAnimationFrame)")
    await _quieto(pagina)
    await expect(pagina.locator("#mensajes .foto.borrosa")).to_have_count(0)
    await expect(pagina.locator("#mensajes .foto")).to_have_count(2)
    assert await filas.count() < MAX_FILAS

    # Lo que llega por debajo no mueve lo que se mira.
    donde = await _primera_visible(pagina)
    servidor.enviar(gente.beto, larga, "recién llegado")
    await expect(pagina.locator("#bajar")).to_contain_text("1 sin leer")
    n, y = await _primera_visible(pagina)
    assert n == donde[0]
    assert abs(y - donde[1]) < 1.5

    # A mitad del archivo, de un salto de la barra.
    await pagina.locator("#hilo").evaluate("e => { e.scrollTop = e.scrollHeight / 2 }")
    await expect(pagina.locator(f'#mensajes .fila[data-n="{n}"]')).to_have_count(0)
    await expect(pagina.locator(".fila.hueca")).to_have_count(0)
    n, _ = await _primera_visible(pagina)
    assert CUANTOS * 0.4 < n < CUANTOS * 0.6
    assert await filas.count() < MAX_FILAS

    await pagina.locator("#bajar").click()
    await expect(ana.mensaje("recién llegado")).to_be_visible()
    await expect(pagina.locator("#bajar")).to_be_hidden()

    # Y de un salto a otro sitio, donde hay imágenes que nadie había pedido: se ven al momento.
    salto = Cronometro()
    await pagina.locator("#fijados-ultimo").click()
    for n in (FIJADA, FIJADA + 1):
        vista = pagina.locator(f'.fila[data-n="{n}"] .foto:not(.borrosa)')
        await expect(vista).to_be_in_viewport()
    assert salto.segundos() < MAX_SALTO
