"""Power on Linux by files: RAPL for processors, hwmon for AMD and Intel cards.

Awaits hardware: written against the kernel's documentation and trees of files made after reports.

Sources: kernel documentation of powercap and hwmon; CVE-2020-8694 (why RAPL needs permission).
"""

from __future__ import annotations

import re
import time
from collections.abc import Sequence
from pathlib import Path

from landfall.core.energy.power import Quality, Scope
from landfall.core.events import PowerSample
from landfall.core.machine.hardware import AcceleratorKind
from landfall.services.hardware import drm
from landfall.services.hardware.amd_chips import kind_of
from landfall.services.power.source import (
    INSTANT_SETTLE_SECONDS,
    Clock,
    Counter,
    Missing,
    OfCounter,
    Plausibility,
    PowerSource,
    line_of,
    number_of,
)

_PACKAGE_ZONE = re.compile(r"intel-rapl:\d+")
_LONGEST_GAP_SECONDS = 60.0
_RAPL_ERROR_SHARE = 0.07
"""Intel since Haswell measures within a few per cent, AMD models: our choice between them."""
_CARD_ERROR_SHARE = 0.10
"""No maker states it for amdgpu, i915 and xe: our choice, twice that of NVIDIA's boards."""
_NEAR_UJ = 1_000_000
_INTEL_LIMIT_FACTOR = 1.5
_HIGHEST_CARD_WATTS = 1000.0
_MI200 = frozenset({"0x7408", "0x740c", "0x740f"})
_SECOND_DIE = "the board's power is told by its first chip"
_INTEL_BUILT_IN = "0000:00:02.0"

RAPL_RULE = (
    'SUBSYSTEM=="powercap", KERNEL=="intel-rapl:*", ACTION=="add", '
    'RUN+="/bin/chgrp GROUP /sys/class/powercap/%k/energy_uj", '
    'RUN+="/bin/chmod 0440 /sys/class/powercap/%k/energy_uj"'
)
RAPL_WARNING = (
    "Linux lets only the administrator read the processor's energy, because the secrets of other "
    "programs can be told from it (CVE-2020-8694). The rule opens that way again to one group"
)
_RAPL_REFUSED = (
    f"{RAPL_WARNING}. Who accepts that puts it into /etc/udev/rules.d and restarts: {RAPL_RULE}"
)
_NO_RAPL = "the system shows no energy counter of the processor; virtual machines have none"
_IMPOSSIBLE = "the driver's readings are impossible"
_SLEEPING = frozenset({"suspended", "suspending"})
_ASLEEP = "the card sleeps and is not woken to be measured"


def discover(*, sysfs: Path, clock: Clock = time.perf_counter) -> tuple[PowerSource, ...]:
    """Processor packages and cards that the kernel can measure, or why not."""
    return (*_packages(sysfs, clock), *_cards(sysfs, clock))


def _packages(sysfs: Path, clock: Clock) -> list[PowerSource]:
    """Packages only: cores and memory lie inside them, the platform zone around them."""
    found: list[PowerSource] = []
    seen: list[tuple[str, int]] = []
    for zone in sorted((sysfs / "class/powercap").glob("intel-rapl:*")):
        name = line_of(zone / "name") or ""
        if not _PACKAGE_ZONE.fullmatch(zone.name) or not name.startswith("package"):
            continue
        energy = number_of(zone / "energy_uj")
        if energy is None:
            found.append(Missing(f"RAPL {name}", Scope.CPU_PACKAGE, _why_not(zone), clock=clock))
        elif not _mirrored(name, energy, seen):
            seen.append((name, energy))
            found.append(RaplPackage(f"RAPL {name}", zone, clock=clock))
    return found or [Missing("RAPL", Scope.CPU_PACKAGE, _NO_RAPL, clock=clock)]


def _mirrored(name: str, energy_uj: int, seen: Sequence[tuple[str, int]]) -> bool:
    """Whether the zone is the counter of one seen before again.

    Threadripper and EPYC list one package once a die, with the same counter behind each
    (mlco2/codecarbon#1274). It moves on between two readings, so that of one package need only be
    near.
    """
    package = _package_of(name)
    return any(
        energy_uj == other or (_package_of(known) == package and abs(energy_uj - other) < _NEAR_UJ)
        for known, other in seen
    )


