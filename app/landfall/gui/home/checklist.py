"""What is missing for a verdict of one's own: one line a thing, each with its button."""

from __future__ import annotations

from dataclasses import dataclass
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, Signal
from PySide6.QtWidgets import QWidget

from landfall.gui.format import capital, plain, whole
from landfall.gui.translated import translated
from landfall.gui.units import Unit
from landfall.gui.widgets.feedback import State, StateLine
from landfall.gui.widgets.layout import column, hairline
from landfall.services.late_imports import late

if TYPE_CHECKING:
    from landfall.core.machine.hardware import HardwareProfile
    from landfall.gui.app_state import AppState


@dataclass(frozen=True, slots=True)
class Item:
    """A line with its button: where it leads, and what is asked for there."""

    state: State
    title: str
    detail: str
    action: str = ""
    page: str = ""
    detail_asked: str = ""


class Checklist(QWidget):
    """Hardware, power, Ollama, electricity, a workload.

    Signals:
        jump: A page and a detail. ollama_start_asked: the installed server should start.
    """

    jump = Signal(str, str)
    ollama_start_asked = Signal()

    def __init__(self, state: AppState) -> None:
        super().__init__()
        self._state = state
        self._items: tuple[Item, ...] = ()
        self._lines: list[StateLine] = []
        layout = column(spacing=0)
        for i in range(5):
            if i:
                layout.addWidget(hairline())
            line = StateLine(State.TODO, " ", padding=9)
            line.triggered.connect(partial(self._on_line, i))
            self._lines.append(line)
            layout.addWidget(line)
        self.setLayout(layout)

    def fill(self) -> tuple[Item, ...]:
        """Show where each thing stands; returns the lines."""
        self._items = (
            self._hardware(),
            self._power(),
            self._ollama(),
            self._electricity(),
            self._workload(),
        )
        for line, item in zip(self._lines, self._items, strict=True):
            line.show_line(item.state, item.title, item.detail, action=item.action)
        return self._items

    def _on_line(self, index: int) -> None:
        item = self._items[index]
        if item.page:
            self.jump.emit(item.page, item.detail_asked)
        else:
            self.ollama_start_asked.emit()

    def _hardware(self) -> Item:
        title = self.tr("Hardware")
        profile, error = self._state.profile, self._state.profile_error
        show = self.tr("Show")
        if profile is not None:
            return Item(State.DONE, title, _hardware_words(profile))
        if error:
            return Item(State.FAILED, title, error, show, "machine")
        return Item(State.RUNNING, title, self.tr("Asking the drivers and the system"))

    def _power(self) -> Item:
        title = self.tr("Power sensors")
        sources = self._state.power_sources
        if sources is None:
            return Item(State.RUNNING, title, self.tr("Looking for what can be read"))
        readable = dict.fromkeys(source.scope for source in sources if source.available)
        if readable:
            said = self.tr("Readable while something runs: {0}").format(", ".join(readable))
            return Item(State.DONE, title, said)
        nothing = [self.tr("None can be read, so energy stays unknown.")]
        reasons = dict.fromkeys(source.reason for source in sources if source.reason)
        nothing += [f"{capital(reason).rstrip('.')}." for reason in reasons]
        why = self.tr("Show why")
        return Item(State.PARTIAL, title, " ".join(nothing), why, "machine", "power")

    def _ollama(self) -> Item:
        runtimes = self._state.runtimes
        if runtimes is None:
            return Item(State.RUNNING, self.tr("Ollama"), self.tr("Looking for a server"))
        first = runtimes[0] if runtimes else None
        state = first.state if first else "absent"
        if first is None or state == "absent":
            without = self.tr(
                "Fit, prices and provisional verdicts work without it. Running and measuring do"
                " not."
            )
            action = self.tr("Get Ollama")
            return Item(
                State.FAILED,
                self.tr("Ollama is not installed"),
                without,
                action,
                "machine",
                "ollama",
            )
        if state == "stopped" and self._state.starting:
            started = self.tr("It ends with Landfall.")
            return Item(State.RUNNING, self.tr("Ollama is starting"), started)
        if state == "stopped":
            where = self.tr("It is installed and does not answer at {0}.").format(first.url)
            return Item(State.TODO, self.tr("Ollama is stopped"), where, self.tr("Start Ollama"))
        gap = late("landfall.gui.server_state").missing((first,))
        warning = translated(first.warnings[0]) if first.warnings else ""
        if gap is not None:
            show = self.tr("Show")
            return Item(State.FAILED, gap.title, warning or gap.text, show, "machine", "ollama")
        title = translated(first.words)
        if warning:
            return Item(State.PARTIAL, title, warning, self.tr("Show"), "machine", "ollama")
        return Item(State.DONE, title, first.url)

    def _electricity(self) -> Item:
        title = self.tr("Electricity price")
        tariff = self._state.settings.electricity
        if tariff is not None:
            # Imported here: most homes have none.
            words = late("landfall.gui.settings.tariff_words").tariff_words(tariff)
            said = self.tr("{0}, as you said").format(words)
            return Item(State.DONE, title, said)
        missing = self.tr("Yours decides what running here costs. Until then a dated average does.")
        action = self.tr("Set price")
        return Item(State.TODO, title, missing, action, "settings", "electricity")

    def _workload(self) -> Item:
        title = self.tr("A workload of your own")
        own = [w for w in self._state.workloads or () if not w.sample]
        if own:
            return Item(State.DONE, title, own[0].name)
        what = self.tr("What runs, how often, how private. About a minute.")
        return Item(State.TODO, title, what, self.tr("Describe it"), "workloads", "new")


def _hardware_words(profile: HardwareProfile) -> str:
    parts = []
    for accelerator in profile.accelerators:
        size = accelerator.memory_total_bytes
        memory = "" if size is None else f" {plain(size, Unit.MEMORY_BYTES)}"
        parts.append(f"{accelerator.name}{memory}")
    cpu = profile.cpu
    words = QCoreApplication.translate("checklist", "{0}, {1} cores")
    count = cpu.physical_cores
    parts.append(words.format(cpu.name, whole(count)) if count else cpu.name)
    parts.append(f"{plain(profile.ram.total_bytes, Unit.MEMORY_BYTES)} RAM")
    return "; ".join(parts)
