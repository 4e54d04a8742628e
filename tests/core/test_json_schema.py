"""The checker of JSON schemas against the reference implementation, and what it refuses."""

from __future__ import annotations

from typing import Any

import jsonschema
import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from landfall.core.quality.json_schema import broken_rule, unknown_rules

scalars = st.one_of(
    st.none(),
    st.booleans(),
    st.integers(-3, 3),
    st.sampled_from([0.0, 1.0, 0.5, -2.0]),
    st.sampled_from(["", "a", "ab", "abc", "1"]),
)
names = st.sampled_from(["a", "b", "ab", "1"])
values = st.recursive(
    scalars,
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(names, inner, max_size=3),
    max_leaves=6,
)
sizes = st.integers(0, 3)
numbers = st.sampled_from([-1, 0, 1, 2, 0.5])
types = st.sampled_from(["object", "array", "string", "number", "integer", "boolean", "null"])
patterns = st.sampled_from(["^a", "b$", "", "[0-9]"])
plain: dict[str, st.SearchStrategy[Any]] = {
    "type": types | st.lists(types, min_size=1, max_size=2, unique=True),
    "enum": st.lists(values, min_size=1, max_size=3),
    "const": values,
    "required": st.lists(names, max_size=2, unique=True),
    "dependentRequired": st.dictionaries(names, st.lists(names, max_size=2, unique=True)),
    "minProperties": sizes,
    "maxProperties": sizes,
    "minItems": sizes,
    "maxItems": sizes,
    "uniqueItems": st.booleans(),
    "minLength": sizes,
    "maxLength": sizes,
    "pattern": patterns,
    "minimum": numbers,
    "maximum": numbers,
    "exclusiveMinimum": numbers,
    "exclusiveMaximum": numbers,
    "multipleOf": st.sampled_from([1, 2, 0.5]),
    "title": st.just("words alone"),
    "format": st.just("date"),
}


def nested(inner: st.SearchStrategy[Any]) -> st.SearchStrategy[Any]:
    several = st.lists(inner, min_size=1, max_size=3)
    by_name = st.dictionaries(names, inner, max_size=2)
    return st.fixed_dictionaries(
        {},
        optional={
            **plain,
            "properties": by_name,
            "patternProperties": st.dictionaries(patterns, inner, max_size=2),
            "additionalProperties": inner,
            "propertyNames": inner,
            "items": inner,
            "prefixItems": several,
            "contains": inner,
            "allOf": several,
            "anyOf": several,
            "oneOf": several,
            "not": inner,
            "if": inner,
            "then": inner,
            "else": inner,
            "$defs": st.fixed_dictionaries({"x": inner}),
        },
    )


few = st.dictionaries(st.sampled_from(sorted(plain)), st.none(), max_size=2).flatmap(
    lambda chosen: st.fixed_dictionaries({name: plain[name] for name in chosen})
)
schemas = st.recursive(st.booleans() | few, nested, max_leaves=4)


@settings(max_examples=250, deadline=None)
@given(schemas, values)
def test_that_it_answers_as_the_reference_implementation(schema: Any, value: Any) -> None:
    assert unknown_rules(schema) == ()
    right = jsonschema.Draft202012Validator(schema).is_valid(value)
    assert (broken_rule(value, schema) == "") == right


@settings(max_examples=60, deadline=None)
@pytest.mark.parametrize("word", sorted(plain))
@given(data=st.data())
def test_that_each_rule_alone_answers_as_the_reference(word: str, data: st.DataObject) -> None:
    schema = {word: data.draw(plain[word])}
    value = data.draw(values)
    right = jsonschema.Draft202012Validator(schema).is_valid(value)
    assert (broken_rule(value, schema) == "") == right


@pytest.mark.parametrize(
    ("schema", "good", "bad"),
    [
        ({"contains": {"type": "null"}}, [1, None], [1]),
        ({"contains": False}, "no list", []),
        ({"anyOf": [{"type": "null"}, {"minimum": 3}]}, 3, 2),
        ({"oneOf": [{"minimum": 1}, {"minimum": 3}]}, 2, 4),
        ({"allOf": [{"minimum": 1}, {"maximum": 3}]}, 2, 4),
        ({"not": {"type": "null"}}, 1, None),
        ({"if": {"minimum": 3}, "then": {"multipleOf": 2}, "else": {"const": 1}}, 4, 5),
        ({"if": {"minimum": 3}, "else": {"const": 1}}, 5, 2),
        ({"propertyNames": {"maxLength": 1}}, {"a": 1}, {"ab": 1}),
        ({"patternProperties": {"^a": {"type": "null"}}}, {"b": 1}, {"ab": 1}),
        ({"prefixItems": [{"const": 1}], "items": False}, [1], [1, 2]),
        ({"uniqueItems": True}, [1, "1"], [1, 1.0]),
    ],
)
def test_that_rules_with_schemas_inside_hold(schema: Any, good: Any, bad: Any) -> None:
    assert unknown_rules(schema) == ()
    assert not broken_rule(good, schema)
    assert broken_rule(bad, schema)
    assert not jsonschema.Draft202012Validator(schema).is_valid(bad)


