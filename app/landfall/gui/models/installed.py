"""The tab of what is on the server's disk."""

from __future__ import annotations

from collections.abc import Mapping
from functools import partial
from types import MappingProxyType

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QSizePolicy, QWidget

from landfall.core.fit.offer import name_key
from landfall.core.hosts.runtime import InstalledModel, LoadedModel
from landfall.gui.allowed import allow
from landfall.gui.dates import when
from landfall.gui.models.actions import ModelActions
from landfall.gui.models.delete_dialog import Candidate, DeleteModels
from landfall.gui.models.installed_view import (
    freeable,
    installed_columns,
    installed_key,
    installed_row,
    installed_text,
    newer_words,
    runs_elsewhere,
    total_words,
)
from landfall.gui.models.newer_look import NewerLook
from landfall.gui.models.view import breakable
from landfall.gui.theme import Space, Text
from landfall.gui.translated import all_translated
from landfall.gui.widgets.cells import Row
from landfall.gui.widgets.choice_bar import ChoiceBar
from landfall.gui.widgets.layout import Button, Card, button, column, label
from landfall.gui.widgets.table_model import MadeRows
from landfall.gui.widgets.tables import DataTable


class InstalledTab(QWidget):
    """The models on the disk, and what can be done with the selected one.

    Signals:
        run_asked: A name. update_asked: names that should be pulled again.
    """

    run_asked = Signal(str)
    update_asked = Signal(list)

    def __init__(self, actions: ModelActions, newer: NewerLook) -> None:
        super().__init__()
        self._newer = newer
        self._host = ""
        self._actions = actions
        self._models: tuple[InstalledModel, ...] = ()
        self._loaded: tuple[LoadedModel, ...] = ()
        self._listed: tuple[InstalledModel, ...] = ()
        self._in_memory: frozenset[str] = frozenset()
        self._used: Mapping[str, str] = {}
        self._named: Mapping[str, tuple[str, ...]] = {}
        self._order = -1, False
        self._wanted = ""
        self._build()
        self._connect()

    def _build(self) -> None:
        self.table = DataTable(
            installed_columns(), self.tr("Installed models"), row_height=46, sortable=True
        )
        self.table.setObjectName("installed-table")
        self.table.filter.owner_sorts = True
        self._look = button(self.tr("Look for updates"), icon="search")
        self._look.setObjectName("look-for-updates")
        self._update_all = button(self.tr("Update all"), icon="retry")
        self._update_all.setObjectName("update-all")
        self._free = button(self.tr("Free disk space\u2026"), icon="trash")
        self._free.setObjectName("free-disk")
        self._run = button(self.tr("Run"), icon="play")
        self._load = button("")
        self._copy = button(self.tr("Copy name"), icon="copy")
        self._update = button(self.tr("Update"), icon="retry")
        self._delete = button(self.tr("Delete\u2026"), "destructive", icon="trash")
        self._chosen = label("", Text.STRONG, wrap=True)
        bar = ChoiceBar(self._chosen)
        for name, control in self._controls().items():
            control.setObjectName(f"{name}-installed")
            bar.add(control)
        self._card = Card(self.tr("On disk"), self._look, self._update_all, self._free, note=" ")
        self._card.bleed().add(self.table, bar)
        self._note = label("", Text.CAPTION, tone="text_3", wrap=True)
        self.setLayout(column(self._card, self._note, None, spacing=Space.S))
        self.setSizePolicy(QSizePolicy.Policy.Preferred, QSizePolicy.Policy.Expanding)

    def _controls(self) -> dict[str, Button]:
        return {
            "run": self._run,
            "load": self._load,
            "copy": self._copy,
            "update": self._update,
            "delete": self._delete,
        }

    def _connect(self) -> None:
        self.table.filter.order_asked.connect(self.on_order)
        self.table.chosen.connect(self.on_chosen)
        self.table.opened.connect(self.on_run)
        self._run.clicked.connect(self.on_run)
        self._load.clicked.connect(self.on_load)
        self._copy.clicked.connect(self.on_copy)
        self._update.clicked.connect(self.on_update)
        self._update_all.clicked.connect(self.on_update_all)
        self._delete.clicked.connect(self.on_delete)
        self._free.clicked.connect(self.on_free)
        self._look.clicked.connect(self.on_look)
        self._actions.changed.connect(self.on_busy)
        self._newer.changed.connect(self.on_busy)

    def set_place(self, host: str) -> None:
        """Whose disk it is: "" for this machine's."""
        self._host = host
        if self._card.note is not None:
            self._card.note.setText(host or self.tr("this machine"))

    def set_models(
        self,
        models: tuple[InstalledModel, ...],
        loaded: tuple[LoadedModel, ...],
        used: Mapping[str, str],
        *,
        named: Mapping[str, tuple[str, ...]] = MappingProxyType({}),
    ) -> None:
        """Show what the server has.

        Args:
            used: When each answered last, by `name_key`.
            named: The workloads that name each, by `name_key`.
        """
        self._models, self._loaded, self._used = models, loaded, used
        self._named = named
        self._in_memory = frozenset(name_key(model.name) for model in loaded)
        self._fill()

    def search(self, text: str) -> int:
        """List the models that hold every word; how many there are."""
        self.table.filter.search(text)
        return self.table.filter.rowCount()

    def select(self, name: str) -> bool:
        """Select a model by its name."""
        if name_key(name) not in (name_key(model.name) for model in self._listed):
            return False
        self._wanted = name
        self._reselect()
        return True

    @Slot()
    def on_busy(self) -> None:
        """An action began or ended."""
        self._fill()

    def _fill(self) -> None:
        # Those in sight are made: a server may list ten thousand.
        column, descending = self._order
        listed = self._models
        if column >= 0:
            listed = tuple(sorted(listed, key=partial(self._key, column), reverse=descending))
        self._listed = listed
        self.table.set_rows(MadeRows(len(listed), self._row, text=self._text))
        self._show_look()
        can_free = bool(freeable(self._models, self._loaded, self._used))
        allow(self._free, "" if can_free else self.tr("All that is here is in memory"))
        self._reselect()

    @property
    def _asked_of_registries(self) -> tuple[InstalledModel, ...]:
        return tuple(model for model in self._models if not runs_elsewhere(model))

    @property
    def _may_be_newer(self) -> list[str]:
        """All but those of which a registry said that it has nothing else."""
        found = [(model.name, self._newer.of(model)) for model in self._asked_of_registries]
        return [name for name, new in found if new is None or new.is_newer is not False]

    def _show_look(self) -> None:
        asked = (self._newer.of(model) for model in self._asked_of_registries)
        why_not = dict.fromkeys(one.reason for one in asked if one is not None and one.reason)
        said = "".join(f"\n{sentence}" for sentence in all_translated(why_not))
        self._note.setText(f"{total_words(self._models)}{said}")
        looking, models = self._newer.is_looking, self._asked_of_registries
        why = self.tr("Registries are being asked") if looking else ""
        if not models:
            why = self.tr("Nothing is installed that a registry could have")
        current = bool(models) and not self._may_be_newer
        allow(
            self._update_all,
            self.tr("Everything is up to date") if current else "",
            tip=self.tr("Asks each model's registry, and loads what has changed there"),
        )
        allow(
            self._look,
            why,
            tip=self.tr("Asks each model's registry whether it has another one; loads nothing"),
        )

    @Slot(int, bool)
    def on_order(self, column: int, descending: bool) -> None:
        """The head of a column was pressed; -1 is the order of the server again."""
        if (column, descending) != self._order:
            self._order = column, descending
            self._fill()

    def _key(self, column: int, model: InstalledModel) -> float | str:
        """What a row is ordered by, without the row."""
        return installed_key(
            model,
            column,
            used=self._used,
            loaded=self._is_loaded(model),
            busy=self._actions.busy(model.name),
            newer=newer_words(self._newer.of(model)),
        )

    def _text(self, number: int) -> str:
        model = self._listed[number]
        return installed_text(
            model,
            used=self._used,
            loaded=self._is_loaded(model),
            busy=self._actions.busy(model.name),
            newer=newer_words(self._newer.of(model)),
        )

    def _row(self, number: int) -> Row:
        model = self._listed[number]
        return installed_row(
            model,
            used=self._used,
            loaded=self._is_loaded(model),
            busy=self._actions.busy(model.name),
            newer=newer_words(self._newer.of(model)),
        )

    def _is_loaded(self, model: InstalledModel) -> bool:
        return name_key(model.name) in self._in_memory

    def _reselect(self) -> None:
        key = name_key(self._wanted) if self._wanted else ""
        found = (i for i, model in enumerate(self._listed) if key == name_key(model.name))
        if self._listed:
            self.table.select(next(found, 0) if key else 0)
        self._show_actions()

    @property
    def current(self) -> InstalledModel | None:
        """The selected model."""
        index = self.table.current
        return self._listed[index] if 0 <= index < len(self._listed) else None

    @Slot(int)
    def on_chosen(self, _index: int) -> None:
        """Another row was selected."""
        model = self.current
        if model is not None:
            self._wanted = model.name
        self._show_actions()

    def _show_actions(self) -> None:
        model = self.current
        name = model.name if model else ""
        self._chosen.setText(breakable(name))
        loaded = model is not None and self._is_loaded(model)
        self._load.setText(self.tr("Unload") if loaded else self.tr("Load"))
        busy = self._actions.busy(name) if name else ""
        cloud = model is not None and runs_elsewhere(model)
        elsewhere = self.tr("It runs in a cloud: only its name is here") if cloud else ""
        for action, control in self._controls().items():
            reason = "" if model else self.tr("Select a model")
            reason = reason or (busy if action != "copy" else "")
            reason = reason or (elsewhere if action in ("load", "update", "run") else "")
            allow(control, reason)
            control.setAccessibleName(f"{control.text()}: {name}" if name else control.text())

    # What the user asks for

    @Slot()
    def on_run(self) -> None:
        """Ask it something."""
        if self.current is not None and self._run.isEnabled():
            self.run_asked.emit(self.current.name)

    @Slot()
    def on_load(self) -> None:
        """Into memory, or out of it."""
        model = self.current
        if model is None:
            return
        if self._is_loaded(model):
            self._actions.unload(model.name)
        else:
            self._actions.load(model.name)

    @Slot()
    def on_copy(self) -> None:
        """Its name, to the clipboard."""
        if self.current is not None:
            self._actions.copy_name(self.current.name)

    @Slot()
    def on_update(self) -> None:
        """Pull it again."""
        if self.current is not None:
            self.update_asked.emit([self.current.name])

    @Slot()
    def on_update_all(self) -> None:
        """Pull all of them again, but those of which it is known that nothing changed."""
        self.update_asked.emit(self._may_be_newer)

    @Slot()
    def on_look(self) -> None:
        """Ask the registries."""
        self._newer.start(self._asked_of_registries)

    @Slot()
    def on_delete(self) -> None:
        """Ask first."""
        if self.current is not None:
            self._ask([self.current], choose=False)

    @Slot()
    def on_free(self) -> None:
        """Ask which."""
        self._ask(list(freeable(self._models, self._loaded, self._used)), choose=True)

    def _ask(self, models: list[InstalledModel], *, choose: bool) -> None:
        never = self.tr("never here")
        candidates = [
            Candidate(
                model.name,
                0 if runs_elsewhere(model) else model.size_bytes,
                when(self._used.get(name_key(model.name), "")) or never,
                self._named.get(name_key(model.name), ()),
            )
            for model in models
        ]
        dialog = DeleteModels(candidates, self, choose=choose, host=self._host)
        dialog.confirmed.connect(self._actions.delete)
        dialog.open()
