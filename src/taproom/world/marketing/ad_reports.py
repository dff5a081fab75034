"""What the advertising platforms report: showings, clicks, cost and the conversions they claim,
by line and day, and how these figures change in the 30 days after.

The money of a month is finance's budget to the cent, dealt out to lines and days by what was
clicked and shown. The clicks of prospects' touches are counted in their lines; others come on
top. A conversion is claimed by every platform one of whose ads was clicked in the 30 days
before it, on the day of the last such click: so the same conversion is claimed several times.
"""

from __future__ import annotations

from dataclasses import dataclass
from functools import lru_cache

import numpy as np

from taproom.world import clock
from taproom.world.around import spending
from taproom.world.clock import DAY, HOUR, SECOND
from taproom.world.draws import keys
from taproom.world.draws.arrays import ordinal
from taproom.world.marketing import campaigns, paths
from taproom.world.marketing.campaigns import Platform

RUN = 8 * HOUR  # the connectors' daily run, UTC
CLAIM_DAYS = 30  # the longest window of a platform
_LAG = 3 * HOUR  # until a platform knows of a conversion
LEAD, SIGN_UP = 0, 1
VALUE = np.array([40, 250])  # dollars a conversion is said to be worth

# A conversion as a platform counts it. line: position in Report.lines. run: day of the first
# connector run that sees it. view: the ad was seen, not clicked.
CLAIM = np.dtype([("line", "i8"), ("run", "i8"), ("kind", "i1"), ("view", "?")])

# A line's figures at one run. money: in units of the report.
VERSION = np.dtype(
    [
        ("line", "i8"),
        ("run", "i8"),
        ("money", "i8"),
        ("shown", "i8"),
        ("clicks", "i8"),
        ("leads", "i8"),
        ("sign_ups", "i8"),
        ("views", "i8"),
        ("moved", "?"),  # other than the last version in money, showings or clicks
    ]
)

# A line: a cell on a day.
LINE = np.dtype(
    [
        *campaigns.CELL.descr,
        ("day", "i8"),
        ("split", "?"),
        ("campaign", "i4"),
        ("money", "i8"),
        ("shown", "i8"),
        ("clicks", "i8"),
        ("key", "u8"),
    ]
)

#: Units of money a dollar has in a platform's report.
UNITS = {"google_ads": 1_000_000, "facebook_ads": 100, "linkedin_ads": 10_000}
#: Conversions a platform claims that nobody else knows of, for one click.
MODELLED = {"google_ads": 0.026, "facebook_ads": 0.012, "linkedin_ads": 0.010}


@dataclass(frozen=True)
class Report:
    """One platform's month: its final lines, the claims, and every version delivered."""

    lines: np.ndarray
    claims: np.ndarray
    versions: np.ndarray


# --- touches -----------------------------------------------------------------------------------
def _own(platform: Platform, t: np.ndarray) -> np.ndarray:
    return (t["theme"] >= platform.themes[0]) & (t["theme"] <= platform.themes[-1])


def _clicks(seed, paying, platform: Platform, month: int) -> np.ndarray:
    """Clicked touches of a platform on the dates of a month."""
    found = []
    for block in paths.blocks(paying, month, month):
        t = paths.ended(seed, paying, block)[1]
        t = t[_own(platform, t) & t["click"]]
        found.append(t[clock.month_of(platform.today(t["at"])) == month])
    return np.concatenate(found)


def _claimed(seed, paying, platform: Platform, month: int):
    """(touch, kind, view, instant) of the conversions claimed by touches of a month's dates."""
    out = []
    for block in paths.blocks(paying, month, month):
        p, t = paths.ended(seed, paying, block)
        t = t[_own(platform, t)]
        where = np.searchsorted(p["n"], t["n"])
        place = (where << 32) + (t["at"] - clock.FOUNDED * DAY) // SECOND + (1 << 28)
        for kind, at in ((LEAD, p["lead_at"]), (SIGN_UP, p["signup"])):
            row = np.flatnonzero(at >= 0)
            goal = (row << 32) + (at[row] - clock.FOUNDED * DAY) // SECOND + (1 << 28)
            for view, within in ((False, platform.claim_days * DAY), (True, DAY)):
                if view and platform.name != "facebook_ads":
                    continue
                some = np.flatnonzero(t["click"] != view)
                i = np.searchsorted(place[some], goal, side="left") - 1
                good = i >= 0
                i, r = some[i[good]], row[good]
                near = (where[i] == r) & (at[r] - t["at"][i] <= within)
                here = clock.month_of(platform.today(t["at"][i])) == month
                keep = near & here
                n = int(keep.sum())
                out.append((t[i[keep]], np.full(n, kind), np.full(n, view), at[r[keep]]))
    return tuple(np.concatenate(x) for x in zip(*out, strict=True))


