"""What a notebook imports: the connection, the checks, the hints and the solutions."""

from taproom.classroom.checks import check, hint, progress, solution
from taproom.classroom.connection import connect, sql
from taproom.classroom.superset import Superset

__all__ = ["Superset", "check", "connect", "hint", "progress", "solution", "sql"]
