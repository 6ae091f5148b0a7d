/* What sessions ask the part that has logins judged. */
#include "cmd/filterd/worker_int.h"
#include "core/auth/login.h"

static void
end_login(struct conn *c, enum smtp_logged_in how)
{
	struct counters *counters = &c->w->board->counters;
	c->login_serial = 0;
	if (how == SMTP_LOGIN_OK) {
		struct smtp_login l = smtp_session_login(c->smtp);
		c->filter.auth_user = arena_str(c->filter.arena, l.user);
		/* without it nobody would know of the login */
		if (c->filter.auth_user.ptr == NULL)
			how = SMTP_LOGIN_LATER;
	}
	*(how == SMTP_LOGIN_OK ? &counters->logins
			       : &counters->logins_failed) += 1;
	if (how == SMTP_LOGIN_OK) {
		filter_session_login(c->snapshot->policy, &c->filter);
		smtp_session_set_relay(c->smtp, true);
		conn_offer(c);
	}
	smtp_session_logged_in(c->smtp, how);
}

void
conn_ask_login(struct conn *c)
{
	struct worker *w = c->w;
	struct smtp_login l = smtp_session_login(c->smtp);
	struct buf body = BUF_INIT(FILTERD_PACKET_MAX);
	/* whole at once: growing would leave copies of the password */
	bool room = buf_reserve(&body, l.user.len + l.password.len + 512);
	worker_write_log(w); /* its lines come behind */
	c->login_serial = ++w->serial;
	wire_put_u32(&body, c->slot);
	wire_put_u32(&body, c->login_serial);
	wire_put_u32(&body, c->number);
	wire_put_u32(&body, c->filter.role);
	wire_put_u32(&body, c->filter.tls);
	wire_put_str(&body, str_of(c->ip));
	wire_put_str(&body, l.user);
	wire_put_str(&body, l.password);
	bool asked = room && channel_send(&w->auth, MESSAGE_LOGIN,
				 buf_str(&body), -1, 0) == CHANNEL_OK;
	buf_wipe(&body);
	if (!asked)
		end_login(c, SMTP_LOGIN_LATER);
}

/* Who asked, if the session waits for just this answer. */
static struct conn *
find(struct worker *w, struct wire *in)
{
	uint32_t slot = wire_get_u32(in);
	uint32_t serial = wire_get_u32(in);
	struct conn *c = slot < w->n_slots ? w->slots[slot] : NULL;
	if (c == NULL || c->over || serial == 0 || c->login_serial != serial)
		return NULL;
	if (smtp_session_want(c->smtp) == SMTP_WANT_LOGIN)
		return c;
	c->login_serial = 0;
	return NULL;
}

bool
worker_hear_auth(struct worker *w, struct message *m)
{
	struct conn *c = find(w, &m->in);
	uint32_t answer = wire_get_u32(&m->in);
	if (!wire_end(&m->in) || answer > LOGIN_LATER)
		return false;
	if (c == NULL)
		return true;
	end_login(c, answer == LOGIN_OK      ? SMTP_LOGIN_OK
		     : answer == LOGIN_LATER ? SMTP_LOGIN_LATER
					     : SMTP_LOGIN_DENIED);
	conn_go(c);
	return true;
}

void
worker_lose_auth(struct worker *w)
{
	channel_clear(&w->auth);
	LIST_FOREACH(node, &w->conns)
	{
		struct conn *c = LIST_ITEM(node, struct conn, all);
		if (c->over || c->login_serial == 0)
			continue;
		end_login(c, SMTP_LOGIN_LATER);
		conn_enlist(c, &w->ready);
	}
}
