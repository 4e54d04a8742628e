"""Rows and words of the Models page, without a page."""

from __future__ import annotations

from dataclasses import replace

import pytest
from PySide6.QtCore import QObject

from landfall.core.errors import DiskFull, Interrupted, NetworkUnavailable, ServerRefused
from landfall.core.fit.fit import FitKind
from landfall.core.fit.memory import FitRequest, KvType
from landfall.core.fit.offer import Offer, longest_context, offer
from landfall.core.hosts.hosts import Host, HostKind
from landfall.core.hosts.runtime import InstalledModel, LoadedModel, RuntimeState
from landfall.core.machine.hardware import GIB, memory_budget
from landfall.core.models.catalogue import Evidence, Task, find
from landfall.core.models.weights import spec
from landfall.core.provenance import Estimated, Measured
from landfall.core.pull_progress import PullReading
from landfall.core.speed.calibration import Calibration
from landfall.gui.format import Origin
from landfall.gui.host_names import keep_names
from landfall.gui.models.downloads_view import pull_of
from landfall.gui.models.installed_view import (
    count_words,
    freeable,
    installed_row,
    running_row,
    until_words,
)
from landfall.gui.models.origins import evidence_source, sources
from landfall.gui.models.past_runs import last_used, measured_rates
from landfall.gui.models.pull_entry import INTERRUPTED, Entry
from landfall.gui.models.pull_row import PullState
from landfall.gui.models.view import (
    Marks,
    billions,
    budget_words,
    context_words,
    evidence_lines,
    explained_segments,
    facts,
    fit_look,
    hint_words,
    memory_cell,
    memory_segments,
    offer_detail,
    offer_row,
    quality_shown,
    rate_shown,
    short_metric,
    task_words,
)
from landfall.gui.server_state import Remedy, answers, is_here, missing
from landfall.gui.widgets.cells import sort_key, spoken, tip
from landfall.gui.widgets.numbers import FitLook
from landfall.services.history.records import RunRecord
from landfall.services.models import shipped_catalogue
from tests.gui import worlds

KNOWN = shipped_catalogue.load()
GB = 10**9


def priced(tag: str, *, context: int = 8192, machine: str = "RTX 4090") -> Offer:
    card = find(tag, KNOWN.models)
    assert card is not None
    profile = KNOWN.what_if(machine)
    request = FitRequest(context=context)
    budget = memory_budget(profile)
    return offer(spec(card), profile, budget, request, name=tag, card=card)


def run(model: str, at: str, **changes: object) -> RunRecord:
    record = RunRecord(
        started_at=at, place="local", host="h", model=model, prompt="p", state="done"
    )
    return replace(record, **changes)  # type: ignore[arg-type]


def installed(name: str, size: int = 5 * GB, *, digest: str = "d") -> InstalledModel:
    return InstalledModel(
        name=name,
        digest=digest,
        size_bytes=size,
        modified_at="",
        family="qwen3",
        parameter_size="8.2B",
        quantization="Q4_K_M",
        remote=False,
    )


# What runs tell


def test_the_newest_whole_run_on_this_machine_gives_the_measured_rate() -> None:
    runs = [
        run("qwen3:8b", "2026-11-20T10:00:00+00:00", decode_tok_s=100.0),
        run("qwen3:8b", "2026-11-22T10:00:00+00:00", decode_tok_s=118.4, engine="Ollama 0.24.0"),
        run("qwen3:8b", "2026-11-23T10:00:00+00:00", decode_tok_s=9.0, state="aborted"),
        run("qwen3:8b", "2026-11-24T10:00:00+00:00", decode_tok_s=300.0, place="cloud"),
        run("qwen3:8b", "2026-11-25T10:00:00+00:00", decode_tok_s=80.0, place="network"),
        run("qwen3:14b", "2026-11-20T10:00:00+00:00", decode_tok_s=None),
    ]
    found = measured_rates(runs, ())
    assert found == {
        "qwen3:8b": Measured(118.4, "2026-11-22T10:00:00+00:00", "a run here, Ollama 0.24.0")
    }


