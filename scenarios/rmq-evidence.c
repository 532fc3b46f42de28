/* SPDX-License-Identifier: Apache-2.0 */

/* Gathers from the event log what verdicts are made from: each kind of event that matters is a row
 * with its taker. Runs inside emit, as owner; must not emit itself. */

#include "rmq-evidence-private.h"

#include <string.h>

#include "rmq-mock-events.h"
#include "rmq-mock-nameserver.h"
#include "rmq-producer-events.h"
#include "rmq-request-facts.h"
#include "rmq-wire-events.h"

const RmqEventKind rmq_event_probe = { .name = "PROBE",
                                       .part = RMQ_HASH_VERDICT,
                                       .field_names = { "serial", "rows" },
                                       .help =
                                           "a look into a client's table; text: TABLE PRODUCER" };
const RmqEventKind rmq_event_rejected = { .name = "REJECTED",
                                          .part = RMQ_HASH_CLIENT,
                                          .field_names = { "tag", "code" },
                                          .help = "a send was refused before it began" };
const RmqEventKind rmq_event_verdict = { .name = "VERDICT",
                                         .part = RMQ_HASH_VERDICT,
                                         .field_names = { "verdict", "line", "ev" },
                                         .help = "a claim was judged; text: the claim" };

/* ---- sends --------------------------------------------------------------- */

static RmqSendRecord *
send_of (RmqEvidence *evidence, const RmqEvent *event)
{
  return rmq_evidence_find_send (evidence, event->fields[0]);
}

/* How many records from first on share its events: a batch's. */
static guint
count_sharing (const RmqEvidence *evidence, const RmqSendRecord *first)
{
  const RmqWorkloadRecord *workload = rmq_evidence_get_workload (evidence, first->workload);
  return MIN (workload->batch, workload->count - (guint)(first - workload->sends));
}

static void
begin_sends (RmqEvidence *evidence, RmqSendRecord *first, RmqFate fate, const RmqSendRecord *start)
{
  const guint n = count_sharing (evidence, first);
  for (RmqSendRecord *send = first; send < first + n; send++)
    {
      send->fate = fate;
      send->start_us = start->start_us;
      send->start_ev = start->start_ev;
      send->timeout_us = start->timeout_us;
    }
  rmq_evidence_get_workload (evidence, first->workload)->n_started += n;
}

static void
take_send (RmqEvidence *evidence, const RmqEvent *event)
{
  RmqSendRecord *send = send_of (evidence, event);
  if (send == NULL || send->fate != RMQ_FATE_NOT_STARTED)
    return;
  const RmqSendRecord start = { .start_us = event->at_us,
                                .start_ev = event->ev,
                                .timeout_us = event->fields[2] };
  begin_sends (evidence, send, RMQ_FATE_PENDING, &start);
  evidence->last_activity_us = event->at_us;
}

/* One that was given up before its turn came has no start of its own. */
static void
begin_late (RmqEvidence *evidence, RmqSendRecord *send, const RmqEvent *event, gint64 took_us)
{
  if (send->fate != RMQ_FATE_NOT_STARTED)
    return;
  const RmqSendRecord start = { .start_us = event->at_us - took_us,
                                .start_ev = event->ev,
                                .timeout_us = -1 };
  begin_sends (evidence, send, RMQ_FATE_NOT_STARTED, &start);
}

/* end: what all that share the event get. Messages of a batch lie in a row in their queue. */
static void
end_sends (RmqEvidence *evidence, const RmqEvent *event, const RmqSendRecord *end)
{
  RmqSendRecord *first = send_of (evidence, event);
  const guint n = count_sharing (evidence, first);
  for (guint i = 0; i < n; i++)
    {
      RmqSendRecord *send = first + i;
      send->fate = end->fate;
      send->end_us = event->at_us;
      send->end_ev = event->ev;
      send->text = event->text;
      send->status = end->status;
      send->domain = end->domain;
      send->code = end->code;
      send->unknown = end->unknown;
      send->queue_id = end->queue_id;
      send->queue_offset = end->queue_offset + i;
    }
  evidence->last_activity_us = event->at_us;
  RmqWorkloadRecord *workload = rmq_evidence_get_workload (evidence, first->workload);
  workload->n_ended += n;
  if (workload->n_ended == workload->count && evidence->ended != NULL)
    evidence->ended (workload, evidence->ended_data);
}

