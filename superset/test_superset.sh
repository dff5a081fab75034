#!/bin/sh
# Test the whole of Superset: connections, assets, every chart, roles, rules, alerts; one table.
# The same as ./taproom superset test; Superset must be up.
set -eu
root=$(CDPATH='' cd -- "$(dirname -- "$0")/.." && pwd -P)
exec "$root/taproom" superset test "$@"
