/* The line of logging/logterse (FL-175 to FL-178). */
#include "core/filter/terse_int.h"

#include "core/base/escape.h"
#include "core/filter/policy_int.h"

enum {
	TERSE_FIELD_MAX = 8 * 1024 /* the recipients: the rest must fit too */
};

/* Parting characters within a field become "_", other controls \xNN. */
static void
add_field(struct buf *out, struct str field)
{
	struct buf clean = BUF_INIT(TERSE_FIELD_MAX);
	for (size_t i = 0; i < field.len; i++) {
		char c = field.ptr[i];
		buf_add_char(&clean, c == '\t' || c == '\n' ? '_' : c);
	}
	escape_terminal(out, buf_str(&clean));
	buf_clear(&clean);
}

static void
add_envelope(struct buf *out, const struct filter_session *s)
{
	struct buf b = BUF_INIT(TERSE_FIELD_MAX);
	if (s->has_sender || !mail_path_is_null(&s->sender))
		mail_path_format_bracketed(&b, &s->sender);
	add_field(out, buf_str(&b));
	buf_add_char(out, '\t');
	buf_reset(&b);
	for (size_t i = 0; i < s->n_rcpts; i++) {
		size_t before = b.len;
		if (i > 0)
			buf_add_char(&b, ',');
		mail_path_format_bracketed(&b, &s->rcpts[i]);
		if (!b.failed && b.len + 4 <= b.max)
			continue;
		/* no line is longer than log readers take */
		buf_truncate(&b, before);
		b.failed = false;
		buf_add_cstr(&b, ",...");
		break;
	}
	add_field(out, buf_str(&b));
	buf_clear(&b);
}

bool
filter_terse(const struct filter_policy *p, const struct filter_session *s,
    const struct filter_verdict *verdict, bool queued, struct str message_id,
    struct buf *out, int *level)
{
	const struct plugin_instance *instance =
	    plugin_list_find(session_list(p, s), &plugin_logterse);
	if (instance == NULL)
		return false;
	const struct terse *data = instance->data;
	*level = data->level;
	buf_add_str(out, data->mark);
	buf_add_char(out, ' ');
	const struct str fields[] = { s->client_ip, s->client_name, s->helo };
	for (size_t i = 0; i < ARRAY_LEN(fields); i++) {
		add_field(out, fields[i]);
		buf_add_char(out, '\t');
	}
	add_envelope(out, s);
	if (queued) {
		buf_add_cstr(out, "\tqueued\t\t");
		add_field(out, message_id);
		buf_add_char(out, '\t');
		return true;
	}
	buf_addf(out, "\t%s\t%d\t",
	    verdict->plugin != NULL ? verdict->plugin : "core",
	    (int)verdict->result);
	add_field(out, str_of(verdict->text));
	buf_add_cstr(out, "\tmsg denied before queued");
	return true;
}
