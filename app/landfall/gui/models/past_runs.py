"""What is kept tells of models: when each answered last, how fast it wrote, and who names it."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from landfall.core.fit.offer import name_key
from landfall.core.provenance import Measured
from landfall.gui.host_names import kept_name
from landfall.gui.models.view import context_words
from landfall.services.models import in_workloads

if TYPE_CHECKING:
    from landfall.core.hosts.runtime import InstalledModel
    from landfall.services.history.history import History
    from landfall.services.history.records import RunRecord

Past = tuple["tuple[RunRecord, ...]", "Mapping[str, tuple[str, ...]]"]
"""Runs, and by `name_key` of a model the workloads that name it."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("models", text)


async def past(history: History) -> Past:
    """What the history tells of models."""
    return await history.latest_runs(), await in_workloads.naming(history)


def last_used(runs: Iterable[RunRecord], server: str, *, here: bool) -> dict[str, str]:
    """When each model answered last through this program on a server, ISO 8601.

    A model of the same name on another server is another one: it may be used there every day.

    Args:
        server: The address of the one whose models are listed.
        here: Whether that is the one of this machine.
    """
    found: dict[str, str] = {}
    for run in runs:
        key = name_key(run.model)
        if (
            run.place != "cloud"
            and run.started_at > found.get(key, "")
            and _is_of(run, server, here=here)
        ):
            found[key] = run.started_at
    return found


def _is_of(run: RunRecord, server: str, *, here: bool) -> bool:
    """Whether that server answered. The one of this machine is one at every port: one that this
    program starts has another each time. A kept host is itself, also where a tunnel leads there."""
    if run.host.rstrip("/").lower() == server.rstrip("/").lower():
        return True
    own = here and not kept_name(server)
    return own and run.place == "local" and not kept_name(run.host)


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
