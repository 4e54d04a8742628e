"""`about`: this version, how old its data are, whose work is in it; is there a newer one?"""

from __future__ import annotations

import argparse
import re
from datetime import UTC, date, datetime
from importlib import import_module
from typing import Any

from landfall.cli.session import Command, Session
from landfall.core.announcement import Standing
from landfall.core.errors import AppError, BadInput, Unavailable
from landfall.services.installation import about, licences, updates
from landfall.services.installation.about import About, DataDate
from landfall.services.installation.licences import Component
from landfall.services.installation.updates import News
from landfall.services.threads import in_thread

_CHECK = """\
--check reads one small signed file over https and says whether a newer version is out. Nothing is
said about you or this machine, and nothing is loaded or replaced. It ends with 1 where one is out,
and with 3 where no news could be had or what came is not believed.
"""


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--licences", action="store_true", help="whose work is in the program")
    parser.add_argument("--licence", metavar="NAME", help="the licence of one of them in full")
    parser.add_argument("--check", action="store_true", help="look for a newer version")
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _CHECK


async def run(args: argparse.Namespace, session: Session) -> int:
    """Print what was asked; 1 where a newer version is out.

    Raises:
        BadInput: there is no part of that name.
        AppError: news could not be had or are not believed, see `updates.check`.
    """
    if args.licence is not None:
        _print_text(_named(args.licence, await in_thread(licences.components)), session)
        return 0
    copy = about.this_copy()
    parts = await in_thread(licences.components) if args.licences else ()
    dates = await in_thread(about.data_dates, session.paths.prices)
    news = await _news(session) if args.check else None
    today = datetime.now(UTC).date()
    stale_days = session.settings.thresholds.price_stale_days
    if session.json:
        session.document(_document(copy, dates, parts, news, today=today, stale_days=stale_days))
    else:
        _print(copy, session)
        _print_dates(dates, session, today=today, stale_days=stale_days)
        _print_parts(parts, session)
        _print_news(news, copy, session)
    return 1 if news is not None and news.standing is Standing.NEWER else 0


async def _news(session: Session) -> News:
    # Only this needs the history.
    async with import_module("landfall.cli.history").opened(session) as history:
        try:
            return await updates.check(history, session.paths.announced)
        except AppError as error:
            # 1 says that a newer version is out.
            error.exit_code = max(error.exit_code, Unavailable.exit_code)
            raise


def _named(name: str, parts: tuple[Component, ...]) -> Component:
    found = [one for one in parts if _same_name(one.name, name)]
    if not found:
        raise BadInput(
            f"No part of the program is called {name!r}.",
            "`landfall about --licences` lists them.",
            field="--licence",
        )
    return found[0]


def _same_name(name: str, asked: str) -> bool:
    """Whether the name of a part is asked for, as names of Python packages are compared: capitals
    and the kind of dash count for nothing (PyPA, "Names and normalization")."""
    left, right = (re.sub(r"[-_.]+", "-", text).casefold() for text in (name, asked.strip()))
    return left == right


def _print_text(one: Component, session: Session) -> None:
    if session.json:
        session.document(_part(one) | {"text": one.text})
        return
    session.line(f"{one.name} {one.version}: {one.licence}")
    if one.homepage:
        session.line(one.homepage)
    session.line()
    session.line(one.text or "What is installed brings no text of it.")


def _print(copy: About, session: Session) -> None:
    session.line(f"Landfall {copy.version} ({copy.built_as}), licence {licences.OWN_LICENCE}")
    session.line(f"Python {copy.python}, {copy.system}")
    if copy.packaged_by:
        session.line("Your package manager updates this copy.")


def _print_dates(
    dates: tuple[DataDate, ...], session: Session, *, today: date, stale_days: int
) -> None:
    session.line()
    rows = []
    for one in dates:
        stale = one.is_stale(today, stale_days=stale_days)
        age = one.age_days(today)
        words = "not dated" if age is None else f"{max(0, age)} days"
        newest = one.newest.isoformat() if one.newest else "unknown"
        rows.append((one.part, newest, f"{words}, stale" if stale and age is not None else words))
    session.table(("data", "newest fact", "age"), rows)


def _print_parts(parts: tuple[Component, ...], session: Session) -> None:
    if parts:
        session.line()
        session.table(
            ("part", "version", "licence", "page"),
            [(one.name, one.version, one.licence, one.homepage) for one in parts],
        )


def _print_news(news: News | None, copy: About, session: Session) -> None:
    if news is None:
        return
    said = news.announcement
    session.line()
    match news.standing:
        case Standing.NEWER:
            session.prose(f"Landfall {said.version} is out, {said.released}: {said.notes}")
            session.line(said.page)
        case Standing.CURRENT:
            session.line(f"This is the newest version, {copy.version}.")
        case Standing.OLDER:
            session.line(f"This version is newer than what is announced, {said.version}.")
        case _:
            before = news.seen.version if news.seen else "a newer version"
            session.prose(
                f"An old file with news was shown: it announces {said.version}, and {before} was"
                " announced here before. Somebody may hide a newer version."
            )


def _document(
    copy: About,
    dates: tuple[DataDate, ...],
    parts: tuple[Component, ...],
    news: News | None,
    *,
    today: date,
    stale_days: int,
) -> dict[str, Any]:
    document: dict[str, Any] = {
        "version": copy.version,
        "build": copy.build.value,
        "packaged_by": copy.packaged_by or None,
        "python": copy.python,
        "system": copy.system,
        "licence": licences.OWN_LICENCE,
        "data": [
            {
                "part": one.part,
                "newest": one.newest.isoformat() if one.newest else None,
                "age_days": one.age_days(today),
                "stale": one.is_stale(today, stale_days=stale_days),
            }
            for one in dates
        ],
    }
    if parts:
        document["licences"] = [_part(one) for one in parts]
    if news is not None:
        document["news"] = _news_document(news)
    return document


def _part(one: Component) -> dict[str, Any]:
    return {
        "name": one.name,
        "version": one.version,
        "licence": one.licence or None,
        "homepage": one.homepage or None,
    }


def _news_document(news: News) -> dict[str, Any]:
    said = news.announcement
    return {
        "standing": news.standing.value,
        "version": said.version,
        "date": said.released.isoformat(),
        "page": said.page,
        "notes": said.notes,
        "expires": said.expires.isoformat(),
        "announced_before": news.seen.version if news.seen else None,
    }


COMMANDS = (Command("about", _arguments, run, needs_settings=False),)
