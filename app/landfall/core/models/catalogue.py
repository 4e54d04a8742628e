"""The models that the program knows without asking anybody, and how people name them."""

from __future__ import annotations

import difflib
import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from enum import StrEnum

from landfall.core.errors import BadInput
from landfall.core.models.architecture import Architecture
from landfall.core.models.model_names import without_pin
from landfall.core.models.quantization_names import one_spelling


class Task(StrEnum):
    """What a model is wanted for."""

    CHAT = "chat"
    CODE = "code"
    CLASSIFICATION = "classification"
    EXTRACTION = "extraction"
    SUMMARY = "summary"
    EMBEDDING = "embedding"
    VISION = "vision"


@dataclass(frozen=True, slots=True, kw_only=True)
class Evidence:
    """A published score.

    Attributes:
        metric: "AA Intelligence Index v4.1.1", "MMLU-Pro", "MTEB multilingual v2".
        score: On the metric's own scale; scores of different metrics are never compared.
        source: Who says so, with its date where the source gives one.
        date: ISO date on which the score was collected.
    """

    metric: str
    score: float
    source: str
    date: str


@dataclass(frozen=True, slots=True, kw_only=True)
class ModelCard:
    """One row of the catalogue: a tag of Ollama's library in its default quantization.

    Attributes:
        tag: "qwen3:8b"; without a colon where the library has one size only.
        aliases: Names that no rule of spelling leads to.
        architecture: As the published configuration says.
        architecture_source: Who says so.
        architecture_recalled: Nobody was read for it.
        tied_embeddings: Whether input and output share one matrix.
        size_bytes: Of the download, rounded by the library; None where it is not known.
        size_spread: Half of the rounding step, as a share of the size; wider where recalled.
        size_recalled: Nobody was read for the size.
        capabilities: "tools", "thinking", "vision", "embedding" ...
        evidence: Published scores; empty where none is known.
        date: ISO date on which the row was collected.
    """

    tag: str
    aliases: tuple[str, ...]
    architecture: Architecture
    architecture_source: str
    tied_embeddings: bool
    params_total: int
    params_active: int
    quantization: str
    size_bytes: int | None
    size_spread: float
    size_source: str
    capabilities: frozenset[str]
    licence: str
    evidence: tuple[Evidence, ...]
    notes: str
    date: str
    architecture_recalled: bool = False
    size_recalled: bool = False

    def suits(self, task: Task) -> bool:
        """Whether it can do the task at all."""
        match task:
            case Task.EMBEDDING:
                return "embedding" in self.capabilities
            case Task.VISION:
                return "vision" in self.capabilities
            case _:
                return "embedding" not in self.capabilities

    @property
    def made_for_code(self) -> bool:
        """Whether its name says that it was trained for code."""
        return any(word in self.tag for word in ("coder", "codestral", "devstral"))


# ---------------------------------------------------------------- names

_ORGANISATION = re.compile(r"^(?:https?://)?(?:huggingface\.co/|hf\.co/)?[\w.-]+/")
_SUFFIXES = re.compile(
    r"(?:[-_:.](?:(?:instruct|it|chat|text)(?:-v\d+(?:\.\d+)*)?|hf|gguf|bf16|thinking|base|preview|"
    r"a\d+(?:\.\d+)?b|(?:19|20|25|26)\d\d|latest)"
    r"|(?<=\db)[-_]v\d+(?:\.\d+)*)(?=$|[-_:.])"
)
"""What does not make it another model. An edition does, unless it follows a size or a kind: a
"mistral-7b-v0.3" is a mistral:7b, a "deepseek-v3" is no deepseek-v3.1."""
_QUANT_SUFFIX = re.compile(
    r"[-_:](?:ud-)?((?:i?q[1-8]_[a-z0-9_]+)|(?:q8_0)|(?:bf16)|(?:fp16)|(?:f16)|(?:f32)|(?:mxfp4))$"
)


def spelling(name: str) -> str:
    """One spelling for `qwen3:8b`, `qwen3-8b` and `Qwen/Qwen3-8B`."""
    text = name.strip().lower()
    text = _ORGANISATION.sub("", text)
    previous = None
    while previous != text:
        previous = text
        text = _SUFFIXES.sub("", text)
    return re.sub(r"[-_:\s]", "", text)


def split_quantization(name: str) -> tuple[str, str | None]:
    """The name without a quantization at its end, and the quantization in capitals, or None."""
    found = _QUANT_SUFFIX.search(name.strip().lower())
    if found is None:
        return name, None
    return name.strip()[: found.start()], one_spelling(found[1])


def find(name: str, cards: Iterable[ModelCard]) -> ModelCard | None:
    """The card that a name means, or None.

    An exact tag or alias wins over a name that is only spelled alike, that over a family of which
    the catalogue has one size.
    """
    known = tuple(cards)
    wanted = _of_library(name)
    for card in known:
        if wanted in (card.tag, *(alias.lower() for alias in card.aliases)):
            return card
    if "/" in wanted and ":" in wanted:
        return None  # somebody's own model in a registry, whatever it is called after
    key = spelling(wanted)
    for card in known:
        if key and key in (spelling(card.tag), *(spelling(alias) for alias in card.aliases)):
            return card
    family = [card for card in known if key and spelling(card.tag.partition(":")[0]) == key]
    return family[0] if len(family) == 1 else None


def _of_library(name: str) -> str:
    """The name in lower case, without what stands for Ollama's own library or its default tag."""
    text = without_pin(name.strip()).lower()
    for prefix in ("https://", "http://", "registry.ollama.ai/", "ollama.com/", "library/"):
        text = text.removeprefix(prefix)
    return text.removesuffix(":latest")


def suggestions(name: str, cards: Iterable[ModelCard], limit: int = 4) -> tuple[str, ...]:
    """Tags that look like the name, best first."""
    tags = [card.tag for card in cards]
    wanted = _ORGANISATION.sub("", name.strip().lower())
    family = wanted.partition(":")[0]
    of_family = [tag for tag in tags if tag.partition(":")[0] == family]
    begun = [tag for tag in of_family if tag.startswith(wanted)]
    close = difflib.get_close_matches(wanted, tags, n=limit, cutoff=0.5)
    starts = [tag for tag in tags if len(family) > 2 and tag.startswith(family)]
    close_family = difflib.get_close_matches(
        family, sorted({tag.partition(":")[0] for tag in tags}), n=2, cutoff=0.6
    )
    relatives = [tag for tag in tags if tag.partition(":")[0] in close_family]
    return tuple(dict.fromkeys([*begun, *of_family, *close, *starts, *relatives]))[:limit]


def unknown_model(name: str, cards: Sequence[ModelCard], because: str = "") -> BadInput:
    """The error for a name that means no model, with what was perhaps meant."""
    close = suggestions(name, cards)
    popular = "Known are, for example, llama3.1:8b, qwen3:8b and gemma3:4b; see `recommend`."
    hint = f"Did you mean {', '.join(close)}?" if close else popular
    # Two sentences, each whole: in another language the name stands before the verb.
    message = f"No model is known as {name!r}."
    if because:
        message = f"No model is known as {name!r}: {because}."
    return BadInput(message, hint, field="model")


# ---------------------------------------------------------------- quantization


# ---------------------------------------------------------------- from a card to a spec
