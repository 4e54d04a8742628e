"""One look at a host: where it stands, what answers there, what it holds, what to know of it."""

from __future__ import annotations

import statistics
from collections.abc import Collection
from contextlib import aclosing
from dataclasses import dataclass, replace

from landfall.core.hosts.hosts import (
    NOWHERE,
    Host,
    HostKind,
    HostReading,
    HostState,
    HostWarning,
    Stand,
    Standing,
)
from landfall.core.hosts.whose_machine import stand_of
from landfall.services.history.records import now_iso
from landfall.services.hosts import addresses, ollama_look, openai_look
from landfall.services.hosts.addresses import Resolver
from landfall.services.hosts.found import Found, measured, told
from landfall.services.hosts.line import ANSWER_SECONDS, CONNECT_SECONDS, HostProblem, Line
from landfall.services.keys.secret import Secret

KINDS = {
    HostKind.OLLAMA: "Ollama",
    HostKind.OPENAI: "an OpenAI-compatible server",
}
"""For people."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Asking:
    """How a host is asked.

    Attributes:
        token: Its own, from the keyring; see `tokens.of`.
        plain_http_hosts: Hosts with ports to which it may go unencrypted: the setting.
        locked: Names of saved workloads with a privacy lock that run on this host.
        resolve: The addresses of a name.
    """

    token: Secret | None = None
    plain_http_hosts: Collection[str] = ()
    locked: tuple[str, ...] = ()
    resolve: Resolver = addresses.resolved
    connect_seconds: float = CONNECT_SECONDS
    answer_seconds: float = ANSWER_SECONDS


NO_TOKEN = Asking()


async def looked_at(host: Host, asking: Asking = NO_TOKEN) -> HostReading:
    """Ask a host once; never raises for what it finds.

    Nothing that is asked loads a model, and no text of the user's is sent.
    """
    async with aclosing(Looker(host, asking)) as looker:
        return await looker.look()


async def kind_at(url: str, asking: Asking = NO_TOKEN) -> HostKind:
    """Which kind of server answers at an address.

    Raises:
        HostProblem: nothing answers, it wants a token, or it is neither.
    """
    _, line = await _line_to(url, asking)
    try:
        if await ollama_look.version_at(line) is not None:
            return HostKind.OLLAMA
        if await openai_look.list_at(line) is not None:
            return HostKind.OPENAI
        raise line.something_else("it is neither Ollama nor an OpenAI-compatible server")
    finally:
        await line.aclose()


class Looker:
    """Looks at one host again and again over one connection, which is kept in between."""

    def __init__(self, host: Host, asking: Asking = NO_TOKEN) -> None:
        self._host = host
        self._asking = asking
        self._line: Line | None = None
        self._stand = NOWHERE
        self._last: HostReading | None = None

    def ask_as(self, asking: Asking) -> None:
        """Ask in another way from the next whole look on."""
        self._asking = asking

    async def aclose(self) -> None:
        """Close the connection."""
        if self._line is not None:
            line, self._line = self._line, None
            await line.aclose()

    async def look(self) -> HostReading:
        """Everything, from the addresses of its name on."""
        await self.aclose()
        self._last, self._stand = None, NOWHERE
        try:
            self._stand, self._line = await _line_to(self._host.url, self._asking)
            found = await self._found(self._line)
        except HostProblem as problem:
            return self._silent(problem)
        self._last = self._reading(found, self._line)
        return self._last

    async def glance(self) -> HostReading:
        """What changes by itself, asked with one question where the host answered before."""
        last, line = self._last, self._line
        if last is None or line is None:
            return await self.look()
        if self._host.kind is not HostKind.OLLAMA:
            return await self._listed_anew(last, line)
        try:
            loaded = await ollama_look.ps(line)
        except HostProblem:
            return await self.look()
        if not {told(one.name) for one in loaded} <= {one.name for one in last.models}:
            return await self.look()
        where = f"Ollama {last.version} /api/ps"
        self._last = replace(
            last,
            models=ollama_look.with_loaded(last.models, loaded),
            memory_bytes=measured([one.size_bytes for one in loaded], where),
            gpu_bytes=measured([one.gpu_bytes for one in loaded], where),
            latency_seconds=_latency(line),
            answered_at=now_iso(),
        )
        return self._last

    async def _listed_anew(self, last: HostReading, line: Line) -> HostReading:
        try:
            if await openai_look.list_at(line) is None:
                return await self.look()
        except HostProblem:
            return await self.look()
        self._last = replace(last, latency_seconds=_latency(line), answered_at=now_iso())
        return self._last

    async def _found(self, line: Line) -> Found:
        has_token = line.has_token
        standing = self._stand.standing
        version = await ollama_look.version_at(line)
        if self._host.kind is HostKind.OLLAMA and version is not None:
            return await ollama_look.look(line, version, standing=standing, has_token=has_token)
        if version is not None:
            raise self._other_kind(f"{ollama_look.SERVER} {version}", HostKind.OLLAMA)
        listed = await openai_look.list_at(line)
        if listed is None:
            raise line.something_else(
                "it answers neither as Ollama nor as an OpenAI-compatible server"
            )
        found = await openai_look.look(line, listed, standing=standing, has_token=has_token)
        if self._host.kind is HostKind.OLLAMA:
            raise self._other_kind(found.server, HostKind.OPENAI)
        return found

    def _other_kind(self, server: str, kind: HostKind) -> HostProblem:
        return HostProblem(
            HostState.SOMETHING_ELSE,
            f"{server} answers at {self._host.url}, which is kept as {KINDS[self._host.kind]}.",
            f"Keep it as what it is: `landfall hosts change NAME --kind {kind}`.",
        )

    def _reading(self, found: Found, line: Line) -> HostReading:
        warnings = [*found.warnings, *self._of_way(), *self._of_lock(found)]
        return HostReading(
            host=self._host,
            state=HostState.ANSWERS,
            stand=self._stand,
            server=found.server,
            version=found.version,
            models=found.models,
            memory_bytes=found.memory_bytes,
            gpu_bytes=found.gpu_bytes,
            latency_seconds=_latency(line),
            warnings=tuple(warnings),
            answered_at=now_iso(),
            fingerprint=found.fingerprint,
        )

    def _silent(self, problem: HostProblem) -> HostReading:
        latency = None if self._line is None else _latency(self._line)
        return HostReading(
            host=self._host,
            state=problem.state,
            stand=self._stand,
            latency_seconds=latency,
            warnings=tuple(self._of_way()),
            problem=problem.message,
            hint=problem.hint.replace("NAME", quoted(self._host.name)),
        )

    def _of_way(self) -> list[HostWarning]:
        """What the way to the host deserves: plain http beyond this machine, a token not sent."""
        url = self._host.url
        if not url.startswith("http:") or self._stand.standing in (
            Standing.THIS_MACHINE,
            Standing.UNKNOWN,
        ):
            return []
        warnings = [
            HostWarning(
                id="plain_http",
                text="Prompts and answers travel to this host unencrypted (http).",
                hint="Use https there, or keep it to a network that you trust.",
            )
        ]
        if self._asking.token is not None and not token_may_go(url, self._stand, self._asking):
            warnings.append(
                HostWarning(
                    id="token_unsent",
                    text="Its token was not sent: it would be readable on the way (http).",
                    hint="Use https, or agree with `landfall hosts token "
                    f"{quoted(self._host.name)} --insecure`.",
                )
            )
        return warnings

    def _of_lock(self, found: Found) -> list[HostWarning]:
        """A private workload on a host that may pass it on, or that is a stranger's."""
        locked = ", ".join(self._asking.locked)
        if not locked:
            return []
        warnings = []
        cloudy = next((one for one in found.warnings if one.id == "cloud_models"), None)
        if cloudy is not None:
            warnings.append(
                HostWarning(
                    id="cloud_under_lock",
                    text=f"{locked} is under a privacy lock and runs on this host, which may pass "
                    f"text on to a cloud. {cloudy.text}",
                    hint="Switch the cloud off there (OLLAMA_NO_CLOUD=1) before it runs again.",
                )
            )
        if self._stand.standing is Standing.THIRD_PARTY:
            warnings.append(
                HostWarning(
                    id="third_party_under_lock",
                    text=f"{locked} is under a privacy lock and names this host, which stands with "
                    f"{self._stand.words}.",
                    hint="Choose a host of your own for it.",
                )
            )
        return warnings


