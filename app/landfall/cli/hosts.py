"""`landfall hosts`: other servers of models, where they stand and what they say now."""

from __future__ import annotations

import argparse
from collections.abc import Mapping
from contextlib import aclosing, closing
from dataclasses import replace

from landfall.cli.history import opened, opened_to_read
from landfall.cli.host_answer import document, kept_document, print_kept, print_readings
from landfall.cli.session import Command, Session
from landfall.cli.typed_secret import typed_secret
from landfall.core.errors import BadInput, KeyringUnavailable
from landfall.core.hosts.host_twins import twins
from landfall.core.hosts.hosts import Host, HostKind, HostReading, HostState
from landfall.core.settings import Settings
from landfall.services.hosts import addresses, in_workloads, keeping, tokens
from landfall.services.hosts.line import HostProblem
from landfall.services.hosts.locks import locked_on
from landfall.services.hosts.looking import Asking, kind_at, quoted
from landfall.services.hosts.seen import HostsSeen
from landfall.services.hosts.watching import looked_at_all
from landfall.services.keys.secret import Secret
from landfall.services.keys.system_keyring import SystemKeyring
from landfall.services.settings import settings_store

GONE_EXIT = 3


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--no-look", action="store_true", help="list them without asking any")
    actions = parser.add_subparsers(dest="action", metavar="add|remove|rename|change|check|token")
    add = _action(actions, "add", "keep a host by a name")
    add.add_argument("url", metavar="URL", help="box.lan:11434 or https://host/path")
    # A token typed as an argument is caught, so that no message repeats it.
    add.add_argument("surplus", nargs="*", default=[], help=argparse.SUPPRESS)
    add.add_argument("--kind", choices=[*HostKind], help="without it the server is asked")
    add.add_argument("--token", action="store_true", help="read its token, as `token` does")
    _insecure(add)
    remove = _action(actions, "remove", "forget a host and its token")
    remove.add_argument("--anyway", action="store_true", help="also where saved workloads name it")
    rename = _action(actions, "rename", "give a host another name")
    rename.add_argument("new", metavar="NEW_NAME")
    change = _action(actions, "change", "give a host another address or kind")
    change.add_argument(
        "--url", metavar="URL", help="its new address; the old one's token stays with the old one"
    )
    change.add_argument("--kind", choices=[*HostKind])
    _action(actions, "check", "ask one host and tell everything")
    token = _action(
        actions, "token", "store a host's token, read without echo or from standard input"
    )
    token.add_argument("surplus", nargs="*", default=[], help=argparse.SUPPRESS)
    token.add_argument("--remove", action="store_true", help="remove the stored token")
    _insecure(token)


def _action(
    actions: argparse._SubParsersAction[argparse.ArgumentParser], name: str, text: str
) -> argparse.ArgumentParser:
    action = actions.add_parser(name, help=text, description=text)
    action.add_argument("name", metavar="NAME")
    return action


def _insecure(parser: argparse.ArgumentParser) -> None:
    parser.add_argument(
        "--insecure",
        action="store_true",
        help="agree that the token may travel there over plain http; it is remembered",
    )


async def run(args: argparse.Namespace, session: Session) -> int:
    """Do what was asked. `check`: 0 it answers, 1 not as it should, 3 nothing answers."""
    if getattr(args, "surplus", None):
        raise BadInput(
            "A token is never an argument: it would stand in the shell's history.",
            "Treat a token given that way as known to others, and pipe the new one in.",
            field="token",
        )
    match args.action:
        case "add":
            return await _add(args, session)
        case "remove":
            return await _remove(args, session)
        case "rename":
            return await _rename(args, session)
        case "change":
            return _change(args, session)
        case "check":
            return await _check(args, session)
        case "token":
            return await _token(args, session)
        case _:
            return await _list(args, session)


def _keep(session: Session, settings: Settings) -> None:
    session.paths.make()
    settings_store.save(session.paths.settings, settings)
    session.settings = settings


def _told(session: Session, host: Host, what: str) -> int:
    if session.json:
        session.document(kept_document(host))
    else:
        session.line(f"{host.name} ({host.kind}) at {host.url}: {what}.")
    return 0


# ---------------------------------------------------------------- what is kept


async def _add(args: argparse.Namespace, session: Session) -> int:
    keeping.checked_name(args.name, session.settings.hosts)
    token = None
    if args.token:
        token = await _typed(args.name)
    kind = HostKind(args.kind) if args.kind else await _kind(args, session, token)
    settings = keeping.with_host(session.settings, args.name, args.url, kind)
    host = settings.hosts[-1]
    if token is not None:
        settings = await _agreed(args, session, host, settings)
        with closing(SystemKeyring()) as keys:
            await tokens.store(host, token, keys)
    _keep(session, settings)
    return _told(session, host, "kept")


async def _kind(args: argparse.Namespace, session: Session, token: str | None) -> HostKind:
    """As the server itself answers; asked without the token where it may not go there."""
    url = addresses.parsed(args.url, HostKind.OLLAMA)
    asking = Asking(
        token=None if token is None else Secret(token.strip()),
        plain_http_hosts=session.settings.plain_http_hosts,
    )
    try:
        return await kind_at(url.removesuffix("/v1"), asking)
    except HostProblem as problem:
        raise BadInput(
            f"What kind of server it is cannot be asked now. {problem.message}",
            f"Say it: --kind {HostKind.OLLAMA} or --kind {HostKind.OPENAI}.",
            field="--kind",
        ) from problem


