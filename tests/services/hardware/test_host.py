from __future__ import annotations

import os
from collections import namedtuple
from pathlib import Path

import psutil
import pytest

from landfall.core.machine.hardware import GIB
from landfall.services.hardware import host
from tests.fakes import sysfs

X86 = "processor\t: 0\nmodel name\t: AMD Ryzen 9 7950X 16-Core  Processor\nmodel\t\t: 97\n"
PI = "processor\t: 0\nBogoMIPS\t: 108.00\n\nHardware\t: BCM2835\nModel\t\t: Raspberry Pi 5\n"


def probed(root: Path, models: Path | None = None, **environment: str) -> host.Host:
    return host.probe(
        sysfs=root / "sys",
        procfs=root / "proc",
        environment=environment,
        models_path=models,
        platform_name="linux",
    )


@pytest.mark.parametrize(
    ("text", "name"),
    [
        (X86, "AMD Ryzen 9 7950X 16-Core Processor"),
        (PI, "Raspberry Pi 5"),
        ("processor : 0\nmodel : 97\n", ""),
        ("", ""),
    ],
)
def test_that_the_processors_name_is_read(text: str, name: str) -> None:
    assert host.cpu_name_of(text) == name


def test_that_a_container_counts_its_own_limit_and_says_so(tmp_path: Path) -> None:
    sysfs.write(tmp_path / "proc/self/cgroup", "0::/docker/abc")
    group = tmp_path / "sys/fs/cgroup/docker/abc"
    sysfs.write(group / "memory.max", 2 * GIB)
    sysfs.write(group / "memory.current", 1 * GIB)
    sysfs.write(group / "memory.stat", f"anon 5\ninactive_file {GIB // 2}\nfile 7")
    found = probed(tmp_path)
    assert found.ram.total_bytes == 2 * GIB
    assert found.ram.available_bytes == 3 * GIB // 2
    assert any("container may use 2.0 GiB" in probe.answer for probe in found.probes)


def test_that_the_tightest_limit_on_the_way_up_counts(tmp_path: Path) -> None:
    sysfs.write(tmp_path / "proc/self/cgroup", "0::/a/b")
    sysfs.write(tmp_path / "sys/fs/cgroup/a/b/memory.max", "max")
    sysfs.write(tmp_path / "sys/fs/cgroup/a/memory.max", 3 * GIB)
    sysfs.write(tmp_path / "sys/fs/cgroup/a/memory.current", 0)
    assert host.container_limit(tmp_path / "sys", tmp_path / "proc") == host.ContainerLimit(
        3 * GIB, 0
    )


def test_that_version_one_groups_are_read_and_no_limit_is_none(tmp_path: Path) -> None:
    sysfs.write(tmp_path / "proc/self/cgroup", "5:cpu,memory:/x\n3:devices:/x")
    group = tmp_path / "sys/fs/cgroup/memory/x"
    sysfs.write(group / "memory.limit_in_bytes", 9223372036854771712)
    assert host.container_limit(tmp_path / "sys", tmp_path / "proc") is None
    sysfs.write(group / "memory.limit_in_bytes", GIB)
    sysfs.write(group / "memory.usage_in_bytes", 300)
    sysfs.write(group / "memory.stat", "inactive_file 9\ntotal_inactive_file 100")
    assert host.container_limit(tmp_path / "sys", tmp_path / "proc") == host.ContainerLimit(
        GIB, 200
    )


def test_that_a_machine_without_groups_has_no_limit(tmp_path: Path) -> None:
    assert host.container_limit(tmp_path / "sys", tmp_path / "proc") is None
    sysfs.write(tmp_path / "proc/self/cgroup", "nonsense\n\n1:")
    assert host.container_limit(tmp_path / "sys", tmp_path / "proc") is None


def test_that_a_limit_above_the_memory_of_the_machine_changes_nothing(tmp_path: Path) -> None:
    sysfs.write(tmp_path / "proc/self/cgroup", "0::/")
    sysfs.write(tmp_path / "sys/fs/cgroup/memory.max", 1 << 50)
    assert probed(tmp_path).ram.total_bytes == psutil.virtual_memory().total


def test_that_the_variable_names_the_folder_of_the_models(tmp_path: Path) -> None:
    found = probed(tmp_path, OLLAMA_MODELS=str(tmp_path / "elsewhere"))
    assert found.disk.models_path == str(tmp_path / "elsewhere")
    assert found.disk.free_bytes


def test_that_a_folder_that_is_not_there_yet_counts_its_volume_and_says_so(
    tmp_path: Path,
) -> None:
    found = probed(tmp_path, tmp_path / "a/b/c")
    assert found.disk.models_path == str(tmp_path / "a/b/c")
    assert found.disk.free_bytes == pytest.approx(psutil.disk_usage(str(tmp_path)).free, rel=0.05)
    assert any("not there yet" in probe.answer for probe in found.probes)


def test_that_a_volume_that_cannot_be_read_is_unknown_and_a_failure(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    def refuse(_: str) -> None:
        raise PermissionError(13, "Permission denied")

    monkeypatch.setattr(psutil, "disk_usage", refuse)
    found = probed(tmp_path, tmp_path)
    assert found.disk.free_bytes is None
    assert found.disk.total_bytes is None
    assert found.failures[0].probe == "disk"
    assert "OLLAMA_MODELS" in found.failures[0].hint


def test_that_the_linux_services_folder_is_used_where_it_is(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    own = Path("~/.ollama/models").expanduser()
    monkeypatch.setattr(host, "_SERVICE_MODELS", tmp_path / "service")
    assert host.default_models_path({}, platform_name="linux") == own
    (tmp_path / "service").mkdir()
    assert host.default_models_path({}, platform_name="linux") == tmp_path / "service"
    assert host.default_models_path({}, platform_name="darwin") == own


def test_that_a_services_folder_this_user_may_not_enter_counts_as_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    class Closed:
        def is_dir(self) -> bool:
            raise PermissionError

    closed = Closed()
    monkeypatch.setattr(host, "_SERVICE_MODELS", closed)
    assert host.default_models_path({}, platform_name="linux") is closed


def test_that_core_counts_that_are_not_told_are_unknown(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(psutil, "cpu_count", lambda logical=True: None)
    found = probed(tmp_path)
    assert found.cpu.physical_cores is None
    assert found.cpu.logical_cores is None
    assert any("unknown number" in probe.answer for probe in found.probes)


@pytest.mark.parametrize(
    ("platform_name", "name"), [("darwin", "macos"), ("win32", "windows"), ("plan9", "plan9")]
)
def test_that_systems_are_named(tmp_path: Path, platform_name: str, name: str) -> None:
    found = host.probe(
        sysfs=tmp_path,
        procfs=tmp_path,
        environment={},
        models_path=tmp_path,
        platform_name=platform_name,
    )
    assert found.system.os == name


def test_that_available_memory_is_what_the_system_says(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    memory = namedtuple("memory", "total available")
    monkeypatch.setattr(psutil, "virtual_memory", lambda: memory(8 * GIB, 3 * GIB))
    found = probed(tmp_path)
    assert (found.ram.total_bytes, found.ram.available_bytes) == (8 * GIB, 3 * GIB)
    assert os.path.isabs(found.disk.models_path)
