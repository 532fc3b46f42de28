// SPDX-License-Identifier: Apache-2.0
import assert from 'node:assert';
import { after, before, describe, test } from 'node:test';
import ons from 'ali-ons';
import { newCluster, serve } from './lab.mjs';

let served;
before(async () => { served = await serve(); });
after(() => {
  served.end();
  setTimeout(() => process.exit(), 200).unref(); // timers of this client outlive its close ()
});

const logger = { info() {}, debug() {}, warn() {}, error() {} };

async function newProducer(t, cluster) {
  const producer = new ons.Producer({
    producerGroup: 'PG_ORDERS',
    instanceName: t.name, // else all tests share one client
    nameSrv: cluster.namesrv.split(';'),
    httpclient: { request: async () => ({ status: 404, data: '' }) }, // asks no address server
    logger,
  });
  producer.on('error', () => {});
  await producer.ready();
  cluster.clients.push(producer);
  return producer;
}

const order = () => new ons.Message('Orders', 'tag', 'an order');

describe('orders', { concurrency: true }, () => {
  test('lost answers make duplicates', async t => {
    // Stored, but each broker says once that it failed. (This client never tries the same broker
    // twice in a row: it needs a second one.)
    const cluster = await newCluster(served, t, 2);
    const producer = await newProducer(t, cluster);
    for (const target of ['broker-a', 'broker-b']) {
      await cluster.call('POST', '/v1/outages', { target, verb: 'answer', code: 'SYSTEM_ERROR',
        amount: 'next 1', what: 'send requests', afterStore: true });
    }
    await producer.send(order());
    await cluster.expect('attempts to broker-a in 1..2');
    assert.equal((await cluster.messages('Orders')).length, 3);
  });

  test('a dead broker comes back', async t => {
    const cluster = await newCluster(served, t);
    const producer = await newProducer(t, cluster);
    const outage = await cluster.call('POST', '/v1/outages', { target: 'broker-a', verb: 'kill' });
    await assert.rejects(producer.send(order()));
    await cluster.call('DELETE', `/v1/outages/${outage.id}`);
    await producer.send(order());
    await cluster.expect('sends to broker-a = 1');
  });
});
