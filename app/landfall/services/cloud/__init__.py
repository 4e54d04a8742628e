"""Hosts of models that bill by the token: which there are, where they are, whose key is whose."""

from __future__ import annotations

import difflib
from collections.abc import Iterator, Mapping
from functools import cache
from typing import Any

from landfall.core.errors import BadInput
from landfall.core.settings import Settings
from landfall.services import resources
from landfall.services.cloud import address
from landfall.services.cloud.provider import (
    ADAPTERS,
    Auth,
    KeyCheck,
    KeyKind,
    ProviderRow,
    UsageAccess,
    UsageKey,
)
from landfall.services.keys.secret import Secret

CUSTOM = "custom"
"""The row for any other host that speaks chat completions; only the user knows its address."""


@cache
def rows() -> tuple[ProviderRow, ...]:
    """Every provider, in the order in which they are offered.

    Raises:
        BadInput: the resource is broken.
    """
    document = resources.read_json("providers.json")
    try:
        return tuple(_row(row) for row in document["providers"])
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput(
            f"resources/providers.json has a row that cannot be used: {error!r}.",
            "Install Landfall again.",
            file="providers.json",
        ) from error


def find(name: str) -> ProviderRow:
    """The row of a provider, by its id in any case.

    Raises:
        BadInput: there is none, with what was perhaps meant.
    """
    by_id = {row.id: row for row in rows()}
    wanted = name.strip().lower()
    if wanted in by_id:
        return by_id[wanted]
    near = difflib.get_close_matches(wanted, by_id, n=1)
    # A long word in this place may be a key in the wrong one: it is not repeated.
    named = repr(name) if len(wanted) <= 20 else "of that name"
    raise BadInput(
        f"There is no provider {named}." + (f" Perhaps {near[0]}?" if near else ""),
        f"The providers are {', '.join(by_id)}.",
        field="provider",
    )


def address_of(
    row: ProviderRow,
    *,
    settings: Settings,
    environment: Mapping[str, str],
    base_url: str | None = None,
    plain_http: bool = False,
) -> address.Address:
    """Where a provider is reached: argument before variable before setting before its own.

    Args:
        row: Which provider.
        settings: `base_urls` may move it.
        environment: OPENAI_BASE_URL and the like may move it.
        base_url: What the user typed for this one time, or None.
        plain_http: Whether http to another machine is allowed this time; the user has been warned.
            `settings.plain_http_hosts` are allowed at all times.

    Raises:
        BadInput: the address cannot be used, or there is none.
    """
    return address.choose(
        row.base_url,
        argument=base_url,
        variables=row.base_url_variables,
        environment=environment,
        setting=settings.base_urls.get(row.id),
        plain_http=plain_http,
        plain_http_hosts=settings.plain_http_hosts,
        path_if_none=row.moved_path,
    )


def owner_of(secret: Secret) -> tuple[ProviderRow | None, KeyKind | None]:
    """Whose key it is by its beginning, and what it is for; None for what that does not tell.

    The longest beginning wins: "sk-or-v1-" is OpenRouter's although "sk-" is OpenAI's. A management
    key of OpenRouter begins as its other keys do: whose it is can be told, what it is for cannot.
    """
    found = [
        (prefix, row, kind)
        for row in rows()
        for kind, prefix in _beginnings(row)
        if secret.reveal().startswith(prefix)
    ]
    longest = max((prefix for prefix, _, _ in found), key=len, default="")
    best = [(row, kind) for prefix, row, kind in found if prefix == longest]
    owners = {row.id: row for row, _ in best}
    # A beginning that several providers use ("sk-") names nobody.
    if len(owners) != 1:
        return None, None
    return best[0][0], best[0][1] if len(best) == 1 else None


def _beginnings(row: ProviderRow) -> Iterator[tuple[KeyKind, str]]:
    for prefix in row.key_prefixes:
        yield "inference", prefix
    for prefix in row.usage_key.prefixes if row.usage_key is not None else ():
        yield "usage", prefix


