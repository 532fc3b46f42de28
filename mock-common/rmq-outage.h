/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-env.h"

G_BEGIN_DECLS

/* An outage is what we inject at the edge of a mock (in RocketMQ a "fault" is the producer's own
 * penalty item). Request outages are rules, matched in order of adding; each draws from a stream of
 * its own, keyed by (rule, request), so removing one leaves the others' draws. */

typedef enum
{
  RMQ_OUTAGE_DROP,         /* no answer */
  RMQ_OUTAGE_DELAY,        /* a late answer */
  RMQ_OUTAGE_ANSWER,       /* another code */
  RMQ_OUTAGE_CLOSE,        /* FIN instead of the answer */
  RMQ_OUTAGE_RESET,        /* RST instead of the answer */
  RMQ_OUTAGE_DUPLICATE,    /* the answer twice */
  RMQ_OUTAGE_HOLD,         /* the answer waits for rmq_mock_server_release() */
  RMQ_OUTAGE_SWAP,         /* the answer goes behind the next one of its connection */
  RMQ_OUTAGE_SHIFT_OPAQUE, /* the answer names the request after its own */
  RMQ_OUTAGE_CORRUPT,      /* the answer's frame is broken */
} RmqOutageKind;

/* What CORRUPT breaks. */
typedef enum
{
  RMQ_FRAME_HEADER, /* no header can be read */
  RMQ_FRAME_BODY,   /* every byte is another; an answer without a body gets one */
  RMQ_FRAME_LENGTH, /* far beyond every limit */
} RmqFramePart;

typedef enum
{
  RMQ_OUTAGE_BEFORE_STORE, /* the request is not executed */
  RMQ_OUTAGE_AFTER_STORE,  /* executed, only the answer is touched */
} RmqOutagePoint;

typedef enum
{
  RMQ_AMOUNT_ALL,
  RMQ_AMOUNT_NEXT,    /* the next n */
  RMQ_AMOUNT_PERCENT, /* n % of them */
  RMQ_AMOUNT_EVERY,   /* every n-th */
} RmqOutageAmount;

typedef struct
{
  RmqOutageKind kind;
  RmqOutagePoint point;
  RmqOutageAmount amount;
  guint n;            /* of amount */
  gint64 delay_us;    /* DELAY */
  gint64 jitter_us;   /* DELAY: +- */
  gint answer_code;   /* ANSWER */
  char *remark;       /* ANSWER (nullable) */
  RmqFramePart part;  /* CORRUPT */
  gboolean halfway;   /* CLOSE, RESET: after half of the answer's frame */
  char *request_kind; /* "send" "heartbeat" "route" "register" …, "any" */
  char *topic;        /* SCOPE (nullable) */
  gint queue_id;      /* SCOPE; -1 = any */
  char *key;          /* SCOPE (nullable) */
  char *from;         /* SCOPE (nullable): producer group or broker name */
  gint64 until_us;    /* G_MAXINT64 = no end by time */
  char *line;         /* as written, for reports */
  guint64 owner;      /* whoever added it knows it by this; 0: nobody does */
} RmqOutageRule;

typedef struct _RmqOutageTable RmqOutageTable;

G_END_DECLS
