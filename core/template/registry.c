/* The native files, and releases. */
#include "core/template/native_int.h"

#include <stdlib.h>
#include <string.h>

int
template_release(const char *text)
{
	char *end;
	long major = strtol(text, &end, 10);
	long minor = 0;
	if (major < 1 || major > 90)
		return TEMPLATE_R10;
	if (*end == '.')
		minor = strtol(end + 1, NULL, 10);
	if (minor < 0 || minor > 99)
		minor = 0;
	return (int)(major * 100 + minor);
}

bool
template_on_release(int since, int until, int release)
{
	/* "until 9.1" holds for 9.1 alone, but until 9 or 10 for 10.1 too */
	int last = until % 100 == 0 ? until + 99 : until;
	return release >= since && (until == 0 || release <= last);
}

static const struct {
	const struct template_file *files;
	const size_t *count;
} groups[] = {
	{ native_limits, &native_limits_count },
	{ native_lists, &native_lists_count },
	{ native_recipients, &native_recipients_count },
	{ native_peers, &native_peers_count },
	{ native_run, &native_run_count },
	{ native_qmail, &native_qmail_count },
	{ native_accounts, &native_accounts_count },
	{ native_aliases, &native_aliases_count },
	{ native_spam, &native_spam_count },
	{ native_clamav, &native_clamav_count },
	{ native_dovecot, &native_dovecot_count },
	{ native_tcpsvd, &native_tcpsvd_count },
	{ native_fetchmail, &native_fetchmail_count },
	{ native_web, &native_web_count },
	{ native_network, &native_network_count },
	{ native_postfix, &native_postfix_count },
};

const struct template_file *
template_file_at(size_t i)
{
	for (size_t g = 0; g < ARRAY_LEN(groups); g++) {
		if (i < *groups[g].count)
			return &groups[g].files[i];
		i -= *groups[g].count;
	}
	return NULL;
}

bool
template_name_fits(struct str name)
{
	for (size_t i = 0; i < name.len; i++)
		if (!ascii_is_alnum(name.ptr[i]) &&
		    strchr("-_.", name.ptr[i]) == NULL)
			return false;
	return name.len > 0 && name.ptr[0] != '.';
}

bool
template_is_for(const struct template_file *f, struct str type, struct str name)
{
	static const char *const types[] = {
		[TEMPLATE_ONCE] = "",
		[TEMPLATE_USERS] = "user",
		[TEMPLATE_GROUPS] = "group",
	};
	return f->each != TEMPLATE_ONCE && str_is(type, types[f->each]) &&
	       template_name_fits(name);
}

/* qmail has colons for the dots of a name in an alias. */
static const char *
name_swap(struct str name, char from, char to, struct arena *a)
{
	char *copy = arena_alloc(a, name.len + 1);
	for (size_t i = 0; i < name.len; i++)
		copy[i] = name.ptr[i] == from ? to : name.ptr[i];
	copy[name.len] = '\0';
	return copy;
}

const char *
template_file_path(
    const struct template_file *f, struct str name, struct arena *a)
{
	const char *star = strchr(f->path, '*');
	if (f->each == TEMPLATE_ONCE || star == NULL)
		return f->path;
	const char *word = f->each == TEMPLATE_GROUPS
			       ? name_swap(name, '.', ':', a)
			       : arena_cstr(a, name);
	return arena_printf(
	    a, "%.*s%s%s", (int)(star - f->path), f->path, word, star + 1);
}

/* The part of 'path' where '*' stands; empty when it is another file's. */
static struct str
star_part(const struct template_file *f, const char *path)
{
	const char *star = strchr(f->path, '*');
	size_t before = (size_t)(star - f->path), behind = strlen(star + 1);
	size_t n = strlen(path);
	if (n <= before + behind || strncmp(path, f->path, before) != 0 ||
	    strcmp(path + n - behind, star + 1) != 0)
		return (struct str)STR_EMPTY;
	return str_n(path + before, n - before - behind);
}

/* A name as it stands in a path: a group's has colons for its dots. */
static bool
part_fits(const struct template_file *f, struct str part)
{
	char other = f->each == TEMPLATE_GROUPS ? ':' : '.';
	for (size_t i = 0; i < part.len; i++)
		if (!ascii_is_alnum(part.ptr[i]) && part.ptr[i] != '-' &&
		    part.ptr[i] != '_' && part.ptr[i] != other)
			return false;
	return part.len > 0 && part.ptr[0] != other;
}

struct str
template_file_name(
    const struct template_file *f, const char *path, struct arena *a)
{
	if (f->each == TEMPLATE_ONCE)
		return str_of(f->name != NULL ? f->name : "");
	struct str part = star_part(f, path);
	return f->each == TEMPLATE_GROUPS ? str_of(name_swap(part, ':', '.', a))
					  : part;
}

static bool
is_path_of(const struct template_file *f, const char *path)
{
	return f->each == TEMPLATE_ONCE ? strcmp(f->path, path) == 0
					: part_fits(f, star_part(f, path));
}

const struct template_file *
template_find(const char *path, int release)
{
	const struct template_file *f;
	for (size_t i = 0; (f = template_file_at(i)) != NULL; i++)
		if (is_path_of(f, path) &&
		    template_on_release(f->since, f->until, release))
			return f;
	return NULL;
}
