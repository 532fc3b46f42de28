/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-error.h"
#include "rmq-mock-broker.h"
#include "rmq-mock-nameserver.h"
#include "rmq-producer-impl.h"
#include "rmq-producer-events.h"
#include "rmq-sim-world.h"

/* A simulated world with one name server, brokers and one host of producers. Time is virtual and
 * exact. What a test does blocking, it does in a task: lab_run_task(). */

typedef struct
{
  RmqWorld *world;
  RmqEnv *host; /* of the producers */
  RmqMockNameserver *nameserver;
  GPtrArray *brokers; /* of RmqMockBroker */
  GArray *events;     /* of RmqEvent, all that was emitted */
} Lab;

Lab *lab_new (guint n_brokers);
Lab *lab_new_with (const RmqSimOptions *options, guint n_brokers);
void lab_free (Lab *lab);
/* On all brokers; runs until the name server knows it. */
void lab_add_topic (Lab *lab, const char *topic, gint queues);
void lab_run_for (Lab *lab, gint64 span_us);
/* Runs func in a task of the producers' host and the world until it has returned. */
void lab_run_task (Lab *lab, RmqEnvFunc func, gpointer data);
/* A producer with the lab's name server and this profile, not started. */
RmqProducer *lab_new_producer (Lab *lab, const char *group, const char *profile);
/* The same, started. */
RmqProducer *lab_start_producer (Lab *lab, const char *group, const char *profile);
void lab_shutdown (Lab *lab, RmqProducer *producer); /* and unrefs it */

typedef struct
{
  RmqSendResult *result; /* (nullable) */
  GError *error;         /* (nullable) */
  gint64 took_us;
  guint callbacks;
} Outcome;
void outcome_clear (Outcome *outcome);
/* A blocking send in a task. */
Outcome lab_send (Lab *lab, RmqProducer *producer, const RmqSendRequest *request);
/* A blocking send of a small message. */
Outcome lab_send_text (Lab *lab, RmqProducer *producer, const char *topic, const char *body);
RmqMessage *new_message (const char *topic, const char *body);
/* Accepts an async send; the outcome is filled by its callback. */
void lab_send_async (Lab *lab, RmqProducer *producer, RmqMessage *message, guint timeout_ms,
                     Outcome *outcome);

/* "before store" or after, next n sends (0: all); code for ANSWER. */
void lab_outage (Lab *lab, guint broker, RmqOutageKind kind, RmqOutagePoint point, guint n,
                 gint code);
RmqMockBroker *lab_broker (Lab *lab, guint index);
guint lab_n_stored (Lab *lab);
void lab_kill_broker (Lab *lab, guint index, RmqCloseHow how);
guint lab_count_events (Lab *lab, const RmqEventKind *kind);
/* The n-th of its kind, from 0. (nullable) */
const RmqEvent *lab_get_event (Lab *lab, const RmqEventKind *kind, guint n);
