"""What a provider's "no" means: status and body in, one of the program's own errors out."""

from __future__ import annotations

import email.utils
import math
import ssl
from collections.abc import Mapping
from datetime import UTC, datetime
from typing import Any
from urllib.request import getproxies

import httpx

from landfall.core import json_text
from landfall.core.errors import (
    AppError,
    KeyRefused,
    ModelNotFound,
    NetworkUnavailable,
    ServerBusy,
    ServerRefused,
)
from landfall.services import failed_connection
from landfall.services.cloud.provider import KeyKind, ProviderRow
from landfall.services.keys.secret import Secret, scrubbed

TRANSIENT = frozenset({408, 429, 500, 502, 503, 504, 529})
"""Statuses after which the same request may succeed. 529 is Anthropic's "overloaded"."""

_NO_CREDIT = (
    "insufficient_quota",
    "insufficient_balance",
    "insufficient balance",
    "billing_hard_limit_reached",
    "billing_not_active",
    "credit balance is too low",
)
_SAID_MAX = 300

_ON_THE_WAY = (
    httpx.ReadTimeout,
    httpx.WriteTimeout,
    httpx.ReadError,
    httpx.WriteError,
    httpx.RemoteProtocolError,
)
"""The connection stood when it failed: the request may have arrived."""


def refusal(
    row: ProviderRow,
    *,
    status: int | None,
    body: str,
    secret: Secret | None = None,
    model: str = "",
    wait_seconds: float | None = None,
    kind: KeyKind = "inference",
) -> AppError:
    """The error for an answer that is a no.

    Args:
        row: Who answered.
        status: Of the answer; None where the error came inside a stream.
        body: As sent; only its message is repeated, without the key should it stand there.
        secret: The key that was sent.
        model: What was asked for, or "".
        wait_seconds: What Retry-After said, or None.
        kind: Which of the provider's keys was sent.
    """
    error = error_object(body)
    said = _quoted(message_of(error, body), secret)
    if _refuses_key(row, status, body):
        return _key_refused(row, kind, said, status=status)
    if status == 402 or says_no_credit(body):
        return ServerRefused(
            f"{row.name} says there is no credit left{said}.",
            "Add credit in the provider's console, then try again.",
            status=status,
        )
    if model and (status == 404 or error.get("code") == "model_not_found"):
        return ModelNotFound(
            f"{row.name} knows no model {model!r}{said}.",
            "Choose one from its list of models; it may have been retired.",
        )
    message, hint = f"{row.name} {_verb(status)}{said}.", _hint(status, wait_seconds)
    if status in TRANSIENT:
        return ServerBusy(message, hint, status=status, wait_seconds=wait_seconds)
    return ServerRefused(message, hint, status=status)


def _key_refused(row: ProviderRow, kind: KeyKind, said: str, *, status: int | None) -> KeyRefused:
    if kind == "usage" and row.usage_key is not None:
        return KeyRefused(
            f"{row.name} refuses to tell usage to this key{said}.",
            f"It takes the {row.usage_key.name}, made at {row.usage_key.keys_page}; store it with"
            f" `landfall key set {row.id} --usage`.",
        )
    if status == 403:
        # The key is known; what was asked is not open to it: a model, a region, a project.
        return KeyRefused(
            f"{row.name} refuses this to the key (403){said}.",
            f"See in the provider's console what the key may do, or store another with"
            f" `landfall key set {row.id}`.",
        )
    return KeyRefused(
        f"{row.name} refuses the key{said}.",
        f"Store a new one with `landfall key set {row.id}`.",
    )


def _refuses_key(row: ProviderRow, status: int | None, body: str) -> bool:
    """A web page with 403 is a proxy or a firewall, which knows nothing of keys."""
    is_page = body.lstrip().startswith("<")
    by_status = status == 401 or (status == 403 and not is_page)
    return by_status or any(text in body for text in row.key_refused_texts)


def says_no_credit(body: str) -> bool:
    """Whether a refusal is about money: another attempt does not refill an account."""
    text = body.lower()
    return any(sign in text for sign in _NO_CREDIT)


def _verb(status: int | None) -> str:
    match status:
        case None:
            return "broke off with an error"
        case 429:
            return "is being asked too often (429)"
        case 408:
            return "did not get the request in time (408)"
        case 529:
            return "is overloaded (529)"
        case 404:
            return "knows no such address (404)"
        case _ if status >= 500:
            return f"has a problem of its own ({status})"
        case _:
            return f"refuses the request ({status})"


