"""What a copy of the program, its data and the news of versions are called."""

from __future__ import annotations

from typing import TYPE_CHECKING

from PySide6.QtCore import QCoreApplication, QUrl

from landfall.core.announcement import Standing
from landfall.gui.dates import when
from landfall.gui.translated import translated
from landfall.services.installation import updates
from landfall.services.installation.about import Build

if TYPE_CHECKING:
    from landfall.services.installation.about import About
    from landfall.services.installation.updates import Channel, News


def _tr(text: str) -> str:
    return QCoreApplication.translate("about", text)


def built(copy: About) -> str:
    """How this copy came to be."""
    if copy.packaged_by:
        return _tr("from a {0} package").format(copy.packaged_by)
    return {
        Build.SOURCE: _tr("run from its source"),
        Build.WHEEL: _tr("installed with pip"),
        Build.FROZEN: _tr("unpacked from an archive or an installer"),
    }[copy.build]


def part(name: str) -> str:
    """A part of the data, in words."""
    return {
        "models": _tr("Models"),
        "hardware": _tr("Hardware"),
        "prices": _tr("Prices of tokens"),
        "rentals": _tr("Rented GPUs"),
        "purchases": _tr("Prices of hardware"),
        "electricity": _tr("Electricity"),
        "subscriptions": _tr("Subscriptions"),
        "thresholds": _tr("Verdict thresholds"),
    }[name]


def nobody_to_ask(channel: Channel) -> tuple[str, str]:
    """Why a newer version cannot be looked for, as a title, and what to do instead."""
    problem = updates.nobody_to_ask(channel)
    return translated(problem.message).rstrip("."), translated(problem.hint)


def what_is_asked(channel: Channel) -> str:
    """What goes out when a newer version is looked for."""
    return _tr(
        "Reads one small signed file from {0}. Nothing is said about you or this machine; nothing"
        " is loaded or replaced."
    ).format(QUrl(channel.address).host())


def news_title(news: News, own: str) -> str:
    """How what was announced stands to this version."""
    version = news.announcement.version
    if news.standing is Standing.NEWER:
        day = when(news.announcement.released.isoformat())
        return _tr("Landfall {0} is out, {1}").format(version, day)
    if news.standing is Standing.CURRENT:
        return _tr("This is the newest version, {0}").format(own)
    if news.standing is Standing.OLDER:
        return _tr("This version, {0}, is newer than what is announced, {1}").format(own, version)
    return _tr("An old file with news was shown")


def news_detail(news: News) -> str:
    """More of it."""
    if news.standing is Standing.REPLAYED and news.seen is not None:
        return _tr(
            "It announces {0}, and {1} was announced here before. Somebody may hide a newer"
            " version, or {1} was withdrawn: look at the page of releases."
        ).format(news.announcement.version, news.seen.version)
    return news.announcement.notes if news.standing is Standing.NEWER else ""
