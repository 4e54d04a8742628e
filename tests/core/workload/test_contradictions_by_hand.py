"""What excludes what, where it just does and where it just does not."""

from __future__ import annotations

from landfall.core.errors import BadInput
from landfall.core.workload.contradictions import contradictions, other_size, stands
from landfall.core.workload.file import parse
from tests.core.workload.least_files import HEAD


def of_hours(total: float, day: float) -> int:
    return len(list(other_size((total, *(0.0,) * 23), day, "it")))


def test_that_the_hours_of_a_day_are_a_week_of_it_at_most_and_a_seventh_at_least() -> None:
    assert of_hours(700.0, 100.0) == 0
    assert of_hours(700.1, 100.0) == 1
    assert of_hours(100.0, 700.0) == 0
    assert of_hours(99.9, 700.0) == 1
    assert of_hours(100.0, 0.0) == 0
    assert list(other_size((), 100.0, "it")) == []


def test_that_what_is_awaited_does_not_wait() -> None:
    def paths(text: str) -> list[str]:
        try:
            return [one.path for one in contradictions(parse(HEAD + text))]
        except BadInput as refused:
            return [refused.field or ""]

    window = "[volume]\nbatch_window_hours = 1\n[latency]\np95_seconds = "
    assert paths(window + "10.0") == ["latency.p95_seconds"]
    assert paths(window + "10.1") == []
    batches = "[latency]\np95_seconds = 5\n[today]\nbatch_share = "
    assert paths(batches + "1.0") == ["today.batch_share"]
    assert paths(batches + "0.99") == []
    assert paths("[tokens]\ninput = 0\noutput = 0") == ["tokens.input"]
    assert paths("[tokens]\ninput = 0\noutput = 1") == []
    assert paths("[tokens]\ninput = 0\ncached_input = 1\noutput = 0") == []
    assert paths("[tokens]\ninput = 0") == []
    assert paths("[tokens]\ninput = 1\noutput = 0") == []
    assert paths('[privacy]\nclass = "phi"\napproved_vendors = ["a"]') == []
    assert paths('[privacy]\nclass = "attorney_client"\napproved_vendors = ["a"]') == []
    assert paths('[privacy]\nclass = "nda"\napproved_vendors = ["a"]') == [
        "privacy.approved_vendors"
    ]
    assert paths('[privacy]\nclass = "region"\nregion = "eu"\nin_region = ["a"]') == []
    assert paths('[privacy]\nin_region = ["a"]') == ["privacy.in_region"]
    assert stands(parse(HEAD))
