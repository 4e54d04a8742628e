"""What a host of models is to the rest of the program, and the dated row that describes it."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Sequence
from dataclasses import dataclass
from typing import Literal, Protocol, get_args

from landfall.core.events import RunEvent
from landfall.services.cloud.address import Address
from landfall.services.egress import Purpose
from landfall.services.keys.secret import Secret

AdapterName = Literal["openai_compatible", "anthropic"]
ADAPTERS = frozenset(get_args(AdapterName))

KeyKind = Literal["inference", "usage"]
"""What a key is for: running models, or reading what was used and billed."""


@dataclass(frozen=True, slots=True)
class Auth:
    """The header that carries the key, and what stands before it there."""

    header: str
    prefix: str


@dataclass(frozen=True, slots=True, kw_only=True)
class KeyCheck:
    """The cheapest request that tells a good key from a bad one.

    Attributes:
        path: Resolved against the base address as a link is. `{day_unix}` and `{day_iso}` in it are
            the start of the day before, UTC.
        auth: Where it differs from the provider's usual header.
        accepted_statuses: Refusals that still prove the key, such as "no billing yet".
    """

    path: str
    auth: Auth | None
    accepted_statuses: frozenset[int]


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageKey:
    """The second secret, where reading usage takes a key of its own, which cannot run models.

    Attributes:
        name: What the provider calls it, "admin key".
        prefixes: How it begins. Where the usual key begins the same, nothing tells the two apart.
    """

    name: str
    prefixes: tuple[str, ...]
    keys_page: str
    check: KeyCheck


@dataclass(frozen=True, slots=True, kw_only=True)
class UsageAccess:
    """That a provider tells what was used, and with which key.

    Attributes:
        key: Its own key; None where the usual key reads usage too.
        source: Where this comes from. as_of: ISO date on which it was so.
    """

    key: UsageKey | None
    source: str
    as_of: str
    notes: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ProviderRow:
    """One row of resources/providers.json: everything in which a provider differs.

    Attributes:
        id: As typed on the command line and named in the keyring.
        adapter: Which protocol it speaks.
        base_url: Its own address; "" where only the user knows it.
        base_url_variables: Environment variables that move it.
        moved_path: What a moved address must end in, because its clients usually leave it out.
        key_prefixes: How its keys begin, the most telling first.
        key_refused_texts: What an answer contains that refuses the key with another status.
        stream_usage: Whether usage in the stream must be asked for with stream_options.
        max_tokens_field: How the request names the most tokens of the answer.
        usage: How usage is read; None where the provider has no interface for it.
        source: Where the row comes from. as_of: ISO date on which it was so.
    """

    id: str
    name: str
    adapter: AdapterName
    base_url: str
    base_url_variables: tuple[str, ...]
    moved_path: str
    auth: Auth
    key_prefixes: tuple[str, ...]
    check: KeyCheck
    key_refused_texts: tuple[str, ...]
    models_path: str
    stream_usage: bool
    max_tokens_field: str
    keys_page: str
    source: str
    as_of: str
    notes: str
    usage: UsageAccess | None = None

    @property
    def usage_key(self) -> UsageKey | None:
        """The second secret, or None where this provider has none."""
        return self.usage.key if self.usage is not None else None

    def entry(self, kind: KeyKind) -> str:
        """What the keyring calls the key of this kind: "openai", "openai-usage"."""
        return self.id if kind == "inference" else f"{self.id}-usage"


@dataclass(frozen=True, slots=True)
class Message:
    """One turn of a conversation."""

    role: Literal["system", "user", "assistant"]
    content: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ChatOptions:
    """What is asked of a hosted model. None leaves a value to the provider.

    Attributes:
        max_tokens: The longest answer, in tokens, reasoning included: what bounds the cost.
    """

    max_tokens: int
    temperature: float | None = None
    seed: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class HostedModel:
    """A model as the provider lists it.

    Attributes:
        id: What a request names.
        retires: The day its provider says it stops serving the model, as it says it, or None.
        context: Tokens it takes at most, or None where the list does not say.
    """

    id: str
    name: str
    retires: str | None = None
    context: int | None = None


@dataclass(frozen=True, slots=True)
class Accepted:
    """The provider takes the key. `note` says what else its answer tells, or is empty."""

    host: str
    note: str = ""


class Provider(Protocol):
    """A host of models. Every request is recorded before it leaves and obeys its purpose's lock.

    All methods raise:
        PrivacyBlocked: the purpose's lock forbids the host; nothing was sent.
        KeyRefused: 401 or 403.
        ServerRefused: another no, with its status.
        NetworkUnavailable: no answer, a certificate that is not trusted, a redirect, no JSON.
    """

    @property
    def row(self) -> ProviderRow:
        """What is known of it."""
        ...

    @property
    def address(self) -> Address:
        """Where it is reached."""
        ...

    async def check(
        self, key: Secret | None, *, purpose: Purpose, kind: KeyKind = "inference"
    ) -> Accepted:
        """Ask with the cheapest request of its kind whether the key is good.

        Anything that is neither yes nor a refusal of the key is NetworkUnavailable.
        """
        ...

    async def list_models(self, key: Secret | None, *, purpose: Purpose) -> tuple[HostedModel, ...]:
        """The models that this key may use, in the provider's order."""
        ...

    def chat(
        self,
        key: Secret | None,
        *,
        model: str,
        messages: Sequence[Message],
        options: ChatOptions,
        purpose: Purpose,
    ) -> AsyncGenerator[RunEvent, None]:
        """Stream one answer: Sent, pieces, then Ended with its usage, or Aborted.

        Costs money: `budget.Budget.run` is the door that holds the caps. Ended.usage is None where
        the provider told none; the run's tokens are then an estimate.
        Close the generator (`contextlib.aclosing`) to stop: the connection is closed with it.

        Raises:
            ModelNotFound: the provider knows no such model.
        """
        ...
