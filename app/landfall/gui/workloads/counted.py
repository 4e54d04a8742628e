"""The sentence that counts workloads and firm verdicts.

Home says it of a window at rest, which knows no verdict but by its word: what a verdict is made of
stays out of this module.
"""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from landfall.gui.format import whole

if TYPE_CHECKING:
    from landfall.gui.app_values import WorkloadSummary


def _tr(text: str) -> str:
    return QCoreApplication.translate("workload_words", text)


def list_sentence(workloads: Sequence[WorkloadSummary]) -> str:
    """The one sentence above the list."""
    return count_sentence(workloads) or _tr("Each kind of work gets its own verdict.")


def count_sentence(workloads: Sequence[WorkloadSummary]) -> str:
    """How many there are, and of how many the verdict is firm; "" where there is none.

    Samples are counted apart: they are nobody's work.
    """
    own = [one for one in workloads if not one.sample]
    if not own:
        sentence = _tr("No workload of your own yet: samples show what verdicts look like.")
        return sentence if workloads else ""
    firm, close = sum(one.firm for one in own), sum(one.close for one in own)
    out = _tr("Workloads: {0}, with a firm verdict: {1}").format(whole(len(own)), whole(firm))
    if close:
        out += _tr(", too close to call: {0}").format(whole(close))
    samples = len(workloads) - len(own)
    return out + (_tr("; samples: {0}").format(whole(samples)) if samples else "")
