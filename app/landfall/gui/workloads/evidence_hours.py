"""Hour by hour what is asked of the machine, against what it serves."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from landfall.core.demand.hours import HourLoad
from landfall.core.demand.outlook_words import words as outlook_words
from landfall.core.provenance import Unknown, provenance
from landfall.core.workload.privacy import Option
from landfall.gui.format import duration, percent, whole
from landfall.gui.translated import all_translated, translated
from landfall.gui.widgets.chart_card import ChartCard
from landfall.gui.widgets.feedback import EmptyState
from landfall.gui.widgets.hour_chart import Day, Hour, HourChart
from landfall.gui.widgets.layout import Swap, label
from landfall.gui.workloads.words import machine_word, sentence

if TYPE_CHECKING:
    from landfall.core.demand.strain import Strain
    from landfall.core.verdict.facts import HostFacts
    from landfall.services.verdict.decided import Decided


def _tr(words: str) -> str:
    return QCoreApplication.translate("workload_hours", words)


@dataclass(frozen=True, slots=True, kw_only=True)
class HoursPicture:
    """The chart, the sentence above it, and the table of its values."""

    day: Day
    said: str
    lines: tuple[tuple[str, ...], ...]


def host_of(decided: Decided) -> HostFacts | None:
    """The machine that the hours are asked of: the bought one where the verdict is to buy."""
    facts = decided.facts
    if decided.verdict.option is Option.LOCAL_BUY and facts.buy is not None:
        return facts.buy
    return facts.machine or facts.buy


def hours_picture(decided: Decided) -> HoursPicture | Unknown:
    """The hours of a mean day on the own machine, or why there is no such picture."""
    host = host_of(decided)
    if host is None:
        return Unknown(decided.facts.machine_absent)
    strain = host.strain
    hours = () if strain is None else strain.hours()
    if strain is None or not any(one.calls > 0 for one in hours):
        return Unknown(provenance(host.peak_utilisation).removeprefix("unknown: "))
    if strain.window_hours is not None:
        return Unknown("the work may wait and runs in its batch window, not as it comes")
    assumed = not strain.load.knows_hours
    most = max(hours, key=lambda one: one.utilisation)
    limit = decided.limits.utilisation_max
    slots = strain.service.slots
    full = _tr("all that it serves, {0} at once").format(whole(slots))
    day = Day(
        hours=tuple(
            Hour(name=str(one.hour), load=one.utilisation, words=_hour_words(one)) for one in hours
        ),
        limit=limit,
        limit_words=_tr("comfortable up to {0}").format(percent(limit)),
        full_words=full if slots > 1 else _tr("all that it serves, one at a time"),
        assumed=assumed,
        busiest=_tr("busiest hour {0}:00: {1}").format(most.hour, _hour_words(most)),
    )
    said = f"{_said(host, most, assumed=assumed)} {_grown(strain, limit)}".strip()
    return HoursPicture(day=day, said=said, lines=_lines(hours))


def forecast_text(decided: Decided) -> str:
    """How far the volume can be told in advance: class, history, weekdays, growth, peak."""
    outlook = decided.verdict.outlook
    if outlook is None:
        return ""
    return " ".join(sentence(one) for one in all_translated(outlook_words(outlook)))


def _grown(strain: Strain, limit: float) -> str:
    """What ten times the work asks, and how many people one machine serves."""
    said = []
    growth, people = strain.growth(most_busy=limit), strain.people(most_busy=limit)
    if growth is not None and growth.machines is not None:
        words = _tr("Ten times the work would ask for {0} such machines.")
        if growth.machines == 1:
            words = _tr("Ten times the work would still fit.")
        said.append(words.format(whole(growth.machines)))
    elif growth is not None:
        said.append(_tr("No number of such machines would be in time for ten times the work."))
    if people:
        words = _tr("One serves about {0} people who each ask once a minute.")
        if people == 1:
            words = _tr("One serves about one person who asks once a minute.")
        said.append(words.format(whole(people)))
    return " ".join(said)


def _hour_words(one: HourLoad) -> str:
    if one.calls <= 0:
        return _tr("no calls")
    said = _tr("{0} busy").format(percent(one.utilisation))
    if one.p95_seconds is not None:
        late = _tr("{0}, nineteen of twenty answers within {1}")
        return late.format(said, duration(one.p95_seconds))
    return _tr("{0}, it cannot keep up").format(said) if one.utilisation >= 1 else said


def _said(host: HostFacts, most: HourLoad, *, assumed: bool) -> str:
    name = machine_word(host.machine)
    if most.utilisation >= 1:
        words = _tr("In its busiest hour {0} cannot keep up: {1} would have to go elsewhere.")
    else:
        words = _tr(
            "{0} keeps up in every hour. If no call could wait, {1} of the busiest hour's calls"
            " would go elsewhere."
        )
        if most.overflow_share < 0.005:
            words = _tr("{0} keeps up in every hour.")
    said = words.format(name, percent(most.overflow_share))
    said = said[:1].upper() + said[1:]
    if assumed and host.strain is not None and host.strain.load.pattern is not None:
        said += " " + _tr("Days are told and hours are not: those of a busy day, eight even ones.")
    elif assumed:
        said += " " + _tr("When the calls come is not stated: eight even hours are assumed.")
    return said


def _lines(hours: tuple[HourLoad, ...]) -> tuple[tuple[str, ...], ...]:
    never = _tr("never")
    lines = []
    for one in hours:
        if one.calls > 0:
            late = never if one.p95_seconds is None else duration(one.p95_seconds)
            values = (percent(one.utilisation), late, percent(one.overflow_share))
            lines.append((f"{one.hour}:00", whole(round(one.calls)), *values))
    return tuple(lines)


class HoursView(ChartCard):
    """The load of each hour against what the machine serves."""

    def __init__(self) -> None:
        self._chart = HourChart()
        self._place = Swap(self._chart)
        note = self.tr("share of what it serves, by hour of the day; hatched: too much")
        super().__init__(self.tr("Hour by hour"), self._place, name="hours", note=note)
        self._words = label("", tone="text_2", wrap=True)
        self._words.setObjectName("hours-words")
        self._forecast = label("", tone="text_2", wrap=True)
        self._forecast.setObjectName("hours-forecast")
        self.body.insertWidget(1, self._words)
        self.body.insertWidget(2, self._forecast)
        self.fill()

    def show_decided(self, decided: Decided) -> None:
        """Show the hours under this verdict."""
        picture = hours_picture(decided)
        self._forecast.setText(forecast_text(decided))
        known = not isinstance(picture, Unknown)
        self._words.setVisible(known)
        if self.note is not None:
            self.note.setVisible(known)
        if isinstance(picture, Unknown):
            title = self.tr("No hours to show")
            self._place.hold(
                EmptyState("history", title, sentence(translated(picture.reason)), width=380)
            )
            self.set_values((), ())
            return
        if self._place.content is not self._chart:
            self._chart = HourChart()
            self._place.hold(self._chart)
        self._words.setText(picture.said)
        self._chart.set_day(picture.day)
        columns = (
            self.tr("Hour"),
            self.tr("Calls"),
            self.tr("Busy"),
            self.tr("Slowest of twenty"),
            self.tr("Finds no slot"),
        )
        self.set_values(columns, picture.lines, of=self.tr("Load in each hour"))