def _hint(status: int | None, wait_seconds: float | None) -> str:
    if wait_seconds is not None:
        # Rounded up: who comes a moment early is sent away again.
        seconds = max(1, math.ceil(wait_seconds))
        return f"Try again in {seconds} second{'s' if seconds > 1 else ''}."
    if status == 404:
        return "Check the base address; most end in /v1."
    return "Try again later." if status is None or status in TRANSIENT else ""


def error_object(body: str) -> Mapping[str, Any]:
    """The error inside a body, in any of the shapes in use; empty where there is none."""
    try:
        value = json_text.read_answer(body)
    except ValueError:
        return {}
    if isinstance(value, list):
        value = value[0] if value else {}
    if not isinstance(value, dict):
        return {}
    inner = value.get("error", value)
    return inner if isinstance(inner, dict) else {"message": inner}


def message_of(error: Mapping[str, Any], body: str) -> str:
    """The sentence in an error object, or the start of a body that is plain text."""
    for name in ("message", "detail", "error"):
        text = error.get(name)
        if isinstance(text, str) and text.strip():
            return text.strip()
    is_markup = body.lstrip()[:1] in ("<", "{", "[")
    return "" if is_markup else body.strip()


def _quoted(text: str, secret: Secret | None) -> str:
    """Somebody else's words: one line, short, printable, without the key or any other."""
    clean = scrubbed(secret.redact(text) if secret else text)
    line = " ".join("".join(c if c.isprintable() else " " for c in clean).split()).rstrip(".")
    if len(line) > _SAID_MAX:
        line = line[:_SAID_MAX] + "…"
    return f": {line}" if line else ""


def retry_after_seconds(headers: Mapping[str, str], *, now: datetime | None = None) -> float | None:
    """What Retry-After asks for, as seconds or as a date; None where it says nothing usable."""
    text = headers.get("retry-after", "").strip()
    try:
        return max(0.0, float(text)) if text.replace(".", "", 1).isdigit() else _until(text, now)
    except (ValueError, TypeError):
        return None


def _until(text: str, now: datetime | None) -> float:
    moment = email.utils.parsedate_to_datetime(text)
    if moment.tzinfo is None:
        moment = moment.replace(tzinfo=UTC)
    return max(0.0, (moment - (now or datetime.now(UTC))).total_seconds())


def unreachable(host: str, error: httpx.HTTPError) -> NetworkUnavailable:
    """The error for a connection that failed: certificate, proxy, name, silence or refusal."""
    certificate = _certificate_problem(error)
    if certificate:
        return NetworkUnavailable(
            f"The certificate of {host} is not trusted: {certificate}. Nothing was sent.",
            "Behind a company proxy, point SSL_CERT_FILE to its certificate authority.",
        )
    said = str(error) or type(error).__name__
    if isinstance(error, httpx.ProxyError):
        return NetworkUnavailable(
            f"The proxy does not reach {host}: {said}.", "Check HTTPS_PROXY and the system proxy."
        )
    if isinstance(error, httpx.TimeoutException):
        return NetworkUnavailable(
            f"{host} does not answer in time.",
            "Check the connection, then try again.",
            may_have_arrived=isinstance(error, _ON_THE_WAY),
        )
    return NetworkUnavailable(
        _outage(host, error) or f"{host} cannot be reached ({said}).",
        "Check the connection and the address, then try again.",
        may_have_arrived=isinstance(error, _ON_THE_WAY),
    )


def _outage(host: str, error: BaseException) -> str:
    """What stands behind a failed connection, in words of ours: those of the system have a number
    of an error in front, and no other language."""
    if getproxies().keys() & {"https", "all"}:
        return ""  # it may be the proxy that is not reached
    if failed_connection.is_unknown_name(error):
        return f"{host} cannot be reached: its name is not found."
    if failed_connection.is_refused(error):
        return f"{host} cannot be reached: nobody listens on its port."
    if failed_connection.is_out_of_reach(error):
        return f"{host} cannot be reached: there is no way to it."
    if isinstance(error, httpx.RemoteProtocolError | httpx.ReadError | httpx.WriteError):
        return f"{host} cannot be reached: it cut the connection."
    return ""


def _certificate_problem(error: BaseException) -> str:
    for one in failed_connection.causes(error):
        if isinstance(one, ssl.SSLCertVerificationError):
            return str(one.verify_message or one.reason).rstrip(".")
    return ""
