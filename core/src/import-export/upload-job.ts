import { type Contribution, type ImportRequest, isProblem, type JobContext, job, messages } from '@posthorn/sdk';
import { withOrigin } from '../audit/origin.js';
import { problem } from '../errors.js';
import type { Kernel } from '../kernel.js';
import { ImportFiles, type Stage } from './import-files.js';
import { tellImport } from './import-letter.js';
import { ImportRows } from './import-rows.js';
import { storedVerdict } from './shown-verdict.js';
import { type StoredVerdict, type Upload, type UploadResult, UploadStore } from './upload-store.js';

const t = messages('host');

export const UPLOAD_JOB = 'import-file';
const DAY_MS = 86_400_000;
/** On SQLite, nobody else writes while rows are tried. */
const TRY_MS = 4_000;
/** Verdicts written at once. */
const CHUNK = 200;

export interface UploadPayload {
  readonly token: string;
  readonly isDryRun: boolean;
}

/** Tries or imports a file that was sent by a page, with the rights that its sender has by then. */
export const uploadJobs = (kernel: () => Kernel): readonly Contribution[] => [
  job({
    id: UPLOAD_JOB,
    title: t('Import a file'),
    timeoutMs: DAY_MS,
    retries: 3,
    exclusive: 'cluster',
    run: async (payload, context) => {
      const { token, isDryRun } = payload as UploadPayload;
      const store = new UploadStore(kernel().config.directory);
      const upload = await store.read(token);
      const actor = await senderOf(kernel(), upload, context);
      const result = await withOrigin({ door: 'import' }, () =>
        work(kernel(), store, { token, upload, isDryRun, actor, context }),
      );
      if (isDryRun) {
        await store.change(token, { tried: result });
        return;
      }
      await store.change(token, { imported: result });
      await store.forgetRows(token);
      await tellImport(kernel(), context, { token, upload, result });
    },
  }),
  job({
    id: 'purge-imports',
    title: t('Remove files that were sent to be imported'),
    cron: '41 3 * * *',
    run: async () => {
      await new UploadStore(kernel().config.directory).purge(DAY_MS);
    },
  }),
];

async function senderOf(kernel: Kernel, { accountId }: Upload, context: JobContext): Promise<ImportRequest['actor']> {
  const account = await kernel.accounts.findById(accountId);
  if (account === null || !account.is_active) {
    throw problem('E_ACCOUNT_NOT_FOUND', { username: context.startedBy?.username ?? '' });
  }
  return { ...(await kernel.accounts.actor(account, 'job')), door: 'import' };
}

async function work(
  kernel: Kernel,
  store: UploadStore,
  o: {
    readonly token: string;
    readonly upload: Upload;
    readonly isDryRun: boolean;
    readonly actor: ImportRequest['actor'];
    readonly context: JobContext;
  },
): Promise<UploadResult> {
  const { token, upload, isDryRun, actor, context } = o;
  let waiting: StoredVerdict[] = [];
  let total: number | undefined;
  let stages = Promise.resolve();
  const flush = () => {
    store.addVerdicts(token, waiting);
    waiting = [];
  };
  const begin = (stage: Stage): void => {
    waiting = [];
    store.clearVerdicts(token);
    const part = { since: Date.now(), ...(stage === 'make' && total !== undefined ? { total } : {}) };
    stages = stages.then(() => store.change(token, part));
  };
  begin('check');
  try {
    const { wish } = upload;
    const { refused, accepted, count, isCut } = await new ImportFiles(kernel, new ImportRows(kernel), {
      files: [{ path: store.rows(token), name: upload.name }],
      separator: wish.separator,
      request: { actor, areClearPasswords: wish.areClearPasswords, signal: context.signal },
      continueIfExists: wish.continueIfExists,
      isPerRow: wish.isPerRow,
      isDryRun,
      ...(kernel.database.dialect === 'sqlite' ? { tryMs: TRY_MS } : {}),
      onStage: begin,
      onRow: (stage, done) => {
        if (stage === 'check') total = done;
        void context.progress(done, stage === 'check' ? undefined : total);
      },
      onVerdict: (verdict) => {
        waiting.push(storedVerdict(verdict));
        if (waiting.length >= CHUNK) flush();
      },
    }).run();
    flush();
    await stages;
    return { count: isCut ? (total ?? count) : count, refused, accepted, isCut };
  } catch (error) {
    await stages;
    if (!isProblem(error) || error.kind === 'temporary') throw error;
    return { count: 0, refused: 0, accepted: 0, isCut: false, complaint: { text: error.text, hint: error.hint } };
  }
}
