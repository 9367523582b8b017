"""Las claves que sostiene un proceso: un conjunto, que además sabe las de cada conversación."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st

from mensajeria.entre_procesos.presencia import Clave, Claves, PresenciaEnMemoria

_CLAVES = st.builds(Clave, st.sampled_from("abc"), st.sampled_from(["", "c1", "c2"]))


@given(st.lists(st.tuples(st.booleans(), _CLAVES), max_size=30))
def test_es_un_conjunto(pasos: list[tuple[bool, Clave]]) -> None:
    claves, conjunto = Claves(), set[Clave]()
    for agrega, clave in pasos:
        if agrega:
            assert claves.agregar(clave) == (clave not in conjunto)
            conjunto.add(clave)
        else:
            assert claves.quitar(clave) == (clave in conjunto)
            conjunto.discard(clave)
    assert set(claves) == conjunto and len(list(claves)) == len(conjunto)
    assert all((clave in claves) == (clave in conjunto) for _, clave in pasos)
    for id_ in ("", "c1", "c2"):
        assert claves.usuarios(id_) == {c.usuario for c in conjunto if c.conversacion == id_}
    assert claves.conversaciones == len({c.conversacion for c in conjunto if c.conversacion})


def test_en_memoria_lo_que_sostiene_este_proceso_es_todo() -> None:
    presencia = PresenciaEnMemoria()
    suyas = [Clave("ana"), Clave("ana", "c1"), Clave("beto", "c1")]
    assert presencia.anotar([*suyas, Clave("ana")]) == [True, True, True, False]
    assert presencia.en_linea(["ana", "beto"]) == {"ana"}
    assert presencia.unidos("c1") == ["ana", "beto"] and presencia.unidos("c2") == []
    assert presencia.conectados(["c1", "c2"]) == {"c1": 2, "c2": 0}
    assert presencia.totales() == (1, 1, 0)
    assert presencia.borrar([Clave("ana", "c1"), Clave("ana", "c1")]) == [True, False]
    assert presencia.unidos("c1") == ["beto"]
