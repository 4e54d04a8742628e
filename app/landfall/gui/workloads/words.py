"""Words for what a workload and its verdict are made of: inputs, values, rules, places."""

from __future__ import annotations

import re

from PySide6.QtCore import QCoreApplication, QLocale

from landfall.core.reporting.words import INPUTS, OPTION_NAMES
from landfall.core.verdict.verdict import Flip
from landfall.core.workload.privacy import Option
from landfall.core.workload.workload import PrivacyClass, Task
from landfall.gui.format import NBSP, duration, money, number, percent
from landfall.gui.no_break import spaced
from landfall.gui.widgets.verdict_chip import verdict_word
from landfall.services import cloud

Value = float | str | bool | None


def _tr(text: str) -> str:
    return QCoreApplication.translate("workload_words", text)


_SPELLED = tuple(
    word.value for words in (PrivacyClass, Task) for word in words if "_" in word.value
)


def sentence(text: str) -> str:
    """With one full stop, unless it asks, and a capital, unless it begins with a name (qwen3:8b).

    Keys of a file are left out or said in words, and its words are written plainly.
    """
    stripped = spaced(without_keys(text).strip().rstrip("."))
    for word in _SPELLED:
        stripped = stripped.replace(word, word.replace("_", " "))
    if not stripped:
        return ""
    is_name = any(sign in stripped.split()[0].rstrip(":,;") for sign in ":/0123456789")
    end = "" if stripped[-1] in "?!" else "."
    return f"{stripped if is_name else stripped[:1].upper() + stripped[1:]}{end}"


def place_name(option: Option) -> str:
    """An option inside a sentence: "a hosted open model"."""
    return {
        Option.CLOUD_FRONTIER: _tr("today's cloud model"),
        Option.HOSTED_OPEN: _tr("a hosted open model"),
        Option.RENT_GPU: _tr("a rented GPU"),
        Option.LOCAL_THIS_MACHINE: _tr("this machine"),
        Option.LOCAL_BUY: _tr("bought hardware"),
        Option.HYBRID: _tr("a split"),
        Option.LOCAL_REQUIRED_NOT_FEASIBLE: _tr("nowhere"),
    }[option]


def machine_word(machine: str) -> str:
    """A machine inside a sentence: the owned one has no name of its own, others keep theirs."""
    if machine.casefold() == OPTION_NAMES[Option.LOCAL_THIS_MACHINE].casefold():
        return place_name(Option.LOCAL_THIS_MACHINE)
    return machine or _tr("the machine")


def provider_word(provider: str) -> str:
    """A provider as it calls itself: "DeepInfra"; one that is not offered keeps its name."""
    names = {row.id: row.name for row in cloud.rows()}
    return names.get(provider.strip().lower(), provider)


_KEYS = re.compile(r" \((?:[a-z]+\.)?[a-z]+[._][a-z_.]+(?: = \w+)?(?:, [a-z_.]+)*\)")
"""Keys of a workload file in brackets behind words: the window has no such keys."""
_PATH = re.compile(rf"\b(?:{'|'.join(re.escape(key) for key in sorted(INPUTS, key=len)[::-1])})\b")
_RULE_IDS = re.compile(r"(?:^|(?<=; ))[A-Z]{1,2}\d+[a-z]?(?:, [A-Z]{1,2}\d+[a-z]?)*: ")


def without_rule_ids(words: str) -> str:
    """A reason without the ids in front of it: they stand beside the rules themselves."""
    return spaced(without_keys(_RULE_IDS.sub("", words)))


def without_keys(text: str) -> str:
    """A text of the decision without keys of a workload file: those in brackets are left out, the
    others are called as the form calls them."""
    return _PATH.sub(_quoted_name, _KEYS.sub("", text))


def _quoted_name(found: re.Match[str]) -> str:
    return QLocale().quoteString(input_word(found[0]))


def task_word(task: Task) -> str:
    """A kind of work in a word or two."""
    return {
        Task.CHAT: _tr("Chat"),
        Task.CODE: _tr("Code"),
        Task.CLASSIFICATION: _tr("Classification"),
        Task.EXTRACTION: _tr("Extraction"),
        Task.SUMMARY: _tr("Summary"),
        Task.EMBEDDING: _tr("Embedding"),
        Task.VISION: _tr("Vision"),
        Task.TRANSLATION: _tr("Translation"),
        Task.COMPLEX_REASONING: _tr("Complex reasoning"),
        Task.NOVEL: _tr("Novel tasks"),
        Task.CREATIVE: _tr("Creative writing"),
        Task.LONG_AGENTIC: _tr("Long agentic work"),
        Task.USER_FACING_ANALYTIC: _tr("Analysis that users see"),
    }[task]


