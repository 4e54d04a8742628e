"""The same prompts at several models side by side: what is asked of whom, at what cost at most.

A target is a model on an Ollama server (this machine's or another of ours) or a model at a
provider. Blind, the answers to a prompt stand in an order of their own that a seed gives, and
nobody is told who is who before the vote on that prompt.
"""

from __future__ import annotations

import random
from collections import defaultdict
from collections.abc import Callable, Collection, Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

from landfall.core.errors import BadInput
from landfall.core.models.model_names import is_cloud_name, same, shortest

MOST_TARGETS, MOST_PROMPTS = 16, 1000
MOST_ANSWER_TOKENS = 1 << 20
OLLAMA = "ollama"
"""Before a colon: what follows is a model on an Ollama server, whatever its name looks like."""

Pace = Literal["servers", "all", "one"]
"""What runs at once. "servers": models on the same Ollama server, which share its accelerators,
run one after the other; different servers and providers at once. "all": all targets at once.
"one": one answer at a time. No target is asked two prompts at once."""

PACES: tuple[Pace, ...] = ("servers", "all", "one")


@dataclass(frozen=True, slots=True, kw_only=True)
class Target:
    """A model that is asked.

    Attributes:
        model: As its server or provider names it.
        provider: Its id as in resources/providers.json; "" for a model on an Ollama server.
        url: Of the Ollama server; "" for the one of the settings, and for a provider.
        allow_remote: A model on an Ollama server may be one that the server forwards to a cloud.
    """

    model: str
    provider: str = ""
    url: str = ""
    allow_remote: bool = False

    @property
    def paid(self) -> bool:
        """Whether a provider sends a bill for it."""
        return bool(self.provider)

    @property
    def name(self) -> str:
        """As people read it, and as `parse_target` takes it."""
        if self.provider:
            return f"{self.provider}:{self.model}"
        return f"{self.model}@{self.url}" if self.url else self.model

    def is_same(self, other: Target) -> bool:
        """Whether both mean one model; where an Ollama server is plays no part."""
        if self.provider or other.provider:
            return (self.provider, self.model) == (other.provider, other.model)
        return same(self.model, other.model)


