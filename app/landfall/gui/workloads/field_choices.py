"""What can be chosen in the fields of the workload form that are no text and no number."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from PySide6.QtCore import QCoreApplication

from landfall.core.demand.forecast import Predictability
from landfall.core.quality.paired_tests import GateResult
from landfall.core.workload.keys import BY_PATH, Kind
from landfall.core.workload.workload import Motive, Organisation, PrivacyClass, Task
from landfall.gui.format import capital
from landfall.gui.workloads.words import privacy_word, task_word


def _tr(words: str) -> str:
    return QCoreApplication.translate("workload_fields", words)


def choices(path: str) -> tuple[tuple[Any, str], ...]:
    """The values of a key with a few of them, in words; None is "not stated"."""
    open_one = ((None, _tr("not stated")),)
    match path:
        case "workload.task":
            return tuple((task.value, task_word(task)) for task in Task)
        case "privacy.class":
            return tuple((one.value, capital(privacy_word(one))) for one in PrivacyClass)
        case "workload.motive":
            return tuple((one.value, _motives()[one]) for one in Motive)
    key = BY_PATH[path]
    if key.kind is Kind.FLAG:
        yes_no = ((True, _tr("yes")), (False, _tr("no")))
        return yes_no if path in _FLAGS else (*open_one, *yes_no)
    words = _words()
    named = ((one.value, words.get(one.value, one.value)) for one in key.choices or ())
    return (*open_one, *named)


_FLAGS: Mapping[str, bool] = {
    "workload.critical": False,
    "privacy.offline": False,
    "organisation.hosted_allowed": True,
    "machine.available": True,
}
"""Flags that mean something where they are not stated."""


def default_of(path: str) -> Any:
    """What a choice shows where nothing is stated."""
    if path == "workload.task":
        return Task.CLASSIFICATION.value
    if path == "privacy.class":
        return PrivacyClass.NONE.value
    return Motive.NONE.value if path == "workload.motive" else _FLAGS.get(path)


def _motives() -> dict[Motive, str]:
    return {
        Motive.NONE: _tr("none in particular"),
        Motive.OWN_AI: _tr("to own our AI"),
        Motive.COMMODITISE: _tr("models become a commodity"),
    }


def _words() -> dict[str, str]:
    return {
        GateResult.PASS.value: _tr("passed"),
        GateResult.FAIL.value: _tr("failed"),
        GateResult.INCONCLUSIVE.value: _tr("inconclusive"),
        GateResult.UNMEASURED.value: _tr("unmeasured"),
        Predictability.PREDICTABLE.value: _tr("predictable"),
        Predictability.VARIABLE.value: _tr("variable"),
        Predictability.UNPREDICTABLE.value: _tr("unpredictable"),
        Predictability.UNKNOWN.value: _tr("unknown"),
        Organisation.INDIVIDUAL.value: _tr("one person"),
        Organisation.OFFICE.value: _tr("an office"),
        Organisation.STARTUP.value: _tr("a startup"),
        Organisation.ESTABLISHED.value: _tr("an established firm"),
    }
