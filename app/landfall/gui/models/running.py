"""The tab of what is in the server's memory, and why some of it is on the processor."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QSizePolicy, QWidget

from landfall.core.fit.offer import name_key
from landfall.core.fit.placement import Placement, why_on_processor
from landfall.core.hosts.runtime import LoadedModel
from landfall.core.provenance import Unknown
from landfall.gui.allowed import allow
from landfall.gui.format import percent, whole
from landfall.gui.models.actions import ModelActions
from landfall.gui.models.installed_view import running_columns, running_row
from landfall.gui.models.load_card import LoadCard
from landfall.gui.models.load_looks import LoadLooks
from landfall.gui.models.view import breakable, context_words
from landfall.gui.theme import Space, Text
from landfall.gui.translated import translated
from landfall.gui.widgets.choice_bar import ChoiceBar
from landfall.gui.widgets.feedback import State, StateLine
from landfall.gui.widgets.layout import Card, button, clear, column, holder, label
from landfall.gui.widgets.tables import DataTable

if TYPE_CHECKING:
    from landfall.core.fit.load_check import RunnerFacts
    from landfall.core.machine.hardware import HardwareProfile
    from landfall.core.models.architecture import ModelSpec


class RunningTab(QWidget):
    """The models in memory.

    Signals:
        run_asked: A name.
    """

    run_asked = Signal(str)

    def __init__(self, actions: ModelActions, looks: LoadLooks) -> None:
        super().__init__()
        self._actions, self._looks = actions, looks
        self._seen: tuple[Mapping[str, ModelSpec], HardwareProfile | None] = ({}, None)
        self._models: tuple[LoadedModel, ...] = ()
        self._build()
        self.table.chosen.connect(self.on_chosen)
        self.table.opened.connect(self.on_run)
        self._run.clicked.connect(self.on_run)
        self._unload.clicked.connect(self.on_unload)
        actions.changed.connect(self.on_busy)
        looks.changed.connect(self.on_looked)

    def _build(self) -> None:
        self.table = DataTable(running_columns(), self.tr("Models in memory"), row_height=46)
        self.table.setObjectName("running-table")
        self._run = button(self.tr("Run"), icon="play")
        self._run.setObjectName("run-loaded")
        self._unload = button(self.tr("Unload"))
        self._unload.setObjectName("unload")
        self._chosen = label("", Text.STRONG, wrap=True)
        bar = ChoiceBar(self._chosen)
        bar.add(self._run, self._unload)
        self._why = column(spacing=0)
        self._why_card = Card(self.tr("Why is it on the CPU?")).add(holder(self._why))
        self._why_card.setObjectName("why-on-cpu")
        card = Card(self.tr("In memory")).bleed().add(self.table, bar)
        self._check = LoadCard()
        note = label(
            self.tr(
                "Sizes are the server's own; what it counts depends on its version. A model leaves"
                " by itself when its time is over and nobody has asked it."
            ),
            Text.CAPTION,
            tone="text_3",
            wrap=True,
        )
        self._kept = label("", Text.CAPTION, tone="text_3", wrap=True)
        self._kept.setObjectName("kept-loads")
        self._kept.hide()
        self.setLayout(
            column(card, note, self._check, self._kept, self._why_card, None, spacing=Space.L)
        )
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)

    def set_models(
        self,
        models: tuple[LoadedModel, ...],
        specs: Mapping[str, ModelSpec],
        profile: HardwareProfile | None,
    ) -> None:
        """Show what is loaded, and for what is not whole on the GPU the cause and the fix.

        Args:
            specs: What is known of the models, by `name_key`.
            profile: The machine of the server, or None where it is another or not known.
        """
        self._models = models
        self._seen = specs, profile
        self._fill()
        self._explain()

    @Slot()
    def on_looked(self) -> None:
        """A model in memory was looked at."""
        self._show_check()
        self._show_kept()
        self._explain()

    def _show_kept(self) -> None:
        """How good the predictions were over all loads that were kept."""
        kept = self._looks.kept
        parts = []
        for words, found in (
            (
                self.tr("what the server says by {0} in the middle and {1} at worst"),
                kept and kept.ps,
            ),
            (self.tr("what its process takes by {0} and {1}"), kept and kept.process),
        ):
            if found:
                middle, worst = percent(found.median, digits=1), percent(found.worst, digits=1)
                parts.append(words.format(middle, worst))
        self._kept.setVisible(bool(parts))
        if kept is not None and parts:
            said = self.tr("Loads kept in the history: {0}. Predictions missed {1}.")
            self._kept.setText(said.format(whole(kept.loads), "; ".join(parts)))

    def _explain(self) -> None:
        specs, profile = self._seen
        clear(self._why)
        if profile is not None:
            for model in self._models:
                found = why_on_processor(
                    model,
                    specs.get(name_key(model.name)),
                    profile,
                    others=[other for other in self._models if other is not model],
                    runner=self._runner(model),
                )
                if found is not None:
                    self._why.addWidget(self._line(model, found))
        self._why_card.setVisible(self._why.count() > 0)

    def _runner(self, model: LoadedModel) -> RunnerFacts | None:
        check = self._looks.of(model)
        return None if check is None or isinstance(check.runner, Unknown) else check.runner

    def _line(self, model: LoadedModel, found: Placement) -> StateLine:
        share = found.gpu_share
        partly = self.tr("{0} is partly on the CPU")
        title = (partly if share else self.tr("{0} is on the CPU")).format(model.name)
        text = f"{translated(found.cause)} {translated(found.fix)}".strip()
        action = ""
        if found.context is not None:
            action = self.tr("Reload at {0}").format(context_words(found.context))
        line = StateLine(State.PARTIAL, title, text, action=action)
        line.setObjectName(f"why-{model.name}")
        if found.context is not None:
            line.triggered.connect(partial(self._on_reload, model.name, found.context))
        return line

    def _on_reload(self, name: str, context: int) -> None:
        self._actions.reload(name, context=context)

    def search(self, text: str) -> int:
        """List the models that hold every word; how many there are."""
        self.table.filter.search(text)
        return self.table.filter.rowCount()

    @Slot()
    def on_busy(self) -> None:
        """An action began or ended."""
        self._fill()

    def _fill(self) -> None:
        chosen = self.current.name if self.current else ""
        self.table.set_rows(
            [running_row(model, busy=self._actions.busy(model.name)) for model in self._models]
        )
        names = [model.name for model in self._models]
        if names:
            self.table.select(names.index(chosen) if chosen in names else 0)
        self._show_actions()

    @property
    def current(self) -> LoadedModel | None:
        """The selected model."""
        index = self.table.current
        return self._models[index] if 0 <= index < len(self._models) else None

    @Slot(int)
    def on_chosen(self, _index: int) -> None:
        """Another row was selected."""
        self._show_actions()

    def _show_check(self) -> None:
        model = self.current
        self._check.show_load(model, self._looks.of(model) if model else None)

    def _show_actions(self) -> None:
        self._show_check()
        model = self.current
        name = model.name if model else ""
        self._chosen.setText(breakable(name))
        busy = self._actions.busy(name) if name else self.tr("Select a model")
        for control in (self._run, self._unload):
            allow(control, busy)
            control.setAccessibleName(f"{control.text()}: {name}" if name else control.text())

    @Slot()
    def on_run(self) -> None:
        """Ask it something."""
        if self.current is not None and self._run.isEnabled():
            self.run_asked.emit(self.current.name)

    @Slot()
    def on_unload(self) -> None:
        """Out of memory."""
        if self.current is not None:
            self._actions.unload(self.current.name)
