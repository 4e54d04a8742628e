"""The configuration letter by letter, of a small plan in which every kind of line occurs."""

from __future__ import annotations

from dataclasses import replace

import pytest
import yaml

from landfall.core.provenance import Estimated, Measured, Published, Unknown
from landfall.core.routing import config_text, files, folder_text, yaml_text
from landfall.core.routing.folder_text import NewFile
from landfall.core.routing.plan import Deployment, LeftOut, Place, RoutedAlias, RoutingPlan
from landfall.core.workload.privacy import Option
from tests.fakes.routes import ENGINE

HERE = Deployment(
    id="mail-own-1",
    place=Place.OWN,
    route="ollama_chat",
    model="qwen3:8b",
    host="desk",
    api_base="http://127.0.0.1:11434",
    key_variable="LANDFALL_HOST_DESK_TOKEN",
    slots=3,
    slots_says="as its process told",
    timeout_seconds=200.2,
    input_usd_per_token=Measured(2e-8, "2026-11-20", "joules"),
    output_usd_per_token=Measured(3e-7, "2026-11-20", "joules"),
)
AWAY = Deployment(
    id="mail-overflow-openai",
    place=Place.CLOUD,
    provider="openai",
    route="openai",
    model="gpt-5.5",
    api_base_variable="OPENAI_BASE",
    key_variable="OPENAI_API_KEY",
    slots=9,
    slots_says="of its own",
    input_usd_per_token=Unknown("no price is kept. Look it up"),
    output_usd_per_token=Published(5e-6, "a table", "2026-11-01"),
    budget_usd=0.25,
    budget_says="twice what is expected",
)
MAIL = RoutedAlias(
    alias="mail",
    workload="Mail",
    option=Option.HYBRID,
    deployments=(HERE, replace(AWAY, id="mail-rented-1", place=Place.RENTED, budget_usd=40.0)),
    overflow=(AWAY,),
    local_share=Estimated(0.7, 0.7, 0.7, "Erlang's loss formula"),
    notes=("First.", "Second."),
)
NOTES = RoutedAlias(
    alias="notes-embed",
    workload="Notes",
    step="embed",
    option=Option.LOCAL_THIS_MACHINE,
    private=True,
    lock="nothing leaves",
    embedding=True,
    deployments=(
        Deployment(id="notes-embed-own-1", place=Place.OWN, route="ollama", model="nomic", slots=2),
    ),
)
VENDOR = RoutedAlias(
    alias="vendor",
    workload="Vendor",
    option=Option.HYBRID,
    private=True,
    allowed=("openai",),
    lock="openai alone",
    deployments=(Deployment(id="v-1", place=Place.OWN, route="openai", model="m"),),
    overflow=(Deployment(id="v-2", place=Place.CLOUD, route="openai", model="n"),),
)
PLAN = RoutingPlan(
    made_at="2026-11-26T10:00:00+00:00", engine_version="1.0", aliases=(MAIL, NOTES, VENDOR)
)

