"""A set of prompts for other tools of evaluation: promptfoo and Inspect. Text only."""

from __future__ import annotations

import json
import re
from collections.abc import Iterable, Mapping, Sequence
from typing import Any

from landfall.core.quality.answers import choices, numbers_in
from landfall.core.quality.scoring import PLAIN, Metric, Options
from landfall.core.quality.sets import QualityPrompt

_BEYOND_YAML = re.compile("[\x7f-\x9f\u2028\u2029\ufeff\ufffe\uffff]")
_TEMPLATE = re.compile(r"\{\{|\{%|\{#|^file://")


def promptfoo(
    prompts: Iterable[QualityPrompt],
    metric: Metric,
    options: Options = PLAIN,
    *,
    providers: Sequence[str] = (),
    title: str = "",
) -> str:
    """A `promptfooconfig.yaml`: the prompts as tests, each with a check where promptfoo has one.

    Keys as in promptfoo's reference of its configuration (read 2026-11): `description`,
    `providers`, `prompts`, `tests` with `vars`, `assert` (`type`, `value`) and `metadata`.
    Prompts are wrapped so that no brace in them is taken for a template and no `file://` is read.
    Where it has no check that says the same (lists of documents, people's preference), there is
    none.

    Args:
        providers: As promptfoo spells them, as `ollama:chat:qwen3:8b`; at least one is needed to
            run it.
        title: Of the set.
    """
    lines = [
        "# Prompts of a quality run. Set PROMPTFOO_DISABLE_TELEMETRY=1 before running it.",
        f"description: {_quoted(title or 'Quality run')}",
        "providers:",
        *(f"  - {_quoted(one)}" for one in providers or ("ollama:chat:MODEL",)),
        "prompts:",
        f"  - {_quoted('{{prompt}}')}",
        "tests:",
    ]
    for one in prompts:
        lines += [
            f"  - description: {_quoted(f'prompt {one.place + 1}')}",
            "    vars:",
            f"      prompt: {_quoted(_raw(one.prompt))}",
        ]
        if one.incumbent is not None:
            lines.append(f"      incumbent: {_quoted(_raw(one.incumbent))}")
        lines += _assertion(one, metric, options)
        lines.append(f"    metadata: {_flow({'place': one.place, 'cluster': one.cluster})}")
    return "\n".join(lines) + "\n"


def inspect_dataset(prompts: Iterable[QualityPrompt]) -> str:
    """JSON lines that `inspect_ai.dataset.json_dataset` reads without a mapping.

    Fields as of Inspect's `Sample` (read 2026-11): `input`, `target`, `id`, `metadata`. A prompt
    without an expected answer has an empty target.
    """
    rows = []
    for one in prompts:
        targets = [] if one.expected is None else choices(one.expected)
        metadata: dict[str, Any] = {"cluster": one.cluster} if one.cluster else {}
        if one.incumbent is not None:
            metadata["incumbent"] = one.incumbent
        rows.append(
            {
                "id": one.place + 1,
                "input": one.prompt,
                "target": targets[0] if len(targets) == 1 else targets or "",
                "metadata": metadata,
            }
        )
    return "".join(f"{_flow(row)}\n" for row in rows)


def _assertion(one: QualityPrompt, metric: Metric, options: Options) -> list[str]:
    found = _check(one.expected, metric, options)
    if found is None:
        return []
    kind, value = found
    lines = ["    assert:", f"      - type: {kind}"]
    if value is not None:
        shown = _quoted(_raw(value)) if isinstance(value, str) else _flow(value)
        lines.append(f"        value: {shown}")
    return lines


def _check(
    expected: str | None, metric: Metric, options: Options
) -> tuple[str, str | Mapping[str, Any] | None] | None:
    """The kind of promptfoo's check and its value, where it has one that says about the same."""
    if metric.id == "json_schema":
        return "is-json", options.schema
    if metric.id == "regex" and (options.pattern or expected):
        return "regex", options.pattern or expected
    if expected is None:
        return None
    if metric.id == "exact" and len(choices(expected)) == 1:
        return "equals", choices(expected)[0]
    if metric.id in ("accuracy", "macro_f1", "exact"):
        return "javascript", _among(choices(expected))
    if metric.id == "number" and (numbers := numbers_in(expected)):
        return "javascript", _near(numbers[-1], options.tolerance)
    if metric.id == "fields":
        return "javascript", _fields(expected)
    return ("rouge-n", expected) if metric.id == "rouge_l" else None


def _among(right: Sequence[str]) -> str:
    texts = json.dumps([one.strip().lower() for one in right], ensure_ascii=False)
    return f"{texts}.includes(output.trim().toLowerCase())"


def _near(number: float, tolerance: float) -> str:
    last = r"Number((output.replace(/,/g, '').match(/-?\d+(\.\d+)?/g) || ['NaN']).pop())"
    return f"Math.abs({last} - {number!r}) <= {tolerance * abs(number)!r}"


def _fields(expected: str) -> str:
    told = "(typeof output === 'string' ? JSON.parse(output) : output)"
    return (
        f"Object.entries({expected}).filter(([k, v]) => "
        f"JSON.stringify({told}[k]) === JSON.stringify(v)).length"
        f" / Object.keys({expected}).length"
    )


def _raw(text: str) -> str:
    """Text that Nunjucks, through which promptfoo sends every value, leaves as it is."""
    if not _TEMPLATE.search(text):
        return text
    # An end of the wrapping inside the text is put together from two halves.
    inside = re.sub(r"\{%(-?\s*endraw)", r"{% endraw %}{{ '{%' }}{% raw %}\1", text)
    return f"{{% raw %}}{inside}{{% endraw %}}"


def _quoted(text: str) -> str:
    """A double-quoted scalar of YAML 1.2; JSON's escapes are among YAML's."""
    return _BEYOND_YAML.sub(_escaped, json.dumps(text, ensure_ascii=False))


def _escaped(found: re.Match[str]) -> str:
    return f"\\u{ord(found[0]):04x}"


def _flow(value: Mapping[str, Any]) -> str:
    return _BEYOND_YAML.sub(_escaped, json.dumps(value, ensure_ascii=False))
