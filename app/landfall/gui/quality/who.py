"""Chooses who answers: a model of the Ollama server, one of a provider, or recorded answers."""

from __future__ import annotations

from enum import IntEnum
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtWidgets import QWidget

from landfall.core.models.model_names import same
from landfall.core.side_by_side.side_by_side import Target
from landfall.gui.run.cloud_chooser import CloudChooser
from landfall.gui.run.place import answers, no_answer_words, remedy_words
from landfall.gui.run.targets import first_choice, local_targets
from landfall.gui.theme import Space, Text
from landfall.gui.widgets.controls import Choice, SegmentedControl
from landfall.gui.widgets.layout import column, label

if TYPE_CHECKING:
    from landfall.gui.app_state import AppState
    from landfall.gui.run.targets import LocalTarget
    from landfall.gui.tasks import TaskRunner
    from landfall.services.run.asking import Access


class Place(IntEnum):
    """Where the answers come from, in the order of the segments."""

    HERE = 0
    PROVIDER = 1
    RECORDED = 2


class WhoChooser(QWidget):
    """Says who it is as a `Target`; None for recorded answers, and while nobody is chosen.

    Signals:
        changed: Somebody else is chosen.
        keys_wanted: The user wants to store a key.
    """

    changed = Signal()
    keys_wanted = Signal()

    def __init__(
        self,
        name: str,
        title: str,
        state: AppState,
        tasks: TaskRunner,
        cloud: Access,
        *,
        recorded: bool = False,
        clouds: bool = False,
    ) -> None:
        """Make it.

        Args:
            name: Before the names of its controls: "candidate".
            title: Who is chosen here, for people.
            recorded: Whether recorded answers are a choice.
            clouds: Whether models in a cloud behind the Ollama server are a choice.
        """
        super().__init__()
        self._state, self._clouds, self._title = state, clouds, title
        self._wanted = ""
        self._unlike: tuple[str, ...] = ()
        self._picked = ""
        self._has_recorded = False
        self._targets: tuple[LocalTarget, ...] = ()
        places: tuple[str, ...] = (self.tr("A model here"), self.tr("A provider"))
        if recorded:
            places = (*places, self.tr("Recorded answers"))
        self.place = SegmentedControl(places)
        self.place.setObjectName(f"{name}-place")
        self.place.setAccessibleName(self.tr("{0}: where").format(title))
        self.model = Choice(self.tr("{0}: model").format(title), (), width=180)
        self.model.setObjectName(f"{name}-model")
        self.provider = CloudChooser(tasks, cloud)
        self.provider.setObjectName(f"{name}-provider")
        self.note = label("", Text.CAPTION, tone="text_2", wrap=True)
        self.note.setObjectName(f"{name}-note")
        self.setLayout(
            column(
                label(title, Text.MEDIUM),
                self.place,
                self.model,
                self.provider,
                self.note,
                spacing=Space.XS,
            )
        )
        self.place.chosen.connect(self._on_place)
        self.model.currentIndexChanged.connect(self._on_model)
        self.model.activated.connect(self._on_picked)
        self.provider.changed.connect(self._on_model)
        self.provider.keys_wanted.connect(self.keys_wanted)
        state.models_changed.connect(self.offer)
        self.offer()
        self._show()

    @property
    def chosen(self) -> Place:
        """Where the answers come from."""
        return Place(self.place.current)

    @property
    def target(self) -> Target | None:
        """Who it is; None for recorded answers or nobody."""
        if self.chosen is Place.HERE:
            index = self.model.currentIndex()
            if not 0 <= index < len(self._targets):
                return None
            found = self._targets[index]
            return Target(model=found.model, allow_remote=found.in_cloud)
        row = self.provider.row
        if self.chosen is Place.PROVIDER and row is not None and self.provider.model_name:
            return Target(provider=row.id, model=self.provider.model_name)
        return None

    @property
    def problem(self) -> str:
        """Why nobody is chosen yet, or ""."""
        if self.chosen is Place.RECORDED:
            lacks = self.tr("The file has not today\u2019s answer to every prompt.")
            return "" if self._has_recorded else lacks
        if self.chosen is Place.PROVIDER:
            return self.provider.problem
        if self._state.listed is not None:
            return self.tr("Gates compare models of an Ollama: choose such a server.")
        if self._state.installed is None:
            return self._why_no_models()
        return "" if self.target is not None else self.tr("No model is chosen.")

    def _why_no_models(self) -> str:
        runtime = self._state.runtimes[0] if self._state.runtimes else None
        if self._state.runtimes is None or answers(runtime):
            return self.tr("The models are being looked for.")
        return f"{no_answer_words(runtime)} {remedy_words(runtime)}"

    def choose(self, place: Place) -> None:
        """Show this place as a click on it would."""
        self.place.choose(int(place))

    def want(self, model: str) -> None:
        """Choose this local model where the server has it, now or later."""
        self._wanted, self._picked = model, ""
        self.offer()

    def propose_unlike(self, *models: str) -> None:
        """Propose another local model than these, where there is another: none is held against
        itself, and none judges itself. What the user or a workload named stays."""
        if models != self._unlike:
            self._unlike = models
            self.offer()

    @property
    def is_only_one(self) -> bool:
        """Whether the server has one model to choose and no more."""
        return len(self._targets) == 1

    def want_provider(self, provider: str, model: str) -> None:
        """Offer this model of this provider where its key is stored."""
        self.provider.want(provider, model)

    def set_recorded(self, there: bool) -> None:
        """Whether the file has recorded answers to all prompts."""
        self._has_recorded = there
        self._say()

    @Slot()
    def offer(self) -> None:
        """The models that the server has now; the choice stays where it can.

        What the user picked is before what a workload or its verdict names, also while the server
        does not answer or another place is shown.
        """
        before = self.target if self.chosen is Place.HERE else None
        runtimes = self._state.runtimes
        every = local_targets(self._state.installed or (), runtimes[0] if runtimes else None)
        self._targets = tuple(one for one in every if self._clouds or not one.in_cloud)
        kept = before.model if before is not None else ""
        # The last is nobody's choice: one in memory, or the newest.
        places = (
            first_choice(self._targets, self._state.loaded or (), wanted)
            for wanted in (*filter(None, (self._picked, self._wanted or kept)), "")
        )
        index = next((place for place in places if place >= 0), -1)
        index = self._apart(index)
        self.model.blockSignals(True)
        self.model.clear()
        self.model.addItems([one.label for one in self._targets])
        self.model.setCurrentIndex(index)
        self.model.setPlaceholderText(self.tr("No model"))
        self.model.blockSignals(False)
        self._on_model()

    def _apart(self, index: int) -> int:
        """The place of another model where this one is one of a side already; else the same."""
        alike = [any(same(one.model, name) for name in self._unlike) for one in self._targets]
        if index < 0 or not alike[index] or all(alike):
            return index
        named = filter(None, (self._picked, self._wanted))
        if any(same(self._targets[index].model, name) for name in named):
            return index
        others = [i for i, is_alike in enumerate(alike) if not is_alike]
        first = first_choice([self._targets[i] for i in others], self._state.loaded or (), "")
        return others[first]

    @Slot()
    def _on_picked(self) -> None:
        target = self.target
        self._picked = target.model if target is not None else ""

    @Slot()
    def _on_place(self) -> None:
        self._show()
        self.changed.emit()

    @Slot()
    def _on_model(self) -> None:
        self._say()
        self.changed.emit()

    def _show(self) -> None:
        self.model.setVisible(self.chosen is Place.HERE)
        self.provider.setVisible(self.chosen is Place.PROVIDER)
        if self.chosen is Place.PROVIDER and not self.provider.looked:
            self.provider.look()
        self._say()

    def _instead_of(self) -> str:
        """That what the workload or its verdict asks about cannot be chosen here."""
        if not self._wanted or any(same(one.model, self._wanted) for one in self._targets):
            return ""
        return self.tr(
            "{0} is meant, and is not installed here: pull it on Models, or measure another."
        ).format(self._wanted)

    def _say(self) -> None:
        words = ""
        if self.chosen is Place.RECORDED:
            words = self.problem or self.tr("Nobody is asked: the answers are in the file.")
        elif self.chosen is Place.HERE:
            words = self.problem if not self._targets else self._instead_of()
        elif self.target is not None:
            words = self.tr("Every prompt is sent there.")
        self.note.setText(words)
        self.note.setVisible(bool(words))
