"""`python -m bancos`: mide el producto y sus pares por turnos.

Sin nombrar ninguna fila las corre todas y deja la tabla, los datos y las gráficas en
`bancos/resultados/`, y las cifras de `docs/escala.md`; con alguna, solo enseña lo suyo.
"""

from __future__ import annotations

import argparse
import itertools
import sys
import tempfile
import time
from pathlib import Path

from bancos import escala
from bancos.corrida import correr
from bancos.fila import Fila
from bancos.filas import grupos
from bancos.informe import escribir
from bancos.medidas import Resultado, contexto
from bancos.servidores import Taller
from bancos.sistema import preparar
from bancos.tabla import de_objetivos, detalle
from tests.servicios import RAIZ


def _opciones() -> argparse.Namespace:
    p = argparse.ArgumentParser(prog="python -m bancos", description=__doc__)
    p.add_argument("filas", nargs="*", metavar="FILA", help="por defecto, todas")
    p.add_argument("--filas", action="store_true", dest="listar", help="las nombra y termina")
    p.add_argument("--rapido", action="store_true", help="una vez, corta y con menos gente")
    p.add_argument("--veces", type=int, help="cuántas veces cada contendiente")
    p.add_argument("--segundos", type=float, help="cuánto dura cada vez")
    p.add_argument("--con", metavar="A,B", help="solo esos contendientes")
    p.add_argument("--producto", type=Path, default=RAIZ, help="otra copia del producto")
    opciones = p.parse_args()
    opciones.veces = opciones.veces or (1 if opciones.rapido else 3)
    opciones.segundos = opciones.segundos or (0.6 if opciones.rapido else 1.1)
    return opciones


def _medir(o: argparse.Namespace, cuales: list[Fila]) -> list[Resultado]:
    con = set(o.con.split(",")) if o.con else None
    resultados, inicio = [], time.monotonic()
    with (
        tempfile.TemporaryDirectory() as carpeta,
        Taller(Path(carpeta), o.producto.resolve()) as taller,
    ):
        for resultado in correr(
            cuales, taller, o.veces, o.segundos, lambda c: con is None or c in con
        ):
            print(detalle(resultado), flush=True)
            print(f"(minuto {(time.monotonic() - inicio) / 60:.1f})", file=sys.stderr, flush=True)
            resultados.append(resultado)
    return resultados


def main() -> None:
    o = _opciones()
    todas = grupos(o.rapido)
    if o.listar:
        for fila in itertools.chain(*todas.values()):
            print(f"{fila.id:16} {fila.titulo} [{', '.join(fila.contendientes)}]")
        return
    if desconocidas := set(o.filas) - {fila.id for fila in itertools.chain(*todas.values())}:
        sys.exit(f"No hay ninguna fila {', '.join(sorted(desconocidas))}; --filas las nombra")
    preparar()
    elegidas = [f for f in itertools.chain(*todas.values()) if not o.filas or f.id in o.filas]
    antes = contexto(o.rapido, o.veces, o.segundos)
    resultados = _medir(o, elegidas)
    print(de_objetivos(resultados))
    if not (o.filas or o.con):
        por_grupo = {
            nombre: [r for r in resultados if r.fila in filas] for nombre, filas in todas.items()
        }
        escribir(antes, por_grupo)
        escala.escribir()


if __name__ == "__main__":
    main()
