"""`list --host` of an OpenAI-compatible server: what it tells of its models."""

from __future__ import annotations

from typing import Any

from landfall.cli.host_here import token_of
from landfall.cli.session import Session
from landfall.core.errors import NetworkUnavailable
from landfall.core.hosts.hosts import HostKind, HostModel, HostState
from landfall.services.hosts.looking import Asking, looked_at
from landfall.services.hosts.naming import found


async def listed_elsewhere(text: str, session: Session) -> bool:
    """Print the models of the host that is meant; False, and nothing done, for an Ollama.

    Raises:
        BadInput: it is no host. NetworkUnavailable: it does not answer as it should.
    """
    host = found(text, session.settings)
    if host.kind is HostKind.OLLAMA:
        return False
    token = await token_of(host, session)
    asking = Asking(token=token, plain_http_hosts=session.settings.plain_http_hosts)
    reading = await looked_at(host, asking)
    if reading.state is not HostState.ANSWERS:
        raise NetworkUnavailable(f"{host.name}: {reading.problem}", reading.hint)
    if session.json:
        session.document([_document(model) for model in reading.models])
        return True
    session.table(
        ("MODEL", "CONTEXT", "LOADED", "WHERE"),
        [
            (
                model.name,
                "?" if model.context is None else str(model.context),
                {None: "?", True: "yes", False: "no"}[model.loaded],
                "elsewhere" if model.remote else host.name,
            )
            for model in reading.models
        ],
        right="CONTEXT",
    )
    session.line(f"{reading.server} at {host.url}; it is managed with its own means.")
    return True


def _document(model: HostModel) -> dict[str, Any]:
    """The keys of `list`; what such a server does not tell is null."""
    return {
        "name": model.name,
        "digest": model.digest or None,
        "size_bytes": model.size_bytes,
        "modified_at": None,
        "family": None,
        "parameter_size": None,
        "quantization": None,
        "context": model.context,
        "loaded": model.loaded,
        "remote": model.remote,
    }
