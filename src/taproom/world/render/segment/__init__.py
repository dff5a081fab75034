"""Segment: what the application's own tracking saw, as its warehouse destination stores it.

The trackers send events from browsers and phones; the warehouse is synchronised every hour.
Tracking began on 2023-11-01: what people did before nobody recorded.
"""

from taproom.world.render.segment.delivery import LEDGERS, RENDERERS
from taproom.world.render.segment.traffic import TRACKED_FROM

__all__ = ["LEDGERS", "RENDERERS", "TRACKED_FROM"]
