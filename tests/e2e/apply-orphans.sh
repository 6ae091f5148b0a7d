#!/bin/sh
# Folders of a plan or apply that was killed are cleared away by the next one;
# one that is in use is not, nor anything else.
. "${0%/*}/lib.sh"

root=$tmp/root
TMPDIR=$tmp/work
export TMPDIR
mkdir "$TMPDIR"
check "a root" "$SMEMAIL" init --root "$root"
check "a change" "$SMEMAIL" --root "$root" set filter.helo-policy rfc
mkdir -p "$TMPDIR/smemail-plan-old/etc" "$TMPDIR/smemail-plan-held" \
	"$TMPDIR/smemail-plan-new" "$TMPDIR/other"
echo secret >"$TMPDIR/smemail-plan-old/etc/file"
ln -s /etc "$TMPDIR/smemail-plan-link"
touch -d '10 minutes ago' "$TMPDIR/smemail-plan-old" \
	"$TMPDIR/smemail-plan-held" "$TMPDIR/other"
exec 9<"$TMPDIR/smemail-plan-held"
flock -s 9
check "apply" "$SMEMAIL" --root "$root" apply
check_not "what a killed one left is gone" test -e "$TMPDIR/smemail-plan-old"
check "one in use stays" test -d "$TMPDIR/smemail-plan-held"
check "one just made stays" test -d "$TMPDIR/smemail-plan-new"
check "a link is not followed" test -h "$TMPDIR/smemail-plan-link"
check "nor what it leads to" test -d /etc
check "other folders stay" test -d "$TMPDIR/other"
exec 9<&-
check "another change" "$SMEMAIL" --root "$root" unset filter.helo-policy
check "apply again" "$SMEMAIL" --root "$root" apply
check_not "the other one too, once nobody holds it" \
	test -e "$TMPDIR/smemail-plan-held"
is "$(find "$TMPDIR" -name 'smemail-plan-*' | wc -l)" 2 \
	"an apply leaves nothing of its own"
done_testing
