import type { Contribution } from '@posthorn/sdk';
import { importTemplate } from '../import-export/import-letter.js';
import type { Kernel } from '../kernel.js';
import { letterPages } from '../pages/letter-pages.js';
import { letterCommands } from './commands.js';
import { jobTemplates, tellJob } from './job-letters.js';
import { letterJob } from './letter-job.js';
import type { LettersService } from './letters-service.js';
import { testTemplate } from './test-letter.js';

/** The outgoing mail of the platform itself. */
export const letterContributions = (kernel: () => Kernel, letters: LettersService): readonly Contribution[] => [
  testTemplate,
  ...jobTemplates,
  importTemplate,
  letterJob(kernel, letters),
  tellJob(kernel, letters),
  ...letterCommands(letters),
  ...letterPages(kernel, letters),
];
