"""Right answers and named misconceptions of every exercise.

Computed from the landing files by another road than dbt's tables, and kept in the database as
salted digests (`ops.answer`), so that no plain answer reaches a learner.
"""

from taproom.answers.answer import Answer
from taproom.answers.table import agree, compute, write

__all__ = ["Answer", "agree", "compute", "write"]
