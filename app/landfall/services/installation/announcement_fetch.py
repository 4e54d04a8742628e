"""Fetches the file with news of versions: once, small, encrypted, and without saying who asks."""

from __future__ import annotations

import asyncio
import ssl
from http.cookiejar import CookieJar, DefaultCookiePolicy

import httpx

from landfall import __version__
from landfall.core.announcement import MAX_BYTES, secure_address
from landfall.core.errors import AppError, NetworkUnavailable, ServerRefused, Unavailable
from landfall.core.hosts.host_names import is_loopback
from landfall.services import certificates, proxies
from landfall.services.egress import EgressLog, Purpose, recorded
from landfall.services.threads import in_thread

WHY = "news of versions"
"""Why it is asked for, as the egress log has it."""
PATIENCE_SECONDS = 10.0
_MAX_REDIRECTS = 3
_CHECK_NETWORK = "Check the connection, and whether the network wants a log-in first."


async def fetched(address: str, log: EgressLog, *, patience_seconds: float | None = None) -> bytes:
    """The bytes of the file. Each request, also after a redirect, is a line of the egress log.

    Args:
        address: An https address.
        log: Where the lines go.
        patience_seconds: For all of it; `PATIENCE_SECONDS` by default.

    Raises:
        NetworkUnavailable: no connection, no trusted certificate, silence, or no plain file.
        ServerRefused: the host answers with a refusal.
        Unavailable: it leads out of encryption, or nowhere.
    """
    seconds = PATIENCE_SECONDS if patience_seconds is None else patience_seconds
    url = httpx.URL(address)
    try:
        async with asyncio.timeout(seconds), await _client(url.host) as client:
            return await _followed(client, url, log)
    except TimeoutError as error:
        raise NetworkUnavailable(
            f"{url.host} did not send the news of versions within {seconds:g} seconds.",
            _CHECK_NETWORK,
        ) from error


async def _client(host: str) -> httpx.AsyncClient:
    """Follows nothing by itself and keeps no cookies; a proxy is the system's, as for providers."""
    context = await in_thread(certificates.trusted)
    with proxies.understood(used=not is_loopback(host)):
        return httpx.AsyncClient(
            verify=context,
            trust_env=not is_loopback(host),
            follow_redirects=False,
            headers={"User-Agent": f"Landfall/{__version__}", "Accept-Encoding": "identity"},
            cookies=CookieJar(DefaultCookiePolicy(allowed_domains=[])),
            timeout=None,
        )


async def _followed(client: httpx.AsyncClient, url: httpx.URL, log: EgressLog) -> bytes:
    first = url.host
    for _ in range(_MAX_REDIRECTS + 1):
        found = await _answer(client, url, log)
        if isinstance(found, bytes):
            return found
        url = found
    raise NetworkUnavailable(
        f"{first} sends from one address to the next without end.", "Try again later."
    )


async def _answer(client: httpx.AsyncClient, url: httpx.URL, log: EgressLog) -> bytes | httpx.URL:
    """The file, or where it is said to be."""
    request = client.build_request("GET", url)
    host = url.netloc.decode("ascii")
    purpose = Purpose(why=WHY)
    async with recorded(log, host=host, sent_bytes=_size(request), purpose=purpose) as exchange:
        try:
            answer = await client.send(request, stream=True)
            exchange.outcome = str(answer.status_code)
            try:
                if answer.has_redirect_location:
                    return _way_on(url, answer.headers["location"])
                body = await _body(answer, url.host)
                exchange.received_bytes = len(body)
                return body
            finally:
                await answer.aclose()
        except UnicodeError as error:
            # It leads to a name that no name server can be asked for.
            exchange.outcome = type(error).__name__
            raise _leads_nowhere(url) from error
        except httpx.HTTPError as error:
            exchange.outcome = type(error).__name__
            raise _outage(url.host, error) from error


def _way_on(url: httpx.URL, location: str) -> httpx.URL:
    target = url.join(location)  # one that is none has failed in httpx by now
    if target.scheme != "https" or not target.host:
        raise Unavailable(
            f"{url.host} leads to an address that is not encrypted; it was not followed.",
            _CHECK_NETWORK,
        )
    try:
        secure_address(str(target))
    except ValueError as error:
        raise _leads_nowhere(url) from error
    return target


def _leads_nowhere(url: httpx.URL) -> Unavailable:
    return Unavailable(f"{url.host} leads to an address that is none.", _CHECK_NETWORK)


async def _body(answer: httpx.Response, host: str) -> bytes:
    if answer.status_code != 200:
        raise _refusal(answer.status_code, host)
    kind = answer.headers.get("content-type", "").partition(";")[0].strip().lower()
    if kind == "text/html":
        raise NetworkUnavailable(f"{host} answers with a web page.", _CHECK_NETWORK)
    packed = answer.headers.get("content-encoding", "identity").strip().lower()
    if packed not in {"", "identity"}:
        raise NetworkUnavailable(f"{host} packs its answer, which was not asked for.")
    body = bytearray()
    async for chunk in answer.aiter_raw():
        body += chunk
        if len(body) > MAX_BYTES:
            raise NetworkUnavailable(
                f"{host} sends more than the {MAX_BYTES >> 10} KiB that news of versions may have.",
                _CHECK_NETWORK,
            )
    return bytes(body)


def _refusal(status: int, host: str) -> AppError:
    if status in {404, 410}:
        return ServerRefused(
            f"{host} has no news of versions where this build looks for them ({status}).",
            "Look at the page of releases yourself.",
            status=status,
        )
    return ServerRefused(f"{host} answers with status {status}.", "Try again later.", status=status)


def _outage(host: str, error: httpx.HTTPError) -> NetworkUnavailable:
    """What stands behind a failed connection, in words."""
    cause: BaseException | None = error
    while cause is not None:
        if isinstance(cause, ssl.SSLCertVerificationError):
            return NetworkUnavailable(
                f"The certificate of {host} is not trusted: {certificates.why_not(cause)}."
                " Nothing was sent.",
                "Behind a company proxy, point SSL_CERT_FILE to its certificate authority.",
            )
        if isinstance(cause, ssl.SSLError):
            return NetworkUnavailable(
                f"There is no encrypted connection to {host}: {cause.reason or 'TLS failed'}.",
                _CHECK_NETWORK,
            )
        cause = cause.__cause__ or cause.__context__
    match error:
        case httpx.ProxyError():
            said = f"{host} cannot be reached through the proxy that this system names."
        case httpx.ConnectError():
            said = f"{host} cannot be reached: is this machine online?"
        case _:
            said = f"{host} broke off in the middle of its answer."
    return NetworkUnavailable(said, _CHECK_NETWORK)


def _size(request: httpx.Request) -> int:
    """Bytes of the request as HTTP/1.1 writes it."""
    line = len(request.method) + len(request.url.raw_path) + len(b"  HTTP/1.1\r\n")
    headers = sum(len(name) + len(value) + len(b": \r\n") for name, value in request.headers.raw)
    return line + headers + len(b"\r\n")
