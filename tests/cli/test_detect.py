from __future__ import annotations

import json
import socket
from pathlib import Path
from typing import Any

import pytest

from landfall.cli import detect, private
from landfall.cli.main import main
from landfall.core.energy.power import Scope
from landfall.services.hardware import nvidia
from landfall.services.hardware.finding import Finding, failed
from landfall.services.power.linux_sysfs import RAPL_RULE
from landfall.services.power.source import Missing, PowerSource
from tests.fakes.nvml import FakeGpu, FakeNvml, installed

TOP = {
    "system",
    "cpu",
    "ram",
    "disk",
    "accelerators",
    "power_sources",
    "runtimes",
    "failures",
    "overrides",
}
ACCELERATOR = {
    "id",
    "name",
    "vendor",
    "kind",
    "memory_total_bytes",
    "memory_free_bytes",
    "usable_bytes",
    "bandwidth_bytes_per_s",
    "driver",
    "source",
    "reasons",
}


@pytest.fixture
def nobody_listens(monkeypatch: pytest.MonkeyPatch) -> str:
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        address = f"127.0.0.1:{probe.getsockname()[1]}"
    monkeypatch.setenv("OLLAMA_HOST", address)
    return address


def said(capsys: pytest.CaptureFixture[str], *words: str, fake: FakeNvml | None = None) -> str:
    with installed(fake):
        assert main(words) == 0
    return capsys.readouterr().out


def document(capsys: pytest.CaptureFixture[str], *words: str, fake: FakeNvml | None = None) -> Any:
    return json.loads(said(capsys, *words, "--json", fake=fake))


def test_that_the_document_has_the_keys_of_the_contract(
    capsys: pytest.CaptureFixture[str], nobody_listens: str
) -> None:
    got = document(capsys, "detect", fake=FakeNvml(gpus=[FakeGpu()]))
    assert set(got) == TOP
    assert set(got["system"]) == {"os", "version", "arch"}
    assert set(got["cpu"]) == {"name", "physical_cores", "logical_cores"}
    assert got["ram"]["total_bytes"] >= got["ram"]["available_bytes"] > 0
    assert got["disk"]["models_path"]
    card = got["accelerators"][0]
    assert set(card) >= ACCELERATOR
    assert card["vendor"] == "nvidia"
    assert card["kind"] == "discrete"
    assert card["bandwidth_bytes_per_s"]["value"] == pytest.approx(1008e9, rel=1e-3)
    assert card["bandwidth_bytes_per_s"]["provenance"].startswith("measured: NVML")
    source = got["power_sources"][0]
    assert set(source) == {"name", "scope", "available", "quality", "reason"}
    assert (source["scope"], source["available"]) == ("gpu", True)
    (runtime,) = got["runtimes"]
    assert set(runtime) == {"kind", "state", "url", "version", "warnings"}
    assert runtime["state"] in {"stopped", "absent"}
    assert nobody_listens in runtime["url"]


def test_that_unknown_is_null_with_its_reason_and_never_zero(
    capsys: pytest.CaptureFixture[str], nobody_listens: str
) -> None:
    silent = FakeGpu(
        name="NVIDIA Something New",
        refusals={"nvmlDeviceGetMaxClockInfo": 3, "nvmlDeviceGetMemoryInfo": 4},
    )
    (card,) = document(capsys, "detect", fake=FakeNvml(gpus=[silent]))["accelerators"]
    assert card["memory_total_bytes"] is None
    assert card["usable_bytes"] is None
    assert card["bandwidth_bytes_per_s"]["value"] is None
    assert card["bandwidth_bytes_per_s"]["provenance"].startswith("unknown: ")
    assert card["reasons"]


def test_that_failures_say_probe_reason_and_hint(
    capsys: pytest.CaptureFixture[str], nobody_listens: str
) -> None:
    got = document(capsys, "detect", fake=FakeNvml(init_code=18))
    (failure,) = got["failures"]
    assert set(failure) == {"probe", "reason", "hint"}
    assert all(failure.values())


def test_that_corrections_are_listed(
    capsys: pytest.CaptureFixture[str], nobody_listens: str, private_home: Path
) -> None:
    (private_home / "settings.toml").write_text('[overrides]\n"ram.total_bytes" = 5\n')
    got = document(capsys, "detect")
    assert got["ram"]["total_bytes"] == 5
    (note,) = got["overrides"]
    assert set(note) == {"field", "detected", "value"}
    assert note["field"] == "ram.total_bytes"


