"""JSON schemas by the library `jsonschema` (MIT), in the draft that each names, without a network.

Import it late: with what it brings it costs 80 ms, less than half of it where `httpx` is there.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from typing import Any

from jsonschema.exceptions import SchemaError
from jsonschema.validators import Draft202012Validator, validator_for
from jsonschema_specifications import REGISTRY
from referencing import Resource
from referencing.exceptions import Unresolvable
from referencing.jsonschema import DRAFT202012

from landfall.core.errors import BadInput

FIELD = "quality.schema"

_REFERENCES = ("$ref", "$dynamicRef", "$recursiveRef")


def validator(schema: Mapping[str, Any]) -> Callable[[Any], bool]:
    """Whether a value follows a schema of the draft in its `$schema`, by default 2020-12.

    References are followed inside the schema, and to the drafts themselves, which the library
    brings; nothing is ever fetched. `format` is an annotation, as draft 2020-12 has it.

    The validator raises ValueError where a reference leads nowhere.
    """
    kind = validator_for(schema, default=Draft202012Validator)
    # With a registry of ours the library has none of its own, which would fetch.
    checker = kind(schema, registry=REGISTRY)

    def follows(value: Any) -> bool:
        try:
            return bool(checker.is_valid(value))
        except Unresolvable as error:
            raise ValueError(f"the schema refers to {error.ref}, which is not in it") from error

    return follows


def assert_usable(schema: Mapping[str, Any]) -> None:
    """Return only where answers can be held against a schema.

    Raises:
        BadInput: it breaks the rules of its draft, names one that is not known, or refers to what
            is not in it.
    """
    named = schema.get("$schema")
    if named is not None and validator_for(schema, default=None) is None:
        raise BadInput(
            f"The schema is of {named!r}, which is not known here.",
            "Name a draft from 3 to 2020-12, or leave `$schema` out.",
            field=FIELD,
        )
    try:
        validator_for(schema, default=Draft202012Validator).check_schema(schema)
    except SchemaError as error:
        raise BadInput(
            f"The schema cannot be used: {error.json_path}: {error.message}", field=FIELD
        ) from error
    except RecursionError as error:
        raise BadInput("The schema is nested too deep.", field=FIELD) from error
    if outside := _led_out(schema):
        raise BadInput(
            f"The schema refers to {outside}, which is not in it.",
            "Nothing is fetched: copy it under `$defs`.",
            field=FIELD,
        )


def _led_out(schema: Mapping[str, Any]) -> str:
    """The first reference that leads nowhere inside a schema, or ""."""
    root = Resource.from_contents(schema, default_specification=DRAFT202012)
    waiting = [(root, REGISTRY.resolver_with_root(root))]
    while waiting:
        one, resolver = waiting.pop()
        contents = one.contents if isinstance(one.contents, Mapping) else {}
        for reference in (contents[word] for word in _REFERENCES if word in contents):
            try:
                resolver.lookup(reference)
            except Unresolvable:
                return str(reference)
        waiting += [(inner, resolver.in_subresource(inner)) for inner in one.subresources()]
    return ""
