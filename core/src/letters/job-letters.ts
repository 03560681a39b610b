import { type Contribution, job, jobPath, letterTemplate, messages } from '@posthorn/sdk';
import { sqlTimestamp } from '../data/sql-timestamp.js';
import { UPLOAD_JOB } from '../import-export/upload-job.js';
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

const TELL_JOB = 'tell-job-end';

/** As it stands in the payload of the job that writes the letters. */
type Told = JobEnd & { readonly isFirst: boolean };

/**
 * Sees to it that whoever started the job gets a letter, where he wants one, and that administrators hear of a failure.
 * The letters are written by a job of the default queue: workers of other queues may run as somebody who cannot encrypt.
 */
export async function tellJobEnd(kernel: Kernel, letters: LettersService, end: JobEnd): Promise<void> {
  // A letter about a letter would go the same way.
  if ([LETTER_JOB, TELL_JOB].some((name) => end.job === `${KERNEL_ID}.${name}`)) return;
  const isFirst = end.outcome === 'failed' && (await isFirstOfDay(kernel, end));
  const hasStarter = (await starterOf(kernel, end)) !== undefined;
  if (!(isFirst || hasStarter) || !(await letters.isSetUp())) return;
  await kernel.jobs.queue.enqueue(`${KERNEL_ID}.${TELL_JOB}`, { ...end, isFirst } satisfies Told);
}

/** Writes the letters about one job. */
export const tellJob = (kernel: () => Kernel, letters: LettersService): Contribution =>
  job({
    id: TELL_JOB,
    title: t('Write letters about a job'),
    run: async (payload, context) => {
      const { isFirst, ...end } = payload as Told;
      const starter = await starterOf(kernel(), end);
      const administrators = isFirst ? await letters.administrators() : [];
      const data = {
        job: end.title === '' ? end.job : end.title,
        outcome: await outcomeOf(kernel(), end),
        link: `${kernel().config.baseUrl}${jobPath(end.id)}`,
        installation: (await kernel().parameters.read(kernelParameters)).instance_name,
      };
      await context.data.write(async () => {
        if (starter !== undefined) await letters.send({ ...starter, template: `${KERNEL_ID}.job-ended`, data });
        for (const reader of administrators)
          if (reader.to !== starter?.to) await letters.send({ ...reader, template: `${KERNEL_ID}.job-failed`, data });
      });
    },
  });

async function starterOf(kernel: Kernel, { job: name, startedBy, outcome }: JobEnd) {
  const id = startedBy?.id ?? null;
  if (id === null) return undefined;
  // Of an import that is done there is a letter of its own, and one that has failed nobody watches either.
  const isImport = name === `${KERNEL_ID}.${UPLOAD_JOB}`;
  const { job_letters: wish } = await kernel.parameters.readUser(userPreferences, id);
  if (outcome === 'done' ? isImport || wish !== 'ended' : !isImport && wish === 'none') return undefined;
  const account = await kernel.accounts.findById(id);
  const to = account === null ? undefined : ownAddress(account);
  return account === null || to === undefined || !account.is_active ? undefined : { to, language: account.language };
}

/** A job that fails every minute is told of once a day. */
async function isFirstOfDay(kernel: Kernel, { id, job }: JobEnd): Promise<boolean> {
  if (!(await kernel.parameters.read(kernelParameters)).job_failure_letters) return false;
  const dot = job.indexOf('.');
  const rows = await kernel.database.execute(
    `select id from core_job where extension = ? and name = ? and state = 'failed' and id < ? and finished_at > ?`,
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
