import {
  defineExtension,
  type ExtensionContext,
  type JobStarter,
  job,
  jobQueue,
  messages,
  migration,
  z,
} from '@posthorn/sdk';

const t = messages('acme-letters');

export const forget = job({
  id: 'forget',
  title: t('Forget old letters'),
  cron: '12 3 * * *',
  exclusive: 'cluster',
  timeoutMs: 600_000,
  run: async (_payload, context) => {
    for (let gone = 0, count = 1; count > 0; gone += count) {
      context.signal.throwIfAborted();
      count = await forgetSome(context, 100);
      await context.progress(gone + count);
    }
  },
});

const Sending = z.object({ letter: z.int(), to: z.array(z.string()) });

export const send = job({
  id: 'send',
  title: t('Send a letter'),
  exclusive: 'subject',
  subject: (payload) => String(Sending.parse(payload).letter),
  retries: 5,
  run: async (payload, context) => {
    const { letter, to } = Sending.parse(payload);
    for (const [at, address] of to.entries()) {
      context.signal.throwIfAborted();
      if (address.includes('@')) await deliverOnce(context, letter, address);
      else await context.report([{ subject: address, text: t('is no address') }]);
      await context.progress(at + 1, to.length);
    }
  },
});

export const sendLetter = (context: ExtensionContext, letter: number, to: readonly string[], by: JobStarter) =>
  context.get(jobQueue).enqueue('acme-letters.send', { letter, to }, { by });

/** What was delivered is remembered, so that a run that is repeated delivers nothing twice. */
async function deliverOnce({ data }: ExtensionContext, letter: number, address: string): Promise<void> {
  await data.write(async () => {
    const known = await data.execute('select id from acme_letters_sent where letter = ? and address = ?', [
      letter,
      address,
    ]);
    if (known.length === 0)
      await data.execute('insert into acme_letters_sent (letter, address) values (?, ?)', [letter, address]);
  });
}

async function forgetSome({ data }: ExtensionContext, most: number): Promise<number> {
  return data.write(async () => {
    const rows = await data.execute(`select id from acme_letters_sent order by id limit ${most}`);
    for (const { id } of rows) await data.execute('delete from acme_letters_sent where id = ?', [id]);
    return rows.length;
  });
}

const initial = migration({
  name: 'acme-letters/0001-initial',
  up: (ddl) =>
    ddl.createTable('acme_letters_sent', {
      columns: { id: { type: 'id' }, letter: { type: 'integer' }, address: { type: 'string(254)' } },
    }),
  down: (ddl) => ddl.dropTable('acme_letters_sent'),
});

export default defineExtension({
  id: 'acme-letters',
  version: '1.0.0',
  sdk: '^1.0.0',
  title: t('Letters'),
  migrations: [initial],
  contributes: [forget, send],
});
