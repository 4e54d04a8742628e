"""The linter of routes: an export passes, and each trap that is known is named."""

from __future__ import annotations

from collections.abc import Callable
from typing import Any

import pytest

from landfall.core.hosts.hosts import Standing
from landfall.core.routing.findings import Document, Documents, Finding, Severity
from landfall.core.routing.lint import lint
from landfall.core.routing.lint_settings import _harmless
from tests.fakes.routes import BOX, ENGINE, HERE, Folder

Change = Callable[[Folder], None]


def found(change: Change | None = None) -> dict[str, Finding]:
    """What the linter says after a change, by its id; the worst of each."""
    folder = Folder()
    if change is not None:
        change(folder)
    by_id: dict[str, Finding] = {}
    for one in lint(folder.documents()):
        by_id.setdefault(one.id, one)
    return by_id


def test_that_an_export_passes_as_it_is_written() -> None:
    assert found() == {}


def _settings(section: str, **values: Any) -> Change:
    def change(folder: Folder) -> None:
        folder.gateway.setdefault(section, {}).update(values)

    return change


def _private(**values: Any) -> Change:
    return lambda folder: folder.params("private-notes").update(values)


def _without(section: str, key: str) -> Change:
    return lambda folder: folder.gateway[section].pop(key)


def _cloud_beside(folder: Folder) -> None:
    folder.add("private-notes", model="openai/gpt-5.5", api_key="os.environ/OPENAI_API_KEY")


def _no_empty(folder: Folder) -> None:
    folder.fallbacks().remove({"private-notes": []})


def _to_frontier(folder: Folder) -> None:
    folder.fallbacks()[1]["private-notes"] = ["frontier"]


def _to_nobody(folder: Folder) -> None:
    folder.fallbacks()[1]["private-notes"] = ["nosuch"]


def _no_guard(folder: Folder) -> None:
    folder.guard = None


def _guard_is_other_code(folder: Folder) -> None:
    folder.guard = "local_only = None\n"


def _guard_lets_all_through(folder: Folder) -> None:
    assert folder.guard is not None
    folder.guard = folder.guard.replace("return data\n", "return data  # later\n", 1)


def _guard_forgets(folder: Folder) -> None:
    assert folder.guard is not None
    row = f'    "private-notes": {{"private-notes-own-1": "{HERE}"}},\n'
    assert row in folder.guard
    folder.guard = folder.guard.replace(row, "")


def _guard_forgets_a_name(folder: Folder) -> None:
    assert folder.guard is not None
    folder.guard = folder.guard.replace('    "private-notes-own-1": "private-notes",\n', "")


def _guard_of_another_address(folder: Folder) -> None:
    _private(api_base=BOX)(folder)


def _twin(folder: Folder) -> None:
    folder.add("Private-Notes", model="openai/gpt-5.5")


def _real_name(folder: Folder) -> None:
    folder.add("gpt-5.5", model="ollama_chat/qwen3:8b", api_base=HERE)
    assert folder.document is not None
    folder.document["aliases"].append({"alias": "gpt-5.5", "private": True})


def _forwarded_stub(folder: Folder) -> None:
    folder.remote = frozenset({(HERE, "qwen3:8b")})


def _stub_behind_openai(folder: Folder) -> None:
    _private(model="openai/qwen3:8b", api_base=f"{HERE}/v1")(folder)
    _forwarded_stub(folder)


def _log_is_other_code(folder: Folder) -> None:
    folder.made = {"spend_lines.py": "writer = 1\n"}
    folder.texts["spend_lines.py"] = "writer = 2\n"


def _outside_by_name_only(folder: Folder) -> None:
    _private(api_base="http://localhost.evil.example:11434")(folder)


def _resolves_outside(folder: Folder) -> None:
    folder.stands = {HERE: Standing.THIRD_PARTY}


def _second_proxy_with_a_provider(folder: Folder) -> None:
    folder.sealed["model_list"].append(
        {"model_name": "private-notes", "litellm_params": {"model": "openai/gpt-5.5"}}
    )


