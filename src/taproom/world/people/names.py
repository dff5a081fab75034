"""Names, addresses, e-mail and telephone numbers, from the word tables in words.py.

Every choice is a keyed draw, so a company, venue or person keeps its name in every source that
shows it. All e-mail domains end in .example, which can never be registered; telephone numbers
use ranges kept for fiction where a country has one. Columns are pyarrow string arrays.
"""

from __future__ import annotations

import re
import unicodedata
from dataclasses import dataclass
from functools import cache, cached_property

import numpy as np
import pyarrow as pa
import pyarrow.compute as pc

from taproom.world.around.places import CITIES, CITY_CODE, DIAL, LAT, LON
from taproom.world.around.places import CITY_NAME as CITY_NAME
from taproom.world.around.places import CITY_REGION as CITY_REGION
from taproom.world.around.places import CITY_TIMEZONE as CITY_TIMEZONE
from taproom.world.around.places import home_city as home_city
from taproom.world.around.places import venue_city as venue_city
from taproom.world.draws import keys
from taproom.world.facts import COUNTRIES, SEGMENTS, VENUE_TYPES
from taproom.world.people.population import TEST
from taproom.world.people.words import (
    ADJECTIVES,
    DISTRICTS,
    GIVEN,
    KINDS,
    LEGAL,
    NOUNS,
    STREETS,
    SURNAMES,
    phrases,
)

# Language of a country's names: English, German, French, Dutch, Japanese.
_LANGUAGE = np.array([0, 0, 1, 0, 0, 2, 3, 0, 4])
_LANGUAGES = 5
FREE_MAIL = ("mailhaven.example", "postbox.example", "inboxly.example")
TAPWISE = "tapwise.example"
LOCALES = ("en-US", "en-GB", "de-DE", "en-CA", "en-AU", "fr-FR", "nl-NL", "en-IE", "ja-JP")
_UMLAUTS = str.maketrans(
    {"ä": "ae", "ö": "oe", "ü": "ue", "ß": "ss", "Ä": "Ae", "Ö": "Oe", "Ü": "Ue"}
)


def ascii_text(text: str) -> str:
    """Letters without accents, German umlauts written out."""
    plain = unicodedata.normalize("NFKD", text.translate(_UMLAUTS))
    return plain.encode("ascii", "ignore").decode()


def slug_of(text: str) -> str:
    """Lower-case ASCII letters and digits, words joined by hyphens."""
    return re.sub(r"[^a-z0-9]+", "-", ascii_text(text).lower().replace("'", "")).strip("-")


class Ragged:
    """Lists of texts of different lengths, drawn from by (list, key, lane)."""

    def __init__(self, lists):
        self.start = np.concatenate([[0], np.cumsum([len(x) for x in lists])[:-1]])
        self.size = np.array([len(x) for x in lists])
        self.text = pa.array([t for x in lists for t in x])

    def index(self, which, key, lane: int) -> np.ndarray:
        return self.start[which] + keys.below(key, lane, self.size[which])

    @cached_property
    def slugs(self) -> pa.StringArray:
        return pa.array([slug_of(t) for t in self.text.to_pylist()])

    def draw(self, which, key, lane: int) -> pa.StringArray:
        return self.text.take(pa.array(self.index(which, key, lane)))


_GIVEN_R, _SURNAME_R = Ragged(GIVEN), Ragged(SURNAMES)
_GIVEN_ASCII = pa.array([ascii_text(t).lower() for t in _GIVEN_R.text.to_pylist()])
_SURNAME_ASCII = pa.array([ascii_text(t).lower() for t in _SURNAME_R.text.to_pylist()])
_DISTRICT_R, _STREET_R, _LEGAL_R = Ragged(DISTRICTS), Ragged(STREETS), Ragged(LEGAL)
_KIND_R = Ragged([phrases(k) for language in KINDS for k in language])


