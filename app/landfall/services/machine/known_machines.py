"""Every machine that can be asked about by name: the user's own first, then the catalogue's.

Whoever lets people name a machine asks here, so that a name is the same machine everywhere. What a
listing of prices names is the catalogue's row, whatever the user calls so.
"""

from __future__ import annotations

from dataclasses import dataclass

from landfall.core.errors import BadInput
from landfall.core.machine import machines
from landfall.core.machine.hardware import HardwareProfile
from landfall.core.machine.machines import Machine, Part
from landfall.services import paths
from landfall.services.machine import user_machines
from landfall.services.models import shipped_catalogue


@dataclass(frozen=True, slots=True, kw_only=True)
class Known:
    """What can be asked about.

    Attributes:
        own: The user's machines. rows: those of the catalogue.
        problems: What is wrong with the user's file; with the catalogue, see there.
    """

    own: tuple[Machine, ...]
    rows: tuple[Machine, ...]
    problems: tuple[BadInput, ...] = ()

    @property
    def machines(self) -> tuple[Machine, ...]:
        """All of them. A row of the catalogue stands back where an own machine has its name."""
        taken = {machine.name.lower() for machine in self.own}
        return (*self.own, *(row for row in self.rows if row.name.lower() not in taken))


def load() -> Known:
    """Read the user's file now; the catalogue is read once.

    Raises:
        BadInput: the catalogue is missing or no JSON.
    """
    rows = shipped_catalogue.load().machines
    own = user_machines.load(paths.of_user().machines, rows)
    if own is None:
        return Known(own=(), rows=rows)
    return Known(own=own.machines, rows=rows, problems=own.problems)


def own_name(name: str) -> str | None:
    """The machine of the user's own file of that name in any case, as it is spelled; or None."""
    wanted = name.strip().casefold()
    return next((one.name for one in load().own if one.name.casefold() == wanted), None)


def what_if(name: str) -> HardwareProfile:
    """The machine of that name, several of a card, or a mix of cards.

    Raises:
        BadInput: no machine has that name; its field is "machine".
    """
    known = load()
    try:
        return machines.what_if(name, known.machines, shipped_catalogue.load().speed)
    except BadInput as error:
        if not known.problems:
            raise
        first = known.problems[0]
        hint = f"{error.hint} In your own file: {first.message}".strip()
        raise BadInput(error.message, hint, field=error.field) from error


def parts_of(name: str) -> tuple[Part, ...]:
    """The rows that a name is made of, for their figures and where those are from.

    Raises:
        BadInput: no machine has that name.
    """
    return machines.parts_of(name, load().machines)
