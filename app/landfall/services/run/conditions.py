"""What else holds while something is measured: the server, the model in it, the machine under it.

A number without these says nothing to somebody else. Whatever is not known stands under `reasons`
with why. Of a server on another machine nothing of this machine is told, and no sleeping GPU is
woken to be asked. What NVML tells awaits hardware: it was written against a stand-in of the
library.
"""

from __future__ import annotations

import os
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path
from typing import Any

import psutil

from landfall.core.fit.load_check import RunnerFacts
from landfall.core.hosts.runtime import LoadedModel, gpu_share
from landfall.core.provenance import Unknown
from landfall.services import nvml
from landfall.services.models import load_check
from landfall.services.ollama.address import is_this_machine
from landfall.services.ollama.client import Ollama
from landfall.services.power.mains import on_battery
from landfall.services.sensor_thread import SensorThread

LOOK_SECONDS = 5.0
"""A driver that has not answered by then is left alone."""

ELSEWHERE = "the server is on another machine, whose sensors are not read here"
ASLEEP = "the GPU sleeps and is not woken to be asked"

_SLOWED = {
    0x4: "the power limit holds the clocks down",
    0x8: "the hardware slows down: heat or power supply",
    0x20: "the driver slows down because of heat",
    0x40: "the hardware slows down because of heat",
    0x80: "the power supply asks for less",
}
_OTHERWISE = {
    0x1: "nothing runs on it",
    0x2: "the clocks were set by hand",
    0x10: "the clocks follow those of another card",
    0x100: "the display sets the clocks",
}
"""Bits of `nvmlDeviceGetCurrentClocksEventReasons` (nvml.h, nvmlClocksEventReasons)."""

_WATCHED_SECONDS = 0.4
_GRAPHICS, _MEMORY = 0, 2
_SENSOR = 0
_SERVERS = ("ollama", "llama-server")
_GONE = (psutil.Error, OSError)


@dataclass(frozen=True, slots=True, kw_only=True)
class MachineLook:
    """This machine at one moment, as plain data.

    Attributes:
        told: What is known: "gpus", "cpu", "on_battery".
        slowed: Why the hardware itself says that it is slower than it could be, in words.
        can_say: Whether anything here can say so at all.
        throttle_count: How often the processor slowed down because of heat since the start of the
            system; None where that is not counted.
        reasons: Why something is missing, by its name.
    """

    told: Mapping[str, Any] = field(default_factory=dict)
    slowed: tuple[str, ...] = ()
    can_say: bool = False
    throttle_count: int | None = None
    reasons: Mapping[str, str] = field(default_factory=dict)


class Lookout:
    """Looks at this machine when it is asked to, on a thread of its own; close it.

    Args of the constructor:
        here: Whether the server that is measured runs on this machine.
        look: What is done on the thread.
    """

    def __init__(self, *, here: bool = True, look: Callable[[], MachineLook] | None = None) -> None:
        self._here = here
        self._look = look or machine_now
        self._thread = SensorThread("conditions")

    async def now(self) -> MachineLook:
        """This machine now; a driver that hangs costs what it would have said, and no more."""
        if not self._here:
            return MachineLook(reasons={"machine": ELSEWHERE})
        try:
            return await self._thread.call(self._look, timeout_seconds=LOOK_SECONDS)
        except TimeoutError as error:
            return MachineLook(reasons={"machine": str(error)})

    async def at_rest(self) -> MachineLook:
        """This machine before anything is asked of it: also how busy other programs keep it."""
        look = await self.now()
        if "cpu" not in look.told:
            return look
        try:
            busy = await self._thread.call(_busy_share, timeout_seconds=LOOK_SECONDS)
        except TimeoutError as error:
            return replace(look, reasons={**look.reasons, "cpu.busy_share": str(error)})
        cpu = {**look.told["cpu"], "busy_share": busy}
        return replace(look, told={**look.told, "cpu": cpu})

    def close(self) -> None:
        """End the thread."""
        self._thread.close()


def machine_now(*, sysfs: Path = Path("/sys")) -> MachineLook:
    """GPUs by NVML, processor, battery. Blocks for a moment, longer where a driver does."""
    cpu, count, cpu_reasons = _processor(sysfs)
    gpus, slowed, gpu_reason = _gpus(sysfs)
    reasons = dict(cpu_reasons)
    if gpu_reason:
        reasons["gpus"] = gpu_reason
    told: dict[str, Any] = {"cpu": cpu}
    if gpus:
        told["gpus"] = gpus
    drawn_on = on_battery(sysfs)
    if isinstance(drawn_on, Unknown):
        reasons["on_battery"] = drawn_on.reason
    else:
        told["on_battery"] = drawn_on
    return MachineLook(
        told=told,
        slowed=slowed,
        can_say=any("clocks_event_reasons" in gpu for gpu in gpus) or count is not None,
        throttle_count=count,
        reasons=reasons,
    )


