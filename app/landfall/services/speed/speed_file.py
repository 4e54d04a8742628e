"""The constants of the speed model, read from resources/speed.json and checked one by one.

`packaging/facts/fit_speed.py` writes the file. A file that lacks something is refused whole: half
of a fit predicts nothing.
"""

from __future__ import annotations

import math
from dataclasses import fields
from typing import Any, TypeVar

from landfall.core.errors import BadInput
from landfall.core.speed.speed import GROUPS
from landfall.core.speed.speed_constants import (
    Backend,
    Band,
    CalibrationRule,
    DecodeTerms,
    Generation,
    PrefillTerms,
    Processor,
    Quantity,
    SpeedModel,
)
from landfall.core.speed.speed_terms import BACKENDS

SPEED = "speed.json"

_T = TypeVar("_T")


def read_speed(document: Any) -> SpeedModel:
    """The speed model of a document.

    Raises:
        BadInput: something is missing, no positive number, or out of order; the field says what.
    """
    root = _Object(document, "")
    model = SpeedModel(
        source=root.text("source"),
        date=root.text("as_of"),
        backends=tuple(_backend(row) for row in root.rows("backends")),
        generations=tuple(_generation(row) for row in root.rows("generations")),
        decode=root.numbers("decode", DecodeTerms),
        prefill=root.numbers("prefill", PrefillTerms),
        processor=root.numbers("processor", Processor),
        bands=tuple(_band(row) for row in root.rows("bands")),
        calibration=tuple(_rule(row) for row in root.rows("calibration")),
        unseen=root.number("unseen"),
        agreement=root.number("agreement"),
    )
    _refuse_gaps(model)
    return model


def _refuse_gaps(model: SpeedModel) -> None:
    """Everything that a prediction looks up has to be there."""
    names = {backend.name for backend in model.backends}
    for name in BACKENDS:
        if name not in names:
            raise _problem("backends", f"has no {name}")
    bands = {(found.quantity, found.group) for found in model.bands}
    for quantity in Quantity:
        for group in GROUPS:
            if (quantity, group) not in bands:
                raise _problem("bands", f"has no {quantity} band for {group!r}")
        for points, agree in ((1, True), (2, False)):
            wanted = (quantity, points, agree)
            if not any((r.quantity, r.points, r.agree) == wanted for r in model.calibration):
                raise _problem("calibration", f"has no {quantity} rule for {points} runs")


def _problem(field: str, what: str) -> BadInput:
    return BadInput(
        f"{SPEED}: {field or 'it'} {what}.",
        "No speed is predicted without it; install Landfall again.",
        file=SPEED,
        field=field,
    )


class _Object:
    """Checked access to one object of the document."""

    def __init__(self, value: Any, path: str) -> None:
        if not isinstance(value, dict):
            raise _problem(path, "is not an object")
        self._value = value
        self._path = path

    def path(self, field: str) -> str:
        return f"{self._path}.{field}" if self._path else field

    def text(self, field: str) -> str:
        value = self._value.get(field)
        if not isinstance(value, str) or not value:
            raise _problem(self.path(field), "is missing or no text")
        return value

    def number(self, field: str) -> float:
        value = self._value.get(field)
        if isinstance(value, bool) or not isinstance(value, int | float):
            raise _problem(self.path(field), "is missing or no number")
        if not math.isfinite(value) or value <= 0:
            raise _problem(self.path(field), f"is {value}, not above 0")
        return float(value)

    def count(self, field: str) -> int:
        value = self._value.get(field)
        if isinstance(value, bool) or not isinstance(value, int) or value < 0:
            raise _problem(self.path(field), "is missing or no count")
        return value

    def flag(self, field: str) -> bool:
        value = self._value.get(field)
        if not isinstance(value, bool):
            raise _problem(self.path(field), "is missing or not true or false")
        return value

    def quantity(self) -> Quantity:
        value = self._value.get("quantity")
        if value not in {q.value for q in Quantity}:
            raise _problem(self.path("quantity"), f"is {value!r}")
        return Quantity(value)

    def ends(self) -> tuple[float, float]:
        low, high = self.number("low"), self.number("high")
        if not low < 1 < high:
            raise _problem(self.path("low"), f"and high, {low} and {high}, do not hold 1")
        return low, high

    def rows(self, field: str) -> list[_Object]:
        value = self._value.get(field)
        if not isinstance(value, list) or not value:
            raise _problem(self.path(field), "is missing or no list")
        return [_Object(row, f"{self.path(field)}[{index}]") for index, row in enumerate(value)]

    def numbers(self, field: str, kind: type[_T]) -> _T:
        """An object all of whose fields are numbers."""
        inner = _Object(self._value.get(field), self.path(field))
        names = [f.name for f in fields(kind)]  # type: ignore[arg-type]
        return kind(**{name: inner.number(name) for name in names})


def _backend(row: _Object) -> Backend:
    return Backend(
        name=row.text("name"),
        bandwidth_share=row.number("bandwidth_share"),
        layer_seconds=row.number("layer_seconds"),
        fp32_share=row.number("fp32_share"),
        matrix_share=row.number("matrix_share"),
    )


def _generation(row: _Object) -> Generation:
    return Generation(
        backend=row.text("backend"),
        architecture=row.text("architecture"),
        bandwidth=row.number("bandwidth"),
        compute=row.number("compute"),
        matrix=row.number("matrix"),
    )


def _band(row: _Object) -> Band:
    low, high = row.ends()
    return Band(
        quantity=row.quantity(),
        group=row.text("group"),
        low=low,
        high=high,
        rows=row.count("rows"),
    )


def _rule(row: _Object) -> CalibrationRule:
    low, high = row.ends()
    return CalibrationRule(
        quantity=row.quantity(),
        points=row.count("points"),
        agree=row.flag("agree"),
        weight=row.number("weight"),
        low=low,
        high=high,
    )
