"""Lo que depende de un cursor ya guardado: cuántos mensajes propios cubre y cuál es el último."""

from __future__ import annotations

from collections.abc import Callable

from django.db.models import OuterRef, Subquery

from mensajeria.models import Mensaje, Participante


class Cursores:
    """Se apunta al decidir y se mira de una vez, con los cursores y los mensajes ya guardados."""

    def __init__(self) -> None:
        self._a_medias: set[str] = set()
        self._ultimos: dict[tuple[str, str], tuple[str, int]] = {}

    def leido(self, participante: Participante, *, a_medias: bool) -> None:
        """Leyó; `a_medias` si no llega al último mensaje y hay que contar los propios."""
        (self._a_medias.add if a_medias else self._a_medias.discard)(participante.pk)

    def ultimo_de(self, participante: Participante, campo: str) -> Callable[[], tuple[str, int]]:
        """Id y secuencia del último mensaje suyo hasta `campo`, o `("", 0)`; se sabe al guardar."""
        clave = (participante.pk, campo)
        self._ultimos[clave] = ("", 0)
        return lambda: self._ultimos[clave]

    def mirar(self) -> None:
        """Una consulta si algo se apuntó, y otra si hubo lecturas a medias."""
        ids = self._a_medias | {pk for pk, _ in self._ultimos}
        if not ids:
            return
        filas = Participante.objects.filter(pk__in=ids).annotate(
            propios=_propio_hasta("leido_hasta", "numero_de_remitente"),
            leido=_propio_hasta("leido_por_todos", "pk"),
            leido_n=_propio_hasta("leido_por_todos", "secuencia"),
            entregado=_propio_hasta("entregado_por_todos", "pk"),
            entregado_n=_propio_hasta("entregado_por_todos", "secuencia"),
        )
        corregidos = []
        for fila in filas.order_by("pk"):
            self._hallado(fila.pk, "leido_por_todos", fila.leido, fila.leido_n)
            self._hallado(fila.pk, "entregado_por_todos", fila.entregado, fila.entregado_n)
            if fila.pk in self._a_medias:
                fila.enviados_leidos = fila.propios or 0
                corregidos.append(fila)
        if corregidos:
            Participante.objects.bulk_update(corregidos, ["enviados_leidos"])

    def _hallado(self, pk: str, campo: str, id_: str | None, secuencia: int | None) -> None:
        if id_ and (pk, campo) in self._ultimos:
            self._ultimos[pk, campo] = (id_, secuencia or 0)


def _propio_hasta(cursor: str, campo: str) -> Subquery:
    """`campo` del último mensaje del participante que no pasa de su `cursor`."""
    suyos = Mensaje.objects.filter(
        conversacion=OuterRef("conversacion"),
        remitente=OuterRef("usuario"),
        secuencia__lte=OuterRef(cursor),
    )
    return Subquery(suyos.order_by("-secuencia").values(campo)[:1])
