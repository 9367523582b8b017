"""El sustituto de MongoDB para las pruebas: `python sustituto_mongo.py [PUERTO]`.

Corre en su propio proceso (su licencia es GPL: el producto nunca lo importa) y escribe una línea,
`listo mongodb://…`, cuando responde. Remienda dos defectos de secantusdb 0.7.0b3 escribiendo
`{"a": {"b": 1}}` como `{"a.b": 1}`, que para MongoDB es lo mismo: en `$project` la inclusión
anidada contestaba el 1 literal, y en `$addFields` y `$set` reemplazaba `a` en vez de mezclar.

Y hace dos cosas que MongoDB hace antes de ejecutar y secantusdb no: adelantar un `$match` a los
`$lookup` de los que no depende, y usar el índice de lo que un `$lookup` iguala con `$expr`. Sin
ellas, cada consulta con una relación recorre la colección entera.
"""

from __future__ import annotations

import signal
import sys
import threading
from collections.abc import Callable
from typing import Any

import secantus.aggregate as agregacion
import secantus.commands as ordenes
import secantus.server as servidor
from secantus import SecantusDBServer
from secantus.storage import Storage

_ETAPAS = ("$project", "$addFields", "$set")


def _aplanar(forma: Any, prefijo: str = "") -> dict[str, Any]:
    plana: dict[str, Any] = {}
    for clave, valor in forma.items():
        if hasattr(valor, "items") and valor and not any(str(c).startswith("$") for c in valor):
            plana.update(_aplanar(valor, f"{prefijo}{clave}."))
        else:
            plana[prefijo + clave] = valor
    return plana


def _remendada(original: Callable[..., Any]) -> Callable[..., Any]:
    def etapa(forma: Any, *resto: Any, **mas: Any) -> Any:
        return original(_aplanar(forma) if hasattr(forma, "items") else forma, *resto, **mas)

    return etapa


def _remendar() -> None:
    for nombre in _ETAPAS:
        tablas = [
            t for t in vars(agregacion).values() if isinstance(t, dict) and callable(t.get(nombre))
        ]
        if not tablas:
            sys.exit(f"sustituto_mongo: secantus cambió y no se halla {nombre}")
        for tabla in tablas:
            tabla[nombre] = _remendada(tabla[nombre])


def _conjuncion(filtro: Any) -> list[dict[str, Any]]:
    partes: list[dict[str, Any]] = []
    for clave, valor in filtro.items():
        partes += (
            [c for f in valor for c in _conjuncion(f)] if clave == "$and" else [{clave: valor}]
        )
    return partes


def _juntar(partes: list[dict[str, Any]]) -> dict[str, Any]:
    # Sin `$and` si se puede: con él, secantusdb no mira los índices.
    junto = {clave: valor for parte in partes for clave, valor in parte.items()}
    return junto if len(junto) == len(partes) else {"$and": partes}


def _campos(filtro: Any) -> set[str]:
    """Los campos de los que depende; con un operador que no se mira por dentro, `*`."""
    hallados: set[str] = set()
    for clave, valor in filtro.items():
        if clave in ("$or", "$nor"):
            hallados |= {c for f in valor for parte in _conjuncion(f) for c in _campos(parte)}
        else:
            hallados.add("*" if clave.startswith("$") else clave.split(".")[0])
    return hallados


def _adelantar(etapas: list[Any]) -> list[Any]:
    """Los filtros que solo miran campos de la colección, delante de los `$lookup`."""
    nuevos: set[str] = set()
    delante: list[dict[str, Any]] = []
    detras: list[Any] = []
    for i, etapa in enumerate(etapas):
        [(nombre, forma)] = etapa.items()
        if nombre == "$lookup":
            nuevos.add(forma["as"].split(".")[0])
        elif nombre in ("$set", "$addFields"):
            nuevos |= {campo.split(".")[0] for campo in forma}
        elif nombre == "$match":
            partes = _conjuncion(forma)
            quedan = [p for p in partes if "*" in _campos(p) or _campos(p) & nuevos]
            delante += [p for p in partes if p not in quedan]
            if quedan:
                detras.append({"$match": _juntar(quedan)})
            continue
        elif nombre != "$unwind":
            detras += etapas[i:]
            break
        detras.append(etapa)
    return [{"$match": _juntar(delante)}, *detras] if delante else detras


