"""A router's log against what was exported: the split, leaks, machines that were down."""

from __future__ import annotations

from dataclasses import replace

import pytest

from landfall.core.routing.plan import Place
from landfall.core.routing.reading_back import (
    Expected,
    Outcome,
    Routed,
    Split,
    _outcome,
    says,
    splits,
    to_json,
)

STEADY = Expected(
    alias="steady",
    workload="Steady",
    exported_at="2026-11-01T10:30:00+00:00",
    overflow_alias="steady-overflow",
    share=(0.65, 0.70, 0.75),
    calls_per_day=100,
    places={"here-1": Place.OWN, "here-2": Place.OWN, "out": Place.CLOUD},
    providers={"here-1": "", "here-2": "", "out": "together"},
)
PRIVATE = Expected(
    alias="notes",
    workload="Notes",
    exported_at="2026-11-01T10:30:00+00:00",
    private=True,
    places={"notes-1": Place.OWN},
    providers={"notes-1": ""},
)


def call(
    alias: str, deployment: str, calls: float, *, at: str = "2026-11-02T09:00:00+00:00"
) -> Routed:
    provider = "together" if deployment in {"out", "cloud"} else "local"
    return Routed(
        at=at, alias=alias, deployment=deployment, provider=provider, model="m", calls=calls
    )


def one_of(*calls: Routed, expected: Expected = STEADY) -> Split:
    (found,) = splits([expected], calls)
    return found


def test_that_a_split_within_its_error_went_as_planned() -> None:
    found = one_of(
        call("steady", "here-1", 40), call("steady", "here-2", 32), call("steady", "out", 28)
    )
    assert found.outcome is Outcome.AS_PLANNED
    assert (found.calls, found.local_calls, found.days) == (100, 72, 1)
    assert found.seen is not None
    # Wilson (1927), 72 of 100.
    assert [round(one, 3) for one in found.seen] == [0.625, 0.72, 0.799]
    assert "planned 70.0 % (65.0 % to 75.0 %): the split went as planned" in says(found)


def test_that_the_overflow_group_counts_as_its_alias() -> None:
    found = one_of(call("steady", "here-1", 70), call("steady-overflow", "out", 30))
    assert (found.calls, found.local_calls) == (100, 70)


def test_that_more_overflow_in_more_calls_is_said_to_come_of_them() -> None:
    found = one_of(
        call("steady", "here-1", 100), call("steady", "here-2", 100), call("steady", "out", 300)
    )
    assert found.outcome is Outcome.LESS_HERE
    assert "500 calls a day came instead of 100" in says(found)


def test_that_a_machine_without_answers_on_some_days_is_named() -> None:
    later = "2026-11-03T09:00:00+00:00"
    found = one_of(
        call("steady", "here-1", 20),
        call("steady", "here-2", 20),
        call("steady", "here-1", 20, at=later),
        call("steady", "out", 60, at=later),
    )
    assert found.silent == {"here-2": 1}
    assert "here-2 answered nothing on 1 of 2 days" in says(found)


def test_that_without_a_reason_in_the_log_the_service_time_is_to_be_measured() -> None:
    found = one_of(
        call("steady", "here-1", 20), call("steady", "here-2", 20), call("steady", "out", 60)
    )
    assert found.outcome is Outcome.LESS_HERE
    assert "measure the service time" in says(found)


def test_that_less_overflow_asks_for_a_new_decision() -> None:
    found = one_of(call("steady", "here-1", 100))
    assert found.outcome is Outcome.MORE_HERE
    assert "less overflowed than planned" in says(found)


def test_that_few_calls_say_nothing_of_a_split() -> None:
    found = one_of(call("steady", "out", 29))
    assert found.outcome is Outcome.TOO_FEW
    assert "fewer than 30 calls" in says(found)


def test_that_private_calls_outside_are_a_leak_and_come_first() -> None:
    found = splits(
        [STEADY, PRIVATE],
        [call("steady", "here-1", 90), call("notes", "notes-1", 7), call("notes", "cloud", 2)],
    )
    assert [one.outcome for one in found] == [Outcome.LEAK, Outcome.MORE_HERE]
    assert found[0].outside == {"m at together": 2}
    assert says(found[0]).startswith("LEAK: of 9 private calls of notes")


def test_that_a_provider_which_the_lock_allows_is_no_leak() -> None:
    allowed = replace(PRIVATE, allowed=frozenset({"together"}))
    found = one_of(call("notes", "cloud", 2), expected=allowed)
    assert found.outcome is Outcome.NO_SPLIT
    assert "nothing of it was answered outside its rule" in says(found)


def test_that_a_leak_of_an_earlier_export_stays_one() -> None:
    again = replace(PRIVATE, exported_at="2026-11-05T00:00:00+00:00")
    later = call("notes", "notes-1", 5, at="2026-11-06T09:00:00+00:00")
    (found,) = splits([PRIVATE, again], [call("notes", "cloud", 1), later])
    assert found.outcome is Outcome.LEAK


