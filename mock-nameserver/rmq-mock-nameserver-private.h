/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-codes-private.h"
#include "rmq-kv-config-manager.h"
#include "rmq-mock-nameserver.h"
#include "rmq-nameserver-config.h"
#include "rmq-route-info-manager.h"

G_BEGIN_DECLS

/* What the processors of a name server share. */

struct _RmqMockNameserver
{
  char *name;
  const RmqMockProfile *profile;
  RmqMockServer *server;
  RmqKvConfigManager *kv;       /* outlives stops and kills, like the file it stands for */
  RmqProperties *config;        /* likewise */
  RmqRouteInfoManager *manager; /* (nullable): down */
  gint64 started_us;
  RmqTimer scan_timer;
  gint64 next_scan_us;
};

/* Answers. header's table (nullable): no map of fields; body (nullable), borrowed. */
RmqRemotingCommand *rmq_nameserver_answer (const RmqRemotingCommand *request,
                                           const RmqHeaderTable *table, gconstpointer header);
RmqRemotingCommand *rmq_nameserver_answer_body (const RmqRemotingCommand *request, GBytes *body);
RmqRemotingCommand *rmq_nameserver_refuse (const RmqRemotingCommand *request, gint code,
                                           const char *remark);
/* As of an exception thrown in a method of DefaultRequestProcessor; outside: in Java's library. */
RmqRemotingCommand *rmq_nameserver_throw (const RmqRemotingCommand *request, const char *what,
                                          const char *method);
RmqRemotingCommand *rmq_nameserver_throw_outside (const RmqRemotingCommand *request,
                                                  const char *what);
RmqRemotingCommand *rmq_nameserver_throw_null (const RmqRemotingCommand *request,
                                               const char *method);
gboolean rmq_nameserver_has_number (const RmqRemotingCommand *request, const char *field);

#define RMQ_NAMESERVER_PROCESSOR(name)                                                             \
  RmqRemotingCommand *rmq_nameserver_##name (gpointer mock, RmqConnection *connection,             \
                                             RmqRemotingCommand *request)

RMQ_NAMESERVER_PROCESSOR (put_kv_config);
RMQ_NAMESERVER_PROCESSOR (get_kv_config);
RMQ_NAMESERVER_PROCESSOR (delete_kv_config);
RMQ_NAMESERVER_PROCESSOR (get_kvlist_by_namespace);
RMQ_NAMESERVER_PROCESSOR (update_config);
RMQ_NAMESERVER_PROCESSOR (get_config);

RMQ_NAMESERVER_PROCESSOR (register_broker);
RMQ_NAMESERVER_PROCESSOR (unregister_broker);
RMQ_NAMESERVER_PROCESSOR (query_data_version);
RMQ_NAMESERVER_PROCESSOR (broker_heartbeat);

RMQ_NAMESERVER_PROCESSOR (get_route_info);
RMQ_NAMESERVER_PROCESSOR (get_cluster_info);
RMQ_NAMESERVER_PROCESSOR (get_broker_member_group);

RMQ_NAMESERVER_PROCESSOR (wipe_write_perm);
RMQ_NAMESERVER_PROCESSOR (add_write_perm);
RMQ_NAMESERVER_PROCESSOR (get_all_topics);
RMQ_NAMESERVER_PROCESSOR (delete_topic);
RMQ_NAMESERVER_PROCESSOR (register_topic);
RMQ_NAMESERVER_PROCESSOR (get_topics_by_cluster);
RMQ_NAMESERVER_PROCESSOR (get_system_topics);
RMQ_NAMESERVER_PROCESSOR (get_unit_topics);

G_END_DECLS
