"""`./taproom run`: the whole course, end to end, in one process.

PostgreSQL, the world, the notebooks that read files only, ingest and dbt, then the other
notebooks and the solutions by number, Superset before those about dashboards. Every step can be
repeated; what is there is not made anew.
"""

from __future__ import annotations

from collections.abc import Callable
from contextlib import ExitStack
from pathlib import Path
from time import perf_counter

from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from taproom import settings
from taproom.errors import TaproomError
from taproom.instructor import ground, record, report
from taproom.instructor.execute import Failure, Kernels, execute
from taproom.instructor.memory import Peak
from taproom.instructor.notebooks import Notebook, choose, find
from taproom.instructor.record import FAILED, GREEN, STOPPED, Record, Step, timed

INTERRUPTED = 130
# Notebooks up to this number read landing files only, so they need neither ingest nor dbt.
LAST_ON_FILES = 2
# From this number on they ask Superset, which is started before and has the course's dashboards.
FIRST_ON_DASHBOARDS = 16


def run_course(
    scale: str = "small",
    seed: int = 42,
    only: int | None = None,
    start_from: int | None = None,
    console: Console | None = None,
) -> int:
    """Run the course at `scale` and `seed`; returns the exit status: 0 green, 1 failed, 130 Ctrl-C.

    `only` and `start_from` choose notebooks by number. Stops at the first failure; the report
    is written however the run ends. TaproomError when nothing could begin.
    """
    console = console or Console()
    notebooks = choose(find(), only, start_from)
    folder = record.new_folder(scale, seed)
    run = Record(scale, seed, whole=only is None and start_from is None)
    with ExitStack() as stack:
        peak = stack.enter_context(Peak())
        log = stack.enter_context((folder / "kernels.log").open("ab"))
        kernels = stack.enter_context(Kernels(log, {"TAPROOM_PROGRESS": "off"}))
        return _Run(run, folder, console, kernels, peak).walk(notebooks)