LEAKS: dict[str, tuple[str, Change]] = {
    "a cloud deployment under it": ("private_cloud", _cloud_beside),
    "its own group mixed": ("mixed_group", _cloud_beside),
    "no empty fallback": ("no_empty_fallback", _no_empty),
    "a fallback to the cloud": ("private_fallback", _to_frontier),
    "a fallback that is not there": ("no_target", _to_nobody),
    "a default for all": (
        "spreading_fallbacks",
        _settings("router_settings", default_fallbacks=["frontier"]),
    ),
    "a default in the other section": (
        "spreading_fallbacks",
        _settings("litellm_settings", default_fallbacks=["frontier"]),
    ),
    "a fallback of errors of context": (
        "spreading_fallbacks",
        _settings("router_settings", context_window_fallbacks=[{"private-notes": ["frontier"]}]),
    ),
    "a fallback of errors of content": (
        "spreading_fallbacks",
        _settings("router_settings", content_policy_fallbacks=[{"steady": ["frontier"]}]),
    ),
    "a fallback of everything": (
        "spreading_fallbacks",
        lambda folder: folder.fallbacks().append({"*": ["frontier"]}),
    ),
    "a name with a star": ("wildcard", lambda folder: folder.add("*", model="openai/*")),
    "an address outside": ("private_address", _private(api_base="https://8.8.8.8:11434")),
    "an address with a friendly name": ("private_address", _outside_by_name_only),
    "a name that leads outside": ("private_address", _resolves_outside),
    "an address of the environment": (
        "private_address_unknown",
        _private(api_base="os.environ/SOMEWHERE"),
    ),
    "no address": (
        "private_address_unknown",
        lambda folder: folder.params("private-notes").pop("api_base"),
    ),
    "a cloud model under a local name": (
        "cloud_model",
        _private(model="ollama_chat/gpt-oss:120b-cloud"),
    ),
    "a stub of a cloud model": ("cloud_model", _forwarded_stub),
    "a fallback in its own parameters": (
        "private_parameter",
        _private(fallbacks=["frontier"]),
    ),
    "an address that clients choose": (
        "private_parameter",
        _private(configurable_clientside_auth_params=["api_base"]),
    ),
    "another spelling of it": ("private_twin", _twin),
    "the name of a real model": ("real_model_name", _real_name),
    "no guard": ("no_guard", _no_guard),
    "a guard that is none": ("guard_unreadable", _guard_is_other_code),
    "a guard that was changed": ("guard_changed", _guard_lets_all_through),
    "a guard that forgets it": ("guard_misses_alias", _guard_forgets),
    "a guard that forgets a name": ("guard_misses_name", _guard_forgets_a_name),
    "a guard that is not in force": (
        "guard_not_in_force",
        _settings("litellm_settings", callbacks=["prometheus"]),
    ),
    "another name for it": (
        "private_renamed",
        _settings("router_settings", model_group_alias={"notes": "private-notes"}),
    ),
    "itself as another": (
        "private_renamed",
        _settings("router_settings", model_group_alias={"private-notes": {"model": "frontier"}}),
    ),
    "tags that choose": ("tag_filtering", _settings("router_settings", enable_tag_filtering=True)),
    "a route past the guard": (
        "opening",
        _settings("general_settings", pass_through_endpoints=[{"path": "/x"}]),
    ),
    "addresses by clients": (
        "opening",
        _settings("general_settings", allow_client_side_credentials=True),
    ),
    "deployments that no file tells": (
        "opening",
        _settings("general_settings", store_model_in_db=True),
    ),
    "prompts in the log of costs": (
        "opening",
        _settings("general_settings", store_prompts_in_spend_logs=True),
    ),
    "files to any deployment": (
        "opening",
        _settings("general_settings", enable_loadbalancing_on_batch_endpoints=True),
    ),
    "an address before all others": (
        "opening",
        _settings("litellm_settings", api_base="https://proxy.example"),
    ),
    "parameters for all": (
        "opening",
        _settings("router_settings", default_litellm_params={"fallbacks": ["frontier"]}),
    ),
    "every name to its provider": (
        "opening",
        _settings("router_settings", router_general_settings={"pass_through_all_models": True}),
    ),
    "files that are not seen": ("opening", lambda folder: folder.gateway.update(include=["x"])),
    "a guardrail elsewhere": (
        "opening",
        lambda folder: folder.gateway.update(guardrails=[{"guardrail_name": "x"}]),
    ),
    "a log that keeps text": (
        "callback",
        _settings("litellm_settings", success_callback=["langfuse"]),
    ),
    "text in the logs": (
        "message_logging",
        _settings("litellm_settings", turn_off_message_logging=False),
    ),
    "everything in the logs": ("verbose", _settings("litellm_settings", set_verbose=True)),
    "a variable that moves calls": (
        "environment",
        _settings("environment_variables", OLLAMA_API_BASE="http://elsewhere.example"),
    ),
    "a second model that gets each call": ("unvetted", _private(silent_model="frontier")),
    "another provider than its name": ("unvetted", _private(custom_llm_provider="openai")),
    "another proxy": ("unvetted", _private(use_litellm_proxy=True)),
    "an address above its address": ("private_address", _private(base_url="https://8.8.8.8/v1")),
    "a group that others may ask for": (
        "unvetted",
        lambda folder: folder.gateway["model_list"][4]["model_info"].update(access_groups=["x"]),
    ),
    "a cloud model behind the other interface": (
        "cloud_model",
        _private(model="openai/gpt-oss:120b-cloud", api_base=f"{HERE}/v1"),
    ),
    "a stub behind the other interface": ("cloud_model", _stub_behind_openai),
    "one model for all": ("opening", _settings("general_settings", completion_model="frontier")),
    "alarms with text": ("opening", _settings("general_settings", alerting=["slack"])),
    "every call to a proxy": ("opening", _settings("litellm_settings", use_litellm_proxy=True)),
    "an attribute of the library": ("unvetted", _settings("litellm_settings", input_callback="x")),
    "a setting of the proxy": ("unvetted", _settings("general_settings", custom_key_generate="x")),
    "debugging": ("unvetted", _settings("router_settings", debug_level="DEBUG")),
    "prompts kept elsewhere": (
        "unvetted",
        lambda folder: folder.gateway.update(prompts=[{"prompt_id": "x"}]),
    ),
    "any variable": ("environment", _settings("environment_variables", LITELLM_LOG="DEBUG")),
    "a log that was changed": ("callback_changed", _log_is_other_code),
    "a key in clear": ("key_in_clear", _private(api_key="sk-" + "a" * 24)),
    "a provider in the second proxy": ("private_cloud", _second_proxy_with_a_provider),
}


