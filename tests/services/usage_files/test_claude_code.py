"""Claude Code's logs: what counts once, what was answered elsewhere, folders of projects."""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

import pytest

from landfall.core.errors import BadInput
from landfall.core.usage.rows import UsageRow
from landfall.services.usage_files import claude_code, open_usage
from tests.services.usage_files.conftest import Wrote, kept
from tests.services.usage_files.test_formats import CLAUDE

PROMPT = {"type": "user", "sessionId": "s1", "message": {"role": "user", "content": "a secret"}}
SUMMARY = {"type": "summary", "summary": "a secret", "leafUuid": "u1", "sessionId": "s1"}


def answer(
    message: str = "msg_1", request: str = "req_1", output: int = 1000, **top: Any
) -> dict[str, Any]:
    usage = {**CLAUDE["message"]["usage"], "output_tokens": output}
    return {
        **CLAUDE,
        "requestId": request,
        "message": {**CLAUDE["message"], "id": message, "usage": usage},
        **top,
    }


def lines(*records: dict[str, Any]) -> str:
    return "".join(json.dumps(record) + "\n" for record in records)


def test_that_an_answer_is_read_and_hour_long_writes_are_counted_once(wrote: Wrote) -> None:
    found = wrote(lines(SUMMARY, PROMPT, answer()))
    assert found.row == UsageRow(
        at="2026-08-01T10:00:00+00:00",
        provider="anthropic",
        model="claude-opus-4-5-20251101",
        input_tokens=2000,
        cached_input_tokens=0,
        cache_write_tokens=10000,
        cache_write_1h_tokens=10000,
        output_tokens=1000,
        project="Claude Code",
        tag="shop",
        identity="claude_code:msg_1:req_1",
    )
    assert found.rows_read == 1


def test_that_spaces_line_ends_and_a_broken_last_line_change_no_total(wrote: Wrote) -> None:
    records = [answer(f"msg_{at}") for at in range(8)]
    close = "".join(json.dumps(each, separators=(",", ":")) + "\n" for each in records)
    wide = "".join(json.dumps(each, separators=(" , ", " : ")) + "\r\n" for each in records)
    broken = wide + json.dumps(answer("msg_9"))[:500]
    first, second, third = wrote(close), wrote(wide), wrote(broken)
    assert first.reads == second.reads
    assert third.usage == first.usage
    assert [problem.line for problem in third.problems] == [9]
    assert (third.rows_read, third.problem_count) == (9, 1)


def test_that_a_prompt_that_is_cut_is_told_too(wrote: Wrote) -> None:
    found = wrote(lines(answer()) + json.dumps(PROMPT)[:60])
    assert [problem.line for problem in found.problems] == [2]


def test_that_of_streamed_copies_the_fullest_counts_alone(wrote: Wrote) -> None:
    copies = [answer(output=1), answer(output=700), answer(output=700), answer(output=3)]
    found = wrote(lines(answer("msg_0"), *copies, answer("msg_2")))
    assert [row.output_tokens for row in found.usage] == [1000, 700, 1000]
    assert found.rows_unused == 3


def test_that_one_message_under_two_requests_is_two_requests(wrote: Wrote) -> None:
    assert len(wrote(lines(answer(), answer(request="req_2"))).usage) == 2


def test_that_a_sidechain_replay_is_left_out_and_its_own_answers_count(wrote: Wrote) -> None:
    replay = answer(request="req_2", isSidechain=True)
    own = answer("msg_2", "req_3", isSidechain=True)
    found = wrote(lines(answer(), replay, own))
    assert [row.identity[-5:] for row in found.usage] == ["req_1", "req_3"]


def test_that_a_copy_far_behind_has_the_same_name_as_the_first(wrote: Wrote) -> None:
    others = [answer(f"msg_{at + 10}") for at in range(2 * claude_code.HELD_MESSAGES + 5)]
    rows = wrote(lines(answer(), *others, answer())).usage
    assert rows[0].identity == rows[-1].identity


def test_that_an_answer_without_a_name_counts_by_itself(wrote: Wrote) -> None:
    record = answer()
    del record["message"]["id"]
    assert [row.identity for row in wrote(lines(record, record)).usage] == ["", ""]


@pytest.mark.parametrize(
    "model", ["qwen3-coder:30b", "gpt-oss:20b", "claudette", "glm-4.6", "", "us.anthropic.claude"]
)
def test_that_a_model_of_another_maker_was_answered_by_nobody_we_know(
    model: str, wrote: Wrote
) -> None:
    record = answer()
    record["message"]["model"] = model
    row = wrote(lines(record)).row
    assert row.provider == ("anthropic" if model == "claudette" else "")
    assert row.model == model


