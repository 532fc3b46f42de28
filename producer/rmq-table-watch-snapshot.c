/* SPDX-License-Identifier: Apache-2.0 */

/* Holds a snapshot against the tables it was taken of: of each table the columns that tell its rows
 * apart, written down twice, once from the snapshot and once from the table. Runs on the loop,
 * right after the snapshot was taken; must never go by way of the code that fills snapshots. */

#include "rmq-table-watch-private.h"

#define COLUMNS_MAX 4

/* ---- what the tables hold -------------------------------------------------- */

static void
write_response (const RmqResponseEntry *entry, gpointer data)
{
  g_string_append_printf (data, "%d %s %u\n", entry->opaque, entry->address, entry->attempt);
}

static void
write_responses (RmqProducer *producer, GString *out)
{
  rmq_response_table_foreach (rmq_remoting_client_get_responses (producer->instance->remoting),
                              write_response, out);
}

static void
write_channels (RmqProducer *producer, GString *out)
{
  RmqChannelTable *channels = rmq_remoting_client_get_channels (producer->instance->remoting);
  for (guint i = 0; i < rmq_channel_table_get_size (channels); i++)
    {
      const RmqChannel *channel = rmq_channel_table_get_channel (channels, i);
      g_string_append_printf (out, "%s %" G_GUINT64_FORMAT "\n", channel->address,
                              channel->connects);
    }
}

static void
write_addresses (RmqProducer *producer, GString *out)
{
  const GPtrArray *brokers = producer->instance->broker_addr_table;
  for (guint i = 0; i < brokers->len; i++)
    {
      const RmqBrokerEntry *broker = g_ptr_array_index (brokers, i);
      for (guint j = 0; j < broker->addresses->len; j++)
        {
          const RmqBrokerAddress *address = &g_array_index (broker->addresses, RmqBrokerAddress, j);
          g_string_append_printf (out, "%s %" G_GINT64_FORMAT " %s\n", broker->broker_name,
                                  address->broker_id, address->address);
        }
    }
}

static void
write_routes (RmqProducer *producer, GString *out)
{
  const GPtrArray *routes = producer->instance->topic_route_table;
  for (guint i = 0; i < routes->len; i++)
    {
      const RmqTopicRoute *route = g_ptr_array_index (routes, i);
      g_string_append_printf (out, "%s %" G_GUINT64_FORMAT "\n", route->topic, route->generation);
    }
}

static void
write_topics (RmqProducer *producer, GString *out)
{
  for (guint i = 0; i < producer->publish_infos->len; i++)
    {
      const RmqTopicPublishInfo *info = g_ptr_array_index (producer->publish_infos, i);
      g_string_append_printf (out, "%s %u %" G_GINT64_FORMAT " %" G_GUINT64_FORMAT "\n",
                              info->topic, info->queues->len, info->last_counter, info->generation);
    }
}

static void
write_queues (RmqProducer *producer, GString *out)
{
  for (guint i = 0; i < producer->publish_infos->len; i++)
    {
      const RmqTopicPublishInfo *info = g_ptr_array_index (producer->publish_infos, i);
      for (guint j = 0; j < info->queues->len; j++)
        {
          const RmqPublishQueue *queue = &g_array_index (info->queues, RmqPublishQueue, j);
          g_string_append_printf (out, "%s %s %d %" G_GUINT64_FORMAT "\n", info->topic,
                                  rmq_message_queue_get_broker_name (queue->queue),
                                  rmq_message_queue_get_queue_id (queue->queue), queue->picks);
        }
    }
}

/* ---- what the snapshot says ------------------------------------------------ */

typedef struct
{
  const char *table;
  const char *columns[COLUMNS_MAX + 1];
  void (*write) (RmqProducer *producer, GString *out);
} Twin;

static const Twin twins[] = {
  { "responseTable", { "opaque", "address", "attempt" }, write_responses },
  { "channelTables", { "address", "connects" }, write_channels },
  { "brokerAddrTable", { "brokerName", "brokerId", "address" }, write_addresses },
  { "topicRouteTable", { "topic", "generation" }, write_routes },
  { "topicPublishInfoTable", { "topic", "queues", "sendWhichQueue", "generation" }, write_topics },
  { "messageQueues", { "topic", "brokerName", "queueId", "picks" }, write_queues },
};

static void
write_cell (const RmqTable *table, guint row, const char *name, GString *out)
{
  const RmqTableSchema *schema = rmq_table_get_schema (table);
  const gint column = rmq_table_schema_find_column (schema, name);
  g_assert (column >= 0);
  const RmqCell *cell = rmq_table_get_cell (table, row, (guint)column);
  if (schema->columns[column].type == RMQ_CELL_TEXT)
    g_string_append (out, cell->text != NULL ? cell->text : "-");
  else
    g_string_append_printf (out, "%" G_GINT64_FORMAT, cell->number);
}

/* (transfer full) */
static char *
write_table (const Twin *twin, const RmqTable *table)
{
  GString *out = g_string_new (NULL);
  for (guint row = 0; table != NULL && row < rmq_table_get_n_rows (table); row++)
    for (guint i = 0; twin->columns[i] != NULL; i++)
      {
        write_cell (table, row, twin->columns[i], out);
        g_string_append_c (out, twin->columns[i + 1] != NULL ? ' ' : '\n');
      }
  return g_string_free (out, FALSE);
}

/* The first line in which they differ. */
static void
tell (const Twin *twin, const char *said, const char *held, RmqBreachFunc func, gpointer data)
{
  g_auto (GStrv) ours = g_strsplit (said, "\n", -1);
  g_auto (GStrv) theirs = g_strsplit (held, "\n", -1);
  guint i = 0;
  while (ours[i] != NULL && theirs[i] != NULL && g_str_equal (ours[i], theirs[i]))
    i++;
  g_autofree char *rows =
      g_strdup_printf ("%s row %u: the snapshot says \"%s\", the table holds \"%s\"", twin->table,
                       i, ours[i] != NULL ? ours[i] : "", theirs[i] != NULL ? theirs[i] : "");
  func ("a snapshot says what the tables hold", rows, data);
}

void
rmq_table_watch_compare (RmqTableWatch *watch, const RmqSnapshot *snapshot, RmqBreachFunc func,
                         gpointer data)
{
  RmqProducer *producer = watch->producer;
  if (producer->instance == NULL)
    return;
  for (guint i = 0; i < G_N_ELEMENTS (twins); i++)
    {
      g_autoptr (GString) held = g_string_new (NULL);
      g_autofree char *said =
          write_table (&twins[i], rmq_snapshot_find_table (snapshot, twins[i].table, NULL));
      twins[i].write (producer, held);
      if (!g_str_equal (said, held->str))
        tell (&twins[i], said, held->str, func, data);
    }
}
