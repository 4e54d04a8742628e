"""Run: a prompt on a local model, at a provider, or at several of both beside each other."""

from __future__ import annotations

from collections.abc import Callable
from functools import partial
from typing import TYPE_CHECKING

from PySide6.QtCore import Qt, Signal, Slot
from PySide6.QtGui import QResizeEvent
from PySide6.QtWidgets import QBoxLayout, QWidget

from landfall.gui import theme
from landfall.gui.allowed import allow
from landfall.gui.hosts.chooser import HostChooser
from landfall.gui.page import Page, PageState
from landfall.gui.run.cloud_chooser import CloudChooser
from landfall.gui.run.conversation import Conversation
from landfall.gui.run.measured import Measured
from landfall.gui.run.place import RunPlace, answers, no_answer_words
from landfall.gui.run.reasons import needs_ollama, no_calibration, no_sensor
from landfall.gui.run.session import RunSession
from landfall.gui.run.targets import targets_of
from landfall.gui.run.toolbar import Mode, RunToolbar
from landfall.gui.theme import Space
from landfall.gui.widgets.layout import holder, row
from landfall.services.late_imports import late
from landfall.services.run.asking import Access

if TYPE_CHECKING:
    from landfall.core.hosts.runtime import Runtime
    from landfall.gui.app_state import AppState
    from landfall.gui.benchmark.view import BenchmarkView
    from landfall.gui.hosts.desk import HostsBehind
    from landfall.gui.lookout import Lookout
    from landfall.gui.messages import Messages
    from landfall.gui.run.live_watts import Watched
    from landfall.gui.run.order import Order
    from landfall.gui.run.targets import LocalTarget
    from landfall.gui.side_by_side.view import SideBySideView
    from landfall.gui.tasks import TaskRunner
    from landfall.services.ollama.server_in_use import Host
    from landfall.services.run.runs import Runs

BENCHMARK = "benchmark:"
"""Before the name of a model that another page wants measured."""
BESIDE_FROM = 1000
"""Page width in px from which the measurements stand beside the conversation."""


