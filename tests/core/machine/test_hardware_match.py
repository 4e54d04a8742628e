from __future__ import annotations

import re

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.core.machine.hardware import GIB, MIB, Vendor
from landfall.core.machine.hardware_match import CatalogueRow, common_figure, match, words
from landfall.core.provenance import Published, Unknown

N, A, X, P = Vendor.NVIDIA, Vendor.AMD, Vendor.INTEL, Vendor.APPLE


def row(name: str, vendor: Vendor = N, *gib: float, bandwidth: float = 1e12) -> CatalogueRow:
    return CatalogueRow(
        name=name,
        vendor=vendor,
        memory_bytes=tuple(int(size * GIB) for size in gib),
        bandwidth_bytes_per_s=Published(bandwidth, "table", "2026-11-23"),
        fp16_flops=Unknown("test"),
        fp32_flops=Unknown("test"),
    )


ROWS = (
    row("RTX 3060 12GB", N, 12),
    row("RTX 3060 Ti", N, 8),
    row("RTX 3060 Laptop", N, 6),
    row("RTX 3080 10GB", N, 10),
    row("RTX 3080 12GB", N, 12),
    row("RTX 4060", N, 8),
    row("RTX 4060 Ti 8GB", N, 8),
    row("RTX 4060 Ti 16GB", N, 16),
    row("RTX 4060 Laptop", N, 8),
    row("RTX 4080", N, 16),
    row("RTX 4080 SUPER", N, 16),
    row("RTX 4090", N, 24),
    row("RTX 4090 Laptop", N, 16),
    row("GTX 1060 6 GB", N, 6),
    row("RTX A2000", N, 6),
    row("RTX A2000 12GB", N, 12),
    row("Quadro RTX 6000", N, 24),
    row("RTX 6000 Ada", N, 48),
    row("RTX A6000", N, 48),
    row("RTX PRO 6000 Blackwell", N, 96),
    row("RTX PRO 6000 Blackwell Max-Q", N, 96),
    row("RTX PRO 6000 Blackwell Server", N, 96),
    row("T4", N, 16),
    row("L40", N, 48),
    row("L40S", N, 48),
    row("A100 PCIe 40GB", N, 40),
    row("A100 PCIe 80GB", N, 80),
    row("A100 SXM 80GB", N, 80),
    row("H100 PCIe", N, 80),
    row("H100 SXM", N, 80),
    row("H100 NVL", N, 94),
    row("GH200 96GB", N, 96),
    row("GH200 144GB", N, 144),
    row("V100 SXM2 32GB", N, 32),
    row("V100 SXM2 16GB", N, 16),
    row("DGX Spark (GB10)", N, 128),
    row("RX 7900 XT", A, 20),
    row("RX 7900 XTX", A, 24),
    row("RX 7900 GRE", A, 16),
    row("Radeon 890M", A),
    row("Strix Halo Radeon 8060S (Ryzen AI Max+ 395)", A, 32, 64, 96, 128),
    row("MI300X", A, 192),
    row("Arc A770", X, 16),
    row("Arc 140V (Lunar Lake)", X, 16, 32),
    row("M1 7-core", P, 8, 16),
    row("M1 8-core", P, 8, 16),
    row("M2 Pro 16-core", P, 16, 32),
    row("M2 Pro 19-core", P, 16, 32),
    row("M3 Max 30-core", P, 36, 96),
    row("M3 Max 40-core", P, 48, 64, 128),
)


