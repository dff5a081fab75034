"""The one error a learner is meant to see: what happened, where, and what to do next."""

from __future__ import annotations

RULE = "-" * 70


class TaproomError(Exception):
    """A failure with a remedy.

    `what` is one sentence in plain words; `where` names the file, service, batch or
    notebook concerned (or shows the failing statement); `remedy` says what to do next,
    as a command wherever there is one.
    """

    def __init__(self, what: str, where: str = "", remedy: str = "") -> None:
        super().__init__(what)
        self.what = what
        self.where = where
        self.remedy = remedy

    def __str__(self) -> str:
        """The failing thing between rules, then the cause, then the remedy."""
        lines = []
        if self.where:
            lines += [RULE, str(self.where).strip(), RULE]
        lines.append(self.what)
        if self.remedy:
            lines.append(f"What to do: {self.remedy}")
        return "\n".join(lines)