def _con_indice(etapa: Any) -> Any:
    """`{$expr: {$eq: ["$campo", "$$variable"]}}`, además, como `localField` y `foreignField`."""
    union = etapa.get("$lookup")
    if not union or "localField" in union or not union.get("pipeline"):
        return etapa
    for parte in _conjuncion(union["pipeline"][0].get("$match", {})):
        campo, variable = (parte.get("$expr", {}).get("$eq") or ("", ""))[:2]
        local = union.get("let", {}).get(str(variable)[2:])
        if str(campo).startswith("$") and str(local).startswith("$"):
            return {"$lookup": {**union, "localField": local[1:], "foreignField": campo[1:]}}
    return etapa


def _remendar_el_plan() -> None:
    original = ordenes._HANDLERS["aggregate"]

    def agregar(orden: dict[str, Any], contexto: Any) -> dict[str, Any]:
        etapas = [_con_indice(etapa) for etapa in _adelantar(orden["pipeline"])]
        return original({**orden, "pipeline": etapas}, contexto)

    ordenes._HANDLERS["aggregate"] = agregar
    unir = agregacion._index_join_lookup

    def por_indice(almacen: Any, base: str, coleccion: str, campo: str, valor: Any) -> Any:
        # Buscar lo nulo recorre la colección, y un `_id` nunca lo es.
        nadie = campo == "_id" and valor is None
        return [] if nadie else unir(almacen, base, coleccion, campo, valor)

    agregacion._index_join_lookup = por_indice


# Lo que escribe los índices de una colección, o deja de ver los de antes.
_CAMBIAN_LOS_INDICES = (
    "_maybe_mark_multikey",
    "_refresh_read_snapshot",
    "create_index",
    "drop_all_indexes",
    "drop_collection",
    "drop_database",
    "drop_index",
    "rename_collection",
    "set_index_expiry",
    "set_index_options",
)


def _remendar_los_indices() -> None:
    """Cada operación los lee y decodifica cinco veces: una, mientras nada los cambia.

    Lo sabe cada hilo de lo suyo, y solo durante una orden.
    """
    leer, atender = Storage._iter_indexes, servidor.dispatch
    suyo = threading.local()

    def leidos(almacen: Any, base: str, coleccion: str) -> list[Any]:
        vistos = suyo.__dict__.setdefault("vistos", {})
        if (base, coleccion) not in vistos:
            vistos[base, coleccion] = list(leer(almacen, base, coleccion))
        return vistos[base, coleccion]

    def olvidando(original: Callable[..., Any]) -> Callable[..., Any]:
        def hacer(*lo: Any, **mas: Any) -> Any:
            suyo.vistos = {}
            try:
                return original(*lo, **mas)
            finally:
                suyo.vistos = {}

        return hacer

    Storage._iter_indexes = leidos
    servidor.dispatch = olvidando(atender)
    for nombre in _CAMBIAN_LOS_INDICES:
        setattr(Storage, nombre, olvidando(getattr(Storage, nombre)))


def main() -> None:
    _remendar()
    _remendar_el_plan()
    _remendar_los_indices()
    fin = threading.Event()
    for senal in (signal.SIGTERM, signal.SIGINT):
        signal.signal(senal, lambda *_: fin.set())
    puerto = int(sys.argv[1]) if len(sys.argv) > 1 else 0
    with SecantusDBServer(storage_path=":memory:", host="127.0.0.1", port=puerto) as abierto:
        # El registro de lo escrito es para quien lo sigue, y aquí no lo sigue nadie.
        abierto.storage.enable_oplog = False
        print("listo", abierto.uri, flush=True)
        fin.wait()


if __name__ == "__main__":
    main()
