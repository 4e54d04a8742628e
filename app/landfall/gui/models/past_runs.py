"""What runs through this program tell of models: when each answered last, and how fast it wrote."""

from __future__ import annotations

from collections.abc import Iterable
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from landfall.core.fit.offer import name_key
from landfall.core.provenance import Measured
from landfall.gui.models.view import context_words

if TYPE_CHECKING:
    from landfall.core.hosts.runtime import InstalledModel
    from landfall.services.history.records import RunRecord


def _tr(text: str) -> str:
    return QCoreApplication.translate("models", text)


def last_used(runs: Iterable[RunRecord]) -> dict[str, str]:
    """When each model answered last through this program, ISO 8601; cloud runs are none of ours."""
    found: dict[str, str] = {}
    for run in runs:
        key = name_key(run.model)
        if run.place != "cloud" and run.started_at > found.get(key, ""):
            found[key] = run.started_at
    return found


def measured_rates(
    runs: Iterable[RunRecord], installed: Iterable[InstalledModel]
) -> dict[str, Measured]:
    """Decode rates of the newest whole run on this machine, by model.

    A run of other files than those that are installed now under the name does not count.
    """
    digests = {name_key(model.name): model.digest for model in installed}
    found: dict[str, tuple[str, Measured]] = {}
    for run in runs:
        key = name_key(run.model)
        if run.place != "local" or run.state != "done" or run.decode_tok_s is None:
            continue
        now = digests.get(key)
        if now and run.digest and now != run.digest:
            continue
        if key not in found or run.started_at > found[key][0]:
            where = _where(run)
            found[key] = run.started_at, Measured(run.decode_tok_s, run.started_at, where)
    return {key: figure for key, (_, figure) in found.items()}


def _where(run: RunRecord) -> str:
    context = run.conditions.get("context")
    parts = [_tr("a run here")]
    if isinstance(context, int):
        parts.append(_tr("at {0} of context").format(context_words(context)))
    if run.engine:
        parts.append(run.engine)
    return ", ".join(parts)
