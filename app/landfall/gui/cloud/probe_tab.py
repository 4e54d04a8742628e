"""Speed: how fast providers are, measured by small calls, drawn against this machine."""

from __future__ import annotations

from collections.abc import Callable
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from landfall.gui.cloud.probe_card import ProbeCard
from landfall.gui.cloud.probe_desk import Priced, ProbeDesk, Wanted
from landfall.gui.cloud.probe_view import (
    columns,
    here_line,
    rows,
    there_line,
    trouble_words,
)
from landfall.gui.page import PageState
from landfall.gui.theme import Space, Text
from landfall.gui.widgets.feedback import EmptyState, Skeleton
from landfall.gui.widgets.here_there_chart import HereThereChart
from landfall.gui.widgets.layout import Card, Swap, column, holder, label
from landfall.gui.widgets.picture import picture_button
from landfall.gui.widgets.tables import DataTable
from landfall.services.cloud.budget import Consent

if TYPE_CHECKING:
    from landfall.core.errors import AppError
    from landfall.gui.cloud.desk import CloudDesk
    from landfall.gui.messages import Messages
    from landfall.gui.tasks import TaskRunner
    from landfall.services.cloud.access import CloudAccess
    from landfall.services.cloud.probe import Made, Probed
    from landfall.services.history.history import History

ROW = 44
MOST_LINES = 8
"""Models a side in the chart, the fastest; the table has them all."""


class ProbeTab(QWidget):
    """Reads when it is first looked at and after each probe.

    Signals:
        changed: What is shown, or where it stands, is another now.
        key_wanted: A key is to be entered first.
    """

    changed = Signal()
    key_wanted = Signal()

    def __init__(
        self,
        desk: CloudDesk,
        tasks: TaskRunner,
        messages: Messages,
        history: History,
        *,
        cloud: Callable[[], CloudAccess],
    ) -> None:
        """Make it; nothing is read before `refresh`.

        Args:
            desk: Knows which providers have a key.
            tasks: Runs the work.
            messages: Says what is refused.
            history: What was measured here and there.
            cloud: Keys, providers and prices under the settings of now.
        """
        super().__init__()
        self._cloud_desk = desk
        self._desk = ProbeDesk(tasks, messages, history, cloud=cloud, parent=self)
        self.card = ProbeCard()
        self.card.setObjectName("probe-card")
        self._build()
        self._connect()

    def _build(self) -> None:
        self.chart = HereThereChart()
        self.chart.setObjectName("here-there")
        self.table = DataTable(
            columns(), self.tr("Speed here and there"), row_height=ROW, sortable=True
        )
        self.table.setObjectName("here-there-table")
        self._instead = Swap(Card().add(Skeleton(420, 380, 300, 360)))
        self._charted = holder(
            column(
                Card(
                    self.tr("Here against there"), picture_button(self.chart, "here-and-there")
                ).add(self.chart, self._caption()),
                Card(self.tr("The numbers")).bleed().add(self.table),
                spacing=Space.L,
            )
        )
        self._charted.hide()
        content = column(self._instead, self._charted, spacing=0)
        self.setLayout(column(self.card, content, None, spacing=Space.L))

    def _caption(self) -> QWidget:
        return label(
            self.tr(
                "Thick bars: tokens a second, on one scale for both sides; the line in a bar is"
                " what 95 of 100 calls reach. Thin bars: what this machine draws while it answers,"
                " and what a provider asks for a million tokens of answer."
            ),
            Text.CAPTION,
            tone="text_3",
            wrap=True,
        )

    def _connect(self) -> None:
        desk, card = self._desk, self.card
        self._cloud_desk.changed.connect(self.on_providers)
        desk.changed.connect(self.on_found)
        desk.models_known.connect(card.set_models)
        desk.priced.connect(self.on_priced)
        desk.call_made.connect(self.on_call)
        desk.ended.connect(self.on_ended)
        desk.failed.connect(self.on_failed)
        card.provider_chosen.connect(desk.ask_models)
        card.wanted.connect(self.on_wanted)
        card.start_asked.connect(self.on_start)
        card.stop_asked.connect(desk.stop)
        card.key_wanted.connect(self.key_wanted)

    # Reading

    def refresh(self) -> None:
        """Answers may have been measured meanwhile."""
        self.on_providers()
        self._desk.load()

    @property
    def state(self) -> PageState:
        """Where it stands."""
        found = self._desk.found
        if found is None:
            return PageState.LOADING
        return PageState.EMPTY if found.is_empty else PageState.READY

    @Slot()
    def on_providers(self) -> None:
        """Keys may have come or gone."""
        if self._cloud_desk.keys is None:
            return
        self.card.set_providers(
            [
                (look.standing.row.id, look.standing.row.name)
                for look in self._cloud_desk.looks()
                if look.key is not None and look.key.usable and look.standing.address is not None
            ]
        )

    @Slot()
    def on_found(self) -> None:
        """What was measured is another now."""
        found = self._desk.found
        if found is None:
            return
        if found.is_empty:
            self._instead.hold(self._nothing())
        else:
            self.chart.show_lines(
                [here_line(one) for one in found.here[:MOST_LINES]],
                [there_line(one) for one in found.there[:MOST_LINES]],
            )
            self.table.set_rows(rows(found, stale_days=self._cloud_desk.stale_days))
        self._instead.setVisible(found.is_empty)
        self._charted.setVisible(not found.is_empty)
        self.changed.emit()

    def _nothing(self) -> QWidget:
        return Card().add(
            EmptyState(
                "bolt",
                self.tr("Nothing was measured yet"),
                self.tr(
                    "Run a model on this machine, or measure a provider above: its first token and"
                    " its speed are drawn here against the speed and the power of this machine."
                ),
            )
        )

    # Probing

    def _wanted(self) -> Wanted:
        return Wanted(self.card.chosen_provider, self.card.chosen_model, self.card.plan)

    @Slot()
    def on_wanted(self) -> None:
        """The form says something else."""
        self._desk.ask_price(self._wanted())

    @Slot(object)
    def on_priced(self, priced: Priced) -> None:
        """So much at most."""
        if priced.most is not None:
            self.card.show_most(priced.most)
        elif priced.trouble is not None:
            self.card.show_trouble(trouble_words(priced.trouble))

    @Slot()
    def on_start(self) -> None:
        """Agreed to by the button that names the most."""
        most = self.card.most
        if most is None:
            return
        consent = Consent(unpriced=True) if most.usd is None else Consent(usd_max=most.usd)
        wanted = self._wanted()
        self.card.show_running(wanted.model)
        self._desk.start(wanted, consent)

    @Slot(object)
    def on_call(self, made: Made) -> None:
        """One call more."""
        self.card.show_call(made.call, self.card.plan)

    @Slot(object)
    def on_ended(self, probed: Probed | None) -> None:
        """Done, or stopped."""
        model = self.card.chosen_model if probed is None else probed.record.model
        self.card.show_end(None if probed is None else probed.summary, model)

    @Slot(object)
    def on_failed(self, error: AppError) -> None:
        """Ended early."""
        self.card.end_running()
        self.card.show_trouble(trouble_words(error))
