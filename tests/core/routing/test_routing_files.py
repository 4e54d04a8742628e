"""A plan as files: what the router reads in them, and that no text of a name changes their form."""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
import yaml
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.provenance import Unknown
from landfall.core.routing import config_text, yaml_text
from landfall.core.routing.naming import alias_of, clashes
from landfall.core.routing.plan import Place, RoutingPlan
from landfall.core.workload.privacy import Option
from tests.fakes.routes import BOX, HERE, cloud, own, plan, texts


def gateway(made: RoutingPlan | None = None) -> dict[str, Any]:
    found: dict[str, Any] = yaml.safe_load(texts(made)["gateway.yaml"])
    return found


def rows(document: dict[str, Any], alias: str) -> list[dict[str, Any]]:
    return [one for one in document["model_list"] if one["model_name"] == alias]


@pytest.mark.parametrize(
    ("name", "step", "alias"),
    [
        ("E-mail triage", "", "e-mail-triage"),
        ("E-mail triage", "embed", "e-mail-triage-embed"),
        ("  R&D / Notes (2026)!  ", "", "r-d-notes-2026"),
        ("Übersetzung", "", "übersetzung"),
        ("_a__b_", "", "a-b"),
        ("!!!", "embed", ""),
    ],
)
def test_that_an_alias_is_the_name_with_single_hyphens(name: str, step: str, alias: str) -> None:
    assert alias_of(name, step) == alias


def test_that_two_owners_of_one_alias_are_found() -> None:
    assert clashes([("a", "x"), ("b", "y"), ("a", "z")]) == {"a": ("x", "z")}


def test_that_steady_work_is_pooled_with_its_slots_and_overflows_to_a_group_of_its_own() -> None:
    found = gateway()
    here, box = rows(found, "steady")
    assert (here["litellm_params"]["api_base"], box["litellm_params"]["api_base"]) == (HERE, BOX)
    assert here["litellm_params"]["max_parallel_requests"] == 2
    assert here["litellm_params"]["input_cost_per_token"] == pytest.approx(2e-8)
    assert "output_cost_per_token" not in here["litellm_params"]
    (rest,) = rows(found, "steady-overflow")
    assert rest["litellm_params"]["model"] == "together_ai/Qwen/Qwen3-8B"
    assert rest["litellm_params"]["api_key"] == "os.environ/TOGETHERAI_API_KEY"
    settings = found["router_settings"]
    assert settings["routing_strategy"] == "least-busy"
    assert {"steady": ["steady-overflow"]} in settings["fallbacks"]
    assert "70.0 % (60 % to 80 %)" in texts()["gateway.yaml"]


def test_that_private_work_has_an_empty_fallback_no_cloud_and_the_guard() -> None:
    found = gateway()
    assert {"private-notes": []} in found["router_settings"]["fallbacks"]
    assert {"private-notes-embed": []} in found["router_settings"]["fallbacks"]
    (embed,) = rows(found, "private-notes-embed")
    assert embed["model_info"]["mode"] == "embedding"
    assert "max_parallel_requests" not in embed["litellm_params"]
    assert found["litellm_settings"]["callbacks"] == ["guard.local_only"]
    assert not {"default_fallbacks", "context_window_fallbacks"} & set(found["router_settings"])


def test_that_the_strict_proxy_knows_private_work_alone_and_no_key_of_a_provider() -> None:
    text = texts()["private.yaml"]
    found = yaml.safe_load(text)
    names = {one["model_name"] for one in found["model_list"]}
    assert names == {"private-notes", "private-notes-embed"}
    assert "OPENAI" not in text
    started = texts()["start.sh"]
    assert '--host "$HOST"' in started
    assert "CONFIG=private.yaml HOST=127.0.0.1" in started
    assert "export LITELLM_MODE=PRODUCTION" in started


def test_that_a_rule_with_a_vendor_falls_to_that_vendor_and_no_further() -> None:
    fallbacks = gateway()["router_settings"]["fallbacks"]
    assert {"patients": ["patients-overflow"]} in fallbacks
    assert {"patients-overflow": []} in fallbacks


