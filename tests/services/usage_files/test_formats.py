"""Each format, by a file as its program writes it."""

from __future__ import annotations

import json
from pathlib import Path
from typing import Any

import pytest

from landfall.core.errors import BadInput
from landfall.core.usage.rows import CostRow, UsageRow
from landfall.services.usage_files import FORMATS, detect, open_usage
from tests.services.usage_files.conftest import Wrote, kept

OPENAI_USAGE = (
    "start_time,end_time,start_time_iso,end_time_iso,project_id,num_model_requests,user_id,"
    "api_key_id,model,batch,service_tier,input_tokens,output_tokens,input_cached_tokens,"
    "input_uncached_tokens\n"
    "1759622400,1759708800,2025-10-05T00:00:00+00:00,2025-10-06T00:00:00+00:00,,,,,,,,,,,\n"
    "1759708800,1759795200,2025-10-06T00:00:00+00:00,2025-10-07T00:00:00+00:00,proj_a,12.0,user-1,"
    "key_9,gpt-5-mini-2025-08-07,FALSE,default,59200.0,1000.0,9200.0,50000.0\n"
)
OPENAI_COST = (
    "start_time,end_time,start_time_iso,end_time_iso,amount_value,amount_currency,quantity,"
    "quantity_unit,line_item,user_id,api_key_id,project_id,organization_id,project_name,"
    "organization_name,user_email,api_source\n"
    "1790467200,1790553600,2026-09-27T00:00:00+00:00,2026-09-28T00:00:00+00:00,,,,,,,,,,,,,\n"
    "1790553600,1790640000,2026-09-28T00:00:00,2026-09-29T00:00:00,"
    '0.003835980000000000000000000000,usd,1000,tokens,"gpt-5-nano, input_tokens",,key_1,proj_a,'
    "org-1,Web shop,Shop,me@example.com,\n"
    "1790553600,1790640000,2026-09-28T00:00:00,2026-09-29T00:00:00,-0.5,usd,,,credit,,,,,,,,\n"
)
ANTHROPIC_USAGE = (
    "usage_date_utc,model_version,api_key,workspace,usage_type,context_window,"
    "usage_input_tokens_no_cache,usage_input_tokens_cache_write_5m,"
    "usage_input_tokens_cache_write_1h,usage_input_tokens_cache_read,usage_output_tokens,"
    "web_search_count,inference_geo,speed\n"
    '2026-03-22,claude-opus-4-5-20251101,shop key,Default,batch,≤ 200k,"102,000",40,60,7,5000,'
    "10,not_available,\n"
)
ANTHROPIC_OLD = (
    "usage_date_utc,model_version,api_key,workspace,usage_type,context_window,"
    "usage_input_tokens_no_cache,usage_input_tokens_cache_write,usage_input_tokens_cache_read,"
    "usage_output_tokens,web_search_count\n"
    "2025-03-22,claude-3-7-sonnet-20250219,k,Default,standard,≤ 200k,100,40,7,50,0\n"
)
ANTHROPIC_COST = (
    "usage_date_utc,model,workspace,api_key,usage_type,context_window,token_type,cost_usd,"
    "list_price_usd,cost_type,inference_geo,speed\n"
    "2026-04-06,Claude Sonnet 4.5,Default,shop key,message,≤ 200k,input_cache_read,18.71,18.71,"
    "token,global,\n"
)
OPENROUTER = (
    "generation_id,created_at,cost_total,cost_web_search,cost_cache,cost_file_processing,"
    "byok_usage_inference,tokens_prompt,tokens_completion,tokens_reasoning,tokens_cached,"
    "model_permaslug,provider_name,variant,cancelled,streamed,user,finish_reason_raw,"
    "finish_reason_normalized,generation_time_ms,time_to_first_token_ms,api_key_disabled,"
    "api_key_name,app_name\n"
    "gen-1,2026-03-28 10:11:12.345,0.00125,0,0,0,0,100,20,5,40,deepseek/deepseek-v4-0813,Chutes,"
    "free,false,true,me,stop,stop,2000,300,false,sk-or-v1-abcdefabcdefabcdef1234,shop\n"
)
FIREWORKS = (
    "email,start_time,end_time,usage_type,accelerator_type,accelerator_seconds,base_model_name,"
    "model_bucket,parameter_count,prompt_tokens,completion_tokens,cached_prompt_tokens,"
    "uncached_prompt_tokens\n"
    "me@example.com,2025-10-20 17:16:48 UTC,2025-10-20 17:16:50 UTC,"
    "TEXT_COMPLETION_INFERENCE_USAGE,,,accounts/fireworks/models/llama4-maverick,Llama 4,"
    "401583781376,803,109,200,603\n"
    "me@example.com,2025-10-20 17:00:00 UTC,2025-10-20 18:00:00 UTC,DEPLOYMENT_USAGE,H100,3600,"
    "accounts/fireworks/models/x,,,,,,\n"
    "me@example.com,2025-10-20 17:00:00 UTC,2025-10-20 18:00:00 UTC,BATCH_INFERENCE_USAGE,,,"
    "accounts/fireworks/models/x,,,10,20,0,10\n"
)
HELICONE_CSV = (
    "response_id,response_created_at,response_status,request_created_at,request_body,"
    "request_properties,request_user_id,model,prompt_tokens,completion_tokens,latency,cost_usd\n"
    '"r1","2026-01-01T00:00:01Z","200","2026-01-01T00:00:00Z","{""messages"":[""a secret""]}",'
    '"{""app"":""shop""}","me","gpt-4o","10","5","","0.001"\n'
)
GENERIC = (
    "date,provider,model,requests,input_tokens,cached_input_tokens,output_tokens,cost\n"
    "2026-08-01,OpenAI,gpt-5,100,1000,200,300,0.5\n"
)
LITELLM: dict[str, Any] = {
    "request_id": "chatcmpl-1",
    "call_type": "acompletion",
    "api_key": "88dc28d0f030c55ed4ab77ed8faf098196cb1c05df778539800c9f1243fe6b4b",
    "spend": 0.01,
    "total_tokens": 120,
    "prompt_tokens": 100,
    "completion_tokens": 20,
    "startTime": "2025-04-21T10:00:00+00:00",
    "completionStartTime": "2025-04-21T10:00:00.400000+00:00",
    "endTime": "2025-04-21T10:00:02+00:00",
    "model": "anthropic/claude-sonnet-4-5",
    "model_group": "fast",
    "custom_llm_provider": "anthropic",
    "api_base": "https://api.anthropic.com",
    "cache_hit": "False",
    "request_tags": '["User-Agent: curl", "nightly"]',
    "team_id": "team-1",
    "end_user": "",
    "user": "me",
    "messages": [{"role": "user", "content": "a secret"}],
    "response": {"content": "a secret"},
    "metadata": {
        "user_api_key_alias": "shop key",
        "additional_usage_values": {
            "cache_read_input_tokens": 80,
            "cache_creation_input_tokens": 5,
            "completion_tokens_details": {"reasoning_tokens": 7},
        },
    },
}
LANGFUSE: dict[str, Any] = {
    "id": "d8ab",
    "traceId": "6908",
    "projectId": "p1",
    "startTime": "2026-04-04T06:21:09.835Z",
    "endTime": "2026-04-04T06:21:17.713Z",
    "completionStartTime": "2026-04-04T06:21:16.157Z",
    "type": "GENERATION",
    "name": "ai.streamText",
    "input": "a secret",
    "output": "a secret",
    "model": "gemini-2.5-flash",
    "latency": 7.878,
    "timeToFirstToken": 6.322,
    "usageDetails": {
        "input": 24,
        "output": 378,
        "input_cached_tokens": 6,
        "output_reasoning_tokens": 1029,
        "total": 1437,
    },
    "totalCost": 0.000952,
}
CLAUDE: dict[str, Any] = {
    "parentUuid": "u0",
    "isSidechain": False,
    "cwd": "/home/me/shop",
    "sessionId": "s1",
    "version": "2.1.0",
    "type": "assistant",
    "timestamp": "2026-08-01T10:00:00.123Z",
    "requestId": "req_1",
    "message": {
        "id": "msg_1",
        "role": "assistant",
        "model": "claude-opus-4-5-20251101",
        "content": [{"type": "text", "text": "a secret"}],
        "usage": {
            "input_tokens": 2000,
            "output_tokens": 1000,
            "cache_creation_input_tokens": 10000,
            "cache_read_input_tokens": 0,
            "cache_creation": {
                "ephemeral_5m_input_tokens": 0,
                "ephemeral_1h_input_tokens": 10000,
            },
            "service_tier": "standard",
        },
    },
}


