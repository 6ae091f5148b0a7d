/* The way of an address through this server. */
#include "core/model/route.h"

#include "core/base/i18n.h"
#include "core/db/db.h"
#include "core/mail/path.h"
#include "core/model/own.h"

#include <stdlib.h>
#include <string.h>

struct walk {
	const struct model_ctx *m;
	struct dns *dns;
	struct db *accounts, *domains, *configuration;
	struct findings *f;
	struct routes *out;
	const char *domain;
};

static const char *
prop(const struct walk *w, const struct db *db, const char *key,
    const char *name)
{
	struct str value = STR_EMPTY;
	return db_prop(db, key, name, w->m->arena, &value)
		   ? arena_cstr(w->m->arena, str_trim(value))
		   : "";
}

static const char *
config_value(const struct walk *w, const char *key)
{
	const struct db_record *r = db_find(w->configuration, str_of(key));
	return r != NULL ? arena_cstr(w->m->arena,
			       str_trim(db_record_value(r, w->m->arena)))
			 : "";
}

static void
end(struct walk *w, const char *kind, const char *to)
{
	if (w->out->n < ROUTE_ENDS_MAX)
		w->out->ends[w->out->n++] = (struct route){ kind, to };
}

/* What a domain's mail meets before anybody's account. */
static bool
delegated(struct walk *w)
{
	const char *own = prop(w, w->domains, w->domain, "MailServer");
	const char *all = config_value(w, "DelegateMailServer");
	if (own[0] != '\0') {
		findings_add(w->f, FINDING_INFO, "server", N_("server"),
		    _("%s takes the mail of %s (delivery.domain-server)"), own,
		    w->domain);
		end(w, "server", own);
	} else if (all[0] != '\0') {
		findings_add(w->f, FINDING_INFO, "server", N_("server"),
		    _("%s takes the mail of every domain "
		      "(delivery.internal-server)"),
		    all);
		end(w, "server", all);
	}
	return own[0] != '\0' || all[0] != '\0';
}

static void
to_user(struct walk *w, const char *name)
{
	const char *how = prop(w, w->accounts, name, "EmailForward");
	const char *to = prop(w, w->accounts, name, "ForwardAddress");
	bool forwards = strcmp(how, "forward") == 0,
	     both = strcmp(how, "both") == 0;
	findings_add(w->f, FINDING_INFO, "user", N_("user"),
	    forwards ? _("%s has it sent on to %s (user.forward)")
	    : both   ? _("%s keeps it and has it sent on to %s (user.forward)")
		     : _("%s, into the mailbox%s (user.forward)"),
	    name, forwards || both ? to : "");
	if (!forwards)
		end(w, "user", name);
	if (forwards || both)
		end(w, "forward", to);
}

static void to_account(struct walk *w, const char *name, int depth);

static bool
has_word(struct str list, struct str word)
{
	while (list.ptr != NULL && list.len > 0)
		if (str_eq(str_trim(str_cut(list, ',', &list)), word))
			return true;
	return false;
}

/* Left out of the group's mail, by name or with a group that is. */
static bool
is_excluded(const struct walk *w, const char *group, struct str member)
{
	struct str groups =
	    str_of(prop(w, w->accounts, group, "EmailExcludeGroups"));
	bool found = has_word(
	    str_of(prop(w, w->accounts, group, "EmailExcludeUsers")), member);
	while (!found && groups.ptr != NULL && groups.len > 0) {
		struct str one = str_trim(str_cut(groups, ',', &groups));
		found = has_word(str_of(prop(w, w->accounts,
				     arena_cstr(w->m->arena, one), "Members")),
		    member);
	}
	return found;
}

static void
to_group(struct walk *w, const char *name, int depth)
{
	struct str rest = str_of(prop(w, w->accounts, name, "Members"));
	struct str member;
	findings_add(w->f, FINDING_INFO, "group", N_("group"),
	    _("%s: each member gets it"), name);
	while (rest.ptr != NULL && rest.len > 0) {
		member = str_trim(str_cut(rest, ',', &rest));
		if (member.len > 0 && w->out->n < ROUTE_ENDS_MAX &&
		    !is_excluded(w, name, member))
			to_account(
			    w, arena_cstr(w->m->arena, member), depth + 1);
	}
}

