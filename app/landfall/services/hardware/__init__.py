"""What this machine is made of: accelerators, processor, memory, the disk with the models."""

from __future__ import annotations

import asyncio
import os
import platform
import sys
from pathlib import Path

import psutil

from landfall.core.hardware import Cpu, Disk, HardwareProfile, Ram, System
from landfall.core.provenance import Unknown
from landfall.core.settings import Settings

_OS_NAMES = {"linux": "linux", "darwin": "macos", "win32": "windows"}


async def detect(settings: Settings, models_path: Path | None = None) -> HardwareProfile:
    """Look at this machine. What cannot be read is a value with a reason, never an exception.

    Args:
        settings: Its `overrides` correct what was detected.
        models_path: Where models lie, if known better (a server that was asked).

    Raises:
        BadInput: an override names a field that does not exist, or has the wrong type.
    """
    return await asyncio.to_thread(_look, settings, models_path)


def _look(settings: Settings, models_path: Path | None) -> HardwareProfile:
    memory = psutil.virtual_memory()
    folder = models_path or Path(os.environ.get("OLLAMA_MODELS", "~/.ollama/models")).expanduser()
    nearest = next(p for p in (folder, *folder.parents) if p.exists())
    disk = psutil.disk_usage(str(nearest))
    return HardwareProfile(
        name="This machine",
        system=System(
            os=_OS_NAMES.get(sys.platform, sys.platform),
            version=platform.release(),
            arch=platform.machine(),
        ),
        cpu=Cpu(
            name=platform.processor() or platform.machine(),
            physical_cores=psutil.cpu_count(logical=False),
            logical_cores=psutil.cpu_count(),
        ),
        ram=Ram(
            total_bytes=memory.total,
            available_bytes=memory.available,
            bandwidth_bytes_per_s=Unknown("no system call tells the bandwidth of main memory"),
        ),
        disk=Disk(models_path=str(folder), free_bytes=disk.free, total_bytes=disk.total),
        accelerators=(),
    )
