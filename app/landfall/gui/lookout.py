"""Looks at the world when somebody asks, and tells the state of the window.

Nothing here ticks: it looks at the start, when the window becomes active again, and after
something that changes what there is to see.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Qt, Signal, Slot
from PySide6.QtGui import QGuiApplication

from landfall.core.errors import AppError, OllamaUnavailable
from landfall.gui.hints import failure_words
from landfall.gui.host_names import keep_names
from landfall.gui.seen_machine import SeenMachine, calibrated, machine_of, room_of, sensor_of
from landfall.gui.server_state import is_here
from landfall.services.late_imports import late

if TYPE_CHECKING:
    from landfall.core.hosts.hosts import Host as Kept
    from landfall.core.hosts.hosts import HostReading
    from landfall.core.hosts.runtime import InstalledModel, LoadedModel, Runtime
    from landfall.core.machine.hardware import HardwareProfile
    from landfall.core.speed.calibration import CalibrationPoint
    from landfall.gui.app_state import AppState
    from landfall.gui.hosts.desk import HostsBehind
    from landfall.gui.messages import Messages
    from landfall.gui.tasks import TaskRunner
    from landfall.services.history.history import History
    from landfall.services.ollama.server_in_use import Host
    from landfall.services.run.runs import Runs
    from landfall.services.verdict.decided import Entry, Sums
    from landfall.services.verdict.rounds import Round, Rounds


OLLAMA = "ollama"
"""The kind of the servers whose models are managed here: `core.hosts.hosts.HostKind.OLLAMA`."""


class Lookout(QObject):
    """Fills AppState. A look that is asked for while one of its kind runs follows it.

    Signals:
        decided: The workloads were decided anew: `entries`.
    """

    decided = Signal()

    def __init__(
        self,
        state: AppState,
        tasks: TaskRunner,
        messages: Messages,
        *,
        host: Host,
        runs: Runs,
        rounds: Rounds,
        history: History,
        hosts: Callable[[], HostsBehind] | None = None,
    ) -> None:
        """Look at nothing yet.

        Args:
            hosts: What looks at a chosen host that is no Ollama.
        """
        super().__init__(state)
        self._hosts = hosts
        self._state = state
        self._tasks = tasks
        self._messages = messages
        self._host = host
        self._runs = runs
        self._rounds = rounds
        self._history = history
        self._asked_host: Kept | None = None
        self._kept: tuple[Kept, ...] = ()
        self._found: HardwareProfile | None = None
        self._points: tuple[CalibrationPoint, ...] = ()
        self._round: Round | None = None
        self._entries: tuple[Entry, ...] | None = None
        self._sums: Sums | None = None
        self._checked: set[str] = set()
        self._under_way: set[str] = set()
        self._asked_again: set[str] = set()
        self._seen_later: list[Callable[[], None]] = []

    @Slot()
    def start(self) -> None:
        """Look at everything once, and again whenever the window becomes active."""
        self._state.settings_changed.connect(self._on_settings)
        self._state.host_changed.connect(self.ollama)
        self._on_settings()
        self.machine()
        self.ollama()
        self.workloads()
        application = QGuiApplication.instance()
        if isinstance(application, QGuiApplication):
            application.applicationStateChanged.connect(self.on_application_state)

    @Slot()
    def _on_settings(self) -> None:
        """Answers from now on cost what electricity costs now; a host may not be kept any more,
        or be called or reached otherwise."""
        settings = self._state.settings
        keep_names(settings.hosts)
        if self._state.chosen_host is not None:
            late("landfall.gui.hosts.spoken_with").follow(self._state, self._kept)
        self._kept = settings.hosts
        self._runs.use_tariff(settings.electricity, settings.wall_calibration)

    @Slot()
    def start_again(self) -> None:
        """Ask every probe again."""
        self.machine()
        self.ollama()

    @Slot(Qt.ApplicationState)
    def on_application_state(self, now: Qt.ApplicationState) -> None:
        """The user comes back: a server may have been started or stopped meanwhile."""
        if now is Qt.ApplicationState.ApplicationActive:
            self.ollama()

    # What can be looked at

    @Slot()
    def machine(self) -> None:
        """Accelerators, memory, disk and sensors."""
        self._look("machine", self._see_machine)

    @Slot()
    def ollama(self) -> None:
        """The server and its models."""
        self._look("ollama", self._see_ollama)

    @Slot()
    def models(self) -> None:
        """What the server has on its disk and in its memory."""
        if self._other_kind() is not None:
            self.ollama()  # one look tells everything of such a server
            return
        self._look("models", self._see_models)

    @Slot()
    def workloads(self) -> None:
        """The saved workloads and their verdicts."""
        self._look("workloads", self._see_workloads)

    @Slot(str)
    def checked(self, name: str) -> None:
        """Somebody looked at a verdict and lets it stand: it counts from now on."""
        self._checked |= {name}
        self.workloads()

    @Slot()
    def checked_all(self) -> None:
        """The same for every workload that is to be checked."""
        self._checked |= {one.name for one in self._state.workloads or () if one.stale}
        self.workloads()

    @Slot()
    def calibration(self) -> None:
        """The calibrations that are kept: one was made or dropped."""
        reading = self._tasks.run(self._history.calibration_points())
        reading.succeeded.connect(self._on_points)
        reading.failed.connect(self._messages.fail)

    @Slot()
    def start_ollama(self) -> None:
        """Start the server that is installed here, and look at it; once is enough."""
        if self._state.starting:
            return
        self._state.set_starting(True)
        own = self._state.settings.ollama_url
        task = self._tasks.run(self._host.start(self._state.server_settings, own=own))
        task.succeeded.connect(self._on_runtime)
        task.succeeded.connect(self._on_answers)
        task.failed.connect(self._messages.fail)
        task.finished.connect(self._on_started)

    @Slot(object)
    def _on_answers(self, found: Runtime) -> None:
        """Other programs look for it at its usual port: say where it is."""
        if found.ours:
            said = self.tr("Ollama answers at {0}, a free port, and ends with Landfall")
            self._messages.toast(said.format(found.url))

    @Slot()
    def _on_started(self) -> None:
        self._state.set_starting(False)

    # How

    def _look(self, kind: str, see: Callable[[], None]) -> None:
        if kind in self._under_way:
            self._asked_again.add(kind)
            return
        self._under_way.add(kind)
        see()

    def _seen(self, kind: str, see: Callable[[], None]) -> None:
        self._under_way.discard(kind)
        if kind in self._asked_again:
            self._asked_again.discard(kind)
            self._look(kind, see)

    def _see_machine(self) -> None:
        task = self._tasks.run(machine_of(self._state, self._history))
        task.succeeded.connect(self._on_machine)
        task.failed.connect(self._on_machine_failed)
        task.finished.connect(self._on_machine_seen)

    @Slot(object)
    def _on_machine(self, seen: SeenMachine) -> None:
        self._found, watch, self._points = seen
        known = self._runs.power
        if known is None or not known.alike(watch):
            # The same sensors again: what they are known to draw at rest is kept.
            self._runs.use_power(watch)
        self._tell_profile()
        self._state.set_power_sources(tuple(sensor_of(source) for source in watch.sources))

    @Slot(object)
    def _on_points(self, points: tuple[CalibrationPoint, ...]) -> None:
        self._points = points
        self._tell_profile()
        self.workloads()

    def _tell_profile(self) -> None:
        """A machine that is as it was is told to nobody."""
        if self._found is None:
            return
        profile = calibrated(self._found, self._points, self._state.runtimes)
        if profile != self._state.profile:
            self._state.set_profile(profile)

    @Slot(object)
    def _on_machine_failed(self, error: Exception) -> None:
        self._state.set_profile_error(failure_words(error))
        self._messages.fail(error)

    @Slot()
    def _on_machine_seen(self) -> None:
        self._seen("machine", self._see_machine)
        waiting, self._seen_later = self._seen_later, []
        for see in waiting:
            see()

    def _see_ollama(self) -> None:
        self._asked_host = self._state.chosen_host
        other = self._other_kind()
        if other is not None and self._hosts is not None:
            look = self._listed(other, self._hosts())
            task = self._tasks.run(look)
            task.succeeded.connect(self._on_listed)
            task.failed.connect(self._messages.fail)
            task.finished.connect(self._on_ollama_seen)
            return
        own = self._state.settings.ollama_url
        task = self._tasks.run(self._host.look(self._state.server_settings, own=own))
        task.succeeded.connect(self._on_runtime)
        task.failed.connect(self._messages.fail)
        task.finished.connect(self._on_ollama_seen)

    def _other_kind(self) -> Kept | None:
        """The chosen host where that is no Ollama."""
        host = self._state.chosen_host
        return host if host is not None and host.kind != OLLAMA else None

    async def _listed(self, host: Kept, behind: HostsBehind) -> HostReading:
        await self._host.leave(host.name)
        return await behind.looked_at(host, self._state.settings)

    @Slot(object)
    def _on_listed(self, reading: HostReading) -> None:
        if reading.host != self._state.chosen_host:
            return  # of the host before
        runtime_of = late("landfall.core.hosts.host_runtime").runtime_of
        self._state.set_listed(reading, runtime_of(reading))
        self._tell_profile()

    @Slot(object)
    def _on_runtime(self, found: Runtime) -> None:
        if self._asked_host != self._state.chosen_host:
            return  # of the host before; the one that is chosen now is looked at next
        self._state.set_runtimes((found,))
        if self._points:
            # Another version of the server makes a calibration old.
            self._tell_profile()
        self.models()

    @Slot()
    def _on_ollama_seen(self) -> None:
        self._seen("ollama", self._see_ollama)

    def _see_models(self) -> None:
        task = self._tasks.run(self._host.models())
        task.succeeded.connect(self._on_models)
        task.failed.connect(self._on_no_models)
        task.finished.connect(self._on_models_seen)

    @Slot(object)
    def _on_models(self, found: tuple[tuple[InstalledModel, ...], tuple[LoadedModel, ...]]) -> None:
        runtimes = self._state.runtimes
        if self._asked_host != self._state.chosen_host or runtimes is None:
            return  # of the host before
        before = self._state.loaded
        self._state.set_models(*found)
        if self._runs.power is not None and is_here(self._state.runtimes):
            self._runs.power.tell_loaded([model.name for model in found[1]])
        if before is not None and _memory_of(before) != _memory_of(found[1]):
            # What is free is another, and it is reckoned together with what is loaded.
            self.machine()

    @Slot(object)
    def _on_no_models(self, error: Exception) -> None:
        """No server is a state of the world that the pages show, and no failure."""
        if self._asked_host != self._state.chosen_host:
            return
        self._state.set_models(None, None)
        if not isinstance(error, OllamaUnavailable):
            self._messages.fail(error)

    @Slot()
    def _on_models_seen(self) -> None:
        self._seen("models", self._see_models)

    def _see_workloads(self) -> None:
        if "machine" in self._under_way:
            # The verdicts rest on the machine: they are made when it was seen.
            self._seen_later.append(self._see_workloads)
            return
        rounds = self._rounds.as_they_come(
            self._state.settings,
            room_of(self._state.profile, self._state.loaded, self._state.runtimes),
            frozenset(self._checked),
            # Later on there is something to look at while verdicts are made anew.
            glance=self._round is None,
        )
        self._checked = set()
        task = self._tasks.stream(rounds)
        task.progressed.connect(self._on_workloads)
        task.failed.connect(self._on_workloads_failed)
        task.finished.connect(self._on_workloads_seen)

    @Slot(list)
    def _on_workloads(self, rounds: list[Round]) -> None:
        made = rounds[-1]
        # What was to be kept is in the history by now.
        self._round = replace(made, verdicts=())
        self._entries, self._sums = None, None
        self._state.set_workloads(made.lines)
        self.decided.emit()

    @property
    def entries(self) -> tuple[Entry, ...] | None:
        """The workloads with the whole of their verdicts, or None before the first decision."""
        if self._entries is None and self._round is not None:
            self._entries = self._round.unsealed()
        return self._entries

    @property
    def sums(self) -> Sums | None:
        """The workloads together, or None before the first decision."""
        if self._sums is None and self._round is not None:
            self._sums = self._round.summed()
        return self._sums

    @Slot(object)
    def _on_workloads_failed(self, error: Exception) -> None:
        self._state.set_workloads((), error=failure_words(error))
        if not isinstance(error, AppError):
            self._messages.fail(error)

    @Slot()
    def _on_workloads_seen(self) -> None:
        self._seen("workloads", self._see_workloads)


def _memory_of(loaded: tuple[LoadedModel, ...]) -> set[tuple[str, int, int]]:
    return {(model.name, model.size_bytes, model.gpu_bytes) for model in loaded}