static void
to_unknown(struct walk *w, const char *name, int depth)
{
	const char *how = config_value(w, "EmailUnknownUser");
	bool back = how[0] == '\0' || strcmp(how, "returntosender") == 0;
	if (back || depth > 0) {
		findings_add(w->f, FINDING_FAIL, "unknown", N_("unknown"),
		    _("there is no account '%s': refused "
		      "(delivery.unknown-user)"),
		    name);
		end(w, "refused", name);
		return;
	}
	findings_add(w->f, FINDING_WARN, "unknown", N_("unknown"),
	    _("there is no account '%s': %s gets it (delivery.unknown-user)"),
	    name, how);
	to_account(w, how, depth + 1);
}

/* One account by its record's type. */
static void
to_account(struct walk *w, const char *name, int depth)
{
	const struct db_record *r = db_find(w->accounts, str_of(name));
	struct str type =
	    r != NULL ? db_record_type(r, w->m->arena) : (struct str)STR_EMPTY;
	if (depth > ROUTE_DEPTH_MAX) {
		findings_add(w->f, FINDING_FAIL, "loop", N_("loop"),
		    _("'%s' leads back to itself"), name);
		end(w, "refused", name);
	} else if (str_is(type, "user") || strcmp(name, "admin") == 0) {
		to_user(w, name);
	} else if (str_is(type, "group")) {
		to_group(w, name, depth);
	} else if (str_is(type, "pseudonym")) {
		const char *to = prop(w, w->accounts, name, "Account");
		findings_add(w->f, FINDING_INFO, "pseudonym", N_("pseudonym"),
		    _("%s is %s (pseudonym.account)"), name, to);
		to_account(w, to, depth + 1);
	} else if (str_is(type, "system")) {
		findings_add(w->f, FINDING_INFO, "system", N_("system"),
		    _("%s belongs to the system: admin gets its mail"), name);
		to_account(w, "admin", depth + 1);
	} else if (strcmp(name, "everyone") == 0 ||
		   strcmp(name, "shared") == 0) {
		findings_add(w->f, FINDING_INFO, "group", N_("group"),
		    _("everyone: every user gets it"));
		end(w, "group", name);
	} else {
		to_unknown(w, name, depth);
	}
}

/*
 * Without an account of that name what stands before its last hyphen, the next
 * to last, ... may be one.
 */
static const char *
without_extension(const struct walk *w, const char *local)
{
	for (size_t n = strlen(local); n > 0; n--) {
		struct str part = str_n(local, n);
		if ((local[n] == '\0' || local[n] == '-') &&
		    db_find(w->accounts, part) != NULL)
			return arena_cstr(w->m->arena, part);
	}
	return local;
}

/* A pseudonym for one domain alone comes before that for all. */
static void
to_local(struct walk *w, const char *local)
{
	const char *full = arena_printf(w->m->arena, "%s@%s", local, w->domain);
	findings_add(w->f, FINDING_INFO, "domain", N_("domain"),
	    _("%s is a domain of this server"), w->domain);
	if (delegated(w))
		return;
	const char *whole = prop(w, w->domains, w->domain, "EmailTo");
	if (db_find(w->accounts, str_of(full)) != NULL)
		to_account(w, full, 0);
	else if (whole[0] != '\0' &&
		 db_find(w->accounts, str_of(whole)) != NULL)
		to_account(w, whole, 0);
	else
		to_account(w, without_extension(w, local), 0);
}

static const char *
smarthost(const struct walk *w)
{
	if (strcmp(w->m->release, "11") == 0)
		return prop(w, w->configuration, "postfix", "SMTPSmartHost");
	return config_value(w, "SMTPSmartHost");
}

struct server {
	unsigned preference;
	struct str host;
};

static int
server_order(const void *a, const void *b)
{
	const struct server *x = a, *y = b;
	return x->preference != y->preference
		   ? (x->preference < y->preference ? -1 : 1)
		   : strncmp(x->host.ptr, y->host.ptr,
			 x->host.len < y->host.len ? x->host.len : y->host.len);
}

