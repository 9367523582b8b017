from __future__ import annotations

import json

from mensajeria.pagina.catalogo import catalogo_para_pagina
from mensajeria.protocolo.eventos import CLIENTE, SERVIDOR


def test_el_catalogo_de_la_pagina_es_el_del_protocolo() -> None:
    catalogo = catalogo_para_pagina()
    assert [e["nombre"] for e in catalogo["cliente"]] == list(CLIENTE)
    assert [e["nombre"] for e in catalogo["servidor"]] == list(SERVIDOR)
    for evento in catalogo["cliente"]:
        assert evento["ejemplo"] == CLIENTE[evento["nombre"]].ejemplo


def test_todas_las_referencias_del_catalogo_existen() -> None:
    crudo = json.dumps(catalogo_para_pagina())
    definiciones = json.loads(crudo)["definiciones"]
    referidas = {r.split('"')[0] for r in crudo.split("#/definiciones/")[1:]}
    assert referidas <= set(definiciones)
