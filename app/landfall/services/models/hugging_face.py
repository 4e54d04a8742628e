"""The list of files of a repository on the Hugging Face Hub: names, sizes, digests.

Asked only for a repository that the user named. A registry in the own network is asked in the same
way: mirrors of the Hub speak its interface.

Source: the Hub's interface, `GET /api/models/<repository>/tree/<revision>?recursive=true`; a page
has up to 1,000 entries, and the next one is named by a Link header.
"""

from __future__ import annotations

import httpx

from landfall.core.errors import BadInput
from landfall.core.models.pasted_names import HUBS
from landfall.core.models.repository import RepositoryFile, read_listing
from landfall.services.models.header_cache import Reference
from landfall.services.models.registry_session import SILENCE_SECONDS, Session, session

_MAX_PAGES = 20


async def list_files(
    reference: Reference,
    name: str,
    *,
    insecure: bool = False,
    silence_seconds: float = SILENCE_SECONDS,
) -> tuple[RepositoryFile, ...]:
    """Every file of the repository's main branch.

    Args:
        reference: The repository; its tag does not matter.
        name: As the user named it, for messages.
        insecure: Plain http, for a mirror in the own network; loopback is always asked so.
        silence_seconds: How long the Hub may say nothing.

    Raises:
        BadInput: what answers is no list.
        ModelNotFound: there is no such repository, or it is not shown to everybody.
        NetworkUnavailable, Unavailable: as `registry.fetch`.
    """
    # The short name of the Hub only leads to the long one.
    host = HUBS[1] if reference.host in HUBS else reference.host
    url = f"/api/models/{reference.namespace}/{reference.model}/tree/main?recursive=true"
    found: list[RepositoryFile] = []
    async with session(host, insecure=insecure, silence_seconds=silence_seconds) as asked:
        for _ in range(_MAX_PAGES):
            page = await asked.document(url, name, accept="application/json")
            found += read_listing(page.body, name)
            if not page.following:
                return tuple(found)
            url = _next(asked, page.following)
    raise BadInput(
        f"{name} has too many files to be listed.",
        "Name one quantization: hf.co/user/repo:Q4_K_M.",
        field="model",
    )


def _next(asked: Session, following: str) -> str:
    """The address of the next page, which is on the same host.

    Raises:
        Unavailable: it is elsewhere.
    """
    here = asked.client.base_url
    target = here.join(httpx.URL(following))
    if (target.scheme, target.netloc) != (here.scheme, here.netloc):
        raise asked.no_registry("with a list that goes on elsewhere")
    return str(target)