@pytest.mark.parametrize("trap", LEAKS)
def test_that_each_trap_of_a_private_alias_is_a_leak(trap: str) -> None:
    rule, change = LEAKS[trap]
    one = found(change)[rule]
    assert one.severity is Severity.LEAK
    assert one.text
    assert one.file in ("gateway.yaml", "private.yaml", "guard.py", "spend_lines.py")


BROKEN: dict[str, tuple[str, Change]] = {
    "a mistyped key of the router": ("unknown_key", _settings("router_settings", falbacks=[])),
    "a mistyped section": ("unknown_key", lambda folder: folder.gateway.update(router_setings={})),
    "a fallback of nobody": (
        "no_alias",
        lambda folder: folder.fallbacks().append({"nobody": ["frontier"]}),
    ),
    "a fallback to nobody": (
        "no_target",
        lambda folder: folder.fallbacks()[0].update(steady=["nobody"]),
    ),
    "fallbacks that are no list": (
        "no_list",
        lambda folder: folder.fallbacks().append({"frontier": "steady"}),
    ),
    "fallbacks that are no lists of rows": (
        "no_list",
        lambda folder: folder.fallbacks().append("steady"),  # type: ignore[arg-type]
    ),
    "fallbacks that are text": ("no_list", _settings("router_settings", fallbacks="steady")),
    "no models": ("no_models", lambda folder: folder.gateway.update(model_list=[])),
    "no parameters": (
        "no_parameters",
        lambda folder: folder.gateway["model_list"].append({"model_name": "x"}),
    ),
    "no name": ("nameless", lambda folder: folder.add("", model="openai/x")),
    "a made-up answer": ("mock", lambda folder: folder.params("steady").update(mock_response="ok")),
    "a name that no answer can carry": (
        "unsendable_name",
        lambda folder: folder.add("日本", model="openai/gpt-5.5"),
    ),
    "one id twice": (
        "same_id",
        lambda folder: folder.gateway["model_list"].append(folder.gateway["model_list"][0]),
    ),
    "a guard of another address": ("guard_misses_deployment", _guard_of_another_address),
    "no key at the door": ("open_door", _without("general_settings", "master_key")),
    "an alias that the strict proxy lacks": (
        "private_missing",
        lambda folder: folder.sealed["model_list"].pop(),
    ),
}


