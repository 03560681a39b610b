import { type Actor, type ExtensionContext, isProblem, type Problem } from '@posthorn/sdk';
import { aliasChanged } from '../contract/hooks.js';
import { Policy } from '../policy/policy.js';
import { AliasFinder, type AliasRow } from './alias-finder.js';
import { AliasRemoval } from './alias-removal.js';
import { saidBy } from './said-by.js';
import { SelfAliases } from './self-alias.js';
import { assignments, idIn } from './sql.js';

type Verdict = AliasRow | Problem;

/** Switches or deletes any number of aliases at the price of a few statements, each by the rules for one. */
export class ManyAliases {
  readonly #context: ExtensionContext;
  readonly #policy: Policy;

  constructor(context: ExtensionContext) {
    this.#context = context;
    this.#policy = new Policy(context);
  }

  enable(actor: Actor, pks: readonly number[], enabled: boolean): Promise<readonly (Problem | undefined)[]> {
    this.#policy.enter(actor, 'alias.update');
    return this.#reached(actor, pks, async (aliases) => {
      const { data } = this.#context;
      const set = assignments({ enabled, last_modification: this.#context.now() });
      const among = idIn(
        data.dialect,
        'id',
        aliases.map(({ id }) => id),
      );
      await data.execute(`update admin_alias set ${set.sql} where ${among.sql}`, [...set.params, ...among.params]);
      await new SelfAliases(this.#context).refresh(aliases.map(({ address }) => address));
      for (const { id, address } of aliases)
        await this.#context.call(aliasChanged, {
          ...saidBy(actor),
          alias: { pk: id, address },
          fields: ['enabled'],
        });
    });
  }

  remove(actor: Actor, pks: readonly number[]): Promise<readonly (Problem | undefined)[]> {
    this.#policy.enter(actor, 'alias.delete');
    return this.#reached(actor, pks, (aliases) => new AliasRemoval(this.#context).remove(actor, aliases));
  }

  /** Does it to those that the actor may change. */
  async #reached(
    actor: Actor,
    pks: readonly number[],
    work: (aliases: readonly AliasRow[]) => Promise<void>,
  ): Promise<readonly (Problem | undefined)[]> {
    const scope = await this.#policy.scope(actor);
    return this.#context.data.write(async () => {
      const verdicts: readonly Verdict[] = await new AliasFinder(this.#context).reachMany(scope, pks);
      const good = verdicts.flatMap((verdict) => (isProblem(verdict) ? [] : [verdict]));
      if (good.length > 0) await work(good);
      return verdicts.map((verdict) => (isProblem(verdict) ? verdict : undefined));
    });
  }
}
