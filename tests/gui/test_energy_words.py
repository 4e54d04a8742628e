"""The energy of a run in words, with what to know of it."""

from __future__ import annotations

from dataclasses import replace

from landfall.gui.run.words import facts
from landfall.services.history.records import RunRecord

RUN = RunRecord(
    started_at="2026-11-26T10:00:00+00:00",
    place="local",
    host="http://127.0.0.1:11434",
    model="qwen3:8b",
    prompt="Why?",
    state="done",
    output_tokens=256,
    decode_tok_s=40.0,
    client_decode_tok_s=39.5,
    inter_token_p50_seconds=0.025,
    inter_token_p95_seconds=0.031,
    inter_token_p99_seconds=0.044,
    gross_joules=1500.0,
    net_joules=1200.0,
    idle_watts=30.0,
    prefill_joules=300.0,
    decode_joules=1100.0,
    energy_scope="cpu_package + gpu",
    energy_error_share=0.07,
    electricity_cost=0.00031,
    electricity_currency="EUR",
    conditions={
        "load_joules": 100.0,
        "energy_notes": ["shared with another answer, by the tokens each made"],
        "wall_joules": 2300.0,
        "wall_way": "estimated with a common supply",
        "thinking_pieces": 100,
        "answer_pieces": 156,
    },
)


def test_that_a_prompt_rate_that_is_void_says_why() -> None:
    why = "the server held the prompt already, wholly or in part"
    lines = told(replace(RUN, conditions={"prefill_reason": why}))
    assert lines["Prefill"] == f"unknown: {why}"
    assert "Prefill" not in told(RUN)


def told(record: RunRecord) -> dict[str, str]:
    return {name: text.replace("\u00a0", " ") for name, text in facts(record)}


def test_that_gross_net_parts_and_money_stand_apart() -> None:
    lines = told(RUN)
    assert lines["Energy, gross"].startswith("1,500")
    assert lines["Energy, gross"].endswith("(±7 %), CPU package + GPU board")
    assert "above 30" in lines["Energy, net"]
    assert lines["Energy by part"].startswith("load 100")
    assert "decode 1,100" in lines["Energy by part"]
    assert lines["Electricity"].startswith("0.00031 EUR: 2,300")
    assert "estimated with a common supply" in lines["Electricity"]
    assert lines["About its energy"].startswith("Shared with another answer")


def test_that_the_socket_stands_beside_the_counters_and_thinking_apart() -> None:
    lines = told(RUN)
    assert lines["As it arrived"].startswith("39.5 tok/s, between two pieces 25 ms (median)")
    assert lines["Thinking"].startswith("100 of 256 pieces")


def test_that_what_is_not_known_says_why() -> None:
    bare = RunRecord(
        started_at="2026-11-26T10:00:00+00:00",
        place="local",
        host="h",
        model="m",
        prompt="",
        energy_reason="readings are missing for more than 2 s",
    )
    lines = told(bare)
    assert lines["Energy, gross"] == "unknown: readings are missing for more than 2 s"
    assert "Energy, net" not in lines
    assert "Electricity" not in lines
    no_net = RunRecord(
        started_at=bare.started_at,
        place="local",
        host="h",
        model="m",
        prompt="",
        gross_joules=5.0,
        energy_scope="gpu",
        conditions={"net_reason": "the idle draw was not measured"},
    )
    assert told(no_net)["Energy, net"] == "unknown: the idle draw was not measured"
