"""The machine around the accelerators: system, processor, main memory, the disk with the models."""

from __future__ import annotations

import os
import platform
import sys
from collections.abc import Mapping
from dataclasses import dataclass
from pathlib import Path, PurePosixPath

import psutil

from landfall.core.machine.hardware import GIB, Cpu, Disk, Failure, ProbeResult, Ram, System
from landfall.core.provenance import Unknown
from landfall.services.hardware.kernel_files import text_of
from landfall.services.paths import expanded

if sys.platform == "win32":
    import winreg

_OS_NAMES = {"linux": "linux", "darwin": "macos", "win32": "windows"}
_SERVICE_MODELS = Path("/usr/share/ollama/.ollama/models")
"""Where the Linux service keeps models: the home of its own user."""

_NO_LIMIT_BYTES = 1 << 60
"""Version 1 of control groups writes "no limit" as a huge number."""

GB = 10**9
"""Disks are counted as their makers and systems count them."""

NO_BANDWIDTH = "the system does not tell how fast main memory is"


@dataclass(frozen=True, slots=True, kw_only=True)
class Host:
    """System, processor, memory and disk, and how they were found."""

    system: System
    cpu: Cpu
    ram: Ram
    disk: Disk
    probes: tuple[ProbeResult, ...]
    failures: tuple[Failure, ...] = ()


def probe(
    *,
    sysfs: Path,
    procfs: Path,
    environment: Mapping[str, str],
    models_path: Path | None,
    platform_name: str = sys.platform,
) -> Host:
    """Read it; roots and environment are given, so that a test can give its own."""
    cpu, ram_probe = _cpu(procfs), _ram(sysfs, procfs)
    models = models_path or default_models_path(environment, platform_name=platform_name)
    disk, disk_probe = _disk(models)
    probes = (
        ProbeResult(probe="processor", ok=bool(cpu.name), answer=_cpu_words(cpu)),
        ram_probe[1],
        disk_probe,
    )
    failures = tuple(
        Failure(probe=p.probe, reason=p.answer, hint=p.hint) for p in probes if not p.ok and p.hint
    )
    return Host(
        system=_system(platform_name),
        cpu=cpu,
        ram=ram_probe[0],
        disk=disk,
        probes=probes,
        failures=failures,
    )


def _system(platform_name: str) -> System:
    match platform_name:
        case "darwin":
            version = platform.mac_ver()[0]
        case "win32":
            version = platform.version()
        case _:
            version = _distribution() or platform.release()
    name = _OS_NAMES.get(platform_name, platform_name)
    return System(os=name, version=version, arch=platform.machine())


def _distribution() -> str:
    try:
        return platform.freedesktop_os_release().get("PRETTY_NAME", "")
    except OSError:
        return ""


def _cpu(procfs: Path) -> Cpu:
    name = _registry_cpu_name() or cpu_name_of(text_of(procfs / "cpuinfo") or "")
    return Cpu(
        name=name or platform.processor() or platform.machine(),
        physical_cores=psutil.cpu_count(logical=False),
        logical_cores=psutil.cpu_count(),
    )


def cpu_name_of(cpuinfo: str) -> str:
    """The name in the text of /proc/cpuinfo: x86 has one a core, ARM boards one at the end."""
    pairs = [line.partition(":") for line in cpuinfo.splitlines()]
    facts = {key.strip().lower(): value.strip() for key, _, value in pairs}
    for key in ("model name", "model", "hardware", "cpu model"):
        if facts.get(key, "") and not facts[key].isdecimal():
            return " ".join(facts[key].split())
    return ""


if sys.platform == "win32":

    def _registry_cpu_name() -> str:
        path = r"HARDWARE\DESCRIPTION\System\CentralProcessor\0"
        try:
            with winreg.OpenKey(winreg.HKEY_LOCAL_MACHINE, path) as key:
                return str(winreg.QueryValueEx(key, "ProcessorNameString")[0]).strip()
        except OSError:
            return ""

else:

    def _registry_cpu_name() -> str:
        return ""


def _cpu_words(cpu: Cpu) -> str:
    cores = cpu.physical_cores if cpu.physical_cores is not None else "an unknown number of"
    return f"{cpu.name}, {cores} cores, {cpu.logical_cores or 'unknown'} threads"


