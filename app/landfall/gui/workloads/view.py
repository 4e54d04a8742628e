"""What the window shows of a verdict in five lines. Values in, values out: no widget is made."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from landfall.core.provenance import Figure, Unknown, middle
from landfall.core.verdict.card import deciding, likely, may_flip_once_known, next_best
from landfall.core.verdict.cautions import Caution
from landfall.core.verdict.options import OptionLine
from landfall.core.verdict.verdict import Verdict
from landfall.core.workload.privacy import Option
from landfall.gui.dates import when
from landfall.gui.format import Shown, money, percent, shown, text, whole
from landfall.gui.translated import translated
from landfall.gui.units import Unit
from landfall.gui.widgets.verdict_card import Advice
from landfall.gui.workloads.next_step import Move
from landfall.gui.workloads.words import (
    flip_clause,
    input_word,
    place_name,
    sentence,
    task_word,
    without_rule_ids,
)

if TYPE_CHECKING:
    from landfall.services.verdict.decided import Decided

_CONFIDENCE = {"high": 3, "medium": 2, "low": 1}
_CARD_FLIPS = 3


def _tr(words: str) -> str:
    return QCoreApplication.translate("workload_view", words)


def facts_line(decided: Decided, *, sample: bool) -> str:
    """What kind of work it is, how much, and whose."""
    workload, calls = decided.loaded.workload, decided.facts.calls_per_day
    parts = [task_word(workload.task)]
    if calls is not None:
        words = _tr("one call a day") if round(calls) == 1 else _tr("{0} calls a day")
        parts.append(words.format(whole(round(calls))))
    if workload.today.model:
        parts.append(_tr("{0} today").format(workload.today.model))
    if sample:
        parts.append(_tr("a sample: its numbers are invented"))
    return "  \u00b7  ".join(parts)


def advice(
    decided: Decided, move: Move, *, what_if: bool = False, stale: Iterable[Caution] = ()
) -> Advice:
    """The five lines.

    Args:
        decided: The verdict.
        move: What to do next.
        what_if: It is one that a slider asks for.
        stale: Why the verdict that was kept is to be checked again.
    """
    verdict = decided.verdict
    money, money_text = _money(decided)
    return Advice(
        verdict=verdict.option.value,
        headline=_headline(decided),
        confidence=0 if _is_open(verdict) else _CONFIDENCE.get(verdict.confidence.word, 0),
        confidence_word=_tr("How sure is being worked out\u2026") if _is_open(verdict) else "",
        confidence_note=_confidence_note(verdict),
        reason=_reason(verdict),
        rules=_rules_of(verdict),
        money=money,
        money_text=money_text,
        flips=_card_flips(verdict, what_if=what_if),
        next_step=move.sentence,
        next_action=move.action,
        provisional=verdict.provisional and not what_if,
        decided=_when_decided(verdict, what_if=what_if),
        priced=_when_priced(decided),
        stale=() if what_if else tuple(sentence(translated(one.text)) for one in stale),
    )


def _headline(decided: Decided) -> str:
    verdict, today = decided.verdict, decided.loaded.workload.today.model
    if verdict.option is Option.HYBRID:
        if verdict.local_share is None:
            return _tr("Split: the steady part here, the rest outside")
        return _tr("Split: {0} here, the rest outside").format(percent(verdict.local_share))
    if verdict.option is Option.CLOUD_FRONTIER and today:
        return _tr("Stay with {0}").format(today)
    if verdict.option is Option.LOCAL_THIS_MACHINE and decided.hosts:
        return _tr("Run it on {0}").format(", ".join(decided.hosts))
    return {
        Option.CLOUD_FRONTIER: _tr("Stay in the cloud"),
        Option.HOSTED_OPEN: _tr("Move it to a hosted open model"),
        Option.RENT_GPU: _tr("Rent a GPU by the hour"),
        Option.LOCAL_THIS_MACHINE: _tr("Run it on this machine"),
        Option.LOCAL_BUY: _tr("Buy a machine for it"),
    }.get(verdict.option, _tr("Must stay here, and cannot run here yet"))


def _is_open(verdict: Verdict) -> bool:
    """While a slider is dragged no worlds are drawn: that follows when it stands still."""
    return verdict.worlds is None and verdict.bar is not None


def _confidence_note(verdict: Verdict) -> str:
    share = verdict.confidence.p_best
    if verdict.bar is None:
        return _tr("decided by rules, not by cost")
    if share is None or verdict.worlds is None:
        return ""
    words = _tr("the same verdict in {0} of {1} simulations")
    said = words.format(percent(share), whole(verdict.worlds.draws))
    regret, measure = verdict.worlds.regret_usd_month, verdict.worlds.measure
    if regret is None or regret < 0.5:
        return said
    said = _tr("{0}; deciding now risks {1} a month").format(said, money(regret))
    if measure is None:
        return said
    words = _tr("{0}, {1} with \u201c{2}\u201d known")
    return words.format(said, money(measure.regret_left_usd_month), input_word(measure.path))


def _when_decided(verdict: Verdict, *, what_if: bool) -> str:
    if what_if:
        return _tr("what if, not saved")
    words = _tr("decided {0}, look again on {1}")
    return words.format(when(verdict.as_of), when(verdict.expires_on))


def _when_priced(decided: Decided) -> str:
    days = sorted(day for _, _, day in decided.facts.price_dates)
    return _tr("prices of {0}").format(when(days[0])) if days else ""


def _reason(verdict: Verdict) -> str:
    """What carries the verdict; where nothing can run it, all that stands in the way."""
    if verdict.option is Option.LOCAL_REQUIRED_NOT_FEASIBLE:
        lock = [translated(r.text) for r in verdict.reasons if r.rule in ("H1", "H1r", "H2")]
        gaps = [translated(r.text) for r in verdict.reasons if r.excludes is not None]
        gaps = gaps or [translated(one.reason) for one in verdict.missing]
        return " ".join(sentence(words) for words in dict.fromkeys(lock[:1] + gaps[:2]))
    reason = deciding(verdict)
    if reason is None:
        return _tr("No rule speaks against where it runs today.")
    if reason.met:
        return sentence(translated(reason.text))
    said = sentence(_tr("No hardware is worth buying: {0}").format(translated(reason.text)))
    cost = verdict.line(verdict.option)
    if verdict.option is not Option.HOSTED_OPEN or cost is None or middle(cost.usd_month) is None:
        return said
    price = text(cost.usd_month, Unit.USD_MONTH)
    return f"{_tr('A hosted open model does it for {0} a month.').format(price)} {said}"


def _rules_of(verdict: Verdict) -> str:
    rules = list(dict.fromkeys(reason.rule for reason in verdict.reasons if reason.rule))
    if not rules:
        return ""
    words = _tr("Rule {0}") if len(rules) == 1 else _tr("Rules {0}")
    return words.format(", ".join(rules))


def _money(decided: Decided) -> tuple[Shown | None, str]:
    verdict = decided.verdict
    chosen = verdict.line(verdict.option)
    if chosen is None:
        words = _tr("Nothing can run it as it stands, so nothing is saved.{0}")
        today = middle(decided.facts.frontier)
        paid = text(decided.facts.frontier, Unit.USD_MONTH)
        extra = _tr(" Today it costs {0} a month.").format(paid) if today is not None else ""
        return None, words.format(extra)
    if isinstance(chosen.usd_month, Unknown):
        return shown(chosen.usd_month, Unit.USD_MONTH), sentence(
            translated(chosen.usd_month.reason)
        )
    if verdict.option is Option.CLOUD_FRONTIER:
        return _a_month(chosen.usd_month), f"{_tr('as today.')} {_beside(verdict)}"
    if isinstance(verdict.saving, Unknown):
        words = f"{_tr('What it costs today is not known.')} {_beside(verdict)}"
        return _a_month(chosen.usd_month), words
    return _saved(decided, chosen)


def _a_month(figure: Figure) -> Shown:
    return replace(shown(figure, Unit.USD_MONTH), unit=_tr("a month"))


def _saved(decided: Decided, chosen: OptionLine) -> tuple[Shown, str]:
    verdict = decided.verdict
    saving = middle(verdict.saving) or 0.0
    unit = _tr("a month saved") if saving >= 0 else _tr("a month: a loss")
    figure = replace(shown(verdict.saving, Unit.USD_MONTH), unit=unit)
    before = text(decided.facts.frontier, Unit.USD_MONTH)
    after = text(chosen.usd_month, Unit.USD_MONTH)
    words = _tr("against {0} today; {1} then. {2}")
    return figure, words.format(before, after, _beside(verdict))


def _beside(verdict: Verdict) -> str:
    """The nearest alternative, and what keeps it from being the verdict."""
    best = next_best(verdict)
    if best is None:
        return _tr("No other open option has a known cost.")
    chosen = verdict.line(verdict.option)
    own = middle(chosen.usd_month) if chosen else None
    cost = middle(best.usd_month) or 0.0
    name = place_name(best.option)
    amount = text(best.usd_month, Unit.USD_MONTH)
    if own is not None and cost < own:
        words = _tr("{0} would cost {1}: {2}.")
        why = without_rule_ids(translated(best.why_not)) or _tr("not open")
        return words.format(name[:1].upper() + name[1:], amount, why)
    return _tr("Next best is {0} at {1}.").format(name, amount)


def _card_flips(verdict: Verdict, *, what_if: bool) -> tuple[str, ...]:
    if (what_if or verdict.worlds is None) and not verdict.flips:
        return (_tr("being worked out\u2026"),)
    told = likely(verdict)
    if not told and (unknown := may_flip_once_known(verdict)):
        names = ", ".join(dict.fromkeys(input_word(one) for one in unknown))
        return (_tr("nothing that is known; not known yet: {0}").format(names),)
    if verdict.flips and not told:
        return (_tr("no single input but a privacy rule"),)
    seen: set[str] = set()
    out: list[str] = []
    for flip in told:
        if flip.input not in seen:
            seen.add(flip.input)
            out.append(flip_clause(flip))
    return tuple(out[:_CARD_FLIPS])
