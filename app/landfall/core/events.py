"""What happens while something runs: one frozen value an event, stamped where it left the socket.

`at` is `time.perf_counter()` in seconds, so that differences are exact; wall-clock times are kept
beside the run, not in its events. Local and cloud runs speak the same language.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal


@dataclass(frozen=True, slots=True)
class Sent:
    """The request has left; time to first token counts from here."""

    at: float


@dataclass(frozen=True, slots=True)
class Piece:
    """A piece of text arrived. `thinking` marks reasoning, which is not the answer."""

    at: float
    text: str
    thinking: bool = False


@dataclass(frozen=True, slots=True, kw_only=True)
class Counters:
    """What an Ollama server counted itself; durations in seconds, None where it said nothing."""

    total_seconds: float | None = None
    load_seconds: float | None = None
    prompt_tokens: int | None = None
    prompt_seconds: float | None = None
    output_tokens: int | None = None
    output_seconds: float | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Usage:
    """Tokens as a provider bills them. input_tokens is everything, cached included.

    `estimated`: the provider told none or not all, and the rest is reckoned from the text.
    """

    input_tokens: int | None = None
    cached_input_tokens: int | None = None
    output_tokens: int | None = None
    reasoning_tokens: int | None = None
    cost_usd: float | None = None
    estimated: bool = False


@dataclass(frozen=True, slots=True)
class Ended:
    """The answer is whole."""

    at: float
    done_reason: str
    counters: Counters | None = None
    usage: Usage | None = None


@dataclass(frozen=True, slots=True)
class Aborted:
    """The stream ended without its end: what came is kept, but it is no result.

    Attributes:
        of_model: What answers is why, in a loop or with bytes that are no text: asked again it
            comes no further. Else it was the way to it, of which the model knows nothing.
    """

    at: float
    reason: str
    of_model: bool = False


RunEvent = Sent | Piece | Ended | Aborted


@dataclass(frozen=True, slots=True)
class PowerSample:
    """One reading of one source. watts is None where the reading is a gap, with its reason.

    `joules` is the source's own energy counter at that time, from an arbitrary origin and never
    going down; None where it has none.
    """

    at: float
    source: str
    scope: str
    watts: float | None
    reason: str = ""
    joules: float | None = None


@dataclass(frozen=True, slots=True)
class PullProgress:
    """Where a pull is. Byte counts are None until the server tells them.

    Attributes:
        at: `time.perf_counter()` seconds.
        phase: manifest, download, verify, write, done.
        digest: The layer on the way, or "".
        completed_bytes: Of this layer; may go down when a part is rolled back.
        total_bytes: Of this layer.
        whole_completed_bytes: Of all layers of the model together.
        whole_total_bytes: Of all layers, from the manifest where it could be read.
    """

    at: float
    phase: Literal["manifest", "download", "verify", "write", "done"]
    digest: str = ""
    completed_bytes: int | None = None
    total_bytes: int | None = None
    whole_completed_bytes: int | None = None
    whole_total_bytes: int | None = None
