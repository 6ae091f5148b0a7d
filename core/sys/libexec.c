/* Places of our own helper programs. */
#include "core/sys/libexec.h"

#include "core/base/compiler.h"
#include "core/sys/file.h"

#include <stdio.h>
#include <string.h>
#include <unistd.h>

/* From the folder of the running program. */
static const char *const places[] = { "libexec", "../libexec",
	"../libexec/smemail" };

void
libexec_find(const char *name, char out[SYS_PATH_MAX])
{
	char folder[SYS_PATH_MAX / 2];
	ssize_t n = readlink("/proc/self/exe", folder, sizeof(folder) - 1);
	folder[n > 0 ? n : 0] = '\0';
	char *slash = strrchr(folder, '/');
	for (size_t i = 0; slash != NULL && i < ARRAY_LEN(places); i++) {
		snprintf(out, SYS_PATH_MAX, "%.*s/%s/smemail-%s",
		    (int)(slash - folder), folder, places[i], name);
		if (file_exists(out))
			return;
	}
	snprintf(out, SYS_PATH_MAX, "%s/smemail-%s", SMEMAIL_LIBEXECDIR, name);
}
