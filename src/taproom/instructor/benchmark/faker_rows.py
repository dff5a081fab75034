"""Run by the benchmark's own Python: N customer rows, one call of Faker a field, into a CSV.

The usual way to make test data. Usage: python faker_rows.py N FILE
"""

import csv
import sys
from datetime import UTC, datetime
from pathlib import Path

from faker import Faker


def main(rows: int, path: Path) -> None:
    """Fifteen fields a row, like a customer of the simulated company."""
    Faker.seed(42)
    fake = Faker()
    start, end = datetime(2024, 1, 1, tzinfo=UTC), datetime(2026, 1, 1, tzinfo=UTC)
    with path.open("w", newline="", encoding="utf-8") as file:
        out = csv.writer(file)
        for number in range(rows):
            out.writerow(
                [
                    number,
                    fake.uuid4(),
                    fake.company(),
                    fake.name(),
                    fake.email(),
                    fake.phone_number(),
                    fake.street_address(),
                    fake.city(),
                    fake.postcode(),
                    fake.country_code(),
                    fake.currency_code(),
                    fake.random_element(("starter", "growth", "pro", "enterprise")),
                    fake.random_element(("trial", "active", "past_due", "paused", "churned")),
                    fake.pydecimal(left_digits=4, right_digits=2, positive=True),
                    fake.date_time_between(start, end).isoformat(),
                ]
            )


if __name__ == "__main__":
    main(int(sys.argv[1]), Path(sys.argv[2]))
