import { action, type Contribution, field, messages, type PageRequest, redirect } from '@posthorn/sdk';
import { isOwnPath } from '../access/own-path.js';
import { problem } from '../errors.js';
import type { Kernel } from '../kernel.js';
import { FILTERS_MAX, userPreferences } from '../parameters/user-preferences.js';
import { REMOVE_FILTER_PATH, SAVE_FILTER_PATH, type SavedFilter } from '../views/ui/saved-filters.js';

const t = messages('host');

const NAME_MAX = 60;

/** An address has no space in it, so that the rest of the line is the name. */
const lineOf = ({ address, name }: SavedFilter): string => `${address} ${name}`;

function filterOf(line: string): SavedFilter {
  const at = line.indexOf(' ');
  return { address: line.slice(0, at), name: line.slice(at + 1) };
}

const pathOf = (address: string): string => address.split('?', 1)[0] ?? '';

/** What one reader keeps for the list at this path, in the order in which it was kept. */
export const savedFiltersAt = (lines: readonly string[], path: string): readonly SavedFilter[] =>
  lines.map(filterOf).filter(({ address }) => pathOf(address) === path);

const fields = {
  address: field.string({ label: t('Filter'), max: 2_000 }),
  name: field.string({ label: t('Name'), min: 1, max: NAME_MAX, pattern: /\S/ }),
};

/** Keeps a list's filter under a name, for the reader alone, and takes it away again. */
export const savedFilterPages = (kernel: () => Kernel): readonly Contribution[] => {
  /** Changes what this reader keeps; the same name on the same list is there once. */
  async function change(
    { account }: Pick<PageRequest, 'account'>,
    { address, name }: SavedFilter,
    added: readonly SavedFilter[],
  ): Promise<void> {
    if (account === undefined) return;
    const { parameters, database } = kernel();
    await database.write(async () => {
      const { filters } = await parameters.readUser(userPreferences, account.id);
      const others = filters
        .map(filterOf)
        .filter((one) => one.name !== name || pathOf(one.address) !== pathOf(address));
      const kept = [...others, ...added];
      if (kept.length > FILTERS_MAX) throw problem('E_FILTERS_FULL', { max: FILTERS_MAX });
      await parameters.writeUser(userPreferences, account.id, { filters: kept.map(lineOf) });
    });
  }
  return [
    action({
      path: SAVE_FILTER_PATH,
      permission: 'signed-in',
      body: fields,
      run: async (request) => {
        const { address, name } = request.body;
        if (!isOwnPath(address) || !address.includes('?')) throw problem('E_FILTER_ADDRESS', {}, { field: 'address' });
        const filter = { address, name: name.trim() };
        await change(request, filter, [filter]);
        request.notice('success', t('The filter {{name}} was saved.', { name: filter.name }));
        return redirect(address);
      },
    }),
    action({
      path: REMOVE_FILTER_PATH,
      permission: 'signed-in',
      body: { ...fields, next: field.string({ label: t('Next page'), max: 2_000 }).default('') },
      run: async (request) => {
        const { address, name, next } = request.body;
        await change(request, { address, name }, []);
        request.notice('success', t('The filter {{name}} was removed.', { name }));
        return redirect(isOwnPath(next) ? next : '/');
      },
    }),
  ];
};