def test_a_run_of_other_files_under_the_same_name_does_not_count() -> None:
    runs = [run("x", "2026-11-20T10:00:00+00:00", decode_tok_s=100.0, digest="old")]
    assert measured_rates(runs, [installed("x:latest", digest="new")]) == {}
    assert "x:latest" in measured_rates(runs, [installed("x:latest", digest="old")])


def test_a_cloud_run_is_no_use_of_a_model_here() -> None:
    runs = [
        run("a", "2026-11-20T10:00:00+00:00", state="aborted"),
        run("a", "2026-11-19T10:00:00+00:00"),
        run("b", "2026-11-20T10:00:00+00:00", place="cloud"),
    ]
    used = last_used(runs, "http://127.0.0.1:11434", here=True)
    assert used == {"a:latest": "2026-11-20T10:00:00+00:00"}


def test_that_a_model_was_last_used_on_the_server_that_lists_it() -> None:
    own, rack, tunnel = (
        f"http://{place}" for place in ("127.0.0.1:11434", "10.0.0.7:11434", "127.0.0.1:9000")
    )
    keep_names([Host(name="tunnel", url=tunnel, kind=HostKind.OLLAMA)])
    runs = [
        run("a", "2026-11-20T10:00:00+00:00", host="http://127.0.0.1:40123"),
        run("a", "2026-11-22T10:00:00+00:00", host=tunnel),
        run("a", "2026-11-24T10:00:00+00:00", place="network", host=rack),
    ]
    assert last_used(runs, own, here=True) == {"a:latest": "2026-11-20T10:00:00+00:00"}
    assert last_used(runs, tunnel, here=True) == {"a:latest": "2026-11-22T10:00:00+00:00"}
    assert last_used(runs, f"{rack}/", here=False) == {"a:latest": "2026-11-24T10:00:00+00:00"}
    keep_names(())


# The table


def test_a_row_says_what_the_model_is_and_what_is_the_case_for_it() -> None:
    row = offer_row(priced("gpt-oss:20b"), Marks(loaded=frozenset({"gpt-oss:20b"})))
    title, need, look, speed, quality, licence = row
    assert spoken(title) == "gpt-oss:20b, 14.0\u00a0GB, MoE, 3.6 B active, loaded"
    assert spoken(need).startswith("about ")
    assert spoken(look) == "Fits"
    assert tip(look).startswith("Fits\nFits RTX 4090 whole: ")
    assert "tok/s" in spoken(speed)
    assert "AA Intelligence Index" in spoken(quality)
    assert spoken(licence) == "Apache-2.0"


def test_what_is_left_out_says_why_in_its_row() -> None:
    tall = replace(priced("llama3.3:70b"), left_out=True)
    assert hint_words(tall, None, 0) == "Under 5 tok/s"
    assert hint_words(tall, None, 3 * GIB) == "Lacks ~3.0\u00a0GiB"
    assert hint_words(priced("qwen3:8b"), None, 0) == ""
    assert offer_detail(tall, Marks(), hint="Lacks about 3 GiB").startswith("Lacks about 3 GiB, ")


@pytest.mark.parametrize(
    ("kind", "said"),
    [(FitKind.GPU, "Whole at 8k"), (FitKind.PARTIAL, "In part at 8k"), (FitKind.CPU, "Fits at 8k")],
)
def test_the_context_at_which_it_would_stand_better_is_named(kind: FitKind, said: str) -> None:
    tall = priced("llama3.3:70b", context=65536)
    there = replace(tall.fit, kind=kind)
    assert hint_words(tall, (8192, there), GIB) == said


def test_a_predicted_speed_is_a_range_and_a_measured_one_a_number() -> None:
    rate = Estimated(38, 50.4, 62, "roofline")
    assert (rate_shown(rate).value, rate_shown(rate).detail) == ("38\u201362", "about 50")
    assert rate_shown(rate, calibrated=True).detail == "calibrated, ~50"
    assert rate_shown(rate).origin is Origin.ESTIMATED
    assert rate_shown(rate).sort == 50.4
    assert rate_shown(Measured(48.2, "", "here")).value == "48.2"


