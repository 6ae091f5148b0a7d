/* Lines of qplogsumm's state. */
#include "core/maillog/logstate.h"

#include "core/base/num.h"

/* The last word of *s, which is cut off. */
static struct str
last_word(struct str *s)
{
	*s = str_trim(*s);
	size_t from = s->len;
	while (from > 0 && !ascii_is_space(s->ptr[from - 1]))
		from--;
	struct str word = str_sub(*s, from, s->len);
	*s = str_trim(str_sub(*s, 0, from));
	return word;
}

bool
logstate_next(struct str *text, struct logstate_line *out)
{
	struct str line;
	while (str_next_line(text, &line)) {
		struct str total = last_word(&line);
		struct str label = last_word(&line);
		if (line.len > 0 && label.len == TAI64N_SIZE &&
		    tai64n_parse(label, &out->since) &&
		    num_parse_u64(total, UINT64_MAX, &out->total)) {
			out->name = line;
			return true;
		}
	}
	return false;
}