def test_that_calls_belong_to_the_newest_export_before_them() -> None:
    again = replace(STEADY, exported_at="2026-11-05T00:00:00+00:00", workload="Renamed")
    (found,) = splits(
        [again, STEADY],
        [call("steady", "out", 50), call("steady", "here-1", 40, at="2026-11-06T09:00:00+00:00")],
    )
    assert found.expected.workload == "Renamed"
    assert found.calls == 40


def test_that_calls_before_any_export_or_of_another_alias_are_nobodys() -> None:
    before = call("steady", "out", 50, at="2026-11-01T09:59:00+00:00")
    assert splits([STEADY], [before, call("other", "out", 5)]) == ()


def test_that_a_deployment_that_no_export_names_counts_by_its_provider() -> None:
    found = one_of(call("steady", "added by hand", 50), call("steady", "cloud", 50))
    assert found.local_calls == 50


def test_that_a_split_is_told_to_programs() -> None:
    told = to_json(one_of(call("steady", "here-1", 70), call("steady", "out", 30)))
    assert told["outcome"] == "as_planned"
    assert told["planned_local_share"] == {"low": 0.65, "mid": 0.7, "high": 0.75}
    alone = to_json(one_of(call("notes", "notes-1", 1), expected=PRIVATE))
    assert alone["planned_local_share"] is None


# To the letter -----------------------------------------------------------------------------------


def test_that_a_split_holds_all_that_came_of_an_alias() -> None:
    later = "2026-11-04T23:00:00+00:00"
    found = one_of(
        call("steady", "here-1", 60),
        call("steady", "out", 30),
        call("steady", "here-2", 10, at=later),
    )
    assert found == Split(
        expected=STEADY,
        outcome=Outcome.AS_PLANNED,
        calls=100,
        local_calls=70,
        first_day="2026-11-02",
        last_day="2026-11-04",
        days=2,
        # Wilson (1927), 70 of 100.
        seen=(pytest.approx(0.604151, abs=1e-6), 0.7, pytest.approx(0.781051, abs=1e-6)),
        silent={"here-1": 1, "here-2": 1},
    )
    assert found.calls_per_day == 50.0
    assert Split(expected=STEADY, outcome=Outcome.TOO_FEW).calls_per_day is None


@pytest.mark.parametrize(
    ("calls", "seen", "outcome"),
    [
        (29.9, (0.1, 0.2, 0.3), Outcome.TOO_FEW),
        (30.0, (0.1, 0.2, 0.3), Outcome.LESS_HERE),
        (30.0, None, Outcome.TOO_FEW),
        (30.0, (0.4, 0.5, 0.65), Outcome.AS_PLANNED),  # an end on the plan's is none beyond it
        (30.0, (0.4, 0.5, 0.649), Outcome.LESS_HERE),
        (30.0, (0.75, 0.8, 0.9), Outcome.AS_PLANNED),
        (30.0, (0.751, 0.8, 0.9), Outcome.MORE_HERE),
    ],
)
def test_that_a_share_is_held_against_the_ends_of_the_plan(
    calls: float, seen: tuple[float, float, float] | None, outcome: Outcome
) -> None:
    assert _outcome(STEADY, calls, seen, leaked=False) is outcome
    assert _outcome(STEADY, calls, seen, leaked=True) is Outcome.LEAK
    assert _outcome(replace(STEADY, share=None), calls, seen, leaked=False) is Outcome.NO_SPLIT
    alone = replace(STEADY, overflow_alias="")
    assert _outcome(alone, calls, seen, leaked=False) is Outcome.NO_SPLIT


def test_that_the_hour_of_an_export_counts_with_it() -> None:
    # Exported at 10:30: what the log gives to the hour from 10:00 is the export's.
    same = call("steady", "out", 50, at="2026-11-01T10:00:00+00:00")
    assert splits([STEADY], [same])[0].calls == 50
    assert splits([STEADY], [replace(same, at="2026-11-01T09:59:59+00:00")]) == ()


def test_that_an_export_names_whose_a_deployment_is_before_the_log_does() -> None:
    odd = replace(call("steady", "out", 10), provider="local")
    assert one_of(odd).local_calls == 0
    unknown = replace(odd, deployment="new")
    assert one_of(unknown).local_calls == 10
    assert one_of(replace(unknown, provider="Ollama")).local_calls == 10
    assert one_of(replace(unknown, provider="openai")).local_calls == 0


def test_that_a_lock_is_held_against_the_provider_of_the_export() -> None:
    places = {"notes-1": Place.OWN, "v": Place.CLOUD}
    known = replace(PRIVATE, allowed=frozenset({"azure"}), places=places, providers={"v": "azure"})
    inside = Routed(
        at="2026-11-02T09", alias="notes", deployment="v", provider="openai", model="m", calls=3
    )
    assert one_of(inside, expected=known).outcome is Outcome.NO_SPLIT
    assert one_of(replace(inside, deployment="w"), expected=known).outside == {"m at openai": 3}
    twice = (replace(inside, deployment="w"), replace(inside, deployment="w", calls=4))
    found = one_of(*twice, expected=known)
    assert found.outside == {"m at openai": 7}
    nameless = replace(inside, deployment="w", provider="", model="")
    assert one_of(nameless, expected=known).outside == {"at unknown": 3}
    public = replace(known, private=False)
    assert one_of(replace(inside, deployment="w"), expected=public).outside == {}