def otlp(*attributes: dict[str, Any]) -> dict[str, Any]:
    return {
        "resourceSpans": [
            {
                "resource": {"attributes": listed({"service.name": "shop"})},
                "scopeSpans": [
                    {
                        "scope": {},
                        "spans": [
                            {
                                "traceId": "5b8e",
                                "spanId": f"eee{at}",
                                "name": "chat gpt-5",
                                "startTimeUnixNano": "1790553600000000000",
                                "endTimeUnixNano": "1790553601500000000",
                                "attributes": listed(each),
                            }
                            for at, each in enumerate(attributes)
                        ],
                    }
                ],
            }
        ]
    }


def listed(attributes: dict[str, Any]) -> list[dict[str, Any]]:
    kinds = {str: "stringValue", int: "intValue", float: "doubleValue", bool: "boolValue"}
    return [
        {"key": key, "value": {kinds[type(value)]: str(value) if type(value) is int else value}}
        for key, value in attributes.items()
    ]


NEW_SPAN = {
    "gen_ai.operation.name": "chat",
    "gen_ai.provider.name": "openai",
    "gen_ai.request.model": "gpt-5",
    "gen_ai.response.model": "gpt-5-2025-08-07",
    "gen_ai.usage.input_tokens": 100,
    "gen_ai.usage.output_tokens": 20,
    "gen_ai.usage.cache_read.input_tokens": 70,
    "gen_ai.usage.cache_creation.input_tokens": 10,
    "gen_ai.usage.reasoning.output_tokens": 4,
    "gen_ai.response.time_to_first_chunk": 0.25,
    "gen_ai.input.messages": "a secret",
}
OLD_SPAN = {
    "gen_ai.system": "openai",
    "gen_ai.request.model": "gpt-4o",
    "gen_ai.usage.prompt_tokens": 9,
    "gen_ai.usage.completion_tokens": 3,
}

