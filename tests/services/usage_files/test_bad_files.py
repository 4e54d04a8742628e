"""What people and spreadsheets do to files, and files that are none."""

from __future__ import annotations

import csv
import gzip
import io
import json
import os
import sys
import zlib
from pathlib import Path

import pytest

from landfall.core.errors import BadInput, Unavailable
from landfall.services.usage_files import MOST_PROBLEMS, csv_rows, lines, open_usage
from tests.fakes.closed_folder import closed
from tests.services.usage_files.conftest import Wrote, kept
from tests.services.usage_files.test_formats import (
    ANTHROPIC_USAGE,
    CLAUDE,
    FILES,
    GENERIC,
    LITELLM,
    OPENAI_USAGE,
    OPENROUTER,
)

HEAD = "date,provider,model,requests,input_tokens,cached_input_tokens,output_tokens,cost\n"


def generic(*rows: str, head: str = HEAD) -> str:
    return head + "".join(row + "\n" for row in rows)


@pytest.mark.parametrize("name", FILES)
@pytest.mark.parametrize(
    "encoding", ["utf-8-sig", "utf-16", "utf-16-le", "utf-16-be", "gzip", "crlf", "no last end"]
)
def test_that_a_file_means_the_same_however_it_is_written(
    name: str, encoding: str, wrote: Wrote
) -> None:
    text = FILES[name]
    if encoding == "gzip":
        content = gzip.compress(text.encode())
    elif encoding == "crlf":
        content = text.replace("\n", "\r\n").encode()
    elif encoding == "no last end":
        content = text.rstrip("\n").encode()
    else:
        content = text.encode(encoding)
    found = wrote(content)
    assert found.reads == wrote(text).reads
    assert found.format == name
    assert found.reads


def test_that_old_line_ends_are_line_ends(wrote: Wrote) -> None:
    assert wrote(GENERIC.replace("\n", "\r")).row == wrote(GENERIC).row


@pytest.mark.parametrize(
    ("row", "column"),
    [
        ("2026-02-30,openai,gpt-5,10,1000,100,200,0.5", "date"),
        ("Total,,,10,1000,100,200,0.5", "date"),
        ("2026-10-01,openai,gpt-5,10,many,100,200,0.5", "input_tokens"),
    ],
)
def test_that_a_file_of_the_own_columns_is_known_by_them_whatever_its_only_row_holds(
    row: str, column: str, wrote: Wrote
) -> None:
    found = wrote(generic(row))
    assert found.format == "generic_csv"
    assert [(one.line, one.column) for one in found.problems] == [(2, column)]
    assert found.usage == []


def test_that_western_windows_text_is_read(wrote: Wrote) -> None:
    text = ANTHROPIC_USAGE.replace("shop key", "Büro €").replace("≤", "<=")
    assert wrote(text.encode("cp1252")).row.key_name == "Büro €"


def test_that_a_wrong_byte_far_behind_spoils_a_name_alone(wrote: Wrote) -> None:
    row = "2026-08-01,OpenAI,gpt-5,100,1000,200,300,0.5"
    many = generic(*[row] * 8000).encode() + row.replace("gpt-5", "gpt\xff5").encode("latin-1")
    found = wrote(many)
    assert (len(found.usage), found.problems) == (8001, [])
    assert found.usage[-1].model == "gpt\ufffd5"


def test_that_columns_may_stand_in_any_order_with_others_between(wrote: Wrote) -> None:
    (head, *rows) = csv.reader(OPENROUTER.splitlines())
    turned = [["extra", *reversed(head)], *(["x", *reversed(row)] for row in rows)]
    assert wrote("\n".join(map(",".join, turned))).row == wrote(OPENROUTER).row


def test_that_a_german_spreadsheet_is_read(wrote: Wrote) -> None:
    found = wrote(
        "Datum;Anbieter;Modell;Anfragen;Input_Tokens;Cached_Input_Tokens;Output_Tokens;Kosten\r\n"
        "01.02.2026;OpenAI;gpt-5;1.000;1.234.567;200;300;1.234,56\r\n"
        "2.2.26;OpenAI;gpt-5;10;20;;300;0,5 €\r\n"
        ";;;;;;;\r\n"
    )
    first, second = found.usage
    assert found.problems == []
    assert (first.at, first.requests, first.input_tokens) == (
        "2026-02-01T00:00:00+00:00",
        1000,
        1234567,
    )
    assert first.billed_usd == 1234.56
    assert (second.at, second.billed_usd) == ("2026-02-02T00:00:00+00:00", 0.5)
    assert second.cached_input_tokens is None


