/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-event.h"
#include "rmq-number-map.h"

G_BEGIN_DECLS

/* What the event log says about the sends of a run, gathered while it grows. The only thing
 * verdicts are made from. All times are the world's; zero_us is the scenario's 0. */

typedef enum
{
  RMQ_FATE_NOT_STARTED,
  RMQ_FATE_PENDING,
  RMQ_FATE_STORED,  /* the caller was told a stored status */
  RMQ_FATE_WRITTEN, /* oneway */
  RMQ_FATE_ERROR,
} RmqFate;

typedef struct
{
  guint workload; /* index */
  guint number;   /* from 1 */
  gint64 key;     /* -1: none */
  RmqFate fate;
  gint64 start_us, end_us;
  guint64 start_ev, end_ev;
  gint64 timeout_us;             /* -1: not known */
  gint status;                   /* STORED: RmqSendStatus */
  gint domain, code;             /* ERROR: RmqEventDomain */
  gboolean unknown;              /* ERROR: the outcome could not be known */
  const char *text;              /* STORED: broker; ERROR: the error */
  gint64 queue_id, queue_offset; /* STORED: as told */
  guint n_attempts;
  guint last_attempt; /* index of attempts, if there are any */
  guint n_callbacks;
  guint n_copies;
  guint first_copy;        /* index of copies, if there are any */
  const char *first_try;   /* (nullable): broker of the first attempt */
  guint64 uniq;            /* hash of UNIQ_KEY; 0: not known yet */
  guint64 uniq_changed_ev; /* moment when another was seen; 0: never */
} RmqSendRecord;

typedef struct
{
  char *label, *producer, *topic;
  gint mode;        /* RmqSendMode */
  gboolean selects; /* by a selector */
  gboolean to_queue;
  guint64 first_tag;
  guint count;
  guint batch;          /* so many messages share a request, and the events of its first */
  RmqSendRecord *sends; /* count of them; never moves */
  guint n_started, n_ended;
  gboolean is_cut;   /* its process died: what it had not sent yet it won't */
  gboolean is_probe; /* no line of the scenario: it only shows whether a client is healthy */
} RmqWorkloadRecord;

typedef struct
{
  RmqSendRecord *send; /* (nullable): somebody else's, seen by a server only */
  const char *broker;
  gint64 queue_id;
  gint64 at_us;
  guint64 ev;
  gint64 left_us;
  gboolean sent; /* its connection was up */
} RmqAttemptRecord;

typedef struct
{
  RmqSendRecord *send; /* (nullable): somebody else's */
  const char *broker, *topic;
  guint64 uniq;
  gint64 queue_id, queue_offset;
  gint64 at_us;
  guint64 ev;
} RmqCopyRecord;

typedef struct
{
  const char *host, *text;  /* whose outage; the line as written */
  gint64 rule;              /* 0: a state of the whole mock */
  gint64 from_us, until_us; /* until -1: it isn't over */
} RmqOutageRecord;

typedef struct
{
  char *broker, *topic;
} RmqPlace;

/* A client's picture of a topic. */
typedef struct
{
  const char *producer, *topic;
  gint64 queues;
  gint64 at_us;
  guint64 ev;
} RmqPictureRecord;

/* What a look into a client's table found. */
typedef struct
{
  gint64 serial; /* of the expectation that wanted it; 0: I3 */
  gint64 rows;   /* -1: there is no such table */
  gint64 at_us;
  guint64 ev;
} RmqProbeRecord;

typedef struct
{
  char *name;
  gboolean up;
  GArray *topics; /* of RmqTopicShare */
} RmqBrokerRecord;

typedef struct
{
  char *topic;
  gint64 write_queues;
} RmqTopicShare;

#define RMQ_OUTAGE_RECORDS_MAX 10000

