"""What every provider's API has in common: the key check, the list of models, reading a stream."""

from __future__ import annotations

import time
from abc import ABC, abstractmethod
from collections.abc import AsyncGenerator, Iterable, Mapping, Sequence
from contextlib import aclosing
from datetime import UTC, datetime, timedelta
from typing import Any, Protocol

import httpx

from landfall.core import json_text
from landfall.core.errors import Interrupted, ModelNotFound, NetworkUnavailable, ServerRefused
from landfall.core.events import Aborted, Ended, Piece, RunEvent, Sent
from landfall.services.cloud.address import Address
from landfall.services.cloud.provider import (
    Accepted,
    ChatOptions,
    HostedModel,
    KeyCheck,
    KeyKind,
    Message,
    ProviderRow,
)
from landfall.services.cloud.refusals import error_object, refusal
from landfall.services.cloud.sse import EventParser, Overlong, ServerEvent
from landfall.services.cloud.transport import (
    PATIENT,
    Answer,
    Outgoing,
    Transport,
    not_an_api,
)
from landfall.services.egress import Purpose
from landfall.services.keys.secret import Secret

_CONTEXT_NAMES = (
    "context_length",
    "context_window",
    "max_context_length",
    "max_model_len",
    "max_input_tokens",
)
_RETIRES_NAMES = ("retires_at", "shutdown_date", "deprecation")


NOT_BEGUN = "the stream ended before the answer began"
NOTHING_CAME = f"{NOT_BEGUN}: the prompt may be longer than the model takes"
"""Seen of llama-cpp-python 0.3.36, which answers such a prompt with 200 and an empty stream."""
NO_ANSWER = "what came is not the stream of an answer"


class StreamReader(Protocol):
    """Understands the events of one answer.

    Attributes:
        done: The answer said that nothing follows.
    """

    done: bool

    def feed(self, at: float, event: ServerEvent) -> Iterable[Piece]:
        """The pieces in an event; remembers usage and the reason of the end."""
        ...

    def outcome(self, at: float) -> Ended | Aborted:
        """What the stream came to, once it is over."""
        ...


class HostedApi(ABC):
    """One provider at one address; an adapter says how a question is put and an answer read."""

    def __init__(self, row: ProviderRow, address: Address, transport: Transport) -> None:
        self.row = row
        self.address = address
        self.transport = transport

    async def check(
        self, key: Secret | None, *, purpose: Purpose, kind: KeyKind = "inference"
    ) -> Accepted:
        """Ask with the cheapest request whether the key is good; see `Provider.check`."""
        wanted = _check_of(self.row, kind)
        outgoing = Outgoing(
            row=self.row,
            address=self.address,
            path=_dated(wanted.path, datetime.now(UTC)),
            purpose=purpose,
            secret=key,
            auth=wanted.auth or self.row.auth,
            headers=self.headers(),
            accepted=wanted.accepted_statuses,
            kind=kind,
        )
        try:
            async with self.transport.open(outgoing) as answer:
                return await _accepted(answer)
        except (ServerRefused, ModelNotFound) as error:
            # Neither yes nor no: the key may be good.
            raise NetworkUnavailable(error.message, error.hint) from error

    async def list_models(self, key: Secret | None, *, purpose: Purpose) -> tuple[HostedModel, ...]:
        """The models that this key may use, in the provider's order."""
        value = await self.fetch(self.row.models_path, key, purpose=purpose)
        return tuple(models_in(value))

    async def fetch(
        self,
        path: str,
        key: Secret | None,
        *,
        purpose: Purpose,
        kind: KeyKind = "inference",
    ) -> Any:
        """The JSON value at a path of this provider."""
        return await self.transport.fetch(
            Outgoing(
                row=self.row,
                address=self.address,
                path=path,
                purpose=purpose,
                secret=key,
                auth=self.row.auth,
                headers=self.headers(),
                kind=kind,
            )
        )

    async def chat(
        self,
        key: Secret | None,
        *,
        model: str,
        messages: Sequence[Message],
        options: ChatOptions,
        purpose: Purpose,
    ) -> AsyncGenerator[RunEvent, None]:
        """Stream one answer; see `Provider.chat`."""
        path, body = self.question(model, messages, options)
        outgoing = Outgoing(
            row=self.row,
            address=self.address,
            path=path,
            purpose=purpose,
            secret=key,
            auth=self.row.auth,
            body=body,
            # A compressed stream arrives in lumps, and a token's time would be that of its lump.
            headers=(*self.headers(), ("Accept-Encoding", "identity")),
            patient=True,
            model=model,
        )
        async with self.transport.open(outgoing) as answer:
            yield Sent(answer.sent_at)
            stream = follow(answer, self.reader(), outgoing=outgoing, max_tokens=options.max_tokens)
            async with aclosing(stream) as events:
                async for event in events:
                    yield event

    def headers(self) -> tuple[tuple[str, str], ...]:
        """Headers that every request of this protocol carries, beside the key."""
        return ()

    @abstractmethod
    def question(
        self, model: str, messages: Sequence[Message], options: ChatOptions
    ) -> tuple[str, dict[str, Any]]:
        """Path and body of the request for an answer."""

    @abstractmethod
    def reader(self) -> StreamReader:
        """A fresh reader for one answer."""


