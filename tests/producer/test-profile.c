/* SPDX-License-Identifier: Apache-2.0 */

/* The profile table and its errors. */

#include "rmq-error.h"
#include "rmq-profile.h"

static void
assert_error (GError *error, const char *needle)
{
  g_assert_error (error, RMQ_CLIENT_ERROR, RMQ_CLIENT_ERROR_STATE);
  g_assert_nonnull (strstr (error->message, needle));
}

static void
test_columns (void)
{
  static const char *const names[] = { "4.5.1", "4.9", "5.3", "recommended" };
  for (guint i = 0; i < G_N_ELEMENTS (names); i++)
    {
      RmqProfile profile;
      g_assert_true (rmq_profile_init (&profile, names[i], NULL));
      for (guint row = 0; row < RMQ_N_ROWS; row++)
        {
          RmqProfile copy = profile;
          g_autofree char *value = rmq_profile_format_value (&profile, (RmqProfileRow)row);
          const char *name = rmq_profile_row_get_name ((RmqProfileRow)row);
          g_assert_cmpstr (rmq_profile_row_get_help ((RmqProfileRow)row), !=, "");
          g_assert_true (rmq_profile_set (&copy, name, value, NULL));
          g_assert_cmpmem (&copy, sizeof copy, &profile, sizeof profile);
        }
    }
}

static void
test_busy_is_retried (void)
{
  static const struct
  {
    const char *name;
    gboolean busy;
    gboolean go_away;
  } cases[] = { { "4.5.1", FALSE, FALSE },
                { "4.9", FALSE, FALSE },
                { "5.3", TRUE, TRUE },
                { "recommended", TRUE, FALSE } };
  for (guint i = 0; i < G_N_ELEMENTS (cases); i++)
    {
      RmqProfile profile;
      g_assert_true (rmq_profile_init (&profile, cases[i].name, NULL));
      g_assert_true (rmq_profile_has_number (&profile, RMQ_ROW_RETRY_CODES, 17));
      g_assert_cmpint (rmq_profile_has_number (&profile, RMQ_ROW_RETRY_CODES, 2), ==,
                       cases[i].busy);
      g_assert_cmpint (rmq_profile_has_number (&profile, RMQ_ROW_RETRY_CODES, 1500), ==,
                       cases[i].go_away);
    }
}

static void
test_unknown_names (void)
{
  RmqProfile profile;
  g_autoptr (GError) no_profile = NULL;
  g_autoptr (GError) no_row = NULL;
  g_autoptr (GError) no_word = NULL;
  g_autoptr (GError) no_number = NULL;
  g_assert_false (rmq_profile_init (&profile, "recomended", &no_profile));
  assert_error (no_profile, "did you mean 'recommended'?");
  g_assert_true (rmq_profile_init (&profile, "4.9", NULL));
  g_assert_false (rmq_profile_set (&profile, "peer-fins", "fails", &no_row));
  assert_error (no_row, "did you mean 'peer-fin'?");
  g_assert_false (rmq_profile_set (&profile, "peer-fin", "fail", &no_word));
  assert_error (no_word, "did you mean 'fails'?");
  g_assert_false (rmq_profile_set (&profile, "retry-codes", "17 many", &no_number));
  assert_error (no_number, "not 'many'");
  g_assert_cmpint (rmq_profile_get_choice (&profile, RMQ_ROW_PEER_FIN), ==, RMQ_PEER_FIN_IGNORED);
}

static void
test_rows_by_value (void)
{
  RmqProfile profile;
  g_assert_true (rmq_profile_init (&profile, "4.9", NULL));
  g_assert_true (rmq_profile_set (&profile, "retry-codes", "SYSTEM_BUSY, 1", NULL));
  g_assert_true (rmq_profile_has_number (&profile, RMQ_ROW_RETRY_CODES, 2));
  g_assert_true (rmq_profile_has_number (&profile, RMQ_ROW_RETRY_CODES, 1));
  g_assert_false (rmq_profile_has_number (&profile, RMQ_ROW_RETRY_CODES, 17));
  g_assert_true (rmq_profile_set (&profile, "name-limits", "127/120", NULL));
  g_assert_cmpint (rmq_profile_get_number (&profile, RMQ_ROW_NAME_LIMITS, 1), ==, 120);
}

int
main (int argc, char *argv[])
{
  g_test_init (&argc, &argv, NULL);
  g_test_add_func ("/producer/profile/each-value-can-be-set-as-printed", test_columns);
  g_test_add_func ("/producer/profile/busy-and-go-away-are-retried-by-column",
                   test_busy_is_retried);
  g_test_add_func ("/producer/profile/unknown-names-get-a-suggestion", test_unknown_names);
  g_test_add_func ("/producer/profile/a-row-overrides-its-column", test_rows_by_value);
  return g_test_run ();
}
