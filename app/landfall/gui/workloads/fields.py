"""The fields of the workload form: which keys, under which words, in which section."""

from __future__ import annotations

from dataclasses import dataclass

from PySide6.QtCore import QCoreApplication

from landfall.core.workload.keys import BY_PATH, Kind


def _tr(words: str) -> str:
    return QCoreApplication.translate("workload_fields", words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Field:
    """One field: a key of the file, its name, what follows from it, its unit.

    Attributes:
        suggests: Which names to offer while it is typed: "providers", "models", "local",
            "machines", or "".
        empty: What an empty field means, shown in it.
    """

    path: str
    name: str
    hint: str = ""
    unit: str = ""
    suggests: str = ""
    empty: str = ""

    @property
    def kind(self) -> Kind:
        """What the key holds."""
        return BY_PATH[self.path].kind


@dataclass(frozen=True, slots=True, kw_only=True)
class Section:
    """A part of the form; `extra` names an editor of tables that stands in it."""

    key: str
    title: str
    note: str
    fields: tuple[Field, ...]
    extra: str = ""


def first_section() -> Section:
    """What has to be said for a first verdict: a minute."""
    return Section(
        key="first",
        title=_tr("The work"),
        note=_tr("enough for a first verdict; all but name and task may stay empty"),
        fields=(
            Field(path="workload.name", name=_tr("Name")),
            Field(path="workload.task", name=_tr("Task")),
            Field(
                path="today.provider",
                name=_tr("Provider today"),
                suggests="providers",
                empty=_tr("openai"),
            ),
            Field(path="today.model", name=_tr("Model today"), suggests="models"),
            _number("volume.calls_per_day", _tr("Calls a day"), _tr("mean over the period")),
            _number("tokens.input", _tr("Tokens in"), _tr("a call, without what is cached")),
            _number("tokens.cached_input", _tr("Tokens cached"), _tr("a call")),
            _number("tokens.output", _tr("Tokens out"), _tr("a call, reasoning included")),
            Field(
                path="candidates.local",
                name=_tr("Local candidates"),
                hint=_tr("Names of models, with commas between; empty: the best of the catalogue"),
                suggests="local",
            ),
            Field(
                path="privacy.class",
                name=_tr("Privacy"),
                hint=_tr("Your own rule, applied to the letter; no legal finding"),
            ),
        ),
    )


def more_sections() -> tuple[Section, ...]:
    """What makes the verdict firmer, folded away at first."""
    return (
        *(_volume(), _privacy(), _steps(), _candidates(), _quality()),
        *(_organisation(), _machine(), _known_better()),
    )


def _number(path: str, name: str, hint: str = "", *, unit: str = "", empty: str = "") -> Field:
    return Field(path=path, name=name, hint=hint, unit=unit, empty=empty)


def _volume() -> Section:
    return Section(
        key="volume",
        title=_tr("Volume and latency"),
        note=_tr("history, peaks, targets"),
        fields=(
            _number("volume.history_days", _tr("Days observed"), _tr("0 is a guess")),
            Field(path="volume.predictability", name=_tr("Predictability")),
            Field(
                path="volume.hourly_calls",
                name=_tr("Calls in each hour"),
                hint=_tr("of a working day: 24 numbers from 0 to 23 o'clock, with commas between"),
            ),
            _number("volume.growth_per_month", _tr("Growth a month"), _tr("0.05 is 5 %")),
            _number(
                "volume.batch_window_hours",
                _tr("May wait"),
                _tr("only for work that may be done later"),
                unit=_tr("hours"),
            ),
            Field(
                path="volume.series",
                name=_tr("Series of days"),
                hint=_tr("path of a CSV; replaces calls, days and predictability"),
            ),
            _number("latency.p95_seconds", _tr("Latency target, p95"), unit=_tr("seconds")),
            _number("tokens.context_p99", _tr("Longest context"), unit=_tr("tokens")),
            _number(
                "tokens.cache_write",
                _tr("Tokens written to a cache"),
                _tr("a call, of those that go in; some providers charge more for them"),
            ),
            _number(
                "tokens.cache_write_1h",
                _tr("Written to a cache for an hour"),
                _tr("a call, of those written to a cache"),
            ),
            _number("today.batch_share", _tr("Share in batches"), _tr("0 to 1"), empty="0"),
            _number("today.retry_share", _tr("Share of retries"), _tr("0 to 1"), empty="0"),
        ),
    )


def _privacy() -> Section:
    return Section(
        key="privacy",
        title=_tr("Privacy, in detail"),
        note=_tr("vendors, region, offline"),
        fields=(
            Field(
                path="privacy.approved_vendors",
                name=_tr("Approved vendors"),
                hint=_tr("with patient data and attorney and client only"),
            ),
            Field(path="privacy.region", name=_tr("Region"), hint=_tr("such as eu")),
            Field(
                path="privacy.in_region",
                name=_tr("Inside the region"),
                hint=_tr("cloud_frontier, hosted_open, rent_gpu, or providers"),
            ),
            Field(path="privacy.offline", name=_tr("No network")),
        ),
    )


def _steps() -> Section:
    return Section(
        key="steps",
        title=_tr("Pipeline"),
        note=_tr("where each step's text goes"),
        fields=(),
        extra="steps",
    )


def _candidates() -> Section:
    return Section(
        key="candidates",
        title=_tr("Hosted candidates and needs"),
        note=_tr("open models at a provider; what the model must be able to do"),
        fields=(
            Field(
                path="candidates.needs",
                name=_tr("Needs"),
                hint=_tr("tools, json, vision, thinking"),
            ),
        ),
        extra="hosted",
    )


def _quality() -> Section:
    return Section(
        key="quality",
        title=_tr("Quality"),
        note=_tr("what you measured on your own prompts against today's model"),
        fields=(
            Field(path="quality.gate", name=_tr("Gate, local candidate")),
            Field(
                path="quality.gate_hosted",
                name=_tr("Gate, hosted candidate"),
                hint=_tr("as the local one where left open"),
            ),
            Field(path="quality.metric", name=_tr("Metric"), hint=_tr("such as accuracy")),
            _number(
                "quality.margin",
                _tr("Largest acceptable loss"),
                _tr("0.03 is three points; empty: the usual of the task"),
            ),
        ),
        extra="pairs",
    )


def _organisation() -> Section:
    return Section(
        key="organisation",
        title=_tr("Organisation"),
        note=_tr("who runs it, what an hour costs"),
        fields=(
            Field(path="organisation.kind", name=_tr("Kind")),
            _number("organisation.total_ai_bill", _tr("All AI bills"), unit=_tr("$ a month")),
            _number("organisation.ops_hours_per_month", _tr("Care"), unit=_tr("h a month")),
            _number("organisation.hourly_rate", _tr("Hourly rate"), unit=_tr("$ an hour")),
            Field(path="organisation.hosted_allowed", name=_tr("Hosted open models allowed")),
            Field(path="organisation.local_infrastructure", name=_tr("People run machines")),
            Field(path="workload.motive", name=_tr("Motive")),
            Field(path="workload.critical", name=_tr("Critical work")),
        ),
    )


def _machine() -> Section:
    return Section(
        key="machine",
        title=_tr("Machine and purchase"),
        note=_tr("empty: the machine that was detected; no purchase"),
        fields=(
            Field(path="machine.available", name=_tr("A machine is there")),
            Field(
                path="machine.name",
                name=_tr("Machine"),
                suggests="machines",
                empty=_tr("this one"),
            ),
            Field(
                path="machine.host",
                name=_tr("Host that runs it"),
                hint=_tr("a kept host or its address"),
                empty=_tr("this machine"),
            ),
            Field(
                path="machine.hosts",
                name=_tr("Hosts that share the calls"),
                hint=_tr("names with commas between them"),
                empty=_tr("none"),
            ),
            Field(path="buy.consider", name=_tr("A purchase is considered")),
            Field(path="buy.machine", name=_tr("Machine to buy"), suggests="machines"),
            _number("buy.price", _tr("Its price"), _tr("empty: as listed"), unit="$"),
            Field(
                path="buy.price_as_of",
                name=_tr("Day of that price"),
                hint=_tr("as 2026-11-26"),
                empty=_tr("not stated"),
            ),
            _number("buy.residual_share", _tr("Left of the price"), _tr("0 to 1")),
            _number("buy.months", _tr("Months of use")),
            _number("buy.setup_hours", _tr("Set-up"), unit=_tr("hours")),
        ),
    )


def _known_better() -> Section:
    return Section(
        key="quotes",
        title=_tr("What you know better"),
        note=_tr("each value replaces the computed one"),
        fields=_quotes(),
    )


def _quotes() -> tuple[Field, ...]:
    month = _tr("$ a month")
    return (
        _number(
            "quotes.cloud_frontier_usd_month",
            _tr("Today's bill"),
            _tr("also a flat plan, all seats of it"),
            unit=month,
        ),
        _number("quotes.hosted_open_usd_month", _tr("Hosted open model"), unit=month),
        _number("quotes.rent_gpu_usd_month", _tr("Rented GPU"), unit=month),
        *_host_quotes("quotes.machine", _tr("this machine")),
        _number("quotes.machine.marginal_usd_month", _tr("This machine adds"), unit=month),
        *_host_quotes("quotes.buy", _tr("the bought one")),
        _number("quotes.buy.tco_usd_month", _tr("Bought machine, all in"), unit=month),
        _number("quotes.buy.opex_usd_month", _tr("Bought machine, running"), unit=month),
        _number("quotes.buy.price", _tr("Bought machine, price"), unit="$"),
    )


def _host_quotes(table: str, machine: str) -> tuple[Field, ...]:
    return (
        Field(path=f"{table}.fits", name=_tr("Fits {0}").format(machine)),
        Field(path=f"{table}.context_ok", name=_tr("Context long enough, {0}").format(machine)),
        Field(path=f"{table}.licence_ok", name=_tr("Licence allows it, {0}").format(machine)),
        Field(path=f"{table}.capability_ok", name=_tr("Can what is needed, {0}").format(machine)),
        _number(
            f"{table}.peak_utilisation",
            _tr("Busiest hour, {0}").format(machine),
            _tr("share of the slots; above 1 it cannot keep up"),
        ),
        _number(f"{table}.absorbed_share", _tr("Share served, {0}").format(machine), _tr("0 to 1")),
    )


def left_open(path: str) -> str:
    """What stands in the place of a value that is not stated, in a word or two."""
    return {
        "workload.name": "",
        "workload.task": "",
        "tokens.cached_input": _tr("none assumed"),
        "tokens.cache_write": _tr("none assumed"),
        "tokens.cache_write_1h": _tr("none assumed"),
        "tokens.context_p99": _tr("estimated: twice the mean call"),
        "volume.hourly_calls": _tr("estimated: office hours"),
        "volume.history_days": _tr("none: a forecast"),
        "candidates.local": _tr("from the catalogue"),
        "quality.margin": _tr("the usual of the task"),
        "organisation.ops_hours_per_month": _tr("estimated"),
        "organisation.hourly_rate": _tr("from the settings"),
        "machine.name": _tr("as detected"),
        "machine.host": _tr("this machine"),
        "buy.price": _tr("from the catalogue"),
        "buy.residual_share": _tr("estimated"),
        "buy.months": _tr("estimated"),
        "buy.setup_hours": _tr("estimated"),
        "today.provider": _tr("unknown"),
        "today.model": _tr("unknown"),
        "volume.calls_per_day": _tr("unknown"),
        "tokens.input": _tr("unknown"),
        "tokens.output": _tr("unknown"),
    }.get(path, _tr("computed") if path.startswith("quotes.") else _tr("not stated"))
