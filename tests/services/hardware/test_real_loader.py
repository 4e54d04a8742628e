"""Detection through the real loader: a compiled stand-in for NVIDIA's library, in a child process.

The loader reads LD_LIBRARY_PATH at the start of a process only, so a child is needed.
"""

from __future__ import annotations

import json
import os
import shutil
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

ROOT = Path(__file__).parents[3]
SOURCE = ROOT / "tests/fakes/nvmlstub.c"

CHILD = """
import asyncio, dataclasses, json, sys
from pathlib import Path
from landfall.core.settings import Settings
from landfall.services import power
from landfall.services.hardware import Surroundings, detect

async def look(root):
    around = Surroundings(root=root, environment={}, platform_name="linux")
    machine = await detect(Settings(), root, surroundings=around)
    sources = await power.discover(root=root, platform_name="linux")
    samples = [s.read() for s in sources if s.available]
    for source in sources:
        source.close()
    return {
        "accelerators": [dataclasses.asdict(a) for a in machine.accelerators],
        "failures": [dataclasses.asdict(f) for f in machine.failures],
        "watts": [s.watts for s in samples],
    }

print(json.dumps(asyncio.run(look(Path(sys.argv[1])))))
"""


@pytest.fixture(scope="session")
def library(tmp_path_factory: pytest.TempPathFactory) -> Path:
    compiler = shutil.which("cc")
    if sys.platform != "linux" or compiler is None:
        pytest.skip("needs Linux and a C compiler (cc)")
    folder = tmp_path_factory.mktemp("nvml")
    target = folder / "libnvidia-ml.so.1"
    subprocess.run(
        [
            compiler,
            "-shared",
            "-fPIC",
            "-Wall",
            "-Werror",
            "-Wl,-soname,libnvidia-ml.so.1",
            str(SOURCE),
            "-o",
            str(target),
        ],
        check=True,
    )
    return folder


def detected(library: Path, root: Path, stub: str = "") -> dict[str, Any]:
    script = root / "stub.txt"
    script.write_text(stub, encoding="utf-8")
    answer = subprocess.run(
        [sys.executable, "-W", "error", "-c", CHILD, str(root)],
        env={
            **os.environ,
            "LD_LIBRARY_PATH": str(library),
            "NVML_STUB_FILE": str(script),
            "PYTHONPATH": str(ROOT / "app"),
        },
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert answer.returncode == 0, answer.stderr
    document: dict[str, Any] = json.loads(answer.stdout)
    return document


def test_that_two_boards_are_read_through_the_loader(library: Path, tmp_path: Path) -> None:
    found = detected(library, tmp_path)
    assert [a["catalogue_name"] for a in found["accelerators"]] == ["RTX 4090", "RTX 3060 12GB"]
    bandwidth = [a["bandwidth_bytes_per_s"]["value"] for a in found["accelerators"]]
    assert bandwidth == pytest.approx([1008.1e9, 360e9], rel=1e-3)
    assert [a["pci_bus_id"] for a in found["accelerators"]] == ["0000:01:00.0", "0000:02:00.0"]
    assert found["watts"] == [180.0, 180.0]
    assert found["failures"] == []


def test_that_a_board_lost_while_running_leaves_the_other(library: Path, tmp_path: Path) -> None:
    found = detected(library, tmp_path, "ret.nvmlDeviceGetMemoryInfo.0 15\n")
    assert [a["name"] for a in found["accelerators"]] == ["NVIDIA GeForce RTX 3060"]
    assert "lost" in found["failures"][0]["reason"]


def test_that_a_driver_of_another_version_is_a_failure_with_a_hint(
    library: Path, tmp_path: Path
) -> None:
    found = detected(library, tmp_path, "ret.nvmlInitWithFlags 18\n")
    assert found["accelerators"] == []
    assert found["watts"] == []
    assert "Restart" in found["failures"][0]["hint"]


def test_that_a_board_without_memory_of_its_own_is_unified(library: Path, tmp_path: Path) -> None:
    found = detected(library, tmp_path, "count 1\nret.nvmlDeviceGetMemoryInfo 3\n")
    assert found["accelerators"][0]["kind"] == "unified"