def _check_of(row: ProviderRow, kind: KeyKind) -> KeyCheck:
    if kind == "usage" and row.usage_key is not None:
        return row.usage_key.check
    return row.check


def _dated(path: str, now: datetime) -> str:
    """The path with the start of the day before: the newest day that is surely over."""
    day = now.replace(hour=0, minute=0, second=0, microsecond=0) - timedelta(days=1)
    return path.replace("{day_unix}", str(int(day.timestamp()))).replace(
        "{day_iso}", day.strftime("%Y-%m-%dT%H:%M:%SZ")
    )


async def _accepted(answer: Answer) -> Accepted:
    """A success that is no JSON, or is an error after all, proves nothing."""
    text = await answer.text()
    if not answer.response.is_success:
        return Accepted(answer.host, f"it answers {answer.status}: the key is known, not its use")
    value = parsed(text)
    if not isinstance(value, dict | list) or (isinstance(value, dict) and value.get("error")):
        raise not_an_api(answer)
    return Accepted(answer.host)


def parsed(text: str) -> Any:
    """The JSON value, or None where it is none."""
    try:
        return json_text.read_answer(text)
    except ValueError:
        return None


def models_in(value: Any) -> Iterable[HostedModel]:
    """The models in an answer: under "data", under "models", or a plain array."""
    rows = value if isinstance(value, list) else None
    if isinstance(value, dict):
        rows = value.get("data", value.get("models"))
    for row in rows if isinstance(rows, list) else []:
        if isinstance(row, dict) and isinstance(row.get("id"), str) and row["id"]:
            yield _model(row)


def _model(row: Mapping[str, Any]) -> HostedModel:
    name = row.get("display_name") or row.get("name")
    identity = row["id"].removeprefix("models/")
    retires = next((text for key in _RETIRES_NAMES if (text := _day(row.get(key)))), None)
    context = next((n for key in _CONTEXT_NAMES if (n := count(row.get(key))) is not None), None)
    return HostedModel(
        id=identity,
        name=name if isinstance(name, str) else identity,
        retires=retires,
        context=context,
    )


def _day(value: Any) -> str | None:
    if isinstance(value, str) and value.strip():
        return value.strip()
    seconds = count(value)
    try:
        return datetime.fromtimestamp(seconds, UTC).date().isoformat() if seconds else None
    except (ValueError, OverflowError, OSError):
        return None  # no calendar has it


def count(value: Any) -> int | None:
    """A number of things as an API states it, or None where it is none."""
    if isinstance(value, bool) or not isinstance(value, int | float):
        return None
    return int(value) if 0 <= value < 10**15 else None


