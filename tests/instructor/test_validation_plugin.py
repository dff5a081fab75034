"""The plugin that gives notebooks their course: homes kept apart, failures told once, order."""

import os
import subprocess
import sys
from pathlib import Path

import nbformat
import pytest

from taproom.instructor import testing, validation

CELL = """\
import os
home = os.environ['TAPROOM_HOME']
print(home.rsplit('/', 1)[1], 'TAPROOM_PG_PORT' in os.environ)"""


def test_a_course_s_home_is_entered_and_left(tmp_path, monkeypatch):
    monkeypatch.setenv("TAPROOM_PG_PORT", "1")
    before = dict(os.environ)
    course = validation.Course(tmp_path)
    course.enter()
    assert os.environ["TAPROOM_HOME"] == str(tmp_path / "course")
    assert "TAPROOM_PG_PORT" not in os.environ
    course.leave()
    assert dict(os.environ) == before


@pytest.mark.parametrize(
    ("arguments", "named"),
    [(["-x"], False), (["tests/instructor", "-x"], True), (["-k", "clock"], False)],
)
def test_arguments_may_name_tests(arguments, named, monkeypatch):
    monkeypatch.chdir(Path(__file__).parents[2])
    assert testing.names_tests(arguments) is named


@pytest.fixture
def small_repository(tmp_path):
    """A test and two notebooks that tell in which home their kernel lives."""
    (tmp_path / "tests").mkdir()
    (tmp_path / "tests/test_z.py").write_text("def test_z(): pass\n")
    output = nbformat.v4.new_output("stream", name="stdout", text="course False\n")
    for name in ("solutions/03-a.ipynb", "notebooks/05-b.ipynb"):
        cell = nbformat.v4.new_code_cell(CELL, execution_count=1, outputs=[output])
        notebook = nbformat.v4.new_notebook(cells=[cell])
        notebook.metadata["kernelspec"] = {"name": "python3", "display_name": "Python 3"}
        (tmp_path / name).parent.mkdir()
        nbformat.write(notebook, tmp_path / name)
    return tmp_path


def run(folder, ground):
    """pytest with the plugin, over a course whose set-up is the program `ground`."""
    plugin = (
        "import sys; from taproom.instructor import validation; "
        f"validation.SET_UP = [sys.executable, '-c', {ground!r}]; "
        "import pytest; sys.exit(pytest.main(sys.argv[1:], plugins=[validation]))"
    )
    # Under CI pytest repeats every reason in full at the end.
    here = {name: value for name, value in os.environ.items() if name not in ("CI", "BUILD_NUMBER")}
    env = here | {"TAPROOM_TESTS": str(folder / "homes"), "TAPROOM_PG_PORT": "1"}
    arguments = ["-v", "--nbval", "-p", "no:cacheprovider", "notebooks", "solutions", "tests"]
    return subprocess.run(
        [sys.executable, "-c", plugin, *arguments],
        cwd=folder,
        env=env,
        capture_output=True,
        text=True,
    )


def test_tests_run_first_and_kernels_live_in_the_course(small_repository):
    done = run(small_repository, "print('made')")
    assert done.returncode == 0, done.stdout + done.stderr
    order = [done.stdout.index(name) for name in ("test_z", "03-a", "05-b")]
    assert order == sorted(order)
    assert not (small_repository / "homes/course").exists()


def test_a_course_that_cannot_be_made_is_told_once(small_repository):
    done = run(small_repository, "raise SystemExit('no world today')")
    assert done.returncode == 1
    assert done.stdout.count("no world today") == 1
    assert "see above" in done.stdout and "1 passed, 2 errors" in done.stdout.splitlines()[-1]
