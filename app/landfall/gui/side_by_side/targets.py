"""Who can be asked side by side, as the page names it."""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from landfall.core.hosts.hosts import Host
    from landfall.gui.colours import Role
    from landfall.gui.run.targets import LocalTarget
    from landfall.services.cloud.provider import ProviderRow

MOST_TARGETS = 10
"""Beside each other: so many can still be told apart, and voted on with one key each."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asked:
    """One of those who are asked.

    Attributes:
        model: As its server names it.
        where: "this machine", or the provider.
        role: The colour of the place.
        row: The provider; None for a model of the Ollama server in use, or of a host.
        host: The kept host; None for the server in use, and for a provider.
        leaves: What is asked leaves this machine, for a provider or for a model in a cloud that
            stands behind a name on the Ollama server.
    """

    model: str
    where: str
    role: Role
    row: ProviderRow | None = None
    leaves: bool = False
    host: Host | None = None

    @property
    def billed(self) -> bool:
        """Whether somebody else sends a bill for it."""
        return self.leaves and self.host is None

    @property
    def icon(self) -> str:
        """The sign of its place."""
        if self.host is not None:
            return "server"
        return "cloud" if self.leaves else "run"

    @property
    def key(self) -> str:
        """The same for the same target."""
        if self.host is not None:
            return f"{self.host.url}:{self.model}"
        return f"{self.row.id if self.row is not None else ''}:{self.model}"

    @property
    def label(self) -> str:
        """Model and place in a few words."""
        return f"{self.model}, {self.where}"


def asked_here(target: LocalTarget) -> Asked:
    """A model of the server in use."""
    if target.host is not None:
        return asked_on(target.host, target.model)
    where = target.label.removeprefix(f"{target.model}, ")
    role: Role = "frontier" if target.in_cloud else "here"
    return Asked(model=target.model, where=where, role=role, leaves=target.in_cloud)


def asked_on(host: Host, model: str) -> Asked:
    """A model of a kept host; what is asked goes there."""
    return Asked(model=model, where=host.name, role="buy", leaves=True, host=host)


def asked_there(row: ProviderRow, model: str) -> Asked:
    """A model of a provider."""
    return Asked(model=model, where=row.name, role="frontier", row=row, leaves=True)
