"""What stands behind a verdict: costs, flips, pipeline. Values in, values out."""

from __future__ import annotations

import math
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from landfall.core.provenance import Estimated, Figure, band, middle
from landfall.core.verdict.options import OptionLine
from landfall.core.verdict.swings import InputSwing
from landfall.core.verdict.verdict import Verdict
from landfall.core.workload.privacy import (
    REMOTE,
    Destination,
    Option,
    is_public_host,
    lock_of,
    pipeline,
)
from landfall.core.workload.privacy_check import Place, PrivacyCheck
from landfall.core.workload.workload import Where
from landfall.gui.format import Shown, approximately, duration, shown, text, whole
from landfall.gui.host_names import host_words
from landfall.gui.translated import all_translated, translated
from landfall.gui.units import Unit
from landfall.gui.widgets.cost_bars import CostOption
from landfall.gui.widgets.pipeline_map import Step
from landfall.gui.widgets.tornado_chart import Swing
from landfall.gui.widgets.verdict_chip import place
from landfall.gui.workloads.price_dates import price_day, price_row
from landfall.gui.workloads.words import (
    input_word,
    move_text,
    privacy_word,
    provider_word,
    step_word,
    value_text,
    without_rule_ids,
)

if TYPE_CHECKING:
    from collections.abc import Sequence

    from landfall.services.verdict.decided import Decided


def _tr(words: str) -> str:
    return QCoreApplication.translate("workload_evidence", words)


# Costs -------------------------------------------------------------------------------------------


def cost_options(decided: Decided) -> tuple[CostOption, ...]:
    """Every option: the verdict first, then the open ones by cost, then those that are out."""
    lines = [_cost_option(decided, line) for line in decided.verdict.options]
    return tuple(sorted(lines, key=lambda o: (not o.chosen, bool(o.blocked), o.mid)))


def _cost_option(decided: Decided, line: OptionLine) -> CostOption:
    verdict, ends = decided.verdict, band(line.usd_month)
    chosen = line.option is verdict.option
    look = CostOption(
        name=option_name(decided, line.option), role=place(line.option.value).role, chosen=chosen
    )
    if ends is None or line.feasible is False:
        rule = line.rule if line.feasible is False else ""
        return replace(look, blocked=_why_out(line), rule=rule)
    figure = shown(line.usd_month, Unit.USD_MONTH)
    share = verdict.local_share if line.option is Option.HYBRID else None
    if line.option is Option.HYBRID and share is None and decided.facts.machine is not None:
        share = middle(decided.facts.machine.absorbed_share)
    return replace(
        look,
        low=ends[0],
        mid=ends[1],
        high=ends[2],
        origin=figure.origin,
        note=_price_note(decided, line, figure),
        aside=_aside(decided, line),
        overflow=None if share is None else place((verdict.bar or Option.HOSTED_OPEN).value).role,
        kept=1.0 if share is None else share,
    )


def _aside(decided: Decided, line: OptionLine) -> str:
    """Who serves it, and why it was not chosen."""
    parts = []
    if line.option is Option.HOSTED_OPEN and (row := price_row(decided, line.option)) is not None:
        parts.append(_tr("at {0}").format(provider_word(row.provider)))
    if line.why_not:
        parts.append(without_rule_ids(translated(line.why_not)))
    return ", ".join(parts)


def _why_out(line: OptionLine) -> str:
    """Why it is out, and what it would cost."""
    why = without_rule_ids(translated(line.why_not))
    cost = middle(line.usd_month)
    if cost is not None and line.feasible is False:
        return _tr("{0} (would cost {1})").format(why, text(line.usd_month, Unit.USD_MONTH))
    return why or _tr("not known")


def _price_note(decided: Decided, line: OptionLine, figure: Shown) -> str:
    """The band, else the date of the price behind a bill."""
    day = price_day(decided, line)
    return _tr("price of {0}").format(day) if day else figure.detail


def option_name(decided: Decided, option: Option) -> str:
    """An option with what would do the work."""
    facts, workload = decided.facts, decided.loaded.workload
    match option:
        case Option.CLOUD_FRONTIER:
            model = workload.today.model
            return _tr("{0}, today").format(model) if model else _tr("Frontier cloud, today")
        case Option.HOSTED_OPEN:
            row = price_row(decided, option)
            if row is None:
                return _tr("Hosted open model")
            return row.model.rpartition("/")[2]
        case Option.RENT_GPU:
            rented = facts.rented.machine if facts.rented else ""
            return _tr("Rented {0}").format(rented) if rented else _tr("Rented GPU")
        case Option.LOCAL_THIS_MACHINE:
            model = facts.machine.model if facts.machine else ""
            name = ", ".join(decided.hosts) or workload.machine.name or _tr("This machine")
            return f"{name}, {model}" if model else name
        case Option.LOCAL_BUY:
            machine = (facts.buy.machine if facts.buy else "") or workload.buy.machine
            return _tr("Buy {0}").format(machine) if machine else _tr("Buy a machine")
        case _:
            return _tr("Split")