@cache
def _stems() -> Ragged:
    """The first part of venue names by language: animals, things, families."""
    lists = []
    for language in range(_LANGUAGES):
        adjectives, nouns = ADJECTIVES[language], NOUNS[language]
        families = SURNAMES[language]
        if language == 0:
            stems = [f"The {a} {n}" for a in adjectives for n in nouns]
            stems += [f"{a} {n}" for a in adjectives for n in nouns]
            stems += [f"{a} & {b}" for a in nouns for b in nouns if a != b]
            stems += [f"{f}'s" for f in families for _ in range(6)]
            stems += [f"{f} & {g}" for f in families for g in families[::9] if f != g]
        elif language == 1:
            stems = [f"Zum {a[:-1]}n {n}" for a in adjectives for n in nouns]
            stems += [f"{n} & {m}" for n in nouns for m in nouns if n != m]
            stems += [f for f in families for _ in range(6)]
        elif language == 2:
            stems = [f"Le {n} {a}" for a in adjectives for n in nouns]
            stems += [f"Chez {g}" for g in GIVEN[2] for _ in range(3)]
            stems += [f for f in families for _ in range(3)]
        elif language == 3:
            stems = [f"De {a} {n}" for a in adjectives for n in nouns]
            stems += [f"Bij {g}" for g in GIVEN[3] for _ in range(3)]
            stems += [f for f in families for _ in range(2)]
        else:
            stems = [f"{a}{n.lower()}" for a in adjectives for n in nouns]
            stems += [f for f in families for _ in range(3)]
        lists.append(stems)
    return Ragged(lists)


def take(texts, index) -> pa.StringArray:
    """Texts by position: a list, tuple or Arrow array of texts, positions of any integer type."""
    texts = texts if isinstance(texts, pa.Array) else pa.array(list(texts))
    return texts.take(pa.array(np.asarray(index, dtype=np.int64)))


def glue(*parts, sep: str = "") -> pa.StringArray:
    """Concatenate columns and constants element by element; null if any part is null."""
    return pc.binary_join_element_wise(*parts, sep)


def where(mask, yes, no) -> pa.StringArray:
    """Choose texts by a boolean array; `yes` and `no` are arrays or constants, None is null."""

    def text(x):
        return x if isinstance(x, pa.Array) else pa.scalar(x, pa.string())

    return pc.if_else(pa.array(np.asarray(mask, dtype=bool)), text(yes), text(no))


def fill(templates, index, key) -> pa.StringArray:
    """Templates by position with each # made a digit and each @ a letter, drawn from the key.

    The j-th placeholder of a row gets the same digit in every template, so that one telephone
    number can be written in several ways.
    """
    index = np.asarray(index, dtype=np.int64)
    if not len(index):
        return pa.array([], pa.string())
    raw = [t.encode() for t in templates]
    width = max(len(t) for t in raw)
    table = np.zeros((len(raw), width), dtype=np.uint8)
    ordinal = np.zeros((len(raw), width), dtype=np.int64)
    for i, t in enumerate(raw):
        table[i, : len(t)] = np.frombuffer(t, np.uint8)
        ordinal[i, : len(t)] = np.cumsum([c in b"#@" for c in t]) - 1
    cells = table[index]
    place = ordinal[index]
    letters = np.frombuffer(b"ABDEFGHJKLNPRSTUWXYZ", np.uint8)
    for column in range(width):
        c = cells[:, column]
        open_ = (c == ord("#")) | (c == ord("@"))
        if open_.any():
            rows = np.flatnonzero(open_)
            with np.errstate(over="ignore"):
                draw = keys.mix(key[rows] + (place[rows, column] + 7).astype(np.uint64) * keys.G)
            digit = (draw % np.uint64(10)).astype(np.uint8) + np.uint8(ord("0"))
            letter = letters[(draw % np.uint64(len(letters))).astype(np.int64)]
            cells[rows, column] = np.where(c[rows] == ord("#"), digit, letter)
    return pc.cast(pa.array(np.ascontiguousarray(cells).view(f"S{width}").ravel()), pa.string())


# --- accounts ----------------------------------------------------------------------------------
@dataclass(frozen=True)
class TestSigns:
    """By which signs a test account can be told; at least one of the first three is set."""

    __test__ = False
    flag: np.ndarray
    name: np.ndarray
    email: np.ndarray
    not_live: np.ndarray


def test_signs(key, cls, mess: str = "default") -> TestSigns:
    """Signs of the accounts of class TEST (false for all others)."""
    test = np.asarray(cls) == TEST
    flag = test & (keys.chance(key, 30, 0.55) | (mess == "none"))
    email = test & keys.chance(key, 31, 0.5)
    name = test & (keys.chance(key, 32, 0.55) | ~(flag | email))
    return TestSigns(flag, name, email, test & keys.chance(key, 33, 0.85))


test_signs.__test__ = False


@dataclass(frozen=True)
class Companies:
    """Names of businesses and the same in lower-case ASCII, words joined by hyphens."""

    name: pa.StringArray
    slug: pa.StringArray


