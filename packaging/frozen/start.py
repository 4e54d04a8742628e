"""Where the frozen program begins: what the frozen state has changed is put right, then `main`."""

from __future__ import annotations

import sys

from landfall.services.installation import frozen

frozen.settle()

from landfall.__main__ import main  # noqa: E402 - not before its environment is right

if __name__ == "__main__":
    sys.exit(main())
