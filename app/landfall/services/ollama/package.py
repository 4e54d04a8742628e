"""The official `ollama` package, used for the calls whose answers it keeps whole.

That is `copy`. Everything else is asked and read by our own client: the package's types (0.6.3)
drop `remote_host` and `remote_model`, which alone tell that a model is in a cloud, and the arrays,
ids and messages of several answers; it has no call for the version, the status or a blob.

Two of its habits are kept away from the user: at import it makes a client for OLLAMA_HOST, and
for the proxies of the system, and fails where one is malformed; and it sends OLLAMA_API_KEY to
whatever host it talks to.
"""

from __future__ import annotations

import os
from collections.abc import Iterator
from contextlib import contextmanager
from functools import cache
from typing import Any

import httpx

from landfall.services import proxies
from landfall.services.keys.secret import Secret
from landfall.services.late_imports import late
from landfall.services.ollama.errors import refusal
from landfall.services.ollama.reaching import bearer, may_use_proxy, unreachable

_ITS_VARIABLES = ("OLLAMA_HOST", "OLLAMA_API_KEY")


async def copy(
    url: str,
    source: str,
    destination: str,
    *,
    timeout_seconds: float,
    token: Secret | None = None,
) -> None:
    """Give a model a second name.

    Raises:
        ModelNotFound: there is no such model.
        OllamaUnavailable: the server does not answer.
    """
    by_proxy = may_use_proxy(url, token)
    package = _imported()
    with _without(_ITS_VARIABLES), proxies.understood(used=by_proxy):
        client = package.AsyncClient(
            host=url,
            timeout=timeout_seconds,
            follow_redirects=False,
            trust_env=by_proxy,
            headers=bearer(token),
        )
    try:
        await client.copy(source, destination)
    except httpx.TransportError as error:
        raise unreachable(error, url) from error
    except ConnectionError as error:
        # Its own word for a refused connection; the cause is httpx's.
        raise unreachable(httpx.ConnectError(str(error)), url) from error
    except package.ResponseError as error:
        raise refusal(error.error, status=error.status_code, host=url) from error
    finally:
        await client.close()


@cache
def _imported() -> Any:
    for needed in ("anyio", "pydantic.json_schema"):
        late(needed)
    with proxies.unseen(), _without(_ITS_VARIABLES):
        return late("ollama")


@contextmanager
def _without(names: tuple[str, ...]) -> Iterator[None]:
    kept = {name: os.environ.pop(name) for name in names if name in os.environ}
    try:
        yield
    finally:
        os.environ.update(kept)
