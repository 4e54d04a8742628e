"""What to do next about a verdict: a sentence, and the button that leads there."""

from __future__ import annotations

from dataclasses import dataclass, replace
from datetime import date, timedelta
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from landfall.core.provenance import Unknown
from landfall.core.settings import Thresholds
from landfall.core.verdict.card import CloseCall, close_call, idle_gate_usd_month, telling
from landfall.core.verdict.facts import REMOTE_FIELD, HostFacts
from landfall.core.verdict.table_words import Missing
from landfall.core.verdict.verdict import Verdict
from landfall.core.verdict.worlds import MeasureNext
from landfall.core.workload.privacy import Option
from landfall.gui.dates import when
from landfall.gui.format import money, text
from landfall.gui.translated import translated
from landfall.gui.units import Unit
from landfall.gui.workloads.words import (
    input_word,
    place_name,
    provider_word,
    sentence,
    step_word,
)

if TYPE_CHECKING:
    from landfall.services.verdict.decided import Decided, Offer

GATE = "gate:"
"""Before the name of a workload whose quality gate is to be run."""


_USAGE = ("volume.", "tokens.")
_SPEED = (
    "quotes.machine.peak_utilisation",
    "quotes.machine.absorbed_share",
    "quotes.machine.marginal_usd_month",
    "machine.throughput",
)
_PRICES = (
    "quotes.cloud_frontier_usd_month",
    "quotes.hosted_open_usd_month",
    "quotes.rent_gpu_usd_month",
)


def _tr(words: str) -> str:
    return QCoreApplication.translate("workload_next", words)


@dataclass(frozen=True, slots=True, kw_only=True)
class Move:
    """The next step.

    Attributes:
        sentence: What to do, in one or two sentences.
        action: Words on the button, or "" where there is nothing to press.
        page: The page that the button leads to, with `detail`; "" for the editor.
        field: The key at which the editor opens.
        fill: What the editor puts there at once, or "".
    """

    sentence: str
    action: str = ""
    page: str = ""
    detail: str = ""
    field: str = ""
    fill: str = ""


def next_move(decided: Decided, limits: Thresholds, *, offer: Offer | None = None) -> Move:
    """What presses most: a leak, what cannot run, what is not known, a warning, then the move."""
    verdict = decided.verdict
    if verdict.leaks:
        return _stop_leak(verdict)
    nothing_is_out = all(reason.excludes is None for reason in verdict.reasons)
    unknown = bool(verdict.missing) and nothing_is_out
    if verdict.option is Option.LOCAL_REQUIRED_NOT_FEASIBLE and not unknown:
        return _find_hardware(decided, offer)
    worth = idle_gate_usd_month(verdict)
    if worth is not None:
        return Move(sentence=f"{_idle_words(worth)} {_again(verdict.as_of, limits)}")
    if verdict.missing:
        return _find_out(decided, telling(verdict))
    close = close_call(verdict)
    if close is not None and verdict.worlds and verdict.worlds.measure:
        return _measure(decided, close, verdict.worlds.measure)
    move = _warned(verdict, _carry_out(decided, _again(verdict.as_of, limits)))
    if close is None:
        return move
    return replace(move, sentence=f"{_close_words(close)} {move.sentence}")


def _measure(decided: Decided, close: CloseCall, one: MeasureNext) -> Move:
    """Too close to call: what would take most of the doubt away comes before the move itself."""
    words = _tr("{0} Find out \u201c{1}\u201d first: {2}")
    said = words.format(_close_words(close), input_word(one.path), sentence(translated(one.why)))
    return replace(move_for(decided, one.path), sentence=said)


def _close_words(close: CloseCall) -> str:
    """Between what, and whether keeping what runs today is the safe choice meanwhile."""
    words = _tr("Too close to call between {0} and {1}.")
    if close.both_cheaper:
        words = _tr("Too close to call between {0} and {1}: both cost less than today.")
    elif close.keeps_today:
        words = _tr("Too close to call between {0} and {1}: keep what runs today until you know.")
    return words.format(place_name(close.first), place_name(close.second))


