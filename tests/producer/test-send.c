/* SPDX-License-Identifier: Apache-2.0 */

/* Sends that work: what goes on the wire, what comes back. */

#include "producer-lab.h"

static void
test_stored (void)
{
  Lab *lab = lab_new (2);
  lab_add_topic (lab, "Orders", 4);
  RmqProducer *producer = lab_start_producer (lab, "PG", "4.9");
  Outcome outcome = lab_send_text (lab, producer, "Orders", "hello");
  g_assert_no_error (outcome.error);
  g_assert_cmpint (rmq_send_result_get_status (outcome.result), ==, RMQ_SEND_OK);
  g_assert_cmpuint (rmq_send_result_get_attempts (outcome.result), ==, 1);
  g_assert_cmpint (rmq_send_result_get_queue_offset (outcome.result), ==, 0);
  g_assert_cmpuint (lab_n_stored (lab), ==, 1);
  outcome_clear (&outcome);
  lab_shutdown (lab, producer);
  lab_free (lab);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/producer/send/4.9/sync-send-is-stored", test_stored);
  return g_test_run ();
}