@pytest.mark.parametrize(
    ("name", "vendor", "memory_mib", "expected"),
    [
        ("NVIDIA GeForce RTX 4090", N, 24564, "RTX 4090"),
        ("NVIDIA GeForce RTX 4090 Laptop GPU", N, 16376, "RTX 4090 Laptop"),
        ("GeForce RTX 4060 Max-Q / Mobile", N, None, "RTX 4060 Laptop"),
        ("GeForce RTX 4060 Max-Q Mobile", N, None, "RTX 4060 Laptop"),
        ("NVIDIA GeForce RTX 4080 SUPER", N, 16376, "RTX 4080 SUPER"),
        ("NVIDIA GeForce RTX 4080", N, 16376, "RTX 4080"),
        ("NVIDIA GeForce RTX 3060", N, 12288, "RTX 3060 12GB"),
        ("NVIDIA GeForce RTX 3060 Ti", N, 8192, "RTX 3060 Ti"),
        ("NVIDIA GeForce RTX 3080", N, 10240, "RTX 3080 10GB"),
        ("NVIDIA GeForce RTX 3080", N, 12288, "RTX 3080 12GB"),
        ("NVIDIA GeForce RTX 4060 Ti", N, 16380, "RTX 4060 Ti 16GB"),
        ("NVIDIA GeForce GTX 1060 6GB", N, 6144, "GTX 1060 6 GB"),
        ("NVIDIA RTX A2000 12GB", N, 12282, "RTX A2000 12GB"),
        ("NVIDIA RTX A2000", N, 6138, "RTX A2000"),
        ("Quadro RTX 6000", N, 24220, "Quadro RTX 6000"),
        ("NVIDIA RTX 6000 Ada Generation", N, 49140, "RTX 6000 Ada"),
        ("NVIDIA RTX A6000", N, 49140, "RTX A6000"),
        (
            "NVIDIA RTX PRO 6000 Blackwell Workstation Edition",
            N,
            97887,
            "RTX PRO 6000 Blackwell",
        ),
        (
            "NVIDIA RTX PRO 6000 Blackwell Max-Q Workstation Edition",
            N,
            97887,
            "RTX PRO 6000 Blackwell Max-Q",
        ),
        ("Tesla T4", N, 15360, "T4"),
        ("NVIDIA L40S", N, 46068, "L40S"),
        ("NVIDIA A100-SXM4-80GB", N, 81920, "A100 SXM 80GB"),
        ("NVIDIA A100 80GB PCIe", N, 81920, "A100 PCIe 80GB"),
        ("NVIDIA A100-PCIE-40GB", N, 40960, "A100 PCIe 40GB"),
        ("NVIDIA H100 80GB HBM3", N, 81559, "H100 SXM"),
        ("NVIDIA H100 PCIe", N, 81559, "H100 PCIe"),
        ("NVIDIA H100 NVL", N, 95830, "H100 NVL"),
        ("NVIDIA GH200 480GB", N, 97871, "GH200 96GB"),
        ("Tesla V100-SXM2-32GB", N, 32510, "V100 SXM2 32GB"),
        ("NVIDIA GB10", N, None, "DGX Spark (GB10)"),
        ("AMD Radeon RX 7900 XTX", A, 24560, "RX 7900 XTX"),
        ("Radeon RX 7900 XT", A, 20464, "RX 7900 XT"),
        ("AMD Radeon(TM) 890M Graphics", A, None, "Radeon 890M"),
        (
            "AMD Radeon(TM) 8060S Graphics",
            A,
            None,
            "Strix Halo Radeon 8060S (Ryzen AI Max+ 395)",
        ),
        ("Intel(R) Arc(TM) A770 Graphics", X, 16256, "Arc A770"),
        ("Intel(R) Arc(TM) 140V GPU (16GB)", X, None, "Arc 140V (Lunar Lake)"),
    ],
)
def test_that_a_drivers_name_finds_its_row(
    name: str, vendor: Vendor, memory_mib: int | None, expected: str
) -> None:
    memory = None if memory_mib is None else memory_mib * MIB
    assert [r.name for r in match(name, ROWS, vendor=vendor, memory_bytes=memory)] == [expected]


