"""The machine that a host is, where the user described one by the host's name."""

from __future__ import annotations

from landfall.core.errors import BadInput
from landfall.core.settings import Settings
from landfall.services.late_imports import late


def machine_of(text: str, settings: Settings) -> str:
    """The name of the machine of the user's own file that is called like the host.

    No server tells what memory its machine has, and a name alone is never taken for a row of the
    catalogue: a host may be called 4090 and be none.

    Raises:
        BadInput: it is no host, or nobody described its machine.
    """
    host = late("landfall.services.hosts.naming").found(text, settings)
    own: str | None = late("landfall.services.machine.known_machines").own_name(host.name)
    if own is None:
        raise BadInput(
            f"What memory {host.name} has is not known: no server tells it.",
            f"Describe a machine of your own by the name {host.name} (`landfall machines --help`),"
            ' or say which one it is: --machine "RTX 4090".',
            field="--host",
        )
    return own
