#!/bin/sh
# template show, expand, customize, revert; blocks of perl in plan and apply;
# what fails leaves every file as it was.
. "${0%/*}/lib.sh"

perl -MText::Template -e 1 2>/dev/null ||
	skip_all 'perl has no Text::Template (libtext-template-perl)'
export SMEMAIL_FILTERD="$FILTERD"
SMEMAIL_ROOT=$tmp/mail
export SMEMAIL_ROOT
path=/var/service/qpsmtpd/config/badhelo
live=$SMEMAIL_ROOT$path
custom=$SMEMAIL_ROOT/etc/e-smith/templates-custom$path
"$SMEMAIL" init >/dev/null 2>&1 || skip_all 'init does not work'
cp "$live" "$tmp/first"

run "$SMEMAIL" template list
expect_out_like "^$path *\$" 'list: the template, no custom fragment'
run "$SMEMAIL" template show badhelo
expect_out_like '^10wbl_badhelo +smemail *$' 'show: by the end of the path'
run "$SMEMAIL" template show badhelo/20aol.com
expect_out aol.com 'show: the source of a fragment'
run "$SMEMAIL" template show badhelo nothing
expect_status 1 'show: a fragment that is not there'
expect_err_like "has no fragment 'nothing'" 'show: told'
run "$SMEMAIL" template show nothing
expect_status 1 'show: a template that is not there'
run "$SMEMAIL" template expand badhelo
is "$(cat "$out")" "$(cat "$live")" 'expand prints what the file holds'

run "$SMEMAIL" template customize badhelo 20aol.com
expect_out "$custom/20aol.com" 'customize tells the file'
is "$(cat "$custom/20aol.com")" aol.com 'customize copies the fragment'
run "$SMEMAIL" plan
expect_out 'nothing to apply' 'a copy changes nothing'
printf 'aol.example\n' >"$custom/20aol.com"
run "$SMEMAIL" template customize badhelo 20aol.com
is "$(cat "$custom/20aol.com")" aol.example 'customize again keeps the edit'
run "$SMEMAIL" template show badhelo
expect_out_like '^20aol.com +templates-custom +in place' 'show: it replaces'
run "$SMEMAIL" plan
expect_out_like '^  \+aol.example$' 'plan: the new line'
run "$SMEMAIL" template customize badhelo ../x --from /dev/null
expect_status 2 'a fragment is no way out of its folder'

# perl
# shellcheck disable=SC2016
printf '{ $OUT = "perl.$DomainName\\n" }' >"$tmp/code"
run "$SMEMAIL" template customize badhelo 90own --from "$tmp/code"
expect_status 0 'customize takes a text'
run "$SMEMAIL" plan
expect_out_like '^  \+perl\.' 'plan: a block is evaluated'
run "$SMEMAIL" apply
expect_out_lacks 'perl fragments' 'apply knows blocks'
check 'apply writes what perl gave' grep -q '^perl\.' "$live"
cp "$live" "$tmp/applied"

# ES-110: mode and variables by metadata
meta=$SMEMAIL_ROOT/etc/e-smith/templates.metadata${path%/*}
mkdir -p "$meta"
printf 'PERMS=0640\nMORE_DATA={ More => "meta" }\n' >"$meta/badhelo"
# shellcheck disable=SC2016
printf '{ $More }\n' >"$custom/91own"
run "$SMEMAIL" apply
check 'metadata give variables' grep -qx meta "$live"
is "$(stat -c %a "$live")" 640 'metadata give the mode'
rm "$meta/badhelo" "$custom/91own"
run "$SMEMAIL" apply
chmod 644 "$live"
cp "$live" "$tmp/applied"

# ES-97: errors
printf 'a\n{ 1;\n die "broken here" }\n' >"$custom/90own"
run "$SMEMAIL" plan
expect_status 100 'a block that dies stops plan'
expect_err_like "90own', line 3: broken here" 'its file, line and text'
run "$SMEMAIL" expand-template "$path"
expect_status 0 'expand-template: the status of the server'"'"'s tool'
expect_err_like 'ERROR in .*90own.*<<broken here' 'its message'
run "$SMEMAIL" expand-template --strict "$path"
expect_status 1 '--strict: a status that tells'
printf '{ exit 0 }\n' >"$custom/90own"
run "$SMEMAIL" plan
expect_status 100 'a block that ends perl'
expect_err_like "90own.*ended by itself" 'it is told'
# shellcheck disable=SC2016
printf '{ $DB->set_prop("smtpd", "Mark", "x"); "" }\n' >"$custom/90own"
cp "$SMEMAIL_ROOT/home/e-smith/db/configuration" "$tmp/config"
run "$SMEMAIL" plan
check 'plan changes no database' \
	cmp -s "$tmp/config" "$SMEMAIL_ROOT/home/e-smith/db/configuration"
check 'all that failed left the file' cmp -s "$tmp/applied" "$live"

run "$SMEMAIL" template revert badhelo 90own
expect_status 0 'revert one'
check_not 'it is gone' test -e "$custom/90own"
run "$SMEMAIL" template revert badhelo
expect_out_like '^removed .*/20aol.com$' 'revert all that are left'
run "$SMEMAIL" template revert badhelo
expect_status 1 'nothing is left to revert'
run "$SMEMAIL" apply
check 'the file is back to the byte' cmp -s "$tmp/first" "$live"
done_testing