def _busy_share() -> float:
    """Of all cores, over a moment in which nothing of ours runs."""
    return round(psutil.cpu_percent(interval=_WATCHED_SECONDS) / 100, 3)


# The processor


def _processor(sysfs: Path) -> tuple[dict[str, Any], int | None, dict[str, str]]:
    """What is known of the processor, how often it was throttled, and what is missing."""
    told: dict[str, Any] = {}
    reasons: dict[str, str] = {}
    if hasattr(os, "getloadavg"):
        told["load_average"] = round(os.getloadavg()[0], 2)
    else:
        reasons["cpu.load_average"] = "this system has none"
    told["logical_cores"] = psutil.cpu_count()
    frequency = _frequency()
    if frequency is None:
        reasons["cpu.frequency_mhz"] = "the system does not tell"
    else:
        told["frequency_mhz"] = frequency
    count = _throttled(sysfs)
    if count is None:
        reasons["cpu.throttle_count"] = "the system does not count it"
    else:
        told["throttle_count"] = count
    return told, count, reasons


def _frequency() -> int | None:
    try:
        found: Any = psutil.cpu_freq()
    except (OSError, NotImplementedError, RuntimeError, AttributeError):
        return None
    return round(found.current) if found and found.current else None


def _throttled(sysfs: Path) -> int | None:
    """Throttle events of all cores and packages; the cores of one package count the same ones.

    Source: Linux, Documentation/ABI/testing/sysfs-devices-system-cpu (thermal_throttle).
    """
    found: dict[str, int] = {}
    for folder in (sysfs / "devices/system/cpu").glob("cpu*/thermal_throttle"):
        for name in ("core_throttle_count", "package_throttle_count"):
            text = nvml.read_line(folder / name)
            if text is not None and text.isdecimal():
                found[name] = max(found.get(name, 0), int(text))
    return sum(found.values()) if found else None


# GPUs


def _gpus(sysfs: Path) -> tuple[list[dict[str, Any]], tuple[str, ...], str]:
    """What NVML says of each GPU, why they are slowed, and why nothing is known."""
    if nvml.gpus_asleep(sysfs):
        return [], (), ASLEEP
    try:
        with nvml.session():
            handles = nvml.handles()
            if isinstance(handles, nvml.Refusal):
                return [], (), handles.meaning
            found = [_gpu(handle) for handle in handles]
    except nvml.NvmlUnavailable as error:
        return [], (), error.message
    slowed = {word for _, words in found for word in words}
    return [told for told, _ in found], tuple(sorted(slowed)), "" if found else "there is none"


def _gpu(handle: Any | nvml.Refusal) -> tuple[dict[str, Any], tuple[str, ...]]:
    if isinstance(handle, nvml.Refusal):
        return {"reasons": {"gpu": handle.meaning}}, ()
    told: dict[str, Any] = {}
    reasons: dict[str, str] = {}

    def keep(name: str, answer: Any, change: Callable[[Any], Any]) -> None:
        if isinstance(answer, nvml.Refusal):
            reasons[name] = answer.meaning
        else:
            told[name] = change(answer)

    keep("name", nvml.ask("nvmlDeviceGetName", handle), nvml.text)
    keep("power_limit_watts", nvml.ask("nvmlDeviceGetEnforcedPowerLimit", handle), _watts)
    keep("temperature_c", _temperature(handle), int)
    keep("graphics_clock_mhz", nvml.ask("nvmlDeviceGetClockInfo", handle, _GRAPHICS), int)
    keep("memory_clock_mhz", nvml.ask("nvmlDeviceGetClockInfo", handle, _MEMORY), int)
    keep("utilisation", nvml.ask("nvmlDeviceGetUtilizationRates", handle), _share)
    bits = _event_bits(handle)
    keep("clocks_event_reasons", bits, words)
    keep("others", _processes(handle), others)
    if reasons:
        told["reasons"] = reasons
    slowed = () if isinstance(bits, nvml.Refusal) else tuple(_named(bits, _SLOWED))
    return told, slowed


def _watts(milliwatts: Any) -> float:
    return float(milliwatts) / 1000


def _share(rates: Any) -> float:
    return float(rates.gpu) / 100


def _temperature(handle: Any) -> Any | nvml.Refusal:
    """Degrees Celsius by the newer function, by the older one where that is all there is."""
    found = nvml.ask("nvmlDeviceGetTemperatureV", handle, _SENSOR)
    if isinstance(found, nvml.Refusal):
        return nvml.ask("nvmlDeviceGetTemperature", handle, _SENSOR)
    return found