# Each line by hand from the plan: 200.2 s are 201 whole ones, and 120 where nothing is said; the
# limit of 3 stands at the own server alone; 40.0 is a whole number of dollars and 0.25 is none; a
# share whose band has no width has none in words.
MODELS = """\
model_list:
  # ---- Mail: HYBRID.
  # Expected to stay here: 70.0 % of the calls, with 3 at once; the rest goes to mail-overflow
  # (estimated: Erlang's loss formula).
  # First.
  # Second.
  - model_name: mail
    litellm_params:
      model: "ollama_chat/qwen3:8b"  # on desk
      api_base: "http://127.0.0.1:11434"
      api_key: os.environ/LANDFALL_HOST_DESK_TOKEN
      max_parallel_requests: 3  # more get a 429 at once and overflow; as its process told
      timeout: 201  # seconds, a cold model too
      input_cost_per_token: 0.00000002  # USD, measured: joules, 2026-11-20
      output_cost_per_token: 0.0000003  # USD, measured: joules, 2026-11-20
      tags: ["workload:mail"]  # for the cost reports, never for a route
    model_info: {id: mail-own-1}
  - model_name: mail
    litellm_params:
      model: openai/gpt-5.5
      api_base: os.environ/OPENAI_BASE
      api_key: os.environ/OPENAI_API_KEY
      timeout: 120  # seconds, a cold model too
      output_cost_per_token: 0.000005  # USD, published: a table, 2026-11-01
      # Without input_cost_per_token, reports show 0: no price is kept.
      # A soft cap: twice what is expected. The call that crosses it is still served, the sum is
      # this process's own and is forgotten when it ends; then calls are refused.
      max_budget: 40
      budget_duration: "30d"
      tags: ["workload:mail"]  # for the cost reports, never for a route
    model_info: {id: mail-rented-1}
  - model_name: mail-overflow
    litellm_params:
      model: openai/gpt-5.5
      api_base: os.environ/OPENAI_BASE
      api_key: os.environ/OPENAI_API_KEY
      timeout: 120  # seconds, a cold model too
      output_cost_per_token: 0.000005  # USD, published: a table, 2026-11-01
      # Without input_cost_per_token, reports show 0: no price is kept.
      # A soft cap: twice what is expected. The call that crosses it is still served, the sum is
      # this process's own and is forgotten when it ends; then calls are refused.
      max_budget: 0.25
      budget_duration: "30d"
      tags: ["workload:mail"]  # for the cost reports, never for a route
    model_info: {id: mail-overflow-openai}
"""
SEALED = """\
  # ---- Notes, step embed: LOCAL_THIS_MACHINE. Private: nothing leaves.
  # 2 at once on own machines; more of them wait there, none is refused.
  - model_name: notes-embed
    litellm_params:
      model: ollama/nomic
      timeout: 120  # seconds, a cold model too
      # Without input_cost_per_token and output_cost_per_token, reports show 0: not measured here.
      tags: ["workload:notes-embed"]  # for the cost reports, never for a route
    model_info: {id: notes-embed-own-1, mode: embedding}
"""
VENDORS = """\
  # ---- Vendor: HYBRID. Private: openai alone.
  # What share stays here is not known: it is no split between here and elsewhere.
  - model_name: vendor
    litellm_params:
      model: openai/m
      timeout: 120  # seconds, a cold model too
      # Without input_cost_per_token and output_cost_per_token, reports show 0: not measured here.
      tags: ["workload:vendor"]  # for the cost reports, never for a route
    model_info: {id: v-1}
  - model_name: vendor-overflow
    litellm_params:
      model: openai/n
      timeout: 120  # seconds, a cold model too
      # Without input_cost_per_token and output_cost_per_token, reports show 0: not measured here.
      tags: ["workload:vendor"]  # for the cost reports, never for a route
    model_info: {id: v-2}
"""
ROUTER = """\
router_settings:
  routing_strategy: least-busy  # pools the servers of an alias
  num_retries: 1
  allowed_fails: 2
"""
NEVER_COOLED = """\
  # A full server answers 429: that is no failure, and must not take it out of the pool.
  allowed_fails_policy: {RateLimitErrorAllowedFails: 1000000}
"""
COOLED = """\
  cooldown_time: 30  # seconds without calls after that
  enable_tag_filtering: false  # tags are for costs; they never choose
"""
NO_WAY_OUT = """\
  # [] is no way out: it blocks a default that somebody adds later. Never add default_fallbacks,
  # context_window_fallbacks or content_policy_fallbacks here.
"""
REST = """\
  drop_params: true  # what a model does not know is left out
  turn_off_message_logging: true  # no text in any log
  telemetry: false
general_settings:
  master_key: os.environ/LITELLM_MASTER_KEY
  store_prompts_in_spend_logs: false
  store_model_in_db: false  # this file alone says what there is
"""
HEAD = """\
# Made by Landfall on 2026-11-26. The form was checked with LiteLLM 1.0.
# Keys stand in the environment alone. After a change by hand: landfall export litellm --check .
"""


def test_that_the_configuration_of_all_aliases_is_written_as_it_is_meant() -> None:
    fallbacks = """\
  fallbacks:
    - mail: [mail-overflow]
    - notes-embed: []
    - vendor: [vendor-overflow]
    - vendor-overflow: []
litellm_settings:
  callbacks: [guard.local_only, spend_lines.writer]
"""
    models = f"{MODELS}{SEALED}{VENDORS}"
    router = f"{ROUTER}{NEVER_COOLED}{COOLED}{NO_WAY_OUT}"
    written = config_text.gateway(PLAN, ["spend_lines.writer"])
    assert written == f"{HEAD}{models}{router}{fallbacks}{REST}"