def _idle_words(worth: float) -> str:
    """A gate that nobody has run, and that is not worth running."""
    if worth < 1:
        return _tr("Nothing to change: a candidate that passed would save too little.")
    words = _tr("Nothing to change: to know whether a candidate passes is worth {0} a month.")
    return words.format(money(worth))


def _stop_leak(verdict: Verdict) -> Move:
    leak = verdict.leaks[0]
    where = f" ({leak.host})" if leak.host else ""
    words = _tr("Not yet private: the step {0} still leaves{1}. Bring it inside first.")
    return Move(
        sentence=words.format(step_word(leak.step), where),
        action=_tr("Change the step"),
        field="steps",
    )


def _find_hardware(decided: Decided, offer: Offer | None) -> Move:
    workload = decided.loaded.workload
    if offer is not None and workload.buy.machine != offer.machine:
        words = _tr("The least hardware of the catalogue that holds {0} is {1}, {2}. Weigh it.")
        price = text(offer.usd, Unit.USD)
        if isinstance(offer.usd, Unknown):
            price = _tr("price unknown")
        return Move(
            sentence=words.format(offer.model, offer.machine, price),
            action=_tr("Weigh the purchase"),
            field="buy.machine",
            fill=offer.machine,
        )
    if any(reason.rule == "H6" for reason in decided.verdict.reasons):
        words = _tr("Let the calls wait, take a smaller model, or weigh a faster machine.")
        return Move(sentence=words, action=_tr("Weigh a machine"), field="buy.machine")
    return Move(
        sentence=_tr(
            "Find a smaller model that passes your gate, or hardware that holds this one."
        ),
        action=_tr("Show models that fit"),
        page="models",
    )


def _find_out(decided: Decided, missing: Missing) -> Move:
    if missing.field in ("quality.gate", "quality.gate_hosted"):
        return measure_quality(decided, hosted=missing.field.endswith("hosted"))
    name, reason = input_word(missing.field), translated(missing.reason)
    if missing.field == "volume.history_days":
        words = _tr("Watch the volume for four weeks before money decides: {0}.")
        return Move(
            sentence=words.format(reason), action=_tr("Enter the days"), field=missing.field
        )
    if missing.field.endswith(".fits"):
        words = _tr("Find out whether it fits: {0}.")
        model = local_model(decided)
        return Move(
            sentence=words.format(reason),
            action=_tr("Look the model up"),
            page="models",
            detail=model,
        )
    if missing.field in REMOTE_FIELD.values():
        words = _tr("Find out the price: {0}.")
        return Move(
            sentence=words.format(reason), action=_tr("Enter the price"), field=missing.field
        )
    return Move(
        sentence=_tr("State \u201c{0}\u201d: {1}.").format(name, reason),
        action=_tr("Enter it"),
        field=missing.field,
    )


def find_out(path: str) -> Move:
    """A value that only the user knows: the editor opens at its key."""
    words = _tr("State \u201c{0}\u201d.").format(input_word(path))
    return Move(sentence=words, action=_tr("Enter it"), field=path)


def move_for(decided: Decided, path: str) -> Move:
    """What measures the value under a key: a run of prompts, a benchmark, usage, a price list."""
    if path.startswith("quality."):
        return measure_quality(decided, hosted=path.endswith("hosted"))
    if path in _SPEED:
        return benchmark(decided)
    if path.startswith(_USAGE):
        return import_usage()
    if path in _PRICES:
        words = _tr("Look the prices up, or enter what you really pay.")
        return Move(sentence=words, action=_tr("Show prices"), page="cloud", detail="prices")
    return find_out(path)


def benchmark(decided: Decided) -> Move:
    """To the Run page, where the local candidate is measured."""
    model = local_model(decided)
    words = _tr("Measure how fast {0} is on this machine.")
    return Move(
        sentence=words.format(model or _tr("the local candidate")),
        action=_tr("Benchmark it"),
        page="run",
        detail=f"benchmark:{model}",
    )


def import_usage() -> Move:
    """To the Cloud page, where files of usage are read."""
    return Move(
        sentence=_tr("Import what was really used."),
        action=_tr("Import usage\u2026"),
        page="cloud",
        detail="import",
    )


