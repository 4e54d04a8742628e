"""What a benchmark asks: prompts of three lengths, or those of a file."""

from __future__ import annotations

import contextlib
import json
from pathlib import Path

import pytest
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from landfall.core.errors import BadInput
from landfall.services.benchmark import plan as benchmark_plan
from landfall.services.benchmark.plan import (
    lengths_within,
    prompts_of_file,
    standard_plan,
    texts_of,
    varied,
)


def test_that_three_lengths_are_asked_and_each_wants_a_long_answer() -> None:
    plan = standard_plan(context=8192)
    assert [prompt.name for prompt in plan.prompts] == ["short", "medium", "long"]
    lengths = [len(prompt.text.split()) for prompt in plan.prompts]
    assert 20 <= lengths[0] <= 64
    assert 350 <= lengths[1] <= 600
    assert 2048 <= lengths[2] <= 4096
    for prompt in plan.prompts:
        assert prompt.num_predict >= 256
        assert "Write a long story" in prompt.text


def test_that_the_texts_are_the_same_every_time() -> None:
    assert standard_plan(context=8192) == standard_plan(context=8192)
    assert texts_of(3, seed=1) == texts_of(3, seed=1)
    assert len(set(texts_of(50, seed=1))) == 50


def test_that_a_repetition_differs_from_its_first_words_on() -> None:
    first, second = varied("Why?", 1_000_000), varied("Why?", 1_000_001)
    assert first[:20] != second[:20]
    assert first.endswith("Why?")


@given(st.integers(600, 40_000), st.integers(1, 400))
def test_that_prompt_and_answer_fit_into_the_context(context: int, num_predict: int) -> None:
    plan = standard_plan(context=context, num_predict=num_predict)
    for prompt in plan.prompts:
        tokens = len(prompt.text.split()) * 1.25
        assert tokens + num_predict <= context + 32
    lengths = [len(prompt.text) for prompt in plan.prompts]
    assert lengths == sorted(lengths)


def test_that_no_more_is_asked_for_than_the_model_was_trained_for() -> None:
    plan = standard_plan(context=8192, trained_context=1024)
    assert plan.context == 1024
    assert [prompt.name for prompt in plan.prompts] == ["short", "medium"]


def test_that_a_small_context_makes_the_long_prompt_shorter() -> None:
    assert lengths_within(8192) == {"short": 32, "medium": 512, "long": 4096}
    assert lengths_within(2048) == {"short": 32, "medium": 512, "long": 1664}


def test_that_a_context_without_room_is_bad_input() -> None:
    with pytest.raises(BadInput) as refused:
        standard_plan(context=300)
    assert refused.value.field == "context"


# Files


def written(folder: Path, data: str | bytes) -> Path:
    path = folder / "prompts.txt"
    path.write_bytes(data if isinstance(data, bytes) else data.encode())
    return path


def test_that_each_line_is_a_prompt_and_empty_lines_are_none(tmp_path: Path) -> None:
    path = written(tmp_path, "\ufeffWhy is the sky blue?\r\n\r\n  And the sea?  \n")
    prompts = prompts_of_file(path, num_predict=300)
    assert [(p.name, p.text, p.num_predict) for p in prompts] == [
        ("line 1", "Why is the sky blue?", 300),
        ("line 3", "And the sea?", 300),
    ]


def test_that_json_lines_may_say_how_long_an_answer_is(tmp_path: Path) -> None:
    lines = [json.dumps({"prompt": "Why?\nNow."}), json.dumps({"prompt": "B", "num_predict": 9})]
    prompts = prompts_of_file(written(tmp_path, "\n".join(lines)))
    assert [(p.text, p.num_predict) for p in prompts] == [("Why?\nNow.", 256), ("B", 9)]


GOOD = '{"prompt": "Why?"}\n'


@pytest.mark.parametrize(
    ("data", "line", "field"),
    [
        ("", None, ""),
        (" \n\t\n", None, ""),
        (b"Why?\nWh\xffy?\n", 2, ""),
        (b"PK\x03\x04\0\0\0", 1, ""),
        (GOOD + "And?\n", 2, ""),
        (GOOD + "[1, 2]\n", 2, "prompt"),
        (GOOD + '{"prompt": ""}', 2, "prompt"),
        (GOOD + '{"prompt": 3}', 2, "prompt"),
        (GOOD + '{"text": "Why?"}', 2, "text"),
        (GOOD + '{"prompt": "a", "num_predict": 0}', 2, "num_predict"),
        (GOOD + '{"prompt": "a", "num_predict": true}', 2, "num_predict"),
        (GOOD + '{"prompt": "a", "num_predict": 1e9}', 2, "num_predict"),
        (GOOD + '{"prompt": "\\ud800"}', 2, "prompt"),
        (GOOD + '{"prompt": "a"', 2, ""),
        (GOOD + "[" * 100_000, 2, ""),
        ("a\n" * 1001, 1001, ""),
    ],
)
def test_that_nonsense_is_named_with_file_line_and_field(
    tmp_path: Path, data: str | bytes, line: int | None, field: str
) -> None:
    path = written(tmp_path, data)
    with pytest.raises(BadInput) as refused:
        prompts_of_file(path)
    error = refused.value
    assert (error.file, error.line, error.field) == (str(path), line, field)


def test_that_a_file_that_is_not_there_and_a_folder_are_said(tmp_path: Path) -> None:
    for path in (tmp_path / "none.txt", tmp_path):
        with pytest.raises(BadInput, match="cannot be read"):
            prompts_of_file(path)


def test_that_a_huge_file_is_not_read_to_its_end(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(benchmark_plan, "LONGEST_FILE_BYTES", 1000)
    with pytest.raises(BadInput, match="longer than"):
        prompts_of_file(written(tmp_path, "word " * 1000))


@settings(suppress_health_check=[HealthCheck.function_scoped_fixture], max_examples=60)
@given(st.binary(max_size=300))
def test_that_any_bytes_are_prompts_or_bad_input(tmp_path: Path, data: bytes) -> None:
    with contextlib.suppress(BadInput):
        prompts = prompts_of_file(written(tmp_path, data))
        assert prompts
        assert all(prompt.text.strip() for prompt in prompts)
