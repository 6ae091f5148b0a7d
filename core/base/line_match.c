/* Search texts. */
#include "core/base/line_match.h"

#include "core/base/find.h"

#include <regex.h>
#include <stdlib.h>
#include <string.h>

void
line_match_init(struct line_match *m, struct str text)
{
	memset(m, 0, sizeof(*m));
	if (text.len >= sizeof(m->text))
		text.len = sizeof(m->text) - 1;
	m->pattern =
	    text.len > 2 && text.ptr[0] == '/' && text.ptr[text.len - 1] == '/';
	if (m->pattern)
		text = str_sub(text, 1, text.len - 1);
	for (size_t i = 0; i < text.len; i++) {
		m->text[i] = text.ptr[i];
		if (text.ptr[i] >= 'A' && text.ptr[i] <= 'Z')
			m->exact = true;
	}
	if (!m->pattern)
		return;
	regex_t *re = malloc(sizeof(*re));
	int flags = REG_EXTENDED | (m->exact ? 0 : REG_ICASE);
	if (re == NULL || regcomp(re, m->text, flags) != 0) {
		free(re);
		return;
	}
	m->compiled = re;
}

void
line_match_clear(struct line_match *m)
{
	if (m->compiled != NULL)
		regfree(m->compiled);
	free(m->compiled);
	memset(m, 0, sizeof(*m));
}

bool
line_match_is_empty(const struct line_match *m)
{
	return m->text[0] == '\0';
}

static bool
find_pattern(const struct line_match *m, struct str line, size_t from,
    size_t *at, size_t *len)
{
	char copy[LINE_MATCH_BYTES_MAX];
	regmatch_t hit;
	struct str rest = str_sub(line, from, line.len);
	if (m->compiled == NULL)
		return false;
	if (rest.len >= sizeof(copy))
		rest.len = sizeof(copy) - 1;
	for (size_t i = 0; i < rest.len; i++)
		copy[i] = rest.ptr[i] != '\0' ? rest.ptr[i] : ' ';
	copy[rest.len] = '\0';
	if (regexec(m->compiled, copy, 1, &hit, from > 0 ? REG_NOTBOL : 0) !=
		0 ||
	    hit.rm_eo <= hit.rm_so)
		return false;
	*at = from + (size_t)hit.rm_so;
	*len = (size_t)(hit.rm_eo - hit.rm_so);
	return true;
}

bool
line_match_find(const struct line_match *m, struct str line, size_t from,
    size_t *at, size_t *len)
{
	struct str text = str_of(m->text);
	if (text.len == 0)
		return false;
	if (m->pattern)
		return find_pattern(m, line, from, at, len);
	struct str rest = str_sub(line, from, line.len);
	const char *found = find_bytes(rest.ptr, rest.len, text, !m->exact);
	if (found == NULL)
		return false;
	*at = (size_t)(found - line.ptr);
	*len = text.len;
	return true;
}
