"""`landfall --selftest`: checks an installation, without a display, a network or a trace left."""

from __future__ import annotations

import importlib
import os
import pkgutil
import platform
import sys
import tempfile
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import landfall

_PATIENCE_MS = 20_000


def selftest() -> int:
    """Import every module, read the resources, open every page; 0 if all is well, else 1."""
    os.environ["QT_QPA_PLATFORM"] = "offscreen"
    _say(f"Landfall {landfall.__version__}, Python {platform.python_version()}, {sys.platform}")
    steps: tuple[tuple[str, Callable[[], str]], ...] = (
        ("modules", _modules),
        ("resources", _resources),
        ("keyring", _keyring),
        ("window", _window),
    )
    with _empty_home():
        results = [_step(name, work) for name, work in steps]
    return 0 if all(results) else 1


def _step(name: str, work: Callable[[], str]) -> bool:
    try:
        _say(f"ok    {name}: {work()}")
    except Exception as error:  # noqa: BLE001 - whatever is broken is what is looked for
        _say(f"FAIL  {name}: {type(error).__name__}: {error}")
        return False
    return True


def _say(text: str) -> None:
    print(text, flush=True)  # noqa: T201


@contextmanager
def _empty_home() -> Iterator[None]:
    before = os.environ.get("LANDFALL_HOME")
    with tempfile.TemporaryDirectory(prefix="landfall-selftest-") as folder:
        os.environ["LANDFALL_HOME"] = folder
        try:
            yield
        finally:
            if before is None:
                del os.environ["LANDFALL_HOME"]
            else:
                os.environ["LANDFALL_HOME"] = before


def _modules() -> str:
    names = [
        module.name
        for module in pkgutil.walk_packages(landfall.__path__, "landfall.")
        if not module.name.endswith("__main__")
    ]
    for name in names:
        importlib.import_module(name)
    return f"{len(names)} imported"


def _resources() -> str:
    catalogue = importlib.import_module("landfall.services.catalogue").load()
    rates = importlib.import_module("landfall.services.rates").load()
    samples = importlib.import_module("landfall.services.workload_files").samples()
    if catalogue.problems:
        raise catalogue.problems[0]
    return (
        f"{len(catalogue.models)} models, {len(catalogue.machines)} machines, "
        f"{len(rates.rentals)} rental prices, {len(samples)} samples"
    )


def _keyring() -> str:
    """Which keyring would be used; nothing is written into it."""
    backend = importlib.import_module("keyring").get_keyring()
    return f"{type(backend).__module__}.{type(backend).__name__}"


def _window() -> str:
    """Open the window and every page of it, and grab each as a picture."""
    return str(importlib.import_module("landfall.bootstrap.selftest_window").open_every_page())
