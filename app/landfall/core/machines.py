"""Machines that are not at hand: the rows of the hardware catalogue, and what they are called."""

from __future__ import annotations

import difflib
import re
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace

from landfall.core.errors import BadInput
from landfall.core.hardware import (
    GIB,
    Accelerator,
    AcceleratorKind,
    Cpu,
    Disk,
    HardwareProfile,
    Ram,
    System,
    Vendor,
    apple_working_set_bytes,
    usable_discrete_bytes,
)
from landfall.core.provenance import Figure, Published, Stated, Unknown
from landfall.core.speed_model import SpeedModel

MAX_CARDS = 16


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """One row of the catalogue: an accelerator, or a chip with unified memory.

    Attributes:
        device_class: "nvidia-desktop", "apple-soc" ...
        architecture: Generation: "Ada Lovelace".
        memory_bytes: The most it was sold with; None where it shares the machine's.
        memory_options: Sizes it was sold with, where there are several.
        launch_price_usd: Price at launch, or None.
    """

    name: str
    vendor: Vendor
    device_class: str
    architecture: str
    memory_bytes: int | None
    memory_options: tuple[int, ...]
    unified: bool
    bandwidth_bytes_per_s: float
    fp16_flops: float | None
    fp32_flops: float | None
    tdp_watts: float | None
    launch_price_usd: float | None
    year: int | None
    source: str
    price_source: str
    date: str

    @property
    def kind(self) -> AcceleratorKind:
        """Where its memory is."""
        if not self.unified:
            return AcceleratorKind.DISCRETE
        if self.memory_bytes is None or self.device_class.endswith("igpu"):
            return AcceleratorKind.INTEGRATED
        return AcceleratorKind.UNIFIED


# ---------------------------------------------------------------- names

_COUNT = re.compile(r"^\s*(\d{1,3})\s*[x×*]\s*(.+)$", re.IGNORECASE)
_COUNT_AFTER = re.compile(r"^(.+?)\s+[x×*]\s*(\d{1,3})\s*$", re.IGNORECASE)
_MEMORY = re.compile(r"\(?\b(\d{1,4})\s*(?:gb|gib)\b\)?", re.IGNORECASE)
_NOISE = re.compile(
    r"\b(?:nvidia|geforce|amd|radeon|apple|intel)|\b(?:gpu|generation)\b|[®™]", re.IGNORECASE
)


def spelling(name: str) -> str:
    """One spelling: no vendor, no case, one space, "16gb" in one word."""
    words = " ".join(re.split(r"[\s_-]+", name.lower()))
    return " ".join(_MEMORY.sub(r"\1gb", _NOISE.sub(" ", words)).split())


def _without_memory(text: str) -> str:
    return " ".join(re.sub(r"\b\d{1,4}gb\b", " ", text).split())


def _family(text: str) -> str:
    """Without memory and cores: what is left of "M4 Max 40-core 64GB" is "m4 max"."""
    return re.sub(r"\b\d+ core\b", " ", _without_memory(text))


def _keys(machine: Machine) -> tuple[str, ...]:
    """The names of a row: as it stands, without its parentheses, and what they hold."""
    plain = re.sub(r"\([^)]*\)", " ", machine.name)
    inside = re.findall(r"\(([^)]*)\)", machine.name)
    return tuple(spelling(name) for name in (machine.name, plain, *inside))


def split_count(name: str) -> tuple[int, str]:
    """`2x RTX 4090` is two of a card."""
    if found := _COUNT.match(name):
        return int(found[1]), found[2].strip()
    if found := _COUNT_AFTER.match(name):
        return int(found[2]), found[1].strip()
    return 1, name.strip()


def find(name: str, machines: Sequence[Machine]) -> tuple[Machine, int | None]:
    """The row that a name means, and its memory where the name states one of several sizes.

    Raises:
        BadInput: no row, or several, have that name; the hint says which are near.
    """
    wanted = spelling(name)
    exact = [m for m in machines if _is_called(wanted, m)]
    if len(exact) == 1:
        return exact[0], None
    sizes = [int(size) * GIB for size in re.findall(r"\b(\d{1,4})gb\b", wanted)]
    candidates = exact
    for shorter in (str, _without_memory, _family):
        found = [
            m
            for m in machines
            if _is_called(_without_memory(wanted), m, shorter)
            and (not sizes or sizes[0] in _sizes(m))
        ]
        if len(found) == 1:
            return found[0], sizes[0] if sizes and found[0].memory_options else None
        candidates = candidates or found
    raise _unknown(name, machines, candidates)