static gboolean
may_end (RmqEvidence *evidence, const RmqEvent *event)
{
  const RmqSendRecord *send = send_of (evidence, event);
  return send != NULL && (send->fate == RMQ_FATE_PENDING || send->fate == RMQ_FATE_NOT_STARTED);
}

static void
take_send_ok (RmqEvidence *evidence, const RmqEvent *event)
{
  if (!may_end (evidence, event))
    return;
  const RmqSendRecord end = { .fate = RMQ_FATE_STORED,
                              .status = (gint)event->fields[1],
                              .queue_id = event->fields[3],
                              .queue_offset = event->fields[4] };
  end_sends (evidence, event, &end);
}

static void
take_send_oneway (RmqEvidence *evidence, const RmqEvent *event)
{
  if (may_end (evidence, event))
    end_sends (evidence, event, &(RmqSendRecord){ .fate = RMQ_FATE_WRITTEN });
}

static void
take_send_error (RmqEvidence *evidence, const RmqEvent *event)
{
  if (!may_end (evidence, event))
    return;
  begin_late (evidence, send_of (evidence, event), event, event->fields[5]);
  const RmqSendRecord end = { .fate = RMQ_FATE_ERROR,
                              .domain = (gint)event->fields[1],
                              .code = (gint)event->fields[2],
                              .unknown = event->fields[4] != 0 };
  end_sends (evidence, event, &end);
}

static void
take_rejected (RmqEvidence *evidence, const RmqEvent *event)
{
  RmqSendRecord *send = send_of (evidence, event);
  if (send == NULL || send->fate != RMQ_FATE_NOT_STARTED)
    return;
  begin_late (evidence, send, event, 0);
  const RmqSendRecord end = { .fate = RMQ_FATE_ERROR,
                              .domain = RMQ_EVENT_DOMAIN_CLIENT,
                              .code = (gint)event->fields[1] };
  end_sends (evidence, event, &end);
}

static void
take_callback (RmqEvidence *evidence, const RmqEvent *event)
{
  RmqSendRecord *first = send_of (evidence, event);
  const guint n = first != NULL ? count_sharing (evidence, first) : 0;
  for (guint i = 0; i < n; i++)
    first[i].n_callbacks++;
}

/* ---- attempts ------------------------------------------------------------ */

static void
take_attempt (RmqEvidence *evidence, const RmqEvent *event)
{
  RmqSendRecord *send = send_of (evidence, event);
  if (send == NULL)
    return;
  const RmqAttemptRecord attempt = { .send = send,
                                     .broker = event->text,
                                     .queue_id = event->fields[2],
                                     .at_us = event->at_us,
                                     .ev = event->ev,
                                     .left_us = event->fields[3] };
  const guint n = count_sharing (evidence, send);
  for (RmqSendRecord *sharing = send; sharing < send + n; sharing++)
    {
      sharing->last_attempt = evidence->attempts->len;
      if (sharing->n_attempts++ == 0)
        sharing->first_try = event->text;
    }
  g_array_append_val (evidence->attempts, attempt);
}

static void
note_uniq (RmqEvidence *evidence, RmqSendRecord *send, guint64 uniq, guint64 ev)
{
  if (uniq == 0 || uniq == send->uniq)
    return;
  if (send->uniq != 0)
    send->uniq_changed_ev = ev;
  else
    send->uniq = uniq;
  rmq_number_map_put (&evidence->by_uniq, uniq, send);
}

/* (nullable): none, or forgotten. */
static RmqAttemptRecord *
last_attempt (RmqEvidence *evidence, const RmqSendRecord *send)
{
  if (send->last_attempt >= evidence->attempts->len)
    return NULL;
  RmqAttemptRecord *attempt =
      &g_array_index (evidence->attempts, RmqAttemptRecord, send->last_attempt);
  return attempt->send == send ? attempt : NULL;
}

static void
take_sent (RmqEvidence *evidence, const RmqEvent *event)
{
  RmqSendRecord *send = send_of (evidence, event);
  if (send == NULL)
    return;
  RmqAttemptRecord *attempt = last_attempt (evidence, send);
  if (attempt != NULL)
    attempt->sent = TRUE;
  const guint n = evidence->get_uniq != NULL ? count_sharing (evidence, send) : 0;
  for (guint i = 0; i < n; i++)
    note_uniq (evidence, send + i,
               evidence->get_uniq ((guint64)event->fields[0] + i, evidence->get_uniq_data),
               event->ev);
}

