/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Appends JSON to a byte array as fastjson writes it: compact, raw UTF-8, its own choice of
 * escapes. Commas and braces are the caller's. */

void rmq_json_put (GByteArray *out, const char *literal);
void rmq_json_put_string (GByteArray *out, const char *text);
/* Every character beyond ASCII as \uXXXX (fastjson's BrowserCompatible). */
void rmq_json_put_ascii_string (GByteArray *out, const char *text);
void rmq_json_put_int (GByteArray *out, gint64 value);
/* literal, then the string: for keys, "{\"topic\":". */
void rmq_json_put_member (GByteArray *out, const char *literal, const char *text);
void rmq_json_put_int_member (GByteArray *out, const char *literal, gint64 value);

G_END_DECLS
