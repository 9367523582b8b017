"""El depósito de los archivos: si deja escribir, y si es el mismo en todas las máquinas."""

from __future__ import annotations

from collections.abc import Iterator

from mensajeria.archivos.comprobacion import revisar_deposito
from mensajeria.consola.diagnostico.hallazgos import Hallazgo, aviso, bien, mal


def revisar() -> Iterator[Hallazgo]:
    hallados = revisar_deposito(databases=["default"])
    for hallado in hallados:
        decir = mal if hallado.is_serious() else aviso
        yield decir(f"{hallado.id}: {hallado.msg}", hallado.hint or "")
    if not hallados:
        yield bien("deja escribir, y está el último archivo que se subió")
