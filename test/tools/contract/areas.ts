/** The pages of the reference: which source files each is made of, and the guide that tells the same as a story. */
export interface Area {
  /** The page's file name without its ending. */
  readonly page: string;
  readonly title: string;
  /** Below `sdk/src`, without their ending. */
  readonly sources: readonly string[];
  /** A document in `docs/authors`. */
  readonly guide?: string;
}

export const AREAS: readonly Area[] = [
  {
    page: 'extension',
    title: 'The definition and its context',
    sources: ['extension', 'context', 'actor', 'version'],
    guide: 'tutorial.md',
  },
  { page: 'hooks', title: 'Hooks', sources: ['hook'], guide: 'signals.md' },
  { page: 'slots-and-services', title: 'Slots and services', sources: ['slot', 'service'], guide: 'services.md' },
  { page: 'deprecation', title: 'Deprecation', sources: ['deprecation', 'bridge'], guide: 'versioning.md' },
  { page: 'data', title: 'Data', sources: ['data', 'together'], guide: 'schema.md' },
  { page: 'fields', title: 'Fields', sources: ['field'] },
  { page: 'parameters', title: 'Parameters', sources: ['parameters'], guide: 'parameters.md' },
  { page: 'problems', title: 'Problems', sources: ['problem'] },
  { page: 'texts', title: 'Texts', sources: ['text'], guide: 'texts.md' },
  {
    page: 'accounts',
    title: 'Accounts, roles and sessions',
    sources: ['contract/account', 'contract/accounts', 'contract/roles', 'contract/sessions'],
  },
  {
    page: 'authentication',
    title: 'Authentication',
    sources: ['contract/authentication'],
    guide: 'authentication.md',
  },
  { page: 'audit', title: 'The audit', sources: ['contract/audit'], guide: 'audit.md' },
  { page: 'checks', title: 'Checks and repairs', sources: ['contract/checks'], guide: 'checks.md' },
  { page: 'commands', title: 'Commands', sources: ['contract/commands'], guide: 'commands.md' },
  { page: 'endpoints', title: 'Endpoints', sources: ['contract/endpoints'], guide: 'endpoints.md' },
  { page: 'tokens', title: 'Tokens', sources: ['contract/tokens'], guide: 'endpoints.md' },
  { page: 'files', title: 'Files for other programs', sources: ['contract/files'], guide: 'files.md' },
  { page: 'forms', title: 'Forms and wizards', sources: ['contract/forms', 'contract/form-model'], guide: 'pages.md' },
  { page: 'import-export', title: 'Import and export', sources: ['contract/import-export'], guide: 'import-export.md' },
  { page: 'instance', title: 'The installation', sources: ['contract/instance'] },
  { page: 'jobs', title: 'Jobs', sources: ['contract/jobs'], guide: 'jobs.md' },
  { page: 'letters', title: 'Letters', sources: ['contract/letters'], guide: 'letters.md' },
  { page: 'lists', title: 'Lists', sources: ['contract/lists'], guide: 'lists.md' },
  { page: 'notices', title: 'Notices and announcements', sources: ['contract/notices'], guide: 'notices.md' },
  { page: 'secrets', title: 'Secrets', sources: ['contract/secrets'], guide: 'security.md' },
  {
    page: 'pages',
    title: 'Pages, menus, widgets and the palette',
    sources: ['contract/pages', 'contract/palette'],
    guide: 'pages.md',
  },
];
