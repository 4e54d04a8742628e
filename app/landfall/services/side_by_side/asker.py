"""Answers of several targets within one consent: what comparisons and quality runs ask through."""

from __future__ import annotations

import asyncio
from collections.abc import AsyncGenerator, AsyncIterator, Coroutine, Sequence
from contextlib import AsyncExitStack, aclosing, asynccontextmanager
from dataclasses import dataclass
from typing import Any, TypeVar

from landfall.core.errors import (
    BadInput,
    BudgetExceeded,
    Interrupted,
    KeyMissing,
    KeyRefused,
    KeyringUnavailable,
    ModelNotFound,
    NetworkUnavailable,
    OllamaUnavailable,
    PrivacyBlocked,
)
from landfall.core.events import Sent
from landfall.core.side_by_side.side_by_side import PlanCeiling, Target
from landfall.core.workload.workload import Workload
from landfall.services import cloud, egress
from landfall.services.cloud.access import CloudAccess
from landfall.services.cloud.budget import Consent
from landfall.services.history.history import History
from landfall.services.hosts.openai_target import OpenAiServer
from landfall.services.hosts.opening import Server, without_token
from landfall.services.ollama.client import Ollama
from landfall.services.run.answering import Ask, Begun, Kept, RunUpdate
from landfall.services.run.asking import Access, Sampling, ask_host, ask_ollama
from landfall.services.run.runs import Runs
from landfall.services.threads import in_thread
from landfall.services.verdict import workload_files

T = TypeVar("T")

ENDS_THE_TARGET = (
    BadInput,
    Interrupted,
    KeyMissing,
    KeyRefused,
    KeyringUnavailable,
    ModelNotFound,
    OllamaUnavailable,
    PrivacyBlocked,
)
"""What the next prompt would meet too: the target is asked no more."""


async def saved_workload(history: History, name: str | None) -> Workload | None:
    """The saved workload, whose rule decides where its text may go: it fails closed.

    Raises:
        BadInput: there is none of that name, or it cannot be read.
    """
    if name is None:
        return None
    for saved in await history.workloads():
        if saved.name == name:
            loaded = await in_thread(workload_files.from_text, saved.toml)
            return loaded.workload
    raise BadInput(
        f"No workload named {name!r} is saved.",
        "Choose a saved one: its privacy rule decides where the text may go.",
        field="workload",
    )


def assert_agreed(targets: Sequence[Target], most: PlanCeiling, consent: Consent) -> None:
    """Return only where the whole is within what was agreed to.

    Raises:
        BudgetExceeded: it is not. Nothing was sent.
    """
    if most.unpriced and not consent.unpriced:
        names = ", ".join(targets[number].name for number in most.unpriced)
        raise BudgetExceeded(
            f"No price is known for {names}, so no cap could hold.",
            "Enter its price in the settings, or allow it without a price.",
        )
    # Told and run, the same prices are added up in the same order; the last digit may differ.
    if most.usd > consent.usd_max * (1 + 1e-9):
        raise BudgetExceeded(
            f"It may cost up to {most.usd:.4g} USD; agreed were {consent.usd_max:.4g} USD.",
            "Confirm the larger amount, or ask for shorter answers.",
        )


@asynccontextmanager
async def asking(
    runs: Runs,
    access: Access,
    targets: Sequence[Target],
    *,
    server_url: str,
    consent: Consent,
    workload: Workload | None,
    why: str,
) -> AsyncIterator[Asker]:
    """What asks these targets for as long as the block lasts.

    Args:
        access: The providers; made only where a target is paid.
        server_url: Of the Ollama server that targets without an address mean.
        consent: What all paid answers together may cost.
        workload: Whose text it is, with its privacy rule.
        why: In the egress log.
    """
    paid = any(target.paid for target in targets)
    open_at = runs.open_at or without_token
    async with AsyncExitStack() as clients:
        yield Asker(
            runs=runs,
            access=await in_thread(access) if paid else None,
            consent=consent,
            workload=workload,
            why=why,
            left_usd=consent.usd_max,
            clients={
                url: await clients.enter_async_context(await open_at(url or server_url))
                for url in {target.url for target in targets if not target.paid}
            },
        )


async def events_of(
    lanes: Sequence[Coroutine[Any, Any, None]], arrived: asyncio.Queue[T | None]
) -> AsyncGenerator[T, None]:
    """What lanes that run beside each other put into the queue, until all are over.

    Close it to stop them: they are cancelled and have cleaned up.
    """
    work = [asyncio.create_task(lane) for lane in lanes]
    every = asyncio.gather(*work)

    def all_over(_: object) -> None:
        arrived.put_nowait(None)

    every.add_done_callback(all_over)
    try:
        while (event := await arrived.get()) is not None:
            yield event
        await every
    finally:
        for task in work:
            task.cancel()
        await asyncio.gather(every, *work, return_exceptions=True)


