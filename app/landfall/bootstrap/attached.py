"""Joins the window to what stands behind it, once that is warm, and makes the pages."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from pathlib import Path
from typing import TYPE_CHECKING, Any

from PySide6.QtCore import QObject, Slot

from landfall.bootstrap.about_side import AboutSide
from landfall.bootstrap.behind import Behind
from landfall.bootstrap.machine_side import MachineSide
from landfall.bootstrap.opened_files import OpenedFiles
from landfall.core.provenance import Figure, Published, middle
from landfall.core.settings import Settings
from landfall.gui.application import Application
from landfall.gui.lookout import Lookout
from landfall.gui.messages import Notice
from landfall.gui.preferences import Preferences
from landfall.gui.tasks import TaskRunner
from landfall.services.io_loop import IoLoop
from landfall.services.late_imports import late
from landfall.services.paths import Paths

if TYPE_CHECKING:
    from landfall.gui.benchmark.view import BenchmarkView
    from landfall.gui.hosts.desk import HostDesk
    from landfall.gui.page import Page
    from landfall.gui.pages.cloud_page import CloudPage
    from landfall.gui.pages.history_page import HistoryPage
    from landfall.gui.pages.home_page import HomePage
    from landfall.gui.pages.machine_page import MachinePage
    from landfall.gui.pages.models_page import ModelsPage
    from landfall.gui.pages.run_page import RunPage
    from landfall.gui.pages.settings_page import SettingsPage
    from landfall.gui.pages.workloads_page import WorkloadsPage
    from landfall.gui.people.people_dialog import PeopleDialog
    from landfall.gui.routing.routing_dialog import RoutingDialog
    from landfall.gui.run.calibration_dialog import CalibrationDialog
    from landfall.gui.settings.tariff_editor import Electricity
    from landfall.services.cloud.access import CloudAccess
    from landfall.services.ollama.client import Ollama
    from landfall.services.ollama.downloads import Downloads
    from landfall.services.verdict.decided import Entry


class Attached(QObject):
    """The io loop, the services and the pages of one window."""

    def __init__(self, application: Application, paths: Paths) -> None:
        super().__init__(application)
        self._application = application
        self._app = application.state
        self._messages = application.messages
        self._paths = paths
        self._behind = Behind(paths, application.language)
        self._loop = IoLoop(at_end=self._behind.close)
        self._tasks = TaskRunner(self._loop, self)
        self._preferences = Preferences(self._app, self._tasks, self._messages, path=paths.settings)
        self._lookout = Lookout(
            self._app,
            self._tasks,
            self._messages,
            host=self._behind.host,
            runs=self._behind.runs,
            rounds=self._behind.rounds,
            history=self._behind.history,
            hosts=self._behind.hosts,
        )
        self._behind.use_hosts_of(self._settings_now)
        self._about = AboutSide(
            application, self._tasks, self._preferences, log=self._behind.history, paths=paths
        )
        self._machine_side = MachineSide(
            application, self._tasks, self._preferences, self._lookout, parent=self
        )
        self._files = OpenedFiles(application.window, self) if application.window else None

    def start(self) -> None:
        """Open the history, then look at the world."""
        self._loop.start()
        opening = self._tasks.run(self._behind.open())
        opening.succeeded.connect(self._on_open)
        opening.failed.connect(self._messages.fail)

    def begin_close(self) -> None:
        """Have all work end, without waiting for it; from any thread."""
        self._loop.ask_to_stop()

    def close(self, timeout_seconds: float) -> bool:
        """End all work and close what it used. False where something hangs."""
        return self._loop.stop(timeout_seconds)

    def open_files(self, files: tuple[str, ...]) -> None:
        """Show workload files on the Workloads page."""
        if self._files is not None:
            self._files.show(files)

    @Slot(object)
    def _on_open(self, interrupted: int) -> None:
        if self._behind.trouble is not None:
            self._messages.tell(self._behind.trouble, tone="caution")
        if interrupted:
            self._messages.show(
                Notice(
                    key="interrupted",
                    tone="caution",
                    title=self.tr("The last session ended in the middle of its work."),
                    text=self.tr(
                        "Runs and pulls that it cut: {0}. They are marked in History and"
                        " Downloads, with what had come."
                    ).format(interrupted),
                )
            )
        self._lookout.start()
        self._about.ask_if_due()

    def adopt(self, home: HomePage) -> None:
        """Home was made before anything stood behind it."""
        home.ollama_start_asked.connect(self._lookout.start_ollama)

    # Pages

    def page(self, name: str) -> Page:
        """Make a page with exactly what it uses; `page_imports.needed_by` has brought it."""
        makers: dict[str, Callable[[], Page]] = {
            "machine": self._machine,
            "models": self._models,
            "run": self._run,
            "cloud": self._cloud,
            "workloads": self._workloads,
            "history": self._history,
            "settings": self._settings,
        }
        return makers[name]()

    def _machine(self) -> Page:
        make: type[MachinePage] = _late("machine_page").MachinePage
        desk: type[HostDesk] = late("landfall.gui.hosts.desk").HostDesk
        hosts = desk(
            self._app,
            self._tasks,
            self._messages,
            behind=self._behind.hosts(),
            preferences=self._preferences,
            parent=self,
        )
        hosts.workloads_changed.connect(self._lookout.workloads)
        page = make(self._app, self._messages, hosts=hosts)
        page.look_again_asked.connect(self._lookout.start_again)
        page.ollama_start_asked.connect(self._lookout.start_ollama)
        self._machine_side.adopt(page)
        page.people_asked.connect(self._on_people_asked)
        return page

    def _models(self) -> Page:
        make: type[ModelsPage] = _late("models_page").ModelsPage
        return make(
            self._app,
            self._tasks,
            self._messages,
            self._lookout,
            host=self._behind.host,
            downloads=self._downloads,
            history=self._behind.history,
            paths=self._paths,
            hosts=self._behind.hosts,
        )

    def _run(self) -> Page:
        make: type[RunPage] = _late("run_page").RunPage
        page = make(
            self._app,
            self._tasks,
            self._messages,
            self._lookout,
            host=self._behind.host,
            runs=self._behind.runs,
            cloud=self._access,
            hosts=self._behind.hosts,
        )
        page.calibrate_asked.connect(self._on_calibrate_asked)
        page.benchmark_asked.connect(partial(self._on_benchmark_asked, page))
        return page

    def _cloud(self) -> Page:
        make: type[CloudPage] = _late("cloud_page").CloudPage
        return make(
            self._app,
            self._tasks,
            self._messages,
            cloud=self._access,
            preferences=self._preferences,
            history=self._behind.history,
            decide_again=self._lookout.workloads,
            keep_for_session=self._behind.keep_keys_in_memory,
        )

    def _workloads(self) -> Page:
        make: type[WorkloadsPage] = _late("workloads_page").WorkloadsPage
        page = make(
            self._app,
            self._tasks,
            self._messages,
            self._lookout,
            portfolio=late("landfall.services.verdict.portfolio").Portfolio(self._behind.history),
            gate=late("landfall.gui.workloads.gate_door").GateDoor(
                self._app,
                self._tasks,
                self._messages,
                self._lookout,
                history=self._behind.history,
                host=self._behind.host,
                runs=self._behind.runs,
                cloud=self._access,
            ),
        )
        page.routing_asked.connect(self._on_routing_asked)
        return page

    def _history(self) -> Page:
        make: type[HistoryPage] = _late("history_page").HistoryPage
        return make(self._app, self._tasks, self._messages, history=self._behind.history)

    def _settings(self) -> Page:
        make: type[SettingsPage] = _late("settings_page").SettingsPage
        return make(
            self._app,
            self._tasks,
            self._messages,
            lookout=self._lookout,
            preferences=self._preferences,
            paths=self._paths,
            electricity=_electricity(),
            about=self._about.card(),
        )

    @Slot(object, str)
    def _on_routing_asked(self, entries: tuple[Entry, ...], chosen: str) -> None:
        module = late("landfall.gui.routing.routing_dialog")
        make: type[RoutingDialog] = module.RoutingDialog
        dialog = make(
            entries,
            chosen,
            self._app.settings,
            self._tasks,
            means=module.means(self._behind.history),
            parent=self._application.window,
        )
        dialog.open()

    @Slot()
    def _on_calibrate_asked(self) -> None:
        window, profile = self._application.window, self._app.profile
        if window is None or profile is None:
            return
        known = late("landfall.services.models.shipped_catalogue").load()
        runtimes = self._app.runtimes or ()
        version = runtimes[0].version if runtimes else None
        make: type[CalibrationDialog] = late(
            "landfall.gui.run.calibration_dialog"
        ).CalibrationDialog
        dialog = make(
            known.enriched(profile),
            self._tasks,
            self._messages,
            client=self._client,
            history=self._behind.history,
            cache=self._paths.cache,
            engine=f"Ollama {version}" if version else "",
            parent=window,
        )
        dialog.calibrated.connect(self._lookout.calibration)
        dialog.open()

    def _on_benchmark_asked(self, page: RunPage) -> None:
        make: type[BenchmarkView] = late("landfall.gui.benchmark.view").BenchmarkView
        view = make(
            self._app,
            self._tasks,
            self._messages,
            client=self._client,
            runs=self._behind.runs,
            history=self._behind.history,
            cache=self._paths.cache,
        )
        view.people_asked.connect(self._on_people_asked)
        page.hold_benchmark(view)

    @Slot()
    @Slot(str)
    def _on_people_asked(self, model: str = "") -> None:
        make: type[PeopleDialog] = late("landfall.gui.people.people_dialog").PeopleDialog
        dialog = make(
            self._app,
            self._tasks,
            history=self._behind.history,
            cache=self._paths.cache,
            model=model,
            parent=self._application.window,
        )
        dialog.measure_asked.connect(self._on_measure_asked)
        dialog.open()

    @Slot(str)
    def _on_measure_asked(self, model: str) -> None:
        window = self._application.window
        if window is not None:
            window.open_page("run", f"benchmark:{model}")

    # What pages ask for when they need it

    def _client(self) -> Ollama:
        return self._behind.host.client

    def _settings_now(self) -> Settings:
        return self._app.settings

    def _access(self) -> CloudAccess:
        return self._behind.cloud(self._app.settings)

    def _downloads(self) -> Downloads:
        profile = self._app.profile
        return self._behind.downloads(Path(profile.disk.models_path) if profile else None)


def _late(page: str) -> Any:
    """The module of a page."""
    return late(f"landfall.gui.pages.{page}")


def _electricity() -> Electricity | None:
    """The dated rate that holds where none is typed."""
    figure: Figure = late("landfall.services.verdict.rates").electricity(Settings())
    value = middle(figure)
    if value is None:
        return None
    source, day = (figure.source, figure.date) if isinstance(figure, Published) else ("", "")
    make: type[Electricity] = late("landfall.gui.settings.tariff_editor").Electricity
    return make(usd_per_kwh=value, source=source, as_of=day)
