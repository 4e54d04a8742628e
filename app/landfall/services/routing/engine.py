"""What is known of the router: `resources/litellm.json`, and the names of real models."""

from __future__ import annotations

from functools import cache

from landfall.core.errors import BadInput
from landfall.core.routing.subjects import Engine, ProviderRoute
from landfall.services import resources
from landfall.services.late_imports import late

FILE = "litellm.json"


@cache
def engine() -> Engine:
    """The router with which the form of the export was checked.

    Raises:
        BadInput: the resource is broken.
    """
    document = resources.read_json(FILE)
    try:
        return Engine(
            name=document["name"],
            version=document["version"],
            routes={row["provider"]: ProviderRoute(**row) for row in document["routes"]},
            own_routes=frozenset(document["own_routes"]),
            router_keys=frozenset(document["router_keys"]),
            top_keys=frozenset(document["top_keys"]),
            quiet_callbacks=frozenset(document["quiet_callbacks"]),
            variables=dict(document["variables"]),
            model_names=_model_names(),
        )
    except (KeyError, TypeError, ValueError) as error:
        raise BadInput(
            f"resources/{FILE} cannot be used: {error!r}.", "Install Landfall again.", file=FILE
        ) from error


def _model_names() -> frozenset[str]:
    """Names of models of all providers in the bundled price table, in lower case."""
    table = late("landfall.services.pricing.bundled").bundled(as_of=None)
    return frozenset(
        name.lower() for provider, _ in table.providers() for name in table.model_names(provider)
    )
