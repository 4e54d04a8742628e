"""The report's own words: inputs, places, steps. Those of the window are translated; a report that
is handed on speaks one language.
"""

from __future__ import annotations

import re
from collections.abc import Mapping

from landfall.core.reporting.numbers import money, number, percent, seconds
from landfall.core.workload.privacy import Option

INPUTS = {
    "workload.task": "kind of work",
    "workload.motive": "motive",
    "workload.critical": "critical work",
    "volume.calls_per_day": "calls a day",
    "volume.history_days": "days observed",
    "volume.predictability": "predictability",
    "volume.series": "usage series",
    "volume.batch_window_hours": "batch window",
    "volume.hourly_calls": "calls in each hour",
    "volume.growth_per_month": "growth a month",
    "tokens.input": "tokens in",
    "tokens.cached_input": "tokens cached",
    "tokens.cache_write": "tokens written to a cache",
    "tokens.cache_write_1h": "tokens written to a cache for an hour",
    "tokens.output": "tokens out",
    "tokens.context_p99": "longest context",
    "latency.p95_seconds": "latency target",
    "today.provider": "provider today",
    "today.model": "model today",
    "today.batch_share": "share in batches",
    "today.retry_share": "share of retries",
    "today.token_ratio": "tokens of the provider for one of yours",
    "candidates.local": "local candidates",
    "candidates.needs": "what the model must be able to do",
    "organisation.kind": "organisation",
    "organisation.total_ai_bill": "bill of all models together",
    "organisation.ops_hours_per_month": "hours of care a month",
    "organisation.hourly_rate": "hourly rate",
    "organisation.hosted_allowed": "hosted models allowed",
    "organisation.local_infrastructure": "machines are run already",
    "organisation.pue": "power of the room over that of the machines",
    "privacy.class": "privacy class",
    "privacy.approved_vendors": "approved vendors",
    "privacy.region": "region",
    "privacy.in_region": "providers inside the region",
    "privacy.offline": "offline",
    "quality.metric": "measure of quality",
    "quality.margin": "largest loss allowed",
    "quality.gate": "quality gate, local",
    "quality.gate_hosted": "quality gate, hosted",
    "machine.name": "machine",
    "machine.available": "a machine at hand",
    "machine.on_anyway": "the machine is on anyway",
    "machine.resale": "resale value today",
    "machine.resale_later": "resale value in a year",
    "electricity.usd_per_kwh": "electricity, a kWh",
    "buy.consider": "a purchase considered",
    "buy.machine": "machine to buy",
    "buy.price": "price of the machine",
    "buy.price_as_of": "day of that price",
    "buy.residual_share": "value left at the end",
    "buy.months": "months of use",
    "buy.setup_hours": "hours of set-up",
    "buy.yearly_rate": "interest a year",
    "buy.price_decline": "fall of hosted prices a year",
    "quotes.cloud_frontier_usd_month": "today's bill a month",
    "quotes.hosted_open_usd_month": "hosted bill a month",
    "quotes.rent_gpu_usd_month": "rented GPU a month",
    "quotes.machine.marginal_usd_month": "what this machine adds a month",
    "quotes.machine.peak_utilisation": "busiest hour here",
    "quotes.machine.absorbed_share": "share served here",
    "quotes.machine.fits": "fits this machine",
    "quotes.machine.context_ok": "context long enough here",
    "quotes.machine.licence_ok": "licence allows it",
    "quotes.machine.capability_ok": "model has what is needed",
    "quotes.buy.tco_usd_month": "bought machine a month",
    "quotes.buy.opex_usd_month": "running the bought machine a month",
    "quotes.buy.price": "price of the machine",
    "quotes.buy.peak_utilisation": "busiest hour there",
    "quotes.buy.absorbed_share": "share served there",
    "quotes.buy.fits": "fits the bought machine",
    "quotes.buy.context_ok": "context long enough there",
    "quotes.buy.licence_ok": "licence allows it there",
    "quotes.buy.capability_ok": "model has what is needed there",
}

VERDICTS = {
    Option.CLOUD_FRONTIER: "Stay with the cloud model",
    Option.HOSTED_OPEN: "Use a hosted open-weight model",
    Option.RENT_GPU: "Rent a GPU by the hour",
    Option.LOCAL_THIS_MACHINE: "Run it on this machine",
    Option.LOCAL_BUY: "Buy a machine for it",
    Option.HYBRID: "Run the steady part here, let the rest overflow",
    Option.LOCAL_REQUIRED_NOT_FEASIBLE: "It must stay local, and nothing local can do it",
}
"""What a verdict says to do."""

PLACE_WORDS = {
    Option.CLOUD_FRONTIER: "today's cloud model",
    Option.HOSTED_OPEN: "a hosted open model",
    Option.RENT_GPU: "a rented GPU",
    Option.LOCAL_THIS_MACHINE: "this machine",
    Option.LOCAL_BUY: "bought hardware",
    Option.HYBRID: "a split",
    Option.LOCAL_REQUIRED_NOT_FEASIBLE: "nowhere",
}
"""An option inside a sentence."""

OPTION_NAMES = {
    Option.CLOUD_FRONTIER: "Cloud, today's model",
    Option.HOSTED_OPEN: "Hosted open model",
    Option.RENT_GPU: "Rented GPU",
    Option.LOCAL_THIS_MACHINE: "This machine",
    Option.LOCAL_BUY: "Bought machine",
    Option.HYBRID: "Split, here and outside",
    Option.LOCAL_REQUIRED_NOT_FEASIBLE: "Nowhere",
}
"""An option as the head of a line."""