/* Both kinds were asked for, and there is none of either. */
static bool
has_no_address(const struct dns_question q[2])
{
	bool none = true;
	for (size_t i = 0; i < 2; i++)
		none = none && q[i].answer != NULL &&
		       dns_is_answer(q[i].answer->status) &&
		       q[i].answer->n == 0;
	return none;
}

/* Servers in the order they are tried; 'is_mx' false: the domain itself. */
static void
to_hosts(struct walk *w, const struct server *s, size_t n, bool is_mx)
{
	struct arena *a = w->m->arena;
	struct dns_question *q = ARENA_ARRAY(a, 2 * n, struct dns_question);
	size_t without = 0;
	for (size_t i = 0; i < 2 * n; i++) {
		q[i].name = s[i / 2].host;
		q[i].type = i % 2 == 0 ? DNS_A : DNS_AAAA;
	}
	dns_ask_all(w->dns, a, q, 2 * n);
	for (size_t i = 0; i < n; i++) {
		bool none = has_no_address(&q[2 * i]);
		without += none;
		if (is_mx)
			findings_add(w->f, none ? FINDING_WARN : FINDING_INFO,
			    "mx", "MX",
			    none ? _("%u %.*s: it has no address") : "%u %.*s",
			    s[i].preference, STR_ARG(s[i].host));
		if (!none)
			end(w, "mx", arena_cstr(a, s[i].host));
	}
	if (without < n)
		return;
	findings_add(w->f, FINDING_FAIL, "address", N_("address"),
	    is_mx ? _("no server of %s has an address: mail comes back")
		  : _("%s has no address either: mail comes back"),
	    w->domain);
	end(w, "refused", w->domain);
}

static void
to_servers(struct walk *w, const struct dns_answer *mx)
{
	struct server *s = ARENA_ARRAY(w->m->arena, mx->n, struct server);
	for (size_t i = 0; i < mx->n; i++) {
		s[i] = (struct server){ mx->records[i].as.mx.preference,
			mx->records[i].as.mx.host };
		if (!str_is(s[i].host, "."))
			continue;
		findings_add(w->f, FINDING_FAIL, "mx", "MX",
		    _("%s takes no mail (null MX, RFC 7505)"), w->domain);
		end(w, "refused", w->domain);
		return;
	}
	qsort(s, mx->n, sizeof(*s), server_order);
	to_hosts(w, s, mx->n, true);
}

static void
to_foreign(struct walk *w)
{
	const char *host = smarthost(w);
	findings_add(w->f, FINDING_INFO, "domain", N_("domain"),
	    _("%s is not a domain of this server"), w->domain);
	if (host[0] != '\0') {
		findings_add(w->f, FINDING_INFO, "smarthost", N_("smarthost"),
		    _("%s takes all mail for elsewhere "
		      "(delivery.smarthost)"),
		    host);
		end(w, "smarthost", host);
		return;
	}
	const struct dns_answer *mx =
	    w->dns != NULL
		? dns_ask(w->dns, w->m->arena, str_of(w->domain), DNS_MX, NULL)
		: NULL;
	if (mx == NULL || !dns_is_answer(mx->status)) {
		findings_add(w->f, FINDING_UNKNOWN, "mx", "MX",
		    _("the servers of %s could not be asked for: %s"),
		    w->domain,
		    mx != NULL ? dns_status_text(mx->status)
			       : _("no resolver"));
	} else if (mx->status == DNS_OK) {
		to_servers(w, mx);
	} else if (mx->status == DNS_NXDOMAIN) {
		findings_add(w->f, FINDING_FAIL, "mx", "MX",
		    _("the domain %s does not exist"), w->domain);
		end(w, "refused", w->domain);
	} else {
		findings_add(w->f, FINDING_INFO, "mx", "MX",
		    _("no MX: the host %s itself (RFC 5321 5.1)"), w->domain);
		const struct server itself = { 0, str_of(w->domain) };
		to_hosts(w, &itself, 1, false);
	}
}

static bool
open_db(
    const struct model_ctx *m, const char *name, struct db **out, struct err *e)
{
	char path[SYS_PATH_MAX];
	if (!db_path(m->root, name, path, NULL, e))
		return false;
	const char *shown = root_shown(m->root, path);
	return db_load(path, shown, out, e) &&
	       db_is_whole(*out, path, shown, e);
}

