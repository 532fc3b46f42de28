/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-outage.h"
#include "rmq-request-facts.h"

G_BEGIN_DECLS

/* The request outages of one mock, in order of adding. It decides which rule touches a request and
 * keeps count; the server does what the rule says. Owner only, but for adding before a start. */

/* A rule with its count. rule is borrowed from the table and valid until it ends. */
typedef struct
{
  guint64 id;
  const RmqOutageRule *rule;
  guint64 n_seen; /* requests of its kind and scope */
  guint64 n_hits;
  gint64 delay_us; /* DELAY: of the last hit, jitter included */
} RmqOutage;

RmqOutageTable *rmq_outage_table_new (void);
void rmq_outage_table_free (RmqOutageTable *table);
/* The host it serves from now on: events, timers and chance come from there. NULL: none. */
void rmq_outage_table_set_env (RmqOutageTable *table, RmqEnv *env);
/* Copies the rule; returns its id, from 1. */
guint64 rmq_outage_table_add (RmqOutageTable *table, const RmqOutageRule *rule);
guint rmq_outage_table_end_of (RmqOutageTable *table, guint64 owner); /* how many ended */
guint rmq_outage_table_heal (RmqOutageTable *table);                  /* how many ended */
guint rmq_outage_table_get_n (RmqOutageTable *table);
const RmqOutage *rmq_outage_table_get (RmqOutageTable *table, guint index);

/* The first rule that wants this request, (nullable). It counts the request; the caller must then
 * call rmq_outage_table_settle(), which ends a rule whose amount is used up. */
const RmqOutage *rmq_outage_table_take (RmqOutageTable *table, const RmqRemotingCommand *request);
void rmq_outage_table_settle (RmqOutageTable *table);
/* The texts of to are its own. */
void rmq_outage_rule_copy (RmqOutageRule *to, const RmqOutageRule *from);
void rmq_outage_rule_clear (RmqOutageRule *rule);

G_END_DECLS
