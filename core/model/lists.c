/* The nine lists: what each is, and finding one by its name. */
#include "core/model/lists.h"

#include "core/base/i18n.h"
#include "core/base/nearest.h"
#include "core/model/lists_int.h"

static const struct lists_list lists[] = {
	{
	    .name = "dnsbl",
	    .phase = "connect",
	    .form = LISTS_ZONE,
	    .setting = "rbl.dns-zones",
	    .sw = "rbl.dns",
	    .forms = "zone, zone:text",
	    .help = N_("zones that list addresses of hosts"),
	    .acts = N_("Acts when a host connects; whitelisthosts is "
		       "asked before."),
	},
	{
	    .name = "rhsbl",
	    .phase = "mail",
	    .form = LISTS_ZONE,
	    .setting = "rbl.sender-zones",
	    .sw = "rbl.sender",
	    .forms = "zone",
	    .help = N_("zones that list domains of senders"),
	    .acts = N_("Acts at MAIL; whitelistsenders is asked before."),
	},
	{
	    .name = "badhelo",
	    .phase = "helo",
	    .form = LISTS_HELO,
	    .setting = "lists.badhelo",
	    .word = "Black",
	    .forms = "name",
	    .help = N_("names of hosts that are refused at HELO"),
	    .acts = N_("Acts at HELO, on exactly this name."),
	},
	{
	    .name = "badmailfrom",
	    .phase = "mail",
	    .form = LISTS_FROM,
	    .setting = "lists.badmailfrom",
	    .word = "Black",
	    .forms = "user@host, @host",
	    .help = N_("envelope senders that are refused at MAIL"),
	    .acts = N_("Acts at MAIL, so the sender is told at once."),
	},
	{
	    .name = "blacklist_from",
	    .phase = "data",
	    .form = LISTS_PATTERN,
	    .setting = "lists.sender",
	    .word = "Black",
	    .sw = "spam.filter",
	    .forms = "user@host, *@host, *host",
	    .help = N_("senders that SpamAssassin gives 100 points"),
	    .acts = N_("Acts after DATA, as a score."),
	},
	{
	    .name = "whitelisthosts",
	    .phase = "connect",
	    .accepts = true,
	    .form = LISTS_ADDRESS,
	    .setting = "lists.whitelisthosts",
	    .word = "White",
	    .forms = "192.0.2.7, 192.0.2., 192.0.2.0/24",
	    .help = N_("hosts exempt from the checks at connecting"),
	    .acts = N_("Acts when a host connects: dnsbl is not asked."),
	},
	{
	    .name = "whitelisthelo",
	    .phase = "helo",
	    .accepts = true,
	    .form = LISTS_HELO,
	    .setting = "lists.whitelisthelo",
	    .word = "White",
	    .forms = "name",
	    .help = N_("names of hosts exempt from checks at HELO"),
	    .acts = N_("Acts at HELO; any host can say that name."),
	},
	{
	    .name = "whitelistsenders",
	    .phase = "mail",
	    .accepts = true,
	    .form = LISTS_SENDER,
	    .setting = "lists.whitelistsenders",
	    .word = "White",
	    .forms = "user@host, host",
	    .help = N_("envelope senders exempt from checks at MAIL"),
	    .acts = N_("Acts at MAIL: badmailfrom and rhsbl are not "
		       "asked; DATA checks still are."),
	},
	{
	    .name = "whitelist_from",
	    .phase = "data",
	    .accepts = true,
	    .form = LISTS_PATTERN,
	    .setting = "lists.sender",
	    .word = "White",
	    .sw = "spam.filter",
	    .forms = "user@host, *@host, *host",
	    .help = N_("senders that SpamAssassin lets pass"),
	    .acts = N_("Acts after DATA, so the earlier checks (dnsbl, "
		       "helo, badmailfrom) still refuse."),
	},
};

const struct lists_list *
lists_all(size_t *count)
{
	*count = ARRAY_LEN(lists);
	return lists;
}

static bool
same_name(struct str typed, const char *name)
{
	struct str n = str_of(name);

	if (typed.len != n.len)
		return false;
	for (size_t i = 0; i < n.len; i++) {
		char c = ascii_lower(typed.ptr[i]);
		if ((c == '-' ? '_' : c) != n.ptr[i])
			return false;
	}
	return true;
}

const struct lists_list *
lists_find(const char *name, struct err *e)
{
	struct nearest near = { .wanted = str_of(name) };

	for (size_t i = 0; i < ARRAY_LEN(lists); i++) {
		if (same_name(str_of(name), lists[i].name))
			return &lists[i];
		nearest_try(&near, str_of(lists[i].name));
	}
	err_set(e, ERR_USAGE, _("there is no list '%s'"), name);
	if (near.best.len > 0)
		err_next(e, "smemail lists show %.*s", STR_ARG(near.best));
	else
		err_next(e, "smemail lists show");
	return NULL;
}

const struct setting *
lists_setting(const struct lists_list *l)
{
	return setting_find(str_of(l->setting));
}
