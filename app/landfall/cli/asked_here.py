"""Who is asked: targets as they are typed, the server here, the providers."""

from __future__ import annotations

import os
from collections.abc import AsyncIterator, Collection, Sequence
from contextlib import AsyncExitStack, asynccontextmanager, closing
from dataclasses import dataclass
from functools import partial

from landfall.cli.cloud_here import providers
from landfall.cli.models import connected
from landfall.cli.session import Session
from landfall.core.errors import AppError
from landfall.core.hosts.hosts import HostKind
from landfall.core.hosts.runtime import InstalledModel
from landfall.core.models.model_names import is_cloud_name
from landfall.core.settings import Settings
from landfall.core.side_by_side.side_by_side import Target, model_typed, parse_target
from landfall.services import cloud, power
from landfall.services.cloud.access import CloudAccess
from landfall.services.egress import EgressLog
from landfall.services.history.history import History
from landfall.services.hosts.naming import found
from landfall.services.hosts.opening import Server, assert_ollama, server_at
from landfall.services.keys.system_keyring import SystemKeyring
from landfall.services.ollama import address
from landfall.services.ollama.address import is_this_machine
from landfall.services.ollama.client import Ollama
from landfall.services.run.asking import Access
from landfall.services.run.metering import Metering
from landfall.services.run.runs import Runs


@dataclass(frozen=True, slots=True, kw_only=True)
class Here:
    """The Ollama server here: its address, and its models where it answers.

    Attributes:
        settings: In which the hosts are that a target may name after its "@".
    """

    url: str
    settings: Settings
    models: tuple[InstalledModel, ...] = ()


async def server_here(typed: Sequence[str], session: Session, open_things: AsyncExitStack) -> Here:
    """As `server_of`, of targets as they are typed."""
    return await server_of([parsed(one) for one in typed], session, open_things)


def parsed(typed: str) -> Target:
    """A target as it is typed, before it is known which models are here."""
    return parse_target(typed, providers=_providers())


async def server_of(
    targets: Sequence[Target], session: Session, open_things: AsyncExitStack
) -> Here:
    """The server here, open for as long as the stack.

    It is needed where a target without an address is no provider's. Elsewhere it is only asked
    whether one of the names is a model here, and none that does not answer is started.

    Raises:
        OllamaUnavailable: it is needed, and none answers or may be started.
    """
    if any(not target.paid and not target.url for target in targets):
        client = await open_things.enter_async_context(connected(session))
        models = tuple(await client.tags())
        return Here(url=client.url, settings=session.settings, models=models)
    url = address.chosen(session.settings.ollama_url, os.environ).url
    async with Ollama(url, token=session.token) as client:
        try:
            return Here(url=url, settings=session.settings, models=tuple(await client.tags()))
        except AppError:
            return Here(url=url, settings=session.settings)


def target_of(
    typed: str, here: Here, *, allow_cloud: bool, field: str, any_kind: bool = False
) -> Target:
    """A target as it is typed, with the address to call.

    Only what is in a cloud may be answered by one, if at all.

    Args:
        any_kind: Whether a host may also be an OpenAI-compatible server.

    Raises:
        BadInput: it names no model, no address and no kept host, or a host that is no Ollama.
    """
    target = parse_target(typed, providers=_providers(), here=[model.name for model in here.models])
    if target.paid:
        return target
    remote = {model.name for model in here.models if model.remote} if allow_cloud else set()
    cloudy = target.model in remote or (allow_cloud and is_cloud_name(target.model))
    url = ""
    if target.url:
        host = found(target.url, here.settings, field=field)
        if not any_kind:
            assert_ollama(host, field=field)
        elif host.kind is HostKind.OPENAI:
            return Target(model=model_typed(typed), url=host.url)
        url = host.url
    return Target(model=target.model, url=url, allow_remote=cloudy)


def _providers() -> Collection[str]:
    return [row.id for row in cloud.rows()]


@asynccontextmanager
async def access_of(
    targets: Sequence[Target], session: Session, history: History
) -> AsyncIterator[Access]:
    """The way to the providers; the keyring is opened only where one is asked."""
    if not any(target.paid for target in targets):
        yield _none
        return
    async with providers(session, history) as access:
        yield lambda: access


def _none() -> CloudAccess:
    raise AssertionError("no target is paid")


async def runs_of(targets: Sequence[Target], session: Session, history: History) -> Runs:
    """What runs them and keeps what came; metered where one may be on this machine."""
    urls = {target.url for target in targets if not target.paid}
    local = any(not url or is_this_machine(url) for url in urls)
    return Runs(
        history,
        power=Metering(await power.discover(session.settings)) if local else None,
        tariff=session.settings.electricity,
        calibration=session.settings.wall_calibration,
        open_at=partial(_opened_at, session, history),
    )


async def _opened_at(session: Session, log: EgressLog, url: str) -> Server:
    """The client of a server that is asked, with the token that is kept for it."""
    if session.token is not None and url == session.settings.ollama_url:
        return Ollama(url, token=session.token)
    with closing(SystemKeyring()) as keys:
        return await server_at(url, session.settings, lambda: keys, log)
