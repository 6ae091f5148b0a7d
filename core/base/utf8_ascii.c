/* Letters outside ASCII where only ASCII can be shown. */
#include "core/base/compiler.h"
#include "core/base/utf8.h"

static const struct {
	uint32_t first, last;
	const char *ascii;
} ascii_forms[] = {
	{ 0x00a0, 0x00a0, " " },
	{ 0x00ab, 0x00ab, "\"" },
	{ 0x00b7, 0x00b7, "," },
	{ 0x00bb, 0x00bb, "\"" },
	{ 0x00c0, 0x00c5, "A" },
	{ 0x00c6, 0x00c6, "AE" },
	{ 0x00c7, 0x00c7, "C" },
	{ 0x00c8, 0x00cb, "E" },
	{ 0x00cc, 0x00cf, "I" },
	{ 0x00d2, 0x00d6, "O" },
	{ 0x00d9, 0x00dc, "U" },
	{ 0x00e0, 0x00e5, "a" },
	{ 0x00e6, 0x00e6, "ae" },
	{ 0x00e7, 0x00e7, "c" },
	{ 0x00e8, 0x00eb, "e" },
	{ 0x00ec, 0x00ef, "i" },
	{ 0x00f1, 0x00f1, "n" },
	{ 0x00f2, 0x00f6, "o" },
	{ 0x00f9, 0x00fc, "u" },
	{ 0x0152, 0x0152, "OE" },
	{ 0x0153, 0x0153, "oe" },
	{ 0x2010, 0x2014, "-" },
	{ 0x2018, 0x2019, "'" },
	{ 0x201c, 0x201d, "\"" },
	{ 0x2026, 0x2026, "..." },
	{ 0x202f, 0x202f, " " },
};

const char *
utf8_ascii_form(uint32_t cp)
{
	for (size_t i = 0; i < ARRAY_LEN(ascii_forms); i++) {
		if (cp >= ascii_forms[i].first && cp <= ascii_forms[i].last)
			return ascii_forms[i].ascii;
	}
	return "?";
}
