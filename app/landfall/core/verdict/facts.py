"""What the decision table looks at for one workload: nothing else decides.

Every figure says where it comes from. What is None or Unknown is not known; the rules say what
follows from that, and it is never taken for 0 or for a pass.
"""

from __future__ import annotations

from dataclasses import dataclass

from landfall.core.demand.forecast import Predictability
from landfall.core.demand.outlook import Outlook
from landfall.core.demand.strain import Strain
from landfall.core.provenance import Figure, Unknown
from landfall.core.quality.paired_tests import GateResult
from landfall.core.workload.privacy import NO_LOCK, Leak, Lock, Option
from landfall.core.workload.workload import Motive, Organisation, Task

NOT_STATED = Unknown("not stated")


@dataclass(frozen=True, slots=True, kw_only=True)
class Variant:
    """One way to have an option: a rented GPU that never stops, three of a machine.

    Attributes:
        name: In words: "on demand: RTX 4090", "2x RTX 3090".
        usd_month: What it costs; Unknown with the reason.
        feasible: Whether it can do the work; None where not known.
        why_not: Why it cannot, or why it is not the line's; "" where it is.
    """

    name: str
    usd_month: Figure
    feasible: bool | None
    why_not: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostFacts:
    """One machine of the user's own with the local candidate on it.

    Attributes:
        option: LOCAL_THIS_MACHINE or LOCAL_BUY; RENT_GPU of a rented one.
        machine: Its name.
        model: The local candidate looked at, or "".
        fits: H3: weights and the cache of the p99 context fit its memory.
        context_ok: H4: the p99 context is within what the model was tested for.
        licence_ok: H8: the model's licence allows this use.
        capability_ok: H7: the model can do what is needed.
        usd_month: Marginal cost of the owned machine, or TCO of the purchase.
        opex_usd_month: Of a purchase: without depreciation.
        price_usd: Of a purchase.
        peak_utilisation: Share of the slots busy in the busiest hour.
        absorbed_share: Of the calls, when the rest overflows.
        count: How many machines.
        late: H6: p95 latency above the target; None where it was not computed.
        lateness: H6: how far above the target, in a logarithm that is 0 at it; None where `late` is
            all that is known.
        misses_window: H6: the batch does not clear its window; None where not computed.
        absorbed_token_share: As `absorbed_share`, of the tokens: what overflows is billed by them.
        split_part: Of `usd_month`, what it costs where the rest overflows: the electricity of what
            is sent away is not paid here.
        idle_watts: Of one that is bought, at rest.
        strain: Its load in whole: hours, waits, growth; None where there is no host to load.
        notes: What a rule found, in words: rule to text.
    """

    option: Option
    machine: str = ""
    model: str = ""
    fits: bool | None = None
    context_ok: bool | None = None
    licence_ok: bool | None = None
    capability_ok: bool | None = None
    usd_month: Figure = NOT_STATED
    opex_usd_month: Figure = NOT_STATED
    price_usd: Figure = NOT_STATED
    peak_utilisation: Figure = NOT_STATED
    absorbed_share: Figure = NOT_STATED
    count: int = 1
    late: bool | None = None
    lateness: float | None = None
    misses_window: bool | None = None
    absorbed_token_share: Figure = NOT_STATED
    split_part: float = 1.0
    idle_watts: Figure = NOT_STATED
    strain: Strain | None = None
    notes: tuple[tuple[str, str], ...] = ()

    def note(self, rule: str, default: str) -> str:
        """What a rule found on this host, or the plain words."""
        return dict(self.notes).get(rule, default)

    @property
    def token_share(self) -> Figure:
        """What stays here of the tokens, by which the rest is billed; else that of the calls."""
        known = not isinstance(self.absorbed_token_share, Unknown)
        return self.absorbed_token_share if known else self.absorbed_share

    @property
    def table(self) -> str:
        """The table of the workload file in which its values can be quoted."""
        return "quotes.machine" if self.option is Option.LOCAL_THIS_MACHINE else "quotes.buy"


