"""What the window knows of the world now: frozen values and a signal for each.

None means "not known yet": a page shows a skeleton. An empty tuple means "asked, there is none".
Values are set by the services' side (bootstrap) in the GUI thread; pages read them and listen.
"""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QObject, Signal

if TYPE_CHECKING:
    from landfall.core.hosts.hosts import Host, HostReading
    from landfall.core.hosts.runtime import InstalledModel, LoadedModel, Runtime
    from landfall.core.machine.hardware import HardwareProfile
    from landfall.core.settings import Settings
    from landfall.gui.app_values import PowerSensor, RunningTask, WorkloadSummary


class AppState(QObject):
    """The state of the window. No behaviour: a setter stores and tells.

    Attributes:
        expected_accelerators: How many the machine had when it was last seen, for the room that
            they get until it is seen again; most machines have one.

    Signals:
        profile_changed: `profile`, `power_sources` or `profile_error`.
        what_if_changed: `what_if`.
        runtimes_changed: `runtimes`.
        models_changed: `installed`, `loaded` or `listed`.
        settings_changed: `settings`.
        workloads_changed: `workloads` or `workloads_error`.
        running_changed: `running`.
        host_changed: `chosen_host`.
    """

    profile_changed = Signal()
    what_if_changed = Signal()
    runtimes_changed = Signal()
    models_changed = Signal()
    settings_changed = Signal()
    workloads_changed = Signal()
    running_changed = Signal()
    host_changed = Signal()

    def __init__(
        self, settings: Settings | Callable[[], Settings], parent: QObject | None = None
    ) -> None:
        super().__init__(parent)
        self.expected_accelerators = 1
        self._settings = settings
        self._chosen_host: Host | None = None
        self._profile: HardwareProfile | None = None
        self._profile_error = ""
        self._what_if: HardwareProfile | None = None
        self._power_sources: tuple[PowerSensor, ...] | None = None
        self._runtimes: tuple[Runtime, ...] | None = None
        self._own_runtimes: tuple[Runtime, ...] | None = None
        self._starting = False
        self._installed: tuple[InstalledModel, ...] | None = None
        self._loaded: tuple[LoadedModel, ...] | None = None
        self._listed: HostReading | None = None
        self._workloads: tuple[WorkloadSummary, ...] | None = None
        self._workloads_error = ""
        self._running: tuple[RunningTask, ...] = ()

    @property
    def settings(self) -> Settings:
        """The preferences of the user; read when they are first asked for."""
        if callable(self._settings):
            self._settings = self._settings()
        return self._settings

    def set_settings(self, settings: Settings) -> None:
        """They were changed and are stored."""
        if settings != self.settings:
            moved = settings.ollama_url != self.settings.ollama_url
            self._settings = settings
            self.settings_changed.emit()
            if moved and self._chosen_host is not None:
                # Nobody looks at the new address while another host is spoken with.
                self._own_runtimes = None
                self.runtimes_changed.emit()

    @property
    def chosen_host(self) -> Host | None:
        """The kept host that the window speaks with until it is closed; None for the server of the
        settings."""
        return self._chosen_host

    def set_chosen_host(self, host: Host | None) -> None:
        """Another server is spoken with: what the one before told is forgotten."""
        if host != self._chosen_host:
            self._chosen_host = host
            self._runtimes = self._installed = self._loaded = self._listed = None
            self.host_changed.emit()
            self.runtimes_changed.emit()
            self.models_changed.emit()

    @property
    def server_settings(self) -> Settings:
        """The settings with the address of the server that the window speaks with."""
        if self._chosen_host is None:
            return self.settings
        return replace(self.settings, ollama_url=self._chosen_host.url)

    @property
    def profile(self) -> HardwareProfile | None:
        """This machine, or None while it is being found out."""
        return self._profile

    @property
    def profile_error(self) -> str:
        """Why the machine could not be found out, or ""."""
        return self._profile_error

    def set_profile(self, profile: HardwareProfile) -> None:
        """Detection ended."""
        self._profile, self._profile_error = profile, ""
        self.profile_changed.emit()

    def set_profile_error(self, reason: str) -> None:
        """Detection failed as a whole; single probes that fail are part of the profile."""
        self._profile_error = reason
        self.profile_changed.emit()

    @property
    def what_if(self) -> HardwareProfile | None:
        """The machine that fit and speed are asked for in place of this one, or None.

        What is installed, loaded or pulled is always this machine's, or its server's.
        """
        return self._what_if

    def set_what_if(self, profile: HardwareProfile | None) -> None:
        """Another machine is asked about, or this one again."""
        if profile != self._what_if:
            self._what_if = profile
            self.what_if_changed.emit()

    @property
    def power_sources(self) -> tuple[PowerSensor, ...] | None:
        """Sensors of power, readable or not."""
        return self._power_sources

    def set_power_sources(self, sources: tuple[PowerSensor, ...]) -> None:
        """They were looked for."""
        if sources != self._power_sources:
            self._power_sources = sources
            self.profile_changed.emit()

    @property
    def runtimes(self) -> tuple[Runtime, ...] | None:
        """Servers of models; the first is the one in use."""
        return self._runtimes

    def set_runtimes(self, runtimes: tuple[Runtime, ...]) -> None:
        """They were looked for."""
        if self._chosen_host is None:
            self._own_runtimes = runtimes
        if runtimes != self._runtimes:
            self._runtimes = runtimes
            self.runtimes_changed.emit()

    @property
    def own_runtimes(self) -> tuple[Runtime, ...] | None:
        """The same of the server of the settings, as last seen where a kept host is chosen."""
        return self._own_runtimes

    @property
    def starting(self) -> bool:
        """Whether the installed server was asked to start and does not answer yet."""
        return self._starting

    def set_starting(self, starting: bool) -> None:
        """It was asked to start, or this has ended either way."""
        if starting != self._starting:
            self._starting = starting
            self.runtimes_changed.emit()

    @property
    def installed(self) -> tuple[InstalledModel, ...] | None:
        """Models on the server's disk; None also while no server answers."""
        return self._installed

    @property
    def loaded(self) -> tuple[LoadedModel, ...] | None:
        """Models in the server's memory; None also while no server answers."""
        return self._loaded

    def set_models(
        self,
        installed: tuple[InstalledModel, ...] | None,
        loaded: tuple[LoadedModel, ...] | None,
    ) -> None:
        """The server told what it has."""
        if (installed, loaded) != (self._installed, self._loaded):
            self._installed, self._loaded = installed, loaded
            self.models_changed.emit()

    @property
    def listed(self) -> HostReading | None:
        """What the chosen host tells, where that is no Ollama: its models are listed and run.

        `installed` and `loaded`, which are managed here, are then empty.
        """
        return self._listed

    def set_listed(self, reading: HostReading, runtime: Runtime) -> None:
        """The chosen host, which is no Ollama, was looked at."""
        changed = self._listed is None or self._listed.models != reading.models
        self._listed = reading
        self.set_runtimes((runtime,))
        answers = runtime.version is not None
        models: tuple[()] | None = () if answers else None
        changed |= (self._installed, self._loaded) != (models, models)
        self._installed = self._loaded = models
        if changed:
            self.models_changed.emit()

    @property
    def workloads(self) -> tuple[WorkloadSummary, ...] | None:
        """The user's workloads with their verdicts."""
        return self._workloads

    @property
    def workloads_error(self) -> str:
        """Why the saved workloads could not be read, or ""."""
        return self._workloads_error

    def set_workloads(self, workloads: tuple[WorkloadSummary, ...], *, error: str = "") -> None:
        """They were read and decided."""
        if (workloads, error) != (self._workloads, self._workloads_error):
            self._workloads, self._workloads_error = workloads, error
            self.workloads_changed.emit()

    @property
    def running(self) -> tuple[RunningTask, ...]:
        """What is under way."""
        return self._running

    def set_running(self, tasks: tuple[RunningTask, ...]) -> None:
        """Something began, went on or ended."""
        if tasks != self._running:
            self._running = tasks
            self.running_changed.emit()
