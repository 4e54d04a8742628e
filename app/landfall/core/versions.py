"""Which of two versions of the program is the newer one."""

from __future__ import annotations

import math
import re
from dataclasses import dataclass

_FORM = re.compile(
    r"(?P<release>\d{1,6}(?:\.\d{1,6}){0,4})"
    r"(?:(?P<stage>a|b|rc)(?P<number>\d{1,6}))?"
    r"(?:\.post(?P<post>\d{1,6}))?"
    r"(?:\.dev(?P<dev>\d{1,6}))?"
    r"(?:\+[a-z0-9.]{1,40})?",
    re.ASCII,
)
_STAGES = {"a": 0, "b": 1, "rc": 2}
_FINAL = 3


@dataclass(frozen=True, slots=True, order=True)
class Version:
    """Compares as versions of Python packages do.

    What a builder adds after a plus sign says who built it and counts for nothing here.

    Source: PEP 440, "Summary of permitted suffixes and relative ordering"; only its normal form is
    taken, and no epochs.
    """

    release: tuple[int, ...]
    stage: tuple[int, int]
    post: int
    dev: float


def version(text: str) -> Version:
    """Read "1.2.0", "1.3.0rc1" or "1.3.0.dev4".

    Raises:
        ValueError: it is none.
    """
    found = _FORM.fullmatch(text)
    if found is None:
        raise ValueError(f"{text!r} is no version")
    numbers = [int(part) for part in found["release"].split(".")]
    while len(numbers) > 1 and numbers[-1] == 0:
        numbers.pop()
    stage = (_FINAL, 0)
    if found["stage"]:
        stage = (_STAGES[found["stage"]], int(found["number"]))
    elif found["dev"] and not found["post"]:
        stage = (-1, 0)  # comes before the first pre-release
    return Version(
        release=tuple(numbers),
        stage=stage,
        post=int(found["post"]) if found["post"] else -1,
        dev=int(found["dev"]) if found["dev"] else math.inf,
    )
