/* SPDX-License-Identifier: Apache-2.0 */

/* The stories of the verbs, in the order of the reference page. Data only. */

#include "stories.h"

const char stories_head[] = "nameserver ns1\n"
                            "broker broker-a broker-b\n"
                            "topic Orders queues 4 on broker-a broker-b\n"
                            "producer P group PG timeout 500ms retries 2\n";

#define TO_A "P sends 20 x to Orders to queue broker-a:0 every 20ms as x\n"
#define BOTH "P sends 60 x to Orders every 20ms as x\n"

const Story stories[] = {
  /* processes */
  { "kill-reset-fails-what-is-in-flight-at-once", TRUE,
    BOTH "at 0s broker-a hold next 1 send responses\n"
         "at 210ms broker-a kill reset\n"
         "expect result = OK\n"
         "expect retries > 0\n"
         "expect sends to broker-a = 0 from 300ms until 1s\n" },
  { "restart-comes-back-at-once", TRUE,
    "P sends 20 x to Orders to queue broker-a:0 every 20ms as x\n"
    "at 205ms broker-a restart\n"
    "at 500ms P sends 5 y to Orders to queue broker-a:0 every 20ms as y\n"
    "expect result = OK where message y\n" },
  { "restart-empty-forgets-what-it-had", FALSE,
    TO_A "at 205ms broker-a restart empty\n"
         "at 500ms P sends 5 y to Orders to queue broker-a:0 every 20ms as y\n"
         "expect result = OK where message y\n" },
  /* connections */
  { "a-connect-that-is-ignored-takes-the-whole-timeout", TRUE,
    "producer Q group QG timeout 5s retries 0\n"
    "for 3.6s broker-a ignore connects\n"
    "Q sends 1 x to Orders to queue broker-a:0 as x\n"
    "at 3.7s Q sends 1 y to Orders to queue broker-a:0 as y\n"
    "expect result = ERROR(CONNECT) where message x\n"
    "expect sends to broker-a = 0 where message x\n"
    "expect attempts to broker-a = 1 where message x\n"
    "expect result = OK where message y\n"
    "expect ghosts = 0\n" },
  { "what-is-not-read-is-executed-when-it-is-read", TRUE,
    "at 100ms for 1s broker-a reads nothing\n"
    "P sends 2 w to Orders to queue broker-a:0 every 20ms as w\n"
    "at 200ms P sends 1 x to Orders to queue broker-a:0 as x\n"
    "at 1.5s P sends 2 y to Orders to queue broker-a:0 as y\n"
    "expect result = OK where message w\n"
    "expect result = ERROR(TIMEOUT) where message x\n"
    "expect ghosts = 1 where message x\n"
    "expect result = OK where message y\n" },
  { "a-broker-that-does-not-register-is-dropped-and-comes-back", FALSE,
    "settle 5s\n"
    "P sends 240 x to Orders every 1s as x\n"
    "at 5s for 160s broker-a ignores registration\n"
    "expect queues of Orders in P = 8 at 100s\n"
    "expect queues of Orders in P = 4 at 155s\n"
    "expect queues of Orders in P = 8 at 215s\n"
    "expect result = OK\n" },
  /* requests */
  { "the-second-of-two-answers-is-nobodys", TRUE,
    TO_A "broker-a duplicate send responses\n"
         "expect result = OK\n"
         "expect duplicates = 0\n"
         "expect no loss\n" },
  { "answers-that-change-places-find-their-sends", TRUE,
    "P sends 60 x to Orders async to queue broker-a:0 every 2ms as x\n"
    "broker-a swap send responses\n"
    "expect result = OK\n"
    "expect duplicates = 0\n" },
  { "an-answer-to-the-next-opaque-is-lost", TRUE,
    TO_A "at 50ms broker-a shift opaque next 1 send responses\n"
         "expect failed = 0\n"
         "expect ghosts = 1\n"
         "expect-fail result = OK\n" },
  { "an-unreadable-header-ends-the-connection", TRUE,
    BOTH "at 50ms broker-a corrupt header next 1 send responses\n"
         "expect result = OK\n"
         "expect retries = 1\n"
         "expect duplicates = 1\n" },
  { "an-absurd-length-ends-the-connection", TRUE,
    BOTH "at 50ms broker-a corrupt length next 1 send responses\n"
         "expect result = OK\n"
         "expect retries = 1\n"
         "expect duplicates = 1\n" },
  { "another-body-of-an-answer-that-has-none-is-not-looked-at", TRUE,
    TO_A "broker-a corrupt body send responses\n"
         "expect result = OK\n"
         "expect retries = 0\n" },
  { "half-an-answer-and-a-reset-is-stored-twice", TRUE,
    BOTH "at 50ms broker-a reset halfway next 1 send responses\n"
         "expect result = OK\n"
         "expect duplicates = 1\n" },
  { "half-an-answer-and-a-fin-waits-for-the-timeout", TRUE,
    TO_A "at 50ms broker-a close halfway next 1 send responses\n"
         "expect ghosts = 1\n"
         "expect-fail result = OK\n" },
  { "what-is-held-until-it-is-released-comes-in-time", TRUE,
    TO_A "at 50ms broker-a hold next 1 send responses\n"
         "at 300ms broker-a release\n"
         "expect result = OK\n"
         "expect duplicates = 0\n" },
  { "what-is-held-for-longer-than-the-timeout-is-a-ghost", TRUE,
    TO_A "at 50ms for 1s broker-a hold next 1 send responses\n"
         "expect ghosts = 1\n"
         "expect-fail result = OK\n" },
  { "a-request-that-is-held-is-executed-late", TRUE,
    TO_A "at 50ms broker-a hold next 1 send requests\n"
         "at 1s broker-a heal\n"
         "expect ghosts = 1\n"
         "expect-fail result = OK\n" },
  /* clients and their hosts */
  { "a-paused-client-goes-on-where-it-was", FALSE,
    BOTH "at 210ms for 3s P pause\n"
         "expect result = OK\n"
         "expect sends to broker-a <= 7 from 0s until 3s\n" },
  { "a-killed-client-sends-no-more", FALSE,
    "P sends 60 x to Orders async every 20ms as x\n"
    "at 210ms P kill\n"
    "at 3s P starts\n"
    "at 4s P sends 5 y to Orders every 20ms as y\n"
    "expect sends to broker-a <= 7 from 0s until 3s\n"
    "expect result = OK where message y\n" },
  { "shut-down-and-started-again", TRUE,
    BOTH "at 210ms P shuts down\n"
         "at 1.3s P starts\n"
         "at 1.6s P sends 5 y to Orders every 20ms as y\n"
         "expect-fail result = OK where message x\n"
         "expect sends to broker-a <= 7 from 0s until 1.2s\n"
         "expect ghosts = 0\n"
         "expect result = OK where message y\n" },
  { "an-idle-producer-starts-by-a-line", TRUE,
    "producer Q group QG idle\n"
    "at 100ms Q sends 1 x to Orders as x\n"
    "at 200ms Q starts\n"
    "at 500ms Q sends 2 y to Orders as y\n"
    "expect result = ERROR where message x\n"
    "expect result = OK where message y\n" },
  { "producers-on-one-host-share-the-client", TRUE,
    "host h1 cpus 2 env LANG=C\n"
    "producer Q on h1 group Q1 instance one\n"
    "producer R on h1 group Q2 instance one\n"
    "Q sends 4 x to Orders as x\n"
    "R sends 4 y to Orders as y\n"
    "expect rows in factoryTable of Q = 1\n"
    "expect rows in producerTable of Q = 3\n"
    "expect result = OK\n" },
  { "options-and-profile-rows-are-set", TRUE,
    "set peer-fin fails\n"
    "producer Q group QG set maxMessageSize 100 set defaultTopicQueueNums 2\n"
    "Q sends 1 x to Orders size 200B as x\n"
    "Q sends 1 y to Orders size 50B as y\n"
    "P sends 20 z to Orders to queue broker-a:0 every 20ms as z\n"
    "at 50ms broker-a close next 1 send requests after store\n"
    "expect result = ERROR where message x\n"
    "expect result = OK where message y\n"
    "expect-fail result = OK where message z\n"
    "expect ghosts = 1 where message z\n" },
  { "the-wall-clock-jumps-and-no-timer-notices", FALSE,
    BOTH "at 210ms P clock jump -30s\n"
         "at 410ms broker-a clock jump +1m\n"
         "expect result = OK\n"
         "expect no loss\n" },
  /* the end of a run */
  { "a-client-that-pauses-for-ever-is-a-deadlock", FALSE,
    BOTH "at 210ms P pause\n"
         "expect-fail no deadlock\n" },
  { "probes-show-that-a-client-recovers-after-its-workload", FALSE,
    "P sends 20 x to Orders every 20ms as x\n"
    "at 25.1s broker-a kill\n"
    "at 35.1s broker-a start\n"
    "expect no deadlock\n"
    "expect recovered within 60s\n"
    "expect-fail recovered within 10s\n"
    "expect sends to broker-a > 0 where message x\n" },
  { NULL },
};
