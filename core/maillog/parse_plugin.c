/*
 * Plugins of qpsmtpd under all the names that logs give them: registry ids
 * (the order in summaries), three letters, aliases of older releases.
 */
#include "core/maillog/parse.h"

#include "core/base/compiler.h"
#include "core/base/num.h"

enum {
	NAME_MAX_LEN = 64
};

static const struct maillog_plugin plugins[] = {
	{ 201, "hosts_allow", "alw" },
	{ 202, "ident::geoip", "geo" },
	{ 203, "ident::p0f", "p0f" },
	{ 205, "karma", "krm" },
	{ 206, "dnsbl", "dbl" },
	{ 207, "relay", "rly" },
	{ 208, "fcrdns", "dns" },
	{ 300, "earlytalker", "ear" },
	{ 301, "helo", "hlo" },
	{ 302, "tls", "tls" },
	{ 320, "dont_require_anglebrackets", "rab" },
	{ 321, "unrecognized_commands", "cmd" },
	{ 322, "noop", "nop" },
	{ 323, "random_error", "rnd" },
	{ 324, "milter", "mlt" },
	{ 325, "content_log", "log" },
	{ 400, "auth::auth_vpopmail_sql", "aut" },
	{ 401, "auth::auth_vpopmaild", "vpd" },
	{ 402, "auth::auth_vpopmail", "vpo" },
	{ 403, "auth::auth_checkpassword", "ckp" },
	{ 404, "auth::auth_cvm_unix_local", "cvm" },
	{ 405, "auth::auth_flat_file", "flt" },
	{ 406, "auth::auth_ldap_bind", "ldp" },
	{ 407, "auth::authdeny", "dny" },
	{ 500, "badmailfrom", "bmf" },
	{ 501, "badmailfromto", "bmt" },
	{ 502, "rhsbl", "rbl" },
	{ 504, "resolvable_fromhost", "rfh" },
	{ 505, "sender_permitted_from", "spf" },
	{ 600, "badrcptto", "bto" },
	{ 601, "rcpt_map", "rmp" },
	{ 602, "rcpt_regex", "rcx" },
	{ 603, "qmail_deliverable", "qmd" },
	{ 605, "rcpt_ok", "rok" },
	{ 608, "bogus_bounce", "bog" },
	{ 609, "greylisting", "gry" },
	{ 700, "headers", "hdr" },
	{ 701, "loop", "lop" },
	{ 702, "uribl", "uri" },
	{ 710, "domainkeys", "dky" },
	{ 711, "dkim", "dkm" },
	{ 712, "dmarc", "dmc" },
	{ 720, "spamassassin", "spm" },
	{ 721, "dspam", "dsp" },
	{ 770, "virus::aveclient", "ave" },
	{ 771, "virus::bitdefender", "bit" },
	{ 772, "virus::clamav", "cav" },
	{ 773, "virus::clamdscan", "clm" },
	{ 774, "virus::hbedv", "hbv" },
	{ 775, "virus::kavscanner", "kav" },
	{ 776, "virus::klez_filter", "klz" },
	{ 777, "virus::sophie", "sop" },
	{ 778, "virus::uvscan", "uvs" },
	{ 800, "queue::qmail-queue", "qqm" },
	{ 801, "queue::maildir", "qdr" },
	{ 802, "queue::postfix-queue", "qpf" },
	{ 803, "queue::smtp-forward", "qfw" },
	{ 804, "queue::exim-bsmtp", "qxm" },
	{ 900, "quit_fortune", "for" },
	{ 999, "connection_time", "tim" },
	/* SME Server's own, without a number */
	{ 0, "check_badcountries", "cty" },
	{ 0, "check_goodrcptto", "grt" },
	{ 0, "check_smtp_forward", "csf" },
	{ 0, "peers", "prs" },
	{ 0, "disclaimer", "dsc" },
	{ 0, "tnef2mime", "tnf" },
	{ 0, "virus::pattern_filter", "pat" },
	{ 0, "smeoptimizer", "opt" },
	{ 0, "loadcheck", "lod" },
	{ 0, "wbl", "wbl" },
	{ 0, "naughty", "nty" },
	{ 0, "whitelist_soft", "wls" },
	{ 0, "logging::logterse", "lgt" },
};

static const struct {
	const char *alias, *name;
} aliases[] = {
	{ "ident::p0f:0", "ident::p0f" },
	{ "ident::p0f:1", "ident::p0f" },
	{ "check_relay", "relay" },
	{ "check_norelay", "relay" },
	{ "relay_only", "relay" },
	{ "check_earlytalker", "earlytalker" },
	{ "check_spamhelo", "helo" },
	{ "count_unrecognized_commands", "unrecognized_commands" },
	{ "noop_counter", "noop" },
	{ "check_badmailfrom", "badmailfrom" },
	{ "check_badmailfrom_patterns", "badmailfrom" },
	{ "badmailfrom_patterns", "badmailfrom" },
	{ "check_badmailfromto", "badmailfromto" },
	{ "require_resolvable_fromhost", "resolvable_fromhost" },
	{ "check_badrcptto", "badrcptto" },
	{ "check_badrcptto_patterns", "badrcptto" },
	{ "badrcptto_patterns", "badrcptto" },
	{ "check_bogus_bounce", "bogus_bounce" },
	{ "check_basicheaders", "headers" },
	{ "check_loop", "loop" },
	{ "pattern_filter", "virus::pattern_filter" },
};

/* "_XX" is the byte with that code; false when it does not fit. */
static bool
decode(struct str name, char *out, size_t *len)
{
	size_t n = 0;
	for (size_t i = 0; i < name.len; i++) {
		char c = name.ptr[i];
		if (n == NAME_MAX_LEN)
			return false;
		if (c == '_' && i + 2 < name.len) {
			int high = num_hex_digit(name.ptr[i + 1]);
			int low = num_hex_digit(name.ptr[i + 2]);
			int byte = high * 16 + low;
			/* letters, digits and '_' are never written so: this
			   tells "_2d" from the "_de" of a name */
			if (high >= 0 && low >= 0 && byte < 0x80 &&
			    !ascii_is_alnum((char)byte) && byte != '_') {
				c = (char)byte;
				i += 2;
			}
		}
		out[n++] = c;
	}
	*len = n;
	return true;
}

static const struct maillog_plugin *
find_canonical(struct str name)
{
	for (size_t i = 0; i < ARRAY_LEN(plugins); i++)
		if (str_is(name, plugins[i].name))
			return &plugins[i];
	return NULL;
}

const struct maillog_plugin *
maillog_plugin_find(struct str name)
{
	char bytes[NAME_MAX_LEN];
	size_t n;
	const struct maillog_plugin *found = find_canonical(name);
	if (found != NULL || !decode(name, bytes, &n))
		return found;
	struct str plain = str_n(bytes, n);
	for (size_t i = 0; i < ARRAY_LEN(aliases); i++)
		if (str_is(plain, aliases[i].alias))
			return find_canonical(str_of(aliases[i].name));
	return find_canonical(plain);
}
