"""Verdicts of workloads that name the hosts on which they run: what was measured there decides."""

from __future__ import annotations

from dataclasses import replace
from datetime import UTC, datetime
from typing import Any

import pytest

from landfall.core.errors import BadInput
from landfall.core.hosts.hosts import Host, HostKind
from landfall.core.provenance import Measured, Unknown, middle
from landfall.core.settings import Settings
from landfall.core.workload.privacy import Option
from landfall.services.history.records import LoadRecord, RunRecord
from landfall.services.machine import known_machines
from landfall.services.models import shipped_catalogue
from landfall.services.run.measured_here import network_seconds, speeds, speeds_on
from landfall.services.verdict import workload_files
from landfall.services.verdict.decided import Decided
from landfall.services.verdict.deciding import Decider
from landfall.services.verdict.known_past import Past
from landfall.services.verdict.workload_files import from_text

NOW = datetime(2026, 11, 25, 12, tzinfo=UTC)
STUDIO = Host(name="studio", url="http://192.168.7.20:11434", kind=HostKind.OLLAMA)
ATTIC = Host(name="attic", url="http://192.168.7.21:11434", kind=HostKind.OLLAMA)
SETTINGS = Settings(hosts=(STUDIO, ATTIC))
CARDS = shipped_catalogue.load().models

ON_STUDIO = '[machine]\nhost = "studio"\n'
ON_BOTH = '[machine]\nhosts = ["studio", "attic"]\n'
TEXT = """
[workload]
name = "letters"
task = "summary"
[volume]
calls_per_day = 2000
[tokens]
input = 1000
output = 200
[latency]
p95_seconds = 30
[today]
provider = "openai"
model = "gpt-5.5"
[candidates]
local = ["qwen3:8b"]
"""


def run(on: Host = STUDIO, **change: Any) -> RunRecord:
    """1000 tokens read at 1000 a second, 100 written at 50; the first one after 1.25 s."""
    plain = RunRecord(
        started_at="2026-11-02T00:00:00+00:00",
        place="network",
        host=on.url,
        model="qwen3:8b",
        state="done",
        prompt="p",
        prompt_tokens=1000,
        output_tokens=100,
        prefill_tok_s=1000.0,
        decode_tok_s=50.0,
        ttft_seconds=1.25,
        load_seconds=0.05,
    )
    return replace(plain, **change)


def load(host: Host, parallel: int) -> LoadRecord:
    return LoadRecord(
        at="2026-11-03T00:00:00+00:00",
        host=host.url,
        model="qwen3:8b",
        engine="Ollama 0.32.15",
        parallel=parallel,
        ps_bytes=6_000_000_000,
        ps_gpu_bytes=6_000_000_000,
    )


async def decided(
    machine: str, runs: tuple[RunRecord, ...] = (), text: str = TEXT, past: Past | None = None
) -> Decided:
    decider = Decider(
        SETTINGS,
        now=NOW,
        detected=known_machines.what_if("RTX 4090"),
        runs=runs,
        past=past or Past(),
    )
    return await decider.decide(from_text(text + machine), with_flips=False)


async def test_that_what_ran_on_the_host_decides_and_what_ran_here_does_not() -> None:
    here = run(place="local", host="http://127.0.0.1:11434", decode_tok_s=9.0)
    one = await decided(ON_STUDIO, (run(), here))
    host = one.facts.machine
    assert host is not None
    assert (host.machine, host.model, host.fits) == ("studio", "qwen3:8b", True)
    (prefill, decode) = one.assembler.world.measured["qwen3:8b"]
    assert (middle(prefill), middle(decode)) == (1000.0, 50.0)
    assert isinstance(decode, Measured)
    assert "studio" in decode.where
    assert host.strain is not None
    assert middle(host.strain.service.seconds) == pytest.approx(1000 / 1000 + 200 / 50)


async def test_that_runs_of_a_host_are_none_of_this_machine() -> None:
    assert speeds([run()], CARDS) == {}
    one = await decided("", (run(),))
    assert one.assembler.world.measured == {}
    assert one.assembler.world.on is None
    assert one.facts.machine is not None
    assert one.facts.machine.machine == "RTX 4090"


async def test_that_nothing_is_known_of_a_host_on_which_nothing_ran() -> None:
    host = (await decided(ON_STUDIO)).facts.machine
    assert host is not None
    assert host.fits is None
    assert "nobody said what machine studio is" in dict(host.notes)["fits"]
    assert isinstance(host.usd_month, Unknown)


async def test_that_the_watts_of_a_host_are_not_those_of_this_machine() -> None:
    measured = run(
        prefill_joules=335.0,
        decode_joules=320.0,
        idle_watts=20.0,
        energy_scope="GPU board",
        energy_grade="good",
    )
    one = await decided(ON_STUDIO, (measured, replace(measured, place="local")))
    assert one.assembler.world.energy == {}
    host = one.facts.machine
    assert host is not None
    assert isinstance(host.usd_month, Unknown)
    assert "the electricity of studio is not measured here" in host.usd_month.reason
    line = one.verdict.line(Option.LOCAL_THIS_MACHINE)
    assert line is not None
    assert isinstance(line.usd_month, Unknown)


