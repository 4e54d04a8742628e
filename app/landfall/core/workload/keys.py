"""Every single-valued key of a workload file: its path, its meaning in the workload, its limits.

The reader, the writer and the sensitivities all go by this one table. Limits are those of sense,
not of type: ten thousand million tokens a call is a slip of the pen, and is said to be one.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum
from typing import Any

from landfall.core.demand.forecast import Predictability
from landfall.core.quality.paired_tests import GateResult
from landfall.core.workload.workload import (
    Motive,
    Need,
    Organisation,
    PrivacyClass,
    Task,
    Workload,
)

ATTENTION_SECONDS = 10.0
"""So long a person keeps waiting for an answer (Nielsen, Usability Engineering, 1993, chapter 5):
what has to come within it is awaited, and does not wait for a batch window."""


class Kind(StrEnum):
    """What a key holds."""

    NUMBER = "a number"
    WHOLE = "a whole number"
    TEXT = "text"
    FLAG = "true or false"
    CHOICE = "one of a few words"
    TEXTS = "a list of texts"
    CHOICES = "a list of words"
    HOURS = "a list of 24 numbers"


@dataclass(frozen=True, slots=True, kw_only=True)
class Key:
    """One key.

    Attributes:
        path: As the file spells it: "volume.calls_per_day".
        attribute: Where the workload keeps it, dotted.
        kind: What it holds.
        low, high: Smallest and largest number that makes sense.
        above: The number must be larger than `low`, not equal to it.
        below: The number must be smaller than `high`.
        unit: In words, for messages.
        choices: The words it may be.
    """

    path: str
    attribute: str
    kind: Kind
    low: float = 0.0
    high: float = 0.0
    above: bool = False
    below: bool = False
    unit: str = ""
    choices: type[StrEnum] | None = None

    @property
    def section(self) -> str:
        """The path of the table it stands in."""
        return self.path.rpartition(".")[0]

    @property
    def name(self) -> str:
        """The last part of its path."""
        return self.path.rpartition(".")[2]


def _key(path: str, kind: Kind, *, attribute: str = "", **rest: Any) -> Key:
    return Key(path=path, attribute=attribute or path, kind=kind, **rest)


def _number(path: str, high: float, *, unit: str, **rest: Any) -> Key:
    return _key(path, Kind.NUMBER, high=high, unit=unit, **rest)


def _whole(path: str, high: float, *, unit: str, **rest: Any) -> Key:
    return _key(path, Kind.WHOLE, high=high, unit=unit, **rest)


def _choice(path: str, choices: type[StrEnum], *, attribute: str = "") -> Key:
    return _key(path, Kind.CHOICE, attribute=attribute, choices=choices)


def _money(path: str, *, attribute: str = "") -> Key:
    return _number(path, 1e9, unit="USD a month", attribute=attribute)


def _share(path: str) -> Key:
    return _number(path, 1.0, unit="a share from 0 to 1")


def _host_quotes(table: str) -> tuple[Key, ...]:
    return (
        _key(f"{table}.fits", Kind.FLAG),
        _key(f"{table}.context_ok", Kind.FLAG),
        _key(f"{table}.licence_ok", Kind.FLAG),
        _key(f"{table}.capability_ok", Kind.FLAG),
        _number(f"{table}.peak_utilisation", 1e6, unit="a share of the slots"),
        _share(f"{table}.absorbed_share"),
    )


KEYS: tuple[Key, ...] = (
    _key("workload.name", Kind.TEXT, attribute="name"),
    _choice("workload.task", Task, attribute="task"),
    _choice("workload.motive", Motive, attribute="motive"),
    _key("workload.critical", Kind.FLAG, attribute="critical"),
    _number("volume.calls_per_day", 1e9, unit="calls a day"),
    _whole("volume.history_days", 36_500, unit="days"),
    _choice("volume.predictability", Predictability),
    _key("volume.series", Kind.TEXT),
    _key("volume.hourly_calls", Kind.HOURS, high=1e9, unit="calls an hour"),
    _number("volume.growth_per_month", 10.0, low=-0.99, unit="a share a month"),
    _number("volume.batch_window_hours", 744.0, low=0.01, unit="hours"),
    _number("tokens.input", 1e8, unit="tokens a call"),
    _number("tokens.cached_input", 1e8, unit="tokens a call"),
    _number("tokens.cache_write", 1e8, unit="tokens a call"),
    _number("tokens.cache_write_1h", 1e8, unit="tokens a call"),
    _number("tokens.output", 1e8, unit="tokens a call"),
    _whole("tokens.context_p99", 1e8, low=1, unit="tokens"),
    _number("latency.p95_seconds", 86_400.0, low=0.001, unit="seconds", attribute="p95_seconds"),
    _choice("privacy.class", PrivacyClass, attribute="privacy.privacy_class"),
    _key("privacy.approved_vendors", Kind.TEXTS),
    _key("privacy.region", Kind.TEXT),
    _key("privacy.in_region", Kind.TEXTS),
    _key("privacy.offline", Kind.FLAG),
    _key("today.provider", Kind.TEXT),
    _key("today.model", Kind.TEXT),
    _share("today.batch_share"),
    _share("today.retry_share"),
    _number("today.token_ratio", 10.0, low=0.1, unit="tokens of the provider for one of yours"),
    _key("candidates.local", Kind.TEXTS),
    _key("candidates.needs", Kind.CHOICES, choices=Need),
    _key("quality.metric", Kind.TEXT),
    _number("quality.margin", 1.0, unit="a share, 0.03 for three points", above=True, below=True),
    _choice("quality.gate", GateResult),
    _choice("quality.gate_hosted", GateResult),
    _choice("organisation.kind", Organisation),
    _money("organisation.total_ai_bill", attribute="organisation.total_ai_bill_usd_month"),
    _number("organisation.ops_hours_per_month", 10_000.0, unit="hours"),
    _number(
        "organisation.hourly_rate",
        100_000.0,
        unit="USD an hour",
        attribute="organisation.hourly_rate_usd",
    ),
    _key("organisation.hosted_allowed", Kind.FLAG),
    _key("organisation.local_infrastructure", Kind.FLAG),
    _number("organisation.pue", 5.0, low=1.0, unit="the room's power over the machines'"),
    _key("machine.name", Kind.TEXT),
    _key("machine.host", Kind.TEXT),
    _key("machine.hosts", Kind.TEXTS),
    _key("machine.available", Kind.FLAG),
    _key("machine.on_anyway", Kind.FLAG),
    _number("machine.resale", 1e9, unit="USD", attribute="machine.resale_usd"),
    _number("machine.resale_later", 1e9, unit="USD", attribute="machine.resale_later_usd"),
    _key("buy.consider", Kind.FLAG),
    _key("buy.machine", Kind.TEXT),
    _number("buy.price", 1e9, unit="USD", attribute="buy.price_usd"),
    _key("buy.price_as_of", Kind.TEXT),
    _share("buy.residual_share"),
    _whole("buy.months", 600, low=1, unit="months"),
    _number("buy.setup_hours", 100_000.0, unit="hours"),
    _number("buy.yearly_rate", 1.0, unit="a share a year, 0.08 for eight per cent"),
    _number("buy.price_decline", 1.0, unit="a share a year, 0.25 for a quarter", below=True),
    _money("quotes.cloud_frontier_usd_month"),
    _money("quotes.hosted_open_usd_month"),
    _money("quotes.rent_gpu_usd_month"),
    *_host_quotes("quotes.machine"),
    _money("quotes.machine.marginal_usd_month"),
    *_host_quotes("quotes.buy"),
    _money("quotes.buy.tco_usd_month"),
    _money("quotes.buy.opex_usd_month"),
    _number("quotes.buy.price", 1e9, unit="USD", attribute="quotes.buy.price_usd"),
)

BY_PATH = {key.path: key for key in KEYS}


def get(workload: Workload, key: Key) -> Any:
    """What the workload holds under a key; None or the default where nothing was stated."""
    value: Any = workload
    for name in key.attribute.split("."):
        value = getattr(value, name)
    return value


def put(workload: Workload, key: Key, value: Any) -> Workload:
    """The workload with another value under a key."""
    changed: Workload = _replaced(workload, key.attribute.split("."), value)
    return changed


def _replaced(whole: Any, names: list[str], value: Any) -> Any:
    first, *rest = names
    part = _replaced(getattr(whole, first), rest, value) if rest else value
    # As `dataclasses.replace` does, in half the time: a search for flips does it for every value.
    made = object.__new__(type(whole))
    for name in whole.__slots__:
        object.__setattr__(made, name, part if name == first else getattr(whole, name))
    return made
