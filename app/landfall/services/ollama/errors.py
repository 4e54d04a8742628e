"""Translates what Ollama answers into the program's errors, each with a next step.

The texts are those of v0.24.0 and v0.32.15, seen on running servers. 0.32 hands the error body of
its llama-server through: `error` is then a string that itself holds JSON, which is unwrapped here.
"""

from __future__ import annotations

import json
import re
from collections.abc import Callable
from dataclasses import dataclass
from typing import Any

from landfall.core import json_text
from landfall.core.errors import (
    AppError,
    BadInput,
    DiskFull,
    Interrupted,
    ModelNotFound,
    NetworkUnavailable,
    OllamaUnavailable,
    OutOfMemory,
    PrivacyBlocked,
    ServerBusy,
    ServerRefused,
)
from landfall.services import failed_connection
from landfall.services.ollama.address import START_HINT


def unwrap(text: str) -> str:
    """The sentence inside an error that holds JSON; other texts as they are."""
    seen = text.strip()
    while seen.startswith("{"):
        try:
            value = json_text.read_answer(seen)
        except json.JSONDecodeError:
            return seen
        inner = _inner_message(value)
        if inner is None or inner == seen:
            return seen
        seen = inner.strip()
    return seen


def _inner_message(value: Any) -> str | None:
    match value:
        case {"error": {"message": str(message)}} | {"message": str(message)}:
            return message
        case {"error": str(message)}:
            return message
        case _:
            return None


Make = Callable[[str, str, int | None], AppError]


def _refused(message: str, hint: str, status: int | None) -> AppError:
    return ServerRefused(message, hint, status=status)


def _busy(message: str, hint: str, status: int | None) -> AppError:
    return ServerBusy(message, hint, status=status)


def _bad_name(message: str, hint: str, _status: int | None) -> AppError:
    return BadInput(message, hint, field="model")


def _kind(make: Callable[[str, str], AppError]) -> Make:
    return lambda message, hint, _status: make(message, hint)


@dataclass(frozen=True, slots=True)
class _Rule:
    r"""Texts that match `pattern` (case does not matter) are errors of this kind.

    `hint` may name a group of the pattern: `\1`.
    """

    pattern: re.Pattern[str]
    make: Make
    hint: str


def _rule(pattern: str, make: Make, hint: str) -> _Rule:
    return _Rule(re.compile(pattern, re.IGNORECASE), make, hint)


_MEMORY_HINT = (
    "Choose a smaller model, a stronger quantization or a shorter context, or unload other models."
)

# The first rule that matches wins: the narrow ones stand before the wide ones.
_RULES = (
    _rule(
        r"out of memory|cudaMalloc failed|failed to allocate|insufficient memory|not enough memory"
        r"|requires more system memory|memory layout cannot be allocated",
        _kind(OutOfMemory),
        _MEMORY_HINT,
    ),
    _rule(
        r"no space left on device|not enough space on the disk|disk quota exceeded",
        _kind(DiskFull),
        "Make room on the volume of the models: what came so far still takes its place there.",
    ),
    _rule(
        r"cloud is disabled",
        _kind(PrivacyBlocked),
        "This server has its cloud switched off (OLLAMA_NO_CLOUD): use a model that is on it.",
    ),
    _rule(
        r"use either :local or :cloud",
        _kind(PrivacyBlocked),
        "The name means a model in a cloud: use one that is on this server.",
    ),
    _rule(
        r"does not support embeddings|does not support (chat|generate|thinking|tools|insert)"
        r"|multimodal data provided|image input is not supported",
        _refused,
        "Choose a model that can do this.",
    ),
    _rule(
        r"exceeds? the (available )?context|longer than the context length",
        _refused,
        "Ask for a longer context, or shorten the input.",
    ),
    _rule(
        r"^model ['\"](.+?)(?::local)?['\"] not found",
        _kind(ModelNotFound),
        r"`landfall list` shows what is there; `landfall pull \1` gets it.",
    ),
    _rule(
        r"pull model manifest: file does not exist",
        _kind(ModelNotFound),
        "Check the name and its tag: the registry has no such model.",
    ),
    _rule(
        r"^invalid model name|is invalid$|^model is required",
        _bad_name,
        "A name looks like `qwen3:8b` or `hf.co/user/repository:Q4_K_M`.",
    ),
    _rule(
        r"pull model manifest: 412|requires a newer version of ollama",
        _refused,
        "Update Ollama: this model needs a newer version.",
    ),
    _rule(
        r"realm host .* does not match|unauthorized|pull model manifest: 40[13]",
        _refused,
        "The registry asks for an account: sign in with `ollama signin`, or choose another source.",
    ),
    _rule(
        r"tls: first record does not look like|server gave HTTP response to HTTPS",
        _refused,
        "This registry speaks plain http: repeat with --insecure if it is in your own network.",
    ),
    _rule(
        r"digest mismatch",
        _kind(Interrupted),
        "The registry sent damaged data, which was thrown away: pull again.",
    ),
    _rule(
        r"^(unexpected )?EOF$",
        _kind(Interrupted),
        "A file ends too early: it is damaged, or was not transferred to its end.",
    ),
    _rule(
        r"no such host|dial tcp|i/o timeout|connection refused|max retries exceeded"
        r"|TLS handshake|network is unreachable",
        _kind(NetworkUnavailable),
        "Check the network, then try again: a pull goes on from where it stopped.",
    ),
    _rule(
        r"pull model manifest|no Location header|^file does not exist$",
        _refused,
        "The registry does not serve this model as Ollama expects it: try again later.",
    ),
    _rule(
        r"maximum pending requests exceeded|server busy",
        _busy,
        "Try again when the requests that wait now are through.",
    ),
    _rule(
        r"running the model: |runner has unexpectedly stopped|terminated: signal"
        r"|llama-server returned invalid|context canceled",
        _kind(Interrupted),
        "Try again: the model is loaded anew. If it dies again, it may need more memory than is "
        "free.",
    ),
    _rule(
        r"has terminated",
        _refused,
        "See the log of the server; a wrong OLLAMA_KV_CACHE_TYPE or OLLAMA_NUM_PARALLEL does this.",
    ),
    _rule(
        r"llama-server binary not found",
        _refused,
        "Install Ollama again: a part of it is missing.",
    ),
    _rule(
        r"incompatible with your version",
        _refused,
        "Update Ollama, or choose a model that this version knows.",
    ),
)


