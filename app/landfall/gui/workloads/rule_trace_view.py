"""Every rule in the order of the table: met with its numbers, not met, or not looked at and why."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass, replace
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from landfall.core.provenance import Figure, middle, provenance
from landfall.core.quality.paired_tests import GateResult
from landfall.core.verdict.decision_table import rule
from landfall.core.verdict.facts import Facts, HostFacts
from landfall.core.verdict.table_words import Reason, Ruling, busiest, hybrid_usd
from landfall.core.workload.privacy import Option
from landfall.gui.format import money, percent, text
from landfall.gui.translated import translated
from landfall.gui.units import Unit
from landfall.gui.widgets.feedback import State
from landfall.gui.widgets.rule_trace import RuleLine
from landfall.gui.workloads.evidence_quality import intervals_of
from landfall.gui.workloads.words import input_word, machine_word, rule_title, sentence
from landfall.services.verdict import guide

if TYPE_CHECKING:
    from landfall.services.verdict.decided import Decided

_ORDER = (
    "H1", "H1r", "H1b", "H2", "H5", "F1", "E0", "S27", "H3", "H4", "H8", "H7", "H6", "E2", "E5",
    "S6", "S7", "S8", "S48", "AP7", "E4", "E3", "S25",
)  # fmt: skip
"""The table runs from the hard rules over the defaults to money; a host's rules come with it."""

_ALWAYS = (
    "H1", "H2", "H5", "F1", "E0", "S27", "H3", "H4", "H8", "H7", "H6", "E2", "E5", "S6", "S7",
    "S48", "E4", "E3", "S25",
)  # fmt: skip
"""Rules of which a line stands also where the table says nothing of them."""


def _tr(words: str) -> str:
    return QCoreApplication.translate("rule_trace", words)


def rule_lines(decided: Decided) -> tuple[RuleLine, ...]:
    """Every rule in its order, then what is missing, then the warnings."""
    verdict = decided.verdict
    told = [_told(reason) for reason in verdict.reasons]
    named = {reason.rule for reason in verdict.reasons}
    ruling = rule(decided.facts, decided.limits)
    tested = translated(decided.facts.tested or decided.facts.voted) or _tested(decided)
    silent = _Silent(decided.facts, ruling, tested, decided.limits.utilisation_max)
    quiet = [one for name in _ALWAYS if name not in named for one in silent.of(name)]
    lines = sorted([*told, *quiet], key=_place)
    lines += [
        RuleLine(
            "?",
            State.TODO,
            input_word(one.field),
            sentence(f"{translated(one.reason)} ({one.field})"),
        )
        for one in verdict.missing
    ]
    lines += [
        RuleLine(one.rule, State.PARTIAL, rule_title(one.rule), sentence(translated(one.text)))
        for one in verdict.warnings
    ]
    return tuple(_with_turns(line) for line in lines)


def _with_turns(line: RuleLine) -> RuleLine:
    """With what would turn the rule, where the guide says so."""
    known = guide.rules().get(line.rule)
    if known is None:
        return line
    return replace(line, turns=_tr("Turns with: {0}.").format(translated(known.turns)))


def _tested(decided: Decided) -> str:
    """What was measured of the local candidate, in words; "" where only a result is stated."""
    pairs = decided.loaded.workload.quality.pairs
    if pairs is None or not pairs.prompts:
        return ""
    one = intervals_of(decided)[0]
    return f"{one.name}, {one.words}"


def _place(line: RuleLine) -> int:
    return _ORDER.index(line.rule) if line.rule in _ORDER else len(_ORDER)


def _told(reason: Reason) -> RuleLine:
    title = rule_title(reason.rule) if reason.rule else _tr("Remark")
    name = reason.rule or "\u2013"
    if not reason.met:
        words = _tr("not met: {0}").format(translated(reason.text))
        return RuleLine(name, State.SKIPPED, title, sentence(words))
    state = State.DONE
    if reason.rule == "H1b" or reason.excludes is not None:
        state = State.FAILED
    return RuleLine(name, state, title, sentence(translated(reason.text)))


