"""What the user asks the history for, and the controls that say it."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from landfall.gui import theme
from landfall.gui.theme import Space
from landfall.gui.widgets.controls import Choice, SearchField, SegmentedControl
from landfall.gui.widgets.flow import FlowLayout

PERIOD_DAYS = (7, 30, 90, 0)
PLACES = ("", "local", "network", "cloud")
NO_WORKLOAD = "\0"
"""Runs that belong to no workload; no workload can be named so."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """What is wanted; "" is everything.

    Attributes:
        words: All of them must be found, whatever their case.
        place: "local", "network" or "cloud".
        workload: A name, or `NO_WORKLOAD`.
        days: So many days back; 0 for all.
        since: The same as a time, as the history writes it.
    """

    words: tuple[str, ...] = ()
    place: str = ""
    model: str = ""
    workload: str = ""
    days: int = 0
    since: str = ""

    def holds(self, at: str) -> bool:
        """Whether something that happened then is in the period."""
        return at >= self.since

    def belongs(self, *, place: str, model: str, workload: str | None) -> bool:
        """Whether place, model and workload are wanted."""
        return (
            self.place in ("", place)
            and self.model in ("", model)
            and self.workload in ("", workload or NO_WORKLOAD)
        )

    def finds(self, text: str) -> bool:
        """Whether every word is in a text, which is in small letters."""
        return all(word in text for word in self.words)


def since(days: int) -> str:
    """The time so many days ago, as the history writes it; "" for all times."""
    if not days:
        return ""
    return (datetime.now(UTC) - timedelta(days=days)).isoformat(timespec="seconds")


class NameChoice(Choice):
    """One of the names that occur, or all of them; keeps what is chosen when others come.

    Signals:
        chosen: Another name is wanted: `name`.
    """

    chosen = Signal()

    def __init__(self, name: str, everything: str, *, width: int) -> None:
        super().__init__(name, (everything,), width=width)
        theme.theme().text_changed.connect(self._narrow)
        self._narrow()
        self._names: tuple[str, ...] = ("",)
        self.currentIndexChanged.connect(self._on_index)

    @Slot()
    def _narrow(self) -> None:
        """A long name makes it no wider."""
        self.setMaximumWidth(self.minimumWidth())

    @property
    def wanted(self) -> str:
        """The name; "" for all."""
        return self._names[max(0, self.currentIndex())]

    def offer(self, names: Iterable[tuple[str, str]]) -> None:
        """Offer these, each with the words for it; what is chosen stays among them."""
        offered = dict(names)
        was = self.wanted
        if was:
            offered.setdefault(was, was)
        fresh = ("", *offered)
        if fresh == self._names:
            return
        self.blockSignals(True)
        everything = self.itemText(0)
        self.clear()
        self.addItems([everything, *offered.values()])
        self._names = fresh
        self.setCurrentIndex(fresh.index(was))
        self.blockSignals(False)

    def choose(self, name: str) -> None:
        """Want this one, or all of them where it does not occur."""
        self.setCurrentIndex(self._names.index(name) if name in self._names else 0)

    @Slot(int)
    def _on_index(self, _index: int) -> None:
        self.chosen.emit()


class HistoryFilters(QWidget):
    """Text, place, model, workload; and the period, which stands elsewhere on the page.

    Signals:
        changed: Something else is asked for: `asked`.
    """

    changed = Signal()

    def __init__(self) -> None:
        super().__init__()
        self.search = SearchField(self.tr("Search"), width=190)
        self.search.setObjectName("history-search")
        places = (
            self.tr("All places"),
            self.tr("This machine"),
            self.tr("Network"),
            self.tr("Cloud"),
        )
        self.place = Choice(self.tr("Place"), places, width=130)
        self.place.setObjectName("history-place")
        self.model = NameChoice(self.tr("Model"), self.tr("All models"), width=180)
        self.model.setObjectName("history-model")
        self.workload = NameChoice(self.tr("Workload"), self.tr("All workloads"), width=180)
        self.workload.setObjectName("history-workload")
        days = self.tr("{0} days")
        names = [days.format(count) if count else self.tr("All") for count in PERIOD_DAYS]
        self.period = SegmentedControl(names, len(PERIOD_DAYS) - 1)
        self.period.setObjectName("history-period")
        self.period.setAccessibleName(self.tr("Period"))
        line = FlowLayout()
        line.setSpacing(Space.M)
        for control in (self.search, self.place, self.model, self.workload):
            line.addWidget(control)
        self.setLayout(line)
        self.search.textChanged.connect(self.on_changed)
        self.place.currentIndexChanged.connect(self.on_changed)
        for one in (self.model, self.workload, self.period):
            one.chosen.connect(self.on_changed)

    @property
    def asked(self) -> Asked:
        """What is asked for by the controls that are shown."""
        days = PERIOD_DAYS[self.period.current]
        shown = {one: one.isVisibleTo(self) for one in (self.search, self.place)}
        return Asked(
            words=tuple(self.search.text().casefold().split()) if shown[self.search] else (),
            place=PLACES[self.place.currentIndex()] if shown[self.place] else "",
            model=self.model.wanted if self.model.isVisibleTo(self) else "",
            workload=self.workload.wanted if self.workload.isVisibleTo(self) else "",
            days=days,
            since=since(days),
        )

    def offer(self, models: Iterable[str], workloads: Iterable[str]) -> None:
        """Offer these names; "" among the workloads stands for runs that belong to none."""
        self.model.offer((name, name) for name in sorted(models))
        none = self.tr("No workload")
        self.workload.offer(
            (name or NO_WORKLOAD, name or none) for name in sorted(workloads, key=_none_last)
        )

    def show_for(self, *, search: bool, place: bool, model: bool, workload: bool) -> None:
        """Show the controls that mean something for what is looked at."""
        self.search.setVisible(search)
        self.place.setVisible(place)
        self.model.setVisible(model)
        self.workload.setVisible(workload)

    @Slot()
    def on_changed(self) -> None:
        """One of them was moved."""
        self.changed.emit()


def _none_last(name: str) -> tuple[bool, str]:
    return not name, name
