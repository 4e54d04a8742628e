"""Which aliases are private by the plan, the guard and the strict configuration, and what they
allow; and findings with the line of the nearest key."""

from __future__ import annotations

from typing import Any

import pytest

from landfall.core.routing import guard_text
from landfall.core.routing.findings import Document, Documents, Severity, entries
from landfall.core.routing.lint import lint
from landfall.core.routing.lint_guard import findings
from landfall.core.routing.lint_private import Private, private_of
from tests.fakes.routes import ENGINE, Folder, plan


def documents(**values: Any) -> Documents:
    return Documents(**{"engine": ENGINE, "gateway": None, **values})


def guard(private: dict[str, dict[str, str]], *, overflow: tuple[str, ...] = ()) -> str:
    return guard_text.text(private, {}, overflow)


ROW = {"alias": "a", "private": True, "overflow_alias": "a-overflow"}


def test_that_the_plan_tells_what_is_private_and_what_it_allows() -> None:
    told = {
        "aliases": [
            {
                **ROW,
                "deployments": [{"id": "own", "place": "own"}, {"id": "odd"}, "no row"],
                "overflow": [{"id": "out", "place": "cloud"}],
            },
            {"alias": "public", "private": False},
            {"alias": "alone", "private": True, "deployments": None, "overflow": {}},
            "no row",
        ]
    }
    found = private_of(documents(plan=told))
    assert found.aliases == {
        "a": frozenset({"odd", "out"}),
        "a-overflow": frozenset({"odd", "out"}),
        "alone": frozenset(),
    }
    for odd in (None, {}, {"aliases": None}, {"aliases": {"a": 1}}):
        assert private_of(documents(plan=odd)).aliases == {}


def test_that_the_guard_tells_what_is_private_and_what_it_allows() -> None:
    text = guard({"a": {"own": "http://x", "out": ""}, "b": {"own": "http://x"}}, overflow=("a",))
    assert private_of(documents(guard=text)).aliases == {
        "a": frozenset({"out"}),
        "a-overflow": frozenset({"out"}),
        "b": frozenset(),
    }
    assert private_of(documents(guard="no guard")).aliases == {}
    assert private_of(documents(guard=None)).aliases == {}


def test_that_where_two_disagree_nothing_is_allowed() -> None:
    told = {"aliases": [{**ROW, "overflow": [{"id": "one"}, {"id": "both"}]}]}
    text = guard({"a": {"both": "", "other": ""}})
    found = private_of(documents(plan=told, guard=text))
    assert found.aliases["a"] == frozenset({"both"})
    assert found.aliases["a-overflow"] == frozenset({"one", "both"})
    sealed = Document(
        file="private.yaml",
        value={"model_list": [{"model_name": "a", "litellm_params": {"model": "x"}}]},
    )
    assert private_of(documents(plan=told, guard=text, sealed=sealed)).aliases["a"] == frozenset()


def test_that_a_name_is_near_a_private_one_apart_from_case_and_spaces() -> None:
    found = Private(aliases={"Notes": frozenset(), "mail": frozenset({"x"})})
    assert found
    assert not Private(aliases={})
    assert ("Notes" in found, "notes" in found, 3 in found) == (True, False, False)
    assert (found.near(" NOTES "), found.near("note"), found.near("mail")) == ("Notes", "", "mail")
    assert (found.sealed("Notes"), found.sealed("mail"), found.sealed("other")) == (
        True,
        False,
        True,
    )


# Documents ---------------------------------------------------------------------------------------


def test_that_a_finding_has_the_line_of_the_nearest_key() -> None:
    lines = {"a": 1, "a.b": 2, "a.b[0]": 3, "c": 9}
    document = Document(file="f", value={}, lines=lines)
    for path, line in (
        ("a.b[0].x", 3),
        ("a.b[1].x", 2),
        ("a.b[1]", 2),
        ("a.b", 2),
        ("a.z.y", 1),
        ("c[2][3]", 9),
        ("d.e", None),
        ("", None),
    ):
        found = document.found("id", Severity.NOTE, "text", path=path, hint="hint")
        assert (found.line, found.path) == (line, path)
    assert (found.id, found.file, found.text, found.hint) == ("id", "f", "text", "hint")
    assert document.part("x") == {}
    assert Document(file="f", value={"x": [1], "y": {"z": 1}}).part("x") == {}
    assert Document(file="f", value={"y": {"z": 1}}).part("y") == {"z": 1}


