"""The workflows of the forge: what can be known of them without it. None has been run there yet."""

from __future__ import annotations

import os
import re
import shutil
import stat
import subprocess
import sys
from pathlib import Path
from typing import Any

import pytest
import yaml

ROOT = Path(__file__).resolve().parents[2]
FOLDER = ROOT / ".github" / "workflows"
NAMES = sorted(path.name for path in FOLDER.glob("*.yml"))
EXPRESSION = re.compile(r"\$\{\{.*?\}\}")
PINNED = re.compile(r"^\s*(?:- )?uses: [\w-]+/[\w-]+@[0-9a-f]{40} # v\d+\.\d+\.\d+$")
SCRIPT = re.compile(r"(?:\bsh |\bpython3? |-File |^\s*)((?:packaging|\.ci)/[\w./-]+)", re.MULTILINE)
IMAGES = {
    *("ubuntu-22.04", "ubuntu-24.04", "windows-latest", "macos-15", "macos-15-intel"),
}


def read(name: str) -> dict[Any, Any]:
    made = yaml.safe_load((FOLDER / name).read_text(encoding="utf-8"))
    assert isinstance(made, dict)
    return made


def jobs(name: str) -> dict[str, Any]:
    found: dict[str, Any] = read(name)["jobs"]
    return found


def steps(name: str) -> list[tuple[dict[str, Any], dict[str, Any]]]:
    """Every step with its job."""
    return [(job, step) for job in jobs(name).values() for step in job.get("steps", [])]


def test_that_there_is_a_workflow_that_checks_and_one_that_releases() -> None:
    assert NAMES == ["check.yml", "release.yml"]


@pytest.mark.parametrize("name", NAMES)
def test_that_every_script_that_a_step_calls_exists(name: str) -> None:
    called = {found for _, step in steps(name) for found in SCRIPT.findall(step.get("run", ""))}
    assert called
    for script in called:
        assert (ROOT / script).is_file(), script


def test_that_the_release_calls_the_script_of_every_format() -> None:
    called = {
        found for _, step in steps("release.yml") for found in SCRIPT.findall(step.get("run", ""))
    }
    formats = ("wheel", "deb", "archive", "onedir", "windows", "macos", "sums")
    assert {f"packaging/{one}.sh" for one in formats} <= called


@pytest.mark.skipif(shutil.which("sh") is None, reason="no shell")
@pytest.mark.parametrize("name", NAMES)
def test_that_every_line_of_a_shell_is_one(name: str) -> None:
    for _, step in steps(name):
        if "run" not in step or step.get("shell") == "pwsh":
            continue
        plain = EXPRESSION.sub("value", step["run"])
        done = subprocess.run(
            ["sh", "-n"], input=plain, capture_output=True, text=True, check=False
        )
        assert done.returncode == 0, (step["run"], done.stderr)


@pytest.mark.parametrize("name", NAMES)
def test_that_no_secret_stands_in_a_command_or_a_condition(name: str) -> None:
    for _, step in steps(name):
        assert "secrets." not in step.get("run", "")
        assert "secrets." not in step.get("if", "")  # the forge knows none there
        secret = [key for key, value in step.get("env", {}).items() if "secrets." in str(value)]
        for variable in secret:
            assert f"${variable}" not in step.get("run", "")


@pytest.mark.parametrize("name", NAMES)
def test_that_a_whole_job_knows_only_whether_there_is_a_secret(name: str) -> None:
    document = read(name)
    for environment in (document, *document["jobs"].values()):
        for value in environment.get("env", {}).values():
            if "secrets." in str(value):
                assert re.fullmatch(r"\$\{\{ (\S+ != ''( && )?)+ \}\}", value), value


@pytest.mark.parametrize("name", NAMES)
def test_that_what_a_condition_asks_for_is_set_by_its_job(name: str) -> None:
    for job, step in steps(name):
        for variable in re.findall(r"\benv\.(\w+)", step.get("if", "")):
            assert variable in job["env"]


def test_that_signing_happens_only_where_there_is_what_signs() -> None:
    conditions = {
        step["name"]: step.get("if") for _, step in steps("release.yml") if "name" in step
    }
    assert conditions["Certificate"] == "env.CAN_SIGN == 'true'"
    assert conditions["What signs"] == "env.CAN_SIGN == 'true'"
    assert conditions["Disk image"] is None  # made in either case; unsigned it says so
    assert conditions["Installer"] is None


@pytest.mark.parametrize("name", NAMES)
def test_that_a_job_waits_only_for_jobs_that_exist(name: str) -> None:
    known = jobs(name)
    for job in known.values():
        needs = job.get("needs", [])
        assert set([needs] if isinstance(needs, str) else needs) <= known.keys()


def test_that_nothing_is_packed_before_the_tests_and_nothing_goes_out_before_all_is_packed() -> (
    None
):
    known = jobs("release.yml")
    packers = {"linux", "windows", "macos"}
    for name in packers:
        assert set(known[name]["needs"]) == {"check", "version"}
    assert set(known["together"]["needs"]) == packers
    called = known["check"]["uses"]
    assert (ROOT / called).is_file()
    assert "workflow_call" in read(Path(called).name)[True]  # YAML reads `on` as true
    (check,) = [step["run"] for _, step in steps("check.yml") if ".ci/run" in step.get("run", "")]
    assert check == ".ci/run"


