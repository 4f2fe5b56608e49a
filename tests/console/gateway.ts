// A gateway of our own that the product sends by: it keeps what it is given, and tells what people write.
import { expect, type APIRequestContext } from '@playwright/test';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { api, OWNER } from './kit';

export interface Text {
  to: string;
  text: string;
}

export async function startGateway() {
  const texts: Text[] = [];
  const server = createServer((request, response) => {
    let body = '';
    request.on('data', (part: Buffer) => (body += part.toString()));
    request.on('end', () => {
      const { to, text } = JSON.parse(body) as Text;
      texts.push({ to, text });
      response.setHeader('Content-Type', 'application/json').end(JSON.stringify({ id: `gateway-${texts.length}` }));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}/send`, texts, stop: () => server.close() };
}

/** Sets the gateway up as a provider. What people write is told to the address that the product gave for it. */
export async function addGateway(request: APIRequestContext, url: string) {
  const signedIn = await request.post(`${api()}/api/auth/login`, { data: { email: OWNER.email, password: OWNER.password } });
  const { accessToken } = (await signedIn.json()) as { accessToken: string };
  const made = await request.post(`${api()}/api/providers`, {
    headers: { Authorization: `Bearer ${accessToken}` },
    data: {
      kind: 'CUSTOM',
      channel: 'SMS',
      name: 'Gateway',
      isActive: true,
      settings: { request: { url, body: { kind: 'json', template: { to: '{{to}}', text: '{{body}}' } } }, inbound: {} },
    },
  });
  expect(made.status(), await made.text()).toBe(201);
  const { webhookUrl } = (await made.json()) as { webhookUrl: string };
  return {
    tell: async (inbound: object) => {
      const told = await request.post(api() + new URL(webhookUrl).pathname, { data: inbound });
      expect(told.status()).toBe(200);
    },
  };
}
