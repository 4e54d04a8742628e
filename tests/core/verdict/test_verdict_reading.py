"""The table on plain numbers leads where the table with its reasons leads, for any facts."""

from __future__ import annotations

from dataclasses import replace

import pytest
from hypothesis import example, given, settings
from hypothesis import strategies as st

from landfall.core.provenance import Unknown, middle
from landfall.core.settings import Thresholds
from landfall.core.verdict.decision_table import rule
from landfall.core.verdict.facts import Facts, HostFacts
from landfall.core.verdict.options import option_lines
from landfall.core.verdict.quick_table import at_home, lead, unasked
from landfall.core.verdict.table_numbers import EXTREMES, reading
from landfall.core.workload.privacy import Option
from tests.core.verdict.test_verdict import DECISIONS, any_facts, case

LIMITS = Thresholds()
SOLID = HostFacts(option=Option.LOCAL_BUY, fits=True)
any_limits = st.builds(
    Thresholds,
    saving_min_share=st.sampled_from([0.0, 0.2, 0.5]),
    saving_min_usd_month=st.sampled_from([0.0, 50.0, 500.0]),
    utilisation_max=st.sampled_from([0.5, 0.8, 1.0]),
    local_bill_min_usd_month=st.sampled_from([0.0, 100.0, 1000.0]),
    payback_max_months=st.sampled_from([1.0, 12.0, 36.0]),
)


@settings(max_examples=1000, deadline=None)
@given(facts=any_facts, limits=any_limits)
def test_that_the_numbers_lead_where_the_table_leads(facts: Facts, limits: Thresholds) -> None:
    ruling = rule(facts, limits)
    found = lead(*reading(facts), limits)
    assert (found.option, found.bar) == (ruling.option, ruling.bar)
    assert found.on == (ruling.host.option if ruling.host else None)


@settings(max_examples=600, deadline=None)
@given(facts=any_facts)
@example(facts=replace(case("D8"), machine=None))
def test_that_its_money_is_that_of_the_options_line(facts: Facts) -> None:
    ruling = rule(facts, LIMITS)
    lines = {line.option: line for line in option_lines(facts, ruling, LIMITS)}
    found = lead(*reading(facts), LIMITS)
    if found.option is Option.LOCAL_REQUIRED_NOT_FEASIBLE:
        assert found.usd is None
    else:
        assert found.usd == pytest.approx(middle(lines[found.option].usd_month))


@pytest.mark.parametrize("name", sorted(DECISIONS))
def test_that_every_worked_decision_is_led_to(name: str) -> None:
    facts = case(name)
    assert lead(*reading(facts), LIMITS).option is rule(facts, LIMITS).option


@settings(max_examples=300, deadline=None)
@given(facts=any_facts, limits=any_limits)
def test_that_what_was_not_asked_for_changes_nothing(facts: Facts, limits: Thresholds) -> None:
    standing, numbers = reading(facts)
    found = lead(standing, numbers, limits)
    others = {"own": EXTREMES, "buy": EXTREMES, "rent": (0.0, None)}
    for name in unasked(found):
        for other in others[name]:
            assert lead(standing, numbers._replace(**{name: other}), limits) == found


@settings(max_examples=300, deadline=None)
@given(facts=any_facts, limits=any_limits)
@example(
    facts=replace(case("D1"), frontier=Unknown("a gap"), hosted=Unknown("a gap")), limits=LIMITS
)
def test_that_home_is_led_to_where_the_whole_table_leads_there(
    facts: Facts, limits: Thresholds
) -> None:
    standing, numbers = reading(facts)
    if standing.cloud:
        found = lead(standing, numbers, limits)
        there = found if found.on is Option.LOCAL_THIS_MACHINE else None
        assert at_home(standing, numbers, limits) == there
