import {
  type Access,
  AccountSchema,
  type Accounts,
  access,
  accounts,
  accountsLeaving,
  type Contribution,
  defineExtension,
  type ExtensionContext,
  type ExtensionDefinition,
  forms,
  type Imports,
  type Instance,
  imports,
  instance,
  type JobQueue,
  jobQueue,
  type Letters,
  type Lists,
  letters,
  lists,
  messages,
  on,
  parameterForm,
  provide,
  type Regions,
  regions,
  role,
  SDK_VERSION,
  type Secrets,
  type Sessions,
  SUPER_ADMINS,
  secrets,
  sessions,
  type Tokens,
  tokens,
} from '@posthorn/sdk';
import type { SessionStore } from './access/sessions/session-store.js';
import { sessionTaps } from './access/sessions/session-taps.js';
import { FormsService } from './forms/forms-service.js';
import { kernelParameters } from './parameters/kernel-parameters.js';
import type { ParameterStore } from './parameters/parameter-store.js';
import { kernelMigrations } from './schema/migrations.js';

const t = messages('host');

/** What the kernel's own extension needs of the process it lives in. */
export interface KernelServices {
  readonly accounts: (context: ExtensionContext) => Accounts;
  readonly access: () => Access;
  readonly jobQueue: () => JobQueue;
  readonly tokens: () => Tokens;
  readonly instance: () => Instance;
  readonly sessions: () => SessionStore;
  readonly sessionsService: (context: ExtensionContext) => Sessions;
  readonly parameters: () => ParameterStore;
  readonly regions: () => Regions;
  readonly lists: () => Lists;
  readonly letters: () => Letters;
  readonly imports: () => Imports;
  readonly secrets: () => Secrets;
  readonly contributes: readonly Contribution[];
  readonly version: string;
}

export const KERNEL_ID = 'core';
/** Nouns of the API that are the kernel's. */
export const KERNEL_CLAIMS = { endpoints: ['jobs'] } as const;

/**
 * The kernel as an extension: its tables, services, parameters and commands stand in the same registry as everybody
 * else's, and it is always enabled.
 */
export const kernelExtension = (s: KernelServices): ExtensionDefinition =>
  defineExtension({
    id: KERNEL_ID,
    version: s.version,
    sdk: `^${SDK_VERSION}`,
    title: t('Posthorn'),
    claims: KERNEL_CLAIMS,
    parameters: [parameterForm(kernelParameters)],
    permissions: {
      'core.manage_extensions': { label: t('Enable and disable extensions'), roles: [] },
      'core.manage_parameters': { label: t('Change parameters'), roles: [] },
      'core.manage_files': { label: t('Write files for other programs'), roles: [] },
      'core.manage_jobs': { label: t('See and run jobs'), roles: [] },
      'core.manage_sessions': { label: t('Unlock sign-in'), roles: [] },
      'core.import': { label: t('Import CSV files'), roles: [] },
      'core.export': { label: t('Export CSV files'), roles: [] },
      'core.manage_tokens': { label: t('Make and end tokens of the API'), roles: [] },
      'core.view_logs': { label: t('See information and logs'), roles: [] },
      'core.verify_audit': { label: t('Check the audit'), roles: [] },
      'core.manage_schema': { label: t('Change the database schema'), roles: [] },
    },
    entities: [AccountSchema],
    migrations: kernelMigrations,
    services: [
      provide(accounts, s.accounts),
      provide(access, s.access),
      provide(jobQueue, s.jobQueue),
      provide(sessions, s.sessionsService),
      provide(tokens, () => s.tokens()),
      provide(instance, s.instance),
      provide(regions, () => s.regions()),
      provide(lists, () => s.lists()),
      provide(letters, () => s.letters()),
      provide(imports, () => s.imports()),
      provide(secrets, s.secrets),
      provide(forms, (context) => new FormsService(context)),
    ],
    taps: [
      ...sessionTaps(s.sessions),
      on(accountsLeaving, async ({ accounts: leaving }) => {
        await s.parameters().forgetUsers(leaving.map(({ id }) => id));
        return undefined;
      }),
    ],
    contributes: [role({ name: SUPER_ADMINS, label: t('Super administrator'), rank: 100 }), ...s.contributes],
    locales: new URL('../locales/', import.meta.url),
  });
