"""What a privacy lock allows: which options stay inside it, and which steps leave all the same.

A lock fails closed: what is not known to be inside is outside. None of this is a legal finding; it
is the user's own rule, applied to the letter.
"""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass
from enum import StrEnum

from landfall.core.hosts.host_names import is_loopback
from landfall.core.hosts.whose_machine import is_inside, plain
from landfall.core.models.model_names import is_cloud_name
from landfall.core.workload.workload import PrivacyClass, Step, StepName, Where, Workload


class Option(StrEnum):
    """Where a workload may run, as the verdict names it."""

    # Asked for in sets thousands of times: that of the text, without a call in between.
    __hash__ = str.__hash__

    CLOUD_FRONTIER = "CLOUD_FRONTIER"
    HOSTED_OPEN = "HOSTED_OPEN"
    RENT_GPU = "RENT_GPU"
    LOCAL_THIS_MACHINE = "LOCAL_THIS_MACHINE"
    LOCAL_BUY = "LOCAL_BUY"
    HYBRID = "HYBRID"
    LOCAL_REQUIRED_NOT_FEASIBLE = "LOCAL_REQUIRED_NOT_FEASIBLE"


REMOTE = (Option.CLOUD_FRONTIER, Option.HOSTED_OPEN, Option.RENT_GPU)
"""Options in which the text leaves the user's own machines. A rented GPU is a third party."""

_LOCAL_ONLY = frozenset(
    {
        PrivacyClass.PHI,
        PrivacyClass.ATTORNEY_CLIENT,
        PrivacyClass.CLASSIFIED,
        PrivacyClass.CONTRACT_NO_THIRD_PARTY,
        PrivacyClass.NDA,
        PrivacyClass.LOCAL_ONLY,
    }
)
_OWN_NETWORK = (".local", ".lan", ".home", ".home.arpa", ".internal", ".intranet", ".localhost")


@dataclass(frozen=True, slots=True, kw_only=True)
class Lock:
    """What a workload's privacy rules leave.

    Attributes:
        rules: H1 (only local), H1r (only what is marked as inside), H2 (offline); empty: no lock.
        inside: The remote options that stay.
        says: The rule in words, or "".
    """

    rules: tuple[str, ...]
    inside: frozenset[Option]
    says: str = ""

    @property
    def locked(self) -> bool:
        """Whether anything at all is forbidden."""
        return bool(self.rules)


NO_LOCK = Lock(rules=(), inside=frozenset(REMOTE))
"""Nothing is forbidden."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Leak:
    """A step that sends text beyond the lock: its name, where it goes, and why that is outside."""

    step: str
    where: str
    host: str
    why: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Destination:
    """Where a step's text goes. `leaves` is True where it leaves the user's own network, None where
    the verdict decides."""

    step: str
    where: Where
    host: str
    leaves: bool | None


CLASS_WORDS = {
    PrivacyClass.NONE: "nothing in particular",
    PrivacyClass.PHI: "health data (PHI)",
    PrivacyClass.ATTORNEY_CLIENT: "what attorney and client say",
    PrivacyClass.CLASSIFIED: "classified text",
    PrivacyClass.CONTRACT_NO_THIRD_PARTY: "text that a contract keeps from third parties",
    PrivacyClass.NDA: "text under an NDA",
    PrivacyClass.LOCAL_ONLY: "text that stays local",
    PrivacyClass.REGION: "text that stays in a region",
}
"""What a rule is about, inside a sentence: the words of the file are not those of people."""


def lock_of(workload: Workload) -> Lock:
    """The lock that a workload's class, region, vendors and offline flag make together."""
    privacy = workload.privacy
    rules: list[str] = []
    inside = frozenset(REMOTE)
    says: list[str] = []
    if has_insiders(workload):
        rules.append("H1r")
        inside = _inside(workload)
        says.append(_says_insiders(workload))
        if not inside:
            rules.append("H1")
    elif privacy.privacy_class in _LOCAL_ONLY:
        rules.append("H1")
        inside = frozenset()
        says.append(f"your rule on {CLASS_WORDS[privacy.privacy_class]} lets nothing leave")
    if privacy.offline:
        rules.append("H2")
        inside = frozenset()
        says.append("there is no network")
    return Lock(rules=tuple(rules), inside=inside, says="; ".join(says))


def has_insiders(workload: Workload) -> bool:
    """Whether the rule names an inside (a region, approved vendors) rather than forbid all."""
    privacy = workload.privacy
    vendor_class = privacy.privacy_class in (PrivacyClass.PHI, PrivacyClass.ATTORNEY_CLIENT)
    return privacy.privacy_class is PrivacyClass.REGION or (
        vendor_class and bool(privacy.approved_vendors)
    )


def _says_insiders(workload: Workload) -> str:
    privacy = workload.privacy
    if privacy.privacy_class is PrivacyClass.REGION:
        return f"your rule keeps it in {privacy.region or 'the region'}"
    return f"your rule allows only {', '.join(privacy.approved_vendors)}"


def _insiders(workload: Workload) -> frozenset[str]:
    privacy = workload.privacy
    names = (
        privacy.in_region
        if privacy.privacy_class is PrivacyClass.REGION
        else privacy.approved_vendors
    )
    return frozenset(_name(name) for name in names if name.strip())


