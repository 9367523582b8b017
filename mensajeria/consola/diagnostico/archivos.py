"""Los archivos: si dejan escribir, si están en el mismo sitio para todos y si se miran."""

from __future__ import annotations

from collections.abc import Iterator

from django.conf import settings

from mensajeria.archivos import antivirus
from mensajeria.archivos.comprobacion import revisar_deposito
from mensajeria.consola.diagnostico.hallazgos import Hallazgo, aviso, bien, mal, omitido


def revisar() -> Iterator[Hallazgo]:
    yield from del_deposito()
    yield del_antivirus()


def del_deposito() -> Iterator[Hallazgo]:
    hallados = revisar_deposito(databases=["default"])
    for hallado in hallados:
        decir = mal if hallado.is_serious() else aviso
        yield decir(f"{hallado.id}: {hallado.msg}", hallado.hint or "")
    if not hallados:
        yield bien("deja escribir, y está el último archivo que se subió")


def del_antivirus() -> Hallazgo:
    """Con uno de los más grandes que se admiten: clamd tiene su propio tope."""
    if settings.CLAMD is None:
        return omitido("sin antivirus: lo que se sube no se mira (CLAMD)")
    try:
        antivirus.mirar(bytes(settings.ARCHIVO_BYTES))
    except antivirus.NoContesta as por_que:
        return mal(
            f"el antivirus no contesta ({por_que}): lo que se suba no lo verá nadie",
            "Comprueba CLAMD, y que clamd escuche ahí: TCPSocket y TCPAddr, en clamd.conf.",
        )
    except antivirus.NoPuede as por_que:
        return mal(
            f"el antivirus no puede con un archivo de los más grandes ({por_que})",
            "Sube StreamMaxLength en clamd.conf a más de lo que diga ARCHIVO_MB.",
        )
    return bien("el antivirus mira también los archivos más grandes que se admiten")
