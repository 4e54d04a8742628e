"""What a quality run asks of whom, with which options, and how the answers are judged."""

from __future__ import annotations

import hashlib
import json
import random
from collections.abc import Mapping
from dataclasses import asdict, dataclass
from typing import Any, Literal, Self

from landfall.core.errors import BadInput
from landfall.core.quality.gate import look_sizes
from landfall.core.quality.scoring import PLAIN, Options
from landfall.core.quality.sets import QualityPrompt
from landfall.core.side_by_side.side_by_side import Target
from landfall.services.run.answering import Ask, Turn

Side = Literal["local", "hosted", "incumbent"]
"""Who answers: the local candidate, a hosted one, or today's model."""

Candidate = Literal["local", "hosted"]
"""Who is held against today's model."""

SIDES: tuple[Side, ...] = ("local", "hosted", "incumbent")
CANDIDATES: tuple[Candidate, ...] = ("local", "hosted")

MAY_BE_CHARGED = "may_be_charged"
"""Beside a plan as it is kept: the runs that were cut at a provider. Nobody knows what they cost,
and an answer that came later does not make them free."""

MOST_PROMPTS = 5000
ANSWER_TOKENS = 512
CONTEXT = 8192


@dataclass(frozen=True, slots=True, kw_only=True)
class QualityPlan:
    """What is asked of whom, and how it is judged. Checked: every plan that exists can be run.

    Attributes:
        prompts: In the order in which they are asked: `core.quality.sets.sample` shuffles them.
        metric: The id of one of `core.quality.scoring.METRICS`.
        margin: The largest acceptable loss, a share.
        local: The local candidate, on an Ollama server.
        hosted: A candidate at a provider, or None.
        incumbent: Today's model; None where the set holds its recorded answers.
        options: What the metric must be told beside the expected answer.
        title: What a list shows.
        workload: The saved workload it is evidence for, or None.
        system: Said before each prompt, or "".
        context: Context length in tokens of a local model.
        num_predict: At most so many tokens an answer.
        temperature, seed: How an answer is drawn: 0 takes the likeliest word. The seed also gives
            who stands first where somebody labels blind.
        looks: After how many prompts the gate is read, growing, the last being all; none for
            once, at the end. `core.quality.gate.look_sizes` proposes some. A run that is
            decided at one of them ends there.
        local_digest, local_quantization: Of the local candidate as its server had it when the run
            began; "" before that.

    Raises:
        BadInput: nothing is asked, nothing to hold it against, or a number is no such number.
    """

    prompts: tuple[QualityPrompt, ...]
    metric: str
    margin: float
    local: Target | None = None
    hosted: Target | None = None
    incumbent: Target | None = None
    options: Options = PLAIN
    title: str = ""
    workload: str | None = None
    system: str = ""
    context: int = CONTEXT
    num_predict: int = ANSWER_TOKENS
    temperature: float = 0.0
    seed: int = 1
    looks: tuple[int, ...] = ()
    local_digest: str = ""
    local_quantization: str = ""

    def __post_init__(self) -> None:
        _check_prompts(self)
        _check_sides(self)
        if not 0 < self.margin < 1:
            raise BadInput(
                f"A margin of {self.margin:g} is not a share between 0 and 1.",
                "Write three points as 0.03.",
                field="margin",
            )
        if self.num_predict < 1 or self.context < 1:
            raise BadInput("An answer has at least one token.", field="num_predict")
        looks = self.looks or (len(self.prompts),)
        if list(looks) != sorted(set(looks)) or looks[0] < 1 or looks[-1] != len(self.prompts):
            raise BadInput(
                "Looks grow, and the last one is at all prompts.",
                f"Write for instance {','.join(map(str, look_sizes(len(self.prompts))))}.",
                field="looks",
            )
        object.__setattr__(self, "looks", looks)

    def target_of(self, side: Side) -> Target | None:
        """Who answers on a side; None where nobody is asked."""
        return {"local": self.local, "hosted": self.hosted, "incumbent": self.incumbent}[side]

    @property
    def asked(self) -> tuple[Side, ...]:
        """The sides on which somebody is asked."""
        return tuple(side for side in SIDES if self.target_of(side) is not None)

    @property
    def candidates(self) -> tuple[Candidate, ...]:
        """Those that are held against today's model."""
        return tuple(side for side in CANDIDATES if self.target_of(side) is not None)

    @property
    def answers(self) -> int:
        """How many are asked for."""
        return len(self.prompts) * len(self.asked)

    @property
    def order(self) -> tuple[int, ...]:
        """The places of the prompts in the order in which they are asked."""
        return tuple(prompt.place for prompt in self.prompts)

    def is_swapped(self, place: int, side: Candidate) -> bool:
        """Whether the candidate's answer stands second where somebody labels blind."""
        return random.Random(f"blind:{self.seed}:{side}:{place}").random() < 0.5

    def by_place(self) -> Mapping[int, QualityPrompt]:
        """The prompts by their place."""
        return {prompt.place: prompt for prompt in self.prompts}

    def ask_of(self, prompt: QualityPrompt) -> Ask:
        """What is asked of everybody for one prompt."""
        system = (Turn("system", self.system),) if self.system.strip() else ()
        return Ask(
            turns=(*system, Turn("user", prompt.prompt)),
            context=self.context,
            num_predict=self.num_predict,
            workload=self.workload,
            temperature=self.temperature,
            seed=self.seed,
            think=False,
        )

    @property
    def template_digest(self) -> str:
        """The same for the same way of asking: what is said before a prompt, and the options."""
        way = [self.system, self.context, self.num_predict, self.temperature]
        return hashlib.sha256(json.dumps(way).encode()).hexdigest()[:16]

    def as_json(self) -> dict[str, Any]:
        """As plain data without the prompts, for `from_json`."""
        values = {name: getattr(self, name) for name in _PLAIN}
        targets = {side: self.target_of(side) for side in SIDES}
        return (
            values
            | {"looks": list(self.looks), "options": asdict(self.options)}
            | {side: asdict(one) if one else None for side, one in targets.items()}
        )

    @classmethod
    def from_json(cls, kept: Mapping[str, Any], prompts: tuple[QualityPrompt, ...]) -> Self:
        """A plan that was kept as plain data, with its prompts."""
        kept = {name: value for name, value in kept.items() if name != MAY_BE_CHARGED}
        own: dict[str, Any] = {"looks": tuple(kept["looks"]), "options": Options(**kept["options"])}
        for side in SIDES:
            own[side] = Target(**kept[side]) if kept[side] else None
        return cls(**dict(kept) | own, prompts=prompts)


