/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-control-api.h"
#include "rmq-run-private.h"

G_BEGIN_DECLS

/* One served cluster: a run without producers of its own, and the functions that the control API
 * calls for it. */

typedef struct
{
  char *id; /* "" of the one that the program was started with */
  RmqRun *run;
  char *namesrv_addr;          /* as clients are told */
  GPtrArray *outages;          /* of RmqStatement, borrowed: those that were given an id */
  RmqControlHandlers handlers; /* of the paths that every cluster has */
  RmqControlScope scope;
  gpointer owner; /* (nullable): of the one that makes others */
} RmqServedCluster;

/* scenario: complete and without error. */
RmqServedCluster *rmq_served_cluster_new (const char *id, RmqScenario *scenario,
                                          const RmqRunOptions *options, GError **error);
void rmq_served_cluster_free (RmqServedCluster *cluster); /* nullable */

/* 400 with the first error's place. */
void rmq_served_refuse (const RmqDiagnostics *diagnostics, RmqControlAnswer *answer);

/* Functions of RmqControlHandlers in files of their own; data is the cluster. Owner. */
void rmq_served_answer_expect (const RmqControlRequest *request, RmqControlAnswer *answer,
                               gpointer data);
void rmq_served_answer_add_outage (const RmqControlRequest *request, RmqControlAnswer *answer,
                                   gpointer data);
void rmq_served_answer_end_outage (const RmqControlRequest *request, RmqControlAnswer *answer,
                                   gpointer data);

G_END_DECLS
