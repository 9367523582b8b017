"""Por lo que se busca a una persona: las palabras de su nombre, su apellido y su usuario."""

from __future__ import annotations

import re
import unicodedata
from collections.abc import Collection
from typing import TYPE_CHECKING

from django.conf import settings
from django.contrib.auth import get_user_model
from django.db import models

from mensajeria.models.base import Identificado

if TYPE_CHECKING:
    from mensajeria.models.usuario import Usuario

LARGO = 64
# Las de cada persona, y las que se miran de lo que se busca.
MAX_PALABRAS = 16
# Los campos de los que salen.
BUSCADOS = ("nombre", "apellido", "username", "es_experto")
_PALABRA = re.compile(r"[^\W_]+")


def sin_arroba(username: str) -> str:
    """El nombre de usuario, o lo que va antes de la `@` si es un correo, que no se dice a nadie."""
    return username.lstrip("@").partition("@")[0]


def palabras_de(texto: str) -> list[str]:
    """Las suyas, sin acentos ni mayúsculas, cada una una vez y en su orden."""
    partes = unicodedata.normalize("NFKD", texto)
    llano = "".join(c for c in partes if not unicodedata.combining(c)).casefold()
    return list(dict.fromkeys(p[:LARGO] for p in _PALABRA.findall(llano)))[:MAX_PALABRAS]


class PalabraDeUsuario(Identificado):
    """Una palabra de una persona. `de_experto`, si lo es: a quien ven todos se le halla sin
    recorrer a los demás.
    """

    # Sin los índices de Django: los hay que empiezan por ella.
    usuario = models.ForeignKey(
        settings.AUTH_USER_MODEL, models.CASCADE, related_name="palabras", db_index=False
    )
    palabra = models.CharField(max_length=LARGO)
    de_experto = models.BooleanField(default=False)

    class Meta:
        # Es parte de la cuenta: ni se ve ni se toca por separado.
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(fields=["usuario", "palabra"], name="uq_pal_usuario")
        ]
        indexes = [
            # El de la restricción no le vale a MongoDB: para usarlo, la consulta diría su tipo.
            models.Index(fields=["usuario", "palabra"], name="ix_pal_usuario"),
            # Por sus bytes, sea cual sea el orden de la base: así los recorre quien busca un
            # principio.
            models.Index(
                fields=["palabra", "usuario"],
                name="ix_pal_palabra",
                opclasses=["text_pattern_ops", "text_ops"],
            ),
            models.Index(
                fields=["de_experto", "palabra"],
                name="ix_pal_experto",
                opclasses=["bool_ops", "text_pattern_ops"],
            ),
        ]

    def __str__(self) -> str:
        return self.palabra


def apuntar_palabras(usuarios: Collection[Usuario]) -> None:
    """Las de esos usuarios, en lugar de las que tuvieran; en la transacción en que se guardaron, y
    por lo guardado: a la vez que se guarda un campo, otro puede haber guardado los demás.
    """
    ids = [u.pk for u in usuarios]
    guardados = get_user_model().objects.filter(pk__in=ids).values_list("pk", *BUSCADOS)
    pedidas = {
        (pk, palabra, es_experto)
        for pk, nombre, apellido, username, es_experto in guardados
        for palabra in palabras_de(f"{nombre} {apellido} {sin_arroba(username)}")
    }
    guardadas = PalabraDeUsuario.objects.filter(usuario__in=ids)
    hay = {
        (usuario, palabra, experto): pk
        for pk, usuario, palabra, experto in guardadas.values_list(
            "pk", "usuario_id", "palabra", "de_experto"
        )
    }
    if sobran := [pk for suya, pk in hay.items() if suya not in pedidas]:
        PalabraDeUsuario.objects.filter(pk__in=sobran).delete()
    PalabraDeUsuario.objects.bulk_create(
        PalabraDeUsuario(usuario_id=usuario, palabra=palabra, de_experto=experto)
        for usuario, palabra, experto in sorted(pedidas - hay.keys())
    )
