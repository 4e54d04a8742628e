"""What a quality run tells while it goes on."""

from __future__ import annotations

from dataclasses import dataclass

from landfall.core.errors import AppError
from landfall.core.run.long_wait import LongWait
from landfall.services.quality.gate_report import QualityReport
from landfall.services.quality.plan import Side


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityBegun:
    """It is in the history, and goes on.

    Attributes:
        uid: Its name, with which it can be resumed.
        of: Answers that are asked for; done: those that are there already.
    """

    uid: str
    of: int
    done: int


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityProgress:
    """An answer is over, with or without an end.

    Attributes:
        place, side: Which. Nothing of its text: whoever labels must not see who said what.
        done: Answers that are there or failed, on all sides; of: that are asked for.
        by_side: (side, done) for each side that is asked.
        usd: What providers charged so far, of the calls whose cost is known.
        errors: Answers that could not be had so far.
    """

    place: int
    side: Side
    done: int
    of: int
    by_side: tuple[tuple[Side, int], ...]
    usd: float
    errors: int


@dataclass(frozen=True, slots=True)
class QualityWaits:
    """Nothing of an answer has come for long."""

    waiting: LongWait


@dataclass(frozen=True, slots=True)
class QualityGoesOn:
    """An answer comes on of which a `QualityWaits` told: of this model."""

    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityFailed:
    """An answer could not be had, and why; it is tried again at the next resume."""

    place: int
    side: Side
    error: AppError


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityLook:
    """The gate was read; it is stored with the run."""

    report: QualityReport


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityOver:
    """It is over, and stored: all that was asked for came or failed, or the gate is decided."""

    uid: str
    report: QualityReport


QualityEvent = (
    QualityBegun
    | QualityProgress
    | QualityWaits
    | QualityGoesOn
    | QualityFailed
    | QualityLook
    | QualityOver
)
