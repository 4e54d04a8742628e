"""What readers of foreign bytes run on: a folder of this process, and one loop."""

from __future__ import annotations

import asyncio
import shutil
import tempfile
from functools import cache
from pathlib import Path


@cache
def scratch_folder() -> Path:
    memory = Path("/dev/shm")
    return Path(tempfile.mkdtemp(prefix="fuzz-", dir=memory if memory.is_dir() else None))


def forget_files() -> None:
    """Take away what inputs were written to, and end what reads answers."""
    if runner.cache_info().currsize:
        runner().close()
        runner.cache_clear()
    if scratch_folder.cache_info().currsize:
        shutil.rmtree(scratch_folder(), ignore_errors=True)
        scratch_folder.cache_clear()


@cache
def runner() -> asyncio.Runner:
    return asyncio.Runner()
