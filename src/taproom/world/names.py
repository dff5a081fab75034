"""Names, addresses, e-mail and telephone numbers, from word tables of our own.

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

from . import keys
from .facts import COUNTRIES, SEGMENTS, VENUE_TYPES
from .population import TEST

# --- places ------------------------------------------------------------------------------------


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
_CITY_CODE = pa.array([c.code for c in CITIES])
_LAT = np.array([c.lat for c in CITIES])
_LON = np.array([c.lon for c in CITIES])
_DIAL = ("1", "44", "49", "1", "61", "33", "31", "353", "81")

# Language of a country's names: English, German, French, Dutch, Japanese.
_LANGUAGE = np.array([0, 0, 1, 0, 0, 2, 3, 0, 4])
_LANGUAGES = 5


def _words(text: str) -> list[str]:
    return text.split()


def _phrases(text: str) -> list[str]:
    return [p.strip() for p in text.split(",")]


# --- people ------------------------------------------------------------------------------------
_GIVEN = (
    _words("""Alice Aaron Abigail Ben Bridget Caleb Camila Carlos Claire Conor Daisy Darnell
    Declan Diego Eleanor Elijah Erin Ethan Fatima Fiona Gavin Grace Hannah Harold Imani Isaac
    Jada Jasmine Joel Josie Keisha Kevin Laura Leon Lucia Luis Maeve Malik Maria Marcus Megan
    Miles Naomi Nathan Niamh Nora Oscar Owen Paige Patrick Priya Quinn Rachel Rafael Rosa Ruth
    Samuel Sean Shanice Sophie Tara Theo Tyrone Victor Wendy Xavier Yolanda Zoe"""),
    _words("""Anja Anton Barbara Bastian Birgit Clemens Dagmar Dieter Elif Emre Erik Franziska
    Frieda Gerd Greta Hannes Heike Henrik Ines Jan Jana Jens Jörg Jürgen Karla Katrin Lena Lukas
    Magda Malte Mehmet Moritz Nadine Nele Olaf Petra Ralf Sabine Stefan Svenja Tobias Uwe Vera
    Volker Wiebke Zeynep"""),
    _words("""Adèle Alain Amélie Anaïs Arnaud Aurélie Baptiste Bénédicte Camille Cédric Chloé
    Clément Corentin Delphine Didier Élodie Émile Fabrice Florence Gaëlle Guillaume Hélène Inès
    Jérôme Julien Karim Léa Loïc Lucie Mamadou Manon Mathieu Nadia Noémie Olivier Pauline Rachid
    Romain Solène Sylvain Thibault Yasmine Yves Zélie"""),
    _words("""Anouk Arjan Bas Bram Carlijn Cees Daan Dirk Eline Esra Femke Floor Gijs Hanneke
    Hugo Iris Jelle Jeroen Joost Karin Koen Lieke Lotte Maarten Marieke Mohammed Niels Noor Pim
    Roos Ruben Sanne Sjoerd Teun Tess Thijs Wouter Yara"""),
    _words("""Aiko Akira Asuka Chihiro Daichi Emi Fumio Goro Haruka Haruto Hikari Hiroshi Itsuki
    Jiro Kaito Kana Kenji Koji Mai Makoto Mei Midori Minato Naoki Natsumi Noboru Ren Rina Ryo
    Sakura Satoshi Shinji Shota Sora Takumi Tomoko Yui Yuki Yuto"""),
)
_SURNAMES = (
    _words("""Abbott Adeyemi Aguilar Alvarez Bailey Banerjee Barlow Beckett Brennan Briggs Byrne
    Callahan Castillo Chen Cho Coleman Connolly Cortez Dalton Dawson Delgado Donnelly Ellis
    Farrell Fletcher Flores Foster Gallagher Garrison Gill Goodwin Griffin Gupta Hale Hanson
    Harmon Hayes Holloway Hussain Ibrahim Jennings Kaur Keller Kendrick Khan Kowalski Lam Langley
    Larsen Lowe Lopez MacLeod Maddox Marsh Mbeki McBride Mensah Mercer Moreno Nash Newell Nguyen
    Nolan Novak Okafor Ortega Osborne Park Patel Pearce Pham Prescott Quigley Ramos Reyes Rhodes
    Rossi Russo Santos Schaefer Shah Sheridan Singh Soto Stokes Sullivan Tanaka Thorne Tran Tully
    Vance Vargas Walsh Ward Washington Whitaker Winslow Wong Yates Young"""),
    _words("""Albers Arslan Bachmann Becker Behrens Böhm Brandt Demir Dietrich Ebert Engel Faber
    Fink Förster Geiger Graf Haas Hartung Heinze Hoppe Jäger Jansen Kaya Kessler Kirsch Köhler
    Kowalczyk Kraus Lorenz Ludwig Maurer Möller Neubauer Nowak Ostermann Petersen Pohl Reuter
    Richter Rösler Sauer Schilling Schröder Seidel Thoma Ullrich Vogt Wendt Yilmaz Zeller"""),
    _words("""Aubert Barbier Benali Bertin Blanchard Bonnet Bouvier Carpentier Chevalier Cissé
    Collin Coulibaly Delaunay Deschamps Diallo Dubreuil Fabre Faure Gaillard Garnier Girard
    Gosselin Haddad Hamel Jacquet Joubert Lacroix Lambert Lefèvre Lemoine Mallet Marchand
    Mercier Michaud Noël Pelletier Perrot Poirier Renaud Rey Rousselet Saïdi Tessier Traoré Vallet
    Vidal"""),
    _words("""Aalbers Bakker Benali Bos Brouwer Dekker Dijkstra Driessen Evers Geerts Groen Haan
    Hendriks Hoekstra Huisman Jacobs Kaya Koster Kuipers Kuiper Lammers Maas Mulder Nijhuis
    Peeters Postma Prins Rutten Schouten Smits Sluis Timmer Veenstra Verbeek Verhoeven Visser
    Vos Wolters Yildiz Zijlstra"""),
    _words("""Abe Aoki Arai Endo Fujita Fukuda Goto Hara Hasegawa Hayashi Hirano Imai Inoue
    Ishida Kaneko Kato Kikuchi Kimura Kojima Kondo Kudo Maeda Matsuda Miura Mori Murakami Nakano
    Nishimura Noguchi Okada Ono Otsuka Saito Sakai Shibata Shimizu Sugiyama Takeda Ueda Wada
    Yamashita Yoshida"""),
)

# --- venues and companies ----------------------------------------------------------------------
_ADJECTIVES = (
    _words("""Copper Crooked Amber Golden Iron Wandering Velvet Quiet Broken Salty Thirsty Lucky
    Lazy Hollow Bright Rusty Silver Painted Dancing Hidden Honest Rolling Smoky Wooden Tall
    Northern Humble Jolly Gentle Blue Drifting Stubborn Merry Foggy Sleepy Howling Spotted
    Barefoot Midnight Second"""),
    _words("""Goldener Alter Roter Blauer Grüner Lustiger Stiller Kupferner Schwarzer Weißer
    Wilder Grauer Kleiner Tapferer Müder Bunter"""),
    _words("Doré Rouge Bleu Vert Noir Tranquille Joyeux Sauvage Rieur Argenté Rêveur Gris"),
    _words("Gouden Rode Blauwe Groene Zwarte Witte Vrolijke Koperen Oude Wilde Stille Dorstige"),
    _words("Aka Ao Kuro Shiro Kin Gin Midori Yoru Asa Haru Natsu Aki Fuyu Minami Kita"),
)
_NOUNS = (
    _words("""Goose Barrel Anchor Fox Heron Lantern Kettle Otter Badger Hop Mill Crow Stag Bell
    Compass Acorn Oak Thistle Magpie Hound Ram Salmon Plough Feather Ferry Pigeon Kestrel Moth
    Bison Cask Cooper Drum Elm Finch Gander Hare Ivy Juniper Keg Lark Mule Nettle Owl Pike Quail
    Rook Sparrow Trout Urchin Vine Walnut Yard Wren Piano Saddle Spoon Tiller Wheel Bramble
    Clover"""),
    _words("""Hirsch Adler Bär Anker Löwe Ochse Fuchs Schwan Hahn Krug Keller Brunnen Stern
    Hopfen Dachs Rabe Storch Karpfen Eber Specht Kessel Wagen"""),
    _words("""Cerf Renard Hibou Coq Loup Corbeau Tonneau Moulin Phare Navire Chêne Lièvre Héron
    Sanglier Canard Soleil Tambour Marteau"""),
    _words("""Anker Leeuw Molen Reiger Vos Hert Zwaan Ketel Haan Otter Uil Karper Ezel Tonnetje
    Walvis Lantaarn"""),
    _words("Kitsune Taka Kuma Tora Kaze Yama Kawa Tsuru Koi Hoshi Mori Umi Tanuki Usagi Ishi"),
)
# What a venue calls itself, by language and venue type.
_KINDS = (
    (
        "Taproom, Alehouse, Bar, Tavern, Beer Hall, Public House, Social, Tap House",
        "Brewing, Brewpub, Brewery, Beerworks, Brewing Company, Fermentory",
        "Kitchen, Grill, Smokehouse, Diner, Eatery, Table, Oyster Bar",
        "Hotel, Inn, Lodge, House",
        "Arena, Stadium, Park, Grounds",
    ),
    (
        "Kneipe, Schänke, Bierstube, Ausschank, Bar",
        "Brauhaus, Hausbrauerei, Braukeller",
        "Gasthaus, Wirtshaus, Grillstube",
        "Hotel, Gasthof",
        "Arena, Stadion",
    ),
    (
        "Bar à Bières, Taverne, Comptoir, Cave",
        "Brasserie Artisanale, Microbrasserie",
        "Bistrot, Brasserie, Table",
        "Hôtel, Auberge",
        "Arena, Stade",
    ),
    (
        "Café, Proeflokaal, Bierlokaal, Kroeg",
        "Brouwerij, Stadsbrouwerij",
        "Eetcafé, Keuken",
        "Hotel, Herberg",
        "Arena, Stadion",
    ),
    (
        "Izakaya, Beer Stand, Tachinomi, Bar",
        "Brewing, Beer Works",
        "Shokudo, Robata, Kitchen",
        "Hotel, Ryokan",
        "Arena, Dome",
    ),
)
_DISTRICTS = (
    _phrases("""Old Town, Riverside, Harbour, Station Road, Market Square, Uptown, Canal Street,
    North End, South Side, Warehouse Row, Parkside, Depot, Foundry, Waterfront, Mill Lane,
    Eastgate, Hillcrest, University, Airport, Westfield"""),
    _phrases("Altstadt, Hafen, Bahnhof, Marktplatz, Südstadt, Nordend, Am Park, Werft, Ostkreuz"),
    _phrases("Vieux Port, Gare, Marché, Rive Gauche, Canal, Faubourg, Centre, Les Halles"),
    _phrases("Centrum, Haven, Station, Markt, Noord, Oost, De Werf, Singel"),
    _phrases("Ekimae, Minato, Kita, Nishi, Honmachi, Kawabata, Shinmachi"),
)
_STREETS = (
    _phrases("""Foundry Street, Elm Avenue, Mill Road, Station Street, Cooper Lane, Harbour Road,
    Market Street, Union Street, Orchard Road, King Street, Railway Parade, Bridge Street,
    Chapel Lane, Maple Avenue, Ferry Road, Granary Way, Commerce Street, Lakeview Drive,
    Quarry Road, Ashgrove Avenue, Cannery Row, Dock Street, Prospect Street, Willow Lane"""),
    _phrases("""Bahnhofstraße, Marktgasse, Gerberweg, Lindenallee, Hopfenstraße, Am Hafen,
    Schillerplatz, Mühlenweg, Kirchgasse, Uferstraße"""),
    _phrases("""rue du Marché, rue des Tanneurs, quai du Port, avenue de la Gare, rue Haute,
    place du Moulin, rue de la Brasserie, boulevard du Nord"""),
    _phrases("""Marktstraat, Havenkade, Molenweg, Stationsplein, Brouwersgracht, Lange Laan,
    Kerkstraat, Singelweg"""),
    _phrases("Honmachi, Ekimae-dori, Kawabata-cho, Minato-cho, Sakae-cho, Midori-dori"),
)
_LEGAL = (
    ("LLC", "Inc.", "Hospitality LLC"),
    ("Ltd", "Limited", "Pubs Ltd"),
    ("GmbH", "UG", "Gastronomie GmbH"),
    ("Inc.", "Ltd.", "Hospitality Inc."),
    ("Pty Ltd", "Pty Limited", "Hotels Pty Ltd"),
    ("SAS", "SARL", "SARL"),
    ("B.V.", "V.O.F.", "Horeca B.V."),
    ("Ltd", "DAC", "Taverns Ltd"),
    ("K.K.", "G.K.", "K.K."),
)
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


_GIVEN_R, _SURNAME_R = Ragged(_GIVEN), Ragged(_SURNAMES)
_GIVEN_ASCII = pa.array([ascii_text(t).lower() for t in _GIVEN_R.text.to_pylist()])
_SURNAME_ASCII = pa.array([ascii_text(t).lower() for t in _SURNAME_R.text.to_pylist()])
_DISTRICT_R, _STREET_R, _LEGAL_R = Ragged(_DISTRICTS), Ragged(_STREETS), Ragged(_LEGAL)
_KIND_R = Ragged([_phrases(k) for language in _KINDS for k in language])


@cache
def _stems() -> Ragged:
    """The first part of venue names by language: animals, things, families."""
    lists = []
    for language in range(_LANGUAGES):
        adjectives, nouns = _ADJECTIVES[language], _NOUNS[language]
        families = _SURNAMES[language]
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
            stems += [f"Chez {g}" for g in _GIVEN[2] for _ in range(3)]
            stems += [f for f in families for _ in range(3)]
        elif language == 3:
            stems = [f"De {a} {n}" for a in adjectives for n in nouns]
            stems += [f"Bij {g}" for g in _GIVEN[3] for _ in range(3)]
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
def home_city(key, country) -> np.ndarray:
    """Position in CITIES of an account's head office; big cities are drawn more often."""
    a = keys.below(key, 20, _CITIES_OF[country])
    b = keys.below(key, 21, _CITIES_OF[country])
    return _FIRST_CITY[country] + np.minimum(a, b)


def venue_city(account_key, country, key, n) -> np.ndarray:
    """Position in CITIES of a venue: the first at home, a third of the others elsewhere."""
    away = (np.asarray(n) > 0) & keys.chance(key, 20, 0.35)
    return np.where(away, home_city(key, country), home_city(account_key, country))


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
    code = take(_CITY_CODE, city)
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

    return np.round(_LAT[city] + near(26), 5), np.round(_LON[city] + near(27), 5)


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
        dial = _DIAL[COUNTRIES.index(city.country)]
        own = _DIAL[COUNTRIES.index(_STYLE_OF.get(city.country, city.country))]
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
