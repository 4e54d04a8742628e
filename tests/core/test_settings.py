"""What holds where nobody has set anything."""

from __future__ import annotations

from landfall.core.settings import Settings, ThemeChoice, Thresholds


def test_that_the_verdict_turns_where_the_guide_says() -> None:
    # The values of the decision guide, which resources/thresholds.json gives reasons for.
    assert Thresholds() == Thresholds(
        local_bill_min_usd_month=1000.0,
        premature_calls_per_day=50.0,
        routing_bill_min_usd_month=10_000.0,
        routing_payback_max_months=6.0,
        payback_max_months=12.0,
        saving_min_share=0.20,
        saving_min_usd_month=50.0,
        utilisation_max=0.8,
        history_min_days=28,
        price_stale_days=45,
        verdict_stale_days=30,
    )


def test_that_a_fresh_program_asks_and_sends_nothing_and_spends_little() -> None:
    fresh = Settings()
    assert fresh.theme is ThemeChoice.SYSTEM
    assert (fresh.language, fresh.ollama_url, fresh.plug_url, fresh.currency) == ("", "", "", "")
    assert (fresh.electricity, fresh.currency_usd_rate, fresh.wall_calibration) == (None,) * 3
    assert fresh.currency_usd_date == ""
    assert (fresh.hourly_rate_usd, fresh.context_length, fresh.daily_budget_usd) == (80, 8192, 5)
    assert (fresh.plug_anywhere, fresh.check_updates) == (False, False)
    assert (fresh.plain_http_hosts, fresh.hosts) == ((), ())
    for table in (fresh.overrides, fresh.base_urls, fresh.prices, fresh.plans):
        assert dict(table) == {}
    assert fresh.thresholds == Thresholds()
