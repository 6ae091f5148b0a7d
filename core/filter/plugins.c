/* All plugin names: built, old, and known but not built yet (FL-185). */
#include "core/base/nearest.h"
#include "core/filter/plugins_int.h"

static const struct plugin *const built[] = {
	&plugin_auth_cvm,
	&plugin_auth_dovecot,
	&plugin_auth_flat_file,
	&plugin_auth_pam,
	&plugin_badmailfrom,
	&plugin_badmailfromto,
	&plugin_badrcptto,
	&plugin_bcc,
	&plugin_bogus_bounce,
	&plugin_check_badcountries,
	&plugin_check_goodrcptto,
	&plugin_check_smtp_forward,
	&plugin_connection_time,
	&plugin_count_unrecognized_commands,
	&plugin_dns_whitelist_soft,
	&plugin_dnsbl,
	&plugin_dont_require_anglebrackets,
	&plugin_earlytalker,
	&plugin_fcrdns,
	&plugin_geoip,
	&plugin_greylisting,
	&plugin_headers,
	&plugin_helo,
	&plugin_hosts_allow,
	&plugin_lmtp_forward,
	&plugin_json_event,
	&plugin_karma,
	&plugin_loadcheck,
	&plugin_logterse,
	&plugin_loop,
	&plugin_maildir,
	&plugin_naughty,
	&plugin_noop_counter,
	&plugin_peers,
	&plugin_qmail_queue,
	&plugin_rcpt_ok,
	&plugin_relay,
	&plugin_resolvable_fromhost,
	&plugin_rhsbl,
	&plugin_sender_permitted_from,
	&plugin_smtp_forward,
	&plugin_tls,
	&plugin_uribl,
	&plugin_whitelist,
};

/* Old names of built plugins. What else one means, its configure looks up. */
static const struct {
	const char *old;
	const struct plugin *plugin;
} aliases[] = {
	{ "check_earlytalker", &plugin_earlytalker },
	{ "require_resolvable_fromhost", &plugin_resolvable_fromhost },
	{ "check_relay", &plugin_relay },
	{ "check_norelay", &plugin_relay },
	{ "relay_only", &plugin_relay },
	{ "check_basicheaders", &plugin_headers },
	{ "check_badmailfrom", &plugin_badmailfrom },
	{ "check_badmailfrom_patterns", &plugin_badmailfrom },
	{ "check_badrcptto", &plugin_badrcptto },
	{ "check_badrcptto_patterns", &plugin_badrcptto },
	{ "check_spamhelo", &plugin_helo },
	{ "check_badmailfromto", &plugin_badmailfromto },
	{ "check_loop", &plugin_loop },
	{ "check_bogus_bounce", &plugin_bogus_bounce },
	{ "whitelist_soft", &plugin_whitelist },
	{ "bulkmail", &plugin_whitelist },
};

/* Refused by name, so that none is ever left out in silence. */
static const char *const not_built[] = {
	"disclaimer",
	"dkim",
	"dkim_sign",
	"dmarc",
	"exe_filter",
	"spamassassin",
	"tnef2mime",
	"virus/clamav",
	"virus/clamdscan",
	"virus/pattern_filter",
};

bool
plugin_is_old_name(const struct plugin_setup *s, const char *old)
{
	return str_is(str_of(s->instance->written), old);
}

bool
plugins_find(struct str name, const struct plugin **plugin, bool *is_known)
{
	*is_known = true;
	for (size_t i = 0; i < ARRAY_LEN(built); i++) {
		if (str_is(name, built[i]->name)) {
			*plugin = built[i];
			return true;
		}
	}
	for (size_t i = 0; i < ARRAY_LEN(aliases); i++) {
		if (str_is(name, aliases[i].old)) {
			*plugin = aliases[i].plugin;
			return true;
		}
	}
	*is_known = false;
	for (size_t i = 0; i < ARRAY_LEN(not_built); i++)
		*is_known = *is_known || str_is(name, not_built[i]);
	return false;
}

const char *
plugins_nearest(struct str name)
{
	struct nearest n = { .wanted = name };
	for (size_t i = 0; i < ARRAY_LEN(built); i++)
		nearest_try(&n, str_of(built[i]->name));
	for (size_t i = 0; i < ARRAY_LEN(aliases); i++)
		nearest_try(&n, str_of(aliases[i].old));
	for (size_t i = 0; i < ARRAY_LEN(not_built); i++)
		nearest_try(&n, str_of(not_built[i]));
	return n.best.len > 0 ? n.best.ptr : NULL;
}