def companies(key, country, venue_type, cls) -> Companies:
    """Each account's business; test accounts may be called TEST, Demo or Tapwise."""
    language = _LANGUAGE[country]
    stems = _stems()
    stem = pa.array(stems.index(language, key, 22))
    kind = pa.array(_KIND_R.index(language * len(VENUE_TYPES) + venue_type, key, 23))
    plain = keys.chance(key, 24, 0.35)
    before = (language == 1) | (language == 2)  # Gasthaus Adler, but Amber Fox Taproom
    test = test_signs(key, cls)
    what = keys.below(key, 34, 6)
    out = []
    for slugged in (False, True):
        sep = "-" if slugged else " "
        first = (stems.slugs if slugged else stems.text).take(stem)
        second = (_KIND_R.slugs if slugged else _KIND_R.text).take(kind)
        both = where(before, glue(second, first, sep=sep), glue(first, second, sep=sep))
        text = where(plain, first, both)
        if test.name.any():
            made_up, rest = _TEST_NAMES if not slugged else _TEST_SLUGS
            tail = where(what < 4, text, take(rest, keys.below(key, 35, len(rest))))
            text = where(test.name, glue(take(made_up, what), tail, sep=sep), text)
        out.append(text)
    return Companies(*out)


_TEST_NAMES = (
    ("TEST", "TEST", "Demo", "Demo", "Tapwise", "Tapwise"),
    ("Internal", "Sandbox", "Training", "Partner Demo", "QA"),
)
_TEST_SLUGS = tuple(tuple(slug_of(t) for t in words) for words in _TEST_NAMES)


def company(key, country, venue_type, cls) -> pa.StringArray:
    """Names of the accounts' businesses, as in `companies`."""
    return companies(key, country, venue_type, cls).name


def legal(key, country, names: pa.StringArray) -> pa.StringArray:
    """Registered name: the business and a legal form, or a holding named after a family."""
    form = _LEGAL_R.draw(country, key, 25)
    family = _SURNAME_R.draw(_LANGUAGE[country], key, 26)
    holding = keys.chance(key, 27, 0.25)
    return where(holding, glue(family, form, sep=" "), glue(names, form, sep=" "))


def domain(key, city, names: pa.StringArray, by_email, slugs=None) -> pa.StringArray:
    """E-mail domain of each account, from the name (or slug) of its business; `by_email`
    accounts have Tapwise's own."""
    if slugs is None:
        slugs = pa.array([slug_of(t) for t in names.to_pylist()], pa.string())
    stem = pc.replace_substring_regex(slugs, "^the-", "")
    run = keys.below(key, 28, 3)
    joined = where(run == 0, stem, pc.replace_substring(stem, "-", ""))
    year = pc.cast(pa.array(1884 + keys.below(key, 29, 139)), pa.string())
    code = take(CITY_CODE, city)
    own = where(run == 1, glue(joined, year), glue(joined, code, sep="-"))
    return where(by_email, TAPWISE, glue(own, ".example"))


def group_type(venue_type, n_loc) -> pa.StringArray:
    """The kind of business as chosen at sign-up, such as single_bar or bar_group."""
    single = take([f"single_{v}" for v in VENUE_TYPES], venue_type)
    group = take([f"{v}_group" for v in VENUE_TYPES], venue_type)
    chain = take([f"{v}_chain" for v in VENUE_TYPES], venue_type)
    n_loc = np.asarray(n_loc)
    return where(n_loc == 1, single, where(n_loc < 10, group, chain))


assert SEGMENTS == ("solo", "group", "chain")  # group_type follows the same bounds


# --- venues ------------------------------------------------------------------------------------
def venue(key, country, n, company_name: pa.StringArray) -> pa.StringArray:
    """Name of a venue: the business itself, then the business and a district."""
    district = _DISTRICT_R.draw(_LANGUAGE[country], key, 22)
    return where(np.asarray(n) == 0, company_name, glue(company_name, district, sep=" "))


def street(key, country) -> pa.StringArray:
    """Street and number in the order of the country."""
    language = _LANGUAGE[country]
    name = _STREET_R.draw(language, key, 23)
    number = pc.cast(pa.array(1 + keys.below(key, 24, 240)), pa.string())
    after = (language == 1) | (language == 3)
    return where(after, glue(name, number, sep=" "), glue(number, name, sep=" "))


def postal(key, city) -> pa.StringArray:
    """Postal code of a venue in the form and range of its city."""
    return fill([c.postal for c in CITIES], city, keys.lane(key, 25))


