"""What a workload takes where it states nothing."""

from __future__ import annotations

import pytest

from landfall.core.workload.file import parse
from landfall.core.workload.workload import Task, Workload
from tests.core.workload.least_files import HEAD, with_key


@pytest.mark.parametrize(
    ("task", "margin"),
    [
        (Task.SUMMARY, 0.05),
        (Task.CHAT, 0.05),
        (Task.CREATIVE, 0.05),
        (Task.EMBEDDING, 0.02),
        (Task.COMPLEX_REASONING, 0.02),
        (Task.LONG_AGENTIC, 0.02),
        (Task.USER_FACING_ANALYTIC, 0.02),
        (Task.NOVEL, 0.02),
        (Task.CODE, 0.03),
        (Task.CLASSIFICATION, 0.03),
        (Task.VISION, 0.03),
    ],
)
def test_that_a_margin_goes_by_what_a_wrong_answer_costs(task: Task, margin: float) -> None:
    assert Workload(name="A", task=task).margin == margin


def test_that_a_purchase_is_considered_where_it_is_said_or_something_of_it_is() -> None:
    assert not parse(HEAD).considers_purchase
    assert with_key("buy.machine", '"box"').considers_purchase
    assert with_key("quotes.buy.price", "100").considers_purchase
    assert with_key("buy.consider", "true").considers_purchase
    assert not with_key("buy.consider", "false", 'machine = "box"\n').considers_purchase
    assert not with_key("quotes.machine.fits", "true").considers_purchase
