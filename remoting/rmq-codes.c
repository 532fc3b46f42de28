/* SPDX-License-Identifier: Apache-2.0 */

/* Names of the request and response codes. Pure: everything comes from the rows in
 * rmq-codes-private.h, and nothing about a code may be written down here.
 */

#include "rmq-codes-private.h"

#include <string.h>

#include "rmq-wire-text.h"

typedef struct
{
  gint code;
  const char *name;
} CodeName;

#define ROW(name, number, help) { number, #name },
static const CodeName request_names[] = { RMQ_REQUEST_CODES (ROW) };
static const CodeName response_names[] = { RMQ_RESPONSE_CODES (ROW) };
#undef ROW

static const char *
find_name (const CodeName *rows, gsize n_rows, gint code)
{
  for (gsize i = 0; i < n_rows; i++)
    if (rows[i].code == code)
      return rows[i].name;
  return NULL;
}

const char *
rmq_request_code_get_name (gint code)
{
  return find_name (request_names, G_N_ELEMENTS (request_names), code);
}

const char *
rmq_response_code_get_name (gint code)
{
  return find_name (response_names, G_N_ELEMENTS (response_names), code);
}

gboolean
rmq_response_code_parse (const char *text, gint *code)
{
  gint64 number;
  for (gsize i = 0; i < G_N_ELEMENTS (response_names); i++)
    if (strcmp (response_names[i].name, text) == 0)
      {
        *code = response_names[i].code;
        return TRUE;
      }
  if (!rmq_decimal_parse (text, G_MININT32, G_MAXINT32, &number))
    return FALSE;
  *code = (gint)number;
  return TRUE;
}

char *
rmq_response_code_describe (gint code)
{
  const char *name = rmq_response_code_get_name (code);
  return name != NULL ? g_strdup_printf ("%s (%d)", name, code) : g_strdup_printf ("%d", code);
}