def test_that_a_line_that_names_the_separator_is_no_header(wrote: Wrote) -> None:
    assert wrote("sep=;\r\n" + GENERIC.replace(",", ";").replace("0.5", "0,5")).row == (
        wrote(GENERIC).row
    )


def test_that_semicolons_do_not_make_a_point_a_thousand(wrote: Wrote) -> None:
    assert wrote(GENERIC.replace(",", ";")).row == wrote(GENERIC).row
    counts = OPENAI_USAGE.replace(",", ";")
    assert wrote(counts).row == wrote(OPENAI_USAGE).row


@pytest.mark.parametrize("spaced", ["102'000", "102 000", "102\u00a0000", "102\u202f000"])
def test_that_thousands_may_be_parted_by_other_signs(spaced: str, wrote: Wrote) -> None:
    assert wrote(ANTHROPIC_USAGE.replace("102,000", spaced)).row.input_tokens == 102000


@pytest.mark.parametrize(
    ("dates", "means"),
    [
        (("01/02/2026", "13/02/2026"), ["2026-02-01", "2026-02-13"]),
        (("01/02/2026", "02/13/2026"), ["2026-01-02", "2026-02-13"]),
        (("03/03/2026", "03/03/26"), ["2026-03-03", "2026-03-03"]),
        (("2026/02/01", "2026.2.1"), ["2026-02-01", "2026-02-01"]),
    ],
)
def test_that_day_and_month_are_told_apart_by_the_whole_file(
    dates: tuple[str, str], means: list[str], wrote: Wrote
) -> None:
    found = wrote(generic(*(f"{date},OpenAI,gpt-5,1,2,,3,0" for date in dates)))
    assert [row.at[:10] for row in found.usage] == means
    assert found.problems == []


def test_that_dates_that_stay_ambiguous_are_told_and_not_guessed(wrote: Wrote) -> None:
    found = wrote(generic("01/02/2026,OpenAI,gpt-5,1,2,,3,0", "03/03/2026,OpenAI,gpt-5,1,2,,3,0"))
    assert [row.at[:10] for row in found.usage] == ["2026-03-03"]
    (problem,) = found.problems
    assert (problem.line, problem.column) == (2, "date")
    assert "day" in problem.reason


def test_that_a_file_that_writes_dates_both_ways_keeps_the_sure_ones(wrote: Wrote) -> None:
    dates = ("13/02/2026", "02/13/2026", "01/02/2026")
    found = wrote(generic(*(f"{date},OpenAI,gpt-5,1,2,,3,0" for date in dates)))
    assert [row.at[:10] for row in found.usage] == ["2026-02-13", "2026-02-13"]
    assert len(found.problems) == 1


@pytest.mark.parametrize(
    ("time", "at"),
    [
        ("2026-08-01T23:30:00-05:00", "2026-08-02T04:30:00+00:00"),
        ("2026-08-01T23:30:00+0530", "2026-08-01T18:00:00+00:00"),
        ("2026-08-01 23:30:00.123456 UTC", "2026-08-01T23:30:00+00:00"),
        ("2026-08-01T23:30:00.1Z", "2026-08-01T23:30:00+00:00"),
        ("2026-08-01T23:30Z", "2026-08-01T23:30:00+00:00"),
        ("1 785 627 000", None),
        ("1785627000", "2026-08-01T23:30:00+00:00"),
        ("1785627000.25", "2026-08-01T23:30:00+00:00"),
        ("1785627000123", "2026-08-01T23:30:00+00:00"),
        ("8/1/2026 11:30:00 PM", None),
        ("8/13/2026 11:30 PM", "2026-08-13T23:30:00+00:00"),
        ("8/13/2026, 12:05:09 a.m.", "2026-08-13T00:05:09+00:00"),
        ("13.8.2026 23:30:10 +02:00", "2026-08-13T21:30:10+00:00"),
        ("8/13/2026 13:30 PM", None),
        ("2026-08-32", None),
        ("2026-08-01T25:00:00Z", None),
        ("2026-08-01T23:30:61Z", None),
        ("31.2.2026", None),
        ("0001-01-01T00:00:00+14:00", None),
        ("1999-01-01", None),
        ("٢٠٢٦-٠٨-٠١", None),
        ("soon", None),
        ("", None),
    ],
)
def test_that_a_time_is_read_into_utc_or_told(time: str, at: str | None, wrote: Wrote) -> None:
    good = "2026-08-02T00:00:00Z,OpenAI,gpt-5,1,2,,3,0"
    found = wrote(generic(good, f'"{time}",OpenAI,gpt-5,1,2,,3,0'))
    assert [row.at for row in found.usage[1:]] == ([at] if at else [])
    assert [(each.line, each.column) for each in found.problems] == ([] if at else [(3, "date")])


