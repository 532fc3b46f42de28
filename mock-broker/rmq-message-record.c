/* SPDX-License-Identifier: Apache-2.0 */

/* Writes a stored message as the record of a real log. Pure. */

#include "rmq-message-record.h"

#include <arpa/inet.h>
#include <stdlib.h>
#include <string.h>

#include "rmq-bodies.h"

#define MAGIC ((gint32)0xDAA320A7)
#define SYS_FLAG_BORN_HOST_V6 0x10
#define SYS_FLAG_STORE_HOST_V6 0x20

static void
put_number (GByteArray *out, gint64 value, guint n_bytes)
{
  guint8 bytes[8];
  for (guint i = 0; i < n_bytes; i++)
    bytes[i] = (guint8)((guint64)value >> (8 * (n_bytes - 1 - i)));
  g_byte_array_append (out, bytes, n_bytes);
}

static void
put_i32 (GByteArray *out, gint64 value)
{
  put_number (out, value, 4);
}

static void
put_i64 (GByteArray *out, gint64 value)
{
  put_number (out, value, 8);
}

static gboolean
is_v6 (const char *host)
{
  return host[0] == '[';
}

/* "1.2.3.4:5", "[::1]:5" or "[fe80::1%eth0]:5", whose zone no record holds */
static void
put_host (GByteArray *out, const char *host)
{
  const char *colon = strrchr (host, ':');
  g_assert (colon != NULL);
  gboolean v6 = is_v6 (host);
  g_autofree char *ip = v6 ? g_strndup (host + 1, (gsize)(colon - host) - 2)
                           : g_strndup (host, (gsize)(colon - host));
  ip[strcspn (ip, "%")] = '\0';
  guint8 bytes[sizeof (struct in6_addr)];
  gboolean is_address = inet_pton (v6 ? AF_INET6 : AF_INET, ip, bytes) == 1;
  g_assert (is_address);
  g_byte_array_append (out, bytes, v6 ? sizeof (struct in6_addr) : sizeof (struct in_addr));
  put_i32 (out, atoi (colon + 1));
}

static gint32
get_sys_flag (const RmqStoredMessage *message, const char *store_host)
{
  return message->sys_flag | (is_v6 (message->born_host) ? SYS_FLAG_BORN_HOST_V6 : 0)
         | (is_v6 (store_host) ? SYS_FLAG_STORE_HOST_V6 : 0);
}

static void
put_texts (GByteArray *out, const RmqStoredMessage *message)
{
  gsize body_size;
  const guint8 *body = g_bytes_get_data (message->body, &body_size);
  g_autofree char *properties =
      rmq_properties_encode (message->properties, message->last_separator);
  gsize topic_size = strlen (message->topic);
  put_i32 (out, (gint64)body_size);
  g_byte_array_append (out, body, (guint)body_size);
  put_number (out, (gint64)topic_size, 1);
  g_byte_array_append (out, (const guint8 *)message->topic, (guint)topic_size);
  put_number (out, (gint64)strlen (properties), 2);
  g_byte_array_append (out, (const guint8 *)properties, (guint)strlen (properties));
}

void
rmq_stored_message_encode (const RmqStoredMessage *message, const char *store_host, GByteArray *out)
{
  guint start = out->len;
  put_i32 (out, 0); /* its size: written last */
  put_i32 (out, MAGIC);
  put_i32 (out, rmq_body_crc32 (message->body));
  put_i32 (out, message->queue_id);
  put_i32 (out, message->flag);
  put_i64 (out, message->queue_offset);
  put_i64 (out, message->physical_offset);
  put_i32 (out, get_sys_flag (message, store_host));
  put_i64 (out, message->born_ms);
  put_host (out, message->born_host);
  put_i64 (out, message->store_ms);
  put_host (out, store_host);
  put_i32 (out, message->reconsume_times);
  put_i64 (out, message->prepared_offset);
  put_texts (out, message);
  guint32 size = GUINT32_TO_BE (out->len - start);
  memcpy (out->data + start, &size, sizeof size);
}
