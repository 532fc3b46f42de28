/* SPDX-License-Identifier: Apache-2.0 */

/* The profile table: one row per difference between the Java clients, one column per version and
 * one of ours. Pure data and its parser; any thread. Must be the only place that knows version
 * names: the rest of the client asks for a row's value. */

#include "rmq-profile.h"

#include <string.h>

#include "rmq-codes-private.h"
#include "rmq-error.h"
#include "rmq-suggest.h"

#define N_COLUMNS 4
#define WORDS_MAX 5

static const char *const column_names[N_COLUMNS] = { "4.5.1", "4.9", "5.3", "recommended" };

typedef struct
{
  const char *name;
  const char *words[WORDS_MAX]; /* none: a row of numbers */
  const char *columns[N_COLUMNS];
  const char *help;
} Row;

static const Row rows[RMQ_N_ROWS] = {
  [RMQ_ROW_QUEUE_CHOICE] = { "queue-choice",
                             { "4.5.1", "4.9", "5.3" },
                             { "4.5.1", "4.9", "5.3", "5.3" },
                             "how the next queue is chosen, first and after a failed attempt" },
  [RMQ_ROW_RETRY_CODES] = { "retry-codes",
                            { NULL },
                            { "17 14 1 16 204 205", "17 14 1 16 204 205",
                              "17 14 1 16 204 205 2 1500", "17 14 1 16 204 205 2" },
                            "answers after which a sync send tries another broker" },
  [RMQ_ROW_ASYNC_CONNECT_RETRY] = { "async-connect-retry",
                                    { "no", "yes" },
                                    { "no", "yes", "yes", "yes" },
                                    "an async send whose first attempt can't connect tries again" },
  [RMQ_ROW_ASYNC_RETRY_BUDGET] = { "async-retry-budget",
                                   { "zero", "left", "positive" },
                                   { "zero", "left", "positive", "positive" },
                                   "time an async retry gets: none, what is left even if negative, "
                                   "none without time left" },
  [RMQ_ROW_ASYNC_RETRY_QUEUE] = { "async-retry-queue",
                                  { "kept", "rebuilt" },
                                  { "kept", "kept", "kept", "rebuilt" },
                                  "queue id of an async retry on another broker: the first "
                                  "choice's, or chosen anew" },
  [RMQ_ROW_ASYNC_EXPIRY] = { "async-expiry",
                             { "scan", "exact" },
                             { "scan", "scan", "scan", "exact" },
                             "an async timeout is noticed by the scan, 1-2 s late, or at once" },
  [RMQ_ROW_CLOSE_ON_TIMEOUT] = { "close-on-timeout",
                                 { "off", "on", "guarded" },
                                 { "off", "on", "guarded", "guarded" },
                                 "a sync timeout closes the connection; guarded: not if the budget "
                                 "was nearly used up" },
  [RMQ_ROW_PEER_FIN] = { "peer-fin",
                         { "ignored", "fails" },
                         { "ignored", "ignored", "fails", "fails" },
                         "what a peer's close does to calls that wait on that connection" },
  [RMQ_ROW_NULL_ADDRESS] = { "null-address",
                             { "name-server", "error" },
                             { "name-server", "name-server", "name-server", "error" },
                             "an async retry whose broker has no address goes to a name server, or "
                             "is an error" },
  [RMQ_ROW_NAMESRV_PER_CALL] = { "namesrv-per-call",
                                 { "all", "one" },
                                 { "all", "all", "one", "all" },
                                 "name servers tried within one query" },
  [RMQ_ROW_NAMESRV_ERROR] = { "namesrv-error",
                              { "logged", "aborts" },
                              { "logged", "aborts", "aborts", "logged" },
                              "an unreachable name server is logged, or ends the route round and "
                              "the send" },
  [RMQ_ROW_NAMESRV_CHOICE] = { "namesrv-choice",
                               { "keeps", "drops", "drops-and-closes" },
                               { "keeps", "drops", "drops-and-closes", "drops-and-closes" },
                               "what happens to the chosen name server when it leaves the list" },
  [RMQ_ROW_ROUTE_LOOKUP] = { "route-lookup",
                             { "each", "single" },
                             { "each", "each", "each", "single" },
                             "callers that miss the same route each ask, or share one query" },
  [RMQ_ROW_INSTANCE_NAME] = { "instance-name",
                              { "pid", "pid#nanoTime" },
                              { "pid", "pid#nanoTime", "pid#nanoTime", "pid#nanoTime" },
                              "what the instance name DEFAULT becomes: shared or one each" },
  [RMQ_ROW_UNREGISTER] = { "unregister",
                           { "serial", "capped" },
                           { "serial", "serial", "serial", "capped" },
                           "goodbyes one after the other, 3 s each, or all at once, 3 s together" },
  [RMQ_ROW_HEARTBEAT_ON_CONNECT] = { "heartbeat-on-connect",
                                     { "no", "yes" },
                                     { "no", "no", "yes", "yes" },
                                     "a heartbeat goes out as soon as a broker is connected" },
  [RMQ_ROW_NAME_LIMITS] = { "name-limits",
                            { NULL },
                            { "255 255", "127 255", "127 255", "127 120" },
                            "longest topic and group name" },
  [RMQ_ROW_WIRE_FORM] = { "wire-form",
                          { "4.5.1", "4.9", "5.3", "recommended" },
                          { "4.5.1", "4.9", "5.3", "recommended" },
                          "version, language, broker name, last separator, zlib flag, TBW102 "
                          "polled or refused" },
};