@pytest.mark.parametrize(
    "cell",
    [
        "nan",
        "inf",
        "-inf",
        "-5",
        "1e13",
        "9" * 400,
        "1_000",
        "0x10",
        "1,23",
        "12,34,567",
        "ten",
        "١٢",
        "1e5e5",
        "--1",
    ],
)
def test_that_a_count_that_is_none_is_told_with_row_and_column(cell: str, wrote: Wrote) -> None:
    good = "2026-08-01,OpenAI,gpt-5,1,2,,3,0"
    found = wrote(generic(good, f'2026-08-02,OpenAI,gpt-5,1,"{cell}",,3,0', good))
    assert len(found.usage) == 2
    (problem,) = found.problems
    assert (problem.line, problem.column) == (3, "input_tokens")
    assert len(problem.reason) < 80


def test_that_amounts_may_have_a_sign_of_currency_and_may_not_be_absurd(wrote: Wrote) -> None:
    rows = [f'2026-08-01,OpenAI,gpt-5,1,2,,3,"{cost}"' for cost in ("$1,234.50", ".5", "1e-7")]
    bad = [f'2026-08-01,OpenAI,gpt-5,1,2,,3,"{cost}"' for cost in ("1e12", "-1", "free")]
    found = wrote(generic(*rows, *bad))
    assert [row.billed_usd for row in found.usage] == [1234.5, 0.5, 1e-7]
    assert [(each.line, each.column) for each in found.problems] == [
        (5, "cost"),
        (6, "cost"),
        (7, "cost"),
    ]


def test_that_a_header_that_stands_again_and_empty_rows_are_skipped(wrote: Wrote) -> None:
    row = "2026-08-01,OpenAI,gpt-5,1,2,,3,0"
    found = wrote("\n\n" + generic(row, "", ",,,,,,,", " , ,,,,,,", HEAD.strip(), row))
    assert (len(found.usage), found.problems, found.rows_read) == (2, [], 2)


def test_that_a_cut_row_and_a_row_too_long_are_told_and_empty_cells_at_its_end_are_not(
    wrote: Wrote,
) -> None:
    row = "2026-08-01,OpenAI,gpt-5,1,2,,3,0"
    found = wrote(generic(row, row + ",,", row + ",x", row)[:-20])
    assert len(found.usage) == 2
    assert [(each.line, each.reason) for each in found.problems] == [
        (4, "has 9 cells, and the header has 8"),
        (5, "has 2 cells, and the header has 8"),
    ]


def test_that_an_open_quotation_mark_costs_one_row(wrote: Wrote) -> None:
    row = "2026-08-0{},OpenAI,gpt-5,1,2,,3,0"
    text = generic(
        row.format(1), '2026-08-02,"OpenAI,gpt-5,1,2,,3,0', *map(row.format, range(3, 9))
    )
    found = wrote(text)
    assert [each.line for each in found.problems] == [3]
    assert [row.at[8:10] for row in found.usage] == ["01", "03", "04", "05", "06", "07", "08"]


def test_that_an_open_quotation_mark_in_the_last_column_costs_one_row_too(wrote: Wrote) -> None:
    row = "2026-08-01,OpenAI,gpt-5,1,2,,3,0"
    found = wrote(generic(row, '2026-08-01,OpenAI,gpt-5,1,2,,3,"0', row, row))
    assert len(found.usage) == 3
    assert [each.line for each in found.problems] == [3]


@pytest.mark.parametrize("cell", ["a secret of mine", "call 555 0199 now", "1\u20282", "9" * 30])
def test_that_a_reason_repeats_no_words(cell: str, wrote: Wrote) -> None:
    (problem,) = wrote(generic(f"2026-08-01,OpenAI,gpt-5,1,{cell}x,,3,0")).problems
    assert problem.reason == "this is not a number"


def test_that_a_cell_of_several_lines_keeps_the_numbers_of_lines(wrote: Wrote) -> None:
    head = HEAD.replace("cost", "note")
    rows = ('2026-08-01,OpenAI,gpt-5,1,2,,3,"a\nb, ""c""\n\nd"', "2026-08-02,OpenAI,gpt-5,1,x,,3,n")
    found = wrote(generic(*rows, head=head))
    assert len(found.usage) == 1
    assert [each.line for each in found.problems] == [6]


