"""Machines that the user describes: the language of `machines.toml`.

One `[[machine]]` table a machine. What is wrong with one leaves the others usable. Text is changed
table by table, so that comments and tables that are not understood stay as they are.
"""

from __future__ import annotations

import difflib
import json
import math
import tomllib
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date
from typing import Any

from landfall.core import toml_text
from landfall.core.errors import BadInput
from landfall.core.machine import machine_names
from landfall.core.machine.hardware import GIB, AcceleratorKind, Vendor
from landfall.core.machine.machines import Machine
from landfall.core.toml_lines import line_of, lines_of_keys

LONGEST_NAME = 80

MOST_MACHINES = 200
"""More than anybody describes; each name is compared with every row of the catalogue."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Number:
    """A number of a machine's table.

    Attributes:
        field: Of `Machine`, in its own unit.
        factor: From the unit of the key to that unit.
        most: The largest value that makes sense.
    """

    field: str
    factor: float
    most: float
    whole: bool = False


NUMBERS: Mapping[str, Number] = {
    "memory_gib": Number(field="memory_bytes", factor=GIB, most=65_536, whole=True),
    "bandwidth_gb_s": Number(field="bandwidth_bytes_per_s", factor=1e9, most=1e6),
    "fp16_tflops": Number(field="fp16_flops", factor=1e12, most=1e6),
    "fp32_tflops": Number(field="fp32_flops", factor=1e12, most=1e6),
    "tdp_watts": Number(field="tdp_watts", factor=1.0, most=1e5),
    "ram_gib": Number(field="ram_bytes", factor=GIB, most=65_536, whole=True),
    "ram_gb_s": Number(field="ram_bandwidth_bytes_per_s", factor=1e9, most=1e5),
    "price_usd": Number(field="launch_price_usd", factor=1.0, most=1e9),
}

KEYS = ("name", "like", "vendor", "kind", "count", *NUMBERS, "date")
"""Every key of a table, in the order in which it is written."""

_CLASS = {
    (Vendor.APPLE, AcceleratorKind.UNIFIED): "apple-soc",
    (Vendor.NVIDIA, AcceleratorKind.UNIFIED): "nvidia-soc",
    (Vendor.AMD, AcceleratorKind.UNIFIED): "amd-apu",
}


@dataclass(frozen=True, slots=True, kw_only=True)
class UserMachines:
    """What a file says.

    Attributes:
        entries: The tables as they were typed, also those with mistakes.
        problems: What is wrong, with file, line and field; those tables are left out.
    """

    machines: tuple[Machine, ...] = ()
    entries: tuple[Mapping[str, Any], ...] = ()
    problems: tuple[BadInput, ...] = ()


def parse(text: str, catalogue: Sequence[Machine], *, file: str) -> UserMachines:
    """The machines of a file.

    Args:
        catalogue: Rows that `like` can name.
        file: As messages shall call it.
    """
    try:
        document = toml_text.read(text)
    except tomllib.TOMLDecodeError as error:
        return UserMachines(problems=(_no_toml(error, text, file),))
    lines = lines_of_keys(text)
    tables, problems = _tables(document, file, lines)
    good: list[Machine] = []
    for index, table in enumerate(tables[:MOST_MACHINES]):
        path = f"machine[{index}]"
        try:
            reader = _Reader(table, catalogue, file=file, path=path, lines=lines)
            made = reader.machine()
            if any(made.name.lower() == other.name.lower() for other in good):
                raise reader.bad("name", f"{made.name!r} stands there twice")
            good.append(made)
        except BadInput as error:
            problems.append(error)
    return UserMachines(machines=tuple(good), entries=tuple(tables), problems=tuple(problems))


def _tables(
    document: Mapping[str, Any], file: str, lines: dict[str, int]
) -> tuple[list[dict[str, Any]], list[BadInput]]:
    """The tables of the file, and what is wrong around them."""

    def odd(key: str, what: str, hint: str, *, at: str = "") -> BadInput:
        where = line_of(at or key, lines)
        return BadInput(f"{file}: {what}.", hint, file=file, line=where, field=key)

    problems = [
        odd(key, f"{key}: there is no such key", "Machines stand under [[machine]].")
        for key in document
        if key != "machine"
    ]
    tables = document.get("machine", [])
    if not isinstance(tables, list) or not all(isinstance(table, dict) for table in tables):
        hint = "Begin each machine with [[machine]]."
        return [], [*problems, odd("machine", "machine is no list of tables", hint)]
    if len(tables) > MOST_MACHINES:
        what = f"{len(tables)} machines are described"
        hint = f"The first {MOST_MACHINES} are used: delete what is not needed."
        problems.append(odd("machine", what, hint, at=f"machine[{MOST_MACHINES}]"))
    return tables, problems


def check(fields: Mapping[str, Any], catalogue: Sequence[Machine]) -> Machine:
    """The machine that typed fields make.

    Raises:
        BadInput: a field is missing or impossible; `field` is its key.
    """
    try:
        return _Reader(fields, catalogue, file="", path="", lines={}).machine()
    except BadInput as error:
        message = error.message[:1].upper() + error.message[1:]
        raise BadInput(message, error.hint, field=error.field.lstrip(".")) from error


def _no_toml(error: tomllib.TOMLDecodeError, text: str, file: str) -> BadInput:
    message = str(error)
    _, _, rest = message.partition("at line ")
    number = rest.partition(",")[0]
    return BadInput(
        f"{file} is not TOML: {toml_text.in_words(message, text)}.",
        "Correct the line; until then no machine of the file is known.",
        file=file,
        line=int(number) if number.isdigit() else None,
    )


class _Reader:
    """Checks one table."""

    def __init__(
        self,
        table: Mapping[str, Any],
        catalogue: Sequence[Machine],
        *,
        file: str,
        path: str,
        lines: dict[str, int],
    ) -> None:
        self._table, self._catalogue = table, catalogue
        self._file, self._path, self._lines = file, path, lines

    def bad(self, key: str, what: str, hint: str = "Correct it; the others are used.") -> BadInput:
        """The error that names file, line and field."""
        field = f"{self._path}.{key}"
        where = f"{self._file}: {field}: " if self._file else ""
        return BadInput(
            f"{where}{what}.",
            hint,
            file=self._file,
            line=line_of(field, self._lines),
            field=field,
        )

    def machine(self) -> Machine:
        """The machine of the table."""
        for key in self._table:
            if key not in KEYS:
                close = difflib.get_close_matches(key, KEYS, n=1)
                hint = f"Did you mean {close[0]}?" if close else f"Keys are {', '.join(KEYS)}."
                raise self.bad(key, f"there is no key {key}", hint)
        name = self._name()
        numbers: dict[str, Any] = {
            NUMBERS[key].field: self._number(key) for key in NUMBERS if key in self._table
        }
        base = self._like(name) if "like" in self._table else self._plain(name, numbers)
        typed = frozenset(numbers)
        if "memory_bytes" in numbers:
            base = replace(base, memory_options=())
        return self._checked(
            replace(
                base,
                **numbers,
                name=name,
                count=self._count(),
                stated=typed,
                stated_on=self._date(),
                where=self._file or "your description",
            )
        )

    def _name(self) -> str:
        name = self._table.get("name")
        if not isinstance(name, str) or not name.strip():
            raise self.bad("name", "a name is missing", "Give it one, such as the tower.")
        name = name.strip()
        if len(name) > LONGEST_NAME or not name.isprintable():
            raise self.bad("name", f"the name has more than {LONGEST_NAME} signs, or odd ones")
        return name

    def _number(self, key: str) -> float:
        value, rule = self._table[key], NUMBERS[key]
        number = isinstance(value, int | float) and not isinstance(value, bool)
        if not number or not math.isfinite(value) or not 0 < value <= rule.most:
            raise self.bad(
                key,
                f"{key} is {value!r}",
                f"Give a number above 0 and up to {rule.most:,.0f}.",
            )
        scaled = float(value) * rule.factor
        return round(scaled) if rule.whole else scaled

    def _count(self) -> int:
        value = self._table.get("count", 1)
        if isinstance(value, bool) or not isinstance(value, int):
            raise self.bad("count", f"count is {value!r}", "Give a whole number of cards.")
        if not 1 <= value <= machine_names.MAX_CARDS:
            raise self.bad(
                "count", f"count is {value}", f"Give 1 to {machine_names.MAX_CARDS} cards."
            )
        return value

    def _date(self) -> str:
        value = self._table.get("date", "")
        if isinstance(value, date):
            return value.isoformat()[:10]
        try:
            return date.fromisoformat(value).isoformat() if value else ""
        except (TypeError, ValueError):
            hint = "Give a day, such as 2026-11-26."
            raise self.bad("date", f"date is {value!r}", hint) from None

    def _like(self, name: str) -> Machine:
        wanted = self._table["like"]
        if not isinstance(wanted, str):
            raise self.bad("like", f"like is {wanted!r}", 'Give a name, such as "RTX 4090".')
        try:
            row, size = machine_names.find(wanted, self._catalogue)
        except BadInput as error:
            raise self.bad("like", error.message.rstrip("."), error.hint) from error
        for key in ("vendor", "kind"):
            value = self._table.get(key)
            own = row.vendor.value if key == "vendor" else row.kind.value
            if value is not None and value != own:
                raise self.bad(key, f"{key} is {value!r}, and {row.name} is {own}")
        if size is not None:
            row = replace(row, memory_bytes=size, memory_options=())
        return replace(row, name=name, like=row.name)

    def _plain(self, name: str, numbers: Mapping[str, float]) -> Machine:
        """A machine that starts from nothing: what cannot be guessed has to be said."""
        vendor = self._one_of("vendor", tuple(Vendor))
        kind = AcceleratorKind(self._one_of("kind", tuple(AcceleratorKind)))
        integrated = kind is AcceleratorKind.INTEGRATED
        needed = ["bandwidth_gb_s"] if integrated else ["memory_gib", "bandwidth_gb_s"]
        for key in needed:
            if key not in self._table:
                raise self.bad(key, f"{key} is missing", "Give it, or say like = a known machine.")
        discrete = kind is AcceleratorKind.DISCRETE
        other = "desktop" if discrete else "igpu" if integrated else "soc"
        return Machine(
            name=name,
            vendor=Vendor(vendor),
            device_class=_CLASS.get((Vendor(vendor), kind), f"{vendor}-{other}"),
            architecture="",
            memory_bytes=None,
            memory_options=(),
            unified=not discrete,
            bandwidth_bytes_per_s=numbers["bandwidth_bytes_per_s"],
            fp16_flops=None,
            fp32_flops=None,
            tdp_watts=None,
            launch_price_usd=None,
            year=None,
            source="",
            price_source="",
            date="",
        )

    def _one_of(self, key: str, known: Sequence[str]) -> str:
        value = self._table.get(key)
        if value not in known:
            what = f"{key} is missing" if value is None else f"{key} is {value!r}"
            raise self.bad(key, what, f"Give one of {', '.join(known)}.")
        return str(value)

    def _checked(self, machine: Machine) -> Machine:
        """What does not go together."""
        given = self._table
        if machine.kind is AcceleratorKind.INTEGRATED and "memory_gib" in given:
            raise self.bad(
                "memory_gib", "integrated graphics shares main memory", "Give ram_gib instead."
            )
        if machine.kind is AcceleratorKind.UNIFIED and "ram_gib" in given:
            raise self.bad("ram_gib", "unified memory is main memory", "Give memory_gib alone.")
        if machine.count > 1 and machine.unified:
            raise self.bad("count", "several can be had of cards alone", "Leave count out.")
        return machine


# ---------------------------------------------------------------- writing


def table_text(fields: Mapping[str, Any]) -> str:
    """One `[[machine]]` table, in the order of `KEYS`; fields that are None are left out."""
    lines = [
        f"{key} = {_written(fields[key])}" for key in KEYS if fields.get(key) not in (None, "")
    ]
    return "\n".join(("[[machine]]", *lines)) + "\n"


def _written(value: Any) -> str:
    """A TOML value: JSON's strings are TOML's basic strings, its numbers TOML's."""
    return value.isoformat() if isinstance(value, date) else json.dumps(value, ensure_ascii=False)


