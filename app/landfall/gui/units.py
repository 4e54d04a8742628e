"""Units of figures, and the scales in which their values are written."""

from __future__ import annotations

from dataclasses import dataclass
from enum import Enum

from PySide6.QtCore import QCoreApplication


class Unit(Enum):
    """What a figure's plain value counts, and so how it is written."""

    COUNT = "count"
    TOKENS = "tokens"
    MEMORY_BYTES = "memory_bytes"
    FILE_BYTES = "file_bytes"
    BYTES_PER_SECOND = "bytes_per_second"
    FLOPS = "flops"
    TOKENS_PER_SECOND = "tokens_per_second"
    SECONDS = "seconds"
    MONTHS = "months"
    WATTS = "watts"
    JOULES = "joules"
    JOULES_PER_TOKEN = "joules_per_token"
    WATT_HOURS = "watt_hours"
    SHARE = "share"
    USD = "usd"
    USD_MONTH = "usd_month"
    USD_PER_MTOK = "usd_per_mtok"
    USD_PER_KWH = "usd_per_kwh"
    USD_PER_HOUR = "usd_per_hour"


@dataclass(frozen=True, slots=True)
class Scale:
    """A unit with what it stands for, and the decimals that a value in it is written with.

    Attributes:
        coarse: Whether an estimate in it is written with a digit less.
    """

    divisor: float
    name: str
    decimals: int = 1
    coarse: bool = True

    def digits(self, scaled: float, *, rough: bool = False) -> int:
        """Three significant digits at most; two for what is only estimated, but for memory."""
        enough = 9.95 if rough and self.coarse else 99.95
        return 0 if abs(scaled) >= enough else self.decimals

    def word(self) -> str:
        """The unit as it is written; symbols are the same in every language."""
        return _tr("months") if self.name == "months" else self.name


_PLAIN = {
    Unit.COUNT: Scale(1.0, "", 0),
    Unit.TOKENS_PER_SECOND: Scale(1.0, "tok/s"),
    Unit.MONTHS: Scale(1.0, "months"),
    Unit.WATTS: Scale(1.0, "W"),
    Unit.JOULES: Scale(1.0, "J"),
    Unit.JOULES_PER_TOKEN: Scale(1.0, "J/token", 2),
}
_THOUSANDS = (Scale(1e12, "T"), Scale(1e9, "G"), Scale(1e6, "M"), Scale(1e3, "k"))
_BINARY = (
    Scale(2.0**40, "TiB", coarse=False),
    Scale(2.0**30, "GiB", coarse=False),
    Scale(2.0**20, "MiB", 0),
    Scale(2.0**10, "KiB", 0),
    Scale(1.0, "B", 0),
)
_DECIMAL = (
    Scale(1e12, "TB", coarse=False),
    Scale(1e9, "GB", coarse=False),
    Scale(1e6, "MB", 0),
    Scale(1e3, "kB", 0),
    Scale(1.0, "B", 0),
)


def _tr(text: str) -> str:
    return QCoreApplication.translate("format", text)


def scale_of(value: float, unit: Unit) -> Scale:
    """The scale in which a value of this size is written."""
    size = abs(value)
    match unit:
        case Unit.MEMORY_BYTES:
            return _first(_BINARY, size)
        case Unit.FILE_BYTES:
            return _first(_DECIMAL, size)
        case Unit.BYTES_PER_SECOND:
            found = _first(_DECIMAL[1:], size)
            return Scale(found.divisor, f"{found.name}/s", 0 if size >= 1e11 else found.decimals)
        case Unit.TOKENS:
            found = _first((*_THOUSANDS, Scale(1.0, "", 0)), size)
            return Scale(found.divisor, f"{found.name} {_tr('tokens')}".strip(), found.decimals)
        case Unit.FLOPS:
            return Scale(1e12, "TFLOPS")
        case Unit.WATT_HOURS:
            return Scale(1e3, "kWh", 2) if size >= 1000 else Scale(1.0, "Wh")
        case Unit.SHARE:
            return Scale(0.01, "%", 0)
        case _:
            return _PLAIN[unit]


def _first(scales: tuple[Scale, ...], size: float) -> Scale:
    """The largest scale in which the value is at least one after rounding."""
    return next((s for s in scales if size >= s.divisor * 0.9995), scales[-1])
