import type { Check } from './check.js';
import { hostOf, preparedOn } from './subject.js';
import { ownPaths } from './visits.js';

export const deprecationCheck: Check = {
  id: 'deprecations',
  name: 'it uses nothing that is deprecated',
  mend: 'Move to what takes its place, before the version that no longer has it. Until then this is a warning.',
  async look(s, o) {
    await using host = await hostOf(s);
    const prepared = await preparedOn(host, o);
    await host.kernel.generation.start();
    const root = await host.admin();
    for (const path of ownPaths(s, host, prepared)) await root.get(path);
    const warnings = host.kernel.spots
      .figures()
      .deprecated.filter(({ extension }) => extension === s.definition.id)
      .map(({ name, since, gone, use }) => `${name} is deprecated since ${since} and gone in ${gone}: use ${use}`);
    return { warnings };
  },
};
