"""Adds targets: a place, its models, a search, and a name that no list holds."""

from __future__ import annotations

from collections.abc import Callable, Coroutine, Sequence
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtWidgets import QListWidget, QListWidgetItem, QWidget

from landfall.core.hosts.hosts import Host, HostState
from landfall.gui.allowed import allow
from landfall.gui.format import whole
from landfall.gui.hints import failure_words
from landfall.gui.side_by_side.targets import (
    MOST_TARGETS,
    Asked,
    asked_here,
    asked_on,
    asked_there,
)
from landfall.gui.theme import Space, Text
from landfall.gui.translated import translated
from landfall.gui.widgets.controls import Choice, SearchField
from landfall.gui.widgets.dialog import Dialog
from landfall.gui.widgets.layout import button, column, label, row
from landfall.services.run.asking import Access, key_states, models_at

if TYPE_CHECKING:
    from landfall.core.hosts.hosts import HostReading
    from landfall.gui.run.targets import LocalTarget
    from landfall.gui.tasks import Task, TaskRunner
    from landfall.services.cloud.access import KeyState
    from landfall.services.cloud.provider import HostedModel, ProviderRow

WIDTH, HEIGHT = 520, 460
_ASKED = Qt.ItemDataRole.UserRole


class TargetPicker(Dialog):
    """Stays open until it is closed, so that several can be added.

    A provider is asked for its models when it is chosen, and once while the dialog is there.

    Signals:
        picked: Ask this one, too: an `Asked`.
        keys_wanted: The user wants to store a key.
    """

    picked = Signal(object)
    keys_wanted = Signal()

    def __init__(
        self,
        tasks: TaskRunner,
        cloud: Access,
        *,
        local: Sequence[LocalTarget],
        chosen: Sequence[Asked],
        parent: QWidget,
        hosts: Sequence[Host] = (),
        look: Callable[[Host], Coroutine[Any, Any, HostReading]] | None = None,
    ) -> None:
        """Offer the models of the server in use; others come when their place is chosen.

        Args:
            hosts: Kept hosts whose models may be asked, too. look: asks one what it has.
        """
        super().__init__(parent)
        self._hosts, self._look = tuple(hosts), look
        self._tasks, self._cloud = tasks, cloud
        self._local = tuple(asked_here(one) for one in local)
        self._hosted: dict[str, tuple[Asked, ...]] = {}
        self._chosen = {one.key for one in chosen}
        self._listing: Task | None = None
        self.setObjectName("target-picker")
        self.setWindowTitle(self.tr("Add targets"))
        self.setAttribute(Qt.WidgetAttribute.WA_DeleteOnClose)
        self.resize(WIDTH, HEIGHT)
        self._build()
        self._connect()
        self._show()
        looking = tasks.run(key_states(cloud))
        looking.succeeded.connect(self._on_states)
        looking.failed.connect(self._on_no_states)

    def _build(self) -> None:
        self.place = Choice(self.tr("Where"), (), width=170)
        self.place.setObjectName("picker-place")
        # Of another kind of server in use each model says itself which kept host it is of.
        kept = next((one.host for one in self._local if one.host is not None), None)
        self.place.addItem(kept.name if kept else self.tr("Ollama server"), None)
        for host in self._hosts:
            self.place.addItem(host.name, host)
        self.search = SearchField(self.tr("Search, or type the name of a model"), width=310)
        self.search.setObjectName("picker-search")
        self.list = QListWidget()
        self.list.setObjectName("picker-list")
        self.list.setAccessibleName(self.tr("Models that can be asked"))
        self.list.setUniformItemSizes(True)
        self.note = label("", Text.CAPTION, tone="text_2", wrap=True)
        self.note.setObjectName("picker-note")
        self.note.hide()
        self.keys = button(self.tr("Add a key"))
        self.keys.setObjectName("picker-keys")
        self.keys.hide()
        self.add = button(self.tr("Add"), "primary", icon="plus")
        self.add.setObjectName("picker-add")
        self.add.setDefault(True)
        self.done_ = button(self.tr("Done"))
        self.done_.setObjectName("picker-done")
        self.done_.setAutoDefault(False)
        self.keys.setAutoDefault(False)
        top = row(self.place, spacing=Space.S)
        top.addWidget(self.search, 1)
        layout = column(top, spacing=Space.M, margins=(16, 16, 16, 16))
        layout.addWidget(self.list, 1)
        layout.addWidget(self.note)
        layout.addLayout(row(self.keys, None, self.add, self.done_))
        self.setLayout(layout)
        self.search.setFocus(Qt.FocusReason.OtherFocusReason)

    def _connect(self) -> None:
        self.place.activated.connect(self._on_place)
        self.search.textChanged.connect(self._show)
        self.list.itemActivated.connect(self._on_add)
        self.list.currentItemChanged.connect(self._on_current)
        self.add.clicked.connect(self._on_add)
        self.done_.clicked.connect(self.accept)
        self.keys.clicked.connect(self._on_keys)

    # Places

    @property
    def _row(self) -> ProviderRow | None:
        found = self.place.currentData()
        return None if isinstance(found, Host) else found

    @property
    def _host(self) -> Host | None:
        found = self.place.currentData()
        return found if isinstance(found, Host) else None

    @Slot(object)
    def _on_states(self, states: tuple[KeyState, ...]) -> None:
        usable = [state.row for state in states if state.usable]
        for provider in usable:
            self.place.addItem(provider.name, provider)
        self.keys.setVisible(not usable)
        if not usable:
            problem = next((translated(state.problem) for state in states if state.problem), "")
            self._say(problem or self.tr("With the key of a provider its models are here, too."))

    @Slot(object)
    def _on_no_states(self, error: Exception) -> None:
        self.keys.show()
        self._say(failure_words(error))

    @Slot()
    def _on_place(self) -> None:
        if self._listing is not None:
            self._listing.cancel()
            self._listing = None
        provider, host = self._row, self._host
        self._say("")
        if host is not None and host.url not in self._hosted and self._look is not None:
            self._say(self.tr("Asking {0} for its models").format(host.name))
            self._listing = self._tasks.run(self._look(host))
            self._listing.succeeded.connect(self._on_reading)
            self._listing.failed.connect(self._on_no_models)
        if provider is not None and provider.id not in self._hosted:
            self._say(self.tr("Asking {0} for its models").format(provider.name))
            self._listing = self._tasks.run(models_at(self._cloud, provider))
            self._listing.succeeded.connect(self._on_models)
            self._listing.failed.connect(self._on_no_models)
        self._show()

    @Slot(object)
    def _on_models(self, models: tuple[HostedModel, ...]) -> None:
        provider = self._row
        if self.sender() is not self._listing or provider is None:
            return  # of a provider that was chosen before
        self._listing = None
        self._hosted[provider.id] = tuple(asked_there(provider, model.id) for model in models)
        self._say("")
        self._show()

    @Slot(object)
    def _on_reading(self, reading: HostReading) -> None:
        host = self._host
        if self.sender() is not self._listing or host != reading.host:
            return  # of a place that was chosen before
        self._listing = None
        if reading.state is not HostState.ANSWERS:
            self._say(f"{translated(reading.problem)} {translated(reading.hint)}".strip())
            return
        self._hosted[reading.host.url] = tuple(
            asked_on(reading.host, model.name) for model in reading.models if not model.remote
        )
        self._say(self.tr("{0}: what you ask goes there.").format(reading.host.name))
        self._show()

    @Slot(object)
    def _on_no_models(self, error: Exception) -> None:
        if self.sender() is self._listing:
            self._listing = None
            self._say(self.tr("The list of models did not come; type a name. {0}").format(error))

    # The list

    @Slot()
    def _show(self) -> None:
        provider, host, typed = self._row, self._host, self.search.text().strip()
        known = self._local
        if provider is not None or host is not None:
            known = self._hosted.get(provider.id if provider else host.url if host else "", ())
        found = [one for one in known if typed.casefold() in one.model.casefold()]
        exact = any(one.model == typed for one in known)
        if provider is not None and typed and not exact:
            found.append(asked_there(provider, typed))
        self.list.clear()
        for one in found:
            item = QListWidgetItem(self._words(one, typed=one not in known))
            item.setData(_ASKED, one)
            if one.key in self._chosen:
                item.setFlags(Qt.ItemFlag.NoItemFlags)
            self.list.addItem(item)
        free = (i for i, one in enumerate(found) if one.key not in self._chosen)
        self.list.setCurrentRow(next(free, -1))
        self._on_current()

    def _words(self, one: Asked, *, typed: bool) -> str:
        if one.key in self._chosen:
            return self.tr("{0}, is asked already").format(one.model)
        if typed:
            return self.tr("{0}, as typed").format(one.model)
        if one.leaves and one.row is None and one.host is None:
            return self.tr("{0}, in a cloud: what you ask leaves this machine").format(one.model)
        return one.model

    @Slot()
    def _on_current(self) -> None:
        full = len(self._chosen) >= MOST_TARGETS
        most = self.tr("{0} beside each other are the most.").format(whole(MOST_TARGETS))
        none = "" if self.list.currentRow() >= 0 else self.tr("Choose a model first.")
        allow(self.add, most if full else none)
        if full:
            self._say(most)

    @Slot()
    def _on_add(self) -> None:
        if self.list.currentRow() < 0 or not self.add.isEnabled():
            return
        one: Asked = self.list.currentItem().data(_ASKED)
        self._chosen.add(one.key)
        self.picked.emit(one)
        self._say(self.tr("{0} is asked.").format(one.label))
        self.search.clear()
        self._show()
        self.search.setFocus(Qt.FocusReason.OtherFocusReason)

    @Slot()
    def _on_keys(self) -> None:
        self.keys_wanted.emit()
        self.accept()

    def _say(self, text: str) -> None:
        self.note.setText(text)
        self.note.setVisible(bool(text))
