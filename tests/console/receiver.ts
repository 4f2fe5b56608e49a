// A program of our own that webhook endpoints call: it keeps what it is told, checks the signature, and answers as it is set to.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

export interface Told {
  id: string;
  type: string;
  /** Whether it was signed by the secret that was set. */
  genuine: boolean;
}

export async function startReceiver() {
  const told: Told[] = [];
  const setup = { secret: '', status: 200 };
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      const header = (name: string) => String(request.headers[name] ?? '');
      const id = header('webhook-id');
      const key = Buffer.from(setup.secret.replace('whsec_', ''), 'base64');
      const ours = createHmac('sha256', key).update(`${id}.${header('webhook-timestamp')}.${body}`).digest();
      const genuine = header('webhook-signature')
        .split(' ')
        .map((one) => Buffer.from(one.replace('v1,', ''), 'base64'))
        .some((theirs) => theirs.length === ours.length && timingSafeEqual(theirs, ours));
      told.push({ id, type: (JSON.parse(body) as { type: string }).type, genuine });
      response.statusCode = setup.status;
      response.end();
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/told`, told, setup, stop: () => server.close() };
}
