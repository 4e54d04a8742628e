"""Says to those who asked for it that a version is out: keys, addresses, and the signed file.

python packaging/announce.py keys FILE
    makes a pair of keys; the private one goes to FILE, outside this tree, readable by its owner
    alone; the public one is printed
python packaging/announce.py address --url URL --page URL --public-key KEY [--public-key KEY]
    writes resources/updates.json: where a release asks, and whose signature it takes. Two keys at
    once let a key be replaced: first both are built in, later the new one signs alone
python packaging/announce.py sign --key FILE [--key FILE] --version V --page URL --notes TEXT
                                  [--date D] [--valid-days N] --out FILE
    writes the file that is published at the address; it is to be signed anew before it expires
python packaging/announce.py verify FILE
    checks it as a program with this tree's resources does; ends with 1 where it is not taken
"""

from __future__ import annotations

import argparse
import base64
import json
import os
import stat
import sys
from collections.abc import Sequence
from datetime import UTC, date, datetime, timedelta
from pathlib import Path

ROOT = Path(__file__).resolve().parents[1]
sys.path.insert(0, str(ROOT / "app"))

from nacl.bindings import crypto_core_ed25519_is_valid_point  # noqa: E402
from nacl.signing import SigningKey  # noqa: E402

from landfall.core import announcement  # noqa: E402
from landfall.core.announcement import Announcement, Signature, key_name  # noqa: E402
from landfall.core.errors import AppError  # noqa: E402
from landfall.services.installation import updates  # noqa: E402

CHANNEL = ROOT / "resources" / updates.CHANNEL
PRIVATE = "landfall private key: "
VALID_DAYS = 90
_LONGEST_DAYS = 400


class Refused(Exception):
    """Why nothing was done."""


def main(words: Sequence[str], *, channel: Path = CHANNEL, now: datetime | None = None) -> int:
    """Do what was asked; 0 if it is done."""
    asked = _arguments(words)
    at = now or datetime.now(UTC)
    try:
        match asked.what:
            case "keys":
                print(make_keys(asked.file))
            case "address":
                write_channel(channel, url=asked.url, page=asked.page, keys=asked.public_key)
            case "sign":
                asked.out.write_bytes(signed(asked, at))
            case _:
                print(verified(asked.file, channel, at))
    except (AppError, OSError, Refused, ValueError) as error:
        print(error, file=sys.stderr)
        return 1
    return 0


def _arguments(words: Sequence[str]) -> argparse.Namespace:
    form = argparse.RawDescriptionHelpFormatter
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=form)
    commands = parser.add_subparsers(dest="what", required=True)
    keys = commands.add_parser("keys")
    keys.add_argument("file", type=Path)
    address = commands.add_parser("address")
    address.add_argument("--url", required=True)
    address.add_argument("--page", required=True)
    address.add_argument("--public-key", required=True, action="append")
    sign = commands.add_parser("sign")
    sign.add_argument("--key", required=True, action="append", type=Path)
    for name in ("version", "page", "notes"):
        sign.add_argument(f"--{name}", required=True)
    sign.add_argument("--date", type=date.fromisoformat)
    sign.add_argument("--valid-days", type=int, default=VALID_DAYS)
    sign.add_argument("--out", required=True, type=Path)
    verify = commands.add_parser("verify")
    verify.add_argument("file", type=Path)
    return parser.parse_args(words)


def make_keys(file: Path) -> str:
    """A new pair; the public key in base64. A file that is there is never replaced."""
    if file.resolve().is_relative_to(ROOT):
        raise Refused(f"{file} is in this tree: a private key must not get into a repository.")
    key = SigningKey.generate()
    flags = os.O_WRONLY | os.O_CREAT | os.O_EXCL
    with os.fdopen(os.open(file, flags, 0o600), "w", encoding="ascii") as out:
        out.write(PRIVATE + base64.b64encode(bytes(key)).decode("ascii") + "\n")
    return base64.b64encode(bytes(key.verify_key)).decode("ascii")


def read_key(file: Path) -> SigningKey:
    """A private key; one that others may read is not used."""
    if os.name == "posix" and stat.S_IMODE(file.stat().st_mode) & 0o077:
        raise Refused(f"{file} may be read by others: `chmod 600` it, and think about a new key.")
    text = file.read_text(encoding="ascii").strip()
    if not text.startswith(PRIVATE):
        raise Refused(f"{file} is no private key of `announce.py keys`.")
    return SigningKey(base64.b64decode(text.removeprefix(PRIVATE), validate=True))


def write_channel(file: Path, *, url: str, page: str, keys: Sequence[str]) -> None:
    """Where a release asks for news of versions, and whose signature it takes."""
    document = {"address": url, "page": page, "public_keys": list(dict.fromkeys(keys))}
    for key in updates.parse(document).keys:
        # Of other 32 bytes, such as a private key, one in sixteen would pass.
        if not crypto_core_ed25519_is_valid_point(key):
            raise Refused("One of the keys is no public key. Is it the private one?")
    file.write_text(json.dumps(document, indent=1) + "\n", encoding="utf-8")


def signed(asked: argparse.Namespace, at: datetime) -> bytes:
    """The file with the news, signed by every key that was named."""
    if not 0 < asked.valid_days <= _LONGEST_DAYS:
        raise Refused(f"News are valid for 1 to {_LONGEST_DAYS} days.")
    news = Announcement(
        version=asked.version,
        released=asked.date or at.date(),
        page=asked.page,
        notes=asked.notes,
        expires=at.date() + timedelta(days=asked.valid_days),
    )
    payload = announcement.written(news)
    signatures = []
    for file in asked.key:
        key = read_key(file)
        name = key_name(bytes(key.verify_key))
        signatures.append(Signature(key=name, value=key.sign(payload).signature))
    data = announcement.sealed(payload, signatures)
    announcement.opened(data)
    return data


def verified(file: Path, channel: Path, at: datetime) -> str:
    """What a program of this tree would believe."""
    source = updates.parse(json.loads(channel.read_text(encoding="utf-8")))
    news = updates.believed(file.read_bytes(), source, at)
    return f"{news.version} of {news.released}, valid until {news.expires}: {news.notes}"


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
