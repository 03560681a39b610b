import type { Contribution } from '@posthorn/sdk';
import { logoCommands } from '../branding/logo-commands.js';
import { importExportCommands } from '../import-export/commands.js';
import { jobCommands } from '../jobs/commands.js';
import type { Kernel } from '../kernel.js';
import { outboxCommands } from '../outbox/commands.js';
import { checkCommand } from './check-command.js';
import { extensionCommands } from './extension-commands.js';
import { i18nCommands } from './i18n-commands.js';
import { kernelChecks } from './kernel-checks.js';
import { migrateCommands } from './migrate-commands.js';
import { parameterCommands } from './parameter-commands.js';

/** Commands and checks that are there without any extension. */
export const kernelCommands = (kernel: () => Kernel): readonly Contribution[] => [
  ...extensionCommands(kernel),
  ...parameterCommands(kernel),
  ...logoCommands(kernel),
  ...importExportCommands(kernel),
  ...migrateCommands(kernel),
  checkCommand(),
  ...i18nCommands(kernel),
  ...kernelChecks(kernel),
  ...jobCommands({
    driver: () => kernel().jobs.driver,
    runner: (o) => kernel().jobs.runner(o.queues),
    jobs: () => kernel().jobs.known(),
  }),
  ...outboxCommands(() => kernel().outbox),
];
