/* SPDX-License-Identifier: Apache-2.0 */

/* What an operator may set on a broker: the table of settings, a row each, and the struct they
 * fill. Pure; who changes a setting while the broker runs lets it be registered again if that
 * shows. */

#include "rmq-broker-config.h"

#include <string.h>

#include "rmq-suggest.h"

#define DELAY_LEVELS_MAX 64
#define DELAY_MAX_MS (G_MAXINT32 * G_GINT64_CONSTANT (1000)) /* of a level: 24855 days */
#define MOMENT_MAX_MS G_GINT64_CONSTANT (253402300799999)    /* the end of the year 9999 */

static gboolean is_delay_level_list (const char *text);

#define AT(member) G_STRUCT_OFFSET (RmqBrokerConfig, member)

static const RmqBrokerSetting settings[] = {
  { "brokerPermission", RMQ_SETTING_NUMBER, AT (broker_permission), "6",
    "4 readable, 2 writable; routes show it, producers with an old route are served on", .min = 0,
    .max = 7 },
  { "regionId", RMQ_SETTING_TEXT, AT (region_id), "DefaultRegion", "MSG_REGION of every answer" },
  { "traceOn", RMQ_SETTING_BOOL, AT (trace_on), "true", "TRACE_ON of every answer" },
  { "autoCreateTopicEnable", RMQ_SETTING_BOOL, AT (auto_create_topic), "true",
    "a send to an unknown topic creates it" },
  { "autoCreateSubscriptionGroup", RMQ_SETTING_BOOL, AT (auto_create_subscription_group), "true",
    "an unknown consumer group is created" },
  { "defaultTopicQueueNums", RMQ_SETTING_NUMBER, AT (default_topic_queue_nums), "8",
    "queues of TBW102, the most a created topic gets", .min = 0, .max = 1024 },
  { "startAcceptSendRequestTimeStamp", RMQ_SETTING_NUMBER, AT (accept_sends_from_ms), "0",
    "sends before this time, in ms since 1970, are refused", .max = MOMENT_MAX_MS },
  { "maxMessageSize", RMQ_SETTING_NUMBER, AT (max_message_size), "4194304",
    "the largest body, in bytes", .min = 1, .max = G_MAXINT32 },
  { "messageDelayLevel", RMQ_SETTING_TEXT, AT (message_delay_level),
    "1s 5s 10s 30s 1m 2m 3m 4m 5m 6m 7m 8m 9m 10m 20m 30m 1h 2h", "how long each delay level takes",
    .valid = is_delay_level_list },
  { "rejectTransactionMessage", RMQ_SETTING_BOOL, AT (reject_transaction_message), "false",
    "half messages are refused" },
  { "transactionTimeOut", RMQ_SETTING_NUMBER, AT (transaction_timeout_ms), "6000",
    "a half message younger than this, in ms, is not asked about", .max = G_MAXINT32 },
  { "transactionCheckMax", RMQ_SETTING_NUMBER, AT (transaction_check_max), "15",
    "a half message asked about so often is given up", .max = G_MAXINT32 },
  { "transactionCheckInterval", RMQ_SETTING_NUMBER, AT (transaction_check_interval_ms), "60000",
    "time between two rounds of questions, in ms", .min = 1, .max = G_MAXINT32 },
  { "brokerRole", RMQ_SETTING_CHOICE, AT (broker_role), "ASYNC_MASTER",
    "SYNC_MASTER: an answer waits until a slave has the message",
    .choices = "ASYNC_MASTER|SYNC_MASTER|SLAVE" },
  { "flushDiskType", RMQ_SETTING_CHOICE, AT (flush_disk_type), "ASYNC_FLUSH",
    "SYNC_FLUSH: an answer waits for the disk, which memory has at once",
    .choices = "ASYNC_FLUSH|SYNC_FLUSH" },
  { "syncFlushTimeout", RMQ_SETTING_NUMBER, AT (sync_flush_timeout_ms), "5000",
    "how long an answer waits for the disk, in ms; 0 with SYNC_FLUSH: FLUSH_DISK_TIMEOUT; 4.5.1: "
    "for the slave too",
    .max = G_MAXINT32 },
  { "slaveTimeout", RMQ_SETTING_NUMBER, AT (slave_timeout_ms), "3000",
    "how long an answer of a SYNC_MASTER waits for the slave, in ms", .max = G_MAXINT32 },
  { "inSyncReplicas", RMQ_SETTING_NUMBER, AT (in_sync_replicas), "1",
    "5.3: copies, the master's own included, that an answer of a SYNC_MASTER waits for", .min = 1,
    .max = 9 },
  { "slaveReadEnable", RMQ_SETTING_BOOL, AT (slave_read), "false",
    "pulls are told to go to the broker id of the group's configuration; 5.3: a slave serves "
    "pulls" },
  { "timerMaxDelaySec", RMQ_SETTING_NUMBER, AT (timer_max_delay_s), "259200",
    "the longest arbitrary delay, in seconds", .max = G_MAXINT32 },
  { "storeReplyMessageEnable", RMQ_SETTING_BOOL, AT (store_reply_message), "true",
    "a reply message is stored as well as pushed" },
};