class RunPage(Page):
    """Says who can be asked, and why not; the conversation itself is a `RunSession`.

    Signals:
        calibrate_asked: Models should be run to calibrate this machine.
        benchmark_asked: A benchmark is wanted for the first time: answer with `hold_benchmark`.
    """

    calibrate_asked = Signal()
    benchmark_asked = Signal()

    def __init__(
        self,
        state: AppState,
        tasks: TaskRunner,
        messages: Messages,
        lookout: Lookout,
        *,
        host: Host,
        runs: Runs,
        cloud: Access,
        hosts: Callable[[], HostsBehind] | None = None,
    ) -> None:
        super().__init__(self.tr("Run"))
        self._hosts = hosts
        self._app, self._lookout, self._runs = state, lookout, runs
        self._tasks, self._messages, self._host, self._cloud = tasks, messages, host, cloud
        self.bench: BenchmarkView | None = None
        self.side: SideBySideView | None = None
        self.chooser = CloudChooser(tasks, cloud)
        self.place = RunPlace(state, tasks, messages, lookout)
        self.conversation = Conversation(
            self.chooser, self.place, context=state.settings.context_length
        )
        self.form, self.chat = self.conversation.form, self.conversation.chat
        self.remote = self.conversation.remote
        self._build()
        self.session = RunSession(
            state,
            tasks,
            messages,
            host=host,
            runs=runs,
            cloud=cloud,
            chat=self.chat,
            measured=self.measured,
            order_of=self.order,
            parent=self,
        )
        self._connect()
        self.refresh()

    # Building

    def _build(self) -> None:
        self.toolbar = RunToolbar(self)
        self.mode, self.model = self.toolbar.mode, self.toolbar.model
        if self._hosts is not None:
            # Of the whole page: benchmarks and side by side go to the same server.
            chooser = HostChooser(self._app, self._tasks, behind=self._hosts)
            self.add_action(chooser)
        self.add_action(*self.toolbar.in_order)
        self.measured = Measured(self._tasks, self._messages, power=self._power)
        self.chart = self.measured.chart
        self._columns = row(spacing=Space.L)
        self._columns.addWidget(self.conversation, 5)
        self._columns.addWidget(self.measured, 6)
        self._talk = holder(self._columns)
        self.body.addWidget(self._talk, 1)

    def _connect(self) -> None:
        theme.theme().text_changed.connect(self._lay_out)
        self.toolbar.calibrate.clicked.connect(self.calibrate_asked)
        self.toolbar.benchmark.clicked.connect(self.on_benchmark)
        self.mode.chosen.connect(self.on_mode)
        self.model.currentIndexChanged.connect(self.on_changed)
        self.chooser.changed.connect(self.on_changed)
        self.place.jump.connect(self.jump)
        self.chooser.keys_wanted.connect(partial(self.jump.emit, "cloud", ""))
        self.remote.changed.connect(self.on_changed)
        self.form.send_asked.connect(self.on_send)
        self.form.stop_asked.connect(self.session.stop)
        self.form.agreed.connect(self.session.agree)
        self.form.declined.connect(self.session.decline)
        self.form.new_chat_asked.connect(self.session.start_over)
        self.session.consent_asked.connect(self.form.ask_consent)
        self.session.began.connect(self.form.prompt.clear)
        self.session.changed.connect(self.on_changed)
        self.session.ended.connect(self.on_ended)
        self.session.workload_asked.connect(self._on_workload)
        for changed in (
            self._app.runtimes_changed,
            self._app.models_changed,
            self._app.profile_changed,
        ):
            changed.connect(self.on_world)
        self._keys = self.form.add_keys(self)

    # The page

    def after_first_paint(self) -> None:
        self.chart.load()

    def open_at(self, detail: str) -> None:
        """Choose the model that another page wants to run; "benchmark:" before it measures it."""
        measures = detail.startswith(BENCHMARK)
        self.model.want(detail.removeprefix(BENCHMARK))
        self.mode.group.button(Mode.HERE).setChecked(True)
        self.on_mode()
        if measures and not self.benching:
            self.on_benchmark()
            return
        self.form.prompt.setFocus(Qt.FocusReason.OtherFocusReason)

    def resizeEvent(self, event: QResizeEvent) -> None:
        super().resizeEvent(event)
        self._lay_out()

    @Slot()
    def _lay_out(self) -> None:
        """Conversation above the measurements where there is no room beside."""
        direction = QBoxLayout.Direction
        beside = self.width() >= theme.roomy(BESIDE_FROM)
        self._columns.setDirection(direction.LeftToRight if beside else direction.TopToBottom)
        self.conversation.stand_alone(not beside)

    @property
    def chosen(self) -> Mode:
        """Who is asked."""
        return self.toolbar.chosen

    @property
    def runtime(self) -> Runtime | None:
        """The server in use, or None while it is looked for or where there is none."""
        runtimes = self._app.runtimes
        return runtimes[0] if runtimes else None

    @property
    def target(self) -> LocalTarget | None:
        """The local model that is chosen."""
        return self.model.target

    @Slot()
    def on_world(self) -> None:
        """A server, its models or the sensors are others now."""
        if self.isVisible():
            self.refresh()

    def refresh(self) -> None:
        """Show what can be asked now."""
        state = self._app
        self.model.offer(targets_of(state), state.loaded or ())
        if self.chosen is Mode.CLOUD and not self.session.running:
            self.chooser.look()
        if self.side is not None:
            self.side.refresh()
        self._show()

    def _busy(self, *, save: QWidget | None = None) -> str:
        """Why nothing may be asked now, or "": what is under way, save in one view."""
        views = [view for view in (self.bench, self.side) if view is not None and view is not save]
        sessions = (*(view.session for view in views), self.session)
        return next((session.busy for session in sessions if session.busy), "")

    def _show(self) -> None:
        """Everything that follows from mode, models, server and sensors."""
        self._show_benchmark()
        self._show_side()
        self.chooser.setVisible(self.chosen is Mode.CLOUD)
        busy = self._busy()
        self.toolbar.block(busy)
        self.toolbar.block_calibration(busy or no_calibration(self._app, self.model.targets))
        allow(self.chooser, busy)
        self.remote.show_for(None if self.chosen is Mode.CLOUD else self.target)
        self._show_power()
        self.conversation.show_place(
            here=self.chosen is not Mode.CLOUD, any_model=bool(self.model.targets)
        )
        self.form.block("" if self.session.running else busy or self._why_not())
        self.form.set_running(self.session.running)
        self.form.set_started(bool(self.chat.answers))
        self.set_state(self._where())
        self.say(self._sentence())
        self._lay_out()

    def _where(self) -> PageState:
        if self.comparing and self.side is not None:
            return self.side.where
        if self.session.failed:
            return PageState.FAILED
        if self.chosen is Mode.CLOUD and not self.benching:
            return PageState.EMPTY if self.chooser.problem else PageState.READY
        runtime = self.runtime
        if self._app.runtimes is None or (answers(runtime) and self._app.installed is None):
            return PageState.LOADING
        if self.target is None:
            return PageState.EMPTY
        return PageState.PARTIAL if no_sensor(self._app.power_sources) else PageState.READY

    def _sentence(self) -> str:
        if self.bench is not None and (self.benching or self.bench.session.running):
            return self.bench.sentence
        if self.comparing and self.side is not None:
            return self.side.sentence
        return self.session.sentence

    @Slot(int)
    def _on_workload(self, run_id: int) -> None:
        self.jump.emit("workloads", f"run:{run_id}")

    # Benchmarks

    @property
    def benching(self) -> bool:
        """Whether benchmarks stand in the place of the conversation."""
        return self.bench is not None and self.bench.isVisibleTo(self)

    @Slot()
    def on_benchmark(self) -> None:
        """To the benchmarks, or back to the conversation."""
        if self.bench is None:
            self.benchmark_asked.emit()
        else:
            self._turn_to(self._talk if self.benching else self.bench)

    def hold_benchmark(self, view: BenchmarkView) -> None:
        """The place of benchmarks was made: show it."""
        self.bench = view
        self.body.addWidget(view, 1)
        view.jump.connect(self.jump)
        view.left.connect(self.on_benchmark)
        view.changed.connect(self.on_changed)
        view.ended.connect(self._lookout.models)
        self._turn_to(view)

    def _turn_to(self, view: QWidget) -> None:
        if self.bench is not None and view is self.bench:
            model = self.target.model if self.target else ""
            self.bench.open_for(model=model, prompt=self.form.question)
            # First what stood there: two at once would be squeezed until the next turn.
            self._talk.hide()
        if self.bench is not None:
            self.bench.setVisible(view is self.bench)
        self.refresh()

    def _show_benchmark(self) -> None:
        self.toolbar.show_benchmark(benching=self.benching, no_counters=needs_ollama(self.runtime))
        if self.bench is not None:
            self.bench.setup.block(self._busy(save=self.bench))

    # Side by side

    @property
    def comparing(self) -> bool:
        """Whether several targets beside each other stand in the place of the conversation."""
        return self.chosen is Mode.BOTH and not self.benching

    def _hold_side(self) -> SideBySideView:
        """The place of comparisons, made when it is first wanted."""
        if self.side is None:
            view: SideBySideView = late("landfall.gui.side_by_side.view").SideBySideView(
                self._app,
                self._tasks,
                self._messages,
                host=self._host,
                runs=self._runs,
                cloud=self._cloud,
                hosts=self._hosts,
            )
            view.hide()
            self.body.addWidget(view, 1)
            view.jump.connect(self.jump)
            view.changed.connect(self.on_changed)
            view.ended.connect(self.on_compared)
            self.side = view
        return self.side

    def _show_side(self) -> None:
        """The comparison, the conversation or neither: a benchmark stands in their place."""
        if self.side is not None:
            self.side.setVisible(self.comparing)
            self.side.block(self._busy(save=self.side))
        talks = not self.comparing and not self.benching
        self._talk.setVisible(talks)
        for key in self._keys:
            key.setEnabled(talks)

    @Slot(bool)
    def on_compared(self, was_local: bool) -> None:
        """All answers of a comparison are over."""
        if was_local:
            self._lookout.models()

    # What can be asked

    def _why_not(self) -> str:
        """Why nothing can be sent, or ""."""
        if self.chosen is not Mode.CLOUD:
            if not answers(self.runtime):
                return no_answer_words(self.runtime)
            target = self.target
            return self.remote.problem(target) if target else self.tr("No model is chosen.")
        return self.chooser.problem

    def _power(self) -> Watched | None:
        """What the chart watches while nothing runs."""
        power = self._runs.power
        return power if power is not None and power.meters else None

    def _show_power(self) -> None:
        self.measured.watch(
            self.runtime, idle=not self.session.running and self.chosen is Mode.HERE
        )
        if self.chosen is Mode.CLOUD:
            self.measured.tell_hosted()
        else:
            self.measured.tell_here(self.runtime, self._app.power_sources)

    @Slot()
    def on_mode(self) -> None:
        """Here, side by side or in the cloud."""
        if self.chosen is Mode.BOTH:
            self._hold_side().open_for(self.target, self.form.question)
        self.refresh()

    # The conversation

    def order(self, question: str) -> Order:
        """What would be sent now."""
        if self.chosen is Mode.CLOUD:
            return self.conversation.order_hosted(question)
        return self.conversation.order_local(
            question, self.target if self.chosen is Mode.HERE else None
        )

    @Slot()
    def on_send(self) -> None:
        """Send what is typed to whom is chosen."""
        self.session.send(self.order(self.form.question))

    @Slot()
    def on_changed(self) -> None:
        """Another model or provider is chosen, something began or ended, or it begins anew."""
        self._show()

    @Slot(bool)
    def on_ended(self, was_local: bool) -> None:
        """All answers are over: a model may be in memory now that was not before."""
        if was_local:
            self._lookout.models()
        self.form.prompt.setFocus(Qt.FocusReason.OtherFocusReason)