GATEWAY = (502, 503, 504)
"""A server that is full or going down, or a gateway before it (RFC 9110): later it may answer."""

_PAGE = re.compile(r"\s*<(!doctype|html|head|body)\b", re.IGNORECASE)


def refusal(text: str, *, status: int | None, host: str = "") -> AppError:
    """The error that a text of a server means.

    Args:
        text: What stood under `error`, or the whole body where it was no JSON.
        status: The HTTP status; None inside a stream, whose status was 200 long ago.
        host: The server's address, for the cases in which it is at fault.
    """
    message = unwrap(text)
    if _PAGE.match(message):
        message = ""
    for rule in _RULES:
        if found := rule.pattern.search(message):
            return rule.make(_sentence(message), found.expand(rule.hint), status)
    if not message:
        return _without_text(status, host)
    if status in GATEWAY:
        return ServerBusy(_sentence(message), "Try again in a moment.", status=status)
    return ServerRefused(_sentence(message), "", status=status)


def _sentence(message: str) -> str:
    shown = message[:1].upper() + message[1:]
    return shown if shown.endswith((".", "!", "?")) else f"{shown}."


def wants_token(host: str) -> AppError:
    """What stands before the server lets only those in who show a token."""
    return ServerRefused(
        f"The server at {host} asks for a token, or does not take this one.",
        "Keep it as a host with its token: `landfall hosts add NAME URL --token`.",
        status=401,
    )


def _without_text(status: int | None, host: str) -> AppError:
    if status == 401:
        return wants_token(host)
    if status == 403:
        return ServerRefused(
            f"The server at {host} refuses this host name or origin.",
            "Use its IP address, or name this origin in its OLLAMA_ORIGINS.",
            status=status,
        )
    no = ServerBusy if status in GATEWAY else ServerRefused
    return no(
        f"The server at {host} answered with status {status} and said nothing.",
        "Try again; if it stays so, restart Ollama.",
        status=status,
    )


def not_ollama(host: str, what: str) -> AppError:
    """Something answers at the address, and it does not speak Ollama's language."""
    return OllamaUnavailable(f"What answers at {host} is not Ollama: {what}.", START_HINT)


def no_connection(host: str, error: BaseException) -> str:
    """What to say where none could be made."""
    return f"No connection to Ollama at {host}: {failed_connection.why(error)}."


def does_not_answer(host: str) -> AppError:
    """Somebody listens there and says nothing."""
    return OllamaUnavailable(
        f"The server at {host} accepts connections but does not answer.",
        "It may still be starting: try again in a moment, or restart it.",
    )


def unknown_call(host: str, path: str, answer: str) -> AppError:
    """A plain-text answer: this server has no such call, or another program answers."""
    return ServerRefused(
        f"The server at {host} does not know {path} ({answer}).",
        "Update Ollama; if the address is right, another program may answer there.",
    )


def silent(host: str) -> AppError:
    """The connection stands, but the server behind it answers no more."""
    return Interrupted(
        f"The server at {host} does not answer any more.",
        "See that it runs and that the network to it works, then try again.",
    )


def cut(host: str) -> AppError:
    """The connection broke before the answer was whole: the server died or was stopped."""
    return Interrupted(
        f"The connection to {host} broke before the answer was whole.",
        "The server was stopped or died: see that it runs, then try again.",
    )
