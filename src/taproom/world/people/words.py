"""Words that names are made of, by language: English, German, French, Dutch, Japanese.

LEGAL is by country, in the order of facts.COUNTRIES; KINDS by language and venue type.
"""

from __future__ import annotations


def _words(text: str) -> list[str]:
    return text.split()


def phrases(text: str) -> list[str]:
    return [p.strip() for p in text.split(",")]


# --- people ------------------------------------------------------------------------------------
GIVEN = (
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
SURNAMES = (
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
ADJECTIVES = (
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
NOUNS = (
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
KINDS = (
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
DISTRICTS = (
    phrases("""Old Town, Riverside, Harbour, Station Road, Market Square, Uptown, Canal Street,
    North End, South Side, Warehouse Row, Parkside, Depot, Foundry, Waterfront, Mill Lane,
    Eastgate, Hillcrest, University, Airport, Westfield"""),
    phrases("Altstadt, Hafen, Bahnhof, Marktplatz, Südstadt, Nordend, Am Park, Werft, Ostkreuz"),
    phrases("Vieux Port, Gare, Marché, Rive Gauche, Canal, Faubourg, Centre, Les Halles"),
    phrases("Centrum, Haven, Station, Markt, Noord, Oost, De Werf, Singel"),
    phrases("Ekimae, Minato, Kita, Nishi, Honmachi, Kawabata, Shinmachi"),
)
STREETS = (
    phrases("""Foundry Street, Elm Avenue, Mill Road, Station Street, Cooper Lane, Harbour Road,
    Market Street, Union Street, Orchard Road, King Street, Railway Parade, Bridge Street,
    Chapel Lane, Maple Avenue, Ferry Road, Granary Way, Commerce Street, Lakeview Drive,
    Quarry Road, Ashgrove Avenue, Cannery Row, Dock Street, Prospect Street, Willow Lane"""),
    phrases("""Bahnhofstraße, Marktgasse, Gerberweg, Lindenallee, Hopfenstraße, Am Hafen,
    Schillerplatz, Mühlenweg, Kirchgasse, Uferstraße"""),
    phrases("""rue du Marché, rue des Tanneurs, quai du Port, avenue de la Gare, rue Haute,
    place du Moulin, rue de la Brasserie, boulevard du Nord"""),
    phrases("""Marktstraat, Havenkade, Molenweg, Stationsplein, Brouwersgracht, Lange Laan,
    Kerkstraat, Singelweg"""),
    phrases("Honmachi, Ekimae-dori, Kawabata-cho, Minato-cho, Sakae-cho, Midori-dori"),
)
LEGAL = (
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
