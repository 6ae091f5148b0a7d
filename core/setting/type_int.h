/* The table of value types and what their parsers share. */
#ifndef CORE_SETTING_TYPE_INT_H
#define CORE_SETTING_TYPE_INT_H

#include "core/base/buf.h"
#include "core/base/compiler.h"
#include "core/base/err.h"
#include "core/base/str.h"
#include "core/setting/setting.h"

#include <stdbool.h>
#include <stdint.h>

/* type_word.c */
extern const struct setting_type setting_type_bool;
extern const struct setting_type setting_type_enum;
extern const struct setting_type setting_type_enum_account;
/* type_number.c */
extern const struct setting_type setting_type_int;
extern const struct setting_type setting_type_duration;
extern const struct setting_type setting_type_decimal;
extern const struct setting_type setting_type_score;
/* type_size.c */
extern const struct setting_type setting_type_bytes;
extern const struct setting_type setting_type_size;
/* type_name.c */
extern const struct setting_type setting_type_host;
extern const struct setting_type setting_type_host_port;
extern const struct setting_type setting_type_email;
extern const struct setting_type setting_type_account;
/* type_list.c */
extern const struct setting_type setting_type_account_list;
extern const struct setting_type setting_type_domain_list;
extern const struct setting_type setting_type_zone_list;
extern const struct setting_type setting_type_ip_list;
/* type_rule.c */
extern const struct setting_type setting_type_host_rules;
extern const struct setting_type setting_type_plugin_line;
/* type_text.c */
extern const struct setting_type setting_type_text;
extern const struct setting_type setting_type_countries;
extern const struct setting_type setting_type_file_text;
extern const struct setting_type setting_type_secret;
extern const struct setting_type setting_type_path;

/*
 * Set "'TEXT' REASON"; the text is cut so that the reason is always seen.
 * Returns false.
 */
bool type_refuse(struct err *e, struct str text, const char *fmt, ...)
    PRINTF_LIKE(3, 4);
/*
 * Can the database hold these bytes and give them back? (ES-8, ES-17, ES-18:
 * no pipe, no control character, no backslash before n or at the end.)
 */
bool type_storable(struct str text, struct err *e);
/* The bytes as they are: format of most types. */
void type_format_plain(
    const struct setting *s, struct str stored, struct buf *shown);
/* Append "; 0 = never refuse" for each choice with a meaning. */
void type_describe_choices(const struct setting *s, struct buf *words);
/* The choice of that word (letter case aside when 'nocase'), or NULL. */
const struct setting_choice *type_choice(
    const struct setting *s, struct str word, bool nocase);

/* type_name.c: one name each, appended in the form that is stored. */
bool type_host_add(struct str text, struct buf *stored, struct err *e);
bool type_account_is(struct str text);

enum type_address {
	TYPE_ADDRESS_NONE, /* neither */
	TYPE_ADDRESS_HOST,
	TYPE_ADDRESS_NETWORK, /* ADDRESS/BITS */
};
/* type_list.c: what an entry of an address list is. */
enum type_address type_address_kind(struct str text);
bool type_address_prefix(struct str text); /* "192.0.2." */
/*
 * Append the entries of a list, each once, parted as the setting says; 'add'
 * checks one and appends it as it is stored. Parted by any of 'breaks' in
 * 'text'.
 */
bool type_list_parse(const struct setting *s, struct str text,
    const char *breaks,
    bool (*add)(const struct setting *s, struct str entry, struct buf *stored,
	struct err *e),
    struct buf *stored, struct err *e);

#endif
