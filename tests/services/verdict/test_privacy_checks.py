"""Where a pipeline leads, found out: names resolved, the server asked, the environment read."""

from __future__ import annotations

import json
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import Any

import pytest

from landfall.core.errors import OllamaUnavailable
from landfall.core.hosts.runtime import InstalledModel
from landfall.core.workload.privacy_check import Place, PrivacyCheck
from landfall.core.workload.workload import (
    Candidates,
    Privacy,
    PrivacyClass,
    Step,
    StepName,
    Task,
    Where,
    Workload,
)
from landfall.services.verdict.privacy_checks import check_privacy

NOW = datetime(2026, 11, 25, 14, 2)  # noqa: DTZ001 -- local time, as people read it
NAMES = {
    "127.0.0.1": ("127.0.0.1",),
    "localhost": ("127.0.0.1",),
    "nas.lan": ("192.168.1.9",),
    "api.openai.com": ("104.18.6.192",),
}


def model(name: str, *, remote: bool = False) -> InstalledModel:
    return InstalledModel(
        name=name,
        digest="d",
        size_bytes=1,
        modified_at="",
        family="",
        parameter_size="",
        quantization="",
        remote=remote,
        capabilities=(),
    )


class World:
    """Answers, and keeps what was asked."""

    def __init__(self, *models: InstalledModel, down: bool = False) -> None:
        self.models, self.down = models, down
        self.resolved: list[str] = []
        self.asked: list[str] = []

    async def resolve(self, name: str) -> Sequence[str]:
        self.resolved.append(name)
        return NAMES.get(name, ())

    async def tags(self, url: str) -> Sequence[InstalledModel]:
        self.asked.append(url)
        if self.down:
            raise OllamaUnavailable("no answer", "")
        return self.models


async def checked(
    world: World,
    *,
    tmp_path: Path,
    privacy: Privacy | None = None,
    steps: tuple[Step, ...] = (),
    local: tuple[str, ...] = ("qwen3:8b",),
    server: str = "http://127.0.0.1:11434",
    environment: dict[str, str] | None = None,
) -> PrivacyCheck:
    work = Workload(
        name="A",
        task=Task.CHAT,
        privacy=privacy or Privacy(privacy_class=PrivacyClass.NDA),
        steps=steps,
        candidates=Candidates(local=local),
    )
    return await check_privacy(
        work,
        local=True,
        server=server,
        tags=world.tags,
        now=NOW,
        environment=environment or {},
        resolve=world.resolve,
        home=tmp_path,
    )


async def test_that_a_local_pipeline_gets_its_sentence(tmp_path: Path) -> None:
    settings = tmp_path / ".ollama" / "server.json"
    settings.parent.mkdir()
    settings.write_text(json.dumps({"disable_ollama_cloud": True}), encoding="utf-8")
    found = await checked(World(model("qwen3:8b")), tmp_path=tmp_path)
    assert found.here
    assert "checked 14:02: 1 of 1 steps local, cloud models disabled" in found.sentence


@pytest.mark.parametrize("text", ["", "{", "[]", '{"disable_ollama_cloud": "yes"}'])
async def test_that_settings_which_do_not_say_are_not_taken_for_a_no(
    tmp_path: Path, text: str
) -> None:
    settings = tmp_path / ".ollama" / "server.json"
    settings.parent.mkdir()
    settings.write_text(text, encoding="utf-8")
    found = await checked(World(model("qwen3:8b")), tmp_path=tmp_path)
    assert "cloud models disabled" not in found.sentence
    assert "is not known" in " ".join(found.notes)


@pytest.mark.parametrize("name", ["qwen3:8b", "qwen3:8b:local"])
async def test_that_a_stub_under_a_plain_name_is_found_at_the_server(
    tmp_path: Path, name: str
) -> None:
    world = World(model("qwen3:8b", remote=True))
    found = await checked(world, tmp_path=tmp_path, local=(name,))
    assert found.steps[0].place is Place.PUBLIC
    assert f"forwards {name}" in found.steps[0].why
    assert world.asked == ["http://127.0.0.1:11434"]


