"""`python -m bancos`: corre las filas y deja sus figuras en `bancos/resultados/`."""

from __future__ import annotations

import argparse
import os
import sys
import tempfile
from pathlib import Path

from bancos.corrida import correr
from bancos.filas import filas
from bancos.servidores import Taller
from bancos.sistema import NUCLEO_CARGA
from bancos.tabla import detalle
from tests.servicios import RAIZ


def _opciones() -> argparse.Namespace:
    p = argparse.ArgumentParser(prog="python -m bancos", description=__doc__)
    p.add_argument("filas", nargs="*", metavar="FILA", help="por defecto, todas")
    p.add_argument("--filas", action="store_true", dest="listar", help="las nombra y termina")
    p.add_argument("--rapido", action="store_true", help="menos veces y más cortas")
    p.add_argument("--veces", type=int, help="cuántas veces cada contendiente")
    p.add_argument("--segundos", type=float, help="cuánto dura cada vez")
    p.add_argument("--con", metavar="A,B", help="solo esos contendientes")
    p.add_argument("--producto", type=Path, default=RAIZ, help="otra copia del producto")
    return p.parse_args()


def main() -> None:
    o = _opciones()
    todas = filas(o.rapido)
    if o.listar:
        for fila in todas:
            print(f"{fila.id:16} {fila.titulo} [{', '.join(fila.contendientes)}]")
        return
    desconocidas = set(o.filas) - {fila.id for fila in todas}
    if desconocidas:
        sys.exit(f"No hay ninguna fila {', '.join(sorted(desconocidas))}; --filas las nombra")
    os.sched_setaffinity(0, {NUCLEO_CARGA})
    con = set(o.con.split(",")) if o.con else None
    with (
        tempfile.TemporaryDirectory() as carpeta,
        Taller(Path(carpeta), o.producto.resolve()) as taller,
    ):
        for resultado in correr(
            [fila for fila in todas if not o.filas or fila.id in o.filas],
            taller,
            o.veces or (2 if o.rapido else 5),
            o.segundos or (1.0 if o.rapido else 3.0),
            lambda id_: con is None or id_ in con,
        ):
            print(detalle(resultado), flush=True)


if __name__ == "__main__":
    main()
