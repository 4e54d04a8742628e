"""Quality evidence that is written into a workload's file."""

from __future__ import annotations

import pytest

from landfall.core.errors import BadInput
from landfall.core.quality.paired_tests import GateResult, Pairs
from landfall.core.workload.file import parse
from landfall.core.workload.workload import Quality
from landfall.core.workload.writer import with_quality

HEAD = '# Ours.\n[workload]\nname = "A"\ntask = "classification"\n'
PAIRS = Pairs(local_only=1, cloud_only=2, both=3, neither=4)


def test_that_evidence_is_added_behind_what_is_there() -> None:
    text = with_quality(HEAD, Quality(metric="exact", pairs=PAIRS))
    assert text.startswith(HEAD)
    assert parse(text).quality == Quality(metric="exact", pairs=PAIRS)


def test_that_evidence_replaces_what_was_stated_and_comments_stay() -> None:
    old = f'{HEAD}[quality]  # by hand\nmetric = "f1"\n# Not sure.\ngate = "pass"\n[volume]\n'
    text = with_quality(f"{old}calls_per_day = 5 # about\n", Quality(gate=GateResult.FAIL))
    assert "# by hand\n" in text
    assert "# Not sure.\n" in text
    assert "5 # about\n" in text
    assert parse(text).quality == Quality(gate=GateResult.FAIL)
    assert parse(text).volume.calls_per_day == 5


def test_that_evidence_in_a_table_of_its_own_is_replaced_too() -> None:
    counts = "local_only = 1\ncloud_only = 1\nboth = 1\nneither = 1\n"
    old = f'{HEAD}[quality]\nmetric = "f1"\n[quality.pairs]\n{counts}'
    text = with_quality(old, Quality(metric="exact", pairs=PAIRS))
    assert parse(text).quality == Quality(metric="exact", pairs=PAIRS)


def test_that_the_looks_at_a_gate_are_kept_with_its_counts() -> None:
    seen = Pairs(local_only=1, cloud_only=2, both=3, neither=4, looks=3)
    text = with_quality(HEAD, Quality(pairs=seen, gate_hosted=GateResult.UNMEASURED))
    assert "looks = 3" in text
    assert parse(text).quality.pairs == seen
    with pytest.raises(BadInput) as found:
        parse(text.replace("looks = 3", "looks = 0"))
    assert found.value.field == "quality.pairs.looks"
    with pytest.raises(BadInput):
        with_quality("[workload]\n", Quality())