async def test_that_hosts_are_resolved_once_and_told_apart(tmp_path: Path) -> None:
    steps = (
        Step(name=StepName.VECTOR_DB, where=Where.NETWORK, host="http://nas.lan:6333"),
        Step(name=StepName.CACHE, where=Where.NETWORK, host="nas.lan"),
        Step(name=StepName.RERANK, where=Where.NETWORK, host="api.openai.com"),
        Step(name=StepName.GENERATE),
    )
    world = World(model("qwen3:8b"))
    found = await checked(world, tmp_path=tmp_path, steps=steps)
    places = [one.place for one in found.steps]
    assert places == [Place.NETWORK, Place.NETWORK, Place.PUBLIC, Place.HERE]
    assert world.resolved == ["nas.lan", "api.openai.com", "127.0.0.1"]


async def test_that_offline_nothing_is_resolved_and_no_other_machine_is_asked(
    tmp_path: Path,
) -> None:
    offline = Privacy(offline=True)
    steps = (Step(name=StepName.RERANK, where=Where.NETWORK, host="nas.lan"),)
    world = World(model("qwen3:8b"))
    far = await checked(
        world, tmp_path=tmp_path, privacy=offline, steps=steps, server="http://nas.lan:11434"
    )
    assert (world.resolved, world.asked) == ([], [])
    assert not far.inside
    await checked(world, tmp_path=tmp_path, privacy=offline)
    assert world.asked == ["http://127.0.0.1:11434"]


async def test_that_a_silent_server_leaves_the_question_open(tmp_path: Path) -> None:
    found = await checked(World(down=True), tmp_path=tmp_path)
    assert found.steps[0].place is Place.UNKNOWN
    assert not found.inside


async def test_that_keys_are_named_and_never_shown(tmp_path: Path) -> None:
    environment = {"OPENAI_API_KEY": "sk-secret", "RAGAS_DO_NOT_TRACK": "1"}
    found = await checked(World(), tmp_path=tmp_path, environment=environment)
    said = " ".join(found.notes)
    assert "OPENAI_API_KEY" in said
    assert "sk-secret" not in said
    assert "DEEPEVAL_TELEMETRY_OPT_OUT" in said
    assert "RAGAS_DO_NOT_TRACK" not in said
    assert "not on the server yet" in said
    all_set: dict[str, Any] = dict.fromkeys(
        (
            "DEEPEVAL_TELEMETRY_OPT_OUT",
            "RAGAS_DO_NOT_TRACK",
            "HF_HUB_DISABLE_TELEMETRY",
            "LITELLM_LOCAL_MODEL_COST_MAP",
            "LITELLM_LOCAL_BLOG_POSTS",
        ),
        "1",
    )
    quiet = await checked(World(model("qwen3:8b")), tmp_path=tmp_path, environment=all_set)
    assert "telemetry" not in " ".join(quiet.notes)


async def test_that_names_are_resolved_by_the_system_and_a_wrong_one_has_no_address(
    tmp_path: Path,
) -> None:
    world = World(model("qwen3:8b"))
    steps = (
        Step(name=StepName.CACHE, where=Where.LOCAL, host="localhost"),
        Step(name=StepName.RERANK, where=Where.LOCAL, host="no-such-name.invalid"),
    )
    work = Workload(
        name="A", task=Task.CHAT, privacy=Privacy(privacy_class=PrivacyClass.NDA), steps=steps
    )
    found = await check_privacy(
        work, local=True, server="http://127.0.0.1:1", tags=world.tags, now=NOW, home=tmp_path
    )
    assert found.steps[0].place is Place.HERE
    assert found.steps[1].place is Place.PUBLIC
    assert "has no address" in found.steps[1].why
