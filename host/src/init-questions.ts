import { intro, isCancel, multiselect, password, text } from '@clack/prompts';
import type { z } from '@posthorn/sdk';
import { baseUrlSchema, hostnameSchema, languageSchema, timeZoneSchema } from './config-keys.js';
import { DEFAULT_DATABASE, defaultBaseUrl, defaultHostname, defaultTimeZone, type InitFlags } from './init-options.js';

/** Answers given at the terminal; the password never becomes a flag. */
export interface Answers {
  readonly flags: InitFlags;
  readonly adminPassword: string | undefined;
}

/** Data goes to stdout, so questions go where messages go. */
const output = process.stderr;

/** Ctrl C at a question. */
export class Cancelled extends Error {}

async function answer<T>(question: Promise<T>): Promise<Exclude<T, symbol>> {
  const given = await question;
  if (isCancel(given)) throw new Cancelled();
  return given as Exclude<T, symbol>;
}

const fits = (schema: z.ZodType) => (value: string | undefined) =>
  value === undefined || value === '' ? undefined : schema.safeParse(value).error?.issues[0]?.message;

/** Asks for what the flags left open. Throws `Cancelled`. */
export async function askFor(flags: InitFlags, installed: readonly string[]): Promise<Answers> {
  intro('A new instance of Posthorn', { output });
  const line = (message: string, given: string | undefined, otherwise: string, schema?: z.ZodType): Promise<string> =>
    given !== undefined
      ? Promise.resolve(given)
      : answer(
          text({
            message,
            placeholder: otherwise,
            defaultValue: otherwise,
            output,
            ...(schema === undefined ? {} : { validate: fits(schema) }),
          }),
        );
  const directory = await line('Folder', flags.directory, '/var/lib/posthorn');
  const database =
    flags.databaseFile === undefined ? await line('Database', flags.database, DEFAULT_DATABASE) : undefined;
  const hostname = await line('Name of the mail host', flags.hostname, defaultHostname(), hostnameSchema);
  const baseUrl = await line('Address for browsers', flags.baseUrl, defaultBaseUrl(hostname), baseUrlSchema);
  const language = await line('Default language', flags.language, 'en', languageSchema);
  const timeZone = await line('Default time zone', flags.timeZone, defaultTimeZone(), timeZoneSchema);
  const extensions =
    flags.extensions ??
    (installed.length === 0
      ? ''
      : (
          await answer(
            multiselect({
              message: 'Extensions to enable',
              options: installed.map((id) => ({ value: id, label: id })),
              initialValues: [...installed],
              required: false,
              output,
            }),
          )
        ).join(','));
  const adminUsername = await line('User name of the first administrator', flags.adminUsername, 'admin');
  const adminPassword =
    flags.adminPasswordFile === undefined
      ? (await answer(password({ message: 'Password (leave empty for a random one)', output }))) || undefined
      : undefined;
  return {
    flags: { ...flags, directory, database, hostname, baseUrl, language, timeZone, extensions, adminUsername },
    adminPassword,
  };
}