@pytest.mark.parametrize(
    ("name", "vendor", "memory_mib"),
    [
        ("NVIDIA GeForce RTX 4090 D", N, 24564),
        ("NVIDIA GeForce RTX 3050 Laptop GPU", N, 4096),
        ("NVIDIA GeForce RTX 4060 Ti Laptop GPU", N, 8192),
        ("NVIDIA GeForce RTX 3060", N, 8192),
        ("NVIDIA GeForce GTX 1060 3GB", N, 3072),
        ("NVIDIA GeForce RTX 4090", N, 48 * 1024),
        ("AMD Radeon RX 7900M", A, 16368),
        ("Intel(R) Arc(TM) A770M Graphics", X, 16256),
        ("NVIDIA L4", N, 23034),
        ("Apple M9", P, None),
        ("NVIDIA", N, None),
        ("", N, None),
        ("RTX 4090", A, 24564),
    ],
)
def test_that_another_device_of_a_like_name_finds_none(
    name: str, vendor: Vendor, memory_mib: int | None
) -> None:
    memory = None if memory_mib is None else memory_mib * MIB
    assert match(name, ROWS, vendor=vendor, memory_bytes=memory) == ()


def test_that_variants_that_cannot_be_told_apart_are_all_returned() -> None:
    found = match("NVIDIA GeForce RTX 4060 Ti", ROWS, vendor=N)
    assert [r.name for r in found] == ["RTX 4060 Ti 8GB", "RTX 4060 Ti 16GB"]


@pytest.mark.parametrize(("cores", "expected"), [(19, "M2 Pro 19-core"), (16, "M2 Pro 16-core")])
def test_that_gpu_cores_tell_the_bins_of_a_chip_apart(cores: int, expected: str) -> None:
    found = match("Apple M2 Pro", ROWS, vendor=P, gpu_cores=cores)
    assert [r.name for r in found] == [expected]


def test_that_a_bin_that_is_not_in_the_table_is_none_of_the_others() -> None:
    assert match("Apple M2 Pro", ROWS, vendor=P, gpu_cores=12) == ()


def test_that_memory_tells_the_bins_apart_where_the_cores_are_unknown() -> None:
    found = match("Apple M3 Max", ROWS, vendor=P, memory_bytes=36 * GIB)
    assert [r.name for r in found] == ["M3 Max 30-core"]


@given(st.sampled_from(ROWS))
def test_that_every_row_is_found_by_its_own_name(wanted: CatalogueRow) -> None:
    cores = re.search(r"(\d+)-core", wanted.name)
    found = match(
        wanted.name,
        ROWS,
        vendor=wanted.vendor,
        memory_bytes=wanted.memory_bytes[0] if wanted.memory_bytes else None,
        gpu_cores=int(cores[1]) if cores else None,
    )
    assert found == (wanted,)


@given(st.text(max_size=40))
def test_that_no_text_makes_matching_fail(name: str) -> None:
    for found in match(name, ROWS, vendor=N):
        assert found in ROWS


@given(st.sampled_from(ROWS), st.sampled_from(("(R)", "(TM)", "®", " Graphics", " ")))
def test_that_marks_do_not_change_the_words(wanted: CatalogueRow, mark: str) -> None:
    assert words(wanted.name) == words(wanted.name + mark)


def test_that_a_figure_all_candidates_share_is_known() -> None:
    figures = [row("a").bandwidth_bytes_per_s, row("b").bandwidth_bytes_per_s]
    assert common_figure(figures, ["a", "b"]) == figures[0]


def test_that_a_figure_on_which_candidates_differ_is_unknown_with_their_names() -> None:
    figures = [row("a").bandwidth_bytes_per_s, row("b", bandwidth=2e12).bandwidth_bytes_per_s]
    answer = common_figure(figures, ["a", "b"])
    assert isinstance(answer, Unknown)
    assert "a, b" in answer.reason


@pytest.mark.parametrize("figures", [[], [Unknown("no")], [Unknown("no"), Published(1, "s", "d")]])
def test_that_a_figure_that_is_missing_is_unknown(figures: list[Published | Unknown]) -> None:
    assert isinstance(common_figure(figures, []), Unknown)
