"""Reads a workload file: TOML text to a `Workload`, with errors that say line and key.

An unknown key, a wrong type or unit, a value out of range and keys that contradict one another are
refused, never guessed at: a verdict must not rest on a slip of the pen.
"""

from __future__ import annotations

import difflib
import math
import tomllib
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date
from enum import StrEnum
from typing import Any, NoReturn, TypeVar

from landfall.core.errors import BadInput
from landfall.core.quality.paired_tests import Pairs
from landfall.core.toml_lines import line_of, lines_of_keys
from landfall.core.toml_text import in_words
from landfall.core.workload.contradictions import contradictions
from landfall.core.workload.keys import BY_PATH, KEYS, Key, Kind, put
from landfall.core.workload.words import (
    field_at,
    hint_for,
    line_in,
    listed,
    range_hint,
    short,
    shown,
)
from landfall.core.workload.workload import (
    HostedCandidate,
    Step,
    StepName,
    Task,
    Where,
    Workload,
)

SCHEMA = 1
LONGEST_TEXT = 500
MOST_STEPS = 200
MOST_PROMPTS = 10**9

PAIR_NAMES = ("local_only", "cloud_only", "both", "neither")
MOST_LOOKS = 100
"""How often a gate may have been read while its prompts came in."""
_Word = TypeVar("_Word", bound=StrEnum)
_EXTRA = {
    "": {"schema", "steps"},
    "candidates": {"hosted"},
    "quality": {"pairs", "pairs_hosted"},
    "quotes": {"machine", "buy"},
}
_SECTIONS = {key.section for key in KEYS}
_NAMES_OF: dict[str, set[str]] = {
    section: {key.name for key in KEYS if key.section == section} | _EXTRA.get(section, set())
    for section in _SECTIONS
}
_NAMES_OF[""] = _EXTRA[""] | {section for section in _SECTIONS if "." not in section}


def parse(text: str, *, file: str = "") -> Workload:
    """The workload that a TOML text describes.

    Args:
        text: The whole file.
        file: Its name, for messages.

    Raises:
        BadInput: with `file`, `line` and `field` (the key's path).
    """
    reader = _Reader.of(text.removeprefix("\ufeff"), file)
    reader.check_names("", reader.table)
    reader.check_schema()
    workload = Workload(name=reader.name(), task=reader.task())
    for key in KEYS:
        value = reader.value(key)
        if value is not None:
            workload = put(workload, key, value)
    workload = reader.with_lists(workload)
    reader.check_contradictions(workload)
    return workload


