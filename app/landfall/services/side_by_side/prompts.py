"""The prompts of a comparison out of a file: one a line, or JSON lines with `prompt`."""

from __future__ import annotations

from pathlib import Path

from landfall.core.side_by_side.side_by_side import Prompt
from landfall.services.benchmark import plan as benchmark_plan


def prompts_of_file(path: Path, *, num_predict: int) -> tuple[Prompt, ...]:
    """The prompts in the order of the file.

    Args:
        num_predict: At most so many tokens of answer where a line does not say.

    Raises:
        BadInput: as `services.benchmark.plan.prompts_of_file` does.
    """
    return tuple(
        Prompt(name=one.name, text=one.text, num_predict=one.num_predict)
        for one in benchmark_plan.prompts_of_file(path, num_predict=num_predict)
    )