@pytest.mark.parametrize(
    ("low", "mid", "high", "band", "about"),
    [
        (384, 3084, 16_612, "384\u201317k", "about 3.1k"),
        (4224, 7196, 11_818, "4.2k\u201312k", "about 7.2k"),
        (61_000, 96_331, 158_441, "61k\u2013158k", "about 96k"),
        (1257, 2100, 3534, "1,257\u20133,534", "about 2,100"),
    ],
)
def test_a_rate_that_is_too_long_for_its_column_is_told_in_thousands(
    low: float, mid: float, high: float, band: str, about: str
) -> None:
    seen = rate_shown(Estimated(low, mid, high, "f"))
    assert (seen.value, seen.detail) == (band, about)
    assert f"{low:,.0f}" in seen.spoken


def test_a_score_is_spoken_with_the_decimals_that_are_shown() -> None:
    evidence = Evidence(metric="MMLU-Pro", score=82.6, source="a card", date="2026-11-23")
    (fact,) = evidence_lines((evidence,))
    assert fact.shown is not None
    assert fact.shown.value == "82.6"
    assert fact.shown.spoken.startswith("82.6, published")


def test_the_cell_of_memory_says_each_part_and_where_it_is_from() -> None:
    fits = memory_cell(priced("qwen3:8b"))
    assert fits.need_bytes < fits.total_bytes
    said = spoken(fits).replace("\u00a0", " ")
    for part in ("about 6.7 GiB", "Weights 4.8 GiB", "KV cache, 8k 1.1 GiB", "Left", "of 23.0 GiB"):
        assert part in said
    told = tip(fits)
    assert "36 layers" in told
    assert "ollama.com library" in told
    assert len(told.splitlines()) == 7
    assert "above it" not in said
    tall = memory_cell(priced("llama3.3:70b"))
    assert "above it" in spoken(tall)
    assert tall.over == "caution"
    never = memory_cell(priced("deepseek-r1:671b"))
    assert never.over == "danger"
    assert sort_key(never) > sort_key(tall) > sort_key(fits)


def test_a_segment_of_every_kind_says_where_its_size_is_from() -> None:
    told = {part.role: part.source for part in explained_segments(priced("qwen3.5:4b"))}
    assert all(told[role] for role in ("mem_weights", "mem_kv", "mem_compute", "mem_overhead"))
    assert "whatever the context" in told["mem_kv"]


@pytest.mark.parametrize("tag", ["qwen3:8b", "qwen3.5:4b", "gpt-oss:20b", "nomic-embed-text"])
def test_every_number_of_the_inspector_has_a_source_in_words(tag: str) -> None:
    machine = KNOWN.what_if("RTX 4090")
    told = {one.name: one.text for one in sources(priced(tag), machine)}
    assert all(told.values())
    for name in ("Weights", "KV cache", "Compute", "Overhead", "Budget", "Reads", "Quality"):
        assert name in told
    assert ("Writes" in told) == (tag != "nomic-embed-text")
    assert ("Recurrent state" in told) == (tag == "qwen3.5:4b")
    assert "RTX 4090 (catalogue)" in told["Budget"]
    assert told["Calibration"].startswith("None")


def test_a_cache_says_its_windows_its_slots_and_its_type() -> None:
    card = find("gpt-oss:20b", KNOWN.models)
    assert card is not None
    machine = KNOWN.what_if("RTX 4090")
    request = FitRequest(context=8192, parallel=4, kv_type=KvType.Q8_0)
    mine = offer(spec(card), machine, memory_budget(machine), request, name="x", card=card)
    told = {one.name: one.text for one in sources(mine, machine)}
    assert "a window of 128 tokens" in told["KV cache"]
    assert "8,192 tokens \u00d7 4 at 1.06 bytes (q8_0)" in told["KV cache"]


