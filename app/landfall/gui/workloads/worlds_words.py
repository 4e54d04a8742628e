"""In words: how often a verdict holds in drawn worlds, what being wrong costs, what to measure."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from landfall.core.verdict.verdict import Verdict
from landfall.core.verdict.worlds import Worlds
from landfall.gui.format import money, percent, whole
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
    words = _tr("Of {0} plausible worlds the table leads to: {1}.")
    return words.format(whole(worlds.draws), shares) if shares else ""


def _saving(worlds: Worlds) -> str:
    if worlds.saving_mean is None or worlds.saving_p05 is None or worlds.saving_p95 is None:
        return ""
    words = _tr(
        "Carried out, it saves {0} a month in the mean; less than {1} in one world of twenty,"
        " more than {2} in another."
    )
    if worlds.saving_mean < 0:
        words = _tr(
            "Carried out, it comes to {0} a month in the mean, a loss; less than {1} in one world"
            " of twenty, more than {2} in another."
        )
    return words.format(
        money(worlds.saving_mean), money(worlds.saving_p05), money(worlds.saving_p95)
    )


def _regret(worlds: Worlds) -> str:
    regret = worlds.regret_usd_month
    if regret is None:
        return ""
    if regret < 0.5:
        return _tr("Being wrong costs next to nothing: no measurement is worth its time for money.")
    words = _tr(
        "Deciding now costs {0} a month more, in the mean, than knowing everything first would:"
        " no measurement is worth more than that."
    )
    return words.format(money(regret))


def measure_words(worlds: Worlds) -> str:
    """The one measurement that takes most of the regret away."""
    measure = worlds.measure
    if measure is None:
        return ""
    words = _tr("Most of it goes with knowing \u201c{0}\u201d: {1} {2} a month would remain.")
    why = sentence(measure.why)
    return words.format(input_word(measure.path), why, money(measure.regret_left_usd_month))
