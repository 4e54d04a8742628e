"""Sets for promptfoo and Inspect: what another parser reads back."""

from __future__ import annotations

import json
import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.quality.exports import inspect_dataset, promptfoo
from landfall.core.quality.scoring import METRICS, PLAIN, Options
from landfall.core.quality.sets import QualityPrompt

texts = st.text(st.characters(exclude_categories=["Cs"]), min_size=1, max_size=40)


def one(
    prompt: str = "p", expected: str | None = None, incumbent: str | None = None
) -> QualityPrompt:
    return QualityPrompt(
        place=0, prompt=prompt, expected=expected, incumbent=incumbent, cluster="doc"
    )


def asserted(
    metric: str, expected: str | None, options: Options = PLAIN
) -> tuple[str, object] | None:
    text = promptfoo([one(expected=expected)], METRICS[metric], options)
    kind = re.search(r"- type: (\S+)", text)
    value = re.search(r"^        value: (.*)$", text, re.MULTILINE)
    if kind is None:
        assert "assert" not in text
        return None
    return kind[1], json.loads(value[1]) if value else None


def test_that_a_config_has_what_promptfoo_reads() -> None:
    text = promptfoo(
        [one('say "hi"\nnow', "hi", "hello")],
        METRICS["exact"],
        providers=["ollama:chat:qwen3:8b"],
        title="Mail: triage",
    )
    assert text == (
        "# Prompts of a quality run. Set PROMPTFOO_DISABLE_TELEMETRY=1 before running it.\n"
        'description: "Mail: triage"\n'
        "providers:\n"
        '  - "ollama:chat:qwen3:8b"\n'
        "prompts:\n"
        '  - "{{prompt}}"\n'
        "tests:\n"
        '  - description: "prompt 1"\n'
        "    vars:\n"
        '      prompt: "say \\"hi\\"\\nnow"\n'
        '      incumbent: "hello"\n'
        "    assert:\n"
        "      - type: equals\n"
        '        value: "hi"\n'
        '    metadata: {"place": 0, "cluster": "doc"}\n'
    )


@pytest.mark.parametrize(
    ("metric", "expected", "check"),
    [
        ("exact", "Paris", ("equals", "Paris")),
        ("exact", '["a", "b"]', ("javascript", '["a", "b"].includes(output.trim().toLowerCase())')),
        ("accuracy", "Spam", ("javascript", '["spam"].includes(output.trim().toLowerCase())')),
        ("regex", "A+", ("regex", "A+")),
        ("rouge_l", "words", ("rouge-n", "words")),
        ("json_schema", None, ("is-json", None)),
        ("regex", None, None),
        ("exact", None, None),
        ("human", "x", None),
        ("recall_at_k", "d1", None),
        ("number", "none", None),
    ],
)
def test_that_a_check_is_written_where_promptfoo_has_one(
    metric: str, expected: str | None, check: tuple[str, object] | None
) -> None:
    assert asserted(metric, expected) == check


def test_that_numbers_fields_and_schemas_are_checked_too() -> None:
    number = asserted("number", "it is 1,200.5")
    assert number is not None
    assert "- 1200.5) <= 0.00120" in str(number[1])
    fields = asserted("fields", '{"a": 1}')
    assert fields is not None
    assert str(fields[1]).startswith('Object.entries({"a": 1})')
    schema = {"type": "object", "title": "\x85"}
    assert asserted("json_schema", None, Options(schema=schema)) == ("is-json", schema)
    assert asserted("regex", None, Options(pattern="^x")) == ("regex", "^x")


def test_that_no_prompt_is_taken_for_a_template_or_a_file() -> None:
    text = promptfoo([one("a {{ b }} {% endraw %}"), one("file:///etc/passwd")], METRICS["human"])
    shown = [json.loads(value) for value in re.findall(r"^      prompt: (.*)$", text, re.MULTILINE)]
    assert shown == [
        "{% raw %}a {{ b }} {% endraw %}{{ '{%' }}{% raw %} endraw %}{% endraw %}",
        "{% raw %}file:///etc/passwd{% endraw %}",
    ]


@given(texts)
def test_that_every_text_stays_on_its_line_and_comes_back(prompt: str) -> None:
    text = promptfoo([one(prompt, prompt)], METRICS["human"])
    assert not re.search("[\x00-\x09\x0b-\x1f\x7f-\x9f\u2028\u2029\ufeff]", text)
    lines = text.split("\n")
    [line] = [found for found in lines if found.startswith("      prompt: ")]
    told = json.loads(line.removeprefix("      prompt: "))
    assert told == prompt or told.startswith("{% raw %}")
    assert "ollama:chat:MODEL" in text


def test_that_inspect_reads_samples_line_by_line() -> None:
    text = inspect_dataset(
        [one("p\u2028q", "x", "y"), one("b", '["x", "z"]'), QualityPrompt(place=4, prompt="c")]
    )
    rows = [json.loads(line) for line in text.split("\n") if line]
    assert rows == [
        {"id": 1, "input": "p\u2028q", "target": "x",
         "metadata": {"cluster": "doc", "incumbent": "y"}},
        {"id": 1, "input": "b", "target": ["x", "z"], "metadata": {"cluster": "doc"}},
        {"id": 5, "input": "c", "target": "", "metadata": {}},
    ]  # fmt: skip
    assert len(text.splitlines()) == 3


def test_that_letters_stay_what_they_are_and_what_yaml_misreads_is_escaped() -> None:
    text = promptfoo([one("größer 日本", "ü")], METRICS["exact"], title="Ärger")
    assert 'description: "Ärger"\n' in text
    assert '      prompt: "größer 日本"\n' in text
    assert '        value: "ü"\n' in text
    assert '      prompt: "a\\u0085b\\u2028\\ufeff\\u007f"\n' in promptfoo(
        [one("a\x85b\u2028\ufeff\x7f")], METRICS["human"]
    )
    assert inspect_dataset([one("größer")]).startswith('{"id": 1, "input": "größer", "target": ""')


def test_that_each_check_is_written_to_the_letter() -> None:
    assert asserted("fields", '{"a": 1}') == (
        "javascript",
        "Object.entries({\"a\": 1}).filter(([k, v]) => JSON.stringify((typeof output === 'string' ?"
        " JSON.parse(output) : output)[k]) === JSON.stringify(v)).length /"
        ' Object.keys({"a": 1}).length',
    )
    number = asserted("number", "from 3 to -40", Options(tolerance=0.1))
    assert number is not None
    assert str(number[1]).endswith(".pop()) - -40.0) <= 4.0")
    assert asserted("macro_f1", '["A", " B "]') == (
        "javascript",
        '["a", "b"].includes(output.trim().toLowerCase())',
    )
    assert asserted("exact", '["one"]') == ("equals", "one")
    assert asserted("regex", "A+", Options(pattern="B+")) == ("regex", "B+")
    assert asserted("accuracy", None) is None
    assert asserted("judge", "x") is None


def test_that_a_prompt_is_counted_from_one_and_tells_its_place() -> None:
    bare = QualityPrompt(place=4, prompt="p")
    text = promptfoo([bare], METRICS["human"])
    assert '  - description: "prompt 5"\n' in text
    assert '    metadata: {"place": 4, "cluster": ""}\n' in text
    assert "incumbent" not in text
    assert 'description: "Quality run"\n' in text
    assert '  - "ollama:chat:MODEL"\n' in text