def quoted(name: str) -> str:
    """A name as it is typed in a shell."""
    return name if name.replace("-", "").replace("_", "").isalnum() else f'"{name}"'


def token_may_go(url: str, stand: Stand, asking: Asking) -> bool:
    """Whether a token may travel to where a host stands: encrypted, on this machine, or agreed."""
    if url.startswith("https:") or stand.standing is Standing.THIS_MACHINE:
        return True
    return addresses.origin(url).partition("://")[2] in asking.plain_http_hosts


async def _line_to(url: str, asking: Asking) -> tuple[Stand, Line]:
    """Where a host stands, and the line to the addresses by which that was decided."""
    name = addresses.host_of(url)
    found = await asking.resolve(name)
    stand = stand_of(found, addresses.own_addresses())
    if not found:
        # Said before anything is connected; where it stands stays unknown.
        raise HostProblem(
            HostState.GONE,
            f"{name} has no address: its name does not resolve.",
            "Check its spelling, or type its address; away from its network it has none.",
        )
    token = asking.token if token_may_go(url, stand, asking) else None
    line = Line(
        url,
        found,
        token=token,
        connect_seconds=asking.connect_seconds,
        answer_seconds=asking.answer_seconds,
    )
    return stand, line


def _latency(line: Line) -> float | None:
    return statistics.median(line.seconds) if line.seconds else None
