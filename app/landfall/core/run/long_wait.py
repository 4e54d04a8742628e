"""Nothing of an answer has come for long: what is said of it while it is waited for."""

from __future__ import annotations

from dataclasses import dataclass

FIRST_SECONDS = 60.0
"""A model of 70B is read from a slow disk in that time, and a prompt of 8k tokens is read by most
machines; then somebody wonders."""

HELD_HINT = (
    "It may be reading a long prompt or answering others first. Where it does neither, an answer"
    " that its client left may hold it: then nobody is answered until Ollama is started again."
)
"""Seen by others in Ollama 0.32: it waits for the client that left to take the next word, and the
place of that answer stays taken until the model leaves the memory."""


@dataclass(frozen=True, slots=True, kw_only=True)
class GoesOn:
    """An answer comes on that was waited for, of this model: what was said of it is over."""

    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class LongWait:
    """An answer that is waited for.

    Attributes:
        at: `time.perf_counter()` seconds.
        model: Its name, as it was asked for.
        seconds: For so long nothing came.
        begun: Whether something of the answer came before.
        in_memory: Whether its server has the model in memory; None where it does not tell.
        sent_away: It is not waited for, but asked again after so many seconds: its server said so.
    """

    at: float
    model: str
    seconds: float
    begun: bool = False
    in_memory: bool | None = None
    sent_away: bool = False

    @property
    def message(self) -> str:
        """What is known, one sentence."""
        if self.sent_away:
            return f"{self.model} is asked again in {self.seconds:.0f} s, as its server said."
        if self.begun:
            return (
                f"Nothing more of the answer of {self.model} has come"
                f" for more than {self.seconds:.0f} s."
            )
        if self.in_memory is False:
            return (
                f"{self.model} is not in memory yet, and has not begun to answer"
                f" for more than {self.seconds:.0f} s."
            )
        return f"{self.model} has not begun to answer for more than {self.seconds:.0f} s."

    @property
    def hint(self) -> str:
        """What may be the reason and what to do, or ""."""
        return HELD_HINT if self.in_memory else ""

    def __str__(self) -> str:
        return f"{self.message} {self.hint}".strip()
