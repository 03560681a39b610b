import { isMessage, jobPath, letterTemplate, messages } from '@posthorn/sdk';
import { sqlTimestamp } from '../data/sql-timestamp.js';
import type { JobEnd } from '../jobs/job-runner.js';
import type { Kernel } from '../kernel.js';
import { KERNEL_ID } from '../kernel-extension.js';
import { kernelParameters } from '../parameters/kernel-parameters.js';
import { userPreferences } from '../parameters/user-preferences.js';
import { LETTER_JOB, type LettersService, ownAddress } from './letters-service.js';

const t = messages('host');
const DAY_MS = 86_400_000;

const placeholders = {
  job: t('What the job does'),
  outcome: t('How it ended'),
  link: t('Address of its page'),
  installation: t('Name of the installation'),
};

export const jobTemplates = [
  letterTemplate({
    id: 'job-ended',
    title: t('To whoever started a job'),
    subject: t('{{installation}}: {{job}}'),
    text: t(`Hello,

the job that you started has ended: {{job}}

{{outcome}}

{{link}}`),
    placeholders,
  }),
  letterTemplate({
    id: 'job-failed',
    title: t('To administrators, about a failed job'),
    subject: t('{{installation}}: a job has failed'),
    text: t(`Hello,

a job has failed and is not tried again: {{job}}

{{outcome}}

{{link}}

Of jobs of the same kind that fail within a day there is no further letter.`),
    placeholders,
  }),
];

/** Writes to whoever started the job, where he wants that, and of a failure to the administrators. */
export async function tellJobEnd(kernel: Kernel, letters: LettersService, end: JobEnd): Promise<void> {
  // A letter about a letter would go the same way.
  if (end.job === `${KERNEL_ID}.${LETTER_JOB}`) return;
  const starter = await starterOf(kernel, end);
  const isForAll = end.outcome === 'failed' && (await isFirstOfDay(kernel, end));
  if (starter === undefined && !isForAll) return;
  if (!(await letters.isSetUp())) return;
  const data = {
    job: isMessage(end.title) || end.title !== '' ? end.title : end.job,
    outcome: await outcomeOf(kernel, end),
    link: `${kernel.config.baseUrl}${jobPath(end.id)}`,
    installation: (await kernel.parameters.read(kernelParameters)).instance_name,
  };
  const send = (template: string, to: readonly { readonly to: string; readonly language?: string }[]) =>
    kernel.database.write(async () => {
      for (const reader of to) await letters.send({ ...reader, template: `${KERNEL_ID}.${template}`, data });
    });
  if (starter !== undefined) await send('job-ended', [starter]);
  if (!isForAll) return;
  const administrators = await letters.administrators();
  await send(
    'job-failed',
    administrators.filter(({ to }) => to !== starter?.to),
  );
}

async function starterOf(kernel: Kernel, { startedBy, outcome }: JobEnd) {
  const id = startedBy?.id ?? null;
  if (id === null) return undefined;
  const { job_letters: wish } = await kernel.parameters.readUser(userPreferences, id);
  if (wish === 'none' || (wish === 'failed' && outcome === 'done')) return undefined;
  const account = await kernel.accounts.findById(id);
  const to = account === null ? undefined : ownAddress(account);
  return account === null || to === undefined || !account.is_active ? undefined : { to, language: account.language };
}

/** A job that fails every minute is told of once a day. */
async function isFirstOfDay(kernel: Kernel, { id, job }: JobEnd): Promise<boolean> {
  if (!(await kernel.parameters.read(kernelParameters)).job_failure_letters) return false;
  const dot = job.indexOf('.');
  const rows = await kernel.database.execute(
    `select id from core_job where extension = ? and name = ? and state = 'failed' and id <> ? and finished_at > ?`,
    [job.slice(0, dot), job.slice(dot + 1), id, sqlTimestamp(new Date(Date.now() - DAY_MS))],
  );
  return rows.length === 0;
}

async function outcomeOf(kernel: Kernel, { id, outcome, error }: JobEnd) {
  if (outcome === 'failed') return t('It has failed: {{error}}', { error: error ?? '' });
  const reported = (await kernel.jobs.driver.find(id))?.reported ?? 0;
  if (reported === 0) return t('Everything was done.');
  return t(
    {
      one: 'It is done; {{count}} thing is reported on its page.',
      other: 'It is done; {{count}} things are reported on its page.',
    },
    { count: reported },
  );
}
