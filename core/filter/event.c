/*
 * logging/json_event (our own): the event of a message or a denial as one line
 * of JSON, for log engines that read such.
 */
#include "core/base/json.h"
#include "core/filter/policy_int.h"

enum {
	RCPTS_TOLD = 100 /* the rest is a number */
};

struct event {
	int level;
};

static bool
configure(struct plugin_setup *s, struct err *e)
{
	struct event *data = plugin_alloc(s, sizeof(*data), e);
	if (data == NULL)
		return false;
	data->level = plugin_level(s->instance, LEVEL_ALERT);
	s->instance->data = data;
	return true;
}

const struct plugin plugin_json_event = {
	.name = "logging/json_event",
	.flags = PLUGIN_PAIRS,
	.configure = configure,
};

static void
add_path(struct json *j, const struct mail_path *path)
{
	struct buf text = BUF_INIT(MAIL_PATH_MAX + 1);
	mail_path_format(&text, path);
	json_str(j, buf_str(&text));
	buf_clear(&text);
}

static void
add_client(struct json *j, const struct filter_session *s)
{
	json_key(j, "client");
	json_object_begin(j);
	json_key(j, "ip");
	json_str(j, s->client_ip);
	json_key(j, "name");
	json_str(j, s->client_name);
	json_key(j, "relay");
	json_bool(j, s->relay_client);
	json_object_end(j);
	json_key(j, "helo");
	json_str(j, s->helo);
	json_key(j, "tls");
	json_bool(j, s->tls);
	json_key(j, "user");
	json_str(j, s->auth_user);
	json_key(j, "port");
	json_int(j, s->local_port);
}

static void
add_envelope(struct json *j, const struct filter_session *s,
    const struct mail_path *refused)
{
	json_key(j, "from");
	if (s->has_sender || !mail_path_is_null(&s->sender))
		add_path(j, &s->sender);
	else
		json_null(j);
	json_key(j, "to");
	json_array_begin(j);
	for (size_t i = 0; i < s->n_rcpts && i < RCPTS_TOLD; i++)
		add_path(j, &s->rcpts[i]);
	json_array_end(j);
	json_key(j, "recipients");
	json_int(j, (int64_t)s->n_rcpts);
	json_key(j, "rcpt");
	if (refused != NULL)
		add_path(j, refused);
	else
		json_null(j);
}

static const char *
verdict_word(const struct filter_verdict *v, bool queued)
{
	if (queued)
		return "queued";
	return v->result == FILTER_DENYSOFT ||
		       v->result == FILTER_DENYSOFT_DISCONNECT
		   ? "deferred"
		   : "refused";
}

bool
filter_event(const struct filter_policy *p, const struct filter_session *s,
    const struct filter_verdict *verdict, const struct mail_path *refused,
    bool queued, struct str message_id, struct buf *out, int *level)
{
	struct json j;
	const struct plugin_instance *instance =
	    plugin_list_find(session_list(p, s), &plugin_json_event);
	if (instance == NULL)
		return false;
	const struct event *data = instance->data;
	*level = data->level;
	json_init(&j, out);
	json_object_begin(&j);
	json_key(&j, "schema");
	json_cstr(&j, "smemail.filter-event/1");
	json_key(&j, "verdict");
	json_cstr(&j, verdict_word(verdict, queued));
	add_client(&j, s);
	add_envelope(&j, s, refused);
	json_key(&j, "plugin");
	json_cstr(
	    &j, queued ? NULL
		       : (verdict->plugin != NULL ? verdict->plugin : "core"));
	json_key(&j, "text");
	json_str(&j, queued ? (struct str)STR_EMPTY : str_of(verdict->text));
	json_key(&j, "message_id");
	json_str(&j, message_id);
	json_key(&j, "karma");
	json_int(&j, s->karma);
	json_object_end(&j);
	return !out->failed;
}