@pytest.mark.parametrize("command", ["detect", "doctor"])
def test_that_an_address_that_is_none_is_a_failure_beside_the_machine(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, command: str
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", "ftp://x")
    got = document(capsys, command)
    assert [failure["probe"] for failure in got["failures"]] == ["Ollama"]


def test_that_people_get_a_table_with_names_and_sizes(
    capsys: pytest.CaptureFixture[str], nobody_listens: str
) -> None:
    fake = FakeNvml(gpus=[FakeGpu(mig=1), FakeGpu(name="Odd", bus=2, memory_total=0)])
    text = said(capsys, "detect", fake=fake)
    assert "NVIDIA GeForce RTX 4090" in text
    assert "24.0 GiB" in text
    assert "1008 GB/s" in text
    assert "MIG is on" in text
    assert "Power source" in text


def test_that_people_are_told_when_there_is_nothing(
    capsys: pytest.CaptureFixture[str], nobody_listens: str
) -> None:
    text = said(capsys, "detect", fake=FakeNvml(init_code=18))
    assert "No accelerator" in text
    assert "Could not be read" in text
    assert "Restart" in text


def test_that_the_doctor_lists_every_probe_with_its_answer(
    capsys: pytest.CaptureFixture[str], nobody_listens: str
) -> None:
    got = document(capsys, "doctor", fake=FakeNvml(gpus=[FakeGpu()]))
    probes = {probe["probe"]: probe for probe in got["probes"]}
    assert {"processor", "memory", "disk", "ollama"} <= set(probes)
    assert probes["NVIDIA (NVML) GPU 0"]["ok"]
    assert any(name.startswith("power: NVML GPU 0") for name in probes)
    text = said(capsys, "doctor", fake=FakeNvml(gpus=[FakeGpu()]))
    for name in probes:
        assert name in text


def test_that_the_doctor_prints_a_failure_once_with_what_to_do(
    capsys: pytest.CaptureFixture[str], nobody_listens: str
) -> None:
    text = said(capsys, "doctor", fake=FakeNvml(init_code=18))
    assert text.count("the old one is still loaded") == 1
    assert "Restart the machine" in text


def test_that_the_doctor_names_no_user_and_no_password(
    capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch, tmp_path: Path
) -> None:
    monkeypatch.setenv("HOME", str(tmp_path))
    monkeypatch.setenv("USERPROFILE", str(tmp_path))
    monkeypatch.setenv("OLLAMA_MODELS", str(tmp_path / "models"))

    def leaking(**_: object) -> Finding:
        return failed("x", f"{tmp_path}/lib failed", "see http://me:secret@host/")

    monkeypatch.setattr(nvidia, "probe", leaking)
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        monkeypatch.setenv("OLLAMA_HOST", f"127.0.0.1:{probe.getsockname()[1]}")
    for words in (("doctor",), ("doctor", "--json")):
        text = said(capsys, *words)
        assert str(tmp_path) not in text
        assert "secret" not in text
        assert "~/lib failed" in text


@pytest.mark.parametrize("host", ["http://me:secret@host:1", "127.0.0.1:9/?key=secret"])
def test_that_an_address_with_a_password_is_refused_and_not_repeated(
    host: str, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("OLLAMA_HOST", host)
    for words in (("doctor",), ("detect",), ("detect", "--json")):
        text = said(capsys, *words)
        assert "more than host, port and path" in text
        assert "secret" not in text
        assert ".. " not in text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("/home/ada/.ollama", "~/.ollama"),
        ("/home/adam/.ollama", "/home/adam/.ollama"),
        ("/mnt/ada/models", "/mnt/~/models"),
        (r"C:\Users\ada\x", r"C:\Users\~\x"),
        ("http://k:v@host:1/", "http://host:1/"),
        ("canada", "canada"),
    ],
)
def test_that_names_in_paths_become_a_tilde(text: str, expected: str) -> None:
    assert private.private({"a": [text, 1, None]}, home="/home/ada", user="ada") == {
        "a": [expected, 1, None]
    }


def test_that_a_home_at_the_root_replaces_nothing() -> None:
    assert private.private("/a/b", home="/", user="") == "/a/b"


class _Closed:
    """A processor whose counter only the administrator may read, and a card whose counter lies."""

    async def discover(self, _settings: object) -> tuple[PowerSource, ...]:
        refused = f"only the administrator may read it: {RAPL_RULE}"
        return (
            Missing("RAPL package-0", Scope.CPU_PACKAGE, refused),
            Missing("NVML GPU 0", Scope.GPU, "the GPU is lost"),
        )


def test_that_sources_say_why_and_the_rule_is_shown_whole(
    capsys: pytest.CaptureFixture[str], nobody_listens: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(detect, "power", _Closed())
    text = said(capsys, "detect")
    row = next(line for line in text.splitlines() if line.startswith("RAPL package-0"))
    assert row.endswith("see below")
    assert RAPL_RULE in text
    assert "the GPU is lost" in next(
        line for line in text.splitlines() if line.startswith("NVML GPU 0")
    )
    assert RAPL_RULE in said(capsys, "doctor")
    first, _ = document(capsys, "detect")["power_sources"]
    assert RAPL_RULE in first["reason"]
    assert (first["available"], first["quality"]) == (False, "none")
