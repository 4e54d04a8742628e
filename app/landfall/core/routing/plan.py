"""Where each workload goes through a router: aliases with their deployments, and what is left out.

A client names an alias as its model. The router sends it to one of the alias's deployments, and
where all of those are busy or down to the alias's overflow, if it has one. A private alias has no
way out: its overflow is empty, and none of its deployments stands outside its lock.
"""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from landfall.core.provenance import Figure, Unknown
from landfall.core.workload.privacy import Option

NO_SHARE = Unknown("it is no split between here and elsewhere")
NO_COST = Unknown("not measured here")


class Place(StrEnum):
    """Whose machine a deployment is: one of the user's own, a rented one, or a provider's."""

    OWN = "own"
    RENTED = "rented"
    CLOUD = "cloud"


@dataclass(frozen=True, slots=True, kw_only=True)
class Deployment:
    """One server that answers for an alias.

    Attributes:
        id: Unique in the plan: it is how the router's log names what answered.
        place: Whose machine it is.
        provider: As `resources/providers.json` names it; "" of an own or a rented machine.
        route: What the router's model begins with: "ollama_chat", "together_ai".
        model: As the server calls it, without the route.
        host: The user's name of an own machine's server, or "".
        api_base: Its address, or "" for the provider's own.
        api_base_variable: The environment variable that holds the address where only the user
            knows it, or "".
        key_variable: The environment variable that holds the key, or "".
        slots: Calls that it answers at once, or None for no limit. slots_says: where that is from.
        timeout_seconds: After which a call counts as failed.
        input_usd_per_token, output_usd_per_token: Marginal cost; Unknown is left out of the files.
        budget_usd: Soft cap of 30 days, or None. budget_says: where it is from.
        confirmed: False where an own server did not list the model, or was not heard, when the
            plan was made: a fact of that moment, which the files do not hold.
    """

    id: str
    place: Place
    route: str
    model: str
    provider: str = ""
    host: str = ""
    api_base: str = ""
    api_base_variable: str = ""
    key_variable: str = ""
    slots: int | None = None
    slots_says: str = ""
    timeout_seconds: float = 120.0
    input_usd_per_token: Figure = NO_COST
    output_usd_per_token: Figure = NO_COST
    budget_usd: float | None = None
    budget_says: str = ""
    confirmed: bool = True

    @property
    def target(self) -> str:
        """The model as the router spells it: "ollama_chat/qwen3:8b"."""
        return f"{self.route}/{self.model}"


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutedAlias:
    """A name that clients ask for, and what answers.

    Attributes:
        alias: The name. workload: whose calls it takes. step: "" for the workload's own model,
            else the step of the pipeline that calls another one: "embed".
        option: The verdict that it carries out.
        private: Whether a lock binds it: no way out, whatever a client asks.
        allowed: Under a lock, the providers that it allows; empty: nothing leaves the own network.
        lock: The rule in words, or "".
        embedding: Whether it is asked for vectors rather than text.
        deployments: Asked first, the least busy of them.
        overflow: Asked where those are busy or down.
        local_share: Of the calls, as the model predicts it with these slots.
        calls_per_day: As the workload says.
        usd_month: What the verdict expects it to cost.
        notes: What the user should know of it, in sentences.
    """

    alias: str
    workload: str
    option: Option
    step: str = ""
    private: bool = False
    allowed: tuple[str, ...] = ()
    lock: str = ""
    embedding: bool = False
    deployments: tuple[Deployment, ...] = ()
    overflow: tuple[Deployment, ...] = ()
    local_share: Figure = NO_SHARE
    calls_per_day: float | None = None
    usd_month: Figure = NO_COST
    notes: tuple[str, ...] = ()

    @property
    def overflow_alias(self) -> str:
        """The group that takes what the deployments cannot."""
        return f"{self.alias}-overflow"

    @property
    def sealed(self) -> bool:
        """Whether nothing of it may leave the own network."""
        return self.private and not self.allowed

    @property
    def slots(self) -> int:
        """Calls that its own machines answer at once."""
        return sum(one.slots or 0 for one in self.deployments if one.place is Place.OWN)


@dataclass(frozen=True, slots=True, kw_only=True)
class LeftOut:
    """A workload, or a step of it, that gets no alias, and why."""

    workload: str
    reason: str
    step: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class RoutingPlan:
    """Everything that is exported.

    Attributes:
        engine: The router, "LiteLLM". engine_version: with which the form was checked.
        made_at: ISO time, UTC.
        aliases: In the order of the workloads, a workload's steps behind it.
        left_out: What gets no alias.
        notes: What the user should know of the whole.
    """

    made_at: str
    aliases: tuple[RoutedAlias, ...]
    left_out: tuple[LeftOut, ...] = ()
    engine: str = "LiteLLM"
    engine_version: str = ""
    notes: tuple[str, ...] = ()

    @property
    def unconfirmed(self) -> tuple[str, ...]:
        """Aliases of which some own server was not seen to hold the model."""
        return tuple(
            one.alias for one in self.aliases if not all(d.confirmed for d in one.deployments)
        )

    @property
    def private(self) -> tuple[RoutedAlias, ...]:
        """Aliases under a lock."""
        return tuple(one for one in self.aliases if one.private)

    @property
    def sealed(self) -> tuple[RoutedAlias, ...]:
        """Aliases of which nothing leaves the own network: those of the second proxy."""
        return tuple(one for one in self.aliases if one.sealed)

    @property
    def deployments(self) -> tuple[Deployment, ...]:
        """Every deployment of every alias."""
        return tuple(d for one in self.aliases for d in (*one.deployments, *one.overflow))
