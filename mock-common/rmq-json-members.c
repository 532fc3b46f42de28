/* SPDX-License-Identifier: Apache-2.0 */

/* A name and a value in one call, for whoever writes JSON for tools. Pure; what travels between
 * clients and servers is written by remoting's own writer. */

#include "rmq-json-members.h"

void
rmq_json_add_text (JsonBuilder *builder, const char *name, const char *text)
{
  json_builder_set_member_name (builder, name);
  if (text != NULL)
    json_builder_add_string_value (builder, text);
  else
    json_builder_add_null_value (builder);
}

void
rmq_json_add_number (JsonBuilder *builder, const char *name, gint64 number)
{
  json_builder_set_member_name (builder, name);
  json_builder_add_int_value (builder, number);
}
