import { readFile } from 'node:fs/promises';
import { type Contribution, command, field, messages } from '@posthorn/sdk';
import { problem } from '../errors.js';
import type { Kernel } from '../kernel.js';
import { LOGO_VARIANTS } from './logo-store.js';

const t = messages('host');
const permission = 'core.manage_parameters';

/** The logo at the command line, for machines that are set up by scripts. */
export const logoCommands = (kernel: () => Kernel): readonly Contribution[] => [
  command({
    noun: 'logo',
    verb: 'set',
    summary: t('Show another logo on every page'),
    description: t('A PNG, WebP or SVG of at most 64 kB. With --dark it is the one for dark pages.'),
    examples: ['logo set logo.svg', 'logo set logo-dark.svg --dark'],
    permission,
    positional: ['file'],
    input: {
      file: field.string({ label: t('File'), max: 4_096 }),
      dark: field.boolean({ label: t('Dark'), help: t('For dark pages, in place of the other one.') }).default(false),
    },
    run: async ({ file: path, dark }, c) => {
      let content: Buffer;
      try {
        content = await readFile(path);
      } catch (error) {
        throw problem('E_FILE_READ', { path, reason: (error as NodeJS.ErrnoException).code ?? 'unreadable' });
      }
      const { file, type } = await kernel().logos.write(dark ? 'dark' : 'light', content, 'file');
      c.out.item({ variant: dark ? 'dark' : 'light', file, type, bytes: content.length });
    },
  }),
  command({
    noun: 'logo',
    verb: 'remove',
    summary: t('Show the logo that belongs to Posthorn again'),
    examples: ['logo remove'],
    permission,
    input: {},
    run: async (_, c) => {
      const before = await kernel().logos.read();
      await kernel().logos.remove();
      c.out.item({ removed: LOGO_VARIANTS.filter((variant) => before[variant] !== undefined).join(' ') });
    },
  }),
];