def privacy_word(privacy: PrivacyClass) -> str:
    """A privacy class in words."""
    return {
        PrivacyClass.NONE: _tr("nothing forbidden"),
        PrivacyClass.PHI: _tr("health data (PHI)"),
        PrivacyClass.ATTORNEY_CLIENT: _tr("attorney and client"),
        PrivacyClass.CLASSIFIED: _tr("classified"),
        PrivacyClass.CONTRACT_NO_THIRD_PARTY: _tr("contract forbids third parties"),
        PrivacyClass.NDA: _tr("under an NDA"),
        PrivacyClass.LOCAL_ONLY: _tr("local only"),
        PrivacyClass.REGION: _tr("bound to a region"),
    }[privacy]


def step_word(step: str) -> str:
    """A step of a pipeline."""
    return {
        "source": _tr("Source"),
        "ocr": _tr("OCR"),
        "transcribe": _tr("Transcribe"),
        "chunk": _tr("Chunk"),
        "embed": _tr("Embed"),
        "vector_db": _tr("Vector database"),
        "rerank": _tr("Rerank"),
        "generate": _tr("Generate"),
        "tools": _tr("Tools"),
        "judge": _tr("Judge"),
        "cache": _tr("Cache"),
        "trace": _tr("Traces"),
        "backup": _tr("Backup"),
    }.get(step, step)


def input_word(path: str) -> str:
    """What a key of a workload file is called in the window."""
    return _inputs().get(path) or path.rpartition(".")[2].replace("_", " ")


def _inputs() -> dict[str, str]:
    return _stated_inputs() | _quoted_inputs()


def _stated_inputs() -> dict[str, str]:
    return {
        "volume.calls_per_day": _tr("Calls a day"),
        "volume.history_days": _tr("Days observed"),
        "volume.predictability": _tr("Predictability"),
        "volume.batch_window_hours": _tr("Batch window"),
        "volume.hourly_calls": _tr("Calls in each hour"),
        "tokens.input": _tr("Tokens in"),
        "tokens.cached_input": _tr("Tokens cached"),
        "tokens.cache_write": _tr("Tokens written to a cache"),
        "tokens.cache_write_1h": _tr("Written to a cache for an hour"),
        "tokens.output": _tr("Tokens out"),
        "tokens.context_p99": _tr("Longest context"),
        "latency.p95_seconds": _tr("Latency target"),
        "today.provider": _tr("Provider today"),
        "today.model": _tr("Model today"),
        "today.batch_share": _tr("Share in batches"),
        "today.retry_share": _tr("Share of retries"),
        "organisation.ops_hours_per_month": _tr("Hours of care a month"),
        "organisation.hourly_rate": _tr("Hourly rate"),
        "organisation.kind": _tr("Organisation"),
        "organisation.hosted_allowed": _tr("Hosted models allowed"),
        "privacy.class": _tr("Privacy class"),
        "privacy.offline": _tr("Offline"),
        "quality.margin": _tr("Largest loss allowed"),
        "organisation.local_infrastructure": _tr("Machines are run already"),
        "quality.gate": _tr("Quality gate, local"),
        "quality.gate_hosted": _tr("Quality gate, hosted"),
        "machine.available": _tr("A machine at hand"),
        "buy.consider": _tr("A purchase considered"),
        "volume.growth_per_month": _tr("Growth a month"),
        "electricity.usd_per_kwh": _tr("Electricity, a kWh"),
        "buy.price": _tr("Price of the machine"),
        "buy.price_as_of": _tr("Day of that price"),
        "buy.residual_share": _tr("Resale value"),
        "buy.months": _tr("Months of use"),
        "buy.setup_hours": _tr("Hours of set-up"),
    }


def _quoted_inputs() -> dict[str, str]:
    return {
        "quotes.cloud_frontier_usd_month": _tr("Today's bill a month"),
        "quotes.hosted_open_usd_month": _tr("Hosted bill a month"),
        "quotes.rent_gpu_usd_month": _tr("Rented GPU a month"),
        "quotes.machine.marginal_usd_month": _tr("This machine adds a month"),
        "quotes.machine.peak_utilisation": _tr("Busiest hour here"),
        "quotes.machine.absorbed_share": _tr("Share served here"),
        "quotes.machine.fits": _tr("Fits this machine"),
        "quotes.machine.context_ok": _tr("Context long enough here"),
        "quotes.machine.licence_ok": _tr("Licence allows it"),
        "quotes.machine.capability_ok": _tr("Model has what is needed"),
        "quotes.buy.tco_usd_month": _tr("Bought machine a month"),
        "quotes.buy.opex_usd_month": _tr("Running the bought machine a month"),
        "quotes.buy.price": _tr("Price of the machine"),
        "quotes.buy.peak_utilisation": _tr("Busiest hour there"),
        "quotes.buy.absorbed_share": _tr("Share served there"),
        "quotes.buy.fits": _tr("Fits the bought machine"),
        "quotes.buy.context_ok": _tr("Context long enough there"),
        "quotes.buy.licence_ok": _tr("Licence allows it there"),
        "quotes.buy.capability_ok": _tr("Model has what is needed there"),
    }


