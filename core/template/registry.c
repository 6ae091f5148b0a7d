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
	{ native_lists, &native_lists_count },
	{ native_peers, &native_peers_count },
	{ native_run, &native_run_count },
	{ native_qmail, &native_qmail_count },
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

const struct template_file *
template_find(const char *path, int release)
{
	const struct template_file *f;
	for (size_t i = 0; (f = template_file_at(i)) != NULL; i++)
		if (strcmp(f->path, path) == 0 &&
		    template_on_release(f->since, f->until, release))
			return f;
	return NULL;
}
