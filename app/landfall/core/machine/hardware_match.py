"""Which row of the hardware catalogue a driver's name of a device means.

A wrong row is worse than none (a laptop card has half the bandwidth of the desktop card of the same
number), so a row is taken only where every word of it is in the name, and no word that changes the
hardware is left over. Of several such rows the longest wins; memory size and GPU cores decide
between variants; what stays ambiguous is answered with all of them.
"""

from __future__ import annotations

import re
from collections.abc import Iterable, Sequence
from dataclasses import dataclass

from landfall.core.machine.hardware import GIB, Vendor
from landfall.core.provenance import Figure, Unknown, middle


@dataclass(frozen=True, slots=True, kw_only=True)
class CatalogueRow:
    """What matching needs of a row of the catalogue.

    Attributes:
        memory_bytes: Sizes it was sold with; empty where it shares the machine's memory.
    """

    name: str
    vendor: Vendor
    memory_bytes: tuple[int, ...]
    bandwidth_bytes_per_s: Figure
    fp16_flops: Figure
    fp32_flops: Figure
    architecture: str = ""


_NOISE_TEXT = """
nvidia geforce amd ati intel apple corporation inc radeon graphics gpu generation edition
workstation tesla instinct series strix halo with w design desktop hbm2 hbm2e hbm3 hbm3e
lite hash rate virtual dual adapter
"""
_NOISE = frozenset(_NOISE_TEXT.split())
_CHANGES_HARDWARE = frozenset({"super", "laptop", "blackwell", "server", "ultra", "titan", "maxq"})
FORMS = frozenset({"pcie", "sxm", "nvl"})
"""How a board is built: it may be left out of a name."""

_MEMORY = re.compile(r"\d+gb")
_CORES = re.compile(r"(\d+)[- ]core")
PARENTHESES = re.compile(r"\(([^)]*)\)")
"""In which a row has its other names."""

_LESS_MEMORY_SHARE = 0.09
"""ECC and firmware take up to a fifteenth of the memory that a card is sold with."""

_MORE_MEMORY_SHARE = 0.03


def words(name: str) -> frozenset[str]:
    """The words of a device's name that say what it is, in one spelling."""
    text = name.lower().replace("(r)", " ").replace("(tm)", " ")
    text = re.sub(r"[®™,]", " ", text)
    text = re.sub(r"max-?q\s*/?\s*mobile", "laptop", text)
    text = text.replace("max-q", "maxq").replace("notebook", "laptop").replace("mobile", "laptop")
    text = re.sub(r"(\d+)\s+gb\b", r"\1gb", text)
    text = re.sub(r"\bsxm\d?\b", "sxm", text)
    text = re.sub(r"\b(\d{4})(ti|super|xtx|xt)\b", r"\1 \2", text)
    return frozenset(word for word in re.split(r"[^a-z0-9+]+", text) if word) - _NOISE


def match(
    name: str,
    rows: Iterable[CatalogueRow],
    *,
    vendor: Vendor,
    memory_bytes: int | None = None,
    gpu_cores: int | None = None,
) -> tuple[CatalogueRow, ...]:
    """Rows that the name can mean: none, one, or the variants that it does not tell apart.

    Args:
        name: As the driver gives it: "NVIDIA GeForce RTX 4090 Laptop GPU".
        memory_bytes: As the driver counts it, if it does; decides between memory variants.
        gpu_cores: Of an Apple chip; decides between its bins.
    """
    marks = re.sub(r"\((r|tm)\)", " ", name.lower())
    device = words(_CORES.sub(" ", PARENTHESES.sub(" ", marks)))
    if not device:
        return ()
    scored = [
        (score, row)
        for row in rows
        if row.vendor is vendor
        and (score := _score(row, device, memory_bytes=memory_bytes, gpu_cores=gpu_cores))
    ]
    best = max((score for score, _ in scored), default=0)
    return _by_form(tuple(row for score, row in scored if score == best), device)


def _score(
    row: CatalogueRow,
    device: frozenset[str],
    *,
    memory_bytes: int | None,
    gpu_cores: int | None,
) -> int:
    """How many words of the name the row explains; 0 where it is another device."""
    cores = _CORES.search(row.name.lower())
    if cores and gpu_cores is not None and int(cores[1]) != gpu_cores:
        return 0
    if not _memory_agrees(row, device, memory_bytes):
        return 0
    return max(_explained(key, device) for key in _keys(row.name))


def _explained(key: frozenset[str], device: frozenset[str]) -> int:
    needed = key - FORMS
    if not needed or not needed <= device:
        return 0
    forms = device & FORMS
    if forms and key & FORMS and not forms & key:
        return 0
    left = {word for word in device - key - FORMS if not _MEMORY.fullmatch(word)}
    return 0 if any(map(_means_another_device, left)) else len(needed)


def _means_another_device(word: str) -> bool:
    return len(word) < 4 or word in _CHANGES_HARDWARE or any(c.isdigit() for c in word)


def _keys(name: str) -> tuple[frozenset[str], ...]:
    """The names of a row: outside its parentheses, and each inside."""
    plain = _CORES.sub(" ", name.lower())
    parts = (PARENTHESES.sub(" ", plain), *PARENTHESES.findall(plain))
    keys = (frozenset(w for w in words(part) if not _MEMORY.fullmatch(w)) for part in parts)
    return tuple(key for key in keys if key) or (frozenset(),)


def _memory_agrees(row: CatalogueRow, device: frozenset[str], memory_bytes: int | None) -> bool:
    if memory_bytes is not None:
        return not row.memory_bytes or any(
            size * (1 - _LESS_MEMORY_SHARE) <= memory_bytes <= size * (1 + _MORE_MEMORY_SHARE)
            for size in row.memory_bytes
        )
    said = [int(word[:-2]) * GIB for word in device if _MEMORY.fullmatch(word)]
    return not said or not row.memory_bytes or any(size in row.memory_bytes for size in said)


def _by_form(rows: tuple[CatalogueRow, ...], device: frozenset[str]) -> tuple[CatalogueRow, ...]:
    """NVIDIA prints PCIe and NVL in a board's name, and nothing for an SXM board."""
    if len(rows) < 2 or device & FORMS:
        return rows
    return tuple(row for row in rows if "sxm" in words(row.name)) or rows


def common_figure(figures: Sequence[Figure], names: Sequence[str]) -> Figure:
    """The figure that all candidates share, or why there is none."""
    known = [figure for figure in figures if not isinstance(figure, Unknown)]
    if not figures:
        return Unknown("the catalogue has no row of this device")
    if len(known) < len(figures):
        return Unknown("the catalogue's row of this device does not tell")
    if len({middle(figure) for figure in known}) == 1:
        return known[0]
    return Unknown(f"the device can be one of: {', '.join(names)}")
