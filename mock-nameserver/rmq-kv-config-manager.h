/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-message-codec.h"
#include "rmq-snapshot.h"

G_BEGIN_DECLS

/* KVConfigManager: the texts a name server keeps for operators, namespace → key → value. A real one
 * writes them to kvConfig.json after each change and reads that at its start; ours keeps them in
 * the mock over stops, kills and starts, and writes nothing. Owner only. */
typedef struct _RmqKvConfigManager RmqKvConfigManager;

#define RMQ_NAMESPACE_ORDER_TOPIC_CONFIG "ORDER_TOPIC_CONFIG"

RmqKvConfigManager *rmq_kv_config_manager_new (void);
void rmq_kv_config_manager_free (RmqKvConfigManager *manager);

/* value (nullable): the namespace is made, the key has none. */
void rmq_kv_config_manager_put (RmqKvConfigManager *manager, const char *name_space,
                                const char *key, const char *value);
/* name_space, key (nullable). (nullable) */
const char *rmq_kv_config_manager_get (RmqKvConfigManager *manager, const char *name_space,
                                       const char *key);
/* A namespace stays when its last key goes. */
void rmq_kv_config_manager_delete (RmqKvConfigManager *manager, const char *name_space,
                                   const char *key);
/* (nullable): no such namespace. (transfer full) */
RmqProperties *rmq_kv_config_manager_list (RmqKvConfigManager *manager, const char *name_space);
void rmq_kv_config_manager_clear (RmqKvConfigManager *manager);
void rmq_kv_config_manager_fill_snapshot (RmqKvConfigManager *manager, const char *owner,
                                          RmqSnapshot *snapshot);

G_END_DECLS
