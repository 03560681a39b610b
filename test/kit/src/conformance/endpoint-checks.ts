import { EndpointRoutes } from '@posthorn/core';
import { defineExtension, plainText, role } from '@posthorn/sdk';
import type { TestHost } from '../test-host.js';
import type { Check, EndpointCall } from './check.js';
import { hostOf, preparedOn } from './subject.js';

type Route = EndpointRoutes['all'][number];

const NOBODY = 'conformance-nobody';
/** Signs in, and holds no permission at all. */
const nobody = defineExtension({
  id: NOBODY,
  version: '1.0.0',
  sdk: '^1.0.0',
  title: NOBODY,
  contributes: [role({ name: NOBODY, label: NOBODY, rank: 1 })],
});
/** What takes something away is called last. */
const ORDER = ['GET', 'POST', 'PUT', 'PATCH', 'DELETE'];

export const endpointCheck: Check = {
  id: 'endpoints',
  name: 'every endpoint has a summary, refuses strangers and answers what it says',
  mend: 'Give it a summary and a permission that the extension declares, and let `returns` say all that `run` answers with.',
  async look(s, o) {
    await using host = await hostOf(s, [nobody]);
    const { generation } = host.kernel;
    const routes = new EndpointRoutes(generation);
    const own = routes.all
      .filter(({ from }) => from === s.definition.id)
      .sort((a, b) => ORDER.indexOf(a.endpoint.method) - ORDER.indexOf(b.endpoint.method));
    const wrong = routes.refused
      .filter(({ from }) => from === s.definition.id)
      .map(({ item }) => `${item.method} ${item.path} has the address of another one, or none`);
    if (own.length === 0 && wrong.length === 0) return { skipped: 'it has no endpoints' };
    const known = new Set(generation.order.flatMap((d) => Object.keys({ ...d.permissions, ...d.claimedPermissions })));
    const { calls = {} } = await preparedOn(host, o);
    const tokens = { stranger: await tokenOf(host, NOBODY), root: await tokenOf(host, 'SuperAdmins') };
    for (const route of own) {
      const { method, path, permission, summary } = route.endpoint;
      const name = `${method} ${path}`;
      if (plainText(summary).trim() === '') wrong.push(`${name} has no summary`);
      if (!['public', 'signed-in'].includes(permission) && !known.has(permission))
        wrong.push(`${name} asks for the unknown permission ${permission}`);
      const given = calls[name];
      const [example] = method === 'GET' ? (route.endpoint.examples ?? []) : [];
      const call = given ?? (example?.query === undefined ? undefined : { query: example.query });
      const shut = permission === 'public' ? undefined : permission === 'signed-in' ? '' : tokens.stranger;
      if (shut !== undefined) {
        const { status } = await ask(host, route, shut, call);
        if (status !== 401 && status !== 403)
          wrong.push(`${name} answers ${status} to somebody without the permission`);
      }
      if (given === undefined && (method !== 'GET' || path.includes(':'))) continue;
      const { status, body } = await ask(host, route, tokens.root, call);
      if (status !== route.endpoint.status)
        wrong.push(`${name} answers ${status}: ${status === 500 ? host.reports.at(-1)?.message : body.slice(0, 300)}`);
    }
    return wrong;
  },
};

async function tokenOf(host: TestHost, roleName: string): Promise<string> {
  const { username } = await host.account({ role: roleName });
  const account = await host.kernel.accounts.findByUsername(username);
  return host.kernel.tokens.create({ accountId: account?.id ?? 0, label: 'conformance', expiresAt: undefined });
}

/** One real call; where it was not said how, names in the path stand for `1`. */
function ask(host: TestHost, { endpoint, path }: Route, token: string, call: EndpointCall = {}) {
  const at = path.replace(/:(\w+)/g, (_all, name: string) => encodeURIComponent(call.params?.[name] ?? '1'));
  const query = new URLSearchParams(call.query).toString();
  return host.guest.ask(query === '' ? at : `${at}?${query}`, {
    method: endpoint.method,
    headers: {
      accept: 'application/json',
      ...(token === '' ? {} : { authorization: `Bearer ${token}` }),
      ...(endpoint.method === 'GET' ? {} : { 'content-type': 'application/json' }),
    },
    ...(endpoint.method === 'GET' ? {} : { body: JSON.stringify(call.body ?? {}) }),
  });
}
