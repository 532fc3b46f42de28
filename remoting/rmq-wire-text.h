/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Java's parseInt, parseLong: sign, digits, nothing else, within low … high. */
gboolean rmq_decimal_parse (const char *text, gint64 low, gint64 high, gint64 *value);
/* Writes the digits of value, and a NUL; returns how many. */
#define RMQ_DECIMAL_SIZE_MAX 21
gsize rmq_decimal_format (char out[RMQ_DECIMAL_SIZE_MAX], gint64 value);

/* Ends text[0 … size-1] with a NUL at text[size]; bytes that are no UTF-8, and NULs, become '?', as
 * Java writes what UTF-8 can't hold. */
void rmq_text_seal (char *text, gsize size);

G_END_DECLS
