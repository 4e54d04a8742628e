"""How long a call of a task usually is: a first guess, until usage or a run tells.

Means or medians of others' calls, not of the user's: every value that comes from here is shown with
its source, and the verdict on it says that it rests on a guess.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from landfall.core.workload.origins import PRESET, Origin
from landfall.core.workload.workload import Task

_AZURE = "median of the Azure LLM inference trace of 2023"
_NEWS = "mean of CNN/Daily Mail articles"
_OURS = "our judgement, 2026-11"


@dataclass(frozen=True, slots=True)
class Preset:
    """Tokens of a call.

    Attributes:
        source: Who counted, and when.
    """

    input: int
    output: int
    source: str


PRESETS: Mapping[Task, Preset] = {
    Task.CHAT: Preset(1020, 129, _AZURE),
    Task.CODE: Preset(1469, 13, _AZURE),
    Task.SUMMARY: Preset(781, 56, _NEWS),
    Task.CLASSIFICATION: Preset(500, 20, _OURS),
    Task.EXTRACTION: Preset(1500, 200, _OURS),
    Task.EMBEDDING: Preset(512, 0, _OURS),
    Task.VISION: Preset(1500, 150, _OURS),
    Task.TRANSLATION: Preset(600, 600, _OURS),
    Task.COMPLEX_REASONING: Preset(1500, 3000, _OURS),
    Task.NOVEL: Preset(1000, 1000, _OURS),
    Task.CREATIVE: Preset(300, 1000, _OURS),
    Task.LONG_AGENTIC: Preset(20_000, 1000, _OURS),
    Task.USER_FACING_ANALYTIC: Preset(3000, 600, _OURS),
}
"""Chat and code: medians of ContextTokens and GeneratedTokens over the 19,366 calls of
data/AzureLLMInferenceTrace_conv.csv and the 8,819 of AzureLLMInferenceTrace_code.csv in
github.com/Azure/AzurePublicDataset (b469a11, 2025-10-20), the calls of Patel et al., "Splitwise",
ISCA 2024. Summary: mean tokens of an article and of its highlights as the dataset card of
CNN/Daily Mail counts them (huggingface/datasets, datasets/cnn_dailymail/README.md; words and
signs, of which a model makes somewhat more tokens). The rest is our judgement of what such calls
hold, good to a factor of three."""


def preset_of(task: Task) -> Mapping[str, Origin]:
    """What is usual of a task, by the paths of the keys."""
    preset = PRESETS[task]
    source = f"{PRESET} {task.value} ({preset.source})"
    told: dict[str, Any] = {"tokens.input": preset.input, "tokens.output": preset.output}
    return {path: Origin(source, value) for path, value in told.items()}


def people_times_calls(people: float, calls: float) -> Origin:
    """A volume that was reckoned from people and what each of them asks a day."""
    return Origin(f"{people:g} people x {calls:g} calls", _whole(float(people * calls)))


def _whole(value: float) -> float | int:
    return int(value) if value.is_integer() else value
