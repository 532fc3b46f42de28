/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "rmq-env.h"

/* Two hosts of either world, and a way to make things happen in it and to wait for them, from the
 * test's main thread, that works in both. */

typedef struct _Lab Lab;

/* One end of a connection, and what it saw. */
typedef struct
{
  Lab *lab;
  RmqLink *link;     /* (nullable) */
  GString *events;   /* a letter per event, see end_event(); READABLE leaves none */
  GByteArray *bytes; /* received */
} End;

struct _Lab
{
  RmqWorld *world;
  RmqEnv *a, *b; /* a connects, b listens */
  RmqListener *listener;
  End client, server;
  GString *story; /* what the test's own callbacks note */
  gboolean (*reached) (Lab *lab);
  RmqParker *parker;
};

typedef void (*LabFunc) (Lab *lab);

/* argv: "sim", "sim-threads" or "real". */
void lab_init (int argc, char **argv);
gboolean lab_is_simulated (void);
/* Path below the world's own; each test gets a fresh lab that listens on host b. */
void lab_add_test (const char *path, LabFunc func);

void lab_do (Lab *lab, LabFunc func); /* as owner */
/* Runs func (nullable) as owner, then waits; fails the test if it takes 10 s. */
void lab_wait (Lab *lab, LabFunc func, gboolean (*reached) (Lab *lab));
void lab_pass_ms (Lab *lab, gint64 ms);
/* To be called whenever something happened. */
void lab_check (Lab *lab);

/* Owner only. */
void lab_connect (Lab *lab);
void lab_send (End *end, const char *text);
/* Connects and waits until both ends stand. */
void lab_join (Lab *lab);

gboolean end_has (const End *end, const char *events);
gboolean end_got (const End *end, const char *text);
