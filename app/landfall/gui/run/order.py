"""What is asked for on the Run page: a question, how it is to be answered, and by whom."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING

from landfall.services.run.answering import Ask, Turn

if TYPE_CHECKING:
    from landfall.core.hosts.hosts import Host
    from landfall.gui.run.prompt_form import Parameters
    from landfall.services.cloud.provider import ProviderRow


@dataclass(frozen=True, slots=True)
class Local:
    """A model of the Ollama server in use, or of a kept host that is no Ollama."""

    model: str
    allow_remote: bool
    host: Host | None = None


@dataclass(frozen=True, slots=True)
class Hosted:
    """A model of a provider."""

    row: ProviderRow
    model: str


@dataclass(frozen=True, slots=True, kw_only=True)
class Order:
    """A question, how it is to be answered, and by whom: one of both."""

    question: str
    system: str
    parameters: Parameters
    local: Local | None
    hosted: Hosted | None

    @property
    def model(self) -> str:
        """Of the one who is asked, or ""."""
        target = self.local or self.hosted
        return target.model if target is not None else ""


def as_ask(order: Order, before: Sequence[Turn]) -> Ask:
    """The system prompt, the conversation so far, the question."""
    system = (Turn("system", order.system),) if order.system else ()
    return Ask(
        turns=(*system, *before, Turn("user", order.question)),
        context=order.parameters.context,
        num_predict=order.parameters.num_predict,
    )