def test_that_types_and_needs_are_told_apart() -> None:
    assert not broken_rule(True, {"type": "boolean"})
    assert broken_rule(True, {"type": ["integer", "number"]}) == "$: type is integer or number"
    needs = {"dependentRequired": {"card": ["name"]}}
    assert broken_rule({"card": 1}, needs) == "$: dependentRequired misses what card needs"
    assert not broken_rule({"card": 1, "name": "x"}, needs)


ORDER = {
    "type": "object",
    "required": ["id", "lines"],
    "additionalProperties": False,
    "properties": {
        "id": {"type": "string", "pattern": "^A[0-9]+$"},
        "lines": {"type": "array", "minItems": 1, "items": {"$ref": "#/$defs/line~1one"}},
        "parent": {"$ref": "#"},
    },
    "$defs": {"line/one": {"type": "object", "properties": {"qty": {"type": "integer"}}}},
}


@pytest.mark.parametrize(
    ("value", "broken"),
    [
        ({"id": "A1", "lines": [{"qty": 2.0}]}, ""),
        ({"id": "A1"}, "$: required misses lines"),
        ({"id": "B1", "lines": [{}]}, "$.id: pattern is not met"),
        ({"id": "A1", "lines": []}, "$.lines: minItems is 1"),
        ({"id": "A1", "lines": [{}, {"qty": 1.5}]}, "$.lines[1].qty: type is integer"),
        ({"id": "A1", "lines": [{}], "x": 1}, "$.x is not allowed"),
        ({"id": "A1", "lines": [{}], "parent": {"id": 1}}, "$.parent: required misses lines"),
        ([], "$: type is object"),
    ],
)
def test_that_it_says_which_rule_is_broken_and_where(value: Any, broken: str) -> None:
    assert unknown_rules(ORDER) == ()
    assert broken_rule(value, ORDER) == broken


@pytest.mark.parametrize(
    ("schema", "said"),
    [
        ({"unevaluatedProperties": False}, "unevaluatedProperties"),
        ({"items": {"dependentSchemas": {}}}, "dependentSchemas"),
        ({"pattern": "("}, "pattern with such a value"),
        ({"patternProperties": {"(": True}}, "a schema that is no object"),
        ({"type": "text"}, "type with such a value"),
        ({"minLength": -1}, "minLength with such a value"),
        ({"minimum": "1"}, "minimum with such a value"),
        ({"multipleOf": 0}, "multipleOf with such a value"),
        ({"required": "id"}, "required with such a value"),
        ({"dependentRequired": {"a": "b"}}, "dependentRequired with such a value"),
        ({"enum": "a"}, "enum with such a value"),
        ({"uniqueItems": 1}, "uniqueItems with such a value"),
        ({"anyOf": []}, "a schema that is no object"),
        ({"properties": []}, "a schema that is no object"),
        ({"$ref": "#/$defs/none"}, "$ref to #/$defs/none"),
        ({"$ref": "other.json"}, "$ref to other.json"),
        ({"$ref": "#anchor"}, "$ref to #anchor"),
        ({"$ref": "#/type/0", "type": ["null"]}, "$ref to #/type/0"),
        ("schema", "a schema that is no object"),
    ],
)
def test_that_what_is_not_checked_is_said(schema: Any, said: str) -> None:
    assert said in unknown_rules(schema)


def test_that_nothing_is_followed_without_end() -> None:
    assert broken_rule({}, {"$ref": "#"}) == "$ is nested too deep"
    deep: Any = True
    for _ in range(200):
        deep = {"not": deep}
    assert "a schema that is nested too deep" in unknown_rules(deep)


def test_that_false_is_not_0_and_1_is_1_point_0() -> None:
    assert broken_rule(False, {"enum": [0]})
    assert not broken_rule(1.0, {"enum": [1]})
    assert broken_rule([True], {"const": [1]})
    assert not broken_rule({"a": [1]}, {"const": {"a": [1.0]}})
    assert broken_rule({"a": 1}, {"const": {"b": 1}})


def test_that_numbers_beyond_any_float_are_no_multiples_and_no_crash() -> None:
    assert broken_rule(float("inf"), {"multipleOf": 2})
    assert broken_rule(10**400, {"multipleOf": 0.5})
    assert not broken_rule(10**400, {"multipleOf": 5})