@pytest.mark.parametrize(
    ("params", "target", "route", "model", "base"),
    [
        ({"model": "ollama_chat/qwen3:8b"}, "ollama_chat/qwen3:8b", "ollama_chat", "qwen3:8b", ""),
        ({"model": "a/b/c"}, "a/b/c", "a", "b/c", ""),
        ({"model": "plain"}, "plain", "", "plain", ""),
        ({"model": None}, "", "", "", ""),
        ({"api_base": "http://x/"}, "", "", "", "http://x"),
        ({"api_base": "http://x", "base_url": "http://y//"}, "", "", "", "http://y"),
        ({"api_base": "http://x", "base_url": ""}, "", "", "", "http://x"),
    ],
)
def test_that_an_entry_is_read_as_the_router_reads_it(
    params: dict[str, Any], target: str, route: str, model: str, base: str
) -> None:
    rows = [
        {"model_name": "a"},
        "no row",
        {"model_name": "a", "litellm_params": params, "model_info": {"id": 7}},
        {"litellm_params": params, "model_info": "no"},
    ]
    first, second = entries(Document(file="f", value={"model_list": rows}))
    assert (first.target, first.route, first.model, first.base) == (target, route, model, base)
    assert (first.path, first.alias, first.id) == ("model_list[2]", "a", "7")
    assert (second.path, second.alias, second.id) == ("model_list[3]", "", "")
    assert list(entries(Document(file="f", value={"model_list": {}}))) == []


# The guard ---------------------------------------------------------------------------------------


def of_guard(folder: Folder) -> list[tuple[str, str, str, int | None]]:
    told = folder.documents()
    found = findings(told, private_of(told))
    return [(one.id, one.severity.value, one.file, one.line) for one in found]


def test_that_an_export_has_its_guard() -> None:
    assert of_guard(Folder()) == []
    assert list(findings(documents(guard=None), Private(aliases={}))) == []


def test_that_each_fault_of_a_guard_is_told_where_it_is() -> None:
    gone = Folder()
    gone.guard = None
    assert of_guard(gone) == [("no_guard", "leak", "guard.py", 1)]
    broken = Folder()
    broken.guard = "PRIVATE = 3\nALSO = {}\n"
    assert of_guard(broken) == [("guard_unreadable", "leak", "guard.py", 1)]
    changed = Folder()
    assert changed.guard is not None
    changed.guard += "\n# changed\n"
    assert of_guard(changed) == [("guard_changed", "leak", "guard.py", 1)]
    windows = Folder()
    assert windows.guard is not None
    windows.guard = windows.guard.replace("\n", "\r\n")
    assert of_guard(windows) == []
    off = Folder()
    off.gateway["litellm_settings"]["callbacks"] = ["other"]
    off.sealed["litellm_settings"]["callbacks"] = guard_text.CALLBACK  # a name alone is one
    assert of_guard(off) == [("guard_not_in_force", "leak", "gateway.yaml", None)]


def test_that_a_file_behind_a_callback_is_the_exported_one() -> None:
    folder = Folder()
    folder.made = {"spend.py": "a\nb\n", "gone.py": "c"}
    folder.texts["spend.py"] = "a\r\nb\r\n"
    assert of_guard(folder) == []
    folder.texts["spend.py"] = "a\nB\n"
    assert of_guard(folder) == [("callback_changed", "leak", "spend.py", 1)]


def test_that_a_deployment_is_the_one_that_the_guard_lists() -> None:
    base = Folder()
    base.params("private-notes")["api_base"] = "http://127.0.0.1:9"
    assert [one[:2] for one in of_guard(base)] == [("guard_misses_deployment", "broken")]
    added = Folder()
    added.add("private-notes", model="ollama_chat/new", api_base="http://127.0.0.1:11434")
    assert [one[:2] for one in of_guard(added)] == [
        ("guard_misses_deployment", "broken"),
        ("guard_misses_name", "leak"),
        ("guard_misses_name", "leak"),
    ]
    assert plan().private


def test_that_a_guard_is_read_back_as_it_was_written() -> None:
    private = {'a "b"': {"x\\y": "http://é", "z": ""}, "c": {}}
    also = {"x": "c", "new\nline": "c"}
    text = guard_text.text(private, also, ("c", 'a "b"'))
    assert guard_text.tables(text) == (private, also, ("c", 'a "b"'))
    assert guard_text.is_unchanged(text)
    assert not guard_text.is_unchanged(text.replace("OVERFLOWS", "OTHER"))
    assert guard_text.tables("PRIVATE = {'a': {}, 'b': 1}\nALSO = {}") is None
    assert guard_text.tables("PRIVATE = {}\nALSO = []") is None
    assert guard_text.tables("PRIVATE = {}") is None
    assert guard_text.tables("PRIVATE = {}\nALSO = {}") == ({}, {}, ())
    assert guard_text.tables("PRIVATE = {}\nALSO = {}\nOVERFLOWS = frozenset()") == ({}, {}, ())
    other = "PRIVATE = {}\nALSO = {}\nX = frozenset(['b'])\nOVERFLOWS = frozenset(['a'])"
    assert guard_text.tables(other) == ({}, {}, ("a",))
    assert guard_text.tables("x = = 1") is None
    assert guard_text.tables("PRIVATE = f()\nALSO = {}") is None
    assert guard_text._q('a"b') == "'a\"b'"
    assert guard_text._q("a\\b") == "'a\\\\b'"
    assert guard_text._q("a\nb") == "'a\\nb'"
    assert guard_text._q("plain") == '"plain"'