def _event_bits(handle: Any) -> Any | nvml.Refusal:
    found = nvml.ask("nvmlDeviceGetCurrentClocksEventReasons", handle)
    if isinstance(found, nvml.Refusal):
        return nvml.ask("nvmlDeviceGetCurrentClocksThrottleReasons", handle)
    return found


def words(bits: int) -> list[str]:
    """Why the clocks are what they are, in words; a bit that is not known is named."""
    known = {**_SLOWED, **_OTHERWISE}
    rest = bits & ~sum(known)
    return [*_named(bits, known), *([f"reason {rest:#x}"] if rest else [])]


def _named(bits: int, known: Mapping[int, str]) -> list[str]:
    return [text for bit, text in known.items() if bits & bit]


def _processes(handle: Any) -> Any | nvml.Refusal:
    """Programs that compute on the GPU, and those that draw with it: process id to bytes.

    The functions with their version: the binding raises what is no error of the library where a
    driver lacks the newest one.
    """
    found: dict[int, int | None] = {}
    answers = [
        nvml.ask(f"nvmlDeviceGet{kind}RunningProcesses_v3", handle)
        for kind in ("Compute", "Graphics")
    ]
    if all(isinstance(answer, nvml.Refusal) for answer in answers):
        return answers[0]
    for answer in answers:
        if not isinstance(answer, nvml.Refusal):
            found |= {int(process.pid): process.usedGpuMemory for process in answer}
    return found


def others(processes: Mapping[int, int | None]) -> dict[str, int]:
    """How many programs but the server's use the GPU, and how much of its memory they hold.

    `unseen` are those whose name cannot be seen from here: in another container, or ours from
    within one.
    """
    told = {"count": 0, "bytes": 0, "unseen": 0}
    for pid, size in processes.items():
        name = _name(pid)
        if name is None:
            told["unseen"] += 1
        elif not name.startswith(_SERVERS):
            told["count"] += 1
            told["bytes"] += size or 0
    return told


def _name(pid: int) -> str | None:
    try:
        return psutil.Process(pid).name().lower()
    except _GONE:
        return None


# Two looks at once


def throttling(looks: Sequence[MachineLook]) -> tuple[bool | None, tuple[str, ...]]:
    """Whether the hardware said in any of the looks that it slows down, and how it put it."""
    said = sorted({reason for look in looks for reason in look.slowed})
    counts = [look.throttle_count for look in looks if look.throttle_count is not None]
    if counts and max(counts) > counts[0]:
        said.append(f"the processor slowed down because of heat {max(counts) - counts[0]} times")
    if said:
        return True, tuple(said)
    if any(look.can_say for look in looks):
        return False, ()
    return None, ("nothing here can say whether the hardware slows down",)


# The server


@dataclass(frozen=True, slots=True, kw_only=True)
class ServerLook:
    """A model in a server's memory.

    Attributes:
        told: What is known, as plain data.
        parallel: Answers that the server makes at once, where its process tells.
        seen_here: Whether a process of this machine holds the model; None where that is not known.
        reasons: Why something is missing.
    """

    told: Mapping[str, Any] = field(default_factory=dict)
    parallel: int | None = None
    seen_here: bool | None = None
    reasons: Mapping[str, str] = field(default_factory=dict)


async def of_server(client: Ollama, model: str, *, asked_context: int) -> ServerLook:
    """What a server says of a model in its memory, and what the process that holds it tells.

    Raises:
        AppError: the server does not answer.
    """
    loaded = await client.loaded(model)
    if loaded is None:
        return ServerLook(reasons={"model": "the server does not list the model as loaded"})
    check = await load_check.look(client, loaded, prompt_tokens=0, asked_context=asked_context)
    return of_loaded(loaded, check.runner, here=is_this_machine(client.url))


def of_loaded(
    loaded: LoadedModel, process: RunnerFacts | Unknown, *, here: bool = True
) -> ServerLook:
    """The two put together."""
    told: dict[str, Any] = {"memory_bytes": loaded.size_bytes}
    reasons: dict[str, str] = {}
    for name, value in (("context_given", loaded.context), ("gpu_share", gpu_share(loaded))):
        if value is None:
            reasons[name] = "the server does not tell"
        else:
            told[name] = round(value, 4)
    if isinstance(process, Unknown):
        reasons["parallel"] = process.reason
        return ServerLook(told=told, seen_here=False if here else None, reasons=reasons)
    if process.kv_type is not None:
        told["kv_type"] = process.kv_type.value
    if process.parallel is None:
        reasons["parallel"] = "the process does not tell"
    else:
        told["parallel"] = process.parallel
    told["process_bytes"] = process.memory_bytes
    return ServerLook(told=told, parallel=process.parallel, seen_here=True, reasons=reasons)