FILES = {
    "openai_usage_csv": OPENAI_USAGE,
    "openai_cost_csv": OPENAI_COST,
    "anthropic_usage_csv": ANTHROPIC_USAGE,
    "anthropic_cost_csv": ANTHROPIC_COST,
    "openrouter_activity_csv": OPENROUTER,
    "claude_code_jsonl": json.dumps(CLAUDE) + "\n",
    "litellm_spend_logs": json.dumps([LITELLM]),
    "langfuse_export": json.dumps(LANGFUSE) + "\n",
    "otel_genai": json.dumps(otlp(NEW_SPAN)) + "\n",
    "fireworks_billing_csv": FIREWORKS,
    "helicone_export": HELICONE_CSV,
    "generic_csv": GENERIC,
}


def test_that_every_format_has_a_file_here() -> None:
    assert list(FILES) == list(FORMATS)


@pytest.mark.parametrize("name", FILES)
def test_that_a_format_is_found_by_what_the_file_holds(name: str, tmp_path: Path) -> None:
    path = tmp_path / "export.bin"
    path.write_text(FILES[name], encoding="utf-8")
    assert detect(path) == name


@pytest.mark.parametrize("name", FILES)
def test_that_no_text_of_a_prompt_or_an_answer_leaves_a_reader(name: str, wrote: Wrote) -> None:
    assert "secret" not in repr(wrote(FILES[name]).reads)


