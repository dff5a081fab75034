"""What bar owners write beside their score."""

from __future__ import annotations

import numpy as np
import pyarrow as pa

from taproom.world.people.names import Ragged

_BANDS = 3  # up to 6, 7 and 8, from 9
# By theme, then by band from unhappy to happy.
_THEMES = (
    (  # outages
        (
            "The monitors drop out on the busiest nights. That is when I need them.",
            "Half of our lines were dark last week. I pay for numbers, not for gaps.",
            "Sensors fail too often. My staff no longer trusts the counts.",
            "Third time the gateway gave up during service.",
        ),
        (
            "Good idea, but the devices could be steadier.",
            "When it runs it is fine. It does not always run.",
            "The hardware is the weak spot.",
        ),
        (
            "A few hiccups with a monitor lately, still would not want to be without it.",
            "Even with the outage last week it has paid for itself.",
        ),
    ),
    (  # open tickets
        (
            "I am still waiting for an answer to my ticket.",
            "Support is friendly, but nothing gets solved.",
            "I had to explain the same problem to three people.",
        ),
        (
            "Support could be quicker, the product is all right.",
            "Waiting for a fix, otherwise fine.",
        ),
        (
            "One open question with support, but they keep me posted.",
            "Support takes its time and then gets it right.",
        ),
    ),
    (  # price
        (
            "Too expensive for one bar. A cheaper plan without the extras would do.",
            "The price went up and nothing got better.",
            "I do not see what I get for the money.",
        ),
        (
            "Fair product, a bit dear for a small place.",
            "Would be happier with a monthly price that follows the season.",
        ),
        (
            "Worth every penny, we found out where the beer went.",
            "Not cheap, but it saves us more than it costs.",
        ),
    ),
    (  # use
        (
            "Nobody here looks at it any more.",
            "Too many menus. I want one page that tells me what was poured.",
            "Since our manager left we hardly use it.",
        ),
        (
            "Does what it says. The reports take some getting used to.",
            "Fine for the owner, less so for the people behind the bar.",
            "I would like to see it on my telephone.",
        ),
        (
            "I look at it every morning before my coffee.",
            "The waste report alone changed how we train new staff.",
            "Easy enough that the whole team uses it.",
        ),
    ),
    (  # results
        (
            "Hard to say whether it does anything for us.",
            "Pours and till still do not match.",
            "I expected less waste by now.",
        ),
        (
            "Useful in summer, not so much in winter.",
            "Good numbers, now I need the time to use them.",
        ),
        (
            "Our waste is down by half.",
            "We know now which beers to drop. I told two friends about it.",
            "Finally we order kegs by numbers and not by feeling.",
        ),
    ),
)
_RAGGED = Ragged([band for theme in _THEMES for band in theme])


def comments(score: np.ndarray, theme: np.ndarray, key: np.ndarray) -> pa.StringArray:
    """A comment that fits a score (0 to 10) and speaks of a theme."""
    band = (score > 6).astype(np.int64) + (score > 8)
    return _RAGGED.draw(theme * _BANDS + band, key, 11)
