"""Words of probes and balances: what is not known is said, never a zero."""

from __future__ import annotations

from landfall.core.benchmark.probe import Call, Plan, Summary
from landfall.gui.cloud.probe_view import call_words, firm_words, summary_words
from landfall.gui.cloud.view import balance_words
from landfall.services.cloud.usage.balance import Amount, Balance


def plainly(text: str) -> str:
    return text.replace("\u00a0", " ")


def summary(**more: object) -> Summary:
    values: dict[str, object] = {
        "measured": 10,
        "failed": 0,
        "ttft_p50_seconds": 0.4,
        "ttft_p95_seconds": 0.9,
        "tok_s_p50": 88.0,
        "tok_s_p95": 51.0,
        "cost_usd": 0.0012,
        "unpriced": 0,
    }
    return Summary(**(values | more))  # type: ignore[arg-type]


def test_that_a_call_says_its_first_token_and_speed_or_why_it_failed(qapp: object) -> None:
    plan = Plan(calls=5)
    good = plainly(call_words(Call(number=2, ttft_seconds=0.4, tok_s=88.0), plan))
    assert good == "Call 2 of 5: first token after 400 ms, 88.0 tok/s"
    assert "unknown speed" in call_words(Call(number=0, ttft_seconds=0.4), plan)
    assert call_words(Call(number=0, failure="busy"), plan) == "Warm-up: failed, busy"


def test_that_a_summary_says_cost_failures_and_what_few_calls_are_worth(qapp: object) -> None:
    words = plainly(summary_words(summary(failed=2, failures=(("busy.", 2),)), "m"))
    assert "first token within 400 ms for half of the calls, within 900 ms for 95 of 100" in words
    assert "It cost $0.0012." in words
    assert "2 failed: busy." in words
    assert "worst one seen" in firm_words(summary())
    assert firm_words(summary(measured=20)) == ""


def test_that_unknown_costs_and_no_answer_at_all_are_said(qapp: object) -> None:
    assert "What it cost is not known" in summary_words(summary(cost_usd=None), "m")
    assert "Of 3 calls the cost is not known" in summary_words(summary(unpriced=3), "m")
    nothing = summary(measured=0, failed=5, failures=(("cut", 5),))
    assert summary_words(nothing, "m") == "No call of m was answered. 5 failed: cut."
    assert firm_words(nothing) == ""


def test_that_a_balance_says_each_currency_and_nothing_where_nothing_is_told(qapp: object) -> None:
    balance = Balance(
        provider="deepseek",
        at="2026-11-20T10:00:00+00:00",
        left=(Amount(61.1, "USD"), Amount(110.0, "CNY")),
        spent_month=Amount(12.34, "USD"),
        note="the account is suspended",
    )
    assert plainly(balance_words(balance)) == (
        "$61 left, 110.00 CNY left, $12.34 spent in this month, the account is suspended."
    )
    assert balance_words(Balance(provider="x", at="")) == ""


def test_that_a_probe_whose_tokens_nobody_counted_says_about(qapp: object) -> None:
    told = plainly(summary_words(summary(estimated=("tok_s_p50", "tok_s_p95", "cost_usd")), "m"))
    assert "~88" in told
    assert "~51" in told
    assert "It cost ~$0.0012." in told
    call = Call(number=1, ttft_seconds=0.4, tok_s=88.0, tokens_estimated=True)
    assert "~88" in call_words(call, Plan(calls=5))
    assert "~" not in summary_words(summary(), "m")
