"""What could forbid a quality run is asked before the first word leaves."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import replace

from landfall.core.errors import BadInput
from landfall.core.models.model_names import same
from landfall.core.side_by_side.side_by_side import Target
from landfall.core.workload.workload import Workload
from landfall.services import cloud
from landfall.services.cloud import privacy_door
from landfall.services.cloud.access import CloudAccess
from landfall.services.ollama.client import Ollama
from landfall.services.quality.plan import QualityPlan, Side
from landfall.services.run.asking import assert_may_answer
from landfall.services.side_by_side.asker import Asker
from landfall.services.threads import in_thread


async def admitted(
    asker: Asker, plan: QualityPlan, *, sides: Collection[Side] | None = None
) -> QualityPlan:
    """The plan with what the local model is, after all that could forbid it was asked.

    Raises:
        PrivacyBlocked: the workload's rule forbids a side. Nothing was sent.
        BadInput: the local model is not the one that the run began with.
    """
    asked = [side for side in plan.asked if sides is None or side in sides]
    for side in asked:
        target = plan.target_of(side)
        assert target is not None, "the side is asked"
        if target.paid:
            await assert_provider_inside(asker.access, asker.workload, target)
        else:
            await assert_may_answer(
                asker.ollama(target.url),
                target.model,
                allow_remote=target.allow_remote,
                workload=asker.workload,
            )
    if "local" not in asked or plan.local is None or plan.local.allow_remote:
        return plan
    return await _with_digest(asker.ollama(plan.local.url), plan, plan.local.model)


async def assert_provider_inside(
    access: CloudAccess | None, workload: Workload | None, target: Target
) -> None:
    """Return only where a workload's rule lets its text go to a provider.

    Raises:
        PrivacyBlocked: it does not. BadInput: there is no such provider, or it has no address.
    """
    assert access is not None, "it was made for the paid targets"
    row = cloud.find(target.provider)
    address = await in_thread(access.address, row)
    privacy_door.assert_may_send(workload, row.id, address, model=target.model)


async def _with_digest(client: Ollama, plan: QualityPlan, model: str) -> QualityPlan:
    found = next((one for one in await client.tags() if same(one.name, model)), None)
    digest = found.digest if found is not None else ""
    if plan.local_digest and digest and digest != plan.local_digest:
        raise BadInput(
            f"{model} is not the model any more that this run began with.",
            "Begin a new run: answers of two models cannot be mixed.",
            field="local",
        )
    quantization = found.quantization if found is not None else ""
    return replace(plan, local_digest=digest, local_quantization=quantization or "")
