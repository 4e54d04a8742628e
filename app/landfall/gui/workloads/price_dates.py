"""Which published price a bill rests on, and of which day it is."""

from __future__ import annotations

from typing import TYPE_CHECKING

from landfall.core.pricing.pricing import PriceRow
from landfall.core.provenance import Stated
from landfall.core.verdict.options import OptionLine
from landfall.core.workload.privacy import Option
from landfall.gui.dates import when

if TYPE_CHECKING:
    from landfall.services.verdict.decided import Decided


def price_day(decided: Decided, line: OptionLine) -> str:
    """The date of the price behind a bill, or "" where it does not rest on one."""
    if line.option in (Option.CLOUD_FRONTIER, Option.HOSTED_OPEN):
        row = price_row(decided, line.option)
        if row is not None and row.as_of is not None and not isinstance(line.usd_month, Stated):
            return when(row.as_of.isoformat())
    return ""


def price_row(decided: Decided, option: Option) -> PriceRow | None:
    """The published price behind the bill of a remote option, or None where there is none."""
    if option is Option.HOSTED_OPEN:
        workload = decided.loaded.workload
        _, priced = decided.assembler.hosted(workload, decided.assembler.load(workload))
        return priced.row if priced is not None else None
    today = decided.assembler.world.frontier
    return today.row if today is not None else None
