"""Names in files of usage are cut where nobody would read on."""

from __future__ import annotations

from pathlib import Path

from landfall.core.usage.rows import UsageRow
from landfall.services.usage_files import open_usage
from landfall.services.usage_files.cells import LONGEST_NAME


def test_that_a_long_model_with_its_variant_is_cut_once(tmp_path: Path) -> None:
    file = tmp_path / "activity.csv"
    file.write_text(
        "created_at,model_permaslug,variant,tokens_prompt,tokens_completion,cost_total\n"
        f"2026-09-01 10:00:00,{'m' * 300},free,10,5,0.1\n"
    )
    with open_usage(file, format="openrouter_activity_csv") as opened:
        rows = list(opened)
    assert [len(row.model) for row in rows if isinstance(row, UsageRow)] == [LONGEST_NAME]
