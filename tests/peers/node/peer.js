// SPDX-License-Identifier: Apache-2.0

// A service on the Node client ali-ons, driven from outside as every client of tests/peers is; its
// words and lines are those of ../java/Peer.java, described in ../README.md.
'use strict';
const { Producer, Consumer, Message } = require('ali-ons');

const EACH = 10;
const BIG_BODY = 6000; // above the 4096 bytes from which the client compresses
const [mode, namesrv, topic, ...rest] = process.argv.slice(2);
const logger = { info() {}, debug() {}, warn() {}, error(...words) { console.error(...words); } };
const options = {
  nameSrv: [namesrv], logger, pollNameServerInteval: 1000, heartbeatBrokerInterval: 1000,
  persistConsumerOffsetInterval: 1000, httpclient: { request: async () => ({ status: 404, data: '' }) },
};

function say(...words) {
  console.log(words.map(word => String(word).replace(/[\t\n]/g, ' ')).join('\t'));
}

function message(kind, i) {
  let body = `${kind}-${i} grün`;
  while (kind === 'big' && body.length < BIG_BODY) body += String.fromCharCode(97 + body.length % 26);
  const m = new Message(topic, `Tag-${kind}`, body);
  m.keys = [`${kind}-key-${i}`];
  m.properties.colour = `blau-grün ${i}`;
  return m;
}

async function sendOne(producer, kind, i, m) {
  try {
    const r = await producer.send(m);
    say(kind, i, r.sendStatus, r.msgId, r.offsetMsgId || r.msgId,
      `${r.messageQueue.brokerName}:${r.messageQueue.queueId}`);
  } catch (error) {
    say(kind, i, 'ERROR', error.message);
  }
}

const kinds = {
  async big(producer) { await sendOne(producer, 'big', 0, message('big', 0)); },
  async delay(producer) {
    const m = message('delay', 0);
    m.delayTimeLevel = 1;
    await sendOne(producer, 'delay', 0, m);
  },
  async selector(producer) {
    for (let i = 0; i < EACH; i++) {
      const m = message('selector', i);
      m.shardingKey = `key${i % 3}`;
      await sendOne(producer, 'selector', i, m);
    }
  },
};

async function sendEach(producer, kind) {
  for (let i = 0; i < EACH; i++) await sendOne(producer, kind, i, message(kind, i));
}

async function load(producer, count, period) {
  const begin = Date.now();
  for (let i = 0; i < count; i++) {
    const wait = begin + i * period - Date.now();
    if (wait > 0) await new Promise(resolve => setTimeout(resolve, wait));
    await sendOne(producer, 'load', i, message('load', i));
  }
}

async function produce() {
  const producer = new Producer({ ...options, producerGroup: 'PG_PEER_NODE' });
  producer.on('error', error => console.error('producer', error.message));
  await producer.ready();
  if (mode === 'load') await load(producer, Number(rest[0]), Number(rest[1]));
  else for (const kind of rest) await (kinds[kind] || (p => sendEach(p, kind)))(producer);
  await producer.close();
}

async function consume(tags, group, order) {
  const consumer = new Consumer({
    ...options, consumerGroup: group, isOrderly: order === 'orderly',
    consumeFromWhere: 'CONSUME_FROM_FIRST_OFFSET',
  });
  consumer.on('error', error => console.error('consumer', error.message));
  consumer.subscribe(topic, tags, async m => {
    say(`${m.brokerName || '?'}:${m.queueId}`, m.queueOffset, m.msgId, m.tags, m.keys,
      m.properties.colour, m.body.toString('base64'), m.reconsumeTimes);
  });
  await consumer.ready();
  say('ready', group);
  await new Promise(resolve => process.stdin.on('end', resolve).resume());
  await consumer.close();
}

(mode === 'consume' ? consume(...rest) : produce())
  .then(() => process.exit(0), error => { console.error(error); process.exit(1); });
