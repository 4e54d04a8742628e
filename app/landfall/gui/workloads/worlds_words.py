"""In words: how often a verdict holds in drawn worlds, what being wrong costs, what to measure."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from landfall.core.verdict.verdict import Verdict
from landfall.core.verdict.worlds import Worlds
from landfall.gui.format import money, percent, whole
from landfall.gui.translated import translated
from landfall.gui.widgets.verdict_chip import verdict_word
from landfall.gui.workloads.words import input_word, sentence


def _tr(words: str) -> str:
    return QCoreApplication.translate("worlds_words", words)


def worlds_lines(verdict: Verdict) -> tuple[str, ...]:
    """The sentences, the most telling first; none where no worlds were drawn."""
    worlds = verdict.worlds
    if worlds is None:
        return ()
    lines = (_best(worlds), _saving(worlds), _regret(worlds), measure_words(worlds))
    return tuple(line for line in lines if line)


def _best(worlds: Worlds) -> str:
    """Which verdict how often."""
    ordered = sorted(worlds.p_best.items(), key=lambda pair: -pair[1])
    shares = ", ".join(
        _tr("{0} in {1}").format(verdict_word(option.value), percent(share))
        for option, share in ordered
        if share >= 0.005
    )
    words = _tr("In {0} simulations with every input within its doubt: {1}.")
    return words.format(whole(worlds.draws), shares) if shares else ""


def _saving(worlds: Worlds) -> str:
    if worlds.saving_mean is None or worlds.saving_p05 is None or worlds.saving_p95 is None:
        return ""
    if worlds.saving_p05 == worlds.saving_p95 == 0:
        return _tr("Nothing changes, so nothing is saved.")
    words = _tr(
        "It saves {0} a month on average; in one simulation of twenty less than {1}, in another"
        " more than {2}."
    )
    if worlds.saving_mean < 0:
        words = _tr(
            "It comes to {0} a month on average, a loss; in one simulation of twenty less than"
            " {1}, in another more than {2}."
        )
    return words.format(
        money(worlds.saving_mean), money(worlds.saving_p05), money(worlds.saving_p95)
    )


def _regret(worlds: Worlds) -> str:
    regret = worlds.regret_usd_month
    if regret is None:
        return ""
    if regret < 0.5:
        return _tr("Being wrong costs next to nothing: no measurement would save money.")
    words = _tr(
        "Deciding now costs {0} a month more on average than knowing everything first: that is"
        " the most a measurement is worth."
    )
    return words.format(money(regret))


def measure_words(worlds: Worlds) -> str:
    """The one measurement that takes most of the regret away."""
    measure = worlds.measure
    if measure is None:
        return ""
    words = _tr("Worth measuring first: {0}. {1} Then {2} a month of that remains.")
    why = sentence(translated(measure.why))
    return words.format(input_word(measure.path), why, money(measure.regret_left_usd_month))
