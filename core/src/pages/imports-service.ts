import {
  IMPORT_FILE_MAX,
  type ImportPage,
  type Imports,
  isMessage,
  type PageRequest,
  redirect,
  view,
} from '@posthorn/sdk';
import { problem } from '../errors.js';
import { ImportRows } from '../import-export/import-rows.js';
import { importPath, UploadStore } from '../import-export/upload-store.js';
import type { Kernel } from '../kernel.js';
import { enqueueUpload } from './import-page.js';

const MEGABYTE = 1_048_576;

/** Files that are imported on pages of extensions. */
export const importsService = (kernel: () => Kernel): Imports => ({
  form: (importPage, request, wrong) => {
    const say = (path: string): string | undefined => {
      const found = wrong?.issues.find((issue) => issue.path === path)?.message;
      return found === undefined ? undefined : isMessage(found) ? request.t(found) : found;
    };
    const complaint = wrong !== undefined && wrong.issues.length === 0 ? request.t(wrong.text) : undefined;
    const data = {
      action: importPage.path,
      back: importPage.back,
      listTitle: importPage.title,
      hasPasswords: importPage.hasPasswords,
      kinds: kindsOf(kernel(), importPage, request),
      megabytes: IMPORT_FILE_MAX / MEGABYTE,
      fileComplaint: say('sourcefile'),
      complaint,
      typed: request.typed,
    };
    const status = wrong === undefined ? undefined : wrong.status >= 500 ? 503 : 422;
    return view('host:import-form', importPage.title, data, status);
  },
  begin: async (importPage, file, wish, request) => {
    const { account, actor, context } = request;
    if (account === undefined) throw problem('E_FORBIDDEN', { permission: importPage.permission });
    const store = new UploadStore(kernel().config.directory);
    const token = await store.keep(file.content);
    try {
      await context.data.write(async () => {
        const checkJob = await enqueueUpload(kernel(), { token, isDryRun: true }, actor);
        const { title, back } = importPage;
        await store.write(token, { accountId: account.id, name: file.name, title, back, wish, checkJob });
      });
    } catch (error) {
      await store.remove(token);
      throw error;
    }
    return redirect(importPath(token));
  },
});

/** The columns of rows, as they stand in a file. */
const kindsOf = (kernel: Kernel, { kinds }: ImportPage, request: PageRequest) =>
  new ImportRows(kernel).kinds
    .filter(({ item }) => kinds.includes(item.kind) && request.actor.can(item.permission))
    .map(({ item }) => ({ title: request.t(item.title), row: [item.kind, ...Object.keys(item.columns)].join(';') }));
