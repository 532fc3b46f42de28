/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <json-glib/json-glib.h>

G_BEGIN_DECLS

/* Members of the object that a builder is in. */

/* text (nullable): null. */
void rmq_json_add_text (JsonBuilder *builder, const char *name, const char *text);
void rmq_json_add_number (JsonBuilder *builder, const char *name, gint64 number);

G_END_DECLS
