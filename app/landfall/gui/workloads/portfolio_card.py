"""All workloads together: the month's bill now against after, by place; what is unknown is said."""

from __future__ import annotations

from collections.abc import Sequence
from typing import TYPE_CHECKING

from landfall.core.provenance import band
from landfall.core.verdict.together_words import bill_line
from landfall.gui.bill import Bill, bill
from landfall.gui.format import approximately, money, shown, whole
from landfall.gui.theme import Text
from landfall.gui.translated import translated
from landfall.gui.units import Unit
from landfall.gui.widgets.bill_bar import BillBar, PlaceKey, bill_parts
from landfall.gui.widgets.layout import Card, hairline, label
from landfall.gui.workloads.together_part import TogetherPart

if TYPE_CHECKING:
    from landfall.gui.app_values import WorkloadSummary
    from landfall.services.verdict.decided import Sums


class PortfolioCard(Card):
    """The bill of the user's own workloads; samples are nobody's bill."""

    def __init__(self) -> None:
        super().__init__(self.tr("All workloads"), note=" ")
        self.setObjectName("portfolio")
        self._now = BillBar(self.tr("Now"))
        self._after = BillBar(self.tr("After"))
        self._key = PlaceKey()
        self._words = label("", Text.STRONG, wrap=True)
        self._words.setObjectName("portfolio-saving")
        self._rest = label("", Text.CAPTION, tone="text_2", wrap=True)
        self._rest.setObjectName("portfolio-unknown")
        self._samples = label("", Text.CAPTION, tone="text_2", wrap=True)
        self._samples.setObjectName("portfolio-samples")
        self._samples.hide()
        self._together = TogetherPart()
        self._line = hairline()
        self.add(self._now, self._after, self._key, self._line, self._words, self._rest)
        self.add(self._samples, self._together)
        self.hide()

    def set_workloads(self, workloads: Sequence[WorkloadSummary]) -> None:
        """Show the sum of these, or why there is none."""
        self.setVisible(bool(workloads))
        now = bill(workloads)
        for part in (self._now, self._after, self._key, self._line, self._words):
            part.setVisible(now is not None)
        self._rest.setText(self._what_is_missing(workloads))
        self._rest.setVisible(bool(self._rest.text()))
        if self.note is not None:
            self.note.setText("")
        if now is not None:
            self._fill(now)

    def set_sums(self, sums: Sums | None) -> None:
        """What the workloads make of each other: shared hours and memory, the routing question."""
        own = sums.own if sums is not None else None
        samples = sums.samples if sums is not None and own is None else None
        self._together.show_together(own)
        if samples is not None:
            words = self.tr("The samples together: {0}")
            self._samples.setText(words.format(translated(bill_line(samples))))
        self._samples.setVisible(samples is not None)

    def _fill(self, now: Bill) -> None:
        if self.note is not None:
            words = self.tr("{0} of {1} counted")
            self.note.setText(words.format(whole(now.counted), whole(now.total)))
        top = max(now.now.high, now.after.high)
        spread = (now.after.low, now.after.high) if now.after.high > now.after.low else None
        before = approximately(money(now.now.mid))
        self._now.set_bill(bill_parts(now.now_by_place), before, scale_to=top)
        after = approximately(money(now.after.mid))
        self._after.set_bill(bill_parts(now.after_by_place), after, scale_to=top, band=spread)
        self._key.set_parts(bill_parts(now.after_by_place))
        saving = shown(now.saving.figure, Unit.USD_MONTH)
        words = self.tr("{0} less a month")
        if now.saving.mid < 0:
            words = self.tr("{0} a month: a loss")
        elif now.saving.low == now.saving.high == 0:
            words = self.tr("No change")
        ends = f" ({saving.detail})" if saving.detail else ""
        self._words.setText(words.format(saving.value) + ends)

    def _what_is_missing(self, workloads: Sequence[WorkloadSummary]) -> str:
        own = [w for w in workloads if not w.sample]
        if not own:
            return self.tr("Samples are nobody's bill: your own workloads add up here.")
        open_ones = [w.name for w in own if not (band(w.now_usd_month) and band(w.after_usd_month))]
        if not open_ones:
            return ""
        return self.tr("Not in the sum, cost unknown: {0}.").format(", ".join(open_ones))
