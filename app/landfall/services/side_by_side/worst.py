"""What thousands of answers cost at most: a model's price is looked up once for all its prompts."""

from __future__ import annotations

from collections.abc import Sequence

from landfall.core.pricing.pricing import USD_DIGITS
from landfall.core.pricing.row_pricer import RowPricer, row_pricer
from landfall.core.side_by_side.side_by_side import Target
from landfall.services import cloud
from landfall.services.cloud.access import CloudAccess
from landfall.services.cloud.budget import prompt_tokens_max
from landfall.services.run.answering import Ask
from landfall.services.run.targets import CLOUD_ANSWER_TOKENS, messages_of

_Priced = tuple[RowPricer | None, str]


class WorstCases:
    """The worst case of each answer, as `CloudAccess.ceiling` has it of one.

    Args:
        asks: What is asked, by the number of the prompt.
    """

    def __init__(self, access: CloudAccess, asks: Sequence[Ask]) -> None:
        self._access = access
        self._asks = asks
        self._prompt_tokens = [prompt_tokens_max(messages_of(ask)) for ask in asks]
        self._priced: dict[Target, _Priced] = {}

    def of(self, target: Target, prompt: int) -> tuple[float | None, str]:
        """USD, None where no price is known, and the price's source or why there is none.

        Raises:
            BadInput: there is no such provider.
        """
        found = self._priced.get(target)
        if found is None:
            found = self._priced[target] = self._price(target)
        pricer, why = found
        if pricer is None:
            return None, why
        output = self._asks[prompt].num_predict or CLOUD_ANSWER_TOKENS
        usd = pricer.usd(self._prompt_tokens[prompt], output=output)
        return None if usd is None else round(usd, USD_DIGITS), why

    def _price(self, target: Target) -> _Priced:
        """Of a target's first answer: every prompt has tokens, so that all have a price or none."""
        row = cloud.find(target.provider)
        quote = self._access.ceiling(row, target.model, ask=self._asks[0]).quote
        why = quote.source or " ".join(quote.notes)
        if quote.usd is None or quote.row is None:
            return None, why
        return row_pricer(quote.row), why
