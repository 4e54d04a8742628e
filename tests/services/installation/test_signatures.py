"""Ed25519 as the standard says it is, and what is said of a file that is not genuine."""

from __future__ import annotations

import pytest
from nacl.signing import SigningKey

from landfall.core import announcement
from landfall.core.errors import NotGenuine
from landfall.services.installation.signatures import assert_genuine, is_genuine
from tests.fakes import news_host

VECTORS = [
    (
        "d75a980182b10ab7d54bfed3c964073a0ee172f3daa62325af021a68f707511a",
        "",
        "e5564300c360ac729086e2cc806e828a84877f1eb8e5d974d873e065224901555fb8821590a33bacc61e39701c"
        "f9b46bd25bf5f0595bbe24655141438e7a100b",
    ),
    (
        "3d4017c3e843895a92b70aa74d1b7ebc9c982ccf2ec4968cc0cd55f12af4660c",
        "72",
        "92a009a9f0d4cab8720e820b5f642540a2b27b5416503f8fb3762223ebdb69da085ac1e43e15996e458f3613d0"
        "f11d8c387b2eaeb4302aeeb00d291612bb0c00",
    ),
    (
        "fc51cd8e6218a1a38da47ed00230f0580816ed13ba3303ac5deb911548908025",
        "af82",
        "6291d657deec24024827e69c3abe01a30ce548a284743a445e3680d7db5ac3ac18ff9b538d16f290ae67f76098"
        "4dc6594a7c15e9716ed28dc027beceea1ec40a",
    ),
]
"""Public key, message and signature: RFC 8032, section 7.1, tests 1 to 3."""


@pytest.mark.parametrize(("key", "message", "signature"), VECTORS)
def test_that_the_signatures_of_the_standard_are_right(
    key: str, message: str, signature: str
) -> None:
    parts = [bytes.fromhex(text) for text in (key, signature, message)]
    assert is_genuine(*parts)
    assert not is_genuine(parts[0], parts[1], parts[2] + b"\0")
    assert not is_genuine(parts[0], bytes([parts[1][0] ^ 1]) + parts[1][1:], parts[2])


@pytest.mark.parametrize("key", [bytes(32), b"\1" + bytes(31), b"\xff" * 32])
def test_that_a_key_for_which_anything_could_be_signed_is_of_no_use(key: bytes) -> None:
    """Points of small order and what is no point."""
    assert not is_genuine(key, b"\1" + bytes(63), b"anything")


def test_that_either_of_two_keys_is_enough() -> None:
    old, new = SigningKey.generate(), SigningKey.generate()
    payload = announcement.written(news_host.news())
    both = announcement.opened(news_host.signed(payload, old, new))
    for known in (old, new):
        assert_genuine(both, [bytes(known.verify_key)])
    alone = announcement.opened(news_host.signed(payload, new))
    assert_genuine(alone, [bytes(old.verify_key), bytes(new.verify_key)])


def test_that_a_changed_payload_is_said_loudly() -> None:
    key = SigningKey.generate()
    changed = news_host.file_of(key).replace(b"1.2.0", b"1.2.1")
    with pytest.raises(NotGenuine, match="changed on its way"):
        assert_genuine(announcement.opened(changed), [bytes(key.verify_key)])


def test_that_a_signature_of_one_key_under_the_name_of_another_is_wrong() -> None:
    mine, stranger = SigningKey.generate(), SigningKey.generate()
    mine_name = announcement.key_name(bytes(mine.verify_key)).encode()
    stranger_name = announcement.key_name(bytes(stranger.verify_key)).encode()
    forged = news_host.file_of(stranger).replace(stranger_name, mine_name)
    with pytest.raises(NotGenuine, match="changed on its way"):
        assert_genuine(announcement.opened(forged), [bytes(mine.verify_key)])


def test_that_a_key_which_is_not_known_is_another_matter() -> None:
    mine, stranger = SigningKey.generate(), SigningKey.generate()
    file = announcement.opened(news_host.file_of(stranger))
    with pytest.raises(NotGenuine, match="does not know"):
        assert_genuine(file, [bytes(mine.verify_key)])
