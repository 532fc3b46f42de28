/* SPDX-License-Identifier: Apache-2.0 */

/* The records of the evidence: making, finding, forgetting them. What events do to them stands in
 * rmq-evidence.c. Owner while the world runs. */

#include "rmq-evidence-private.h"

RmqSendRecord *
rmq_evidence_find_send (const RmqEvidence *evidence, guint64 tag)
{
  /* Tags count on from one workload to the next. */
  guint low = 0, high = evidence->workloads->len;
  while (low < high)
    {
      const guint middle = low + (high - low) / 2;
      RmqWorkloadRecord *workload = g_ptr_array_index (evidence->workloads, middle);
      if (tag < workload->first_tag)
        high = middle;
      else if (tag - workload->first_tag >= workload->count)
        low = middle + 1;
      else
        return &workload->sends[tag - workload->first_tag];
    }
  return NULL;
}

RmqBrokerRecord *
rmq_evidence_find_broker (const RmqEvidence *evidence, const char *name)
{
  for (guint i = 0; i < evidence->brokers->len; i++)
    {
      RmqBrokerRecord *broker = g_ptr_array_index (evidence->brokers, i);
      if (g_str_equal (broker->name, name))
        return broker;
    }
  return NULL;
}

/* ---- lifetime ------------------------------------------------------------ */

static void
free_workload (gpointer data)
{
  RmqWorkloadRecord *workload = data;
  g_free (workload->label);
  g_free (workload->producer);
  g_free (workload->topic);
  g_free (workload->sends);
  g_free (workload);
}

static void
clear_share (gpointer data)
{
  g_free (((RmqTopicShare *)data)->topic);
}

static void
free_broker (gpointer data)
{
  RmqBrokerRecord *broker = data;
  g_free (broker->name);
  g_array_unref (broker->topics);
  g_free (broker);
}

static void
free_place (gpointer data)
{
  RmqPlace *place = data;
  g_free (place->broker);
  g_free (place->topic);
  g_free (place);
}

RmqEvidence *
rmq_evidence_new (RmqEventLog *log)
{
  RmqEvidence *evidence = g_new0 (RmqEvidence, 1);
  evidence->workloads = g_ptr_array_new_with_free_func (free_workload);
  evidence->brokers = g_ptr_array_new_with_free_func (free_broker);
  evidence->attempts = g_array_new (FALSE, TRUE, sizeof (RmqAttemptRecord));
  evidence->copies = g_array_new (FALSE, TRUE, sizeof (RmqCopyRecord));
  evidence->pictures = g_array_new (FALSE, TRUE, sizeof (RmqPictureRecord));
  evidence->outages = g_array_new (FALSE, TRUE, sizeof (RmqOutageRecord));
  evidence->probes = g_array_new (FALSE, TRUE, sizeof (RmqProbeRecord));
  evidence->places = g_hash_table_new_full (NULL, NULL, NULL, free_place);
  evidence->outage_first_us = -1;
  evidence->outage_ended_us = -1;
  evidence->last_activity_us = -1;
  evidence->log = log;
  rmq_event_log_keep_texts (log);
  evidence->listener = rmq_event_log_add_listener (log, rmq_evidence_take_event, evidence);
  return evidence;
}

void
rmq_evidence_forget (RmqEvidence *evidence)
{
  g_array_set_size (evidence->attempts, 0);
  g_array_set_size (evidence->copies, 0);
  g_array_set_size (evidence->outages, 0);
  g_array_set_size (evidence->probes, 0);
  evidence->n_outages = 0;
  evidence->outage_first_us = -1;
  evidence->outage_ended_us = -1;
}

void
rmq_evidence_free (RmqEvidence *evidence)
{
  if (evidence == NULL)
    return;
  rmq_event_log_remove_listener (evidence->log, evidence->listener);
  g_ptr_array_unref (evidence->workloads);
  g_ptr_array_unref (evidence->brokers);
  g_array_unref (evidence->attempts);
  g_array_unref (evidence->copies);
  g_array_unref (evidence->pictures);
  g_array_unref (evidence->outages);
  g_array_unref (evidence->probes);
  rmq_number_map_clear (&evidence->by_uniq);
  rmq_number_map_clear (&evidence->opaques);
  g_hash_table_unref (evidence->places);
  g_free (evidence);
}

RmqWorkloadRecord *
rmq_evidence_get_workload (const RmqEvidence *evidence, guint index)
{
  return g_ptr_array_index (evidence->workloads, index);
}

RmqWorkloadRecord *
rmq_evidence_add_workload (RmqEvidence *evidence, const RmqWorkloadSpec *spec)
{
  RmqWorkloadRecord *workload = g_new0 (RmqWorkloadRecord, 1);
  const guint index = evidence->workloads->len;
  const RmqWorkloadRecord *last =
      index > 0 ? rmq_evidence_get_workload (evidence, index - 1) : NULL;
  workload->label = g_strdup (spec->label);
  workload->producer = g_strdup (spec->producer);
  workload->topic = g_strdup (spec->topic);
  workload->mode = spec->mode;
  workload->selects = spec->selects;
  workload->to_queue = spec->to_queue;
  workload->is_probe = spec->is_probe;
  workload->first_tag = last != NULL ? last->first_tag + last->count : 1;
  workload->count = spec->count;
  workload->batch = MAX (spec->batch, 1);
  workload->sends = g_new0 (RmqSendRecord, spec->count);
  for (guint i = 0; i < spec->count; i++)
    workload->sends[i] = (RmqSendRecord){ .workload = index,
                                          .number = i + 1,
                                          .key = spec->keys > 0 ? (i + 1) % spec->keys : -1 };
  g_ptr_array_add (evidence->workloads, workload);
  return workload;
}

void
rmq_evidence_add_broker (RmqEvidence *evidence, const char *name)
{
  RmqBrokerRecord *broker = g_new0 (RmqBrokerRecord, 1);
  broker->name = g_strdup (name);
  broker->topics = g_array_new (FALSE, FALSE, sizeof (RmqTopicShare));
  g_array_set_clear_func (broker->topics, clear_share);
  g_ptr_array_add (evidence->brokers, broker);
}

void
rmq_evidence_add_topic (RmqEvidence *evidence, const char *broker, const char *topic,
                        gint64 write_queues)
{
  const RmqTopicShare share = { .topic = g_strdup (topic), .write_queues = write_queues };
  g_array_append_val (rmq_evidence_find_broker (evidence, broker)->topics, share);
}

char *
rmq_evidence_name_send (const RmqEvidence *evidence, const RmqSendRecord *send)
{
  const char *label = rmq_evidence_get_workload (evidence, send->workload)->label;
  if (send->key < 0)
    return g_strdup_printf ("%s%u", label, send->number);
  return g_strdup_printf ("%s%u (key %" G_GINT64_FORMAT ")", label, send->number, send->key);
}

void
rmq_evidence_cut_short (RmqEvidence *evidence, const char *producer)
{
  for (guint i = 0; i < evidence->workloads->len; i++)
    {
      RmqWorkloadRecord *workload = rmq_evidence_get_workload (evidence, i);
      workload->is_cut |= g_str_equal (workload->producer, producer);
    }
}

gboolean
rmq_evidence_is_done (const RmqEvidence *evidence)
{
  for (guint i = 0; i < evidence->workloads->len; i++)
    {
      const RmqWorkloadRecord *workload = rmq_evidence_get_workload (evidence, i);
      if (workload->n_ended < workload->count && !workload->is_cut && !workload->is_probe)
        return FALSE;
    }
  return TRUE;
}