_PLAIN = (
    "metric",
    "margin",
    "title",
    "workload",
    "system",
    "context",
    "num_predict",
    "temperature",
    "seed",
    "local_digest",
    "local_quantization",
)


def _check_prompts(plan: QualityPlan) -> None:
    if not plan.prompts:
        raise BadInput("There is no prompt.", "Choose a file with some.", field="prompts")
    if len(plan.prompts) > MOST_PROMPTS:
        raise BadInput(
            f"At most {MOST_PROMPTS} prompts are asked; there are {len(plan.prompts)}.",
            "Draw a sample of them.",
            field="prompts",
        )
    if len({prompt.place for prompt in plan.prompts}) < len(plan.prompts):
        raise BadInput("Two prompts have one place.", field="prompts")


def _check_sides(plan: QualityPlan) -> None:
    if not plan.candidates:
        raise BadInput("There is no candidate.", "Choose a local model.", field="local")
    if plan.local is not None and plan.local.paid:
        raise BadInput(f"{plan.local.name} is no local model.", field="local")
    if plan.hosted is not None and not plan.hosted.paid:
        raise BadInput(f"{plan.hosted.name} is at no provider.", field="hosted")
    if plan.incumbent is None:
        lacking = sum(prompt.incumbent is None for prompt in plan.prompts)
        if lacking:
            raise BadInput(
                f"{lacking} of {len(plan.prompts)} prompts have no recorded answer of today's"
                " model.",
                "Name the model to hold it against, or give the file an `incumbent` for each.",
                field="against",
            )
    elif any(plan.incumbent.is_same(one) for one in (plan.local, plan.hosted) if one):
        raise BadInput(
            f"{plan.incumbent.name} is held against itself.", "Choose another.", field="against"
        )
