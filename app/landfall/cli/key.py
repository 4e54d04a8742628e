"""`landfall key`: keys of providers, in the system keyring and nowhere else."""

from __future__ import annotations

import argparse
import os
from contextlib import closing, suppress
from dataclasses import replace
from types import MappingProxyType

from landfall.cli.cloud_here import way_out
from landfall.cli.history import opened
from landfall.cli.session import Command, Session
from landfall.cli.typed_secret import typed_secret
from landfall.core.errors import AppError, BadInput, KeyMissing
from landfall.services import cloud
from landfall.services.cloud import adapters, address
from landfall.services.cloud.access import WHY_CHECK, note_stored, with_plain_http
from landfall.services.cloud.address import Address
from landfall.services.cloud.provider import KeyKind, ProviderRow
from landfall.services.egress import Purpose
from landfall.services.keys.secret import Secret, clean
from landfall.services.keys.system_keyring import SystemKeyring
from landfall.services.settings import settings_store


def _add_arguments(parser: argparse.ArgumentParser) -> None:
    actions = parser.add_subparsers(dest="action", required=True, metavar="set|check|remove|list")
    for name, text in (
        ("set", "store a key, read from the terminal without echo or from stdin"),
        ("check", "ask the provider whether it takes the stored key"),
        ("remove", "remove the stored key"),
    ):
        action = actions.add_parser(name, help=text, description=text)
        action.add_argument("provider", help="such as openai, anthropic, or custom")
        # A key typed as an argument is caught here, so that no message repeats it.
        action.add_argument("surplus", nargs="*", default=[], help=argparse.SUPPRESS)
        action.add_argument(
            "--base-url", metavar="URL", help="where the provider is, if not at its own address"
        )
        action.add_argument(
            "--insecure",
            action="store_true",
            help="allow plain http to a host in the own network; `set` remembers the host",
        )
        action.add_argument(
            "--usage",
            action="store_true",
            help="the admin or management key, which reads usage and bills and runs no model",
        )
    actions.add_parser("list", help="which keys are stored, masked")


async def run(args: argparse.Namespace, session: Session) -> int:
    """Do what was asked; see the command line's contract for the exit codes."""
    with closing(SystemKeyring()) as store:
        if args.action == "list":
            return await _list(session, store)
        if args.surplus:
            raise BadInput(
                "A key is never an argument: it would stand in the shell's history.",
                "Treat a key given that way as known to others, and pipe the new one in.",
                field="key",
            )
        row = cloud.find(args.provider)
        kind = _kind(args, row)
        match args.action:
            case "set":
                return await _set(args, session, store, row, kind)
            case "check":
                return await _check(args, session, store, row, kind)
            case _:
                return await _remove(session, store, row, kind)


def _kind(args: argparse.Namespace, row: ProviderRow) -> KeyKind:
    if args.usage and row.usage_key is None:
        raise BadInput(
            f"{row.name} has no key of its own for usage.", cloud.no_usage_key(row), field="--usage"
        )
    return "usage" if args.usage else "inference"


def _named(row: ProviderRow, kind: KeyKind) -> str:
    """ "admin key of OpenAI"."""
    name = row.usage_key.name if kind == "usage" and row.usage_key is not None else "key"
    return f"{name} of {row.name}"


def _command(action: str, row: ProviderRow, kind: KeyKind) -> str:
    return f"`landfall key {action} {row.id}{' --usage' if kind == 'usage' else ''}`"


async def _set(
    args: argparse.Namespace,
    session: Session,
    store: SystemKeyring,
    row: ProviderRow,
    kind: KeyKind,
) -> int:
    where = _address(args, session, row) if row.base_url or args.base_url else None
    secret = clean(await typed_secret(f"The {_named(row, kind)}", into=_command("set", row, kind)))
    cloud.assert_right_field(secret, row, kind=kind, moved=where is not None and where.moved)
    await store.store(row.entry(kind), secret)
    await _note_stored(session, row, kind)
    if args.base_url and where is not None:
        _keep_address(session, row, where, plain_http=args.insecure)
    place = await store.describe()
    if session.json:
        session.document(
            {
                "provider": row.id,
                "kind": kind,
                "stored": True,
                "masked": secret.masked,
                "store": place,
            }
        )
    else:
        session.line(f"The {_named(row, kind)} ({secret.masked}) is in {place}.")
    return 0


