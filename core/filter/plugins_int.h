/* The plugins that are built, one file each, and what they share with the
 * policy. */
#ifndef CORE_FILTER_PLUGINS_INT_H
#define CORE_FILTER_PLUGINS_INT_H

#include "core/filter/plugin_int.h"
#include "core/net/addr.h"

enum {
	PORT_LMTP = 24,
	PORT_SMTP = 25,
	PORT_MAX = 65535
};

/* The peers line: the list for clients without one of their own. */
struct peers_line {
	struct str otherwise; /* "peers/0" */
};

/* What a tls line and its settings say. */
struct tls_line {
	const char *certificate, *key, *authorities; /* paths */
	const char *dh;                              /* or NULL */
	const char *ciphers;
	bool only_tls13;
};

/* Lines under an old name carry its meaning (FL-185). */
bool plugin_is_old_name(const struct plugin_setup *s, const char *old);

/* Near enough for FL-46 and FL-54: the same /24, or the first 96 bits. */
bool plugin_same_network(const struct net_addr *a, const struct net_addr *b);

/*
 * The place of a plugin that remembers: argument 'db_dir', or what stands for
 * it; false when it is refused.
 */
MUST_USE bool plugin_state_place(struct plugin_setup *s,
    enum filter_state_kind kind, const char *otherwise,
    struct filter_state_place *out, struct err *e);

/* FL-74: the limit that holds without a loop line. */
void plugin_loop_default(struct plugin_call *c);

extern const struct plugin plugin_auth_cvm;
extern const struct plugin plugin_auth_dovecot;
extern const struct plugin plugin_auth_flat_file;
extern const struct plugin plugin_auth_pam;
extern const struct plugin plugin_badmailfrom;
extern const struct plugin plugin_badmailfromto;
extern const struct plugin plugin_badrcptto;
extern const struct plugin plugin_bcc;
extern const struct plugin plugin_bogus_bounce;
extern const struct plugin plugin_check_badcountries;
extern const struct plugin plugin_check_goodrcptto;
extern const struct plugin plugin_check_smtp_forward;
extern const struct plugin plugin_connection_time;
extern const struct plugin plugin_count_unrecognized_commands;
extern const struct plugin plugin_dns_whitelist_soft;
extern const struct plugin plugin_dnsbl;
extern const struct plugin plugin_dont_require_anglebrackets;
extern const struct plugin plugin_earlytalker;
extern const struct plugin plugin_fcrdns;
extern const struct plugin plugin_geoip;
extern const struct plugin plugin_greylisting;
extern const struct plugin plugin_headers;
extern const struct plugin plugin_helo;
extern const struct plugin plugin_hosts_allow;
extern const struct plugin plugin_lmtp_forward;
extern const struct plugin plugin_json_event;
extern const struct plugin plugin_karma;
extern const struct plugin plugin_loadcheck;
extern const struct plugin plugin_logterse;
extern const struct plugin plugin_loop;
extern const struct plugin plugin_maildir;
extern const struct plugin plugin_naughty;
extern const struct plugin plugin_noop_counter;
extern const struct plugin plugin_peers;
extern const struct plugin plugin_qmail_queue;
extern const struct plugin plugin_rcpt_ok;
extern const struct plugin plugin_relay;
extern const struct plugin plugin_resolvable_fromhost;
extern const struct plugin plugin_rhsbl;
extern const struct plugin plugin_sender_permitted_from;
extern const struct plugin plugin_smtp_forward;
extern const struct plugin plugin_tls;
extern const struct plugin plugin_uribl;
extern const struct plugin plugin_whitelist;

#endif
