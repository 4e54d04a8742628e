"""What is written down on the way through the decision table: reasons, what is missing."""

from __future__ import annotations

from dataclasses import dataclass, field

from landfall.core.provenance import Figure, Unknown, middle
from landfall.core.settings import Thresholds
from landfall.core.verdict.facts import Facts, HostFacts
from landfall.core.verdict.table_words import Missing, Reason, Ruling
from landfall.core.workload.privacy import Option


@dataclass(slots=True)
class TableRecord:
    """What was looked at so far, of one workload.

    Attributes:
        reasons: In the order in which they were found; each once.
        missing: Each key once, with the first reason.
        weighed_purchase: Whether the purchase was looked at.
        economics: Whether money was looked at.
    """

    facts: Facts
    limits: Thresholds
    reasons: list[Reason] = field(default_factory=list)
    missing: list[Missing] = field(default_factory=list)
    weighed_purchase: bool = False
    economics: bool = False

    def name(self, rule: str, text: str, *, met: bool = True, out: Option | None = None) -> None:
        """A rule that decided, or was looked at; `out` is the option that it takes out."""
        reason = Reason(rule, text, met=met, excludes=out)
        if reason not in self.reasons:
            self.reasons.append(reason)

    def name_leaks(self) -> None:
        """H1b: steps that still leave under the lock."""
        for leak in self.facts.leaks:
            to = f" ({leak.host})" if leak.host else ""
            self.name("H1b", f"not yet private: the step {leak.step}{to} still leaves; {leak.why}")

    def lack(self, path: str, reason: str) -> None:
        """A key that would have been needed, and why nothing stands for it."""
        if path not in {one.field for one in self.missing}:
            self.missing.append(Missing(path, reason))

    def value(self, figure: Figure, path: str) -> float | None:
        """The middle of a figure; noted as missing where it is not known."""
        if isinstance(figure, Unknown):
            self.lack(path, figure.reason)
        return middle(figure)

    def ruling(
        self,
        option: Option,
        *,
        bar: Option | None = None,
        host: HostFacts | None = None,
        strained: bool = False,
    ) -> Ruling:
        """Where the table leads, with all that was written down."""
        return Ruling(
            option=option,
            reasons=tuple(self.reasons),
            missing=tuple(self.missing),
            bar=bar,
            host=host,
            strained=strained,
            weighed_purchase=self.weighed_purchase,
            economics=self.economics,
        )
