/* Where clients are: the databases, ident/geoip, check_badcountries (FL-49). */
#include "tests/unit/filter_fixture.h"

#include "core/filter/session.h"

#define FOLDER "tests/data/geo"

static const struct geo *
load(void)
{
	struct err e = ERR_INIT;
	const struct geo *geo = geo_load(&e);
	if (geo == NULL)
		fail_msg("%s", e.text);
	return geo;
}

static struct net_addr
address(const char *text)
{
	struct net_addr a;
	assert_true(net_addr_parse(str_of(text), &a));
	return a;
}

/* ---- databases ---- */

static void
test_databases(void **state)
{
	static const struct {
		const char *address;
		bool found;
		const char *continent, *country, *city, *network;
		uint32_t as_number;
		bool has_point;
	} cases[] = {
		{ "192.0.2.9", true, "NA", "US", "Seattle", "Test Networks",
		    64500, true },
		{ "198.51.100.1", true, "EU", "DE", "Z\xc3\xbcrich", "", 0,
		    true },
		/* a network within, known by who registered it */
		{ "198.51.100.200", true, "EU", "FR", "", "", 0, false },
		{ "2001:db8::5", true, "AS", "CN", "", "", 64501, false },
		/* values of the wrong kind are not known */
		{ "203.0.113.1", true, "", "", "?[2J", "", 0, false },
		{ "10.0.0.1", false, "", "", "", "", 0, false },
		{ "2001:db9::", false, "", "", "", "", 0, false },
	};
	static const char *const folders[] = { "/nonexistent", FOLDER };
	const struct geo *geo = load();
	struct err e = ERR_INIT;
	struct geo_db *db = geo->open(folders, ARRAY_LEN(folders), &e);
	(void)state;
	assert_non_null(db);
	for (size_t i = 0; i < ARRAY_LEN(cases); i++) {
		struct net_addr a = address(cases[i].address);
		struct geo_place p;
		assert_int_equal(geo->find(db, &a, &p), cases[i].found);
		assert_string_equal(p.continent, cases[i].continent);
		assert_string_equal(p.country, cases[i].country);
		assert_string_equal(p.city, cases[i].city);
		assert_string_equal(p.network, cases[i].network);
		assert_int_equal(p.as_number, cases[i].as_number);
		assert_int_equal(p.has_point, cases[i].has_point);
	}
	geo->close(db);
}

static void
test_distance(void **state)
{
	const struct geo *geo = load();
	struct geo_place zurich = {
		.has_point = true, .latitude = 47.4, .longitude = 8.5
	};
	struct geo_place seattle = {
		.has_point = true, .latitude = 47.6, .longitude = -122.3
	};
	struct geo_place nowhere = { .has_point = false };
	uint32_t km = 0;
	(void)state;
	assert_true(geo->distance(&zurich, &seattle, &km));
	assert_in_range(km, 8300, 8500);
	assert_true(geo->distance(&zurich, &zurich, &km));
	assert_int_equal(km, 0);
	assert_false(geo->distance(&zurich, &nowhere, &km));
}

static void
test_no_database(void **state)
{
	static const char *const folders[] = { "/nonexistent" };
	const struct geo *geo = load();
	struct err e = ERR_INIT;
	(void)state;
	assert_null(geo->open(folders, 1, &e));
	assert_non_null(strstr(e.text, "no GeoLite2-City.mmdb"));
	assert_null(geo->open(folders, 0, &e));
	geo->close(NULL);
}

/* ---- plugins ---- */

static void
ask(struct fixture *f, const char *client, enum filter_result wanted)
{
	static struct filter_place place;
	const struct geo *geo = load();
	struct filter_geo g;
	struct net_addr a = address(client);
	struct err e = ERR_INIT;
	assert_true(filter_policy_geo(f->policy, &g));
	struct geo_db *db = geo->open(g.folders, g.n_folders, &e);
	assert_non_null(db);
	filter_place_find(geo, db, &a, g.has_home ? &g.home : NULL, &place);
	geo->close(db);
	f->session.client_ip = str_of(client);
	f->session.place = &place;
	assert_int_equal(fixture_ask(f, HOOK_CONNECT, NULL), wanted);
}

