/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-producer-impl.h"

G_BEGIN_DECLS

/* Which question about the route is open. */
typedef enum
{
  RMQ_ROUTE_UNASKED,
  RMQ_ROUTE_ASKED_TOPIC,
  RMQ_ROUTE_ASKED_TEMPLATE,
} RmqRoutePhase;

struct _RmqSendOperation
{
  gint refs;             /* atomic; g_atomic_ref_count would be invisible to the thread sanitizer */
  RmqProducer *producer; /* owned reference */
  gpointer next;         /* RmqSendOperation: in a stack */

  /* what is sent; fixed from the beginning */
  RmqSendMode mode;
  guint64 tag;
  RmqMessage *message;
  const char *topic; /* the message's */
  char *properties;  /* as on the wire */
  char *uniq_key;    /* the message's; of a batch: its members', joined by "," */
  GBytes *body;      /* maybe compressed */
  gsize body_size;   /* before that */
  gint32 sys_flag;
  RmqMessageQueue *queue;           /* (nullable): given by the caller */
  RmqMessageQueueSelector selector; /* (nullable) */
  gpointer selector_data;
  gint64 timeout_us;
  gint64 begin_us;
  gint64 born_ms;
  guint64 task;             /* whose counter walks the queues */
  RmqSendCallback callback; /* (nullable) */
  gpointer callback_data;
  RmqSendDeliver deliver; /* (nullable): instead of a callback */
  gpointer deliver_data;

  /* the machine */
  RmqSendState state;
  gboolean begun;
  gboolean stepping; /* inside step() */
  gboolean waits;    /* something will call step() */
  RmqRoutePhase route_phase;
  GError *route_error;       /* (nullable): why there is no route */
  RmqTopicPublishInfo *info; /* (nullable) */
  RmqMessageQueue *chosen;   /* (nullable): of the current attempt */
  guint attempts;            /* begun so far */
  guint attempts_max;
  guint retries; /* async: the counter of onExceptionImpl */
  gint64 attempt_timeout_us;
  char *address;            /* (nullable): of the current attempt; NULL also: a name server */
  gboolean written;         /* the current attempt left */
  gboolean outcome_unknown; /* some attempt may have been stored */
  gboolean out_of_time;     /* the budget is spent, so no further attempt */
  GString *brokers_sent;    /* (nullable): "broker-a, broker-b": those that failed */
  GError *error;            /* (nullable): of the last attempt; at the end: the outcome */
  RmqSendResult *result;    /* (nullable): stored, maybe with a caveat */
  RmqInvocation invocation;
  RmqLane *lane;     /* (nullable): held */
  RmqParker *parker; /* (nullable): the waiting caller */
  GList link;        /* in a sender's backlog; in producer->operations, while begun and not done */
};

/* ---- rmq-send-operation.c: the machine ----------------------------------- */

void rmq_send_operation_step (RmqSendOperation *operation);
/* Ends it with its result or its error. Whoever calls this holds a reference. */
void rmq_send_operation_finish (RmqSendOperation *operation);
gint64 rmq_send_operation_left_us (RmqSendOperation *operation); /* of its budget; may be < 0 */

/* ---- rmq-send-choosing.c: route and queue -------------------------------- */

/* Goes on to CONNECTING, waits for a route, or ends. */
void rmq_send_operation_choose (RmqSendOperation *operation);
/* The next queue of the walk, not on the current one's broker. FALSE: there is none. */
gboolean rmq_send_operation_walk (RmqSendOperation *operation);

/* ---- rmq-send-request.c: what goes on the wire --------------------------- */

/* Fills body, properties, sys_flag and uniq_key from the message. FALSE: a batch that is too large.
 * Any thread. */
gboolean rmq_send_operation_encode (RmqSendOperation *operation, GError **error);
/* (transfer full) */
RmqRemotingCommand *rmq_send_operation_make_request (RmqSendOperation *operation);

/* ---- rmq-send-error.c: what the caller is told --------------------------- */

/* The broker's answer as an error. (transfer full) */
GError *rmq_send_operation_broker_error (RmqSendOperation *operation, RmqRemotingCommand *response);
/* Turns the last attempt's error into the one the caller gets: Java's code, what was tried, for how
 * long, and what can be done. */
void rmq_send_operation_conclude (RmqSendOperation *operation);
/* Sets the error directly. */
void rmq_send_operation_set_error (RmqSendOperation *operation, GQuark domain, gint code,
                                   const char *format, ...) G_GNUC_PRINTF (4, 5);

G_END_DECLS
