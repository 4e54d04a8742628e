"""The worst cases of many answers are those that each has alone."""

from __future__ import annotations

from typing import cast

import pytest

from landfall.core.errors import BadInput
from landfall.core.settings import Settings
from landfall.core.side_by_side.side_by_side import Target
from landfall.services import cloud
from landfall.services.cloud.access import CloudAccess
from landfall.services.pricing.prices import Prices
from landfall.services.run.answering import Ask, Turn
from landfall.services.side_by_side.worst import WorstCases


class Access:
    """The part of `CloudAccess` that knows prices."""

    ceiling = CloudAccess.ceiling

    def __init__(self) -> None:
        self.prices = Prices(Settings(), offered={})


ACCESS = cast("CloudAccess", Access())
ASKS = tuple(
    Ask(
        turns=(Turn("system", "Be brief."), Turn("user", "word " * words)),
        context=100_000,
        num_predict=tokens,
    )
    for words, tokens in ((1, 64), (700, None), (60_000, 8000))
)


@pytest.mark.parametrize(
    ("provider", "model"),
    [
        ("openai", "gpt-5-mini"),
        ("anthropic", "claude-sonnet-4-5"),
        ("google", "gemini-2.5-pro"),  # dearer above 200,000 tokens
        ("deepseek", "deepseek-chat"),
        ("openai", "nobody-knows"),
    ],
)
def test_that_an_answer_costs_at_most_what_it_would_alone(provider: str, model: str) -> None:
    worst = WorstCases(ACCESS, ASKS)
    target = Target(provider=provider, model=model)
    for prompt, ask in enumerate(ASKS):
        alone = ACCESS.ceiling(cloud.find(provider), model, ask=ask)
        usd, why = worst.of(target, prompt)
        assert usd == (None if alone.usd is None else pytest.approx(alone.usd, abs=2e-12))
        assert why == (alone.quote.source or " ".join(alone.quote.notes))


def test_that_a_provider_that_there_is_not_costs_nothing_it_is_an_error() -> None:
    with pytest.raises(BadInput):
        WorstCases(ACCESS, ASKS).of(Target(provider="nobody", model="m"), 0)