@pytest.mark.parametrize("fault", BROKEN)
def test_that_what_does_not_work_is_named(fault: str) -> None:
    rule, change = BROKEN[fault]
    one = found(change)[rule]
    assert one.severity is Severity.BROKEN
    assert one.text


def test_that_a_mistyped_key_is_answered_with_the_one_that_was_meant() -> None:
    assert found(_settings("router_settings", falbacks=[]))["unknown_key"].hint == (
        "Did you mean fallbacks?"
    )


NOTES: dict[str, tuple[str, Change]] = {
    "a private server in the network, unencrypted": (
        "private_plain_http",
        _guard_of_another_address,
    ),
    "a split group that is not private": (
        "mixed_group",
        lambda folder: folder.add("steady", model="openai/gpt-5.5"),
    ),
    "a cloud model for public work": (
        "cloud_model",
        lambda folder: folder.params("steady").update(model="ollama_chat/gpt-oss:20b-cloud"),
    ),
    "clients with addresses of their own": (
        "client_address",
        lambda folder: folder.params("frontier").update(
            configurable_clientside_auth_params=["api_base"]
        ),
    ),
    "state on another server": ("opening", _settings("router_settings", redis_url="redis://box")),
}


@pytest.mark.parametrize("thing", NOTES)
def test_that_what_leaks_nothing_private_is_a_note(thing: str) -> None:
    rule, change = NOTES[thing]
    assert found(change)[rule].severity is Severity.NOTE


def test_that_without_private_work_the_same_settings_are_notes() -> None:
    rows = [
        {"model_name": "frontier", "litellm_params": {"model": "openai/gpt-5.5"}},
        {"model_name": "*", "litellm_params": {"model": "openai/*"}},
    ]
    value = {
        "model_list": rows,
        "router_settings": {"enable_tag_filtering": True, "fallbacks": [{"*": ["frontier"]}]},
        "litellm_settings": {"success_callback": "langfuse", "set_verbose": True},
        "general_settings": {"master_key": "os.environ/KEY", "pass_through_endpoints": [1]},
    }
    documents = Documents(engine=ENGINE, gateway=Document(file="gateway.yaml", value=value))
    said = lint(documents)
    assert {one.severity for one in said} == {Severity.NOTE}
    assert {one.id for one in said} >= {"wildcard", "callback", "verbose", "opening"}


def test_that_parameters_which_only_time_a_call_are_no_leak() -> None:
    change = _settings("router_settings", default_litellm_params={"timeout": 5})
    assert found(change)["opening"].severity is Severity.NOTE


def test_that_settings_which_nobody_knows_pass_where_nothing_is_private() -> None:
    value = {
        "model_list": [{"model_name": "frontier", "litellm_params": {"model": "openai/gpt-5.5"}}],
        "litellm_settings": {"input_callback": ["x"]},
        "general_settings": {"master_key": "os.environ/KEY"},
    }
    documents = Documents(engine=ENGINE, gateway=Document(file="gateway.yaml", value=value))
    assert lint(documents) == ()


ODD: tuple[Any, ...] = (None, True, 7, 1.5, "", "x", [], [[]], [{}], {}, {"a": [1]}, [["x"]], b"x")


@pytest.mark.parametrize("odd", ODD, ids=repr)
def test_that_no_value_stops_the_check(odd: Any) -> None:
    folder = Folder()
    sections = ("router_settings", "litellm_settings", "general_settings")
    for section in sections:
        for key in folder.gateway[section]:
            other = Folder()
            other.gateway[section][key] = odd
            lint(other.documents())
    for section in (*sections, "environment_variables", "model_list", "include", "guardrails"):
        other = Folder()
        other.gateway[section] = odd
        lint(other.documents())
    for key in ("model_name", "litellm_params", "model_info"):
        other = Folder()
        other.gateway["model_list"][2][key] = odd
        lint(other.documents())
    for key in ("model", "api_base", "base_url", "api_key", "tags", "fallbacks"):
        _private(**{key: odd})(folder)
        lint(folder.documents())
    for key in ("model_group_alias", "default_fallbacks", "default_litellm_params"):
        _settings("router_settings", **{key: odd})(folder)
        lint(folder.documents())
    for row in ({"private-notes": odd}, odd):
        _settings("router_settings", fallbacks=[row])(folder)
        assert lint(folder.documents())


