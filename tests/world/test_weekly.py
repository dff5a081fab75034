"""Weekly states, asked for any account and day."""

import numpy as np
import worlds

from taproom.world import clock
from taproom.world.state import weekly


def test_a_day_has_the_state_of_its_monday():
    f = worlds.facts()
    w, weeks = f.table("week"), weekly.Weeks(f)
    for later in (0, 3, 6):
        assert np.array_equal(weeks.z(w["acct"], w["day"] + later), w["z"])
        assert np.array_equal(weeks.outage(w["acct"], w["day"] + later), w["outage"])
        assert np.array_equal(weeks.gone(w["acct"], w["day"] + later), w["gone"])
        assert np.array_equal(weeks.open_tickets(w["acct"], w["day"] + later), w["open_tickets"])
    assert (weekly.monday(w["day"] + 6) == w["day"]).all()
    assert clock.as_date(int(weekly.monday(clock.START + 3))).weekday() == 0


def test_before_the_first_monday_all_is_nothing():
    f = worlds.facts()
    weeks = weekly.Weeks(f)
    acct, first = np.unique(f.table("week")["acct"], return_index=True)
    monday = f.table("week")["day"][first]
    assert not weeks.z(acct, monday - 1).any()
    assert not weeks.open_tickets(np.array([10**6]), clock.START).any()
    grid = weeks.z(acct[:5, None], np.arange(clock.START, clock.START + 30)[None, :])
    assert grid.shape == (5, 30)


def test_alive_follows_the_newest_version_of_the_day():
    f = worlds.facts()
    v = f.table("account_version")
    for acct in np.unique(v["acct"])[::7]:
        own = v[v["acct"] == acct]
        for day in range(int(own["at"][0] // clock.DAY) - 1, clock.END, 97):
            before = own[own["at"] < (day + 1) * clock.DAY]
            expected = len(before) > 0 and before["status"][np.argmax(before["at"])] in (0, 1, 2)
            assert weekly.alive(f, acct, day) == expected
