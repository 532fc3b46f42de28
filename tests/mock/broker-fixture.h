/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include "mock-lab.h"

/* A name server, a broker with topic Orders (4 queues), one raw client of the broker. */

typedef struct
{
  Lab *lab;
  RmqMockNameserver *nameserver;
  RmqMockBroker *broker;
  RmqMockServer *server;   /* the broker's */
  RmqOutageTable *outages; /* the broker's */
  Client *client;
} Fixture;

void set_up_seed (Fixture *f, guint64 seed);
void set_up (Fixture *f, gconstpointer unused);
void tear_down (Fixture *f, gconstpointer unused);

RmqRemotingCommand *call (Fixture *f, RmqRemotingCommand *request);
/* What the name server answers to a query for the topic. */
gint route_code (Fixture *f, const char *topic);
/* The broker answered that it stored the message there. */
void assert_sent (RmqRemotingCommand *response, const char *queue_id, const char *queue_offset);
/* Starts the dead broker in a new host on its old address, with a new client. */
void restart (Fixture *f);
