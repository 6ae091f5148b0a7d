/* Names of log levels. */
#include "core/filter/level_int.h"

#include "core/base/num.h"

#include <stdint.h>

static const struct {
	const char *name;
	enum filter_level level;
} names[] = {
	{ "emerg", LEVEL_EMERG },
	{ "radar", LEVEL_EMERG },
	{ "alert", LEVEL_ALERT },
	{ "crit", LEVEL_CRIT },
	{ "error", LEVEL_ERROR },
	{ "warn", LEVEL_WARN },
	{ "notice", LEVEL_NOTICE },
	{ "info", LEVEL_INFO },
	{ "debug", LEVEL_DEBUG },
};

bool
level_parse(struct str s, int *out)
{
	uint64_t n;
	/* SME's catalogue goes up to 8 */
	if (num_parse_u64(s, INT32_MAX, &n)) {
		*out = n > LEVEL_DEBUG ? LEVEL_DEBUG : (int)n;
		return true;
	}
	static const struct str prefix = { "log", 3 };
	if (str_starts_nocase(s, prefix))
		s = str_sub(s, prefix.len, s.len);
	for (size_t i = 0; i < ARRAY_LEN(names); i++) {
		if (str_is_nocase(s, names[i].name)) {
			*out = (int)names[i].level;
			return true;
		}
	}
	return false;
}
