#!/bin/sh
# Every recorded case of the reference's db and config (ES-1 to ES-59), whole.
top=$(cd "$(dirname "$0")/../.." && pwd)
exec python3 "$top/tests/tools/esmith_vectors.py" --group db "$@"
