"""How many tokens an answer had where its provider told none: an estimate, and marked as one."""

from __future__ import annotations

import math
from collections.abc import Iterable
from dataclasses import replace

from landfall.core.events import Piece, Usage
from landfall.core.provenance import Estimated

BYTES_PER_TOKEN = 4.0
"""Of English text, about: "1 token ~= 4 characters" (OpenAI, "What are tokens and how to count
them", help.openai.com/en/articles/4936856). Other languages and code have fewer bytes a token."""

MESSAGE_TOKENS = 4
"""What a chat template adds around a message, about."""

BAND = (0.7, 1.4)
"""Lower and upper end of an estimate, as shares of it: texts have some 3 to 6 bytes a token."""

ESTIMATED = "estimated"
"""What stands under "tokens" in the conditions of a run whose tokens nobody counted."""


def completed(usage: Usage | None, *, prompt: Iterable[str], pieces: Iterable[Piece]) -> Usage:
    """The usage as told, and where a count is missing an estimate in its place.

    Args:
        usage: As the provider told it; None where it told nothing.
        prompt: The messages that were sent.
        pieces: What came back; a provider sends a token a piece, or several, but not less than one.
    """
    told = usage or Usage()
    if told.input_tokens is not None and told.output_tokens is not None:
        return told
    sent = sum(_of_text(text) + MESSAGE_TOKENS for text in prompt)
    came = list(pieces)
    said = max(len(came), _of_text("".join(piece.text for piece in came)))
    return replace(
        told,
        input_tokens=sent if told.input_tokens is None else told.input_tokens,
        output_tokens=said if told.output_tokens is None else told.output_tokens,
        estimated=True,
    )


def figure(tokens: float) -> Estimated:
    """Such an estimate with its band."""
    return Estimated(
        tokens * BAND[0],
        tokens,
        tokens * BAND[1],
        f"the provider told no count: a piece, or {BYTES_PER_TOKEN:.0f} bytes of text, a token",
    )


def _of_text(text: str) -> int:
    return math.ceil(len(text.encode()) / BYTES_PER_TOKEN)
