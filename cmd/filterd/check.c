/* Reading a configuration as the daemon would, and what it needs beside it. */
#include "cmd/filterd/check.h"

#include "core/base/buf.h"
#include "core/base/i18n.h"
#include "core/filter/filter.h"
#include "core/net/tls_server.h"
#include "core/sys/root.h"

#include <errno.h>
#include <stdio.h>
#include <string.h>
#include <unistd.h>

static void
print_note(
    void *ctx, int level, const char *hook, const char *plugin, struct str text)
{
	(void)ctx;
	(void)level;
	(void)hook;
	(void)plugin;
	fprintf(stderr, "smemail-filterd: %.*s\n", STR_ARG(text));
}

/* The bundle with certificate and key beside it. */
static bool
read_with_secrets(const struct options *o, struct buf *bundle,
    struct filter_policy **policy, struct err *e)
{
	struct filter_policy *first = NULL;
	if (!filter_bundle_read(o->config, o->qmail_control, bundle, e) ||
	    !filter_policy_new(buf_str(bundle), &first, e))
		return false;
	bool ok = filter_tls_read(first, o->config, bundle) ||
		  err_set(e, ERR_PERMANENT,
		      _("configuration '%s' is too large"), o->config);
	filter_policy_free(first);
	return ok && filter_policy_new(buf_str(bundle), policy, e);
}

/* Would TLS be offered, if a tls line asks for it? Else 'why' says why not. */
static bool
can_tls(const struct filter_policy *policy, struct err *why)
{
	struct filter_tls t;
	struct tls_server *server = NULL;
	if (!filter_policy_tls(policy, &t))
		return true;
	const struct tls_server_calls *calls = tls_server_load(why);
	const struct tls_server_wish wish = {
		.certificate = t.certificate,
		.key = t.key,
		.authorities = t.authorities,
		.dh = t.dh,
		.ciphers = t.ciphers,
	};
	if (calls == NULL)
		return false;
	if (t.problem.len > 0)
		err_set(why, ERR_PERMANENT, "%.*s", STR_ARG(t.problem));
	else
		server = calls->open(&wish, why);
	if (server == NULL)
		return err_next(why,
		    _("give files that the daemon's user can read, key and "
		      "certificate of one pair, and compare: openssl x509 "
		      "-in CERT -noout -pubkey; openssl pkey -in KEY -pubout"));
	calls->close(server);
	return true;
}

/* Is there a folder for long texts and the queue's log, where one is named? */
static bool
can_spool(const struct filter_policy *policy, struct err *why)
{
	char path[SYS_PATH_MAX];
	struct str dir = filter_policy_setting(policy, "spool_dir");
	if (dir.len == 0)
		return true;
	int n = snprintf(path, sizeof(path), "%.*s/.", STR_ARG(dir));
	bool fits = n > 0 && (size_t)n < sizeof(path);
	if (fits && access(path, R_OK | W_OK | X_OK) == 0)
		return true;
	err_set_errno(why, fits ? errno : ENAMETOOLONG,
	    _("cannot write in spool_dir '%.*s'"), STR_ARG(dir));
	return err_next(
	    why, _("make that folder, of mode 0700, for the daemon's user"));
}

/* What the daemon would do without; it runs, but who asks wants to know. */
static const struct need {
	bool (*is_met)(const struct filter_policy *policy, struct err *why);
	const char *without;
} needs[] = {
	{ can_tls, N_("TLS would not be offered") },
	{ can_spool,
	    N_("long messages would be refused, and each delivered before it "
	       "is answered") },
};

static void
tell_needs(const struct filter_policy *policy)
{
	for (size_t i = 0; i < ARRAY_LEN(needs); i++) {
		struct err why = ERR_INIT;
		if (needs[i].is_met(policy, &why))
			continue;
		fprintf(stderr, "smemail-filterd: %s: %s\n",
		    _(needs[i].without), why.text);
		fprintf(stderr, _("next: %s\n"), why.next);
	}
}

bool
check_configuration(const struct options *o, struct err *e)
{
	struct filter_policy *policy = NULL;
	struct buf bundle;
	buf_init(&bundle, FILTERD_BUNDLE_MAX);
	bool ok = read_with_secrets(o, &bundle, &policy, e);
	if (ok) {
		filter_policy_notes(policy, print_note, NULL);
		tell_needs(policy);
	}
	buf_wipe(&bundle);
	filter_policy_free(policy);
	if (ok)
		printf(_("configuration '%s' is good\n"), o->config);
	return ok;
}
