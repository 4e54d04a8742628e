"""Every key's limits, just reached and just passed, and what it is called."""

from __future__ import annotations

import pytest

from landfall.core.errors import BadInput
from landfall.core.workload.keys import BY_PATH, KEYS, Kind, get
from tests.core.workload.least_files import with_key

# Path, smallest and largest that make sense, and a step beyond either.
LIMITS = [
    ("volume.calls_per_day", "0", "1000000000", "-0.5", "1000000001"),
    ("volume.history_days", "0", "36500", "-1", "36501"),
    ("volume.growth_per_month", "-0.99", "10", "-0.991", "10.01"),
    ("volume.batch_window_hours", "0.01", "744", "0.009", "744.1"),
    ("tokens.input", "0", "100000000", "-1", "100000001"),
    ("tokens.cached_input", "0", "100000000", "-1", "100000001"),
    ("tokens.cache_write", "0", "100000000", "-1", "100000001"),
    ("tokens.cache_write_1h", "0", "100000000", "-1", "100000001"),
    ("tokens.output", "0", "100000000", "-1", "100000001"),
    ("tokens.context_p99", "1", "100000000", "0", "100000001"),
    ("latency.p95_seconds", "0.001", "86400", "0.0009", "86401"),
    ("today.batch_share", "0", "1", "-0.1", "1.01"),
    ("today.retry_share", "0", "1", "-0.1", "1.01"),
    ("today.token_ratio", "0.1", "10", "0.09", "10.1"),
    ("quality.margin", "0.001", "0.999", "0", "1"),
    ("organisation.total_ai_bill", "0", "1000000000", "-1", "1000000001"),
    ("organisation.ops_hours_per_month", "0", "10000", "-1", "10001"),
    ("organisation.hourly_rate", "0", "100000", "-1", "100001"),
    ("organisation.pue", "1", "5", "0.9", "5.1"),
    ("machine.resale", "0", "1000000000", "-1", "1000000001"),
    ("machine.resale_later", "0", "1000000000", "-1", "1000000001"),
    ("buy.price", "0", "1000000000", "-1", "1000000001"),
    ("buy.residual_share", "0", "1", "-0.1", "1.1"),
    ("buy.months", "1", "600", "0", "601"),
    ("buy.setup_hours", "0", "100000", "-1", "100001"),
    ("buy.yearly_rate", "0", "1", "-0.1", "1.1"),
    ("buy.price_decline", "0", "0.999", "-0.1", "1"),
    ("quotes.cloud_frontier_usd_month", "0", "1000000000", "-1", "1000000001"),
    ("quotes.hosted_open_usd_month", "0", "1000000000", "-1", "1000000001"),
    ("quotes.rent_gpu_usd_month", "0", "1000000000", "-1", "1000000001"),
    ("quotes.machine.peak_utilisation", "0", "1000000", "-1", "1000001"),
    ("quotes.machine.absorbed_share", "0", "1", "-0.1", "1.1"),
    ("quotes.machine.marginal_usd_month", "0", "1000000000", "-1", "1000000001"),
    ("quotes.buy.peak_utilisation", "0", "1000000", "-1", "1000001"),
    ("quotes.buy.absorbed_share", "0", "1", "-0.1", "1.1"),
    ("quotes.buy.tco_usd_month", "0", "1000000000", "-1", "1000000001"),
    ("quotes.buy.opex_usd_month", "0", "1000000000", "-1", "1000000001"),
    ("quotes.buy.price", "0", "1000000000", "-1", "1000000001"),
]


@pytest.mark.parametrize(("path", "low", "high", "below", "above"), LIMITS)
def test_that_a_number_has_its_smallest_and_its_largest(
    path: str, low: str, high: str, below: str, above: str
) -> None:
    key = BY_PATH[path]
    for value in (low, high):
        found = get(with_key(path, value), key)
        assert found == float(value)
        assert type(found) is (int if key.kind is Kind.WHOLE else float)
    for value in (below, above):
        with pytest.raises(BadInput, match="out of range") as refused:
            with_key(path, value)
        assert refused.value.field == path
        assert key.unit in refused.value.hint


def test_that_every_number_is_among_them() -> None:
    numbers = {key.path for key in KEYS if key.kind in (Kind.NUMBER, Kind.WHOLE)}
    assert numbers == {path for path, *_ in LIMITS}


def test_that_names_of_tables_and_keys_are_their_paths() -> None:
    key = BY_PATH["quotes.buy.price"]
    assert (key.section, key.name) == ("quotes.buy", "price")
    assert len(BY_PATH) == len(KEYS)
    assert BY_PATH["tokens.input"].attribute == "tokens.input"
