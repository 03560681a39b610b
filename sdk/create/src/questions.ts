import { intro, isCancel, select, text } from '@clack/prompts';
import { licences } from './licences.js';
import { DEFAULT_ID, idFault, type Plan, titleFault, titleOf } from './plan.js';

/** Ctrl C at a question. */
export class Cancelled extends Error {}

type Open = { -readonly [K in keyof Plan]?: Plan[K] | undefined };

async function answer(question: Promise<string | symbol>): Promise<string> {
  const given = await question;
  if (isCancel(given)) throw new Cancelled();
  return given as string;
}

const line = (message: string, otherwise: string, fault: (value: string) => string | undefined = () => undefined) =>
  answer(
    text({
      message,
      placeholder: otherwise,
      defaultValue: otherwise,
      validate: (value) => (value === undefined || value === '' ? undefined : fault(value)),
    }),
  );

/** Asks for what the flags left open. Throws `Cancelled`. */
export async function askFor(given: Open): Promise<Open> {
  intro('A new extension of Posthorn');
  const id = given.id ?? (await line('Its id', DEFAULT_ID, idFault));
  const title = given.title ?? (await line('Its title', titleOf(id), titleFault));
  const directory = given.directory ?? (await line('Its folder', `posthorn-${id}`));
  const licence =
    given.licence ??
    (await answer(
      select({ message: 'Its licence', options: Object.keys(licences).map((value) => ({ value, label: value })) }),
    ));
  const author = given.author ?? (await line('Who holds the copyright', 'the authors'));
  return { id, title, directory, licence, author };
}
