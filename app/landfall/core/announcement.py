"""The signed file that says which version is the newest: its form, and what follows from it.

The file is text in two parts: lines that name keys with their signatures, an empty line, and the
payload. A signature is made over the bytes of the payload exactly as they stand there, so that
nothing has to be written anew to be checked:

    landfall-news 1
    key 0f3c5a… BASE64 OF 64 BYTES

    {"product": "landfall", "schema": 1, "version": "1.2.0", …}

Two keys may sign at once: a build that knows either takes it, so that a key can be replaced.
"""

from __future__ import annotations

import base64
import binascii
import hashlib
import json
import re
from collections.abc import Iterable
from dataclasses import dataclass
from datetime import date, timedelta
from enum import StrEnum
from typing import Any

from landfall.core import json_text
from landfall.core.errors import BadInput
from landfall.core.versions import version

FORM = "landfall-news 1"
PRODUCT = "landfall"
SCHEMA = 1
MAX_BYTES = 64 << 10
KEY_BYTES = 32
"""Of a public key of Ed25519; a signature has 64, which is 86 letters of base64 and its padding.

Source: RFC 8032, section 5.1.
"""

_MAX_SIGNATURES = 8
_MAX_NOTES = 300
_MAX_WHY = 120
_MAX_ADDRESS = 500
_KEY_LINE = re.compile(r"key ([0-9a-f]{16}) ([A-Za-z0-9+/]{86}==)", re.ASCII)
_ADDRESS = re.compile(
    r"https://(?:[a-z0-9](?:[a-z0-9.-]*[a-z0-9])?|\[[0-9a-f:.]+\])(?::(?P<port>\d{1,5}))?"
    r"(?:[/?#][!-~]*)?",
    re.ASCII | re.IGNORECASE,
)
_PORTS = range(1, 1 << 16)
_CLOCKS_DIFFER = timedelta(days=2)
"""So far a date may lie ahead: time zones, and clocks that are not quite right."""


@dataclass(frozen=True, slots=True, kw_only=True)
class Signature:
    """Who signed, and the 64 bytes of it.

    Attributes:
        key: `key_name` of the public key.
    """

    key: str
    value: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Envelope:
    """A file taken apart; nothing of it is believed yet."""

    signatures: tuple[Signature, ...]
    payload: bytes


@dataclass(frozen=True, slots=True, kw_only=True)
class Announcement:
    """What is said of the newest version.

    Attributes:
        version: In the form of `core.versions`.
        released: When it came out.
        page: Where it is to be had; https.
        notes: What is new, in a line.
        expires: The last day on which this may be believed. It is renewed before, so that an old
            file cannot hide a newer version for long.
    """

    version: str
    released: date
    page: str
    notes: str
    expires: date


@dataclass(frozen=True, slots=True, kw_only=True)
class Seen:
    """The newest announcement that was believed here."""

    version: str
    expires: date


class Standing(StrEnum):
    """How an announcement stands to this program and to what was announced before."""

    NEWER = "newer"
    CURRENT = "current"
    OLDER = "older"
    """This program is newer than what is announced."""
    REPLAYED = "replayed"
    """Something newer was announced here before: somebody shows an old file, or withdrew one."""


def key_name(public_key: bytes) -> str:
    """The short name of a public key: the start of its SHA-256, in hexadecimal."""
    return hashlib.sha256(public_key).hexdigest()[:16]


def public_key(text: str) -> bytes:
    """The 32 bytes of a public key from base64.

    Raises:
        ValueError: they are none.
    """
    try:
        key = base64.b64decode(text, validate=True)
    except binascii.Error as error:
        raise ValueError(f"{text!r} is not base64") from error
    if len(key) != KEY_BYTES:
        raise ValueError(f"a public key has {KEY_BYTES} bytes, not {len(key)}")
    return key


def sealed(payload: bytes, signatures: Iterable[Signature]) -> bytes:
    """The file as it is published."""
    lines = [f"key {one.key} {base64.b64encode(one.value).decode('ascii')}\n" for one in signatures]
    return f"{FORM}\n{''.join(lines)}\n".encode("ascii") + payload


