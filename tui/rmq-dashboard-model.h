/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-dashboard-moments.h"
#include "rmq-event.h"
#include "rmq-snapshot.h"

G_BEGIN_DECLS

/* What the dashboard knows and what its user chose: plain data. Messages change it
 * (rmq_dashboard_update()), views draw it (rmq_dashboard_render()); neither knows a terminal, a
 * clock or a run. */

/* A record of the event log with what the log alone can resolve. */
typedef struct
{
  RmqEvent event;
  guint64 cause_ev; /* moment of the causing record; 0: none known */
  const char *host; /* lives as long as the log */
} RmqDashboardEvent;

typedef enum
{
  RMQ_BADGE_LAB, /* simulated: virtual time */
  RMQ_BADGE_TCP, /* real sockets, real time */
} RmqDashboardBadge;

typedef enum
{
  RMQ_PAGE_TABLES,
  RMQ_PAGE_EXPLAIN, /* the sheet of the selected field */
  RMQ_PAGE_HELP,
  RMQ_PAGE_REPORT,
} RmqDashboardPage;

#define RMQ_PROMPT_MAX_CHARS 400
#define RMQ_HISTORY_MAX 100

typedef struct
{
  gboolean open;
  GString *text;
  gsize cursor;       /* byte in text */
  GPtrArray *history; /* of char*, oldest first */
  guint recall;       /* index into history; len = the line being written */
  char *answer;       /* (nullable): to the last line */
  gboolean is_error;
  char *asked;       /* (nullable): the line that the answer is to */
  gint error_column; /* byte of asked, from 1; 0 = none */
} RmqDashboardPrompt;

/* One send's step, kept for the rates of the window. */
typedef struct
{
  const RmqEventKind *kind;
  const char *text; /* lives as long as the log */
  gint64 at_us;
  gint64 took_us; /* -1: the kind has none */
} RmqDashboardSample;

#define RMQ_SAMPLES_MAX 50000

/* Rates are those of this window. */
#define RMQ_WINDOW_US (5 * G_USEC_PER_SEC)
/* Tables within the window are kept once in a slot. */
#define RMQ_SLOT_US (RMQ_WINDOW_US / 10)
#define RMQ_EVENT_TAIL_MAX 1000
#define RMQ_RARE_EVENTS_MAX 16384 /* as far back as one can look */

typedef struct
{
  /* the run */
  char *scenario;
  RmqDashboardBadge badge;
  guint64 seed;
  gboolean over;
  char *report; /* (nullable): the verdict, once it is over */

  /* what is seen */
  RmqSnapshot *snapshot; /* (nullable): before the first tick */
  RmqSnapshot *flows;    /* (nullable): the dashboard's own tables, made from what is seen */
  RmqSnapshot *derived;  /* (nullable): the event log as a table */
  RmqDashboardHealth health;
  GPtrArray *past; /* of RmqSnapshot, oldest first: the window, a few of its moments */
  GArray *rare;    /* of RmqDashboardEvent, the newest */
  GArray *all;     /* the same, hot ones included */
  GArray *samples; /* of RmqDashboardSample, of the window */
  guint64 n_hot, n_missed;
  gint64 now_us;  /* on the world's clock */
  gint64 zero_us; /* where the run's own clock starts on it */
  guint64 ev;
  guint64 zero_ev; /* number of the last event before the run's own clock starts */
  guint n_lines;   /* given to the run so far */
  gboolean stale;  /* what is seen was replaced since the last tick */

  /* looking back: what is seen is then a moment of the past */
  RmqDashboardMoments moments;
  RmqDashboardMoment *present; /* (nullable): what was seen before; NULL = not looking back */
  guint64 target_ev;           /* of RMQ_EFFECT_LOOK, RMQ_EFFECT_GOTO */

  /* what the user chose */
  gboolean paused;
  guint speed;   /* index of rmq_dashboard_speeds */
  guint reached; /* hundredths, if less than asked; 0: as asked */
  guint tab;     /* index of the view */
  guint row;     /* of the tab's rows as shown */
  char *row_key; /* (nullable): names the selected row, so that the selection stays on it */
  guint column;  /* in display order */
  const char *sort_table, *sort_column; /* (nullable), ids of a schema */
  gboolean sort_descending;
  gboolean show_hot;
  RmqDashboardPage page;
  guint scroll; /* of the page */
  RmqDashboardPrompt prompt;
  char
      *submitted; /* (nullable): the line to execute; whoever acts on RMQ_EFFECT_EXECUTE takes it */

  guint width, height;
  gboolean ascii;
  /* Words that may stand where the text ends, sorted (nullable): (transfer full) */
  char **(*complete) (const char *text, gpointer data);
  gpointer complete_data;
  guint64 generation; /* moves whenever a render would differ */
} RmqDashboardModel;

