#!/bin/sh
# Every recorded case of the reference's init-databases (ES-70 to ES-77), whole.
top=$(cd "$(dirname "$0")/../.." && pwd)
if ! perl -MText::Template -e 1 2>/dev/null; then
	echo "1..0 # SKIP perl has no Text::Template (libtext-template-perl)"
	exit 0
fi
exec python3 "$top/tests/tools/esmith_vectors.py" --group defaults "$@"
