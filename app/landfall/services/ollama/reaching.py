"""What may be sent to a server and by which way, and what a failed connection to it means."""

from __future__ import annotations

from urllib.parse import urlsplit

import httpx

from landfall.core.errors import AppError, BadInput, OllamaUnavailable
from landfall.core.hosts.host_names import is_loopback
from landfall.services.keys.secret import Secret
from landfall.services.ollama import errors
from landfall.services.ollama.address import LOOKS_HINT, START_HINT


def _checked_host(url: str) -> str:
    """The host of an address.

    Raises:
        BadInput: it is no address.
    """
    try:
        host, _port = httpx.URL(url).host, urlsplit(url).port
    except (httpx.InvalidURL, ValueError) as error:
        raise BadInput(f"{url} is no address: {error}.", LOOKS_HINT, field="OLLAMA_HOST") from error
    if not host or any(character.isspace() for character in url):
        raise BadInput(f"{url!r} is no address.", LOOKS_HINT, field="OLLAMA_HOST")
    return host


def bearer(token: Secret | None) -> dict[str, str]:
    """The header that shows a token, where there is one."""
    return {} if token is None else {"Authorization": f"Bearer {token.reveal()}"}


def hushed(said: str, token: Secret | None) -> str:
    """What a server says of a failure, without the token, which it may repeat."""
    return said if token is None else token.redact(said)


def may_use_proxy(url: str, token: Secret | None) -> bool:
    """Whether a proxy that the system names may stand between.

    It has no business between us and ourselves, and may not read a token: of an encrypted
    connection it sees none.

    Raises:
        BadInput: it is no address.
    """
    if is_loopback(_checked_host(url)):
        return False
    return token is None or urlsplit(url).scheme == "https"


def unreachable(error: httpx.TransportError, host: str) -> AppError:
    """The error that a failed connection means; nothing was answered yet."""
    match error:
        case httpx.ConnectTimeout() | httpx.PoolTimeout():
            return OllamaUnavailable(f"Nothing answers at {host}.", START_HINT)
        case httpx.ConnectError():
            return OllamaUnavailable(errors.no_connection(host, error), START_HINT)
        case httpx.TimeoutException():
            return errors.does_not_answer(host)
        case _:
            return errors.cut(host)
