"""Rules on deployments and aliases: where each leads."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator

from landfall.core.hosts.host_names import is_loopback
from landfall.core.hosts.hosts import Standing
from landfall.core.models.model_names import is_cloud_name
from landfall.core.routing import lint_plain
from landfall.core.routing.findings import Document, Documents, Entry, Finding, Severity, entries
from landfall.core.routing.lint_private import Private
from landfall.core.routing.naming import is_sendable
from landfall.core.workload.privacy import host_name, is_public_host

_FROM_ENVIRONMENT = "os.environ/"
_INSIDE = (Standing.THIS_MACHINE, Standing.OUR_NETWORK)
_CLIENT_KEYS = (
    "fallbacks",
    "context_window_fallbacks",
    "content_policy_fallbacks",
    "context_window_fallback_dict",
    "configurable_clientside_auth_params",
    "litellm_credential_name",
    "use_in_pass_through",
    "extra_headers",
)
"""Parameters of a deployment that open a way out, or hand the choice to somebody else."""


def findings(document: Document, documents: Documents, private: Private) -> Iterator[Finding]:
    """What is wrong with the deployments of one file."""
    rows = list(entries(document))
    yield from _shape(document, rows)
    for entry in rows:
        yield from _wildcard(entry, private)
        if entry.alias in private:
            yield from _private(entry, documents, private)
        else:
            yield from _public(entry, documents, private)
    yield from _groups(rows, documents, private)
    yield from _names(rows, documents, private)


def _shape(document: Document, rows: list[Entry]) -> Iterator[Finding]:
    listed = document.value.get("model_list")
    if not isinstance(listed, list) or not listed:
        yield document.found(
            "no_models", Severity.BROKEN, "It has no model_list.", path="model_list"
        )
        return
    if len(rows) < len(listed):
        whole = {entry.path for entry in rows}
        for number in range(len(listed)):
            if f"model_list[{number}]" not in whole:
                yield document.found(
                    "no_parameters",
                    Severity.BROKEN,
                    "This deployment has no litellm_params: it is left out without a word.",
                    path=f"model_list[{number}]",
                )
    for entry in rows:
        yield from _entry_shape(entry)
    for twice, count in Counter(entry.id for entry in rows if entry.id).items():
        if count > 1:
            last = [entry for entry in rows if entry.id == twice][-1]
            yield last.found("same_id", Severity.BROKEN, f"Two deployments are called {twice!r}.")


def _entry_shape(entry: Entry) -> Iterator[Finding]:
    if not entry.alias or not entry.target:
        what = "name" if not entry.alias else "model"
        yield entry.found(
            "nameless", Severity.BROKEN, f"This deployment has no {what}: it is left out."
        )
    if not (is_sendable(entry.alias) and is_sendable(entry.id)):
        yield entry.found(
            "unsendable_name",
            Severity.BROKEN,
            f"The router cannot answer under {entry.alias} ({entry.id}): the head of its answer"
            " holds no such letters, and each call ends with a 500.",
            hint="Name it in letters of western Europe.",
        )
    if "mock_response" in entry.params:
        yield entry.found(
            "mock",
            Severity.BROKEN,
            f"{entry.alias} answers with a made-up text, from no model.",
        )


def _wildcard(entry: Entry, private: Private) -> Iterator[Finding]:
    """A name with a star takes every model that has no entry: also a mistyped private alias, which
    then goes to that provider."""
    if "*" in entry.alias or "*" in entry.target:
        yield entry.found(
            "wildcard",
            Severity.LEAK if private else Severity.NOTE,
            f"{entry.alias or entry.target!r} takes every name that is not listed"
            + (", a mistyped private alias too." if private else "."),
            hint="List each model by its name.",
        )


# Private ---------------------------------------------------------------------------------------


def _private(entry: Entry, documents: Documents, private: Private) -> Iterator[Finding]:
    allowed = private.aliases[entry.alias]
    for key in _CLIENT_KEYS:
        if key in entry.params:
            yield entry.found(
                "private_parameter",
                Severity.LEAK,
                f"{entry.alias} is private and its deployment sets {key}, which opens a way out.",
                hint=f"Take {key} out.",
            )
    yield from lint_plain.entry_findings(entry, _CLIENT_KEYS)
    if entry.id and entry.id in allowed and not entry.base:
        return
    # Without an address it is the provider's own; Ollama's would be that of this machine.
    at_provider = not entry.base and not entry.route.startswith("ollama")
    if at_provider or entry.route not in documents.engine.own_routes:
        yield entry.found(
            "private_cloud",
            Severity.LEAK,
            f"{entry.alias} is private and goes to {entry.target}, a provider of its own.",
            hint="Take this deployment out.",
        )
        return
    yield from _private_address(entry, documents)
    yield from _forwarded(entry, documents, Severity.LEAK)


def _private_address(entry: Entry, documents: Documents) -> Iterator[Finding]:
    """An address that is not written is that of the environment (OLLAMA_API_BASE,
    OPENAI_BASE_URL), or the provider's own (litellm 1.106.12, main.py)."""
    base = entry.base
    if not base or base.startswith(_FROM_ENVIRONMENT):
        yield entry.found(
            "private_address_unknown",
            Severity.LEAK,
            f"{entry.alias} is private and its address is {base or 'not written'}: the environment"
            " decides where it goes.",
            hint="Write the address of a server in your network.",
        )
        return
    if not _inside(base, documents):
        yield entry.found(
            "private_address",
            Severity.LEAK,
            f"{entry.alias} is private and {base} stands outside your network, or is not known to"
            " stand in it.",
            hint="Write the address of a server in your network.",
        )
        return
    if base.lower().startswith("http://") and not is_loopback(host_name(base)):
        yield entry.found(
            "private_plain_http",
            Severity.NOTE,
            f"{entry.alias} is private and goes to {base} unencrypted: whoever listens in your"
            " network can read it.",
            hint="Put the server behind https or a tunnel.",
        )


