"""Imported usage in the history: buckets, costs, and which rows are there already."""

from __future__ import annotations

from dataclasses import dataclass

from landfall.core.usage import Problem


@dataclass(frozen=True, slots=True, kw_only=True)
class KeptImport:
    """A file or an interface that usage was taken from, as it is kept.

    Attributes:
        id: Row number.
        source: "file" or "provider".
        name: Path of the file, or id of the provider.
        rows: Understood; `kept` of them were new, `skipped` were there already.
        problems: The first of them; `problem_count` is how many there were.
        first_at, last_at: Of what was kept; ISO 8601 UTC, None where nothing was.
    """

    id: int
    uid: str
    imported_at: str
    source: str
    name: str
    format: str
    rows: int
    kept: int
    skipped: int
    problems: tuple[Problem, ...] = ()
    problem_count: int = 0
    first_at: str | None = None
    last_at: str | None = None
    input_tokens: float | None = None
    output_tokens: float | None = None
    billed_usd: float | None = None
    recomputed_usd: float | None = None


# Through History:
#   usage_imports() -> tuple[KeptImport, ...], newest first
#   delete_usage_import(id) -> bool
#   usage_buckets(*, since="", until="", workload=None, imports=None) -> tuple[UsageBucket, ...]
#   usage_costs(*, since="", until="") -> tuple[CostRow, ...]
#   assign_usage(proposal) -> int: its buckets go to the workload of its name
#   usage_days(workload) -> tuple[UsageDay, ...]
#   save_mapping(header_key, mapping_json), mapping(header_key) -> str | None