def test_that_a_budget_is_a_soft_cap_with_the_truth_beside_it() -> None:
    (row,) = rows(gateway(), "frontier")
    assert row["litellm_params"]["max_budget"] == 500
    assert row["litellm_params"]["budget_duration"] == "30d"
    small = replace(plan().aliases[0].deployments[0], budget_usd=0.004)
    one = replace(plan().aliases[0], deployments=(small,))
    (row,) = rows(gateway(replace(plan(), aliases=(one,))), "frontier")
    assert row["litellm_params"]["max_budget"] == 0.004
    assert row["litellm_params"]["tags"] == ["workload:frontier"]
    said = " ".join(texts()["gateway.yaml"].replace("#", " ").split())
    assert "A soft cap: twice what is expected. The call that crosses it is still served" in said


def test_that_names_of_keys_stand_in_the_example_and_no_value() -> None:
    lines = [one for one in texts()[".env.example"].splitlines() if not one.startswith("#")]
    assert lines == ["LITELLM_MASTER_KEY=", "OPENAI_API_KEY=", "TOGETHERAI_API_KEY="]


def test_that_an_address_only_the_user_knows_is_a_variable() -> None:
    rented = replace(
        cloud("r", "custom", "qwen3:8b"), place=Place.RENTED, api_base_variable="LANDFALL_RENTED"
    )
    one = replace(plan().aliases[0], option=Option.RENT_GPU, deployments=(rented,))
    made = replace(plan(), aliases=(one,), left_out=())
    (row,) = rows(gateway(made), "frontier")
    assert row["litellm_params"]["api_base"] == "os.environ/LANDFALL_RENTED"
    assert "LANDFALL_RENTED=" in texts(made)[".env.example"]
    assert set(texts(made)) == {
        "gateway.yaml",
        ".env.example",
        "start.sh",
        "start.ps1",
        "README.md",
        "landfall-routing.json",
    }
    assert gateway(made)["router_settings"]["fallbacks"] == []
    assert "callbacks" not in gateway(made)["litellm_settings"]


def test_that_the_plan_reads_back_as_it_was_made() -> None:
    found = json.loads(texts()["landfall-routing.json"])
    steady = next(one for one in found["aliases"] if one["alias"] == "steady")
    assert steady["verdict"] == "HYBRID"
    assert steady["local_share"]["mid"] == 0.7
    assert steady["overflow_alias"] == "steady-overflow"
    assert [one["place"] for one in steady["deployments"]] == ["own", "own"]
    frontier = found["aliases"][0]
    assert frontier["local_share"] is None
    assert frontier["local_share_reason"]
    assert found["left_out"] == [
        {"workload": "Nowhere", "step": "", "reason": "nothing here can run it"}
    ]


def test_that_a_share_that_is_not_known_is_said_so() -> None:
    steady = replace(plan().aliases[1], local_share=Unknown("tokens.input is not stated"))
    text = texts(replace(plan(), aliases=(steady,)))["gateway.yaml"]
    assert "What share stays here is not known: tokens.input is not stated." in text


@given(st.text(max_size=60), st.text(max_size=60))
def test_that_no_name_or_note_changes_the_form_of_a_file(name: str, note: str) -> None:
    one = replace(plan().aliases[2], workload=name, lock=note, notes=(note, name))
    made = replace(plan(), aliases=(one,), left_out=())
    found = gateway(made)
    assert [row["model_name"] for row in found["model_list"]] == ["private-notes"]
    assert len(texts(made)["README.md"].splitlines()) == len(
        texts(replace(made, aliases=(plan().aliases[2],)))["README.md"].splitlines()
    )


@given(st.text(max_size=40).filter(lambda text: text.isprintable()))
def test_that_a_scalar_is_read_as_it_was_meant(text: str) -> None:
    assert yaml.safe_load(yaml_text.pair("key", text, 0)) == {"key": text}


@pytest.mark.parametrize("value", [True, False, 3, 120, 0.5, 2e-8, 1234567.0])
def test_that_numbers_are_read_as_numbers(value: float | bool) -> None:
    assert yaml.safe_load(yaml_text.pair("key", value, 0)) == {"key": value}


def test_that_the_slots_of_an_alias_are_those_of_its_own_machines() -> None:
    assert plan().aliases[1].slots == 4
    assert [one.alias for one in plan().sealed] == ["private-notes", "private-notes-embed"]
    assert own("x").target == "ollama_chat/qwen3:8b"
    assert len(plan().deployments) == 8
    assert config_text.GATEWAY == "gateway.yaml"


def _stub(folder: Path) -> Path:
    """Something that is started in place of the router, and tells how."""
    stub = folder / "stub"
    stub.write_text('#!/bin/sh\necho "args: $*"\nenv\n')
    stub.chmod(0o755)
    return stub