def test_a_calibration_and_a_processor_are_named_as_sources() -> None:
    machine = KNOWN.what_if("RTX 4090")
    found = Calibration(
        engine="Ollama 0.32.15", at="2026-11-21", decode_scales=(1.1,), prefill_scales=()
    )
    told = {
        o.name: o.text for o in sources(priced("qwen3:8b"), replace(machine, calibration=found))
    }
    assert "By 1 models that were run here with Ollama 0.32.15" in told["Calibration"]
    bare = replace(machine, accelerators=())
    told = {o.name: o.text for o in sources(priced("qwen3:8b"), bare)}
    assert told["Budget"].startswith("Main memory")


def test_a_metric_is_short_in_a_column() -> None:
    assert short_metric("AA Intelligence Index v4.1.1") == "AA Index"
    assert short_metric("GPQA Diamond") == "GPQA"


def test_an_embedding_model_shows_how_fast_it_reads() -> None:
    row = offer_row(priced("nomic-embed-text"), Marks())
    assert spoken(row[3]).startswith("about ")
    assert "Writes" not in [fact.name for fact in facts(priced("nomic-embed-text"), None)]


def test_no_published_score_is_unknown_and_not_nothing() -> None:
    seen = quality_shown(())
    assert (seen.value, seen.origin) == ("unknown", Origin.UNKNOWN)
    half = quality_shown((Evidence(metric="MMLU-Pro", score=67.6, source="s", date="2026-01-01"),))
    assert (half.value, half.detail, half.origin) == ("67.6", "MMLU-Pro", Origin.PUBLISHED)


@pytest.mark.parametrize(
    ("tokens", "said"), [(2048, "2k"), (131072, "128k"), (40960, "40k"), (1000, "1,000")]
)
def test_a_context_is_written_in_thousands_of_1024(tokens: int, said: str) -> None:
    assert context_words(tokens) == said


@pytest.mark.parametrize(
    ("count", "said"),
    [(494_000_000, "494 M"), (8_190_000_000, "8.2 B"), (3 * GB, "3 B"), (671 * GB, "671 B")],
)
def test_parameters_are_written_short(count: int, said: str) -> None:
    assert billions(count) == said


# The inspector


def test_the_bar_shows_what_is_left_or_how_far_the_need_is_above() -> None:
    fits = priced("qwen3:8b")
    segments, total, over = memory_segments(fits)
    assert [s.name for s in segments] == ["Weights", "KV cache, 8k", "Compute", "Overhead", "Left"]
    assert sum(s.size_bytes for s in segments) == total == fits.fit.budget_bytes
    assert over is None
    tall = priced("llama3.3:70b")
    segments, total, over = memory_segments(tall)
    assert over == tall.fit.need.total_bytes > total
    assert "Left" not in [s.name for s in segments]


def test_on_a_processor_the_budget_is_main_memory() -> None:
    mine = priced("qwen3:8b")
    alone = replace(mine, fit=replace(mine.fit, kind=FitKind.CPU, gpus=0))
    assert budget_words(alone, here=True).endswith("of main memory can be used now")
    assert "main memory" not in budget_words(mine, here=True)
    assert budget_words(mine, here=True).endswith("can be used now")
    assert budget_words(alone, here=False).endswith("of main memory can be used")
    assert budget_words(mine, here=False).endswith("can be used")
    assert fit_look(alone) is FitLook.CPU


def test_every_figure_of_the_inspector_has_its_origin() -> None:
    mine = priced("qwen3:8b", context=131072)
    budget = memory_budget(KNOWN.what_if("RTX 4090"))
    told = {fact.name: fact for fact in facts(mine, longest_context(mine, budget))}
    for name in ("Need", "Writes", "Reads", "Per 1k of context", "Largest context that fits"):
        seen = told[name].shown
        assert seen is not None
        assert seen.origin is Origin.ESTIMATED
    assert told["Trained for"].text == "40k"
    download = told["Download, Q4_K_M"].shown
    assert download is not None
    assert download.origin is Origin.PUBLISHED
    nothing = {f.name: f for f in facts(replace(mine, licence=""), None)}
    assert nothing["Licence"].text == "not in the catalogue"
    assert nothing["Largest context that fits"].text == "none"


