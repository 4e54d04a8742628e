"""Whom to trust on an encrypted connection to a server of the user's own."""

from __future__ import annotations

import functools
import os
import ssl
from contextlib import suppress

import certifi


@functools.cache
def trusted() -> ssl.SSLContext:
    """The authorities of the system and of the bundled list; an office has its own in the former.

    SSL_CERT_FILE and SSL_CERT_DIR stand for the system's, as everywhere. Takes 20 to 50 ms the
    first time: not on a loop.
    """
    context = ssl.create_default_context()
    if not os.environ.get("SSL_CERT_FILE"):
        # A Python from python.org finds no list of its own on macOS.
        with suppress(OSError):
            context.load_verify_locations(cafile=certifi.where())
    return context


WORDS = {
    9: "it is not valid yet",
    10: "it has expired",
    18: "it is self-signed",
    19: "its chain ends in a certificate that is not trusted here",
    20: "its issuer is not trusted here",
    21: "its issuer is not trusted here",
    62: "it is for another name",
    64: "it is for another address",
}
"""Verification results of OpenSSL (x509_vfy.h) that a user can do something about."""


def why_not(error: ssl.SSLCertVerificationError) -> str:
    """Why a certificate is not taken, in words."""
    return WORDS.get(error.verify_code, error.verify_message.rstrip("."))
