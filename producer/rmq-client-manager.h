/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-env.h"
#include "rmq-message-codec.h"

G_BEGIN_DECLS

/* What a process has one of: the factoryTable (clientId → instance), the opaque counter, the maker
 * of unique ids. A process is a host, so there is one manager per RmqEnv. Mirrors MQClientManager.
 */

typedef struct _RmqClientManager RmqClientManager;
typedef struct _RmqClientInstance RmqClientInstance;

/* The manager of a host, made at first use; any thread. */
RmqClientManager *rmq_client_manager_ref_for (RmqEnv *env);
void rmq_client_manager_unref (RmqClientManager *manager); /* nullable; any thread */
RmqEnv *rmq_client_manager_get_env (RmqClientManager *manager);

/* The host this process is in the real world, shared by all who ask; any thread. */
RmqEnv *rmq_process_env_ref (void);
/* Gives back what rmq_process_env_ref() gave. */
void rmq_process_env_unref (RmqEnv *env);

/* UNIQ_KEY of the next message; any thread. */
void rmq_client_manager_next_uniq_key (RmqClientManager *manager, char key[RMQ_UNIQ_KEY_SIZE_MAX]);

/* From here on: owner only. */
gint32 rmq_client_manager_next_opaque (RmqClientManager *manager);
/* Tells readings of one clock apart: 0 … 999, round and round. */
gint rmq_client_manager_next_nano (RmqClientManager *manager);
guint rmq_client_manager_next_index (RmqClientManager *manager);
void rmq_client_manager_add (RmqClientManager *manager, RmqClientInstance *instance);
void rmq_client_manager_remove (RmqClientManager *manager, RmqClientInstance *instance);
/* (nullable) */
RmqClientInstance *rmq_client_manager_find (RmqClientManager *manager, const char *client_id);
guint rmq_client_manager_get_size (RmqClientManager *manager);
RmqClientInstance *rmq_client_manager_get_instance (RmqClientManager *manager, guint index);

G_END_DECLS
