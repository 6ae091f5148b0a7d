/* What plugins learnt about a message, as its header tells it. */
#include "core/filter/session.h"

/* A word of the peer's: printable, and nothing that ends a value. */
static void
add_word(struct buf *out, struct str s)
{
	for (size_t i = 0; i < s.len; i++) {
		char c = s.ptr[i];
		bool fit = c > ' ' && c <= '~' && c != ';' && c != '(' &&
			   c != ')' && c != '"' && c != '\\';
		buf_add_char(out, fit ? c : '?');
	}
}

static void
add_results(const struct filter_session *s, struct buf *out)
{
	if (s->spf_result != NULL) {
		buf_addf(out, "spf=%s smtp.%s=", s->spf_result,
		    mail_path_is_null(&s->sender) ? "helo" : "mailfrom");
		add_word(out, s->spf_domain);
	}
	if (s->iprev == NULL)
		return;
	buf_addf(out, "%siprev=%s policy.iprev=", out->len > 0 ? "; " : "",
	    s->iprev);
	add_word(out, s->client_ip);
}

/* RFC 7208 9.1 */
static void
add_received_spf(const struct filter_policy *p, const struct filter_session *s,
    struct buf *out)
{
	if (s->spf_result == NULL)
		return;
	buf_addf(out, "Received-SPF: %s (%.*s: domain of ", s->spf_result,
	    STR_ARG(filter_policy_setting(p, "me")));
	add_word(out, s->spf_domain);
	buf_addf(out, ")\n  client-ip=%.*s; envelope-from=\"",
	    STR_ARG(s->client_ip));
	add_word(out, s->sender.local);
	if (s->sender.domain.len > 0) {
		buf_add_char(out, '@');
		add_word(out, s->sender.domain);
	}
	buf_add_cstr(out, "\"; helo=");
	add_word(out, s->helo);
	buf_add_cstr(out, ";\n");
}

void
filter_session_additions(const struct filter_policy *p,
    const struct filter_session *s, struct buf *room,
    struct smtp_additions *out)
{
	buf_reset(room);
	add_results(s, room);
	size_t results = room->len;
	if (s->tells_helo) {
		buf_add_cstr(room, "X-HELO: ");
		add_word(room, s->helo);
		buf_add_char(room, '\n');
	}
	add_received_spf(p, s, room);
	buf_add_str(room, buf_str(&s->fields));
	*out = (struct smtp_additions){ .n_drop = s->n_drops };
	memcpy(out->drop, s->drops, sizeof(out->drop));
	/* cut short they would say what is not so */
	if (room->failed)
		return;
	out->results = str_sub(buf_str(room), 0, results);
	out->fields = str_sub(buf_str(room), results, room->len);
}