def _inside(base: str, documents: Documents) -> bool:
    """By the addresses that the name resolves to; where nobody resolved it, by the name alone."""
    standing = documents.stands.get(base)
    if standing is not None:
        return standing in _INSIDE
    name = host_name(base)
    return bool(name) and not is_public_host(name)


def _forwarded(entry: Entry, documents: Documents, severity: Severity) -> Iterator[Finding]:
    """Ollama sends calls for `name:cloud` and `name:tag-cloud` to ollama.com, and those for a stub
    to the host that it names."""
    own = entry.base and entry.route in documents.engine.own_routes
    if not (own or entry.route.startswith("ollama")):
        return
    model = entry.model
    plain = model.removesuffix(":local")
    known = {plain.lower(), f"{plain.lower()}:latest"}
    server = entry.base.removesuffix("/v1")
    told = any((server, name) in documents.remote for name in known)
    if is_cloud_name(model) or told:
        yield entry.found(
            "cloud_model",
            severity,
            f"{entry.alias} asks Ollama for {model}, which it hands to a cloud.",
            hint="Name a model that the server holds itself.",
        )


# Public ----------------------------------------------------------------------------------------


def _public(entry: Entry, documents: Documents, private: Private) -> Iterator[Finding]:
    near = private.near(entry.alias)
    if near:
        yield entry.found(
            "private_twin",
            Severity.LEAK,
            f"{entry.alias!r} is the private alias {near} in another spelling, without its guard.",
            hint="Take it out.",
        )
    yield from _forwarded(entry, documents, Severity.NOTE)
    if "configurable_clientside_auth_params" in entry.params:
        yield entry.found(
            "client_address",
            Severity.NOTE,
            f"Clients may say at which address {entry.alias} is reached, with your key.",
            hint="Take configurable_clientside_auth_params out.",
        )


def _groups(rows: list[Entry], documents: Documents, private: Private) -> Iterator[Finding]:
    """With local and cloud deployments under one name a call without a tag goes to either, and one
    whose local deployment is down to the other (measured on 1.106.2)."""
    for alias in dict.fromkeys(entry.alias for entry in rows):
        group = [entry for entry in rows if entry.alias == alias]
        own = [one for one in group if one.base and _inside(one.base, documents)]
        if own and len(own) < len(group):
            away = next(one for one in group if one not in own)
            yield away.found(
                "mixed_group",
                Severity.LEAK if alias in private and private.sealed(alias) else Severity.NOTE,
                f"{alias} mixes own machines and others: a call goes to either, whatever its tags.",
                hint="Give the others an alias of their own, as a fallback.",
            )


def _names(rows: list[Entry], documents: Documents, private: Private) -> Iterator[Finding]:
    """Clients and libraries know real models by name, and send those elsewhere by themselves."""
    for alias in dict.fromkeys(entry.alias for entry in rows):
        if alias.lower() in documents.engine.model_names:
            entry = next(one for one in rows if one.alias == alias)
            yield entry.found(
                "real_model_name",
                Severity.LEAK if alias in private else Severity.NOTE,
                f"{alias} is the name of a real model at a provider: a client without your address"
                " would ask the provider for it.",
                hint="Rename the workload.",
            )


# The second proxy ------------------------------------------------------------------------------


def sealed_findings(documents: Documents, private: Private) -> Iterator[Finding]:
    """private.yaml may hold nothing else than private aliases that stay, and all of them."""
    if documents.sealed is None:
        return
    here = {entry.alias for entry in entries(documents.sealed)}
    said = documents.plan.get("aliases") if documents.plan is not None else None
    for one in said if isinstance(said, list) else []:
        alias = one.get("alias") if isinstance(one, dict) else None
        if alias and one.get("sealed") and alias not in here:
            yield documents.sealed.found(
                "private_missing",
                Severity.BROKEN,
                f"{alias} is private and is not in this file: the strict proxy does not know it.",
                path="model_list",
            )
        if alias in here and not one.get("private"):
            yield documents.sealed.found(
                "private_public",
                Severity.NOTE,
                f"{alias} is not private and stands in the strict proxy.",
                path="model_list",
            )
