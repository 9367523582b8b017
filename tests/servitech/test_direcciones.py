from __future__ import annotations

from collections.abc import Callable

import pytest

from servitech import direcciones, observadores
from servitech.entorno import Malo
from servitech.prefijo import prefijo


@pytest.mark.parametrize(
    ("como", "valor", "queda"),
    [
        (direcciones.origen, "*", "*"),
        (direcciones.origen, "HTTPS://TuSitio.com:443/", "https://tusitio.com"),
        (direcciones.origen, "http://tusitio.com:080", "http://tusitio.com"),
        (direcciones.origen, "http://tusitio.com:8080", "http://tusitio.com:8080"),
        (direcciones.origen, "https://ñu.es", "https://xn--u-qga.es"),
        (direcciones.origen, "http://[0:0::1]:3000", "http://[::1]:3000"),
        (direcciones.origen, "capacitor://localhost", "capacitor://localhost"),
        (direcciones.maquina, "Mensajes.TuSitio.com.", "mensajes.tusitio.com"),
        (direcciones.maquina, "tusitio.com:3000", "tusitio.com"),
        (direcciones.maquina, ".tusitio.com", ".tusitio.com"),
        (direcciones.maquina, "::1", "[::1]"),
        (direcciones.maquina, "[0::1]:3000", "[::1]"),
        (direcciones.de_origen, "http://[::1]:3000", "[::1]"),
        (prefijo, "/chat/", "/chat"),
        (prefijo, "/un/chat.2", "/un/chat.2"),
        (prefijo, "/", ""),
        (direcciones.escucha, "[::]", "::"),
        (direcciones.escucha, "localhost", "localhost"),
        (direcciones.proxies, "10.0.0.1/8, 127.0.0.1,0::1", "10.0.0.0/8,127.0.0.1,::1"),
        (direcciones.proxies, "127.0.0.1,*", "*"),
        (direcciones.proxies, "0.0.0.0/0", "*"),
        (direcciones.contacto, "ana@tusitio.com", "mailto:ana@tusitio.com"),
        (direcciones.contacto, "mailto:ana@tusitio.com", "mailto:ana@tusitio.com"),
        (direcciones.contacto, "https://tusitio.com/avisos", "https://tusitio.com/avisos"),
        (direcciones.proxies, "127.0.0.1,::/0", "*"),
        (direcciones.proxies, "0.0.0.0/1,10.0.0.1,128.0.0.0/1", "*"),
        (direcciones.proxies, "8000::/1, ::/2, 4000::/2", "*"),
        (direcciones.proxies, "::ffff:0:0/96", "*"),
        (direcciones.proxies, "::ffff:10.0.0.0/104,::ffff:7f00:1", "10.0.0.0/8,127.0.0.1"),
    ],
)
def test_queda_como_lo_enviara_quien_llame(
    como: Callable[[str], str], valor: str, queda: str
) -> None:
    assert como(valor) == queda


@pytest.mark.parametrize(
    ("como", "valor", "escribe"),
    [
        (direcciones.origen, "https://*.tusitio.com", "por comas"),
        (direcciones.origen, "tusitio.com", "https://"),
        (direcciones.origen, "null", "https://"),
        (direcciones.origen, "wss://tusitio.com", "https://tusitio.com"),
        (direcciones.origen, "https://tusitio.com/app?x=1", "https://tusitio.com"),
        (direcciones.origen, "https://yo@tusitio.com", "https://tusitio.com"),
        (direcciones.origen, "https://a.com https://b.com", ""),
        (direcciones.origen, "https://a.com;https://b.com", ""),
        (direcciones.origen, "http://a.com:puerto", ""),
        (direcciones.origen, "http://a.com:99999", ""),
        (direcciones.maquina, "https://tusitio.com", "tusitio.com"),
        (direcciones.maquina, "tusitio.com/app", "tusitio.com"),
        (direcciones.maquina, "*.tusitio.com", ".tusitio.com"),
        (direcciones.maquina, "a b", ""),
        (prefijo, "chat", "/chat"),
        (observadores.sentry, "https://sentry.tusitio.com/1", "clave@"),
        (observadores.sentry, "clave", "https://"),
        (observadores.trazas, "127.0.0.1:4318", "http://"),
        (observadores.trazas, "http://[", "http://"),
        (prefijo, "/../chat", "/chat"),
        (prefijo, "/un chat", "/chat"),
        (direcciones.escucha, "*", "0.0.0.0"),
        (direcciones.escucha, "0.0.0.0:3000", "0.0.0.0"),
        (direcciones.escucha, "http://0.0.0.0", "0.0.0.0"),
        (direcciones.proxies, "proxy.local", "10.0.0.0/8"),
        (direcciones.proxies, "10.0.0.0/99", "10.0.0.0/8"),
        (direcciones.contacto, "llamar a Ana", "@"),
        (direcciones.contacto, "http://tusitio.com", "@"),
        (direcciones.contacto, "https://", "@"),
    ],
)
def test_lo_que_no_casaria_nunca_se_niega(
    como: Callable[[str], str], valor: str, escribe: str
) -> None:
    with pytest.raises(Malo) as visto:
        como(valor)
    assert escribe in visto.value.escribe