def _is_called(wanted: str, machine: Machine, shorter: Callable[[str], str] = str) -> bool:
    """Whether that is a name of the row, however it is spaced: "rtx4090"."""
    names = {"".join(shorter(key).split()) for key in _keys(machine)} - {""}
    return "".join(shorter(wanted).split()) in names


def _sizes(machine: Machine) -> tuple[int, ...]:
    """The memory sizes it was sold with; none where it shares the machine's."""
    if machine.memory_options or machine.memory_bytes is None:
        return machine.memory_options
    return (machine.memory_bytes,)


_EXAMPLES = "Known are, for example, RTX 4090, 2x RTX 3090 and M4 Max 40-core; see `machines`."


def _unknown(name: str, machines: Sequence[Machine], candidates: Sequence[Machine]) -> BadInput:
    if candidates:
        return BadInput(
            f"{name!r} can be several machines.",
            f"Say which: {', '.join(m.name for m in candidates[:6])}.",
            field="machine",
        )
    close = suggestions(name, machines)
    return BadInput(
        f"No machine is known as {name!r}.",
        f"Did you mean {', '.join(close)}?" if close else _EXAMPLES,
        field="machine",
    )


def suggestions(name: str, machines: Iterable[Machine], limit: int = 5) -> tuple[str, ...]:
    """Names that look like it, best first."""
    wanted = spelling(name)
    by_key = {key: m.name for m in machines for key in _keys(m)}
    words = set(wanted.split())
    holding = [label for key, label in by_key.items() if words and words <= set(key.split())]
    close = difflib.get_close_matches(wanted, list(by_key), n=limit, cutoff=0.55)
    return tuple(dict.fromkeys([*holding, *(by_key[key] for key in close)]))[:limit]


def search(text: str, machines: Iterable[Machine]) -> tuple[Machine, ...]:
    """Rows whose name, maker, class or generation hold every word of the text."""
    words = text.lower().split()
    return tuple(
        m
        for m in machines
        if all(
            word in f"{m.name} {m.vendor} {m.device_class} {m.architecture}".lower()
            for word in words
        )
    )


# ---------------------------------------------------------------- what if

_HOST_RAM_BYTES = {"datacenter": 256 * GIB, "workstation": 64 * GIB}
_HOST_RAM_DEFAULT_BYTES = 32 * GIB
_HOST_BUSY_BYTES = 4 * GIB
_HOST_BANDWIDTH = 80e9
_UNIFIED_SHARE = {"nvidia-soc": 0.93, "amd-apu": 0.75}


def what_if(
    name: str, machines: Sequence[Machine], speed: SpeedModel | None = None
) -> HardwareProfile:
    """The machine of that name, or several of a card: `2x RTX 4090`.

    Nothing else is known of such a machine: the memory of its host is assumed, and said.

    Args:
        speed: The constants with which speed is predicted on it; without them it is not.

    Raises:
        BadInput: no machine has that name, or the count makes no sense.
    """
    count, label = split_count(name)
    machine, memory = find(label, machines)
    if not 1 <= count <= MAX_CARDS:
        raise BadInput(
            f"{count} of a card is not a machine.", f"Give 1 to {MAX_CARDS}.", field="machine"
        )
    if count > 1 and machine.unified:
        raise BadInput(
            f"{machine.name} is a whole machine: two of them are two machines.",
            "Ask for one of it.",
            field="machine",
        )
    size = memory or machine.memory_bytes
    full = machine.name if memory is None else f"{machine.name} {memory // GIB}GB"
    return HardwareProfile(
        name=full if count == 1 else f"{count}x {full}",
        system=System(
            os="macos" if machine.vendor is Vendor.APPLE else "linux", version="", arch=""
        ),
        cpu=Cpu(name="not stated", physical_cores=None, logical_cores=None),
        ram=_host_ram(machine, size),
        disk=Disk(models_path="", free_bytes=None, total_bytes=None),
        accelerators=tuple(_accelerator(machine, size, index) for index in range(count)),
        speed=speed,
    )


