"""The catalogues of models and machines, and the constants of speed, read from the resources.

A row that lacks something is left out and named; the rest can still be used.
"""

from __future__ import annotations

from dataclasses import replace
from functools import cache, cached_property
from typing import TYPE_CHECKING

from landfall.core.errors import BadInput
from landfall.core.machine.hardware import HardwareProfile
from landfall.core.models.catalogue import ModelCard
from landfall.core.speed.speed_constants import SpeedModel
from landfall.services import resources
from landfall.services.late_imports import late
from landfall.services.models.model_rows import MODELS, read_models
from landfall.services.speed.speed_file import SPEED, read_speed

if TYPE_CHECKING:
    from landfall.core.machine.machines import Machine

_CORE = "landfall.core.machine.machines"
"""Imported when a machine is asked about by name, or is one of the catalogue."""


class Catalogue:
    """What the program knows without asking anybody; each part is read when it is first needed.

    A command about one model and one machine has no time for the rest.
    """

    @cached_property
    def _models(self) -> tuple[tuple[ModelCard, ...], tuple[BadInput, ...]]:
        return read_models(resources.read_json(MODELS))

    @cached_property
    def _machines(self) -> tuple[tuple[Machine, ...], tuple[BadInput, ...]]:
        found: tuple[tuple[Machine, ...], tuple[BadInput, ...]] = late(
            "landfall.services.machine.machine_rows"
        ).load()
        return found

    @cached_property
    def _speed(self) -> tuple[SpeedModel | None, tuple[BadInput, ...]]:
        try:
            return read_speed(resources.read_json(SPEED)), ()
        except BadInput as problem:
            return None, (problem,)

    @property
    def models(self) -> tuple[ModelCard, ...]:
        """The models that can be used.

        Raises:
            BadInput: the resource is missing or no JSON; so for the machines.
        """
        return self._models[0]

    @property
    def machines(self) -> tuple[Machine, ...]:
        """The machines that can be used."""
        return self._machines[0]

    @property
    def speed(self) -> SpeedModel | None:
        """The constants with which speed is predicted; None where they are damaged."""
        return self._speed[0]

    @property
    def problems(self) -> tuple[BadInput, ...]:
        """What could not be used: which row, and which field."""
        return self._models[1] + self._machines[1] + self._speed[1]

    def what_if(self, name: str) -> HardwareProfile:
        """The machine of that name, or several of a card, ready for predictions.

        Raises:
            BadInput: no machine has that name, or the count makes no sense.
        """
        made: HardwareProfile = late(_CORE).what_if(name, self.machines, self.speed)
        return made

    def enriched(self, profile: HardwareProfile) -> HardwareProfile:
        """A detected machine with what is known of its accelerators, ready for predictions."""
        if not any(accelerator.catalogue_name for accelerator in profile.accelerators):
            return replace(profile, speed=self.speed)
        made: HardwareProfile = late(_CORE).enriched(profile, self.machines, self.speed)
        return made


@cache
def load() -> Catalogue:
    """The catalogues of this installation: one for the whole program."""
    return Catalogue()