def test_that_no_calls_in_the_log_show_no_share() -> None:
    found = one_of(call("steady", "here-1", 0.0))
    assert (found.seen, found.outcome, found.days) == (None, Outcome.TOO_FEW, 1)
    assert says(found) == (
        "0 calls of steady (exported 2026-11-01) on 2026-11-02, planned 70.0 % (65.0 % to 75.0 %):"
        " fewer than 30 calls say nothing of a split yet"
    )


def test_that_each_outcome_is_said_whole() -> None:
    base = Split(
        expected=STEADY,
        outcome=Outcome.MORE_HERE,
        calls=250.0,
        local_calls=200.0,
        first_day="2026-11-02",
        last_day="2026-11-03",
        days=2,
        seen=(0.745, 0.8, 0.845),
    )
    head = (
        "250 calls of steady (exported 2026-11-01) from 2026-11-02 to 2026-11-03: 80.0 % stayed"
        " here (74.5 % to 84.5 %), planned 70.0 % (65.0 % to 75.0 %): "
    )
    assert says(base) == (
        f"{head}less overflowed than planned; re-check the verdict with this usage"
    )
    less = replace(base, outcome=Outcome.LESS_HERE)
    measure = (
        "the busiest hours are busier or the answers longer than planned: measure the service time"
        " under load (`landfall bench --concurrency`) and export again"
    )
    # 125 a day are just as many times the planned 100 as a plan doubts.
    assert says(less) == f"{head}more overflowed than planned; {measure}"
    busier = replace(less, calls=252.0)
    assert says(busier).endswith(
        "more overflowed than planned; 126 calls a day came instead of 100: import this usage into"
        " the workload and decide again"
    )
    down = replace(busier, silent={"here-1": 1, "here-2": 2})
    assert says(down).endswith(
        "decide again; here-1 answered nothing on 1 of 2 days, here-2 answered nothing on 2 of 2"
        " days: see whether that machine was down"
    )
    unplanned = replace(less, expected=replace(STEADY, calls_per_day=None))
    assert says(unplanned).endswith(measure)
    as_planned = replace(base, outcome=Outcome.AS_PLANNED)
    assert says(as_planned) == f"{head}the split went as planned"
    none = replace(base, outcome=Outcome.NO_SPLIT, expected=replace(STEADY, share=None))
    assert says(none).endswith("(74.5 % to 84.5 %): it is no split between here and elsewhere")
    alone = replace(none, expected=replace(STEADY, overflow_alias=""))
    assert "planned" not in says(alone)
    private = replace(none, expected=PRIVATE)
    assert says(private).endswith("elsewhere; nothing of it was answered outside its rule")
    leak = replace(base, outcome=Outcome.LEAK, expected=PRIVATE, outside={"m at x": 2, "n at y": 1})
    assert says(leak) == (
        "LEAK: of 250 private calls of notes (exported 2026-11-01), 2 to m at x, 1 to n at y, from"
        " 2026-11-02 to 2026-11-03. Stop that proxy, look for the guard in its configuration"
        " (`landfall export litellm --check`), and change what those calls held"
    )


def test_that_a_program_is_told_every_field() -> None:
    stepped = replace(STEADY, step="embed")
    found = one_of(call("steady", "here-1", 70), call("steady", "out", 30), expected=stepped)
    assert to_json(found) == {
        "alias": "steady",
        "step": "embed",
        "exported_at": "2026-11-01T10:30:00+00:00",
        "private": False,
        "outcome": "as_planned",
        "calls": 100,
        "local_calls": 70,
        "from": "2026-11-02",
        "to": "2026-11-02",
        "seen_local_share": {"low": pytest.approx(0.604151, abs=1e-6), "mid": 0.7,
                             "high": pytest.approx(0.781051, abs=1e-6)},
        "planned_local_share": {"low": 0.65, "mid": 0.7, "high": 0.75},
        "outside": {},
        "silent_days": {"here-2": 1},
        "text": says(found),
    }  # fmt: skip
    assert to_json(one_of(call("steady", "here-1", 70)))["step"] is None


def test_that_the_latest_export_is_told_unless_an_earlier_one_leaked() -> None:
    again = replace(PRIVATE, exported_at="2026-11-05T00:00:00+00:00")
    later = call("notes", "notes-1", 5, at="2026-11-06T09:00:00+00:00")
    for exports in ([PRIVATE, again], [again, PRIVATE]):
        (found,) = splits(exports, [later, call("notes", "notes-1", 1)])
        assert (found.expected, found.calls) == (again, 5)
    both = [call("notes", "cloud", 1), replace(later, deployment="cloud", provider="together")]
    (leaked,) = splits([PRIVATE, again], both)
    assert leaked.expected == PRIVATE
