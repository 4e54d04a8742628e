"""What a form writes: the same workload back, and errors at the key that is wrong."""

from __future__ import annotations

from dataclasses import replace
from pathlib import Path

import pytest

from landfall.core.errors import BadInput
from landfall.core.workload.draft import Draft, draft_of
from landfall.core.workload.file import parse
from landfall.core.workload.writer import host_renamed, renamed, to_text, to_toml
from landfall.services.verdict import workload_files

CASES = sorted(Path(__file__).parents[2].joinpath("data/decisions").glob("D*.toml"))
TEXTS = [one.read_text() for one in CASES] + [one.text for one in workload_files.samples()]


@pytest.mark.parametrize("text", [*TEXTS, workload_files.template()])
def test_that_every_workload_survives_the_way_through_a_draft(text: str) -> None:
    workload = parse(text)
    assert parse(to_text(draft_of(workload))) == workload


@pytest.mark.parametrize(
    ("draft", "field"),
    [
        (Draft(), "workload.name"),
        (Draft(values={"workload.name": "w"}), "workload.task"),
        (
            Draft(
                values={
                    "workload.name": "w",
                    "workload.task": "chat",
                    "volume.calls_per_day": "many",
                }
            ),
            "volume.calls_per_day",
        ),
        (
            Draft(
                values={"workload.name": "w", "workload.task": "chat"},
                hosted=({"provider": "together", "model": ""},),
            ),
            "candidates.hosted[0].model",
        ),
        (
            Draft(values={"workload.name": "w", "workload.task": "chat"}, pairs={"both": 3}),
            "quality.pairs.local_only",
        ),
    ],
)
def test_that_what_is_wrong_in_a_draft_is_found_at_its_key(draft: Draft, field: str) -> None:
    with pytest.raises(BadInput) as caught:
        parse(to_text(draft))
    assert caught.value.field == field


@pytest.mark.parametrize("text", TEXTS)
def test_that_a_rename_changes_the_name_alone_and_keeps_the_comments(text: str) -> None:
    name = 'a "new" \\ name, ü'
    out = renamed(text, name)
    assert parse(out) == replace(parse(text), name=name)
    assert [line for line in out.split("\n") if line.startswith("#")] == [
        line for line in text.split("\n") if line.startswith("#")
    ]


def test_that_a_rename_finds_a_name_that_does_not_stand_on_its_own() -> None:
    inline = "workload = { task = \"chat\", name = 'old' }\n"
    assert parse(renamed(inline, "new")).name == "new"
    dotted = 'workload."name" = """old"""\nworkload.task = "chat"\n'
    assert parse(renamed(dotted, "new")).name == "new"


def test_that_an_empty_name_is_refused() -> None:
    with pytest.raises(BadInput):
        renamed(TEXTS[0], "  ")


def test_that_text_and_draft_write_the_same() -> None:
    workload = parse(TEXTS[0])
    assert to_toml(workload) == to_text(draft_of(workload))


HOSTED_FILE = """\
# Ours.
[workload]
name = "office"
task = "chat"
[machine]
hosts = ["Office", "desk"] # both
[[steps]]
name = "embed"
host = " office "
[[steps]]
name = "ocr"
host = "far"
"""


def test_that_a_host_is_renamed_wherever_the_file_names_it_and_nowhere_else() -> None:
    out = host_renamed(HOSTED_FILE, "office", "attic")
    found = parse(out)
    assert found.machine.hosts == ("attic", "desk")
    assert [step.host for step in found.steps] == ["attic", "far"]
    assert found.name == "office"
    assert "# both" in out
    assert out == HOSTED_FILE.replace('"Office"', '"attic"').replace('" office "', '"attic"')
    one = host_renamed(
        '[workload]\nname = "a"\ntask = "chat"\n[machine]\nhost = "OFFICE"\n', "office ", "x"
    )
    assert parse(one).machine.host == "x"


def test_that_a_host_in_a_text_of_several_lines_is_renamed_though_comments_are_lost() -> None:
    text = '[workload]\nname = "a"\ntask = "chat"\n[machine]\nhost = """office""" # ours\n'
    assert parse(host_renamed(text, "office", "attic")).machine.host == "attic"
