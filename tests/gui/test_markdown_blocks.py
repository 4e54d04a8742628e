"""An answer is cut where it will not change any more, and nothing of it is lost."""

from __future__ import annotations

from hypothesis import given
from hypothesis import strategies as st
from PySide6.QtCore import QUrl
from PySide6.QtGui import QTextCursor, QTextDocument
from pytestqt.qtbot import QtBot

from landfall.gui.run.markdown_blocks import LONGEST_REST, MarkdownBlocks
from landfall.gui.run.stream_text import StreamText

ANSWER = """# Title

A paragraph with **weight**.

- one
- two

  still of two

```python
x = 1

y = 2
```

| a | b |
|---|---|
| 1 | 2 |

The end."""


def cut(text: str, size: int) -> tuple[list[str], MarkdownBlocks]:
    blocks = MarkdownBlocks()
    return [blocks.add(text[i : i + size]) for i in range(0, len(text), size)], blocks


def test_a_paragraph_is_finished_when_the_next_begins() -> None:
    blocks = MarkdownBlocks()
    assert blocks.add("One") == ""
    assert blocks.add("\n\n") == ""
    assert blocks.add("Two") == "One\n\n"
    assert blocks.rest == "Two"
    assert blocks.end() == "Two"


def test_an_empty_line_in_a_code_block_ends_nothing() -> None:
    blocks = MarkdownBlocks()
    assert blocks.add("```\na\n\nb\n") == ""
    assert blocks.add("```\n\nAfter") == "```\na\n\nb\n```\n\n"


def test_what_is_indented_belongs_to_the_list_above() -> None:
    blocks = MarkdownBlocks()
    assert blocks.add("- two\n\n  still of two\n\nAfter") == "- two\n\n  still of two\n\n"


def test_a_code_block_without_end_is_cut_and_goes_on_as_code() -> None:
    blocks = MarkdownBlocks()
    finished = blocks.add("```python\n" + "value = 1\n" * LONGEST_REST)
    assert len(blocks.rest) <= LONGEST_REST
    assert blocks.rest.startswith("```python\n")
    assert finished.count("```python") == finished.count("\n```\n")
    code = [line for line in (finished + blocks.rest).splitlines() if line == "value = 1"]
    assert len(code) == LONGEST_REST


def test_a_paragraph_without_end_is_cut_between_words() -> None:
    blocks = MarkdownBlocks()
    finished = blocks.add("word " * LONGEST_REST)
    assert len(blocks.rest) <= LONGEST_REST
    assert "".join((finished + blocks.rest).split()) == "word" * LONGEST_REST


@given(st.text(alphabet="ab`~ \n-#", max_size=400), st.integers(1, 40))
def test_pieces_of_any_size_lose_nothing(text: str, size: int) -> None:
    finished, blocks = cut(text, size)
    assert "".join(finished) + blocks.end() == text


@given(st.integers(1, 60))
def test_how_it_arrives_does_not_matter(size: int) -> None:
    finished, blocks = cut(ANSWER, size)
    whole, _ = cut(ANSWER, len(ANSWER))
    assert "".join(finished) == "".join(whole)
    assert blocks.rest == "The end."


def words_of(document: QTextDocument) -> list[str]:
    block, words = document.begin(), []
    while block.isValid():
        words += [block.text()] if block.text() else []
        block = block.next()
    return words


def test_a_streamed_answer_looks_like_one_that_came_at_once(qtbot: QtBot) -> None:
    streamed, at_once = StreamText("a"), StreamText("b")
    for text in (streamed, at_once):
        qtbot.addWidget(text)
    for i in range(0, len(ANSWER), 3):
        streamed.add(ANSWER[i : i + 3])
    streamed.end()
    at_once.add(ANSWER)
    at_once.end()
    assert streamed.raw == at_once.raw == ANSWER
    assert words_of(streamed.document()) == words_of(at_once.document())
    assert streamed.document().begin().blockFormat().headingLevel() == 1
    tables = {
        QTextCursor(streamed.document().findBlock(i)).currentTable() is not None
        for i in range(streamed.document().characterCount())
    }
    assert tables == {True, False}


def test_a_long_answer_is_never_laid_out_again_as_a_whole(qtbot: QtBot) -> None:
    text = StreamText("a")
    qtbot.addWidget(text)
    text.resize(400, 10)
    changes: list[int] = []
    text.document().contentsChange.connect(lambda _at, gone, new: changes.append(gone + new))
    for i in range(400):
        text.add(f"Paragraph {i} with some words.\n\n")
    assert text.document().characterCount() > 10_000
    assert max(changes) < 500


def test_the_first_line_of_an_answer_is_seen_before_there_is_a_second(qtbot: QtBot) -> None:
    text = StreamText("a")
    qtbot.addWidget(text)
    text.show()
    text.resize(500, 10)
    text.add("Yes")
    assert text.height() >= text.fontMetrics().height() - 2


def test_the_text_is_as_high_as_its_words_and_higher_when_narrow(qtbot: QtBot) -> None:
    text = StreamText("a")
    qtbot.addWidget(text)
    text.show()
    text.resize(500, 10)
    assert text.height() == 0
    text.add("word " * 200)
    wide = text.height()
    assert wide > 30
    text.resize(200, text.height())
    assert text.height() > wide
    text.start_over()
    assert text.height() == 0


def test_nothing_that_a_model_names_is_loaded_or_run_as_html(qtbot: QtBot) -> None:
    text = StreamText("a")
    qtbot.addWidget(text)
    text.add("![x](file:///etc/hostname) <img src='file:///etc/hostname'> [go](https://a.example)")
    text.end()
    assert text.loadResource(2, QUrl("file:///etc/hostname")) is None
    assert "<img" in text.toPlainText()
    assert not text.openLinks()
    assert not text.openExternalLinks()
