import { parseArgs } from 'node:util';
import { type Plan, planFrom, Refusal } from './plan.js';
import { askFor, Cancelled } from './questions.js';
import { writeExtension } from './write.js';

const USAGE = `Usage: npm create @posthorn/extension [-- OPTIONS]

  --id ID            lower case letters, digits and dashes; prefix of tables, permissions and paths
  --title TITLE      what people read
  --dir FOLDER       where it is made; must be empty or not there yet
  --license NAME     MIT, ISC or UNLICENSED
  --author NAME      who holds the copyright
  --yes              ask nothing; what is left open gets its default
  --help             show this
`;

const OPTIONS = {
  id: { type: 'string' },
  title: { type: 'string' },
  dir: { type: 'string' },
  license: { type: 'string' },
  author: { type: 'string' },
  yes: { type: 'boolean', short: 'y' },
  help: { type: 'boolean' },
} as const;

/** Exit code of wrong usage, and of an interrupted command (128 + SIGINT). */
const WRONG_USAGE = 2;
const INTERRUPTED = 130;

/** Makes an extension as the command line says and returns the exit code. */
export async function run(argv: readonly string[]): Promise<number> {
  try {
    const { values } = readArguments(argv);
    if (values.help === true) {
      process.stdout.write(USAGE);
      return 0;
    }
    const { id, title, dir: directory, license: licence, author } = values;
    const given = { id, title, directory, licence, author };
    const mayAsk = values.yes !== true && process.stdin.isTTY === true && process.stdout.isTTY === true;
    const plan = planFrom(mayAsk ? await askFor(given) : given);
    const files = await writeExtension(plan);
    process.stdout.write(told(plan, files));
    return 0;
  } catch (error) {
    if (error instanceof Cancelled) {
      process.stderr.write('Cancelled; nothing was made.\n');
      return INTERRUPTED;
    }
    if (!(error instanceof Refusal)) throw error;
    process.stderr.write(`${error.message}\n`);
    return WRONG_USAGE;
  }
}

function readArguments(argv: readonly string[]) {
  try {
    return parseArgs({ args: [...argv], options: OPTIONS, strict: true });
  } catch (error) {
    throw new Refusal(`${(error as Error).message}\n\n${USAGE}`);
  }
}

const told = ({ directory }: Plan, files: readonly string[]): string =>
  `${directory}: ${files.length} files\n\nNext:\n  cd ${directory}\n  npm install\n  npm run build\n  npm test\n`;
