"""Hosts of models that bill by the token: which there are, where they are, whose key is whose."""

from __future__ import annotations

import difflib
from collections.abc import Mapping
from functools import cache
from typing import Any

from landfall.core.errors import BadInput
from landfall.core.settings import Settings
from landfall.services import resources
from landfall.services.cloud import address
from landfall.services.cloud.provider import ADAPTERS, Auth, KeyCheck, ProviderRow
from landfall.services.secrets import Secret

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
        plain_http: Whether http to another machine is allowed; the user has been warned.

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
        path_if_none=row.moved_path,
    )


def owner_of(secret: Secret) -> tuple[ProviderRow | None, bool]:
    """Whose key it is by its beginning, and whether it is an admin key; None where it says nothing.

    The longest beginning wins: "sk-or-v1-" is OpenRouter's although "sk-" is OpenAI's.
    """
    found = [
        (prefix, row, is_admin)
        for row in rows()
        for is_admin, prefixes in ((False, row.key_prefixes), (True, row.admin_key_prefixes))
        for prefix in prefixes
        if secret.reveal().startswith(prefix)
    ]
    longest = max((prefix for prefix, _, _ in found), key=len, default="")
    best = [(row, is_admin) for prefix, row, is_admin in found if prefix == longest]
    # A beginning that several providers use ("sk-") names nobody.
    return best[0] if len(best) == 1 else (None, False)


def assert_right_field(secret: Secret, row: ProviderRow, *, moved: bool = False) -> None:
    """Return only where the key may be an inference key of this provider.

    Args:
        secret: The key.
        row: For which provider it was given.
        moved: Whether the provider's address was moved: then the key is whoever's is there.

    Raises:
        BadInput: it is an admin key, or by its beginning another provider's.
    """
    owner, is_admin = owner_of(secret)
    if owner is None:
        return
    if is_admin:
        raise BadInput(
            f"This is an admin key of {owner.name}: it reads usage and cannot run models.",
            f"Make a key for running models at {owner.keys_page}.",
            field="key",
        )
    if row.id not in (owner.id, CUSTOM) and not moved:
        raise BadInput(
            f"This is a key of {owner.name}, not of {row.name}.",
            f"Store it with `landfall key set {owner.id}`.",
            field="key",
        )


def _row(row: Mapping[str, Any]) -> ProviderRow:
    if row["adapter"] not in ADAPTERS:
        raise ValueError(f"no adapter {row['adapter']!r}")
    check = row["check"]
    return ProviderRow(
        id=row["id"],
        name=row["name"],
        adapter=row["adapter"],
        base_url=row["base_url"],
        base_url_variables=tuple(row["base_url_variables"]),
        moved_path=row["moved_path"],
        auth=Auth(**row["auth"]),
        key_prefixes=tuple(row["key_prefixes"]),
        admin_key_prefixes=tuple(row["admin_key_prefixes"]),
        check=KeyCheck(
            path=check["path"],
            auth=Auth(**check["auth"]) if check["auth"] else None,
            accepted_statuses=frozenset(check["accepted_statuses"]),
        ),
        key_refused_texts=tuple(row["key_refused_texts"]),
        models_path=row["models_path"],
        stream_usage=row["stream_usage"],
        max_tokens_field=row["max_tokens_field"],
        keys_page=row["keys_page"],
        source=row["source"],
        as_of=row["as_of"],
        notes=row["notes"],
    )