def measure_quality(decided: Decided, *, hosted: bool) -> Move:
    """The gate on the user's own prompts, of the local or of the hosted candidate."""
    workload, model = decided.loaded.workload, local_model(decided)
    if hosted and workload.candidates.hosted:
        model = decided.facts.hosted_model or workload.candidates.hosted[0].model
    today = workload.today.model or _tr("today's model")
    words = _tr("Quality is not proven: run the quality gate with your own prompts on {0} and {1}.")
    candidate = model or _tr("a local candidate")
    return Move(
        sentence=words.format(candidate, today),
        action=_tr("Run the quality gate\u2026"),
        page="workloads",
        detail=f"{GATE}{workload.name}",
    )


def _warned(verdict: Verdict, move: Move) -> Move:
    """An old price and an unpriced host come before the move; any other warning after it."""
    if not verdict.warnings:
        return move
    first = verdict.warnings[0]
    text = translated(first.text)
    said = sentence(f"{text} ({first.rule})")
    if first.rule == "S51":
        return Move(sentence=said, action=_tr("Refresh prices"), page="cloud")
    if first.rule == "AP7" and verdict.option is Option.CLOUD_FRONTIER:
        return Move(sentence=said, action=_tr("Name a hosted candidate"), field="candidates.hosted")
    words = _tr("{0} Watch out: {1}").format(move.sentence, text[:1] + said[1:])
    return replace(move, sentence=words)


def _carry_out(decided: Decided, again: str) -> Move:
    match decided.verdict.option:
        case Option.LOCAL_THIS_MACHINE:
            return _run_here(decided, again)
        case Option.HOSTED_OPEN:
            return _set_up_host(decided, _tr("Set up {0} and move the calls there. {1}"), again)
        case Option.HYBRID:
            words = _tr("Let {0} take what overflows; the steady part runs here. {1}")
            return _set_up_host(decided, words, again)
        case Option.LOCAL_BUY:
            return _buy(decided.facts.buy, again)
        case Option.RENT_GPU:
            board = decided.facts.rented.machine if decided.facts.rented else _tr("a GPU")
            words = _tr("Rent {0} by the hour and add its address as a host. {1}")
            said = words.format(board, again)
            return Move(sentence=said, action=_tr("Add a host"), page="settings")
        case _:
            return Move(sentence=_tr("Nothing to change. {0}").format(again))


def _run_here(decided: Decided, again: str) -> Move:
    model = local_model(decided)
    if not model:
        return Move(sentence=_tr("Move the calls to this machine. {0}").format(again))
    return Move(
        sentence=_tr("Get {0} and point the calls at this machine. {1}").format(model, again),
        action=_tr("Show the model"),
        page="models",
        detail=model,
    )


def _set_up_host(decided: Decided, words: str, again: str) -> Move:
    hosted = decided.loaded.workload.candidates.hosted
    provider = decided.facts.hosted_provider or (hosted[0].provider if hosted else "")
    name = provider_word(provider) or _tr("a host")
    if decided.facts.hosted_model and provider:
        name = _tr("{0} at {1}").format(decided.facts.hosted_model, name)
    return Move(
        sentence=words.format(name, again), action=_tr("Set it up"), page="cloud", detail=provider
    )


def _buy(host: HostFacts | None, again: str) -> Move:
    price = text(host.price_usd, Unit.USD) if host else ""
    machine = (host.machine if host else "") or _tr("the machine")
    said = f"{machine} ({price})" if price else machine
    return Move(
        sentence=_tr("Get an offer for {0} and enter its price. {1}").format(said, again),
        action=_tr("Enter the offer"),
        field="buy.price",
    )


def local_model(decided: Decided) -> str:
    """The local candidate that was looked at, or the first that is named; "" for none."""
    host = decided.facts.machine or decided.facts.buy
    named = decided.loaded.workload.candidates.local
    return (host.model if host else "") or (named[0] if named else "")


def _again(as_of: str, limits: Thresholds) -> str:
    day = date.fromisoformat(as_of) + timedelta(days=limits.verdict_stale_days)
    return _tr("Look again on {0}.").format(when(day.isoformat()))
