"""The window in another language: words, sentences of core and services, numbers and dates."""

from __future__ import annotations

import asyncio
import importlib
from collections.abc import Iterator
from dataclasses import replace
from pathlib import Path

import pytest
from PySide6.QtCore import QCoreApplication, QLocale, QTranslator
from PySide6.QtWidgets import QApplication
from pytestqt.qtbot import QtBot

from landfall.core.costs.tariff import TariffWindow
from landfall.core.errors import BadInput
from landfall.core.hosts.hosts import Host, HostKind, HostReading, HostState
from landfall.core.hosts.whose_machine import stand_of
from landfall.core.provenance import Estimated, Measured, Unknown
from landfall.core.settings import Settings
from landfall.gui import format as form
from landfall.gui import language, sentences, translated
from landfall.gui.hosts.told import fact_lines
from landfall.gui.hosts.words import Listed
from landfall.gui.no_break import NBSP
from landfall.gui.pages.settings_page import LANGUAGES
from landfall.gui.routing.words import notes
from landfall.gui.run.words import ending
from landfall.gui.settings.currency_editor import CurrencyEditor
from landfall.gui.settings.tariff_editor import WindowRow
from landfall.gui.widgets.feedback import State
from landfall.gui.widgets.rule_trace import RuleLine, RuleTrace
from landfall.gui.workloads.field_choices import choices
from landfall.gui.workloads.words import sentence
from landfall.services import resources
from landfall.services.run.answering import STOPPED
from landfall.services.verdict import workload_files
from tests.fakes.routes import plan
from tests.gui.test_run_rows import ANSWER


@pytest.fixture
def german(qapp: QApplication) -> Iterator[None]:
    """The program speaks German until the test ends."""
    before = QLocale()
    language.use(qapp, "de")
    yield
    for translator in qapp.findChildren(QTranslator):
        qapp.removeTranslator(translator)
        translator.deleteLater()
    QLocale.setDefault(before)
    translated.forget()


@pytest.mark.usefixtures("german")
def test_that_words_of_the_window_and_of_qt_are_german() -> None:
    assert QCoreApplication.translate("SettingsPage", "Settings") == "Einstellungen"
    assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Abbrechen"


@pytest.mark.usefixtures("german")
def test_that_numbers_and_dates_are_written_as_germans_write_them() -> None:
    assert form.number(1234.5, digits=1) == "1.234,5"
    assert form.when("2026-03-07") == "7. März 2026" or form.when("2026-03-07") == "7. März"


@pytest.mark.usefixtures("german")
def test_that_nouns_keep_their_capital_wherever_words_are_put_together(qtbot: QtBot) -> None:
    classes = dict(choices("privacy.class"))
    assert classes["nda"] == "Unter NDA"
    assert classes["region"] == "An eine Region gebunden"
    trace = RuleTrace((RuleLine("H3", State.SKIPPED, "Passt"),))
    qtbot.addWidget(trace)
    assert trace.accessibleName().startswith("H3 \u00fcbersprungen: Passt")
    hours = TariffWindow(from_hour=22, to_hour=6, price_per_kwh=0.2, weekdays=frozenset(range(7)))
    row = WindowRow(hours, 1)
    qtbot.addWidget(row)
    assert row.remove.accessibleName() == "Stunden 1 entfernen"


@pytest.mark.usefixtures("german")
def test_that_where_a_host_stands_is_said_in_the_language_of_the_window() -> None:
    host = Host(name="second", url="http://127.0.0.1:9", kind=HostKind.OLLAMA)
    stand = stand_of(("127.0.0.1",), ())
    reading = HostReading(host=host, state=HostState.GONE, stand=stand)
    facts = dict(fact_lines(Listed(host=host, reading=reading)))
    assert facts["Standort"] == "Dieser Rechner (127.0.0.1)"


@pytest.mark.usefixtures("german")
def test_that_sentences_stay_english_where_their_list_is_damaged(
    monkeypatch: pytest.MonkeyPatch, caplog: pytest.LogCaptureFixture
) -> None:
    def damaged(name: str) -> None:
        raise BadInput(f"The resource {name} is not JSON.")

    sentences._templates.cache_clear()
    monkeypatch.setattr(resources, "read_json", damaged)
    try:
        assert translated.translated("no price is known") == "no price is known"
        assert translated.translated("1,234.5 GB") == "1.234,5 GB"
    finally:
        sentences._templates.cache_clear()
    assert "sentences.json is not JSON" in caplog.text


