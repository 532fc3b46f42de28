/* SPDX-License-Identifier: Apache-2.0 */

/* A ring of what arrived, bounded by number and by bytes, so that a mock that runs for days keeps
 * its size. Sequence numbers go on for ever; a record is found by its own. Owner only. */

#include "rmq-request-log.h"

#define COMMAND_OVERHEAD_BYTES                                                                     \
  512 /* header, field table, allocations: a guess that only bounds                                \
       */

void
rmq_request_log_init (RmqRequestLog *log)
{
  *log = (RmqRequestLog){ .first = 1 };
}

void
rmq_request_log_clear (RmqRequestLog *log)
{
  rmq_request_log_forget (log);
  g_clear_pointer (&log->ring, g_free);
}

static RmqRequestRecord *
slot (const RmqRequestLog *log, guint64 sequence)
{
  return &log->ring[sequence % RMQ_REQUESTS_MAX];
}

static gsize
record_size (const RmqRequestRecord *record)
{
  GBytes *body = rmq_remoting_command_get_body (record->command);
  return COMMAND_OVERHEAD_BYTES + (body != NULL ? g_bytes_get_size (body) : 0);
}

static void
forget_oldest (RmqRequestLog *log)
{
  g_assert (log->first <= log->last);
  RmqRequestRecord *record = slot (log, log->first++);
  log->size_bytes -= record_size (record);
  g_ref_string_release (record->peer);
  rmq_remoting_command_unref (record->command);
  g_free (record->outage);
}

void
rmq_request_log_forget (RmqRequestLog *log)
{
  while (log->first <= log->last)
    forget_oldest (log);
  g_assert (log->size_bytes == 0);
}

RmqRequestRecord *
rmq_request_log_add (RmqRequestLog *log, const RmqRequestRecord *record)
{
  if (log->ring == NULL)
    log->ring = g_new (RmqRequestRecord, RMQ_REQUESTS_MAX);
  gsize size = record_size (record);
  while (log->first <= log->last
         && (log->last - log->first + 1 >= RMQ_REQUESTS_MAX
             || log->size_bytes + size > RMQ_REQUESTS_MAX_BYTES))
    forget_oldest (log);
  log->size_bytes += size;
  RmqRequestRecord *added = slot (log, ++log->last);
  *added = *record;
  added->sequence = log->last;
  added->code = rmq_remoting_command_get_code (record->command);
  added->opaque = rmq_remoting_command_get_opaque (record->command);
  added->answer_code = -1;
  added->outage = NULL;
  g_ref_string_acquire (added->peer);
  rmq_remoting_command_ref (added->command);
  return added;
}

RmqRequestRecord *
rmq_request_log_get (const RmqRequestLog *log, guint64 sequence)
{
  return sequence >= log->first && sequence <= log->last ? slot (log, sequence) : NULL;
}
