"""Who said a value: kept in the file, read from it, set back to."""

from __future__ import annotations

from dataclasses import replace

from landfall.core.workload.draft import draft_in, half_typed
from landfall.core.workload.file import parse
from landfall.core.workload.origins import (
    Origin,
    guessed,
    has_own_comments,
    origins_of,
    run_of,
    usage_of,
)
from landfall.core.workload.presets import PRESETS, people_times_calls, preset_of
from landfall.core.workload.workload import Task
from landfall.core.workload.writer import to_text

TEXT = (
    'schema = 1\n\n[workload]\nname = "A # from x: 1"\ntask = "chat"\n\n[volume]\n'
    "calls_per_day = 360  # from 12 people x 30 calls: 360\n\n[tokens]\n"
    "input = 1200  # typed; from imported usage of 2026-11-20: 900\n"
    "output = 80\n\n[candidates]\n"
    'local = ["qwen3:8b"]  # from a measured run of 2026-11-21: ["qwen3:8b"]\n'
)


def test_that_sources_stand_behind_their_values_and_survive_the_form() -> None:
    draft = draft_in(TEXT)
    assert draft.origins == {
        "volume.calls_per_day": Origin("12 people x 30 calls", 360),
        "tokens.input": Origin(usage_of("2026-11-20"), 900),
        "candidates.local": Origin(run_of("2026-11-21"), ("qwen3:8b",)),
    }
    again = to_text(draft)
    assert origins_of(again) == draft.origins
    assert parse(again) == parse(TEXT)
    assert "input = 1200.0  # typed; from imported usage of 2026-11-20: 900" in again


def test_that_a_comment_of_somebody_is_no_source() -> None:
    assert not has_own_comments(TEXT.replace("A # from x: 1", "A"))
    assert has_own_comments(TEXT + "# why: I say so\n")
    assert origins_of("a = 1  # from here: 1\n") == {}
    wrong = "[tokens]\ninput = 1  # from here: not a value\n"
    assert origins_of(wrong) == {}


def test_that_a_preset_is_a_guess_until_another_value_is_typed() -> None:
    told = preset_of(Task.CHAT)
    values = {path: one.value for path, one in told.items()}
    draft = replace(
        draft_in('[workload]\nname = "A"\ntask = "chat"\n'),
        values={"workload.name": "A", "workload.task": "chat", **values},
        origins=told,
    )
    assert guessed(to_text(draft)) == ("tokens.input", "tokens.output")
    typed = replace(draft, values={**draft.values, "tokens.input": 9})
    assert guessed(to_text(typed)) == ("tokens.output",)
    assert guessed("[tokens]\n") == ()


def test_that_every_task_has_a_preset_with_a_source() -> None:
    for task in Task:
        assert PRESETS[task].input > 0
        for origin in preset_of(task).values():
            assert task.value in origin.source
            assert PRESETS[task].source in origin.source
            assert ": " not in origin.source  # what follows it in a file is the value


def test_that_people_times_calls_is_a_volume() -> None:
    assert people_times_calls(12, 30) == Origin("12 people x 30 calls", 360)
    assert people_times_calls(3, 0.5).value == 1.5


def test_that_what_was_half_typed_comes_back_as_it_was() -> None:
    draft = replace(
        draft_in(TEXT),
        steps=({"name": "embed", "where": "nowhere"},),
        hosted=({"provider": "", "model": "m"},),
        pairs={"both": "lots"},
    )
    draft = replace(draft, values={**draft.values, "tokens.input": "lots", "workload.name": ""})
    back = half_typed(to_text(draft))
    assert back is not None
    assert to_text(back) == to_text(draft)
    assert back.values["tokens.input"] == "lots"
    assert back.pairs == {"both": "lots"}


def test_that_any_text_of_a_draft_is_shown_as_far_as_it_goes() -> None:
    assert half_typed("not [ toml") is None
    odd = half_typed(
        "tokens = 1\nsteps = [1, {name = 2}]\n[volume]\nseries = [1]\n[buy.price]\na=1"
    )
    assert odd is not None
    assert odd.values == {}
    assert odd.steps == ({"name": 2},)


def test_that_what_was_counted_is_told_apart_from_our_judgement() -> None:
    counted = {
        task: (one.input, one.output) for task, one in PRESETS.items() if "our" not in one.source
    }
    assert counted == {
        Task.CHAT: (1020, 129),
        Task.CODE: (1469, 13),
        Task.SUMMARY: (781, 56),
    }
    ours = [task for task in Task if task not in counted]
    assert all(PRESETS[task].source.startswith("our judgement") for task in ours)
