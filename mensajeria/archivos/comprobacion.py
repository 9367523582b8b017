"""Lo que se mira del depósito de archivos antes de servir."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from django.core.checks import CheckMessage, Error, Warning, register

from mensajeria.archivos import deposito
from mensajeria.fallos import errores_de_la_base
from mensajeria.models import Archivo, ahora
from mensajeria.protocolo.errores import ErrorMensajeria
from mensajeria.protocolo.tipos import CONTENIDO

DEPOSITO = "deposito"
# Lo que acaba de subirse por otra máquina puede tardar en verse en una carpeta de red.
_RECIENTE = timedelta(minutes=1)
# Lo que se arregla en esta máquina; lo demás (un disco lleno, un S3 que no contesta) puede pasar.
_DE_LA_CONFIGURACION = (
    PermissionError,
    FileNotFoundError,
    NotADirectoryError,
    FileExistsError,
)


# Con `deploy` no la pasa toda orden que toque la base: `migrate` no necesita la carpeta.
@register(DEPOSITO, deploy=True)
def revisar_deposito(databases: Any = None, **_: Any) -> list[CheckMessage]:
    """Que se pueda escribir en él, y que sea el mismo en todas las máquinas.

    Solo si se le da la base, y con ella migrada.
    """
    if not databases:
        return []
    try:
        deposito.exigir_sitio()
        deposito.probar()
        perdido = _el_ultimo_no_esta()
    except (ErrorMensajeria, FileNotFoundError) as error:
        return [_no_deja(error.__cause__ or error)]
    except errores_de_la_base():
        return []
    return [_OTRO] if perdido else []


def _el_ultimo_no_esta() -> bool:
    """Quien guarda en otra carpeta no tiene los que subieron por las demás."""
    enteros = Archivo.objects.filter(
        estado__in=(*Archivo.POR_ENVIAR, Archivo.Estado.ENVIADO), fecha__lt=ahora() - _RECIENTE
    )
    # Por su identificador, que empieza por el instante: su índice está en ese orden.
    ultimo = enteros.order_by("-pk").first()
    if ultimo is None or deposito.esta(ultimo.pk, CONTENIDO):
        return False
    # Si no se borró mientras se miraba.
    return enteros.filter(pk=ultimo.pk).exists()


def _no_deja(por_que: BaseException) -> CheckMessage:
    if isinstance(por_que, _DE_LA_CONFIGURACION):
        return Error(
            f"No se puede escribir donde se guardan los archivos: {por_que}.",
            hint="Dale permiso a la cuenta que sirve, o di otro sitio con ARCHIVOS.",
            id="mensajeria.E014",
        )
    return Warning(
        f"El almacén de archivos no responde, o no deja escribir ({por_que}): no se sube ninguno.",
        hint="Comprueba ARCHIVOS, sus credenciales y permisos (docs/datos.md, Archivos) y el sitio"
        " que le queda.",
        id="mensajeria.W010",
    )


_OTRO = Warning(
    "El último archivo que se subió no está donde los busca esta máquina: se guardan en varios"
    " sitios, o cambió ARCHIVOS y no se copiaron.",
    hint="Todas han de ver la misma carpeta, o el mismo S3 (docs/datos.md, Archivos).",
    id="mensajeria.W011",
)
