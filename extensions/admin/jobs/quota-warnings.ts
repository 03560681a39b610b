import {
  access,
  accounts,
  instance,
  isProblem,
  type JobContext,
  job,
  type Letter,
  type LetterReader,
  letters,
  messages,
} from '@posthorn/sdk';
import { DOMAIN_KIND, SIMPLE_USERS } from '../contract/names.js';
import { adminParameters } from '../contract/parameters.js';
import { MEGABYTE } from '../contract/quota.js';
import { size } from '../pages/format.js';
import { type Filled, filledUp, keepThreshold } from '../services/quota-crossings.js';

const t = messages('admin');

/** Rows of one transaction. */
const BATCH = 50;
/** Lines of the letter to administrators. */
const LISTED = 200;
/** A mailbox that takes nothing more takes no letter either. */
const FULL = 100;

/**
 * Looks at what mailboxes and domains use, and tells of each threshold that is crossed upwards, once: what was told is
 * kept in the transaction of its letter, and forgotten when the use falls below.
 */
export const quotaWarnings = job({
  id: 'quota-warnings',
  title: t('Warn of full mailboxes'),
  cron: '*/30 * * * *',
  exclusive: 'cluster',
  timeoutMs: 600_000,
  async run(_payload, context) {
    const p = await context.parameters(adminParameters);
    const thresholds = p.quota_warnings ? p.quota_warning_thresholds.map(Number) : [];
    const crossed: Filled[] = [];
    for await (const page of filledUp(context.data, thresholds)) {
      const moved = page.filter(({ threshold, before }) => threshold !== before);
      for (let at = 0; at < moved.length; at += BATCH) {
        context.signal.throwIfAborted();
        const batch = moved.slice(at, at + BATCH);
        await context.data.write(async () => {
          for (const one of batch) {
            await keepThreshold(context.data, one);
            if (one.threshold > one.before) await tellOwners(context, one);
          }
        });
        crossed.push(...batch.filter(({ threshold, before }) => threshold > before));
      }
    }
    if (crossed.length > 0) await tellAdministrators(context, crossed);
  },
});

const sizes = ({ usedBytes, quota, percent }: Filled, language: string) => ({
  used: size(usedBytes / MEGABYTE, language),
  quota: size(quota, language),
  percent,
});

async function tellOwners(context: JobContext, one: Filled): Promise<void> {
  if (one.kind === 'domain') return tellDomainAdministrators(context, one);
  const to = one.percent >= FULL && one.secondary !== '' ? one.secondary : one.name;
  await sendLetter(context, {
    to,
    template: 'admin.quota-warning',
    language: one.language,
    data: { address: one.name, ...sizes(one, one.language) },
  });
}

async function tellDomainAdministrators(context: JobContext, one: Filled): Promise<void> {
  for (const { accountId } of await context.get(access).holders(DOMAIN_KIND, one.id)) {
    const account = await context.get(accounts).findById(accountId);
    if (account === null || !account.is_active || account.is_superuser || account.role === SIMPLE_USERS) continue;
    const to = account.email === '' ? (account.secondary_email ?? '') : account.email;
    if (to === '') continue;
    await sendLetter(context, {
      to,
      template: 'admin.domain-quota-warning',
      language: account.language,
      data: { domain: one.name, ...sizes(one, account.language), installation: context.get(instance).baseUrl },
    });
  }
}

async function tellAdministrators(context: JobContext, crossed: readonly Filled[]): Promise<void> {
  const worst = crossed.toSorted((a, b) => b.percent - a.percent);
  const readers: readonly LetterReader[] = await context.get(letters).administrators();
  await context.data.write(async () => {
    for (const { to, language } of readers) {
      const lines = worst.slice(0, LISTED).map((one) => {
        const { used, quota, percent } = sizes(one, language ?? context.get(instance).language);
        return `${one.name}: ${percent} % (${used} / ${quota})`;
      });
      const more = worst.length > LISTED ? ['…'] : [];
      await sendLetter(context, {
        to,
        template: 'admin.quota-summary',
        ...(language === undefined ? {} : { language }),
        data: {
          count: crossed.length,
          list: [...lines, ...more].join('\n'),
          installation: context.get(instance).baseUrl,
        },
      });
    }
  });
}

/** An address that letters cannot be sent to must not keep the others from theirs. */
async function sendLetter(context: JobContext, letter: Letter): Promise<void> {
  try {
    await context.get(letters).send(letter);
  } catch (error) {
    if (!isProblem(error) || error.code !== 'E_LETTER_ADDRESS') throw error;
    context.log.warn({ to: letter.to, template: letter.template }, 'no letter can be sent to this address');
  }
}
