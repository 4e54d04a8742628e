"""What the desktop is told: on Windows and macOS against their names alone, which await them."""

from __future__ import annotations

import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest

from landfall.services.installation import desktop_identity

PRODUCT = Path(__file__).parents[3] / "packaging" / "product.py"


def test_that_the_packages_and_the_window_state_the_same_identity() -> None:
    asked = (sys.executable, str(PRODUCT), "app_id")
    stated = subprocess.run(asked, capture_output=True, text=True, check=True).stdout.strip()
    assert stated == desktop_identity.APP_ID


def test_that_only_the_bundle_of_macos_keeps_the_icon_that_it_brings() -> None:
    brings = desktop_identity.brings_its_icon
    assert brings(platform_name="darwin", frozen=True)
    assert not brings(platform_name="darwin", frozen=False)
    assert not brings(platform_name="win32", frozen=True)
    assert not brings(platform_name="linux", frozen=True)


def test_that_a_start_from_source_brings_no_icon() -> None:
    assert not desktop_identity.brings_its_icon()


@pytest.mark.skipif(sys.platform != "win32", reason="the task bar of Windows")
def test_that_windows_keeps_the_identity_that_was_claimed() -> None:
    import ctypes

    desktop_identity.claim_task_bar()
    shell: Any = ctypes.WinDLL("shell32")  # type: ignore[attr-defined, unused-ignore]
    kept = ctypes.c_wchar_p()
    assert shell.GetCurrentProcessExplicitAppUserModelID(ctypes.byref(kept)) == 0
    assert kept.value == desktop_identity.APP_ID


@pytest.mark.skipif(sys.platform == "win32", reason="Windows has a task bar to tell")
def test_that_elsewhere_nothing_is_claimed() -> None:
    before = set(sys.modules)
    desktop_identity.claim_task_bar()
    assert set(sys.modules) == before
