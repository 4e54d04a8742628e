"""Whether a signed file is from whom it says: Ed25519 (RFC 8032) through libsodium.

Imported late: only news of versions are signed, and they are asked for seldom.
"""

from __future__ import annotations

from collections.abc import Sequence

from nacl.exceptions import BadSignatureError
from nacl.signing import VerifyKey

from landfall.core.announcement import Envelope, key_name
from landfall.core.errors import NotGenuine


def is_genuine(public_key: bytes, signature: bytes, payload: bytes) -> bool:
    """Whether the owner of a key signed these bytes."""
    try:
        VerifyKey(public_key).verify(payload, signature)
    except BadSignatureError:
        return False
    return True


def assert_genuine(envelope: Envelope, keys: Sequence[bytes]) -> None:
    """One right signature by one of the keys is enough; those by keys unknown here say nothing.

    Raises:
        NotGenuine: there is none.
    """
    known = {key_name(key): key for key in keys}
    mine = [one for one in envelope.signatures if one.key in known]
    if any(is_genuine(known[one.key], one.value, envelope.payload) for one in mine):
        return
    if mine:
        raise NotGenuine(
            "The news of versions was changed on its way: its signature is wrong. Somebody may"
            " stand between this machine and the publisher.",
            "Do not follow what it says; try another network, and tell the publisher.",
        )
    raise NotGenuine(
        "The news of versions is signed with a key that this version does not know.",
        "Take the next version from where you had this one; do not follow links in between.",
    )
