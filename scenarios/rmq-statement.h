/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* A statement of the language: its form (a row of the table), and what was read into the struct
 * that the form declares. */

typedef struct _RmqStatementForm RmqStatementForm;

/* A moment of a simulated run: after an event, by its number, and before the next. */
typedef struct
{
  guint64 ev;
  gint64 after_us;
} RmqMoment;

/* First member of every statement's struct. */
typedef struct
{
  const RmqStatementForm *form;
  RmqMoment given;    /* "at ev:N+D": when the line is given, as if it were typed; ev 0: a file's */
  guint serial;       /* among its scenario's statements, from 1 */
  guint line, column; /* from 1 */
  char *text;         /* as written, blanks trimmed, without comment */
  char **said; /* by row of the form's arguments: as written, behind the keyword; NULL: not */
} RmqStatement;

/* ---- values -------------------------------------------------------------- */

typedef enum
{
  RMQ_COMPARE_EQUAL,
  RMQ_COMPARE_NOT_EQUAL,
  RMQ_COMPARE_LESS,
  RMQ_COMPARE_AT_MOST,
  RMQ_COMPARE_MORE,
  RMQ_COMPARE_AT_LEAST,
  RMQ_COMPARE_WITHIN, /* low and high included */
} RmqCompareOp;

typedef struct
{
  RmqCompareOp op;
  gint64 low;
  gint64 high; /* WITHIN */
} RmqComparison;
gboolean rmq_comparison_holds (const RmqComparison *comparison, gint64 value);
/* The distance to the nearest value that would hold. */
gint64 rmq_comparison_miss (const RmqComparison *comparison, gint64 value);

typedef struct
{
  char *broker; /* (nullable): not given */
  gint64 id;
} RmqQueueName;

/* "e7", or all of "e": number -1. */
typedef struct
{
  char *label; /* (nullable): not given */
  gint64 number;
} RmqMessageName;

typedef struct
{
  gint kind; /* RmqOutageAmount */
  gint64 n;
} RmqAmountValue;

typedef struct
{
  const char *request_kind; /* static */
  gboolean requests;        /* FALSE: responses */
} RmqWhatValue;

typedef struct
{
  gboolean error;     /* FALSE: stored, with this status */
  gboolean transport; /* error: code is an RmqRemotingError, else a broker's or the client's */
  gint status;        /* RmqSendStatus */
  gint code;          /* error: -1 = any */
} RmqResultValue;

/* ---- setup, actors ------------------------------------------------------- */

typedef struct
{
  RmqStatement base;
  char *title;
} RmqTitleStatement;

typedef struct
{
  RmqStatement base;
  gint64 value; /* seed N; stop at D, settle D: µs */
} RmqValueStatement;

typedef struct
{
  RmqStatement base;
  char *row;   /* set ROW VALUE */
  char *value; /* also of: profile P */
} RmqProfileStatement;

typedef struct
{
  RmqStatement base;
  char **names;
  char *address;    /* (nullable): the world chooses */
  gint64 pid, cpus; /* 0: the world chooses */
  char **variables; /* (nullable): "NAME=VALUE" */
} RmqHostStatement;

typedef struct
{
  RmqStatement base;
  char **names;
  gint profile; /* rmq_mock_statement_get_profile() */
} RmqNameserverStatement;

typedef struct
{
  RmqStatement base;
  char **names;
  char *cluster;      /* (nullable): the default */
  char **nameservers; /* (nullable): all */
  gint64 slaves;      /* of each of them */
  gboolean no_auto_create;
  gint profile;    /* rmq_mock_statement_get_profile() */
  char **settings; /* (nullable): "NAME=VALUE" */
} RmqBrokerStatement;

typedef struct
{
  RmqStatement base;
  char *name;
  gint64 queues;
  gint64 read; /* -1: as queues */
  gint perm;   /* index of rw, r, w */
  char **brokers;
} RmqTopicStatement;
/* The version a mock behaves as. */
const char *rmq_mock_statement_get_profile (gint profile);
gint rmq_topic_statement_get_perm (const RmqTopicStatement *statement); /* as on the wire */

typedef struct
{
  RmqStatement base;
  char **names;
  char *group;
  char *instance;       /* (nullable) */
  char **nameservers;   /* (nullable): all */
  gint64 timeout_us;    /* -1: the library's default */
  gint64 retries;       /* -1: the library's default */
  gint64 async_retries; /* -1: the library's default */
  char *host;           /* (nullable): one of its own */
  char **options;       /* (nullable): "NAME=VALUE" */
  gboolean idle;        /* it waits for "starts" */
} RmqProducerStatement;

/* ---- what happens: workload and timeline --------------------------------- */

/* "[at D] [for D] TARGET VERB …" */
typedef struct
{
  RmqStatement base;
  gint64 at_us;  /* -1: now; in a file 0 */
  gint64 for_us; /* -1: no end by time */
  char **targets;
} RmqTimedStatement;

typedef struct
{
  RmqTimedStatement timed;
  gint64 count;
  char *noun; /* "orders": for people */
  char *topic;
  gint mode;          /* RmqSendMode */
  char *select_by;    /* (nullable): name of the property */
  RmqQueueName queue; /* of "to queue" */
  gint64 keys;        /* -1: none */
  gint64 size_bytes;  /* -1: the default body */
  gint64 batch;       /* messages in one request; -1: no batches */
  gint64 every_us;    /* -1: one after the other */
  char *label;
} RmqSendsStatement;

typedef struct
{
  RmqTimedStatement timed;
  gboolean empty;       /* start, restart */
  gboolean new_address; /* start, restart */
  gboolean reset;       /* kill */
} RmqProcessStatement;

typedef struct
{
  RmqTimedStatement timed;
  gint64 jump_us; /* clock jump: may be below 0 */
} RmqHostVerbStatement;

/* What becomes of requests and answers. */
typedef struct
{
  RmqTimedStatement timed;
  gint64 delay_us;
  gint64 jitter_us;
  gint64 code;
  char *remark;     /* (nullable) */
  gint part;        /* corrupt: RmqFramePart */
  gboolean halfway; /* close, reset */
  RmqAmountValue amount;
  RmqWhatValue what; /* request_kind NULL: not given */
  gboolean before_store, after_store;
  char *topic;     /* (nullable) */
  gint64 queue_id; /* -1: any */
  char *key;       /* (nullable) */
  char *from;      /* (nullable) */
} RmqRequestStatement;

/* ---- expectations -------------------------------------------------------- */

typedef enum
{
  RMQ_EXPECT,
  RMQ_EXPECT_FAIL,
  RMQ_NOTE,
} RmqExpectMode;

typedef struct
{
  RmqStatement base;
  RmqExpectMode mode;
  /* what is claimed */
  RmqComparison comparison;
  RmqResultValue result;
  char *broker, *topic, *producer, *table;
  gint64 within_us;
  gboolean as_stored, as_consumed;
  /* where */
  RmqMessageName message;
  gint64 key;      /* -1: any */
  char *first_try; /* (nullable): broker */
  char *by;        /* (nullable): producer */
  char *of;        /* (nullable): topic */
  /* when; -1: not given */
  gint64 from_us, until_us, at_us;
} RmqExpectation;

G_END_DECLS
