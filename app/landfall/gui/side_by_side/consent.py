"""What is asked before a comparison that costs money or leaves this machine."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication

from landfall.gui.format import whole
from landfall.gui.hosts.words import address
from landfall.gui.run.words import at_most
from landfall.gui.translated import translated
from landfall.services.run.targets import CLOUD_ANSWER_TOKENS

if TYPE_CHECKING:
    from landfall.core.side_by_side.side_by_side import Plan, PlanCeiling
    from landfall.gui.side_by_side.targets import Asked


MOST_NAMED = 3
"""Targets that are named one by one; of more it is said how many."""


def _tr(text: str) -> str:
    return QCoreApplication.translate("side by side", text)


@dataclass(frozen=True, slots=True)
class ConsentWords:
    """Title, text, and the words of the button that agrees."""

    title: str
    text: str
    agree: str


def consent_words(most: PlanCeiling, plan: Plan, asked: Sequence[Asked]) -> ConsentWords:
    """The most that all paid answers cost together, and each of them; or that it is not known."""
    longest = max(plan.answer_tokens(i) or CLOUD_ANSWER_TOKENS for i in range(len(plan.prompts)))
    leaving = sum(one.leaves for one in asked) * len(plan.prompts)
    count = _tr("One answer comes from elsewhere, of at most {1} tokens")
    if leaving > 1:
        count = _tr("{0} answers come from elsewhere, of at most {1} tokens each")
    count = count.format(whole(leaving), whole(longest))
    priced = [
        f"{asked[one.target].label}: {at_most(one.usd)}"
        for one in most.targets
        if one.usd is not None
    ]
    # The title names those without a price; why is told of the first, as it is much the same.
    why = next((translated(one.note) for one in most.targets if one.usd is None), "")
    through = [one.model for one in asked if one.leaves and one.row is None and one.host is None]
    there = dict.fromkeys(
        f"{one.host.name} ({address(one.host)})" for one in asked if one.host is not None
    )
    words = _tr("{0}: through the Ollama server to a cloud, as your account there has it")
    leads = words.format(", ".join(through)) if through else ""
    goes = _tr("To {0}").format(", ".join(there)) if there else ""
    told = (count, _few(priced, "; "), leads, goes, why)
    text = " ".join(f"{part.rstrip('.')}." for part in told if part)
    if most.unpriced:
        names = _few([asked[number].label for number in most.unpriced], ", ")
        title = _tr("What it costs is not known: {0}").format(names)
        if most.usd:
            known = at_most(most.usd)
            title = _tr("At most {0}, and more that is not known: {1}").format(known, names)
        return ConsentWords(title, text, _tr("Send without a known price"))
    if not most.targets:
        return ConsentWords(_tr("What you ask leaves this machine"), text, _tr("Send it"))
    return ConsentWords(
        _tr("It costs at most {0} together").format(at_most(most.usd)),
        text,
        _tr("Pay up to {0}").format(at_most(most.usd)),
    )


def _few(parts: Sequence[str], between: str) -> str:
    """The first of them, and how many more there are: the question stays in sight."""
    named = parts[:MOST_NAMED] if len(parts) > MOST_NAMED + 1 else parts
    words = between.join(named)
    if len(named) == len(parts):
        return words
    return f"{words}{between}{_tr('{0} more').format(whole(len(parts) - len(named)))}"
