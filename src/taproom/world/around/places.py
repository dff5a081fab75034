"""Where customers are: cities with their time zones, postal codes and telephone numbers."""

from __future__ import annotations

from dataclasses import dataclass

import numpy as np
import pyarrow as pa

from taproom.world.draws import keys
from taproom.world.facts import COUNTRIES


@dataclass(frozen=True)
class City:
    """A city; in `postal` and `phone` a # stands for a digit and a @ for a letter."""

    country: str
    name: str
    region: str
    lat: float
    lon: float
    timezone: str
    postal: str
    phone: str
    code: str


_ROWS = """
US|Austin|TX|30.267|-97.743|America/Chicago|787##|51255501##|atx
US|Portland|OR|45.515|-122.678|America/Los_Angeles|972##|50355501##|pdx
US|Denver|CO|39.739|-104.990|America/Denver|802##|30355501##|den
US|Chicago|IL|41.878|-87.630|America/Chicago|606##|31255501##|chi
US|Brooklyn|NY|40.678|-73.944|America/New_York|112##|71855501##|bk
US|Boston|MA|42.360|-71.059|America/New_York|021##|61755501##|bos
US|Asheville|NC|35.595|-82.551|America/New_York|288##|82855501##|avl
US|San Diego|CA|32.716|-117.161|America/Los_Angeles|921##|61955501##|sd
US|Seattle|WA|47.606|-122.332|America/Los_Angeles|981##|20655501##|sea
US|Milwaukee|WI|43.039|-87.906|America/Chicago|532##|41455501##|mke
US|Philadelphia|PA|39.953|-75.164|America/New_York|191##|21555501##|phl
US|Nashville|TN|36.163|-86.781|America/Chicago|372##|61555501##|nsh
US|Grand Rapids|MI|42.963|-85.668|America/Detroit|495##|61655501##|gr
US|Phoenix|AZ|33.448|-112.074|America/Phoenix|850##|60255501##|phx
US|Atlanta|GA|33.749|-84.388|America/New_York|303##|40455501##|atl
US|Minneapolis|MN|44.978|-93.265|America/Chicago|554##|61255501##|msp
US|Tampa|FL|27.951|-82.457|America/New_York|336##|81355501##|tpa
US|Burlington|VT|44.476|-73.212|America/New_York|054##|80255501##|btv
GB|London|England|51.507|-0.128|Europe/London|E# #@@|2079460###|ldn
GB|Manchester|England|53.481|-2.242|Europe/London|M# #@@|1614960###|mcr
GB|Bristol|England|51.455|-2.588|Europe/London|BS# #@@|1174960###|brs
GB|Leeds|England|53.801|-1.549|Europe/London|LS# #@@|1134960###|lds
GB|Sheffield|England|53.381|-1.470|Europe/London|S# #@@|1144960###|shf
GB|Edinburgh|Scotland|55.953|-3.188|Europe/London|EH# #@@|1314960###|edi
GB|Cardiff|Wales|51.482|-3.179|Europe/London|CF# #@@|2920180###|cdf
GB|Belfast|Northern Ireland|54.597|-5.930|Europe/London|BT# #@@|2896496###|bfs
DE|Berlin|Berlin|52.520|13.405|Europe/Berlin|10###|3023125###|bln
DE|Hamburg|Hamburg|53.551|9.994|Europe/Berlin|20###|4066969###|hh
DE|München|Bayern|48.135|11.582|Europe/Berlin|80###|8999998###|muc
DE|Köln|Nordrhein-Westfalen|50.938|6.960|Europe/Berlin|50###|2214710###|cgn
DE|Leipzig|Sachsen|51.340|12.375|Europe/Berlin|041##|3415550###|lej
DE|Bamberg|Bayern|49.899|10.902|Europe/Berlin|960##|9515550###|bam
DE|Freiburg|Baden-Württemberg|47.999|7.842|Europe/Berlin|791##|7615550###|fr
CA|Toronto|ON|43.653|-79.383|America/Toronto|M#@ #@#|41655501##|yyz
CA|Vancouver|BC|49.283|-123.121|America/Vancouver|V#@ #@#|60455501##|yvr
CA|Montréal|QC|45.502|-73.567|America/Toronto|H#@ #@#|51455501##|mtl
CA|Calgary|AB|51.045|-114.057|America/Edmonton|T#@ #@#|40355501##|yyc
CA|Halifax|NS|44.649|-63.576|America/Halifax|B#@ #@#|90255501##|yhz
AU|Melbourne|VIC|-37.814|144.963|Australia/Melbourne|30##|35550####|mel
AU|Sydney|NSW|-33.869|151.209|Australia/Sydney|20##|25550####|syd
AU|Brisbane|QLD|-27.470|153.025|Australia/Brisbane|40##|75550####|bne
AU|Perth|WA|-31.952|115.861|Australia/Perth|60##|85550####|per
AU|Adelaide|SA|-34.929|138.601|Australia/Adelaide|50##|87010####|adl
FR|Paris|Île-de-France|48.857|2.352|Europe/Paris|750##|19900####|par
FR|Lyon|Auvergne-Rhône-Alpes|45.764|4.836|Europe/Paris|690##|46571####|lys
FR|Lille|Hauts-de-France|50.629|3.057|Europe/Paris|590##|35301####|lil
FR|Nantes|Pays de la Loire|47.218|-1.554|Europe/Paris|440##|26191####|nte
FR|Strasbourg|Grand Est|48.573|7.752|Europe/Paris|670##|35301####|sxb
NL|Amsterdam|Noord-Holland|52.368|4.904|Europe/Amsterdam|10## @@|20555####|ams
NL|Utrecht|Utrecht|52.091|5.122|Europe/Amsterdam|35## @@|30555####|utr
NL|Rotterdam|Zuid-Holland|51.924|4.478|Europe/Amsterdam|30## @@|10555####|rtm
NL|Groningen|Groningen|53.219|6.567|Europe/Amsterdam|97## @@|50555####|grq
IE|Dublin|Leinster|53.350|-6.260|Europe/Dublin|D0# @#@#|1555####|dub
IE|Cork|Munster|51.898|-8.476|Europe/Dublin|T1# @#@#|21555####|ork
IE|Galway|Connacht|53.271|-9.057|Europe/Dublin|H91 @#@#|91555####|gwy
JP|Tokyo|Tokyo|35.682|139.769|Asia/Tokyo|15#-00##|35550####|tyo
JP|Osaka|Osaka|34.694|135.502|Asia/Tokyo|53#-00##|65550####|osa
JP|Sapporo|Hokkaido|43.062|141.354|Asia/Tokyo|06#-00##|1155500##|spk
JP|Fukuoka|Fukuoka|33.590|130.402|Asia/Tokyo|81#-00##|9255500##|fuk
"""