@pytest.mark.parametrize("name", FILES)
def test_that_a_file_is_read_as_a_format_that_it_is_not_is_refused(
    name: str, tmp_path: Path
) -> None:
    path = tmp_path / "file"
    path.write_text(FILES[name], encoding="utf-8")
    other = "openai_usage_csv" if name != "openai_usage_csv" else "openrouter_activity_csv"
    with pytest.raises(BadInput, match="is no file of"):
        kept(path, format=other)


def test_that_a_format_that_does_not_exist_is_refused(wrote: Wrote) -> None:
    with pytest.raises(BadInput, match="no format") as refused:
        wrote(GENERIC, format="lotus_123")
    assert refused.value.field == "--format"


def test_that_openai_input_is_split_into_cached_and_not_and_days_without_usage_are_no_rows(
    wrote: Wrote,
) -> None:
    found = wrote(OPENAI_USAGE)
    assert found.row == UsageRow(
        at="2025-10-06T00:00:00+00:00",
        span_seconds=86400,
        provider="openai",
        model="gpt-5-mini-2025-08-07",
        requests=12,
        input_tokens=50000,
        cached_input_tokens=9200,
        output_tokens=1000,
        batch=False,
        tier="default",
        project="proj_a",
        key_name="key_9",
        user="user-1",
    )
    assert (found.rows_read, found.rows_unused) == (2, 1)


@pytest.mark.parametrize("name", list(FORMATS))
def test_that_only_who_counts_every_call_tells_days_without_work(name: str, wrote: Wrote) -> None:
    whole = {
        "openai_usage_csv",
        "anthropic_usage_csv",
        "openrouter_activity_csv",
        "fireworks_billing_csv",
    }
    assert wrote(FILES[name]).is_whole is (name in whole)


def test_that_a_folder_of_a_tool_is_its_whole_log_and_one_file_of_it_is_not(
    tmp_path: Path,
) -> None:
    folder = tmp_path / "projects"
    folder.mkdir()
    session = folder / "a.jsonl"
    session.write_text(FILES["claude_code_jsonl"], encoding="utf-8")
    for path, is_whole in ((folder, True), (session, False)):
        with open_usage(path) as file:
            assert file.is_whole is is_whole


def test_that_openai_tabs_as_pasted_are_the_same_file(wrote: Wrote) -> None:
    assert wrote(OPENAI_USAGE.replace(",", "\t")).row == wrote(OPENAI_USAGE).row


def test_that_openai_costs_name_their_model_and_a_credit_is_below_zero(wrote: Wrote) -> None:
    first, second = wrote(OPENAI_COST).costs
    assert first == CostRow(
        at="2026-09-28T00:00:00+00:00",
        provider="openai",
        line_item="gpt-5-nano, input_tokens",
        model="gpt-5-nano",
        billed_usd=0.00383598,
        project="Web shop",
        key_name="key_1",
    )
    assert second.billed_usd == -0.5
    assert second.model == ""


def test_that_an_amount_in_another_currency_is_told_and_not_taken(wrote: Wrote) -> None:
    found = wrote(OPENAI_COST.replace(",usd,1000", ",eur,1000"))
    (problem,) = found.problems
    assert (problem.line, problem.column) == (3, "amount_currency")


def test_that_anthropic_input_stays_uncached_and_writes_are_added_up(wrote: Wrote) -> None:
    assert wrote(ANTHROPIC_USAGE).row == UsageRow(
        at="2026-03-22T00:00:00+00:00",
        span_seconds=86400,
        provider="anthropic",
        model="claude-opus-4-5-20251101",
        requests=None,
        input_tokens=102000,
        cached_input_tokens=7,
        cache_write_tokens=100,
        cache_write_1h_tokens=60,
        output_tokens=5000,
        batch=True,
        key_name="shop key",
        tag="Default",
    )