THRESHOLDS = {
    "saving_min_usd_month": "Worth moving from a saving of",
    "saving_min_share": "Worth moving from a share of",
    "local_bill_min_usd_month": "Hardware from a bill of",
    "premature_calls_per_day": "Hardware from a volume above",
    "payback_max_months": "Hardware pays back within",
    "history_min_days": "A forecast needs",
    "utilisation_max": "Busiest hour, at most",
    "routing_bill_min_usd_month": "A routing layer from a bill of",
    "routing_payback_max_months": "A routing layer pays back within",
    "price_stale_days": "A price is stale after",
    "verdict_stale_days": "A verdict is stale after",
}
"""What a threshold decides, as the head of a line."""

_STEPS = {
    "ocr": "OCR",
    "vector_db": "Vector database",
    "trace": "Traces",
}
_MONEY = ("usd_month", "price", "hourly_rate", "total_ai_bill", "resale", "resale_later")
_SHARES = ("share", "peak_utilisation", "growth_per_month", "margin", "yearly_rate", "decline")
_UNITS = {"hours": "h", "buy.months": "months"}
_BRACKETS = re.compile(r" \((?:[a-z]+\.)?[a-z]+[._][a-z_.]+(?: = \w+)?(?:, [a-z_.]+)*\)")
_PATH = re.compile(rf"\b(?:{'|'.join(re.escape(p) for p in sorted(INPUTS, key=len)[::-1])})\b")
_OPTION = re.compile(rf"\b(?:{'|'.join(one.value for one in Option)})\b")
_RULE_IDS = re.compile(r"(?:^|(?<=; ))[A-Z]{1,2}\d+[a-z]?(?:, [A-Z]{1,2}\d+[a-z]?)*: ")


def plain(text: str) -> str:
    """Words of the decision without keys of a file and names of JSON."""
    named = _BRACKETS.sub("", text)
    named = _PATH.sub(lambda found: f"“{INPUTS[found[0]]}”", named)
    return _OPTION.sub(lambda found: PLACE_WORDS[Option(found[0])], named)


def without_rules(text: str) -> str:
    """A reason without the ids in front of it: they stand in a column of their own."""
    return _RULE_IDS.sub("", text)


def sentence(text: str) -> str:
    """With a full stop unless it asks, and a capital unless a name such as qwen3:8b begins it."""
    stripped = plain(text).strip().rstrip(".")
    if not stripped:
        return ""
    is_name = any(sign in stripped.split()[0].rstrip(":,;") for sign in ":/0123456789")
    end = "" if stripped[-1] in "?!" else "."
    return f"{stripped if is_name else capital(stripped)}{end}"


def input_name(path: str) -> str:
    """What a key of a workload file is called."""
    return INPUTS.get(path) or path.rpartition(".")[2].replace("_", " ")


def in_sentence(machine: str) -> str:
    """A machine inside a sentence; one that has no name of its own is this one."""
    own = OPTION_NAMES[Option.LOCAL_THIS_MACHINE]
    return "this machine" if machine in ("", own) else machine


def capital(text: str) -> str:
    """With a capital, as the head of a line."""
    return f"{text[:1].upper()}{text[1:]}"


def step_name(step: str) -> str:
    """A step of a pipeline."""
    return _STEPS.get(step, capital(step))


def provider_name(provider: str, names: Mapping[str, str]) -> str:
    """A provider as it calls itself; one that is not known keeps its name."""
    return names.get(provider.strip().lower(), provider)


def priced(what: str, names: Mapping[str, str]) -> str:
    """What has a price, "gpt-5.5 at openai", with the provider as it calls itself."""
    model, at, provider = what.rpartition(" at ")
    return f"{model}{at}{provider_name(provider, names)}" if at else what


def value_text(path: str, value: object) -> str:
    """A value of an input, with its unit."""
    if value is None or value in ("", ()):
        return "not stated"
    if isinstance(value, bool):
        return "yes" if value else "no"
    if isinstance(value, str):
        return value.replace("_", " ")
    if isinstance(value, list | tuple | frozenset | set):
        return _many(path, value)
    if not isinstance(value, int | float):
        return str(value)
    return _measure(path, float(value))


def _many(path: str, values: object) -> str:
    listed = list(values) if isinstance(values, list | tuple) else sorted(map(str, values))  # type: ignore[call-overload]
    if path == "volume.hourly_calls":
        return ", ".join(number(float(one)) for one in listed)
    return ", ".join(
        str(one).replace("_", " ") if path == "candidates.needs" else str(one) for one in listed
    )


def _measure(path: str, value: float) -> str:
    if path == "electricity.usd_per_kwh":
        return f"${value:.3f}"
    if path.endswith(_MONEY):
        return money(value)
    if path.endswith(_SHARES):
        return percent(value)
    if path == "latency.p95_seconds":
        return seconds(value)
    if path.startswith("tokens."):
        return f"{number(value)} tokens"
    for word, unit in _UNITS.items():
        if word in path:
            return f"{number(value)} {unit}"
    return number(value)


def move(relative: float | None) -> str:
    """How far an input would have to move, as a share of what it is; "" for words."""
    if relative is None:
        return ""
    if abs(relative) >= 10:
        return f"{number(relative + 1)} times"
    return f"{'+' if relative > 0 else ''}{percent(relative)}"
