/* JSON of the live view that other views show too. */
#ifndef CMD_TOP_JSON_H
#define CMD_TOP_JSON_H

#include "core/base/json.h"
#include "core/model/top.h"

#include <stddef.h>

/* The key, and an object of each name and its number, in this order. */
void top_counts_json(
    struct json *j, const char *key, const struct top_count *counts, size_t n);

#endif