def test_that_the_older_anthropic_export_knows_no_lifetimes(wrote: Wrote) -> None:
    row = wrote(ANTHROPIC_OLD).row
    assert (row.cache_write_tokens, row.cache_write_1h_tokens) == (40, None)
    assert row.batch is False


def test_that_an_anthropic_cost_file_is_a_bill_without_tokens(wrote: Wrote) -> None:
    assert wrote(ANTHROPIC_COST).costs == [
        CostRow(
            at="2026-04-06T00:00:00+00:00",
            provider="anthropic",
            line_item="Claude Sonnet 4.5, input_cache_read",
            model="Claude Sonnet 4.5",
            billed_usd=18.71,
            project="Default",
            key_name="shop key",
        )
    ]


def test_that_openrouter_tells_cost_latency_and_ttft_of_each_request(wrote: Wrote) -> None:
    assert wrote(OPENROUTER).row == UsageRow(
        at="2026-03-28T10:11:12+00:00",
        provider="openrouter",
        model="deepseek/deepseek-v4-0813:free",
        input_tokens=60,
        cached_input_tokens=40,
        output_tokens=20,
        reasoning_tokens=5,
        billed_usd=0.00125,
        key_name="…1234",
        user="me",
        tag="shop",
        latency_seconds=2,
        ttft_seconds=0.3,
        identity="openrouter:gen-1",
    )


def test_that_fireworks_events_are_requests_and_accelerators_are_not(wrote: Wrote) -> None:
    found = wrote(FIREWORKS)
    one, batch = found.usage
    assert (one.model, one.input_tokens, one.cached_input_tokens) == ("llama4-maverick", 603, 200)
    assert (one.requests, one.latency_seconds, one.span_seconds) == (1, 2, 0)
    assert (batch.requests, batch.batch, batch.span_seconds) == (None, True, 3600)
    assert found.rows_unused == 1


@pytest.mark.parametrize("form", ["list", "lines", "object", "pretty", "csv"])
def test_that_litellm_logs_are_the_same_in_every_form(form: str, wrote: Wrote) -> None:
    flat = {
        name: json.dumps(value) if isinstance(value, dict | list) else value
        for name, value in LITELLM.items()
    }
    cells = ",".join('"' + str(value).replace('"', '""') + '"' for value in flat.values())
    text = {
        "list": json.dumps([LITELLM]),
        "lines": json.dumps(LITELLM) + "\n",
        "object": json.dumps({"spend_logs": [LITELLM], "total": 1}),
        "pretty": json.dumps([LITELLM], indent=2),
        "csv": ",".join(flat) + "\n" + cells + "\n",
    }[form]
    assert wrote(text).row == UsageRow(
        at="2025-04-21T10:00:00+00:00",
        provider="anthropic",
        model="claude-sonnet-4-5",
        input_tokens=15,
        cached_input_tokens=80,
        cache_write_tokens=5,
        output_tokens=20,
        reasoning_tokens=7,
        billed_usd=0.01,
        project="team-1",
        key_name="shop key",
        user="me",
        tag="nightly",
        latency_seconds=2,
        ttft_seconds=0.4,
        identity="litellm:chatcmpl-1",
        alias="fast",
    )