def test_that_every_system_tries_what_it_has_packed() -> None:
    for name in ("linux", "windows"):
        assert any(
            "--selftest" in step.get("run", "") for step in jobs("release.yml")[name]["steps"]
        )
    assert any(
        "try_macos.sh" in step.get("run", "") for step in jobs("release.yml")["macos"]["steps"]
    )
    for name in ("try_macos.sh", "try_wheel.sh"):
        assert "--selftest" in (ROOT / "packaging" / name).read_text(encoding="utf-8")


@pytest.mark.parametrize("name", NAMES)
def test_that_actions_are_pinned_to_a_commit_with_the_version_beside_it(name: str) -> None:
    lines = (FOLDER / name).read_text(encoding="utf-8").splitlines()
    used = [line for line in lines if re.match(r"\s*(- )?uses:", line) and "./" not in line]
    assert used
    for line in used:
        assert PINNED.match(line), line


@pytest.mark.parametrize("name", NAMES)
def test_that_a_workflow_may_read_and_only_the_last_job_of_a_release_may_write(name: str) -> None:
    assert read(name)["permissions"] == {"contents": "read"}
    for job, made in jobs(name).items():
        rights = made.get("permissions", {"contents": "read"})
        writes = {right for right, level in rights.items() if level == "write"}
        allowed = {"contents", "id-token", "attestations"} if job == "together" else set()
        assert writes == allowed
    for _, step in steps(name):
        if step.get("uses", "").startswith("actions/checkout@"):
            assert step["with"]["persist-credentials"] is False


@pytest.mark.parametrize("name", NAMES)
def test_that_every_job_has_a_known_machine_and_an_end(name: str) -> None:
    for job in jobs(name).values():
        if "uses" in job:
            continue
        matrix = job.get("strategy", {}).get("matrix", {}).get("include", [])
        machines = {row["runner"] for row in matrix} or {job["runs-on"]}
        assert machines <= IMAGES
        assert job["timeout-minutes"] <= 90


def test_that_nobody_from_outside_runs_code_with_rights() -> None:
    for name in NAMES:
        assert "pull_request_target" not in (FOLDER / name).read_text(encoding="utf-8")
    assert "pull_request" not in read("release.yml")[True]


@pytest.mark.skipif(shutil.which("git") is None, reason="no git")
def test_that_a_checkout_has_the_same_line_ends_on_every_system(tmp_path: Path) -> None:
    shutil.copy(ROOT / ".gitattributes", tmp_path)
    git = ("git", "-C", str(tmp_path))
    subprocess.run([*git, "init", "-q"], check=True)
    asked = [*git, "check-attr", "text", "packaging/macos.sh", "app/landfall/__main__.py"]
    said = subprocess.run(asked, capture_output=True, text=True, check=True).stdout
    assert [line.rpartition(": ")[2] for line in said.splitlines()] == ["unset", "unset"]


FAKE_PYTHON = f"""#!/bin/sh
case "$*" in
"-m venv "*)
    mkdir -p "$3/Scripts"
    printf '#!/bin/sh\\nexec "{sys.executable}" "$@"\\n' >"$3/Scripts/python.exe"
    chmod +x "$3/Scripts/python.exe" ;;
*) exec "{sys.executable}" "$@" ;;
esac
"""


@pytest.mark.skipif(os.name == "nt", reason="a stand-in of Windows, where the real one is")
def test_that_the_environment_of_windows_is_found_where_scripts_look(tmp_path: Path) -> None:
    python = tmp_path / "python"
    python.write_text(FAKE_PYTHON, encoding="utf-8")
    python.chmod(python.stat().st_mode | stat.S_IXUSR)
    code = f'. "{ROOT}/packaging/environment.sh"; make_venv; "$venv/bin/python" -c "print(6 * 7)"'
    done = subprocess.run(
        ["sh", "-c", code],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "LANDFALL_PYTHON": str(python)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert done.stdout == "42\n", done.stderr


PIP = """#!/bin/sh
case "$*" in
"-m venv "*) mkdir -p "$3/bin"; cp "$0" "$3/bin/python" ;;
"-m pip install "*)
    echo "  Installing build dependencies: started"
    echo "Collecting httpx"; echo "Downloading httpx-1.whl (75 kB)"
    echo "Installing collected packages: httpx"; exit "${PIP_ENDS:-0}" ;;
"-m pip --version" | *version_info*) exit 0 ;;
esac
"""


@pytest.mark.skipif(os.name == "nt", reason="a stand-in of a Unix interpreter")
@pytest.mark.parametrize("ends", [0, 1])
def test_that_setting_up_says_how_long_and_how_much_and_what_it_loads(
    tmp_path: Path, ends: int
) -> None:
    python = tmp_path / "python"
    python.write_text(PIP, encoding="utf-8")
    python.chmod(python.stat().st_mode | stat.S_IXUSR)
    (tmp_path / "pyproject.toml").write_text("")
    done = subprocess.run(
        [
            "sh",
            "-c",
            f'. "{ROOT}/packaging/environment.sh"; uname() {{ :; }}; prepare_environment run',
        ],
        cwd=tmp_path,
        env={"PATH": os.environ["PATH"], "LANDFALL_PYTHON": str(python), "PIP_ENDS": str(ends)},
        capture_output=True,
        text=True,
        timeout=60,
        check=False,
    )
    assert "about 400 MB; 1 to 5 minutes" in done.stderr
    assert "Downloading httpx-1.whl (75 kB)" in done.stderr
    assert done.stderr.count("a minute or so without a word") == 1
    assert done.returncode == ends, done.stderr
    assert ("could not be installed" in done.stderr) == bool(ends)
