"""Brings the translation files up to date with the program, and compiles them for Qt.

`python packaging/translations/update.py` finds all texts, keeps what is translated, drops what is
no longer said, marks what is new, writes `resources/translations/sentences.json` and the compiled
`.qm` files. `--fill FILE` takes translations from a JSON object of context to English to text;
`--missing FILE` writes what is not translated yet in the same form. `--check` changes nothing and
ends with 1 where a text is missing, gone or broken. `--new LANGUAGE` begins another language.
"""

from __future__ import annotations

import argparse
import json
import re
import subprocess
import sys
import sysconfig
import tempfile
from collections.abc import Sequence
from pathlib import Path

import ts_file
from sources import SENTENCES, NotTranslatable, Source, find, untranslated

ROOT = Path(__file__).resolve().parents[2]
SOURCES = ROOT / "packaging" / "translations"
FOLDER = ROOT / "resources" / "translations"
"""What the program loads; the .ts files are for translators."""
_HOLE = re.compile(r"\{(\w*)(?::[^{}]*)?\}")


def main(words: Sequence[str]) -> int:
    """Do what was asked; 0 if everything is translated, else 1."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--check", action="store_true")
    parser.add_argument("--fill", type=Path, action="append", default=[])
    parser.add_argument("--missing", type=Path)
    parser.add_argument("--new", metavar="LANGUAGE")
    asked = parser.parse_args(words)
    try:
        sources = find(ROOT / "app" / "landfall")
    except NotTranslatable as problem:
        print(problem, file=sys.stderr)
        return 1
    if asked.new:
        ts_file.write(SOURCES / f"landfall_{asked.new}.ts", sources, {})
    files = sorted(SOURCES.glob("landfall_*.ts"))
    if asked.check:
        return check(files, sources)
    (FOLDER / "sentences.json").write_text(sentences(sources), encoding="utf-8", newline="\n")
    problems = []
    for file in files:
        said = ts_file.read(file)
        for path in asked.fill:
            said |= _filled(path)
        wrong = broken(sources, said)
        problems += wrong
        ts_file.write(file, sources, said)
        _compile(file, FOLDER / f"{file.stem}.qm")
        missing = [s for s in sources if (s.context, s.text) not in said]
        print(f"{file.name}: {len(sources) - len(missing)} of {len(sources)} texts")
        if asked.missing:
            _put_missing(asked.missing, missing)
    print("\n".join(problems), file=sys.stderr)
    return 1 if problems else 0


def check(files: Sequence[Path], sources: Sequence[Source]) -> int:
    """Say what is missing, gone, broken or not compiled; 0 if nothing is."""
    problems = untranslated(ROOT / "app" / "landfall")
    if (FOLDER / "sentences.json").read_text(encoding="utf-8") != sentences(sources):
        problems.append("sentences.json is old")
    for file in files:
        said = ts_file.read(file)
        wanted = {(source.context, source.text) for source in sources}
        found = [f"not translated: {c}: {t!r}" for c, t in sorted(wanted - set(said))]
        found += [f"no longer said: {c}: {t!r}" for c, t in sorted(set(said) - wanted)]
        found += broken(sources, said)
        problems += [f"{file.name}: {problem}" for problem in found]
        with tempfile.TemporaryDirectory() as folder:
            fresh = Path(folder) / "fresh.qm"
            _compile(file, fresh)
            if fresh.read_bytes() != (FOLDER / f"{file.stem}.qm").read_bytes():
                problems.append(f"{file.stem}.qm is old")
    if problems:
        print(*problems, "Run packaging/translations/update.py.", sep="\n", file=sys.stderr)
    return 1 if problems else 0


def sentences(sources: Sequence[Source]) -> str:
    """The list by which the window knows the sentences of core and services again."""
    listed = [source.text for source in sources if source.context == SENTENCES]
    return json.dumps(listed, ensure_ascii=False, indent=0) + "\n"


def broken(sources: Sequence[Source], said: ts_file.Translations) -> list[str]:
    """Translations that lost or invented a value, or a space at an end."""
    problems = []
    for source in sources:
        text = said.get((source.context, source.text))
        if text is None:
            continue
        if set(_HOLE.findall(text)) != set(_HOLE.findall(source.text)):
            problems.append(f"{source.context}: {text!r} has other values than {source.text!r}")
        ends = [(t[:1].isspace(), t[-1:].isspace()) for t in (text, source.text)]
        if ends[0] != ends[1]:
            problems.append(f"{source.context}: {text!r} begins or ends otherwise than its source")
    return problems


def _filled(path: Path) -> ts_file.Translations:
    document = json.loads(path.read_text(encoding="utf-8"))
    return {
        (context, text): said
        for context, texts in document.items()
        for text, said in texts.items()
        if said
    }


def _put_missing(path: Path, missing: Sequence[Source]) -> None:
    document: dict[str, dict[str, str]] = {}
    for source in missing:
        document.setdefault(source.context, {})[source.text] = ""
    path.write_text(json.dumps(document, ensure_ascii=False, indent=1) + "\n", encoding="utf-8")


def _compile(file: Path, to: Path) -> None:
    tool = Path(sysconfig.get_path("scripts")) / "pyside6-lrelease"
    # What is the same in both languages stays in: the self-test asks for every sentence.
    subprocess.run([str(tool), "-silent", "-nounfinished", str(file), "-qm", str(to)], check=True)


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
