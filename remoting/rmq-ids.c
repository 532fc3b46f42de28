/* SPDX-License-Identifier: Apache-2.0 */

/* The two ids of a message: offsetMsgId (where a broker stored it) and UNIQ_KEY (what the producer
 * calls it). Pure; the maker of unique keys has one owner, and gets time and place handed in.
 */

#include <arpa/inet.h>
#include <string.h>

#include "rmq-cursor.h"
#include "rmq-error.h"
#include "rmq-message-codec.h"
#include "rmq-wire-text.h"

#define IPV4_SIZE 4
#define IPV6_SIZE 16
#define PORT_MAX 65535
#define OFFSET_ID_SIZE_MAX (IPV6_SIZE + 4 + 8)
#define DAY_MS (G_GINT64_CONSTANT (86400) * 1000)
#define CLOCK_STEP_MAX_MS 1000000

/* The last 2 * n_bytes digits of the number; returns where the next go. */
static char *
put_hex (char *at, guint64 number, gsize n_bytes)
{
  static const char digits[] = "0123456789ABCDEF";
  for (gsize i = 2 * n_bytes; i > 0; i--)
    *at++ = digits[number >> 4 * (i - 1) & 15];
  return at;
}

static char *
put_hex_bytes (char *at, const guint8 *bytes, gsize size)
{
  for (gsize i = 0; i < size; i++)
    at = put_hex (at, bytes[i], 1);
  return at;
}

/* Returns how many bytes; what is no address literal counts as 0.0.0.0. */
static gsize
ip_bytes (const char *ip, guint8 out[IPV6_SIZE])
{
  if (strchr (ip, ':') != NULL && inet_pton (AF_INET6, ip, out) == 1)
    return IPV6_SIZE;
  if (inet_pton (AF_INET, ip, out) != 1)
    memset (out, 0, IPV4_SIZE);
  return IPV4_SIZE;
}

/* ---- offsetMsgId --------------------------------------------------------- */

void
rmq_offset_msg_id_init (RmqOffsetMsgIdMaker *maker, const char *address)
{
  guint8 bytes[IPV6_SIZE];
  gint64 port = 0;
  const char *colon = strrchr (address, ':');
  gsize host_size = colon != NULL ? (gsize)(colon - address) : strlen (address);
  gboolean is_bracketed = host_size >= 2 && address[0] == '[' && address[host_size - 1] == ']';
  g_autofree char *host =
      is_bracketed ? g_strndup (address + 1, host_size - 2) : g_strndup (address, host_size);
  gsize size = ip_bytes (host, bytes);
  if (colon == NULL || !rmq_decimal_parse (colon + 1, 0, PORT_MAX, &port))
    port = 0;
  char *end = put_hex (put_hex_bytes (maker->prefix, bytes, size), (guint64)port, 4);
  maker->prefix_size = (gsize)(end - maker->prefix);
}

void
rmq_offset_msg_id_make (const RmqOffsetMsgIdMaker *maker, gint64 offset,
                        char id[RMQ_OFFSET_MSG_ID_SIZE_MAX])
{
  memcpy (id, maker->prefix, maker->prefix_size);
  *put_hex (id + maker->prefix_size, (guint64)offset, 8) = '\0';
}

char *
rmq_offset_msg_id_encode (const char *address, gint64 offset)
{
  RmqOffsetMsgIdMaker maker;
  char id[RMQ_OFFSET_MSG_ID_SIZE_MAX];
  rmq_offset_msg_id_init (&maker, address);
  rmq_offset_msg_id_make (&maker, offset, id);
  return g_strdup (id);
}

static gboolean
from_hex (const char *text, guint8 *out, gsize size)
{
  for (gsize i = 0; i < 2 * size; i++)
    {
      gint digit = g_ascii_xdigit_value (text[i]);
      if (digit < 0)
        return FALSE;
      out[i / 2] = (guint8)(out[i / 2] << 4 | digit);
    }
  return TRUE;
}

gboolean
rmq_offset_msg_id_decode (const char *id, char **address, gint64 *offset, GError **error)
{
  guint8 bytes[OFFSET_ID_SIZE_MAX] = { 0 };
  char host[INET6_ADDRSTRLEN];
  gsize length = strlen (id);
  gboolean is_ipv6 = length == 2 * OFFSET_ID_SIZE_MAX;
  gsize ip_size = is_ipv6 ? IPV6_SIZE : IPV4_SIZE;
  gboolean is_good = length == 2 * (ip_size + 12) && from_hex (id, bytes, ip_size + 12);
  RmqCursor rest = { .data = bytes + ip_size, .size = 12 };
  gint32 port = rmq_cursor_i32 (&rest);
  if (!is_good || port < 0 || port > PORT_MAX)
    {
      g_set_error (error, RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_BAD_FRAME,
                   "offsetMsgId \"%s\" is not 32 or 56 hexadecimal digits with a port", id);
      return FALSE;
    }
  inet_ntop (is_ipv6 ? AF_INET6 : AF_INET, bytes, host, sizeof host);
  *address = g_strdup_printf (is_ipv6 ? "[%s]:%d" : "%s:%d", host, port);
  *offset = rmq_cursor_i64 (&rest);
  return TRUE;
}

/* ---- UNIQ_KEY ------------------------------------------------------------ */

void
rmq_uniq_key_maker_init (RmqUniqKeyMaker *maker, const char *ip, guint16 process,
                         guint32 class_loader)
{
  *maker = (RmqUniqKeyMaker){ 0 };
  guint8 bytes[IPV6_SIZE];
  char *at = put_hex_bytes (maker->prefix, bytes, ip_bytes (ip, bytes));
  at = put_hex (put_hex (at, process, 2), class_loader, 4);
  maker->prefix_size = (gsize)(at - maker->prefix);
  g_assert (maker->prefix_size <= sizeof maker->prefix);
}

/* Sets the month around wall_ms, which begins and ends by local time. */
static void
set_month (RmqUniqKeyMaker *maker, gint64 wall_ms, gint utc_offset_s)
{
  gint64 offset_ms = (gint64)utc_offset_s * 1000;
  g_autoptr (GDateTime) local = g_date_time_new_from_unix_utc ((wall_ms + offset_ms) / 1000);
  g_assert (local != NULL);
  gint year, month;
  g_date_time_get_ymd (local, &year, &month, NULL);
  g_autoptr (GDateTime) start = g_date_time_new_utc (year, month, 1, 0, 0, 0);
  gint64 days = g_date_get_days_in_month ((GDateMonth)month, (GDateYear)year);
  maker->start_ms = g_date_time_to_unix (start) * 1000 - offset_ms;
  maker->next_start_ms = maker->start_ms + days * DAY_MS;
}

void
rmq_uniq_key_maker_next (RmqUniqKeyMaker *maker, gint64 wall_ms, gint utc_offset_s,
                         char key[RMQ_UNIQ_KEY_SIZE_MAX])
{
  if (wall_ms >= maker->next_start_ms)
    set_month (maker, wall_ms, utc_offset_s);
  gint32 since_ms = (gint32)(wall_ms - maker->start_ms);
  if (since_ms < 0 && since_ms > -CLOCK_STEP_MAX_MS)
    since_ms = 0;
  memcpy (key, maker->prefix, maker->prefix_size);
  char *at = put_hex (key + maker->prefix_size, (guint32)since_ms, 4);
  *put_hex (at, maker->counter++, 2) = '\0';
}
