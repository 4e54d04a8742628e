"""The models that one would begin with on a machine, for the page that has none to run."""

from __future__ import annotations

from landfall.core.fit.recommend import Priced, recommend
from landfall.core.machine.hardware import HardwareProfile
from landfall.core.models.catalogue import Task
from landfall.services.models import shipped_catalogue
from landfall.services.threads import in_thread

_SHOWN = 2


async def best_fits(profile: HardwareProfile, *, context: int) -> tuple[Priced, ...]:
    """The best recommendations for a conversation; fewer, or none, where little fits.

    Args:
        context: Tokens of context that they must hold.

    Raises:
        BadInput: the catalogue cannot be read.
    """
    return await in_thread(_best, profile, context=context)


def _best(profile: HardwareProfile, *, context: int) -> tuple[Priced, ...]:
    known = shipped_catalogue.load()
    machine = known.enriched(profile)
    return recommend(known.models, machine, task=Task.CHAT, context=context).models[:_SHOWN]