@pytest.mark.parametrize(
    ("change", "inside"),
    [
        ({"isApiErrorMessage": True}, {}),
        ({}, {"model": "<synthetic>"}),
        ({}, {"usage": {"input_tokens": 0, "output_tokens": 0}}),
    ],
)
def test_that_an_answer_that_no_model_gave_is_no_usage(
    change: dict[str, Any], inside: dict[str, Any], wrote: Wrote
) -> None:
    record = answer("msg_2", **change)
    record["message"].update(inside)
    found = wrote(lines(answer(), record))
    assert (len(found.usage), found.rows_unused) == (1, 1)


def test_that_tier_speed_batch_and_an_older_cost_are_taken(wrote: Wrote) -> None:
    record = answer(costUSD=0.25, cwd="C:\\Users\\me\\shop\\")
    record["message"]["usage"] |= {"speed": "fast", "service_tier": "batch"}
    row = wrote(lines(record)).row
    assert (row.tier, row.batch, row.billed_usd, row.tag) == ("fast", True, 0.25, "shop")
    record["message"]["usage"] |= {"speed": "standard", "service_tier": "priority"}
    assert wrote(lines(record)).row.tier == "priority"


def test_that_writes_are_added_up_where_only_their_lifetimes_are_told(wrote: Wrote) -> None:
    record = answer()
    usage = record["message"]["usage"]
    del usage["cache_creation_input_tokens"]
    usage["cache_creation"] = {"ephemeral_5m_input_tokens": 3, "ephemeral_1h_input_tokens": 4}
    row = wrote(lines(record)).row
    assert (row.cache_write_tokens, row.cache_write_1h_tokens) == (7, 4)
    usage["cache_creation"] = None
    row = wrote(lines(record)).row
    assert (row.cache_write_tokens, row.cache_write_1h_tokens) == (None, None)


@pytest.mark.parametrize("count", [-1, float("nan"), float("inf"), 1e13, "many", True, []])
def test_that_a_count_that_cannot_be_is_told_with_its_field(count: object, wrote: Wrote) -> None:
    record = answer("msg_2")
    record["message"]["usage"]["input_tokens"] = count
    found = wrote(lines(answer(), record))
    (problem,) = found.problems
    assert (problem.line, problem.column) == (2, "input_tokens")
    assert len(found.usage) == 1


def project(folder: Path) -> Path:
    """A parent's log, and those of a side conversation, which sorts before it."""
    (folder / "-home-me-shop" / "a0" / "subagents").mkdir(parents=True)
    (folder / "-home-me-shop" / "s1.jsonl").write_text(lines(SUMMARY, answer(), answer("msg_2")))
    side = folder / "-home-me-shop" / "a0" / "subagents" / "agent-1.jsonl"
    replay = answer(request="req_9", isSidechain=True)
    side.write_text(lines(replay, answer("msg_3", isSidechain=True)))
    return folder


def test_that_a_folder_is_one_source_whose_parents_are_read_first(tmp_path: Path) -> None:
    found = kept(project(tmp_path))
    assert found.format == "claude_code_jsonl"
    assert [row.identity for row in found.usage] == [
        "claude_code:msg_1:req_1",
        "claude_code:msg_2:req_1",
        "claude_code:msg_3:req_1",
    ]
    assert found.bytes_read == found.total_bytes > 0


def test_that_problems_of_a_folder_name_the_file(tmp_path: Path) -> None:
    project(tmp_path)
    (tmp_path / "broken.jsonl").write_text('{"usage": 1')
    (tmp_path / "picture.jsonl").write_bytes(b"\x00\x01" * 50)
    found = kept(tmp_path)
    assert len(found.usage) == 3
    assert {problem.reason.partition(":")[0] for problem in found.problems} == {
        "in broken.jsonl",
        "in picture.jsonl",
    }


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has no pipes among its files")
def test_that_a_pipe_in_a_folder_is_not_waited_for(tmp_path: Path) -> None:
    os.mkfifo(project(tmp_path) / "pipe.jsonl")
    (tmp_path / "folder.jsonl").mkdir()
    found = kept(tmp_path)
    assert (len(found.usage), found.problems) == (3, [])


def test_that_a_folder_without_logs_is_refused_with_the_next_step(tmp_path: Path) -> None:
    (tmp_path / "notes.jsonl").write_text('{"a": 1}\n')
    (tmp_path / "binary.jsonl").write_bytes(b"\x00" * 9)
    with pytest.raises(BadInput, match="no logs") as refused:
        open_usage(tmp_path)
    assert "Claude Code" in refused.value.hint


def test_that_reading_a_folder_can_be_stopped(tmp_path: Path) -> None:
    class Stopped(Exception):
        pass

    def stop(_read: int) -> None:
        raise Stopped

    with open_usage(project(tmp_path), on_bytes=stop) as file, pytest.raises(Stopped):
        list(file)