async def _note_stored(session: Session, row: ProviderRow, kind: KeyKind) -> None:
    """Without a history nothing was said of a key before."""
    if session.paths.database.exists():
        with suppress(AppError):  # the key is stored all the same
            async with opened(session) as history:
                await note_stored(history, row, kind)


def _keep_address(session: Session, row: ProviderRow, where: Address, *, plain_http: bool) -> None:
    """An address is part of a custom provider; one of another provider holds where it is given.

    That a host may be reached unencrypted is remembered with it: the user has just been warned.
    """
    settings = session.settings
    if plain_http:
        settings = with_plain_http(settings, address.readable_host(where.url))
    if not row.base_url:
        urls = {**settings.base_urls, row.id: where.url}
        settings = replace(settings, base_urls=MappingProxyType(urls))
    else:
        variable = row.base_url_variables[0]
        session.say(f"To keep the address {where.url} too, set {variable} or the setting.")
    if settings != session.settings:
        session.paths.make()
        settings_store.save(session.paths.settings, settings)


async def _check(
    args: argparse.Namespace,
    session: Session,
    store: SystemKeyring,
    row: ProviderRow,
    kind: KeyKind,
) -> int:
    where = _address(args, session, row)
    secret = await store.get(row.entry(kind))
    if secret is None:
        raise KeyMissing(
            f"No {_named(row, kind)} is stored.", f"Store one with {_command('set', row, kind)}."
        )
    async with way_out(session) as transport:
        provider = adapters.provider(row, where, transport)
        accepted = await provider.check(secret, purpose=Purpose(why=WHY_CHECK[kind]), kind=kind)
    if session.json:
        session.document(
            {
                "provider": row.id,
                "kind": kind,
                "accepted": True,
                "host": accepted.host,
                "masked": secret.masked,
                "note": accepted.note,
            }
        )
    else:
        note = f" ({accepted.note})" if accepted.note else ""
        word = row.usage_key.name if kind == "usage" and row.usage_key is not None else "key"
        session.line(f"{row.name} at {accepted.host} takes the {word} {secret.masked}{note}.")
    return 0


async def _remove(session: Session, store: SystemKeyring, row: ProviderRow, kind: KeyKind) -> int:
    removed = await store.remove(row.entry(kind))
    if session.json:
        session.document({"provider": row.id, "kind": kind, "removed": removed})
    elif removed:
        session.line(f"The {_named(row, kind)} is removed from {await store.describe()}.")
    else:
        session.line(f"No {_named(row, kind)} is stored.")
    return 0 if removed else 1


async def _list(session: Session, store: SystemKeyring) -> int:
    """Both keys of every provider; null and "-" where a provider has no second one."""
    kept = []
    for row in cloud.rows():
        usage = await store.get(row.entry("usage")) if row.usage_key is not None else None
        kept.append((row, await store.get(row.entry("inference")), usage))
    if session.json:
        session.document([_listed(*one) for one in kept])
    else:
        session.table(
            ("PROVIDER", "KEY", "KEY FOR USAGE"),
            [
                (
                    row.id,
                    _masked(secret) or "none",
                    _masked(usage) or ("none" if row.usage_key is not None else "-"),
                )
                for row, secret, usage in kept
            ],
        )
    return 0


def _listed(row: ProviderRow, secret: Secret | None, usage: Secret | None) -> dict[str, object]:
    second = {"stored": usage is not None, "masked": _masked(usage)}
    return {
        "provider": row.id,
        "stored": secret is not None,
        "masked": _masked(secret),
        "usage": second if row.usage_key is not None else None,
    }


def _masked(secret: Secret | None) -> str | None:
    return None if secret is None else secret.masked


def _address(args: argparse.Namespace, session: Session, row: ProviderRow) -> Address:
    where = cloud.address_of(
        row,
        settings=session.settings,
        environment=os.environ,
        base_url=args.base_url,
        plain_http=args.insecure,
    )
    if host := address.readable_host(where.url):
        session.say(f"Warning: the key goes to {host} unencrypted and can be read on the way.")
    return where


COMMANDS = (
    Command(
        name="key",
        add_arguments=_add_arguments,
        run=run,
    ),
)
