from __future__ import annotations

from collections.abc import Iterator

import pytest
import redis as cliente_redis

from tests import servicios


@pytest.fixture(scope="session")
def redis() -> Iterator[str]:
    with servicios.redis() as url:
        yield url


@pytest.fixture
def r(redis: str) -> Iterator[cliente_redis.Redis]:
    cliente = cliente_redis.Redis.from_url(redis, decode_responses=True)
    cliente.flushall()
    yield cliente
    cliente.close()
