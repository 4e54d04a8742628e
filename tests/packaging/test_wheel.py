"""What pip installs: the package, and its resources where it looks for them."""

from __future__ import annotations

import tomllib
from pathlib import Path

from landfall.services import resources

ROOT = Path(__file__).resolve().parents[2]


def test_that_a_wheel_has_the_package_and_its_resources() -> None:
    build = tomllib.loads((ROOT / "pyproject.toml").read_text(encoding="utf-8"))["tool"]["hatch"]
    wheel = build["build"]["targets"]["wheel"]
    (package,) = wheel["packages"]
    assert (ROOT / package / "__main__.py").is_file()
    inside = resources._INSTALLED.relative_to(ROOT / "app").as_posix()
    assert wheel["force-include"] == {"resources": inside}
    assert (ROOT / "resources" / "thresholds.json").is_file()
