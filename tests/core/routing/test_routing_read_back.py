"""A router's log against what was exported: the split, leaks, machines that were down."""

from __future__ import annotations

from dataclasses import replace

from landfall.core.routing.plan import Place
from landfall.core.routing.reading_back import (
    Expected,
    Outcome,
    Routed,
    Split,
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
