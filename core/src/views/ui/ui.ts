import { actions } from './actions.js';
import { alert } from './alert.js';
import { badge } from './badge.js';
import { breadcrumbs } from './breadcrumbs.js';
import { button } from './button.js';
import { card } from './card.js';
import { chart } from './chart.js';
import { confirm } from './confirm.js';
import { empty } from './empty.js';
import type { UiEnvironment } from './environment.js';
import { field } from './field.js';
import { filters } from './filters.js';
import { form } from './form.js';
import { icon } from './icon.js';
import { list } from './list.js';
import { live } from './live.js';
import { pages } from './pages.js';
import { progress } from './progress.js';
import { sheet } from './sheet.js';
import { stat } from './stat.js';
import { status } from './status.js';
import { table } from './table.js';
import { tabs } from './tabs.js';
import { tiles } from './tiles.js';
import { tree } from './tree.js';

/** The components of one page: `it.ui` in every view. Each takes data and gives markup that may be printed. */
export const createUi = (env: UiEnvironment) => {
  const of =
    <Args extends readonly unknown[], R>(component: (env: UiEnvironment, ...args: Args) => R) =>
    (...args: Args): R =>
      component(env, ...args);
  return Object.freeze({
    actions: of(actions),
    alert: of(alert),
    badge: of(badge),
    breadcrumbs: of(breadcrumbs),
    button: of(button),
    card: of(card),
    chart: of(chart),
    confirm: of(confirm),
    empty: of(empty),
    field: of(field),
    filters: of(filters),
    form: of(form),
    icon: of(icon),
    list: of(list),
    live: of(live),
    pages: of(pages),
    progress: of(progress),
    sheet: of(sheet),
    stat: of(stat),
    status: of(status),
    table: of(table),
    tabs: of(tabs),
    tiles: of(tiles),
    tree: of(tree),
  });
};

export type Ui = ReturnType<typeof createUi>;
