/* SPDX-License-Identifier: Apache-2.0 */
#pragma once

#include <glib.h>

G_BEGIN_DECLS

/* Where servers of different versions differ: a row a version, a value per question. Never ask for
 * the version itself. */

/* Of a broker that is sent a message. */
typedef struct
{
  /* decoding and checks */
  gboolean letters_throw; /* a number that doesn't parse, in a header of letters, is an exception */
  gboolean traces_first;  /* no body, no birth time: an exception before any check */
  gboolean checks_name;   /* blank, odd and overlong topics are refused; else made */
  gboolean refuses_tbw102;      /* and knows no other forbidden topic */
  gint bad_argument_code;       /* of topic names and queue ids */
  gboolean registers_one_topic; /* after it was created: it alone, and answered */
  gboolean refuses_retry_batch;
  gboolean batch_limit_throws;      /* a batch over the limit is an exception */
  gboolean slave_rejects;           /* before the send is looked at */
  gboolean flush_timeout_for_slave; /* syncFlushTimeout is how long an answer waits for a slave */
  gboolean counts_replicas;   /* answers wait for inSyncReplicas copies, slaves or no slaves */
  gboolean needs_retry_limit; /* a retry of a client after 3.4.9 without one is an exception */
  gint retries_over;          /* a dead letter has been retried more than max by so many */
  gint dead_letter_perm;      /* of the topic it goes to */
  gboolean resets_delay;      /* a dead letter isn't delayed any more */
  /* what is stored */
  gboolean keeps_text;     /* properties are stored as they came, unless something is added */
  gint buckets;            /* of the hash map in whose order properties are written anew */
  gboolean last_separator; /* 02 after the last property */
  gboolean adds_cluster;
  gboolean adds_trace; /* MSG_REGION and TRACE_ON */
  gboolean makes_uniq_key;
  gboolean drops_wait;
  gboolean limits_record; /* maxMessageSize is the whole record's, not the body's */
  /* answers */
  gboolean answers_uniq_key; /* as transactionId */
  const char *illegal_text;  /* %d: maxMessageSize, if it is there */
  const char *unavailable_text;
  gboolean masks_perm; /* brokerPermission masks a topic's in registrations; else replaces it */
  gboolean shows_attributes; /* a topic's text names them */
  /* transactions, timers, replies */
  gboolean has_replies;
  gboolean adds_transaction_id; /* a half message's UNIQ_KEY once more, as __transactionId__ */
  gboolean check_names_topic;   /* a check's header says bname and topic */
  gint64 marker_delay_us;       /* an op marker is written so long after a message's end */
  gboolean has_timer;           /* TIMER_DELAY_SEC and its like */
  gboolean has_check_max_topic; /* given-up half messages go there */
} RmqSendProfile;

/* Of a broker that consumers and operators talk to. */
typedef struct
{
  const char *version_name;     /* "V4_9_7" */
  const char *fastjson_version; /* in the text of its exceptions */
  /* groups */
  gboolean checks_group_name;     /* a group with an odd name isn't created */
  gboolean skips_unknown_groups;  /* a heartbeat for a group that may not be is passed over */
  gboolean notifies_broadcasters; /* members of a broadcasting group hear of each other too */
  gboolean modern_groups;         /* their configuration has more members */
  /* heartbeats */
  gboolean heartbeat_needs_names;   /* groups of nobody are an exception */
  gboolean heartbeat_tells;         /* its answer says what the broker can */
  gboolean check_needs_body;        /* 46 without one is an exception */
  gboolean dead_letter_keeps_delay; /* of its last retry, and is delivered late */
  gboolean back_needs_limit; /* a message sent back without a limit of retries is an exception */
  /* operators */
  gboolean checks_topic_name;    /* of topics made and deleted; else takes nearly all */
  gint bad_topic_code;           /* of names refused */
  gboolean null_topic_throws;    /* a topic made without a name is an exception */
  const char *bad_number_remark; /* (nullable) of [1]: a topic's number is missing or none */
  const char *created_remark;    /* (nullable) of a topic made */
  gboolean slave_refuses;        /* to change anything */
  gboolean null_group_throws;    /* 204 without one is an exception */
  gboolean lists_topic_as_group; /* 300: of a subscription the topic, not the group */
  gboolean reset_by_broker;    /* 222: the broker itself moves the group; its members aren't told */
  const char *removes_offsets; /* (nullable) field of 207 that says to */
  const char *fixed_settings;  /* (nullable) 25 refuses them */
} RmqConsumerProfile;

