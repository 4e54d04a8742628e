"""What the window knows of hosts: those that are kept, what each said last, and their tokens.

Hosts are asked while somebody watches, and by nobody else: see `HostsCard`.
"""

from __future__ import annotations

from collections.abc import AsyncIterator, Coroutine, Sequence
from dataclasses import replace
from functools import partial
from typing import TYPE_CHECKING, Any, Protocol

from PySide6.QtCore import QObject, Signal, Slot

from landfall.core.errors import KeyringUnavailable
from landfall.core.hosts.host_twins import twins
from landfall.core.hosts.hosts import Host, HostKind, HostState
from landfall.core.hosts.runtime import RuntimeState
from landfall.gui.hosts.words import Listed
from landfall.gui.messages import Action
from landfall.gui.translated import translated
from landfall.services.hosts.keeping import same_name
from landfall.services.keys.key_store import NoKeyring

if TYPE_CHECKING:
    from landfall.core.hosts.hosts import HostReading
    from landfall.core.settings import Settings
    from landfall.gui.app_state import AppState
    from landfall.gui.messages import Messages
    from landfall.gui.preferences import Preferences
    from landfall.gui.tasks import Task, TaskRunner
    from landfall.services.keys.secret import Secret


class HostsBehind(Protocol):
    """What answers for hosts: `bootstrap.host_side`."""

    def watched(self, hosts: Sequence[Host], settings: Settings) -> AsyncIterator[HostReading]:
        """The reading of each host as it comes, for as long as this is iterated."""
        ...

    async def looked_at(
        self,
        host: Host,
        settings: Settings,
        *,
        typed: str = "",
        find_kind: bool = False,
        without_stored: bool = False,
    ) -> HostReading:
        """One look, with the token that was typed or else the stored one.

        Args:
            find_kind: Whether the kind of the host is to be found out; the reading has it.
            without_stored: Whether a stored token is not to be used.

        Raises:
            BadInput: what was typed can be no token.
        """
        ...

    @property
    def trouble(self) -> str:
        """Why the keyring could not be asked for tokens, or ""."""
        ...

    async def stored_token(self, url: str) -> Secret | None:
        """The token for an address, or None."""
        ...

    async def keep_token(self, url: str, token: Secret | str) -> None:
        """Store a token, as typed or as it was taken out."""
        ...

    async def forget(self, url: str) -> None:
        """Keep nothing any more of what an address said."""
        ...

    async def naming(self, name: str) -> tuple[str, ...]:
        """The saved workloads that name a host."""
        ...

    async def follow(self, before: str, after: str) -> tuple[str, ...]:
        """Write a host's new name into the saved workloads that name it; which they are."""
        ...

    async def take_token(self, url: str) -> Secret | None:
        """Take the token for an address out of the store."""
        ...


