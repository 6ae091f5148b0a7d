/*
 * Translation marks. Texts for people go through _(); texts in const tables
 * are marked N_() and translated with _() where they are shown. Setting ids,
 * property names, log words and JSON are never translated.
 */
#ifndef CORE_BASE_I18N_H
#define CORE_BASE_I18N_H

#include <libintl.h>

#define SMEMAIL_TEXT_DOMAIN "smemail"

#define _(text)          dgettext(SMEMAIL_TEXT_DOMAIN, text)
#define N_(text)         text
#define P_(one, many, n) dngettext(SMEMAIL_TEXT_DOMAIN, one, many, n)

#endif