static const RmqWireForm wire_forms[] = {
  { .version = RMQ_VERSION_4_5_1,
    .language = RMQ_LANGUAGE_JAVA,
    .last_separator = TRUE,
    .zlib_flag = 0x1,
    .polls_template = TRUE,
    .refuses_template_topic = TRUE },
  { .version = RMQ_VERSION_4_9_7,
    .language = RMQ_LANGUAGE_JAVA,
    .sends_broker_name = TRUE,
    .refuses_long_properties = TRUE,
    .zlib_flag = 0x301,
    .polls_template = TRUE,
    .refuses_system_topics = TRUE },
  { .version = RMQ_VERSION_5_3_3,
    .language = RMQ_LANGUAGE_JAVA,
    .sends_broker_name = TRUE,
    .last_separator = TRUE,
    .identifies_batches = TRUE,
    .zlib_flag = 0x301,
    .template_always_tbw102 = TRUE,
    .refuses_system_topics = TRUE },
  { .version = RMQ_VERSION_4_9_7,
    .language = RMQ_LANGUAGE_OTHER,
    .sends_broker_name = TRUE,
    .last_separator = TRUE,
    .refuses_long_properties = TRUE,
    .zlib_flag = 0x301,
    .refuses_system_topics = TRUE },
};

/* ---- parsing ------------------------------------------------------------- */

static guint
count_words (const Row *row)
{
  guint n = 0;
  while (n < WORDS_MAX && row->words[n] != NULL)
    n++;
  return n;
}

static gboolean
parse_word (const Row *row, const char *text, RmqProfileValue *value, GError **error)
{
  guint n_words = count_words (row);
  for (guint i = 0; i < n_words; i++)
    if (strcmp (row->words[i], text) == 0)
      {
        *value = (RmqProfileValue){ .choice = (gint)i };
        return TRUE;
      }
  g_autofree char *known = g_strjoinv (", ", (char **)row->words);
  const char *near = rmq_suggest (text, row->words, n_words);
  g_set_error (error, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_STATE,
               "row %s has no value '%s'%s%s%s (known: %s)", row->name, text,
               near != NULL ? "; did you mean '" : "", near != NULL ? near : "",
               near != NULL ? "'?" : "", known);
  return FALSE;
}