def test_that_a_file_full_of_open_quotation_marks_ends_soon(
    wrote: Wrote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_rows, "LONGEST_ROW", 1 << 16)
    monkeypatch.setattr(csv_rows, "LEAST_LONGEST_ROW", 1 << 10)
    row = "2026-08-01,OpenAI,gpt-5,1,2,,3,0"
    found = wrote(generic(*[row, '2026-08-01,"a""b'] * 3000))
    assert len(found.usage) == 3000
    assert found.problem_count == 3000


def test_that_rows_of_several_lines_may_reach_from_one_block_into_the_next(wrote: Wrote) -> None:
    head = HEAD.replace("cost", "note")
    row = '2026-08-01,OpenAI,gpt-5,1,{},,3,"' + "a line of a note\n" * 20 + '"'
    rows = [row.format(at) for at in range(12_000)]
    rows[11_000] = row.format("x")
    found = wrote(generic(*rows, head=head))
    assert found.total_bytes > 3 * lines.BLOCK_BYTES
    assert [each.input_tokens for each in found.usage] == [
        at for at in range(12_000) if at != 11_000
    ]
    assert [each.line for each in found.problems] == [2 + 11_000 * 21]


def test_that_an_open_quotation_mark_far_from_the_end_costs_one_row(
    wrote: Wrote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(csv_rows, "LONGEST_ROW", 1 << 17)
    row = "2026-08-01,OpenAI,gpt-5,1,{},,3,0"
    rows = [row.format(at) for at in range(60_000)]
    rows[100] = '2026-08-01,"OpenAI,gpt-5,1,2,,3,0'
    rows[40_000] = '"' + rows[40_000]
    found = wrote(generic(*rows))
    assert found.total_bytes > lines.BLOCK_BYTES
    assert len(found.usage) == 59_998
    assert [each.line for each in found.problems] == [102, 40_002]


def test_that_a_last_line_cut_inside_quotation_marks_is_no_row(wrote: Wrote) -> None:
    row = "2026-08-01,OpenAI,gpt-5,1,2,,3,0.5"
    found = wrote(HEAD + row + "\n" + '2026-08-02,OpenAI,gpt-5,1,2,,3,"0.')
    assert [each.at[:10] for each in found.usage] == ["2026-08-01"]
    assert [(p.line, p.reason) for p in found.problems] == [(3, "a quotation mark is never closed")]


def test_that_a_quotation_mark_inside_a_last_cell_opens_nothing(wrote: Wrote) -> None:
    found = wrote(
        HEAD.replace("model", "tag").replace("cost", "model")
        + '2026-08-01,OpenAI,"a",1,2,,3,gpt-5"'
    )
    assert (len(found.usage), found.problems) == (1, [])


def test_that_commas_between_cells_leave_decimal_commas_in_quotation_marks(wrote: Wrote) -> None:
    found = wrote(generic('01.11.2026,OpenAI,gpt-5,1,"1.234",,3,"0,0375"'))
    assert (found.row.billed_usd, found.row.input_tokens) == (0.0375, 1234)
    thousands = wrote(generic('2026-11-01,OpenAI,gpt-5,"1,500","2,500",,3,1'))
    assert (thousands.row.requests, thousands.row.input_tokens) == (1500, 2500)
    both = wrote(
        generic('2026-11-01,OpenAI,gpt-5,1,2,,3,"1,50"', "2026-11-01,OpenAI,gpt-5,1,2,,3,0.5")
    )
    assert [each.column for each in both.problems] == ["cost"]


def test_that_a_long_line_within_a_row_of_several_is_told(
    wrote: Wrote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "LONGEST_LINE", 1 << 20)
    row = "2026-08-01,OpenAI,gpt-5,1,2,,3,0"
    text = generic('2026-08-01,OpenAI,gpt-5,1,2,,3,"' + "\n" * 1_200_000 + "x" * (3 << 20), row)
    found = wrote(text)
    assert len(found.usage) == 1
    reasons = {each.reason for each in found.problems}
    assert "is longer than 1 million characters" in reasons
    assert "a quotation mark is never closed" in reasons


def test_that_line_ends_may_fall_between_two_blocks(wrote: Wrote) -> None:
    row = "2026-08-01,OpenAI,gpt-5,1,2,,3,0"
    whole = generic(*[row] * 70_000).replace("\n", "\r\n")
    for shift in range(2):
        pad = "x" * (shift + (lines.HEAD_BYTES - len(HEAD) - 1) % (len(row) + 2))
        text = whole.replace("OpenAI", "OpenAI" + pad, 1)
        found = wrote(text)
        assert (len(found.usage), found.problems) == (70_000, [])


def test_that_problems_are_counted_and_only_the_first_are_told(wrote: Wrote) -> None:
    row = "2026-08-01,OpenAI,gpt-5,1,{},,3,0"
    found = wrote(generic(row.format(1), *[row.format("x")] * (MOST_PROBLEMS + 500), row.format(2)))
    assert len(found.problems) == MOST_PROBLEMS
    assert found.problem_count == MOST_PROBLEMS + 500
    assert len(found.usage) == 2
    assert found.rows_read == MOST_PROBLEMS + 502


@pytest.mark.parametrize(
    "content",
    [
        b"",
        b"\n\n\n",
        b"hello",
        b"a,b,c\n1,2,3\n",
        b"<html><body>Sign in</body></html>",
        b"[]",
        b"{}",
        b"[1, 2]",
        b'{"error": {"message": "no"}}',
        b'[{"spend": 1}]',
        b"\x89PNG\r\n\x1a\n\x00\x00\x00\rIHDR",
        bytes(5000),
        b"PK\x03\x04\x14\x00\x00\x00",
        b"\x1f\x8b\x08\x00broken",
        b"{" * 5000,
        b"[" * 100_000,
        b"date,model,cost\n2026-01-01,Audi A4,30000\n",
    ],
)
def test_that_what_is_no_usage_file_is_refused_with_its_name(content: bytes, wrote: Wrote) -> None:
    with pytest.raises(BadInput) as refused:
        wrote(content)
    assert refused.value.file.endswith("download")
    assert refused.value.hint


def test_that_a_header_without_rows_is_a_usage_file_without_usage(wrote: Wrote) -> None:
    assert wrote(OPENROUTER.partition("\n")[0]).reads == []


def test_that_a_file_that_is_not_there_is_said_to_be(tmp_path: Path) -> None:
    with pytest.raises(BadInput, match="does not exist"):
        open_usage(tmp_path / "nothing.csv")


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="this system has no such pipes")
def test_that_a_pipe_is_no_file(tmp_path: Path) -> None:
    path = tmp_path / "pipe"
    os.mkfifo(path)
    with pytest.raises(BadInput, match="is no file"):
        open_usage(path)


