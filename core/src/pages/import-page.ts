import {
  type Actor,
  action,
  type Contribution,
  download,
  messages,
  type PageRequest,
  page,
  redirect,
  view,
} from '@posthorn/sdk';
import { problem } from '../errors.js';
import { writeCsv } from '../import-export/csv-writer.js';
import { verdictReason } from '../import-export/shown-verdict.js';
import { UPLOAD_JOB, type UploadPayload } from '../import-export/upload-job.js';
import {
  IMPORTS_PATH,
  importPath,
  type Upload,
  type UploadResult,
  UploadStore,
} from '../import-export/upload-store.js';
import { VERDICTS_MAX } from '../import-export/verdicts.js';
import { findJob } from '../jobs/job-control.js';
import type { Kernel } from '../kernel.js';
import { KERNEL_ID } from '../kernel-extension.js';
import { isDue, jobRow } from './job-row.js';

const t = messages('host');

export async function enqueueUpload(kernel: Kernel, payload: UploadPayload, by: Actor): Promise<number> {
  const id = await kernel.jobs.queue.enqueue(`${KERNEL_ID}.${UPLOAD_JOB}`, payload, { by });
  if (id === null) throw new Error('a job without a key was not enqueued');
  return id;
}

/** The file, for whoever has sent it; for others it is not there. */
async function reach(store: UploadStore, { account, params }: PageRequest): Promise<Upload & { token: string }> {
  const token = params.token ?? '';
  const upload = await store.read(token);
  if (account === undefined || upload.accountId !== account.id) throw problem('E_IMPORT_GONE');
  return { ...upload, token };
}

/** A verdict as the page has it. */
interface Shown {
  readonly line: number;
  readonly kind: string;
  readonly field: string;
  readonly isAccepted: boolean;
  readonly reason: string;
  readonly why: string | undefined;
}

/** Whether it may be imported after it was tried. */
const isReady = ({ tried, imported, importJob, wish }: Upload): boolean =>
  imported === undefined &&
  importJob === undefined &&
  tried !== undefined &&
  tried.complaint === undefined &&
  (tried.refused === 0 || (wish.isPerRow && tried.count > 0));

/** How fast rows go and how long they take, from when the present stage began. */
function pace(done: number, { since, total }: Upload, request: PageRequest) {
  const seconds = since === undefined ? 0 : (Date.now() - since) / 1_000;
  if (done === 0 || seconds < 1) return undefined;
  const rate = done / seconds;
  const left = total === undefined ? undefined : Math.max(0, (total - done) / rate);
  const number = (value: number) => new Intl.NumberFormat(request.locale, { maximumFractionDigits: 0 }).format(value);
  const minutes = left === undefined ? 0 : Math.ceil(left / 60);
  return {
    rate: request.t(t('{{rate}} rows per second', { rate: number(rate) })),
    left:
      left === undefined
        ? ''
        : left < 60
          ? request.t(t('less than a minute left'))
          : request.t(t({ one: '{{count}} minute left', other: '{{count}} minutes left' }, { count: minutes })),
  };
}

const result = (found: UploadResult | undefined, request: PageRequest) =>
  found === undefined
    ? undefined
    : {
        ...found,
        complaint: found.complaint === undefined ? undefined : request.t(found.complaint.text),
        hint: found.complaint?.hint === undefined ? undefined : request.t(found.complaint.hint),
      };

/** A file that was sent: what would become of it, and then what became of it. */
export const importPage = (kernel: () => Kernel): readonly Contribution[] => {
  const store = () => new UploadStore(kernel().config.directory);
  return [
    page({
      path: `${IMPORTS_PATH}:token/`,
      permission: 'signed-in',
      load: async (request) => {
        const upload = await reach(store(), request);
        const row = await findJob(kernel().jobs.driver, upload.importJob ?? upload.checkJob).catch(() => undefined);
        const verdicts: Shown[] = [];
        for await (const one of store().verdicts(upload.token)) {
          const { line, kind, field, verdict, why } = one;
          verdicts.push({
            line,
            kind,
            field,
            isAccepted: verdict === 'exists',
            reason: verdictReason(one, request.t),
            why,
          });
          if (verdicts.length >= VERDICTS_MAX) break;
        }
        const shown = row === undefined ? undefined : jobRow(kernel(), request, row);
        return view('import', upload.title, {
          upload: { name: upload.name, isPerRow: upload.wish.isPerRow, back: upload.back },
          base: importPath(upload.token),
          isImport: upload.importJob !== undefined,
          tried: result(upload.tried, request),
          imported: result(upload.imported, request),
          verdicts,
          job: shown,
          pace: row?.state === 'active' ? pace(row.done, upload, request) : undefined,
          isRunning: row !== undefined && isDue(row),
          isReady: isReady(upload),
          url: request.url,
        });
      },
    }),
    page({
      path: `${IMPORTS_PATH}:token/verdicts/`,
      permission: 'signed-in',
      load: async (request) => {
        const { token } = await reach(store(), request);
        const heads = [t('Line'), t('Kind'), t('Field'), t('Verdict'), t('Code'), t('Reason')];
        const words = { exists: request.t(t('is there already')), refused: request.t(t('refused')) };
        async function* rows() {
          yield heads.map((head) => request.t(head));
          for await (const one of store().verdicts(token)) {
            yield [one.line, one.kind, one.field, words[one.verdict], one.code, verdictReason(one, request.t)];
          }
        }
        async function* content() {
          // Programs for tables take UTF-8 for something else without it.
          yield '\ufeff';
          yield* writeCsv(rows(), ',');
        }
        return download({ filename: 'import.csv', type: 'text/csv; charset=utf-8', content: content() });
      },
    }),
    action({
      path: `${IMPORTS_PATH}:token/run/`,
      permission: 'signed-in',
      run: async (request) => {
        const upload = await reach(store(), request);
        // Sent twice, it is imported once.
        if (!isReady(upload)) return redirect(importPath(upload.token));
        await request.context.data.write(async () => {
          const payload = { token: upload.token, isDryRun: false };
          const importJob = await enqueueUpload(kernel(), payload, request.actor);
          await store().change(upload.token, { importJob });
        });
        return redirect(importPath(upload.token));
      },
    }),
    action({
      path: `${IMPORTS_PATH}:token/discard/`,
      permission: 'signed-in',
      run: async (request) => {
        const { token, back, checkJob, importJob } = await reach(store(), request);
        await kernel().jobs.driver.cancel(importJob ?? checkJob);
        await store().remove(token);
        request.notice('info', t('The file was removed.'));
        return redirect(back);
      },
    }),
  ];
};
