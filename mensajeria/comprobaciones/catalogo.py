"""Lo que puede estar mal en la configuración, con su id y lo que hay que hacer."""

from __future__ import annotations

from django.core.checks import CheckMessage, Error, Warning

LARGO_DEL_SECRETO = 32

_OTRO = 'python -c "import secrets; print(secrets.token_hex(32))"'
_TODAS: tuple[CheckMessage, ...] = (
    Error(
        "JWT_SECRET falta o es el de muestra.",
        hint=f"Ponle uno propio: {_OTRO}",
        id="mensajeria.E001",
    ),
    Error(
        "SOCKET_CORS_ORIGIN admite cualquier origen.",
        hint="Nombra los tuyos: SOCKET_CORS_ORIGIN=https://tusitio.com",
        id="mensajeria.E002",
    ),
    Error(
        "Las cuentas de ejemplo están encendidas.",
        hint="Quita DEMO, o ponle 0.",
        id="mensajeria.E003",
    ),
    Error(
        "PUNTO_DE_FALLO mata al proceso a propósito: es solo para las pruebas.",
        hint="Quita esa variable del entorno.",
        id="mensajeria.E004",
    ),
    Error(
        "MongoDB no es un conjunto de réplicas: suelto no tiene transacciones.",
        hint="Arráncalo con --replSet rs0 y ejecuta una vez rs.initiate(); uno basta.",
        id="mensajeria.E006",
    ),
    Error(
        f"JWT_SECRET tiene menos de {LARGO_DEL_SECRETO} bytes (RFC 7518, 3.2).",
        hint=f"Ponle uno más largo, y el mismo a quien firme los tokens: {_OTRO}",
        id="mensajeria.E007",
    ),
    Error(
        "Cualquiera puede decir que viene de otra dirección (PROXIES_DE_CONFIANZA=*), y así"
        " saltarse los límites por dirección y leer /metrics.",
        hint="Nombra las direcciones de tus proxies.",
        id="mensajeria.E008",
    ),
    Error(
        "Una contraseña de DATABASE_URL, MONGODB_URI, REDIS_URL o CAPA_URL es de las de muestra.",
        hint="Cámbiala en la base y donde la pongas (la dirección, PGPASSWORD, un passfile…).",
        id="mensajeria.E011",
    ),
    Error(
        f"SECRET_KEY es una de las de muestra o tiene menos de {LARGO_DEL_SECRETO} bytes: con ella"
        " se firman las sesiones.",
        hint=f"Quítala (saldrá de JWT_SECRET), o ponle otra: {_OTRO}",
        id="mensajeria.E012",
    ),
    Error(
        "REDIS_URL es de un Redis Cluster: aquí una llamada toca claves de muchas partes.",
        hint="Usa uno solo, o varios con Sentinel (redis+sentinel://…). El Cluster, en CAPA_URL.",
        id="mensajeria.E013",
    ),
    Error(
        "CAPA_URL sin REDIS_URL: la presencia, los límites y los arriendos van en Redis.",
        hint="Pon REDIS_URL, o quita CAPA_URL.",
        id="mensajeria.E015",
    ),
    Error(
        "CAPA_URL no es de un Redis Cluster, o su Redis es anterior al 7: no tiene SSUBSCRIBE.",
        hint="Pon cluster-enabled yes y Redis 7, o quita CAPA_URL: va por el de REDIS_URL.",
        id="mensajeria.E016",
    ),
    Warning(
        "DEBUG está encendido: enseña el código en los errores y admite secretos de muestra.",
        hint="Pon DEBUG=0 o NODE_ENV=production.",
        id="mensajeria.W002",
    ),
    Warning(
        "Las cookies de sesión viajan también sin HTTPS.",
        hint="Quita COOKIES_SEGURAS=0 y sirve por HTTPS.",
        id="mensajeria.W003",
    ),
    Warning(
        "Las cookies piden HTTPS y nadie dice cuándo lo hay: el admin rechazará los ingresos.",
        hint="Si un proxy pone HTTPS, que envíe X-Forwarded-Proto, y aquí TRAS_PROXY=1.",
        id="mensajeria.W004",
    ),
    Warning(
        "Con un proxy en esta misma máquina y fuera de PROXIES_DE_CONFIANZA, todos llegan como"
        " 127.0.0.1: comparten los límites por dirección, y /metrics queda a la vista.",
        hint="Añade 127.0.0.1 a PROXIES_DE_CONFIANZA, o cierra /metrics en el proxy.",
        id="mensajeria.W006",
    ),
    Warning(
        "Los avisos a navegadores van firmados sin decir con quién se habla (VAPID_CONTACTO): algún"
        " servicio no los admite.",
        hint="Pon tu correo, o una página: VAPID_CONTACTO=mailto:avisos@tusitio.com",
        id="mensajeria.W012",
    ),
    Warning(
        "CORREO_DE_RESPUESTAS está puesto y no salen avisos por correo (CORREO_DE_AVISOS): nadie"
        " tendrá a qué contestar, ni se le dirá que su respuesta se negó.",
        hint="Pon de quién salen: CORREO_DE_AVISOS=Servitech <avisos@tusitio.com>",
        id="mensajeria.W013",
    ),
    Warning(
        "Se admite cualquier nombre de máquina (ALLOWED_HOSTS=*).",
        hint="Nombra los tuyos: ALLOWED_HOSTS=mensajes.tusitio.com",
        id="mensajeria.W007",
    ),
)


def las_que_fallan(fallas: dict[str, bool]) -> list[CheckMessage]:
    return [c for c in _TODAS if fallas.get(str(c.id).removeprefix("mensajeria."))]
