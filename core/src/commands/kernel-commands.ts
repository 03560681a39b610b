import type { Contribution } from '@posthorn/sdk';
import { auditCommands } from '../audit/commands.js';
import { bisectCommand } from '../bisect/bisect-command.js';
import { logoCommands } from '../branding/logo-commands.js';
import { doctorCommand } from '../doctor/doctor-command.js';
import { importExportCommands } from '../import-export/commands.js';
import { jobCommands } from '../jobs/commands.js';
import type { Kernel } from '../kernel.js';
import { outboxCommands } from '../outbox/commands.js';
import { checkCommand } from './check-command.js';
import { extensionCommands } from './extension-commands.js';
import { i18nCommands } from './i18n-commands.js';
import { kernelChecks } from './kernel-checks.js';
import { migrateCommands } from './migrate-commands.js';
import { packageCommands } from './package-commands.js';
import { parameterCommands } from './parameter-commands.js';
import { repairCommand } from './repair-command.js';
import { secretCommands } from './secret-commands.js';

/** Commands and checks that are there without any extension. */
export const kernelCommands = (kernel: () => Kernel): readonly Contribution[] => [
  ...extensionCommands(kernel),
  ...packageCommands(kernel),
  doctorCommand(kernel),
  bisectCommand(kernel),
  ...parameterCommands(kernel),
  ...secretCommands(kernel),
  ...logoCommands(kernel),
  ...importExportCommands(kernel),
  ...migrateCommands(kernel),
  checkCommand(),
  repairCommand(kernel),
  ...i18nCommands(kernel),
  ...kernelChecks(kernel),
  ...jobCommands({
    driver: () => kernel().jobs.driver,
    runner: (o) => kernel().jobs.runner(o.queues),
    jobs: () => kernel().jobs.known(),
  }),
  ...outboxCommands(() => kernel().outbox),
  ...auditCommands(kernel),
];