const RmqBrokerSetting *
rmq_broker_settings_get (guint *n_settings)
{
  *n_settings = G_N_ELEMENTS (settings);
  return settings;
}

/* ---- delay levels -------------------------------------------------------- */

/* "10m" in ms; -1: it is none. */
static gint64
parse_delay (const char *text)
{
  static const struct
  {
    char unit;
    gint64 ms;
  } units[] = { { 's', 1000 }, { 'm', 60000 }, { 'h', 3600000 }, { 'd', 86400000 } };
  gsize length = strlen (text);
  gint64 number;
  if (length < 2)
    return -1;
  g_autofree char *digits = g_strndup (text, length - 1);
  if (!g_ascii_string_to_signed (digits, 10, 0, G_MAXINT32, &number, NULL))
    return -1;
  for (guint i = 0; i < G_N_ELEMENTS (units); i++)
    if (units[i].unit == text[length - 1])
      return number <= DELAY_MAX_MS / units[i].ms ? number * units[i].ms : -1;
  return -1;
}

static gboolean
is_delay_level_list (const char *text)
{
  g_auto (GStrv) levels = g_strsplit (text, " ", -1);
  guint n = g_strv_length (levels);
  for (guint i = 0; i < n; i++)
    if (parse_delay (levels[i]) < 0)
      return FALSE;
  return n > 0 && n <= DELAY_LEVELS_MAX;
}

gint
rmq_broker_config_get_n_delay_levels (const RmqBrokerConfig *config)
{
  g_auto (GStrv) levels = g_strsplit (config->message_delay_level, " ", -1);
  return (gint)g_strv_length (levels);
}

gint64
rmq_broker_config_get_delay_ms (const RmqBrokerConfig *config, gint level)
{
  g_auto (GStrv) levels = g_strsplit (config->message_delay_level, " ", -1);
  g_assert (level >= 1 && level <= (gint)g_strv_length (levels));
  return parse_delay (levels[level - 1]);
}

/* ---- values -------------------------------------------------------------- */

static gboolean
fail (GError **error, const RmqBrokerSetting *setting, const char *value, const char *what)
{
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "%s is %s, not \"%s\"",
               setting->name, what, value);
  return FALSE;
}

static gboolean
check_number (const RmqBrokerSetting *setting, const char *value, GError **error)
{
  gint64 max = setting->max != 0 ? setting->max : G_MAXINT64;
  gint64 number;
  if (g_ascii_string_to_signed (value, 10, setting->min, max, &number, NULL))
    return TRUE;
  g_autofree char *what =
      setting->max != 0 ? g_strdup_printf (
          "a number from %" G_GINT64_FORMAT " to %" G_GINT64_FORMAT, setting->min, setting->max)
                        : g_strdup_printf ("a number from %" G_GINT64_FORMAT, setting->min);
  return fail (error, setting, value, what);
}

static gboolean
check_choice (const RmqBrokerSetting *setting, const char *value, GError **error)
{
  g_auto (GStrv) choices = g_strsplit (setting->choices, "|", -1);
  return g_strv_contains ((const char *const *)choices, value)
         || fail (error, setting, value, setting->choices);
}

static gboolean
check_value (const RmqBrokerSetting *setting, const char *value, GError **error)
{
  switch (setting->kind)
    {
    case RMQ_SETTING_NUMBER:
      return check_number (setting, value, error);
    case RMQ_SETTING_BOOL:
      return g_str_equal (value, "true") || g_str_equal (value, "false")
             || fail (error, setting, value, "true or false");
    case RMQ_SETTING_CHOICE:
      return check_choice (setting, value, error);
    case RMQ_SETTING_TEXT:
      return setting->valid == NULL || setting->valid (value)
             || fail (error, setting, value, setting->value);
    }
  return FALSE;
}