def position(key, city) -> tuple[np.ndarray, np.ndarray]:
    """Latitude and longitude within some kilometres of the city, five decimals."""

    def near(lane):
        return keys.below(key, lane, 12_001) / 100_000 - 0.06

    return np.round(LAT[city] + near(26), 5), np.round(LON[city] + near(27), 5)


# --- people ------------------------------------------------------------------------------------
@dataclass(frozen=True)
class People:
    """Given and family names of people, as positions in the word tables."""

    given: np.ndarray
    family: np.ndarray

    @property
    def full_name(self) -> pa.StringArray:
        return glue(take(_GIVEN_R.text, self.given), take(_SURNAME_R.text, self.family), sep=" ")


def people(key, country) -> People:
    """People of a country; one in seven has a given and a family name of another language."""
    own = _LANGUAGE[country]
    moved = keys.chance(key, 20, 0.14)
    language = np.where(moved, keys.below(key, 21, _LANGUAGES), own)
    family = np.where(keys.chance(key, 22, 0.06), own, language)
    return People(_GIVEN_R.index(language, key, 23), _SURNAME_R.index(family, key, 24))


def email(key, who: People, domains: pa.StringArray, solo) -> pa.StringArray:
    """E-mail address as its owner means it: the company's domain, for some owners free mail."""
    given, family = take(_GIVEN_ASCII, who.given), take(_SURNAME_ASCII, who.family)
    initial = pc.utf8_slice_codeunits(given, 0, 1)
    form = keys.choose(key, 25, np.cumsum([0.5, 0.2, 0.2, 0.1]))
    local = where(
        form == 0,
        glue(given, family, sep="."),
        where(
            form == 1, glue(initial, family), where(form == 2, given, glue(given, family, sep="_"))
        ),
    )
    number = pc.cast(pa.array(keys.below(key, 29, 90) + 10), pa.string())
    private = glue(glue(given, family, sep="."), number)
    own = ~pc.equal(domains, TAPWISE).to_numpy(zero_copy_only=False)
    free = np.asarray(solo, dtype=bool) & own & keys.chance(key, 26, 0.15)
    mail = take(FREE_MAIL, keys.below(key, 27, len(FREE_MAIL)))
    return where(free, glue(private, mail, sep="@"), glue(local, domains, sep="@"))


# Ways to write a telephone number, by country: first the international one.
_STYLES = {
    "US": ("+1{d}", "({a:3}) {b:3}-{c}", "{a:3}-{b:3}-{c}", "{a:3}.{b:3}.{c}", "1 {a:3} {b:3} {c}"),
    "GB": ("+44{d}", "0{a:3} {b:3} {c}", "+44 (0){a:3} {b:3} {c}", "0{d}"),
    "DE": ("+49{d}", "0{a:3} {b:3}{c}", "+49 {a:3} {b:3} {c}", "0{a:3}/{b:3}{c}"),
    "FR": ("+33{d}", "0{a:1} {b:2} {e:2} {f:2} {c}", "0{d}", "+33 {a:1} {b:2} {e:2} {f:2} {c}"),
    "JP": ("+81{d}", "0{a:2}-{b:3}-{c}", "0{d}"),
}
_STYLE_OF = {"CA": "US", "AU": "GB", "NL": "GB", "IE": "GB"}
STYLES = 4


@cache
def _phone_templates() -> tuple[str, ...]:
    """STYLES templates for each city; number digits are cut in order into the style's fields."""
    out = []
    for city in CITIES:
        styles = _STYLES[_STYLE_OF.get(city.country, city.country)]
        dial = DIAL[COUNTRIES.index(city.country)]
        own = DIAL[COUNTRIES.index(_STYLE_OF.get(city.country, city.country))]
        for style in (styles * STYLES)[:STYLES]:
            text, digits = "", city.phone
            for piece in style.replace(f"+{own}", f"+{dial}").replace("{", "\n{").split("\n"):
                if not piece.startswith("{"):
                    text += piece
                    continue
                field, _, tail = piece[1:].partition("}")
                width = int(field.split(":")[1]) if ":" in field else len(digits)
                text += digits[:width] + tail
                digits = digits[width:]
            out.append(text)
    return tuple(out)


def phone(key, city, style) -> pa.StringArray:
    """Telephone number of a key in a city; style 0 is international, 1 to 3 as people type."""
    index = np.asarray(city) * STYLES + np.asarray(style)
    return fill(_phone_templates(), index, keys.lane(key, 28))
