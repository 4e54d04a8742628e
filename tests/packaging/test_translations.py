"""Every text that a person reads in the window is translated, and the compiled files are fresh."""

from __future__ import annotations

import importlib
from pathlib import Path
from types import ModuleType

import pytest

from landfall.services.benchmark.plan import LENGTHS

ROOT = Path(__file__).resolve().parents[2]


@pytest.fixture
def update(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(ROOT / "packaging" / "translations")
    return importlib.import_module("update")


@pytest.fixture
def sources(monkeypatch: pytest.MonkeyPatch) -> ModuleType:
    monkeypatch.syspath_prepend(ROOT / "packaging" / "translations")
    return importlib.import_module("sources")


def module(folder: Path, name: str, text: str) -> Path:
    path = folder / name
    path.parent.mkdir(parents=True, exist_ok=True)
    path.write_text(text, encoding="utf-8")
    return folder


def test_that_nothing_is_left_untranslated_and_nothing_is_stale(
    update: ModuleType, capsys: pytest.CaptureFixture[str]
) -> None:
    assert update.main(["--check"]) == 0, capsys.readouterr().err


def test_that_texts_are_found_with_the_context_in_which_qt_looks_for_them(
    sources: ModuleType, tmp_path: Path
) -> None:
    module(
        tmp_path,
        "gui/one.py",
        'def _tr(text):\n    return QCoreApplication.translate("ours", text)\n\n'
        'class Page:\n    def build(self):\n        self.tr("Open") + _tr("of {0}")\n',
    )
    found = {(s.context, s.text) for s in sources.find(tmp_path)}
    assert found == {("Page", "Open"), ("ours", "of {0}")}


def test_that_the_names_of_prompts_are_words_of_a_sentence(sources: ModuleType) -> None:
    assert tuple(LENGTHS) == sources.WORDS["services/benchmark/plan.py"]


def test_that_sentences_of_core_have_holes_for_their_values(
    sources: ModuleType, tmp_path: Path
) -> None:
    module(
        tmp_path,
        "core/one.py",
        '"""Not this one."""\n\ndef f(name, n):\n'
        '    key = "not_this"\n    return f"{name} needs {n:.1f} GB more than there is"\n',
    )
    (found,) = sources.find(tmp_path)
    assert (found.context, found.text) == ("sentences", "{0} needs {1} GB more than there is")


@pytest.mark.parametrize(
    ("code", "says"),
    [
        ('class Page:\n    def f(self, n):\n        self.tr(f"{n} models")\n', "written out"),
        (
            'def _tr(text):\n    return QCoreApplication.translate("a", text)\n\n'
            'TITLE = _tr("Cost")\n',
            "on import",
        ),
    ],
)
def test_that_a_text_which_cannot_be_translated_is_refused_with_its_line(
    sources: ModuleType, tmp_path: Path, code: str, says: str
) -> None:
    module(tmp_path, "gui/one.py", code)
    with pytest.raises(sources.NotTranslatable, match=says) as caught:
        sources.find(tmp_path)
    assert "gui/one.py:" in str(caught.value)


def test_that_a_translation_which_lost_a_value_is_told(
    update: ModuleType, sources: ModuleType
) -> None:
    source = sources.Source("ours", "{0} of {1} models", "gui/one.py")
    (problem,) = update.broken([source], {("ours", "{0} of {1} models"): "{0} Modelle"})
    assert "other values" in problem
    assert not update.broken([source], {("ours", "{0} of {1} models"): "von {1} Modellen {0}"})


def test_that_a_sentence_is_listed_once_for_each_word_chosen_in_it(
    sources: ModuleType, tmp_path: Path
) -> None:
    module(
        tmp_path,
        "core/one.py",
        "def f(n, name, why):\n"
        '    much = f" of {n}" if n else ""\n'
        "    return f\"{name} {'has' if n == 1 else 'have'} no log{much}: {why}\"\n",
    )
    assert [one.text for one in sources.find(tmp_path)] == [
        " of {0}",
        "{0} has no log of {1}: {2}",
        "{0} has no log: {1}",
        "{0} have no log of {1}: {2}",
        "{0} have no log: {1}",
    ]


def test_that_sentences_of_resources_are_listed_one_by_one(
    sources: ModuleType, tmp_path: Path
) -> None:
    (tmp_path / "resources").mkdir()
    rules = '{"rules": [{"turns": "The gate is run. It is passed."}, {"says": "not shown at all"}]}'
    (tmp_path / "resources" / "rules.json").write_text(rules, encoding="utf-8")
    (tmp_path / "app" / "landfall").mkdir(parents=True)
    found = [one.text for one in sources.find(tmp_path / "app" / "landfall")]
    assert found == ["It is passed.", "The gate is run."]
