/*
 * Stands in for libFuzzer where there is none: gives every file named, and
 * every file of every folder named, to the target once.
 */
#include "core/base/buf.h"
#include "core/sys/file.h"
#include "core/sys/root.h"

#include <dirent.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>

int LLVMFuzzerTestOneInput(const uint8_t *data, size_t size);

enum {
	INPUT_MAX = 16 * 1024 * 1024
};

static unsigned long inputs;

static void
read_file(const char *path)
{
	struct err e = ERR_INIT;
	struct buf bytes = BUF_INIT(INPUT_MAX);
	if (!file_read(path, NULL, &bytes, &e)) {
		fprintf(stderr, "%s\n", e.text);
		exit(1);
	}
	/* a copy of just the size, so that reading past its end is seen */
	uint8_t *exact = malloc(bytes.len > 0 ? bytes.len : 1);
	if (exact == NULL)
		abort();
	if (bytes.len > 0)
		memcpy(exact, bytes.data, bytes.len);
	LLVMFuzzerTestOneInput(exact, bytes.len);
	free(exact);
	buf_clear(&bytes);
	inputs++;
}

static void
read_folder(const char *path)
{
	char file[SYS_PATH_MAX];
	struct dirent *entry;
	DIR *folder = opendir(path);
	if (folder == NULL) {
		perror(path);
		exit(1);
	}
	while ((entry = readdir(folder)) != NULL) {
		int n =
		    snprintf(file, sizeof(file), "%s/%s", path, entry->d_name);
		if (entry->d_name[0] != '.' && n < (int)sizeof(file))
			read_file(file);
	}
	closedir(folder);
}

int
main(int argc, char **argv)
{
	for (int i = 1; i < argc; i++) {
		if (file_is_dir(argv[i]))
			read_folder(argv[i]);
		else
			read_file(argv[i]);
	}
	printf("%lu inputs read\n", inputs);
	return 0;
}
