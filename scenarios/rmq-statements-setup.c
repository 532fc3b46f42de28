/* SPDX-License-Identifier: Apache-2.0 */

/* Setup and actors: what there is before the clock starts. Descriptors only. */

#include "rmq-mock-broker.h"
#include "rmq-reader.h"

#include <stddef.h>

#include "rmq-profile.h"
#include "rmq-suggest.h"

#define QUEUES_MAX 1024
#define RETRIES_MAX 100
#define SLAVES_MAX 8
#define CPUS_MAX 1024

#define AT(type, member) offsetof (type, member)

static const RmqArgument title_arguments[] = {
  { NULL, "\"title\"", RMQ_ARGUMENT_TEXT, TRUE, AT (RmqTitleStatement, title) },
  { NULL },
};
const RmqStatementForm rmq_form_scenario = {
  .word = "scenario",
  .once = TRUE,
  .arguments = title_arguments,
  .size = sizeof (RmqTitleStatement),
  .help = "the story in one line, for reports",
  .example = "scenario \"a broker dies\"",
};

static const RmqArgument seed_arguments[] = {
  { NULL, "N", RMQ_ARGUMENT_NUMBER, TRUE, AT (RmqValueStatement, value) },
  { NULL },
};
const RmqStatementForm rmq_form_seed = {
  .word = "seed",
  .says = "the seed {N}, unless another is given",
  .once = TRUE,
  .arguments = seed_arguments,
  .size = sizeof (RmqValueStatement),
  .help = "the seed of a simulated run, unless one is given on the command line",
  .example = "seed 42",
};

static const RmqArgument stop_arguments[] = {
  { "at", "D", RMQ_ARGUMENT_DURATION, TRUE, AT (RmqValueStatement, value), .min = 1 },
  { NULL },
};
const RmqStatementForm rmq_form_stop = {
  .word = "stop",
  .once = TRUE,
  .arguments = stop_arguments,
  .size = sizeof (RmqValueStatement),
  .help = "the run ends at this time, whatever is still under way",
  .example = "stop at 60s",
};

static const RmqArgument settle_arguments[] = {
  { NULL, "D", RMQ_ARGUMENT_DURATION, TRUE, AT (RmqValueStatement, value) },
  { NULL },
};
const RmqStatementForm rmq_form_settle = {
  .word = "settle",
  .once = TRUE,
  .arguments = settle_arguments,
  .size = sizeof (RmqValueStatement),
  .help = "how long the run goes on after the workload and the last outage (5s unless said)",
  .example = "settle 10s",
};

#define CLIENT_PROFILES "4.9|4.5.1|5.3|recommended"

static const RmqArgument profile_arguments[] = {
  { NULL, CLIENT_PROFILES, RMQ_ARGUMENT_NAME, TRUE, AT (RmqProfileStatement, value) },
  { NULL },
};

static gboolean
check_profile (RmqReader *reader, gpointer statement)
{
  RmqProfile profile;
  g_autoptr (GError) error = NULL;
  const char *name = ((RmqProfileStatement *)statement)->value;
  return rmq_profile_init (&profile, name, &error)
         || rmq_reader_fail_at (reader, rmq_reader_find_column (reader, name),
                                g_strdup (error->message), NULL);
}

const RmqStatementForm rmq_form_profile = {
  .word = "profile",
  .says = "producers that behave as version {4.9|4.5.1|5.3|recommended}",
  .once = TRUE,
  .arguments = profile_arguments,
  .size = sizeof (RmqProfileStatement),
  .check = check_profile,
  .help = "the version the producers behave as (4.9 unless said here or on the command line)",
  .example = "profile 5.3",
};

static const RmqArgument set_arguments[] = {
  { NULL, "ROW", RMQ_ARGUMENT_NAME, TRUE, AT (RmqProfileStatement, row) },
  { NULL, "VALUE", RMQ_ARGUMENT_TEXT, TRUE, AT (RmqProfileStatement, value) },
  { NULL },
};

static gboolean
check_set (RmqReader *reader, gpointer statement)
{
  const RmqProfileStatement *set = statement;
  RmqProfile profile;
  g_autoptr (GError) error = NULL;
  const char *rows[RMQ_N_ROWS];
  gboolean known = FALSE;
  for (guint i = 0; i < RMQ_N_ROWS; i++)
    {
      rows[i] = rmq_profile_row_get_name (i);
      known = known || g_str_equal (rows[i], set->row);
    }
  rmq_profile_init (&profile, "4.9", NULL);
  return rmq_profile_set (&profile, set->row, set->value, &error)
         || rmq_reader_fail_at (
             reader, rmq_reader_find_column (reader, known ? set->value : set->row),
             g_strdup (error->message), known ? NULL : rmq_suggest (set->row, rows, RMQ_N_ROWS));
}

const RmqStatementForm rmq_form_set = {
  .word = "set",
  .says = "and have {VALUE} in the row {ROW} of their profile",
  .arguments = set_arguments,
  .size = sizeof (RmqProfileStatement),
  .check = check_set,
  .help = "one row of the producers' profile has another value",
  .example = "set peer-fin fails",
};

