"""Las filas: qué se mide, contra quién y a qué se aspira."""

from __future__ import annotations

from functools import partial

from bancos.escenarios import conexiones, lecturas, mensajes, receptores, recibos
from bancos.fila import Fila, Objetivo
from bancos.siembra import Siembra

# Lo que tarda en latir cada conexión, y algo más.
UN_LATIDO = 26
_AMBAS = ("producto", "nativa")
_GUARDAN = (*_AMBAS, "node", "node-lote")
_SALAS = Siembra().salas("s", 20, 2).sala("g0", 101)


def _de_ambas(frente_a: str, veces: float, figura: str = "us") -> tuple[Objetivo, ...]:
    return tuple(Objetivo(de, frente_a, veces, figura) for de in _AMBAS)


def _no_crece(de: str, figura: str, frente_a: str, veces: float = 1.2) -> Objetivo:
    return Objetivo(de, de, veces, figura, con_figura=frente_a)


_ACUSES = _de_ambas("node", 1.0, "p50_ms") + _de_ambas("node", 1.0, "p99_ms")


def _de_mensajes() -> list[Fila]:
    return [
        *(
            Fila(
                f"sala2x{n}",
                f"Mensaje guardado, sala de 2, {n} en vuelo",
                _SALAS,
                partial(mensajes.en_vuelo, prefijo="s", mensajes=n),
                _GUARDAN,
                objetivos=_de_ambas("node", 0.8) + _ACUSES,
            )
            for n in (1, 4)
        ),
        Fila(
            "20x4",
            "Mensaje guardado, 20 conversaciones × 4 en vuelo",
            _SALAS,
            partial(mensajes.en_vuelo, prefijo="s", cuantas=20, mensajes=4),
            (*_GUARDAN, "sqlite"),
            objetivos=(
                *_de_ambas("node", 0.15),
                *_de_ambas("node-lote", 0.8),
                *(Objetivo(de, "node-lote", 1.2, "por_segundo", al_menos=True) for de in _AMBAS),
                Objetivo("sqlite", "producto", 1.2),
            ),
        ),
        *(
            Fila(
                f"ritmo{n}",
                f"Acuse a {n} mensajes por segundo, sala de 2",
                _SALAS,
                partial(mensajes.a_ritmo, prefijo="s", por_segundo=n),
                _GUARDAN,
                figura="p50_ms",
                objetivos=_ACUSES,
            )
            for n in (100, 400)
        ),
    ]


def _de_entrega(rapido: bool) -> list[Fila]:
    personas, puertas = (201, _AMBAS[:1]) if rapido else (1001, _AMBAS)
    return [
        Fila(
            "receptor",
            "Cada receptor más (sala de 101 menos sala de 2)",
            _SALAS,
            partial(receptores.cada_receptor, pequena="s", grande="g", personas=101),
            (*_AMBAS, "node-memoria", "python-socketio", "picows"),
            objetivos=_de_ambas("node-memoria", 0.55),
        ),
        Fila(
            "tutorial",
            "El chat del tutorial, 20 salas de 2 × 4 en vuelo",
            _SALAS,
            partial(mensajes.en_vuelo, prefijo="s", cuantas=20, mensajes=4),
            ("producto", "tutorial", "tutorial-memoria"),
            figura="por_segundo",
        ),
        Fila(
            "tutorial-sala",
            "El chat del tutorial, sala de 101, 1 en vuelo",
            _SALAS,
            partial(mensajes.en_vuelo, prefijo="g", personas=101, mensajes=1),
            ("producto", "nativa", "tutorial", "tutorial-memoria"),
            figura="por_segundo",
            objetivos=tuple(
                Objetivo(de, "tutorial", 20, "por_segundo", al_menos=True) for de in _AMBAS
            ),
        ),
        Fila(
            "procesos",
            "Mensaje guardado por Redis, dos y cuatro procesos, 20 × 4",
            # Otra siembra: los de antes no siguen en marcha.
            Siembra().salas("s", 20, 2),
            partial(mensajes.en_vuelo, prefijo="s", cuantas=20, mensajes=4),
            ("producto-2", "node-2", "producto-4", "node-4"),
            objetivos=(
                Objetivo("producto-2", "node-2", 0.8),
                Objetivo("producto-4", "node-4", 0.8),
                Objetivo("producto-4", "producto-2", 1.3),
            ),
        ),
        Fila(
            "tic",
            "Segundo tic, 50 salas de 2, quien recibe no manda nada, 25 mensajes por segundo",
            Siembra().salas("tic", 50, 2),
            partial(recibos.segundo_tic, prefijo="tic", cuantas=50, cada=2.0),
            _AMBAS,
            figura="p50_ms",
            segundos=5 if rapido else 12,
            veces=1,
        ),
        Fila(
            "recibos",
            f"Sala de {personas}, 2 mensajes por segundo, recibos por latido (en Node, ninguno)",
            Siembra().sala("r0", personas),
            partial(recibos.sala_grande, prefijo="r", personas=personas, por_segundo=2),
            (*puertas, "node"),
            figura="pct",
            objetivos=_de_ambas("node", 1.0, "pct") + _de_ambas("node", 1.0, "p50_ms"),
            segundos=5 if rapido else UN_LATIDO,
            veces=1,
        ),
    ]


