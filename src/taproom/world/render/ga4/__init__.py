"""Google Analytics 4: the daily export of the web site's events.

The property's dates are those of New York; the export of a date comes at 09:00 UTC of the next
one. Prospects' clicked touches are visits, so paths can be pieced together by browser; visitors
without a name and users on their way to the login come on top.
"""

from taproom.world.render.ga4.events import defects, event

RENDERERS = {"event": event}
LEDGERS = {"event": defects}