static void
put (RmqBrokerConfig *config, const RmqBrokerSetting *setting, const char *value)
{
  gpointer at = G_STRUCT_MEMBER_P (config, setting->offset);
  switch (setting->kind)
    {
    case RMQ_SETTING_NUMBER:
      *(gint64 *)at = g_ascii_strtoll (value, NULL, 10);
      break;
    case RMQ_SETTING_BOOL:
      *(gboolean *)at = g_str_equal (value, "true");
      break;
    case RMQ_SETTING_CHOICE:
    case RMQ_SETTING_TEXT:
      g_free (*(char **)at);
      *(char **)at = g_strdup (value);
      break;
    }
}

char *
rmq_broker_config_get (const RmqBrokerConfig *config, const RmqBrokerSetting *setting)
{
  gconstpointer at = G_STRUCT_MEMBER_P (config, setting->offset);
  switch (setting->kind)
    {
    case RMQ_SETTING_NUMBER:
      return g_strdup_printf ("%" G_GINT64_FORMAT, *(const gint64 *)at);
    case RMQ_SETTING_BOOL:
      return g_strdup (*(const gboolean *)at ? "true" : "false");
    case RMQ_SETTING_CHOICE:
    case RMQ_SETTING_TEXT:
      return g_strdup (*(char *const *)at);
    }
  return NULL;
}

/* ---- names --------------------------------------------------------------- */

/* (nullable): there is none. */
static const RmqBrokerSetting *
find (const char *name, GError **error)
{
  const char *names[G_N_ELEMENTS (settings)];
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    {
      if (g_str_equal (settings[i].name, name))
        return &settings[i];
      names[i] = settings[i].name;
    }
  const char *near = rmq_suggest (name, names, G_N_ELEMENTS (names));
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND, "a broker has no setting \"%s\"%s%s%s",
               name, near != NULL ? "; did you mean \"" : "", near != NULL ? near : "",
               near != NULL ? "\"?" : "");
  return NULL;
}

gboolean
rmq_broker_setting_check (const char *name, const char *value, GError **error)
{
  const RmqBrokerSetting *setting = find (name, error);
  return setting != NULL && check_value (setting, value, error);
}

gboolean
rmq_broker_setting_check_pair (const char *pair, GError **error)
{
  g_auto (GStrv) parts = g_strsplit (pair, "=", 2);
  if (g_strv_length (parts) == 2)
    return rmq_broker_setting_check (parts[0], parts[1], error);
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "\"%s\" is not NAME=VALUE", pair);
  return FALSE;
}

gboolean
rmq_broker_config_set (RmqBrokerConfig *config, const char *name, const char *value, GError **error)
{
  const RmqBrokerSetting *setting = find (name, error);
  if (setting == NULL || !check_value (setting, value, error))
    return FALSE;
  put (config, setting, value);
  return TRUE;
}

/* ---- the struct ---------------------------------------------------------- */

void
rmq_broker_config_init (RmqBrokerConfig *config, const RmqMockProfile *profile)
{
  memset (config, 0, sizeof *config);
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    put (config, &settings[i], settings[i].value);
  config->transaction_check_interval_ms = profile->transaction_check_interval_ms;
}

void
rmq_broker_config_clear (RmqBrokerConfig *config)
{
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    if (settings[i].kind == RMQ_SETTING_TEXT || settings[i].kind == RMQ_SETTING_CHOICE)
      g_clear_pointer ((char **)G_STRUCT_MEMBER_P (config, settings[i].offset), g_free);
}

gboolean
rmq_broker_config_is_slave (const RmqBrokerConfig *config)
{
  return g_str_equal (config->broker_role, "SLAVE");
}

gboolean
rmq_broker_config_is_sync_master (const RmqBrokerConfig *config)
{
  return g_str_equal (config->broker_role, "SYNC_MASTER");
}

gboolean
rmq_broker_config_flushes_late (const RmqBrokerConfig *config)
{
  return g_str_equal (config->flush_disk_type, "SYNC_FLUSH") && config->sync_flush_timeout_ms == 0;
}