@dataclass(frozen=True, slots=True)
class _Silent:
    """What the table looked at without naming it, and what it never came to.

    Attributes:
        tested: What was measured of the local candidate, in words, or "".
        most_busy: Share of the slots up to which the busiest hour is no trouble.
    """

    facts: Facts
    ruling: Ruling
    tested: str
    most_busy: float

    def of(self, name: str) -> Iterator[RuleLine]:
        """The line of a rule that is no reason, one for each machine that it was asked of."""
        match name:
            case "H1":
                if not {"H1", "H1r"} & set(self.facts.lock.rules):
                    yield self._line(name, _tr("not met: no privacy rule forbids anything"))
            case "H2":
                yield self._line(name, _tr("not met: there is a network"))
            case "H5":
                yield self._gate()
            case "F1" | "E0":
                yield self._default(name)
            case "H3" | "H4" | "H8" | "H7" | "H6":
                yield from self._of_hosts(name)
            case "S6" | "S7" | "S48":
                yield self._condition(name)
            case "S25":
                yield self._predictable(name)
            case _:
                yield self._money(name)

    def _line(self, name: str, words: str, state: State = State.SKIPPED) -> RuleLine:
        return RuleLine(name, state, rule_title(name), sentence(words))

    def _not_looked_at(self, name: str, why: str) -> RuleLine:
        return self._line(name, _tr("not looked at: {0}").format(why))

    def _gate(self) -> RuleLine:
        gate = self.facts.gate
        if gate is GateResult.PASS:
            words = self.tested or _tr("the local candidate passed")
            return self._line("H5", _tr("ok: {0}").format(words), State.DONE)
        words = _tr("not met: the local candidate is {0}, which takes nothing out")
        return self._line("H5", words.format(gate.value))

    def _default(self, name: str) -> RuleLine:
        """What holds while nothing is proven."""
        if self.ruling.economics:
            return self._line(name, _tr("not met: a candidate has passed its gate"))
        if self._only_local:
            return self._not_looked_at(name, _tr("only local stays"))
        if name == "F1":
            return self._line(name, _tr("not met: such work does not need a frontier model"))
        return self._not_looked_at(name, _tr("the task itself decides"))

    def _condition(self, name: str) -> RuleLine:
        """What must hold before hardware is bought; where it does not, the table says so."""
        if not self.ruling.weighed_purchase:
            return self._not_looked_at(name, self._why_not_weighed())
        words = {
            "S6": _tr("ok: the volume is observed long enough, and steady"),
            "S7": _tr("ok: the bill is large enough for hardware"),
            "S48": _tr("ok: no startup decides"),
        }[name]
        return self._line(name, words, State.DONE)

    def _why_not_weighed(self) -> str:
        if not self.ruling.economics:
            return _tr("rules decided before money was looked at")
        return _tr("the owned machine was enough")

    def _predictable(self, name: str) -> RuleLine:
        if not self.ruling.economics:
            return self._not_looked_at(name, _tr("rules decided before money was looked at"))
        words = _tr("not met: the volume is {0}").format(
            translated(self.facts.predictability.value)
        )
        return self._line(name, words)

    # Machines

    @property
    def _only_local(self) -> bool:
        """Whether the table came to the rules under a lock, or found nothing else inside."""
        lock = self.facts.lock
        nowhere = self.ruling.option is Option.LOCAL_REQUIRED_NOT_FEASIBLE
        return nowhere or bool({"H1", "H2"} & set(lock.rules))

    def _hosts(self) -> tuple[HostFacts, ...]:
        """The machines of which the hard rules were asked."""
        facts, found = self.facts, []
        proven = self.ruling.economics and facts.gate is GateResult.PASS
        if facts.machine is not None and (self._only_local or proven):
            found.append(facts.machine)
        settled = self.ruling.option is Option.LOCAL_THIS_MACHINE
        weighed = self._only_local and not settled
        weighed = weighed or (proven and self.ruling.weighed_purchase)
        if facts.buy is not None and weighed:
            found.append(facts.buy)
        return tuple(found)

    def _of_hosts(self, name: str) -> Iterator[RuleLine]:
        hosts = self._hosts()
        if not hosts:
            yield self._not_looked_at(name, self._why_no_host())
        for host in hosts:
            yield self._of_host(name, host)

    def _why_no_host(self) -> str:
        facts = self.facts
        if facts.machine is None and facts.buy is None:
            return translated(facts.machine_absent)
        if facts.gate is not GateResult.PASS:
            return _tr("no local candidate has passed its gate")
        return _tr("the verdict was found before")

    def _of_host(self, name: str, host: HostFacts) -> RuleLine:
        """Whether a machine passed; a rule that took it out is among the reasons already."""
        called = machine_word(host.machine)
        if name == "H6":
            busy = middle(host.peak_utilisation)
            if busy is None:
                why = provenance(host.peak_utilisation).removeprefix("unknown: ")
                return self._line(name, _tr("not known: {0}").format(translated(why)), State.TODO)
            late = bool(host.late) or bool(host.misses_window)
            if late or busy > self.most_busy:
                words = _tr("not met: alone it is too much, {0}").format(
                    translated(busiest(host, busy))
                )
                return self._line(name, words)
            words = _tr("ok: the busiest hour needs {0} of {1}").format(percent(busy), called)
            return self._line(name, words, State.DONE)
        known = {
            "H3": host.fits,
            "H4": host.context_ok,
            "H7": host.capability_ok,
            "H8": host.licence_ok,
        }[name]
        if known is None:
            key = {"H3": "fits", "H4": "context_ok", "H7": "capability_ok", "H8": "licence_ok"}[
                name
            ]
            why = translated(host.note(key, _tr("not stated")))
            return self._line(name, _tr("not known: {0}").format(translated(why)), State.TODO)
        model = host.model or _tr("the local model")
        words = {
            "H3": translated(host.note("H3", _tr("{0} fits {1}").format(model, called))),
            "H4": _tr("the longest calls are within the context of {0}").format(model),
            "H7": _tr("{0} has what is needed").format(model),
            "H8": _tr("the licence of {0} allows it").format(model),
        }[name]
        return self._line(name, _tr("ok: {0}").format(words), State.DONE)

    # Money

    def _money(self, name: str) -> RuleLine:
        if not self.ruling.economics:
            return self._not_looked_at(name, _tr("rules decided before money was looked at"))
        found = {"E2": self._owned, "E5": self._split, "E4": self._bought, "E3": self._rented}
        if name == "S27":
            return self._not_looked_at(name, self._why_not_hosted())
        return found[name](name)

    def _why_not_hosted(self) -> str:
        facts = self.facts
        if not facts.hosted_allowed:
            return _tr("hosted models are ruled out")
        if not facts.hosted_offered:
            return _tr("no hosted candidate is named")
        if facts.gate_hosted is not GateResult.PASS:
            return _tr("the hosted candidate is {0}").format(facts.gate_hosted.value)
        return _tr("its price is not known")

    def _bar(self) -> Figure | None:
        bar = self.ruling.bar
        return None if bar is None else self.facts.remote(bar)

    def _against(self, name: str, cost: Figure) -> RuleLine:
        """A cost that does not beat the bar, or that is not known."""
        bar = self._bar()
        if bar is None or middle(bar) is None or middle(cost) is None:
            return self._not_looked_at(name, _tr("its cost or the bill to beat is not known"))
        words = _tr("not met: {0} a month against {1} saves too little")
        return self._line(name, words.format(text(cost, Unit.USD_MONTH), text(bar, Unit.USD_MONTH)))

    def _owned(self, name: str) -> RuleLine:
        host = self.facts.machine
        if host is None:
            return self._not_looked_at(name, translated(self.facts.machine_absent))
        if host not in self._hosts():
            return self._not_looked_at(name, self._why_no_host())
        if self.ruling.option is Option.HYBRID:
            return self._line(name, _tr("not met: alone the machine is too busy"))
        return self._against(name, host.usd_month)

    def _split(self, name: str) -> RuleLine:
        host = self.facts.machine
        if host is None or host not in self._hosts():
            return self._not_looked_at(name, self._why_no_host())
        bar = self._bar()
        split = hybrid_usd(host, middle(bar) if bar is not None else None)
        if self.ruling.option is Option.LOCAL_THIS_MACHINE or split is None:
            return self._not_looked_at(name, _tr("nothing overflows, or it is not known how much"))
        words = _tr("not met: the split would cost {0} a month")
        return self._line(name, words.format(money(split)))

    def _bought(self, name: str) -> RuleLine:
        if not self.ruling.weighed_purchase:
            return self._not_looked_at(name, _tr("the owned machine was enough"))
        if self.ruling.option is Option.LOCAL_BUY or self.ruling.host is self.facts.buy is not None:
            tco = text(self.facts.buy.usd_month, Unit.USD_MONTH) if self.facts.buy else ""
            words = _tr("met: {0} a month, and it is paid back in time").format(tco)
            return self._line(name, words, State.DONE)
        if self.facts.buy is None:
            return self._not_looked_at(name, translated(self.facts.buy_absent))
        return self._not_looked_at(name, _tr("a condition before it is not met"))

    def _rented(self, name: str) -> RuleLine:
        if self.ruling.host is not None:
            return self._not_looked_at(name, _tr("the verdict was found before"))
        if Option.RENT_GPU not in self.facts.lock.inside:
            return self._not_looked_at(name, _tr("it is outside the privacy rule"))
        if self.facts.startup:
            return self._not_looked_at(name, _tr("startups stay in the cloud"))
        if self.facts.gate is not GateResult.PASS:
            return self._not_looked_at(name, _tr("no local candidate has passed its gate"))
        return self._against(name, self.facts.rent)
