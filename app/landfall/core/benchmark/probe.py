"""A cloud probe: some small calls to one model of a provider, and what they say of its speed.

And what it is drawn against: the throughput and power of the user's own machine. The first call is
a warm-up: it opens the connection, and may wait for a model that nobody has asked for a while.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any

from landfall.core.errors import BadInput
from landfall.core.provenance import Figure
from landfall.core.run.metrics import RunMetrics, percentile

CALLS = 10
CALLS_MAX = 100
ANSWER_TOKENS = 96
ANSWER_TOKENS_MAX = 4096
PROMPT = "Write the numbers from 1 to 40 as words, separated by commas, and nothing else."
"""Short, the same for all, and answered at length by any model; below every provider's least length
of a prompt that is cached."""
GIVE_UP_AFTER = 3
"""So many failures in a row end a probe: more would say nothing else."""
FIRM_FROM = 20
"""Calls from which on the slowest of twenty is more than the slowest one that was seen."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Plan:
    """What is asked.

    Attributes:
        calls: How many are measured; one more is sent first, and left out.
        max_tokens: The longest answer, reasoning included.
    """

    calls: int = CALLS
    max_tokens: int = ANSWER_TOKENS
    prompt: str = PROMPT

    def __post_init__(self) -> None:
        if not 1 <= self.calls <= CALLS_MAX:
            raise BadInput(
                f"A probe makes 1 to {CALLS_MAX} calls, not {self.calls}.", field="calls"
            )
        if not 16 <= self.max_tokens <= ANSWER_TOKENS_MAX:
            raise BadInput(
                f"An answer of a probe has 16 to {ANSWER_TOKENS_MAX} tokens, not"
                f" {self.max_tokens}: a rate needs some.",
                field="max_tokens",
            )

    @property
    def asked(self) -> int:
        """Calls in all, the warm-up included: what is paid for."""
        return self.calls + 1


@dataclass(frozen=True, slots=True, kw_only=True)
class Call:
    """One call; None is not known.

    Attributes:
        number: 0 is the warm-up.
        tok_s: Tokens after the first over the time in which they arrived here.
        cost_usd: By the provider's own figure, or by its price for the tokens.
        tokens_estimated: Whether the provider did not count them all, so that they and the rate
            are estimates. cost_estimated: whether the cost is one for it.
        failure: Why there is no result, a clause; "" where there is one.
    """

    number: int
    ttft_seconds: float | None = None
    tok_s: float | None = None
    total_seconds: float | None = None
    input_tokens: int | None = None
    output_tokens: int | None = None
    cost_usd: float | None = None
    tokens_estimated: bool = False
    cost_estimated: bool = False
    failure: str = ""

    @property
    def measured(self) -> bool:
        """Whether it counts: no warm-up, and no failure."""
        return self.number > 0 and not self.failure

    @property
    def estimated(self) -> tuple[str, ...]:
        """Names of the figures that rest on tokens which nobody counted."""
        resting = {
            "tok_s": self.tokens_estimated,
            "input_tokens": self.tokens_estimated,
            "output_tokens": self.tokens_estimated,
            "cost_usd": self.cost_estimated,
        }
        return tuple(
            name for name, rests in resting.items() if rests and getattr(self, name) is not None
        )


def call_of(
    number: int,
    metrics: RunMetrics,
    *,
    cost_usd: float | None,
    tokens_estimated: bool = False,
    cost_estimated: bool = False,
) -> Call:
    """One call out of its measurements; an answer without its end or without text is a failure."""
    failure = ""
    if not metrics.complete:
        failure = metrics.reason("done_reason")
    elif metrics.ttft_seconds is None:
        failure = "it answered without any text"
    return Call(
        number=number,
        ttft_seconds=metrics.ttft_seconds,
        tok_s=metrics.client_decode_tok_s if metrics.complete else None,
        total_seconds=metrics.total_seconds,
        input_tokens=metrics.prompt_tokens,
        output_tokens=metrics.output_tokens,
        cost_usd=cost_usd,
        tokens_estimated=tokens_estimated,
        cost_estimated=cost_estimated,
        failure=failure,
    )