/* Hundredths: 10 … 10000. */
extern const guint rmq_dashboard_speeds[];
extern const guint rmq_dashboard_n_speeds;

RmqDashboardModel *rmq_dashboard_model_new (const char *scenario, RmqDashboardBadge badge,
                                            guint64 seed);
void rmq_dashboard_model_free (RmqDashboardModel *model); /* nullable */
/* Name of the broker that has the address; NULL: unknown. */
const char *rmq_dashboard_model_name_address (const RmqDashboardModel *model, const char *address);
/* The cell of a row by its column's id: NULL and -1 if there is no such column. */
const char *rmq_dashboard_get_text (const RmqTable *table, guint row, const char *column);
gint64 rmq_dashboard_get_number (const RmqTable *table, guint row, const char *column);
/* The table of that id in what is seen: derived tables first. (nullable) */
const RmqTable *rmq_dashboard_model_find_table (const RmqDashboardModel *model, const char *id);

/* Keeps what is seen. */
void rmq_dashboard_model_remember (RmqDashboardModel *model);
/* Shows another moment in its place, and the present again. */
void rmq_dashboard_model_look (RmqDashboardModel *model, const RmqDashboardMoment *moment);
void rmq_dashboard_model_return (RmqDashboardModel *model);

/* ---- messages ------------------------------------------------------------ */

typedef enum
{
  RMQ_MSG_KEY,
  RMQ_MSG_TICK,
  RMQ_MSG_MOMENT, /* as TICK, on the way to one: what is seen now may be remembered */
  RMQ_MSG_LOOK,   /* what RMQ_EFFECT_LOOK asked for; without a moment: the present */
  RMQ_MSG_BRANCH, /* the run goes on from the moment looked at: what came after never was */
  RMQ_MSG_RESIZE,
  RMQ_MSG_ANSWER, /* to the submitted line */
  RMQ_MSG_REPORT, /* the run is over */
} RmqDashboardMsgKind;

typedef struct
{
  RmqDashboardMsgKind kind;
  guint32 key;                     /* KEY */
  RmqSnapshot *snapshot;           /* TICK */
  const RmqDashboardEvent *events; /* TICK: new since the last one */
  guint n_events;
  guint64 n_missed;
  gint64 now_us;
  guint64 ev;
  guint n_lines;
  gboolean remember; /* MOMENT */
  guint reached;
  const RmqDashboardMoment *moment; /* LOOK (nullable) */
  guint width, height;              /* RESIZE */
  const char *text;                 /* ANSWER, REPORT */
  gboolean is_error;                /* ANSWER */
  gint error_column;
} RmqDashboardMsg;

/* What the loop has to do for the user; the model itself is up to date. */
typedef enum
{
  RMQ_EFFECT_NONE,
  RMQ_EFFECT_QUIT,
  RMQ_EFFECT_STEP,    /* run one event */
  RMQ_EFFECT_NOTABLE, /* run to the next notable event */
  RMQ_EFFECT_GOTO,    /* run to model->target_ev */
  RMQ_EFFECT_LOOK,    /* show the moment after model->target_ev, which isn't remembered */
  RMQ_EFFECT_LOOK_ON, /* show the moment one event after what is seen */
  RMQ_EFFECT_EXECUTE, /* model->submitted */
  RMQ_EFFECT_REPAINT,
  RMQ_EFFECT_SUSPEND,
} RmqDashboardEffect;

RmqDashboardEffect rmq_dashboard_update (RmqDashboardModel *model, const RmqDashboardMsg *msg);

G_DEFINE_AUTOPTR_CLEANUP_FUNC (RmqDashboardModel, rmq_dashboard_model_free)

G_END_DECLS
