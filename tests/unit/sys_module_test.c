/* Modules: loaded on demand, and only such as fit (T-49 ... T-51). */
#include "core/sys/module.h"

#include "core/auth/crypto.h"
#include "core/net/tls.h"

#include <setjmp.h>
#include <stdarg.h>
#include <stddef.h>
#include <stdint.h>
#include <stdio.h>
#include <string.h>
#include <cmocka.h>

/* Is this library mapped into the process? */
static bool
is_mapped(const char *name)
{
	char line[1024];
	bool found = false;
	FILE *maps = fopen("/proc/self/maps", "r");
	assert_non_null(maps);
	while (fgets(line, sizeof(line), maps) != NULL)
		found = found || strstr(line, name) != NULL;
	fclose(maps);
	return found;
}

static void
test_library_is_loaded_at_first_use(void **state)
{
	struct err e = ERR_INIT;
	(void)state;
	assert_false(is_mapped("libcrypto"));
	assert_non_null(crypto_load(&e));
	assert_true(is_mapped("libcrypto"));
	assert_non_null(tls_load(&e));
	assert_ptr_equal(crypto_load(&e), crypto_load(&e));
}

static void
test_what_does_not_fit_is_refused(void **state)
{
	static const struct {
		const char *module, *part;
		unsigned version;
		size_t size;
		const char *says;
	} cases[] = {
		{ "openssl", "crypto", CRYPTO_VERSION + 1,
		    sizeof(struct crypto), "of another release" },
		{ "openssl", "crypto", CRYPTO_VERSION, 8,
		    "of another release" },
		{ "openssl", "nothing", 1, 8, "of another release" },
		{ "absent", "crypto", 1, 8, "smemail-absent.so" },
	};
	(void)state;
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct err e = ERR_INIT;
		assert_null(module_table(cases[i].module, cases[i].part,
		    cases[i].version, cases[i].size, &e));
		assert_int_equal(e.code, ERR_PERMANENT);
		assert_non_null(strstr(e.text, cases[i].says));
		assert_non_null(strstr(e.next, "make install"));
	}
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_library_is_loaded_at_first_use),
		cmocka_unit_test(test_what_does_not_fit_is_refused),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests(tests, NULL, NULL);
}
