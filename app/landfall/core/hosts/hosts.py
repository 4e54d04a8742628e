"""Other servers of models that the user keeps by name, where they stand, and what they say."""

from __future__ import annotations

from dataclasses import dataclass
from enum import StrEnum

from landfall.core.provenance import Figure, Unknown


class HostKind(StrEnum):
    """Which language a server speaks. The words are those of the settings file."""

    OLLAMA = "ollama"
    OPENAI = "openai_compatible"


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """A server as the user keeps it: a setting, without its token, which the keyring holds.

    Attributes:
        name: The user's, unique whatever its case.
        url: Scheme, host, port and path, without a slash at its end: "http://box.lan:11434". Of an
            OpenAI-compatible server without the "/v1" that its calls begin with.
    """

    name: str
    url: str
    kind: HostKind


class Standing(StrEnum):
    """Where a host stands, decided by the addresses that its name resolves to."""

    THIS_MACHINE = "this_machine"
    OUR_NETWORK = "our_network"
    THIRD_PARTY = "third_party"
    UNKNOWN = "unknown"


class HostState(StrEnum):
    """What came of the last look at a host.

    GONE: nothing answers. REFUSED: it answers, and wants a token or another one.
    """

    ANSWERS = "answers"
    GONE = "gone"
    REFUSED = "refused"
    SOMETHING_ELSE = "something_else"
    BAD_CERTIFICATE = "bad_certificate"


@dataclass(frozen=True, slots=True, kw_only=True)
class Stand:
    """Where a host stands, and by which addresses that was decided.

    Attributes:
        addresses: What the name resolved to, literal; empty where it did not.
        words: For people, with the address that decided: "our network (192.168.1.5)".
    """

    standing: Standing
    addresses: tuple[str, ...] = ()
    words: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostModel:
    """A model that a host lists.

    Attributes:
        size_bytes: On its disk, or None where it does not say.
        loaded: Whether it is in memory, or None where the server does not tell.
        memory_bytes: What it takes while loaded, as the server counts. gpu_bytes: the part on GPUs.
        context: Tokens of one sequence: as loaded, else the most that it says; None is not told.
        remote: Whether another machine answers for it: a stub of a cloud model.
        digest: Of its files, or "" where the server tells none.
    """

    name: str
    size_bytes: int | None = None
    loaded: bool | None = None
    memory_bytes: int | None = None
    gpu_bytes: int | None = None
    context: int | None = None
    remote: bool = False
    digest: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class HostWarning:
    """What the user should know of a host.

    Attributes:
        id: What it is about: "open", "open_origins", "version", "old_version", "unknown_version",
            "plain_http", "cloud_models", "cloud_under_lock", "third_party_under_lock",
            "token_unsent".
        hint: What to do about it, or "".
    """

    id: str
    text: str
    hint: str = ""


NOWHERE = Stand(standing=Standing.UNKNOWN)
NOT_ASKED = Unknown("the host did not answer")


@dataclass(frozen=True, slots=True, kw_only=True)
class HostReading:
    """What one look at a host found.

    Attributes:
        server: What really answers: "Ollama", "LM Studio", "llama.cpp", "vLLM", "an
            OpenAI-compatible server", "a web page"; "" where nothing did.
        version: As it says it, or "".
        models: What it lists; empty unless it answers.
        memory_bytes: What its loaded models take. gpu_bytes: the part of it on GPUs.
        latency_seconds: From a short question to its answer, the median of those asked on one
            connection; None where none was answered.
        problem: Why it does not answer, in a sentence, or "". hint: what to do about it.
        answered_at: When it last answered, ISO 8601, UTC, or "" for never.
        gone_since: Since when it is silent, or "" while it answers.
        fingerprint: Equal for two readings of one server, and for none of a server that told
            nothing by which it could be known: "".
        same_as: Name of another host that is the same server, which is the one that counts; or "".
        same_why: By what that was found, or "".
    """

    host: Host
    state: HostState
    stand: Stand = NOWHERE
    server: str = ""
    version: str = ""
    models: tuple[HostModel, ...] = ()
    memory_bytes: Figure = NOT_ASKED
    gpu_bytes: Figure = NOT_ASKED
    latency_seconds: float | None = None
    warnings: tuple[HostWarning, ...] = ()
    problem: str = ""
    hint: str = ""
    answered_at: str = ""
    gone_since: str = ""
    fingerprint: str = ""
    same_as: str = ""
    same_why: str = ""

    @property
    def standing(self) -> Standing:
        """Where it stands."""
        return self.stand.standing
