"""What to expect of an open-weight model before anything was measured: beliefs, never a pass.

Gathered from published comparisons; each row says from which, and how much it is to be believed.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from types import MappingProxyType

from landfall.core.provenance import Unknown
from landfall.core.workload.workload import Task

AS_OF = "2026-11"
_ONE_RUN = "one run of five fixed tasks (local-enough, 2026-09-28)"


@dataclass(frozen=True, slots=True, kw_only=True)
class Prior:
    """What is believed of a kind of task before the user's own prompts were run.

    Attributes:
        kind: Of work, for people.
        gap: Local or hosted open-weight less frontier, a share: -0.08 is eight points worse.
        spread: Standard deviation of that belief.
        margin: The loss that is usually acceptable.
        metric: How it was measured.
        evidence: What says so.
        confidence: "medium" or "low"; none is high.
    """

    kind: str
    gap: float
    spread: float
    margin: float
    metric: str
    evidence: str
    confidence: str

    @property
    def says(self) -> str:
        """The belief in words, with what it is worth."""
        gap = f"{abs(100 * self.gap):.0f} points"
        expected = f"{gap} worse than" if self.gap < 0 else "about as good as"
        return (
            f"before any measurement an open-weight model is believed {expected} a frontier "
            f"one at {self.kind}, give or take {100 * self.spread:.0f} points "
            f"({self.confidence} confidence, {AS_OF})"
        )


def _prior(
    kind: str, points: tuple[int, int, int], metric: str, evidence: str, confidence: str = "medium"
) -> Prior:
    gap, spread, margin = (value / 100 for value in points)
    return Prior(
        kind=kind,
        gap=gap,
        spread=spread,
        margin=margin,
        metric=metric,
        evidence=evidence,
        confidence=confidence,
    )


PRIORS: Mapping[str, Prior] = MappingProxyType(
    {
        "embedding": _prior(
            "embedding",
            (0, 4, 2),
            "recall@k or nDCG on one's own queries",
            "boards of the MTEB kind: Qwen3-Embedding-8B 70.6, Gemini 68.3, OpenAI large 64.6, "
            "BGE-M3 63.0, nomic v1.5 59.4 (secondary pages, MTEB v1 and v2 mixed)",
        ),
        "classification": _prior(
            "classification",
            (-8, 10, 3),
            "accuracy or macro-F1",
            f"{_ONE_RUN}, BANKING77 without examples: 1.5B 42.5, 4B 64.6, Qwen3-235B 76.0, "
            "DeepSeek-V3.2 79.9, frontier 85.1; a trained TF-IDF 88.0. Bucher and Martini (2024): "
            "small models trained on 200 to 500 labels beat large ones without examples",
        ),
        "extraction": _prior(
            "extraction",
            (-4, 4, 3),
            "field accuracy and valid schema",
            f"{_ONE_RUN}: 1.5B 89.4, 4B 93.0, 235B 97.7, DeepSeek 98.4, frontier 99.6",
        ),
        "entity_matching": _prior(
            "matching of entities",
            (-4, 4, 3),
            "F1",
            f"{_ONE_RUN}: 4B 92.9, large open ones 99 to 100, frontier 100",
        ),
        "pii_redaction": _prior(
            "redaction of personal data",
            (-6, 10, 1),
            "F2, which weighs recall",
            f"{_ONE_RUN}: 1.5B 43.4, 4B 92.0, 235B 97.0, frontier 100",
        ),
        "summary": _prior(
            "standard summaries",
            (-12, 12, 5),
            "share of facts kept, by a calibrated judge",
            f"{_ONE_RUN}, strict: 4B 40.7, 235B 50.8, DeepSeek 11.8, frontier 63.9",
            "low",
        ),
        "chat": _prior(
            "chat and single questions",
            (-10, 8, 5),
            "blind comparison, win or tie",
            "Intelligence per Watt (arXiv 2511.07885): the best local model of up to 20B active "
            "answers 88.7 % as well, one model of 2025 71.3 %",
        ),
        "complex_reasoning": _prior(
            "complex reasoning",
            (-6, 5, 2),
            "exact match",
            "Epoch (2026-05-29): the best open model is 4 months and 8 ECI points behind closed "
            "ones; Epoch (2025-08-15): what a consumer GPU holds is 6 to 12 months behind",
        ),
        "long_agentic": _prior(
            "long work of agents", (-12, 8, 2), "success", "secondary sources alone", "low"
        ),
        "creative_prose": _prior(
            "creative prose",
            (-5, 8, 5),
            "blind comparison by people",
            "LMArena, May 2026 (secondary): 25 to 42 Elo behind, a chance of 44 to 46 % to win "
            "for the best open models and less for local sizes",
            "low",
        ),
        "multilingual": _prior(
            "languages with little text",
            (-10, 10, 3),
            "the task's metric, by language",
            "MMLU-ProX (arXiv 2503.10497): above 70 % in English, near 40 % in Swahili even for "
            "the best; LAG-MMLU (2025): o1 70.8, Llama 70B 41",
        ),
    }
)
"""By the kind of work. Differences in points; below 0 the open-weight model is worse."""

_OF_TASK = {
    Task.CHAT: "chat",
    Task.CLASSIFICATION: "classification",
    Task.EXTRACTION: "extraction",
    Task.SUMMARY: "summary",
    Task.EMBEDDING: "embedding",
    Task.TRANSLATION: "multilingual",
    Task.COMPLEX_REASONING: "complex_reasoning",
    Task.CREATIVE: "creative_prose",
    Task.LONG_AGENTIC: "long_agentic",
}


def prior_of(task: Task) -> Prior | Unknown:
    """What is believed of a task; unknown where nothing was found that says anything of it."""
    key = _OF_TASK.get(task)
    return PRIORS[key] if key else Unknown("no comparison of such work was found")
