/* SPDX-License-Identifier: Apache-2.0 */

/* Fibers of both kinds: who runs when, and that a stack which is too small ends the program instead
 * of writing into somebody else's memory. */

#include "rmq-fiber.h"

#include <signal.h>
#include <unistd.h>

#define N_CROWD 200

typedef struct
{
  const RmqFiberKind *kind;
  RmqStackPool pool;
  GString *story;
  RmqFiber *outer, *inner;
} Lab;

static void
with_lab (gconstpointer kind, void (*func) (Lab *lab))
{
  Lab lab = { .kind = kind, .story = g_string_new (NULL) };
  func (&lab);
  g_string_free (lab.story, TRUE);
  rmq_stack_pool_clear (&lab.pool);
}

static void
finish (RmqFiber *fiber)
{
  while (!rmq_fiber_has_ended (fiber))
    rmq_fiber_resume (fiber);
  rmq_fiber_free (fiber);
}

/* ---- turns --------------------------------------------------------------- */

static void
say_twice (gpointer data)
{
  Lab *lab = data;
  g_string_append_c (lab->story, 'a');
  rmq_fiber_yield (lab->inner);
  g_string_append_c (lab->story, 'b');
}

static void
take_turns (Lab *lab)
{
  lab->inner = rmq_fiber_new (lab->kind, &lab->pool, say_twice, lab);
  g_assert_cmpstr (lab->story->str, ==, "");
  rmq_fiber_resume (lab->inner);
  g_assert_false (rmq_fiber_has_ended (lab->inner));
  g_string_append_c (lab->story, '-');
  rmq_fiber_resume (lab->inner);
  g_assert_true (rmq_fiber_has_ended (lab->inner));
  g_assert_cmpstr (lab->story->str, ==, "a-b");
  rmq_fiber_free (lab->inner);
}

static void
runs_only_when_resumed (gconstpointer kind)
{
  with_lab (kind, take_turns);
}

static void
resume_the_inner (gpointer data)
{
  Lab *lab = data;
  g_string_append_c (lab->story, '(');
  rmq_fiber_resume (lab->inner);
  g_string_append_c (lab->story, ')');
  rmq_fiber_yield (lab->outer);
  rmq_fiber_resume (lab->inner);
  g_string_append_c (lab->story, '.');
}

static void
nest (Lab *lab)
{
  lab->inner = rmq_fiber_new (lab->kind, &lab->pool, say_twice, lab);
  lab->outer = rmq_fiber_new (lab->kind, &lab->pool, resume_the_inner, lab);
  rmq_fiber_resume (lab->outer);
  g_string_append_c (lab->story, '-');
  finish (lab->outer);
  finish (lab->inner);
  g_assert_cmpstr (lab->story->str, ==, "(a)-b.");
}

static void
one_resumes_another (gconstpointer kind)
{
  with_lab (kind, nest);
}

typedef struct
{
  RmqFiber *fiber;
  guint n_rounds, *n_total;
} Counter;

static void
count_rounds (gpointer data)
{
  Counter *counter = data;
  for (guint i = 0; i < counter->n_rounds; i++)
    {
      ++*counter->n_total;
      rmq_fiber_yield (counter->fiber);
    }
}

static void
crowd (Lab *lab)
{
  Counter counters[N_CROWD];
  guint n_total = 0;
  for (guint i = 0; i < N_CROWD; i++)
    {
      counters[i] = (Counter){ .n_rounds = i, .n_total = &n_total };
      counters[i].fiber = rmq_fiber_new (lab->kind, &lab->pool, count_rounds, &counters[i]);
    }
  for (guint i = 0; i < N_CROWD; i++)
    rmq_fiber_resume (counters[i].fiber);
  for (guint i = 0; i < N_CROWD; i++)
    finish (counters[i].fiber);
  g_assert_cmpuint (n_total, ==, N_CROWD * (N_CROWD - 1) / 2);
}

static void
many_live_side_by_side (gconstpointer kind)
{
  with_lab (kind, crowd);
}

/* ---- the guard page ------------------------------------------------------ */

/* Is there memory that nobody may touch? */
static gboolean
is_guarded (guintptr address)
{
  g_autofree char *maps = NULL;
  g_file_get_contents ("/proc/self/maps", &maps, NULL, NULL);
  g_auto (GStrv) lines = g_strsplit (maps, "\n", -1);
  for (guint i = 0; lines[i] != NULL; i++)
    {
      char *end = NULL, *access = NULL;
      const guint64 first = g_ascii_strtoull (lines[i], &end, 16);
      const guint64 last = *end == '-' ? g_ascii_strtoull (end + 1, &access, 16) : 0;
      if (address >= first && address < last)
        return g_str_has_prefix (access, " ---p");
    }
  return FALSE;
}

static void
on_fault (int signal_number, siginfo_t *info, void *context)
{
  const gboolean hit = is_guarded ((guintptr)info->si_addr);
  g_printerr (hit ? "hit the guard page\n" : "hit something else\n");
  _exit (hit ? 42 : 1);
}

/* On another stack, since this one is what runs out. */
static void
catch_faults (void)
{
  static char stack[65536];
  struct sigaction action = { .sa_sigaction = on_fault, .sa_flags = SA_ONSTACK | SA_SIGINFO };
  sigemptyset (&action.sa_mask);
  sigaltstack (&(stack_t){ .ss_sp = stack, .ss_size = sizeof stack }, NULL);
  sigaction (SIGSEGV, &action, NULL);
  sigaction (SIGBUS, &action, NULL);
}

/* Writes where ever deeper calls would. */
static void
overflow (gpointer data)
{
  volatile char *here = __builtin_frame_address (0);
  catch_faults ();
  for (guint i = 8; i < 2 * RMQ_FIBER_STACK_BYTES / 1024; i++)
    here[-(gssize)i * 1024] = 1;
  _exit (0);
}

static void
run_over (Lab *lab)
{
  rmq_fiber_resume (rmq_fiber_new (lab->kind, &lab->pool, overflow, lab));
}

static void
an_overflow_hits_the_guard_page (gconstpointer kind)
{
  if (g_test_subprocess ())
    {
      with_lab (kind, run_over);
      return;
    }
  g_test_trap_subprocess (NULL, 0, 0);
  g_test_trap_assert_failed ();
  g_test_trap_assert_stderr ("*hit the guard page*");
}

static void
add (const char *name, const RmqFiberKind *kind, const char *claim, GTestDataFunc func)
{
  g_autofree char *path = g_strdup_printf ("/env/fiber/%s/%s", name, claim);
  g_test_add_data_func (path, kind, func);
}

int
main (int argc, char **argv)
{
  static const struct
  {
    const char *name;
    const RmqFiberKind *kind;
  } kinds[] = { { "on-stack", &rmq_fiber_on_stack }, { "on-thread", &rmq_fiber_on_thread } };
  g_test_init (&argc, &argv, NULL);
  for (guint i = 0; i < G_N_ELEMENTS (kinds); i++)
    {
      add (kinds[i].name, kinds[i].kind, "runs-only-when-resumed", runs_only_when_resumed);
      add (kinds[i].name, kinds[i].kind, "one-resumes-another", one_resumes_another);
      add (kinds[i].name, kinds[i].kind, "many-live-side-by-side", many_live_side_by_side);
      add (kinds[i].name, kinds[i].kind, "an-overflow-hits-the-guard-page",
           an_overflow_hits_the_guard_page);
    }
  return g_test_run ();
}
