/* SPDX-License-Identifier: Apache-2.0 */

/* Setup and actors: what there is before the clock starts. Descriptors only. */

#include "rmq-mock-broker.h"
#include "rmq-reader.h"

#include <stddef.h>

#define QUEUES_MAX 1024
#define RETRIES_MAX 100
#define SLAVES_MAX 8

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
  { NULL },
};
static const RmqProducerStatement producer_defaults = { .timeout_us = -1,
                                                        .retries = -1,
                                                        .async_retries = -1 };
const RmqStatementForm rmq_form_producer = {
  .group = RMQ_FORM_ACTOR,
  .word = "producer",
  .arguments = producer_arguments,
  .size = sizeof (RmqProducerStatement),
  .defaults = &producer_defaults,
  .help = "a producer on a host of its own, started before the clock starts",
  .example = "producer Q group PG_BILLS timeout 3s retries 2",
};

const RmqStatementForm *const rmq_setup_forms[] = { &rmq_form_scenario,   &rmq_form_seed,
                                                    &rmq_form_stop,       &rmq_form_settle,
                                                    &rmq_form_nameserver, &rmq_form_broker,
                                                    &rmq_form_topic,      NULL };
const RmqStatementForm *const rmq_actor_forms[] = { &rmq_form_producer, NULL };