@dataclass(frozen=True, slots=True)
class _Reader:
    table: dict[str, Any]
    lines: dict[str, int]
    file: str

    @classmethod
    def of(cls, text: str, file: str) -> _Reader:
        try:
            return cls(tomllib.loads(text), lines_of_keys(text), file)
        except ValueError as error:
            # Not only a syntax error: also a day that does not exist, a number of 5,000 digits.
            wrong = in_words(str(error), text, place=False)
            if not isinstance(error, tomllib.TOMLDecodeError):
                wrong = "a number or a date in it cannot be read"
            line = line_in(str(error), text)
            raise BadInput(
                f"This is not TOML: {wrong}.",
                "Correct the line; `landfall verdict --template` prints a file that is right.",
                file=file,
                line=line,
                field=field_at(text, line),
            ) from error
        except RecursionError as error:
            raise BadInput(
                "This nests far deeper than any workload does.",
                "`landfall verdict --template` prints a file that is right.",
                file=file,
                line=1,
            ) from error

    def fail(self, path: str, message: str, hint: str = "") -> NoReturn:
        raise BadInput(
            message, hint, file=self.file, line=line_of(path, self.lines), field=path
        ) from None

    # Names -----------------------------------------------------------------------------------

    def check_names(self, section: str, table: dict[str, Any]) -> None:
        known = _NAMES_OF[section]
        for name, value in table.items():
            path = f"{section}.{name}" if section else name
            if name not in known:
                self.fail(path, f"There is no key `{path}`.", hint_for(section, name, known))
            if path in _SECTIONS:
                if not isinstance(value, dict):
                    self.fail(path, f"`{path}` is a table.", f"Begin it with a line [{path}].")
                self.check_names(path, value)

    def check_schema(self) -> None:
        schema = self.table.get("schema", SCHEMA)
        if type(schema) is not int:
            self.fail("schema", "`schema` is a whole number.", f"Write schema = {SCHEMA}.")
        if schema != SCHEMA:
            self.fail(
                "schema",
                f"This file has schema {schema}; this version of Landfall reads schema {SCHEMA}.",
                "Use the version that wrote it, or write the file anew from the template.",
            )

    # Values ----------------------------------------------------------------------------------

    def raw(self, path: str) -> Any:
        value: Any = self.table
        for name in path.split("."):
            if not isinstance(value, dict) or name not in value:
                return None
            value = value[name]
        return value

    def name(self) -> str:
        if self.raw("workload.name") is None:
            self.fail(
                "workload.name", "A workload needs a name.", 'Add name = "..." to [workload].'
            )
        name: str = self.value(BY_PATH["workload.name"])
        if not name.strip():
            self.fail("workload.name", "The name of the workload is empty.", "Give it one.")
        return name

    def task(self) -> Task:
        if self.raw("workload.task") is None:
            self.fail(
                "workload.task",
                "A workload needs a task.",
                f"Add task = ... to [workload]: {listed(Task)}.",
            )
        task: Task = self.value(BY_PATH["workload.task"])
        return task

    def value(self, key: Key) -> Any:
        raw = self.raw(key.path)
        if raw is None:
            return None
        match key.kind:
            case Kind.NUMBER | Kind.WHOLE:
                return self.number(key, key.path, raw)
            case Kind.TEXT:
                return self.text(key.path, raw)
            case Kind.FLAG:
                return self.flag(key.path, raw)
            case Kind.CHOICE:
                return self.choice(key, key.path, raw)
            case Kind.TEXTS:
                names = (self.text(path, one) for path, one in self.items(key.path, raw))
                return tuple(name for name in names if name.strip())  # an empty one names nothing
            case Kind.CHOICES:
                return frozenset(
                    self.choice(key, path, one) for path, one in self.items(key.path, raw)
                )
            case Kind.HOURS:
                return self.hours(key, raw)

    def number(self, key: Key, path: str, raw: Any) -> float | int:
        if isinstance(raw, bool) or not isinstance(raw, int | float):
            kind = Kind.NUMBER if key.kind is Kind.HOURS else key.kind  # one of them
            self.fail(
                path,
                f"`{path}` is {kind.value}, not {shown(raw)}.",
                f"Write it without quotes and without a unit, in {key.unit}.",
            )
        if isinstance(raw, float) and not math.isfinite(raw):
            self.fail(path, f"`{path}` cannot be {raw}.", f"Give a number, in {key.unit}.")
        if key.kind is Kind.WHOLE and raw != int(raw):
            self.fail(
                path, f"`{path}` is a whole number, not {short(raw)}.", f"It counts {key.unit}."
            )
        low_ok = raw > key.low if key.above else raw >= key.low
        high_ok = raw < key.high if key.below else raw <= key.high
        if not (low_ok and high_ok):
            self.fail(path, f"`{path}` = {short(raw)} is out of range.", range_hint(key))
        return int(raw) if key.kind is Kind.WHOLE else float(raw)

    def text(self, path: str, raw: Any) -> str:
        if not isinstance(raw, str):
            self.fail(path, f"`{path}` is text, not {shown(raw)}.", 'Put it in "quotes".')
        if len(raw) > LONGEST_TEXT or any(ord(c) < 32 or ord(c) == 127 for c in raw):
            self.fail(
                path,
                f"`{path}` is longer than {LONGEST_TEXT} characters or holds control characters.",
                "Shorten it to one plain line.",
            )
        return raw

    def flag(self, path: str, raw: Any) -> bool:
        if not isinstance(raw, bool):
            self.fail(path, f"`{path}` is true or false, not {shown(raw)}.", "Without quotes.")
        return raw

    def choice(self, key: Key, path: str, raw: Any) -> StrEnum:
        assert key.choices is not None
        return self.word(path, raw, key.choices)

    def word(self, path: str, raw: Any, choices: type[_Word]) -> _Word:
        if isinstance(raw, str) and raw in {choice.value for choice in choices}:
            return choices(raw)
        # Cut, since what is close to one of a few short words is short itself.
        said = str(raw).lower()[:LONGEST_TEXT]
        close = difflib.get_close_matches(said, [str(c) for c in choices], 1, 0.6)
        guess = f'Did you mean "{close[0]}"? ' if close and close[0] else ""
        hint = f"{guess}It is {listed(choices)}."
        return self.fail(path, f"`{path}` cannot be {shown(raw)}.", hint)

    def items(self, path: str, raw: Any) -> list[tuple[str, Any]]:
        if not isinstance(raw, list):
            self.fail(path, f"`{path}` is a list, not {shown(raw)}.", "Put it in [brackets].")
        if len(raw) > MOST_STEPS:
            self.fail(path, f"`{path}` has {len(raw)} entries.", f"{MOST_STEPS} are the most.")
        return [(f"{path}[{index}]", one) for index, one in enumerate(raw)]

    def hours(self, key: Key, raw: Any) -> tuple[float, ...]:
        values = tuple(self.number(key, path, one) for path, one in self.items(key.path, raw))
        if len(values) not in (0, 24):
            self.fail(
                key.path,
                f"`{key.path}` has {len(values)} values; a day has 24 hours.",
                "Give the mean calls of each hour from 0 to 23.",
            )
        if values and not any(values):
            self.fail(key.path, f"`{key.path}` is 0 in every hour.", "Leave it out if not known.")
        return values

    # Lists of tables -------------------------------------------------------------------------

    def with_lists(self, workload: Workload) -> Workload:
        from_file = _Lists(
            steps=tuple(self.step(path, one) for path, one in self.tables("steps")),
            hosted=tuple(self.hosted(path, one) for path, one in self.tables("candidates.hosted")),
            pairs=self.pairs("quality.pairs"),
            pairs_hosted=self.pairs("quality.pairs_hosted"),
        )
        return from_file.put_into(workload)

    def tables(self, path: str) -> list[tuple[str, dict[str, Any]]]:
        raw = self.raw(path)
        if raw is None:
            return []
        if isinstance(raw, dict):
            hint = f"Begin each of its entries with a line [[{path}]]."
            self.fail(path, f"`{path}` is a list of tables, not one table.", hint)
        items = self.items(path, raw)
        for where, one in items:
            if not isinstance(one, dict):
                self.fail(where, f"`{where}` is a table, not {shown(one)}.", "Use {key = value}.")
        return items

    def part(self, path: str, table: dict[str, Any], names: Iterable[str]) -> None:
        known = set(names)
        for name in table:
            if name not in known:
                self.fail(
                    f"{path}.{name}",
                    f"There is no key `{path}.{name}`.",
                    hint_for("", name, known, elsewhere=False),
                )

    def step(self, path: str, table: dict[str, Any]) -> Step:
        self.part(path, table, ("name", "where", "host"))
        if "name" not in table:
            self.fail(f"{path}.name", "A step needs a name.", f"It is {listed(StepName)}.")
        return Step(
            name=self.word(f"{path}.name", table["name"], StepName),
            where=self.word(f"{path}.where", table.get("where", Where.VERDICT.value), Where),
            host=self.text(f"{path}.host", table.get("host", "")),
        )

    def hosted(self, path: str, table: dict[str, Any]) -> HostedCandidate:
        self.part(path, table, ("provider", "model", "token_ratio"))
        values = {}
        for name in ("provider", "model"):
            text = self.text(f"{path}.{name}", table.get(name, ""))
            if not text.strip():
                self.fail(
                    f"{path}.{name}",
                    f"A hosted candidate needs a {name}.",
                    'Write { provider = "together", model = "..." }.',
                )
            values[name] = text
        ratio = table.get("token_ratio")
        if ratio is not None:
            where = f"{path}.token_ratio"
            ratio = float(self.number(BY_PATH["today.token_ratio"], where, ratio))
        return HostedCandidate(**values, token_ratio=ratio)

    def pairs(self, path: str) -> Pairs | None:
        raw = self.raw(path)
        if raw is None:
            return None
        if not isinstance(raw, dict):
            self.fail(path, f"`{path}` is a table, not {shown(raw)}.", "Use {key = value}.")
        self.part(path, raw, (*PAIR_NAMES, "looks"))
        counts = {}
        for name in PAIR_NAMES:
            where = f"{path}.{name}"
            if name not in raw:
                self.fail(where, f"`{path}` lacks `{name}`.", f"It counts {listed(PAIR_NAMES)}.")
            key = Key(path=where, attribute="", kind=Kind.WHOLE, high=MOST_PROMPTS, unit="prompts")
            counts[name] = int(self.number(key, where, raw[name]))
        where = f"{path}.looks"
        key = Key(path=where, attribute="", kind=Kind.WHOLE, low=1, high=MOST_LOOKS, unit="looks")
        looks = int(self.number(key, where, raw.get("looks", 1)))
        return Pairs(**counts, looks=looks)

    # Contradictions --------------------------------------------------------------------------

    def check_contradictions(self, workload: Workload) -> None:
        for first, second in (
            ("volume.predictability", "volume.series"),
            ("quality.gate", "quality.pairs"),
            ("quality.gate_hosted", "quality.pairs_hosted"),
        ):
            if self.raw(first) is not None and self.raw(second) not in (None, ""):
                self.fail(
                    first,
                    f"`{first}` and `{second}` contradict one another.",
                    f"Leave one of them out: `{second}` says it already.",
                )
        for found in contradictions(workload):
            self.fail(found.path, found.message, found.hint)
        self.check_price_date(workload)

    def check_price_date(self, workload: Workload) -> None:
        path, day = "buy.price_as_of", workload.buy.price_as_of
        if not day:
            return
        try:
            date.fromisoformat(day)
        except ValueError:
            self.fail(path, f"`{path}` is no date: {day}.", 'Write it as "2026-11-26".')
        if workload.buy.price_usd is None:
            self.fail(path, f"`{path}` dates a price that is not stated.", "State `buy.price`.")


@dataclass(frozen=True, slots=True, kw_only=True)
class _Lists:
    steps: tuple[Step, ...]
    hosted: tuple[HostedCandidate, ...]
    pairs: Pairs | None
    pairs_hosted: Pairs | None

    def put_into(self, workload: Workload) -> Workload:
        for attribute, value in (
            ("steps", self.steps),
            ("candidates.hosted", self.hosted),
            ("quality.pairs", self.pairs),
            ("quality.pairs_hosted", self.pairs_hosted),
        ):
            key = Key(path=attribute, attribute=attribute, kind=Kind.TEXTS)
            workload = put(workload, key, value)
        return workload
