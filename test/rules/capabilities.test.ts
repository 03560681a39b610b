/** The record of capabilities and the table of hooks say what is there: every test and every reference that they name. */
import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from 'vitest';
import { projectFiles, read, root } from './source-files.js';

const record = read('docs/decisions/0020-capabilities-of-extensions.md');
const hooks = read('docs/authors/hooks.md');

const rows = [...record.matchAll(/^\| (\d+) \| (.+?) \| (.+?) \|(.*)\|$/gm)].map(([, number, , where, test]) => ({
  number: Number(number),
  where: where ?? '',
  test: (test ?? '').trim(),
}));

describe('the record of capabilities', () => {
  it('has each of the 64 once, in order', () => {
    expect(rows.map(({ number }) => number)).toEqual(Array.from({ length: 64 }, (_, i) => i + 1));
  });

  it('names a test that exists for each that is there, and a reason for each that is not', () => {
    const wrong = rows.filter(({ where, test }) =>
      test === '' ? !/^(later: |no: )/.test(where) : !existsSync(join(root, test)),
    );
    expect(wrong).toEqual([]);
  });
});

it('references that documents name exist', () => {
  const contracts = projectFiles()
    .filter((file) => file.startsWith('sdk/src/') || /^extensions\/[^/]+\/contract/.test(file))
    .map(read)
    .join('\n');
  const named = new Set(
    [...`${record}${hooks}`.matchAll(/`((?:host|admin)\.[a-z-]+@\d+)`/g)].map(([, id]) => id ?? ''),
  );
  expect(named.size).toBeGreaterThan(30);
  expect([...named].filter((id) => !contracts.includes(`'${id}'`))).toEqual([]);
});

/** Signals of Modoboa 1.10, core and admin, with the two guards that came in 2.x. */
const THEIRS =
  'account_auto_created account_exported account_imported account_deleted account_role_changed account_password_updated ' +
  'allow_password_change can_create_object extra_account_actions extra_admin_dashboard_widgets extra_admin_menu_entries ' +
  'extra_role_permissions extra_static_content extra_uprefs_routes extra_user_menu_entries get_announcements ' +
  'get_top_notifications initial_data_loaded register_postfix_maps user_can_set_role user_can_login user_login ' +
  'user_logout check_extra_account_form extra_account_dashboard_widgets extra_account_forms extra_admin_content ' +
  'extra_domain_actions extra_domain_dashboard_widgets extra_domain_filters extra_domain_forms extra_domain_menu_entries ' +
  'extra_domain_qset_filters extra_domain_wizard_steps get_account_form_instances get_domain_form_instances ' +
  'import_object use_external_recipients new_dkim_keys';

it('the table of hooks has every signal of the reference system, and what stands for it is there', () => {
  const table = new Map(
    [...hooks.matchAll(/^\| `(\w+)`.*? \| (.+?) \| .+ \|$/gm)].map(([, name, here]) => [name ?? '', here ?? '']),
  );
  expect([...table.keys()].sort()).toEqual(THEIRS.split(' ').sort());
  const without = [...table].filter(([, here]) => !/`[a-z-]+\.[a-z-]+@\d+`|of the definition/.test(here));
  // DKIM brings its own.
  expect(without.map(([name]) => name)).toEqual(['new_dkim_keys']);
});
