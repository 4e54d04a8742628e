"""Which private workloads run on which host."""

from __future__ import annotations

from pathlib import Path

import pytest

from landfall.core.hosts.hosts import Host, HostKind
from landfall.core.settings import Settings
from landfall.services.history.history import History
from landfall.services.history.records import SavedWorkload
from landfall.services.hosts.locks import locked_on

BOX = Host(name="Box", url="http://box.lan:11434", kind=HostKind.OLLAMA)
RACK = Host(name="rack", url="http://10.0.0.9:8000", kind=HostKind.OPENAI)


def workload(name: str, *, private: bool = True, host: str = "", step: str = "generate") -> str:
    privacy = '[privacy]\nclass = "local_only"\n' if private else ""
    there = f'host = "{host}"\n' if host else ""
    steps = f'[[steps]]\nname = "{step}"\nwhere = "verdict"\n{there}'
    return f'schema = 1\n[workload]\nname = "{name}"\ntask = "chat"\n{privacy}{steps}'


async def locks(
    tmp_path: Path, *texts: str, sample: bool = False, settings: Settings | None = None
) -> dict[str, tuple[str, ...]]:
    history = History(tmp_path / "history.db")
    await history.open()
    for number, text in enumerate(texts):
        await history.save_workload(SavedWorkload(name=f"w{number}", toml=text, sample=sample))
    found = await locked_on(settings or Settings(hosts=(BOX, RACK)), history)
    await history.close()
    return dict(found)


@pytest.mark.parametrize("host", ["box", "http://box.lan:11434", "BOX.lan", "box.lan"])
async def test_that_a_locked_workload_is_on_the_host_that_its_step_names(
    tmp_path: Path, host: str
) -> None:
    assert await locks(tmp_path, workload("Letters", host=host)) == {"Box": ("Letters",)}


async def test_that_an_embedding_on_a_host_counts_too(tmp_path: Path) -> None:
    text = workload("Letters", host="10.0.0.9:8000", step="embed")
    assert await locks(tmp_path, text) == {"rack": ("Letters",)}


async def test_that_what_is_not_locked_or_elsewhere_or_a_sample_counts_for_nothing(
    tmp_path: Path,
) -> None:
    assert await locks(tmp_path, workload("Open", private=False, host="box")) == {}
    assert await locks(tmp_path, workload("Other", host="box.lan:9")) == {}
    assert await locks(tmp_path, "no workload at all") == {}


async def test_that_a_sample_is_nobodys_text(tmp_path: Path) -> None:
    assert await locks(tmp_path, workload("Sample", host="box"), sample=True) == {}
    assert await locks(tmp_path, settings=Settings()) == {}


async def test_that_a_workload_without_a_host_runs_on_the_server_in_force(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    text = workload("Letters")
    assert await locks(tmp_path, text) == {}
    settings = Settings(hosts=(BOX,), ollama_url="box.lan")
    assert await locks(tmp_path, settings=settings) == {"Box": ("Letters",)}
    here = Host(name="desk", url="http://127.0.0.1:11434", kind=HostKind.OLLAMA)
    monkeypatch.setenv("OLLAMA_HOST", "localhost:11434")
    assert await locks(tmp_path, settings=Settings(hosts=(here,))) == {"desk": ("Letters",)}
    monkeypatch.setenv("OLLAMA_HOST", "no address at all")
    assert await locks(tmp_path, settings=Settings(hosts=(BOX,))) == {}


@pytest.mark.parametrize("key", ['host = "box"', 'hosts = ["box.lan", "elsewhere.lan"]'])
async def test_that_a_locked_workload_is_on_the_hosts_that_it_names_and_on_no_other(
    tmp_path: Path, key: str
) -> None:
    text = f"{workload('Letters')}[machine]\n{key}\n"
    assert await locks(tmp_path, text) == {"Box": ("Letters",)}
    settings = Settings(hosts=(RACK, BOX), ollama_url="http://10.0.0.9:8000")
    assert await locks(tmp_path, settings=settings) == {"Box": ("Letters",)}


@pytest.mark.parametrize("host", ["127.0.0.1:11434", "http://[::1]:11434", "localhost"])
async def test_that_a_lock_holds_under_each_name_of_this_machine(tmp_path: Path, host: str) -> None:
    desk = Host(name="desk", url="http://localhost:11434", kind=HostKind.OLLAMA)
    settings = Settings(hosts=(desk,), ollama_url="http://10.0.0.9:1")
    text = workload("Letters", host=host)
    assert await locks(tmp_path, text, settings=settings) == {"desk": ("Letters",)}
