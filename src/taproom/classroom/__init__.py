"""What a notebook imports: the connection, the checks, the hints and the solutions."""

from taproom.classroom.checks import check, hint, progress, solution
from taproom.classroom.connection import connect, sql

__all__ = ["check", "connect", "hint", "progress", "solution", "sql"]
