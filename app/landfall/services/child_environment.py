"""What a child process may see of the environment: everything but secrets."""

from __future__ import annotations

import re
from collections.abc import Mapping

_SECRET = re.compile(r"API_?KEY|TOKEN|SECRET|PASSWORD|PASSWD|CREDENTIAL|PRIVATE_KEY", re.IGNORECASE)


def without_secrets(environment: Mapping[str, str]) -> dict[str, str]:
    """The environment without what by its name is a key, a token or a password."""
    return {name: value for name, value in environment.items() if not _SECRET.search(name)}
