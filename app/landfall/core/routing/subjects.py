"""What a routing plan is made of: decided workloads, the servers at hand, how a router names
providers."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from landfall.core.hosts.hosts import Host, HostKind, Standing
from landfall.core.models.model_names import same
from landfall.core.provenance import Figure
from landfall.core.verdict.facts import Facts
from landfall.core.verdict.verdict import Verdict
from landfall.core.verdict.world import MeasuredEnergy, Priced
from landfall.core.workload.workload import Workload


@dataclass(frozen=True, slots=True, kw_only=True)
class ServingHost:
    """A server of models that calls may be sent to.

    Attributes:
        host: Its name, address and language.
        standing: Where it stands; words: the same for people, with the address.
        present: Whether it is the server that this program itself uses.
        answers: Whether it did when it was asked; None where nobody asked.
        models: What it lists; empty unless it answers.
        remote_models: Those of them that another machine answers for.
        pins: Whether it knows `:local`, which forbids it to forward a call (Ollama 0.18.0 on).
        token: Whether it asks for one, which is kept for it.
        twins: Other kept hosts that are the same server.
    """

    host: Host
    standing: Standing
    words: str = ""
    present: bool = False
    answers: bool | None = None
    models: tuple[str, ...] = ()
    remote_models: tuple[str, ...] = ()
    pins: bool = False
    token: bool = False
    twins: tuple[Host, ...] = ()

    @property
    def inside(self) -> bool:
        """Whether it stands on this machine or in the own network; what is not known does not."""
        return self.standing in (Standing.THIS_MACHINE, Standing.OUR_NETWORK)

    def forwards(self, model: str) -> bool:
        """Whether it is known to hand calls for the model to another machine."""
        return any(same(model, one) for one in self.remote_models)

    def serves(self, model: str) -> bool | None:
        """Whether it lists the model and answers for it itself; None where that is not known."""
        if self.answers is None:
            return None
        if self.forwards(model):
            return False
        if self.host.kind is HostKind.OPENAI:
            return model in self.models
        return any(same(model, one) for one in self.models)


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderRoute:
    """How the router names a provider.

    Attributes:
        route: What a model begins with. key_variable: of the environment.
        base_variable: Holds the address, where it is another than the provider's own; or "".
    """

    provider: str
    route: str
    key_variable: str
    base_variable: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class Engine:
    """What is known of the router. Source and date stand in `resources/litellm.json`.

    Attributes:
        name, version: With which the form of the files was checked.
        routes: By the provider's id.
        own_routes: Routes that a server of the user's own may be reached by.
        router_keys, general_keys, top_keys: What each part of its configuration may hold.
        quiet_callbacks: Callbacks of its own that keep no text.
        variables: Environment variables that keep it from asking the network on its own.
        model_names: Names of real models that its clients may mean, in lower case.
    """

    name: str
    version: str
    routes: Mapping[str, ProviderRoute]
    own_routes: frozenset[str] = frozenset()
    router_keys: frozenset[str] = frozenset()
    top_keys: frozenset[str] = frozenset()
    quiet_callbacks: frozenset[str] = frozenset()
    variables: Mapping[str, str] = field(default_factory=dict)
    model_names: frozenset[str] = frozenset()


@dataclass(frozen=True, slots=True, kw_only=True)
class Subject:
    """A decided workload.

    Attributes:
        frontier: Today's model with its price. hosted: the hosted candidate that the verdict took.
        energy: Joules a token measured of the local model on the present machine, or None.
        usd_per_kwh: Of electricity.
        embedding_model: For a step that embeds: what the workload names, else what the catalogue
            proposes. embedding_named: whether the workload names it.
        vision_model: For a step that reads pictures, where the workload names one; or "".
    """

    workload: Workload
    facts: Facts
    verdict: Verdict
    frontier: Priced | None
    hosted: Priced | None
    energy: MeasuredEnergy | None
    usd_per_kwh: Figure
    embedding_model: str = ""
    embedding_named: bool = False
    vision_model: str = ""
