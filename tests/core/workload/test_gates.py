"""Gates that are counted, stated, or those of another."""

from __future__ import annotations

from landfall.core.quality.paired_tests import GateResult
from landfall.core.workload.file import parse
from landfall.core.workload.gates import gate_of_hosted, gate_of_local
from tests.core.workload.least_files import HEAD, with_key


def test_that_a_gate_is_counted_then_stated_then_that_of_the_local_candidate() -> None:
    bare = parse(HEAD)
    assert gate_of_local(bare) is gate_of_hosted(bare) is GateResult.UNMEASURED
    local = with_key("quality.gate", '"pass"')
    assert gate_of_local(local) is gate_of_hosted(local) is GateResult.PASS
    hosted = with_key("quality.gate_hosted", '"fail"')
    assert gate_of_local(hosted) is GateResult.UNMEASURED
    assert gate_of_hosted(hosted) is GateResult.FAIL
