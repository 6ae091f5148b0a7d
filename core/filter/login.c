/* What a session is offered: STARTTLS and AUTH (FL-9, FL-79, FL-83). */
#include "core/filter/policy_int.h"

/* The session's own list and, when that is another, the main one before it. */
static size_t
lists_of(const struct filter_policy *p, const struct filter_session *s,
    const struct plugin_list *lists[2])
{
	size_t n = 0;
	const struct plugin_list *own = session_list(p, s);
	lists[n++] = &p->main;
	if (own != &p->main)
		lists[n++] = own;
	return n;
}

static bool
is_for(const struct filter_login *l, enum smtp_role role)
{
	return role == SMTP_ROLE_SMTPS ? l->on_smtps : l->on_smtp;
}

size_t
filter_session_logins(const struct filter_policy *p,
    const struct filter_session *s,
    const struct filter_login *out[FILTER_LOGINS_MAX])
{
	const struct plugin_list *lists[2];
	size_t n = 0, n_lists = lists_of(p, s, lists);
	for (size_t i = 0; i < n_lists; i++) {
		for (size_t j = 0; j < lists[i]->n; j++) {
			const struct plugin_instance *instance =
			    &lists[i]->instances[j];
			if ((instance->plugin->flags & PLUGIN_LOGS_IN) &&
			    is_for(instance->data, s->role) &&
			    n < FILTER_LOGINS_MAX)
				out[n++] = instance->data;
		}
	}
	return n;
}

static bool
list_has_login(const struct plugin_list *l, enum filter_login_kind kind)
{
	for (size_t i = 0; i < l->n; i++) {
		const struct plugin_instance *instance = &l->instances[i];
		const struct filter_login *login = instance->data;
		if ((instance->plugin->flags & PLUGIN_LOGS_IN) &&
		    login->kind == kind)
			return true;
	}
	return false;
}

bool
filter_policy_has_login(
    const struct filter_policy *p, enum filter_login_kind kind)
{
	bool has = list_has_login(&p->main, kind);
	for (size_t i = 0; i < p->peers.len && !has; i++)
		has = list_has_login(
		    VEC_AT(&p->peers, struct peer, i)->list, kind);
	return has;
}

static bool
list_has_qmail(const struct plugin_list *list)
{
	for (size_t i = 0; i < list->n; i++) {
		const struct plugin_instance *one = &list->instances[i];
		const struct filter_queue *q = one->data;
		if ((one->plugin->flags & PLUGIN_QUEUES) && q != NULL &&
		    q->kind == FILTER_QUEUE_QMAIL)
			return true;
	}
	return false;
}

bool
filter_policy_gains_rights(const struct filter_policy *p)
{
	bool gains = filter_policy_has_login(p, FILTER_LOGIN_PAM) ||
		     list_has_qmail(&p->main);
	for (size_t i = 0; i < p->peers.len && !gains; i++)
		gains = list_has_qmail(VEC_AT(&p->peers, struct peer, i)->list);
	return gains;
}

/* FL-83: those of the local networks may log in on this port. */
static bool
is_for_local(const struct filter_policy *p, const struct filter_session *s)
{
	for (size_t i = 0; p->local != NULL && i < p->local->n; i++) {
		const struct plugin_instance *one = &p->local->instances[i];
		if ((one->plugin->flags & PLUGIN_LOGS_IN) &&
		    is_for(one->data, s->role))
			return true;
	}
	return false;
}

static bool
has_tls(const struct filter_policy *p, const struct filter_session *s)
{
	const struct plugin_list *lists[2];
	size_t n = lists_of(p, s, lists);
	for (size_t i = 0; i < n; i++) {
		if (plugin_list_find(lists[i], &plugin_tls) != NULL)
			return true;
	}
	return false;
}

void
filter_session_offers(const struct filter_policy *p,
    const struct filter_session *s, bool can_tls, struct smtp_offers *out)
{
	const struct filter_login *logins[FILTER_LOGINS_MAX];
	*out = (struct smtp_offers){
		.starttls = can_tls && has_tls(p, s),
		.auth = SMTP_AUTH_NONE,
		.login_first = s->role == SMTP_ROLE_SUBMISSION,
		.bare_paths = plugin_list_find(session_list(p, s),
				  &plugin_dont_require_anglebrackets) != NULL,
	};
	if (filter_session_logins(p, s, logins) == 0) {
		out->auth =
		    is_for_local(p, s) ? SMTP_AUTH_LOCAL : SMTP_AUTH_NONE;
		return;
	}
	bool in_clear = filter_policy_number(p, "tls_before_auth", 1) == 0;
	out->auth =
	    s->tls || in_clear ? SMTP_AUTH_OFFERED : SMTP_AUTH_NEEDS_TLS;
}
