"""Sizes as sentences, tables and reports write them, in the units in which each is counted.

Memory is in GiB, as drivers and Ollama's own messages count it; files and disks are in GB, as their
makers, registries and `ollama list` do. The window follows the same rule (`gui.format`).
"""

from __future__ import annotations

_KIB, _MIB, _GIB = 2.0**10, 2.0**20, 2.0**30
_KB, _MB, _GB = 1e3, 1e6, 1e9


def gib(size_bytes: float) -> str:
    """Memory: GiB, MiB below a tenth of one, KiB below a few MiB."""
    if size_bytes < 4 * _MIB:
        return f"{size_bytes / _KIB:.0f} KiB"
    if size_bytes < _GIB / 10:
        return f"{size_bytes / _MIB:.0f} MiB"
    return f"{size_bytes / _GIB:.1f} GiB"


def file_size(size_bytes: float) -> str:
    """A file, a download or room on a disk: GB, MB below one, kB below one of those, else bytes."""
    if size_bytes >= _GB:
        return f"{size_bytes / _GB:.1f} GB"
    if size_bytes >= _MB:
        digits = 1 if size_bytes < 10 * _MB else 0
        return f"{size_bytes / _MB:.{digits}f} MB"
    return f"{size_bytes / _KB:.0f} kB" if size_bytes >= _KB else f"{size_bytes:.0f} bytes"