def test_that_the_guard_knows_each_private_name_and_where_it_overflows() -> None:
    made = plan()
    assert guard_text.overflows(made) == ("patients",)
    listed, also = guard_text.listed(made), guard_text.also(made)
    assert set(listed) == {"private-notes", "private-notes-embed", "patients"}
    assert listed["patients"] == {
        "patients-own-1": "http://127.0.0.1:11434",
        "patients-overflow-openai": "",
    }
    assert also["patients-overflow"] == "patients"
    assert also["patients-overflow-openai"] == "patients"
    assert also["private-notes-embed-own-1"] == "private-notes-embed"
    # One target of two aliases belongs to the first.
    assert also["ollama_chat/qwen3:8b"] == "private-notes"
    assert "steady" not in also


# Fallbacks and deployments -----------------------------------------------------------------------


def told(folder: Folder) -> list[tuple[str, str, str]]:
    return [(one.id, one.severity.value, one.path) for one in lint(folder.documents())]


def test_that_each_row_of_fallbacks_is_read_where_it_stands() -> None:
    folder = Folder()
    router = folder.gateway["router_settings"]
    router["fallbacks"] += [
        "no row",
        {"steady": "no list", "frontier": [{"model": "gone"}, "steady"]},
    ]
    router["context_window_fallbacks"] = {"steady": []}
    found = told(folder)
    assert ("no_list", "broken", "router_settings.fallbacks[5]") in found
    assert ("no_list", "broken", "router_settings.fallbacks[6]") in found
    assert ("no_target", "broken", "router_settings.fallbacks[6]") in found
    assert ("no_list", "broken", "router_settings.context_window_fallbacks") in found
    assert ("spreading_fallbacks", "leak", "router_settings.context_window_fallbacks") in found
    assert len([one for one in found if one[0] == "no_list"]) == 3
    assert len([one for one in found if one[0] == "no_target"]) == 1
    stars = Folder()
    stars.fallbacks().append({"*": ["frontier"]})
    stars.fallbacks().append({"*": []})
    assert told(stars) == [
        ("spreading_fallbacks", "leak", "router_settings.fallbacks[5]"),
        ("no_alias", "broken", "router_settings.fallbacks[6]"),
    ]


def test_that_a_private_alias_falls_to_what_is_bound_as_much() -> None:
    for target, fine in (
        ("private-notes-embed", True),
        ("patients", False),
        ("patients-overflow", False),
        ("steady", False),
    ):
        folder = Folder()
        folder.fallbacks()[1]["private-notes"] = [target]
        ids = {one[0] for one in told(folder)}
        assert ("private_fallback" in ids) != fine
        # It has no `[]` any more.
        assert "no_empty_fallback" in ids
    vendor = Folder()
    vendor.fallbacks()[3]["patients"] = ["private-notes"]
    assert told(vendor) == []


def test_that_the_last_of_two_deployments_of_one_name_is_told() -> None:
    folder = Folder()
    folder.add("frontier", model="openai/gpt-5.5")
    rows = folder.gateway["model_list"]
    rows[-1]["model_info"]["id"] = rows[0]["model_info"]["id"]
    at = f"model_list[{len(rows) - 1}]"
    assert told(folder) == [("same_id", "broken", at)]
    rows.append({"model_name": "frontier"})
    assert ("no_parameters", "broken", f"model_list[{len(rows) - 1}]") in told(folder)


def test_that_settings_of_the_top_that_another_rule_looks_at_are_told_once() -> None:
    folder = Folder()
    folder.gateway["include"] = ["more.yaml"]
    assert told(folder) == [("opening", "leak", "include")]
    folder = Folder()
    folder.gateway["something"] = {"a": 1}
    assert [one[0] for one in told(folder)] == ["unvetted", "unknown_key"]
    folder.gateway["something"] = None
    assert [one[0] for one in told(folder)] == ["unknown_key"]
