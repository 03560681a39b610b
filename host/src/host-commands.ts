/** The commands that the program itself answers, for its own help and for the whole list of `posthorn --help`. */

export interface HostCommand {
  readonly noun: string;
  readonly summary: string;
  /** What follows the program's name and the noun. */
  readonly usage: string;
  readonly options: readonly (readonly [flag: string, what: string])[];
  readonly examples: readonly string[];
}

const EVERYWHERE = [
  ['--instance DIR', 'the instance to work on (default: POSTHORN_INSTANCE, or the one around this folder)'],
  ['--help', 'this help'],
] as const;

export const HOST_COMMANDS: readonly HostCommand[] = [
  {
    noun: 'init',
    summary: 'Makes a new instance: folder, configuration, database, first administrator.',
    usage: 'DIR [options]',
    options: [
      ['--database URL', 'sqlite:data/db/posthorn.db (default), postgresql://… or mariadb://…'],
      ['--database-file F', 'reads the URL from a file, or from standard input for -'],
      ['--hostname H', 'the mail host’s name; also makes the base URL https://H'],
      ['--base-url U', 'where browsers reach this instance'],
      ['--admin-username U', 'the first administrator (default: admin)'],
      ['--admin-password-file F', 'reads the password from a file, or from standard input for -'],
      ['--extensions LIST', 'ids separated by commas, or all (default)'],
      ['--language L', 'default language, such as en'],
      ['--time-zone Z', 'default time zone, such as Europe/Berlin'],
      ['--no-input', 'asks nothing'],
      ['--json', 'prints the outcome as one JSON object'],
      ['--help', 'this help'],
    ],
    examples: ['posthorn init /var/lib/posthorn --hostname mail.example.org'],
  },
  {
    noun: 'serve',
    summary: 'Answers the web and runs jobs.',
    usage: '[options]',
    options: [
      ['--listen HOST:PORT', 'where to listen (default: 127.0.0.1:8000)'],
      ['--workers N', 'how many processes share the work (default: 1)'],
      ['--no-jobs', 'leaves the jobs to `posthorn worker`'],
      ['--log-level L', 'debug, info, warn, error or silent'],
      ...EVERYWHERE,
    ],
    examples: ['posthorn serve', 'posthorn serve --listen 0.0.0.0:8080 --workers 4'],
  },
  {
    noun: 'worker',
    summary: 'Runs jobs only.',
    usage: '[options]',
    options: [
      ['--queue Q', 'a queue to serve, may be repeated (default: default)'],
      ['--log-level L', 'debug, info, warn, error or silent'],
      ...EVERYWHERE,
    ],
    examples: ['posthorn worker', 'posthorn worker --queue mailboxes'],
  },
];

export function helpOf(command: HostCommand): string {
  const width = Math.max(...command.options.map(([flag]) => flag.length));
  return [
    command.summary,
    '',
    `Usage: posthorn ${command.noun} ${command.usage}`,
    '',
    'Options:',
    ...command.options.map(([flag, what]) => `  ${flag.padEnd(width)}  ${what}`),
    '',
    'Examples:',
    ...command.examples.map((line) => `  ${line}`),
    '',
  ].join('\n');
}
