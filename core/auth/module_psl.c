/* The module "psl": libpsl with the list of the system. */
#include "core/auth/psl.h"
#include "core/sys/module.h"

#include <libpsl.h>
#include <time.h>

/* not declared elsewhere: it is found by its name only */
extern const struct module_export smemail_module_export;

static bool
organization(struct str domain, struct buf *out)
{
	enum {
		NAME_MAX_BYTES = 1024
	};
	char name[NAME_MAX_BYTES];
	const psl_ctx_t *list = psl_builtin();
	if (list == NULL || domain.len == 0 || domain.len >= sizeof(name) ||
	    domain.ptr[0] == '.' || str_find(domain, '\0', 0) < domain.len)
		return false;
	memcpy(name, domain.ptr, domain.len);
	name[domain.len] = '\0';
	const char *found = psl_registrable_domain(list, name);
	return found != NULL && buf_add_cstr(out, found);
}

static bool
is_top(struct str label)
{
	enum {
		LABEL_MAX = 63
	};
	char name[LABEL_MAX + 1];
	const psl_ctx_t *list = psl_builtin();
	if (list == NULL || label.len == 0 || label.len > LABEL_MAX)
		return false;
	memcpy(name, label.ptr, label.len);
	name[label.len] = '\0';
	return strlen(name) == label.len && strchr(name, '.') == NULL &&
	       psl_is_public_suffix2(
		   list, name, PSL_TYPE_ANY | PSL_TYPE_NO_STAR_RULE) != 0;
}

static const char *
date(char *out, size_t size)
{
	time_t at = psl_builtin_file_time();
	struct tm tm;
	if (at == 0 || gmtime_r(&at, &tm) == NULL ||
	    strftime(out, size, "%Y-%m-%d", &tm) == 0)
		return NULL;
	return out;
}

static const struct psl table = {
	.organization = organization,
	.is_top = is_top,
	.date = date,
};

static const struct module_part parts[] = {
	{ "psl", PSL_TABLE_VERSION, sizeof(struct psl), &table },
	{ NULL, 0, 0, NULL },
};

const struct module_export smemail_module_export = {
	.release = SMEMAIL_VERSION,
	.parts = parts,
};