def test_a_download_that_was_recalled_is_no_published_one() -> None:
    download = next(f for f in facts(priced("gemma4:26b"), 8192) if f.name.startswith("Download"))
    assert download.shown is not None
    assert download.shown.origin is Origin.ESTIMATED
    assert "looked up nowhere" in download.shown.spoken


def test_a_download_of_unknown_size_is_unknown() -> None:
    mine = priced("qwen3:8b")
    other = replace(mine, spec=replace(mine.spec, download_bytes=None))
    download = next(f for f in facts(other, 8192) if f.name.startswith("Download")).shown
    assert download is not None
    assert download.origin is Origin.UNKNOWN


def test_a_source_is_named_once_with_its_date() -> None:
    card = find("gemma4:26b", KNOWN.models)
    assert card is not None
    assert evidence_source(card.evidence).count("Collected 2026-11-23") == 1


# On the disk and in memory


def test_what_may_be_freed_is_not_in_memory_and_longest_not_used_first() -> None:
    models = [
        installed("a:1", 2 * GB),
        installed("b:1", 3 * GB),
        installed("c:1"),
        installed("d:1"),
    ]
    loaded = replace(worlds.LOADED[0], name="d:1")
    used = {"c:1": "2026-11-20T10:00:00+00:00"}
    cloud = replace(installed("e:1"), remote=True)
    found = freeable([*models, cloud], [loaded], used)
    assert [model.name for model in found] == ["b:1", "a:1", "c:1"]


def test_a_cloud_stub_is_no_size_on_the_disk() -> None:
    stub = replace(installed("gpt-oss:120b-cloud", 400), remote=True)
    row = installed_row(stub, used={}, loaded=False)
    assert spoken(row[1]).startswith("unknown")
    assert spoken(row[3]) == "Cloud model, prompts leave this machine"
    words = count_words((stub, installed("a")), None)
    assert words.replace("\u00a0", " ") == "1 installed, 5.0 GB on disk"


def test_what_is_done_with_a_model_takes_the_place_of_its_state() -> None:
    row = installed_row(installed("a"), used={}, loaded=True, busy="Unloading")
    assert spoken(row[3]) == "Unloading"


def test_a_loaded_model_of_an_old_server_has_no_context() -> None:
    old = LoadedModel(
        name="a", digest="d", size_bytes=0, gpu_bytes=0, context=None, expires_at="unloading"
    )
    row = running_row(old)
    assert spoken(row[2]).startswith("unknown")
    assert spoken(row[3]).startswith("unknown")
    assert spoken(row[4]) == "is being unloaded"
    assert until_words("forever") == "unloaded by hand"
    assert until_words("2099-11-26T01:04:05.123456789Z") == "26 Nov 2099"
    assert until_words("2099-11-26T01:04:05.5+02:00").endswith("Nov 2099")
    assert until_words("") == "not told"


def test_where_a_model_lies_is_said_in_words() -> None:
    whole = replace(worlds.LOADED[0], size_bytes=GIB, gpu_bytes=GIB)
    none = replace(whole, gpu_bytes=0)
    assert spoken(running_row(whole)[0]).endswith("whole on the GPU")
    assert spoken(running_row(none)[0]).endswith("on the CPU")
    assert spoken(running_row(worlds.LOADED[0])[0]).endswith("partly on the CPU")


# Downloads


def entry(state: PullState, *, reason: str = "", **reading: object) -> Entry:
    return Entry(
        "m:1",
        "http://h",
        state=state,
        reading=PullReading(**reading),  # type: ignore[arg-type]
        reason=reason,
        changed_at="2026-11-20T10:00:00+00:00",
        parent=QObject(),
    )


def said(one: Entry) -> str:
    return pull_of(one).detail.replace("\u00a0", " ")


def test_a_running_download_says_how_much_how_fast_and_how_long() -> None:
    going = entry(
        PullState.RUNNING,
        phase="download",
        completed_bytes=4_300_000_000,
        total_bytes=13_800_000_000,
        moves=((0.0, 0), (5.0, 190_000_000)),
    )
    assert said(going) == "4.3 GB of 13.8 GB  \u00b7  38 MB/s  \u00b7  4 min 10 s left"
    assert pull_of(going).fraction == pytest.approx(0.3116, abs=1e-4)


