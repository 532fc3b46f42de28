/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-mock-cluster.h"
#include "rmq-statement.h"

G_BEGIN_DECLS

/* The language is one table of statement forms. Reading, completion, lint's knowledge of words and
 * the reference page are made from it. To add a statement: a descriptor in the file of its group,
 * and its line in that group's list. */

/* Kinds of names, a bit each. */
typedef enum
{
  RMQ_NAME_NAMESERVER = 1 << 0,
  RMQ_NAME_BROKER = 1 << 1,
  RMQ_NAME_TOPIC = 1 << 2,
  RMQ_NAME_PRODUCER = 1 << 3,
  RMQ_NAME_LABEL = 1 << 4, /* of a workload's messages */
  RMQ_NAME_SLAVE = 1 << 5, /* "B:1": declared by its broker, never by its own name */
  RMQ_NAME_HOST = 1 << 6,
} RmqNameKind;
#define RMQ_NAME_SERVER (RMQ_NAME_NAMESERVER | RMQ_NAME_BROKER | RMQ_NAME_SLAVE)

typedef enum
{
  RMQ_ARGUMENT_FLAG,       /* gboolean: its keyword was given */
  RMQ_ARGUMENT_NAME,       /* char * */
  RMQ_ARGUMENT_NAMES,      /* char **: one or more; "b[1..3]" is three */
  RMQ_ARGUMENT_TEXT,       /* char * */
  RMQ_ARGUMENT_QUOTED,     /* char *: only if in quotes */
  RMQ_ARGUMENT_NUMBER,     /* gint64 */
  RMQ_ARGUMENT_DURATION,   /* gint64, µs */
  RMQ_ARGUMENT_SIZE,       /* gint64, bytes */
  RMQ_ARGUMENT_CHOICE,     /* gint: index in what is shown, "sync|async" */
  RMQ_ARGUMENT_QUEUE,      /* RmqQueueName */
  RMQ_ARGUMENT_MESSAGE,    /* RmqMessageName */
  RMQ_ARGUMENT_COMPARISON, /* RmqComparison */
  RMQ_ARGUMENT_RESULT,     /* RmqResultValue */
  RMQ_ARGUMENT_CODE,       /* gint64: a response code by name or number */
  RMQ_ARGUMENT_AMOUNT,     /* RmqAmountValue */
  RMQ_ARGUMENT_WHAT,       /* RmqWhatValue */
  RMQ_ARGUMENT_SETTINGS,   /* char **: "NAME=VALUE", of a broker */
  RMQ_ARGUMENT_OPTIONS,    /* char **: "NAME=VALUE", of a producer */
  RMQ_ARGUMENT_VARIABLES,  /* char **: "NAME=VALUE" */
  RMQ_ARGUMENT_JUMP,       /* gint64, µs: a duration after + or - */
  RMQ_N_ARGUMENT_TYPES,
} RmqArgumentType;

/* An argument: introduced by its keyword ("queues N", "on B…"), at any place; or by its place. */
typedef struct
{
  const char *keyword; /* (nullable): "to", "select by" */
  const char *shown;   /* "N", "B…", "rw|r|w"; FLAG: NULL */
  RmqArgumentType type;
  gboolean required;
  gsize offset;         /* in the form's struct */
  guint names;          /* RmqNameKind bits: the name must be one of these; 0: any */
  RmqNameKind declares; /* 0: nothing */
  gint64 min, max;      /* NUMBER, DURATION, SIZE; max 0: no bound */
  const char *member;   /* (nullable): in JSON, where neither keyword nor what is shown will do */
} RmqArgument;
#define RMQ_ARGUMENTS_MAX 24

typedef enum
{
  RMQ_FORM_SETUP,
  RMQ_FORM_ACTOR,
  RMQ_FORM_WORKLOAD,
  RMQ_FORM_VERB,
  RMQ_FORM_EXPECTATION,
  RMQ_N_FORM_GROUPS,
} RmqFormGroup;

