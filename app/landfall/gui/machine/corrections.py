"""What of a machine its owner can correct, in the words and units of people."""

from __future__ import annotations

import math
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QLocale

from landfall.core.machine.hardware import GIB
from landfall.core.provenance import Figure, middle

if TYPE_CHECKING:
    from landfall.core.machine.hardware import Accelerator, HardwareProfile, Override


_GIGA = 1e9
_TERA = 1e12


@dataclass(frozen=True, slots=True, kw_only=True)
class Correctable:
    """A field that can be corrected.

    Attributes:
        path: As the settings name it. words: As people say it.
        factor: From what is typed to the field's own unit; None for text.
        whole: Whether the field holds whole numbers.
        now: What stands there now, as typed, or "" where it is not known.
    """

    path: str
    words: str
    unit: str
    factor: float | None
    now: str
    whole: bool = False


def _tr(text: str) -> str:
    return QCoreApplication.translate("corrections", text)


def correctables(profile: HardwareProfile) -> tuple[Correctable, ...]:
    """What of this machine can be corrected, accelerators first."""
    fields: list[Correctable] = []
    for index, one in enumerate(profile.accelerators):
        fields += _of_accelerator(f"accelerators.{index}", one)
    ram = profile.ram
    speed = _tr("Main memory bandwidth")
    return (
        *fields,
        _size("ram.total_bytes", _tr("Main memory"), ram.total_bytes),
        _size("ram.available_bytes", _tr("Main memory available"), ram.available_bytes),
        _figure("ram.bandwidth_bytes_per_s", speed, ram.bandwidth_bytes_per_s),
        Correctable(
            path="cpu.name", words=_tr("Processor"), unit="", factor=None, now=profile.cpu.name
        ),
        Correctable(
            path="disk.models_path",
            words=_tr("Folder of the models"),
            unit="",
            factor=None,
            now=profile.disk.models_path,
        ),
    )


def _of_accelerator(at: str, one: Accelerator) -> tuple[Correctable, ...]:
    name = one.name
    memory, usable = _tr("{0}: memory").format(name), _tr("{0}: usable").format(name)
    bandwidth = _tr("{0}: bandwidth").format(name)
    return (
        _size(f"{at}.memory_total_bytes", memory, one.memory_total_bytes),
        _size(f"{at}.usable_bytes", usable, one.usable_bytes),
        _figure(f"{at}.bandwidth_bytes_per_s", bandwidth, one.bandwidth_bytes_per_s),
        Correctable(
            path=f"{at}.fp16_flops",
            words=f"{name}: FP16",
            unit="TFLOPS",
            factor=_TERA,
            now=_number(middle(one.fp16_flops), _TERA),
        ),
        Correctable(
            path=f"{at}.power_limit_watts",
            words=_tr("{0}: power limit").format(name),
            unit="W",
            factor=1.0,
            now=_number(one.power_limit_watts, 1.0),
        ),
    )


def _size(path: str, words: str, value: int | None) -> Correctable:
    return Correctable(
        path=path, words=words, unit="GiB", factor=float(GIB), now=_number(value, GIB), whole=True
    )


def _figure(path: str, words: str, figure: Figure) -> Correctable:
    return Correctable(
        path=path, words=words, unit="GB/s", factor=_GIGA, now=_number(middle(figure), _GIGA)
    )


def _number(value: float | None, factor: float) -> str:
    """Without an exponent and without digits nobody reads: 23.54, 9999999, 0.3512."""
    if value is None:
        return ""
    scaled = float(value) / factor
    whole_digits = math.floor(math.log10(scaled)) + 1 if scaled >= 1 else 0
    locale = QLocale()
    locale.setNumberOptions(QLocale.NumberOption.OmitGroupSeparator)
    written = locale.toString(scaled, "f", max(0, 4 - whole_digits))
    point = locale.decimalPoint()
    return written.rstrip("0").rstrip(point) if point in written else written


def correction_words(profile: HardwareProfile, told: Override) -> tuple[str, str, str]:
    """What was corrected, to what, and what was detected, as in the dialog: "24 GiB".

    A field that the dialog does not offer keeps the name and the value of the settings.
    """
    for one in correctables(profile):
        if one.path == told.field:
            return one.words, _said(told.value, one), _said(told.detected, one)
    return told.field, told.value, told.detected


def _said(value: str, one: Correctable) -> str:
    if one.factor is None:
        return value
    try:
        number = float(value)
    except ValueError:
        return value
    return f"{_number(number, one.factor)} {one.unit}"
