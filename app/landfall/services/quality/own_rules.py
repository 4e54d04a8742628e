"""Answers held against the user's own rules, in a process that can be lost (see `holding`).

One process holds all that is new; what it said is kept for the next reading of the same run.
"""

from __future__ import annotations

import hashlib
import json
import subprocess
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from threading import Lock
from typing import Any

from landfall.core.provenance import Unknown
from landfall.core.quality.answers import bare, json_of
from landfall.core.quality.scoring import Options, unusable
from landfall.services.apart import NO_WINDOW, environment
from landfall.services.installation.frozen import this_program

MOST_SECONDS_EACH = 1.0
MOST_SECONDS = 60.0
"""For all answers together."""
MOST_SLOW = 3
"""Answers that take too long before the rest is given up: the rule is at fault, not the answers."""
MOST_KEPT = 50_000

TOO_SLOW = Unknown(f"holding it against the rule takes longer than {MOST_SECONDS_EACH:g} s")
TOO_DEEP = Unknown("it is nested too deep")
GIVEN_UP = Unknown("the rule takes too long on too many answers")

_DEEP = b""
_HOLD = "--hold"
"""What the program is started with to hold answers against rules: `holding.main`."""

Case = tuple[Any, Any]
"""A rule, which is a regular expression or a JSON schema, and what is held against it."""


@dataclass(frozen=True, slots=True, kw_only=True)
class OwnRules:
    """`core.quality.scoring.Rules` of this program. All threads share what it said."""

    seconds_each: float = MOST_SECONDS_EACH
    _said: dict[bytes, bool | Unknown] = field(default_factory=dict)
    _lock: Lock = field(default_factory=Lock)

    def finds(self, pattern: str, text: str) -> bool | Unknown:
        """Whether a regular expression is found in a text; unknown where that took too long."""
        return self.hold([(pattern, text)])[0]

    def follows(self, schema: Mapping[str, Any], value: Any) -> bool | Unknown:
        """Whether a JSON value follows a JSON schema; unknown where that took too long."""
        return self.hold([(schema, value)])[0]

    def hold(self, cases: Sequence[Case]) -> tuple[bool | Unknown, ...]:
        """What is said of each case; blocks while a process finds out what is new."""
        keys = [_key(case) for case in cases]
        with self._lock:
            if len(self._said) + len(cases) > MOST_KEPT:
                self._said.clear()
            self._said[_DEEP] = TOO_DEEP
            new = {
                key: case for key, case in zip(keys, cases, strict=True) if key not in self._said
            }
            said = held_apart(tuple(new.values()), self.seconds_each) if new else ()
            self._said.update(zip(new, said, strict=True))
            return tuple(self._said[key] for key in keys)

    def prepare(self, metric: str, options: Options, answers: Iterable[tuple[str, str]]) -> None:
        """Find out at once what `score` will ask of these answers, each with what was expected."""
        if metric == "regex":
            found = [(options.pattern or right, bare(told)) for told, right in answers]
            self.hold([case for case in found if not unusable(case[0])])
        elif metric == "json_schema" and options.schema is not None:
            values = [json_of(bare(told)) for told, _ in answers]
            self.hold([(options.schema, one) for one in values if not isinstance(one, Unknown)])


OWN_RULES = OwnRules()


def assert_usable(schema: Mapping[str, Any]) -> None:
    """Return only where answers can be held against a schema.

    Raises:
        BadInput: they cannot; see `json_schemas.assert_usable`.
    """
    # Late: 80 ms of imports that only a gate with a schema needs.
    from landfall.services.quality import json_schemas  # noqa: PLC0415

    json_schemas.assert_usable(schema)


def held_apart(cases: Sequence[Case], seconds_each: float) -> list[bool | Unknown]:
    """What is said of each case, by as many processes as it takes."""
    found: list[bool | Unknown] = []
    slow = 0
    while len(found) < len(cases):
        found += _asked(cases[len(found) :], seconds_each)
        if len(found) == len(cases):
            break
        slow += 1
        if slow > MOST_SLOW:
            found += [GIVEN_UP] * (len(cases) - len(found))
        else:
            found.append(TOO_SLOW)
    return found


def _asked(cases: Sequence[Case], seconds_each: float) -> list[bool | Unknown]:
    """What one process says before it ends: of all, or of those before one that takes too long."""
    rules = {_text(rule): rule for rule, _ in cases}
    places = {text: place for place, text in enumerate(rules)}
    question = {
        "seconds": seconds_each,
        "rules": list(rules.values()),
        "cases": [(places[_text(rule)], value) for rule, value in cases],
    }
    try:
        ended = subprocess.run(
            this_program(_HOLD),
            input=json.dumps(question).encode(),
            capture_output=True,
            timeout=MOST_SECONDS,
            env=environment(),
            creationflags=NO_WINDOW,
            check=False,
        )
    except subprocess.TimeoutExpired as late:
        said = _read(late.stdout or b"")
        return said + [GIVEN_UP] * (len(cases) - len(said))
    except OSError as error:
        return [Unknown(f"it cannot be checked: {error}")] * len(cases)
    said = _read(ended.stdout)
    if len(said) < len(cases) and b"Timeout (" not in ended.stderr:
        last = ended.stderr.decode(errors="replace").strip().rpartition("\n")[2]
        said += [Unknown(f"it cannot be checked: {last}")] * (len(cases) - len(said))
    return said


def _read(out: bytes) -> list[bool | Unknown]:
    """The whole lines of what a process said."""
    lines = out.decode(errors="replace").split("\n")[:-1]
    return [
        Unknown(line[2:].strip()) if line.startswith("?") else line[:1] == "1" for line in lines
    ]


def _key(case: Case) -> bytes:
    try:
        return hashlib.sha256(json.dumps(case, sort_keys=True).encode()).digest()
    except RecursionError:
        return _DEEP


def _text(rule: Any) -> str:
    return json.dumps(rule, sort_keys=True)
