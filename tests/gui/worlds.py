"""Machines, servers and workloads that the tests of the window show."""

from __future__ import annotations

from landfall.core.hosts.runtime import LoadedModel, Runtime, RuntimeState
from landfall.core.machine.hardware import (
    GIB,
    MIB,
    Accelerator,
    AcceleratorKind,
    Cpu,
    Disk,
    Failure,
    HardwareProfile,
    Override,
    ProbeResult,
    Ram,
    System,
    Vendor,
)
from landfall.core.provenance import Estimated, Figure, Measured, Published, Unknown
from landfall.gui.app_values import PowerSensor, RunningTask, WorkloadSummary

GPU = Accelerator(
    id="GPU-1",
    name="NVIDIA GeForce RTX 4090",
    vendor=Vendor.NVIDIA,
    kind=AcceleratorKind.DISCRETE,
    memory_total_bytes=24564 * MIB,
    memory_free_bytes=10800 * MIB,
    usable_bytes=9776 * MIB,
    bandwidth_bytes_per_s=Published(1008e9, "a data sheet", "2022-10-12"),
    fp16_flops=Published(165.2e12, "a data sheet", "2022-10-12"),
    driver="580.95",
    source="NVML",
    power_limit_watts=450.0,
    reasons=("The link runs at half its width.",),
)
WITH_GPU = HardwareProfile(
    name="This machine",
    system=System(os="linux", version="Debian 12", arch="x86_64"),
    cpu=Cpu(name="AMD Ryzen 9 7950X", physical_cores=16, logical_cores=32),
    ram=Ram(
        total_bytes=64 * GIB,
        available_bytes=44 * GIB,
        bandwidth_bytes_per_s=Estimated(60e9, 72e9, 83e9, "two channels of DDR5-5200"),
    ),
    disk=Disk(models_path="/models", free_bytes=412 * 10**9, total_bytes=10**12),
    accelerators=(GPU,),
    failures=(Failure(probe="amdgpu", reason="no answer", hint="Load the module."),),
    probes=(ProbeResult(probe="NVML", ok=True, answer="one GPU"),),
)
WITHOUT_GPU = HardwareProfile(
    name="This machine",
    system=System(os="linux", version="Debian 12", arch="x86_64"),
    cpu=Cpu(name="AMD EPYC", physical_cores=None, logical_cores=2),
    ram=Ram(
        total_bytes=24 * GIB,
        available_bytes=20 * GIB,
        bandwidth_bytes_per_s=Unknown("the system does not tell"),
    ),
    disk=Disk(models_path="/models", free_bytes=None, total_bytes=None),
    accelerators=(),
    overrides=(Override(field="cpu.name", detected="EPYC", value="AMD EPYC"),),
)
SENSORS = (
    PowerSensor(name="NVML", scope="GPU board", available=True, watts=Measured(291, "", "NVML")),
    PowerSensor(name="RAPL", scope="CPU package", available=False, reason="only root may read it"),
)
LOADED = (
    LoadedModel(
        name="qwen3:14b",
        digest="d",
        size_bytes=13 * GIB,
        gpu_bytes=12 * GIB,
        context=8192,
        expires_at="forever",
    ),
)
PULLING = RunningTask(key="p", title="Pulling qwen3:30b", detail="62 %", page="models")


def ollama(state: RuntimeState, *, warnings: tuple[str, ...] = ()) -> tuple[Runtime, ...]:
    """One server in this state."""
    url = "http://127.0.0.1:11434"
    if state is RuntimeState.REMOTE:
        url = "http://rack.example:11434"
    version = None if state in (RuntimeState.ABSENT, RuntimeState.STOPPED) else "0.24.0"
    return (Runtime(kind="ollama", state=state, url=url, version=version, warnings=warnings),)


def workload(
    name: str,
    verdict: str,
    *,
    now: Figure,
    after: Figure,
    saving: Figure,
    provisional: bool = False,
    sample: bool = False,
    next_step: str = "",
) -> WorkloadSummary:
    """A workload that runs in the frontier cloud today."""
    return WorkloadSummary(
        name=name,
        detail="4.5 M tokens a day",
        verdict=verdict,
        provisional=provisional,
        now_usd_month=now,
        after_usd_month=after,
        saving_usd_month=saving,
        sample=sample,
        today="CLOUD_FRONTIER",
        next_step=next_step,
        next_action="Measure" if next_step else "",
    )


def priced(usd: float) -> Published:
    """A list price that is not stale on any day a test runs."""
    return Published(usd, "a price list", "2999-01-01")


TRIAGE = workload(
    "Triage",
    "LOCAL_THIS_MACHINE",
    now=priced(412),
    after=Estimated(27, 31, 38, "f"),
    saving=Estimated(374, 381, 385, "f"),
    next_step="120 more pairs settle the gate",
)
PHOTOS = workload(
    "Photos",
    "CLOUD_FRONTIER",
    now=priced(86),
    after=priced(86),
    saving=Estimated(-31, -4, 22, "f"),
    provisional=True,
)
LETTERS = workload(
    "Letters",
    "LOCAL_REQUIRED_NOT_FEASIBLE",
    now=Unknown("the lock excludes it"),
    after=Unknown("nothing fits"),
    saving=Unknown("nothing fits"),
)
