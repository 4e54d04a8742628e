"""J5 out of what was really used: a file, looked at, kept, made into workloads with a verdict."""

from __future__ import annotations

from pathlib import Path

from tests.end_to_end.window import landfall_window

NOBODY = "http://127.0.0.1:9"
HEAD = "date,provider,model,requests,input_tokens,cached_input_tokens,output_tokens,cost\n"
ROWS = (
    "2026-05-01,openai,gpt-4o,100,400000,100000,50000,1.625\n"
    "2026-05-02,openai,gpt-4o,nobody knows,1,1,1,1\n"
    "2026-05-04,openai,gpt-4o,120,480000,120000,60000,1.95\n"
)


async def test_that_a_file_of_usage_becomes_a_workload_with_a_verdict(
    home: Path, tmp_path: Path
) -> None:
    file = tmp_path / "usage.csv"
    file.write_text(HEAD + ROWS, encoding="utf-8")
    async with landfall_window(home, OLLAMA_HOST=NOBODY) as window:
        await window.open("workloads", "ready", "partial")
        await window.click("import-usage")
        await window.on("cloud", "empty")
        await window.type("fileNameEdit", str(file), enter=True)
        assert "$3." in await window.see("usage-import-line", "2 of 2 rows are new")
        await window.click("usage-import-view", "Problems")
        (problem,) = await window.do("table", "usage-problems")
        assert problem[:2] == ["3", "requests"]
        await window.click("usage-keep")
        await window.on("cloud", "partial", text="2 days with a log")
        (model,) = await window.do("table", "usage-sums", least=1)
        assert model[0].startswith("gpt-4o")

        # The same file again changes nothing.
        await window.click("import-usage")
        await window.type("fileNameEdit", str(file), enter=True)
        await window.see("usage-import-line", "All 2 rows were there already")
        await window.click("usage-import-cancel")

        await window.click("make-workloads")
        await window.do("table", "proposals", least=1)
        await window.type("proposal-name", "Answers to letters")
        await window.click("proposals-make")
        await window.on("workloads", "ready", "partial", text="Answers to letters", seconds=30)
        await window.see("verdict-card", r"a month")
        await window.close()
