"""What left this machine: where to, how much and why; never what."""

from __future__ import annotations

from collections.abc import AsyncIterator
from functools import partial
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QCoreApplication

from landfall.gui.dates import when
from landfall.gui.format import plain, whole
from landfall.gui.history.listing import SortedTable, in_order
from landfall.gui.history.tab import Controls, HistoryTab
from landfall.gui.page import PageState
from landfall.gui.theme import Space, Text
from landfall.gui.translated import translated
from landfall.gui.units import Unit
from landfall.gui.widgets.cells import Cell, Plain, Row, Status, Title
from landfall.gui.widgets.feedback import EmptyState, State
from landfall.gui.widgets.layout import Card, column, label
from landfall.gui.widgets.table_model import Column, MadeRows
from landfall.gui.widgets.table_place import TablePlace

if TYPE_CHECKING:
    from PySide6.QtWidgets import QWidget

    from landfall.gui.messages import Messages
    from landfall.gui.tasks import TaskRunner
    from landfall.services.history.history import History
    from landfall.services.history.records import EgressEntry

LATEST = 5000
"""Lines that are read; older ones stay in the file."""
NOT_SENT = frozenset({"ConnectError", "ConnectTimeout", "PoolTimeout"})
"""Outcomes (names of httpx) of requests of which no byte went out: there was no connection. Their
size stands in the log because a line is written before anything is sent."""

_ANSWERED = ("answered", "200")


def _tr(text: str) -> str:
    return QCoreApplication.translate("history", text)


class EgressTab(HistoryTab):
    """The egress log, the latest line first."""

    file_name = "landfall-egress"

    def __init__(self, tasks: TaskRunner, messages: Messages, history: History) -> None:
        super().__init__(tasks, messages, history)
        self._entries: tuple[EgressEntry, ...] = ()
        self._shown: tuple[EgressEntry, ...] = ()
        self.table = SortedTable(egress_columns(), self.tr("What left this machine"))
        self.table.setObjectName("egress-table")
        self.table.order_changed.connect(self.list_asked)
        self.place = TablePlace(self.table)
        self.card = Card(self.tr("What left this machine"), note=" ").bleed()
        self.card.body.addWidget(self.place, 1)
        words = label(
            self.tr(
                "Where to, how much and why: never what. Written before anything is sent. Not"
                " listed: names of models that registries are asked for, and looks at your own"
                " servers and your plug."
            ),
            Text.CAPTION,
            tone="text_3",
            wrap=True,
        )
        layout = column(spacing=Space.S)
        layout.addWidget(self.card, 1)
        layout.addWidget(words)
        layout.addStretch(0)
        self.setLayout(layout)

    @property
    def controls(self) -> Controls:
        return Controls(
            place=False, model=False, workloads={entry.workload or "" for entry in self._entries}
        )

    async def reading(self) -> AsyncIterator[Any]:
        yield await self._history.egress(limit=LATEST)

    def take(self, read: tuple[EgressEntry, ...]) -> None:
        self._entries = read
        if read:
            self.place.show_table()
            return
        words = self.tr("Each key check, price look-up and paid answer would stand here.")
        title = self.tr("Nothing is listed yet")
        self.place.show_instead(EmptyState("lock", title, words))

    def show_instead(self, line: QWidget) -> None:
        self.place.show_instead(line)

    def list_asked(self) -> None:
        self._shown = in_order(
            (entry for entry in self._entries if _is_asked(entry, self)), _KEYS, *self.table.order
        )
        self.table.set_rows(MadeRows(len(self._shown), partial(_row_of, self._shown)))
        self.table.fit(self.card, len(self._shown))
        if self.card.note is not None:
            sent = sum(map(_sent, self._shown))
            total = self.tr("{0} sent in all").format(plain(sent, Unit.FILE_BYTES))
            self.card.note.setText(total)

    def standing(self) -> PageState:
        return PageState.READY if self._entries else PageState.EMPTY

    def sentence(self) -> str:
        lines = len(self._shown)
        if not self._entries:
            return self.tr("Nothing is listed yet")
        count = self.tr("One line") if lines == 1 else self.tr("{0} lines").format(whole(lines))
        if len(self._entries) >= LATEST:
            return self.tr("{0} of the latest {1}").format(count, whole(LATEST))
        return self.tr("{0}, the latest first").format(count)

    def exported(self) -> tuple[EgressEntry, ...]:
        return self._shown


def _is_asked(entry: EgressEntry, tab: EgressTab) -> bool:
    asked = tab.asked
    if not asked.holds(entry.at) or not asked.belongs(place="", model="", workload=entry.workload):
        return False
    shown = (entry.host, _why(entry.why), entry.workload or "", _outcome_words(entry.outcome))
    return not asked.words or asked.finds(" ".join(shown).casefold())


def egress_columns() -> tuple[Column, ...]:
    """What is told of each thing that left."""
    return (
        Column(_tr("To, and why")),
        Column(_tr("When"), 130),
        Column(_tr("Workload"), 150),
        Column(_tr("Sent"), 100, right=True),
        Column(_tr("Received"), 110, right=True),
        Column(_tr("Outcome"), 210),
    )


def _row_of(entries: tuple[EgressEntry, ...], index: int) -> Row:
    entry = entries[index]
    received: Cell = Plain(_tr("unknown"), right=True, tone="text_3")
    if entry.received_bytes is not None:
        received = _bytes(entry.received_bytes)
    return (
        Title(entry.host, _why(entry.why)),
        Plain(when(entry.at)),
        Plain(entry.workload or _tr("none"), tone="text" if entry.workload else "text_3"),
        _bytes(round(_sent(entry))),
        received,
        _outcome(entry.outcome),
    )


def _why(why: str) -> str:
    """Why it was sent. Sentences of services are known by their words; these are one or two, too
    few to be told from names."""
    words = {
        "answer": _tr("answer"),
        "balance": _tr("balance"),
        "benchmark": _tr("benchmark"),
        "probe": _tr("probe"),
        "quality judge": _tr("quality judge"),
        "usage": _tr("usage"),
    }
    return words.get(why) or translated(why)


def _bytes(count: int) -> Plain:
    return Plain(plain(count, Unit.FILE_BYTES), right=True)


def _outcome(outcome: str) -> Status:
    done = outcome in _ANSWERED
    return Status(State.DONE if done else State.PARTIAL, _outcome_words(outcome))


def _outcome_words(outcome: str) -> str:
    """What became of a request: the log keeps a status, or the name of what went wrong."""
    if outcome in _ANSWERED:
        return _tr("answered")
    if outcome.isdecimal():
        return _tr("answered {0}").format(outcome)
    if outcome in NOT_SENT:
        return _tr("not reached")
    if outcome.endswith("Timeout"):
        return _tr("no answer in time")
    words = {"sent": _tr("sent, not ended"), "cut": _tr("cut")}
    return words.get(outcome) or _tr("broke off: {0}").format(outcome)


def _host(entry: EgressEntry) -> str:
    return entry.host


def _at(entry: EgressEntry) -> str:
    return entry.at


def _workload(entry: EgressEntry) -> str:
    return entry.workload or ""


def _sent(entry: EgressEntry) -> float:
    """What went out: nothing where no connection came about."""
    return 0 if entry.outcome in NOT_SENT else entry.sent_bytes


def _received(entry: EgressEntry) -> float | None:
    return entry.received_bytes


def _outcome_of(entry: EgressEntry) -> str:
    return _outcome_words(entry.outcome)


_KEYS = (_host, _at, _workload, _sent, _received, _outcome_of)
