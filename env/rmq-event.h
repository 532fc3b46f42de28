/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* The event log: what happened, in fixed records, each with the record that caused it. One log
 * feeds hash, checkers, dashboard and journal. A kind is declared once, beside the code that emits
 * it. */

typedef enum
{
  RMQ_HASH_NONE = -1, /* seen, but not part of the run's identity */
  RMQ_HASH_WIRE,
  RMQ_HASH_CLIENT,
  RMQ_HASH_BROKER,
  RMQ_HASH_VERDICT,
  RMQ_N_HASHES,
} RmqHashPart;

#define RMQ_EVENT_FIELDS_MAX 6

typedef struct
{
  const char *name; /* "SEND_OK": upper case, as the dashboard shows it */
  RmqHashPart part;
  gboolean hot; /* very frequent: hidden in the dashboard's log unless asked for */
  const char *field_names[RMQ_EVENT_FIELDS_MAX]; /* NULL after the last */
  const char *help;                              /* one line: what it means */
  /* Words for a field's values, by number, NULL after the last. (nullable): a number is a number */
  const char *const *nicks[RMQ_EVENT_FIELDS_MAX];
} RmqEventKind;

typedef struct
{
  guint64 id;    /* of this record, from 1 */
  guint64 ev;    /* the moment: number of the heap pop (real world: of the dispatch) it fell into */
  guint64 cause; /* id of the record that caused it, 0 = none known */
  gint64 at_us;
  const RmqEventKind *kind;
  const char *text; /* never NULL; the log's, as long as it remembers the record */
  gint64 fields[RMQ_EVENT_FIELDS_MAX];
  guint16 host;
  guint8 n_fields;
} RmqEvent;

typedef struct _RmqEventLog RmqEventLog;

typedef void (*RmqEventFunc) (const RmqEvent *event, gpointer data);

RmqEventLog *rmq_event_log_new (void);
void rmq_event_log_free (RmqEventLog *log);
/* How many records are remembered for rmq_event_log_get(); older ones are forgotten. Before the
 * first one only. Default 65536 in the simulation, 4096 in the real world. */
void rmq_event_log_set_capacity (RmqEventLog *log, guint capacity);
/* From now on texts stay as long as the log: for whoever keeps records beyond the ring. */
void rmq_event_log_keep_texts (RmqEventLog *log);
guint16 rmq_event_log_add_host (RmqEventLog *log, const char *name);
const char *rmq_event_log_get_host_name (RmqEventLog *log, guint16 host);

guint64 rmq_event_log_emit (RmqEventLog *log, gint64 at_us, guint16 host, const RmqEventKind *kind,
                            const char *text, const gint64 *fields, guint n_fields);

/* For a world whose runs are never alike: no hash is kept. Before the first record. */
void rmq_event_log_forgo_hash (RmqEventLog *log);

/* The world calls this at each pop: advances ev, sets what the pop was caused by. */
void rmq_event_log_begin_moment (RmqEventLog *log, guint64 cause);
guint64 rmq_event_log_get_ev (RmqEventLog *log);
/* The record that whatever happens now is caused by. */
guint64 rmq_event_log_get_cause (RmqEventLog *log);
void rmq_event_log_set_cause (RmqEventLog *log, guint64 id);

/* Listeners are told at once, in order of registration, inside emit. */
guint rmq_event_log_add_listener (RmqEventLog *log, RmqEventFunc func, gpointer data);
void rmq_event_log_remove_listener (RmqEventLog *log, guint id);

/* The next of the world's serial numbers: for what needs an identity that is no address of memory.
 */
guint64 rmq_event_log_next_serial (RmqEventLog *log);

guint64 rmq_event_log_get_last_id (RmqEventLog *log);
guint64 rmq_event_log_get_first_id (RmqEventLog *log); /* oldest remembered */
const RmqEvent *rmq_event_log_get (RmqEventLog *log,
                                   guint64 id); /* (nullable): forgotten or not yet */

/* 128 bits in hex, the whole run's or one part's (RMQ_HASH_NONE: the whole). (transfer full) */
char *rmq_event_log_get_hash (RmqEventLog *log, RmqHashPart part);
const char *rmq_hash_part_get_name (RmqHashPart part);

/* "SEND_ERROR domain=broker code=1 text": kind, named fields, text. (transfer full) */
char *rmq_event_format (const RmqEvent *event);

G_END_DECLS
