"""How soon answers are there: machines, probes, splits."""

from __future__ import annotations

from dataclasses import replace

from landfall.core.provenance import Estimated, Stated, Unknown, band
from landfall.core.verdict.facts import HostFacts
from landfall.core.verdict.latency import of_host, of_probe, of_split
from landfall.core.verdict.world import Probed
from landfall.core.workload.privacy import Option
from tests.core.demand.test_strain import strain

HOST = HostFacts(option=Option.LOCAL_THIS_MACHINE)
WAITS = Unknown("the work may wait: what counts is its window")


def test_that_a_machine_is_as_late_as_its_queue() -> None:
    busy = replace(HOST, strain=strain(1.0))
    assert busy.strain is not None
    assert of_host(busy) == busy.strain.p95()
    assert of_host(HOST) == Unknown("its load is not known")


def test_that_a_probe_is_reckoned_call_by_call() -> None:
    calls = ((1.0, 10.0), (2.0, 20.0), (3.0, 5.0))
    probed = Probed(at="2026-11-20T10:00:00+00:00", calls=calls)
    # 11, 7 and 23 seconds for a hundred tokens: the median, nearly the slowest, the slowest.
    found = of_probe(probed, "m", 100.0)
    assert isinstance(found, Estimated)
    assert (found.low, found.high) == (11.0, 23.0)
    assert 11.0 < found.mid < 23.0
    assert found.formula.startswith("3 calls of a probe on 2026-11-20, too few")
    assert "100 tokens" in found.formula
    assert of_probe(probed, "m", 100.0, batch=True) == WAITS
    assert of_probe(None, "m", 100.0, batch=True) == WAITS
    assert of_probe(None, "m", None) == Unknown("m was never probed from here")
    assert of_probe(probed, "m", None) == Unknown("tokens.output is not stated")
    none = replace(probed, calls=())
    assert of_probe(none, "m", 1.0) == Unknown("the probe of m has no answer that counts")
    assert band(of_probe(probed, "m", 0.0)) == (2.0, band(of_probe(probed, "m", 0.0))[1], 3.0)  # type: ignore[index]


def test_that_a_split_is_as_late_as_the_later_way_at_each_end() -> None:
    one = replace(HOST, strain=strain(Estimated(2.0, 4.0, 9.0, "t")))
    assert band(of_split(one, Estimated(1.0, 5.0, 6.0, "p"))) == (1.0, 5.0, 9.0)
    assert band(of_split(one, Estimated(3.0, 3.5, 30.0, "p"))) == (2.0, 4.0, 30.0)
    assert band(of_split(one, Stated(7.0, "p"))) == (2.0, 7.0, 9.0)
    assert of_split(one, Unknown("why")) == Unknown("of the calls that overflow: why")
    assert of_split(HOST, Stated(7.0, "p")) == Unknown("its load is not known")
    away = replace(HOST, strain=replace(strain(4.0), network_seconds=0.5))
    assert band(of_split(away, Stated(1.0, "p"))) == (1.0, 4.5, 4.5)
    waits = replace(HOST, strain=strain(4.0, window=8.0))
    assert of_split(waits, Stated(1.0, "p")) == WAITS