static const RmqArgument host_arguments[] = {
  { NULL, "H", RMQ_ARGUMENT_NAMES, TRUE, AT (RmqHostStatement, names), .declares = RMQ_NAME_HOST },
  { "address", "A", RMQ_ARGUMENT_NAME, FALSE, AT (RmqHostStatement, address) },
  { "pid", "N", RMQ_ARGUMENT_NUMBER, FALSE, AT (RmqHostStatement, pid), .min = 1,
    .max = G_MAXINT32 },
  { "cpus", "N", RMQ_ARGUMENT_NUMBER, FALSE, AT (RmqHostStatement, cpus), .min = 1,
    .max = CPUS_MAX },
  { "env", "K=V", RMQ_ARGUMENT_VARIABLES, FALSE, AT (RmqHostStatement, variables) },
  { NULL },
};
const RmqStatementForm rmq_form_host = {
  .word = "host",
  .says =
      "host {H}[ at {address}][ with pid {pid}][ with {cpus} CPUs][ and {env} in its environment]",
  .arguments = host_arguments,
  .size = sizeof (RmqHostStatement),
  .help =
      "a machine with one simulated process, for producers that share it; over TCP address, pid "
      "and cpus are the real ones; env may be repeated",
  .example = "host h1 cpus 8 env NAMESRV_ADDR=10.0.0.1:9876",
};

/* The default first. */
#define MOCK_PROFILES "4.9|4.5.1|5.3"

const char *
rmq_mock_statement_get_profile (gint profile)
{
  static const char *const names[] = { "4.9", "4.5.1", "5.3" };
  g_assert (profile >= 0 && (gsize)profile < G_N_ELEMENTS (names));
  return names[profile];
}

static const RmqArgument nameserver_arguments[] = {
  { NULL, "N…", RMQ_ARGUMENT_NAMES, TRUE, AT (RmqNameserverStatement, names),
    .declares = RMQ_NAME_NAMESERVER },
  { "profile", MOCK_PROFILES, RMQ_ARGUMENT_CHOICE, FALSE, AT (RmqNameserverStatement, profile) },
  { NULL },
};
const RmqStatementForm rmq_form_nameserver = {
  .word = "nameserver",
  .says = "name server {N…}[, version {profile}]",
  .arguments = nameserver_arguments,
  .size = sizeof (RmqNameserverStatement),
  .help = "one or more mock name servers; profile: the version they behave as",
  .example = "nameserver ns8 ns9",
};

static const RmqArgument broker_arguments[] = {
  { NULL, "B…", RMQ_ARGUMENT_NAMES, TRUE, AT (RmqBrokerStatement, names),
    .declares = RMQ_NAME_BROKER },
  { "cluster", "C", RMQ_ARGUMENT_NAME, FALSE, AT (RmqBrokerStatement, cluster) },
  { "nameservers", "N…", RMQ_ARGUMENT_NAMES, FALSE, AT (RmqBrokerStatement, nameservers),
    .names = RMQ_NAME_NAMESERVER },
  { "slaves", "N", RMQ_ARGUMENT_NUMBER, FALSE, AT (RmqBrokerStatement, slaves), .max = SLAVES_MAX },
  { "no-auto-create", NULL, RMQ_ARGUMENT_FLAG, FALSE, AT (RmqBrokerStatement, no_auto_create) },
  { "profile", MOCK_PROFILES, RMQ_ARGUMENT_CHOICE, FALSE, AT (RmqBrokerStatement, profile) },
  { "set", "K V", RMQ_ARGUMENT_SETTINGS, FALSE, AT (RmqBrokerStatement, settings) },
  { NULL },
};

/* Its slaves have names of their own, for verbs. */
static gboolean
check_slaves (RmqReader *reader, gpointer statement)
{
  const RmqBrokerStatement *broker = statement;
  const char *const *settings = (const char *const *)broker->settings;
  if (broker->slaves > 0 && settings != NULL && g_strv_contains (settings, "brokerRole=SLAVE"))
    return rmq_reader_fail_at (reader, rmq_reader_find_column (reader, "slaves"),
                               g_strdup ("a broker whose role is SLAVE has no slaves"), NULL);
  for (guint i = 0; broker->names[i] != NULL; i++)
    for (gint64 id = 1; id <= broker->slaves; id++)
      {
        g_autofree char *name = rmq_broker_member_name (broker->names[i], id);
        rmq_names_add (reader->names, name, RMQ_NAME_SLAVE, reader->line);
      }
  return TRUE;
}

const RmqStatementForm rmq_form_broker = {
  .word = "broker",
  .says = "broker {B…}[ of cluster {cluster}][, which registers at {nameservers} only][, with "
          "{slaves} slaves each][, "
          "{no-auto-create}][, version {profile}][, with {set}]",
  .arguments = broker_arguments,
  .size = sizeof (RmqBrokerStatement),
  .help = "one or more mock brokers, registered at all name servers unless some are named; slaves: "
          "how many copies of each follow its log, targets of verbs as B:1, B:2 …; "
          "no-auto-create: a send to a topic it doesn't have is refused; profile: the version they "
          "behave as; set: a line of broker.conf, may be repeated",
  .check = check_slaves,
  .example = "broker broker-c slaves 1 set brokerRole SYNC_MASTER set slaveTimeout 500",
};