@dataclass(frozen=True, slots=True, kw_only=True)
class OptionNote:
    """An option, or one way to have it, beside its bar.

    Attributes:
        note: What it assumes, or why this way is not taken.
        seconds: Within this, nineteen of twenty answers are there in the busiest hour.
    """

    name: str
    usd_month: str
    seconds: str
    note: str


def option_notes(decided: Decided) -> tuple[OptionNote, ...]:
    """Every option that is known of, and below it the ways to have it."""
    found = []
    for line in decided.verdict.options:
        detail = decided.verdict.detail(line.option)
        found.append(
            OptionNote(
                name=option_name(decided, line.option),
                usd_month=text(line.usd_month, Unit.USD_MONTH),
                seconds=_seconds(detail.latency_p95_s),
                note="; ".join(detail.assumes) or without_rule_ids(translated(line.why_not)),
            )
        )
        found += [
            OptionNote(
                name=f"\u2013 {one.name}",
                usd_month=text(one.usd_month, Unit.USD_MONTH),
                seconds="",
                note=translated(one.why_not),
            )
            for one in detail.variants
        ]
    return tuple(found)


def _seconds(figure: Figure) -> str:
    value = middle(figure)
    if value is None or not math.isfinite(value):
        return _tr("unknown") if value is None else _tr("never")
    written = duration(value)
    return approximately(written) if isinstance(figure, Estimated) else written


# Flips -------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class FlipRow:
    """One thing that would change the verdict, in words.

    Attributes:
        relative: "−11 %", or "" for words.
        verdict: The name of the verdict then.
    """

    name: str
    now: str
    at: str
    relative: str
    verdict: str


def flip_rows(verdict: Verdict) -> tuple[FlipRow, ...]:
    """All flips, in the order of the engine: the likeliest first."""
    return tuple(
        FlipRow(
            name=input_word(flip.input),
            now=value_text(flip.input, flip.now),
            at=value_text(flip.input, flip.at),
            relative=move_text(flip),
            verdict=flip.verdict_then.value,
        )
        for flip in verdict.flips
    )


def swing_bars(found: Sequence[InputSwing]) -> tuple[Swing, ...]:
    """The bars of the tornado: the saving at both ends of each input's usual doubt."""
    return tuple(_swing(one) for one in found)


def _swing(one: InputSwing) -> Swing:
    """A diamond stands where the input's flip lies between the ends of its doubt."""
    at, where = one.flips_at, None
    if at is not None and one.low <= at <= one.high:
        share = (at - one.low) / (one.high - one.low)
        where = one.saving_low + share * (one.saving_high - one.saving_low)
    words = _tr("no flip found") if at is None else _tr("flips at {0}")
    return Swing(
        name=input_word(one.path),
        now=value_text(one.path, one.now),
        low=one.saving_low,
        high=one.saving_high,
        low_label=value_text(one.path, one.low),
        high_label=value_text(one.path, one.high),
        flip=where,
        flip_label=words.format(value_text(one.path, at)) if at is not None else words,
    )


# Pipeline ----------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True, kw_only=True)
class Pipeline:
    """The steps with the lock's name, and how many leave."""

    steps: tuple[Step, ...]
    lock: str
    note: str