typedef struct _RmqRun RmqRun;
typedef struct _RmqReader RmqReader;
typedef struct _RmqJudgement RmqJudgement;

/* Does a verb to one target; what there is to say is appended to answer. Owner. */
typedef void (*RmqVerbFunc) (RmqMockCluster *cluster, const char *target,
                             const RmqTimedStatement *statement, GString *answer);

/* Likewise, for what more than the servers is needed. Owner. */
typedef void (*RmqPlayFunc) (RmqRun *run, const char *target, const RmqTimedStatement *statement,
                             GString *answer);

struct _RmqStatementForm
{
  RmqFormGroup group;
  const char *word;             /* "topic", "no loss" */
  const RmqArgument *arguments; /* ends with a row of zeros */
  gsize size;                   /* of the struct */
  gboolean once;                /* one line of a scenario at most */
  gconstpointer defaults;       /* (nullable): zeros */
  guint targets;                /* VERB, WORKLOAD: kinds of names that may stand before the word */
  const char *help;
  const char *says;    /* (nullable): for rmq_explain(), which has the syntax */
  const char *example; /* a whole line, on what rmq_grammar_example_preamble declares */
  /* what the arguments alone can't say; FALSE: an error was added (nullable) */
  gboolean (*check) (RmqReader *reader, gpointer statement);
  /* the line was wrong: what may be declared all the same (nullable) */
  void (*failed) (RmqReader *reader, gpointer statement);
  RmqVerbFunc act;                         /* VERB: this or play */
  RmqVerbFunc end;                         /* VERB (nullable): at the end of "for D" */
  RmqPlayFunc play;                        /* VERB */
  RmqPlayFunc play_end;                    /* VERB (nullable) */
  const char *not_real;                    /* (nullable): why it is skipped over TCP */
  void (*judge) (RmqJudgement *judgement); /* EXPECTATION */
};

/* The groups in order, and the forms of each; both end with NULL. */
extern const RmqStatementForm *const rmq_setup_forms[];
extern const RmqStatementForm *const rmq_actor_forms[];
extern const RmqStatementForm *const rmq_workload_forms[];
extern const RmqStatementForm *const rmq_verb_forms[];
extern const RmqStatementForm *const rmq_expectation_forms[];
const RmqStatementForm *const *rmq_grammar_get_forms (RmqFormGroup group);

/* Those that the code asks for by name. */
extern const RmqStatementForm rmq_form_scenario, rmq_form_seed, rmq_form_stop, rmq_form_settle;
extern const RmqStatementForm rmq_form_profile, rmq_form_set, rmq_form_host;
extern const RmqStatementForm rmq_form_nameserver, rmq_form_broker, rmq_form_topic;
extern const RmqStatementForm rmq_form_producer, rmq_form_sends;
extern const RmqStatementForm rmq_form_retries, rmq_form_recovered, rmq_form_rows;
extern const RmqStatementForm rmq_form_no_deadlock;

/* What may precede the word: "at D", "for D"; what may follow an expectation's claim. */
extern const RmqArgument rmq_timed_arguments[];
/* Something that lasts: "for D" ends it. */
gboolean rmq_form_lasts (const RmqStatementForm *form);
extern const RmqArgument rmq_where_arguments[];
extern const RmqArgument rmq_window_arguments[];
extern const char *const rmq_expect_words[]; /* by RmqExpectMode */
/* Words that end an expectation's claim. */
extern const char *const rmq_claim_ends[];

extern const char *const rmq_grammar_example_preamble;

/* "topic T queues N [read N] [perm rw|r|w] on B…" (transfer full) */
char *rmq_form_describe (const RmqStatementForm *form);
/* Whether such a line may be given while a run is under way. */
gboolean rmq_form_may_be_given (const RmqStatementForm *form);
/* Words that begin a statement: no name may be one of them. */
gboolean rmq_grammar_is_reserved (const char *word);
/* The reference page, in markdown. (transfer full) */
char *rmq_grammar_write_reference (void);

G_END_DECLS
