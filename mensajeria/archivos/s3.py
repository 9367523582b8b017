"""El cubo de S3 donde se guardan los archivos, si se dice uno."""

from __future__ import annotations

from typing import IO, Any

from boto3.s3.transfer import TransferConfig
from botocore.config import Config
from botocore.exceptions import ClientError
from storages.backends.s3 import S3Storage

# Lo que se espera a que conteste, y las veces que se le pide.
SEGUNDOS_DE_CONEXION = 3
SEGUNDOS_DE_LECTURA = 10
VECES = 2
# Las que se guardan abiertas: cada bajada a medias tiene la suya, y son 16 por persona.
CONEXIONES = 128
# Más que lo que ocupa ninguno: por partes, lo que deja a medias una muerte no lo enseña ninguna
# lista, y se paga.
_DE_UNA_VEZ = 1024**3


class S3(S3Storage):  # type: ignore[misc]
    """El de `django-storages`, con plazos; y de cada archivo baja lo que se pide."""

    def get_default_settings(self) -> dict[str, Any]:
        plazos = Config(
            connect_timeout=SEGUNDOS_DE_CONEXION,
            read_timeout=SEGUNDOS_DE_LECTURA,
            retries={"total_max_attempts": VECES, "mode": "standard"},
            max_pool_connections=CONEXIONES,
        )
        entero = TransferConfig(multipart_threshold=_DE_UNA_VEZ, use_threads=False)
        suyos: dict[str, Any] = super().get_default_settings()
        return {**suyos, "client_config": plazos, "transfer_config": entero}

    def leer(self, name: str, desde: int, largo: int) -> IO[bytes]:
        """Ese tramo, según llega; FileNotFoundError si no está."""
        clave = self._normalize_name(name)
        pedido = {"Bucket": self.bucket_name, "Key": clave}
        tramo = f"bytes={desde}-{desde + largo - 1}"
        try:
            dicho = self.connection.meta.client.get_object(**pedido, Range=tramo)
        except ClientError as error:
            if error.response["Error"]["Code"] == "NoSuchKey":
                raise FileNotFoundError(name) from None
            raise
        cuerpo: IO[bytes] = dicho["Body"]
        return cuerpo

    def queda_sitio(self) -> bool:
        """Siempre: no se acaba, y si se acabara lo diría al guardar."""
        return True