def test_that_a_disk_that_gives_up_is_told(tmp_path: Path) -> None:
    class Broken(io.BytesIO):
        def read(self, size: int | None = -1) -> bytes:
            raise OSError(5, "Input/output error")

    path = tmp_path / "file"
    path.write_text(GENERIC)
    file = lines.TextFile(path)
    file._stream = Broken()
    blocks = file.blocks()
    assert next(blocks) == GENERIC
    with pytest.raises(Unavailable, match="Input/output error"):
        next(blocks)
    file.close()


def test_that_a_compressed_file_that_ends_early_keeps_its_good_rows(wrote: Wrote) -> None:
    rows = [f"2026-08-01,OpenAI,gpt-{at},1,{at},,3,0" for at in range(60_000)]
    whole = gzip.compress(generic(*rows).encode())
    found = wrote(whole[: len(whole) * 3 // 4])
    assert len(found.usage) > 5000
    assert "damaged" in found.problems[0].reason


@pytest.mark.parametrize("rows", [1, 3, 40, 2000, 30_000])
@pytest.mark.parametrize("cut_bytes", [1, 8, 30, 500, 0.5])
def test_that_a_compressed_file_of_any_size_keeps_every_row_before_its_cut(
    rows: int, cut_bytes: float, wrote: Wrote
) -> None:
    told = [f"2026-08-01,OpenAI,gpt-{at},1,{at},,3,0" for at in range(rows)]
    text = generic(*told)
    whole = gzip.compress(text.encode())
    cut = whole[: -int(cut_bytes if cut_bytes >= 1 else len(whole) * cut_bytes)]
    left = zlib.decompressobj(31).decompress(cut).decode()
    if left.count("\n") < 1:
        with pytest.raises(BadInput):
            wrote(cut)
        return
    found = wrote(cut)
    assert [row.input_tokens for row in found.usage] == list(range(left.count("\n") - 1))
    (problem,) = found.problems
    assert "damaged" in problem.reason


def test_that_a_compressed_list_that_is_cut_keeps_what_is_whole(wrote: Wrote) -> None:
    whole = gzip.compress(
        json.dumps([{**LITELLM, "request_id": str(at)} for at in range(400)]).encode()
    )
    found = wrote(whole[: len(whole) * 2 // 3])
    assert 100 < len(found.usage) < 400
    assert "damaged" in found.problems[0].reason


@pytest.mark.parametrize("content", [b"", b"\n \n", b"\xef\xbb\xbf", gzip.compress(b"", mtime=0)])
def test_that_an_empty_file_is_said_to_be_empty(content: bytes, wrote: Wrote) -> None:
    with pytest.raises(BadInput, match="is empty"):
        wrote(content)


@pytest.mark.parametrize("kept_bytes", [0.5, 0.9, 0.999])
def test_that_a_list_that_is_cut_keeps_what_is_whole(kept_bytes: float, wrote: Wrote) -> None:
    text = json.dumps([{**LITELLM, "request_id": str(at)} for at in range(400)], indent=1)
    found = wrote(text[: int(len(text) * kept_bytes)])
    assert 190 < len(found.usage) < 400
    (problem,) = found.problems
    assert problem.line > 5000


def test_that_a_list_broken_in_the_middle_is_read_until_there(wrote: Wrote) -> None:
    one = json.dumps(LITELLM)
    found = wrote(f"[{one}, {one}, 5, {one} oops {one}]")
    assert len(found.usage) == 3
    assert [each.reason for each in found.problems] == [
        "is not a JSON object",
        "is no JSON from here on",
    ]


def test_that_lines_of_other_things_are_told(wrote: Wrote) -> None:
    one = json.dumps(LITELLM)
    found = wrote(f"{one}\n[1]\n{one} {one}\n" + '{"a":' * 3000 + f"\n\n{one}\n")
    assert len(found.usage) == 2
    assert [each.line for each in found.problems] == [2, 3, 4]


def test_that_progress_is_told_and_ends_at_the_size_of_the_file(tmp_path: Path) -> None:
    path = tmp_path / "file"
    path.write_text(generic(*["2026-08-01,OpenAI,gpt-5,1,2,,3,0"] * 100_000))
    told: list[int] = []
    with open_usage(path, on_bytes=told.append) as file:
        first = next(iter(file))
        assert file.bytes_read < file.total_bytes
        assert first
    found = kept(path, on_bytes=told.append)
    assert told == sorted(told[:1]) + told[1:]
    assert told[-1] == found.total_bytes == found.bytes_read


class Stopped(Exception):
    """What a user's cancel raises."""


@pytest.mark.parametrize("begin", [GENERIC, json.dumps(CLAUDE) + "\n", json.dumps(LITELLM) + "\n"])
def test_that_a_file_of_10_gb_is_read_in_little_memory_and_stops_when_told(
    begin: str, tmp_path: Path
) -> None:
    path = tmp_path / "huge"
    path.write_text(begin + " " * lines.HEAD_BYTES)
    with path.open("r+b") as file:
        file.truncate(10 << 30)
    before = _peak_mib()
    seen = 0

    def stop(read: int) -> None:
        nonlocal seen
        seen = read
        if read > 120 << 20:
            raise Stopped

    with open_usage(path, on_bytes=stop) as huge:
        assert huge.total_bytes == 10 << 30
        with pytest.raises(Stopped):
            list(huge)
    assert seen < 130 << 20
    assert _peak_mib() - before < 150


def _peak_mib() -> float:
    resource = pytest.importorskip("resource", reason="this system does not tell its peak")
    peak: float = resource.getrusage(resource.RUSAGE_SELF).ru_maxrss
    return peak / (1 << 20 if sys.platform == "darwin" else 1 << 10)


def test_that_a_line_longer_than_any_is_skipped_and_told(
    wrote: Wrote, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(lines, "LONGEST_LINE", 3 << 20)
    row = "2026-08-01,OpenAI,gpt-5,1,2,,3,0"
    found = wrote(generic(row, "x" * (8 << 20), row, "y" * (4 << 20)))
    assert len(found.usage) == 2
    assert [each.line for each in found.problems] == [3, 5]


def test_that_a_folder_that_may_not_be_looked_into_is_told(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "theirs" / "logs").mkdir(parents=True)
    closed(monkeypatch, tmp_path / "theirs")
    with pytest.raises(Unavailable, match="cannot be read"):
        open_usage(tmp_path / "theirs" / "logs")