@pytest.mark.parametrize(
    ("reading", "words"),
    [
        ({"phase": "manifest"}, "Asking the registry"),
        ({"phase": "download", "completed_bytes": 5 * GB}, "5.0 GB, size not known yet"),
        ({"phase": "verify", "total_bytes": GB}, "its digest is checked"),
        ({"phase": "write", "total_bytes": GB}, "digest verified"),
        (
            {
                "phase": "download",
                "completed_bytes": GB,
                "total_bytes": 2 * GB,
                "moves": ((0.0, 5), (3.0, 5)),
            },
            "nothing comes at the moment",
        ),
    ],
)
def test_each_phase_has_its_words(reading: dict[str, object], words: str) -> None:
    assert words in said(entry(PullState.RUNNING, **reading))


def test_a_paused_download_says_who_stopped_it() -> None:
    known = {"completed_bytes": GB, "total_bytes": 2 * GB}
    assert "paused (" in said(entry(PullState.PAUSED, **known))
    cut = said(entry(PullState.PAUSED, reason=INTERRUPTED, **known))
    assert cut.startswith("1.0 GB of 2.0 GB on disk")
    assert "cut when the program ended" in cut


def test_a_full_disk_says_what_is_kept_and_how_much_room_the_rest_needs() -> None:
    full = entry(PullState.FAILED, completed_bytes=10 * GB, total_bytes=23 * GB)
    full.error = DiskFull("No space left on device.", "Make room.")
    assert "10.0 GB of 23.0 GB are kept." in said(full)
    assert "Free 13.3 GB, then try again." in said(full)
    assert pull_of(full).remedy == "Free space\u2026"
    full.reading = PullReading()
    assert "Make room, then try again." in said(full)


def test_a_failure_names_its_own_way_on() -> None:
    lost = entry(PullState.FAILED)
    lost.error = NetworkUnavailable("No such host.", "`landfall recommend`")
    assert said(lost) == "No such host. What came is kept; try again when the network is back."
    assert pull_of(lost).remedy == ""
    plain = entry(PullState.FAILED)
    plain.error = ServerRefused("Http.", "This registry speaks plain http: repeat with --insecure.")
    assert pull_of(plain).remedy == "Try plain http"
    assert "--insecure" not in said(plain)
    plain.insecure = True
    assert pull_of(plain).remedy == ""
    broken = entry(PullState.FAILED, completed_bytes=GB, total_bytes=2 * GB)
    broken.error = Interrupted("It broke off.", "Delete the part.")
    assert said(broken).startswith("It broke off. Delete the part.")
    assert said(entry(PullState.FAILED)) == "It ended before its end."


# Servers


@pytest.mark.parametrize(
    ("state", "remedy"),
    [(RuntimeState.ABSENT, Remedy.INSTALL), (RuntimeState.STOPPED, Remedy.START)],
)
def test_what_is_missing_has_its_remedy(state: RuntimeState, remedy: Remedy) -> None:
    lacks = missing(worlds.ollama(state))
    assert lacks is not None
    assert lacks.remedy is remedy
    assert not answers(worlds.ollama(state))


def test_a_server_that_answers_lacks_nothing() -> None:
    here, there = worlds.ollama(RuntimeState.RUNNING), worlds.ollama(RuntimeState.REMOTE)
    assert missing(here) is None
    assert missing(there) is None
    assert is_here(here)
    assert not is_here(there)
    silent = (replace(there[0], version=None),)
    lacks = missing(silent)
    assert lacks is not None
    assert lacks.remedy is Remedy.LOOK
    assert missing(None) is None
    assert not answers(None)
    none_at_all = missing(())
    assert none_at_all is not None
    assert none_at_all.remedy is Remedy.INSTALL


def test_the_tasks_are_those_of_the_catalogue() -> None:
    assert set(task_words()) == set(Task)