/* Could it be the name of an account? */
static bool
is_plain_name(struct str name)
{
	bool plain = name.len > 0;
	for (size_t i = 0; i < name.len; i++)
		plain = plain && (ascii_is_alnum(name.ptr[i]) ||
				     strchr("._-", name.ptr[i]) != NULL);
	return plain;
}

/* The name of an account of this server, without a domain. */
static bool
domain_missing(const struct model_ctx *m, struct str name, struct err *e)
{
	struct own_names own;
	err_set(e, ERR_USAGE,
	    _("'%.*s' has no domain: an address is NAME@DOMAIN"),
	    STR_ARG(name));
	if (!own_names_read(m, &own, NULL) || own.domain.len == 0)
		return err_next(e, "smemail route NAME@DOMAIN");
	return err_next(
	    e, "smemail route %.*s@%.*s", STR_ARG(name), STR_ARG(own.domain));
}

static bool
address_read(const struct model_ctx *m, const char *address,
    struct mail_path *out, struct err *e)
{
	struct str params, s = str_of(address);
	const char *why = NULL;
	bool in_brackets =
	    s.len > 1 && s.ptr[0] == '<' && s.ptr[s.len - 1] == '>';
	if (in_brackets)
		s = str_sub(s, 1, s.len - 1);
	if (mail_path_parse(
		str_of(arena_printf(m->arena, "<%.*s>", STR_ARG(s))),
		MAIL_PATH_RECIPIENT, out, &params, &why) &&
	    params.len == 0)
		return true;
	size_t at = str_find(s, '@', 0);
	struct str name = str_sub(s, 0, at);
	if (s.len > 0 && name.len == 0)
		return err_set(e, ERR_USAGE,
		    _("'%s' has no name before the domain"), address);
	if (at + 1 >= s.len && is_plain_name(name))
		return domain_missing(m, name, e);
	return err_set(e, ERR_USAGE, _("'%s' is no address: %s"), address,
	    why != NULL ? _(why) : _("something follows it"));
}

/* RFC 6531: a name beyond ASCII needs SMTPUTF8, which the filter has not. */
static bool
refuses_letters(struct walk *w, const char *address)
{
	size_t n = strcspn(address, "@");
	bool beyond = false;
	for (size_t i = 0; i < n && address[n] == '@'; i++)
		beyond = beyond || (unsigned char)address[i] >= 0x80;
	if (!beyond)
		return false;
	const char *name = arena_cstr(w->m->arena, str_n(address, n));
	findings_add(w->f, FINDING_FAIL, "name", N_("name"),
	    _("'%s' has letters beyond ASCII: refused, this server offers no "
	      "SMTPUTF8"),
	    name);
	end(w, "refused", address);
	return true;
}

bool
route_address(const struct model_ctx *m, struct dns *dns, const char *address,
    struct findings *steps, struct routes *out, struct err *e)
{
	struct walk w = { .m = m, .dns = dns, .f = steps, .out = out };
	struct mail_path path;
	struct buf local = BUF_INIT(MAIL_PATH_MAX);
	out->n = 0;
	findings_init(steps, m->arena);
	if (refuses_letters(&w, address))
		return true;
	if (!address_read(m, address, &path, e))
		return false;
	bool ok = open_db(m, "accounts", &w.accounts, e) &&
		  open_db(m, "domains", &w.domains, e) &&
		  open_db(m, "configuration", &w.configuration, e) &&
		  mail_local_fold(&local, path.local);
	if (ok) {
		char *domain = arena_cstr(m->arena, path.domain);
		for (char *c = domain; *c != '\0'; c++)
			*c = ascii_lower(*c);
		w.domain =
		    domain[0] != '\0' ? domain : config_value(&w, "DomainName");
		if (db_find(w.domains, str_of(w.domain)) != NULL ||
		    strcmp(w.domain, config_value(&w, "DomainName")) == 0)
			to_local(&w, arena_cstr(m->arena, buf_str(&local)));
		else
			to_foreign(&w);
	}
	buf_clear(&local);
	db_free(w.accounts);
	db_free(w.domains);
	db_free(w.configuration);
	return ok;
}
