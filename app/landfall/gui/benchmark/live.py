"""A benchmark while it runs: all its answers in one chart, and meters once a second."""

from __future__ import annotations

from collections.abc import Callable, Sequence
from dataclasses import dataclass, replace
from time import perf_counter
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from landfall.core.events import Aborted, Ended, Piece, PowerSample, Sent
from landfall.core.provenance import Measured, Unknown
from landfall.core.run.live_curves import WINDOW_SECONDS, Point, PowerCurve, RateCurve
from landfall.core.run.phases import Phase, PhaseKind
from landfall.gui.format import Shown, shown, whole
from landfall.gui.run.live_panel import RunChart
from landfall.gui.run.meters import RunMeters
from landfall.gui.run.words import Meter, not_yet
from landfall.gui.scope_words import scope_words
from landfall.gui.theme import Space
from landfall.gui.units import Unit
from landfall.gui.widgets.layout import Card, column
from landfall.gui.widgets.two_parts import SideBySide

if TYPE_CHECKING:
    from landfall.services.benchmark.running import BenchLane, BenchStep

METERS_EVERY_SECONDS = 1.0
SIDE_WIDTH = 300


@dataclass(slots=True)
class _Lane:
    """Answers of a lane that follow one another without a pause, as one curve."""

    sent_at: float
    curve: RateCurve
    running: bool = True
    ended_at: float = 0.0


class BenchmarkLive(QWidget):
    """One time axis from the beginning of a model's benchmark to its end.

    Args:
        clock: That of the stamps of events.
    """

    def __init__(self, clock: Callable[[], float] = perf_counter) -> None:
        super().__init__()
        self._clock = clock
        self.chart = RunChart()
        self.meters = RunMeters(compact=True)
        self.meters.setObjectName("benchmark-meters")
        card = Card(self.tr("Now")).add(self.meters).fill()
        sides = SideBySide(self.chart, card, side_width=SIDE_WIDTH, needs=760, level=True)
        self.setLayout(column(sides, spacing=Space.L))
        self._no_power = ""
        self.restart()

    def load(self) -> None:
        """Bring the chart; its module is imported on a thread."""
        self.chart.load()

    def restart(self) -> None:
        """The benchmark of a model begins."""
        self._begun = self._clock()
        self._lanes: dict[int, _Lane] = {}
        self._phases: list[Phase] = []
        self._power = PowerCurve(self._begun)
        self._read: dict[str, float] = {}
        self._watts: float | None = None
        self._meters_at = self._begun
        self._answers = self._pieces = 0
        self.chart.begin((("lane-0", self._name(0), "here"),), since="begun")
        self._show_meters()

    def tell_no_power(self, reason: str) -> None:
        """Why there are no watts, or ""."""
        self._no_power = reason
        self.chart.tell_no_power(reason)
        self._show_meters()

    def begin(self, step: BenchStep) -> None:
        """Something else is done now."""
        now = self._clock() - self._begun
        self._lengthen(now)
        kind = PhaseKind(step.doing)
        if not self._phases or self._phases[-1].kind is not kind:
            self._phases.append(Phase(kind=kind, start_seconds=now, end_seconds=now))
            self.chart.show_phases(self._phases)

    def _lengthen(self, now: float) -> None:
        if self._phases and now > self._phases[-1].start_seconds:
            self._phases[-1] = replace(self._phases[-1], end_seconds=now)

    def take(self, lanes: Sequence[BenchLane]) -> None:
        """What came of the answers under way, in order."""
        stamps: dict[int, list[float]] = {}
        samples: list[PowerSample] = []
        for event in lanes:
            match event.update:
                case Piece(at=at):
                    stamps.setdefault(event.lane, []).append(at)
                case Sent(at=at):
                    self._send(event.lane, at)
                case Ended(at=at) | Aborted(at=at) as end:
                    self._draw(event.lane, stamps.pop(event.lane, []))
                    self._finish(event.lane, at)
                    self._answers += isinstance(end, Ended)
                case PowerSample() as sample:
                    samples.append(sample)
        for lane, times in stamps.items():
            self._draw(lane, times)
        self._draw_watts(samples)
        now = self._clock()
        self._lengthen(now - self._begun)
        self.chart.show_phases(self._phases)
        if now - self._meters_at >= METERS_EVERY_SECONDS:
            self._meters_at = now
            self._show_meters()

    # Curves

    def _draw(self, number: int, stamps: list[float]) -> None:
        lane = self._lanes.get(number)
        if lane is not None and stamps:
            self._pieces += len(stamps)
            self._add(number, lane, lane.curve.add(stamps))

    def _send(self, number: int, at: float) -> None:
        """An answer begins: on the curve of the one before where that ended just now, so that many
        short ones are one rate and not as many peaks."""
        lane = self._lanes.get(number)
        if lane is not None and at - lane.ended_at < WINDOW_SECONDS:
            lane.running = True
            return
        if lane is not None and lane.curve.pieces:
            self._add(number, lane, [(lane.ended_at - lane.sent_at, 0.0)])
        self._lanes[number] = _Lane(at, RateCurve(at))

    def _finish(self, number: int, at: float) -> None:
        lane = self._lanes.get(number)
        if lane is not None:
            lane.running, lane.ended_at = False, at
            self._add(number, lane, lane.curve.finish(at))

    def _add(self, number: int, lane: _Lane, points: Sequence[Point]) -> None:
        shift = lane.sent_at - self._begun
        moved = [(at + shift, rate) for at, rate in points]
        self.chart.add_rates(f"lane-{number}", self._name(number), moved, role="here")

    def _name(self, number: int) -> str:
        return self.tr("answer {0}").format(whole(number + 1))

    def _draw_watts(self, samples: Sequence[PowerSample]) -> None:
        """Answers at the same time all bring the readings of their time: each is drawn once."""
        fresh = []
        for sample in samples:
            if sample.at > self._read.get(sample.source, float("-inf")):
                self._read[sample.source] = sample.at
                fresh.append(sample)
        points = self._power.add(fresh)
        if points:
            self._watts = points[-1][1]
            self.chart.add_watts(points, self._scopes())

    def _scopes(self) -> str:
        return scope_words(" + ".join(sorted(self._power.scopes)))

    # Meters

    def _show_meters(self) -> None:
        rates = [
            lane.curve.now
            for lane in self._lanes.values()
            if lane.running and lane.curve.now is not None
        ]
        arrival = self.tr("pieces as they arrive here, about a token each")
        rate = not_yet(self.tr("none now"), self.tr("no text comes at the moment"))
        if rates:
            rate = shown(Measured(sum(rates), "", arrival), Unit.TOKENS_PER_SECOND)
        watts = not_yet(self.tr("later"), self.tr("told once something is asked"))
        if self._watts is not None:
            watts = shown(Measured(self._watts, "", self._scopes()), Unit.WATTS)
        elif self._no_power:
            watts = shown(Unknown(self._no_power), Unit.WATTS)
        self.meters.show_meters(
            (
                Meter("rate", self.tr("All answers together"), rate),
                Meter("power", self.tr("Power"), _with(watts, self._scopes())),
                Meter("answers", self.tr("Answers so far"), self._count(self._answers)),
                Meter("tokens", self.tr("Tokens so far"), self._count(self._pieces)),
            )
        )

    def _count(self, value: int) -> Shown:
        return shown(Measured(float(value), "", self.tr("counted here")), Unit.COUNT)


def _with(figure: Shown, detail: str) -> Shown:
    return replace(figure, detail=detail)
