"""What several files of tests say of a forecast and of an outlook."""

from __future__ import annotations

from landfall.core.demand.forecast import Backtest, Day, Predictability
from landfall.core.demand.outlook import Outlook, observed
from landfall.core.demand.trace import Trace

PREDICTABLE, VARIABLE = Predictability.PREDICTABLE, Predictability.VARIABLE


def backtest_of(error: float) -> Backtest:
    return Backtest(baseline="drift", mase=1.0, wape=0.1, mean_total_error=error, weeks=3)


def told(series: list[Day], first: int = 0, trace: Trace | None = None) -> Outlook:
    return observed(series, first_weekday=first, unit="calls", source="usage", trace=trace)
