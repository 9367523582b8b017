"""Lo que se dicen las cuentas de ejemplo: solo datos."""

from __future__ import annotations

from dataclasses import dataclass, field

_HORA, _DIA = 60, 24 * 60


@dataclass(frozen=True, slots=True)
class Frase:
    """Un mensaje de hace tantos minutos; `responde`, al que ocupa ese lugar en la conversación,
    desde 1. `imagen`: lleva la del plano.
    """

    hace: int
    quien: str
    texto: str
    responde: int | None = None
    reacciones: dict[str, str] = field(default_factory=dict)
    prioridad: str = "normal"
    imagen: bool = False


@dataclass(frozen=True, slots=True)
class Charla:
    """`sin_leer`: cuántos de los últimos no ha leído aún cada quien."""

    id: str
    tipo: str
    nombre: str
    quienes: tuple[str, ...]
    dichos: tuple[Frase, ...] = ()
    sin_leer: dict[str, int] = field(default_factory=dict)


_OBRA = (
    Frase(4 * _DIA, "ana", "¡Hola! Abro este grupo para la reforma de la calle Mayor."),
    Frase(
        4 * _DIA - 6, "beto", "Perfecto, así lo tenemos todo junto 👍", reacciones={"ana": "like"}
    ),
    Frase(4 * _DIA - 15, "carla", "Hola a los dos. ¿Cuándo empezáis con la cocina?"),
    Frase(4 * _DIA - 22, "beto", "El lunes a primera hora, si llega el material.", responde=3),
    Frase(3 * _DIA, "beto", "Ha llegado todo menos los azulejos. Os paso el plano:"),
    Frase(3 * _DIA - 1, "beto", "Plano de la cocina", imagen=True, reacciones={"carla": "love"}),
    Frase(3 * _DIA - 30, "carla", "Me encanta cómo queda la ventana.", responde=6),
    Frase(2 * _DIA, "ana", "Han llamado de la tienda: los azulejos llegan mañana."),
    Frase(2 * _DIA - 9, "beto", "Entonces el jueves los ponemos.", reacciones={"ana": "like"}),
    Frase(
        26 * _HORA,
        "beto",
        "¡Ojo! Mañana cortan el agua de 9 a 12 en todo el edificio.",
        prioridad="urgente",
        reacciones={"ana": "surprise", "carla": "sad"},
    ),
    Frase(26 * _HORA - 12, "carla", "Gracias por avisar, lleno un par de garrafas.", responde=10),
    Frase(3 * _HORA, "ana", "¿Alguien tiene la factura de los azulejos?"),
    Frase(3 * _HORA - 8, "carla", "Yo, te la mando esta tarde.", responde=12),
)
_ANA_Y_BETO = (
    Frase(3 * _DIA + 40, "ana", "Buenos días, Beto. Tengo una duda con el presupuesto."),
    Frase(3 * _DIA + 31, "beto", "Buenos días, Ana. Dime."),
    Frase(3 * _DIA + 28, "ana", "¿El IVA va incluido en los 4.200 €?"),
    Frase(3 * _DIA + 20, "beto", "Sí, va todo incluido: material, mano de obra e IVA.", responde=3),
    Frase(3 * _DIA + 18, "ana", "Genial, pues adelante.", reacciones={"beto": "like"}),
    Frase(5 * _HORA, "beto", "Ya he pasado por el almacén; falta una caja de juntas."),
    Frase(5 * _HORA - 3, "ana", "¿Retrasa algo?", responde=6),
    Frase(45, "beto", "No, la recojo yo mañana de camino."),
    Frase(44, "beto", "Y te llevo las muestras de pintura, que ya las tengo."),
)
_CARLA_Y_BETO = (
    Frase(2 * _DIA + 3 * _HORA, "carla", "Hola, Beto. ¿Hacéis también instalaciones de gas?"),
    Frase(2 * _DIA + 2 * _HORA, "beto", "Sí, con certificado. ¿Qué necesitas?", responde=1),
    Frase(2 * _DIA + 2 * _HORA - 5, "carla", "Cambiar la caldera antes del invierno."),
    Frase(2 * _DIA + _HORA, "beto", "Paso el viernes a verla y te digo 🔧"),
    Frase(2 * _DIA + _HORA - 4, "carla", "¡Gracias!", reacciones={"beto": "love"}),
)
_ASESORIA = (
    Frase(_DIA + 5 * _HORA, "carla", "¿Cada cuánto hay que revisar la caldera?"),
    Frase(_DIA + 4 * _HORA, "beto", "Una vez al año, y el certificado vale dos.", responde=1),
    Frase(_DIA + 4 * _HORA - 3, "carla", "Anotado.", reacciones={"beto": "like"}),
    Frase(70, "ana", "Me sumo: ¿la mía, que es de 2019, también?"),
)

CHARLAS = (
    Charla(
        "demo_obra",
        "grupal",
        "Reforma de la calle Mayor",
        ("ana", "beto", "carla"),
        _OBRA,
        {"beto": 2},
    ),
    Charla("demo_ana_beto", "individual", "", ("ana", "beto"), _ANA_Y_BETO, {"ana": 2}),
    Charla("demo_carla_beto", "individual", "", ("carla", "beto"), _CARLA_Y_BETO),
    Charla(
        "demo_asesoria",
        "grupal",
        "Dudas de calefacción",
        ("beto", "ana", "carla"),
        _ASESORIA,
        {"beto": 1, "carla": 1},
    ),
)
