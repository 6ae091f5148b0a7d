/* Literals as perl writes them: numbers, quoted strings, lists and hashes. */
#ifndef CORE_TEMPLATE_LITERAL_H
#define CORE_TEMPLATE_LITERAL_H

#include "core/base/arena.h"
#include "core/base/str.h"
#include "core/template/template.h"

#include <stdbool.h>
#include <stddef.h>
#include <stdint.h>

enum literal_kind {
	LITERAL_NUMBER,
	LITERAL_STRING,
	LITERAL_LIST, /* names of 'items' are empty */
	LITERAL_HASH,
};

struct literal {
	enum literal_kind kind;
	struct str text; /* of a string, or of a number as perl prints it */
	int64_t number;
	struct template_prop *items; /* in the arena */
	size_t n;
};

/* All of 'text' is one literal, perhaps with a semicolon behind it. */
bool literal_parse(struct str text, struct arena *a, struct literal *out);

#endif
