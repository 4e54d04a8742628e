"""Is there a newer version? Asked when the user says so, and once a day where that was switched on.

Nothing is loaded or replaced: what is announced is said, and its page can be opened. A copy that a
package manager updates does not ask at all.
"""

from __future__ import annotations

import json
import logging
from dataclasses import dataclass, replace
from datetime import UTC, datetime, timedelta
from pathlib import Path
from typing import Any

from landfall import __version__
from landfall.core import announcement, json_text
from landfall.core.announcement import Announcement, Seen, Standing
from landfall.core.errors import AppError, BadInput, Unavailable
from landfall.core.versions import version
from landfall.services import resources, whole_file
from landfall.services.egress import EgressLog
from landfall.services.installation import about
from landfall.services.late_imports import late
from landfall.services.threads import in_thread

_log = logging.getLogger(__name__)

CHANNEL = "updates.json"
BETWEEN = timedelta(days=1)
_NOT_UNDERSTOOD = (AttributeError, KeyError, OverflowError, TypeError, ValueError)


@dataclass(frozen=True, slots=True, kw_only=True)
class Channel:
    """Where this build hears of newer versions.

    Attributes:
        address: Of the file with the news, or "" where the build was given none.
        page: Of the releases, for people, or "".
        keys: Public keys, one of which has to have signed.
        packaged_by: Who updates this copy ("deb"), or "" where that is left to the user.
    """

    address: str = ""
    page: str = ""
    keys: tuple[bytes, ...] = ()
    packaged_by: str = ""

    @property
    def is_open(self) -> bool:
        """Whether it can be asked."""
        return bool(self.address and self.keys and not self.packaged_by)


@dataclass(frozen=True, slots=True, kw_only=True)
class News:
    """What was announced, and how it stands to this version.

    Attributes:
        seen: What was announced before, where that was newer than this.
    """

    standing: Standing
    announcement: Announcement
    seen: Seen | None = None


@dataclass(frozen=True, slots=True, kw_only=True)
class Kept:
    """What is remembered between two questions.

    Attributes:
        asked_at: When it was last asked, whatever came of it.
    """

    asked_at: datetime | None = None
    seen: Seen | None = None


def channel() -> Channel:
    """What this build was given.

    Raises:
        BadInput: it is broken, which means a broken installation.
    """
    return parse(resources.read_json(CHANNEL), packaged_by=about.packaged_by())


def parse(document: Any, *, packaged_by: str = "") -> Channel:
    """The channel in a document of the form {"address", "page", "public_keys"}; null is none.

    Raises:
        BadInput: it has another form, an address is not https, or a key is none.
    """
    try:
        address, page = (document[name] or "" for name in ("address", "page"))
        for one in (address, page):
            if one:
                announcement.secure_address(one)
        keys = tuple(announcement.public_key(text) for text in document["public_keys"])
    except (AttributeError, KeyError, TypeError, ValueError) as error:
        raise BadInput(
            f"Where this build asks for newer versions is broken: {error}.",
            "Install Landfall again.",
            file=CHANNEL,
        ) from error
    return Channel(address=address, page=page, keys=keys, packaged_by=packaged_by)


def nobody_to_ask(channel: Channel) -> Unavailable:
    """Why a newer version cannot be looked for, and what to do instead."""
    if channel.packaged_by:
        return Unavailable(
            "Your package manager updates this copy.",
            f"It came as a {channel.packaged_by} package. Nothing is asked from here.",
        )
    return Unavailable(
        "This build was given no address for news of versions.",
        "Look for a newer one where you had this one.",
    )


async def check(
    log: EgressLog,
    file: Path,
    *,
    asked: Channel | None = None,
    own: str = __version__,
    now: datetime | None = None,
) -> News:
    """Ask once, and remember the newest that was announced.

    Args:
        log: The egress log; what cannot be written there is not sent.
        file: Where the newest that was announced is kept.
        asked: The channel of this build by default.
        own: The version that runs.
        now: The time of the question.

    Raises:
        Unavailable: this build has nobody to ask, or its copy is updated by others.
        NetworkUnavailable, ServerRefused: nothing came.
        NotGenuine: what came is not signed by whom it should be.
        BadInput: it is signed and cannot be read.
        Unavailable: it is too old to be believed.
    """
    source: Channel = asked if asked is not None else await in_thread(channel)
    if not source.is_open:
        raise nobody_to_ask(source)
    at = now or datetime.now(UTC)
    before = await in_thread(kept, file)
    await in_thread(keep, file, replace(before, asked_at=at))
    fetch = await in_thread(late, "landfall.services.installation.announcement_fetch")
    data: bytes = await fetch.fetched(source.address, log)
    found = await in_thread(believed, data, source, at)
    standing = announcement.standing(found, own=own, seen=before.seen)
    if standing is Standing.REPLAYED:
        return News(standing=standing, announcement=found, seen=before.seen)
    seen = Seen(version=found.version, expires=found.expires)
    await in_thread(keep, file, Kept(asked_at=at, seen=seen))
    return News(standing=standing, announcement=found)


def believed(data: bytes, source: Channel, at: datetime) -> Announcement:
    """The announcement in a file, once its signature and its age were looked at. On a thread.

    Raises:
        BadInput, NotGenuine, Unavailable: see `check`.
    """
    envelope = announcement.opened(data)
    late("landfall.services.installation.signatures").assert_genuine(envelope, source.keys)
    found = announcement.read(envelope.payload)
    why = announcement.why_not_now(found, at.astimezone(UTC).date())
    if why:
        raise Unavailable(
            f"The news of versions is not taken: {why}.",
            "Is the clock of this machine right? If it is, nobody renewed the news, or somebody"
            " shows an old file: look at the page of releases yourself.",
        )
    return found


def is_due(file: Path, *, now: datetime | None = None) -> bool:
    """Whether a day has gone since the last question; also where that is said to be to come."""
    asked_at = kept(file).asked_at
    gone = (now or datetime.now(UTC)) - asked_at if asked_at else BETWEEN
    return not timedelta(0) <= gone < BETWEEN


def kept(file: Path) -> Kept:
    """What is remembered; nothing where there is no file, or one that cannot be understood."""
    try:
        table = json_text.read(file.read_text(encoding="utf-8"))
        asked = table["asked_at"]
        asked_at = datetime.fromisoformat(asked).astimezone(UTC) if asked else None
        return Kept(asked_at=asked_at, seen=_seen(table.get("seen")))
    except FileNotFoundError:
        return Kept()
    except (*_NOT_UNDERSTOOD, OSError) as error:
        _log.info("what was announced before is forgotten: %s", error)
        return Kept()


def _seen(row: Any) -> Seen | None:
    if row is None:
        return None
    version(row["version"])
    return Seen(version=row["version"], expires=datetime.fromisoformat(row["expires"]).date())


def keep(file: Path, what: Kept) -> None:
    """Remember. What cannot be written is asked for anew, and is no reason to say nothing."""
    seen = what.seen
    table = {
        "schema": 1,
        "asked_at": what.asked_at.isoformat(timespec="seconds") if what.asked_at else None,
        "seen": {"version": seen.version, "expires": seen.expires.isoformat()} if seen else None,
    }
    try:
        whole_file.replaced(file, json.dumps(table, indent=1) + "\n", what="What was announced")
    except AppError as error:
        _log.warning("%s", error)