/* Of a broker that is asked for messages and offsets. */
typedef struct
{
  /* pulls */
  gboolean numbers_throw;         /* what doesn't parse is an exception of its own, else null */
  gboolean null_group_is_key;     /* how a pull without a group fails */
  gboolean tells_flags;           /* answers name sys flags, refusals what was forbidden */
  gboolean overflow_starts_anew;  /* a pull far beyond the end goes on at the beginning */
  gboolean negative_count_throws; /* maxMsgNums below 0 */
  gboolean obeys_max_bytes;
  gboolean slave_rejects;  /* pulls, before they are looked at, unless it may be read */
  gboolean tells_of_moves; /* a master stores a message about each pull it answers with [21] */
  gboolean slave_wakes; /* a pull held at a slave by a message that arrives, else by time alone */
  /* offsets */
  gboolean zero_needs_message; /* a group that never said is at 0 only where there are messages */
  gboolean checks_commits;     /* group and topic of a commit must be there */
  gboolean null_topic_is_key;  /* how a question without a topic fails */
  gboolean min_by_rpc;         /* 31 has words of its own */
  gboolean searches_bounds;    /* 29 finds the first at or after, else the nearest */
} RmqPullProfile;

/* Of a name server. */
typedef struct
{
  /* tables */
  gboolean refuses_one_topic;       /* of a broker that it doesn't know */
  gboolean heals_topics;            /* an unchanged version still brings topics that are missing */
  gboolean lives_by_cluster;        /* brokerLiveTable: cluster and address, else address */
  gboolean unregisters_by_address;  /* and nothing of it is needed; else by id */
  gboolean compares_state_version;  /* of data versions; and tells it */
  gboolean query_refreshes;         /* 322 counts as a sign of life even if the version changed */
  gboolean obeys_heartbeat_timeout; /* of the registration */
  gboolean deletes_by_cluster;      /* 216 that names a cluster */
  /* answers */
  gboolean topic_syn_flag; /* how a route spells topicSysFlag */
  gboolean acting_master;  /* routes and 106 tell enableActingMaster */
  gboolean refuses_null_key;
  gboolean null_version_throws; /* 322 without body; else without address */
  const char *settings;         /* NamesrvConfig and NettyServerConfig, a line each */
  const char *fixed_settings;   /* (nullable) 318 refuses them */
  const char *fixed_text;       /* with this remark */
} RmqNameserverProfile;

typedef struct
{
  const char *name;                          /* "4.9" */
  gint version;                              /* in every frame a server of this version makes */
  gboolean broker_answers_unknown_codes;     /* [3]; else silence */
  gboolean nameserver_answers_unknown_codes; /* [3]; else silence */
  gboolean mirrors_encoding;     /* an answer is encoded as its request was; else JSON */
  gint quoted_keys_from_version; /* route bodies: of the request's version */
  gint64 unregister_delay_us; /* stop: so long after the listener closed 104 is sent; 0: before */
  gint64 first_scan_us;       /* of the name server */
  gint64 scan_period_us;
  gboolean empty_is_null;               /* a text without letters, in a ROCKETMQ header */
  const char *faq_url;                  /* at the end of [17] */
  gint64 transaction_check_interval_ms; /* unless the broker's configuration says otherwise */
  const RmqSendProfile *send;
  const RmqConsumerProfile *consumer;
  const RmqPullProfile *pull;
  const RmqNameserverProfile *nameserver;
} RmqMockProfile;

#define RMQ_MOCK_PROFILE_DEFAULT "4.9"
/* name (nullable): the default. (nullable): no such version. */
const RmqMockProfile *rmq_mock_profile_find (const char *name);
char *rmq_mock_profile_join_names (void); /* "4.5.1, 4.9, 5.3" (transfer full) */

G_END_DECLS