@dataclass(slots=True, kw_only=True)
class Asker:
    """Asks one target after the other, or several at once, within one consent.

    Attributes:
        workload: Whose text it is, as it was saved when the latest answer was asked for.
        left_usd: Of what was agreed to: the worst case of what is being asked is set aside.
    """

    runs: Runs
    access: CloudAccess | None
    consent: Consent
    workload: Workload | None
    why: str
    clients: dict[str, Server]
    left_usd: float
    rule_toml: str | None = None

    async def asked(
        self, target: Target, ask: Ask, *, begun: Begun
    ) -> AsyncGenerator[RunUpdate, None]:
        """One answer of a target, as `Runs.stream` tells it, under the rule of this moment.

        Raises:
            BudgetExceeded: its worst case is more than is left of what was agreed to.
            PrivacyBlocked: the workload's rule forbids the target, perhaps only since others were
                asked. Nothing was sent.
            AppError: as `ask_ollama` and `CloudAccess.target` do.
        """
        await self._read_the_rule_again()
        answer = self._paid(target, ask, begun) if target.paid else self._free(target, ask, begun)
        async with aclosing(answer) as updates:
            async for update in updates:
                yield update

    def ollama(self, url: str) -> Ollama:
        """The client of the Ollama at an address.

        Raises:
            BadInput: another kind of server is kept there.
        """
        client = self.clients[url]
        if isinstance(client, OpenAiServer):
            raise BadInput(
                f"{client.name} is an OpenAI-compatible server, whose files nobody can tell apart.",
                "Choose a model on an Ollama server.",
                field="targets",
            )
        return client

    async def _read_the_rule_again(self) -> None:
        """A lock may be set while others are asked; who was deleted keeps the rule that it had."""
        if self.workload is None:
            return
        name = self.workload.name
        saved = next((one for one in await self.runs.history.workloads() if one.name == name), None)
        if saved is not None and saved.toml != self.rule_toml:
            self.workload = (await in_thread(workload_files.from_text, saved.toml)).workload
            self.rule_toml = saved.toml

    def _free(self, target: Target, ask: Ask, begun: Begun) -> AsyncGenerator[RunUpdate, None]:
        """One answer of an Ollama server, or of a host of another kind."""
        client = self.clients[target.url]
        if isinstance(client, OpenAiServer):
            return ask_host(
                self.runs,
                client,
                target.model,
                ask=ask,
                purpose=egress.Purpose(why=self.why, workload=self.workload),
                begun=begun,
            )
        return ask_ollama(
            self.runs,
            client,
            target.model,
            ask=ask,
            sampling=Sampling(temperature=ask.temperature, seed=ask.seed),
            allow_remote=target.allow_remote,
            workload=self.workload,
            begun=begun,
        )

    async def _paid(
        self, target: Target, ask: Ask, begun: Begun
    ) -> AsyncGenerator[RunUpdate, None]:
        """One answer within what is left of what was agreed to; its worst case is set aside."""
        assert self.access is not None, "it was made for the paid targets"
        row = cloud.find(target.provider)
        worst = await in_thread(self.access.ceiling, row, target.model, ask=ask)
        # From here to where it is set aside nothing is awaited: no two answers take the same cent.
        consent = Consent(usd_max=self.left_usd, unpriced=self.consent.unpriced)
        aside = worst.usd or 0.0
        self.left_usd -= aside
        spent: float | None = None
        is_asked = False
        try:
            purpose = egress.Purpose(why=self.why, workload=self.workload)
            answering = await self.access.target(
                row, target.model, consent=consent, purpose=purpose
            )
            is_asked = True
            async with aclosing(self.runs.stream(answering, ask, begun=begun)) as updates:
                async for update in updates:
                    if isinstance(update, Sent):
                        spent = aside
                    elif isinstance(update, Kept) and update.record.cost_usd is not None:
                        spent = update.record.cost_usd
                    yield update
        except NetworkUnavailable as error:
            spent = aside if error.may_have_arrived else spent
            raise
        except (asyncio.CancelledError, GeneratorExit):
            # Stopped before its first byte: it may be on its way.
            spent = aside if is_asked and spent is None else spent
            raise
        finally:
            self.left_usd += aside - (spent or 0.0)