def _host_ram(machine: Machine, size: int | None) -> Ram:
    if machine.unified and size is not None:
        return Ram(
            total_bytes=size,
            available_bytes=size - min(_HOST_BUSY_BYTES, size // 4),
            bandwidth_bytes_per_s=_published(machine, machine.bandwidth_bytes_per_s),
        )
    grade = machine.device_class.partition("-")[2]
    total = _HOST_RAM_BYTES.get(grade, _HOST_RAM_DEFAULT_BYTES)
    return Ram(
        total_bytes=total,
        available_bytes=total - _HOST_BUSY_BYTES,
        bandwidth_bytes_per_s=Stated(_HOST_BANDWIDTH, "assumed: two channels of DDR5-5600"),
    )


def _accelerator(machine: Machine, size: int | None, index: int) -> Accelerator:
    usable, reason = _usable(machine, size)
    return Accelerator(
        id=f"what-if-{index}",
        name=machine.name,
        vendor=machine.vendor,
        kind=machine.kind,
        memory_total_bytes=size,
        memory_free_bytes=None,
        usable_bytes=usable,
        bandwidth_bytes_per_s=_published(machine, machine.bandwidth_bytes_per_s),
        fp16_flops=_published(machine, machine.fp16_flops),
        driver=None,
        source="catalogue",
        reasons=(reason,),
        power_limit_watts=machine.tdp_watts,
        catalogue_name=machine.name,
        fp32_flops=_published(machine, machine.fp32_flops),
        architecture=machine.architecture,
    )


def _usable(machine: Machine, size: int | None) -> tuple[int, str]:
    """What a model may take, with nothing else on the machine, and what was assumed."""
    if size is None or machine.device_class == "intel-igpu":
        half = (size or _HOST_RAM_DEFAULT_BYTES) // 2
        assumed = "" if size else f" of {_HOST_RAM_DEFAULT_BYTES // GIB} GiB assumed"
        return usable_discrete_bytes(half), f"may take half of main memory{assumed}"
    if machine.vendor is Vendor.APPLE:
        working_set = apple_working_set_bytes(size)
        return (
            usable_discrete_bytes(working_set),
            f"working set of {working_set / GIB:.1f} GiB as observed on Macs of this memory",
        )
    share = _UNIFIED_SHARE.get(machine.device_class)
    if share is not None:
        return (
            usable_discrete_bytes(int(size * share)),
            f"about {share:.0%} of the memory can go to a model; the machine's settings decide",
        )
    return usable_discrete_bytes(size), "nothing else is assumed to run on it"


def _published(machine: Machine, value: float | None) -> Figure:
    if value is None:
        return Unknown(f"the catalogue does not tell for {machine.name}")
    return Published(value, machine.source, machine.date)


# ---------------------------------------------------------------- a detected machine


def enriched(
    profile: HardwareProfile, machines: Sequence[Machine], speed: SpeedModel | None = None
) -> HardwareProfile:
    """The profile with what the catalogue knows of its accelerators and detection could not read.

    Nothing that was measured or typed in is replaced.

    Args:
        speed: The constants with which speed is predicted on it; None leaves those it has.
    """
    by_name = {machine.name: machine for machine in machines}
    accelerators = tuple(
        _with_row(a, by_name[a.catalogue_name]) if a.catalogue_name in by_name else a
        for a in profile.accelerators
    )
    return replace(profile, accelerators=accelerators, speed=speed or profile.speed)


def _with_row(accelerator: Accelerator, machine: Machine) -> Accelerator:
    def known(figure: Figure, value: float | None) -> Figure:
        return _published(machine, value) if isinstance(figure, Unknown) else figure

    return replace(
        accelerator,
        bandwidth_bytes_per_s=known(
            accelerator.bandwidth_bytes_per_s, machine.bandwidth_bytes_per_s
        ),
        fp16_flops=known(accelerator.fp16_flops, machine.fp16_flops),
        fp32_flops=known(accelerator.fp32_flops, machine.fp32_flops),
        architecture=accelerator.architecture or machine.architecture,
    )
