"""La conversación de un cliente con el servidor, sea cual sea su puerta."""

from mensajeria.sesion.puerta import Id, Puerta
from mensajeria.sesion.sesion import Sesion, forma_de_error

__all__ = ["Id", "Puerta", "Sesion", "forma_de_error"]
