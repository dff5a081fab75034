#!/bin/sh
# Try each connection Superset lives by, and say what is wrong and what to do.
# The same as ./taproom superset connections; starts nothing.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
exec "$root/taproom" superset connections "$@"
