#!/usr/bin/env python3
"""Configure everything in Superset: service, assets, roles, users, row-level security, alerts.

The same as `./taproom superset setup`, and as often as you like: the second time changes nothing.
"""

import os
import sys
from pathlib import Path

taproom = Path(__file__).resolve().parents[1] / "taproom"
os.execv(taproom, [str(taproom), "superset", "setup", *sys.argv[1:]])
