/* Can a request be said in a conversation at all? */
#include "core/model/rehearse.h"

#include "core/base/i18n.h"
#include "core/net/addr.h"

/* What goes into a command line holds nothing that would end it. */
static bool
is_line(struct str text)
{
	for (size_t i = 0; i < text.len; i++) {
		if ((unsigned char)text.ptr[i] < ' ' || text.ptr[i] == 0x7f)
			return false;
	}
	return true;
}

static bool
check_word(const char *name, struct str text, struct err *e)
{
	return is_line(text) ||
	       err_set(e, ERR_USAGE, _("--%s holds a control character"), name);
}

static bool
example(struct err *e)
{
	return err_next(e, "smemail rehearse --from-ip 203.0.113.9 "
			   "--mail-from a@b.example --rcpt you@here");
}

bool
rehearse_check(const struct rehearse_request *r, struct err *e)
{
	struct net_addr addr;
	if (r->client.len == 0) {
		err_set(e, ERR_USAGE, "%s",
		    _("which client? no --from-ip was given"));
		return example(e);
	}
	if (!net_addr_parse(r->client, &addr))
		return err_set(e, ERR_USAGE, _("'%.*s' is not an IP address"),
		    STR_ARG(r->client));
	if (r->n_rcpts == 0) {
		err_set(e, ERR_USAGE, "%s", _("to whom? no --rcpt was given"));
		return example(e);
	}
	if (r->port != 25 && r->port != 465 && r->port != 587)
		return err_set(e, ERR_USAGE,
		    _("port %u is none of the filter's: 25, 465 or 587"),
		    (unsigned)r->port);
	for (size_t i = 0; i < r->n_rcpts; i++) {
		if (!check_word("rcpt", r->rcpts[i], e))
			return false;
	}
	return check_word("helo", r->helo, e) &&
	       check_word("user", r->user, e) &&
	       check_word("mail-from", r->sender, e);
}
