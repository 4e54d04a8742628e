"""Who makes the answers of targets, and keeps what came of it.

Local and cloud targets are run the same way, so that they can be shown side by side. How an answer
is made is in `services.run.one_run`, which comes in at the first one: a window at rest does
without.
"""

from __future__ import annotations

from collections.abc import AsyncGenerator
from typing import TYPE_CHECKING

from landfall.services.late_imports import late
from landfall.services.run.answering import Ask, Begun, RunUpdate, Target
from landfall.services.run.ends_in_turn import EndsInTurn

if TYPE_CHECKING:
    from landfall.core.costs.tariff import Tariff
    from landfall.core.energy.wall import WallCalibration
    from landfall.services.egress import EgressLog
    from landfall.services.history.history import History
    from landfall.services.hosts.opening import OpenAt
    from landfall.services.run.metering import Metering


class Runs:
    """Runs targets and keeps what came of it.

    Attributes:
        history: Where it is kept.
        power: The sensors, once they were looked for.
        tariff: What electricity costs. calibration: of the way to the plug.
        idle_seconds: How long to wait after an answer for a baseline of its net energy.
        open_at: Makes the client of an Ollama at an address, with the token kept for it; None
            shows a token to nobody.
        ends: Where answers that end together wait to be kept.
    """

    def __init__(
        self,
        history: History,
        *,
        power: Metering | None = None,
        tariff: Tariff | None = None,
        calibration: WallCalibration | None = None,
        idle_seconds: float = 0.0,
        open_at: OpenAt | None = None,
    ) -> None:
        """Make it.

        Args:
            power: The sensors of this machine, which measure answers that are made here.
            tariff: What electricity costs; without one no cost is kept. calibration: of the way to
                the plug, where one was made.
            idle_seconds: How long to wait after an answer for a baseline of its net energy, where
                there is none. For a program that ends with the answer.
            open_at: As the attribute.
        """
        self.history = history
        self.power = power
        self.tariff, self.calibration = tariff, calibration
        self.idle_seconds = idle_seconds
        self.open_at = open_at
        self.ends = EndsInTurn()

    @property
    def egress(self) -> EgressLog:
        """Where what leaves the machine is written down."""
        return self.history

    def use_power(self, power: Metering) -> None:
        """The sensors were looked for; runs that begin from now on are metered by them."""
        self.power = power

    def use_tariff(self, tariff: Tariff | None, calibration: WallCalibration | None = None) -> None:
        """What electricity costs from now on, and how the plug is reckoned; what is kept stays."""
        self.tariff, self.calibration = tariff, calibration

    def stream(
        self,
        target: Target,
        ask: Ask,
        *,
        benchmark: int | None = None,
        part: str | None = None,
        begun: Begun | None = None,
    ) -> AsyncGenerator[RunUpdate, None]:
        """Everything as it happens, then `Kept`. What was cut is stored with what had come.

        An answer that came to its end is in the history before the sensors are waited for; its
        energy follows. Readings of the settle time are told too, after the end.

        Args:
            benchmark: Row of the benchmark it belongs to; part: which of its parts.
            begun: Awaited with the uid of the run before anything is asked.

        Raises:
            AppError: as the target does; the run is stored as aborted first.
        """
        one_run = late("landfall.services.run.one_run")
        made: AsyncGenerator[RunUpdate, None] = one_run.stream(
            self, target, ask, benchmark=benchmark, part=part, begun=begun
        )
        return made
