"""Las sesiones de Django con `REDIS_URL`: en Redis, y en la base por si Redis falla o se vacía."""

from __future__ import annotations

import contextlib
from typing import Any

from django.contrib.sessions.backends import cached_db, db
from redis import RedisError


class SessionStore(cached_db.SessionStore):
    """Con Redis caído se sigue igual, y se entra sin sesión previa, leyendo de la base.

    Borrarla sí lo exige y lanza `RedisError` (salir, o lo que le cambia la clave: volver a entrar o
    cambiar la contraseña): la copia de Redis seguiría valiendo cuando Redis volviera. Lo que se
    guarda con Redis parado puede verse como estaba hasta que caduque.
    """

    _cache: Any
    _session: dict[str, Any]

    def load(self) -> dict[str, Any]:
        try:
            return super().load()
        except RedisError:
            return db.SessionStore.load(self)

    def exists(self, session_key: str) -> bool:
        return db.SessionStore.exists(self, session_key)

    def save(self, must_create: bool = False) -> None:
        db.SessionStore.save(self, must_create)
        with contextlib.suppress(RedisError):
            self._cache.set(self.cache_key, self._session, self.get_expiry_age())

    def delete(self, session_key: str | None = None) -> None:
        clave = session_key or self.session_key
        if clave is None:
            return
        self._cache.delete(self.cache_key_prefix + clave)
        db.SessionStore.delete(self, clave)
        # Quien la leyera entre lo uno y lo otro la habría copiado otra vez.
        self._cache.delete(self.cache_key_prefix + clave)