class _Run:
    """The state of one run: what is done, where it is written, who watches."""

    def __init__(
        self, run: Record, folder: Path, console: Console, kernels: Kernels, peak: Peak
    ) -> None:
        self.record = run
        self.folder = folder
        self.console = console
        self.kernels = kernels
        self.peak = peak
        self.began = perf_counter()

    def walk(self, notebooks: list[Notebook]) -> int:
        """All steps in order; returns the exit status."""
        self.kernels.start(notebooks[0].path.parent)
        on_files = [n for n in notebooks if n.number <= LAST_ON_FILES]
        on_tables = [n for n in notebooks if LAST_ON_FILES < n.number < FIRST_ON_DASHBOARDS]
        on_dashboards = [n for n in notebooks if n.number >= FIRST_ON_DASHBOARDS]
        run = self.record
        postgres, world = run.step("Start PostgreSQL"), run.step("Simulate the company")
        steps = {n: run.step(n.title, n.key) for n in on_files}
        tables = run.step("Load the files and build the warehouse with dbt")
        steps |= {n: run.step(n.title, n.key) for n in on_tables}
        if on_dashboards:
            dashboards = run.step("Start Superset and bring its dashboards")
            steps |= {n: run.step(n.title, n.key) for n in on_dashboards}

        try:
            self.set_up(postgres, ground.ensure_postgres)
            self.tell_of_replacing()
            run.first = not ground.world_stands()
            self.set_up(world, lambda say: ground.ensure_world(run.scale, run.seed, say))
            run.world = ground.world_facts()
            self.run_notebooks(on_files, steps, after=(on_tables + on_dashboards)[:1])
            if on_tables or on_dashboards:
                self.set_up(tables, ground.ensure_tables)
                self.run_notebooks(on_tables, steps, after=on_dashboards[:1])
            if on_dashboards:
                self.set_up(dashboards, ground.ensure_dashboards)
                self.run_notebooks(on_dashboards, steps)
            run.state = GREEN
        except KeyboardInterrupt:
            run.state = STOPPED
        except _NotebookFailed:
            run.state = FAILED
        except Exception:
            run.state = FAILED
            raise
        finally:
            self.finish()
        return {GREEN: 0, FAILED: 1, STOPPED: INTERRUPTED}[run.state]

    def set_up(self, step: Step, work: Callable) -> object:
        """One step that is no notebook. `work` is given a function that shows a line of text."""
        with timed(step), self.console.status(step.title) as status:
            result = work(lambda *parts: status.update(f"{step.title}: {ground.line(*parts)}"))
            step.detail = str(result or "")
        self.say(step)
        return result

    def tell_of_replacing(self) -> None:
        """Making another world empties the learner's landing files and tables: say so."""
        gone = ground.another_world(self.record.scale, self.record.seed)
        if gone:
            self.console.print(
                f"[yellow]The world here is {gone}; this run replaces it, its landing files and "
                f"its tables.[/] ./taproom run with its scale and seed makes it again as it was.",
                highlight=False,
            )

    def run_notebooks(
        self, notebooks: list[Notebook], steps: dict[Notebook, Step], after: tuple | list = ()
    ) -> None:
        """Run notebooks in order, the kernel of the next one loading meanwhile."""
        following = [*notebooks[1:], *after]
        for place, notebook in enumerate(notebooks):
            if place < len(following):
                self.kernels.start(following[place].path.parent)
            self.run_one(notebook, steps[notebook])

    def run_one(self, notebook: Notebook, step: Step) -> None:
        """Run one notebook, write its page, say how it went; _NotebookFailed if it failed."""
        copy = self.folder / f"{notebook.key}.ipynb"
        with timed(step), self.progress() as progress:
            bar = progress.add_task(f"{notebook.number:02d} {step.title}", total=None)
            outcome = execute(
                notebook,
                copy,
                self.kernels,
                lambda done, total: progress.update(bar, completed=done, total=total),
            )
            step.cells = outcome.cells
            step.failure = outcome.failure
            if outcome.failure:
                step.state = FAILED
                step.detail = f"cell {outcome.failure.cell}: {outcome.failure.name}"
        if self.record.first_notebook_seconds is None and not outcome.failure:
            self.record.first_notebook_seconds = round(perf_counter() - self.began, 1)
        if copy.exists():
            report.write_notebook(copy, self.folder)
        report.write(self.record, self.folder)
        self.say(step)
        if outcome.failure:
            self.explain(notebook, outcome.failure)
            raise _NotebookFailed

    def finish(self) -> None:
        """Whatever happened: the report is whole and reports/latest leads to it."""
        run = self.record
        run.seconds = round(perf_counter() - self.began, 1)
        run.peak_memory_bytes = self.peak.bytes
        page = report.write(run, self.folder)
        record.point_latest(self.folder)
        self.console.print(f"\n[bold]{report.headline(run)}[/] in {run.seconds:.0f} s")
        if run.state == STOPPED:
            self.console.print("Stopped by Ctrl-C. ./taproom run goes on; nothing is half done.")
        latest = self.folder.parent / "latest" / page.name
        self.console.print(f"Report: {_short(latest)}", soft_wrap=True)

    def progress(self) -> Progress:
        """A bar that counts cells and leaves no trace when done."""
        return Progress(
            TextColumn("{task.description}"),
            BarColumn(bar_width=24),
            MofNCompleteColumn(),
            TextColumn("cells"),
            TimeElapsedColumn(),
            console=self.console,
            transient=True,
            disable=not self.console.is_terminal,  # a log file shows finished notebooks only
        )

    def say(self, step: Step) -> None:
        """One line for a finished step."""
        mark = "[green]✓[/]" if step.state == GREEN else "[red]✗[/]"
        name = f"{step.notebook}  " if step.notebook else ""
        cells = f"{step.cells} cells  " if step.cells is not None else ""
        detail = f"  [dim]{step.detail}[/]" if step.detail and not step.notebook else ""
        self.console.print(
            f"{mark} {name}{step.title}  [dim]{cells}{step.seconds:.1f} s[/]{detail}",
            highlight=False,
            soft_wrap=True,
        )

    def explain(self, notebook: Notebook, failure: Failure) -> None:
        """The failing cell between rules, then the cause, then the remedy."""
        error = TaproomError(
            f"{failure.name}: {failure.value}".strip(": "),
            where=f"{notebook.key}, cell {failure.cell}\n\n{failure.source}",
            remedy=(
                f"./taproom reset restores what notebooks expect, then ./taproom run --from "
                f"{notebook.number:02d} goes on from here. The report shows the whole error."
            ),
        )
        self.console.print(str(error), style="red", highlight=False, markup=False)


class _NotebookFailed(Exception):
    """A notebook stopped at a cell; what there is to say has been said."""


def _short(path: Path) -> str:
    """The path as seen from the repository, where it lies inside."""
    root = settings.repo()
    return str(path.relative_to(root) if path.is_relative_to(root) else path)
