"""Asks a model in the way in which it may be asked, and says first what would leave the machine."""

from __future__ import annotations

from collections.abc import AsyncGenerator, Callable
from contextlib import AbstractAsyncContextManager, aclosing
from dataclasses import dataclass, replace
from urllib.parse import urlsplit

from landfall.core.errors import BadInput, PrivacyBlocked
from landfall.core.models.model_names import is_cloud_name
from landfall.core.workload.privacy import leaks, lock_of
from landfall.core.workload.workload import Candidates, Step, StepName, Where, Workload
from landfall.services import egress
from landfall.services.cloud.access import CloudAccess, KeyState
from landfall.services.cloud.budget import Ceiling, Consent
from landfall.services.cloud.provider import HostedModel, ProviderRow
from landfall.services.hosts.openai_target import OpenAiServer
from landfall.services.hosts.privacy_door import assert_inside_now, place_of
from landfall.services.ollama import generation
from landfall.services.ollama.client import Ollama
from landfall.services.run.answering import Ask, Begun, RunUpdate
from landfall.services.run.runs import Runs
from landfall.services.run.targets import OllamaTarget
from landfall.services.threads import in_thread

Access = Callable[[], CloudAccess]
"""The providers under the settings of the moment. Making it reads the price tables."""

CLOUD_HOST = "ollama.com"
"""Where a server sends what is asked of a cloud name."""

ANSWER = "answer"


@dataclass(frozen=True, slots=True, kw_only=True)
class Sampling:
    """How a local answer is drawn; None leaves a value to the model."""

    temperature: float | None = None
    seed: int | None = None


async def ask_ollama(
    runs: Runs,
    client: Ollama,
    model: str,
    *,
    ask: Ask,
    sampling: Sampling,
    allow_remote: bool = False,
    workload: Workload | None = None,
    begun: Begun | None = None,
) -> AsyncGenerator[RunUpdate, None]:
    """One answer of a model on an Ollama server, as `Runs.stream` tells it.

    What goes to another machine is in the egress log before it goes: to a server on the network,
    or through any server to the cloud that a model stands for.

    Args:
        allow_remote: Let a model in a cloud answer. The run then counts as one in a cloud.
        workload: Whose text it is, with its privacy rule.
        begun: As of `Runs.stream`.

    Raises:
        PrivacyBlocked: the model is in a cloud and `allow_remote` is not set, or the workload's
            rule forbids where it would go; nothing was sent.
        AppError: as `Ollama.chat` does.
    """
    remote = await assert_may_answer(client, model, allow_remote=allow_remote, workload=workload)
    target = OllamaTarget(
        client,
        model,
        seed=sampling.seed,
        temperature=sampling.temperature,
        allow_remote=bool(remote),
    )
    if target.place == "local":
        # A name may lead elsewhere: the sensors of this machine measure what runs on it alone.
        target.place = await place_of(client.url)
    if remote:
        # Neither the sensors of this machine nor its totals have anything to do with it.
        target.place, target.host = "cloud", remote
    elsewhere = "" if target.place == "local" else urlsplit(client.url).netloc
    async with (
        _recorded(runs.egress, host=remote or elsewhere, ask=ask, workload=workload),
        aclosing(runs.stream(target, ask, begun=begun)) as updates,
    ):
        async for update in updates:
            yield update


async def ask_host(
    runs: Runs,
    server: OpenAiServer,
    model: str,
    *,
    ask: Ask,
    purpose: egress.Purpose,
    begun: Begun | None = None,
) -> AsyncGenerator[RunUpdate, None]:
    """One answer of a model on an OpenAI-compatible host, as `Runs.stream` tells it.

    Args:
        purpose: Whose text it is, with its privacy rule, and why it is sent.
        begun: As of `Runs.stream`.

    Raises:
        PrivacyBlocked: the workload's rule forbids the place where the host stands now; nothing was
            sent.
        AppError: as `Provider.chat` does.
    """
    target = await server.target(model, purpose=purpose)
    async with aclosing(runs.stream(target, ask, begun=begun)) as updates:
        async for update in updates:
            yield update


