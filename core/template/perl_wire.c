/* Messages to and from perl: type, length, fields of a length each. */
#include "core/template/perl_int.h"

#include "core/base/i18n.h"

#include <errno.h>

enum {
	HEAD = 5, /* type, length */
};

static void
number_put(struct buf *b, size_t n)
{
	const char bytes[4] = { (char)(n >> 24), (char)(n >> 16),
		(char)(n >> 8), (char)n };
	buf_add(b, bytes, sizeof(bytes));
}

static size_t
number_get(const char *bytes)
{
	size_t n = 0;
	for (size_t i = 0; i < 4; i++)
		n = n << 8 | (unsigned char)bytes[i];
	return n;
}

void
perl_field_put(struct buf *b, struct str field)
{
	number_put(b, field.len);
	buf_add_str(b, field);
}

bool
perl_message_send(struct coprocess *p, char type, const struct buf *fields,
    int64_t deadline, struct err *e)
{
	struct buf head = BUF_INIT(HEAD);
	buf_add_char(&head, type);
	number_put(&head, fields->len);
	bool ok =
	    !fields->failed || err_set_errno(e, ENOMEM, _("cannot ask perl"));
	ok = ok && coprocess_send(p, buf_str(&head), deadline, e) &&
	     coprocess_send(p, buf_str(fields), deadline, e);
	buf_clear(&head);
	return ok;
}

static bool
message_split(struct perl_message *m)
{
	struct str rest = buf_str(&m->bytes);
	m->n = 0;
	while (rest.len >= 4 && m->n < PERL_FIELDS_MAX) {
		size_t n = number_get(rest.ptr);
		if (n > rest.len - 4)
			return false;
		m->fields[m->n++] = str_sub(rest, 4, 4 + n);
		rest = str_sub(rest, 4 + n, rest.len);
	}
	return rest.len == 0;
}

bool
perl_message_receive(struct coprocess *p, struct perl_message *m,
    int64_t deadline, struct err *e)
{
	buf_reset(&m->bytes);
	if (!coprocess_receive(p, HEAD, &m->bytes, deadline, e))
		return false;
	m->type = m->bytes.data[0];
	size_t n = number_get(m->bytes.data + 1);
	if (n > PERL_MESSAGE_MAX)
		return err_set(e, ERR_PERMANENT,
		    _("its text is larger than %d bytes"),
		    TEMPLATE_PERL_RESULT_MAX);
	buf_reset(&m->bytes);
	return coprocess_receive(p, n, &m->bytes, deadline, e) &&
	       (message_split(m) ||
		   err_set(e, ERR_PERMANENT, _("perl sent a broken message")));
}

struct str
perl_field(const struct perl_message *m, size_t i)
{
	return i < m->n ? m->fields[i] : (struct str)STR_EMPTY;
}