static const RmqArgument topic_arguments[] = {
  { NULL, "T", RMQ_ARGUMENT_NAME, TRUE, AT (RmqTopicStatement, name), .declares = RMQ_NAME_TOPIC },
  { "queues", "N", RMQ_ARGUMENT_NUMBER, TRUE, AT (RmqTopicStatement, queues), .min = 1,
    .max = QUEUES_MAX },
  { "read", "N", RMQ_ARGUMENT_NUMBER, FALSE, AT (RmqTopicStatement, read), .min = 1,
    .max = QUEUES_MAX },
  { "perm", "rw|r|w", RMQ_ARGUMENT_CHOICE, FALSE, AT (RmqTopicStatement, perm) },
  { "on", "B…", RMQ_ARGUMENT_NAMES, TRUE, AT (RmqTopicStatement, brokers),
    .names = RMQ_NAME_BROKER },
  { NULL },
};
static const RmqTopicStatement topic_defaults = { .read = -1 };
const RmqStatementForm rmq_form_topic = {
  .word = "topic",
  .says = "topic {T} with {queues} queues[, {read} of them to be read][, {perm}] on each of {on}",
  .arguments = topic_arguments,
  .size = sizeof (RmqTopicStatement),
  .defaults = &topic_defaults,
  .help = "a topic, created before the clock starts",
  .example = "topic Bills queues 4 perm rw on broker-a broker-b",
};

gint
rmq_topic_statement_get_perm (const RmqTopicStatement *statement)
{
  enum
  {
    WRITE = 2,
    READ = 4
  };
  static const gint perms[] = { READ | WRITE, READ, WRITE };
  return perms[statement->perm];
}

static const RmqArgument producer_arguments[] = {
  { NULL, "P", RMQ_ARGUMENT_NAMES, TRUE, AT (RmqProducerStatement, names),
    .declares = RMQ_NAME_PRODUCER },
  { "on", "H", RMQ_ARGUMENT_NAME, FALSE, AT (RmqProducerStatement, host), .names = RMQ_NAME_HOST },
  { "group", "G", RMQ_ARGUMENT_NAME, TRUE, AT (RmqProducerStatement, group) },
  { "instance", "I", RMQ_ARGUMENT_NAME, FALSE, AT (RmqProducerStatement, instance) },
  { "nameservers", "N…", RMQ_ARGUMENT_NAMES, FALSE, AT (RmqProducerStatement, nameservers),
    .names = RMQ_NAME_NAMESERVER },
  { "timeout", "D", RMQ_ARGUMENT_DURATION, FALSE, AT (RmqProducerStatement, timeout_us),
    .min = 1000 },
  { "retries", "N", RMQ_ARGUMENT_NUMBER, FALSE, AT (RmqProducerStatement, retries),
    .max = RETRIES_MAX },
  { "async-retries", "N", RMQ_ARGUMENT_NUMBER, FALSE, AT (RmqProducerStatement, async_retries),
    .max = RETRIES_MAX },
  { "set", "OPTION V", RMQ_ARGUMENT_OPTIONS, FALSE, AT (RmqProducerStatement, options) },
  { "idle", NULL, RMQ_ARGUMENT_FLAG, FALSE, AT (RmqProducerStatement, idle) },
  { NULL },
};
static const RmqProducerStatement producer_defaults = { .timeout_us = -1,
                                                        .retries = -1,
                                                        .async_retries = -1 };
const RmqStatementForm rmq_form_producer = {
  .group = RMQ_FORM_ACTOR,
  .word = "producer",
  .says = "producer {P} of group {group}[ on host {on}][, instance {instance}][, which asks "
          "{nameservers} only][, gives a send {timeout}][, retries it {retries} times][, retries "
          "an async one {async-retries} times][, with {set}][, {idle}]",
  .arguments = producer_arguments,
  .size = sizeof (RmqProducerStatement),
  .defaults = &producer_defaults,
  .help = "a producer, on a host of its own unless one is named, started before the clock starts "
          "unless it is idle; set: an option by Java's name, may be repeated",
  .example = "producer Q group PG_BILLS timeout 3s retries 2",
};

const RmqStatementForm *const rmq_setup_forms[] = { &rmq_form_scenario,
                                                    &rmq_form_seed,
                                                    &rmq_form_stop,
                                                    &rmq_form_settle,
                                                    &rmq_form_profile,
                                                    &rmq_form_set,
                                                    &rmq_form_host,
                                                    &rmq_form_nameserver,
                                                    &rmq_form_broker,
                                                    &rmq_form_topic,
                                                    NULL };
const RmqStatementForm *const rmq_actor_forms[] = { &rmq_form_producer, NULL };
