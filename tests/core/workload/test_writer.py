"""What is written and what is changed in a file."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landfall.core.errors import BadInput
from landfall.core.workload.draft import Draft
from landfall.core.workload.file import parse
from landfall.core.workload.keys import BY_PATH, put
from landfall.core.workload.workload import Need, Task, Workload
from landfall.core.workload.writer import host_renamed, renamed, to_text, to_toml, with_quality
from tests.core.workload.least_files import HEAD


def test_that_control_characters_are_written_as_their_numbers() -> None:
    spaced = Workload(name="a b~\x80", task=Task.CHAT)
    assert 'name = "a b~\x80"' in to_toml(spaced)
    draft = Draft(values={"workload.name": 'a\x1f\x7f"\\', "workload.task": "chat"})
    assert 'name = "a\\u001f\\u007f\\"\\\\"' in to_text(draft)
    needs = put(spaced, BY_PATH["candidates.needs"], frozenset({Need.VISION, Need.JSON}))
    assert 'needs = ["json", "vision"]' in to_toml(needs)
    offline = put(spaced, BY_PATH["privacy.offline"], value=True)
    assert "offline = true" in to_toml(offline)


def test_that_a_name_is_changed_and_comments_stay() -> None:
    text = '# mine\n[workload]\nname = "A" # its name\ntask = "chat"\n'
    assert renamed(text, 'B "x"') == text.replace('"A"', '"B \\"x\\""')
    assert renamed(text.replace('"A"', "'A'"), "B") == text.replace('"A"', '"B"')
    inline = 'workload = { name = "A", task = "chat" }\n'
    assert parse(renamed(inline, "B")).name == "B"
    with pytest.raises(BadInput):
        renamed(text, " ")
    several = '[workload]\nname = """\\\nA"""\ntask = "chat"\n'
    assert parse(renamed(several, "B")).name == "B"


def test_that_a_host_is_changed_wherever_it_is_named() -> None:
    text = (
        HEAD + '[machine]\nhost = "Box" # mine\nhosts = ["box", "other"]\n[[steps]]\n'
        'name = "embed"\nhost = " box "\n[[steps]]\nname = "ocr"\nhost = "other"\n'
    )
    found = host_renamed(text, "BOX", "tower")
    assert "# mine" in found
    workload = parse(found)
    assert workload.machine.host == "tower"
    assert workload.machine.hosts == ("tower", "other")
    assert [step.host for step in workload.steps] == ["tower", "other"]
    assert host_renamed(text, "nobody", "tower") == text


def test_that_quality_is_replaced_and_comments_elsewhere_stay() -> None:
    text = HEAD + "# mine\n[quality]\nmargin = 0.1\n[tokens]\ninput = 5 # yours\n"
    quality = parse(HEAD + '[quality]\nmargin = 0.2\ngate = "pass"\n').quality
    found = with_quality(text, quality)
    assert parse(found) == replace(parse(text), quality=quality)
    assert "# mine" in found
    assert "# yours" in found
    new = with_quality(HEAD, quality)
    assert parse(new).quality == quality
    assert with_quality(text, parse(HEAD).quality).count("margin") == 0
