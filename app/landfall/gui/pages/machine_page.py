"""Machine: accelerators with their memory, facts with their source, power, and what was tried."""

from __future__ import annotations

from functools import partial
from importlib import import_module
from typing import TYPE_CHECKING

from PySide6.QtCore import Signal, Slot
from PySide6.QtGui import QGuiApplication
from PySide6.QtWidgets import QWidget

from landfall.gui.allowed import allow
from landfall.gui.format import plain
from landfall.gui.hosts.card import HostsCard
from landfall.gui.machine.facts import as_text, facts, tried
from landfall.gui.machine.memory import accelerator_memory, host_memory
from landfall.gui.machine.picker import MachinePicker
from landfall.gui.machine.power_card import PowerCard
from landfall.gui.machine.waiting_memory import BAR, WaitingMemory, in_pairs
from landfall.gui.outside import open_page
from landfall.gui.page import Page, PageState
from landfall.gui.server_state import DOWNLOAD_PAGE, missing
from landfall.gui.theme import Space, Text
from landfall.gui.translated import all_translated, translated
from landfall.gui.units import Unit
from landfall.gui.widgets.feedback import Skeleton, State, StateLine
from landfall.gui.widgets.layout import (
    Card,
    Swap,
    button,
    clear,
    column,
    hairline,
    holder,
    label,
)
from landfall.gui.widgets.memory_bar import MemoryBar
from landfall.gui.widgets.numbers import OriginLegend
from landfall.gui.widgets.table_model import Column
from landfall.gui.widgets.tables import DataTable
from landfall.gui.widgets.two_parts import SideBySide
from landfall.gui.widgets.unfolded import ScrollsTo

if TYPE_CHECKING:
    from landfall.core.machine.hardware import Accelerator, HardwareProfile
    from landfall.gui.app_state import AppState
    from landfall.gui.hosts.desk import HostDesk
    from landfall.gui.machine.asked_machine import AskedMachine
    from landfall.gui.messages import Messages


