"""La configuración: los mismos avisos que `manage.py check`, y `--deploy` si no es desarrollo."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings
from django.core import checks

from mensajeria.consola.diagnostico.hallazgos import Hallazgo, aviso, bien, mal


def revisar() -> Iterator[Hallazgo]:
    modo = "desarrollo" if settings.DEBUG else "producción"
    hallados = checks.run_checks(include_deployment_checks=not settings.DEBUG)
    visibles = [h for h in hallados if not h.is_silenced() and h.level >= checks.WARNING]
    if not visibles:
        yield bien(f"modo de {modo}, sin avisos")
    for hallado in visibles:
        que = f"{hallado.id}: {hallado.msg}"
        decir = mal if hallado.is_serious() else aviso
        yield decir(que, hallado.hint or "")