def test_that_english_is_whole_where_the_words_of_a_language_are_damaged(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (tmp_path / "translations").mkdir()
    (tmp_path / "translations" / "landfall_de.qm").write_bytes(b"no translation")
    monkeypatch.setattr(resources, "folder", lambda: tmp_path)
    before = QLocale()
    try:
        assert language.use(qapp, "de") == "en"
        assert QLocale().decimalPoint() == "."
        assert QCoreApplication.translate("QPlatformTheme", "Cancel") == "Cancel"
    finally:
        QLocale.setDefault(before)


def test_that_a_translation_that_is_damaged_in_its_middle_is_not_loaded(
    qapp: QApplication, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Qt would load it, and end the process at the first word that lies there."""
    data = bytearray((resources.folder() / "translations/landfall_de.qm").read_bytes())
    for place in range(1000, 40_000):
        data[place] ^= 0x55
    (tmp_path / "translations").mkdir()
    (tmp_path / "translations" / "landfall_de.qm").write_bytes(data)
    monkeypatch.setattr(resources, "folder", lambda: tmp_path)
    before = QLocale()
    try:
        assert language.use(qapp, "de") == "en"
    finally:
        QLocale.setDefault(before)


def test_that_english_is_spoken_where_the_system_speaks_no_language_of_ours(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(QLocale, "system", lambda: QLocale("fr_FR"))
    assert language.spoken_for("") == "en"
    assert language.spoken_for("xx") == "en"
    assert language.locale_of("en").decimalPoint() == "."


def test_that_the_region_of_the_system_is_kept_where_it_speaks_the_language(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(QLocale, "system", lambda: QLocale("de_CH"))
    assert language.spoken_for("") == "de"
    assert language.locale_of("de").name() == "de_CH"
    assert language.spoken_for("en") == "en"
    assert language.locale_of("en").name() == "en_US"


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize(
    ("english", "said"),
    [
        ("the idle draw was not measured", "die Leerlaufleistung wurde nicht gemessen"),
        ("The idle draw was not measured.", "Die Leerlaufleistung wurde nicht gemessen."),
        ("The plug asks for a password", "Die Steckdose verlangt ein Passwort"),
        (
            "http://plug cannot be reached: Connection refused",
            "http://plug ist nicht erreichbar: Connection refused",
        ),
        ("1,234.5 GiB", "1.234,5 GiB"),
        ("0.24.0", "0.24.0"),
        ("qwen2.5:7b", "qwen2.5:7b"),
        ("2026-03-07", "7. März 2026"),
        ("words of a server that nobody knows", "words of a server that nobody knows"),
        ("", ""),
    ],
)
def test_that_a_sentence_of_core_is_known_again(english: str, said: str) -> None:
    assert translated.translated(english) == said


@pytest.mark.usefixtures("german")
def test_that_a_number_that_was_said_already_is_not_read_as_english_once_more() -> None:
    reason = translated.translated("too short to measure: 0.012 s")
    assert reason == "zu kurz zum Messen: 0,012 s"
    assert translated.translated(reason) == reason
    assert form.shown(Unknown(reason), form.Unit.JOULES).note == reason
    said = translated.translated("1.234 s")
    assert said == translated.translated(said) == "1,234 s"


@pytest.mark.usefixtures("german")
def test_that_a_decimal_below_one_is_no_group_of_thousands() -> None:
    # As it stands in a text that was put together in German before.
    assert translated.translated("gemessen: 0,012 s") == "gemessen: 0,012 s"


@pytest.mark.usefixtures("german")
def test_that_values_are_taken_over_and_said_in_the_language_too() -> None:
    said = translated.translated("qwen3:8b is private and falls back to gpt-5.5.")
    assert said.count("qwen3:8b") == 1
    assert said.count("gpt-5.5") == 1
    assert "private" not in said


@pytest.mark.usefixtures("german")
def test_that_what_ended_a_kept_run_is_said_in_the_language() -> None:
    stopped = replace(ANSWER, state="aborted", done_reason=STOPPED)
    assert ending(stopped) == "von Ihnen angehalten"


@pytest.mark.usefixtures("german")
def test_that_reasons_side_by_side_are_each_said() -> None:
    one = "the idle draw was not measured"
    said = translated.translated(f"{one}; {one}; words that nobody knows")
    assert said.count("Leerlauf") == 2
    assert said.endswith("; words that nobody knows")
    assert translated.translated(f"S47: {one}").startswith("S47: die")


@pytest.mark.usefixtures("german")
def test_that_a_value_at_the_end_holds_neither_the_next_reason_nor_the_full_stop() -> None:
    """Where the German verb follows the value, both would stand before it."""
    nobody = "f\u00fcr 'b' ist kein Anbieter genannt."
    assert translated.translated("no provider is named for 'b'.") == nobody
    said = translated.translated(
        "no price is known for m-1 at openai; no provider is named for 'b'."
    )
    assert said == f"f\u00fcr m-1 bei openai ist kein Preis bekannt; {nobody}"


@pytest.mark.usefixtures("german")
def test_that_every_sentence_with_values_in_it_is_said_by_its_own_translation() -> None:
    """Values that are no words come back whole, in whatever order the translation has them."""
    patterns = sentences._templates().patterns
    wrong = []
    for pattern in (one for some in patterns.values() for one in some):
        holes = sentences._HOLE.findall(pattern.template)
        english = pattern.template
        values = []
        for i, hole in enumerate(dict.fromkeys(holes)):
            value = f"x{i}y{i}b"
            values.append(value)
            english = english.replace(hole, value)
        said = translated.translated(english)
        if not all(value in said for value in values):
            wrong.append((pattern.template, said))
    assert not wrong


@pytest.mark.usefixtures("german")
def test_that_a_figure_says_its_origin_in_the_language() -> None:
    seen = form.shown(Estimated(1.0, 2.0, 3.0, "the idle draw was not measured"), form.Unit.WATTS)
    assert seen.note == "die Leerlaufleistung wurde nicht gemessen"
    assert "geschätzt" in seen.spoken
    unknown = form.shown(Unknown("the idle draw was not measured"), form.Unit.WATTS)
    assert unknown.value == "unbekannt"
    assert form.shown(Measured(1.0, "", ""), form.Unit.MONTHS).unit == "Monate"


def test_that_english_stays_as_core_says_it() -> None:
    assert translated.translated("1,234.5 GiB") == "1,234.5 GiB"


def test_that_every_language_of_the_settings_has_its_words() -> None:
    translated = [name for name in LANGUAGES[1:] if name != "en"]
    assert translated
    for name in translated:
        assert (resources.folder() / "translations" / f"landfall_{name}.qm").is_file()


@pytest.mark.usefixtures("german")
@pytest.mark.parametrize(
    ("english", "said"),
    [
        ("gpt-5.5 at openai", "gpt-5.5 bei openai"),
        (
            "Because the busiest hour needs 4.2 times what RTX 4090 serves (H6).",
            "Grund: die stärkste Stunde braucht das 4,2-Fache dessen, was RTX 4090 leistet (H6).",
        ),
        (
            "Because your rule on health data (PHI) lets nothing leave (H1).",
            "Grund: Ihre Regel zu „Gesundheitsdaten (PHI)“ lässt nichts hinaus (H1).",
        ),
        (
            "$6,400 → $20 a month, saving $6,380",
            f"6.400{NBSP}$ → 20{NBSP}$ im Monat, spart 6.380{NBSP}$",
        ),
        ("it grows by 3 % a month", "sie wächst um 3 % im Monat"),
        (
            "a workstation with one large card at rest (worked case C3 takes 55 W) (2026-11-23)",
            "eine Workstation mit einer großen Karte im Leerlauf (Rechenbeispiel C3 nimmt 55 W an)"
            " (23. Nov. 2026)",
        ),
        (
            "the price of gpt-5.5 at openai changed from $5 to $6",
            f"der Preis von gpt-5.5 bei openai hat sich von 5{NBSP}$ auf 6{NBSP}$ geändert",
        ),
    ],
)
def test_that_a_sentence_put_together_is_said_whole(english: str, said: str) -> None:
    assert translated.translated(english) == said


@pytest.mark.usefixtures("german")
def test_that_a_sentence_of_a_server_is_not_said_by_halves() -> None:
    """A few words known by chance, such as "to" and "the", are no reason to break it."""
    foreign = "The collection failed to open: try to unlock the default one."
    assert translated.translated(foreign) == foreign


@pytest.mark.usefixtures("german")
def test_that_nothing_of_what_is_said_of_the_samples_stays_english(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.syspath_prepend(Path(__file__).parents[2] / "packaging" / "translations")
    corpus = importlib.import_module("corpus")
    samples = [*workload_files.samples(), *workload_files.sample_portfolio()]
    # How a source is cited is a name too.
    names = [*(one.workload.name for one in samples), "as quoted by sunkcost"]
    texts = asyncio.run(corpus.said_of_workloads(samples, "RTX 4090"))
    assert len(texts) > 300
    left = {
        text: translated.translated(text)
        for text in texts
        if corpus.english_words(translated.translated(text), names)
    }
    assert not left


@pytest.mark.usefixtures("german")
def test_that_a_reason_inside_a_sentence_is_said_in_the_language_of_the_sentence(
    qtbot: QtBot,
) -> None:
    editor = CurrencyEditor()
    qtbot.addWidget(editor)
    editor.show_settings(Settings(currency="EUR"))
    assert "was not said" not in editor.said.text()


def test_that_what_a_provisional_route_lacks_is_said_in_german(german: None) -> None:
    told = "The verdict is provisional: the local candidate is unmeasured (quality.gate)."
    first, *rest = plan().aliases
    noted = replace(plan(), aliases=(replace(first, notes=(told,)), *rest))
    assert "unmeasured" not in notes(noted)[0]
    assert "nicht gemessen" in notes(noted)[0]


def test_that_a_key_of_a_file_is_said_as_the_form_calls_it(german: None) -> None:
    said = translated.translated("today.provider and today.model are not stated")
    assert sentence(said) == "„Heutiger Anbieter“ und „Heutiges Modell“ sind nicht angegeben."


def test_that_words_of_a_file_are_not_said_in_another_language(german: None) -> None:
    said = translated.translated(
        "Add task = ... to [workload]: chat, novel, creative, long_agentic."
    )
    assert said.endswith("chat, novel, creative, long_agentic.")
    assert not said.startswith("Add")