async def follow(
    answer: Answer, reader: StreamReader, *, outgoing: Outgoing, max_tokens: int
) -> AsyncGenerator[RunEvent, None]:
    """The events of an answer's stream up to its end.

    Raises:
        ServerRefused, KeyRefused: the stream carries an error.
    """
    # A piece is a token or more; a host that ignores the limit must not run up a bill.
    pieces_left = pieces_most = 2 * max_tokens + 64
    understood = False
    try:
        async with aclosing(server_events(answer, outgoing)) as events:
            async for at, event in events:
                understood = understood or isinstance(parsed(event.data), dict)
                for piece in reader.feed(at, event):
                    yield piece
                    pieces_left -= 1
                if pieces_left < 0:
                    beyond = f"the answer went beyond the {max_tokens:,} tokens allowed"
                    yield Aborted(at, beyond, of_model=True)
                    return
                if reader.done:
                    break
    except Interrupted as error:
        yield Aborted(time.perf_counter(), error.message)
        return
    outcome = reader.outcome(time.perf_counter())
    if isinstance(outcome, Aborted) and pieces_left == pieces_most:
        outcome = Aborted(outcome.at, _why_nothing(answer, understood=understood))
    yield outcome


def _why_nothing(answer: Answer, *, understood: bool) -> str:
    """Why a stream came to its end, and to no piece of an answer."""
    if not answer.exchange.received_bytes:
        return NOTHING_CAME if answer.status == 200 else NOT_BEGUN
    return NOT_BEGUN if understood else NO_ANSWER


async def server_events(
    answer: Answer, outgoing: Outgoing
) -> AsyncGenerator[tuple[float, ServerEvent], None]:
    """Events with the time at which their chunk left the socket.

    Raises:
        Interrupted: the connection broke or is not a stream of events any more.
        ServerRefused, KeyRefused: an error instead of an event.
        NetworkUnavailable: not a stream at all.
    """
    if answer.content_type in ("application/json", "text/html"):
        body = await answer.text()
        raise _no_stream(answer, body, outgoing)
    parser = EventParser()
    try:
        async for at, chunk in answer.chunks():
            for event in parser.feed(chunk):
                yield at, checked(event, outgoing)
    except (httpx.HTTPError, Overlong) as error:
        raise Interrupted(_broken(answer.host, error)) from error
    at = time.perf_counter()
    for event in parser.end():
        yield at, checked(event, outgoing)


def _broken(host: str, error: httpx.HTTPError | Overlong) -> str:
    """How a stream broke, in words; what the libraries say of it means nothing to a user."""
    if isinstance(error, httpx.TimeoutException):
        return f"{host} said nothing more for {PATIENT.read:.0f} seconds."
    if isinstance(error, httpx.RemoteProtocolError | httpx.ReadError):
        return f"{host} closed the connection in the middle of the answer."
    return f"{host} broke off: {str(error) or type(error).__name__}."


def _no_stream(answer: Answer, body: str, outgoing: Outgoing) -> Exception:
    value = parsed(body)
    if isinstance(value, dict) and value.get("error"):
        return in_stream(body, outgoing)
    return not_an_api(answer)


def checked(event: ServerEvent, outgoing: Outgoing) -> ServerEvent:
    """The event, unless it is an error.

    Raises:
        ServerRefused, KeyRefused: it is.
    """
    if event.event == "error" or '"error"' in event.data:
        value = parsed(event.data)
        named = isinstance(value, dict) and value.get("error")
        if event.event == "error" or named:
            raise in_stream(event.data, outgoing)
    return event


def in_stream(body: str, outgoing: Outgoing) -> Exception:
    """The error for an error object that came with a success status."""
    code = error_object(body).get("code")
    known = code if isinstance(code, int) and code in (401, 402, 403, 404) else None
    return refusal(
        outgoing.row,
        status=known,
        body=body,
        secret=outgoing.secret,
        model=outgoing.model,
    )
