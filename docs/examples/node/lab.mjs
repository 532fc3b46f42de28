// SPDX-License-Identifier: Apache-2.0

// One served process, one cluster a test. RMQLAB names the program if it isn't on the path.
import assert from 'node:assert';
import { spawn } from 'node:child_process';
import { createInterface } from 'node:readline';

class Cluster {
  constructor(base, namesrv) {
    Object.assign(this, { base, namesrv, clients: [] });
  }

  async call(method, path, body) {
    const answer = await fetch(this.base + path, { method, body: body && JSON.stringify(body) });
    const said = await answer.json();
    assert.ok(answer.ok, JSON.stringify(said));
    return said;
  }

  async expect(claim, within = '5s') {
    const found = await this.call('POST', '/v1/expect', { expect: claim, within });
    assert.equal(found.verdict, 'ok', JSON.stringify(found));
  }

  async messages(topic) {
    return (await this.call('GET', `/v1/messages?topic=${topic}`)).messages;
  }
}

export async function serve() {
  const child = spawn(process.env.RMQLAB || 'rmqlab', ['serve', '--exit-with-parent'],
    { stdio: ['ignore', 'pipe', 'ignore'] });
  const { value } = await createInterface({ input: child.stdout })[Symbol.asyncIterator]().next();
  const [, namesrv, http] = value.match(/^ready namesrv=(\S+) http=(\S+)$/);
  const served = new Cluster(`http://${http}`, namesrv);
  served.end = () => child.kill();
  return served;
}

// The test's own; it ends with the test, after its clients.
export async function newCluster(served, test, brokers = 1) {
  const made = await served.call('POST', '/v1/clusters', { brokers, topics: ['Orders:4'] });
  const cluster = new Cluster(`${served.base}/v1/clusters/${made.id}`, made.namesrv);
  test.after(async () => {
    for (const client of cluster.clients) await client.close();
    await served.call('DELETE', `/v1/clusters/${made.id}`);
  });
  return cluster;
}
