"""A benchmark: what is asked of a model and how often, and what came of it."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field
from enum import StrEnum
from typing import Any

from landfall.core.provenance import Figure
from landfall.core.run.metrics import percentile

BUSY_SHARE = 0.5
"""Of the processor, by other programs before something is measured: from here on a rate means
little."""


class BenchKind(StrEnum):
    """What a model is asked for: answers, or the vectors of texts."""

    CHAT = "chat"
    EMBEDDING = "embedding"


def kind_of(capabilities: Collection[str]) -> BenchKind:
    """What a model is asked for, by what its server says that it can: one that writes is asked for
    answers, also where it embeds too."""
    vectors_alone = "embedding" in capabilities and "completion" not in capabilities
    return BenchKind.EMBEDDING if vectors_alone else BenchKind.CHAT


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchPrompt:
    """One thing that is asked.

    Each repetition puts a number of its own before the text: a server holds earlier prompts, and
    one that it held already says nothing of how fast it reads.

    Attributes:
        name: "short", "medium", "long", or the line of the user's file.
        num_predict: Tokens of answer that are asked for at least; at most so many where the plan
            asks for no seconds.
    """

    name: str
    text: str
    num_predict: int = 256


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchPlan:
    """What is run, in this order: load, warm-up, prompts, sustained run, sweep.

    Every option is sent, so that the same plan means the same on every server.

    Attributes:
        repetitions: Of each prompt; one that is thrown away comes before them (`warm_up`).
        answer_seconds: How long an answer shall take at least: a fast model is asked for more than
            `num_predict` tokens, as far as the context holds them. 0 asks for those alone.
        context: Context length in tokens.
        concurrency: Numbers of answers at once in the sweep; empty for none.
        level_seconds: For so long each level of the sweep begins new answers.
        ttft_target_seconds: 95 of 100 people shall wait no longer for the first piece of text.
        sustained_seconds: How long one answer after the other is made without a pause; 0 for not.
        cold_load: Whether the model is taken out of memory first, to time its load.
        num_thread: Threads of the processor; None leaves it to the server.
        batches: Of an embedding model: texts in one request, each number measured by itself.
        batch_seconds: How long requests of one size are made in each repetition.
    """

    prompts: tuple[BenchPrompt, ...]
    repetitions: int = 3
    warm_up: bool = True
    answer_seconds: float = 10.0
    context: int = 8192
    seed: int = 42
    temperature: float = 0.0
    repeat_penalty: float = 1.0
    concurrency: tuple[int, ...] = ()
    level_seconds: float = 15.0
    ttft_target_seconds: float = 2.0
    sustained_seconds: float = 0.0
    cold_load: bool = True
    num_thread: int | None = None
    batches: tuple[int, ...] = (1, 32)
    batch_seconds: float = 5.0

    @property
    def usual(self) -> BenchPrompt:
        """The prompt of the warm-up, the sustained run and the sweep: the middle one."""
        return self.prompts[(len(self.prompts) - 1) // 2]


@dataclass(frozen=True, slots=True, kw_only=True)
class Spread:
    """Repetitions of one figure: the middle one, the ends, and how many there were."""

    median: float
    low: float
    high: float
    count: int

    @property
    def noise_share(self) -> float | None:
        """How far apart the ends are, as a share of the middle; None of a single value."""
        return (self.high - self.low) / self.median if self.count > 1 and self.median else None


def spread(values: Iterable[float | None]) -> Spread | None:
    """The middle and the ends of what is known; None of nothing."""
    known = sorted(value for value in values if value is not None)
    median = percentile(known, 0.5)
    if median is None:
        return None
    return Spread(median=median, low=known[0], high=known[-1], count=len(known))


@dataclass(frozen=True, slots=True, kw_only=True)
class PartResult:
    """The repetitions of one prompt. None is unknown; `reasons` says why, by field.

    Attributes:
        runs: Rows of the history, whole answers alone.
        failed: Answers that broke off; they are in no figure.
        prompt_tokens, output_tokens: Middle of the repetitions, as the server counts them.
        gross_joules_per_token: All joules over all output tokens; net above the idle draw.
    """

    name: str
    runs: tuple[int, ...]
    failed: int = 0
    prompt_tokens: float | None = None
    output_tokens: float | None = None
    load_seconds: Spread | None
    ttft_seconds: Spread | None
    prefill_tok_s: Spread | None
    decode_tok_s: Spread | None
    inter_token_p95_seconds: Spread | None
    gross_joules_per_token: Figure
    net_joules_per_token: Figure
    reasons: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class Level:
    """So many answers at once.

    Attributes:
        answers: Whole ones; failed: those that broke off.
        at_once: The most answers that were seen being written at the same moment: a server that
            takes one at a time lets the others wait without a word.
        decode_tok_s: Median of one stream.
        throughput_tok_s: Output tokens of all streams over the time from the first that was sent
            to the last that ended.
    """

    concurrency: int
    answers: int
    failed: int
    at_once: int | None
    ttft_p50_seconds: float | None
    ttft_p95_seconds: float | None
    decode_tok_s: float | None
    throughput_tok_s: float | None
    gross_joules_per_token: Figure


@dataclass(frozen=True, slots=True, kw_only=True)
class Sweep:
    """How a model serves several at once.

    Attributes:
        people: The most that were served within the target; 0 where not even one was, None where
            it is not known.
        reason: What stands behind `people`.
    """

    levels: tuple[Level, ...]
    ttft_target_seconds: float
    people: int | None
    reason: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Sustained:
    """One answer after the other: whether the machine keeps its speed.

    Attributes:
        points: Seconds since the beginning, and the decode rate of the answer that ended then.
        drop_share: How much slower the last third is than the first; below 0 where it is faster.
        noise_share: How far apart repetitions of one and the same answer are.
        throttled: Whether the hardware itself said that it slows down; None where it cannot say.
        reasons: What the hardware said.
    """

    seconds: float
    points: tuple[tuple[float, float], ...]
    drop_share: float | None
    throttled: bool | None
    noise_share: float | None = None
    reasons: tuple[str, ...] = ()

    @property
    def slowed(self) -> bool | None:
        """Whether it became slower by more than the noise; None where that cannot be told."""
        if self.drop_share is None or self.noise_share is None:
            return None
        return self.drop_share > self.noise_share


@dataclass(frozen=True, slots=True, kw_only=True)
class Loads:
    """Time to load: out of memory first (cold), and where it is in memory already (warm)."""

    cold_seconds: float | None
    warm_seconds: float | None
    reason: str = ""


@dataclass(frozen=True, slots=True, kw_only=True)
class EmbeddingResult:
    """What an embedding model does with so many texts in one request.

    Attributes:
        batch: Texts in one request.
        runs: Rows of the history: each is one repetition of many requests.
        texts, tokens: Of all repetitions together.
        request_seconds: How long one request took.
    """

    batch: int
    runs: tuple[int, ...]
    failed: int
    texts: int
    tokens: int | None
    texts_per_s: Spread | None
    tokens_per_s: Spread | None
    request_seconds: Spread | None
    gross_joules_per_1000_texts: Figure
    net_joules_per_1000_texts: Figure
    reasons: Mapping[str, str] = field(default_factory=dict)


@dataclass(frozen=True, slots=True, kw_only=True)
class BenchmarkResult:
    """All of one benchmark of one model.

    Attributes:
        place: "local", "network" or "cloud", as of a run; only "local" has watts of this machine.
        conditions: What else held; see `services.run.conditions`.
        notes: What to know before comparing: on battery, other work, a context that was clamped.
    """

    kind: BenchKind
    model: str
    digest: str | None
    engine: str | None
    host: str
    place: str
    conditions: Mapping[str, Any]
    parts: tuple[PartResult, ...] = ()
    loads: Loads | None = None
    sustained: Sustained | None = None
    sweep: Sweep | None = None
    embedding: tuple[EmbeddingResult, ...] = ()
    notes: tuple[str, ...] = ()
