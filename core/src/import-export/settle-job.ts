import { type Contribution, isProblem, job, messages } from '@posthorn/sdk';
import type { Kernel } from '../kernel.js';
import { hasImports, holdImports, lookAfterImports, SETTLE_IMPORTS_JOB } from './import-journal.js';

const t = messages('host');

/** Takes back what a process that died left of an import. */
export const settleImportsJob = (kernel: () => Kernel): Contribution =>
  job({
    id: SETTLE_IMPORTS_JOB,
    title: t('Take back unfinished imports'),
    timeoutMs: 3_600_000,
    run: async () => {
      if (!(await hasImports(kernel()))) return;
      try {
        await holdImports(kernel(), async () => {});
      } catch (error) {
        if (!isProblem(error) || error.code !== 'E_IMPORT_BUSY') throw error;
        await lookAfterImports(kernel());
      }
    },
  });
