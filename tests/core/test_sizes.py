"""Memory is counted in GiB, files and disks in GB."""

from __future__ import annotations

import pytest

from landfall.core.sizes import file_size, gib


@pytest.mark.parametrize(
    ("size", "memory", "file"),
    [
        (5_200_000_000, "4.8 GiB", "5.2 GB"),
        (2**30, "1.0 GiB", "1.1 GB"),
        (6_300_000, "6 MiB", "6.3 MB"),
        (512_000_000, "0.5 GiB", "512 MB"),
        (1500, "1 KiB", "2 kB"),
        (0, "0 KiB", "0 bytes"),
    ],
)
def test_that_a_size_is_written_in_the_unit_of_its_kind(size: int, memory: str, file: str) -> None:
    assert gib(size) == memory
    assert file_size(size) == file