def _city(row: str) -> City:
    c, name, region, lat, lon, *rest = row.split("|")
    return City(c, name, region, float(lat), float(lon), *rest)


CITIES = tuple(_city(row) for row in _ROWS.split("\n") if row)
CITY_COUNTRY = np.array([COUNTRIES.index(c.country) for c in CITIES])
_FIRST_CITY = np.searchsorted(CITY_COUNTRY, np.arange(len(COUNTRIES)), side="left")
_CITIES_OF = np.bincount(CITY_COUNTRY, minlength=len(COUNTRIES))
assert (np.diff(CITY_COUNTRY) >= 0).all(), "cities stand in the order of COUNTRIES"

CITY_NAME = pa.array([c.name for c in CITIES])
CITY_REGION = pa.array([c.region for c in CITIES])
CITY_TIMEZONE = pa.array([c.timezone for c in CITIES])
CITY_CODE = pa.array([c.code for c in CITIES])
LAT = np.array([c.lat for c in CITIES])
LON = np.array([c.lon for c in CITIES])
DIAL = ("1", "44", "49", "1", "61", "33", "31", "353", "81")


def home_city(key, country) -> np.ndarray:
    """Position in CITIES of an account's head office; big cities are drawn more often."""
    a = keys.below(key, 20, _CITIES_OF[country])
    b = keys.below(key, 21, _CITIES_OF[country])
    return _FIRST_CITY[country] + np.minimum(a, b)


def venue_city(account_key, country, key, n) -> np.ndarray:
    """Position in CITIES of a venue: the first at home, a third of the others elsewhere."""
    away = (np.asarray(n) > 0) & keys.chance(key, 20, 0.35)
    return np.where(away, home_city(key, country), home_city(account_key, country))
