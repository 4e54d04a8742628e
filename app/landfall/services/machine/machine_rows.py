"""The rows of resources/hardware.json, as machines that can be asked about."""

from __future__ import annotations

from functools import cache
from typing import Any

from landfall.core.errors import BadInput
from landfall.core.machine.hardware import GIB, Vendor
from landfall.core.machine.machines import Machine
from landfall.services import resources
from landfall.services.models.checked_rows import Fields, read_rows

HARDWARE = "hardware.json"


@cache
def load() -> tuple[tuple[Machine, ...], tuple[BadInput, ...]]:
    """The rows of this installation, read once: for detection and for what can be asked about.

    Raises:
        BadInput: the resource is missing or no JSON.
    """
    return read_machines(resources.read_json(HARDWARE))


def read_machines(document: Any) -> tuple[tuple[Machine, ...], tuple[BadInput, ...]]:
    """The rows that can be used, and what is wrong with the others."""
    return read_rows(document, HARDWARE, "name", _machine)


def _machine(fields: Fields) -> Machine:
    vendor = fields.text("vendor")
    if vendor not in {v.value for v in Vendor}:
        raise fields.problem("vendor", f"is {vendor!r}")
    memory = fields.optional_number("memory_gib")
    if memory is None and not fields.flag("memory_shared"):
        raise fields.problem("memory_gib", "is missing")
    options = fields.row.get("memory_options_gib", [])
    if not isinstance(options, list) or not all(isinstance(o, int) and o > 0 for o in options):
        raise fields.problem("memory_options_gib", "is not a list of sizes")
    return Machine(
        name=fields.text("name"),
        vendor=Vendor(vendor),
        device_class=fields.text("class"),
        architecture=fields.text("architecture"),
        memory_bytes=None if memory is None else int(memory * GIB),
        memory_options=tuple(o * GIB for o in options),
        unified=fields.flag("unified"),
        bandwidth_bytes_per_s=fields.number("bandwidth_gb_s") * 1e9,
        fp16_flops=_tera(fields, "fp16_tflops"),
        fp32_flops=_tera(fields, "fp32_tflops"),
        tdp_watts=fields.optional_number("tdp_watts"),
        launch_price_usd=fields.optional_number("launch_price_usd"),
        year=fields.count("year") or None,
        source=fields.text("source"),
        price_source=fields.optional_text("price_source"),
        date=fields.text("date"),
        recalled=_recalled(fields),
    )


_FIGURES = {
    "memory_gib": "memory_bytes",
    "bandwidth_gb_s": "bandwidth_bytes_per_s",
    "fp16_tflops": "fp16_flops",
    "fp32_tflops": "fp32_flops",
    "tdp_watts": "tdp_watts",
    "launch_price_usd": "launch_price_usd",
}
"""The figures of a row, and what they are called in a machine."""


def _recalled(fields: Fields) -> frozenset[str]:
    """The figures of which the row says that they were recalled: nobody printed them for us."""
    return frozenset(_FIGURES[name] for name in fields.named_among("recalled", _FIGURES))


def _tera(fields: Fields, field: str) -> float | None:
    value = fields.optional_number(field)
    return None if value is None else value * 1e12