@dataclass(frozen=True, slots=True, kw_only=True)
class Prompt:
    """One prompt of a set.

    Attributes:
        name: "1", or "line 3" of a file.
        num_predict: At most so many tokens of answer; None for what the plan says.
    """

    name: str
    text: str
    num_predict: int | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is asked of whom, and how. Checked: every plan that exists can be run.

    Attributes:
        prompts: In the order in which they are asked.
        targets: In the order in which they were chosen.
        system: Said to every target before the prompt, or "".
        context: Context length in tokens on an Ollama server.
        num_predict: At most so many tokens an answer; None leaves it to the target, and the worst
            case of a paid one is reckoned with its own limit.
        temperature, seed: How an answer is drawn; None leaves it to the target.
        workload: The name of the workload it belongs to, or None.
        pace: What runs at once.
        blind: Whether it is hidden who is who until the vote.

    Raises:
        BadInput: nothing is asked, or of nobody, or too much; `field` says which.
    """

    prompts: tuple[Prompt, ...]
    targets: tuple[Target, ...]
    system: str = ""
    context: int = 8192
    num_predict: int | None = None
    temperature: float | None = None
    seed: int | None = None
    workload: str | None = None
    pace: Pace = "servers"
    blind: bool = False

    def __post_init__(self) -> None:
        if not self.prompts or not all(prompt.text.strip() for prompt in self.prompts):
            raise BadInput("There is no prompt.", "Write one.", field="prompts")
        if len(self.prompts) > MOST_PROMPTS:
            raise BadInput(f"At most {MOST_PROMPTS} prompts are asked.", field="prompts")
        if not self.targets or not all(target.model.strip() for target in self.targets):
            raise BadInput("There is no model to ask.", "Choose one or more.", field="targets")
        if len(self.targets) > MOST_TARGETS:
            raise BadInput(f"At most {MOST_TARGETS} models are asked.", field="targets")
        if len(set(self.targets)) < len(self.targets):
            raise BadInput("A model is named twice.", "Name each once.", field="targets")
        if self.blind and len(self.targets) < 2:
            raise BadInput("A blind vote needs two models.", "Choose another.", field="targets")
        if self.num_predict is not None and not 1 <= self.num_predict <= MOST_ANSWER_TOKENS:
            raise BadInput(f"An answer has 1 to {MOST_ANSWER_TOKENS} tokens.", field="num_predict")

    @property
    def answers(self) -> int:
        """How many are asked for."""
        return len(self.prompts) * len(self.targets)

    @property
    def title(self) -> str:
        """What a list shows: the first line of the first prompt, at most 200 characters."""
        return self.prompts[0].text.strip().partition("\n")[0].rstrip()[:200]

    def answer_tokens(self, prompt: int) -> int | None:
        """At most so many tokens of answer to a prompt; None leaves it to the target."""
        own = self.prompts[prompt].num_predict
        return self.num_predict if own is None else own

    def as_json(self) -> dict[str, Any]:
        """As plain data, for `from_json`."""
        return asdict(self)

    @classmethod
    def from_json(cls, kept: Mapping[str, Any]) -> Self:
        """A plan that was kept as plain data."""
        return cls(
            **dict(kept)
            | {
                "prompts": tuple(Prompt(**one) for one in kept["prompts"]),
                "targets": tuple(Target(**one) for one in kept["targets"]),
            }
        )


def parse_target(text: str, *, providers: Collection[str], here: Collection[str] = ()) -> Target:
    """A target as it is typed: `qwen3:8b`, `qwen3:8b@http://box:11434`, `openai:gpt-5`.

    A name that the Ollama server here has is that model, though a provider is called like its
    beginning (`mistral:7b`): what may stay here does. `ollama:NAME` is always a model on an Ollama
    server.

    Args:
        text: As typed.
        providers: Ids of the providers that there are.
        here: Names of the models on the Ollama server of the settings.

    Raises:
        BadInput: it names no model.
    """
    typed = text.strip()
    before, colon, after = typed.partition(":")
    marked = bool(colon) and before.lower() == OLLAMA
    is_here = any(same(typed, name) for name in here)
    if colon and before.lower() in providers and not is_here and not marked:
        if not after.strip():
            raise BadInput(f"{text!r} names no model.", "Write PROVIDER:MODEL.", field="target")
        return Target(provider=before.lower(), model=after.strip())
    model, _, url = (after if marked else typed).partition("@")
    if not model.strip():
        raise BadInput(
            f"{text!r} names no model.", "Write MODEL or PROVIDER:MODEL.", field="target"
        )
    return Target(model=shortest(model), url=url.strip())


def model_typed(text: str) -> str:
    """The model of `MODEL@HOST` as it was typed: only an Ollama has tags that may be left out."""
    model = text.strip().rpartition("@")[0]
    return model.removeprefix(f"{OLLAMA}:").strip()


def order_of(seed: int, prompt: int, *, targets: int) -> tuple[int, ...]:
    """Which target stands where in a blind comparison: one order for each prompt.

    With the same order throughout, the first vote would tell who is who for all that follow.
    """
    order = list(range(targets))
    random.Random(f"{seed}:{prompt}").shuffle(order)
    return tuple(order)


def lanes(plan: Plan) -> tuple[tuple[tuple[int, int], ...], ...]:
    """What runs one after the other, each lane beside the others: (target, prompt) pairs.

    A lane goes through all prompts of a target before the next target, so that a server loads each
    model once.
    """
    asked = [(t, p) for t in range(len(plan.targets)) for p in range(len(plan.prompts))]
    return lanes_of(plan.targets, asked, pace=plan.pace)


def lanes_of(
    targets: Sequence[Target], asked: Iterable[tuple[int, int]], *, pace: Pace = "servers"
) -> tuple[tuple[tuple[int, int], ...], ...]:
    """Some answers as `lanes`: (target, prompt) pairs, in the order given within a lane."""
    queues: dict[object, list[tuple[int, int]]] = defaultdict(list)
    for target, prompt in asked:
        queues[_lane(targets[target], target, pace)].append((target, prompt))
    return tuple(tuple(queue) for queue in queues.values())


def _lane(one: Target, target: int, pace: Pace) -> object:
    if pace == "one":
        return "one"
    if pace == "all" or one.paid or one.allow_remote:
        return target
    return "server", _server(one.url)


def _server(url: str) -> str:
    return url.partition("://")[2].partition("/")[0].lower()


# What it costs at most


@dataclass(frozen=True, slots=True, kw_only=True)
class TargetCeiling:
    """What all answers of one paid target cost at most.

    Attributes:
        target: Its place in the plan.
        usd: None where no price is known; `note` says why, or whose price it is and of when.
    """

    target: int
    usd: float | None
    note: str


@dataclass(frozen=True, slots=True, kw_only=True)
class PlanCeiling:
    """What a plan costs at most at providers. Electricity is not in it.

    Attributes:
        targets: The paid ones.
    """

    targets: tuple[TargetCeiling, ...]

    @property
    def usd(self) -> float:
        """Of all whose price is known; exactly 0 where nothing is paid."""
        return sum(one.usd for one in self.targets if one.usd is not None)

    @property
    def unpriced(self) -> tuple[int, ...]:
        """Paid targets whose price is not known: what they cost has no ceiling."""
        return tuple(one.target for one in self.targets if one.usd is None)


WorstCase = Callable[[Target, int], tuple[float | None, str]]
"""What the answer of a target to a prompt, by its place, costs at most in USD, or None; and by
which price, or why not."""


def ceiling(plan: Plan, worst: WorstCase) -> PlanCeiling:
    """What a plan costs at most: the sum of the worst case of each paid answer."""
    every = range(len(plan.prompts))
    return ceiling_of(plan.targets, [every] * len(plan.targets), worst)


def ceiling_of(
    targets: Sequence[Target], prompts: Sequence[Sequence[int]], worst: WorstCase
) -> PlanCeiling:
    """What some answers cost at most.

    Args:
        prompts: For each target the numbers of the prompts that it is asked.
    """
    found = []
    for number, target in enumerate(targets):
        if target.paid and prompts[number]:
            cases = [worst(target, prompt) for prompt in prompts[number]]
            known = [usd for usd, _ in cases if usd is not None]
            whole = len(known) == len(cases)
            note = next((why for usd, why in cases if usd is None), cases[0][1])
            found.append(TargetCeiling(target=number, usd=sum(known) if whole else None, note=note))
    return PlanCeiling(targets=tuple(found))


def is_local(target: Target) -> bool:
    """Whether the text of a prompt stays on machines of the user's own, by the target's name."""
    return not target.paid and not target.allow_remote and not is_cloud_name(target.model)