def _package_of(name: str) -> str:
    return "-".join(name.split("-")[:2])


def _why_not(zone: Path) -> str:
    try:
        (zone / "energy_uj").read_text(encoding="utf-8")
    except PermissionError:
        return _RAPL_REFUSED
    except OSError as error:
        return f"the energy counter cannot be read: {error.strerror}"
    return "the energy counter holds no number"


class RaplPackage(OfCounter):
    """One processor package."""

    family = "powercap"
    scope = Scope.CPU_PACKAGE
    settle_seconds = 0.0
    error_share = _RAPL_ERROR_SHARE

    def __init__(self, name: str, zone: Path, *, clock: Clock = time.perf_counter) -> None:
        self.name = name
        self._zone = zone
        self._energy = str(zone / "energy_uj")
        self._clock = clock
        self._counter = self._new_counter()

    def read(self) -> PowerSample:
        """Mean watts since the last reading, and the counter."""
        energy = number_of(self._energy)
        at = self._clock()
        if energy is None:
            return PowerSample(at, self.name, self.scope, None, _why_not(self._zone))
        watts, reason = self._counter.step(at, energy / 1e6)
        return PowerSample(at, self.name, self.scope, watts, reason, self._counter.joules)

    def close(self) -> None:
        """The next reading starts anew."""
        self._counter = self._new_counter()

    def _new_counter(self) -> Counter:
        most = number_of(self._zone / "max_energy_range_uj")
        return Counter(
            range_joules=None if most is None else most / 1e6,
            longest_gap_seconds=_LONGEST_GAP_SECONDS,
        )


def _cards(sysfs: Path, clock: Clock) -> list[PowerSource]:
    found: list[PowerSource] = []
    for card in drm.listing(sysfs).cards:
        match card.driver:
            case "amdgpu" if _is_second_die(card):
                name = f"amdgpu {card.bus_id}"
                found.append(Missing(name, Scope.GPU, _SECOND_DIE, clock=clock))
            case "amdgpu":
                found.append(_amd(card, clock))
            case "xe" | "i915" if card.bus_id != _INTEL_BUILT_IN:
                found.append(_intel(card, clock))
            case _:
                continue  # a GPU in an Intel processor is inside the package's energy
    return found


def _is_second_die(card: drm.Card) -> bool:
    """An MI200 board is two devices, of which the second tells 0 W (kernel, amdgpu documentation).

    Taken as a source, its gap would make the whole board's energy unknown.
    """
    if line_of(card.folder / "device") not in _MI200:
        return False
    found = [number_of(p) for p in card.folder.glob("hwmon/hwmon*/power1_*") if _is_value(p)]
    return bool(found) and all(watts == 0 for watts in found)


def _is_value(path: Path) -> bool:
    return path.name in {"power1_average", "power1_input"}


def _amd(card: drm.Card, clock: Clock) -> PowerSource:
    """A card by itself; a GPU in a processor measures the whole socket."""
    kind = kind_of(card, card.number("mem_info_vram_total") or 0)
    scope = Scope.GPU if kind is AcceleratorKind.DISCRETE else Scope.SOC
    name = f"amdgpu {card.bus_id}"
    for file in ("power1_average", "power1_input"):
        for path in sorted(card.folder.glob(f"hwmon/hwmon*/{file}")):
            limit = number_of(path.parent / "power1_cap")
            return HwmonPower(
                name, scope, path, card, limit_watts=limit / 1e6 if limit else None, clock=clock
            )
    return Missing(name, scope, "the driver gives no power", clock=clock)


