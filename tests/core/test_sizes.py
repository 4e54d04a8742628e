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


@pytest.mark.parametrize(
    ("size", "memory"),
    # Up to 4 MiB (4,194,304) in KiB, up to a tenth of a GiB (107,374,182.4) in MiB.
    [
        (1024, "1 KiB"),
        (4_194_303, "4096 KiB"),
        (4_194_304, "4 MiB"),
        (107_374_182, "102 MiB"),
        (107_374_183, "0.1 GiB"),
        (1_610_612_736, "1.5 GiB"),
    ],
)
def test_that_memory_changes_its_unit_where_it_is_said(size: float, memory: str) -> None:
    assert gib(size) == memory


def test_that_a_tenth_of_a_gib_is_written_in_gib() -> None:
    assert gib(2.0**30 / 10) == "0.1 GiB"


@pytest.mark.parametrize(
    ("size", "file"),
    [
        (999, "999 bytes"),
        (1_000, "1 kB"),
        (999_499, "999 kB"),
        (1_000_000, "1.0 MB"),
        (9_940_000, "9.9 MB"),
        (9_999_999, "10.0 MB"),
        (10_000_000, "10 MB"),
        (994_000_000, "994 MB"),
        (1_000_000_000, "1.0 GB"),
        (1_050_000_001, "1.1 GB"),
    ],
)
def test_that_a_file_changes_its_unit_where_it_is_said(size: float, file: str) -> None:
    assert file_size(size) == file