async def ask_kept(
    runs: Runs, url: str, model: str, *, ask: Ask
) -> AsyncGenerator[RunUpdate, None]:
    """One answer of a model on the OpenAI-compatible host that is kept at an address.

    Raises:
        BadInput: none is kept there any more, or its token may not travel there.
        AppError: as `ask_host` does.
    """
    opened = await runs.open_at(url) if runs.open_at is not None else None
    if not isinstance(opened, OpenAiServer):
        if opened is not None:
            await opened.aclose()
        raise BadInput(f"No OpenAI-compatible host is kept at {url}.", "Choose a server again.")
    async with opened as server:
        answer = ask_host(runs, server, model, ask=ask, purpose=egress.Purpose(why=ANSWER))
        async with aclosing(answer) as updates:
            async for update in updates:
                yield update


async def key_states(cloud: Access) -> tuple[KeyState, ...]:
    """Every provider, and whether it can be asked."""
    access = await in_thread(cloud)
    return await access.states()


async def models_at(cloud: Access, row: ProviderRow) -> tuple[HostedModel, ...]:
    """The models that the stored key may use.

    Raises:
        AppError: as `CloudAccess.models` does.
    """
    access = await in_thread(cloud)
    return await access.models(row)


async def most_it_costs(cloud: Access, row: ProviderRow, *, model: str, ask: Ask) -> Ceiling:
    """What an answer would cost at most, to be told before it is asked for."""
    access = await in_thread(cloud)
    return await in_thread(access.ceiling, row, model, ask=ask)


async def ask_provider(
    runs: Runs, cloud: Access, row: ProviderRow, *, model: str, ask: Ask, consent: Consent
) -> AsyncGenerator[RunUpdate, None]:
    """One paid answer within what was agreed to, as `Runs.stream` tells it.

    Raises:
        KeyMissing, KeyringUnavailable: no key can be had.
        BudgetExceeded: the worst case is more than was agreed to, or than the day has left.
        AppError: as `Provider.chat` does.
    """
    access = await in_thread(cloud)
    purpose = egress.Purpose(why=ANSWER)
    target = await access.target(row, model, consent=consent, purpose=purpose)
    async with aclosing(runs.stream(target, ask)) as updates:
        async for update in updates:
            yield update


async def assert_may_answer(
    client: Ollama, model: str, *, allow_remote: bool, workload: Workload | None
) -> str:
    """Return only where a model may be asked; the cloud that would answer for it, or "".

    Raises:
        PrivacyBlocked: it is in a cloud and `allow_remote` is not set, or the workload's rule
            forbids where the text would go; nothing was sent.
        ModelNotFound: the server has no such model.
    """
    assert_stays_inside(workload, client.url)
    await assert_inside_now(workload, client.url)
    remote = await _remote_host(client, model, allow_remote=allow_remote)
    assert_stays_inside(workload, remote, model=model)
    return remote


def assert_stays_inside(workload: Workload | None, host: str, *, model: str = "") -> None:
    """Return only where a workload's rule lets its text go to an Ollama server, or on to a cloud.

    Args:
        workload: Whose text it is; None where it is nobody's.
        host: Of the server, or of the cloud that it would forward to; "" goes nowhere.
        model: What is asked there, where that is a cloud.

    Raises:
        PrivacyBlocked: it does not. Nothing was sent.
    """
    if workload is None or not host:
        return
    where = Where.CLOUD if model else Where.NETWORK
    step = Step(name=StepName.GENERATE, where=where, host=host)
    for leak in leaks(replace(workload, steps=(step,), candidates=Candidates())):
        raise PrivacyBlocked(
            f"Nothing was sent to {leak.host} for {workload.name}:"
            f" {lock_of(workload).says}, and {leak.why}.",
            "Run it on this machine, or change the workload's privacy rule.",
        )


async def _remote_host(client: Ollama, model: str, *, allow_remote: bool) -> str:
    """The cloud that would answer for this model, or "": known before a word of the prompt goes.

    Raises:
        PrivacyBlocked: there is one, and that is not allowed.
        ModelNotFound: the server has no such model.
    """
    if is_cloud_name(model) and allow_remote:
        return CLOUD_HOST
    about = await client.show(model)
    if not allow_remote:
        generation.refuse_remote(about, model)
    return str(about.get("remote_host") or about.get("remote_model") or "")


def _recorded(
    log: egress.EgressLog, *, host: str, ask: Ask, workload: Workload | None
) -> AbstractAsyncContextManager[None]:
    """A line of the egress log around an answer, where anything leaves."""
    sent_bytes = sum(len(turn.text.encode()) for turn in ask.turns)
    purpose = egress.Purpose(why=ANSWER, workload=workload)
    return egress.recorded_if_it_leaves(log, host=host, sent_bytes=sent_bytes, purpose=purpose)