def _started(
    folder: Path, which: str, *, shell: str = "sh", **environment: str
) -> subprocess.CompletedProcess[str]:
    for name, text in texts().items():
        (folder / name).write_text(text)
    base = {"PATH": os.environ["PATH"], "LITELLM": str(_stub(folder)), **environment}
    return subprocess.run(
        [shell, f"{folder.name}/start.sh", which],
        cwd=folder.parent,
        env=base,
        capture_output=True,
        text=True,
        check=False,
        timeout=20,
    )


@pytest.mark.skipif(os.name != "posix", reason="start.sh is for POSIX shells")
def test_that_the_strict_proxy_is_started_without_anything_of_the_shell(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text(
        "LITELLM_MASTER_KEY=m'x\nOPENAI_API_KEY=planted\nTOGETHERAI_API_KEY=t\n"
    )
    told = _started(
        tmp_path,
        "private",
        OPENAI_API_KEY="planted",
        OLLAMA_API_BASE="http://elsewhere.example",
        HTTP_PROXY="http://proxy.example",
        LANG="C",
    ).stdout
    assert "args: --config private.yaml --host 127.0.0.1 --port 4001" in told
    assert "planted" not in told
    assert "elsewhere" not in told
    assert "HTTP_PROXY" not in told
    assert "LITELLM_MASTER_KEY=m'x" in told
    assert "LITELLM_MODE=PRODUCTION" in told
    assert "m'x" not in told.splitlines()[0]


@pytest.mark.skipif(os.name != "posix", reason="start.sh is for POSIX shells")
def test_that_the_gateway_gets_its_keys_and_asks_own_machines_directly(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("LITELLM_MASTER_KEY=m\nOPENAI_API_KEY=o\nTOGETHERAI_API_KEY=t\n")
    told = _started(tmp_path, "gateway", OLLAMA_API_KEY="planted", NO_PROXY="mine").stdout
    assert "args: --config gateway.yaml --host 127.0.0.1 --port 4000" in told
    assert "OPENAI_API_KEY=o" in told
    assert "planted" not in told
    assert "NO_PROXY=127.0.0.1,192.168.1.20,mine" in told


@pytest.mark.skipif(os.name != "posix", reason="start.sh is for POSIX shells")
def test_that_a_start_without_keys_or_with_a_wrong_word_says_so(tmp_path: Path) -> None:
    missing = _started(tmp_path, "gateway")
    assert (missing.returncode, "copy .env.example" in missing.stderr) == (2, True)
    (tmp_path / ".env").write_text("LITELLM_MASTER_KEY=m\n")
    empty = _started(tmp_path, "gateway")
    assert (empty.returncode, "OPENAI_API_KEY is empty" in empty.stderr) == (2, True)
    wrong = _started(tmp_path, "sideways")
    assert (wrong.returncode, "./start.sh gateway | private" in wrong.stderr) == (2, True)


SHELLS = [one for one in ("dash", "bash") if shutil.which(one)]


@pytest.mark.skipif(os.name != "posix", reason="start.sh is for POSIX shells")
@pytest.mark.parametrize("shell", SHELLS)
@pytest.mark.parametrize(
    ("written", "value"),
    [
        ("a b  c", "a b  c"),
        ("$HOME $(id) `id` \\n %s", "$HOME $(id) `id` \\n %s"),
        ('"in quotes"', "in quotes"),
        ("'in quotes'", "in quotes"),
        ('it\'s "half"', 'it\'s "half"'),
        ("a=b#c", "a=b#c"),
        ("from-windows\r", "from-windows"),
        ("-n", "-n"),
    ],
)
def test_that_a_value_comes_as_it_is_written(
    tmp_path: Path, shell: str, written: str, value: str
) -> None:
    folder = tmp_path / "my routes $x"
    folder.mkdir()
    lines = f"LITELLM_MASTER_KEY={written}\nexport OPENAI_API_KEY=o\nTOGETHERAI_API_KEY=t"
    (folder / ".env").write_bytes(lines.encode())
    started = _started(folder, "gateway", shell=shell, CDPATH="/", UID="7")
    assert started.stderr == ""
    assert f"LITELLM_MASTER_KEY={value}\n" in started.stdout
    assert "OPENAI_API_KEY=o\n" in started.stdout


@pytest.mark.skipif(os.name != "posix", reason="start.sh is for POSIX shells")
@pytest.mark.parametrize("which", ["gateway", "private"])
def test_that_no_variable_moves_calls_or_keeps_their_text(tmp_path: Path, which: str) -> None:
    (tmp_path / ".env").write_text("LITELLM_MASTER_KEY=m\nOPENAI_API_KEY=o\nTOGETHERAI_API_KEY=t\n")
    moving = [
        "OLLAMA_API_BASE",
        "ANTHROPIC_API_KEY",
        "USE_LITELLM_PROXY",
        "LITELLM_PROXY_API_BASE",
        "LITELLM_LOG",
        "LITELLM_CONFIG_BUCKET_NAME",
        "DATABASE_HOST",
        "LANGSMITH_API_KEY",
        "SPEND_LOGS_URL",
        "LITELLM_WORKER_STARTUP_HOOKS",
        "STORE_MODEL_IN_DB",
        "OTEL_EXPORTER_OTLP_ENDPOINT",
    ]
    told = _started(tmp_path, which, **dict.fromkeys(moving, "planted"), SSL_CERT_FILE="ours")
    assert told.returncode == 0
    assert "planted" not in told.stdout
    assert "SSL_CERT_FILE=ours" in told.stdout


@pytest.mark.skipif(os.name != "posix", reason="start.sh is for POSIX shells")
def test_that_the_small_spelling_of_no_proxy_does_not_undo_the_great_one(tmp_path: Path) -> None:
    (tmp_path / ".env").write_text("LITELLM_MASTER_KEY=m\nOPENAI_API_KEY=o\nTOGETHERAI_API_KEY=t\n")
    told = _started(tmp_path, "gateway", no_proxy="mine", https_proxy="http://p").stdout
    for name in ("NO_PROXY", "no_proxy"):
        assert f"{name}=127.0.0.1,192.168.1.20,mine\n" in told
    assert "https_proxy=http://p\n" in told


def test_that_the_words_speak_of_no_file_that_is_not_there() -> None:
    whole = plan()
    for aliases in (whole.aliases[:2], whole.aliases[:2] + whole.aliases[4:], whole.aliases[2:3]):
        made = replace(whole, aliases=aliases)
        there = texts(made)
        for text in there.values():
            named = set(re.findall(r"\b(?:guard\.py|private\.yaml|start\.sh private)", text))
            assert {one.split()[0] for one in named} <= set(there)
            assert ("start.sh private" in named) <= ("private.yaml" in there)


def test_that_the_settings_of_the_router_keep_text_out_of_its_logs() -> None:
    for name, sealed in (("gateway.yaml", False), ("private.yaml", True)):
        document = yaml.safe_load(texts()[name])
        general, litellm = document["general_settings"], document["litellm_settings"]
        assert general["store_prompts_in_spend_logs"] is False
        assert general["store_model_in_db"] is False
        assert general["master_key"] == "os.environ/LITELLM_MASTER_KEY"
        assert ("disable_spend_logs" in general) == sealed
        assert general.get("disable_spend_logs", True) is True
        assert litellm["turn_off_message_logging"] is True
        assert litellm["telemetry"] is False
        assert litellm["drop_params"] is True
        assert document["router_settings"]["num_retries"] == 1
        assert document["router_settings"]["enable_tag_filtering"] is False


def test_that_every_comment_of_an_alias_stands_at_its_place() -> None:
    for text in (texts()["gateway.yaml"], texts()["private.yaml"]):
        inside = text.partition("model_list:")[2].partition("router_settings:")[0]
        comments = [line for line in inside.splitlines() if line.lstrip().startswith("#")]
        assert comments
        assert {len(line) - len(line.lstrip()) for line in comments} <= {2, 4, 6}
        heads = [line for line in comments if "----" in line]
        assert heads
        assert all(line.startswith("  # ----") for line in heads)


def test_that_what_is_said_of_private_work_names_providers_only_where_a_rule_allows_some() -> None:
    from landfall.core.routing.folder_text import _private_words

    made = plan()
    assert made.private
    bare = replace(made, aliases=tuple(replace(one, allowed=()) for one in made.aliases))
    allowed = replace(
        made,
        aliases=tuple(
            replace(one, allowed=("azure",)) if one.private else one for one in made.aliases
        ),
    )
    assert "providers that its" not in _private_words(bare)
    assert "providers that its" in _private_words(allowed)
    nobody = replace(made, aliases=tuple(one for one in made.aliases if not one.private))
    assert _private_words(nobody) == ""
