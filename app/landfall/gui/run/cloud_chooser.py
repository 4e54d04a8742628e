"""Chooses a provider whose key is stored, and one of its models."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QComboBox, QSizePolicy, QWidget

from landfall.gui.hints import failure_words
from landfall.gui.theme import Space, Text
from landfall.gui.translated import translated
from landfall.gui.widgets.controls import Choice
from landfall.gui.widgets.feedback import State, StateLine
from landfall.gui.widgets.layout import column, holder, label, row
from landfall.services.run.asking import Access, key_states, models_at

if TYPE_CHECKING:
    from landfall.gui.tasks import Task, TaskRunner
    from landfall.services.cloud.access import KeyState
    from landfall.services.cloud.provider import HostedModel, ProviderRow


class CloudChooser(QWidget):
    """Asks the keyring when it is first shown, and a provider for its models when it is chosen.

    Signals:
        changed: Provider or model is another one now.
        keys_wanted: The user wants to store a key.
    """

    changed = Signal()
    keys_wanted = Signal()

    def __init__(self, tasks: TaskRunner, cloud: Access) -> None:
        super().__init__()
        self._tasks, self._cloud = tasks, cloud
        self._states: tuple[KeyState, ...] | None = None
        self._looking: Task | None = None
        self._listing: Task | None = None
        self._wanted = ("", "")
        self._build()
        self._connect()

    def _build(self) -> None:
        self.provider = Choice(self.tr("Provider"), (), width=150)
        self.provider.setObjectName("cloud-provider")
        self.model = Choice(self.tr("Model of the provider"), (), width=220)
        self.model.setObjectName("cloud-model")
        self.model.setEditable(True)
        self.model.setInsertPolicy(QComboBox.InsertPolicy.NoInsert)
        self.note = label("", Text.CAPTION, tone="text_2", wrap=True)
        self.note.setObjectName("cloud-note")
        self._pickers = holder(
            row(label(self.tr("Cloud"), Text.MEDIUM), self.provider, spacing=Space.S)
        )
        layout = self._pickers.layout()
        if layout is not None:
            layout.addWidget(self.model)
        policy = QSizePolicy.Policy
        self.model.setSizePolicy(policy.Expanding, policy.Fixed)
        self.missing = StateLine(State.TODO, "", action=self.tr("Add a key"), kind="secondary")
        self.missing.setObjectName("cloud-missing")
        self.missing.hide()
        self.setLayout(column(self._pickers, self.missing, self.note, spacing=Space.XS))

    def _connect(self) -> None:
        self.provider.activated.connect(self._on_provider)
        self.model.currentTextChanged.connect(self._on_model)
        self.missing.triggered.connect(self.keys_wanted)

    @property
    def row(self) -> ProviderRow | None:
        """The provider that is chosen."""
        state = self.provider.currentData()
        return None if state is None else state.row

    @property
    def model_name(self) -> str:
        """The model, as it will be asked for."""
        return self.model.currentText().strip()

    @property
    def problem(self) -> str:
        """Why nothing can be asked of a cloud yet, or ""."""
        if self._states is None:
            return self.tr("The keyring is being asked.")
        if self.row is None:
            return self.tr("No provider is chosen.")
        return "" if self.model_name else self.tr("No model of the provider is chosen.")

    @property
    def looked(self) -> bool:
        """Whether the keyring was asked, or is being asked."""
        return self._states is not None or self._looking is not None

    def want(self, provider: str, model: str) -> None:
        """Choose this model of this provider when the keyring tells that its key is stored."""
        self._wanted = (provider, model)

    @Slot()
    def look(self) -> None:
        """Ask which providers can be used; the choice stays where it still can be made."""
        if self._looking is not None:
            return
        self.note.setText(self.tr("Asking the keyring which keys are stored"))
        self._looking = self._tasks.run(key_states(self._cloud))
        self._looking.succeeded.connect(self._on_states)
        self._looking.failed.connect(self._on_no_states)
        self._looking.finished.connect(self._on_looked)

    @Slot(object)
    def _on_states(self, states: tuple[KeyState, ...]) -> None:
        chosen = self.row
        self._states = tuple(state for state in states if state.usable)
        problem = next((translated(state.problem) for state in states if state.problem), "")
        self.provider.clear()
        self.provider.addItem(self.tr("Choose a provider"), None)
        for state in self._states:
            self.provider.addItem(state.row.name, state)
            if chosen is not None and state.row.id == chosen.id:
                self.provider.setCurrentIndex(self.provider.count() - 1)
        self._show_missing(problem)
        self._choose_wanted()
        self.changed.emit()

    def _choose_wanted(self) -> None:
        provider, model = self._wanted
        found = next((i for i, one in enumerate(self._states or ()) if one.row.id == provider), -1)
        if found >= 0 and self.row is None:
            self._wanted = ("", "")
            self.provider.setCurrentIndex(1 + found)
            self._on_provider()
            self.model.setEditText(model)

    def _show_missing(self, problem: str) -> None:
        has_any = bool(self._states)
        self._pickers.setVisible(has_any)
        self.missing.setVisible(not has_any)
        title = self.tr("No key of a provider is stored")
        then = self.tr("With one, the same prompt runs there beside this machine.")
        if problem:
            self.missing.show_line(
                State.FAILED,
                self.tr("The keyring gives no key"),
                problem,
                action=self.tr("Show providers"),
            )
        else:
            self.missing.show_line(State.TODO, title, then, action=self.tr("Add a key"))
        self._say("")

    @Slot(object)
    def _on_no_states(self, error: Exception) -> None:
        self._states = ()
        self._show_missing(failure_words(error))
        self.changed.emit()

    @Slot()
    def _on_looked(self) -> None:
        self._looking = None

    @Slot()
    def _on_provider(self) -> None:
        self.model.clear()
        if self._listing is not None:
            self._listing.cancel()
            self._listing = None
        chosen = self.row
        self._say("")
        if chosen is not None:
            self._say(self.tr("Asking {0} for its models").format(chosen.name))
            self._listing = self._tasks.run(models_at(self._cloud, chosen))
            self._listing.succeeded.connect(self._on_models)
            self._listing.failed.connect(self._on_no_models)
        self.changed.emit()

    @Slot(object)
    def _on_models(self, models: tuple[HostedModel, ...]) -> None:
        if self.sender() is not self._listing:
            return  # of a provider that was chosen before
        self._listing = None
        typed = self.model_name
        self.model.clear()
        self.model.addItems([model.id for model in models])
        self.model.setCurrentIndex(-1)
        self.model.setEditText(typed)
        edit = self.model.lineEdit()
        if edit is not None:
            edit.setPlaceholderText(self.tr("Choose or type one of {0}").format(len(models)))
            edit.setAccessibleName(self.model.accessibleName())
        self._say("")
        self.changed.emit()

    @Slot(object)
    def _on_no_models(self, error: Exception) -> None:
        if self.sender() is self._listing:
            self._listing = None
            self._say(self.tr("The list of models did not come. {0}").format(error))

    @Slot()
    def _on_model(self) -> None:
        self.changed.emit()

    def _say(self, text: str) -> None:
        self.note.setText(text)
        self.note.setVisible(bool(text))
