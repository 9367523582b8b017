"""La aplicación ASGI: una sola sirve REST, admin, página y las puertas de socket."""

from servitech.http import PeticionesEnUnHilo
from servitech.routing import construir

application = construir(PeticionesEnUnHilo())