@dataclass(frozen=True, slots=True, kw_only=True)
class Facts:
    """One workload as the decision table sees it.

    Attributes:
        gate: The local candidate against today's model.
        gate_hosted: The hosted candidate against today's model.
        voted: What the gates rest on where it is blind votes, in words; "" where nothing was voted.
        tested: What they rest on where it is quality runs, in words; outdated: why other quality
            runs no longer count.
        outlook: The forecast of the volume.
        history_days: Days really observed; None where not stated.
        calls_per_day: Mean; None where not known.
        hosted_allowed: False: the user rules hosted open-weight models out.
        hosted_offered: A hosted candidate or its price is named.
        hosted_model, hosted_provider: The hosted candidate whose money is `hosted`, the cheapest of
            those that stay; "" where its price is quoted or none is named.
        lock: What the privacy rules leave.
        leaks: Steps that leave under the lock.
        frontier, hosted, rent: USD a month.
        rented: The board that would be rented, or None; its money is `rent`, that of the cheaper
            one of `rent_variants`.
        machine, buy: None where there is none to consider; the reason stands beside it.
        growth: Mean volume over the life of a purchase, over next month's.
        growing: Remote options whose bills follow the volume: what is quoted does not.
        total_ai_bill_usd_month: Of all workloads; None where not stated.
        local_infrastructure: None where not stated.
        price_dates: Published prices behind the figures: (what, source, ISO date).
        retiring: Remote options whose model will not be served for ever: (option, what, ISO date).
    """

    task: Task
    gate: GateResult = GateResult.UNMEASURED
    gate_hosted: GateResult = GateResult.UNMEASURED
    voted: str = ""
    tested: str = ""
    outdated: tuple[str, ...] = ()
    predictability: Predictability = Predictability.UNKNOWN
    outlook: Outlook | None = None
    history_days: int | None = None
    calls_per_day: float | None = None
    organisation: Organisation | None = None
    hosted_allowed: bool = True
    hosted_offered: bool = True
    hosted_model: str = ""
    hosted_provider: str = ""
    lock: Lock = NO_LOCK
    leaks: tuple[Leak, ...] = ()
    frontier: Figure = NOT_STATED
    hosted: Figure = NOT_STATED
    rent: Figure = NOT_STATED
    rented: HostFacts | None = None
    rent_variants: tuple[Variant, ...] = ()
    machine: HostFacts | None = None
    machine_absent: str = "there is no machine to consider"
    buy: HostFacts | None = None
    buy_absent: str = "no purchase is considered"
    motive: Motive = Motive.NONE
    critical: bool = False
    total_ai_bill_usd_month: float | None = None
    local_infrastructure: bool | None = None
    price_dates: tuple[tuple[str, str, str], ...] = ()
    retiring: tuple[tuple[Option, str, str], ...] = ()
    growth: float = 1.0
    growing: frozenset[Option] = frozenset()

    @property
    def startup(self) -> bool:
        """S48: startups default to the cloud."""
        return self.organisation is Organisation.STARTUP

    def over_life(self, option: Option, usd_month: float) -> float:
        """The mean bill of a remote option over the life of a purchase, out of next month's."""
        return usd_month * self.growth if option in self.growing else usd_month

    def remote(self, option: Option) -> Figure:
        """The monthly bill of a remote option."""
        return {
            Option.CLOUD_FRONTIER: self.frontier,
            Option.HOSTED_OPEN: self.hosted,
            Option.RENT_GPU: self.rent,
        }[option]


REMOTE_FIELD = {
    Option.CLOUD_FRONTIER: "quotes.cloud_frontier_usd_month",
    Option.HOSTED_OPEN: "quotes.hosted_open_usd_month",
    Option.RENT_GPU: "quotes.rent_gpu_usd_month",
}
"""Where the user can state what an option costs."""
