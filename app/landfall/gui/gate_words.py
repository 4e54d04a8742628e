"""What the result of a quality gate is called, wherever the window names one."""

from __future__ import annotations

from PySide6.QtCore import QCoreApplication

from landfall.core.quality.paired_tests import GateResult


def _tr(text: str) -> str:
    return QCoreApplication.translate("gate_words", text)


def gate_word(result: GateResult) -> str:
    """The state in a word or two."""
    return {
        GateResult.PASS: _tr("Passes"),
        GateResult.FAIL: _tr("Fails"),
        GateResult.INCONCLUSIVE: _tr("Not decided"),
        GateResult.UNMEASURED: _tr("Not measured"),
    }[result]