# --- a month -----------------------------------------------------------------------------------
@lru_cache(maxsize=48)
def report(seed: int, paying: int, platform: Platform, month: int) -> Report:
    """The report of the dates of a month (since 1970-01)."""
    lines, first = _blank(platform, paying, month)
    k = keys.key(
        keys.stream_key(seed, f"{platform.name} lines"),
        ad_number(platform, lines) * 16 + lines["slot"],
        lines["day"],
    )
    lines["key"] = k
    t = _clicks(seed, paying, platform, month)
    known = np.bincount(_line_of(platform, paying, first, t), minlength=len(lines))
    _fill(seed, paying, platform, month, lines, known)
    claims = _claims(seed, paying, platform, month, lines, first)
    return Report(lines, claims, _versions(platform, lines, claims))


def ad_number(platform: Platform, lines: np.ndarray) -> np.ndarray:
    """Platform's number of the ad of each line."""
    area, made = _flight(platform, lines)
    inner = lines["area"] if platform.name != "google_ads" else area
    return campaigns.ad_id(
        platform, lines["campaign"], inner, made, lines["group"], lines["ad"].astype(np.int64)
    )


def _flight(platform: Platform, lines) -> tuple[np.ndarray, np.ndarray]:
    made = (platform.name == "google_ads") & (lines["day"] >= clock.DRIFT_GOOGLE_RESTRUCTURE)
    area = np.where(made, lines["area"], -1)
    return area, made.astype(np.int64)


def campaign_number(platform: Platform, lines: np.ndarray) -> np.ndarray:
    """Platform's number of the campaign of each line."""
    area, made = _flight(platform, lines)
    return campaigns.campaign_id(platform, lines["campaign"], area, made)


def group_number(platform: Platform, lines: np.ndarray) -> np.ndarray:
    """Platform's number of the ad group or ad set of each line."""
    area, made = _flight(platform, lines)
    inner = lines["area"] if platform.name != "google_ads" else area
    return campaigns.group_id(
        platform, lines["campaign"], inner, made, lines["group"].astype(np.int64)
    )


def _blank(platform: Platform, paying: int, month: int):
    """Lines of a month with nothing in them, day by day; and the first line of each day."""
    lo, hi = int(clock.month_start(month)), int(clock.month_start(month + 1))
    parts, first, n = [], {}, 0
    for day in range(lo, hi):
        split = platform.areas(paying, day)
        c = campaigns.cells(platform, paying, split)
        part = np.zeros(len(c), LINE)
        for name in c.dtype.names:
            part[name] = c[name]
        part["day"], part["split"] = day, len(split) > 1
        quarter = month // 3 - int(clock.month_of(clock.FOUNDED)) // 3
        part["campaign"] = quarter * len(campaigns.THEMES) + c["theme"].astype(np.int64)
        first[day] = (n, split)
        n += len(c)
        parts.append(part)
    return np.concatenate(parts), first


def _line_of(platform: Platform, paying: int, first: dict, t: np.ndarray) -> np.ndarray:
    """Line of each touch, by its date, theme, country and key."""
    day = platform.today(t["at"])
    out = np.zeros(len(t), dtype=np.int64)
    for split in {s for _, s in first.values()}:
        days = np.array(sorted(d for d, (_, s) in first.items() if s == split))
        start = np.array([first[d][0] for d in days])
        i = np.flatnonzero(np.isin(day, days))
        inside = campaigns.cell_of(
            platform, paying, split, t["theme"][i], t["country"][i], t["key"][i]
        )
        out[i] = start[np.searchsorted(days, day[i])] + inside
    return out


