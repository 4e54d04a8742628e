"""The least that a workload file has to say, and one key more."""

from __future__ import annotations

from landfall.core.workload.file import parse
from landfall.core.workload.workload import Workload

HEAD = '[workload]\nname = "A"\ntask = "chat"\n'


def with_key(path: str, value: str, more: str = "") -> Workload:
    section, _, name = path.rpartition(".")
    return parse(f"{HEAD}[{section}]\n{name} = {value}\n{more}")
