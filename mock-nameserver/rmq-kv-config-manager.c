/* SPDX-License-Identifier: Apache-2.0 */

/* configTable of a name server: namespaces, each with its keys, both by alphabet. On the host's
 * loop, owner only. It writes no file and knows no request. */

#include "rmq-kv-config-manager.h"

#include "rmq-sorted-table.h"

typedef struct
{
  char *key;
  char *value;
} ValueRow;

typedef struct
{
  char *name;
  GPtrArray *values; /* of ValueRow */
} NamespaceRow;

struct _RmqKvConfigManager
{
  GPtrArray *config_table; /* of NamespaceRow */
};

static void
value_row_free (gpointer data)
{
  ValueRow *row = data;
  g_free (row->key);
  g_free (row->value);
  g_free (row);
}

static void
namespace_row_free (gpointer data)
{
  NamespaceRow *row = data;
  g_ptr_array_unref (row->values);
  g_free (row->name);
  g_free (row);
}

RmqKvConfigManager *
rmq_kv_config_manager_new (void)
{
  RmqKvConfigManager *self = g_new0 (RmqKvConfigManager, 1);
  self->config_table = g_ptr_array_new_with_free_func (namespace_row_free);
  return self;
}

void
rmq_kv_config_manager_free (RmqKvConfigManager *self)
{
  g_ptr_array_unref (self->config_table);
  g_free (self);
}

static NamespaceRow *
find_namespace (RmqKvConfigManager *self, const char *name)
{
  return name != NULL ? rmq_sorted_table_find (self->config_table, name) : NULL;
}

static NamespaceRow *
ensure_namespace (RmqKvConfigManager *self, const char *name)
{
  NamespaceRow *row = find_namespace (self, name);
  if (row != NULL)
    return row;
  row = g_new0 (NamespaceRow, 1);
  row->name = g_strdup (name);
  row->values = g_ptr_array_new_with_free_func (value_row_free);
  rmq_sorted_table_insert (self->config_table, row);
  return row;
}

void
rmq_kv_config_manager_put (RmqKvConfigManager *self, const char *name_space, const char *key,
                           const char *value)
{
  NamespaceRow *row = ensure_namespace (self, name_space);
  rmq_sorted_table_remove (row->values, key);
  if (value == NULL)
    return;
  ValueRow *added = g_new0 (ValueRow, 1);
  added->key = g_strdup (key);
  added->value = g_strdup (value);
  rmq_sorted_table_insert (row->values, added);
}

const char *
rmq_kv_config_manager_get (RmqKvConfigManager *self, const char *name_space, const char *key)
{
  NamespaceRow *row = find_namespace (self, name_space);
  ValueRow *value = row != NULL && key != NULL ? rmq_sorted_table_find (row->values, key) : NULL;
  return value != NULL ? value->value : NULL;
}

void
rmq_kv_config_manager_delete (RmqKvConfigManager *self, const char *name_space, const char *key)
{
  NamespaceRow *row = find_namespace (self, name_space);
  if (row != NULL && key != NULL)
    rmq_sorted_table_remove (row->values, key);
}

RmqProperties *
rmq_kv_config_manager_list (RmqKvConfigManager *self, const char *name_space)
{
  NamespaceRow *row = find_namespace (self, name_space);
  if (row == NULL)
    return NULL;
  RmqProperties *list = rmq_properties_new ();
  for (guint i = 0; i < row->values->len; i++)
    {
      const ValueRow *value = g_ptr_array_index (row->values, i);
      rmq_properties_set (list, value->key, value->value);
    }
  return list;
}

void
rmq_kv_config_manager_clear (RmqKvConfigManager *self)
{
  g_ptr_array_set_size (self->config_table, 0);
}

/* ---- snapshot ------------------------------------------------------------ */

static const RmqColumn columns[] = {
  { "namespace", RMQ_CELL_TEXT, NULL, "ORDER_TOPIC_CONFIG is known to brokers; others are free",
    "configTable key" },
  { "key", RMQ_CELL_TEXT, NULL, "of ORDER_TOPIC_CONFIG: a topic", "configTable value's key" },
  { "value", RMQ_CELL_TEXT, NULL, "of ORDER_TOPIC_CONFIG: broker:queues;broker:queues",
    "configTable value's value" },
};
static const RmqTableSchema schema = {
  "configTable",
  "Key-value store",
  "What operators left at this name server. It outlives the process, and no other name server has "
  "it.",
  "KVConfigManager#configTable",
  columns,
  G_N_ELEMENTS (columns),
};

void
rmq_kv_config_manager_fill_snapshot (RmqKvConfigManager *self, const char *owner,
                                     RmqSnapshot *snapshot)
{
  RmqTable *table = rmq_snapshot_add_table (snapshot, &schema, owner);
  for (guint i = 0; i < self->config_table->len; i++)
    {
      const NamespaceRow *row = g_ptr_array_index (self->config_table, i);
      for (guint k = 0; k < row->values->len; k++)
        {
          const ValueRow *value = g_ptr_array_index (row->values, k);
          rmq_table_begin_row (table);
          rmq_table_add_text (table, row->name);
          rmq_table_add_text (table, value->key);
          rmq_table_add_text (table, value->value);
        }
    }
}
