/* SPDX-License-Identifier: Apache-2.0 */

/* Options of a producer by name, a row each: Java's name without "set", and the setter. Pure but
 * for the producer it is given. */

#include "rmq-producer-settings.h"

#include <gio/gio.h>

#include "rmq-suggest.h"

typedef enum
{
  TEXT,
  NUMBER,
  SWITCH, /* true, false */
} Kind;

typedef struct
{
  const char *name;
  Kind kind;
  void (*set_text) (RmqProducer *producer, const char *value);
  void (*set_number) (RmqProducer *producer, guint value);
  void (*set_switch) (RmqProducer *producer, gboolean on);
} Setting;

static const Setting settings[] = {
  { "compressMsgBodyOverHowmuch", NUMBER,
    .set_number = rmq_producer_set_compress_msg_body_over_howmuch },
  { "createTopicKey", TEXT, .set_text = rmq_producer_set_create_topic_key },
  { "defaultTopicQueueNums", NUMBER, .set_number = rmq_producer_set_default_topic_queue_nums },
  { "maxMessageSize", NUMBER, .set_number = rmq_producer_set_max_message_size },
  { "retryAnotherBrokerWhenNotStoreOK", SWITCH,
    .set_switch = rmq_producer_set_retry_another_broker_when_not_store_ok },
  { "sendMsgMaxTimeoutPerRequest", NUMBER,
    .set_number = rmq_producer_set_send_msg_max_timeout_per_request_ms },
};

/* (nullable) */
static const Setting *
find_setting (const char *name)
{
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    if (g_str_equal (settings[i].name, name))
      return &settings[i];
  return NULL;
}

static gboolean
fail_name (const char *name, GError **error)
{
  const char *names[G_N_ELEMENTS (settings)];
  for (guint i = 0; i < G_N_ELEMENTS (settings); i++)
    names[i] = settings[i].name;
  const char *near = rmq_suggest (name, names, G_N_ELEMENTS (names));
  g_set_error (error, G_IO_ERROR, G_IO_ERROR_NOT_FOUND,
               "no option of a producer is called \"%s\"%s%s%s", name,
               near != NULL ? ": did you mean " : "", near != NULL ? near : "",
               near != NULL ? "?" : "");
  return FALSE;
}

gboolean
rmq_producer_setting_check (const char *name, const char *value, GError **error)
{
  const Setting *setting = find_setting (name);
  if (setting == NULL)
    return fail_name (name, error);
  gboolean ok =
      setting->kind == TEXT
      || (setting->kind == NUMBER
          && g_ascii_string_to_unsigned (value, 10, 0, G_MAXINT32, NULL, NULL))
      || (setting->kind == SWITCH && (g_str_equal (value, "true") || g_str_equal (value, "false")));
  if (!ok)
    g_set_error (error, G_IO_ERROR, G_IO_ERROR_INVALID_ARGUMENT, "%s is %s, not \"%s\"", name,
                 setting->kind == NUMBER ? "a number" : "true or false", value);
  return ok;
}

void
rmq_producer_setting_apply (RmqProducer *producer, const char *text)
{
  g_auto (GStrv) parts = g_strsplit (text, "=", 2);
  const Setting *setting = find_setting (parts[0]);
  guint64 number = 0;
  g_assert (setting != NULL);
  switch (setting->kind)
    {
    case TEXT:
      setting->set_text (producer, parts[1]);
      break;
    case NUMBER:
      g_ascii_string_to_unsigned (parts[1], 10, 0, G_MAXINT32, &number, NULL);
      setting->set_number (producer, (guint)number);
      break;
    case SWITCH:
      setting->set_switch (producer, g_str_equal (parts[1], "true"));
      break;
    }
}