def test_that_the_strict_configuration_holds_what_may_not_leave_alone() -> None:
    head = """\
# Made by Landfall on 2026-11-26: private aliases alone. Started by `./start.sh private`,
# on loopback, with an environment that holds no key of a provider.
model_list:
"""
    rest = """\
  fallbacks:
    - notes-embed: []
litellm_settings:
  callbacks: [guard.local_only]
"""
    written = config_text.private(PLAN, [])
    sealed = "  disable_spend_logs: true\n"
    assert written == f"{head}{SEALED}{ROUTER}{COOLED}{NO_WAY_OUT}{rest}{REST}{sealed}"


def test_that_work_that_may_leave_has_neither_guard_nor_a_word_of_it() -> None:
    alone = replace(MAIL, overflow=(), local_share=Estimated(0.5, 0.6, 0.7, "m"), notes=())
    written = config_text.gateway(replace(PLAN, aliases=(alone,)), [])
    assert f"{ROUTER}{NEVER_COOLED}{COOLED}  fallbacks: []\nlitellm_settings:\n{REST}" in written
    assert "max_parallel_requests" not in written
    assert "  # 3 at once on own machines; more of them wait there, none is refused.\n" in written
    split = config_text.gateway(
        replace(PLAN, aliases=(replace(MAIL, local_share=Estimated(0.5, 0.62, 0.7, "m")),)), []
    )
    assert "62.0 % (50 % to 70 %) of the calls" in split
    assert f"{COOLED}  fallbacks:\n    - mail: [mail-overflow]\nlitellm_settings:\n" in split


def test_that_an_own_server_without_a_limit_gets_none() -> None:
    written = config_text.gateway(
        replace(PLAN, aliases=(replace(MAIL, deployments=(replace(HERE, slots=None),)),)), []
    )
    assert "max_parallel_requests" not in written
    assert "with 0 at once" in written


# How a value and a comment are written


@pytest.mark.parametrize(
    ("value", "written"),
    [
        (True, "true"),
        (False, "false"),
        (7, "7"),
        (7.0, "7.0"),
        (0.25, "0.25"),
        (2e-8, "0.00000002"),
        (1e-15, "0.000000000000001"),
        (100.0, "100.0"),
        ("plain", "plain"),
        ("os.environ/A_B-1", "os.environ/A_B-1"),
        ("On", '"On"'),
        ("n", '"n"'),
        ("1a", '"1a"'),
        ("a:b", '"a:b"'),
        ("", '""'),
        ('say "ü"', '"say \\"ü\\""'),
    ],
)
def test_that_a_scalar_is_written_as_plain_as_it_may_be(
    value: str | float | bool, written: str
) -> None:
    assert yaml_text.scalar(value) == written
    assert yaml.safe_load(f"k: {written}") == {"k": value}


def test_that_a_comment_is_broken_at_its_width_and_not_before() -> None:
    # "  # aaa bbb" is eleven wide.
    assert yaml_text.comment("aaa bbb", 2, width=11) == ["  # aaa bbb"]
    assert yaml_text.comment("aaa bbb", 2, width=10) == ["  # aaa", "  # bbb"]
    assert yaml_text.comment("longer than that", 0, width=5) == ["# longer", "# than", "# that"]
    assert yaml_text.comment("a\nb\tc\x00d", 4) == ["    # a b c d"]
    (whole,) = yaml_text.comment("x" * 49 + " " + "y" * 48, 0)
    assert len(whole) == 100
    assert len(yaml_text.comment("x" * 49 + " " + "y" * 49, 0)) == 2


def test_that_a_pair_and_a_list_are_written_on_a_line() -> None:
    assert yaml_text.pair("key", 3, 2) == "  key: 3"
    assert yaml_text.pair("a:b", "x", 0, says="one\ntwo") == '"a:b": x  # one two'
    assert yaml_text.flow(()) == "[]"
    assert yaml_text.flow(("a", "b c")) == '[a, "b c"]'


# The files beside it -----------------------------------------------------------------------------