def assert_right_field(
    secret: Secret, row: ProviderRow, *, kind: KeyKind = "inference", moved: bool = False
) -> None:
    """Return only where the key may be one of this kind of this provider.

    Args:
        secret: The key.
        row: For which provider it was given.
        kind: For which of its two keys it was given.
        moved: Whether the provider's address was moved: then the key is whoever's is there. A key
            that is told to be for usage never runs models, wherever.

    Raises:
        BadInput: it is by its beginning another provider's or for the other use; `field` is "key"
            or "usage_key", the hint names the right place.
    """
    field = "key" if kind == "inference" else "usage_key"
    owner, is_for = owner_of(secret)
    if kind == "usage" and row.usage_key is None:
        raise BadInput(
            f"{row.name} has no key of its own for usage.", no_usage_key(row), field=field
        )
    if kind == "inference" and owner is not None and is_for == "usage":
        raise BadInput(_usage_key_here(owner), _usage_key_hint(owner), field=field)
    told = owner is not None and owner.id == row.id and is_for == "inference"
    if kind == "usage" and (told or (not moved and _runs_models(secret, row, is_for))):
        raise BadInput(_model_key_here(row), _model_key_hint(row), field=field)
    if owner is not None and row.id not in (owner.id, CUSTOM) and not moved:
        raise BadInput(
            f"This is a key of {owner.name}, not of {row.name}.",
            f"Store it with `landfall key set {owner.id}{_flag(is_for)}`.",
            field=field,
        )


def _runs_models(secret: Secret, row: ProviderRow, is_for: KeyKind | None) -> bool:
    """Also where its beginning alone would name nobody: "sk-" is at home at this provider."""
    begins = any(secret.reveal().startswith(prefix) for prefix in row.key_prefixes)
    own = row.usage_key.prefixes if row.usage_key is not None else ()
    return is_for != "usage" and begins and not secret.reveal().startswith(own)


def _model_key_here(row: ProviderRow) -> str:
    name = row.usage_key.name if row.usage_key is not None else "usage key"
    return f"This is a key of {row.name} for running models; usage is read with its {name}."


def _model_key_hint(row: ProviderRow) -> str:
    made = row.usage_key
    where = f"; the {made.name} is made at {made.keys_page}" if made is not None else ""
    return f"Store it with `landfall key set {row.id}`{where}."


def _usage_key_here(owner: ProviderRow) -> str:
    name = owner.usage_key.name if owner.usage_key is not None else "usage key"
    article = "an" if name[0] in "aeiou" else "a"
    return f"This is {article} {name} of {owner.name}: it reads usage and cannot run models."


def _usage_key_hint(owner: ProviderRow) -> str:
    return (
        f"Store it with `landfall key set {owner.id} --usage`; make a key for running models at"
        f" {owner.keys_page}."
    )


def _flag(kind: KeyKind | None) -> str:
    return " --usage" if kind == "usage" else ""


def no_usage_key(row: ProviderRow) -> str:
    """What to do at a provider that has no key of its own for usage."""
    if row.usage is not None:
        return f"Its usual key reads usage too: `landfall key set {row.id}`."
    return "It tells no usage to a key; import a file that it exports."


def _row(row: Mapping[str, Any]) -> ProviderRow:
    if row["adapter"] not in ADAPTERS:
        raise ValueError(f"no adapter {row['adapter']!r}")
    return ProviderRow(
        id=row["id"],
        name=row["name"],
        adapter=row["adapter"],
        base_url=row["base_url"],
        base_url_variables=tuple(row["base_url_variables"]),
        moved_path=row["moved_path"],
        auth=Auth(**row["auth"]),
        key_prefixes=tuple(row["key_prefixes"]),
        check=_check(row["check"]),
        key_refused_texts=tuple(row["key_refused_texts"]),
        models_path=row["models_path"],
        stream_usage=row["stream_usage"],
        max_tokens_field=row["max_tokens_field"],
        keys_page=row["keys_page"],
        source=row["source"],
        as_of=row["as_of"],
        notes=row["notes"],
        usage=_usage(row["usage"]) if row["usage"] else None,
    )


def _check(row: Mapping[str, Any]) -> KeyCheck:
    return KeyCheck(
        path=row["path"],
        auth=Auth(**row["auth"]) if row["auth"] else None,
        accepted_statuses=frozenset(row["accepted_statuses"]),
    )


def _usage(row: Mapping[str, Any]) -> UsageAccess:
    key = row["key"]
    return UsageAccess(
        key=UsageKey(
            name=key["name"],
            prefixes=tuple(key["prefixes"]),
            keys_page=key["keys_page"],
            check=_check(key["check"]),
        )
        if key
        else None,
        source=row["source"],
        as_of=row["as_of"],
        notes=row["notes"],
    )
