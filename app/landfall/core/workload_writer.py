"""Writes a workload as the file that describes it."""

from __future__ import annotations

from typing import Any

from landfall.core.quality import Pairs
from landfall.core.workload import Step, Workload
from landfall.core.workload_file import PAIR_NAMES, SCHEMA
from landfall.core.workload_keys import KEYS, get


def to_toml(workload: Workload) -> str:
    """The workload as a file that `parse` reads back as the same workload.

    Only what was stated is written; what is left to estimates stays open.
    """
    plain = Workload(name="", task=workload.task)
    out = [f"schema = {SCHEMA}"]
    for section in dict.fromkeys(key.section for key in KEYS):
        body = [
            f"{key.name} = {_toml(get(workload, key))}"
            for key in KEYS
            if key.section == section
            and (key.name == "task" or get(workload, key) != get(plain, key))
        ]
        body += _extra_lines(workload, section)
        if body:
            out += ["", f"[{section}]", *body]
        if section == "privacy":
            out += _step_lines(workload.steps)
    return "\n".join(out) + "\n"


def _extra_lines(workload: Workload, section: str) -> list[str]:
    lines = []
    if section == "candidates" and workload.candidates.hosted:
        hosted = ", ".join(
            f"{{ provider = {_toml(one.provider)}, model = {_toml(one.model)} }}"
            for one in workload.candidates.hosted
        )
        lines.append(f"hosted = [{hosted}]")
    if section == "quality":
        for name in ("pairs", "pairs_hosted"):
            pairs: Pairs | None = getattr(workload.quality, name)
            if pairs is not None:
                counts = ", ".join(f"{part} = {getattr(pairs, part)}" for part in PAIR_NAMES)
                lines.append(f"{name} = {{ {counts} }}")
    return lines


def _step_lines(steps: tuple[Step, ...]) -> list[str]:
    lines: list[str] = []
    for step in steps:
        lines += ["", "[[steps]]", f'name = "{step.name}"', f'where = "{step.where}"']
        if step.host:
            lines.append(f"host = {_toml(step.host)}")
    return lines


def _toml(value: Any) -> str:
    if isinstance(value, bool):
        return "true" if value else "false"
    if isinstance(value, str):
        return _toml_string(value)
    if isinstance(value, tuple | frozenset):
        items = sorted(value) if isinstance(value, frozenset) else value
        return "[" + ", ".join(_toml(item) for item in items) + "]"
    return repr(value)


def _toml_string(value: str) -> str:
    escaped = value.replace("\\", "\\\\").replace('"', '\\"')
    return '"' + "".join(c if 32 <= ord(c) != 127 else f"\\u{ord(c):04x}" for c in escaped) + '"'