class HostDesk(QObject):
    """Holds the list and its readings; tokens pass through and are kept nowhere here.

    Signals:
        listed: There are other hosts now, or in another order.
        heard: Readings came; the numbers of their lines.
        drop_asked: Workloads name a host that is to go, and their names: answer with `drop`.
        workloads_changed: Saved workloads call a host by its new name.
    """

    listed = Signal()
    heard = Signal(list)
    drop_asked = Signal(object, list)
    workloads_changed = Signal()

    def __init__(
        self,
        state: AppState,
        tasks: TaskRunner,
        messages: Messages,
        *,
        behind: HostsBehind,
        preferences: Preferences,
        parent: QObject,
    ) -> None:
        super().__init__(parent)
        self._app, self._tasks, self._messages = state, tasks, messages
        self.behind, self._preferences = behind, preferences
        self._readings: dict[Host, HostReading] = {}
        self._shown: tuple[Host, ...] = ()
        self._numbers: dict[Host, int] = {}
        self._own: Host | None = None
        self._twins: dict[Host, tuple[str, str]] = {}
        self._watch: Task | None = None
        self._watching = False
        self._settings = state.settings
        state.settings_changed.connect(self.on_settings)
        state.runtimes_changed.connect(self.on_runtimes)
        self._list()

    # What is known

    @property
    def settings(self) -> Settings:
        """As they are now."""
        return self._app.settings

    @property
    def kept(self) -> tuple[Host, ...]:
        """The hosts that the user keeps."""
        return self._app.settings.hosts

    @property
    def lines(self) -> tuple[Listed, ...]:
        """The server in use, then the kept ones; none where none is kept."""
        return tuple(self.line(number) for number in range(len(self._shown)))

    def line(self, number: int) -> Listed:
        """One of them."""
        host = self._shown[number]
        reading = self._readings.get(host)
        if reading is not None and host in self._twins:
            same_as, why = self._twins[host]
            reading = replace(reading, same_as=same_as, same_why=why)
        return Listed(host=host, reading=reading, in_use=host is self._own)

    def __len__(self) -> int:
        return len(self._shown)

    @property
    def answering(self) -> int | None:
        """How many of them answer; None before each was heard once."""
        if len(self._readings) < len(self._shown):
            return None
        return sum(not reading.problem for reading in self._readings.values())

    @property
    def token_trouble(self) -> str:
        """Why a token that a host asks for could not be looked up, or ""."""
        refused = any(r.state is HostState.REFUSED for r in self._readings.values())
        return self.behind.trouble if refused else ""

    def number_of(self, host: Host) -> int:
        """The line of a host, or -1."""
        return self._numbers.get(host, -1)

    def _list(self) -> bool:
        """Take on what the list is now; whether it is another."""
        in_use = self._in_use()
        fresh = (*((in_use,) if in_use is not None else ()), *self.kept) if self.kept else ()
        if fresh == self._shown:
            return False
        self._shown, self._own = fresh, in_use
        self._numbers = {host: number for number, host in enumerate(fresh)}
        self._readings = {host: r for host, r in self._readings.items() if host in self._numbers}
        self._find_twins()
        self.listed.emit()
        self._watch_anew()
        return True

    def _in_use(self) -> Host | None:
        """The server that everything runs on unless told otherwise, where there is one.

        A kept host that is chosen takes its place in Models and Run, and not in the list.
        """
        first = next(iter(self._app.own_runtimes or ()), None)
        if first is None or first.state is RuntimeState.ABSENT:
            return None
        here = first.state is not RuntimeState.REMOTE
        name = self.tr("This machine") if here else self.tr("The server in use")
        # Readings and tokens are told apart by name: it is nobody else's.
        taken = {host.name.casefold() for host in self.kept}
        while name.casefold() in taken:
            name = self.tr("{0}, in use").format(name)
        kind = HostKind.OLLAMA if first.is_ollama else HostKind(first.kind)
        return Host(name=name, url=first.url.rstrip("/"), kind=kind)

    @Slot()
    def on_settings(self) -> None:
        """Hosts came, went, or may be asked in another way."""
        before, self._settings = self._settings, self._app.settings
        agreed = before.plain_http_hosts != self._settings.plain_http_hosts
        if not self._list() and agreed:
            self._watch_anew()

    @Slot()
    def on_runtimes(self) -> None:
        """Another server may be in use."""
        self._list()

    # Watching

    def watch(self, wanted: bool) -> None:
        """Ask the hosts again and again, or none of them any more."""
        if wanted is not self._watching:
            self._watching = wanted
            self._watch_anew()

    def _watch_anew(self) -> None:
        if self._watch is not None:
            self._watch.cancel()
            self._watch = None
        if self._watching and self._shown:
            hosts = self.behind.watched(self._shown, self._app.settings)
            self._watch = self._tasks.stream(hosts)
            self._watch.progressed.connect(self.on_readings)
            self._watch.failed.connect(self._messages.fail)

    @Slot(list)
    def on_readings(self, readings: list[HostReading]) -> None:
        """What was found since the last time, of a watch that may have ended meanwhile."""
        numbers = []
        changed = False
        for reading in readings:
            number = self.number_of(reading.host)
            if number >= 0:
                before = self._readings.get(reading.host)
                changed |= before is None or _identity(before) != _identity(reading)
                self._readings[reading.host] = reading
                numbers.append(number)
        if changed:
            numbers += self._find_twins()
        if numbers:
            self.heard.emit(sorted(set(numbers)))

    def _find_twins(self) -> list[int]:
        """Which hosts are the same server; the lines of which that is said otherwise now."""
        told = twins(self._shown, {host.name: r for host, r in self._readings.items()})
        fresh = {r.host: (r.same_as, translated(r.same_why)) for r in told.values() if r.same_as}
        before, self._twins = self._twins, fresh
        changed = [host for host in self._shown if before.get(host) != fresh.get(host)]
        return [self._numbers[host] for host in changed]

    # Changing

    def keep(self, host: Host, *, instead_of: Host | None, settings: Settings) -> None:
        """Keep a host, at the end of the list or in the place of another one.

        Args:
            settings: Those of now, with what else the user agreed to.
        """
        kept = settings.hosts
        if instead_of in kept:
            hosts = tuple(host if one == instead_of else one for one in kept)
        else:
            hosts = (*kept, host)
        self._preferences.change(replace(settings, hosts=hosts))
        if instead_of is not None and instead_of.name != host.name:
            following = self._tasks.run(self.behind.follow(instead_of.name, host.name))
            following.succeeded.connect(self._on_followed)
            following.failed.connect(self._messages.fail)

    @Slot(object)
    def _on_followed(self, names: tuple[str, ...]) -> None:
        if names:
            words = self.tr("The new name of the host stands in {0} too")
            self._messages.toast(words.format(", ".join(names)))
            self.workloads_changed.emit()

    def ask(self, work: Coroutine[Any, Any, Any]) -> Task:
        """Have some work done."""
        return self._tasks.run(work)

    def token_changed(self) -> None:
        """Ask with the new token from now on."""
        self._watch_anew()

    def ask_to_drop(self, host: Host) -> None:
        """Keep a host no more; where workloads name it, that is asked first."""
        looking = self._tasks.run(_named(self.behind, host))
        looking.succeeded.connect(self._on_named)
        looking.failed.connect(self._messages.fail)

    @Slot(object)
    def _on_named(self, found: tuple[Host, tuple[str, ...]]) -> None:
        host, names = found
        if names:
            self.drop_asked.emit(host, list(names))
        else:
            self.drop(host)

    def drop(self, host: Host) -> None:
        """Keep a host no more, nor its token; both can be had back for some seconds."""
        if host not in self.kept:
            return
        place = self.kept.index(host)
        left = tuple(one for one in self.kept if one != host)
        self._preferences.change(replace(self._app.settings, hosts=left))
        if all(one.url != host.url for one in left):
            self._tasks.run(self.behind.forget(host.url)).failed.connect(self._messages.fail)
        if any(_origin(one.url) == _origin(host.url) for one in left):
            self._say_dropped(host, place, None)
            return
        taking = self._tasks.run(_taken(self.behind, host, place))
        taking.succeeded.connect(self._on_taken)

    @Slot(object)
    def _on_taken(self, taken: tuple[Host, int, Secret | None, KeyringUnavailable | None]) -> None:
        host, place, token, error = taken
        self._say_dropped(host, place, token)
        if error is not None:
            self._messages.fail(error)

    def _say_dropped(self, host: Host, place: int, token: Secret | None) -> None:
        undo = Action(self.tr("Undo"), partial(self._bring_back, host, place, token))
        self._messages.toast(self.tr("Removed {0}").format(host.name), undo=undo)

    def _bring_back(self, host: Host, place: int, token: Secret | None) -> None:
        if any(same_name(one.name, host.name) or one.url == host.url for one in self.kept):
            return  # another one has taken its name or its address meanwhile
        hosts = (*self.kept[:place], host, *self.kept[place:])
        if token is not None:
            storing = self._tasks.run(self.behind.keep_token(host.url, token))
            storing.failed.connect(self._messages.fail)
            storing.finished.connect(self._on_stored_again)
        self._preferences.change(replace(self._app.settings, hosts=hosts))

    @Slot()
    def _on_stored_again(self) -> None:
        self.token_changed()


async def _named(behind: HostsBehind, host: Host) -> tuple[Host, tuple[str, ...]]:
    return host, await behind.naming(host.name)


async def _taken(
    behind: HostsBehind, host: Host, place: int
) -> tuple[Host, int, Secret | None, KeyringUnavailable | None]:
    """A keyring that cannot be asked keeps the token; the host is gone from the list anyway.

    Where there is none, nothing is kept, and nothing went wrong.
    """
    try:
        return host, place, await behind.take_token(host.url), None
    except NoKeyring:
        return host, place, None, None
    except KeyringUnavailable as error:
        return host, place, None, error


def _identity(reading: HostReading) -> tuple[object, ...]:
    """What of a reading says which server it is."""
    return reading.state, reading.fingerprint, reading.stand


def _origin(url: str) -> tuple[str, str]:
    """Scheme, and host with port: what a token is bound to."""
    scheme, _, rest = url.partition("://")
    return scheme, rest.partition("/")[0].lower()