/* ---- what servers say ---------------------------------------------------- */

/* What "BROKER TOPIC" names. The log keeps one text for all that are equal, so it is taken apart
 * once. */
static const RmqPlace *
place_of (RmqEvidence *evidence, const char *text)
{
  RmqPlace *place = g_hash_table_lookup (evidence->places, text);
  if (place != NULL)
    return place;
  const char *space = strchrnul (text, ' ');
  place = g_new (RmqPlace, 1);
  place->broker = g_strndup (text, (gsize)(space - text));
  place->topic = g_strdup (*space != '\0' ? space + 1 : space);
  g_hash_table_insert (evidence->places, (gpointer)text, place);
  return place;
}

static void
take_stored (RmqEvidence *evidence, const RmqEvent *event)
{
  const guint64 uniq = event->fields[3];
  RmqSendRecord *send = rmq_number_map_get (&evidence->by_uniq, uniq);
  const RmqPlace *place = place_of (evidence, event->text);
  const RmqCopyRecord copy = { .send = send,
                               .broker = place->broker,
                               .topic = place->topic,
                               .uniq = uniq,
                               .queue_id = event->fields[0],
                               .queue_offset = event->fields[1],
                               .at_us = event->at_us,
                               .ev = event->ev };
  if (send != NULL && send->n_copies++ == 0)
    send->first_copy = evidence->copies->len;
  g_array_append_val (evidence->copies, copy);
}

static gboolean
is_for_name_servers (gint code)
{
  guint n = 0;
  const RmqProcessor *processors = rmq_mock_nameserver_get_processors (&n);
  for (guint i = 0; i < n; i++)
    if (processors[i].code == code)
      return TRUE;
  return FALSE;
}

static gboolean
is_send (const RmqEvent *event)
{
  return rmq_request_kind_has (rmq_request_kind_find ("send"), (gint)event->fields[1]);
}

/* The log keeps one text for all that are equal, and most requests go where the last one went. */
static gboolean
is_broker (RmqEvidence *evidence, const char *name)
{
  if (name == evidence->last_broker)
    return TRUE;
  if (rmq_evidence_find_broker (evidence, name) == NULL)
    return FALSE;
  evidence->last_broker = name;
  return TRUE;
}

static void
take_name_servers_request (RmqEvidence *evidence, const RmqEvent *event)
{
  evidence->n_asked++;
  if (evidence->stray_ev == 0 && !is_for_name_servers ((gint)event->fields[1])
      && !(evidence->sends_stray && is_send (event)))
    evidence->stray_ev = event->ev;
}

/* Of somebody else's client a server's own record is all there is. */
static void
take_request (RmqEvidence *evidence, const RmqEvent *event)
{
  if (!evidence->foreign && !is_broker (evidence, event->text))
    take_name_servers_request (evidence, event);
  if (!evidence->foreign || !is_send (event))
    return;
  const RmqAttemptRecord attempt = {
    .broker = event->text, .at_us = event->at_us, .ev = event->ev, .sent = TRUE
  };
  g_array_append_val (evidence->attempts, attempt);
}

static void
set_up (RmqEvidence *evidence, const RmqEvent *event, gboolean up)
{
  RmqBrokerRecord *broker = rmq_evidence_find_broker (evidence, event->text);
  if (broker != NULL)
    broker->up = up;
}

static gboolean
is_of_host (guint64 number, gpointer host)
{
  return number >> 32 == *(const guint16 *)host;
}

/* A process that starts again numbers its requests anew. */
static void
take_server_up (RmqEvidence *evidence, const RmqEvent *event)
{
  guint16 host = event->host;
  rmq_number_map_remove_all (&evidence->opaques, is_of_host, &host);
  set_up (evidence, event, TRUE);
}

static void
take_server_down (RmqEvidence *evidence, const RmqEvent *event)
{
  set_up (evidence, event, FALSE);
}

static void
take_outage_on (RmqEvidence *evidence, const RmqEvent *event)
{
  if (evidence->n_outages++ == 0)
    evidence->outage_first_us = event->at_us;
  evidence->n_outages_on++;
  const RmqOutageRecord record = { .host = rmq_event_log_get_host_name (evidence->log, event->host),
                                   .text = event->text,
                                   .rule = event->fields[0],
                                   .from_us = event->at_us,
                                   .until_us = -1 };
  if (evidence->outages->len < RMQ_OUTAGE_RECORDS_MAX)
    g_array_append_val (evidence->outages, record);
}

