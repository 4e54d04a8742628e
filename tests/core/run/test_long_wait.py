"""What is said of an answer of which nothing comes."""

from __future__ import annotations

import pytest

from landfall.core.run.long_wait import HELD_HINT, LongWait


@pytest.mark.parametrize(
    ("known", "message", "hint"),
    [
        ({}, "m:1b has not begun to answer for more than 60 s.", ""),
        ({"in_memory": True}, "m:1b has not begun to answer for more than 60 s.", HELD_HINT),
        (
            {"in_memory": False},
            "m:1b is not in memory yet, and has not begun to answer for more than 60 s.",
            "",
        ),
        (
            {"begun": True},
            "Nothing more of the answer of m:1b has come for more than 60 s.",
            "",
        ),
        (
            {"begun": True, "in_memory": False},
            "Nothing more of the answer of m:1b has come for more than 60 s.",
            "",
        ),
    ],
)
def test_that_a_long_wait_says_what_is_known_and_what_to_do(
    known: dict[str, bool], message: str, hint: str
) -> None:
    waiting = LongWait(at=1.0, model="m:1b", seconds=60.0, **known)
    assert (waiting.message, waiting.hint) == (message, hint)
    assert str(waiting) == f"{message} {hint}".strip()
    assert "started again" in HELD_HINT
