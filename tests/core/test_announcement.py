"""The signed file: what form it has, what may stand in it, and what follows from it."""

from __future__ import annotations

import base64
import json
from dataclasses import replace
from datetime import date
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core import announcement
from landfall.core.announcement import Announcement, Seen, Signature, Standing
from landfall.core.errors import BadInput

NEWS = Announcement(
    version="1.2.0",
    released=date(2026, 11, 20),
    page="https://landfall.example/1.2.0",
    notes="Faster starts; größer.",
    expires=date(2027, 2, 20),
)
SIGNED = Signature(key="0123456789abcdef", value=bytes(range(64)))
SECOND = Signature(key="fedcba9876543210", value=bytes(64))


def payload(**changes: Any) -> bytes:
    table = json.loads(announcement.written(NEWS))
    return json.dumps(table | changes).encode()


def test_that_a_file_is_taken_apart_into_what_it_was_made_of() -> None:
    inside = announcement.written(NEWS)
    envelope = announcement.opened(announcement.sealed(inside, (SIGNED, SECOND)))
    assert envelope.signatures == (SIGNED, SECOND)
    assert envelope.payload == inside
    assert announcement.read(envelope.payload) == NEWS


@given(st.binary(max_size=200))
def test_that_the_signed_bytes_come_out_as_they_went_in(inside: bytes) -> None:
    assert announcement.opened(announcement.sealed(inside, (SIGNED,))).payload == inside


@given(st.binary(max_size=300))
def test_that_any_other_bytes_are_refused_in_words(data: bytes) -> None:
    with pytest.raises(BadInput, match="no news of versions"):
        announcement.opened(data)


GOOD = announcement.sealed(b"{}", (SIGNED,)).decode()


@pytest.mark.parametrize(
    ("text", "why"),
    [
        ("<html>\n\n</html>", "does not begin with"),
        (GOOD.replace("news 1", "news 2"), "does not begin with"),
        (GOOD.replace("\n\n", "\n"), "does not begin with"),
        ("landfall-news 1\n\n{}", "signatures"),
        (GOOD.replace("key 0", "key Z"), "signatures"),
        (GOOD.replace("==", ""), "signatures"),
        (GOOD.replace("key", "KEY"), "signatures"),
        ("landfall-news 1\n" + f"{GOOD.splitlines()[1]}\n" * 9 + "\n{}", "signatures"),
        (GOOD + " " * announcement.MAX_BYTES, "longer than"),
    ],
)
def test_that_a_file_of_another_form_says_what_is_wrong(text: str, why: str) -> None:
    with pytest.raises(BadInput, match=why):
        announcement.opened(text.encode())


@pytest.mark.parametrize(
    ("changes", "why"),
    [
        ({"product": "other"}, "another program"),
        ({"schema": 2}, "a later Landfall"),
        ({"version": "soon"}, "no version"),
        ({"version": 3}, "version is no line of text"),
        ({"date": "yesterday"}, "isoformat"),
        ({"expires": None}, "expires is no line"),
        ({"notes": "two\nlines"}, "notes is no line"),
        ({"notes": "turned \u202e round"}, "notes is no line"),
        ({"notes": "x" * 301}, "longer than 300"),
        ({"page": "http://landfall.example/"}, "no https address"),
        ({"page": "https://"}, "no https address"),
        ({"page": "https://landfall.example/a b"}, "no https address"),
        ({"page": "https://landfäll.example/"}, "no https address"),
        ({"page": "https://landfall.example/" + "x" * 500}, "no https address"),
        ({"page": "https://landfall.example@evil.example/"}, "no https address"),
        ({"page": "https://landfall.example\\.evil.example/"}, "no https address"),
        ({"page": "https://landfall.example:0/"}, "no https address"),
        ({"page": "https://-landfall.example/"}, "no https address"),
        ({"page": "https://landfall.example:99999/"}, "no https address"),
        ({"page": "javascript:alert(1)"}, "no https address"),
    ],
)
def test_that_a_value_which_is_not_allowed_is_refused(changes: dict[str, Any], why: str) -> None:
    with pytest.raises(BadInput, match=why):
        announcement.read(payload(**changes))


@pytest.mark.parametrize("text", [b"", b"{", b"\xff", b"[]", b"3", b"[" * 100_000])
def test_that_a_payload_which_is_no_table_is_refused(text: bytes) -> None:
    with pytest.raises(BadInput):
        announcement.read(text)


def test_that_a_missing_value_is_named() -> None:
    table = json.loads(announcement.written(NEWS))
    del table["expires"]
    with pytest.raises(BadInput, match="expires"):
        announcement.read(json.dumps(table).encode())


@pytest.mark.parametrize(
    "address",
    [
        "https://landfall.example",
        "https://a/",
        "https://Landfall.example:8443/1.2?a=b#c@d",
        "https://[::1]:65535/x",
    ],
)
def test_that_an_https_address_is_taken_as_it_is(address: str) -> None:
    assert announcement.secure_address(address) == address


def test_that_a_later_program_may_say_more() -> None:
    assert announcement.read(payload(size_bytes=3)) == NEWS


def test_that_nothing_is_written_which_would_not_be_read() -> None:
    with pytest.raises(BadInput, match="no https address"):
        announcement.written(replace(NEWS, page="http://landfall.example/"))


