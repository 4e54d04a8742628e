"""A benchmark while it runs: the answers under way in one chart, and meters once a second."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtWidgets import QWidget

from landfall.core.events import Aborted, Ended, Piece, PowerSample, Sent
from landfall.core.live_curves import PowerCurve, RateCurve
from landfall.core.provenance import Figure, Measured, Unknown
from landfall.gui.format import Shown, Unit, shown, whole
from landfall.gui.run.live_panel import RunChart
from landfall.gui.run.meters import RunMeters
from landfall.gui.run.words import Meter, scope_words
from landfall.gui.theme import Space
from landfall.gui.widgets.layout import Card, SideBySide, column

if TYPE_CHECKING:
    from landfall.services.benchmark import BenchLane, BenchStep

METERS_EVERY_SECONDS = 1.0


@dataclass(slots=True)
class _Lane:
    """One stream of answers; its curve goes on from one answer to the next."""

    curve: RateCurve
    running: bool = True


class BenchmarkLive(QWidget):
    """Each thing that is measured begins an empty chart; its repetitions follow one another."""

    def __init__(self) -> None:
        super().__init__()
        self.chart = RunChart()
        self.meters = RunMeters(compact=True)
        self.meters.setObjectName("benchmark-meters")
        card = Card(self.tr("Now")).add(self.meters).fill()
        sides = SideBySide(self.chart, card, side_width=300, needs=760, level=True)
        self.setLayout(column(sides, spacing=Space.L))
        self._no_power = ""
        self.clear()

    def clear(self) -> None:
        """Nothing was measured yet."""
        self._on: tuple[str, str] = ("", "")
        self._answers = self._pieces = 0
        self._begin_chart()
        self.show_meters()

    def load(self) -> None:
        """Bring the chart; its module is imported on a thread."""
        self.chart.load()

    def tell_no_power(self, reason: str) -> None:
        """Why there are no watts, or ""."""
        self._no_power = reason
        self.chart.tell_no_power(reason)
        self.show_meters()

    def _begin_chart(self) -> None:
        self._begun: float | None = None
        self._lanes: dict[int, _Lane] = {}
        self._power = PowerCurve(0.0)
        self._read: dict[str, float] = {}
        self._watts: float | None = None
        self._meters_at: float | None = None
        self.chart.start_over()

    def begin(self, step: BenchStep) -> None:
        """Something else is done now."""
        on = (step.doing, step.name)
        if on != self._on:
            self._on = on
            self._begin_chart()
            self.show_meters()

    def take(self, lanes: Sequence[BenchLane]) -> None:
        """What came of the answers under way."""
        stamps: dict[int, list[float]] = {}
        samples: list[PowerSample] = []
        latest = 0.0
        for event in lanes:
            match event.update:
                case Sent(at=at):
                    self._lane(event.lane, at).running = True
                case Piece(at=at):
                    stamps.setdefault(event.lane, []).append(at)
                    latest = max(latest, at)
                case Ended(at=at):
                    self._lane(event.lane, at).running = False
                    self._answers += 1
                    latest = max(latest, at)
                case Aborted(at=at):
                    self._lane(event.lane, at).running = False
                case PowerSample() as sample:
                    samples.append(sample)
        for lane, times in stamps.items():
            self._pieces += len(times)
            points = self._lane(lane, times[0]).curve.add(times)
            self.chart.add_rates(f"lane-{lane}", self._name(lane), points, role="here")
        self._draw_watts(samples)
        self._meter(latest)

    def _lane(self, number: int, at: float) -> _Lane:
        if self._begun is None:
            self._begun = at
            self._power = PowerCurve(at)
        found = self._lanes.get(number)
        if found is None:
            found = self._lanes[number] = _Lane(RateCurve(self._begun))
        return found

    def _name(self, lane: int) -> str:
        if len(self._lanes) < 2 and lane == 0:
            return self.tr("tok/s")
        return whole(lane + 1)

    def _draw_watts(self, samples: Sequence[PowerSample]) -> None:
        """Each answer brings all readings of its time: every one is drawn once."""
        fresh = []
        for sample in samples:
            if sample.at > self._read.get(sample.source, float("-inf")):
                self._read[sample.source] = sample.at
                fresh.append(sample)
        if self._begun is None or not fresh:
            return
        points = [point for point in self._power.add(fresh) if point[0] >= 0]
        if points:
            self._watts = points[-1][1]
            scopes = scope_words(" + ".join(sorted(self._power.scopes)))
            self.chart.add_watts(points, scopes)

    def _meter(self, at: float) -> None:
        if at and (self._meters_at is None or at - self._meters_at >= METERS_EVERY_SECONDS):
            self._meters_at = at
            self.show_meters()

    def show_meters(self) -> None:
        """The figures of the moment."""
        running = [lane.curve.now for lane in self._lanes.values() if lane.running]
        rates = [rate for rate in running if rate is not None]
        arrival = self.tr("pieces as they arrive here, about a token each")
        nothing = Unknown(self.tr("nothing has come yet"))
        rate: Figure = Measured(sum(rates), "", arrival) if rates else nothing
        watts: Figure = Unknown(self._no_power or self.tr("no reading yet"))
        if self._watts is not None:
            watts = Measured(self._watts, "", scope_words(" + ".join(sorted(self._power.scopes))))
        self.meters.show_meters(
            (
                Meter("rate", self.tr("All together"), shown(rate, Unit.TOKENS_PER_SECOND)),
                Meter("power", self.tr("Power"), shown(watts, Unit.WATTS)),
                Meter("answers", self.tr("Answers so far"), self._count(self._answers)),
                Meter("tokens", self.tr("Tokens so far"), self._count(self._pieces)),
            )
        )

    def _count(self, value: int) -> Shown:
        return shown(Measured(float(value), "", self.tr("counted here")), Unit.COUNT)
