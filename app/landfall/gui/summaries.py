"""Workloads with their verdicts as Home and the sidebar show them."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from landfall.core.provenance import Figure, Unknown, band
from landfall.core.settings import Thresholds
from landfall.core.verdict.options import OptionLine, difference
from landfall.core.verdict.verdict import Verdict
from landfall.core.workload.privacy import Option, lock_of
from landfall.core.workload.workload import Task, Workload
from landfall.gui import language
from landfall.gui.app_values import WorkloadSummary
from landfall.gui.format import plain, whole
from landfall.gui.translated import translated
from landfall.gui.units import Unit
from landfall.gui.workloads.next_step import next_move
from landfall.gui.workloads.price_dates import price_day
from landfall.gui.workloads.words import privacy_word
from landfall.services.verdict.decided import Decided, Entry

_NO_ANSWER = frozenset({Task.EMBEDDING})


def _tr(text: str) -> str:
    return QCoreApplication.translate("summaries", text)


def summary(entry: Entry, limits: Thresholds, spoken: str = "") -> WorkloadSummary:
    """One workload as a line, in a language where there is no window yet that speaks one."""
    language.use_alone(spoken)
    if entry.decided is None:
        return _broken(entry)
    verdict = entry.decided.verdict
    workload, facts = entry.decided.loaded.workload, entry.decided.facts
    chosen = verdict.line(verdict.option)
    after = chosen.usd_month if chosen else Unknown(_tr("nothing can run it"))
    saving, displaced = verdict.saving, entry.displaced
    if displaced is not None:
        after = displaced.usd_month
        saving = difference(facts.frontier, after)
    return WorkloadSummary(
        name=entry.saved.name,
        detail=_detail(workload, facts.calls_per_day),
        verdict=verdict.option.value,
        provisional=verdict.provisional,
        now_usd_month=facts.frontier,
        after_usd_month=after,
        saving_usd_month=saving,
        sample=entry.saved.sample,
        today="CLOUD_FRONTIER" if workload.today.provider or band(facts.frontier) else "",
        next_step=next_move(entry.decided, limits, offer=entry.offer).sentence,
        next_action=_tr("Show"),
        close=_is_close(verdict),
        now_note=_note(entry.decided, verdict.line(Option.CLOUD_FRONTIER)),
        after_note=_note(entry.decided, chosen),
        stale=tuple(translated(one.text) for one in (*entry.leaks, *entry.stale)),
        beside=translated(displaced.text) if displaced else "",
    )


def _is_close(verdict: Verdict) -> bool:
    """Whether money decided, and other draws of what is not sure decide otherwise."""
    sure = verdict.confidence
    return verdict.bar is not None and sure.word == "low" and sure.p_best is not None


def _note(decided: Decided, line: OptionLine | None) -> str:
    """The date of the price behind a sum that is known, or ""."""
    if line is None or band(line.usd_month) is None:
        return ""
    return price_day(decided, line)


def _broken(entry: Entry) -> WorkloadSummary:
    reason = translated(entry.problem.message) if entry.problem else ""
    unknown: Figure = Unknown(reason)
    return WorkloadSummary(
        name=entry.saved.name,
        detail=_tr("cannot be read: {0}").format(reason),
        verdict="",
        provisional=True,
        now_usd_month=unknown,
        after_usd_month=unknown,
        saving_usd_month=unknown,
        sample=entry.saved.sample,
        next_step=_tr("Correct the workload"),
        next_action=_tr("Show"),
    )


def _detail(workload: Workload, calls_per_day: float | None) -> str:
    """The fact that tells most: its lock, else its volume."""
    lock = lock_of(workload)
    if lock.locked:
        if workload.privacy.offline:
            return _tr("privacy lock: offline")
        return _tr("privacy lock: {0}").format(privacy_word(workload.privacy.privacy_class))
    per_call = _tokens_per_call(workload)
    if calls_per_day is None:
        return _tr("volume not known")
    if per_call is None:
        calls = round(calls_per_day)
        words = _tr("one call a day") if calls == 1 else _tr("{0} calls a day")
        return words.format(whole(calls))
    return _tr("{0} a day").format(plain(calls_per_day * per_call, Unit.TOKENS))


def _tokens_per_call(workload: Workload) -> float | None:
    """Prompt and answer; None where either is not said, which is not a call without it."""
    told = workload.tokens
    if told.input is None or (told.output is None and workload.task not in _NO_ANSWER):
        return None
    return float(told.input + (told.cached_input or 0) + (told.output or 0))
