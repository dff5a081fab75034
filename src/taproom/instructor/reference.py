"""Reference pages written from what they describe: docs/ on tables, sources and exercises, and
the indexes of examples/.

`python -m taproom.instructor.reference` writes them; a test compares the committed pages with
what this module would write, so they cannot fall behind.
"""

from __future__ import annotations

from taproom import contracts, exercises, settings
from taproom.instructor import dictionary, queries
from taproom.warehouse import manifest

WRITTEN = "<!-- Written by `python -m taproom.instructor.reference`; edit {}. -->\n"
CLASSROOM = """\
In a notebook: `from taproom.classroom import check, connect, hint, progress, solution, sql`; in
labs `Superset` as well.

| call | what it does |
|---|---|
| `connect()` | a SQLAlchemy engine on the course's database, as the role `learner` |
| `sql("select …")` | the rows of a query as a pandas frame; `:name` in it takes a parameter |
| `check("05-01", answer)` | correct, incorrect, not attempted, or not checked |
| `hint("05-01")` | the next hint |
| `solution("05-01")` | the code of the solution and why |
| `progress()` | how far each exercise is |
| `check("17-01", superset.my_charts)` | of a lab: looks at what you have built in `Superset()` |

A check that knows the mistake names it and says the way out; below each exercise stand the ones it
knows. It does not check while the world's clock is not the exercise's: `./taproom reset` first."""


def main() -> None:
    """Write every page."""
    for name, text in pages().items():
        path = settings.repo() / "docs" / name
        path.parent.mkdir(parents=True, exist_ok=True)
        path.write_text(text, encoding="utf-8")
        print(f"docs/{name}")
    for name, text in example_pages().items():
        (settings.repo() / name).write_text(text, encoding="utf-8")
        print(name)


def pages() -> dict[str, str]:
    """File name below docs/ -> text. Parses the dbt project."""
    models = manifest.models()
    return {
        "tables.md": dictionary.page(models),
        **dictionary.pictures(models),
        "exercises.md": exercise_list(),
        "sources/README.md": source_list(),
        **{f"sources/{name}.md": source(name) for name in contracts.SOURCES},
    }


UPDATES = {
    "append": "each row once",
    "mutable": "a row again when it changed",
    "history": "each version with start and end",
    "cdc": "a row again when it changed, from the change log",
    "restating": "recent days again with new figures",
}


def source_list() -> str:
    """Every source system with its tables and how each is delivered."""
    lines = [
        "# Sources",
        WRITTEN.format("src/taproom/contracts/"),
        "What each of Tapwise's systems delivers, table by table. A table lands as Parquet in "
        "`data/landing/<source>/<table>/` and is loaded as `raw_<source>.<table>`, an append-only "
        "log of delivered row versions that also has `_arrived_at`, `_batch_id`, `_batch_seq` and "
        "`_row_no`. [The company](../world.md) says what stands behind the rows.",
    ]
    for name in contracts.SOURCES:
        found = contracts.load(name)
        lines += ["", f"## [{name}]({name}.md)", "", one_line(found.description), ""]
        lines += ["| table | a row is | key | delivered |", "|---|---|---|---|"]
        for table in found.tables.values():
            key = ", ".join(f"`{column}`" for column in table.key) or "none"
            lines.append(
                f"| `{table.name}` | {one_line(table.description)} | {key} "
                f"| {UPDATES[table.update]} |"
            )
    return "\n".join(lines) + "\n"


def source(name: str) -> str:
    """One source system: its tables with all columns."""
    found = contracts.load(name)
    lines = [
        f"# {name}",
        WRITTEN.format(f"src/taproom/contracts/{name}.yml"),
        f"{one_line(found.description)} [All sources](README.md).",
    ]
    for table in found.tables.values():
        columns = [(column.name, column_text(column)) for column in table.columns]
        lines += described(f"raw_{name}.{table.name}", table.description, columns)
    return "\n".join(lines) + "\n"


def column_text(column: contracts.Column) -> str:
    """Description of a column with its type and the dates it is delivered from and until."""
    since = f" From {column.added_on} on." if column.added_on else ""
    until = f" Until {column.removed_on}." if column.removed_on else ""
    return f"{column.postgres_type}. {column.description}{since}{until}"


def described(name: str, description: str, columns: list[tuple[str, str]]) -> list[str]:
    """One table: heading, what a row is, its columns folded away."""
    head = f"<details><summary>{len(columns)} columns</summary>"
    rows = [f"| `{column}` | {one_line(text)} |" for column, text in columns]
    return ["", f"### {name}", "", one_line(description), "",
            head, "", "| column | meaning |", "|---|---|", *rows, "", "</details>"]  # fmt: skip


def exercise_list() -> str:
    """Every exercise: what is asked, the shape of the answer, the wrong roads it recognises."""
    lines = [
        "# Exercises",
        WRITTEN.format("src/taproom/exercises/sheets/"),
        CLASSROOM,
    ]
    notebook = None
    for exercise in exercises.load().values():
        if exercise.notebook != notebook:
            notebook = exercise.notebook
            link = f"../exercises/{notebook}.ipynb"
            lines += ["", f"## [{notebook}]({link})"]
        shape = ", ".join(f"`{column.name}`" for column in exercise.columns)
        of = {"chart": "a chart that shows a ", "alert": "an alert on a "}.get(exercise.of, "a ")
        lines += ["", f"### {exercise.id} {exercise.title}", "",
                  f"Answer: {of}{exercise.kind} of {shape}.", ""]  # fmt: skip
        lines += [f"- {one_line(wrong.name)}" for wrong in exercise.misconceptions]
    return "\n".join(lines) + "\n"


def example_pages() -> dict[str, str]:
    """Path in the repository -> text of the indexes of `examples/`."""
    found = list(queries.load().values())
    pages = {"examples/README.md": queries.index(found)}
    for name in queries.FOLDERS:
        here = [query for query in found if query.path.parent.name == name]
        pages[f"examples/{name}/README.md"] = queries.folder_index(name, here)
    return pages


def one_line(text: str) -> str:
    """Text for a table cell."""
    return " ".join(text.split()).replace("|", "\\|")


if __name__ == "__main__":
    main()
