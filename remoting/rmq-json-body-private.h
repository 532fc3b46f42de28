/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-json-reader.h"
#include "rmq-json-writer.h"
#include "rmq-topic-route-data.h"

G_BEGIN_DECLS

/* What the JSON bodies share. */

typedef struct
{
  RmqJsonReader reader;
  char *text; /* a copy of the body, which the reader works in */
} RmqJsonBody;

void rmq_json_body_init (RmqJsonBody *body, GBytes *bytes);
void rmq_json_body_clear (RmqJsonBody *body);
G_DEFINE_AUTO_CLEANUP_CLEAR_FUNC (RmqJsonBody, rmq_json_body_clear)

/* A body to write, and the bytes it became. */
void rmq_json_body_begin (RmqJsonWriter *out);
GBytes *rmq_json_body_end (RmqJsonWriter *out);

/* Reads the object at hand; read is called with the reader behind each known member's colon. */
typedef struct
{
  const char *name;
  void (*read) (RmqJsonReader *reader, gpointer object);
} RmqJsonMember;
void rmq_json_read_object (RmqJsonReader *reader, const RmqJsonMember *members, gsize n_members,
                           gpointer object);

/* Queue numbers and other small counts: anything else is no route a broker could have. */
#define RMQ_QUEUE_NUMS_MAX 65535
#define RMQ_BROKER_ADDRS_MAX 1024 /* of one broker name */
gint rmq_json_read_count (RmqJsonReader *reader);
gint rmq_json_read_int (RmqJsonReader *reader);
void rmq_json_read_string (RmqJsonReader *reader, char **text); /* replaces *text */
/* (transfer full) (nullable): null. Elements that are null are left out. */
char **rmq_json_read_strv (RmqJsonReader *reader);
/* At an object or array; null is passed over. FALSE: it was null, or an error. */
gboolean rmq_json_read_enter (RmqJsonReader *reader, RmqJsonKind kind);

void rmq_json_put_strv (RmqJsonWriter *out, char *const *texts);

/* "brokerAddrs":{0:"host:port"}; quoted: the ids too. */
void rmq_json_put_broker_addrs (RmqJsonWriter *out, const RmqBrokerData *broker, gboolean quoted);
/* One BrokerData, in routes and in the cluster's list. */
void rmq_json_put_broker_data (RmqJsonWriter *out, const RmqBrokerData *broker,
                               const RmqRouteForm *form);

G_END_DECLS