class MachinePage(Page):
    """What this machine is made of, and how we know.

    Signals:
        look_again_asked: Every probe should be asked again.
        ollama_start_asked: The installed server should start.
        override_asked: The user wants to correct a field.
        plug_asked: The user wants to connect a plug, or let it go.
        wall_asked: The user wants to calibrate at the wall.
        people_asked: The user wants to know how many people a model serves here.
    """

    look_again_asked = Signal()
    ollama_start_asked = Signal()
    override_asked = Signal()
    plug_asked = Signal()
    wall_asked = Signal()
    people_asked = Signal()

    def __init__(
        self, state: AppState, messages: Messages, *, hosts: HostDesk | None = None
    ) -> None:
        """Make it.

        Args:
            hosts: Other servers of models; None shows none, as where nothing stands behind it.
        """
        super().__init__(self.tr("Machine"))
        self._state, self._messages = state, messages
        self.hosts = HostsCard(hosts) if hosts is not None else None
        self._memory = column(spacing=Space.L)
        self._facts = Swap(Skeleton(360, 300, 420, 280, 380, 320))
        self._tried = column(spacing=0)
        self._ollama = column(spacing=0)
        self._power_card = PowerCard(messages)
        self._power_card.plug_asked.connect(self.plug_asked)
        self._power_card.wall_asked.connect(self.wall_asked)
        self._ollama_card = Card(self.tr("Ollama"))
        self.picker = MachinePicker(state)
        self._asked: AskedMachine | None = None
        self._build()
        self._connect()
        self.refresh()

    def _build(self) -> None:
        self._copy = button(self.tr("Copy as text"), icon="copy")
        self._copy.setObjectName("copy-machine")
        people = button(self.tr("How many people?"), icon="people")
        people.setObjectName("people")
        people.clicked.connect(self.people_asked)
        self.add_action(OriginLegend(), people, self._copy, self.picker)
        override = button(self.tr("Correct\u2026"), "link")
        override.setObjectName("override")
        override.clicked.connect(self.override_asked)
        again = button(self.tr("Check again"), "link")
        again.setObjectName("check-again")
        again.clicked.connect(self.look_again_asked)
        facts_card = Card(self.tr("Facts"), override).bleed().add(self._facts)
        self._tried_card = Card(self.tr("What was tried"), again)
        self._tried_card.body.setSpacing(Space.XS)
        self._tried_card.add(self._tried)
        self._ollama_card.body.setSpacing(0)
        self._ollama_card.add(self._ollama)
        left = column(self._ollama_card, facts_card, spacing=Space.L)
        right = column(self._power_card, self._tried_card, spacing=Space.L)
        sides = SideBySide(holder(left), holder(right))
        here = column(self._memory, spacing=Space.L)
        if self.hosts is not None:
            self.hosts.jump.connect(self.jump)
            self.hosts.unfolded.connect(ScrollsTo(self).reveal)
            here.addWidget(self.hosts)
        here.addWidget(sides)
        self._here = holder(here)
        self.body.addWidget(self._here)
        self.body.addStretch(1)

    def _connect(self) -> None:
        self._copy.clicked.connect(self.on_copy)
        self._state.profile_changed.connect(self.on_changed)
        self._state.runtimes_changed.connect(self.on_changed)
        self._state.models_changed.connect(self.on_changed)
        self._state.what_if_changed.connect(self.on_changed)

    @Slot()
    def on_changed(self) -> None:
        """A probe answered."""
        if self.isVisible():
            self.refresh()

    @Slot()
    def on_copy(self) -> None:
        """The whole page as text, for a message or a bug report."""
        profile = self._state.profile
        if profile is not None:
            said = as_text(profile, self._state.power_sources or (), self._state.runtimes or ())
            QGuiApplication.clipboard().setText(said)
            self._messages.toast(self.tr("Copied the machine as text"))

    def open_at(self, detail: str) -> None:
        """Scroll to the card that was asked for; "add-host" opens the form of a new host too."""
        card = {
            "power": self._power_card,
            "ollama": self._ollama_card,
            "hosts": self.hosts,
            "add-host": self.hosts,
        }.get(detail)
        if card is not None:
            # What was asked for is this machine's, also while another one is asked about.
            self._here.show()
            self.ensureWidgetVisible(card)
        if detail == "add-host" and self.hosts is not None:
            self.hosts.on_add()

    def refresh(self) -> None:
        """Show what is known."""
        profile = self._state.profile
        allow(self._copy, "" if profile is not None else self._why_no_copy())
        # Below the power of sensors, of which nobody knows yet how many there are.
        self._tried_card.setVisible(profile is not None)
        self._fill_ollama()
        if self._state.power_sources is not None:
            self._power_card.show_sources(self._state.power_sources)
        if profile is not None:
            self._fill_memory(profile)
            self._fill_facts(profile)
            self._fill_tried(profile)
        elif self._state.profile_error:
            self._fill_failure(self._state.profile_error)
        else:
            self._fill_skeleton()
        self.say(self._sentence(profile))
        self.set_state(self._where(profile))
        self._fill_asked()

    def _why_no_copy(self) -> str:
        if self._state.profile_error:
            return self.tr("This machine could not be read.")
        return self.tr("The machine is still being looked at.")

    def _fill_asked(self) -> None:
        """Another machine takes the place of this one, and the sentence says so."""
        asked = self._state.what_if
        self._here.setVisible(asked is None)
        self._copy.setVisible(asked is None)
        if asked is not None and self._asked is None:
            # Imported here: who asks about no other machine does not pay for the catalogue.
            module = import_module("landfall.gui.machine.asked_machine")
            self._asked = module.AskedMachine(self._state, self._messages, self)
            self.body.insertWidget(0, self._asked.view)
        if self._asked is not None:
            self._asked.show_now()
        if asked is None:
            return
        self.say(
            self.tr("A machine that is not at hand, as it is published or as you described it.")
        )
        self.set_state(PageState.READY)

    def _where(self, profile: HardwareProfile | None) -> PageState:
        if profile is None:
            return PageState.FAILED if self._state.profile_error else PageState.LOADING
        if not profile.accelerators:
            return PageState.EMPTY
        sources = self._state.power_sources or ()
        blind = not any(source.available for source in sources)
        return PageState.PARTIAL if profile.failures or blind else PageState.READY

    def _sentence(self, profile: HardwareProfile | None) -> str:
        if profile is None:
            if self._state.profile_error:
                return self.tr("This machine could not be read.")
            return self.tr("Asking the drivers and the system. Nothing is sent anywhere.")
        system = f"{profile.system.version}, {profile.system.arch}"
        if not profile.accelerators:
            return self.tr("{0}. No accelerator: models run on the processor.").format(system)
        return system

    def _fill_skeleton(self) -> None:
        if self._memory.count() == 0:
            name, expected = self.tr("Memory"), self._state.expected_accelerators
            cards = [WaitingMemory(name, main=i == expected) for i in range(expected + 1)]
            for pair in in_pairs(cards):
                self._memory.addWidget(pair)

    def _fill_failure(self, error: str) -> None:
        clear(self._memory)
        title = self.tr("Detection stopped")
        line = StateLine(State.FAILED, title, error, action=self.tr("Check again"))
        line.triggered.connect(self.look_again_asked)
        self._memory.addWidget(Card().add(line))

    def _fill_memory(self, profile: HardwareProfile) -> None:
        clear(self._memory)
        loaded = self._state.loaded or ()
        alone = loaded if len(profile.accelerators) == 1 else ()
        cards = [
            self._accelerator_card(i, accelerator, profile)
            for i, accelerator in enumerate(profile.accelerators)
        ]
        for card, accelerator in zip(cards, profile.accelerators, strict=True):
            memory = accelerator_memory(accelerator, alone)
            if memory is None:
                card.add(label(self.tr("How much of its memory is in use is unknown."), wrap=True))
            else:
                bar = MemoryBar(height=BAR, columns=2)
                bar.set_memory(memory[0], total_bytes=memory[1])
                card.add(bar)
            for reason in all_translated(accelerator.reasons):
                card.add(hairline(), label(reason, Text.CAPTION, tone="text_2", wrap=True))
        cards.append(self._ram_card(profile))
        for card in cards:
            card.fill()
        for pair in in_pairs(cards):
            self._memory.addWidget(pair)

    def _accelerator_card(
        self, index: int, accelerator: Accelerator, profile: HardwareProfile
    ) -> Card:
        name = accelerator.name
        if len(profile.accelerators) > 1:
            name = self.tr("GPU {0}: {1}").format(index, accelerator.name)
        total = accelerator.memory_total_bytes
        size = "" if total is None else f"{plain(total, Unit.MEMORY_BYTES)}, "
        return Card(name, note=f"{size}{accelerator.source}")

    def _ram_card(self, profile: HardwareProfile) -> Card:
        segments, total = host_memory(profile, self._state.loaded or ())
        # Alone in its row it is twice as wide: numbers then stand beside their names.
        alone = len(profile.accelerators) % 2 == 0
        bar = MemoryBar(height=BAR, columns=4 if alone else 2)
        bar.set_memory(segments, total_bytes=total)
        size = plain(total, Unit.MEMORY_BYTES)
        card = Card(self.tr("Main memory"), note=size).add(bar)
        if profile.accelerators:
            words = self.tr("Layers go here when the GPU is full, and run at this memory's speed.")
        else:
            words = self.tr("Models run here: small ones at reading speed, large ones slowly.")
        return card.add(hairline(), label(words, Text.CAPTION, tone="text_2", wrap=True))

    def _fill_facts(self, profile: HardwareProfile) -> None:
        content = self._facts.content
        if not isinstance(content, DataTable):
            columns = (
                Column(self.tr("What, and how we know")),
                Column(self.tr("Value"), 160, right=True),
            )
            content = DataTable(columns, self.tr("Facts"))
            self._facts.hold(content)
        content.set_rows(facts(profile))

    def _fill_tried(self, profile: HardwareProfile) -> None:
        clear(self._tried)
        for line in tried(profile):
            self._tried.addWidget(StateLine(line.state, line.title, line.detail))

    def _fill_ollama(self) -> None:
        clear(self._ollama)
        runtimes = self._state.runtimes
        if runtimes is None:
            # The address will stand below it.
            words = self.tr("Looking for Ollama")
            self._ollama.addWidget(StateLine(State.RUNNING, words, keeps_detail=True))
            return
        first = runtimes[0] if runtimes else None
        if first is None or first.state == "absent":
            self._ollama.addWidget(self._absent())
            return
        name = translated(first.words)
        if first.state == "stopped" and self._state.starting:
            started = self.tr("It ends with Landfall.")
            line = StateLine(State.RUNNING, self.tr("Ollama is starting"), started)
        elif first.state == "stopped":
            title = self.tr("Ollama is installed and stopped")
            line = StateLine(State.TODO, title, first.url, action=self.tr("Start Ollama"))
            line.triggered.connect(self.ollama_start_asked)
        elif (gap := missing((first,))) is not None:
            line = StateLine(State.FAILED, gap.title, gap.text)
        else:
            ours = self.tr("{0}, started by Landfall: it ends with it")
            line = StateLine(State.DONE, name, ours.format(first.url) if first.ours else first.url)
        self._ollama.addWidget(line)
        for warning in all_translated(first.warnings):
            self._ollama.addWidget(StateLine(State.PARTIAL, self.tr("Warning"), warning))

    def _absent(self) -> QWidget:
        missing = StateLine(
            State.FAILED,
            self.tr("Ollama is not installed"),
            self.tr(
                "Its page has the installer for this system. Then press \u201cCheck again\u201d."
            ),
            action=self.tr("Get Ollama"),
        )
        missing.triggered.connect(self.on_download)
        other = StateLine(
            State.TODO,
            self.tr("Or use one on another machine"),
            self.tr("Give it a name and its address; whether it answers is shown before you save.")
            if self.hosts is not None
            else self.tr("Give its address in Settings."),
            action=self.tr("Add a host"),
        )
        other.setObjectName("connect-host")
        if self.hosts is not None:
            other.triggered.connect(self.hosts.on_add)
        else:
            other.triggered.connect(partial(self.jump.emit, "settings", "hosts"))
        return holder(column(missing, other, spacing=0))

    @Slot()
    def on_download(self) -> None:
        """Open the page of the runtime's makers in the browser."""
        open_page(DOWNLOAD_PAGE, self)
