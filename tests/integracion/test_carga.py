"""`make carga`, corto y contra un servidor de verdad."""

from __future__ import annotations

import subprocess
import sys

from tests.gente import Gente
from tests.servicios import RAIZ, SECRETO, Servidor

# Para que quepa en poco, cada cual escribe una vez por segundo.
CORTA = ("--segundos", "1", "--por-minuto", "60")


def probar(servidor: Servidor, *opciones: str) -> str:
    hecho = subprocess.run(
        [sys.executable, "-m", "bancos.carga", servidor.url, *CORTA, *opciones],
        cwd=RAIZ,
        # El del servidor es el de producción, sin lo de las pruebas.
        env={**servidor.entorno, "PYTHONPATH": ""},
        capture_output=True,
        text=True,
    )
    assert hecho.returncode == 0, hecho.stderr
    return hecho.stdout


def test_con_gente_inventada_que_al_acabar_no_queda(servidor: Servidor) -> None:
    dicho = probar(servidor, "--hasta", "10", "--acuse", "30000")
    fila = dicho.splitlines()[1].split()
    assert fila[0] == "10"
    assert float(fila[1].replace(",", ".")) > 1
    # Lo de /metrics también se vio.
    assert "—" not in fila
    assert "Aguanta 10 personas, y no cedió nada" in dicho
    quedan = servidor.guion(
        "print([m.objects.filter(pk__startswith='carga-').count()"
        " for m in (models.Usuario, models.Conversacion)])"
    )
    assert quedan.strip() == "[0, 0]"


def test_con_cuentas_que_hay_y_que_cede(servidor: Servidor) -> None:
    gente = Gente.nueva()
    cuentas = f"{gente.ana},{gente.beto}"
    dicho = probar(
        servidor, "--secreto", SECRETO, "--cuentas", cuentas, "--hasta", "4", "--acuse", "0"
    )
    assert "Aguanta 0 personas. Cede primero" in dicho
    assert "docs/carga.md" in dicho
