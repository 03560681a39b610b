import {
  type Account,
  type Actor,
  type Contributed,
  type LandingPage,
  landingPages,
  type Page,
  pages,
} from '@posthorn/sdk';
import type { Kernel } from '../../kernel.js';
import { userPreferences } from '../../parameters/user-preferences.js';
import { mayEnter } from '../entry.js';

/** A role whose holders have only pages of their own. */
const SIMPLE = 'SimpleUsers';

/** The pages on which somebody may choose to begin. */
export const landingChoices = (kernel: Kernel, actor: Actor): readonly LandingPage[] =>
  (kernel.generation.slots.items(landingPages.id) as readonly Contributed<LandingPage>[])
    .map(({ item }) => item)
    .filter(({ permission }) => mayEnter(permission, actor, true));

/** Where somebody begins after signing in: where he chose to, as long as that is there and he may open it. */
export async function landingPath(kernel: Kernel, account: Account): Promise<string> {
  const { landing } = await kernel.parameters.readUser(userPreferences, account.id);
  if (landing !== '') {
    const actor = await kernel.accounts.actor(account, 'page');
    if (landingChoices(kernel, actor).some(({ href }) => href === landing)) return landing;
  }
  if (account.role === SIMPLE) return '/user/';
  const contributed = kernel.generation.slots.items(pages.id) as readonly Contributed<Page>[];
  return contributed.some(({ item }) => item.path === '/dashboard/') ? '/dashboard/' : '/user/';
}