def _name(provider: str) -> str:
    return provider.strip().lower()


def _inside(workload: Workload) -> frozenset[Option]:
    """Region: options by name or by their provider. Approved vendors: by provider, never rented.

    Whether there is a network is another question: what is inside stays named though offline.
    """
    named = _insiders(workload)
    by_name = workload.privacy.privacy_class is PrivacyClass.REGION
    stays = {option for option in REMOTE if by_name and option.value.lower() in named}
    if _name(workload.today.provider) in named:
        stays.add(Option.CLOUD_FRONTIER)
    if any(_name(one.provider) in named for one in workload.candidates.hosted):
        stays.add(Option.HOSTED_OPEN)
    return frozenset(stays)


def provider_inside(workload: Workload, provider: str) -> bool:
    """Whether a lock with an inside names this provider; True where there is no lock at all."""
    privacy = workload.privacy
    if privacy.offline:
        return False
    if has_insiders(workload):
        return _name(provider) in _insiders(workload)
    return privacy.privacy_class not in _LOCAL_ONLY


def hosted_inside(workload: Workload, provider: str) -> bool:
    """Whether a hosted candidate at this provider may be used: by its name, or all hosted ones."""
    option_named = (
        workload.privacy.privacy_class is PrivacyClass.REGION
        and Option.HOSTED_OPEN.value.lower() in _insiders(workload)
        and not workload.privacy.offline
    )
    return option_named or provider_inside(workload, provider)


def leaks(workload: Workload) -> tuple[Leak, ...]:
    """The steps that leave under the workload's lock; none where there is no lock.

    A local candidate whose name makes a server forward it to a cloud (`:cloud`, `-cloud`) lets the
    generate step leave, unless another candidate is really local.
    """
    lock = lock_of(workload)
    if not lock.locked:
        return ()
    found = [leak for step in workload.steps if (leak := _leak(workload, lock, step))]
    names = workload.candidates.local
    told = any(leak.step == StepName.GENERATE for leak in found)
    if names and all(is_cloud_name(name) for name in names) and not told:
        why = f"{names[0]} is a cloud model under a local name"
        found.append(Leak(step="generate", where="cloud", host="ollama.com", why=why))
    return tuple(found)


def _leak(workload: Workload, lock: Lock, step: Step) -> Leak | None:
    if step.where is Where.CLOUD:
        if step.host:
            outside = not _named_inside(workload, lock, step.host)
        else:
            outside = step.name is not StepName.GENERATE or not lock.inside
        why = "it runs in the cloud"
    else:
        outside = is_public_host(step.host) and not _named_inside(workload, lock, step.host)
        why = "its address is outside your network"
        if not outside and (beyond := _beyond_this_machine(workload, lock, step)):
            outside, why = True, beyond
    if not outside:
        return None
    return Leak(step=step.name.value, where=step.where.value, host=step.host, why=why)


def _beyond_this_machine(workload: Workload, lock: Lock, step: Step) -> str:
    """Why a step on a host that the workload names is outside a rule that ends at this machine."""
    if step.name is not StepName.GENERATE or not step.host or not workload.machine.named_hosts:
        return ""
    if is_loopback(host_name(step.host)):
        return ""
    if "H2" in lock.rules:
        return "it stands on another machine, and there is no network"
    return "it is to stay on this machine" if step.where is Where.LOCAL else ""


def _named_inside(workload: Workload, lock: Lock, host: str) -> bool:
    """Whether an inside is named by a host or a part of its name: "openai" in api.openai.com."""
    if "H1r" not in lock.rules or "H2" in lock.rules:
        return False
    name = host_name(host)
    return bool({name, *name.split(".")[:-1]} & _insiders(workload))


def pipeline(workload: Workload) -> tuple[Destination, ...]:
    """Every step and where its text goes; without steps, one that goes where the verdict says."""
    steps = workload.steps or (Step(name=StepName.GENERATE),)
    return tuple(
        Destination(step=step.name.value, where=step.where, host=step.host, leaves=_leaves(step))
        for step in steps
    )


def _leaves(step: Step) -> bool | None:
    if step.where is Where.CLOUD or is_public_host(step.host):
        return True
    return None if step.where is Where.VERDICT else False


def host_name(host: str) -> str:
    """The bare, lower-case name or address in a host, an address with port, or a URL."""
    text = host.strip().lower()
    text = text.partition("://")[2] or text
    text = text.partition("/")[0].rpartition("@")[2]
    if text.startswith("["):
        return text[1:].partition("]")[0]
    return text if text.count(":") > 1 else text.partition(":")[0]


def is_public_host(host: str) -> bool:
    """Whether text sent to this host leaves the user's own network; False for no host at all.

    Decided by the name alone: addresses by `core.hosts.whose_machine.is_inside`, names without a
    dot and the suffixes kept for private networks stay inside, everything else is taken to be
    outside.
    """
    name = host_name(host).rstrip(".")
    if not name:
        return False
    if plain(name) is None:
        return "." in name and not name.endswith(_OWN_NETWORK)
    return not is_inside(name)


def names_of(found: Iterable[Leak]) -> tuple[str, ...]:
    """The steps that leave, each once, in the order of the pipeline."""
    return tuple(dict.fromkeys(leak.step for leak in found))
