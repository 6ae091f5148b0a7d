/* Places of our own helper programs and modules. */
#include "core/sys/libexec.h"

#include "core/base/compiler.h"
#include "core/sys/file.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* From the folder of the running program. */
static const char *const places[] = { "libexec", "../libexec",
	"../libexec/smemail" };

bool
libexec_program_folder(char out[SYS_PATH_MAX])
{
	ssize_t n = readlink("/proc/self/exe", out, SYS_PATH_MAX - 1);
	out[n > 0 ? n : 0] = '\0';
	char *slash = strrchr(out, '/');
	if (slash != NULL)
		*slash = '\0';
	return slash != NULL;
}

void
libexec_find(const char *name, char out[SYS_PATH_MAX])
{
	char folder[SYS_PATH_MAX];
	bool known = libexec_program_folder(folder);
	for (size_t i = 0; known && i < ARRAY_LEN(places); i++) {
		int n = snprintf(out, SYS_PATH_MAX, "%s/%s/smemail-%s", folder,
		    places[i], name);
		if (n > 0 && n < SYS_PATH_MAX && file_exists(out))
			return;
	}
	snprintf(out, SYS_PATH_MAX, "%s/smemail-%s", SMEMAIL_LIBEXECDIR, name);
}