_MONEY = ("usd_month", "price", "hourly_rate", "total_ai_bill")
_SHARES = ("share", "peak_utilisation", "growth_per_month", "margin")


def value_text(path: str, value: Value) -> str:
    """A value of an input, with its unit."""
    if value is None:
        return _tr("not stated")
    if isinstance(value, bool):
        return _tr("yes") if value else _tr("no")
    if isinstance(value, str):
        if path == "privacy.class" and value != PrivacyClass.NONE:
            return privacy_word(PrivacyClass(value))
        return _choice_words().get(value) or value.replace("_", " ")
    if path == "electricity.usd_per_kwh":
        return money(value, digits=3)
    if path.endswith(_MONEY):
        return money(value)
    if path.endswith(_SHARES):
        return percent(value, digits=_share_digits(value))
    if path == "latency.p95_seconds":
        return duration(value)
    if "hours" in path and path != "volume.hourly_calls":
        return f"{number(value, digits=0 if value == int(value) else 1)}{NBSP}h"
    # Calls, tokens and days are counted: a part of one says nothing.
    return number(value, digits=0 if abs(value) >= 10 or value == int(value) else 1)


def _choice_words() -> dict[str, str]:
    """What an input can be that is chosen and no number."""
    return {
        "none": _tr("none"),
        "unknown": _tr("unknown"),
        "startup": _tr("startup"),
        "established": _tr("established"),
        "pass": _tr("pass"),
        "fail": _tr("fail"),
        "inconclusive": _tr("inconclusive"),
        "unmeasured": _tr("unmeasured"),
    }


def _share_digits(share: float) -> int:
    """Whole per cent from ten on, one digit below, two where it is less than one."""
    if round(share * 100, 2) == round(share * 100):
        return 0
    size = abs(share)
    return 0 if size >= 0.1 else 1 if size >= 0.01 else 2


def move_text(flip: Flip) -> str:
    """How far an input would have to move, as a share of what it is; "" for words."""
    if flip.relative is None:
        return ""
    sign = "+" if flip.relative > 0 else ""
    if -1 < flip.relative <= -0.995:
        return percent(max(flip.relative, -0.999), digits=1)
    if abs(flip.relative) >= 10:
        return _tr("{0} times").format(number(flip.relative + 1, digits=0))
    return f"{sign}{percent(flip.relative)}"


def flip_clause(flip: Flip) -> str:
    """A flip as a short clause: what has to change, to where, and what holds then."""
    name, then = input_word(flip.input), verdict_word(flip.verdict_then.value)
    at, moved = value_text(flip.input, flip.at), move_text(flip)
    if flip.relative is None:
        now = value_text(flip.input, flip.now)
        return _tr("{0}: {1} instead of {2} \u2192 {3}").format(name, at, now, then)
    words = _tr("{0} down to {1} ({2}) \u2192 {3}")
    if flip.relative > 0:
        words = _tr("{0} up to {1} ({2}) \u2192 {3}")
    return words.format(name, at, moved, then)


def rule_title(rule: str) -> str:
    """The name of a rule."""
    return _rules().get(rule, rule)


def _rules() -> dict[str, str]:
    return {
        "H1": _tr("Privacy lock"),
        "H1b": _tr("Nothing may leave"),
        "H1r": _tr("Only what is inside"),
        "H2": _tr("Offline"),
        "H3": _tr("Fits in memory"),
        "H4": _tr("Context length"),
        "H5": _tr("Quality gate"),
        "H6": _tr("Busiest hour"),
        "H7": _tr("Capability"),
        "H8": _tr("Licence"),
        "F1": _tr("Frontier task"),
        "E0": _tr("Nothing proven yet"),
        "E2": _tr("Owned machine pays"),
        "E3": _tr("Renting pays"),
        "E4": _tr("Purchase pays back"),
        "E5": _tr("Split pays"),
        "S6": _tr("Volume can be forecast"),
        "S7": _tr("Bill large enough"),
        "S8": _tr("Open model is good enough"),
        "S25": _tr("Hard to predict"),
        "S27": _tr("Hosted price first"),
        "S39": _tr("Measure first"),
        "S48": _tr("Startup"),
        "R1": _tr("Model that is soon gone"),
        "S51": _tr("Age of the price"),
        "AP1": _tr("Volume for hardware"),
        "AP2": _tr("Motive: commodity"),
        "AP3": _tr("Motive: own AI"),
        "AP4": _tr("Routing layer"),
        "AP5": _tr("Startup"),
        "AP6": _tr("Steps that leave"),
        "AP7": _tr("Hosted not priced"),
        "AP8": _tr("Critical work"),
        "AP9": _tr("No one runs machines"),
    }