def _ram(sysfs: Path, procfs: Path) -> tuple[Ram, ProbeResult]:
    memory = psutil.virtual_memory()
    total, available = memory.total, memory.available
    limit = container_limit(sysfs, procfs)
    answer = f"{total / GIB:.1f} GiB, {available / GIB:.1f} GiB available"
    if limit is not None and limit.limit_bytes < total:
        total = limit.limit_bytes
        available = max(0, min(available, limit.limit_bytes - limit.used_bytes))
        answer += f"; this container may use {total / GIB:.1f} GiB, {available / GIB:.1f} GiB free"
    ram = Ram(
        total_bytes=total, available_bytes=available, bandwidth_bytes_per_s=Unknown(NO_BANDWIDTH)
    )
    return ram, ProbeResult(probe="memory", ok=True, answer=answer)


@dataclass(frozen=True, slots=True)
class ContainerLimit:
    """What a control group allows, and what is taken of it without the page cache."""

    limit_bytes: int
    used_bytes: int


def container_limit(sysfs: Path, procfs: Path) -> ContainerLimit | None:
    """The tightest memory limit of the control groups this process is in, or None.

    Source: kernel documentation, cgroup-v2 ("memory.max") and cgroup-v1 ("memory.limit_in_bytes").
    """
    limits = [
        limit
        for folder, names in _groups(sysfs / "fs/cgroup", text_of(procfs / "self/cgroup") or "")
        if (limit := _limit(folder, names)) is not None
    ]
    return min(limits, key=lambda limit: limit.limit_bytes - limit.used_bytes, default=None)


_V2 = ("memory.max", "memory.current", "inactive_file")
_V1 = ("memory.limit_in_bytes", "memory.usage_in_bytes", "total_inactive_file")


def _groups(root: Path, membership: str) -> list[tuple[Path, tuple[str, str, str]]]:
    """Every group from the process's own up to the root; a container sees its own as the root."""
    found: list[tuple[Path, tuple[str, str, str]]] = []
    for line in membership.splitlines():
        number, controllers, path = (*line.split(":", 2), "", "")[:3]
        inside = PurePosixPath(path.lstrip("/"))
        if number == "0" and not controllers:
            base, names = root, _V2
        elif "memory" in controllers.split(","):
            base, names = root / "memory", _V1
        else:
            continue
        found += [(base / part, names) for part in (inside, *inside.parents)]
    return found


def _limit(folder: Path, names: tuple[str, str, str]) -> ContainerLimit | None:
    limit, used = _number(folder / names[0]), _number(folder / names[1])
    if limit is None or limit >= _NO_LIMIT_BYTES:
        return None
    cache = _of_table(text_of(folder / "memory.stat") or "", names[2])
    return ContainerLimit(limit, max(0, (used or 0) - cache))


def _of_table(text: str, name: str) -> int:
    for line in text.splitlines():
        key, _, value = line.partition(" ")
        if key == name and value.strip().isdecimal():
            return int(value)
    return 0


def default_models_path(
    environment: Mapping[str, str], *, platform_name: str = sys.platform
) -> Path:
    """Where Ollama keeps models: OLLAMA_MODELS, the Linux service's folder, or the user's."""
    said = environment.get("OLLAMA_MODELS", "").strip()
    if said:
        return expanded(said)
    if platform_name == "linux" and _is_folder(_SERVICE_MODELS):
        return _SERVICE_MODELS
    return expanded("~/.ollama/models")


def _is_folder(path: Path) -> bool:
    """Also true where this user may not look inside: then it is there."""
    try:
        return path.is_dir()
    except PermissionError:
        return True


def _disk(models: Path) -> tuple[Disk, ProbeResult]:
    nearest = _existing(models)
    try:
        usage = psutil.disk_usage(str(nearest))
    except OSError as error:
        why = f"{nearest}: {error.strerror or error}"
        hint = "Make the folder readable, or set OLLAMA_MODELS to the one that Ollama uses."
        disk = Disk(models_path=str(models), free_bytes=None, total_bytes=None)
        return disk, ProbeResult(probe="disk", ok=False, answer=why, hint=hint)
    answer = f"{usage.free / GB:.1f} of {usage.total / GB:.1f} GB free where {models} is"
    if nearest != models:
        answer += f"; that folder is not there yet, so {nearest} was asked"
    disk = Disk(models_path=str(models), free_bytes=usage.free, total_bytes=usage.total)
    return disk, ProbeResult(probe="disk", ok=True, answer=answer)


def _existing(path: Path) -> Path:
    for candidate in (path, *path.parents):
        if os.path.lexists(candidate):
            return candidate
    return path


def _number(path: Path) -> int | None:
    text = (text_of(path) or "").strip()
    return int(text) if text.isdecimal() else None