def _change(args: argparse.Namespace, session: Session) -> int:
    if args.url is None and args.kind is None:
        raise BadInput("Nothing is changed.", "Say --url, --kind or both.", field="--url")
    host = keeping.named(args.name, session.settings)
    kind = HostKind(args.kind) if args.kind else None
    settings = keeping.with_changed(session.settings, host, url=args.url, kind=kind)
    _keep(session, settings)
    changed = keeping.named(host.name, settings)
    moved = tokens.entry_of(changed.url) != tokens.entry_of(host.url)
    what = "changed; a token of its old address does not go there" if moved else "changed"
    return _told(session, changed, what)


async def _rename(args: argparse.Namespace, session: Session) -> int:
    host = keeping.named(args.name, session.settings)
    settings = keeping.with_changed(session.settings, host, name=args.new)
    renamed = keeping.named(args.new, settings)
    _keep(session, settings)
    async with opened(session) as history:
        followed = await in_workloads.follow(host.name, renamed.name, history)
    if followed:
        session.say(f"The new name stands in saved workloads too: {', '.join(followed)}.")
    return _told(session, renamed, f"was {host.name}")


async def _remove(args: argparse.Namespace, session: Session) -> int:
    host = keeping.named(args.name, session.settings)
    if not args.anyway:
        async with opened(session) as history:
            named = await in_workloads.naming(host.name, history)
        if named:
            raise BadInput(
                f"Saved workloads name {host.name}: {', '.join(named)}. Nothing is removed.",
                "Change their [machine] host, or remove it with --anyway.",
                field="name",
            )
    note = ""
    with closing(SystemKeyring()) as keys:
        try:
            if await tokens.remove(host, session.settings, keys):
                note = ", with its token"
        except KeyringUnavailable as error:
            session.say(f"Whether a token is stored for it could not be asked: {error}")
    settings = keeping.without_host(session.settings, host)
    _keep(session, settings)
    if all(one.url != host.url for one in settings.hosts):
        async with opened(session) as history:
            await history.forget_host(host.url)
    return _told(session, host, f"removed{note}")


# ---------------------------------------------------------------- tokens


async def _token(args: argparse.Namespace, session: Session) -> int:
    host = keeping.named(args.name, session.settings)
    with closing(SystemKeyring()) as keys:
        if args.remove:
            return await _token_removed(session, host, keys)
        settings = await _agreed(args, session, host, session.settings)
        secret = await tokens.store(host, await _typed(host.name), keys)
        place = await keys.describe()
    if settings != session.settings:
        _keep(session, settings)
    if session.json:
        session.document(
            {"name": host.name, "stored": True, "masked": secret.masked, "store": place}
        )
    else:
        session.line(f"The token of {host.name} ({secret.masked}) is in {place}.")
    return 0


async def _token_removed(session: Session, host: Host, keys: SystemKeyring) -> int:
    removed = await tokens.remove(host, replace(session.settings, hosts=(host,)), keys)
    if session.json:
        session.document({"name": host.name, "removed": removed})
    elif removed:
        session.line(f"The token of {host.name} is removed from {await keys.describe()}.")
    else:
        session.line(f"No token of {host.name} is stored.")
    return 0 if removed else 1


async def _typed(name: str) -> str:
    return await typed_secret(f"The token of {name}", into=f"`landfall hosts token {quoted(name)}`")


async def _agreed(
    args: argparse.Namespace, session: Session, host: Host, settings: Settings
) -> Settings:
    """The settings with what was agreed to about plain http.

    Raises:
        BadInput: the token would be readable on the way, and nobody agreed to that.
    """
    if args.insecure:
        settings = tokens.with_agreed(settings, host)
    stand = await addresses.standing(host.url)
    tokens.assert_sendable(host, stand, settings)
    if args.insecure and host.url.startswith("http:"):
        session.say(f"Warning: the token goes to {host.url} unencrypted and can be read.")
    return settings


# ---------------------------------------------------------------- looks


async def _list(args: argparse.Namespace, session: Session) -> int:
    hosts = session.settings.hosts
    if not hosts:
        if session.json:
            session.document([])
        else:
            session.line("No hosts yet. `landfall hosts add NAME URL` keeps one.")
        return 0
    if args.no_look:
        if session.json:
            session.document([kept_document(host) for host in hosts])
        else:
            print_kept(session, hosts)
        return 0
    readings, askings = await _looks(session, hosts)
    in_order = [readings[host.name] for host in hosts if host.name in readings]
    if session.json:
        session.document([document(one, askings[one.host.name].token) for one in in_order])
    else:
        print_readings(session, in_order)
    return 0


async def _check(args: argparse.Namespace, session: Session) -> int:
    host = keeping.named(args.name, session.settings)
    readings, askings = await _looks(session, (host,))
    reading = readings[host.name]
    if session.json:
        session.document(document(reading, askings[host.name].token))
    else:
        print_readings(session, [reading], whole=True)
    if reading.state is HostState.ANSWERS:
        return 0
    return GONE_EXIT if reading.state is HostState.GONE else 1


async def _looks(
    session: Session, hosts: tuple[Host, ...]
) -> tuple[Mapping[str, HostReading], Mapping[str, Asking]]:
    """One look at each, with what is kept of it; on a terminal each is told as it comes."""
    readings: dict[str, HostReading] = {}
    async with opened_to_read(session) as (history, _):
        locked = await locked_on(session.settings, history)
        with closing(SystemKeyring()) as keys:
            askings, problem = await tokens.askings(hosts, session.settings, keys, locked=locked)
        seen = await HostsSeen.opened(history)
        async with aclosing(looked_at_all(hosts, asking=askings, seen=seen)) as looks:
            async for reading in looks:
                readings[reading.host.name] = reading
    if problem and any(one.state is HostState.REFUSED for one in readings.values()):
        session.say(f"Tokens could not be read: {problem}")
    return twins(hosts, readings), askings


COMMANDS = (
    Command(
        name="hosts",
        add_arguments=_add_arguments,
        run=run,
    ),
)
