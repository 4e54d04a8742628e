"""What looking after a machine takes: hours a month, and their money."""

from __future__ import annotations

from landfall.core.figures import combined
from landfall.core.provenance import Figure, Stated, Unknown, origin
from landfall.core.verdict.world import World
from landfall.core.workload.workload import Organisation, Workload


def care_hours(workload: Workload, world: World) -> Figure:
    """Hours of care a month of one machine, as `organisation.ops_hours_per_month` has them or would
    have them: stated, else assumed, and then fewer where a team runs machines anyway (S49)."""
    stated, assumptions = workload.organisation.ops_hours_per_month, world.assumptions
    if stated is not None:
        return Stated(stated, "organisation.ops_hours_per_month")
    if assumptions is None:
        return Unknown("organisation.ops_hours_per_month is not stated")
    usual = assumptions.ops_hours_per_month
    if workload.organisation.local_infrastructure is False or not _established(workload):
        return usual
    factor = assumptions.established_factor
    says = f"{origin(usual)}; operations with a team (S49)"
    return combined(lambda h, f: h * f, (usual, factor), says)


def ops_hours(workload: Workload, world: World, *, machines: int = 1) -> Figure:
    """Hours of care a month: those of one machine for each of them; more where nobody does it today
    (AP9)."""
    hours, assumptions = care_hours(workload, world), world.assumptions
    if machines > 1:
        says = f"{origin(hours)}; care for {machines} machines"
        hours = combined(lambda h: h * machines, (hours,), says)
    if workload.organisation.local_infrastructure is False and assumptions is not None:
        factor = assumptions.no_infrastructure_factor
        says = f"{origin(hours)}; operations without a team"
        return combined(lambda h, f: h * f, (hours, factor), says)
    return hours


def _established(workload: Workload) -> bool:
    """S49: people who run machines anyway spend less on one more; the thresholds stay."""
    return workload.organisation.kind is Organisation.ESTABLISHED


def hourly_rate(workload: Workload, world: World) -> float:
    """USD an hour of the people who look after a machine."""
    stated = workload.organisation.hourly_rate_usd
    return world.hourly_rate_usd if stated is None else stated


def ops_usd(workload: Workload, world: World, *, machines: int = 1) -> Figure:
    """Care in money a month."""
    rate = hourly_rate(workload, world)
    hours = ops_hours(workload, world, machines=machines)
    return combined(lambda h: h * rate, (hours,), "hours x rate")
