/**
 * The only package an extension compiles against. This list is written by hand: what is not here is not public.
 * @packageDocumentation
 */
export type { Actor, Confinement, Door } from './actor.js';
export { type Bridge, bridge } from './bridge.js';
export type { ExtensionContext, Log } from './context.js';
export { Account, AccountSchema, timestamp, UtcTimestamp } from './contract/account.js';
export {
  ACCOUNT_KIND,
  type Access,
  type AccountChange,
  type AccountEvent,
  type Accounts,
  access,
  accountChanged,
  accountCreated,
  accountDeleted,
  accountRoleChanged,
  accounts,
  accountsLeaving,
  mayChangePassword,
  mayCreateAccount,
  maySetRole,
  type NewAccount,
  passwordChanged,
  passwordGiven,
} from './contract/accounts.js';
export {
  type AuditCondition,
  type AuditedTable,
  type AuditReach,
  auditedTable,
  auditedTables,
  auditReach,
  auditReaches,
  unauditedTable,
  unauditedTables,
  VIEW_AUDIT,
} from './contract/audit.js';
export {
  type AuthenticatedUser,
  type AuthenticationAnswer,
  type AuthenticationBackend,
  type AuthenticationRequest,
  accountAutoCreated,
  authenticationBackend,
  authenticationBackends,
  maySignIn,
} from './contract/authentication.js';
export { type Check, check, checks, type Finding, type Repair, type Repaired } from './contract/checks.js';
export {
  type Command,
  type CommandContext,
  type CommandDefinition,
  command,
  commands,
  type Output,
  type Printable,
  type PrintableObject,
  type PrintableRow,
} from './contract/commands.js';
export {
  collection,
  type Endpoint,
  type EndpointDeprecation,
  type EndpointExample,
  type EndpointMethod,
  type EndpointPage,
  type EndpointRequest,
  endpoint,
  endpoints,
} from './contract/endpoints.js';
export {
  afterMigration,
  type DatabaseTarget,
  type FileSet,
  fileSet,
  fileSets,
  type GeneratedFile,
  generatedFile,
  generatedFiles,
  type MapFile,
  mapFile,
  mapFiles,
  type RenderInput,
} from './contract/files.js';
export {
  type FieldModel,
  type FormModel,
  type FormModelTab,
  type FormOutcome,
  type FormRequest,
  type Forms,
  forms,
} from './contract/form-model.js';
export {
  type FieldCondition,
  type FormScope,
  type FormSection,
  type FormTab,
  type FormTabDefinition,
  formTab,
  type StepCondition,
  type WizardStep,
  wizardStep,
} from './contract/forms.js';
export {
  type ExportCell,
  type Exporter,
  exporter,
  exporters,
  IMPORT_FILE_MAX,
  type Importer,
  type ImportPage,
  type ImportRequest,
  type ImportRow,
  type Imports,
  type ImportWish,
  importer,
  importers,
  importPages,
  imports,
  type RowImport,
} from './contract/import-export.js';
export { type Instance, instance } from './contract/instance.js';
export {
  type EnqueueOptions,
  JOB_REPORT_MAX,
  type Job,
  type JobContext,
  type JobQueue,
  type JobReportRow,
  type JobStarter,
  job,
  jobPath,
  jobQueue,
  jobs,
} from './contract/jobs.js';
export {
  type Letter,
  type LetterReader,
  type Letters,
  type LetterTemplate,
  letters,
  letterTemplate,
  letterTemplates,
} from './contract/letters.js';
export {
  type ListColumn,
  type ListFilter,
  type ListFilters,
  type ListFormat,
  type ListParts,
  type Lists,
  type ListTable,
  listColumn,
  listExport,
  listFilter,
  lists,
  type Narrowing,
  type NarrowScope,
  type RowAction,
  rowAction,
} from './contract/lists.js';
export {
  type Announcement,
  type AnnouncementSource,
  announcementSource,
  announcementSources,
  type LandingPage,
  landingPage,
  landingPages,
  type Notice,
  type NoticeSource,
  noticeSource,
  noticeSources,
} from './contract/notices.js';
export {
  action,
  type DownloadAnswer,
  download,
  type Entry,
  type FileField,
  type FileShape,
  type MenuEntry,
  menu,
  menuEntry,
  type NoticeAction,
  type Page,
  type PageAnswer,
  type PageRequest,
  type PathParams,
  page,
  pages,
  type RedirectAnswer,
  type Regions,
  redirect,
  regions,
  type ShownWidget,
  type UploadedFile,
  type UploadedFiles,
  type ViewAnswer,
  view,
  type Widget,
  widget,
  widgets,
} from './contract/pages.js';
export { type PaletteEntry, type PaletteSource, palette, paletteSource } from './contract/palette.js';
export { type Role, role, roles, SUPER_ADMINS } from './contract/roles.js';
export { type Secrets, secrets } from './contract/secrets.js';
export {
  type SessionEvent,
  type Sessions,
  type SessionView,
  type SignOutCause,
  sessions,
  signedIn,
  signedOut,
} from './contract/sessions.js';
export {
  type ApiToken,
  type TokenRange,
  type TokenScope,
  type Tokens,
  tokenRange,
  tokenRanges,
  tokenScope,
  tokenScopes,
  tokens,
} from './contract/tokens.js';
export {
  type Addition,
  additionTo,
  type Column,
  type ColumnType,
  type Data,
  type Ddl,
  type Dialect,
  type EntityLike,
  type Migration,
  migration,
  type Row,
  type Table,
} from './data.js';
export { type Deprecation, deprecated } from './deprecation.js';
export {
  type Backfill,
  type Claims,
  defineExtension,
  type ExtensionDefinition,
  type Permission,
  parameterForm,
} from './extension.js';
export {
  type FieldKind,
  type FieldMeta,
  field,
  fieldMeta,
  fromText,
  isOptional,
  isPlainLine,
  type ParseOptions,
  parseShape,
  parseSize,
  type Shape,
  type Values,
  z,
} from './field.js';
export {
  type Delivery,
  type Denial,
  type HookKind,
  type HookOptions,
  type HookRef,
  hook,
  type Listener,
  type ListenerContext,
  type Outcome,
  on,
  type ReferenceId,
  type Returns,
  type SignalContext,
  type SignalOptions,
  type Tap,
} from './hook.js';
export { issueText } from './issue-text.js';
export {
  type ParameterCondition,
  type ParameterLevel,
  type ParameterOptions,
  type ParameterRef,
  type ParameterSection,
  type ParametersChanged,
  parameters,
  parametersChanged,
} from './parameters.js';
export {
  type Issue,
  invalid,
  isProblem,
  orProblem,
  Problem,
  type ProblemArgs,
  type ProblemCode,
  type ProblemKind,
  type ProblemOptions,
  type ProblemSpec,
  problems,
} from './problem.js';
export { type Provision, provide, type ServiceRef, service } from './service.js';
export { type Contributed, type Contribution, contribute, deprecatedField, type SlotRef, slot } from './slot.js';
export {
  type Counted,
  isMessage,
  type Message,
  type Messages,
  messageOf,
  messages,
  plainText,
  type Sentence,
  sayArgs,
  sayPlain,
  type Text,
  type TextArgs,
} from './text.js';
export { together } from './together.js';
export { SDK_VERSION } from './version.js';