def _intel(card: drm.Card, clock: Clock) -> PowerSource:
    """The card's counter: the one labelled so, or the first without a label."""
    name = f"{card.driver} {card.bus_id}"
    for path in sorted(card.folder.glob("hwmon/hwmon*/energy*_input")):
        label = line_of(path.with_name(path.name.replace("_input", "_label")))
        if label in {None, "card"}:
            limit = number_of(path.parent / "power1_max")
            return HwmonEnergy(
                name, path, card, limit_watts=limit / 1e6 if limit else None, clock=clock
            )
    return Missing(name, Scope.GPU, "the driver gives no energy counter", clock=clock)


class _OfACard:
    """What a source says of itself whose maker publishes no error."""

    _plausible: Plausibility

    @property
    def available(self) -> bool:
        """Whether its readings can be believed."""
        return not self._plausible.unreliable

    @property
    def quality(self) -> Quality:
        """Its error is published nowhere."""
        return Quality.FAIR if self.available else Quality.NONE


class HwmonPower(_OfACard):
    """A value in microwatts."""

    settle_seconds = INSTANT_SETTLE_SECONDS
    error_share = _CARD_ERROR_SHARE

    def __init__(
        self,
        name: str,
        scope: Scope,
        path: Path,
        card: drm.Card,
        *,
        limit_watts: float | None,
        clock: Clock = time.perf_counter,
    ) -> None:
        self.name = name
        self.scope = scope
        self._path = str(path)
        self._status = str(card.folder / "power/runtime_status")
        self._clock = clock
        self._plausible = Plausibility(limit_watts)

    @property
    def reason(self) -> str:
        """Why it cannot be believed, or what it covers."""
        if not self.available:
            return _IMPOSSIBLE
        return "the whole processor is measured" if self.scope is Scope.SOC else ""

    def read(self) -> PowerSample:
        """Watts now; a sleeping card is not asked."""
        if line_of(self._status) in _SLEEPING:
            return PowerSample(self._clock(), self.name, self.scope, None, _ASLEEP)
        microwatts = number_of(self._path)
        at = self._clock()
        if microwatts is None:
            return PowerSample(at, self.name, self.scope, None, "the driver does not answer")
        watts, reason = self._plausible.checked(microwatts / 1e6)
        return PowerSample(at, self.name, self.scope, watts, reason)

    def close(self) -> None:
        """Nothing is held."""


class HwmonEnergy(_OfACard):
    """A counter in microjoules, which the driver keeps whole if it is read often enough."""

    scope = Scope.GPU
    settle_seconds = 0.0
    error_share = _CARD_ERROR_SHARE

    def __init__(
        self,
        name: str,
        path: Path,
        card: drm.Card,
        *,
        limit_watts: float | None,
        clock: Clock = time.perf_counter,
    ) -> None:
        self.name = name
        self._path = str(path)
        self._status = str(card.folder / "power/runtime_status")
        self._clock = clock
        # Millions of watts were seen on a B580 (flightlessmango/MangoHud#1793).
        self._plausible = Plausibility(
            limit_watts or _HIGHEST_CARD_WATTS, limit_factor=_INTEL_LIMIT_FACTOR
        )
        self._counter = Counter(range_joules=None, longest_gap_seconds=_LONGEST_GAP_SECONDS / 2)

    @property
    def reason(self) -> str:
        """Why it cannot be believed, or ""."""
        return "" if self.available else _IMPOSSIBLE

    def read(self) -> PowerSample:
        """Mean watts since the last movement; after an impossible one the counter starts anew."""
        if line_of(self._status) in _SLEEPING:
            return self._gap(_ASLEEP)
        microjoules = number_of(self._path)
        if microjoules is None:
            return self._gap("the driver does not answer")
        at = self._clock()
        watts, reason = self._counter.step(at, microjoules / 1e6)
        if watts is not None:
            watts, reason = self._plausible.checked(watts)
            if watts is None:
                return self._gap(reason)
        return PowerSample(at, self.name, self.scope, watts, reason, self._counter.joules)

    def close(self) -> None:
        """The next reading starts anew."""
        self._counter = Counter(range_joules=None, longest_gap_seconds=_LONGEST_GAP_SECONDS / 2)

    def _gap(self, reason: str) -> PowerSample:
        self.close()
        return PowerSample(self._clock(), self.name, self.scope, None, reason)
