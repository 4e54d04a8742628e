"""Machines that are not at hand: the rows of the hardware catalogue, and what they are called."""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from dataclasses import dataclass, replace

from landfall.core.errors import BadInput
from landfall.core.machine import machine_names
from landfall.core.machine.hardware import (
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
from landfall.core.percent import percent
from landfall.core.provenance import (
    RECALLED,
    Estimated,
    Figure,
    Published,
    Stated,
    Unknown,
    mapped,
    middle,
)
from landfall.core.speed.speed_constants import SpeedModel


@dataclass(frozen=True, slots=True, kw_only=True)
class Machine:
    """One row of the catalogue: an accelerator, or a chip with unified memory.

    Attributes:
        device_class: "nvidia-desktop", "apple-soc" ...
        architecture: Generation: "Ada Lovelace".
        memory_bytes: The most it was sold with; None where it shares the machine's.
        memory_options: Sizes it was sold with, where there are several.
        launch_price_usd: Price at launch, or what the user says it costs, or None.
        stated_on: The day on which a user said so, or "".
        count: Cards in it; above 1 only in a machine that a user described.
        ram_bytes: Main memory of the computer, where a user said so.
        recalled: Names of the fields that nobody was read for: no page stands behind them.
        stated: Names of the fields that a user typed in; the others are the catalogue's.
        where: The user's file that describes it, or "" for a row of the catalogue.
        like: The row that it started from, or "".
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
    count: int = 1
    ram_bytes: int | None = None
    ram_bandwidth_bytes_per_s: float | None = None
    recalled: frozenset[str] = frozenset()
    stated: frozenset[str] = frozenset()
    stated_on: str = ""
    where: str = ""
    like: str = ""

    @property
    def memory_sizes(self) -> tuple[int, ...]:
        """Bytes it was sold with; none where it shares the machine's memory."""
        if self.memory_options or self.memory_bytes is None:
            return self.memory_options
        return (self.memory_bytes,)

    def figure(self, field: str) -> Figure:
        """A number of the row with its origin: typed in, published, or of memory alone."""
        value = getattr(self, field)
        if value is None:
            return Unknown(f"the catalogue does not tell for {self.name}")
        if field in self.stated:
            file = self.where.replace("\\", "/").rpartition("/")[2]
            said = (file, self.name, self.stated_on)
            return Stated(value, ", ".join(part for part in said if part))
        if field in self.recalled:
            return Estimated(value, value, value, RECALLED, as_of=self.date)
        source = self.price_source if field == "launch_price_usd" else self.source
        return Published(value, source or self.source, self.date)

    @property
    def kind(self) -> AcceleratorKind:
        """Where its memory is."""
        if not self.unified:
            return AcceleratorKind.DISCRETE
        if self.memory_bytes is None or self.device_class.endswith("igpu"):
            return AcceleratorKind.INTEGRATED
        return AcceleratorKind.UNIFIED


def search(text: str, machines: Iterable[Machine]) -> tuple[Machine, ...]:
    """Rows whose name, maker, class, generation or memory hold every word of the text, however
    spaced. A kind of Mac is one of Apple's; a number of cards says nothing of a row."""
    words = machine_names.searched_words(text)

    def holds(m: Machine) -> bool:
        own = "yours" if m.where else ""
        sizes = " ".join(f"{size / GIB:g}gb" for size in m.memory_sizes)
        said = f"{m.name} {m.vendor} {m.device_class} {m.architecture} {m.like} {own}".lower()
        glued = said.replace(" ", "")
        sold = sizes.split()
        return all(word in sold or word in said or word in glued for word in words)

    return tuple(m for m in machines if holds(m))


# ---------------------------------------------------------------- what if

# What a machine that is not at hand has beside its cards, where nobody says: our choice, said among
# its reasons as assumed. It decides what runs on the processor and what is split, never what fits a
# card whole.
_HOST_RAM_BYTES = {"datacenter": 256 * GIB, "workstation": 64 * GIB}
_HOST_RAM_DEFAULT_BYTES = 32 * GIB
_HOST_BUSY_BYTES = 4 * GIB
_HOST_BANDWIDTH = Estimated(
    42e9, 80e9, 102e9, "assumed: two channels, DDR4-2666 to DDR5-6400; DDR5-5000 in the middle"
)
_UNIFIED_SHARE = {"nvidia-soc": 0.93, "amd-apu": 0.75}
"""Of unified memory, what a model may take. Our choice: on a DGX Spark nothing but the system is in
the way; on Strix Halo the kernel's limit of pages (`ttm.pages_limit`) decides, and 0.75 stays below
what is usually set. On the machine itself both are read."""


@dataclass(frozen=True, slots=True)
class Part:
    """Some cards of one kind, or a whole machine, and the memory size that was asked for."""

    machine: Machine
    count: int
    size: int | None

    @property
    def memory(self) -> Figure:
        """Of one card or machine; Unknown where it shares what the computer has."""
        if self.machine.memory_bytes is None:
            return Unknown("it shares main memory")
        figure = self.machine.figure("memory_bytes")
        size = self.size
        return figure if size is None else mapped(figure, lambda _largest: size)

    @property
    def label(self) -> str:
        """As a profile is called."""
        size = "" if self.size is None else f" {self.size // GIB}GB"
        many = "" if self.count == 1 else f"{self.count}x "
        return f"{many}{self.machine.name}{size}"


def what_if(
    name: str, machines: Sequence[Machine], speed: SpeedModel | None = None
) -> HardwareProfile:
    """The machine of that name, several of a card, or a mix: `2x RTX 4090`, `RTX 4090 + RTX 3090`.

    What a row does not tell (the memory of the computer round a card) is assumed, and said.

    Args:
        speed: The constants with which speed is predicted on it; without them it is not.

    Raises:
        BadInput: no machine has that name, or the count or the mix makes no sense.
    """
    chosen = parts_of(name, machines)
    cards = [part for part in chosen for _ in range(part.count * part.machine.count)]
    if not 1 <= len(cards) <= machine_names.MAX_CARDS:
        raise BadInput(
            f"{len(cards)} of a card is not a machine.",
            f"Give 1 to {machine_names.MAX_CARDS}.",
            field="machine",
        )
    whole = next((part.machine for part in chosen if part.machine.unified), None)
    if whole is not None and len(cards) > 1:
        raise BadInput(
            f"{whole.name} is a whole machine: two of them are two machines.",
            "Ask for one of it.",
            field="machine",
        )
    first = cards[0].machine
    macintosh = first.vendor is Vendor.APPLE
    return HardwareProfile(
        name=" + ".join(part.label for part in chosen),
        system=System(os="macos" if macintosh else "linux", version="", arch=""),
        cpu=Cpu(name="not stated", physical_cores=None, logical_cores=None),
        ram=max((_host_ram(card) for card in cards), key=_total_bytes),
        disk=Disk(models_path="", free_bytes=None, total_bytes=None),
        accelerators=tuple(_accelerator(card, index) for index, card in enumerate(cards)),
        price_usd=_price(chosen),
        speed=speed,
    )


def nothing_known(name: str) -> HardwareProfile:
    """A machine of which only the name is known: no memory, so that nothing is predicted on it."""
    unknown = Unknown(f"nobody said what machine {name} is")
    return HardwareProfile(
        name=name,
        system=System(os="", version="", arch=""),
        cpu=Cpu(name="not stated", physical_cores=None, logical_cores=None),
        ram=Ram(total_bytes=0, available_bytes=0, bandwidth_bytes_per_s=unknown),
        disk=Disk(models_path="", free_bytes=None, total_bytes=None),
        accelerators=(),
    )


def _total_bytes(ram: Ram) -> int:
    return ram.total_bytes


def parts_of(name: str, machines: Sequence[Machine]) -> tuple[Part, ...]:
    """What a name is made of: `2x RTX 4090 + RTX 3090` are two parts.

    Raises:
        BadInput: no machine has one of the names.
    """
    names = {machine.name.lower() for machine in machines}

    def is_name(text: str) -> bool:
        return text.strip().lower() in names

    counts: dict[tuple[str, int | None], Part] = {}
    for count, label in machine_names.parts(name, is_name):
        machine, size = machine_names.find(label, machines)
        before = counts.get((machine.name, size))
        total = count + (before.count if before else 0)
        counts[machine.name, size] = Part(machine, total, size)
    return tuple(counts.values())


def _price(chosen: Sequence[Part]) -> Figure:
    """Of all cards together; a user's price is that of the whole machine."""
    total, origin = 0.0, None
    for part in chosen:
        figure = part.machine.figure("launch_price_usd")
        value = middle(figure)
        if value is None:
            return Unknown(f"no price is known for {part.machine.name}")
        total += value * part.count
        # A sum is no better known than the least known of its parts.
        origin = origin if isinstance(origin, Estimated) else figure
    return mapped(origin or Unknown("no machine is named"), lambda _value: total)


def _host_ram(part: Part) -> Ram:
    machine, size = part.machine, part.size or part.machine.memory_bytes
    if machine.unified and size is not None:
        return Ram(
            total_bytes=size,
            available_bytes=size - min(_HOST_BUSY_BYTES, size // 4),
            bandwidth_bytes_per_s=machine.figure("bandwidth_bytes_per_s"),
            assumed=_most(part),
        )
    grade = machine.device_class.partition("-")[2]
    total = machine.ram_bytes or _HOST_RAM_BYTES.get(grade, _HOST_RAM_DEFAULT_BYTES)
    assumed = "" if machine.ram_bytes else f"main memory of {total // GIB} GiB is assumed"
    bandwidth: Figure = _HOST_BANDWIDTH
    if machine.ram_bandwidth_bytes_per_s is not None:
        bandwidth = machine.figure("ram_bandwidth_bytes_per_s")
    elif machine.unified:
        bandwidth = machine.figure("bandwidth_bytes_per_s")
    return Ram(
        total_bytes=total,
        available_bytes=total - min(_HOST_BUSY_BYTES, total // 4),
        bandwidth_bytes_per_s=bandwidth,
        assumed=assumed,
    )


def _most(part: Part) -> str:
    """Which of the sizes that a chip was sold with is taken where none was named, in words."""
    sizes = sorted({*part.machine.memory_sizes, part.machine.memory_bytes or 0})
    if part.size is not None or len(sizes) < 2:
        return ""
    *less, most = (str(size // GIB) for size in sizes)
    return (
        f"{most} GiB of memory are taken, the most that it was sold with; "
        f"{' or '.join(less)} GB can be said with its name"
    )


def _accelerator(part: Part, index: int) -> Accelerator:
    machine, size = part.machine, part.size or part.machine.memory_bytes
    usable, reason = _usable(machine, size)
    return Accelerator(
        id=f"what-if-{index}",
        name=machine.like or machine.name,
        vendor=machine.vendor,
        kind=machine.kind,
        memory_total_bytes=size,
        memory_free_bytes=None,
        usable_bytes=usable,
        bandwidth_bytes_per_s=machine.figure("bandwidth_bytes_per_s"),
        fp16_flops=machine.figure("fp16_flops"),
        driver=None,
        source=machine.where or "catalogue",
        reasons=(reason,),
        power_limit_watts=machine.tdp_watts,
        catalogue_name=machine.like or machine.name,
        fp32_flops=machine.figure("fp32_flops"),
        architecture=machine.architecture,
    )


def _usable(machine: Machine, size: int | None) -> tuple[int, str]:
    """What a model may take, with nothing else on the machine, and what was assumed."""
    if size is None or machine.device_class == "intel-igpu":
        main = size or machine.ram_bytes
        half = (main or _HOST_RAM_DEFAULT_BYTES) // 2
        assumed = "" if main else f", of which {_HOST_RAM_DEFAULT_BYTES // GIB} GiB are assumed"
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
            f"about {percent(share)} of the memory can go to a model; the machine's settings"
            " decide",
        )
    return usable_discrete_bytes(size), "nothing else is assumed to run on it"


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
    def known(figure: Figure, field: str) -> Figure:
        return machine.figure(field) if isinstance(figure, Unknown) else figure

    return replace(
        accelerator,
        bandwidth_bytes_per_s=known(accelerator.bandwidth_bytes_per_s, "bandwidth_bytes_per_s"),
        fp16_flops=known(accelerator.fp16_flops, "fp16_flops"),
        fp32_flops=known(accelerator.fp32_flops, "fp32_flops"),
        architecture=accelerator.architecture or machine.architecture,
    )
