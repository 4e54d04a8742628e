"""`machines`: everything that can be asked about by name, own machines first."""

from __future__ import annotations

import argparse
from typing import Any

from landfall.cli.session import Command, Session
from landfall.core.machine import machines
from landfall.core.machine.hardware import GIB
from landfall.core.machine.machines import Machine
from landfall.services.machine import known_machines
from landfall.services.models import shipped_catalogue
from landfall.services.paths import of_user

_OWN_MACHINES = """\
A name may be several cards or a mix: "2x RTX 4090", "RTX 4090 + RTX 3090", and may say a memory
size that the machine was sold with: "M4 Max 64GB".

Machines of your own stand in {file}
and are found before the catalogue's, wherever a machine is named:

  [[machine]]
  name = "the tower"
  like = "RTX 4090"        # start from a row; what follows replaces its figures
  count = 2                # cards of that kind
  ram_gib = 128            # main memory, and how fast it is
  ram_gb_s = 90
  price_usd = 5200         # of the whole machine
  date = 2026-11-01        # when that was so

Without `like` say vendor (nvidia, amd, intel, apple, other), kind (discrete, unified, integrated),
memory_gib and bandwidth_gb_s; fp16_tflops, fp32_tflops and tdp_watts if you know them.
"""


def _arguments(parser: argparse.ArgumentParser) -> None:
    parser.add_argument("--search", type=str, metavar="TEXT", help="words that the row holds")
    parser.formatter_class = argparse.RawDescriptionHelpFormatter
    parser.epilog = _OWN_MACHINES.format(file=of_user().machines)


async def run(args: argparse.Namespace, session: Session) -> int:
    """Print the machines that can be asked about, own ones first; 1 where none holds the words."""
    known = known_machines.load()
    found = machines.search(args.search or "", known.machines)
    for problem in (*known.problems, *shipped_catalogue.load().problems):
        session.say(str(problem))
    if session.json:
        session.document([_machine_json(machine) for machine in found])
        return 0 if found else 1
    if not found:
        session.line(f"No machine holds {args.search!r}.")
        return 1
    session.table(
        ("name", "memory", "GB/s", "FP16 TFLOPS", "W", "year"),
        [_machine_row(machine) for machine in found],
        right="memory, GB/s, FP16 TFLOPS, W, year",
    )
    return 0


def _machine_row(machine: Machine) -> tuple[str, ...]:
    memory = "/".join(f"{size / GIB:g}" for size in machine.memory_sizes)
    many = f" ({machine.count} cards)" if machine.count > 1 else ""
    return (
        f"{machine.name}{many}, yours" if machine.where else machine.name,
        f"{memory} GiB" if memory else "shared",
        f"{machine.bandwidth_bytes_per_s / 1e9:.0f}",
        f"{machine.fp16_flops / 1e12:.1f}" if machine.fp16_flops else "unknown",
        f"{machine.tdp_watts:.0f}" if machine.tdp_watts else "unknown",
        str(machine.year or "unknown"),
    )


def _machine_json(machine: Machine) -> dict[str, Any]:
    return {
        "name": machine.name,
        "vendor": machine.vendor.value,
        "class": machine.device_class,
        "architecture": machine.architecture,
        "memory_bytes": machine.memory_bytes,
        "memory_options_bytes": list(machine.memory_options),
        "unified": machine.unified,
        "bandwidth_bytes_per_s": machine.bandwidth_bytes_per_s,
        "fp16_flops": machine.fp16_flops,
        "fp32_flops": machine.fp32_flops,
        "tdp_watts": machine.tdp_watts,
        "count": machine.count,
        "ram_bytes": machine.ram_bytes,
        "launch_price_usd": machine.launch_price_usd,
        "year": machine.year,
        "source": machine.where or machine.source,
        "date": machine.stated_on or machine.date,
        "own": bool(machine.where),
        "like": machine.like or None,
    }


COMMANDS: tuple[Command, ...] = (Command("machines", _arguments, run),)