def _fill(seed, paying, platform: Platform, month: int, lines, known) -> None:
    """Clicks, showings and money of the lines."""
    k, day = lines["key"], lines["day"]
    cents = spending.budgets(seed, paying, month)[platform.vendor]
    total = cents * (UNITS[platform.name] // 100)
    theme = lines["theme"] - platform.themes[0]
    weekend = (day + 3) % 7 >= 5
    busy = np.where(weekend, platform.weekend, 1.0) * keys.exp(0.30 * keys.normal(k, 0))
    weight = lines["share"] * busy
    shares = platform.theme_shares(int(day[0]))
    rate, cost = np.array(platform.click_rate), np.array(platform.click_cost)
    expected = total * shares / UNITS[platform.name] / cost
    per_theme = np.bincount(theme, weight, len(shares))
    here = np.bincount(theme, known, len(shares))
    mean = weight / per_theme[theme] * expected[theme]
    others = mean * np.maximum(1.0 - here / expected, 0.2)[theme]
    lines["clicks"] = known + counts(k, 1, others)
    lines["shown"] = lines["clicks"] + counts(k, 2, mean * (1.0 / rate[theme] - 1.0))
    noise = keys.exp(0.22 * keys.normal(k, 3))
    paid = lines["clicks"] * noise if platform.per_click else (lines["shown"] * noise)
    edges = np.rint(np.cumsum(shares) / shares.sum() * total).astype(np.int64)
    for n, units in enumerate(np.diff(edges, prepend=0)):
        mine = np.flatnonzero(theme == n)
        if not paid[mine].any():  # a theme nobody clicked in a month: one click takes the money
            top = mine[np.argmax(weight[mine])]
            lines["clicks"][top] += 1
            lines["shown"][top] += 1
            paid[top] = 1.0
        lines["money"][mine] = dealt(int(units), paid[mine])


def dealt(units: int, weight: np.ndarray) -> np.ndarray:
    """Whole units dealt out by weight; they add up to `units`, no weight gets none."""
    edge = np.rint(np.cumsum(weight) / weight.sum() * units).astype(np.int64)
    return np.diff(edge, prepend=0)


def counts(k, lane: int, mean) -> np.ndarray:
    """Poisson counts; above a mean of 12 a rounded normal, which is near enough."""
    mean = np.asarray(mean, dtype=np.float64)
    out = np.rint(mean + np.sqrt(mean) * keys.normal(k, lane)).astype(np.int64)
    few = np.flatnonzero(mean <= 12.0)
    out[few] = keys.poisson(k[few], lane, mean[few], 30)
    return np.maximum(out, 0)


def _claims(seed, paying, platform: Platform, month: int, lines, first) -> np.ndarray:
    t, kind, view, at = _claimed(seed, paying, platform, month)
    line = _line_of(platform, paying, first, t)
    k = lines["key"]
    more = keys.poisson(k, 5, lines["clicks"] * MODELLED[platform.name], 12)
    extra = np.repeat(np.arange(len(lines)), more)
    ek = keys.key(k[extra], ordinal(more) + 100)
    hours = np.minimum(keys.exponential(ek, 0) * 60.0, platform.claim_days * 24.0).astype(np.int64)
    there = platform.midnight(lines["day"][extra]) + 12 * HOUR + hours * HOUR
    out = np.zeros(len(t) + len(extra), CLAIM)
    out["line"] = np.concatenate([line, extra])
    out["kind"] = np.concatenate([kind, keys.chance(ek, 1, 0.2)])
    out["view"] = np.concatenate([view, np.zeros(len(extra), dtype=bool)])
    known = np.concatenate([at, there]) + _LAG
    day = lines["day"][out["line"]]
    run = -(-(known - RUN) // DAY)
    out["run"] = np.clip(run, day + 1, day + CLAIM_DAYS + 1)
    return out[np.lexsort((out["kind"], out["run"], out["line"]))]


def _versions(platform: Platform, lines, claims) -> np.ndarray:
    """Every state of a line that a run delivers: the first, and whatever changed later.

    Google takes back clicks it finds invalid within two days; Meta and LinkedIn find some
    showings late. Claims are added as they become known.
    """
    k, n = lines["key"], len(lines)
    if platform.per_click:
        off = [keys.poisson(k, 20 + i, lines["clicks"] * r, 6) for i, r in ((0, 0.02), (1, 0.01))]
        each = lines["money"] // np.maximum(lines["clicks"], 1)
        clicks = [o * 1 for o in off]
        money, shown = [o * each for o in off], [o * 1 for o in off]
    else:
        late = [np.where(keys.chance(k, 20 + i, s), keys.below(k, 22 + i, 40) + 5, 0) for i, s in
                ((0, 0.22), (1, 0.10))]  # in thousandths  # fmt: skip
        money, shown, clicks = (
            [-(lines[c] * x // 1000) for x in late] for c in ("money", "shown", "clicks")
        )
    runs = [lines["day"] + 1 + i for i in range(3)]
    changed = [
        np.ones(n, dtype=bool),
        (money[0] != 0) | (shown[0] != 0) | (clicks[0] != 0),
        (money[1] != 0) | (shown[1] != 0) | (clicks[1] != 0),
    ]
    code = [np.flatnonzero(c) * (1 << 20) + r[c] for c, r in zip(changed, runs, strict=True)]
    code.append(claims["line"] * (1 << 20) + claims["run"])
    line, run = np.divmod(np.unique(np.concatenate(code)), 1 << 20)
    out = np.zeros(len(line), VERSION)
    out["line"], out["run"] = line, run
    age = run - lines["day"][line]
    for name, moved in (("money", money), ("shown", shown), ("clicks", clicks)):
        out[name] = (
            lines[name][line]
            + np.where(age <= 1, moved[0][line], 0)
            + np.where(age <= 2, moved[1][line], 0)
        )
    known = claims["line"] * (1 << 20) + claims["run"]
    upto = np.searchsorted(known, line * (1 << 20) + run, side="right")
    before = np.searchsorted(known, line * (1 << 20), side="left")
    for name, mine in (
        ("leads", (claims["kind"] == LEAD) & ~claims["view"]),
        ("sign_ups", (claims["kind"] == SIGN_UP) & ~claims["view"]),
        ("views", claims["view"]),
    ):
        running = np.concatenate([[0], np.cumsum(mine)])
        out[name] = running[upto] - running[before]
    out = out[(out["shown"] > 0) | (out["clicks"] > 0)]
    same = np.zeros(len(out), dtype=bool)
    same[1:] = out["line"][1:] == out["line"][:-1]
    for name in ("money", "shown", "clicks"):
        same[1:] &= out[name][1:] == out[name][:-1]
    out["moved"] = ~same
    return out


def delivered(seed, paying, platform: Platform, lo: int, hi: int, held=None):
    """(lines, versions) that arrive in [lo, hi): arrays of equal length, by run, day and line.

    Arrival is the run's instant, run * DAY + RUN. held: (days, run): what these days' runs
    failed to deliver comes with that later run.
    """
    runs = np.arange(-((RUN - lo) // DAY), -((RUN - hi) // DAY))
    none = np.zeros(0, LINE), np.zeros(0, VERSION)
    if not len(runs):
        return none
    opened = int(clock.month_of(clock.FOUNDED))
    first = max(int(clock.month_of(int(runs[0]) - CLAIM_DAYS - 1)), opened)
    found = []
    for m in range(first, int(clock.month_of(int(runs[-1]) - 1)) + 1):
        r = report(seed, paying, platform, m)
        v = r.versions if held is None else _held(r, *held)
        v = v[(v["run"] >= runs[0]) & (v["run"] <= runs[-1])]
        found.append((r.lines[v["line"]], v))
    if not found:
        return none
    lines, v = (np.concatenate(x) for x in zip(*found, strict=True))
    # Lines stand by day within a month, so a stable sort by run keeps that order.
    order = np.argsort(v["run"], kind="stable")
    return lines[order], v[order]


def _held(r: Report, days, run: int) -> np.ndarray:
    """Versions with those of some days held back until a later run, which brings the last."""
    v = r.versions.copy()
    late = np.isin(r.lines["day"][v["line"]], days) & (v["run"] < run)
    v["run"][late], v["moved"][late] = run, True
    over = np.zeros(len(v), dtype=bool)
    over[:-1] = (v["line"][1:] == v["line"][:-1]) & (v["run"][1:] == v["run"][:-1])
    return v[~over]