typedef struct
{
  gint64 zero_us;
  gboolean foreign;        /* clients come from outside: requests that servers see are attempts */
  gboolean blind;          /* brokers are somebody else's: what they stored isn't seen */
  GPtrArray *workloads;    /* of RmqWorkloadRecord */
  GArray *attempts;        /* of RmqAttemptRecord, by time */
  GArray *copies;          /* of RmqCopyRecord, by time */
  GArray *pictures;        /* of RmqPictureRecord, by time */
  GArray *outages;         /* of RmqOutageRecord, by time; the first RMQ_OUTAGE_RECORDS_MAX */
  GArray *probes;          /* of RmqProbeRecord, by time */
  GPtrArray *brokers;      /* of RmqBrokerRecord */
  RmqNumberMap by_uniq;    /* hash of UNIQ_KEY → RmqSendRecord, borrowed */
  GHashTable *places;      /* text of the log → RmqPlace; looked up, never iterated */
  RmqNumberMap opaques;    /* (host, opaque) of outstanding requests → anything */
  guint64 opaque_clash_ev; /* 0: never */
  guint n_opaques;         /* requests seen */
  const char *last_broker; /* (nullable): of the last request that a broker got */
  guint n_asked;           /* requests that name servers got */
  guint64 stray_ev;        /* of the first that was none of theirs; 0: never */
  gboolean sends_stray;    /* some producer's profile lets sends go there (null-address) */
  guint64 deadlock_ev;     /* 0: never */
  gint64 deadlock_since_us, deadlock_n; /* last activity; how many waited */
  guint n_outages;                      /* began */
  gint n_outages_on;
  gint64 outage_first_us, outage_ended_us; /* -1: none */
  gint64 last_activity_us;                 /* last start or end of a send; -1: none */

  RmqEventLog *log;
  guint listener;
  /* Hash of the message's UNIQ_KEY once it is on the wire (nullable). Owner. */
  guint64 (*get_uniq) (guint64 tag, gpointer data);
  gpointer get_uniq_data;
  void (*ended) (RmqWorkloadRecord *workload, gpointer data); /* all its sends (nullable) */
  gpointer ended_data;
} RmqEvidence;

/* Listens to log until freed. */
RmqEvidence *rmq_evidence_new (RmqEventLog *log);
void rmq_evidence_forget (RmqEvidence *evidence); /* what was seen so far */
void rmq_evidence_free (RmqEvidence *evidence);   /* nullable */

typedef struct
{
  const char *label, *producer, *topic;
  gint mode;
  gboolean selects, to_queue, is_probe;
  guint count;
  guint batch; /* 0, 1: none */
  gint64 keys; /* -1: none */
} RmqWorkloadSpec;
RmqWorkloadRecord *rmq_evidence_add_workload (RmqEvidence *evidence, const RmqWorkloadSpec *spec);
void rmq_evidence_add_broker (RmqEvidence *evidence, const char *broker);
void rmq_evidence_add_topic (RmqEvidence *evidence, const char *broker, const char *topic,
                             gint64 write_queues);
RmqWorkloadRecord *rmq_evidence_get_workload (const RmqEvidence *evidence, guint index);
RmqSendRecord *rmq_evidence_find_send (const RmqEvidence *evidence, guint64 tag); /* (nullable) */
/* "o57 (key 1)" (transfer full) */
char *rmq_evidence_name_send (const RmqEvidence *evidence, const RmqSendRecord *send);
void rmq_evidence_cut_short (RmqEvidence *evidence, const char *producer); /* its workloads */
gboolean rmq_evidence_is_done (const RmqEvidence *evidence); /* every workload's sends ended */

/* A look into a client's table. text: "TABLE PRODUCER". serial (of the
 * statement that wants it; 0: invariant I3), rows (-1: no such table). */
extern const RmqEventKind rmq_event_probe;
/* A send was refused before it began. text: the error. tag, code. */
extern const RmqEventKind rmq_event_rejected;
/* Nothing can happen any more. text: "run". sinceUs (last activity, scenario's clock), waiting. */
extern const RmqEventKind rmq_event_deadlock;
/* A verdict. text: the claim. verdict (RmqVerdict), line, ev. */
extern const RmqEventKind rmq_event_verdict;

G_END_DECLS