static void
test_geoip(void **state)
{
	struct fixture f;
	struct buf room = BUF_INIT(1 << 16);
	struct smtp_additions more;
	(void)state;
	fixture_start(&f,
	    "ident/geoip db_dir " FOLDER " distance 198.51.100.1 too_far "
	    "8000\nqueue/maildir /m\n",
	    "IP", "0\n");
	ask(&f, "192.0.2.9", FILTER_DECLINED);
	assert_true(
	    fixture_logged(&f, "connect ident::geoip: NA, US, Seattle, 8"));
	assert_true(fixture_logged(&f, " km, AS64500"));
	assert_int_equal(f.session.karma, -1);
	fixture_mail(&f, "a@b.example");
	fixture_ask(&f, HOOK_DATA_POST, NULL);
	filter_session_additions(f.policy, &f.session, &room, &more);
	assert_true(
	    str_is(more.fields, "X-GeoIP-Country: US\nX-GeoIP-Continent: NA\n"
				"X-GeoIP-City: Seattle\nX-GeoIP-ASN: 64500\n"));
	assert_int_equal(more.n_drop, 4);
	ask(&f, "198.51.100.7", FILTER_DECLINED);
	assert_true(fixture_logged(&f, "ident::geoip: EU, DE, Z"));
	assert_int_equal(f.session.karma, -1);
	fixture_mail(&f, "a@b.example");
	fixture_ask(&f, HOOK_DATA_POST, NULL);
	assert_true(str_find_str(buf_str(&f.session.fields),
			STR("X-GeoIP-City: =?UTF-8?Q?Z=C3=BCrich?=\n")) <
		    f.session.fields.len);
	/* loopback is skipped; in no database */
	ask(&f, "127.0.0.1", FILTER_DECLINED);
	assert_true(fixture_logged(&f, "ident::geoip: skip, loopback"));
	ask(&f, "10.0.0.1", FILTER_DECLINED);
	assert_true(fixture_logged(&f, "ident::geoip: skip, place not known"));
	/* what came in is dropped, known or not */
	fixture_mail(&f, "a@b.example");
	fixture_ask(&f, HOOK_DATA_POST, NULL);
	filter_session_additions(f.policy, &f.session, &room, &more);
	assert_int_equal(more.fields.len, 0);
	assert_int_equal(more.n_drop, 4);
	/* FL-194 */
	f.session.place = NULL;
	assert_int_equal(fixture_ask(&f, HOOK_CONNECT, NULL), FILTER_DECLINED);
	assert_true(fixture_logged(
	    &f, "2 connect ident::geoip: error, no database of places"));
	buf_clear(&room);
	fixture_free(&f);
}

static void
test_geoip_without_headers(void **state)
{
	struct fixture f;
	(void)state;
	fixture_start(&f,
	    "ident/geoip db_dir " FOLDER " add_headers false too_far 10\n"
	    "queue/maildir /m\n",
	    "IP", "0\n");
	assert_true(fixture_logged(&f, "too_far needs distance"));
	ask(&f, "192.0.2.9", FILTER_DECLINED);
	assert_int_equal(f.session.karma, 0);
	fixture_mail(&f, "a@b.example");
	fixture_ask(&f, HOOK_DATA_POST, NULL);
	assert_int_equal(f.session.fields.len, 0);
	assert_int_equal(f.session.n_drops, 0);
	fixture_free(&f);
}

static void
test_badcountries(void **state)
{
	struct fixture f;
	(void)state;
	fixture_start(&f,
	    "check_badcountries db_dir " FOLDER "\nqueue/maildir /m\n",
	    "badcountries", "us\nCN\n");
	ask(&f, "192.0.2.9", FILTER_DENY);
	assert_string_equal(
	    f.verdict.text, "mail from US is not accepted here");
	assert_string_equal(f.verdict.plugin, "check_badcountries");
	assert_true(
	    fixture_logged(&f, "check_badcountries: GeoIP Country: US"));
	ask(&f, "2001:db8::1", FILTER_DENY);
	ask(&f, "198.51.100.7", FILTER_DECLINED);
	assert_true(
	    fixture_logged(&f, "check_badcountries: GeoIP Country: DE"));
	ask(&f, "203.0.113.1", FILTER_DECLINED);
	assert_true(fixture_logged(&f, "skip, country not known"));
	fixture_free(&f);
	fixture_start(&f,
	    "check_badcountries reject 0 db_dir " FOLDER "\nqueue/maildir /m\n",
	    "badcountries", "US\n");
	ask(&f, "192.0.2.9", FILTER_DECLINED);
	assert_true(fixture_logged(&f, "fail, tolerated, US"));
	fixture_free(&f);
}

/* The folders of all lines, then the usual ones; nobody asks without one. */
static void
test_folders(void **state)
{
	struct fixture f;
	struct filter_geo g;
	(void)state;
	fixture_start(&f,
	    "check_badcountries db_dir /a\nident/geoip db_dir /b distance x\n"
	    "queue/maildir /m\n",
	    "IP", "0\n");
	assert_true(filter_policy_geo(f.policy, &g));
	assert_string_equal(g.folders[0], "/a");
	assert_string_equal(g.folders[1], "/b");
	assert_string_equal(g.folders[2], "/usr/share/GeoIP");
	assert_false(g.has_home);
	assert_true(fixture_logged(&f, "distance 'x' is no address"));
	fixture_free(&f);
	fixture_start(&f, "queue/maildir /m\n", "IP", "0\n");
	assert_false(filter_policy_geo(f.policy, &g));
	fixture_free(&f);
}

int
main(void)
{
	const struct CMUnitTest tests[] = {
		cmocka_unit_test(test_databases),
		cmocka_unit_test(test_distance),
		cmocka_unit_test(test_no_database),
		cmocka_unit_test(test_geoip),
		cmocka_unit_test(test_geoip_without_headers),
		cmocka_unit_test(test_badcountries),
		cmocka_unit_test(test_folders),
	};
	cmocka_set_message_output(CM_OUTPUT_TAP);
	return cmocka_run_group_tests_name("filter_geoip", tests, NULL, NULL);
}