static void
take_outage_off (RmqEvidence *evidence, const RmqEvent *event)
{
  evidence->n_outages_on--;
  evidence->outage_ended_us = event->at_us;
  const char *host = rmq_event_log_get_host_name (evidence->log, event->host);
  for (guint i = evidence->outages->len; i > 0; i--)
    {
      RmqOutageRecord *record = &g_array_index (evidence->outages, RmqOutageRecord, i - 1);
      if (record->until_us >= 0 || record->rule != event->fields[0]
          || !g_str_equal (record->host, host) || !g_str_equal (record->text, event->text))
        continue;
      record->until_us = event->at_us;
      return;
    }
}

/* ---- the client's tables ------------------------------------------------- */

static void
take_route (RmqEvidence *evidence, const RmqEvent *event)
{
  const RmqPictureRecord picture = { .producer =
                                         rmq_event_log_get_host_name (evidence->log, event->host),
                                     .topic = event->text,
                                     .queues = event->fields[0],
                                     .at_us = event->at_us,
                                     .ev = event->ev };
  g_array_append_val (evidence->pictures, picture);
}

static void
take_probe (RmqEvidence *evidence, const RmqEvent *event)
{
  const RmqProbeRecord probe = {
    .serial = event->fields[0], .rows = event->fields[1], .at_us = event->at_us, .ev = event->ev
  };
  g_array_append_val (evidence->probes, probe);
}

static void
take_deadlock (RmqEvidence *evidence, const RmqEvent *event)
{
  evidence->deadlock_ev = event->ev;
  evidence->deadlock_since_us = event->fields[0];
  evidence->deadlock_n = event->fields[1];
}

/* ---- opaques ------------------------------------------------------------- */

#define FLAG_RESPONSE 1
#define FLAG_ONEWAY 2

static guint64
opaque_key (const RmqEvent *event)
{
  return (guint64)event->host << 32 | (guint32)event->fields[2];
}

static void
take_frame_out (RmqEvidence *evidence, const RmqEvent *event)
{
  if ((event->fields[3] & (FLAG_RESPONSE | FLAG_ONEWAY)) != 0)
    return;
  evidence->n_opaques++;
  if (!rmq_number_map_put (&evidence->opaques, opaque_key (event), evidence)
      && evidence->opaque_clash_ev == 0)
    evidence->opaque_clash_ev = event->ev;
}

static void
take_frame_in (RmqEvidence *evidence, const RmqEvent *event)
{
  if ((event->fields[3] & FLAG_RESPONSE) != 0)
    rmq_number_map_remove (&evidence->opaques, opaque_key (event));
}

/* ---- the table ----------------------------------------------------------- */

typedef struct
{
  const RmqEventKind *kind;
  void (*take) (RmqEvidence *evidence, const RmqEvent *event);
} Taker;

static const Taker takers[] = {
  { &rmq_event_frame_out, take_frame_out },
  { &rmq_event_frame_in, take_frame_in },
  { &rmq_event_send, take_send },
  { &rmq_event_attempt, take_attempt },
  { &rmq_event_sent, take_sent },
  { &rmq_event_stored, take_stored },
  { &rmq_event_send_ok, take_send_ok },
  { &rmq_event_send_oneway, take_send_oneway },
  { &rmq_event_send_error, take_send_error },
  { &rmq_event_callback, take_callback },
  { &rmq_event_route, take_route },
  { &rmq_event_server_up, take_server_up },
  { &rmq_event_server_down, take_server_down },
  { &rmq_event_outage_on, take_outage_on },
  { &rmq_event_outage_off, take_outage_off },
  { &rmq_event_probe, take_probe },
  { &rmq_event_deadlock, take_deadlock },
  { &rmq_event_rejected, take_rejected },
  { &rmq_event_request, take_request },
};

void
rmq_evidence_take_event (const RmqEvent *event, gpointer data)
{
  for (guint i = 0; i < G_N_ELEMENTS (takers); i++)
    if (takers[i].kind == event->kind)
      {
        takers[i].take (data, event);
        return;
      }
}