@pytest.mark.parametrize(
    ("provider", "model", "address", "means"),
    [
        ("ollama", "ollama/qwen3-coder:30b", "http://127.0.0.1:11434", "local"),
        ("ollama_chat", "qwen3:8b", "http://192.168.1.20:11434", "local"),
        ("ollama", "qwen3:8b", "", "local"),
        ("ollama", "qwen3-coder:480b-cloud", "http://127.0.0.1:11434", ""),
        ("ollama", "qwen3:8b", "https://ollama.example.com", ""),
        ("hosted_vllm", "qwen3", "http://gpu.local:8000", "local"),
        ("openai", "qwen3", "http://localhost:8080/v1", "local"),
        ("openai", "gpt-5", "https://api.openai.com", "openai"),
        ("gemini", "gemini-2.5-flash", "", "google"),
        ("together_ai", "x", "", "together"),
        ("bedrock", "x", "", "bedrock"),
        ("", "openai/gpt-5", "", "openai"),
        ("openai", "x", "http://[::1", "openai"),
    ],
)
def test_that_who_answered_is_told_by_program_and_address_and_never_by_a_models_name(
    provider: str, model: str, address: str, means: str, wrote: Wrote
) -> None:
    log = {**LITELLM, "custom_llm_provider": provider, "model": model, "api_base": address}
    assert wrote(json.dumps([log])).row.provider == means


@pytest.mark.parametrize(
    "change",
    [
        {"cache_hit": "True"},
        {"prompt_tokens": 0, "completion_tokens": 0, "spend": 0.0, "status": "failure"},
    ],
)
def test_that_a_request_that_used_no_provider_is_no_usage(
    change: dict[str, Any], wrote: Wrote
) -> None:
    found = wrote(json.dumps([{**LITELLM, **change}, LITELLM]))
    assert (len(found.usage), found.rows_read, found.rows_unused) == (1, 2, 1)


def test_that_without_streaming_there_is_no_ttft(wrote: Wrote) -> None:
    log = {**LITELLM, "completionStartTime": LITELLM["endTime"]}
    assert wrote(json.dumps([log])).row.ttft_seconds is None


def test_that_litellm_counts_apart_where_a_provider_does(wrote: Wrote) -> None:
    log = {**LITELLM, "prompt_tokens": 10}
    assert wrote(json.dumps([log])).row.input_tokens == 10


def test_that_litellm_days_are_days(wrote: Wrote) -> None:
    day = {
        "id": "u1",
        "date": "2025-06-21",
        "api_key": "sk_622f859d0f312e36c1598da4895eb18495392024969198ea44a2c6b3b900da62",
        "model": "ollama/deepseek-r1:14b",
        "custom_llm_provider": "ollama",
        "prompt_tokens": 22,
        "completion_tokens": 520,
        "cache_read_input_tokens": 2,
        "cache_creation_input_tokens": 0,
        "spend": 0.0,
        "api_requests": 3,
        "successful_requests": 2,
        "failed_requests": 1,
    }
    empty = {**day, "prompt_tokens": 0, "completion_tokens": 0}
    found = wrote(json.dumps(day) + "\n" + json.dumps(empty) + "\n")
    assert found.row == UsageRow(
        at="2025-06-21T00:00:00+00:00",
        span_seconds=86400,
        provider="local",
        model="deepseek-r1:14b",
        requests=2,
        input_tokens=20,
        cached_input_tokens=2,
        cache_write_tokens=0,
        output_tokens=520,
        billed_usd=0,
        key_name="…da62",
        identity="litellm:u1",
    )


SNAKE = {
    "traceId": "trace_id",
    "projectId": "project_id",
    "startTime": "start_time",
    "endTime": "end_time",
    "completionStartTime": "completion_start_time",
    "model": "provided_model_name",
    "timeToFirstToken": "time_to_first_token",
    "usageDetails": "usage_details",
    "totalCost": "total_cost",
}


