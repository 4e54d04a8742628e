"""Writes a workload as the file that describes it."""

from __future__ import annotations

import re
from collections.abc import Iterable, Mapping
from dataclasses import replace
from itertools import takewhile
from typing import Any

from landfall.core.errors import BadInput
from landfall.core.toml_lines import lines_of_keys
from landfall.core.workload.draft import Draft, draft_of
from landfall.core.workload.file import SCHEMA, parse
from landfall.core.workload.keys import KEYS
from landfall.core.workload.origins import comment
from landfall.core.workload.workload import Quality, Workload

_NAME = re.compile(r"""(\bname\s*=\s*)("(?:[^"\\]|\\.)*"|'[^']*')""")

_STRING = re.compile(r"""("(?:[^"\\\n]|\\.)*"|'[^'\n]*')""")
_HOSTS = re.compile(r"""(\bhosts?\s*=\s*)("(?:[^"\\\n]|\\.)*"|'[^'\n]*'|\[[^\]]*\])""")


def to_toml(workload: Workload) -> str:
    """The workload as a file that `parse` reads back as the same workload.

    Only what was stated is written; what is left to estimates stays open.
    """
    return to_text(draft_of(workload))


def to_text(draft: Draft) -> str:
    """A draft as a file. What is wrong in it stays wrong, for `parse` to say so."""
    out = [f"schema = {SCHEMA}"]
    for section in dict.fromkeys(key.section for key in KEYS):
        body = [
            f"{key.name} = {_toml(draft.values[key.path])}{_source(draft, key.path)}"
            for key in KEYS
            if key.section == section and key.path in draft.values
        ]
        body += _extra_lines(draft, section)
        if body:
            out += ["", f"[{section}]", *body]
        if section == "privacy":
            out += _step_lines(draft.steps)
    return "\n".join(out) + "\n"


def renamed(text: str, name: str) -> str:
    """A right file with another name of the workload; its comments stay where they can.

    Raises:
        BadInput: the text is wrong, or the name is none.
    """
    workload = replace(parse(text), name=name)
    lines = text.split("\n")
    at = lines_of_keys(text).get("workload.name")
    if at is not None:
        quoted = _toml(name)
        lines[at - 1] = _NAME.sub(lambda found: found[1] + quoted, lines[at - 1], count=1)
    changed = "\n".join(lines)
    try:
        if parse(changed) == workload:
            return changed
    except BadInput:
        pass  # the old name is written over several lines, or the new one is none
    changed = to_toml(workload)
    parse(changed)
    return changed


def host_renamed(text: str, before: str, after: str) -> str:
    """A right file in which a host that it names is called otherwise; its comments stay where they
    can. Case and white space around the name do not matter.

    Raises:
        BadInput: the text is wrong.
    """

    def name(host: str) -> str:
        return after if host.strip().casefold() == before.strip().casefold() else host

    workload = parse(text)
    machine = replace(
        workload.machine,
        host=name(workload.machine.host),
        hosts=tuple(map(name, workload.machine.hosts)),
    )
    steps = tuple(replace(step, host=name(step.host)) for step in workload.steps)
    wanted = replace(workload, machine=machine, steps=steps)
    quoted = _toml(after)

    def string(found: re.Match[str]) -> str:
        return quoted if name(found[0][1:-1]) == after else found[0]

    changed = _HOSTS.sub(lambda found: found[1] + _STRING.sub(string, found[2]), text)
    try:
        if parse(changed) == wanted:
            return changed
    except BadInput:
        pass  # written in a way in which a value is no plain string
    return to_toml(wanted)


def _source(draft: Draft, path: str) -> str:
    origin = draft.origins.get(path)
    return "" if origin is None else comment(origin, draft.values[path], _toml(origin.value))


def with_quality(text: str, quality: Quality) -> str:
    """A right file with other quality evidence; its comments elsewhere stay where they can.

    Raises:
        BadInput: the text is wrong.
    """
    workload = replace(parse(text), quality=quality)
    changed = _quality_replaced(text, workload)
    try:
        if parse(changed) == workload:
            return changed
    except BadInput:
        pass  # written in a way in which a line is no whole key
    return to_toml(workload)


def _quality_replaced(text: str, workload: Workload) -> str:
    at = lines_of_keys(text)
    own = {line for path, line in at.items() if path.startswith("quality.")}
    whole = to_toml(workload).split("\n")
    begin = whole.index("[quality]") + 1 if "[quality]" in whole else len(whole)
    body = list(takewhile(bool, whole[begin:]))
    kept = [line for number, line in enumerate(text.split("\n"), 1) if number not in own]
    if "quality" not in at:
        return "\n".join((*kept, "[quality]", *body, ""))
    header = at["quality"] - sum(line < at["quality"] for line in own)
    return "\n".join((*kept[:header], *body, *kept[header:]))


def _extra_lines(draft: Draft, section: str) -> list[str]:
    lines = []
    if section == "candidates" and draft.hosted:
        lines.append(f"hosted = [{', '.join(_inline(one) for one in draft.hosted)}]")
    if section == "quality":
        for name, pairs in (("pairs", draft.pairs), ("pairs_hosted", draft.pairs_hosted)):
            if pairs:
                lines.append(f"{name} = {_inline(pairs)}")
    return lines


def _inline(table: Mapping[str, Any]) -> str:
    inside = ", ".join(f"{name} = {_toml(value)}" for name, value in table.items())
    return f"{{ {inside} }}"


def _step_lines(steps: Iterable[Mapping[str, Any]]) -> list[str]:
    lines: list[str] = []
    for step in steps:
        lines += ["", "[[steps]]", *(f"{name} = {_toml(value)}" for name, value in step.items())]
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