def opened(data: bytes) -> Envelope:
    """Take a file apart.

    Raises:
        BadInput: it has another form, or is too long.
    """
    if len(data) > MAX_BYTES:
        raise _no_news(f"it is longer than {MAX_BYTES} bytes")
    head, gap, payload = data.partition(b"\n\n")
    lines = head.decode("ascii", errors="replace").split("\n")
    if not gap or lines[0] != FORM:
        raise _no_news(f"it does not begin with {FORM!r}")
    found = [_KEY_LINE.fullmatch(line) for line in lines[1:]]
    if not 0 < len(found) <= _MAX_SIGNATURES or None in found:
        raise _no_news("its signatures are not written as they should be")
    signatures = tuple(
        Signature(key=line[1], value=base64.b64decode(line[2])) for line in found if line
    )
    return Envelope(signatures=signatures, payload=payload)


def written(news: Announcement) -> bytes:
    """The payload of an announcement.

    Raises:
        BadInput: a value is not allowed.
    """
    table = {
        "product": PRODUCT,
        "schema": SCHEMA,
        "version": news.version,
        "date": news.released.isoformat(),
        "page": news.page,
        "notes": news.notes,
        "expires": news.expires.isoformat(),
    }
    payload = (json.dumps(table, ensure_ascii=False, indent=1) + "\n").encode()
    read(payload)
    return payload


def read(payload: bytes) -> Announcement:
    """An announcement out of a payload whose signature was checked. Unknown fields are left alone.

    Raises:
        BadInput: it is not JSON, of another product or of a later schema, or a value is not
            allowed.
    """
    try:
        table = json_text.read(payload.decode("utf-8"))
    except ValueError as error:
        raise _no_news("what is signed is not JSON") from error
    if not isinstance(table, dict) or table.get("product") != PRODUCT:
        raise _no_news("it speaks of another program")
    if table.get("schema") != SCHEMA:
        raise BadInput(
            "The news of versions is written for a later Landfall than this.",
            "Look at the page of releases yourself.",
            field="schema",
        )
    try:
        return _announcement(table)
    except (KeyError, TypeError, ValueError) as error:
        raise _no_news(f"a value in it is not allowed: {str(error)[:_MAX_WHY]}") from error


def _announcement(table: dict[str, Any]) -> Announcement:
    texts = {name: table[name] for name in ("version", "date", "page", "notes", "expires")}
    for name, text in texts.items():
        if not isinstance(text, str) or not text.isprintable():
            raise TypeError(f"{name} is no line of text")
    version(texts["version"])
    if len(texts["notes"]) > _MAX_NOTES:
        raise ValueError(f"notes are longer than {_MAX_NOTES} letters")
    return Announcement(
        version=texts["version"],
        released=date.fromisoformat(texts["date"]),
        page=secure_address(texts["page"]),
        notes=texts["notes"],
        expires=date.fromisoformat(texts["expires"]),
    )


def secure_address(text: str) -> str:
    """An https address of plain ASCII without a user in it.

    Raises:
        ValueError: it is none.
    """
    found = _ADDRESS.fullmatch(text)
    if found is None or len(text) > _MAX_ADDRESS or int(found["port"] or 443) not in _PORTS:
        raise ValueError(f"{text[:80]!r} is no https address")
    return text


def why_not_now(news: Announcement, today: date) -> str:
    """Why an announcement is not to be believed on a day (UTC), or ""."""
    if today > news.expires:
        return f"it was valid until {news.expires}"
    if news.released > today + _CLOCKS_DIFFER:
        return f"it speaks of {news.released}, which is still to come by the clock of this machine"
    return ""


def standing(news: Announcement, *, own: str, seen: Seen | None) -> Standing:
    """How an announcement stands to the version that runs and to what was announced before.

    Raises:
        ValueError: `own` or what was seen is no version.
    """
    announced = version(news.version)
    if seen is not None and (announced, news.expires) < (version(seen.version), seen.expires):
        return Standing.REPLAYED
    mine = version(own)
    if announced > mine:
        return Standing.NEWER
    return Standing.CURRENT if announced == mine else Standing.OLDER


def _no_news(why: str) -> BadInput:
    return BadInput(
        f"What came is no news of versions: {why}.",
        "Try again later, and see whether the network wants a log-in first.",
    )
