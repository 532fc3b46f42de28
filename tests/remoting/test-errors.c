/* SPDX-License-Identifier: Apache-2.0 */

/* Errors and codes: what an error carries, what it answers, how codes are named. */

#include "rmq-codes-private.h"
#include "rmq-error-private.h"

#include <gio/gio.h>

static const RmqErrorDetails details = {
  .remark = "disk full",
  .broker_name = "broker-a",
  .broker_addr = "127.0.0.1:10911",
  .attempts = 3,
  .outcome_unknown = TRUE,
};

static void
assert_details (const GError *error)
{
  g_assert_cmpstr (rmq_error_get_remark (error), ==, "disk full");
  g_assert_cmpstr (rmq_error_get_broker_name (error), ==, "broker-a");
  g_assert_cmpstr (rmq_error_get_broker_addr (error), ==, "127.0.0.1:10911");
  g_assert_cmpuint (rmq_error_get_attempts (error), ==, 3);
  g_assert_true (rmq_error_is_outcome_unknown (error));
  RmqErrorDetails read;
  rmq_error_get_details (error, &read);
  g_assert_cmpstr (read.remark, ==, "disk full");
  g_assert_cmpuint (read.attempts, ==, 3);
}

static void
test_details (void)
{
  const GQuark domains[] = { RMQ_CLIENT_ERROR, RMQ_REMOTING_ERROR, RMQ_BROKER_ERROR };
  for (guint i = 0; i < G_N_ELEMENTS (domains); i++)
    {
      g_autoptr (GError) error = rmq_error_new (domains[i], 1, &details, "sending %s", "failed");
      g_autoptr (GError) copy = g_error_copy (error);
      g_assert_cmpstr (error->message, ==, "sending failed");
      g_assert_true (g_error_matches (copy, domains[i], 1));
      assert_details (error);
      g_clear_error (&error);
      assert_details (copy);
    }
}

static void
assert_nothing (const GError *error)
{
  g_assert_null (rmq_error_get_remark (error));
  g_assert_null (rmq_error_get_broker_name (error));
  g_assert_null (rmq_error_get_broker_addr (error));
  g_assert_cmpuint (rmq_error_get_attempts (error), ==, 0);
  g_assert_false (rmq_error_is_outcome_unknown (error));
  RmqErrorDetails read;
  rmq_error_get_details (error, &read);
  g_assert_null (read.broker_name);
}

static void
test_no_details (void)
{
  g_autoptr (GError) plain = rmq_error_new (RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_STATE, NULL, "x");
  g_autoptr (GError) made_by_glib =
      g_error_new (RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_TIMEOUT, "no answer");
  g_autoptr (GError) foreign = g_error_new (G_IO_ERROR, G_IO_ERROR_FAILED, "x");
  assert_nothing (plain);
  assert_nothing (made_by_glib);
  assert_nothing (foreign);
  assert_nothing (NULL);
  g_assert_true (rmq_error_is_retriable (made_by_glib));
  g_assert_false (rmq_error_is_retriable (foreign));
  g_assert_false (rmq_error_is_retriable (NULL));
}

static void
assert_retriable (GQuark domain, gint code, gboolean expected)
{
  g_autoptr (GError) error = rmq_error_new (domain, code, NULL, "x");
  g_assert_cmpint (rmq_error_is_retriable (error), ==, expected);
}

/* Nothing cures a bad argument; another broker may cure the rest. */
static void
test_retriable (void)
{
  static const gint broker_codes[] = { 1, 2, 14, 16, 17, 204, 205, 215, 1500 };
  static const gint final_codes[] = { 0, 3, 13, 29, 99, -1 };
  for (guint i = 0; i < G_N_ELEMENTS (broker_codes); i++)
    assert_retriable (RMQ_BROKER_ERROR, broker_codes[i], TRUE);
  for (guint i = 0; i < G_N_ELEMENTS (final_codes); i++)
    assert_retriable (RMQ_BROKER_ERROR, final_codes[i], FALSE);
  assert_retriable (RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_CONNECT_BROKER, TRUE);
  assert_retriable (RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_NOT_FOUND_TOPIC, TRUE);
  assert_retriable (RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_ILLEGAL_MESSAGE, FALSE);
  assert_retriable (RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_NAME_SERVER, FALSE);
  assert_retriable (RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_PEER_CLOSED, TRUE);
  assert_retriable (RMQ_REMOTING_ERROR, RMQ_REMOTING_ERROR_BAD_FRAME, FALSE);
}

static void
assert_parsed (const char *text, gint expected)
{
  gint code = -7;
  g_assert_true (rmq_response_code_parse (text, &code));
  g_assert_cmpint (code, ==, expected);
}

static void
test_codes (void)
{
  gint code;
  assert_parsed ("SYSTEM_BUSY", 2);
  assert_parsed ("17", 17);
  assert_parsed ("-1000", -1000);
  g_assert_false (rmq_response_code_parse ("system_busy", &code));
  g_assert_false (rmq_response_code_parse ("", &code));
  g_assert_false (rmq_response_code_parse ("12x", &code));
  g_assert_false (rmq_response_code_parse ("99999999999", &code));
  g_assert_cmpstr (rmq_request_code_get_name (310), ==, "SEND_MESSAGE_V2");
  g_assert_null (rmq_request_code_get_name (9999));
  g_assert_cmpstr (rmq_response_code_get_name (17), ==, "TOPIC_NOT_EXIST");
  g_autofree char *known = rmq_response_code_describe (2);
  g_autofree char *unknown = rmq_response_code_describe (99);
  g_assert_cmpstr (known, ==, "SYSTEM_BUSY (2)");
  g_assert_cmpstr (unknown, ==, "99");
}

int
main (int argc, char **argv)
{
  g_test_init (&argc, &argv, NULL);
#define CASE(claim, func) g_test_add_func ("/remoting/" claim, func)
  CASE ("error/details-survive-a-copy", test_details);
  CASE ("error/without-details-nothing-is-claimed", test_no_details);
  CASE ("error/retriable-is-what-another-try-may-cure", test_retriable);
  CASE ("codes/are-known-by-name-and-number", test_codes);
  return g_test_run ();
}
