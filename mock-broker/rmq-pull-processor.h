/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-message-store.h"
#include "rmq-mock-server.h"
#include "rmq-pull-filter.h"

G_BEGIN_DECLS

/* What consumers ask about messages and offsets. Owner only. */

struct _RmqMockBroker;

/* ---- PullMessageProcessor ------------------------------------------------ */

/* 11, 361 */
RmqRemotingCommand *rmq_mock_broker_pull_message (gpointer mock, RmqConnection *connection,
                                                  RmqRemotingCommand *request);
/* A pull that was held has its second turn, and is answered. Takes the request. */
void rmq_mock_broker_pull_again (struct _RmqMockBroker *broker, RmqHeldRequest *held);

/* DefaultMessageStore#getMessage (rmq-pull-fetch.c) */
typedef enum
{
  RMQ_FETCH_FOUND,
  RMQ_FETCH_NO_MATCHED_MESSAGE,
  RMQ_FETCH_OFFSET_OVERFLOW_BADLY,
  RMQ_FETCH_OFFSET_OVERFLOW_ONE,
  RMQ_FETCH_OFFSET_TOO_SMALL,
  RMQ_FETCH_NO_MESSAGE_IN_QUEUE,
  RMQ_FETCH_OFFSET_RESET,
} RmqFetchStatus;

typedef struct
{
  const char *group;
  const char *topic;
  gint queue_id;
  gint64 offset;
  gint max_msg_nums;
  gint max_bytes;
  const RmqPullFilter *filter;
} RmqFetchWish;

typedef struct
{
  RmqFetchStatus status;
  gint64 next_begin_offset;
  gint64 min_offset;
  gint64 max_offset;
  GByteArray *records; /* (nullable): of FOUND */
} RmqFetchResult;

void rmq_mock_broker_fetch (struct _RmqMockBroker *broker, const RmqFetchWish *wish,
                            RmqFetchResult *result);
const char *rmq_fetch_status_get_name (RmqFetchStatus status);

/* ---- offsets (rmq-offset-processor.c) ------------------------------------ */

RmqRemotingCommand *rmq_mock_broker_query_consumer_offset (gpointer mock, RmqConnection *connection,
                                                           RmqRemotingCommand *request);
RmqRemotingCommand *rmq_mock_broker_update_consumer_offset (gpointer mock,
                                                            RmqConnection *connection,
                                                            RmqRemotingCommand *request);
RmqRemotingCommand *rmq_mock_broker_search_offset (gpointer mock, RmqConnection *connection,
                                                   RmqRemotingCommand *request);
RmqRemotingCommand *rmq_mock_broker_get_max (gpointer mock, RmqConnection *connection,
                                             RmqRemotingCommand *request);
RmqRemotingCommand *rmq_mock_broker_get_min (gpointer mock, RmqConnection *connection,
                                             RmqRemotingCommand *request);
RmqRemotingCommand *rmq_mock_broker_get_earliest (gpointer mock, RmqConnection *connection,
                                                  RmqRemotingCommand *request);
RmqRemotingCommand *rmq_mock_broker_get_all_consumer_offset (gpointer mock,
                                                             RmqConnection *connection,
                                                             RmqRemotingCommand *request);
/* The offset that code 29 answers. is_upper: the last one until then, where a version knows it. */
gint64 rmq_mock_broker_find_offset (struct _RmqMockBroker *broker, const char *topic, gint queue_id,
                                    gint64 timestamp_ms, gboolean is_upper);

/* ---- QueryMessageProcessor (rmq-query-processor.c) ----------------------- */

RmqRemotingCommand *rmq_mock_broker_query_message (gpointer mock, RmqConnection *connection,
                                                   RmqRemotingCommand *request);
RmqRemotingCommand *rmq_mock_broker_view_message (gpointer mock, RmqConnection *connection,
                                                  RmqRemotingCommand *request);

G_END_DECLS
