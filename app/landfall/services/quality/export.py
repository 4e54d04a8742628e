"""A quality run as a file: JSON lines with all answers, or its set for promptfoo or Inspect."""

from __future__ import annotations

import json
from collections import defaultdict
from collections.abc import Iterator, Mapping, Sequence
from dataclasses import asdict
from pathlib import Path
from typing import Any, Literal

from landfall.core.quality import exports
from landfall.core.quality.scoring import METRICS, PLAIN, Metric, Options, metric_of
from landfall.core.quality.sets import QualityPrompt
from landfall.core.side_by_side.side_by_side import Target
from landfall.services.history.export import NewFile
from landfall.services.quality.records import QualityAnswer, QualityLabel, QualityRun
from landfall.services.threads import in_thread

Kind = Literal["jsonl", "promptfoo", "inspect"]

KINDS: tuple[Kind, ...] = ("jsonl", "promptfoo", "inspect")


async def export_run(path: Path, run: QualityRun, kind: Kind) -> int:
    """Write a run; returns how many prompts. The file is the old one or the whole new one.

    Args:
        kind: "jsonl" has every answer and label; the others the prompts, with the answers of
            today's model as far as they were recorded.

    Raises:
        DiskFull, Unavailable: it cannot be written.
    """
    if kind != "jsonl":
        plan = run.plan
        targets = [one for side in plan.asked if (one := plan.target_of(side)) is not None]
        return await export_prompts(
            path,
            plan.prompts,
            kind,
            title=plan.title,
            metric=metric_of(plan.metric),
            options=plan.options,
            targets=targets,
        )
    text = await in_thread(_lines, run)
    async with NewFile(path) as out:
        await out.add(text)
    return len(run.plan.prompts)


async def export_prompts(
    path: Path,
    prompts: Sequence[QualityPrompt],
    kind: Kind,
    *,
    title: str,
    metric: Metric = METRICS["accuracy"],
    options: Options = PLAIN,
    targets: Sequence[Target] = (),
) -> int:
    """Write a set that was not run; returns how many prompts.

    Raises:
        DiskFull, Unavailable: it cannot be written.
    """
    providers = [_provider(target) for target in targets]
    match kind:
        case "jsonl":
            rows = (json.dumps(asdict(one), ensure_ascii=False) for one in prompts)
            text = "".join(f"{row}\n" for row in rows)
        case "inspect":
            text = exports.inspect_dataset(prompts)
        case "promptfoo":
            text = exports.promptfoo(prompts, metric, options, providers=providers, title=title)
    async with NewFile(path) as out:
        await out.add(text)
    return len(prompts)


def _provider(target: Target) -> str:
    """As promptfoo spells it."""
    return f"{target.provider}:{target.model}" if target.paid else f"ollama:chat:{target.model}"


def _lines(run: QualityRun) -> str:
    return "".join(json.dumps(row, ensure_ascii=False) + "\n" for row in rows_of(run))


def rows_of(run: QualityRun) -> Iterator[dict[str, Any]]:
    """Each prompt with its answers and labels, in the order asked; what is not known is null."""
    answers: dict[int, dict[str, Any]] = defaultdict(dict)
    for answer in run.answers:
        answers[answer.place][answer.side] = _answer(answer)
    labels: dict[int, list[Any]] = defaultdict(list)
    for label in run.labels:
        labels[label.place].append(_label(label))
    for prompt in run.plan.prompts:
        yield {
            "place": prompt.place,
            "prompt": prompt.prompt,
            "expected": prompt.expected,
            "incumbent": prompt.incumbent,
            "cluster": prompt.cluster,
            "answers": answers[prompt.place],
            "labels": labels[prompt.place],
        }


def _answer(answer: QualityAnswer) -> Mapping[str, Any]:
    names = ("answered_at", "text", "done_reason", "error", "input_tokens", "output_tokens")
    return {name: getattr(answer, name) for name in (*names, "seconds", "usd", "run")}


def _label(label: QualityLabel) -> Mapping[str, Any]:
    names = ("side", "by", "swapped", "label", "labelled_at", "run")
    return {name: getattr(label, name) for name in names}
