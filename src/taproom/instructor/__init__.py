"""Run the course, validate it, measure it."""

from __future__ import annotations


def run_course(
    scale: str = "small",
    seed: int = 42,
    only: int | None = None,
    start_from: int | None = None,
) -> int:
    """The whole course, end to end; returns the exit status. See taproom.instructor.course."""
    from taproom.instructor import course

    return course.run_course(scale, seed, only, start_from)


def test(args: list[str] | None = None) -> int:
    """Everything CI runs; returns the exit status. See taproom.instructor.testing."""
    from taproom.instructor import testing

    return testing.test(args or [])


def bench(json: bool = False, full: bool = False) -> int:
    """The benchmark table; returns the exit status. See taproom.instructor.bench."""
    from taproom.instructor import benchmark

    return benchmark.bench(json, full)
