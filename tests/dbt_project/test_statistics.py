"""The tails of distributions in macros/statistics.sql against scipy.

The right-hand numbers are what scipy 1.17.1 gives (chi2.sf, t.sf, t.ppf, norm.sf, to twelve
digits); scipy itself is not part of the course.
"""

from __future__ import annotations

from collections.abc import Callable

import jinja2
import psycopg
import pytest

from taproom import settings

CHI_SQUARE = [
    (0.5, 1, 0.479500122187),
    (0.5, 2, 0.778800783071),
    (0.5, 3, 0.918891411655),
    (0.5, 4, 0.973500978839),
    (0.5, 7, 0.99944648139),
    (3.841, 1, 0.050013683764),
    (3.841, 2, 0.146533676972),
    (3.841, 3, 0.27915302626),
    (3.841, 4, 0.427951603597),
    (3.841, 7, 0.797898238302),
    (10.83, 1, 0.00099868637918),
    (10.83, 2, 0.00444933781275),
    (10.83, 3, 0.0126815597725),
    (10.83, 4, 0.0285425020688),
    (10.83, 7, 0.146208157331),
    (30.0, 1, 4.32046305783e-08),
    (30.0, 2, 3.05902320502e-07),
    (30.0, 3, 1.38005703129e-06),
    (30.0, 4, 4.89443712803e-06),
    (30.0, 7, 9.49597250813e-05),
]
NORMAL = [
    (0, 1.0),
    (0.1, 0.920344325446),
    (1, 0.317310507863),
    (-1.959963985, 0.0499999999462),
    (3.3, 0.000966848284768),
    (6, 1.97317529008e-09),
    (-12, 3.55296422416e-33),
    (30, 9.8134278543e-198),
]
STUDENT = [
    (0.3, 8, 0.771824481682),
    (-0.3, 20, 0.767273003244),
    (0.3, 57.3, 0.765262816601),
    (1.5, 8, 0.172003291952),
    (1.5, 20, 0.149235771169),
    (-1.5, 400, 0.134403257012),
    (2.2, 8, 0.0589939079158),
    (2.2, 57.3, 0.0318542573873),
    (2.2, 400, 0.0283781200898),
    (4.0, 8, 0.00394977280345),
    (4.0, 20, 0.000703523293128),
    (4.0, 400, 7.54606726597e-05),
]
QUANTILES = [
    (8, 2.306004135),
    (20, 2.085963447),
    (57.3, 2.002238268),
    (400, 1.965912343),
]


@pytest.fixture(scope="module")
def value(owner_dsn: str) -> Callable[..., float]:
    """What a macro of the file gives for its arguments, asked of the database."""
    text = (settings.repo() / "dbt" / "macros" / "statistics.sql").read_text()
    macros = jinja2.Environment(extensions=["jinja2.ext.do"]).from_string(text).module

    def ask(name: str, *arguments) -> float:
        with psycopg.connect(owner_dsn) as connection:
            return float(
                connection.execute(f"select {getattr(macros, name)(*arguments)}").fetchone()[0]
            )

    return ask


@pytest.mark.parametrize(("x", "df", "expected"), CHI_SQUARE)
def test_chi_square(value, x, df, expected):
    assert value("chi_square_p", str(x), df) == pytest.approx(expected, rel=1e-6)


@pytest.mark.parametrize(("z", "expected"), NORMAL)
def test_normal(value, z, expected):
    assert value("normal_two_sided_p", f"({z})") == pytest.approx(expected, rel=1e-6)
    one_sided = 1 - expected / 2 if z >= 0 else expected / 2
    assert value("normal_cdf", f"({z})") == pytest.approx(one_sided, rel=1e-6)


def test_a_tail_beyond_all_numbers_is_no_error(value):
    assert value("normal_two_sided_p", "(1e9)") < 1e-290
    assert value("chi_square_p", "1e9", 1) < 1e-250


@pytest.mark.parametrize(("t", "df", "expected"), STUDENT)
def test_student(value, t, df, expected):
    assert value("student_two_sided_p", f"({t})", str(df)) == pytest.approx(expected, abs=1e-3)


def test_student_counts_whole_degrees_of_freedom_as_numbers(value):
    """A bigint of degrees divides like a number, not like an integer."""
    assert value("student_two_sided_p", "2.2", "57::bigint") < 0.05


@pytest.mark.parametrize(("df", "expected"), QUANTILES)
def test_student_quantile(value, df, expected):
    assert value("student_quantile_975", str(df)) == pytest.approx(expected, abs=2e-3)


def test_variance_and_covariance(value):
    # of 1, 2, 4 and of (1, 2), (2, 2), (4, 8)
    assert value("sample_variance", "3", "7", "21") == pytest.approx(7 / 3)
    assert value("sample_covariance", "3", "7", "12", "38") == pytest.approx(5.0)


def test_the_mixture_ratio_is_one_over_the_sequential_p_value(value):
    """Against the formula written out: sqrt(v / (v + t)) exp(t d^2 / (2 v (v + t)))."""
    assert value("mixture_ratio", "0.3", "0.01", "0.01") == pytest.approx(6.708842, rel=1e-6)
    assert value("mixture_ratio", "0", "0.01", "0.03") == pytest.approx(0.5)
