"""Makes `history_v5.db`: the fourth schema brought up to date, with a quality run in it.

    PYTHONPATH=app python tests/data/make_history_v5.py

Only for as long as the fifth schema was not released; after that the file never changes.
"""

from __future__ import annotations

import asyncio
import shutil
import sqlite3
from contextlib import closing
from pathlib import Path

from landfall.core.quality.gate import Label
from landfall.core.quality.sets import QualityPrompt
from landfall.core.side_by_side.side_by_side import Target
from landfall.services.history.history import History
from landfall.services.quality import kept
from landfall.services.quality.gate_report import report_of
from landfall.services.quality.plan import QualityPlan
from landfall.services.quality.records import QualityAnswer, QualityLabel

HERE = Path(__file__).parent
AT = "2026-06-04T10:00:00+00:00"

PLAN = QualityPlan(
    prompts=(
        QualityPrompt(place=1, prompt="Is it spam?", cluster="inbox"),
        QualityPrompt(place=0, prompt="Is this?", expected="no", incumbent="no"),
    ),
    metric="human",
    margin=0.03,
    local=Target(model="qwen3:8b"),
    incumbent=Target(provider="openai", model="gpt-5-mini"),
    title="mails.jsonl",
    workload="gpt-5-mini",
    seed=7,
    local_digest="0" * 64,
    local_quantization="Q4_K_M",
)


async def ask(history: History) -> None:
    """A run with three of its four answers, one label, and what the gate said."""
    quality = history.quality
    number = await quality.begin("quality-1", PLAN)
    for place, side, text in ((1, "local", "Yes."), (1, "incumbent", "No."), (0, "local", "No.")):
        answer = QualityAnswer(
            place=place,
            side=side,  # type: ignore[arg-type]
            answered_at=AT,
            text=text,
            done_reason="stop",
            output_tokens=2,
            usd=0.001 if side == "incumbent" else None,
            run=f"run-{place}-{side}",
        )
        await quality.finish_answer(number, answer)
    label = QualityLabel(
        place=1, side="local", by="you", swapped=True, label=Label.OTHER, labelled_at=AT
    )
    await quality.add_label("quality-1", label)
    report = report_of(await quality.get("quality-1"))
    await quality.keep_result(number, report.as_json())
    await history.transact(lambda c: kept.set_state(c, number, "interrupted"))


async def make(path: Path) -> None:
    """Write the file."""
    shutil.copy(HERE / "history_v4.db", path)
    history = History(path)
    await history.open()
    await ask(history)
    await history.close()
    with closing(sqlite3.connect(path)) as connection:
        connection.execute("UPDATE quality_runs SET started_at = ?, changed_at = ?", (AT, AT))
        connection.execute(
            "INSERT INTO workload_drafts VALUES ('', '[workload]\nname = \"Half\"\n', ?)", (AT,)
        )
        connection.commit()
        connection.execute("PRAGMA journal_mode = DELETE")
        connection.execute("VACUUM")
    for rest in HERE.glob("history_v5.v*.bak"):
        rest.unlink()


if __name__ == "__main__":
    asyncio.run(make(HERE / "history_v5.db"))
