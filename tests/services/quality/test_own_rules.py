"""Rules of the user's: schemas by a library without a network, and nothing that takes for ever."""

from __future__ import annotations

import json
import socket
import subprocess
import sys
import time
from typing import Any

import pytest

from landfall.core.errors import BadInput
from landfall.core.provenance import Unknown
from landfall.core.quality.scoring import METRICS, Options, score
from landfall.services.apart import environment
from landfall.services.quality import own_rules
from landfall.services.quality.json_schemas import assert_usable, validator
from landfall.services.quality.own_rules import GIVEN_UP, TOO_SLOW, OwnRules

ENDLESS = r"(a+)+$"
AAA = "a" * 40 + "!"


def test_that_a_pattern_that_would_take_years_is_given_up_and_the_others_are_told() -> None:
    rules = OwnRules(seconds_each=1.0)
    began = time.monotonic()
    said = rules.hold([(ENDLESS, "aaa"), (ENDLESS, AAA), (ENDLESS, "b"), ("^b", "b")])
    assert said == (True, TOO_SLOW, False, True)
    assert time.monotonic() - began < 60


def test_that_a_rule_that_is_slow_everywhere_is_given_up() -> None:
    rules = OwnRules(seconds_each=0.1)
    said = rules.hold([(ENDLESS, f"{AAA}{number}!") for number in range(20)])
    assert said == (TOO_SLOW,) * own_rules.MOST_SLOW + (GIVEN_UP,) * (20 - own_rules.MOST_SLOW)


def test_that_a_pattern_inside_a_schema_is_bounded_too() -> None:
    rules = OwnRules(seconds_each=1.0)
    schema = {"properties": {"a": {"pattern": ENDLESS}}}
    assert rules.follows(schema, {"a": AAA}) == TOO_SLOW
    assert rules.follows(schema, {"a": "aa"}) is True


def test_that_what_was_said_once_is_not_asked_again(monkeypatch: pytest.MonkeyPatch) -> None:
    rules = OwnRules()
    answers = [("x1", ""), ("y", ""), ("x1", "")]
    rules.prepare("regex", Options(pattern=r"x\d"), answers)
    rules.prepare("json_schema", Options(schema={"type": "array"}), [("[1]", ""), ("no", "")])

    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("a process was started")

    monkeypatch.setattr(subprocess, "run", never)
    assert (rules.finds(r"x\d", "x1"), rules.finds(r"x\d", "y")) == (True, False)
    options = Options(schema={"type": "array"})
    assert score(METRICS["json_schema"], "[1]", None, options, rules) == 1.0


def test_that_little_is_kept(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_rules, "MOST_KEPT", 3)
    rules = OwnRules()
    assert rules.hold([("a", "a"), ("a", "b")]) == (True, False)
    assert rules.hold([("a", "c"), ("a", "ab")]) == (False, True)
    assert len(rules._said) <= 3


def test_that_a_program_that_cannot_run_is_said(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_rules, "_HOLD", "--no-such-word")
    found = OwnRules().finds("a", "a")
    assert isinstance(found, Unknown)
    assert "cannot be checked:   The commands are" in found.reason
    monkeypatch.setattr(sys, "executable", "/no/such/python")
    found = OwnRules().finds("a", "a")
    assert isinstance(found, Unknown)
    assert "cannot be checked" in found.reason


def test_that_a_whole_set_has_a_limit_too(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(own_rules, "MOST_SECONDS", 6.0)
    said = OwnRules(seconds_each=60.0).hold([("a", "a"), (ENDLESS, AAA)])
    assert said == (True, GIVEN_UP)


def test_that_a_value_nested_without_end_is_not_known() -> None:
    value: Any = 1
    for _ in range(100_000):
        value = [value]
    assert isinstance(OwnRules().follows({"type": "array"}, value), Unknown)


@pytest.mark.parametrize(
    ("draft", "right"),
    [
        ({}, False),
        ({"$schema": "https://json-schema.org/draft/2020-12/schema"}, False),
        ({"$schema": "http://json-schema.org/draft-04/schema#"}, True),
    ],
)
def test_that_a_schema_is_read_in_its_draft(draft: dict[str, str], right: bool) -> None:
    """Draft 4 knows no `const`."""
    schema = {**draft, "const": 2}
    assert_usable(schema)
    assert validator(schema)(1) is right


def test_that_format_is_no_rule_and_references_inside_are_followed() -> None:
    schema = {
        "properties": {"day": {"format": "date"}, "next": {"$ref": "#"}, "n": {"$ref": "#int"}},
        "$defs": {"n": {"$anchor": "int", "type": "integer"}},
    }
    assert_usable(schema)
    follows = validator(schema)
    assert follows({"day": "never", "next": {"n": 2.0}})
    assert not follows({"next": {"n": "2"}})
    assert_usable({"$ref": "https://json-schema.org/draft/2020-12/schema"})


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"pattern": "("}, "$.pattern"),
        ({"properties": {"a": {"type": "text"}}}, "$.properties.a.type"),
        ({"$schema": "http://example.com/own"}, "not known"),
        ({"$ref": "#/$defs/none"}, "#/$defs/none"),
        ({"$defs": {"x": {"items": {"$ref": "http://example.com/x.json"}}}}, "example.com/x.json"),
        ({"$ref": "other.json"}, "other.json"),
    ],
)
def test_that_a_schema_that_cannot_be_held_is_refused(schema: dict[str, Any], said: str) -> None:
    with pytest.raises(BadInput) as found:
        assert_usable(schema)
    assert said in str(found.value)
    assert found.value.field == "quality.schema"


def test_that_nothing_is_ever_fetched(monkeypatch: pytest.MonkeyPatch) -> None:
    def never(*_: Any, **__: Any) -> None:
        raise AssertionError("a connection was opened")

    monkeypatch.setattr(socket, "socket", never)
    monkeypatch.setattr(socket, "getaddrinfo", never)
    follows = validator({"$ref": "http://127.0.0.1:9/x.json"})
    with pytest.raises(ValueError, match=r"x\.json"):
        follows({})


def test_that_a_reference_that_leads_nowhere_or_round_is_not_known() -> None:
    rules = OwnRules()
    away = rules.follows({"$ref": "http://127.0.0.1:9/x.json"}, {})
    assert isinstance(away, Unknown)
    assert "x.json" in away.reason
    assert isinstance(rules.follows({"$ref": "#"}, {}), Unknown)


def test_that_the_library_is_not_imported_where_no_schema_is() -> None:
    code = "import json, sys, landfall.cli.gate; print(json.dumps('jsonschema' in sys.modules))"
    done = subprocess.run(
        [sys.executable, "-c", code], capture_output=True, check=True, env=environment()
    )
    assert json.loads(done.stdout) is False
