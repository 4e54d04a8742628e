"""Expected failures: their stable names and what a command that stops with one exits with."""

from __future__ import annotations

import pytest

from landfall.core import errors
from landfall.core.errors import AppError, BadInput, ServerRefused

# Names and codes are part of the command line's contract: 2 is what was typed, 3 is what is not
# there now, 1 is the rest.
CONTRACT = {
    "AppError": ("error", 1),
    "BadInput": ("bad_input", 2),
    "Unavailable": ("unavailable", 3),
    "OllamaUnavailable": ("ollama_unavailable", 3),
    "NetworkUnavailable": ("network_unavailable", 3),
    "KeyringUnavailable": ("keyring_unavailable", 3),
    "KeyMissing": ("key_missing", 3),
    "OutputFailed": ("output_failed", 3),
    "KeyRefused": ("key_refused", 1),
    "ModelNotFound": ("model_not_found", 1),
    "OutOfMemory": ("out_of_memory", 1),
    "DiskFull": ("disk_full", 1),
    "PrivacyBlocked": ("privacy_blocked", 1),
    "BudgetExceeded": ("budget_exceeded", 1),
    "ServerRefused": ("server_refused", 1),
    "ServerBusy": ("server_busy", 3),
    "Interrupted": ("interrupted", 1),
    "NotGenuine": ("not_genuine", 1),
    "DatabaseTooNew": ("database_too_new", 3),
    "SettingsTooNew": ("settings_too_new", 3),
}


def test_that_every_failure_has_its_name_and_its_code() -> None:
    found = {
        name: (one.kind, one.exit_code)
        for name, one in vars(errors).items()
        if isinstance(one, type) and issubclass(one, AppError)
    }
    assert found == CONTRACT
    assert len({kind for kind, _ in found.values()}) == len(found)


def test_that_a_failure_says_what_happened_and_what_to_do() -> None:
    one = AppError("It broke.", "Mend it.")
    assert (one.message, one.hint, str(one), one.args) == (
        "It broke.",
        "Mend it.",
        "It broke. Mend it.",
        ("It broke.",),
    )
    assert (AppError("It broke.").hint, str(AppError("It broke."))) == ("", "It broke.")


def test_that_what_cannot_be_used_says_where_it_stands() -> None:
    one = BadInput("No.", "Write yes.", file="f.toml", line=3, field="a.b")
    assert (one.file, one.line, one.field, str(one)) == ("f.toml", 3, "a.b", "No. Write yes.")
    bare = BadInput("No.")
    assert (bare.file, bare.line, bare.field, bare.hint) == ("", None, "", "")


@pytest.mark.parametrize("status", [None, 403])
def test_that_a_refusal_keeps_its_status(status: int | None) -> None:
    one = ServerRefused("No.", "Ask.", status=status)
    assert (one.status, one.message, one.hint) == (status, "No.", "Ask.")
    assert ServerRefused("No.").status is None