@dataclass(frozen=True, slots=True, kw_only=True)
class Summary:
    """What came of a probe.

    Attributes:
        measured: Calls that count. failed: calls after the warm-up that gave no result.
        ttft_p50_seconds: Half of the calls had their first text within it; `ttft_p95_seconds`: 95
            of 100.
        tok_s_p50: Half of the calls were as fast or faster; `tok_s_p95`: 95 of 100 were.
        cost_usd: Of every call whose cost is known, the warm-up included; None where none is.
        unpriced: Calls that were paid for at a price nobody knows.
        failures: Each reason once, and how often.
        estimated: Names of the figures that rest, for one call or more, on estimated tokens.
    """

    measured: int
    failed: int
    ttft_p50_seconds: float | None
    ttft_p95_seconds: float | None
    tok_s_p50: float | None
    tok_s_p95: float | None
    cost_usd: float | None
    unpriced: int
    failures: tuple[tuple[str, int], ...] = ()
    estimated: tuple[str, ...] = ()

    @property
    def firm(self) -> bool:
        """Whether p95 is more than the slowest call that was seen."""
        return self.measured >= FIRM_FROM


def summarise(calls: Iterable[Call]) -> Summary:
    """Percentiles over the calls that count, interpolated as `metrics.percentile` does.

    A rate is slow at its low end: its p95 is the 5th percentile of what was seen, as the p95 of a
    wait is its 95th. Both say "95 of 100 are at least this good".
    """
    made = tuple(calls)
    counted = [call for call in made if call.measured]
    waits = [call.ttft_seconds for call in counted if call.ttft_seconds is not None]
    rates = [call.tok_s for call in counted if call.tok_s is not None]
    costs = [call.cost_usd for call in made if call.cost_usd is not None]
    reasons = [call.failure for call in made if call.failure and call.number > 0]
    return Summary(
        measured=len(counted),
        failed=len(reasons),
        ttft_p50_seconds=percentile(waits, 0.50),
        ttft_p95_seconds=percentile(waits, 0.95),
        tok_s_p50=percentile(rates, 0.50),
        tok_s_p95=percentile(rates, 0.05),
        cost_usd=sum(costs) if costs else None,
        unpriced=sum(call.cost_usd is None and not call.failure for call in made),
        failures=tuple((reason, reasons.count(reason)) for reason in dict.fromkeys(reasons)),
        estimated=(
            *(
                ("tok_s_p50", "tok_s_p95")
                if any("tok_s" in one.estimated for one in counted)
                else ()
            ),
            *(("cost_usd",) if any("cost_usd" in one.estimated for one in made) else ()),
        ),
    )


def gives_up(calls: Sequence[Call]) -> bool:
    """Whether the last calls all failed."""
    last = calls[-GIVE_UP_AFTER:]
    return len(last) == GIVE_UP_AFTER and all(call.failure for call in last)


def as_data(plan: Plan) -> dict[str, Any]:
    """A plan as plain data, to be kept."""
    return asdict(plan)


def result_data(calls: Sequence[Call]) -> dict[str, Any]:
    """Calls and their summary as plain data; `cost_usd` stands first, for what the day has cost."""
    summary = asdict(summarise(calls))
    summary["failures"] = [list(pair) for pair in summary["failures"]]
    return {
        "cost_usd": summary["cost_usd"],
        "summary": summary,
        "calls": [asdict(call) for call in calls],
    }


def calls_of(result: Mapping[str, Any] | None) -> tuple[Call, ...]:
    """The calls out of plain data; nothing where there is none."""
    return tuple(Call(**call) for call in (result or {}).get("calls", ()))


# ---------------------------------------------------------------- here against there


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """A model on the user's machine.

    Attributes:
        tok_s: Median of its last answers. watts: Median draw while it answers; Unknown says why.
        watts_scope: What the watts include, "GPU board".
        ttft_seconds: Median wait for the first token.
        runs: Answers behind it.
    """

    model: str
    tok_s: Figure
    watts: Figure
    watts_scope: str
    ttft_seconds: Figure
    runs: int


@dataclass(frozen=True, slots=True, kw_only=True)
class There:
    """A model at a provider, by its last probe.

    Attributes:
        provider: Its id; `provider_name` is for people.
        tok_s: p50; `tok_s_p95`: 95 of 100 calls were as fast or faster.
        usd_per_mtok: For a million tokens of answer; Unknown says why.
        at: When it was probed, ISO 8601.
        calls: That were measured.
    """

    provider: str
    provider_name: str
    model: str
    tok_s: Figure
    tok_s_p95: Figure
    ttft_p50_seconds: Figure
    ttft_p95_seconds: Figure
    usd_per_mtok: Figure
    at: str
    calls: int


@dataclass(frozen=True, slots=True, kw_only=True)
class HereAndThere:
    """What the chart shows."""

    here: tuple[Here, ...] = ()
    there: tuple[There, ...] = ()

    @property
    def is_empty(self) -> bool:
        """Nothing was measured on either side."""
        return not self.here and not self.there
