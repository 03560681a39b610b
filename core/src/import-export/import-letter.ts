import { type JobContext, letters, letterTemplate, messages } from '@posthorn/sdk';
import type { Kernel } from '../kernel.js';
import { KERNEL_ID } from '../kernel-extension.js';
import { ownAddress } from '../letters/letters-service.js';
import { kernelParameters } from '../parameters/kernel-parameters.js';
import { rowsDone } from './shown-verdict.js';
import { importPath, type Upload, type UploadResult } from './upload-store.js';

const t = messages('host');

export const importTemplate = letterTemplate({
  id: 'import-ended',
  title: t('To whoever had a file imported'),
  subject: t('{{installation}}: {{file}}'),
  text: t(`Hello,

the file that you sent has been dealt with: {{file}}

{{outcome}}

Refused: {{refused}}

{{link}}`),
  placeholders: {
    file: t('Name of the file'),
    outcome: t('How it ended'),
    refused: t('How many rows were refused'),
    link: t('Address of its page'),
    installation: t('Name of the installation'),
  },
});

/** Writes to whoever sent the file, where he has an address. */
export async function tellImport(
  kernel: Kernel,
  context: JobContext,
  { token, upload, result }: { readonly token: string; readonly upload: Upload; readonly result: UploadResult },
): Promise<void> {
  const account = await kernel.accounts.findById(upload.accountId);
  const to = account === null ? undefined : ownAddress(account);
  if (account === null || to === undefined) return;
  const { count, refused, complaint } = result;
  const isNothing = refused > 0 && !upload.wish.isPerRow;
  await context.get(letters).send({
    to,
    template: `${KERNEL_ID}.import-ended`,
    language: account.language,
    data: {
      file: upload.name,
      outcome: complaint?.text ?? (isNothing ? t('Nothing was imported.') : rowsDone(count)),
      refused,
      link: `${kernel.config.baseUrl}${importPath(token)}`,
      installation: (await kernel.parameters.read(kernelParameters)).instance_name,
    },
  });
}