/* Numbers, or names of response codes, split by blanks, commas or slashes. */
static gboolean
parse_numbers (const Row *row, const char *text, RmqProfileValue *value, GError **error)
{
  RmqProfileValue parsed = { .choice = -1 };
  g_auto (GStrv) parts = g_strsplit_set (text, " ,/", -1);
  for (guint i = 0; parts[i] != NULL; i++)
    {
      gint number = 0;
      if (parts[i][0] == '\0')
        continue;
      if (parsed.n_numbers == RMQ_PROFILE_NUMBERS_MAX
          || !rmq_response_code_parse (parts[i], &number))
        {
          g_set_error (error, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_STATE,
                       "row %s takes at most %d numbers or response codes, not '%s'", row->name,
                       RMQ_PROFILE_NUMBERS_MAX, parts[i]);
          return FALSE;
        }
      parsed.numbers[parsed.n_numbers++] = number;
    }
  *value = parsed;
  return TRUE;
}

static gboolean
parse_value (const Row *row, const char *text, RmqProfileValue *value, GError **error)
{
  return row->words[0] != NULL ? parse_word (row, text, value, error)
                               : parse_numbers (row, text, value, error);
}

static void
set_unknown (GError **error, const char *what, const char *name, const char *const *known,
             guint n_known)
{
  g_autoptr (GString) all = g_string_new (NULL);
  for (guint i = 0; i < n_known; i++)
    g_string_append_printf (all, "%s%s", i > 0 ? ", " : "", known[i]);
  const char *near = rmq_suggest (name, known, n_known);
  g_set_error (error, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_STATE, "unknown %s '%s'%s%s%s (known: %s)",
               what, name, near != NULL ? "; did you mean '" : "", near != NULL ? near : "",
               near != NULL ? "'?" : "", all->str);
}

gboolean
rmq_profile_init (RmqProfile *profile, const char *name, GError **error)
{
  for (guint column = 0; column < N_COLUMNS; column++)
    {
      if (strcmp (column_names[column], name) != 0)
        continue;
      for (guint i = 0; i < RMQ_N_ROWS; i++)
        {
          gboolean ok = parse_value (&rows[i], rows[i].columns[column], &profile->values[i], NULL);
          g_assert (ok);
        }
      return TRUE;
    }
  set_unknown (error, "profile", name, column_names, N_COLUMNS);
  return FALSE;
}

gboolean
rmq_profile_set (RmqProfile *profile, const char *row, const char *value, GError **error)
{
  const char *names[RMQ_N_ROWS];
  for (guint i = 0; i < RMQ_N_ROWS; i++)
    {
      names[i] = rows[i].name;
      if (strcmp (rows[i].name, row) == 0)
        return parse_value (&rows[i], value, &profile->values[i], error);
    }
  set_unknown (error, "profile row", row, names, RMQ_N_ROWS);
  return FALSE;
}

/* ---- asking -------------------------------------------------------------- */

gint
rmq_profile_get_choice (const RmqProfile *profile, RmqProfileRow row)
{
  g_assert (profile->values[row].choice >= 0);
  return profile->values[row].choice;
}

gint
rmq_profile_get_number (const RmqProfile *profile, RmqProfileRow row, guint index)
{
  return index < profile->values[row].n_numbers ? profile->values[row].numbers[index] : 0;
}

gboolean
rmq_profile_has_number (const RmqProfile *profile, RmqProfileRow row, gint number)
{
  const RmqProfileValue *value = &profile->values[row];
  for (guint i = 0; i < value->n_numbers; i++)
    if (value->numbers[i] == number)
      return TRUE;
  return FALSE;
}

const RmqWireForm *
rmq_profile_get_wire_form (const RmqProfile *profile)
{
  return &wire_forms[rmq_profile_get_choice (profile, RMQ_ROW_WIRE_FORM)];
}

const char *
rmq_profile_row_get_name (RmqProfileRow row)
{
  return rows[row].name;
}

const char *
rmq_profile_row_get_help (RmqProfileRow row)
{
  return rows[row].help;
}

char *
rmq_profile_format_value (const RmqProfile *profile, RmqProfileRow row)
{
  const RmqProfileValue *value = &profile->values[row];
  if (value->choice >= 0)
    return g_strdup (rows[row].words[value->choice]);
  GString *text = g_string_new (NULL);
  for (guint i = 0; i < value->n_numbers; i++)
    g_string_append_printf (text, "%s%d", i > 0 ? " " : "", value->numbers[i]);
  return g_string_free (text, FALSE);
}
