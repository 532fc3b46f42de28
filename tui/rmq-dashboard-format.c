/* SPDX-License-Identifier: Apache-2.0 */

/* Cells to text. Numbers change their unit instead of being cut, and are printed with integers only
 * so that no locale changes them. Pure functions; any thread. */

#include "rmq-dashboard-format.h"

#include <string.h>

#define MS G_GINT64_CONSTANT (1000)
#define SECOND G_GINT64_CONSTANT (1000000)
#define HOUR_S 3600
#define DAY_S (24 * HOUR_S)

static const struct
{
  const char *prefix;
  RmqRole role;
} state_roles[] = {
  { "up", RMQ_ROLE_GOOD },       { "UP", RMQ_ROLE_GOOD },
  { "RUNNING", RMQ_ROLE_GOOD },  { "active", RMQ_ROLE_GOOD },
  { "usable", RMQ_ROLE_GOOD },   { "paused", RMQ_ROLE_SLOW },
  { "PAUSED", RMQ_ROLE_SLOW },   { "connecting", RMQ_ROLE_SLOW },
  { "unlisted", RMQ_ROLE_SLOW }, { "CREATE_JUST", RMQ_ROLE_SLOW },
  { "down", RMQ_ROLE_DOWN },     { "DOWN", RMQ_ROLE_DOWN },
  { "hangs", RMQ_ROLE_DOWN },    { "HANGS", RMQ_ROLE_DOWN },
  { "refuses", RMQ_ROLE_DOWN },  { "REFUSES", RMQ_ROLE_DOWN },
  { "dead", RMQ_ROLE_DOWN },     { "START_FAILED", RMQ_ROLE_DOWN },
  { "SHUTDOWN", RMQ_ROLE_DIM },
};

RmqRole
rmq_format_state_role (const char *word)
{
  for (guint i = 0; i < G_N_ELEMENTS (state_roles); i++)
    if (g_str_has_prefix (word, state_roles[i].prefix))
      return state_roles[i].role;
  return RMQ_ROLE_NORMAL;
}

char *
rmq_format_span (gint64 us)
{
  const char *sign = us < 0 ? "-" : "";
  guint64 a = us < 0 ? 0 - (guint64)us : (guint64)us;
  guint64 s = a / SECOND;
  if (a == 0)
    return g_strdup ("0s");
  if (a < 1 * MS)
    return g_strdup_printf ("%s%uus", sign, (guint)a);
  if (a < 10 * MS)
    return g_strdup_printf ("%s%u.%ums", sign, (guint)(a / MS), (guint)(a % MS / 100));
  if (a < SECOND)
    return g_strdup_printf ("%s%ums", sign, (guint)(a / MS));
  if (s < 10)
    return g_strdup_printf ("%s%u.%02us", sign, (guint)s, (guint)(a % SECOND / (10 * MS)));
  if (s < 60)
    return g_strdup_printf ("%s%u.%us", sign, (guint)s, (guint)(a % SECOND / (100 * MS)));
  if (s < HOUR_S)
    return g_strdup_printf ("%s%um%02u", sign, (guint)(s / 60), (guint)(s % 60));
  if (s < DAY_S)
    return g_strdup_printf ("%s%uh%02u", sign, (guint)(s / HOUR_S), (guint)(s % HOUR_S / 60));
  return g_strdup_printf ("%s%" G_GUINT64_FORMAT "d%02u", sign, s / DAY_S,
                          (guint)(s % DAY_S / HOUR_S));
}

/* n in steps of base, with one decimal below a hundred: 4.5M 45.0M 450M. */
static char *
format_scaled (gint64 n, guint64 base, const char *const *suffixes)
{
  const char *sign = n < 0 ? "-" : "";
  guint64 whole = n < 0 ? 0 - (guint64)n : (guint64)n;
  guint64 rest = 0;
  guint step = 0;
  while (whole >= base && suffixes[step + 1] != NULL)
    {
      rest = whole % base;
      whole /= base;
      step++;
    }
  if (step > 0 && whole < 100)
    return g_strdup_printf ("%s%u.%u%s", sign, (guint)whole, (guint)(rest * 10 / base),
                            suffixes[step]);
  return g_strdup_printf ("%s%" G_GUINT64_FORMAT "%s", sign, whole, suffixes[step]);
}

char *
rmq_format_count (gint64 n)
{
  static const char *const suffixes[] = { "", "k", "M", "G", "T", "P", NULL };
  if (n > -100000 && n < 100000)
    return g_strdup_printf ("%d", (gint)n);
  return format_scaled (n, 1000, suffixes);
}

char *
rmq_format_bytes (gint64 n)
{
  static const char *const suffixes[] = { "B", "K", "M", "G", "T", "P", NULL };
  return format_scaled (n, 1024, suffixes);
}

