/* The one user of PCRE2. */
#include "core/filter/pattern.h"

#include <stdbool.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

#define PCRE2_CODE_UNIT_WIDTH 8
#include <pcre2.h>

/*
 * Effort of one search. 50,000 steps are about a millisecond; no honest
 * pattern over an address of 320 bytes comes near.
 */
enum {
	MATCH_STEPS_MAX = 50000,
	MATCH_DEPTH_MAX = 5000,
	MATCH_HEAP_KIB_MAX = 1024
};

struct pattern {
	pcre2_code *code;
	pcre2_match_context *limits;
};

static pcre2_code *
compile(struct str text, int *error, size_t *offset)
{
	pcre2_compile_context *context = pcre2_compile_context_create(NULL);
	if (context == NULL)
		return NULL;
	pcre2_set_max_pattern_length(context, PATTERN_LENGTH_MAX);
	pcre2_code *code = pcre2_compile((PCRE2_SPTR)text.ptr, text.len,
	    PCRE2_NEVER_BACKSLASH_C | PCRE2_NEVER_UTF | PCRE2_NEVER_UCP |
		PCRE2_DOLLAR_ENDONLY,
	    error, offset, context);
	pcre2_compile_context_free(context);
	return code;
}

static void
explain(int error, size_t offset, char why[PATTERN_WHY_SIZE])
{
	PCRE2_UCHAR message[PATTERN_WHY_SIZE / 2];
	if (error == 0 ||
	    pcre2_get_error_message(error, message, sizeof(message)) < 0)
		snprintf(why, PATTERN_WHY_SIZE, "out of memory");
	else
		snprintf(why, PATTERN_WHY_SIZE, "%s at offset %zu",
		    (const char *)message, offset);
}

struct pattern *
pattern_new(struct str text, char why[PATTERN_WHY_SIZE])
{
	int error = 0;
	size_t offset = 0;
	struct pattern *p = calloc(1, sizeof(*p));
	if (p != NULL) {
		p->code = compile(text, &error, &offset);
		p->limits = pcre2_match_context_create(NULL);
	}
	if (p == NULL || p->code == NULL || p->limits == NULL) {
		bool broken = p != NULL && p->code == NULL;
		explain(broken ? error : 0, offset, why);
		pattern_free(p);
		return NULL;
	}
	pcre2_set_match_limit(p->limits, MATCH_STEPS_MAX);
	pcre2_set_depth_limit(p->limits, MATCH_DEPTH_MAX);
	pcre2_set_heap_limit(p->limits, MATCH_HEAP_KIB_MAX);
	return p;
}

void
pattern_free(struct pattern *p)
{
	if (p == NULL)
		return;
	pcre2_match_context_free(p->limits);
	pcre2_code_free(p->code);
	free(p);
}

enum pattern_result
pattern_search(const struct pattern *p, struct str subject)
{
	/* captures are not wanted: room for the whole match alone */
	pcre2_match_data *data = pcre2_match_data_create(1, NULL);
	if (data == NULL)
		return PATTERN_TOO_HARD;
	int rc =
	    pcre2_match(p->code, (PCRE2_SPTR)(subject.len ? subject.ptr : ""),
		subject.len, 0, PCRE2_NO_JIT, data, p->limits);
	pcre2_match_data_free(data);
	if (rc >= 0)
		return PATTERN_YES;
	return rc == PCRE2_ERROR_NOMATCH ? PATTERN_NO : PATTERN_TOO_HARD;
}