@pytest.mark.parametrize("form", ["camel lines", "camel page", "snake lines", "snake csv"])
def test_that_langfuse_exports_are_the_same_in_every_form(form: str, wrote: Wrote) -> None:
    span = {**LANGFUSE, "type": "SPAN", "id": "parent"}
    snake = [
        {SNAKE.get(key, key): value for key, value in each.items()} for each in (span, LANGFUSE)
    ]
    for each in snake:
        for name in ("start_time", "end_time", "completion_start_time"):
            each[name] = str(each[name]).replace("T", " ").replace("Z", "000")
    rows = [
        ",".join(
            '"' + (json.dumps(v) if isinstance(v, dict) else str(v)).replace('"', '""') + '"'
            for v in each.values()
        )
        for each in snake
    ]
    text = {
        "camel lines": "".join(json.dumps(each) + "\n" for each in (span, LANGFUSE)),
        "camel page": json.dumps({"data": [span, LANGFUSE], "meta": {"totalItems": 2}}),
        "snake lines": "".join(json.dumps(each) + "\n" for each in snake),
        "snake csv": "\n".join([",".join(snake[0]), *rows]),
    }[form]
    assert wrote(text).row == UsageRow(
        at="2026-04-04T06:21:09+00:00",
        model="gemini-2.5-flash",
        input_tokens=24,
        cached_input_tokens=6,
        output_tokens=1407,
        reasoning_tokens=1029,
        billed_usd=0.000952,
        project="p1",
        tag="ai.streamText",
        latency_seconds=7.878,
        ttft_seconds=6.322,
        identity="langfuse:d8ab",
    )


@pytest.mark.parametrize(
    ("usage", "counts"),
    [
        ({"input": 99, "output": 20, "input_cached_tokens": 40, "total": 119}, (59, 40, None, 20)),
        ({"input": 60, "output": 20, "input_cached_tokens": 40}, (60, 40, None, 20)),
        ({"input": 60, "output": 20, "total": 80, "unit": "TOKENS"}, (60, None, None, 20)),
        (
            {"input": 3, "output": 5, "cache_read_input_tokens": 7, "input_cache_creation": 9},
            (3, 7, 9, 5),
        ),
        (
            {"prompt_tokens": 100, "completion_tokens": 20, "input_cached_tokens": 40},
            (60, 40, None, 20),
        ),
        (
            {"input": 60, "input_audio_tokens": 5, "output": 20, "output_audio": 2},
            (65, None, None, 22),
        ),
    ],
)
def test_that_the_parts_of_langfuse_usage_never_overlap(
    usage: dict[str, Any], counts: tuple[float | None, ...], wrote: Wrote
) -> None:
    row = wrote(json.dumps({**LANGFUSE, "usageDetails": usage}) + "\n").row
    found = (row.input_tokens, row.cached_input_tokens, row.cache_write_tokens, row.output_tokens)
    assert found == counts


def test_that_langfuse_tells_counts_and_durations_in_older_fields_too(wrote: Wrote) -> None:
    old = {name: LANGFUSE[name] for name in ("id", "traceId", "type", "model", "startTime")}
    old |= {"promptTokens": 10, "completionTokens": 5, "calculatedTotalCost": 0.1}
    old |= {name: LANGFUSE[name] for name in ("endTime", "completionStartTime")}
    empty = {**old, "promptTokens": 0, "completionTokens": 0, "calculatedTotalCost": None}
    found = wrote(json.dumps([old, {**empty, "costDetails": {"total": 0}}]))
    row = found.row
    assert (row.input_tokens, row.output_tokens, row.billed_usd) == (10, 5, 0.1)
    assert row.latency_seconds == pytest.approx(7.878)
    assert row.ttft_seconds == pytest.approx(6.322)
    assert found.rows_unused == 1


def test_that_spans_with_new_names_and_old_names_are_read(wrote: Wrote) -> None:
    new, old = wrote(json.dumps(otlp(NEW_SPAN, OLD_SPAN)) + "\n").usage
    assert new == UsageRow(
        at="2026-09-28T00:00:00+00:00",
        provider="openai",
        model="gpt-5-2025-08-07",
        input_tokens=20,
        cached_input_tokens=70,
        cache_write_tokens=10,
        output_tokens=20,
        reasoning_tokens=4,
        tag="shop",
        latency_seconds=1.5,
        ttft_seconds=0.25,
        identity="otel:5b8e:eee0",
    )
    assert (old.model, old.input_tokens, old.output_tokens) == ("gpt-4o", 9, 3)


