"""The questions of examples/ as they are asked where no table of an entity exists: from staging,
by joins. `normalised/` holds a file a question; what several need stands once in
`normalised/parts`, a common table expression each, which its readers name.
"""

from __future__ import annotations

import re
from pathlib import Path

FOLDER = Path(__file__).parent / "normalised"
_READ = re.compile(r"\b(?:from|join)\s+(\w+)\b(?!\s*[.(])")
_COMMENT = re.compile(r"^\s*--.*$", re.MULTILINE)

_HEALTH = (
    "the health score: six factors over usage, adoption, devices, tickets, invoices and the talks "
    "with an account, matched over four systems; some 1,500 lines of SQL from staging"
)
#: PostgreSQL takes what comes out of views and expressions for a few rows, joins it row by row, and
#: compiles what looks dear: with these most statements are faster.
SETTINGS = {"enable_nestloop": "off", "jit": "off"}
#: Questions of one table that are not written from staging, and why.
LEFT_OUT = {
    "Q09": _HEALTH,
    "Q15": "the removal effects of a Markov chain: solved in SQL, but by no join",
    "Q22": _HEALTH,
    "Q23": _HEALTH,
    "Q24": _HEALTH,
    "Q25": _HEALTH,
    "Q27": _HEALTH,
    "Q30": f"{_HEALTH}; and each of its past versions",
    "Q31": "tickets, whose askers are matched with accounts over four systems",
    "Q36": "accounts stratified by their activity, feature by feature, at the plan of the time",
    "Q37": "the statistics of experiments: some 600 lines, nearly none of them joins",
    "Q47": "usual takings by weekday against opening hours and silences of single monitors",
}


def statement(question: str) -> str | None:
    """The SQL that answers a question from staging, with its parts; None where there is none."""
    path = FOLDER / f"{question.lower()}.sql"
    if not path.exists():
        return None
    text = _bare(path)
    expressions = [f"{name} as (\n\n{_bare(part(name))}\n\n)" for name in parts_of(text)]
    own = text.removeprefix("with\n\n")
    if own == text:
        return f"with\n\n{joined(expressions)}\n\n{own}" if expressions else own
    return f"with\n\n{joined([*expressions, own])}"


def written() -> list[str]:
    """Questions that are answered from staging."""
    return sorted(path.stem.upper() for path in FOLDER.glob("q*.sql"))


def parts_of(text: str) -> list[str]:
    """Parts a statement needs, each behind those it needs itself."""
    found: dict[str, None] = {}
    for name in _READ.findall(_COMMENT.sub("", text)):
        if part(name).exists():
            found |= dict.fromkeys(parts_of(_bare(part(name)))) | {name: None}
    return list(found)


def part(name: str) -> Path:
    return FOLDER / "parts" / f"{name}.sql"


def joined(expressions: list[str]) -> str:
    return ",\n\n".join(expressions)


def _bare(path: Path) -> str:
    """A file's statement without what is said above it."""
    lines = path.read_text(encoding="utf-8").splitlines()
    first = next(number for number, line in enumerate(lines) if not line.startswith("--"))
    return "\n".join(lines[first:]).strip()
