/*
 * The plugin lists: one function a fragment, each writing its line, or a
 * comment where the plugin is off.
 */
#ifndef CORE_TEMPLATE_NATIVE_PEERS_INT_H
#define CORE_TEMPLATE_NATIVE_PEERS_INT_H

#include "core/template/native_int.h"

#include <stdbool.h>

/* Plugins have other names and options since SME Server 9.2 (effects.md 2.2).
 */
bool peers_is_new(const struct template_env *env);

/* --- native_peers_session.c --- */
template_emit peers_emit_karma;
template_emit peers_emit_auth; /* 'arg' not NULL: inside */
template_emit peers_emit_loadcheck;
template_emit peers_emit_whitelist;
template_emit peers_emit_countries;
template_emit peers_emit_bcc;
template_emit peers_emit_resolvable;
template_emit peers_emit_helo;
template_emit peers_emit_headers;
template_emit peers_emit_spf;
template_emit peers_emit_forward;
template_emit peers_emit_good;

/* --- native_peers_content.c --- */
template_emit peers_emit_patterns;
template_emit peers_emit_tnef;
template_emit peers_emit_spam;
template_emit peers_emit_dmarc;
template_emit peers_emit_clamav;
template_emit peers_emit_queue;

#endif
