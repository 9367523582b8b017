"""Las cifras de `docs/escala.md` son las que salen de lo medido."""

from __future__ import annotations

from bancos import escala


def test_lo_que_dice_el_documento_es_lo_medido() -> None:
    """Si no: `python -m bancos.escala`."""
    documento = escala.DOCUMENTO.read_text(encoding="utf-8")
    assert escala.puesto(documento, escala.Medidas()) == documento
