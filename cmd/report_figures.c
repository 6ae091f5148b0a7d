/* Counts in JSON. */
#include "cmd/report_figures.h"

void
figure_number(struct json *j, const char *key, uint64_t n)
{
	json_key(j, key);
	json_int(j, (int64_t)n);
}

void
figure_milli(struct json *j, const char *key, int64_t n)
{
	json_key(j, key);
	json_double(j, (double)n / STATS_MILLI, FIGURE_DECIMALS);
}

/* An object of counts, by name. */
void
figure_counts(struct json *j, const char *key, const struct tally *t)
{
	json_key(j, key);
	json_object_begin(j);
	for (size_t i = 0; i < t->len; i++) {
		json_key_str(j, t->rows[i].key);
		json_int(j, (int64_t)t->rows[i].n[0]);
	}
	json_object_end(j);
}

/* An object of objects with so many counts each. */
void
figure_table(struct json *j, const char *key, const struct tally *t,
    const char *const *names, size_t n)
{
	json_key(j, key);
	json_object_begin(j);
	for (size_t i = 0; i < t->len; i++) {
		json_key_str(j, t->rows[i].key);
		json_object_begin(j);
		for (size_t k = 0; k < n; k++)
			figure_number(j, names[k], t->rows[i].n[k]);
		json_object_end(j);
	}
	json_object_end(j);
}