@pytest.mark.parametrize(
    ("today", "why"),
    [
        (date(2026, 11, 20), ""),
        (date(2026, 11, 18), ""),
        (date(2027, 2, 20), ""),
        (date(2027, 2, 21), "valid until 2027-02-20"),
        (date(2026, 11, 17), "still to come"),
        (date(1970, 1, 1), "still to come"),
    ],
)
def test_that_news_hold_from_their_day_to_their_last(today: date, why: str) -> None:
    found = announcement.why_not_now(NEWS, today)
    assert why in found
    assert bool(found) is bool(why)


@pytest.mark.parametrize(
    ("own", "expected"),
    [
        ("1.1.9", Standing.NEWER),
        ("1.2.0rc3", Standing.NEWER),
        ("1.2", Standing.CURRENT),
        ("1.2.1", Standing.OLDER),
    ],
)
def test_that_news_are_held_against_the_version_that_runs(own: str, expected: Standing) -> None:
    assert announcement.standing(NEWS, own=own, seen=None) is expected


@pytest.mark.parametrize(
    ("version", "expires", "expected"),
    [
        ("1.2.0", date(2027, 2, 20), Standing.NEWER),
        ("1.2.0", date(2027, 1, 1), Standing.NEWER),
        ("1.1.0", date(2030, 1, 1), Standing.NEWER),
        ("1.2.0", date(2027, 2, 21), Standing.REPLAYED),
        ("1.3.0", date(2026, 1, 1), Standing.REPLAYED),
    ],
)
def test_that_news_older_than_what_was_announced_before_are_seen_through(
    version: str, expires: date, expected: Standing
) -> None:
    seen = Seen(version=version, expires=expires)
    assert announcement.standing(NEWS, own="1.0.0", seen=seen) is expected


def test_that_a_public_key_has_its_length_and_a_name() -> None:
    key = announcement.public_key(base64.b64encode(bytes(32)).decode())
    assert key == bytes(32)
    # SHA-256 of 32 zero bytes, as any tool prints it.
    assert announcement.key_name(key) == "66687aadf862bd77"


@pytest.mark.parametrize("text", ["", "AAAA", "!!!", base64.b64encode(bytes(33)).decode()])
def test_that_what_is_no_public_key_is_refused(text: str) -> None:
    with pytest.raises(ValueError, match=r"base64|32 bytes"):
        announcement.public_key(text)


def test_that_as_many_signatures_as_are_allowed_are_taken() -> None:
    assert len(announcement.opened(announcement.sealed(b"x", (SIGNED,) * 8)).signatures) == 8
    with pytest.raises(BadInput, match="signatures"):
        announcement.opened(announcement.sealed(b"x", (SIGNED,) * 9))
    with pytest.raises(BadInput, match="signatures"):
        announcement.opened(announcement.sealed(b"x", ()))


def test_that_a_file_may_be_as_long_as_64_kib() -> None:
    whole = announcement.sealed(b"x", (SIGNED,))
    full = whole + b"x" * (65_536 - len(whole))
    assert len(announcement.opened(full).payload) == 65_536 - len(whole) + 1
    with pytest.raises(BadInput, match="longer than 65536 bytes"):
        announcement.opened(full + b"x")


def test_that_a_payload_is_written_as_a_program_of_another_time_reads_it() -> None:
    assert announcement.written(NEWS).decode() == (
        '{\n "product": "landfall",\n "schema": 1,\n "version": "1.2.0",\n'
        ' "date": "2026-11-20",\n "page": "https://landfall.example/1.2.0",\n'
        ' "notes": "Faster starts; größer.",\n "expires": "2027-02-20"\n}\n'
    )
    key = "key 0123456789abcdef "
    said = base64.b64encode(bytes(range(64))).decode()
    assert announcement.sealed(b"{}", (SIGNED,)) == f"landfall-news 1\n{key}{said}\n\n{{}}".encode()


@pytest.mark.parametrize(
    "changes",
    [
        {"notes": "x" * 300},
        {"notes": ""},
        {"page": "https://landfall.example/" + "x" * 475},
        {"page": "https://landfall.example:1/"},
        {"page": "https://landfall.example:65535/"},
    ],
)
def test_that_a_value_at_its_limit_is_taken(changes: dict[str, Any]) -> None:
    found = announcement.read(payload(**changes))
    assert [getattr(found, name) for name in changes] == list(changes.values())


@pytest.mark.parametrize(
    "address",
    [
        "https://landfall.example/" + "x" * 476,
        "https://landfall.example:65536/",
        "https://landfall.example:0",
    ],
)
def test_that_an_address_beyond_a_limit_is_refused_in_part(address: str) -> None:
    with pytest.raises(ValueError, match="no https address") as caught:
        announcement.secure_address(address)
    assert str(caught.value) == f"{address[:80]!r} is no https address"


def test_that_what_is_wrong_is_told_in_no_more_than_a_line() -> None:
    with pytest.raises(BadInput) as caught:
        announcement.read(payload(version="v" * 400))
    said = caught.value.message.partition("not allowed: ")[2]
    assert len(said) == 120 + len(".")


def test_that_news_of_a_later_form_name_their_field() -> None:
    with pytest.raises(BadInput) as caught:
        announcement.read(payload(schema=0))
    assert caught.value.field == "schema"
    with pytest.raises(BadInput, match="another program"):
        announcement.read(b"[1]")


def test_that_the_same_version_is_replayed_only_where_it_was_to_hold_longer() -> None:
    newer = Seen(version="1.2.0", expires=date(2027, 2, 20))
    assert announcement.standing(NEWS, own="1.2.0", seen=newer) is Standing.CURRENT
    later = Seen(version="1.2.0", expires=date(2027, 2, 21))
    assert announcement.standing(NEWS, own="1.2.0", seen=later) is Standing.REPLAYED