def test_that_the_first_reason_stands_for_both_prices_that_are_not_known() -> None:
    first, second = Unknown("first. Then"), Unknown("second")
    both = replace(HERE, input_usd_per_token=first, output_usd_per_token=second)
    written = config_text.gateway(
        replace(PLAN, aliases=(replace(MAIL, deployments=(both,), overflow=()),)), []
    )
    assert (
        "      # Without input_cost_per_token and output_cost_per_token, reports show 0: first.\n"
        in written
    )


def test_that_only_the_shell_script_is_run_by_its_name() -> None:
    made = files.files(PLAN, ENGINE, callbacks={"x.y": NewFile(name="x.py", text="pass\n")})
    assert [(one.name, one.executable) for one in made] == [
        ("gateway.yaml", False),
        ("private.yaml", False),
        ("guard.py", False),
        ("x.py", False),
        (".env.example", False),
        ("start.sh", True),
        ("start.ps1", False),
        ("README.md", False),
        ("landfall-routing.json", False),
    ]
    assert "callbacks: [guard.local_only, x.y]" in made[0].text
    assert "callbacks: [guard.local_only, x.y]" in made[1].text


def test_that_a_start_names_what_it_needs_and_nothing_else() -> None:
    away = replace(PLAN, aliases=(replace(MAIL, deployments=(AWAY,), overflow=()),))
    started = folder_text.start_sh(away, {"A": "1", "B": "2"})
    assert "NO_PROXY=" not in started
    assert "None" not in started
    assert "export A=1\nexport B=2\nexec" in started
    assert 'for name in LITELLM_MASTER_KEY OPENAI_API_KEY OPENAI_BASE; do need "$name"' in started
    assert "Usage: ./start.sh gateway\n" in started
    assert "PRIVATE_PORT" not in started
    whole = folder_text.start_sh(PLAN, {})
    assert 'NO_PROXY="127.0.0.1${NO_PROXY:+,$NO_PROXY}' in whole
    assert "GATEWAY_PORT:-4000}" in whole
    assert "PRIVATE_PORT:-4001}" in whole
    assert folder_text.env_example(away).splitlines()[2:] == [
        "LITELLM_MASTER_KEY=",
        "# Keys of providers and tokens of hosts that the configuration names",
        "OPENAI_API_KEY=",
        "# Addresses that only you know, with /v1 where the server wants it",
        "OPENAI_BASE=",
    ]
    bare = replace(PLAN, aliases=(NOTES,))
    assert folder_text.env_example(bare).splitlines()[2:] == ["LITELLM_MASTER_KEY="]
    windows = folder_text.start_ps1(away, {"A": "1"})
    assert "ValidateSet('gateway')]" in windows
    assert "# Usage: .\\start.ps1 gateway\n" in windows
    assert "$kept += 'HTTP_PROXY', 'HTTPS_PROXY', 'ALL_PROXY', 'NO_PROXY'\n" in windows
    assert "@() + @($env:NO_PROXY)" in windows
    assert "{ 4001 } else { 4000 }" in windows


def test_that_the_readme_has_a_row_for_each_alias_and_each_that_has_none() -> None:
    left = (LeftOut(workload="A|B", reason="no way", step="ocr"), LeftOut(workload="C", reason="r"))
    text = folder_text.readme(replace(PLAN, left_out=left))
    assert [line for line in text.splitlines() if line.startswith("| `")] == [
        "| `mail` | Mail | HYBRID | ollama\\_chat/qwen3:8b on desk, openai/gpt-5.5 |"
        " openai/gpt-5.5 | 70 % |",
        "| `notes-embed` | Notes, step embed (private) | LOCAL_THIS_MACHINE | ollama/nomic |"
        " none: no way out | not known |",
        "| `vendor` | Vendor (private) | HYBRID | openai/m | openai/n | not known |",
    ]
    assert "Without an alias:\n\n- A\\|B, step ocr: no way\n- C: r\n\n" in text
    assert "Without an alias" not in folder_text.readme(PLAN)
    assert '"model": "mail"' in text
    assert '"model": "ALIAS"' in folder_text.readme(replace(PLAN, aliases=()))
    assert "http://127.0.0.1:4001\n" in text
    assert "http://127.0.0.1:4001" not in folder_text.readme(replace(PLAN, aliases=(MAIL,)))
    public = folder_text.readme(replace(PLAN, aliases=(replace(MAIL, overflow=()),)))
    assert "| none | 70 % |" in public
    assert "What keeps private work private" not in public
