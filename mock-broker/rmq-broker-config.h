/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <gio/gio.h>

#include "rmq-mock-profile.h"

G_BEGIN_DECLS

/* BrokerConfig and MessageStoreConfig, as far as a broker in memory obeys them: names as in
 * broker.conf. One table of settings; the language's "set", mock-broker's --set, codes 25 and 26
 * and the help all read its rows. Read a value where it is used, never a copy: 25 may change it. */

typedef struct
{
  gint64 broker_permission;
  char *region_id;
  gboolean trace_on;
  gboolean auto_create_topic;
  gboolean auto_create_subscription_group;
  gint64 default_topic_queue_nums;
  gint64 accept_sends_from_ms;
  gint64 max_message_size;
  char *message_delay_level;
  gboolean reject_transaction_message;
  gint64 transaction_timeout_ms;
  gint64 transaction_check_max;
  gint64 transaction_check_interval_ms;
  char *broker_role;
  char *flush_disk_type;
  gint64 sync_flush_timeout_ms;
  gint64 slave_timeout_ms;
  gint64 in_sync_replicas;
  gboolean slave_read;
  gint64 timer_max_delay_s;
  gboolean store_reply_message;
} RmqBrokerConfig;

typedef enum
{
  RMQ_SETTING_NUMBER,
  RMQ_SETTING_BOOL,
  RMQ_SETTING_TEXT,
  RMQ_SETTING_CHOICE, /* a text of a small set */
} RmqSettingKind;

typedef struct
{
  const char *name; /* "transactionCheckMax" */
  RmqSettingKind kind;
  gsize offset;      /* in RmqBrokerConfig: gint64, gboolean or char* */
  const char *value; /* the default; a profile may know better */
  const char *help;
  const char *choices;                  /* of CHOICE: "ASYNC_FLUSH|SYNC_FLUSH" */
  gint64 min, max;                      /* of NUMBER; max 0: no limit */
  gboolean (*valid) (const char *text); /* of TEXT (nullable) */
} RmqBrokerSetting;

void rmq_broker_config_init (RmqBrokerConfig *config, const RmqMockProfile *profile);
void rmq_broker_config_clear (RmqBrokerConfig *config);
/* FALSE: no such name, or no value it may have; nothing changed. */
gboolean rmq_broker_config_set (RmqBrokerConfig *config, const char *name, const char *value,
                                GError **error);
char *rmq_broker_config_get (const RmqBrokerConfig *config,
                             const RmqBrokerSetting *setting); /* (transfer full) */
/* Whether some broker would take it; knows no broker. */
gboolean rmq_broker_setting_check (const char *name, const char *value, GError **error);
/* As rmq_broker_setting_check(), of "NAME=VALUE". */
gboolean rmq_broker_setting_check_pair (const char *pair, GError **error);
const RmqBrokerSetting *rmq_broker_settings_get (guint *n_settings);

gboolean rmq_broker_config_is_slave (const RmqBrokerConfig *config);
gboolean rmq_broker_config_is_sync_master (const RmqBrokerConfig *config);
/* An answer waits for the disk, and not long enough: memory is written at once, so only no time at
 * all is too short. */
gboolean rmq_broker_config_flushes_late (const RmqBrokerConfig *config);
gint rmq_broker_config_get_n_delay_levels (const RmqBrokerConfig *config);
gint64 rmq_broker_config_get_delay_ms (const RmqBrokerConfig *config, gint level); /* from 1 */

G_END_DECLS
