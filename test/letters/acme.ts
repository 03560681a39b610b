import { defineExtension, type ExtensionContext, letters, letterTemplate, messages, role } from '@posthorn/sdk';
import { type TestHost, testHost } from '../kit/src/test-host.js';

const t = messages('acme');

/** An extension that sends one letter. */
export const acme = defineExtension({
  id: 'acme',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: 'Letters',
  contributes: [
    role({ name: 'SimpleUsers', label: 'Simple user', rank: 20 }),
    letterTemplate({
      id: 'hello',
      title: 'Hello',
      subject: t('Hello {{name}}'),
      text: t('Dear {{name}},\n\n{{what}}'),
      placeholders: { name: 'Who', what: 'What' },
    }),
  ],
});

export interface Post extends AsyncDisposable {
  readonly host: TestHost;
  readonly context: ExtensionContext;
  set(values: Readonly<Record<string, unknown>>): Promise<void>;
  send(o?: { readonly to?: string; readonly name?: string; readonly what?: string }): Promise<number | null>;
  /** Runs the job with this number. */
  run(id: number | null): Promise<{ readonly outcome: string; readonly error: string | null } | undefined>;
  /** What the job reported. */
  reported(id: number | null): Promise<readonly string[]>;
}

export async function post(o: { readonly database?: string; readonly clock?: () => Date } = {}): Promise<Post> {
  const host = await testHost({ with: [acme], ...o });
  const context = host.context('acme');
  const form = host.kernel.generation.order.find((d) => d.id === 'core')?.parameters?.[0];
  return {
    host,
    context,
    set: async (values) => {
      await host.kernel.parameters.write(form as never, values);
    },
    send: ({ to = 'alice@one.test', name = 'Alice', what = 'nothing' } = {}) =>
      context.get(letters).send({ to, template: 'acme.hello', data: { name, what } }),
    run: (id) => host.kernel.jobs.runner(['default']).runOne(id ?? 0),
    reported: async (id) => {
      const rows = await context.data.execute<{ said: string }>('select said from core_job_report where job_id = ?', [
        id,
      ]);
      return rows.map(({ said }) => JSON.stringify(JSON.parse(said)));
    },
    [Symbol.asyncDispose]: () => host[Symbol.asyncDispose](),
  };
}