def with_table(text: str, fields: Mapping[str, Any], *, replacing: int | None = None) -> str:
    """The file's text with a table more, or with one in the place of another.

    Raises:
        BadInput: there is no table of that number.
    """
    new = table_text(fields)
    if replacing is None:
        return _sound(f"{text.rstrip()}\n\n{new}".lstrip(), text, more=1)
    start, end = _place(text, replacing)
    lines = text.splitlines(keepends=True)
    gap = "\n" if end < len(lines) else ""
    return _sound("".join((*lines[:start], new, gap, *lines[end:])), text, more=0)


def without_table(text: str, index: int) -> str:
    """The file's text without one of its tables.

    Raises:
        BadInput: there is no table of that number.
    """
    start, end = _place(text, index)
    lines = text.splitlines(keepends=True)
    return _sound("".join((*lines[:start], *lines[end:])), text, more=-1)


def _sound(new: str, old: str, *, more: int) -> str:
    """The new text, if it holds what it should: inline arrays and the like are not rewritten."""
    try:
        count = len(toml_text.read(new).get("machine", ()))
    except tomllib.TOMLDecodeError:
        count = -1
    if count != len(toml_text.read(old).get("machine", ())) + more:
        raise BadInput(
            "The file is written in a way that cannot be changed from here.",
            "Edit it in a text editor: one [[machine]] table a machine.",
        )
    return new


def _place(text: str, index: int) -> tuple[int, int]:
    """First line of a table and the first behind it, counted from 0.

    Comments right above the next table are the next one's.
    """
    lines = lines_of_keys(text)
    own = f"machine[{index}]"
    start = lines.get(own)
    if start is None:
        raise BadInput("That machine does not stand in the file any more.", "Look again.")
    every = text.splitlines()
    others = (line for path, line in lines.items() if not path.startswith(own))
    end = min((line - 1 for line in others if line > start), default=len(every))
    while end > start and every[end - 1].lstrip().startswith("#"):
        end -= 1
    return start - 1, end