def pipeline_of(decided: Decided) -> Pipeline:
    """Where each step's text goes under the verdict."""
    workload, verdict = decided.placed, decided.verdict
    outside = verdict.option in REMOTE
    leaking = {leak.step for leak in verdict.leaks}
    steps = []
    for one in pipeline(workload):
        leaves = (outside if one.leaves is None else one.leaves) or one.step in leaking
        stuck = one.where is Where.VERDICT and verdict.option is Option.LOCAL_REQUIRED_NOT_FEASIBLE
        hosts = [one.host, *(leak.host for leak in verdict.leaks if leak.step == one.step)]
        place = _place_of(decided, one.where, one.host, stuck=stuck)
        steps.append(
            Step(
                name=step_word(one.step),
                model=_model_of(decided, one.step),
                place=place,
                leaves=leaves,
                host=next(filter(None, hosts), _decided_host(one, place)) if leaves else "",
                problem=stuck,
            )
        )
    if verdict.option is Option.HYBRID:
        steps.append(_overflow(decided))
    lock = lock_of(workload)
    named = privacy_word(workload.privacy.privacy_class) if lock.locked else ""
    if workload.privacy.offline:
        named = _tr("offline")
    leaving = sum(step.leaves for step in steps)
    note = _tr("nothing leaves your network")
    if leaving:
        note = _tr("steps that leave: {0} of {1}").format(whole(leaving), whole(len(steps)))
    return Pipeline(steps=tuple(steps), lock=named, note=note)


def _decided_host(one: Destination, place: str) -> str:
    """Where the verdict puts a step it has a name; a step in the cloud without a host has none."""
    return place if one.where is Where.VERDICT else ""


def _overflow(decided: Decided) -> Step:
    """Of a split: the calls that find no slot here go to the option that had to be beaten."""
    bar = decided.verdict.bar or Option.HOSTED_OPEN
    workload = decided.loaded.workload
    hosted = workload.candidates.hosted
    if bar is Option.CLOUD_FRONTIER:
        model, host = workload.today.model, provider_word(workload.today.provider)
    elif bar is Option.RENT_GPU:
        model, host = "", _tr("rented GPU")
    else:
        row = price_row(decided, Option.HOSTED_OPEN)
        model = row.model.rpartition("/")[2] if row else ""
        host = provider_word(hosted[0].provider) if hosted else _tr("a host")
    place = host or _tr("in the cloud")
    return Step(name=_tr("Overflow"), model=model, place=place, leaves=True, host=place)


def _model_of(decided: Decided, step: str) -> str:
    if step != "generate":
        return ""
    workload, option = decided.loaded.workload, decided.verdict.option
    if option is Option.CLOUD_FRONTIER:
        return workload.today.model
    if option is Option.HOSTED_OPEN:
        row = price_row(decided, option)
        return row.model.rpartition("/")[2] if row else ""
    host = decided.facts.machine or decided.facts.buy
    return host.model if host else ""


def _place_of(decided: Decided, where: Where, host: str, *, stuck: bool) -> str:
    if stuck:
        return _tr("cannot run here")
    if host in decided.urls:
        if is_public_host(host):
            return host_words(host)
        return _tr("{0}, our network").format(host_words(host))
    if host:
        return host
    match where:
        case Where.LOCAL:
            return _tr("here")
        case Where.NETWORK:
            return _tr("your network")
        case Where.CLOUD:
            return _tr("in the cloud")
        case Where.VERDICT:
            return _place_of_verdict(decided)


def _place_of_verdict(decided: Decided) -> str:
    workload = decided.loaded.workload
    match decided.verdict.option:
        case Option.CLOUD_FRONTIER:
            return provider_word(workload.today.provider) or _tr("in the cloud")
        case Option.HOSTED_OPEN:
            hosted = workload.candidates.hosted
            return provider_word(hosted[0].provider) if hosted else _tr("at a host")
        case Option.RENT_GPU:
            return _tr("rented GPU")
        case Option.HYBRID:
            return _tr("here, overflow outside")
        case Option.LOCAL_BUY:
            return _tr("bought machine")
        case _:
            return _tr("here")


@dataclass(frozen=True, slots=True, kw_only=True)
class CheckWords:
    """What was really looked at.

    Attributes:
        said: The one sentence that may be said, with the time and the checks made.
        lines: How many steps were looked at, then each with where it leads, then what else matters.
    """

    said: str
    lines: tuple[str, ...]


def check_words(found: PrivacyCheck) -> CheckWords:
    """A check in words; it never judges by law, and names what it rests on."""
    count = len(found.steps)
    head = _tr("One step was looked at:") if count == 1 else _tr("{0} steps were looked at:")
    places = {
        Place.HERE: _tr("this machine"),
        Place.NETWORK: _tr("your network"),
        Place.PUBLIC: _tr("outside your network"),
        Place.UNKNOWN: _tr("not known"),
    }
    words = _tr("{0}: {1} ({2})")
    steps = (
        words.format(step_word(one.step), places[one.place], translated(one.why))
        for one in found.steps
    )
    return CheckWords(
        said=found.sentence, lines=(head.format(whole(count)), *steps, *all_translated(found.notes))
    )