def test_that_a_span_of_an_agent_or_a_tool_does_not_count_its_calls_again(wrote: Wrote) -> None:
    agent = {**NEW_SPAN, "gen_ai.operation.name": "invoke_agent"}
    tool = {**NEW_SPAN, "gen_ai.operation.name": "execute_tool"}
    assert len(wrote(json.dumps(otlp(agent, tool, NEW_SPAN, {"http.method": "GET"}))).usage) == 1


def test_that_flat_spans_one_after_another_are_read_however_they_are_indented(
    wrote: Wrote,
) -> None:
    spans = [
        {
            "name": "chat",
            "context": {"trace_id": "0x1", "span_id": f"0x{at}"},
            "start_time": "2026-09-28T00:00:00.000000Z",
            "end_time": "2026-09-28T00:00:01.000000Z",
            "attributes": {**OLD_SPAN, "server.address": "localhost"},
            "resource": {"attributes": {"service.name": "shop"}},
        }
        for at in range(3)
    ]
    found = wrote("\n".join(json.dumps(span, indent=4) for span in spans))
    assert [row.identity for row in found.usage] == [f"otel:0x1:0x{at}" for at in range(3)]
    assert {(row.provider, row.tag) for row in found.usage} == {("local", "shop")}


def test_that_the_parts_of_a_pretty_export_of_spans_are_read_one_by_one(wrote: Wrote) -> None:
    whole = otlp(NEW_SPAN)
    whole["resourceSpans"] *= 3
    assert len(wrote(json.dumps(whole, indent=1)).usage) == 3


def test_that_a_span_that_cannot_be_read_leaves_the_others_of_its_line(wrote: Wrote) -> None:
    bad = {**NEW_SPAN, "gen_ai.usage.input_tokens": -1}
    found = wrote(json.dumps(otlp(bad, NEW_SPAN)) + "\n")
    (problem,) = found.problems
    assert (problem.line, problem.column) == (1, "gen_ai.usage.input_tokens")
    assert len(found.usage) == 1


@pytest.mark.parametrize(
    ("change", "says"),
    [
        ({"startTimeUnixNano": "17"}, "nanoseconds"),
        ({"startTimeUnixNano": None}, "no time"),
    ],
)
def test_that_a_span_without_a_time_is_told(
    change: dict[str, Any], says: str, wrote: Wrote
) -> None:
    whole = otlp(NEW_SPAN)
    whole["resourceSpans"][0]["scopeSpans"][0]["spans"][0].update(change)
    (problem,) = wrote(json.dumps(whole) + "\n").problems
    assert says in problem.reason


def test_that_helicone_is_read_as_lines_with_all_it_tells(wrote: Wrote) -> None:
    request = {
        "response_id": "a1",
        "request_id": "q1",
        "request_created_at": "2026-01-01T00:00:00.000Z",
        "request_body": {"messages": ["a secret"]},
        "request_user_id": "me",
        "request_properties": {"app": "shop"},
        "provider": "OPENAI",
        "target_url": "https://api.openai.com/v1/chat/completions",
        "model": "gpt-4o",
        "prompt_tokens": 10,
        "prompt_cache_read_tokens": 4,
        "completion_tokens": 5,
        "delay_ms": 1500,
        "time_to_first_token": 250,
        "costUSD": 0.001,
    }
    nothing = {**request, "prompt_tokens": None, "completion_tokens": None, "costUSD": None}
    found = wrote(json.dumps(request) + "\n" + json.dumps(nothing) + "\n")
    assert found.row == UsageRow(
        at="2026-01-01T00:00:00+00:00",
        provider="openai",
        model="gpt-4o",
        input_tokens=6,
        cached_input_tokens=4,
        output_tokens=5,
        billed_usd=0.001,
        user="me",
        tag="shop",
        latency_seconds=1.5,
        ttft_seconds=0.25,
        identity="helicone:q1",
    )
    assert wrote(HELICONE_CSV).row.tag == "shop"
