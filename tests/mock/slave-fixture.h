/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "mock-lab.h"

#define S G_TIME_SPAN_SECOND
#define MS G_TIME_SPAN_MILLISECOND

typedef struct
{
  const char *profile;
  const char *const *settings;
} SlaveKind;

/* "broker-a" and "broker-a:1" of one version with the same settings; topic Orders at both. */
typedef struct
{
  Lab *lab;
  RmqMockBroker *master, *slave;
  RmqEnv *master_env, *slave_env;
  Client *client, *reader; /* at the master, at the slave */
} SlaveFixture;

RmqEnv *slave_fixture_start (SlaveFixture *f, RmqMockBroker *broker, const char *address);
void slave_fixture_set_up (SlaveFixture *f, gconstpointer kind);
void slave_fixture_tear_down (SlaveFixture *f, gconstpointer kind);
/* The code of a send's answer, and how long that took. */
gint slave_fixture_send (SlaveFixture *f, const char *topic, const char *properties,
                         gint64 *took_us);
gint slave_fixture_send_code (SlaveFixture *f, const char *properties);
guint slave_fixture_count (SlaveFixture *f); /* messages of the slave */
void slave_fixture_pause (SlaveFixture *f, gboolean on);
void slave_fixture_kill (SlaveFixture *f);
void slave_fixture_restart (SlaveFixture *f);
void assert_took_ms (gint64 took_us, gint64 at_least, gint64 below);
/* The slave's log is the master's, place by place. */
void assert_same_log (SlaveFixture *f);
