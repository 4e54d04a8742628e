"""What a quality run or its judge costs at most and where prompts would go, to be agreed to."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from urllib.parse import urlsplit

from landfall.core.side_by_side.side_by_side import PlanCeiling, Target
from landfall.core.workload.workload import Workload
from landfall.services import cloud
from landfall.services.history.history import History
from landfall.services.ollama.address import is_this_machine
from landfall.services.quality.admission import assert_provider_inside
from landfall.services.quality.judging import most_judging_costs, to_judge, warnings_of
from landfall.services.quality.plan import QualityPlan
from landfall.services.quality.records import QualityRun
from landfall.services.quality.running import most_it_costs, recovered
from landfall.services.run.asking import CLOUD_HOST, Access
from landfall.services.run.runs import Runs
from landfall.services.side_by_side.asker import saved_workload
from landfall.services.threads import in_thread


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """One model that would be asked.

    Attributes:
        name: Of the model, as people read it.
        host: Where the text goes; "" where it stays on this machine.
        answers: How many it would be asked for.
        usd: What they cost at most; None where nobody is paid, or no price is known.
        paid: Whether a provider is paid.
        note: By which price it was reckoned, or why not.
    """

    name: str
    host: str
    answers: int
    usd: float | None
    paid: bool
    note: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Quote:
    """What is agreed to, or not, before the first word leaves.

    Attributes:
        askings: Those who would be asked; a model with nothing left to answer is not in it.
        ceiling: What all of them cost at most.
        warnings: What speaks against it, each a sentence.
    """

    askings: tuple[Asking, ...]
    ceiling: PlanCeiling
    warnings: tuple[str, ...] = ()

    @property
    def answers(self) -> int:
        """How many are asked for together."""
        return sum(one.answers for one in self.askings)

    @property
    def leaves(self) -> bool:
        """Whether anything leaves this machine."""
        return any(one.host for one in self.askings)


async def quote(runs: Runs, access: Access, plan: QualityPlan, *, server_url: str) -> Quote:
    """What a plan costs at most, once the workload's privacy rule was held against its providers.

    Args:
        server_url: Of the Ollama server that targets without an address mean.

    Raises:
        PrivacyBlocked: the rule forbids a provider. Nothing was sent.
        BadInput: there is no such workload or provider.
    """
    await _check(runs.history, access, plan.workload, _targets(plan))
    most = await most_it_costs(access, plan)
    counts = [len(plan.prompts)] * len(plan.asked)
    return Quote(
        askings=await _askings(access, _targets(plan), counts, most, server_url), ceiling=most
    )


async def quote_rest(runs: Runs, access: Access, uid: str, *, server_url: str) -> Quote:
    """As `quote`, of what a run that was cut or stopped still lacks.

    Raises:
        PrivacyBlocked, BadInput: as `quote`.
    """
    run = await recovered(runs, uid)
    missing = run.missing()
    lacking = {side for _, side in missing}
    targets = [
        one for side in run.plan.asked if side in lacking and (one := run.plan.target_of(side))
    ]
    await _check(runs.history, access, run.plan.workload, targets)
    most = await most_it_costs(access, run.plan, missing=missing)
    counts = [sum(one == side for _, one in missing) for side in run.plan.asked]
    return Quote(
        askings=await _askings(access, _targets(run.plan), counts, most, server_url), ceiling=most
    )


async def quote_judge(
    runs: Runs, access: Access, uid: str, judge: Target, *, server_url: str
) -> Quote:
    """As `quote`, of a judge that labels what differs, with all that speaks against it.

    Raises:
        PrivacyBlocked, BadInput: as `quote`.
    """
    run: QualityRun = await runs.history.quality.get(uid)
    await _check(runs.history, access, run.plan.workload, [judge])
    most = await most_judging_costs(access, run, judge)
    counts = [len(to_judge(run, judge))]
    return Quote(
        askings=await _askings(access, [judge], counts, most, server_url),
        ceiling=most,
        warnings=warnings_of(run.plan, judge),
    )


def _targets(plan: QualityPlan) -> list[Target]:
    return [one for side in plan.asked if (one := plan.target_of(side)) is not None]


async def _check(
    history: History, access: Access, name: str | None, targets: Iterable[Target]
) -> None:
    paid = [target for target in targets if target.paid]
    workload: Workload | None = await saved_workload(history, name)
    if not paid:
        return
    providers = await in_thread(access)
    for target in paid:
        await assert_provider_inside(providers, workload, target)


async def _askings(
    access: Access, targets: list[Target], counts: list[int], most: PlanCeiling, server_url: str
) -> tuple[Asking, ...]:
    prices = {one.target: one for one in most.targets}
    found = []
    for number, (target, count) in enumerate(zip(targets, counts, strict=True)):
        if not count:
            continue
        price = prices.get(number)
        found.append(
            Asking(
                name=target.name,
                host=await _host(access, target, server_url),
                answers=count,
                usd=price.usd if price is not None else None,
                paid=target.paid,
                note=price.note if price is not None else "",
            )
        )
    return tuple(found)


async def _host(access: Access, target: Target, server_url: str) -> str:
    """Where what is asked goes; "" for this machine."""
    if target.paid:
        providers = await in_thread(access)
        address = await in_thread(providers.address, cloud.find(target.provider))
        return address.host
    if target.allow_remote:
        return CLOUD_HOST
    url = target.url or server_url
    return "" if is_this_machine(url) else urlsplit(url).netloc
