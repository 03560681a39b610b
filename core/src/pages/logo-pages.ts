import { action, type Contribution, field, invalid, isMessage, messages, redirect, type Text } from '@posthorn/sdk';
import { LOGO_MAX } from '../branding/logo-file.js';
import { LOGO_VARIANTS } from '../branding/logo-store.js';
import type { Kernel } from '../kernel.js';
import { KERNEL_ID } from '../kernel-extension.js';
import { showParameters } from './parameter-pages.js';

const t = messages('host');
const permission = 'core.manage_parameters';
const PAGE = `/core/parameters/${KERNEL_ID}/`;

/** The installation's own logo. The form stands on the page of the kernel's parameters. */
export const logoPages = (kernel: () => Kernel): readonly Contribution[] => [
  action({
    path: '/core/parameters/core/logo/',
    permission,
    files: {
      light: { label: t('Logo'), max: LOGO_MAX },
      dark: { label: t('Logo for dark pages'), max: LOGO_MAX },
    },
    run: async ({ files, notice, context }) => {
      const chosen = LOGO_VARIANTS.flatMap((variant) => {
        const file = files[variant];
        return file === undefined ? [] : [{ variant, content: Buffer.from(file.content) }];
      });
      if (chosen.length === 0) throw invalid([{ path: 'light', message: t('is required') }]);
      // Both or neither: a refused one leaves nothing half done.
      await context.data.write(async () => {
        for (const { variant, content } of chosen) await kernel().logos.write(variant, content);
      });
      // Again after the commit: who read in between may have kept the ones of before.
      kernel().logos.refresh();
      notice('success', t('The logo was saved.'));
      return redirect(`${PAGE}#logo`);
    },
    onInvalid: async (request, problem) => {
      const answer = await showParameters(kernel(), request, KERNEL_ID);
      const say = (text: Text): string => (isMessage(text) ? request.t(text) : text);
      const complaints = Object.fromEntries(problem.issues.map(({ path, message }) => [path, say(message)]));
      return answer.kind === 'view' ? { ...answer, data: { ...answer.data, complaints } } : answer;
    },
  }),
  action({
    path: '/core/parameters/core/logo/remove/',
    permission,
    body: { variant: field.choice({ label: t('Logo'), choices: LOGO_VARIANTS }) },
    run: async ({ body, notice }) => {
      await kernel().logos.remove([body.variant]);
      notice('success', t('The logo was removed.'));
      return redirect(`${PAGE}#logo`);
    },
  }),
];