def test_that_a_key_that_stands_twice_is_told_with_its_line() -> None:
    document = Document(file="gateway.yaml", value={}, twice=(("router_settings.fallbacks", 9),))
    said = lint(Documents(engine=ENGINE, gateway=document))
    assert [(one.line, one.path) for one in said if one.id == "key_twice"] == [
        (9, "router_settings.fallbacks")
    ]


def test_that_an_alias_stays_private_where_only_one_file_still_says_so() -> None:
    folder = Folder()
    folder.document = None
    folder.guard = None
    _cloud_beside(folder)
    assert "private_cloud" in {one.id for one in lint(folder.documents())}
    folder = Folder()
    folder.document = {"aliases": "lost"}
    folder.sealed = {"model_list": None}
    _cloud_beside(folder)
    assert "private_cloud" in {one.id for one in lint(folder.documents())}


def test_that_a_vendor_which_the_rule_allows_is_no_leak_and_another_is_one() -> None:
    folder = Folder()
    row = next(r for r in folder.gateway["model_list"] if r["model_name"] == "patients-overflow")
    row["litellm_params"]["model"] = "together_ai/Qwen/Qwen3-8B"
    row["model_info"]["id"] = "somebody-else"
    assert "private_cloud" in {one.id for one in lint(folder.documents())}


def test_that_a_public_alias_in_the_strict_proxy_is_told() -> None:
    folder = Folder()
    folder.sealed["model_list"].append(
        {
            "model_name": "steady",
            "litellm_params": {"model": "ollama_chat/qwen3:8b", "api_base": HERE},
            "model_info": {"id": "steady-own-1"},
        }
    )
    assert "private_public" in {one.id for one in lint(folder.documents())}


def test_that_no_key_is_repeated_wherever_it_stands() -> None:
    key = "sk-ant-api03-" + "b" * 20
    folder = Folder()
    folder.params("frontier")["api_key"] = key
    folder.gateway["general_settings"]["master_key"] = "short"
    folder.gateway["litellm_settings"]["extra"] = ["https://me:secret@host.example"]
    folder.texts[".env.example"] = "LITELLM_MASTER_KEY=anything\n# a remark\n"
    folder.texts["start.sh"] = f"export OPENAI_API_KEY={key}\n"
    said = [one for one in lint(folder.documents()) if one.id == "key_in_clear"]
    assert {(one.file, one.line) for one in said} >= {(".env.example", 1), ("start.sh", 1)}
    assert {one.path for one in said} >= {
        "model_list[0].litellm_params.api_key",
        "general_settings.master_key",
        "litellm_settings.extra[0]",
    }
    assert not any(key in f"{one.text}{one.hint}" for one in said)


def test_that_what_leaks_comes_first_and_lines_are_those_of_the_nearest_key() -> None:
    document = Document(
        file="gateway.yaml",
        value={},
        lines={"router_settings": 3, "router_settings.fallbacks": 5},
    )
    deep = document.found(
        "x", Severity.NOTE, "text", path="router_settings.fallbacks[2].private-notes"
    )
    assert deep.line == 5
    assert document.found("x", Severity.NOTE, "text", path="elsewhere").line is None
    folder = Folder()
    _settings("router_settings", falbacks=[])(folder)
    _cloud_beside(folder)
    said = [one.severity for one in lint(folder.documents())]
    assert said == sorted(said, key=list(Severity).index)


def test_that_a_folder_without_a_gateway_is_no_export() -> None:
    assert [one.id for one in lint(Documents(engine=ENGINE, gateway=None))] == ["no_gateway"]


def test_that_only_times_and_retries_are_harmless_defaults() -> None:
    router, key = "router_settings", "default_litellm_params"
    plain = {"timeout": 1, "stream_timeout": 1, "max_retries": 1, "num_retries": 1}
    assert _harmless(router, key, plain)
    assert _harmless(router, key, {})
    assert not _harmless(router, key, {**plain, "api_base": "x"})
    assert not _harmless(router, key, ["timeout"])
    assert not _harmless("litellm_settings", key, plain)
    assert _harmless(router, "model_group_alias", None)