def _de_conexiones(rapido: bool) -> list[Fila]:
    de_a_cinco, puertas = (100, _AMBAS[:1]) if rapido else (400, _AMBAS)
    muchas = 1000 if rapido else 10_000
    entran = Siembra()
    for n in (1, 10, 100):
        entran.grupos(f"k{n}-", 100, 2, n)
    quietas = Siembra().grupos("q", de_a_cinco, 5, 5)
    # Muchas, que lo que Node guarda sin recoger no pese en cada una.
    en_memoria = {5: 200, 100: 120} if not rapido else {5: 100, 100: 100}
    ocupan = Siembra()
    for n, cuantos in en_memoria.items():
        ocupan.grupos(f"m{n}-", cuantos, 5, n).grupos(f"m{n}-calienta", 1, 5, n)
    return [
        *(
            Fila(
                f"conectar{n}",
                f"Conectar y entrar, con {n} {'conversación' if n == 1 else 'conversaciones'}",
                entran,
                partial(conexiones.conectar, prefijo=f"k{n}-", cuantas=100),
                (*puertas, "node"),
                figura="ms",
                objetivos=_de_ambas("node", veces, "ms"),
            )
            for n, veces in ((1, 0.8), (10, 0.9), (100, 1.0))
        ),
        Fila(
            "conectar-defecto",
            "Conectar y entrar por los transportes por omisión, 10 conversaciones",
            entran,
            partial(conexiones.conectar, prefijo="k10-", cuantas=100, ascenso=True),
            ("producto", "node"),
            figura="ms",
            objetivos=(Objetivo("producto", "node", 0.9, "ms"),),
        ),
        *(
            Fila(
                f"memoria{n}",
                f"Memoria por conexión ociosa, {n} conversaciones",
                ocupan,
                partial(conexiones.ocupan, prefijo=f"m{n}-", grupos=cuantos, personas=5),
                (*puertas, "node"),
                figura="kb",
                objetivos=_de_ambas("node", 1.0, "kb"),
                veces=1,
                fresca=True,
            )
            for n, cuantos in en_memoria.items()
        ),
        Fila(
            "ociosas",
            f"CPU con {5 * de_a_cinco} conexiones quietas",
            quietas,
            partial(conexiones.ociosas, prefijo="q", grupos=de_a_cinco, personas=5),
            (*puertas, "node"),
            figura="pct",
            objetivos=_de_ambas("node", 1.0, "pct"),
            segundos=5 if rapido else UN_LATIDO,
            veces=1,
        ),
        Fila(
            "sostener",
            f"CPU con {muchas:,} conexiones quietas".replace(",", "."),
            Siembra().grupos("t", muchas // 5, 5, 1),
            partial(conexiones.ociosas, prefijo="t", grupos=muchas // 5, personas=5),
            ("producto",),
            figura="pct",
            segundos=5,
            veces=1,
        ),
    ]


def _de_lecturas(rapido: bool) -> list[Fila]:
    tamanos = {"1k": 1000, "100k": 100_000} | ({} if rapido else {"1M": 1_000_000})
    largas = Siembra()
    for nombre, n in tamanos.items():
        largas.sala(f"h{nombre}", 2, n)
    muchas = {"10": 10, "1k": 1000, "10k": 10_000}
    gente = Siembra()
    # Con 60, la primera página ya está llena: de ahí en adelante, la lista no ha de crecer.
    for nombre, n in {"60": 60, **muchas}.items():
        gente.persona(f"p{nombre}", n)
    usuarios = {nombre: f"p{nombre}" for nombre in muchas}
    *_, ultimo = tamanos
    return [
        Fila(
            "historia50",
            "Página de historia de 50, por REST",
            largas,
            partial(lecturas.historia, conversacion="h1k", mensajes=1000),
            ("producto", "orm"),
            figura="ms",
            objetivos=(Objetivo("producto", "orm", 1.5, "ms"),),
        ),
        Fila(
            "historia-crece",
            "Página de historia según los mensajes que hay (CPU de servidor y base)",
            largas,
            partial(lecturas.historia_con, tamanos={k: (f"h{k}", n) for k, n in tamanos.items()}),
            ("producto", "orm"),
            figura=f"ms_{ultimo}",
            objetivos=(_no_crece("producto", f"ms_{ultimo}", "ms_1k"),),
        ),
        Fila(
            "lista50",
            "Lista de conversaciones, por REST",
            gente,
            partial(lecturas.lista, usuario="p60"),
            ("producto", "orm"),
            figura="ms",
            objetivos=(Objetivo("producto", "orm", 1.5, "ms"),),
        ),
        Fila(
            "lista-crece",
            "Lista según las conversaciones que hay (CPU de servidor y base)",
            gente,
            partial(lecturas.lista_con, usuarios={"60": "p60", **usuarios}),
            ("producto", "orm"),
            figura="ms_10k",
            objetivos=tuple(_no_crece("producto", f"ms_{n}", "ms_60") for n in ("1k", "10k")),
        ),
        Fila(
            "ingreso-crece",
            "Entrar según las conversaciones que hay (CPU de servidor y base)",
            gente,
            partial(conexiones.entrar_con, usuarios=usuarios, cuantas=5 if rapido else 10),
            ("producto", "node"),
            figura="ms_10k",
            objetivos=(_no_crece("producto", "ms_10k", "ms_10"),),
        ),
        Fila(
            "ociosa-10k",
            "Una conexión quieta, en 10 conversaciones y en 10.000",
            gente,
            partial(conexiones.una_ociosa, poco="p10", mucho="p10k"),
            ("producto", "node"),
            figura="pct_muchas",
            segundos=5,
            veces=1,
        ),
    ]


DESPACIO = {"conectar1", "memoria100", "sostener", "ociosa-10k"}


def grupos(rapido: bool = False) -> dict[str, list[Fila]]:
    """Todas, en el orden en que se corren; las rápidas, con menos gente y menos mensajes, y sin
    las que tardan y se parecen a otra.
    """
    todas = {
        "Mensajes": _de_mensajes(),
        "Entrega": _de_entrega(rapido),
        "Conexiones": _de_conexiones(rapido),
        "Lecturas": _de_lecturas(rapido),
    }
    if not rapido:
        return todas
    return {g: [f for f in filas if f.id not in DESPACIO] for g, filas in todas.items()}