char *
rmq_format_clock (gint64 us)
{
  const char *sign = us < 0 ? "-" : "";
  guint64 ms = (us < 0 ? 0 - (guint64)us : (guint64)us) / MS;
  guint64 s = ms / 1000;
  if (s < HOUR_S)
    return g_strdup_printf ("%s%u:%02u.%03u", sign, (guint)(s / 60), (guint)(s % 60),
                            (guint)(ms % 1000));
  return g_strdup_printf ("%s%" G_GUINT64_FORMAT ":%02u:%02u.%03u", sign, s / HOUR_S,
                          (guint)(s % HOUR_S / 60), (guint)(s % 60), (guint)(ms % 1000));
}

char *
rmq_format_rate (gint64 millis_per_s)
{
  g_autofree char *count = NULL;
  gint64 tenths = (millis_per_s + 50) / 100;
  if (tenths < 10000)
    return g_strdup_printf ("%d.%d/s", (gint)(tenths / 10), (gint)ABS (tenths % 10));
  count = rmq_format_count (millis_per_s / 1000);
  return g_strdup_printf ("%s/s", count);
}

char *
rmq_format_heading (const char *column_id)
{
  GString *out = g_string_new (NULL);
  for (const char *p = column_id; *p != '\0'; p++)
    {
      if (p != column_id && g_ascii_isupper (*p) && !g_ascii_isupper (p[-1]))
        g_string_append_c (out, ' ');
      g_string_append_c (out, g_ascii_toupper (*p));
    }
  return g_string_free (out, FALSE);
}

static char *
format_moment (gint64 at_us, RmqCellShow show, gint64 now_us)
{
  if (at_us < 0)
    return g_strdup ("-");
  if (show == RMQ_SHOW_AGO)
    return rmq_format_span (MAX (0, now_us - at_us));
  if (show == RMQ_SHOW_UNTIL)
    return at_us <= now_us ? g_strdup ("now") : rmq_format_span (at_us - now_us);
  g_autofree char *span = rmq_format_span (at_us > now_us ? at_us - now_us : now_us - at_us);
  return g_strdup_printf (at_us > now_us ? "in %s" : "%s ago", span);
}

#define SHARE_BAR_CELLS 12

static char *
format_share (gint64 percent)
{
  GString *out = g_string_new (NULL);
  gint64 filled = CLAMP (percent, 0, 100) * SHARE_BAR_CELLS / 100;
  g_string_printf (out, "%3d%% ", (gint)percent);
  for (gint64 i = 0; i < SHARE_BAR_CELLS; i++)
    g_string_append (out, i < filled ? "█" : " ");
  return g_string_free (out, FALSE);
}

static char *
format_number (const RmqColumn *column, gint64 number)
{
  const char *unit = column->unit != NULL ? column->unit : "";
  if (g_str_equal (unit, "ms"))
    return rmq_format_span (number * MS);
  if (g_str_equal (unit, "us"))
    return rmq_format_span (number);
  if (g_str_equal (unit, "s"))
    return rmq_format_span (number * SECOND);
  if (g_str_equal (unit, "%"))
    return g_strdup_printf ("%" G_GINT64_FORMAT "%%", number);
  if (g_str_equal (unit, "1/1000 per s"))
    return rmq_format_rate (number);
  if (unit[0] == '\0')
    return g_strdup_printf ("%" G_GINT64_FORMAT, number);
  return rmq_format_count (number);
}

static char *
format_text (const char *text, RmqCellShow show, RmqRole *role)
{
  if (text == NULL || text[0] == '\0')
    return g_strdup (show == RMQ_SHOW_MARK ? "" : "-");
  if (show == RMQ_SHOW_STATE)
    *role = rmq_format_state_role (text);
  if (show == RMQ_SHOW_MARK)
    *role = RMQ_ROLE_GAP;
  return g_strdup (text);
}

char *
rmq_format_cell (const RmqColumn *column, const RmqCell *cell, RmqCellShow show, gint64 now_us,
                 RmqRole *role)
{
  if (cell->number == RMQ_NUMBER_ABSENT)
    return g_strdup ("-");
  if (show == RMQ_SHOW_SHARE)
    return format_share (cell->number);
  switch (column->type)
    {
    case RMQ_CELL_TEXT:
      return format_text (cell->text, show, role);
    case RMQ_CELL_INT:
      return format_number (column, cell->number);
    case RMQ_CELL_BOOL:
      return g_strdup (cell->number != 0 ? "yes" : "no");
    case RMQ_CELL_SPAN_US:
      if (show == RMQ_SHOW_LEFT && cell->number < 0)
        *role = RMQ_ROLE_DOWN;
      if (show != RMQ_SHOW_LEFT && cell->number == -1)
        return g_strdup ("-");
      return rmq_format_span (cell->number);
    case RMQ_CELL_MOMENT_US:
      return format_moment (cell->number, show, now_us);
    case RMQ_CELL_BYTES:
      return rmq_format_bytes (cell->number);
    }
  g_assert_not_reached ();
}

gboolean
rmq_format_is_number (const RmqColumn *column, RmqCellShow show)
{
  return column->type != RMQ_CELL_TEXT && column->type != RMQ_CELL_BOOL && show != RMQ_SHOW_SHARE;
}
