from __future__ import annotations

import time
from itertools import pairwise

import pytest
from hypothesis import given
from hypothesis import strategies as st

from landfall.services.cloud import sse
from landfall.services.cloud.sse import EventParser, Overlong, ServerEvent


def parse(*chunks: bytes) -> list[ServerEvent]:
    parser = EventParser()
    events = [event for chunk in chunks for event in parser.feed(chunk)]
    return events + parser.end()


def test_comments_and_pings_are_no_events() -> None:
    assert parse(b": OPENROUTER PROCESSING\n\n", b"data: 1\n\n") == [ServerEvent("message", "1")]


def test_data_lines_of_one_event_are_joined() -> None:
    assert parse(b"event: e\ndata: a\ndata:b\n\n") == [ServerEvent("e", "a\nb")]


def test_an_event_whose_last_empty_line_is_missing_still_counts() -> None:
    assert parse(b"data: [DONE]") == [ServerEvent("message", "[DONE]")]


def test_a_byte_order_mark_is_skipped() -> None:
    assert parse(b"\xef\xbb\xbfdata: x\n\n") == [ServerEvent("message", "x")]


def test_a_line_without_an_end_is_refused_before_it_fills_the_memory(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(sse, "LINE_MAX", 1000)
    with pytest.raises(Overlong):
        parse(*[b"x" * 100] * 20)


@given(
    texts=st.lists(st.text(st.characters(exclude_characters="\r\n", exclude_categories=["Cs"]))),
    end=st.sampled_from(["\n", "\r\n", "\r"]),
    cuts=st.lists(st.integers(0, 400)),
)
def test_events_are_the_same_however_the_bytes_are_cut(
    texts: list[str], end: str, cuts: list[int]
) -> None:
    whole = "".join(f"data: {text}{end}{end}" for text in texts).encode()
    edges = sorted({min(cut, len(whole)) for cut in cuts} | {0, len(whole)})
    chunks = [whole[a:b] for a, b in pairwise(edges)]
    assert parse(*chunks) == [ServerEvent("message", text) for text in texts]


def test_that_a_long_line_in_small_pieces_is_put_together_once() -> None:
    """A server that sends byte after byte must not hold up everything else."""
    parser = EventParser()
    began = time.process_time()
    for _ in range(100_000):
        assert parser.feed(b"datadata") == []
    assert parser.feed(b"\r") == []
    assert parser.feed(b"\ndata: x\n\n") == [ServerEvent("message", "x")]
    assert time.process_time() - began < 5


def test_that_pieces_of_a_line_without_an_end_are_counted_together() -> None:
    parser = EventParser()
    for _ in range(80):
        assert parser.feed(b"x" * 50_000) == []
    with pytest.raises(Overlong):
        parser.feed(b"x" * 200_000)