async def test_that_a_host_is_the_machine_that_the_workload_says() -> None:
    one = await decided(ON_STUDIO + 'name = "RTX 3090"\n', (run(),))
    host = one.facts.machine
    assert host is not None
    assert host.machine == "studio (RTX 3090)"
    assert host.fits is True
    assert middle(host.usd_month) is not None
    assert one.assembler.world.energy == {}


async def test_that_the_network_is_part_of_the_wait() -> None:
    assert middle(network_seconds([run()], [STUDIO])) == pytest.approx(0.2)
    near = await decided(ON_STUDIO, (run(ttft_seconds=1.05),))
    far = await decided(ON_STUDIO, (run(ttft_seconds=3.05),))
    waits = []
    for one in (near, far):
        assert one.facts.machine is not None
        assert one.facts.machine.strain is not None
        waits.append(middle(one.facts.machine.strain.p95()) or 0.0)
    assert waits[1] - waits[0] == pytest.approx(2.0)
    assert "network" in str(far.facts.machine.strain.p95()) if far.facts.machine else False


async def test_that_a_target_that_the_network_eats_up_is_missed() -> None:
    tight = TEXT.replace("p95_seconds = 30", "p95_seconds = 20")
    calm = tight.replace("calls_per_day = 2000", "calls_per_day = 20")
    near = await decided(ON_STUDIO, (run(ttft_seconds=1.05),), calm)
    far = await decided(ON_STUDIO, (run(ttft_seconds=20.0),), calm)
    assert near.facts.machine is not None
    assert far.facts.machine is not None
    assert (near.facts.machine.late, far.facts.machine.late) == (False, True)


async def test_that_slots_of_several_hosts_add_and_the_slowest_counts() -> None:
    runs = (run(), run(ATTIC, decode_tok_s=25.0))
    past = Past(loads=(load(STUDIO, 4), load(ATTIC, 2)))
    alone = await decided(ON_STUDIO, runs, past=past)
    both = await decided(ON_BOTH, runs, past=past)
    assert alone.facts.machine is not None
    assert both.facts.machine is not None
    assert alone.facts.machine.strain is not None
    assert both.facts.machine.strain is not None
    assert alone.facts.machine.strain.service.slots == 4
    assert both.facts.machine.strain.service.slots == 6
    assert both.facts.machine.machine == "studio, attic"
    assert middle(speeds_on(runs, CARDS, (STUDIO, ATTIC))["qwen3:8b"][1]) == 25.0
    on = both.assembler.world.on
    assert on is not None
    assert (on.names, on.count) == (("studio", "attic"), 2)


async def test_that_an_address_may_stand_for_a_name() -> None:
    one = await decided('[machine]\nhost = "192.168.7.20"\n', (run(),))
    assert one.facts.machine is not None
    assert one.facts.machine.machine == "studio"


async def test_that_a_host_that_is_not_kept_is_told_with_its_line() -> None:
    with pytest.raises(BadInput) as refused:
        await decided('[machine]\nhost = "studoi"\n')
    assert refused.value.field == "machine.host"
    assert refused.value.line == (TEXT + "[machine]\nhost").count("\n") + 1
    assert "studio" in refused.value.hint


async def test_that_a_server_at_another_port_here_is_this_machine() -> None:
    second = Host(name="second", url="http://127.0.0.1:11500", kind=HostKind.OLLAMA)
    text = TEXT + '[machine]\nhost = "127.0.0.1:11500"\n'
    runs = (run(second, place="local"), run(place="local", host="http://127.0.0.1:11434"))
    decider = Decider(SETTINGS, now=NOW, detected=known_machines.what_if("RTX 4090"), runs=runs[:1])
    one = await decider.decide(from_text(text), with_flips=False)
    assert one.facts.machine is not None
    assert one.facts.machine.machine == "RTX 4090"
    assert one.assembler.world.on is not None
    assert not one.assembler.world.on.elsewhere
    assert middle(one.assembler.world.measured["qwen3:8b"][1]) == 50.0


@pytest.mark.parametrize(
    ("rule", "leaves"),
    [
        ('[privacy]\nclass = "local_only"\n', False),
        ('[privacy]\nclass = "local_only"\noffline = true\n', True),
        ('[privacy]\nclass = "local_only"\n[[steps]]\nname = "generate"\nwhere = "local"\n', True),
        ('[privacy]\nclass = "none"\n[[steps]]\nname = "generate"\nwhere = "local"\n', False),
    ],
)
async def test_that_a_lock_on_this_machine_refuses_a_host_elsewhere(
    rule: str, leaves: bool
) -> None:
    one = await decided(ON_STUDIO, (run(),), TEXT + rule)
    assert bool(one.facts.leaks) is leaves
    (step,) = one.placed.steps
    assert step.host == STUDIO.url
    assert all(not step.host for step in one.loaded.workload.steps)


async def test_that_a_public_host_is_a_leak_of_a_locked_workload() -> None:
    far = '[machine]\nhost = "8.8.4.4"\n'
    one = await decided(far, (), TEXT + '[privacy]\nclass = "local_only"\n')
    assert [leak.host for leak in one.facts.leaks] == ["http://8.8.4.4:11434"]


async def test_that_the_key_is_written_and_read_again() -> None:
    loaded = from_text(TEXT + ON_BOTH)
    assert loaded.workload.machine.named_hosts == ("studio", "attic")
    assert "# host" in workload_files.template()
