"""Un servicio de avisos en esta máquina: guarda lo que le llega, y contesta lo que se le diga."""

from __future__ import annotations

import base64
import hashlib
import hmac
import sys
import threading
from collections import deque
from collections.abc import Mapping
from dataclasses import dataclass, field
from http.server import BaseHTTPRequestHandler, ThreadingHTTPServer
from typing import Any, Self

import jwt
import msgspec
from cryptography.hazmat.primitives.asymmetric import ec
from cryptography.hazmat.primitives.ciphers.aead import AESGCM
from cryptography.hazmat.primitives.serialization import Encoding, PublicFormat

CURVA = ec.SECP256R1()


def en_base64(crudo: bytes) -> str:
    return base64.urlsafe_b64encode(crudo).rstrip(b"=").decode()


def de_base64(texto: str) -> bytes:
    return base64.urlsafe_b64decode(texto + "=" * (-len(texto) % 4))


@dataclass
class Peticion:
    camino: str
    cabeceras: Mapping[str, str]
    cuerpo: bytes
    estado: int = 0


@dataclass
class Servicio:
    """`contesta`: el estado, las cabeceras y el cuerpo de las siguientes; sin nada, 201."""

    recibidas: list[Peticion] = field(default_factory=list)
    contesta: deque[tuple[int, dict[str, str], bytes]] = field(default_factory=deque)

    def __enter__(self) -> Self:
        servicio = self

        class Atiende(BaseHTTPRequestHandler):
            protocol_version = "HTTP/1.1"

            def do_POST(self) -> None:
                largo = int(self.headers.get("content-length", 0))
                cuerpo = self.rfile.read(largo)
                if len(cuerpo) < largo:
                    # Quien la enviaba murió a medias: no es una petición.
                    self.close_connection = True
                    return
                peticion = Peticion(self.path, dict(self.headers), cuerpo)
                servicio.recibidas.append(peticion)
                estado, cabeceras, dicho = servicio.responder(self.path)
                peticion.estado = estado
                self.send_response(estado)
                for nombre, valor in {**cabeceras, "content-length": str(len(dicho))}.items():
                    self.send_header(nombre, valor)
                self.end_headers()
                self.wfile.write(dicho)

            def log_message(self, *_: Any) -> None:
                """Calla."""

        class Escucha(ThreadingHTTPServer):
            # Con las cinco de fábrica, la sexta conexión a la vez espera un segundo.
            request_queue_size = 128

            def handle_error(self, *_: Any) -> None:
                """A quien llama se le mata a veces: no es cosa suya."""
                if not isinstance(sys.exception(), ConnectionError):
                    super().handle_error(*_)

        self._http = Escucha(("127.0.0.1", 0), Atiende)
        self._hilo = threading.Thread(target=self._http.serve_forever, daemon=True)
        self._hilo.start()
        return self

    def __exit__(self, *_: object) -> None:
        self._http.shutdown()
        self._http.server_close()
        self._hilo.join()

    @property
    def url(self) -> str:
        return f"http://127.0.0.1:{self._http.server_port}"

    def responder(self, camino: str) -> tuple[int, dict[str, str], bytes]:
        return self.contesta.popleft() if self.contesta else (201, {}, b"")

    def cabecera(self, nombre: str, n: int = -1) -> str:
        cabeceras = {k.lower(): v for k, v in self.recibidas[n].cabeceras.items()}
        return cabeceras[nombre.lower()]


class Navegador:
    """Quien se suscribe: sus claves, y cómo descifra (RFC 8291), sin la biblioteca del producto."""

    def __init__(self, privada: bytes | None = None, auth: bytes = b"0123456789abcdef") -> None:
        self._privada = (
            ec.derive_private_key(int.from_bytes(privada), CURVA)
            if privada
            else ec.generate_private_key(CURVA)
        )
        self._auth = auth

    @property
    def publica(self) -> bytes:
        return self._privada.public_key().public_bytes(
            Encoding.X962, PublicFormat.UncompressedPoint
        )

    @property
    def claves(self) -> dict[str, str]:
        return {"p256dh": en_base64(self.publica), "auth": en_base64(self._auth)}

    def descifrar(self, cuerpo: bytes) -> bytes:
        sal, largo = cuerpo[:16], cuerpo[20]
        emisor, cifrado = cuerpo[21 : 21 + largo], cuerpo[21 + largo :]
        comun = self._privada.exchange(
            ec.ECDH(), ec.EllipticCurvePublicKey.from_encoded_point(CURVA, emisor)
        )
        info = b"WebPush: info\0" + self.publica + emisor + b"\x01"
        ikm = _hmac(_hmac(self._auth, comun), info)
        prk = _hmac(sal, ikm)
        clave = _hmac(prk, b"Content-Encoding: aes128gcm\0\x01")[:16]
        nonce = _hmac(prk, b"Content-Encoding: nonce\0\x01")[:12]
        return AESGCM(clave).decrypt(nonce, cifrado, None).rstrip(b"\0").removesuffix(b"\x02")

    def leer(self, cuerpo: bytes) -> dict[str, Any]:
        leido: dict[str, Any] = msgspec.json.decode(self.descifrar(cuerpo))
        return leido


def _hmac(clave: bytes, dato: bytes) -> bytes:
    return hmac.new(clave, dato, hashlib.sha256).digest()


def firmante(cabecera: str, origen: str) -> dict[str, Any]:
    """Lo que dice una cabecera `vapid`, comprobada su firma con la clave que lleva."""
    partes = dict(p.strip().split("=", 1) for p in cabecera.removeprefix("vapid ").split(","))
    punto = ec.EllipticCurvePublicKey.from_encoded_point(CURVA, de_base64(partes["k"]))
    datos: dict[str, Any] = jwt.decode(partes["t"], punto, ["ES256"], audience=origen)
    return datos
