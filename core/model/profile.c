/* The profiles, and how this server differs from one. */
#include "core/model/profile.h"

#include "core/base/i18n.h"
#include "core/base/nearest.h"
#include "core/model/patterns.h"
#include "core/model/settings_int.h"

#include <string.h>

static const struct profile profiles[] = {
	{
		.name = "recommended",
		.help = N_("spam and virus filter with sane levels"),
		.text = N_("Virus and spam filter on; marked from 4 points on "
			   "and sorted into junkmail, refused from 12; "
			   "executable attachments are refused."),
		.items = {
			{ "virus.scan", "enabled" },
			{ "spam.filter", "enabled" },
			{ "spam.sensitivity", "custom" },
			{ "spam.tag-level", "4" },
			{ "spam.reject-level", "12" },
			{ "spam.sort-junkmail", "enabled" },
			{ "spam.subject-tag", "enabled" },
			{ "attachments.block", "enabled" },
		},
		.executables = true,
	},
	{
		.name = "bayes-autolearn",
		.help = N_("Bayes filter that learns by itself"),
		.text = N_("Learns spam from 6 points on (3 of them from the "
			   "header, 3 from the body) and good mail below 0.1. "
			   "It acts once it has seen 200 of each."),
		.items = {
			{ "spam.filter", "enabled" },
			{ "spam.sensitivity", "custom" },
			{ "spam.tag-level", "4" },
			{ "spam.reject-level", "12" },
			{ "bayes.use", "1" },
			{ "bayes.autolearn", "1" },
			{ "bayes.learn-spam-above", "6.00" },
			{ "bayes.learn-ham-below", "0.10" },
			{ "bayes.spam-learning", "enabled" },
		},
	},
	{
		.name = "conservative-rbl",
		.help = N_("block lists that are careful"),
		.text = N_("Only zones that hardly ever list a good host. "
			   "Whether they are asked is left as it is (rbl.dns, "
			   "rbl.sender)."),
		.items = {
			{ "rbl.dns-zones", "zen.spamhaus.org" },
			{ "rbl.sender-zones", "dbl.spamhaus.org" },
		},
	},
	{
		.name = "rbl-behind-forwarder",
		.help = N_("sender lists that work through a DNS forwarder"),
		.text = N_("uribl.com answers 'listed' to everything that "
			   "comes through a big resolver; these do not."),
		.items = {
			{ "rbl.sender-zones",
			    "multi.surbl.org:dbl.spamhaus.org" },
			{ "rbl.uri-zones", "multi.surbl.org:8-16-64-128" },
		},
	},
	{
		.name = "no-clear-passwords",
		.help = N_("no password crosses the Internet in clear"),
		.text = N_("Plain IMAP and POP3 from the local networks only, "
			   "SMTP logins after TLS only. From outside: IMAPS "
			   "and POP3S."),
		.items = {
			{ "imap.access", "private" },
			{ "pop3.access", "private" },
			{ "auth.tls-before-auth", "1" },
		},
	},
};

const struct profile *
profile_all(size_t *count)
{
	*count = ARRAY_LEN(profiles);
	return profiles;
}

const struct profile *
profile_find(const char *name, struct err *e)
{
	struct nearest near = { .wanted = str_of(name) };

	for (size_t i = 0; i < ARRAY_LEN(profiles); i++) {
		if (strcmp(profiles[i].name, name) == 0)
			return &profiles[i];
		nearest_try(&near, str_of(profiles[i].name));
	}
	err_set(e, ERR_USAGE, _("there is no profile '%s'"), name);
	if (near.best.len > 0)
		err_next(e, "smemail profile show %.*s", STR_ARG(near.best));
	else
		err_next(e, "smemail profile list");
	return NULL;
}

static bool
add_row(struct settings_store *st, struct profile_row *rows, size_t *n,
    const struct settings_wish *w, struct err *e)
{
	struct profile_row *row = &rows[*n];
	struct settings_row now;
	struct str normal;

	if (!settings_check(st, w, &normal, e))
		return false;
	if (!settings_read_value(st, w->setting, w->target, &now, NULL))
		now = (struct settings_row){ 0 }; /* its record comes */
	*row = (struct profile_row){ .wish = *w, .now = now.value };
	row->differs = !str_eq(now.value, normal);
	(*n)++;
	return true;
}

bool
profile_rows(struct settings_store *st, const struct profile *p,
    struct profile_row **out, size_t *n, struct err *e)
{
	struct settings_wish *blocks = NULL;
	size_t n_blocks = 0;

	*n = 0;
	if (p->executables &&
	    !patterns_block_executables(st, &blocks, &n_blocks, e))
		return false;
	*out = ARENA_ARRAY(
	    st->m->arena, ARRAY_LEN(p->items) + n_blocks, struct profile_row);
	for (size_t i = 0; p->items[i].setting != NULL; i++) {
		const struct setting *s =
		    setting_find(str_of(p->items[i].setting));
		const struct settings_wish w = {
			.setting = s,
			.value = p->items[i].value,
		};
		if (setting_on_release(s, st->m->release) &&
		    !add_row(st, *out, n, &w, e))
			return false;
	}
	st->coming = blocks;
	st->n_coming = n_blocks;
	for (size_t i = 0; i < n_blocks; i++)
		if (!add_row(st, *out, n, &blocks[i], e))
			return false;
	return true;
}
