"""The bash script `vespera`: finds Python, makes ``.venv`` once, says what is missing in one line.

The copies used here have empty requirement files, so that nothing is fetched.
"""

import os
import shutil
import subprocess
import sys
import time
from pathlib import Path

import pytest

from settings import HOME

TOOLS = ("bash", "readlink", "dirname", "flock", "cp", "rm", "apt-get")
ECHO = "import sys\nprint('ran', sys.argv[1:], sys.prefix)\n"


@pytest.fixture
def copy(tmp_path: Path) -> Path:
    """A clone in which nothing is installed yet."""
    return _clone(tmp_path / "clone")


@pytest.fixture(scope="module")
def first_use(tmp_path_factory: pytest.TempPathFactory) -> tuple[Path, "Completed"]:
    """A clone after its first use, and what that use said."""
    folder = _clone(tmp_path_factory.mktemp("first") / "clone")
    return folder, run(folder / "vespera", "ask", "a b")


@pytest.fixture
def used(first_use: tuple[Path, "Completed"], tmp_path: Path) -> Path:
    """A clone of one's own after its first use."""
    return Path(shutil.copytree(first_use[0], tmp_path / "clone", symlinks=True))


def _clone(folder: Path) -> Path:
    folder.mkdir()
    shutil.copy(HOME / "vespera", folder)
    (folder / "cli.py").write_text(ECHO)
    (folder / "requirements.txt").write_text("# nothing\n")
    (folder / "requirements-dev.txt").write_text("-r requirements.txt\n")
    (folder / "requirements-otel.txt").write_text("# nothing\n")
    return folder


def path_with(folder: Path, **programs: str) -> str:
    """A PATH with the script's tools and the given programs only."""
    tools = folder / "bin"
    tools.mkdir(exist_ok=True)
    for name in TOOLS:
        if not (tools / name).exists():
            (tools / name).symlink_to(shutil.which(name) or "/bin/true")
    for name, text in programs.items():
        program = tools / name.replace("_", ".")
        program.write_text(text)
        program.chmod(0o755)
    return str(tools)


Completed = subprocess.CompletedProcess[str]


def run(script: Path, *arguments: str, path: str | None = None, cwd: Path | None = None) -> Completed:
    environment = {**os.environ, "PATH": path or f"{Path(sys.executable).parent}:{os.environ['PATH']}"}
    return subprocess.run(
        [str(script), *arguments], env=environment, cwd=cwd, capture_output=True, text=True, timeout=60, check=False
    )


def test_first_use_installs_and_tells_so_on_standard_error_only(first_use: tuple[Path, Completed]) -> None:
    folder, done = first_use
    assert done.stdout == f"ran ['ask', 'a b'] {folder / '.venv'}\n"
    assert "making .venv with Python 3." in done.stderr
    assert "installing requirements.txt" in done.stderr
    again = run(folder / "vespera", "ask")
    assert (again.stderr, again.returncode) == ("", 0)


def test_it_works_from_any_folder_and_through_links(used: Path, tmp_path: Path) -> None:
    (tmp_path / "elsewhere").mkdir()
    (tmp_path / "elsewhere" / "vespera").symlink_to("../clone/vespera")
    (tmp_path / "link").symlink_to(tmp_path / "elsewhere" / "vespera")
    for script in (tmp_path / "link", tmp_path / "elsewhere" / "vespera"):
        done = run(script, "why", cwd=Path("/"))
        assert done.stdout == f"ran ['why'] {used / '.venv'}\n"


def test_a_changed_requirement_file_is_installed_again_and_test_wants_the_development_one(used: Path) -> None:
    (used / "requirements.txt").write_text("# still nothing\n")
    assert "installing requirements.txt" in run(used / "vespera", "ask").stderr
    assert "installing requirements-dev.txt" in run(used / "vespera", "test").stderr
    assert run(used / "vespera", "test").stderr == ""


def test_an_interrupted_installation_is_started_afresh_once_by_two_at_once(used: Path) -> None:
    (used / ".venv" / "installing").touch()
    shutil.rmtree(used / ".venv" / "lib")
    with subprocess.Popen([used / "vespera", "a"], stdout=subprocess.PIPE, stderr=subprocess.PIPE, text=True) as first:
        second = run(used / "vespera", "b")
        out, told = first.communicate(timeout=60)
    assert out.startswith("ran ['a']"), told
    assert second.stdout.startswith("ran ['b']")
    assert (told + second.stderr).count("making .venv") == 1


def test_a_missing_or_old_python_is_one_line_with_the_remedy(copy: Path, tmp_path: Path) -> None:
    none = run(copy / "vespera", "ask", path=path_with(tmp_path))
    assert none.returncode == 78
    assert none.stdout == ""
    assert none.stderr == ("vespera: needs Python 3.11 or newer; install it: sudo apt install python3 python3-venv\n")
    old = "#!/bin/bash\n[[ $2 == *print* ]] && echo 3.9\n[[ $2 != *exit* ]]\n"
    found = run(copy / "vespera", "ask", path=path_with(tmp_path, python3=old))
    assert found.returncode == 78
    assert "(found 3.9)" in found.stderr
    assert found.stderr.count("\n") == 1


def test_a_python_without_venv_is_one_line_with_the_package(copy: Path, tmp_path: Path) -> None:
    bare = "#!/bin/bash\n[[ $2 == *print* ]] && echo 3.11\n[[ $2 != *ensurepip* ]]\n"
    done = run(copy / "vespera", "ask", path=path_with(tmp_path, python3=bare))
    assert done.returncode == 78
    assert done.stderr == (
        "vespera: Python 3.11 is here but cannot make virtual environments; "
        "install its venv module: sudo apt install python3.11-venv\n"
    )
    assert not (copy / ".venv").exists()


def test_a_shim_that_runs_nothing_is_passed_over(copy: Path, tmp_path: Path) -> None:
    shim = '#!/bin/bash\necho "pyenv: python3.13: command not found" >&2\nexit 127\n'
    sound = "#!/bin/bash\n[[ $2 == venv ]] && exit 1\n[[ $2 == *print* ]] && echo Python 3.12.1\nexit 0\n"
    done = run(copy / "vespera", "ask", path=path_with(tmp_path, python3_13=shim, python3=sound))
    assert done.stderr == (
        "vespera: making .venv with Python 3.12.1\nvespera: the virtual environment could not be made\n"
    )
    assert (done.returncode, done.stdout) == (1, "")


def test_packages_that_cannot_be_installed_are_told_and_tried_again_next_time(used: Path) -> None:
    (used / "requirements.txt").write_text("./no-such-package-here\n")
    done = run(used / "vespera", "ask")
    assert (done.returncode, done.stdout) == (1, "")
    assert "could not be installed" in done.stderr
    assert (used / ".venv" / "installing").exists(), "the next run starts afresh"


def test_the_warm_path_costs_next_to_nothing(used: Path) -> None:
    python = str(used / ".venv" / "bin" / "python")

    def fastest(*command: str) -> float:
        times = []
        for _ in range(5):
            began = time.perf_counter()
            subprocess.run(command, check=True, capture_output=True)
            times.append(time.perf_counter() - began)
        return min(times)

    assert fastest(str(used / "vespera"), "x") - fastest(python, str(used / "cli.py"), "x") < 0.030
